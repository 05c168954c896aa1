//! One run: which batch a folder goes into, and how it ended.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use transfer::engine::{AdoptedBatch, AdoptedItem, Engine, Fate, Moment, Settings};
use transfer::port::{
    Command, DuplicateChoice, FailureClass, FileFacts, Filter, Phase, RowState, Snapshot, Totals,
};
use transfer::wire::{
    BatchId, BatchState, GrantKind, ItemIndex, NewItem, OpenBatchRequest, Problem, ProblemCode, ProjectId,
    Refusal,
};

use crate::api::{Api, ApiError, BatchView, ItemView, ProjectView};
use crate::driver::{Driver, Told};
use crate::folder::{self, Folder, Found, LeftOut};
use crate::limit::Limit;
use crate::log::{Left, LogError, Logs, Owner};

/// Rows that are asked for at once.
const ROWS: u32 = 500;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Order {
    /// The server, such as `https://photos.example.org`.
    pub server: String,
    /// The API token.
    pub token: SecretString,
    /// The folder.
    pub folder: PathBuf,
    /// Where to; the only project there is if not given.
    pub project: Option<ProjectId>,
    /// The batch to go on with.
    pub batch: Option<BatchId>,
    /// What of an earlier run is made use of.
    pub before: Before,
    /// Which kind of grant; the project's own choice if not given.
    pub grant: Option<GrantKind>,
    /// What becomes of files that the project holds already; the first run's choice holds for a batch.
    pub duplicates: DuplicateChoice,
    /// What becomes of the rest where files failed.
    pub rest: Rest,
    /// Requests to the store at once.
    pub parallel: u16,
    /// Bytes a second.
    pub limit: Option<u64>,
    /// Where logs are kept.
    pub state: PathBuf,
}

/// What of an earlier run is made use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Before {
    /// An unfinished batch of the same folder goes on.
    #[default]
    GoOn,
    /// A new batch begins.
    Anew,
}

/// What becomes of the rest where files failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rest {
    /// The batch stays open for another run.
    #[default]
    Keep,
    /// The batch is closed without it.
    GiveUp,
}

/// What a run tells.
#[derive(Debug)]
pub enum News {
    /// Something is not sent.
    LeftOut(LeftOut),
    /// An earlier batch of the folder is over: a new one begins.
    Over(BatchId, BatchState),
    /// A batch begins, or goes on.
    Begun {
        /// The batch.
        batch: BatchId,
        /// Where it goes.
        project: ProjectId,
        /// Files that are stored already.
        stored: u32,
        /// Files in all.
        files: u32,
        /// Their bytes.
        bytes: u64,
    },
    /// How far it is.
    Progress(Box<Snapshot>),
    /// The store has said that it has this file.
    Stored(FileFacts),
    /// Nothing can be kept for another run.
    Unkept(io::Error),
    /// A file that is not stored as it is now.
    Trouble {
        /// Its path.
        path: String,
        /// Why.
        trouble: Trouble,
    },
}

/// Why a file is not stored as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The project does not take it.
    Refused(Refusal),
    /// It was given up; with what the system said, if it could not be read.
    Failed(FailureClass, Option<String>),
    /// It was changed after an earlier run had announced it.
    Changed,
    /// It is announced, not stored, and not in the folder any more.
    Gone,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The batch, if there was something to send.
    pub batch: Option<BatchId>,
    /// How.
    pub how: How,
    /// Counts and sums.
    pub totals: Totals,
    /// Files that changed after an earlier run had announced them.
    pub changed: u32,
    /// What was left out and somebody will miss.
    pub missed: u32,
    /// Keys in the batch's place that nobody announced.
    pub unexpected: usize,
    /// Copies in earlier batches that were deleted, because what was sent replaces them.
    pub replaced: u64,
    /// Copies in earlier batches that were to be deleted and are still there.
    pub unreplaced: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// There was nothing to send.
    Nothing,
    /// An earlier run has stored all of it.
    Before,
    /// The store was seen to hold all that was not refused or given up.
    Verified,
    /// Files failed, or are gone; the batch stays open.
    Open,
    /// Not a single file was accepted.
    NoneTaken,
    /// The store was seen to lack something, again and again.
    Incomplete,
    /// It was told to stop.
    Stopped,
    /// The token is no longer good.
    SignedOut,
    /// The server does not take any more, with a sentence.
    Broken(String),
}

impl Ending {
    /// Whether everything in the folder is stored, and the server has seen it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let well = matches!(self.how, How::Nothing | How::Before | How::Verified);
        let Totals { failed, refused, absent, .. } = self.totals;
        well && failed == 0 && refused == 0 && absent == 0 && self.changed == 0 && self.missed == 0
    }
}

