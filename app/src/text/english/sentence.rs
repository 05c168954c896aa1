//! Sentences for every state, reason and problem, with what to do.

use transfer::port::{FailureClass, Phase, RowState, Snapshot};
use transfer::wire::{BatchState, Problem, ProblemCode, Refusal};

use crate::entrance::SsoProblem;
use crate::text::Language;
use crate::text::figure::{bytes, count, duration};

/// The server's own sentence, which is written for the case.
pub(super) fn problem(problem: &Problem) -> String {
    problem.detail.clone()
}

pub(super) fn entry_problem(problem: &Problem) -> String {
    match problem.code {
        ProblemCode::SignedOut => {
            "That name and password do not belong together. Check them and try again.".to_owned()
        }
        _ => problem.detail.clone(),
    }
}

pub(super) fn sso_problem(problem: SsoProblem) -> &'static str {
    match problem {
        SsoProblem::Over => "That sign-in took too long, or was begun in another window. Please try again.",
        SsoProblem::Cancelled => "You did not sign in. Try again when you like.",
        SsoProblem::Refused => "Your account may not come in here. Ask an admin of this site to let you in.",
        SsoProblem::Link => "This link was used already or has expired. Ask for a new one.",
        SsoProblem::TooOften => "That was too often. Wait a moment, then try again.",
        SsoProblem::Failed => {
            "Signing in did not work this time. Try again in a moment; if it goes on, tell an admin of this site."
        }
    }
}

pub(super) fn refusal(reason: &Refusal) -> String {
    match reason {
        Refusal::Type { .. } => "Not a kind of file that this project takes.".to_owned(),
        Refusal::Empty => {
            "Empty: no bytes in it. Perhaps it is still being copied from the camera.".to_owned()
        }
        Refusal::TooSmall { min } => {
            format!("Smaller than {}, the least that this project takes.", bytes(*min))
        }
        Refusal::TooLarge { max } => {
            format!("Larger than {}, the most that this project takes.", bytes(*max))
        }
        Refusal::TooMany { max } => {
            format!("More than {} files at a time. Send these with the next batch.", count(u64::from(*max)))
        }
        Refusal::PathTooLong { .. } => {
            "The path is too long for the store. Shorten the folder names.".to_owned()
        }
        Refusal::PathUnsafe => "The path has a part that no store can keep. Rename the file.".to_owned(),
        Refusal::Duplicate => "Already in this batch, with the same path.".to_owned(),
        Refusal::Junk => "A file that the system keeps for itself. Nobody will miss it.".to_owned(),
        Refusal::OverDailyQuota => {
            "What may be sent in a day was reached. Add it again tomorrow, or ask an admin for more."
                .to_owned()
        }
        Refusal::OverQuota => {
            "There is no room left for it here. Ask whoever invited you for more.".to_owned()
        }
    }
}

pub(super) fn failure(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Network => "The connection broke. Check the network, then try again.",
        FailureClass::Throttled => "The store asked to slow down. Try again in a few minutes.",
        FailureClass::Store => "The store had a fault of its own. Try again in a few minutes.",
        FailureClass::Expired => "The permission to upload had ended. Try again to get a new one.",
        FailureClass::Skewed => "This machine's clock is wrong. Set its date and time, then try again.",
        FailureClass::Denied => "The store refused. Ask your admin to check the project's permissions.",
        FailureClass::Conflict => "Something with that name is in the store already. Try it in a new batch.",
        FailureClass::Corrupted => "It arrived damaged and was not kept. Try again.",
        FailureClass::TooLarge => "It is larger than the store takes.",
        FailureClass::FileChanged => "The file was changed after you added it. Add it again.",
        FailureClass::FileGone => {
            "The file cannot be read any more: moved, renamed, or on a card that was taken out."
        }
        FailureClass::Stalled => "Nothing moved for a long time. Check the network, then try again.",
        FailureClass::Rejected => "The store did not take it. Try again; if it stays, tell your admin.",
    }
}

