//! For people: a bar on a terminal, lines elsewhere.

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::text::plain;
use transfer::port::{FailureClass, Phase, Snapshot};
use transfer::wire::BatchState;
use uploader::folder::Why;
use uploader::run::{Ending, How, News, Plan, Trouble};

use crate::command::say;

/// How often a line tells how far it is, where there is no bar.
const LINES_EACH: Duration = Duration::from_secs(30);

/// Letters of the bar: with the figures it fits into 80.
const BAR: u64 = 20;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// One line that is drawn again and again.
    Bar,
    /// A line now and then.
    Lines,
}

/// Tells people how it goes, on standard error.
#[derive(Debug)]
pub(super) struct Terminal {
    manner: Manner,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    drawn: bool,
    told: Instant,
    junk: u32,
}

impl Terminal {
    pub(super) fn new(manner: Manner) -> Self {
        Self { manner, state: Mutex::new(State { drawn: false, told: Instant::now(), junk: 0 }) }
    }

    pub(super) fn hear(&self, news: News) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match news {
            News::LeftOut(left) if left.why == Why::Junk => state.junk += 1,
            News::LeftOut(left) => state.line(&format!("left out: {}: {}", shown(&left.path), why(&left.why))),
            News::Over(batch, BatchState::Verified) => {
                state.line(&format!("Batch {batch} of an earlier run is verified."));
            }
            News::Over(batch, _) => state.line(&format!(
                "Batch {batch} of an earlier run was closed before it was complete. A new one begins."
            )),
            News::Begun { batch, project, stored, files, bytes } => {
                state.tell_junk();
                let files = plain::count(files.into());
                let goes_on = match stored {
                    0 => String::new(),
                    stored => format!(", {} of them are stored already", plain::count(stored.into())),
                };
                state.line(&format!(
                    "Batch {batch} into {project}: {files} files, {}{goes_on}.",
                    plain::bytes(bytes)
                ));
            }
            News::Progress(snapshot) => match self.manner {
                Manner::Bar => state.draw(&bar(&snapshot)),
                Manner::Lines if state.told.elapsed() >= LINES_EACH => {
                    state.told = Instant::now();
                    state.line(&figures(&snapshot));
                }
                Manner::Lines => {}
            },
            News::Stored(_) => {}
            News::Unkept(error) => state.line(&format!(
                "How far it is can no longer be kept ({error}): if it is stopped now, the next run begins anew."
            )),
            News::Trouble { path, trouble } => {
                state.line(&format!("{}: {}", shown(&path), sentence(&trouble)));
            }
        }
    }

    pub(super) fn end(&self, ending: &Ending) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tell_junk();
        state.clear();
        say(&summary(ending));
    }
}