/// Why a run does not begin.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The server.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The logs.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The folder.
    #[error("{path} cannot be read: {error}", path = .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No project was named, and there is not exactly one.
    #[error("name a project with --project: {}", .0)]
    WhichProject(String),
    /// No such project.
    #[error("there is no project {wanted}, or this token may not use it. There is: {known}")]
    NoProject {
        /// What was asked for.
        wanted: ProjectId,
        /// What there is.
        known: String,
    },
    /// The batch belongs to another project.
    #[error("batch {batch} goes into project {project}")]
    OtherProject {
        /// The batch.
        batch: BatchId,
        /// Its project.
        project: ProjectId,
    },
    /// The batch is over.
    #[error("batch {0} is over and takes nothing more. Without --batch a new one begins.")]
    Over(BatchId),
    /// Nothing in the folder is of the batch.
    #[error("nothing in {path} is of batch {batch}: is it the right folder, and mounted? Nothing was changed.", path = .path.display())]
    OtherFolder {
        /// The folder.
        path: PathBuf,
        /// The batch.
        batch: BatchId,
    },
    /// The server answered something that makes no sense.
    #[error("the server named no address of the store for batch {0}")]
    NoStore(BatchId),
}

/// What would be sent.
#[derive(Debug)]
pub struct Plan {
    /// Where to.
    pub project: ProjectId,
    /// The unfinished batch that would go on.
    pub batch: Option<BatchId>,
    /// Every file, and why it would be refused.
    pub files: Vec<(FileFacts, Option<Refusal>)>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
}

/// Where news go.
pub type Hear = Arc<dyn Fn(News) + Send + Sync>;

/// Tells what [`upload`] would do. The length of keys is only judged exactly by the server.
///
/// # Errors
/// As of [`upload`].
pub async fn plan(order: &Order) -> Result<Plan, UploadError> {
    let api = Api::new(&order.server, order.token.clone())?;
    let (path, folder) = read_folder(&order.folder).await?;
    let project = find_project(&api, order).await?;
    let batch = order.batch.clone().or_else(|| {
        let logs = Logs::open(&order.state).ok().filter(|_| order.before == Before::GoOn)?;
        logs.find(&owner(&api, &project.id, &path)).map(|left| left.batch)
    });
    let prefix = format!("{}/{}/", project.id, "-".repeat(36));
    let mut room = project.rules.max_items;
    let check = |Found { facts, .. }| {
        let FileFacts { path, size, modified, media_type } = facts;
        let item = NewItem { index: ItemIndex(0), path, size, modified: Some(modified), media_type };
        let refusal = match project.rules.check(&item, &prefix) {
            Err(refusal) => Some(refusal),
            Ok(()) if room == 0 => Some(Refusal::TooMany { max: project.rules.max_items }),
            Ok(()) => {
                room -= 1;
                None
            }
        };
        (FileFacts { path: item.path, size, modified, media_type: item.media_type }, refusal)
    };
    let files = folder.files.into_iter().map(check).collect();
    Ok(Plan { project: project.id, batch, files, left_out: folder.left_out })
}

