//! Small parts that all pages share.

use leptos::prelude::*;
use transfer::wire::{BatchState, Problem, UnixMillis};

use crate::engine::Engine;
use crate::erase::{Erase, effect, text};
use crate::text::{figure, use_language, use_words};

/// An icon of the sprite; decoration only, so say the same in words.
pub(crate) fn icon(name: &'static str) -> AnyView {
    let href = format!("/icons.svg#{name}");
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=href />
        </svg>
    }
    .erase()
}

/// A problem, as the person sees it.
pub(crate) fn trouble(problem: Problem) -> AnyView {
    let words = use_words();
    view! {
        <div class="notice notice-bad" role="alert">
            {icon("alert")}
            <p>{text(move || (words().problem)(&problem))}</p>
        </div>
    }
    .erase()
}

/// Text that follows the language.
pub(crate) fn say(
    pick: fn(&'static crate::text::Words) -> &'static str,
) -> impl Fn() -> &'static str + Copy + Send {
    let words = use_words();
    move || pick(words())
}

/// The state of a batch, as a badge.
pub(crate) fn batch_badge(state: BatchState) -> AnyView {
    let (class, symbol) = match state {
        BatchState::Open => ("badge badge-open", "clock"),
        BatchState::Closed => ("badge badge-warn", "alert"),
        BatchState::Verified => ("badge badge-good", "check"),
    };
    let words = use_words();
    view! { <span class=class>{icon(symbol)} {text(move || (words().batch_state)(state))}</span> }.erase()
}

/// What a batch holds. Once it is verified nothing is lacking: what was skipped or taken out is no part of it.
pub(crate) fn batch_figures(state: BatchState, stored: u64, items: u64, bytes: u64) -> AnyView {
    let words = use_words();
    let of = (state != BatchState::Verified).then_some(items);
    let figures = text(move || (words().batch_figures)(stored, of, &figure::bytes(bytes)));
    view! { <span class="batch-figures">{figures}</span> }.erase()
}

/// An instant, on the clock of the machine that shows it; until that is known, in UTC.
pub(crate) fn instant(at: UnixMillis) -> AnyView {
    let language = use_language();
    let Hydrated(hydrated) = expect_context();
    let port = Engine::here().port();
    let shown = move || {
        let offset = port.filter(|_| hydrated.get()).map(|port| port.utc_offset(at));
        figure::instant(language.get(), at, offset)
    };
    view! { <time datetime=figure::iso(at)>{text(shown)}</time> }.erase()
}

/// Whether the page has come alive. False on the server and while hydrating, so that both draw the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hydrated(pub(crate) ReadSignal<bool>);

impl Hydrated {
    pub(crate) fn provide() {
        let (hydrated, set_hydrated) = signal(false);
        effect(move || set_hydrated.set(true));
        provide_context(Self(hydrated));
    }
}
