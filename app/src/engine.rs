//! The page's side of the upload engine: commands in, snapshots out.
//!
//! [`Engine`] is made once, above the router, so that moving between pages never stops anything. What only a browser
//! can do is behind [`Port`]; `frontend` provides it, the server renders without one.

mod intake;

use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::port::{Command, FileFacts, Filter, Phase, Recalled, Snapshot};
use transfer::wire::{
    BatchId, ItemIndex, OpenBatchRequest, Problem, ProblemCode, ProjectId, Rules, UnixMillis,
};

use crate::erase::effect;
use crate::history::LeftBatch;
use crate::project::Project;
use crate::rpc::batch::{adopt_batch, open_batch};
use crate::text::{Language, use_language};

pub use intake::{Admission, Intake, RefusalGroup, RefusedFile};

/// What only a browser can do. One for the whole page.
pub trait Port: Sync {
    /// Gives the port the signals that it writes to.
    fn connect(&self, engine: Engine);
    /// Starts the worker, so that it is there when the first file is.
    fn warm(&self);
    /// Passes a command to the worker.
    fn command(&self, command: Command);
    /// Has the worker go on with a batch that was begun elsewhere.
    fn adopt(&self, left: LeftBatch);
    /// Collects the files that were picked, and empties the input.
    fn picked(&self, input: &web_sys::HtmlInputElement);
    /// Collects the files and folders that were dropped or pasted. Must be called within the event.
    fn dropped(&self, data: &web_sys::DataTransfer);
    /// Gives the files that were accepted to the worker, which has an open batch; when nothing more is being collected,
    /// says that these were all.
    fn hand_over(&self);
    /// Asks to be allowed to read again what was dropped on an earlier visit, and collects it. Must be called within a
    /// click.
    fn reopen(&self);
    /// Forgets the files that were collected and not handed over.
    fn forget(&self);
    /// Draws an item's thumbnail on the canvas of a slot of the list, when it can; nothing for `None`.
    fn draw(&self, slot: u32, item: Option<ItemIndex>, canvas: web_sys::HtmlCanvasElement);
    /// Saves a text as a file of the person's.
    fn save(&self, name: &str, media_type: &str, content: &str);
    /// Minutes that this machine's clock was ahead of UTC at an instant.
    fn utc_offset(&self, at: UnixMillis) -> i32;
}

/// What the page is doing besides sending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing.
    #[default]
    Ready,
    /// Collecting files; so many until now. What is accepted is sent meanwhile.
    Gathering(u32),
    /// All were refused.
    Review,
    /// Asking the server for a batch, or waiting until the one before is checked.
    Opening,
    /// No batch could be opened; the files are still there.
    Stuck(Problem),
}

/// The signals of the upload, and the way to the worker.
#[derive(Clone, Copy)]
pub struct Engine {
    /// The last snapshot: four a second, ten after a command.
    pub snapshot: RwSignal<Snapshot>,
    /// What the page is doing besides sending.
    pub stage: RwSignal<Stage>,
    /// The batch that is shown, from the moment it is open until the person puts it away.
    pub batch: RwSignal<Option<BatchId>>,
    /// The project that files go to.
    pub project: RwSignal<Option<Project>>,
    /// How many files were handed over to the batch; moves whenever [`Engine::intake`] has new ones.
    pub handed: RwSignal<u32>,
    /// Which rows the list shows.
    pub filter: RwSignal<Filter>,
    /// What the person looks for in the list; empty for nothing.
    pub search: RwSignal<String>,
    /// Seconds that the batch took, once it is over.
    pub elapsed: RwSignal<Option<u32>>,
    /// Files that were collected for this batch and refused on this page.
    pub refused: RwSignal<u32>,
    /// Whether the browser kept a way to what was dropped on an earlier visit, and has to be asked.
    pub reopens: RwSignal<bool>,
    /// Where a batch of an earlier visit goes, once there is one.
    pub recalled_to: RwSignal<Option<ProjectId>>,
    /// Why a batch that was begun elsewhere cannot be finished here.
    pub unadopted: RwSignal<Option<Problem>>,
    /// The person's sign-in name.
    pub person: RwSignal<Option<String>>,
    /// The page itself was told that the session ended.
    pub session_ended: RwSignal<bool>,
    /// What is known of each file. Outside the signals: nothing is notified for a file.
    pub intake: StoredValue<Intake>,
    /// A batch was asked for, and the answer is not there yet.
    asked: StoredValue<bool>,
    /// The person does not want to go on with an earlier batch now.
    declined: StoredValue<bool>,
    language: RwSignal<Language>,
    port: Option<&'static dyn Port>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// A new one, connected to the port that is in the context, if there is one.
    pub(crate) fn provide() -> Self {
        let engine = Self {
            snapshot: RwSignal::default(),
            stage: RwSignal::default(),
            batch: RwSignal::default(),
            project: RwSignal::default(),
            handed: RwSignal::default(),
            filter: RwSignal::default(),
            search: RwSignal::default(),
            elapsed: RwSignal::default(),
            refused: RwSignal::default(),
            reopens: RwSignal::default(),
            recalled_to: RwSignal::default(),
            unadopted: RwSignal::default(),
            person: RwSignal::default(),
            session_ended: RwSignal::default(),
            intake: StoredValue::default(),
            asked: StoredValue::new(false),
            declined: StoredValue::new(false),
            language: use_language(),
            port: use_context::<&'static dyn Port>(),
        };
        if let Some(port) = engine.port {
            port.connect(engine);
        }
        // Files that came while the batch before was being checked go on when it is over.
        effect(move || {
            if engine.is_over() {
                engine.continue_opening();
            }
        });
        provide_context(engine);
        engine
    }

