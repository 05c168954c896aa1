//! What became of the batch, when it is over.

use leptos::prelude::*;
use transfer::port::{FailureClass, Filter, Phase, RowState, Snapshot};
use transfer::wire::{BatchState, CloseAnswer};

use crate::engine::Engine;
use crate::erase::{Erase, part_if, text};
use crate::part::{icon, say};
use crate::text::{figure, use_language, use_words};

pub(super) fn summary() -> AnyView {
    let engine = Engine::here();
    let (phase, totals) =
        engine.snapshot.with_untracked(|snapshot| (snapshot.phase.clone(), snapshot.totals));
    if totals.failed + totals.refused > 0 {
        // The list then shows what failed, and asks for enough of it to count the causes.
        engine.filter.set(Filter::Trouble);
    }
    let content = match phase {
        Phase::Broken { message } => broken(message),
        Phase::Done { answer } => done(answer.as_ref()),
        _ => ().erase(),
    };
    view! { <div class="summary" data-testid="summary">{content} {causes()}</div> }.erase()
}

fn done(answer: Option<&CloseAnswer>) -> AnyView {
    let engine = Engine::here();
    let language = use_language();
    let words = use_words();
    let totals = engine.snapshot.with_untracked(|snapshot| snapshot.totals);
    let verified = answer.is_some_and(|answer| answer.state == BatchState::Verified);
    let stored = answer.map_or(u64::from(totals.stored), |answer| answer.stored);
    let bytes = answer.map_or(totals.sent_bytes, |answer| answer.bytes);
    let (replaced, unreplaced) = answer.map_or((0, 0), |answer| (answer.replaced, answer.unreplaced));
    let lost = u64::from(totals.failed + totals.refused);
    let there = u64::from(totals.skipped);
    let undecided = answer.is_none() && totals.failed > 0;
    let beyond =
        answer.is_some_and(|answer| answer.state == BatchState::Closed && !answer.unexpected.is_empty());
    let wrong = answer.map_or(0, |answer| (answer.missing.len() + answer.differing.len()) as u64);
    let (class, symbol) = match (stored + lost + there, verified && lost == 0) {
        (0, _) => ("summary-head", "cancel"),
        (_, true) => ("summary-head is-good", "check"),
        (_, false) => ("summary-head is-warn", "alert"),
    };
    let title = move || match (stored, lost) {
        (0, 0) if there > 0 => (words().summary_there)(there),
        (0, 0) => words().summary_nothing.to_owned(),
        (_, 0) if there > 0 => (words().summary_skipped)(stored, there),
        (_, 0) => (words().summary_all)(stored),
        _ => (words().summary_some)(stored, lost),
    };
    let sentence = move || {
        let took = engine.elapsed.get().map(|seconds| figure::duration(language.get(), seconds));
        let size = figure::bytes(bytes);
        match (stored, verified, wrong) {
            _ if undecided => words().summary_undecided.to_owned(),
            (0, true, _) if there > 0 => words().summary_there_what.to_owned(),
            (0, ..) => words().summary_nothing_what.to_owned(),
            (_, true, _) => (words().summary_verified)(&size, took.as_deref()),
            (_, false, 0) if beyond => words().summary_beyond.to_owned(),
            (_, false, 0) => words().summary_unverified.to_owned(),
            (_, false, wrong) => (words().summary_wrong)(wrong),
        }
    };
    view! {
        <div class=class>
            <span class="summary-mark">{icon(symbol)}</span>
            <div>
                <h1>{text(title)}</h1>
                <p>{text(sentence)}</p>
                {(replaced + unreplaced > 0)
                    .then(|| {
                        view! {
                            <p class="quiet" data-testid="replaced">
                                {text(move || (words().summary_replaced)(replaced, unreplaced))}
                            </p>
                        }
                    })}
                {(there > 0 && lost > 0)
                    .then(|| view! { <p class="quiet">{text(move || (words().duplicates_skipped)(there))}</p> })}
            </div>
        </div>
    }
    .erase()
}

fn broken(message: String) -> AnyView {
    view! {
        <div class="summary-head is-bad">
            <span class="summary-mark">{icon("alert")}</span>
            <div>
                <h1>{say(|w| w.phase_broken)}</h1>
                <p>{message}</p>
            </div>
        </div>
    }
    .erase()
}

/// What failed, by cause, with what to do.
fn causes() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    // Once counted, the counts stay while the person looks at other rows.
    let counted = Memo::new(move |before: Option<&Vec<(Cause, u64)>>| {
        let fresh = engine.snapshot.with(count);
        let known: u64 = before.map_or(0, |before| before.iter().map(|(_, count)| count).sum());
        let expected =
            engine.snapshot.with(|snapshot| u64::from(snapshot.totals.failed + snapshot.totals.refused));
        let found: u64 = fresh.iter().map(|(_, count)| count).sum();
        match before {
            Some(before) if known <= expected && found < known => before.clone(),
            _ => fresh,
        }
    });
    let line = move |(cause, count): (Cause, u64)| {
        let sentence = move || match &cause {
            Cause::Failed(class) => (words().failure)(*class).to_owned(),
            Cause::Refused(reason) => (words().refusal)(reason),
        };
        view! {
            <li class="cause">
                <span class="reason-count">{figure::count(count)}</span>
                <span>{text(sentence)}</span>
            </li>
        }
        .erase()
    };
    view! {
        {part_if(move || {
            let counted = counted.get();
            (!counted.is_empty())
                .then(|| view! { <ul class="causes">{counted.into_iter().map(line).collect_view()}</ul> }.erase())
        })}
    }
    .erase()
}

/// Why an item is not in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    Failed(FailureClass),
    Refused(transfer::wire::Refusal),
}

impl Cause {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Failed(one), Self::Failed(other)) => one == other,
            (Self::Refused(one), Self::Refused(other)) => {
                std::mem::discriminant(one) == std::mem::discriminant(other)
            }
            _ => false,
        }
    }
}

fn count(snapshot: &Snapshot) -> Vec<(Cause, u64)> {
    let mut counts: Vec<(Cause, u64)> = Vec::new();
    for row in &snapshot.rows {
        let cause = match &row.state {
            RowState::Failed { class } => Cause::Failed(*class),
            RowState::Refused { reason } => Cause::Refused(reason.clone()),
            _ => continue,
        };
        match counts.iter_mut().find(|(known, _)| known.is_like(&cause)) {
            Some((_, count)) => *count += 1,
            None => counts.push((cause, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
