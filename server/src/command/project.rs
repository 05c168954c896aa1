//! `sluice project`

use std::str::FromStr;

use app::desk::Quota;
use app::desk::projects::{Access, ProjectSettings, RetentionRule, RuleState};
use clap::{Args, Subcommand, ValueEnum};
use ledger::{KeepDays, Ledger, ProjectDraft, ProjectRecord};
use transfer::wire::{GrantKind, KeyTemplate, ProjectId, Relay, Rules};

use super::{Failure, batch, doctor, say, user};
use crate::config::Config;
use crate::desk::{Desk, checked_project, operator};
use crate::server::open_ledger;
use crate::state::AppState;

#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Adds a project.
    Add(AddArguments),
    /// Changes a project; what is not named stays.
    Set(SetArguments),
    /// Has a project take no new batches any more. Nothing in the bucket changes.
    Archive(WhichArguments),
    /// Has an archived project take batches again.
    Restore(WhichArguments),
    /// Shows what the bucket says about a project's retention, or writes the rule for it into the bucket.
    Retention(RetentionArguments),
    /// Lists projects.
    List,
}

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// Its id: 1 to 64 characters of A-Z, a-z, 0-9, `_` and `-`.
    id: ProjectId,
    #[command(flatten)]
    settings: SettingsArguments,
}

#[derive(Debug, Args)]
pub(super) struct SetArguments {
    /// Its id.
    id: ProjectId,
    #[command(flatten)]
    settings: SettingsArguments,
}

#[derive(Debug, Args)]
pub(super) struct WhichArguments {
    /// Its id.
    id: ProjectId,
}

#[derive(Debug, Args)]
pub(super) struct RetentionArguments {
    /// Its id.
    id: ProjectId,
    /// Makes the bucket's lifecycle say the same. The store then deletes everything in the project's folder that is
    /// older, also what is there already. Asks before.
    #[arg(long)]
    write: bool,
    /// With --write: does not ask.
    #[arg(long, requires = "write")]
    yes: bool,
}

#[derive(Debug, Args)]
struct SettingsArguments {
    /// Its name, for people [default: the id].
    #[arg(long)]
    name: Option<String>,
    /// Where in the bucket, such as `weddings/2026` [default: the id].
    #[arg(long)]
    prefix: Option<String>,
    /// What of a key comes after the prefix of a batch, such as `{date}/{person}/{path}` [default: {path}].
    #[arg(long)]
    key_template: Option<String>,
    /// Media types that it takes, with commas between; `*` for any [default: image/*].
    #[arg(long, value_delimiter = ',')]
    types: Option<Vec<String>>,
    /// The smallest file in bytes [default: 1].
    #[arg(long)]
    min_size: Option<u64>,
    /// The largest file in bytes [default: 5000000000].
    #[arg(long)]
    max_size: Option<u64>,
    /// The most files in a batch [default: 100000].
    #[arg(long)]
    max_items: Option<u32>,
    /// The kind of grant that its batches get [default: credentials].
    #[arg(long, value_enum)]
    grant: Option<GrantWord>,
    /// Who may use it, besides admins [default: members].
    #[arg(long, value_enum)]
    access: Option<AccessWord>,
    /// A member, by sign-in name; may be given again. Replaces all members.
    #[arg(long = "member", value_name = "NAME")]
    members: Vec<String>,
    /// The most files that it takes at all; 0 for no limit.
    #[arg(long)]
    quota_files: Option<u64>,
    /// The most bytes that it takes at all; 0 for no limit.
    #[arg(long)]
    quota_bytes: Option<u64>,
    /// The most files that it takes a day, from midnight to midnight UTC; 0 for no limit.
    #[arg(long)]
    daily_files: Option<u64>,
    /// The most bytes that it takes a day; 0 for no limit.
    #[arg(long)]
    daily_bytes: Option<u64>,
    /// Whether browsers make thumbnails of what they send [default: true].
    #[arg(long)]
    thumbnails: Option<bool>,
    /// Whether files may go through this server [default: never].
    #[arg(long, value_enum)]
    relay: Option<RelayWord>,
    /// Days that files are kept for, or `for-ever` [default: for-ever]. Nothing in the bucket changes by this alone:
    /// see `sluice project retention`.
    #[arg(long, value_name = "N|for-ever")]
    keep_days: Option<Keep>,
}

/// How long, as it is typed.
#[derive(Debug, Clone, Copy)]
enum Keep {
    ForEver,
    Days(u32),
}

