//! What was refused, and why.

use leptos::prelude::*;

use crate::engine::{Engine, RefusalGroup};
use crate::erase::{Erase, text};
use crate::part::say;
use crate::text::{figure, use_words};

/// Paths that are listed of one reason; the count tells the rest.
const SHOWN: usize = 300;

/// When nothing can be sent.
pub(super) fn review() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let refused = engine.intake.with_value(|intake| intake.refused().len() as u64);
    view! {
        <section class="card review" data-testid="review" aria-labelledby="review-title">
            <h1 id="review-title" class="step-title">{text(move || (words().refused_title)(refused))}</h1>
            <p class="quiet">{text(move || words().refused_all)}</p>
            {reasons()}
            <div class="actions">
                <button
                    class="button button-primary"
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

/// The files that were refused, by reason.
pub(super) fn reasons() -> AnyView {
    let groups = Engine::here().intake.with_value(crate::engine::Intake::refusal_groups);
    view! { <ul class="reasons">{groups.into_iter().map(reason).collect_view()}</ul> }.erase()
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