/// Sends a folder, until all is stored and verified, or nothing more comes of it, or `stop` ends.
///
/// # Errors
/// If it does not begin. How it ended once it had is in the [`Ending`].
pub async fn upload(
    order: &Order,
    hear: Hear,
    stop: impl Future<Output = ()> + Send,
) -> Result<Ending, UploadError> {
    let api = Arc::new(Api::new(&order.server, order.token.clone())?);
    let (path, Folder { mut files, left_out }) = read_folder(&order.folder).await?;
    let missed = left_out.iter().filter(|left| left.why.is_missed()).count();
    for left in left_out {
        hear(News::LeftOut(left));
    }
    let mut ending = Ending {
        batch: None,
        how: How::Nothing,
        totals: Totals::default(),
        changed: 0,
        missed: u32::try_from(missed).unwrap_or(u32::MAX),
        unexpected: 0,
        replaced: 0,
        unreplaced: 0,
    };
    let logs = Logs::open(&order.state)?;
    let start = begin(order, &api, &logs, &path, &mut files, &hear).await?;
    let (owner, known) = match start {
        Start::Over => {
            ending.how = How::Before;
            return Ok(ending);
        }
        Start::New { .. } if files.is_empty() => return Ok(ending),
        Start::New { owner } => (owner, None),
        Start::Again { owner, left } => (owner, Some(Known::Left(left))),
        Start::Elsewhere { owner, view, items } => (owner, Some(Known::Elsewhere(view, items))),
    };

    let limit = order.limit.map(|limit| Arc::new(Limit::new(limit)));
    let connections = limit.as_ref().map_or(order.parallel, |limit| limit.connections(order.parallel));
    // No form for a file with bytes: a PUT has no preflight here, and shows how much has left.
    let settings =
        Settings { per_host: connections, in_flight: connections, form_max: 0, ..Settings::default() };
    let tell = {
        let hear = Arc::clone(&hear);
        Box::new(move |told| {
            hear(match told {
                Told::Progress(snapshot) => News::Progress(Box::new(snapshot)),
                Told::Stored(facts) => News::Stored(facts),
                Told::Unkept(error) => News::Unkept(error),
            });
        })
    };
    let seed = rand::random();
    let (batch, mut driver, skipped) = match known {
        None => {
            let request = OpenBatchRequest { project: parsed(&owner.project)?, grant: order.grant };
            let opened = api.open(&request).await?;
            let batch = opened.batch.clone();
            let log = logs.begin(&batch, &owner)?;
            let mut driver = Driver::new(Engine::new(seed, settings), Arc::clone(&api), limit, log, tell);
            driver.command(Command::Open { batch: Box::new(opened) });
            driver.add(placed(files));
            (batch, driver, 0)
        }
        Some(known) => {
            let batch = known.batch();
            let log = logs.begin(&batch, &owner)?;
            // Once more, now that nobody else writes it.
            let left = logs.read(&batch).filter(|left| !left.text.is_empty());
            let engine = match (known, left) {
                (Known::Left(_), None) => None,
                (_, Some(left)) => Engine::restore(seed, settings, &left.text, Moment(0)),
                (Known::Elsewhere(view, items), None) => adopt(seed, settings, view, items, &mut files),
            };
            let Some(engine) = engine else {
                logs.forget(&batch);
                return Err(UploadError::NoStore(batch));
            };
            let sorted = Sorted::of(&engine, files);
            if !sorted.is_known() {
                return Err(UploadError::OtherFolder { path, batch });
            }
            let mut driver = Driver::new(engine, Arc::clone(&api), limit, log, tell);
            ending.changed = u32::try_from(sorted.changed.len()).unwrap_or(u32::MAX);
            for path in sorted.changed {
                hear(News::Trouble { path, trouble: Trouble::Changed });
            }
            // First, so that what changed since stays failed.
            driver.command(Command::RetryFailed);
            driver.bring(sorted.known);
            driver.add(sorted.new);
            (batch, driver, sorted.gaps)
        }
    };
    // Nobody is there to be asked.
    driver.command(Command::Duplicates { choice: order.duplicates });
    driver.command(Command::Finish);
    let totals = without_gaps(driver.engine.totals(), skipped);
    hear(News::Begun {
        batch: batch.clone(),
        project: parsed(&owner.project)?,
        stored: totals.stored,
        files: totals.files,
        bytes: totals.bytes,
    });
    ending.batch = Some(batch);
    ending.how = go(&mut driver, order.rest, stop, &mut ending).await;
    ending.totals = without_gaps(driver.engine.totals(), skipped);
    tell_troubles(&mut driver, &hear);
    Ok(ending)
}

/// Where a run begins.
enum Start {
    /// All of it was stored by an earlier run.
    Over,
    New {
        owner: Owner,
    },
    Again {
        owner: Owner,
        left: Left,
    },
    Elsewhere {
        owner: Owner,
        view: BatchView,
        items: Vec<ItemView>,
    },
}

/// What is known of the batch.
enum Known {
    Left(Left),
    Elsewhere(BatchView, Vec<ItemView>),
}

impl Known {
    fn batch(&self) -> BatchId {
        match self {
            Self::Left(left) => left.batch.clone(),
            Self::Elsewhere(view, _) => view.batch.clone(),
        }
    }
}

