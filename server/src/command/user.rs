//! `sluice user`

use std::io::Read;

use app::desk::people::SESSIONS_SHOWN;
use clap::{Args, Subcommand, ValueEnum};
use ledger::{Actor, Deed, Ledger, NewPerson, PersonRecord, Quota, Role, WhoseSessions};
use secrecy::SecretString;

use super::project::limit;
use super::token::day;
use super::{Failure, say};
use crate::clock;
use crate::config::{Config, PublicUrl};
use crate::desk::operator;
use crate::server::open_ledger;
use crate::session::{Passwords, check_name, places, session_named, welcome};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Adds a person, and prints a one-time link with which the person chooses a password.
    Add(AddArguments),
    /// Prints a one-time link with which a person chooses a new password, or takes one from standard input. All
    /// sessions of the person end.
    Passwd(PasswdArguments),
    /// Lets a person in no more, at once: sessions end, tokens are refused.
    Disable(WhomArguments),
    /// Lets a person in again.
    Enable(WhomArguments),
    /// Gives a person another role.
    Role(RoleArguments),
    /// Decides how much is taken from a person over all projects; what is not named stays. Shows what holds then.
    Quota(QuotaArguments),
    /// Lists where a person is signed in, latest used first, or ends that.
    Sessions(SessionsArguments),
    /// Lists everybody.
    List,
}

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// The sign-in name.
    name: String,
    /// What the person may do.
    #[arg(long, value_enum, default_value = "uploader")]
    role: RoleWord,
    /// Reads the password from standard input instead of making a link.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct PasswdArguments {
    /// The sign-in name.
    name: String,
    /// Reads the password from standard input instead of making a link.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct WhomArguments {
    /// The sign-in name.
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct RoleArguments {
    /// The sign-in name.
    name: String,
    /// What the person may do.
    #[arg(value_enum)]
    role: RoleWord,
}

