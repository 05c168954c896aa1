//! The gallery of a batch or a project: any number of images in a few dozen cells.
//!
//! Like the list of an upload, a pool of cells is made once, and scrolling gives each another place. What is in a place
//! is asked of the server in parts, those in view first; images come straight from the store.

mod cell;
mod chosen;
mod delete;
mod hall;
mod preview;
mod search;
mod shelf;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use transfer::wire::{BatchId, Problem, ProblemCode, ProjectId};

use crate::address::Query;
use crate::erase::{Erase, effect, part, part_if, text, text_if};
use crate::gallery::GalleryOf;
use crate::part::{icon, say, trouble};
use crate::session::Session;
use crate::text::use_words;

use cell::cell;
use chosen::bar;
use delete::confirmation;
use hall::Hall;
use preview::preview;
use search::{beyond, nothing_found, search};
use shelf::Shelf;

pub(crate) fn batch_gallery_page() -> AnyView {
    page(|id| Some(GalleryOf::Batch(BatchId::try_from(id).ok()?)))
}

pub(crate) fn project_gallery_page() -> AnyView {
    page(|id| Some(GalleryOf::Project(ProjectId::try_from(id).ok()?)))
}

fn page(read: fn(String) -> Option<GalleryOf>) -> AnyView {
    Session::here().guard(move || {
        let params = use_params_map();
        let of = read(params.with_untracked(|params| params.get("id")).unwrap_or_default());
        match of {
            Some(of) => gallery(of),
            None => trouble(Problem::new(ProblemCode::NotFound, "There is nothing with that id.")),
        }
    })
}

fn gallery(of: GalleryOf) -> AnyView {
    let (name, back) = match &of {
        GalleryOf::Batch(batch) => (batch.to_string(), Some(format!("/batches/{batch}"))),
        GalleryOf::Project(project) => (project.to_string(), None),
    };
    let shelf = Shelf::new(of, Query::here().get("about"));
    let filled = Memo::new(move |_| shelf.total.get().map(|total| total > 0));
    // In the browser only: what the server would draw is not there yet.
    effect(move || shelf.look(0, 0));
    view! {
        <section class="sheet gallery">
            <div class="sheet-head">
                <div>
                    <h1>{say(|w| w.gallery.images)}</h1>
                    <p class="quiet">{name}</p>
                </div>
                {back
                    .map(|href| {
                        view! {
                            <a class="button" href=href>
                                {icon("receipt")}
                                {say(|w| w.receipt)}
                            </a>
                        }
                    })}
            </div>
            {search(shelf)}
            {beyond(shelf)}
            {part_if(move || shelf.trouble.get().map(|error| trouble(error.0)))}
            {part(move || match filled.get() {
                None if shelf.trouble.with(Option::is_some) => ().erase(),
                None => view! { <p class="quiet" role="status">{say(|w| w.loading)}</p> }.erase(),
                Some(false) => match shelf.about.get_untracked() {
                    Some(about) => nothing_found(shelf, about),
                    None => nothing(),
                },
                Some(true) => hall(shelf),
            })}
        </section>
    }
    .erase()
}

fn nothing() -> AnyView {
    view! { <div class="empty">{icon("photo")} <p>{say(|w| w.gallery.nothing)}</p></div> }.erase()
}

fn hall(shelf: Shelf) -> AnyView {
    let hall = Hall::new(shelf);
    let words = use_words();
    effect(move || {
        hall.frame.track();
        hall.measure();
        let resized = window_event_listener(leptos::ev::resize, move |_| hall.measure());
        on_cleanup(move || resized.remove());
    });
    let view = Memo::new(move |_| hall.in_view());
    effect(move || {
        let (first, last) = view.get();
        shelf.look(first, last);
    });
    let asked = StoredValue::new(false);
    let scrolled = move |_| {
        // One change a frame, however many events.
        if asked.get_value() {
            return;
        }
        asked.set_value(true);
        request_animation_frame(move || {
            asked.try_set_value(false);
            hall.scrolled();
        });
    };
    let pressed = move |event: KeyboardEvent| {
        if hall.key(&event.key(), event.shift_key(), event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
        }
    };
    let whole_height = text(move || format!("{}px", hall.height() as i64));
    let pitch = text(move || format!("{}px", hall.pitch.get() as i64));
    view! {
        {bar(hall)}
        <p id="gallery-keys" class="visually-hidden">
            {say(|w| w.gallery.keys)}
        </p>
        <div
            class="gallery-frame"
            data-testid="gallery"
            role="listbox"
            tabindex="0"
            aria-multiselectable="true"
            aria-label=text(move || words().gallery.images)
            aria-describedby="gallery-keys"
            aria-activedescendant=text_if(move || hall.active_cell())
            node_ref=hall.frame
            on:scroll=scrolled
            on:keydown=pressed
        >
            <div class="gallery-cells" role="presentation" style:height=whole_height style=("--pitch", pitch)>
                {part(move || (0..hall.pool()).map(|slot| cell(slot, hall)).collect_view().erase())}
            </div>
        </div>
        {preview(hall)}
        {confirmation(hall)}
    }
    .erase()
}