async fn begin(
    order: &Order,
    api: &Api,
    logs: &Logs,
    path: &Path,
    files: &mut Vec<Found>,
    hear: &Hear,
) -> Result<Start, UploadError> {
    if let Some(batch) = &order.batch {
        let view = api.batch(batch).await?;
        if view.state != BatchState::Open {
            return Err(UploadError::Over(batch.clone()));
        }
        if order.project.as_ref().is_some_and(|project| *project != view.project) {
            return Err(UploadError::OtherProject { batch: batch.clone(), project: view.project });
        }
        let owner = owner(api, &view.project, path);
        if let Some(left) = logs.read(batch).filter(|left| left.owner == owner) {
            return Ok(Start::Again { owner, left });
        }
        let items = api.items(batch).await?;
        return Ok(Start::Elsewhere { owner, view, items });
    }
    let project = find_project(api, order).await?;
    let owner = owner(api, &project.id, path);
    let Some(left) = logs.find(&owner).filter(|_| order.before == Before::GoOn) else {
        return Ok(Start::New { owner });
    };
    let state = match api.batch(&left.batch).await {
        Ok(view) => view.state,
        Err(ApiError::Problem(problem)) if is_not_found(&problem) => BatchState::Closed,
        Err(error) => return Err(error.into()),
    };
    if state == BatchState::Open {
        return Ok(Start::Again { owner, left });
    }
    // Killed between the last answer and the end of the log, or closed by the server meanwhile.
    let batch = left.batch.clone();
    if state == BatchState::Verified
        && let Some(engine) = Engine::restore(0, Settings::default(), &left.text, Moment(0))
    {
        let sorted = Sorted::of(&engine, std::mem::take(files));
        let changed: HashSet<String> = sorted.changed.into_iter().collect();
        files.extend(sorted.known.into_iter().filter(|(facts, _)| changed.contains(&facts.path)).map(found));
        files.extend(sorted.new.into_iter().map(found));
    }
    // Only now: what is not locked is nobody's.
    drop(logs.begin(&batch, &owner)?);
    logs.forget(&batch);
    hear(News::Over(batch, state));
    Ok(if state == BatchState::Verified && files.is_empty() { Start::Over } else { Start::New { owner } })
}

fn found((facts, place): (FileFacts, PathBuf)) -> Found {
    Found { facts, place }
}

fn is_not_found(problem: &Problem) -> bool {
    problem.code == ProblemCode::NotFound
}

fn parsed(project: &str) -> Result<ProjectId, UploadError> {
    // It was an id before it was a text.
    project.parse().map_err(|_| UploadError::WhichProject(project.to_owned()))
}

fn owner(api: &Api, project: &ProjectId, folder: &Path) -> Owner {
    Owner {
        server: api.server().to_owned(),
        project: project.to_string(),
        folder: folder.to_string_lossy().into_owned(),
    }
}

async fn read_folder(folder: &Path) -> Result<(PathBuf, Folder), UploadError> {
    let path = folder.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let whole = path.canonicalize()?;
        let folder = folder::walk(&whole)?;
        Ok((whole, folder))
    });
    read.await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(|error| UploadError::Folder { path: folder.to_owned(), error })
}

async fn find_project(api: &Api, order: &Order) -> Result<ProjectView, UploadError> {
    let mut projects = api.projects().await?;
    let known = || projects.iter().map(|project| project.id.as_str()).collect::<Vec<_>>().join(", ");
    let at = match &order.project {
        Some(wanted) => projects
            .iter()
            .position(|project| project.id == *wanted)
            .ok_or_else(|| UploadError::NoProject { wanted: wanted.clone(), known: known() })?,
        None if projects.len() == 1 => 0,
        None => return Err(UploadError::WhichProject(known())),
    };
    Ok(projects.swap_remove(at))
}

/// An engine for a batch that was begun elsewhere.
fn adopt(
    seed: u64,
    settings: Settings,
    view: BatchView,
    items: Vec<ItemView>,
    files: &mut [Found],
) -> Option<Engine> {
    let paths: HashSet<String> = items.iter().map(|item| folder::nfc(&item.path)).collect();
    // Who dropped the files, and not their folder, has paths without its name.
    let bare = |file: &Found| file.facts.path.split_once('/').map(|(_, path)| path.to_owned());
    if !files.iter().any(|file| paths.contains(&file.facts.path))
        && files.iter().any(|file| bare(file).is_some_and(|path| paths.contains(&path)))
    {
        for file in &mut *files {
            file.facts.path = bare(file).unwrap_or_default();
        }
    }
    let times: HashMap<&str, &FileFacts> =
        files.iter().map(|file| (file.facts.path.as_str(), &file.facts)).collect();
    let batch = AdoptedBatch { batch: view.batch, prefix: view.prefix, grant: view.grant, store: view.store };
    let items = items.into_iter().map(|item| {
        let path = folder::nfc(&item.path);
        let there = times.get(path.as_str()).map(|facts| facts.modified);
        let modified = item.modified.or(there).unwrap_or_default();
        let facts = FileFacts { path, size: item.size, modified, media_type: item.media_type };
        let fate = match item.state.as_str() {
            "stored" => Fate::Stored,
            "cancelled" | "skipped" => Fate::Cancelled,
            _ => Fate::Waiting,
        };
        AdoptedItem { index: item.index, facts, key: item.key, fate }
    });
    Engine::adopt(seed, settings, &batch, items, Moment(0))
}

