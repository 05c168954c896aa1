//! `sluice user`

use std::io::Read;

use clap::{Args, Subcommand, ValueEnum};
use ledger::{Ledger, NewPerson, PersonRecord, Role};
use secrecy::SecretString;

use super::{Failure, say};
use crate::clock;
use crate::config::{Config, PublicUrl};
use crate::server::open_ledger;
use crate::session::{Passwords, check_name, welcome};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Adds a person, and prints a one-time link with which the person chooses a password.
    Add(AddArguments),
    /// Prints a one-time link with which a person chooses a new password, or takes one from standard input. All
    /// sessions of the person end.
    Passwd(PasswdArguments),
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
        UserCommand::List => list(&ledger).await,
    }
}

async fn add(arguments: AddArguments, config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    let name = check_name(&arguments.name)?;
    let password_hash = if arguments.password_stdin { Some(hash(&read_password()?).await?) } else { None };
    let role = match arguments.role {
        RoleWord::Admin => Role::Admin,
        RoleWord::Uploader => Role::Uploader,
    };
    let new = NewPerson { name: name.to_owned(), role, password_hash, created_at: clock::now() };
    let person = ledger.people().create(new).await?;
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

async fn list(ledger: &Ledger) -> Result<(), Failure> {
    for person in ledger.people().list().await? {
        let role = match person.role {
            Role::Admin => "admin",
            Role::Uploader => "uploader",
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
    let link = welcome(ledger, person.id, &url).await?;
    say(&format!("{} chooses a password here (once, 24 h): {link}", person.name));
    Ok(())
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
