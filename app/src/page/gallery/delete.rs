//! Deleting what was chosen: asked once more, because nothing brings it back.

use std::collections::HashMap;

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::wire::{BatchId, ItemIndex};

use super::hall::{Hall, Said};
use super::shelf::Card;
use crate::erase::{Erase, effect, text};
use crate::error::AppError;
use crate::form::button;
use crate::gallery::DeleteImages;
use crate::part::say;
use crate::rpc::gallery::delete_images;
use crate::text::use_words;

pub(super) fn confirmation(hall: Hall) -> AnyView {
    let words = use_words();
    let node = NodeRef::<Dialog>::new();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match hall.doomed.with(|doomed| !doomed.is_empty()) {
            true if !dialog.open() => drop(dialog.show_modal()),
            false if dialog.open() => dialog.close(),
            _ => {}
        }
    });
    let question =
        text(move || (words().gallery.delete_sure)(hall.doomed.with(|doomed| doomed.len() as u64)));
    let leave = move || hall.doomed.set(Vec::new());
    let go = move || {
        hall.busy.set(true);
        spawn_local(async move {
            let answer = delete(hall.doomed.get_untracked()).await;
            if hall.busy.try_set(false).is_some() {
                return;
            }
            hall.doomed.set(Vec::new());
            hall.open.set(None);
            hall.clear();
            match answer {
                Ok(deleted) => hall.said.set(Some(Said::Deleted(deleted))),
                Err(error) => hall.shelf.trouble.set(Some(error)),
            }
            hall.shelf.forget();
        });
    };
    view! {
        <dialog
            class="dialog"
            data-testid="delete-dialog"
            node_ref=node
            aria-labelledby="delete-sure"
            on:close=move |_| leave()
        >
            <h2 id="delete-sure">{question}</h2>
            <p>{say(|w| w.gallery.delete_what)}</p>
            <div class="actions">
                {button(|w| w.gallery.keep, "button", hall.busy, Box::new(leave))}
                {button(|w| w.gallery.delete, "button button-bad", hall.busy, Box::new(go))}
            </div>
        </dialog>
    }
    .erase()
}

/// Deletes images, batch by batch; answers how many were there.
async fn delete(doomed: Vec<Card>) -> Result<u64, AppError> {
    let mut batches: HashMap<BatchId, Vec<ItemIndex>> = HashMap::new();
    for card in doomed {
        batches.entry(card.batch.clone()).or_default().push(card.index);
    }
    let mut deleted = 0;
    for (batch, items) in batches {
        deleted += delete_images(DeleteImages { batch, items }).await?.deleted;
    }
    Ok(deleted)
}