/// The files of a folder beside those of a batch.
struct Sorted {
    /// Of the batch, also if changed.
    known: Vec<(FileFacts, PathBuf)>,
    /// Not of the batch.
    new: Vec<(FileFacts, PathBuf)>,
    /// Paths of those that are not as they were.
    changed: Vec<String>,
    /// Places in the batch without a file.
    gaps: u32,
    of_batch: u32,
}

impl Sorted {
    fn of(engine: &Engine, files: Vec<Found>) -> Self {
        let before = engine.facts(0, engine.files());
        let of_batch = engine.files();
        let gaps = before.iter().filter(|facts| facts.path.is_empty()).count();
        let before: HashMap<&str, &FileFacts> =
            before.iter().map(|facts| (facts.path.as_str(), facts)).collect();
        let (mut known, mut new, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for Found { facts, place } in files {
            match before.get(facts.path.as_str()) {
                None => new.push((facts, place)),
                Some(then) => {
                    if (then.size, then.modified) != (facts.size, facts.modified) {
                        changed.push(facts.path.clone());
                    }
                    known.push((facts, place));
                }
            }
        }
        Self { known, new, changed, gaps: u32::try_from(gaps).unwrap_or(u32::MAX), of_batch }
    }

    /// Whether it looks like the batch's folder.
    fn is_known(&self) -> bool {
        !self.known.is_empty() || self.of_batch == self.gaps
    }
}

fn placed(files: Vec<Found>) -> Vec<(FileFacts, PathBuf)> {
    files.into_iter().map(|file| (file.facts, file.place)).collect()
}

fn without_gaps(totals: Totals, gaps: u32) -> Totals {
    Totals {
        files: totals.files.saturating_sub(gaps),
        cancelled: totals.cancelled.saturating_sub(gaps),
        ..totals
    }
}

/// Goes on to the end.
async fn go(
    driver: &mut Driver,
    rest: Rest,
    stop: impl Future<Output = ()> + Send,
    ending: &mut Ending,
) -> How {
    let mut stop = Box::pin(stop);
    let mut given_up = false;
    loop {
        let phase = driver.run(&mut stop).await;
        let totals = driver.engine.totals();
        match phase {
            Phase::Done { answer: Some(answer) } => {
                ending.unexpected = answer.unexpected.len();
                (ending.replaced, ending.unreplaced) = (answer.replaced, answer.unreplaced);
                return match answer.state {
                    BatchState::Verified => How::Verified,
                    BatchState::Open | BatchState::Closed => How::Incomplete,
                };
            }
            Phase::Done { answer: None } | Phase::NeedsFiles if rest == Rest::GiveUp && !given_up => {
                given_up = true;
                for (item, _) in rows(driver, Filter::All, |state| matches!(state, RowState::Absent)) {
                    driver.command(Command::Cancel { item });
                }
                driver.command(Command::CloseAnyway);
            }
            Phase::Done { answer: None } if totals.failed == 0 => return How::NoneTaken,
            Phase::Done { answer: None } | Phase::NeedsFiles => return How::Open,
            Phase::SignedOut => return How::SignedOut,
            Phase::Broken { message } => return How::Broken(message),
            _ => return How::Stopped,
        }
    }
}

/// The rows of the list in such a state.
fn rows(
    driver: &mut Driver,
    filter: Filter,
    wanted: impl Fn(&RowState) -> bool,
) -> Vec<(ItemIndex, RowState)> {
    let (mut rows, mut first) = (Vec::new(), 0);
    loop {
        driver.command(Command::Watch { filter, first, count: ROWS });
        let snapshot = driver.snapshot();
        first += ROWS;
        rows.extend(
            snapshot.rows.into_iter().filter(|row| wanted(&row.state)).map(|row| (row.item, row.state)),
        );
        if first >= snapshot.list_len {
            return rows;
        }
    }
}

fn tell_troubles(driver: &mut Driver, hear: &Hear) {
    let mut troubles = rows(driver, Filter::Trouble, |_| true);
    if driver.engine.totals().absent > 0 {
        troubles.extend(rows(driver, Filter::All, |state| matches!(state, RowState::Absent)));
    }
    for (item, state) in troubles {
        let trouble = match state {
            RowState::Refused { reason } => Trouble::Refused(reason),
            RowState::Failed { class } => Trouble::Failed(class, driver.reason(item).map(str::to_owned)),
            RowState::Absent => Trouble::Gone,
            _ => continue,
        };
        let path = driver.engine.facts(item.0, 1).pop().map(|facts| facts.path).unwrap_or_default();
        hear(News::Trouble { path, trouble });
    }
}
