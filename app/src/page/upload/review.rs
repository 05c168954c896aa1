//! What was refused, and why, before anything is sent.

use leptos::prelude::*;

use crate::engine::{Engine, RefusalGroup};
use crate::erase::{Erase, text};
use crate::part::{icon, say};
use crate::text::{figure, use_words};

/// Paths that are listed of one reason; the count tells the rest.
const SHOWN: usize = 300;

pub(super) fn review() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let (pending, groups) =
        engine.intake.with_value(|intake| (intake.pending() as u64, intake.refusal_groups()));
    let refused: u64 = groups.iter().map(|group| group.paths.len() as u64).sum();
    let go = move |_| {
        engine.intake.update_value(crate::engine::Intake::clear_refused);
        engine.begin();
    };
    let can_go = pending > 0;
    view! {
        <section class="card review" data-testid="review" aria-labelledby="review-title">
            <h1 id="review-title" class="step-title">{text(move || (words().refused_title)(refused, refused + pending))}</h1>
            <p class="quiet">{text(move || if can_go { words().refused_some } else { words().refused_all })}</p>
            <ul class="reasons">{groups.into_iter().map(reason).collect_view()}</ul>
            <div class="actions">
                {can_go
                    .then(|| {
                        view! {
                            <button
                                class="button button-primary"
                                type="button"
                                data-testid="start-anyway"
                                on:click=go
                            >
                                {icon("upload")}
                                {text(move || (words().upload_others)(pending))}
                            </button>
                        }
                    })}
                <button
                    class="button"
                    type="button"
                    data-testid="start-over"
                    on:click=move |_| engine.start_over()
                >
                    {say(|w| w.start_over)}
                </button>
            </div>
        </section>
    }
    .erase()
}

fn reason(group: RefusalGroup) -> AnyView {
    let words = use_words();
    let count = group.paths.len();
    let left_out = count.saturating_sub(SHOWN) as u64;
    let reason = group.reason;
    view! {
        <li class="reason">
            <details>
                <summary>
                    <span class="reason-count">{figure::count(count as u64)}</span>
                    <span>{text(move || (words().refusal)(&reason))}</span>
                </summary>
                <ul class="paths">
                    {group.paths.into_iter().take(SHOWN).map(|path| view! { <li>{path}</li> }).collect_view()}
                </ul>
                {(left_out > 0).then(|| view! { <p class="quiet">{text(move || (words().and_more)(left_out))}</p> })}
            </details>
        </li>
    }
    .erase()
}
