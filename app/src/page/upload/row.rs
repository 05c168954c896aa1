//! One row of the pool: thumbnail, name, size, state, and the button that fits the state.

use leptos::html::Canvas;
use leptos::prelude::*;
use transfer::port::{Command, RowState};
use transfer::wire::ItemIndex;

use super::list::{Shown, Window, pixels};
use crate::engine::Engine;
use crate::erase::{Erase, effect, flag, number, text, text_if};
use crate::text::{figure, use_words};

/// What the button of a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Cancel,
    Retry,
}

pub(super) fn row(slot: u32, window: Window) -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    // One effect looks at each snapshot, and all else follows what has changed: were these memos, every snapshot would
    // wake everything that hangs on them in every row.
    let place = RwSignal::new(None);
    let shown = RwSignal::new(None::<Shown>);
    effect(move || {
        let now = window.place(slot);
        if place.get_untracked() != now {
            place.set(now);
        }
        let now = now.and_then(|place| window.at(place));
        if shown.with_untracked(|before| *before != now) {
            shown.set(now);
        }
    });
    let item = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.item)));
    let top = text(move || {
        let top = f64::from(place.get().unwrap_or_default()) * window.height.get();
        format!("translateY({})", pixels(top))
    });

    // Name, folder and size change only with the item.
    let facts = Memo::new(move |_| {
        item.get().and_then(|item| {
            engine.with_facts(item, |facts| {
                let (folder, name) = facts.path.rsplit_once('/').unwrap_or(("", facts.path.as_str()));
                (name.to_owned(), folder.to_owned(), facts.size)
            })
        })
    });
    let name = move || text_if(move || facts.with(|facts| facts.as_ref().map(|facts| facts.0.clone())));
    let folder = text_if(move || facts.with(|facts| facts.as_ref().map(|facts| facts.1.clone())));
    let size = text_if(move || facts.with(|facts| facts.as_ref().map(|facts| figure::bytes(facts.2))));

    // What waits can be told to go first, with all that is in its folder.
    let waits = Memo::new(move |_| {
        let waiting = |shown: &Shown| matches!(shown.state, Some(RowState::Waiting));
        shown.with(|shown| shown.as_ref().is_some_and(waiting))
            && facts.with(|facts| facts.as_ref().is_some_and(|facts| !facts.1.is_empty()))
    });
    let first = move |_| {
        if let Some(folder) = facts.with_untracked(|facts| facts.as_ref().map(|facts| facts.1.clone())) {
            engine.command(Command::First { folder });
        }
    };

    view! {
        <div
            class="row"
            role="listitem"
            data-testid="row"
            data-item=text_if(move || item.get().map(|item| item.0.to_string()))
            aria-setsize=text(move || window.len.get().to_string())
            aria-posinset=text_if(move || place.get().map(|place| (place + 1).to_string()))
            hidden=flag(move || shown.with(Option::is_none))
            style:transform=top
        >
            {thumbnail(slot, item)}
            <div class="row-file">
                <span class="row-name" title=name()>{name()}</span>
                <button
                    class="row-folder"
                    type="button"
                    title=text(move || words().folder_first)
                    disabled=flag(move || !waits.get())
                    on:click=first
                >
                    {folder}
                </button>
            </div>
            <span class="row-size">{size}</span>
            {state(shown, facts)}
            {hold_button(shown, item)}
            {button(shown, item)}
        </div>
    }
    .erase()
}

fn thumbnail(slot: u32, item: Memo<Option<ItemIndex>>) -> AnyView {
    let engine = Engine::here();
    let node = NodeRef::<Canvas>::new();
    effect(move || {
        if let (Some(canvas), Some(port)) = (node.get(), engine.port()) {
            port.draw(slot, item.get(), canvas);
        }
    });
    view! { <canvas class="row-thumb" width="80" height="80" aria-hidden="true" node_ref=node></canvas> }
        .erase()
}

fn state(shown: RwSignal<Option<Shown>>, facts: Memo<Option<(String, String, u64)>>) -> AnyView {
    let words = use_words();
    let state = Memo::new(move |_| shown.with(|shown| shown.as_ref().and_then(|shown| shown.state.clone())));
    let face = Memo::new(move |_| state.with(|state| state.as_ref().map_or(("unknown", "clock"), face)));
    let says =
        move || text_if(move || state.with(|state| state.as_ref().map(|state| (words().row_state)(state))));
    let sent = move || {
        state.with(|state| match state {
            Some(RowState::Sending { sent }) => Some(*sent),
            _ => None,
        })
    };
    let size = text(move || facts.with(|facts| facts.as_ref().map_or(1, |facts| facts.2.max(1))).to_string());
    let href = text(move || format!("/icons.svg#{}", face.get().1));
    view! {
        <span class="row-state" data-testid="row-state" data-state=text(move || face.get().0)>
            <svg class="icon" aria-hidden="true" focusable="false">
                <use href=href />
            </svg>
            <span class="row-words" title=says()>
                {says()}
            </span>
            <progress
                class="row-meter"
                max=size
                prop:value=number(move || sent().unwrap_or_default() as f64)
                hidden=flag(move || sent().is_none())
                aria-hidden="true"
            ></progress>
        </span>
    }
    .erase()
}