impl State {
    fn line(&mut self, line: &str) {
        self.clear();
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    fn draw(&mut self, line: &str) {
        self.drawn = true;
        let mut out = io::stderr().lock();
        let _ = write!(out, "\r\x1b[2K{line}").and_then(|()| out.flush());
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }

    fn tell_junk(&mut self) {
        match std::mem::take(&mut self.junk) {
            0 => {}
            1 => self.line("left out: one file that a system keeps for itself (.DS_Store or the like)"),
            junk => self.line(&format!(
                "left out: {} files that systems keep for themselves (.DS_Store and the like)",
                plain::count(junk.into())
            )),
        }
    }
}

/// What would be done.
pub(super) fn plan(plan: &Plan) {
    for left in &plan.left_out {
        say(&format!("left out: {}: {}", shown(&left.path), why(&left.why)));
    }
    let (mut files, mut bytes, mut refused) = (0_u64, 0_u64, 0_u64);
    for (facts, refusal) in &plan.files {
        match refusal {
            None => {
                (files, bytes) = (files + 1, bytes + facts.size);
                say(&format!("{}\t{}", shown(&facts.path), plain::bytes(facts.size)));
            }
            Some(reason) => {
                refused += 1;
                say(&format!("refused: {}: {}", shown(&facts.path), plain::refusal(reason)));
            }
        }
    }
    let which = match &plan.batch {
        Some(batch) => format!("batch {batch}, which is not finished, goes on"),
        None => "a new batch".to_owned(),
    };
    say(&format!(
        "Would send {} files, {}, into {} ({which}); {} would be refused. Nothing was sent.",
        plain::count(files),
        plain::bytes(bytes),
        plan.project,
        plain::count(refused)
    ));
}

fn bar(snapshot: &Snapshot) -> String {
    let totals = &snapshot.totals;
    let done = (totals.sent_bytes.saturating_mul(BAR)).checked_div(totals.bytes).unwrap_or(BAR).min(BAR);
    let (done, rest) = ("#".repeat(done as usize), " ".repeat((BAR - done) as usize));
    format!("[{done}{rest}] {}", figures(snapshot))
}

fn figures(snapshot: &Snapshot) -> String {
    let totals = &snapshot.totals;
    let mut line = format!(
        "{}/{} files, {} of {}",
        plain::count(totals.stored.into()),
        plain::count(totals.files.saturating_sub(totals.cancelled).into()),
        plain::bytes(totals.sent_bytes),
        plain::bytes(totals.bytes)
    );
    match snapshot.phase {
        Phase::Waiting => line.push_str(", waiting for an answer"),
        Phase::Verifying => line.push_str(", verifying"),
        _ => {
            line.push_str(&format!(", {}/s", plain::bytes(snapshot.bytes_per_second)));
            if let Some(seconds) = snapshot.seconds_left {
                line.push_str(&format!(", {}", plain::duration(seconds)));
            }
        }
    }
    line
}

fn why(why: &Why) -> String {
    match why {
        Why::Junk => "a file that a system keeps for itself".to_owned(),
        Why::Link => "a symbolic link; these are not followed".to_owned(),
        Why::Special => "neither a file nor a folder".to_owned(),
        Why::Name => "its name is not text (UTF-8)".to_owned(),
        Why::SameName => "another file has the same name, written with other code points".to_owned(),
        Why::Unreadable(error) => format!("cannot be read: {error}"),
    }
}

fn sentence(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused(reason) => plain::refusal(reason),
        Trouble::Failed(FailureClass::FileChanged, _) | Trouble::Changed => {
            "It was changed after its batch began, and is not stored as it is now. It can go with the next batch."
                .to_owned()
        }
        Trouble::Failed(_, Some(error)) => format!("It cannot be read: {error}."),
        Trouble::Failed(class, None) => plain::failure(*class).to_owned(),
        Trouble::Gone => "It was announced by an earlier run, and is not in the folder any more.".to_owned(),
    }
}

fn summary(ending: &Ending) -> String {
    let totals = &ending.totals;
    let stored = format!(
        "{} of {} files are stored",
        plain::count(totals.stored.into()),
        plain::count(totals.files.into())
    );
    let again = "Run the same command again to go on";
    let mut text = match &ending.how {
        How::Nothing => "There is nothing to send.".to_owned(),
        How::Before => "Nothing is left to send: an earlier run has stored all of it.".to_owned(),
        How::Verified => format!("{stored}, and the server has seen them in the store."),
        How::Open => format!("{stored}. {again}, or close the batch without the rest by --give-up."),
        How::NoneTaken => "Not a single file was taken.".to_owned(),
        How::Incomplete => format!("{stored}, but not all of them were seen there. {again}."),
        How::Stopped => format!("Stopped: {stored}. {again}."),
        How::SignedOut => format!(
            "The server does not know the token (any more); {stored}. Put a good one into SLUICE_TOKEN (`sluice token create`). {again}."
        ),
        How::Broken(message) => format!("{message} {stored}."),
    };
    let mut add = |count: u64, what: &str| {
        if count > 0 {
            text.push_str(&format!(" {} {what}.", plain::count(count)));
        }
    };
    add(totals.skipped.into(), "there already");
    add(ending.replaced, "earlier copies deleted");
    add(ending.unreplaced, "earlier copies still there: the receipt says why");
    add(totals.refused.into(), "refused");
    add(totals.failed.into(), "failed");
    add(totals.absent.into(), "gone from the folder");
    add(ending.changed.into(), "changed after the batch began");
    add(ending.missed.into(), "left out that cannot be read");
    add(ending.unexpected as u64, "objects there that nobody announced");
    if let Some(batch) = &ending.batch {
        text.push_str(&format!(" Batch {batch}."));
    }
    text
}

/// A name may hold what moves the cursor.
fn shown(path: &str) -> String {
    path.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