#[derive(Debug, Args)]
pub(super) struct QuotaArguments {
    /// The sign-in name.
    name: String,
    /// The most files at all; 0 for no limit.
    #[arg(long)]
    files: Option<u64>,
    /// The most bytes at all; 0 for no limit.
    #[arg(long)]
    bytes: Option<u64>,
    /// The most files a day, from midnight to midnight UTC; 0 for no limit.
    #[arg(long)]
    daily_files: Option<u64>,
    /// The most bytes a day; 0 for no limit.
    #[arg(long)]
    daily_bytes: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct SessionsArguments {
    /// The sign-in name.
    name: String,
    /// Ends one of them: its name, or enough of its beginning.
    #[arg(long, value_name = "SESSION", conflicts_with = "end_all")]
    end: Option<String>,
    /// Ends all of them.
    #[arg(long)]
    end_all: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Everything.
    Admin,
    /// Uploads, and sees own batches.
    Uploader,
}

pub(super) async fn run(command: UserCommand, config: &Config) -> Result<(), Failure> {
    let ledger = open_ledger(config).await?;
    match command {
        UserCommand::Add(arguments) => add(arguments, config, &ledger).await,
        UserCommand::Passwd(arguments) => passwd(arguments, config, &ledger).await,
        UserCommand::Disable(arguments) => set_disabled(&arguments.name, true, &ledger).await,
        UserCommand::Enable(arguments) => set_disabled(&arguments.name, false, &ledger).await,
        UserCommand::Role(arguments) => set_role(&arguments, &ledger).await,
        UserCommand::Quota(arguments) => quota(&arguments, &ledger).await,
        UserCommand::Sessions(arguments) => sessions(&arguments, config, &ledger).await,
        UserCommand::List => list(&ledger).await,
    }
}

async fn add(arguments: AddArguments, config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    let name = check_name(&arguments.name)?;
    let password_hash = if arguments.password_stdin { Some(hash(&read_password()?).await?) } else { None };
    let role = arguments.role.into();
    let new = NewPerson { name: name.to_owned(), role, password_hash, created_at: clock::now() };
    let person = ledger.people().invite(deed(&operator()), new).await?;
    say(&format!("{} was added.", person.name));
    if person.password_hash.is_none() {
        print_link(config, ledger, &person).await?;
    }
    Ok(())
}

async fn passwd(arguments: PasswdArguments, config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    let person = person(ledger, &arguments.name).await?;
    if arguments.password_stdin {
        let hash = hash(&read_password()?).await?;
        ledger.people().set_password(person.id, hash).await?;
        say(&format!("{} has a new password; all sessions have ended.", person.name));
        return Ok(());
    }
    ledger.people().end_sessions(person.id).await?;
    print_link(config, ledger, &person).await
}

async fn set_disabled(name: &str, disabled: bool, ledger: &Ledger) -> Result<(), Failure> {
    let person = person(ledger, name).await?;
    ledger.people().set_disabled(deed(&operator()), person.id, disabled).await?;
    let now = if disabled { "is out, in all browsers and programs" } else { "may come in again" };
    say(&format!("{} {now}.", person.name));
    Ok(())
}

async fn set_role(arguments: &RoleArguments, ledger: &Ledger) -> Result<(), Failure> {
    let person = person(ledger, &arguments.name).await?;
    ledger.people().set_role(deed(&operator()), person.id, arguments.role.into()).await?;
    say(&format!("{} has another role, and signs in again.", person.name));
    Ok(())
}

async fn quota(named: &QuotaArguments, ledger: &Ledger) -> Result<(), Failure> {
    let person = person(ledger, &named.name).await?;
    let quota = Quota {
        files: limit(named.files, person.quota.files),
        bytes: limit(named.bytes, person.quota.bytes),
    };
    let daily = Quota {
        files: limit(named.daily_files, person.daily_quota.files),
        bytes: limit(named.daily_bytes, person.daily_quota.bytes),
    };
    if (quota, daily) != (person.quota, person.daily_quota) {
        ledger.people().set_quota(deed(&operator()), person.id, quota, daily).await?;
    }
    let used = ledger.people().used().await?.remove(&person.id).unwrap_or_default();
    let today = ledger.people().used_today(clock::now()).await?.remove(&person.id).unwrap_or_default();
    for (span, used, quota) in [("in all", used, quota), ("today", today, daily)] {
        let of = |limit: Option<u64>| limit.map_or_else(|| "no limit".to_owned(), |most| most.to_string());
        let (files, bytes) = (of(quota.files), of(quota.bytes));
        say(&format!("{span}\t{} files of {files}\t{} bytes of {bytes}", used.files, used.bytes));
    }
    Ok(())
}

async fn sessions(arguments: &SessionsArguments, config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    let person = person(ledger, &arguments.name).await?;
    if arguments.end_all {
        ledger.people().sign_out(deed(&operator()), person.id).await?;
        say(&format!("{} is signed out everywhere.", person.name));
        return Ok(());
    }
    let longest = config.sessions.longest;
    let cards = places(ledger, WhoseSessions::Of(person.id), None, longest, SESSIONS_SHOWN).await?;
    let Some(wanted) = &arguments.end else {
        for card in cards {
            let place = [card.browser, card.system].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let place = if place.is_empty() { "unknown browser" } else { &place };
            let (name, began, seen) = (short(&card.id), day(card.began_at), day(card.seen_at));
            say(&format!("{name}\t{place}\tsince {began}\tused {seen}"));
        }
        return Ok(());
    };
    let mut named = cards.iter().filter(|card| !wanted.is_empty() && card.id.starts_with(wanted.as_str()));
    let (Some(card), None) = (named.next(), named.next()) else {
        let name = &person.name;
        return Err(format!("no session of {name} is called {wanted:?}, or several are. `sluice user sessions {name}` shows them.").into());
    };
    let id = session_named(&card.id).ok_or("the session cannot be named")?;
    ledger.sessions().end(deed(&operator()), person.id, id).await?;
    say(&format!("{} is signed out there.", person.name));
    Ok(())
}

/// Enough of a session's name to tell it from others.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

async fn list(ledger: &Ledger) -> Result<(), Failure> {
    for person in ledger.people().list().await? {
        let role = match person.role {
            Role::Admin => "admin",
            Role::Uploader => "uploader",
            Role::Guest => "guest",
        };
        let state = match (person.disabled, &person.password_hash) {
            (true, _) => "disabled",
            (false, Some(_)) => "",
            (false, None) => "no password yet",
        };
        say(format!("{}\t{role}\t{state}", person.name).trim_end());
    }
    Ok(())
}

async fn print_link(config: &Config, ledger: &Ledger, person: &PersonRecord) -> Result<(), Failure> {
    let configured = config.listen.public_url.clone();
    let url = configured.unwrap_or_else(|| PublicUrl::of(config.listen.address));
    let link = welcome(ledger, &operator(), person.id, &url).await?;
    say(&format!("{} chooses a password here (once, 24 h): {link}", person.name));
    Ok(())
}

/// What an operator does now.
pub(super) fn deed(by: &Actor) -> Deed<'_> {
    Deed { by, at: clock::now() }
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Admin => Self::Admin,
            RoleWord::Uploader => Self::Uploader,
        }
    }
}

pub(super) async fn person(ledger: &Ledger, name: &str) -> Result<PersonRecord, Failure> {
    let found = ledger.people().by_name(name.trim()).await?;
    found.ok_or_else(|| format!("there is no person {name:?}. `sluice user list` shows everybody.").into())
}

/// The first line of standard input.
fn read_password() -> Result<SecretString, Failure> {
    let mut text = String::new();
    std::io::stdin().take(8 * 1024).read_to_string(&mut text)?;
    Ok(SecretString::from(text.lines().next().unwrap_or_default().to_owned()))
}

async fn hash(password: &SecretString) -> Result<String, Failure> {
    Ok(Passwords::new()?.hash(password.clone()).await?)
}
