//! Projects: where uploads go, what they take, and who may use them.

use app::desk::projects::{Access, ProjectCard, ProjectSettings, ProjectsAction, ProjectsDesk};
use ledger::{Holding, KeepDays, Ledger, PersonId, ProjectDraft, ProjectRecord, Retention, Usage};
use transfer::wire::{KeyTemplate, KeyTemplateError, ProjectId, Rules};

use super::{Desk, DeskError, quota};
use crate::caller::Caller;
use crate::clock;
use crate::grant::ProjectPrefix;
use crate::state::AppState;

/// Longest name of a project.
const MAX_NAME: usize = 100;

/// Most media types in the rules.
const MAX_TYPES: usize = 50;

/// Most items of a batch: indexes are counted with 32 bits, but a page draws them, and a receipt lists them.
const MAX_ITEMS: u32 = 1_000_000;

/// The largest object that S3 keeps, in bytes (Amazon S3 user guide, "Multipart upload limits").
const MAX_OBJECT: u64 = 5 * 1_099_511_627_776;

/// Does what the page asks for, and answers all that it shows.
///
/// # Errors
/// `Forbidden` to all but admins; what the action says.
pub async fn act(
    state: &AppState,
    caller: &Caller,
    action: ProjectsAction,
) -> Result<ProjectsDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    let mut retention = None;
    match action {
        ProjectsAction::Look => {}
        ProjectsAction::Create { id, settings } => desk.create_project(&id, settings).await?,
        ProjectsAction::Change { id, settings } => desk.change_project(&id, settings).await?,
        ProjectsAction::Archive { id } => desk.set_archived(&id, true).await?,
        ProjectsAction::Restore { id } => desk.set_archived(&id, false).await?,
        ProjectsAction::Retention { id } => retention = Some(desk.retention(&id).await?),
        ProjectsAction::WriteRetention { id, keep_days } => {
            retention = Some(desk.write_retention(&id, keep_days).await?);
        }
    }
    let people = state.ledger.people().list().await?;
    Ok(ProjectsDesk {
        projects: desk.all_projects().await?,
        people: people.into_iter().map(|person| person.name).collect(),
        retention,
    })
}

impl Desk<'_> {
    /// All projects with what is in them, by name.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn all_projects(&self) -> Result<Vec<ProjectCard>, DeskError> {
        let projects = self.state.ledger.projects();
        let mut members = projects.members().await?;
        let used = projects.used().await?;
        let today = projects.used_today(clock::now()).await?;
        Ok(projects
            .list()
            .await?
            .into_iter()
            .map(|record| {
                let members = members.remove(record.id.as_str()).unwrap_or_default();
                let [used, today] =
                    [&used, &today].map(|of| of.get(record.id.as_str()).copied().unwrap_or_default());
                card(record, members.into_iter().map(|member| member.name).collect(), used, today)
            })
            .collect())
    }

    /// A project with what is in it.
    ///
    /// # Errors
    /// `NoSuchProject`.
    pub async fn project(&self, id: &ProjectId) -> Result<ProjectCard, DeskError> {
        let all = self.all_projects().await?;
        let found = all.into_iter().find(|project| project.id == *id);
        Ok(found.ok_or_else(|| ledger::LedgerError::NoSuchProject(id.clone()))?)
    }

    /// Adds a project.
    ///
    /// # Errors
    /// `ProjectTaken`; settings that cannot be.
    pub async fn create_project(&self, id: &ProjectId, settings: ProjectSettings) -> Result<(), DeskError> {
        let draft = checked(&self.state.ledger, settings).await?;
        Ok(self.state.ledger.projects().create(self.deed(), id, draft).await?)
    }

    /// Changes a project. Batches that are there keep the prefix and the key template that they have.
    ///
    /// # Errors
    /// `NoSuchProject`, `ProjectTaken`; settings that cannot be.
    pub async fn change_project(&self, id: &ProjectId, settings: ProjectSettings) -> Result<(), DeskError> {
        let draft = checked(&self.state.ledger, settings).await?;
        Ok(self.state.ledger.projects().change(self.deed(), id, draft).await?)
    }

    /// Has a project take no new batches any more, or take them again.
    ///
    /// # Errors
    /// `NoSuchProject`.
    pub async fn set_archived(&self, id: &ProjectId, archived: bool) -> Result<(), DeskError> {
        Ok(self.state.ledger.projects().set_archived(self.deed(), id, archived).await?)
    }
}

