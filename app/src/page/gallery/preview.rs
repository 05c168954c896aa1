//! One image, as large as the window: arrow keys lead to its neighbours.

use leptos::ev::KeyboardEvent;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::cell::{kind, name};
use super::chosen::save;
use super::hall::Hall;
use crate::erase::{Erase, effect, flag, part_if, text, text_if};
use crate::form::{Pick, button};
use crate::part::{icon, say};
use crate::text::figure;

pub(super) fn preview(hall: Hall) -> AnyView {
    let node = NodeRef::<Dialog>::new();
    let open = hall.open;
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match open.get() {
            Some(place) => {
                // The grid goes along: what is around it is asked for, and the keyboard is there when this is closed.
                hall.go(place);
                if !dialog.open() {
                    let _ = dialog.show_modal();
                }
            }
            None if dialog.open() => dialog.close(),
            None => {}
        }
    });
    let card = Memo::new(move |_| open.get().and_then(|place| hall.shelf.at(place)));
    let last = move || hall.shelf.total.get_untracked().unwrap_or_default().saturating_sub(1);
    let step = move |forward: bool| {
        let Some(at) = open.get_untracked() else { return };
        open.set(Some(if forward { (at + 1).min(last()) } else { at.saturating_sub(1) }));
    };
    let pressed = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowRight" => step(true),
            "ArrowLeft" => step(false),
            "Home" => open.set(Some(0)),
            "End" => open.set(Some(last())),
            _ => return,
        }
        event.prevent_default();
    };
    let path =
        text(move || card.with(|card| card.as_ref().map(|card| card.path.clone()).unwrap_or_default()));
    let facts = text(move || {
        card.with(|card| {
            card.as_ref()
                .map(|card| format!("{} · {}", kind(card), figure::bytes(card.size)))
                .unwrap_or_default()
        })
    });
    let download = move || {
        if let Some(card) = card.get_untracked() {
            save(hall.shelf, vec![card]);
        }
    };
    let doom = move || {
        if let Some(card) = card.get_untracked() {
            hall.doomed.set(vec![card]);
        }
    };
    view! {
        <dialog
            class="preview"
            data-testid="preview"
            node_ref=node
            aria-labelledby="preview-name"
            on:close=move |_| open.set(None)
            on:keydown=pressed
        >
            <div class="preview-head">
                <div class="preview-what">
                    <h2 id="preview-name">{path}</h2>
                    <p class="small">{facts}</p>
                </div>
                <div class="actions">
                    {button(|w| w.gallery.download, "button button-small", hall.busy, Box::new(download))}
                    {part_if(move || {
                        hall.shelf
                            .may_delete
                            .get()
                            .then(|| {
                                button(|w| w.gallery.delete, "button button-small button-bad", hall.busy, Box::new(doom))
                            })
                    })}
                    {symbol(|w| w.gallery.close, "cancel", "preview-close", Box::new(move || open.set(None)))}
                </div>
            </div>
            <div class="preview-room">
                {symbol(|w| w.gallery.previous, "previous", "preview-step", Box::new(move || step(false)))}
                {part_if(move || open.get().map(|_| picture(hall)))}
                {symbol(|w| w.gallery.next, "next", "preview-step", Box::new(move || step(true)))}
            </div>
        </dialog>
    }
    .erase()
}

fn picture(hall: Hall) -> AnyView {
    let card = move || hall.open.get().and_then(|place| hall.shelf.at(place));
    let source = Memo::new(move |_| card().and_then(|card| card.original.clone()));
    let label = text(move || card().map(|card| name(&card.path).to_owned()).unwrap_or_default());
    let none = move || source.get().is_none();
    view! {
        <div class="preview-picture">
            <img src=text_if(move || source.get()) alt=label hidden=flag(none) />
            <p class="preview-none" hidden=flag(move || !none())>
                {icon("photo")}
                {say(|w| w.gallery.no_preview)}
            </p>
        </div>
    }
    .erase()
}

/// A button with a symbol for its face, and words for those who do not see it.
fn symbol(label: Pick, symbol: &'static str, class: &'static str, run: Box<dyn Fn()>) -> AnyView {
    view! {
        <button class=class type="button" aria-label=say(label) on:click=move |_| run()>
            {icon(symbol)}
        </button>
    }
    .erase()
}