pub(super) fn phase_title(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "Getting ready.",
        Phase::Sending => "Sending.",
        Phase::Paused => "Paused.",
        Phase::SignedOut => "Waiting for you.",
        Phase::Waiting => "Waiting for the network.",
        Phase::NeedsFiles => "Interrupted.",
        Phase::Asking => "One question left.",
        Phase::Verifying => "Checking.",
        Phase::Done { .. } => "Done.",
        Phase::Broken { .. } => "Stopped.",
    }
}

pub(super) fn phase_next(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "The first photos leave in a moment.",
        Phase::Sending => "Keep this tab open; you can use other pages and other tabs meanwhile.",
        Phase::Paused => "Nothing leaves this machine until you go on.",
        Phase::SignedOut => "Your session has ended. Sign in again and it goes on.",
        Phase::Waiting => "It goes on by itself as soon as there is an answer. Nothing is lost.",
        Phase::NeedsFiles => {
            "What is in the bucket stays there. Drop the same folder again, or choose it, and the rest goes on."
        }
        Phase::Asking => "All else is done. Say below what becomes of the files that are there already.",
        Phase::Verifying => "All are sent. The server compares the bucket with what was announced.",
        Phase::Done { .. } | Phase::Broken { .. } => "",
    }
}

pub(super) fn row_state(state: &RowState) -> String {
    match state {
        RowState::Waiting => "Waiting".to_owned(),
        RowState::Held => "Held back".to_owned(),
        RowState::Absent => "Waiting for its file".to_owned(),
        RowState::Sending { .. } => "Sending".to_owned(),
        RowState::Retrying { class } => format!("Trying again. {}", short(*class)),
        RowState::Comparing => "Comparing".to_owned(),
        RowState::Same => "In the project already".to_owned(),
        RowState::Skipped => "Already there".to_owned(),
        RowState::Stored => "In the bucket".to_owned(),
        RowState::Failed { class } => failure(*class).to_owned(),
        RowState::Refused { reason } => refusal(reason),
        RowState::Cancelled => "Taken out".to_owned(),
    }
}

/// The cause alone: it is tried again without anybody doing anything.
fn short(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Network => "The connection broke.",
        FailureClass::Throttled => "The store is busy.",
        FailureClass::Store => "The store had a fault.",
        FailureClass::Expired => "Getting a new permission.",
        FailureClass::Skewed => "The clocks disagreed.",
        FailureClass::Denied | FailureClass::Rejected => "The store refused.",
        FailureClass::Conflict => "The name was taken.",
        FailureClass::Corrupted => "It arrived damaged.",
        FailureClass::TooLarge => "Too large.",
        FailureClass::FileChanged => "The file changed.",
        FailureClass::FileGone => "The file could not be read.",
        FailureClass::Stalled => "Nothing moved.",
    }
}

pub(super) fn announcement(snapshot: &Snapshot) -> String {
    let totals = &snapshot.totals;
    let mut sentence = format!(
        "{} {} of {} photos are in the bucket.",
        phase_title(&snapshot.phase),
        count(totals.stored.into()),
        count(totals.wanted().into())
    );
    if totals.same + totals.skipped > 0 {
        let there = count((totals.same + totals.skipped).into());
        sentence.push_str(&format!(" {there} are in the project already."));
    }
    let trouble = totals.failed + totals.refused;
    if trouble > 0 {
        sentence.push_str(&format!(" {} have trouble.", count(trouble.into())));
    }
    if let (Phase::Sending, Some(seconds)) = (&snapshot.phase, snapshot.seconds_left) {
        sentence.push_str(&format!(" About {} left.", duration(Language::English, seconds)));
    }
    sentence
}

pub(super) fn batch_state(state: BatchState) -> &'static str {
    match state {
        BatchState::Open => "Open",
        BatchState::Closed => "Incomplete",
        BatchState::Verified => "Verified",
    }
}