/// Checks settings, and finds the people in them.
///
/// # Errors
/// `Invalid` in a sentence, or `Nobody`.
pub(crate) async fn checked(ledger: &Ledger, settings: ProjectSettings) -> Result<ProjectDraft, DeskError> {
    let invalid = |detail: &str| Err(DeskError::Invalid(detail.to_owned()));
    let name = settings.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        return invalid("Give the project a name of 1 to 100 characters.");
    }
    let prefix: ProjectPrefix = match settings.prefix.trim().parse() {
        Ok(prefix) => prefix,
        Err(_) => {
            return invalid(
                "A prefix has 1 to 256 characters of A-Z, a-z, 0-9, _ and -, with / between the parts.",
            );
        }
    };
    let key_template = match settings.key_template.trim() {
        "" => KeyTemplate::default(),
        text => text.parse().map_err(|error: KeyTemplateError| DeskError::Invalid(error.to_string()))?,
    };
    let rules = tidied(&settings.rules)?;
    let nothing = "A quota of 0 would take nothing at all. Archive the project instead.";
    let (quota, daily_quota) =
        (quota::checked(settings.quota, nothing)?, quota::checked(settings.daily_quota, nothing)?);
    let retention = match settings.keep_days.map(KeepDays::new) {
        None => Retention::ForEver,
        Some(Some(days)) => Retention::Days(days),
        Some(None) => return invalid("Files are kept for 1 to 36,500 days, or for ever."),
    };
    let mut members = Vec::with_capacity(settings.members.len());
    for name in settings.members {
        match ledger.people().by_name(name.trim()).await? {
            Some(person) => members.push(person.id),
            None => return Err(DeskError::Nobody(name)),
        }
    }
    members.sort_unstable_by_key(|person: &PersonId| person.0);
    members.dedup();
    Ok(ProjectDraft {
        name: name.to_owned(),
        prefix: prefix.as_str().trim_end_matches('/').to_owned(),
        key_template,
        rules,
        grant: settings.grant,
        access: match settings.access {
            Access::Everyone => ledger::Access::Everyone,
            Access::Members => ledger::Access::Members,
        },
        quota,
        daily_quota,
        thumbnails: settings.thumbnails,
        relay: settings.relay,
        retention,
        members,
    })
}

fn tidied(rules: &Rules) -> Result<Rules, DeskError> {
    let invalid = |detail: &str| Err(DeskError::Invalid(detail.to_owned()));
    let types: Vec<String> = rules
        .media_types
        .iter()
        .map(|wanted| wanted.trim().to_ascii_lowercase())
        .filter(|wanted| !wanted.is_empty())
        .collect();
    let is_type = |wanted: &String| {
        wanted.len() <= 127
            && wanted.split('/').filter(|half| !half.is_empty()).count() == 2
            && wanted.split('/').count() == 2
            && wanted.bytes().all(|b| b.is_ascii_alphanumeric() || b"/!#$&-^_.+*".contains(&b))
    };
    if types.len() > MAX_TYPES || !types.iter().all(is_type) {
        return invalid("Name media types such as image/jpeg or image/*, with commas between.");
    }
    if rules.min_size > rules.max_size || rules.max_size == 0 || rules.max_size > MAX_OBJECT {
        return invalid("Sizes go from the smallest to the largest, and to 5 TiB at most.");
    }
    if !(1..=MAX_ITEMS).contains(&rules.max_items) {
        return invalid("A batch takes 1 to 1,000,000 files.");
    }
    Ok(Rules { media_types: types, ..*rules })
}

fn card(record: ProjectRecord, members: Vec<String>, used: Usage, today: Usage) -> ProjectCard {
    let access = match record.access {
        ledger::Access::Everyone => Access::Everyone,
        ledger::Access::Members => Access::Members,
    };
    ProjectCard {
        id: record.id,
        settings: ProjectSettings {
            name: record.name,
            prefix: record.prefix,
            key_template: record.key_template.to_string(),
            rules: record.rules,
            grant: record.grant,
            access,
            members,
            quota: quota::shown(record.quota),
            daily_quota: quota::shown(record.daily_quota),
            thumbnails: record.thumbnails,
            relay: record.relay,
            keep_days: record.retention.days().map(KeepDays::get),
        },
        rule_seen: record.holding == Holding::Seen,
        archived_at: record.archived_at,
        files: used.files,
        bytes: used.bytes,
        today: quota::used(today),
    }
}
