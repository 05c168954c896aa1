//! One cell of the pool: a picture, or a tile that says what there is instead.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::hall::{Hall, key};
use super::shelf::Card;
use crate::erase::{Erase, effect, flag, text, text_if};
use crate::gallery::{ImageCard, SMALL};
use crate::part::icon;
use crate::text::figure;

pub(super) fn cell(slot: u32, hall: Hall) -> AnyView {
    // As in the list of an upload: one effect looks, and all else follows what has changed.
    let place = RwSignal::new(None::<u64>);
    let card = RwSignal::new(None::<Card>);
    effect(move || {
        let now = hall.place(slot);
        if place.get_untracked() != now {
            place.set(now);
        }
        let now = now.and_then(|place| hall.shelf.at(place));
        // Whether it is the same one, not whether it says the same: that would be asked of every cell at every row.
        let same = card.with_untracked(|before| match (before, &now) {
            (Some(before), Some(now)) => Arc::ptr_eq(before, now),
            (before, now) => before.is_none() && now.is_none(),
        });
        if !same {
            card.set(now);
        }
    });
    let spot = text(move || {
        let (x, y) = hall.spot(place.get().unwrap_or_default());
        format!("translate({}px, {}px)", x as i64, y as i64)
    });
    let is_chosen = Memo::new(move |_| {
        card.with(|card| {
            card.as_ref().is_some_and(|card| hall.chosen.with(|all| all.contains_key(&key(card))))
        })
    });
    let label = text(move || {
        let said = |card: &ImageCard| format!("{}, {}", name(&card.path), figure::bytes(card.size));
        card.with(|card| card.as_deref().map(said).unwrap_or_default())
    });
    let path = text_if(move || card.with(|card| card.as_ref().map(|card| card.path.clone())));
    let clicked = move |event: MouseEvent| {
        let Some(at) = place.get_untracked() else { return };
        let choosing = hall.chosen.with_untracked(|chosen| !chosen.is_empty());
        if event.shift_key() {
            hall.active.set(at);
            hall.choose_to(at);
        } else if choosing || event.ctrl_key() || event.meta_key() {
            hall.toggle(at);
        } else {
            hall.active.set(at);
            hall.open.set(Some(at));
        }
    };
    let ticked = move |event: MouseEvent| {
        let Some(at) = place.get_untracked() else { return };
        if event.shift_key() {
            hall.active.set(at);
            hall.choose_to(at);
        } else {
            hall.toggle(at);
        }
    };
    view! {
        <div
            class="cell"
            id=format!("image-{slot}")
            role="option"
            data-testid="image"
            aria-label=label
            aria-selected=text(move || is_chosen.get().to_string())
            aria-setsize=text(move || hall.shelf.total.get().unwrap_or_default().to_string())
            aria-posinset=text_if(move || place.get().map(|place| (place + 1).to_string()))
            class:is-active=flag(move || place.get() == Some(hall.active.get()))
            hidden=flag(move || place.get().is_none())
            title=path
            style:transform=spot
        >
            <div class="cell-face" on:click=clicked>
                {picture(card)}
            </div>
            <span class="cell-tick" data-testid="image-tick" aria-hidden="true" on:click=ticked>
                {icon("check")}
            </span>
        </div>
    }
    .erase()
}

/// The picture; below it, and so in its place until it came, the tile.
fn picture(card: RwSignal<Option<Card>>) -> AnyView {
    // A thumbnail that is not there: the browser was closed before it made all.
    let missing = RwSignal::new(None::<String>);
    let source = Memo::new(move |_| {
        card.with(|card| {
            let card = card.as_ref()?;
            card.thumbnail
                .clone()
                .filter(|thumbnail| missing.get().as_ref() != Some(thumbnail))
                .or_else(|| small(card))
        })
    });
    let drawn = RwSignal::new(None::<String>);
    let kind = text_if(move || card.with(|card| card.as_deref().map(kind)));
    let named = text_if(move || card.with(|card| card.as_ref().map(|card| name(&card.path).to_owned())));
    view! {
        <span class="cell-tile">
            {icon("photo")} <span class="cell-kind">{kind}</span> <span class="cell-name">{named}</span>
        </span>
        // A recycled cell shows nothing of the image before.
        <img
            class="cell-picture"
            alt=""
            decoding="async"
            draggable="false"
            src=text_if(move || source.get())
            class:is-there=flag(move || drawn.with(|drawn| drawn.is_some() && *drawn == source.get()))
            on:load=move |_| drawn.set(source.get_untracked())
            on:error=move |_| missing.set(source.get_untracked())
        />
    }
    .erase()
}

/// What is small enough for a grid.
fn small(card: &ImageCard) -> Option<String> {
    card.original.clone().filter(|_| card.size <= SMALL)
}

/// What follows the last slash of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The type in a word, as people know it: the end of the name, or else of the media type.
pub(super) fn kind(card: &ImageCard) -> String {
    let end = name(&card.path).rsplit_once('.').map(|(_, end)| end).filter(|end| end.len() <= 5);
    end.or_else(|| card.media_type.rsplit('/').next()).unwrap_or_default().to_uppercase()
}
