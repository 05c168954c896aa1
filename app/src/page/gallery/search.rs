//! Looking for images by a part of their path.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::shelf::Shelf;
use crate::address::keeper;
use crate::erase::{Erase, part_if, text};
use crate::form::Entered;
use crate::gallery::Beyond;
use crate::part::{icon, say};
use crate::text::use_words;

/// The field, and the button that sends it. Emptied, it shows all at once.
pub(super) fn search(shelf: Shelf) -> AnyView {
    let (for_all, keep) = (keeper(), keeper());
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let about = Some(entered.text("about")).filter(|about| !about.is_empty());
        keep(vec![("about", about.clone())]);
        shelf.find(about, None);
    };
    let emptied = move |event| {
        if event_target_value(&event).is_empty() && shelf.about.with_untracked(Option::is_some) {
            for_all(Vec::new());
            shelf.find(None, None);
        }
    };
    view! {
        <form class="gallery-search" on:submit=submit role="search" data-testid="find-images">
            <input
                class="search"
                type="search"
                name="about"
                autocomplete="off"
                aria-label=say(|w| w.gallery.find)
                placeholder=say(|w| w.gallery.find)
                prop:value=text(move || shelf.about.get().unwrap_or_default())
                on:input=emptied
            />
            <button class="button button-small" type="submit">
                {say(|w| w.gallery.search)}
            </button>
        </form>
    }
    .erase()
}

/// Why there is nothing, and the way back to all.
pub(super) fn nothing_found(shelf: Shelf, about: String) -> AnyView {
    let words = use_words();
    let keep = keeper();
    let all = move |_| {
        keep(Vec::new());
        shelf.find(None, None);
    };
    view! {
        <div class="empty" role="status" data-testid="nothing-found">
            {icon("photo")}
            <p>{text(move || (words().gallery.nothing_found)(&about))}</p>
            <button class="button" type="button" on:click=all>
                {say(|w| w.gallery.show_all)}
            </button>
        </div>
    }
    .erase()
}

/// What the search did not look at, and a button to go on with it.
pub(super) fn beyond(shelf: Shelf) -> AnyView {
    let words = use_words();
    let line = move |beyond: Beyond| {
        let images = beyond.images;
        let on = move |_| shelf.find(shelf.about.get_untracked(), Some(beyond.older_than.clone()));
        view! {
            <p class="gallery-beyond quiet small" role="status">
                {text(move || (words().gallery.beyond)(images))}
                <button class="button button-small" type="button" on:click=on>
                    {say(|w| w.gallery.search_older)}
                </button>
            </p>
        }
        .erase()
    };
    part_if(move || shelf.beyond.get().map(line)).erase()
}