    /// The one above the router.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// What only a browser can do; none on the server.
    pub(crate) fn port(self) -> Option<&'static dyn Port> {
        self.port
    }

    pub(crate) fn command(self, command: Command) {
        if let Some(port) = self.port {
            port.command(command);
        }
    }

    /// The rules of the chosen project.
    #[must_use]
    pub fn rules(self) -> Rules {
        self.project
            .with_untracked(|project| project.as_ref().map(|project| project.rules.clone()))
            .unwrap_or_default()
    }

    /// A prefix as long as the batch's will be, for the check of the keys' length. The server knows the real one and
    /// has the last word.
    #[must_use]
    pub fn likely_prefix(self) -> String {
        let project =
            self.project.with_untracked(|project| project.as_ref().map_or(7, |it| it.id.as_str().len()));
        "x".repeat(project + 1 + 36 + 1)
    }

    /// Whether leaving the page now would lose something.
    #[must_use]
    pub fn is_busy(self) -> bool {
        let collecting = self.stage.with(|stage| !matches!(stage, Stage::Ready));
        let waits = self.snapshot.with(|snapshot| snapshot.phase == Phase::NeedsFiles);
        collecting || (self.batch.with(Option::is_some) && !waits && !self.is_over())
    }

    /// Whether the batch is over, or there is none.
    pub(crate) fn is_over(self) -> bool {
        self.snapshot.with(|snapshot| matches!(snapshot.phase, Phase::Done { .. } | Phase::Broken { .. }))
    }

    /// What is known of an item.
    pub(crate) fn with_facts<T>(self, item: ItemIndex, read: impl FnOnce(&FileFacts) -> T) -> Option<T> {
        self.intake.with_value(|intake| intake.facts(item).map(read))
    }

    /// Called before the first file of a pick or a drop is offered: a batch that is over makes room for the next.
    pub fn gathers(self) {
        let over = untrack(|| self.is_over());
        let running = self.batch.with_untracked(Option::is_some);
        if running && over {
            self.put_away();
        }
        if !running || over {
            self.intake.update_value(Intake::clear_refused);
            self.refused.set(0);
        }
        self.stage.set(Stage::Gathering(0));
    }

    /// Called while files are being collected: what is accepted is not kept waiting for the others.
    pub fn flows(self) {
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Gathering(_))) && self.has_some() {
            self.go();
        }
    }

    /// Called when all files of a pick or a drop were offered.
    pub fn gathered(self) {
        let refused = self.intake.with_value(|intake| intake.refused().len() as u32);
        self.refused.set(refused);
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Stuck(_))) {
            return;
        }
        if self.has_some() {
            self.begin();
        } else if self.asked.get_value() {
            self.stage.set(Stage::Opening);
        } else if self.batch.with_untracked(Option::is_some) {
            // Nothing new, but now it is known that there is nothing more.
            if let Some(port) = self.port {
                port.hand_over();
            }
            self.stage.set(Stage::Ready);
        } else if self.intake.with_value(Intake::asks) {
            self.stage.set(Stage::Review);
        } else {
            self.stage.set(Stage::Ready);
        }
    }

    fn has_some(self) -> bool {
        self.intake.with_value(|intake| intake.pending() + intake.returning() > 0)
    }

    /// Sends what was accepted: into the batch that runs, or into a new one.
    pub(crate) fn begin(self) {
        self.stage.set(Stage::Opening);
        self.go();
    }

    fn go(self) {
        let Some(port) = self.port else { return };
        let running = self.batch.with_untracked(Option::is_some);
        match self.snapshot.with_untracked(|snapshot| snapshot.phase.clone()) {
            // The batch is being compared with the store and takes no more: `continue_opening` comes back to this.
            Phase::Verifying if running => {}
            Phase::Done { .. } | Phase::Broken { .. } => self.open(port),
            _ if running => self.pour(port),
            _ => self.open(port),
        }
    }

    /// Gives the worker what was accepted.
    fn pour(self, port: &'static dyn Port) {
        port.hand_over();
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Opening)) {
            self.stage.set(Stage::Ready);
        }
    }

    /// Goes on with files that had to wait until the batch before was checked.
    fn continue_opening(self) {
        let waits = self.stage.with_untracked(|stage| matches!(stage, Stage::Opening));
        if waits && self.batch.with_untracked(Option::is_some) {
            self.begin();
        }
    }

    /// Looks for a batch of an earlier visit that is not over.
    pub(crate) fn recall(self) {
        let idle = self.batch.with_untracked(Option::is_none)
            && self.stage.with_untracked(|stage| *stage == Stage::Ready)
            && !self.declined.get_value();
        if let (true, Some(person)) = (idle, self.person.get_untracked()) {
            self.command(Command::Recall { person });
        }
    }

    /// Goes on with an open batch that was begun elsewhere, unless there is one here.
    pub(crate) fn adopt(self, batch: BatchId) {
        let Some(port) = self.port else { return };
        let idle = move || {
            self.batch.with_untracked(Option::is_none)
                && self.stage.with_untracked(|stage| *stage == Stage::Ready)
        };
        // What waits for its files is kept, and comes back another time.
        let rests = self.snapshot.with_untracked(|snapshot| {
            matches!(snapshot.phase, Phase::NeedsFiles | Phase::Done { .. } | Phase::Broken { .. })
        });
        if rests && self.batch.with_untracked(|shown| shown.as_ref() != Some(&batch)) {
            self.put_away();
        }
        if !idle() {
            return;
        }
        spawn_local(async move {
            match adopt_batch(batch).await {
                Ok(left) if idle() => port.adopt(left),
                Ok(_) => {}
                Err(error) => {
                    if error.0.code == ProblemCode::SignedOut {
                        self.session_ended.set(true);
                    }
                    self.unadopted.set(Some(error.0));
                }
            }
        });
    }

    /// Some files of a batch of an earlier visit; answers whether they are shown. It stays with the worker in any case.
    pub fn recalled(self, recalled: Recalled) -> bool {
        let Recalled { batch, project, files, last } = recalled;
        if self.batch.with_untracked(Option::is_none) {
            if self.stage.with_untracked(|stage| *stage != Stage::Ready) {
                return false;
            }
            self.put_away();
            self.recalled_to.set(Some(project));
            self.batch.set(Some(batch.clone()));
        }
        if self.batch.with_untracked(|shown| *shown != Some(batch)) {
            return false;
        }
        self.intake.update_value(|intake| intake.recall(files));
        self.handed.set(self.intake.with_value(|intake| intake.handed() as u32));
        if last {
            // It may have been cut off while files were being collected; those that are known are all for now.
            self.command(Command::Finish);
        }
        true
    }

    /// Leaves the batch of an earlier visit alone until the page is loaded again.
    pub(crate) fn decline(self) {
        self.declined.set_value(true);
        self.put_away();
    }

    fn open(self, port: &'static dyn Port) {
        let Some(project) = self.project.with_untracked(|project| project.as_ref().map(|it| it.id.clone()))
        else {
            let sentence = "Choose a project first.";
            self.stage.set(Stage::Stuck(Problem::new(ProblemCode::Invalid, sentence)));
            return;
        };
        if self.asked.get_value() {
            return;
        }
        self.asked.set_value(true);
        self.put_away();
        spawn_local(async move {
            let answer = open_batch(OpenBatchRequest { project, grant: None }).await;
            self.asked.set_value(false);
            match answer {
                Ok(opened) => {
                    self.batch.set(Some(opened.batch.clone()));
                    port.command(Command::Open { batch: Box::new(opened) });
                    self.pour(port);
                }
                Err(error) => {
                    if error.0.code == ProblemCode::SignedOut {
                        self.session_ended.set(true);
                    }
                    self.stage.set(Stage::Stuck(error.0));
                }
            }
        });
    }

    /// Puts the batch that is over away, so that the page is ready for the next one.
    pub(crate) fn put_away(self) {
        self.intake.update_value(Intake::clear_batch);
        self.batch.set(None);
        self.handed.set(0);
        self.elapsed.set(None);
        self.reopens.set(false);
        self.filter.set(Filter::All);
        self.search.set(String::new());
        self.snapshot.set(Snapshot::default());
    }

    /// The worker is lost. What it would have sent stays on this machine.
    pub fn broke(self) {
        let message = self.language.with_untracked(|language| language.words().worker_lost).to_owned();
        self.snapshot.update(|snapshot| snapshot.phase = Phase::Broken { message });
    }

    /// Forgets what was collected and not sent.
    pub(crate) fn start_over(self) {
        if let Some(port) = self.port {
            port.forget();
        }
        self.intake.update_value(Intake::clear_pending);
        self.stage.set(Stage::Ready);
    }

    /// The person signed in again: all that waited for it goes on.
    pub(crate) fn signed_in(self) {
        self.session_ended.set(false);
        self.command(Command::SignedIn);
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Stuck(_))) {
            self.begin();
        }
    }
}
