//! What is chosen, and what can be done with it.

use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::hall::{Hall, Said};
use super::shelf::{Card, Shelf};
use crate::erase::{Erase, flag, part_if, text};
use crate::form::button;
use crate::gallery::ImageRequest;
use crate::part::say;
use crate::rpc::gallery::download_image;
use crate::text::use_words;

/// Between two downloads: a browser that is still asking for the first would forget it.
const PACE: Duration = Duration::from_millis(800);

/// How many there are, or how many are chosen and what to do with them.
pub(super) fn bar(hall: Hall) -> AnyView {
    let words = use_words();
    let count = Memo::new(move |_| hall.chosen.with(HashMap::len) as u64);
    let figure = text(move || match count.get() {
        0 => (words().gallery.total)(hall.shelf.total.get().unwrap_or_default()),
        some => (words().gallery.chosen)(some),
    });
    let said = text(move || match hall.said.get() {
        Some(Said::Deleted(count)) => (words().gallery.deleted)(count),
        Some(Said::Most) => words().gallery.most.to_owned(),
        None => String::new(),
    });
    view! {
        <div class="gallery-bar" class:is-choosing=flag(move || count.get() > 0)>
            <p class="gallery-count" data-testid="gallery-count" role="status">
                {figure}
            </p>
            <p class="quiet small" role="status">
                {said}
            </p>
            <div class="actions">
                {part_if(move || (count.get() > 0).then(|| actions(hall)))}
            </div>
        </div>
    }
    .erase()
}

fn actions(hall: Hall) -> AnyView {
    let all = move || hall.chosen.with_untracked(|chosen| chosen.values().cloned().collect::<Vec<_>>());
    let download = move || save(hall.shelf, all());
    let doom = move || hall.doomed.set(all());
    view! {
        {button(|w| w.gallery.download, "button button-small", hall.busy, Box::new(download))}
        {part_if(move || {
            hall.shelf
                .may_delete
                .get()
                .then(|| button(|w| w.gallery.delete, "button button-small button-bad", hall.busy, Box::new(doom)))
        })}
        {button(
            |w| w.gallery.clear,
            "button button-small button-quiet",
            hall.busy,
            Box::new(move || hall.clear()),
        )}
        <span class="visually-hidden">{say(|w| w.gallery.one_by_one)}</span>
    }
    .erase()
}

/// Downloads images, one after the other.
pub(super) fn save(shelf: Shelf, mut cards: Vec<Card>) {
    let Some(card) = cards.pop() else { return };
    spawn_local(async move {
        match download_image(ImageRequest { batch: card.batch.clone(), index: card.index }).await {
            Ok(download) => follow(&download.url),
            Err(error) => return drop(shelf.trouble.try_set(Some(error))),
        }
        if !cards.is_empty() {
            set_timeout(move || save(shelf, cards), PACE);
        }
    });
}

/// Follows a link to an attachment: the page stays.
fn follow(url: &str) {
    let Ok(link) = document().create_element("a") else { return };
    let (_, _) = (link.set_attribute("href", url), link.set_attribute("download", ""));
    if let Ok(link) = link.dyn_into::<web_sys::HtmlElement>() {
        link.click();
    }
}
