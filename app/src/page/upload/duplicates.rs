//! Files that the project holds already: the question what becomes of them, asked once beside what is being sent, and
//! what was answered.

use leptos::prelude::*;
use transfer::port::{Command, DuplicateChoice, Totals};

use super::controls::button;
use crate::engine::Engine;
use crate::erase::{Erase, part_if, text};
use crate::part::{icon, say};
use crate::text::use_words;

pub(super) fn duplicates() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    // The summary tells it when it is over.
    let counts = Memo::new(move |_| {
        let totals = engine.snapshot.with(|snapshot| snapshot.totals);
        let Totals { same, replaceable, skipped, .. } = totals;
        (!engine.is_over()).then_some([same, replaceable, skipped].map(u64::from))
    });
    let asked = Memo::new(move |_| counts.get().is_some_and(|[same, ..]| same > 0));
    let told = move || counts.get().filter(|[same, _, skipped]| *same == 0 && *skipped > 0);
    view! {
        {part_if(move || asked.get().then(|| question(counts)))}
        {part_if(move || {
            told()
                .map(|[.., skipped]| {
                    view! {
                        <p class="quiet small" data-testid="skipped">
                            {text(move || (words().duplicates_skipped)(skipped))}
                        </p>
                    }
                        .erase()
                })
        })}
    }
    .erase()
}

/// Of the counts: what the project holds, what of that may be replaced, and what was skipped.
fn question(counts: Memo<Option<[u64; 3]>>) -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let choose = move |choice| engine.command(Command::Duplicates { choice });
    let count = move || counts.get().map_or(0, |[same, ..]| same);
    let replaceable = move || counts.get().map_or(0, |[_, replaceable, _]| replaceable);
    let may_replace = Memo::new(move |_| replaceable() > 0);
    view! {
        <section class="question" data-testid="duplicates" aria-labelledby="duplicates-title">
            <h2 id="duplicates-title" class="question-title">
                {icon("photo")} <span>{text(move || (words().duplicates)(count()))}</span>
            </h2>
            <p class="quiet">{say(|w| w.duplicates_what)}</p>
            {part_if(move || {
                may_replace
                    .get()
                    .then(|| {
                        view! { <p class="quiet">{text(move || (words().replace_what)(replaceable(), count()))}</p> }
                            .erase()
                    })
            })}
            <div class="actions">
                {button(
                    "button button-primary",
                    "skip-duplicates",
                    "check",
                    |w| w.skip_duplicates,
                    move || choose(DuplicateChoice::Skip),
                )}
                {button(
                    "button",
                    "send-duplicates",
                    "upload",
                    |w| w.send_duplicates,
                    move || choose(DuplicateChoice::SendAgain),
                )}
                {part_if(move || {
                    may_replace
                        .get()
                        .then(|| {
                            button(
                                "button",
                                "replace-duplicates",
                                "retry",
                                |w| w.replace_duplicates,
                                move || choose(DuplicateChoice::Replace),
                            )
                        })
                })}
            </div>
        </section>
    }
    .erase()
}
