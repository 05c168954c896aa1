//! Files that the project holds already: the question what becomes of them, asked once beside what is being sent, and
//! what was answered.

use leptos::prelude::*;
use transfer::port::{Command, DuplicateChoice};

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
        (!engine.is_over()).then_some((u64::from(totals.same), u64::from(totals.skipped)))
    });
    let asked = Memo::new(move |_| counts.get().is_some_and(|(same, _)| same > 0));
    let told = move || counts.get().filter(|(same, skipped)| *same == 0 && *skipped > 0);
    view! {
        {part_if(move || asked.get().then(|| question(counts)))}
        {part_if(move || {
            told()
                .map(|(_, skipped)| {
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

fn question(counts: Memo<Option<(u64, u64)>>) -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let choose = move |choice| engine.command(Command::Duplicates { choice });
    let count = move || counts.get().map_or(0, |(same, _)| same);
    view! {
        <section class="question" data-testid="duplicates" aria-labelledby="duplicates-title">
            <h2 id="duplicates-title" class="question-title">
                {icon("photo")} <span>{text(move || (words().duplicates)(count()))}</span>
            </h2>
            <p class="quiet">{say(|w| w.duplicates_what)}</p>
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
            </div>
        </section>
    }
    .erase()
}
