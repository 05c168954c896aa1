//! What is known of a gallery's images: the parts that were looked at last.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::wire::BatchId;

use crate::error::AppError;
use crate::gallery::{Beyond, GalleryOf, GalleryPart, GalleryQuestion, IMAGES_PART, ImageCard};
use crate::rpc::gallery::gallery;

const PART: u64 = IMAGES_PART as u64;

/// Parts that are kept: some thousand images around what is in view.
const KEPT: usize = 60;

/// URLs hold for ten minutes at least; after the second of these, a part that is looked at is asked again.
const AGING: Duration = Duration::from_secs(240);

/// What is known of an image; the same one for all who show it.
pub(super) type Card = Arc<ImageCard>;

/// The images of a gallery, as far as they were looked at.
#[derive(Clone, Copy)]
pub(super) struct Shelf {
    of: StoredValue<GalleryOf>,
    parts: StoredValue<HashMap<u64, Part>>,
    /// How many images there are; none before the first answer.
    pub(super) total: RwSignal<Option<u64>>,
    pub(super) may_delete: RwSignal<bool>,
    /// Why something was not answered.
    pub(super) trouble: RwSignal<Option<AppError>>,
    /// Counts the parts that came.
    fresh: RwSignal<u32>,
    /// The first and the last part that is in view.
    wanted: StoredValue<(u64, u64)>,
    asking: StoredValue<bool>,
    age: StoredValue<u32>,
    /// Only images with this in their path.
    pub(super) about: RwSignal<Option<String>>,
    /// Where a search goes on.
    older_than: StoredValue<Option<BatchId>>,
    /// What the search did not look at.
    pub(super) beyond: RwSignal<Option<Beyond>>,
    /// Counts what was looked for and forgotten: answers to earlier questions are none to these.
    era: StoredValue<u32>,
}

struct Part {
    images: Vec<Card>,
    age: u32,
}

impl Shelf {
    pub(super) fn new(of: GalleryOf, about: Option<String>) -> Self {
        let shelf = Self {
            of: StoredValue::new(of),
            parts: StoredValue::new(HashMap::new()),
            total: RwSignal::new(None),
            may_delete: RwSignal::new(false),
            trouble: RwSignal::new(None),
            fresh: RwSignal::new(0),
            wanted: StoredValue::new((0, 0)),
            asking: StoredValue::new(false),
            age: StoredValue::new(0),
            about: RwSignal::new(about),
            older_than: StoredValue::new(None),
            beyond: RwSignal::new(None),
            era: StoredValue::new(0),
        };
        crate::erase::effect(move || {
            let older = move || {
                shelf.age.try_update_value(|age| *age += 1);
                shelf.ask();
            };
            if let Ok(timer) = set_interval_with_handle(older, AGING) {
                on_cleanup(move || timer.clear());
            }
        });
        shelf
    }

    /// What is in a place, if it is known.
    pub(super) fn at(self, place: u64) -> Option<Card> {
        self.fresh.track();
        self.known(place)
    }

    /// As [`at`](Self::at), once.
    pub(super) fn known(self, place: u64) -> Option<Card> {
        let at = usize::try_from(place % PART).ok()?;
        self.parts
            .with_value(|parts| parts.get(&(place / PART)).and_then(|part| part.images.get(at).cloned()))
    }

    /// These places are in view: what is not known of them is asked.
    pub(super) fn look(self, first: u64, last: u64) {
        self.wanted.set_value((first / PART, last / PART));
        self.ask();
    }

    /// One part after the other; what came into view last goes first.
    fn ask(self) {
        let (Some(asking), Some((first, last))) = (self.asking.try_get_value(), self.wanted.try_get_value())
        else {
            return;
        };
        let age = self.age.get_value();
        let old = |part: &Part| age - part.age >= 2;
        let next =
            self.parts.with_value(|parts| (first..=last).find(|number| parts.get(number).is_none_or(old)));
        let (false, Some(number)) = (asking, next) else { return };
        self.asking.set_value(true);
        let (question, era) = (self.question(number), self.era.get_value());
        spawn_local(async move {
            let answer = gallery(question).await;
            // The person may have left the page meanwhile.
            if self.asking.try_set_value(false).is_some() {
                return;
            }
            if self.era.get_value() != era {
                self.ask();
                return;
            }
            match answer {
                Ok(part) => {
                    self.put(number, part);
                    self.trouble.set(None);
                    self.ask();
                }
                Err(error) => self.trouble.set(Some(error)),
            }
        });
    }

    /// What is in a place, asked now if it is not known.
    pub(super) async fn get(self, place: u64) -> Option<Card> {
        if let Some(card) = self.known(place) {
            return Some(card);
        }
        let (question, era) = (self.question(place / PART), self.era.get_value());
        let answer = gallery(question).await;
        if self.era.try_get_value() != Some(era) {
            return None;
        }
        match answer {
            Ok(part) => self.put(place / PART, part),
            Err(error) => drop(self.trouble.try_set(Some(error))),
        }
        self.known(place)
    }

    fn question(self, number: u64) -> GalleryQuestion {
        GalleryQuestion {
            of: self.of.get_value(),
            first: number * PART,
            about: self.about.get_untracked(),
            older_than: self.older_than.get_value(),
        }
    }

    fn put(self, number: u64, part: GalleryPart) {
        let age = self.age.get_value();
        let (first, last) = self.wanted.get_value();
        self.parts.update_value(|parts| {
            if parts.len() >= KEPT {
                let near =
                    |number: &u64| number + KEPT as u64 / 4 >= first && *number <= last + KEPT as u64 / 4;
                parts.retain(|number, _| near(number));
            }
            parts.insert(number, Part { images: part.images.into_iter().map(Arc::new).collect(), age });
        });
        self.may_delete.set(part.may_delete);
        if self.beyond.with_untracked(|beyond| *beyond != part.beyond) {
            self.beyond.set(part.beyond);
        }
        if self.total.get_untracked() != Some(part.total) {
            self.total.set(Some(part.total));
        }
        self.fresh.update(|count| *count += 1);
    }

    /// Asks everything again: something was deleted.
    pub(super) fn forget(self) {
        self.era.update_value(|era| *era = era.wrapping_add(1));
        self.parts.update_value(HashMap::clear);
        self.fresh.update(|count| *count += 1);
        self.ask();
    }

    /// Shows only images with this in their path, or all; of all batches, or of those that are older than that one.
    pub(super) fn find(self, about: Option<String>, older_than: Option<BatchId>) {
        self.about.set(about);
        self.older_than.set_value(older_than);
        self.wanted.set_value((0, 0));
        self.trouble.set(None);
        self.beyond.set(None);
        // Not known again: the grid goes, and with it what was chosen in it.
        self.total.set(None);
        self.forget();
    }
}