/// The state for tests and styles, and its icon.
fn face(state: &RowState) -> (&'static str, &'static str) {
    match state {
        RowState::Waiting => ("waiting", "clock"),
        RowState::Held => ("held", "pause"),
        RowState::Absent => ("absent", "folder"),
        RowState::Sending { .. } => ("sending", "upload"),
        RowState::Retrying { .. } => ("retrying", "retry"),
        RowState::Comparing => ("comparing", "clock"),
        RowState::Same => ("same", "photo"),
        RowState::Skipped => ("skipped", "check"),
        RowState::Stored => ("stored", "check"),
        RowState::Failed { .. } => ("failed", "alert"),
        RowState::Refused { .. } => ("refused", "alert"),
        RowState::Cancelled => ("cancelled", "cancel"),
    }
}

/// Holds a file back, or lets it go on.
fn hold_button(shown: RwSignal<Option<Shown>>, item: Memo<Option<ItemIndex>>) -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let held = Memo::new(move |_| {
        shown.with(|shown| match shown.as_ref().and_then(|shown| shown.state.as_ref()) {
            Some(RowState::Held) => Some(true),
            Some(
                RowState::Waiting
                | RowState::Comparing
                | RowState::Sending { .. }
                | RowState::Retrying { .. },
            ) => Some(false),
            _ => None,
        })
    });
    let label = text(move || {
        let name = item.get().and_then(|item| engine.with_facts(item, |facts| facts.path.clone()));
        let verb = if held.get() == Some(true) { words().release } else { words().hold };
        format!("{verb}: {}", name.unwrap_or_default())
    });
    let clicked = move |_| match (held.get_untracked(), item.get_untracked()) {
        (Some(true), Some(item)) => engine.command(Command::Release { item }),
        (Some(false), Some(item)) => engine.command(Command::Hold { item }),
        _ => {}
    };
    let href = text(move || match held.get() {
        Some(true) => "/icons.svg#play",
        _ => "/icons.svg#pause",
    });
    let none = flag(move || held.get().is_none());
    icon_button("row-button row-hold", "row-hold", label, href, none, clicked)
}

fn button(shown: RwSignal<Option<Shown>>, item: Memo<Option<ItemIndex>>) -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let act = Memo::new(move |_| {
        shown.with(|shown| match shown.as_ref().and_then(|shown| shown.state.as_ref()) {
            Some(
                RowState::Waiting
                | RowState::Held
                | RowState::Absent
                | RowState::Comparing
                | RowState::Same
                | RowState::Sending { .. }
                | RowState::Retrying { .. },
            ) => Some(Act::Cancel),
            Some(RowState::Failed { .. }) => Some(Act::Retry),
            _ => None,
        })
    });
    let label = text(move || {
        let name = item.get().and_then(|item| engine.with_facts(item, |facts| facts.path.clone()));
        let verb = if act.get() == Some(Act::Retry) { words().retry } else { words().cancel };
        format!("{verb}: {}", name.unwrap_or_default())
    });
    let clicked = move |_| match (act.get_untracked(), item.get_untracked()) {
        (Some(Act::Cancel), Some(item)) => engine.command(Command::Cancel { item }),
        (Some(Act::Retry), Some(item)) => engine.command(Command::Retry { item }),
        _ => {}
    };
    let href = text(move || match act.get() {
        Some(Act::Retry) => "/icons.svg#retry",
        _ => "/icons.svg#cancel",
    });
    let none = flag(move || act.get().is_none());
    icon_button("row-button", "row-button", label, href, none, clicked)
}

/// A button with a symbol for its face, and words for those who do not see it.
fn icon_button(
    class: &'static str,
    testid: &'static str,
    label: Box<dyn FnMut() -> String + Send>,
    href: Box<dyn FnMut() -> String + Send>,
    disabled: Box<dyn FnMut() -> bool + Send>,
    clicked: impl Fn(leptos::ev::MouseEvent) + 'static,
) -> AnyView {
    view! {
        <button class=class type="button" data-testid=testid aria-label=label disabled=disabled on:click=clicked>
            <svg class="icon" aria-hidden="true" focusable="false">
                <use href=href />
            </svg>
        </button>
    }
    .erase()
}
