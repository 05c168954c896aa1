//! `sluice token`

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use ledger::{Ledger, NewToken, PersonId, Scope, WhoseTokens};
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use transfer::wire::UnixMillis;

use super::{Failure, say, user};
use crate::clock;
use crate::config::Config;
use crate::desk::operator;
use crate::server::open_ledger;
use crate::session::TokenText;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Makes a token and prints it, once.
    Create(CreateArguments),
    /// Ends a token.
    Revoke(RevokeArguments),
    /// Lists tokens; what was printed once is not kept.
    List(ListArguments),
}

#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// The sign-in name of the person whom it acts for.
    #[arg(long)]
    person: String,
    /// What it is for.
    #[arg(long, default_value = "token")]
    name: String,
    /// What it may be used for.
    #[arg(long, value_enum, default_value_t = ScopeArgument::Full)]
    scope: ScopeArgument,
    /// Days until it ends by itself.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=3_650))]
    days: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScopeArgument {
    /// What its person may do.
    Full,
    /// Sending, and reading what it sent; an admin's token is no admin then.
    Send,
    /// Reading what its person may see; it changes nothing.
    Read,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    /// The token's public part: the one between the underscores.
    prefix: String,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only this person's.
    #[arg(long)]
    person: Option<String>,
}

pub(super) async fn run(command: TokenCommand, config: &Config) -> Result<(), Failure> {
    let ledger = open_ledger(config).await?;
    match command {
        TokenCommand::Create(arguments) => create(arguments, &ledger).await,
        TokenCommand::Revoke(arguments) => revoke(&arguments, &ledger).await,
        TokenCommand::List(arguments) => list(arguments, &ledger).await,
    }
}

async fn create(arguments: CreateArguments, ledger: &Ledger) -> Result<(), Failure> {
    let person = user::person(ledger, &arguments.person).await?;
    let (token, text) = TokenText::random();
    let created_at = clock::now();
    let life = Duration::from_secs(arguments.days * 24 * 3_600);
    let new = NewToken {
        prefix: token.prefix,
        secret: token.secret,
        person: person.id,
        name: arguments.name,
        scope: match arguments.scope {
            ScopeArgument::Full => Scope::Full,
            ScopeArgument::Send => Scope::Send,
            ScopeArgument::Read => Scope::Read,
        },
        created_at,
        expires_at: Some(clock::after(created_at, life)),
    };
    ledger.tokens().create(user::deed(&operator()), new).await?;
    // Alone on its line, so that a script can take it.
    say(text.expose_secret());
    Ok(())
}

async fn revoke(arguments: &RevokeArguments, ledger: &Ledger) -> Result<(), Failure> {
    // Somebody may paste the whole token.
    let prefix = arguments.prefix.strip_prefix("slu_").unwrap_or(&arguments.prefix);
    let prefix = prefix.split('_').next().unwrap_or(prefix);
    if ledger.tokens().revoke(user::deed(&operator()), prefix).await? {
        say(&format!("{prefix} is revoked."));
        return Ok(());
    }
    Err(format!("there is no token {prefix}, or it is revoked already. `sluice token list` shows all.")
        .into())
}

async fn list(arguments: ListArguments, ledger: &Ledger) -> Result<(), Failure> {
    let whose = match arguments.person {
        Some(name) => WhoseTokens::Of(user::person(ledger, &name).await?.id),
        None => WhoseTokens::All,
    };
    let now = clock::now();
    for token in ledger.tokens().list(whose).await? {
        let state = match (token.revoked_at, token.is_good(now)) {
            (Some(_), _) => "revoked".to_owned(),
            (None, false) => "expired".to_owned(),
            (None, true) => token.expires_at.map_or("no end".to_owned(), |end| format!("until {}", day(end))),
        };
        let used = token.last_used_at.map_or("never used".to_owned(), |last| format!("used {}", day(last)));
        let person = name_of(ledger, token.person).await?;
        let scope = token.scope.word();
        say(&format!("{}\t{person}\t{}\t{scope}\t{state}\t{used}", token.prefix, token.name));
    }
    Ok(())
}

async fn name_of(ledger: &Ledger, id: PersonId) -> Result<String, Failure> {
    Ok(ledger.people().get(id).await?.map_or_else(|| id.to_string(), |person| person.name))
}

pub(super) fn day(instant: UnixMillis) -> String {
    let seconds = i64::try_from(instant.0 / 1_000).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}