impl FromStr for Keep {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        match typed {
            "for-ever" => Ok(Self::ForEver),
            days => days.parse().map(Self::Days).map_err(|_| "a number of days, or for-ever"),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum GrantWord {
    /// Temporary credentials; the browser signs.
    Credentials,
    /// One signed form for all files of a batch.
    PostPolicy,
    /// A URL for each file.
    SignedUrls,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RelayWord {
    /// Never.
    Never,
    /// Where a browser reaches none of the store's host names.
    WhenBlocked,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AccessWord {
    /// Everybody with an account.
    Everyone,
    /// Members only.
    Members,
}

pub(super) async fn run(command: ProjectCommand, config: &Config) -> Result<(), Failure> {
    let ledger = open_ledger(config).await?;
    match command {
        ProjectCommand::Add(arguments) => add(arguments, &ledger).await,
        ProjectCommand::Set(arguments) => set(arguments, &ledger).await,
        ProjectCommand::Archive(arguments) => set_archived(&arguments.id, true, &ledger).await,
        ProjectCommand::Restore(arguments) => set_archived(&arguments.id, false, &ledger).await,
        ProjectCommand::Retention(arguments) => {
            retention(&arguments, &batch::state(config, ledger).await?).await
        }
        ProjectCommand::List => list(&ledger).await,
    }
}

async fn add(arguments: AddArguments, ledger: &Ledger) -> Result<(), Failure> {
    let id = arguments.id;
    let blank = ProjectSettings {
        name: id.to_string(),
        prefix: id.to_string(),
        key_template: KeyTemplate::default().to_string(),
        rules: Rules::default(),
        grant: GrantKind::Credentials,
        access: Access::Members,
        members: Vec::new(),
        quota: Quota::default(),
        daily_quota: Quota::default(),
        thumbnails: true,
        relay: Relay::Never,
        keep_days: None,
    };
    let draft = draft(arguments.settings, blank, ledger).await?;
    ledger.projects().create(user::deed(&operator()), &id, draft).await?;
    say(&format!("{id} was added."));
    Ok(())
}

async fn set(arguments: SetArguments, ledger: &Ledger) -> Result<(), Failure> {
    let id = arguments.id;
    let found = ledger.projects().get(&id).await?;
    let found = found.ok_or_else(|| format!("there is no project {id}. `sluice project list` shows all."))?;
    let members = ledger.projects().members().await?.remove(id.as_str()).unwrap_or_default();
    let now = settings(found, members.into_iter().map(|member| member.name).collect());
    let draft = draft(arguments.settings, now, ledger).await?;
    ledger.projects().change(user::deed(&operator()), &id, draft).await?;
    say(&format!("{id} was changed."));
    Ok(())
}

async fn set_archived(id: &ProjectId, archived: bool, ledger: &Ledger) -> Result<(), Failure> {
    ledger.projects().set_archived(user::deed(&operator()), id, archived).await?;
    let now = if archived { "takes no new batches" } else { "takes batches again" };
    say(&format!("{id} {now}."));
    Ok(())
}

async fn retention(arguments: &RetentionArguments, state: &AppState) -> Result<(), Failure> {
    let desk = Desk::of_operator(state);
    let found = desk.retention(&arguments.id).await.map_err(|error| batch::told(&error))?;
    if !arguments.write {
        tell(&found);
        return Ok(());
    }
    let RetentionRule { folder, bucket, .. } = &found;
    let question = match found.keep_days {
        Some(days) => format!(
            "Have {bucket} delete everything in {folder} that is older than {days} days, also what is there already?"
        ),
        None => {
            format!("Remove the rule {} from {bucket}, so that {folder} is kept for ever?", found.rule_id)
        }
    };
    if !found.others.is_empty() {
        say(&format!("Batches of {} are in {folder} too, and go with it.", found.others.join(", ")));
    }
    if !arguments.yes && !doctor::agreed(&question)? {
        return Err("nothing was written".into());
    }
    let written = desk.write_retention(&arguments.id, found.keep_days).await;
    let written = written.map_err(|error| batch::told(&error))?;
    tell(&written);
    if written.state == RuleState::Same { Ok(()) } else { Err("the bucket does not say the same".into()) }
}

/// What was decided, what the bucket says, and where it may not be asked to, what to paste.
fn tell(found: &RetentionRule) {
    let RetentionRule { folder, bucket, .. } = found;
    match found.keep_days {
        Some(days) => say(&format!("{folder} is to be kept for {days} days.")),
        None => say(&format!("{folder} is to be kept for ever.")),
    }
    match &found.state {
        RuleState::Same => say(&format!("{bucket} says the same.")),
        RuleState::Missing => say(&format!("{bucket} has no rule for it yet: --write writes it.")),
        RuleState::Otherwise { days: Some(days) } => {
            say(&format!("{bucket} says otherwise: it deletes after {days} days. --write changes that."));
        }
        RuleState::Otherwise { days: None } => say(&format!(
            "{bucket} says otherwise: its rule {} is off, or about something else. --write changes that.",
            found.rule_id
        )),
        RuleState::NotAllowed { action } => say(&format!(
            "The server's role may not {action} on {bucket}. Allow it, or set the rule as the bucket's owner."
        )),
        RuleState::NotDone => say("This store does not expire objects."),
    }
    if let (Some(rule), RuleState::NotAllowed { .. }) = (&found.rule, &found.state) {
        say(rule);
    }
}

async fn list(ledger: &Ledger) -> Result<(), Failure> {
    let mut members = ledger.projects().members().await?;
    for project in ledger.projects().list().await? {
        let who = match project.access {
            ledger::Access::Everyone => "everyone".to_owned(),
            ledger::Access::Members => {
                let members = members.remove(project.id.as_str()).unwrap_or_default();
                members.into_iter().map(|member| member.name).collect::<Vec<_>>().join(", ")
            }
        };
        let state = if project.archived_at.is_some() { "archived" } else { "" };
        let kept =
            project.retention.days().map(|days| format!("kept {} days", days.get())).unwrap_or_default();
        let line = format!("{}\t{}\t{}/\t{who}\t{state}\t{kept}", project.id, project.name, project.prefix);
        say(line.trim_end());
    }
    Ok(())
}

/// A limit that was named, where 0 is none; or else as it is.
pub(super) fn limit(named: Option<u64>, now: Option<u64>) -> Option<u64> {
    named.map_or(now, |most| Some(most).filter(|most| *most > 0))
}

/// What holds now, changed by what was named.
async fn draft(
    named: SettingsArguments,
    now: ProjectSettings,
    ledger: &Ledger,
) -> Result<ProjectDraft, Failure> {
    let any = |types: Vec<String>| if types.iter().any(|kind| kind == "*") { Vec::new() } else { types };
    let settings = ProjectSettings {
        name: named.name.unwrap_or(now.name),
        prefix: named.prefix.unwrap_or(now.prefix),
        key_template: named.key_template.unwrap_or(now.key_template),
        rules: Rules {
            media_types: named.types.map_or(now.rules.media_types, any),
            min_size: named.min_size.unwrap_or(now.rules.min_size),
            max_size: named.max_size.unwrap_or(now.rules.max_size),
            max_items: named.max_items.unwrap_or(now.rules.max_items),
        },
        grant: named.grant.map_or(now.grant, |word| match word {
            GrantWord::Credentials => GrantKind::Credentials,
            GrantWord::PostPolicy => GrantKind::PostPolicy,
            GrantWord::SignedUrls => GrantKind::SignedUrls,
        }),
        access: named.access.map_or(now.access, |word| match word {
            AccessWord::Everyone => Access::Everyone,
            AccessWord::Members => Access::Members,
        }),
        members: if named.members.is_empty() { now.members } else { named.members },
        quota: Quota {
            files: limit(named.quota_files, now.quota.files),
            bytes: limit(named.quota_bytes, now.quota.bytes),
        },
        daily_quota: Quota {
            files: limit(named.daily_files, now.daily_quota.files),
            bytes: limit(named.daily_bytes, now.daily_quota.bytes),
        },
        thumbnails: named.thumbnails.unwrap_or(now.thumbnails),
        relay: match named.relay {
            None => now.relay,
            Some(RelayWord::Never) => Relay::Never,
            Some(RelayWord::WhenBlocked) => Relay::WhenBlocked,
        },
        keep_days: named.keep_days.map_or(now.keep_days, |keep| match keep {
            Keep::ForEver => None,
            Keep::Days(days) => Some(days),
        }),
    };
    Ok(checked_project(ledger, settings).await?)
}

fn settings(record: ProjectRecord, members: Vec<String>) -> ProjectSettings {
    ProjectSettings {
        name: record.name,
        prefix: record.prefix,
        key_template: record.key_template.to_string(),
        rules: record.rules,
        grant: record.grant,
        access: match record.access {
            ledger::Access::Everyone => Access::Everyone,
            ledger::Access::Members => Access::Members,
        },
        members,
        quota: Quota { files: record.quota.files, bytes: record.quota.bytes },
        daily_quota: Quota { files: record.daily_quota.files, bytes: record.daily_quota.bytes },
        thumbnails: record.thumbnails,
        relay: record.relay,
        keep_days: record.retention.days().map(KeepDays::get),
    }
}
