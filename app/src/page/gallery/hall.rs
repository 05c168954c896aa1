//! Which part of a gallery is in view, what is active, chosen and open.

use std::collections::HashMap;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::wire::{BatchId, ItemIndex};

use super::shelf::{Card, Shelf};
use crate::gallery::{DELETE_MOST, ImageCard};

/// Rows of cells beyond the visible ones.
const OVERSCAN: u32 = 2;

/// About how wide a cell is, in pixels: three to a phone's width, six to a desktop's.
const WIDE: f64 = 168.0;
const NARROW: f64 = 112.0;

/// The gallery on the page.
#[derive(Clone, Copy)]
pub(super) struct Hall {
    pub(super) shelf: Shelf,
    pub(super) frame: NodeRef<Div>,
    columns: RwSignal<u32>,
    /// Rows of the pool.
    rows: RwSignal<u32>,
    /// Pixels from one cell to the next.
    pub(super) pitch: RwSignal<f64>,
    /// The first row of the pool.
    first: RwSignal<u64>,
    /// The place that the keyboard is at.
    pub(super) active: RwSignal<u64>,
    /// Where a range begins.
    anchor: RwSignal<u64>,
    pub(super) chosen: RwSignal<HashMap<(BatchId, ItemIndex), Card>>,
    /// The place that the preview shows.
    pub(super) open: RwSignal<Option<u64>>,
    /// What the person is asked about.
    pub(super) doomed: RwSignal<Vec<Card>>,
    pub(super) busy: RwSignal<bool>,
    /// What happened, in a sentence that is read aloud.
    pub(super) said: RwSignal<Option<Said>>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// So many were deleted.
    Deleted(u64),
    /// More cannot be chosen.
    Most,
}

/// What tells one image from all others.
pub(super) fn key(card: &ImageCard) -> (BatchId, ItemIndex) {
    (card.batch.clone(), card.index)
}

impl Hall {
    pub(super) fn new(shelf: Shelf) -> Self {
        Self {
            shelf,
            frame: NodeRef::new(),
            columns: RwSignal::new(1),
            rows: RwSignal::new(0),
            pitch: RwSignal::new(WIDE),
            first: RwSignal::new(0),
            active: RwSignal::new(0),
            anchor: RwSignal::new(0),
            chosen: RwSignal::new(HashMap::new()),
            open: RwSignal::new(None),
            doomed: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            said: RwSignal::new(None),
        }
    }

    /// Fits the cells into the frame.
    pub(super) fn measure(self) {
        let Some(frame) = self.frame.get_untracked() else { return };
        let (width, height) = (f64::from(frame.client_width()), f64::from(frame.client_height()));
        if width <= 0.0 {
            return;
        }
        let wanted = if width < 600.0 { NARROW } else { WIDE };
        let columns = (width / wanted).round().max(2.0);
        let pitch = (width / columns).floor();
        self.columns.set(columns as u32);
        self.pitch.set(pitch);
        self.rows.set((height / pitch).ceil() as u32 + OVERSCAN);
        self.scrolled();
    }

    pub(super) fn scrolled(self) {
        let Some(Some(frame)) = self.frame.try_get_untracked() else { return };
        let row = (f64::from(frame.scroll_top()) / self.pitch.get_untracked()) as u64;
        let row = row.saturating_sub(u64::from(OVERSCAN) / 2);
        if self.first.get_untracked() != row {
            self.first.set(row);
        }
    }

    /// Cells in the pool.
    pub(super) fn pool(self) -> u32 {
        self.rows.get() * self.columns.get()
    }

    fn total(self) -> u64 {
        self.shelf.total.get().unwrap_or_default()
    }

    pub(super) fn height(self) -> f64 {
        self.total().div_ceil(u64::from(self.columns.get())) as f64 * self.pitch.get()
    }

    /// The place that a cell of the pool shows.
    pub(super) fn place(self, slot: u32) -> Option<u64> {
        let (first, pool) = (self.first.get() * u64::from(self.columns.get()), u64::from(self.pool()));
        let place = first + (u64::from(slot) + pool - first % pool) % pool;
        (place < self.total()).then_some(place)
    }

    /// Where a place is, in pixels.
    pub(super) fn spot(self, place: u64) -> (f64, f64) {
        let (columns, pitch) = (u64::from(self.columns.get()), self.pitch.get());
        ((place % columns) as f64 * pitch, (place / columns) as f64 * pitch)
    }

    /// The first and the last place in view.
    pub(super) fn in_view(self) -> (u64, u64) {
        let first = self.first.get() * u64::from(self.columns.get());
        let last = (first + u64::from(self.pool())).min(self.total()).saturating_sub(1);
        (first.min(last), last)
    }

    /// The id of the cell that the keyboard is at.
    pub(super) fn active_cell(self) -> Option<String> {
        let (place, pool) = (self.active.get(), u64::from(self.pool()));
        let (first, last) = self.in_view();
        (pool > 0 && (first..=last).contains(&place)).then(|| format!("image-{}", place % pool))
    }

    /// Moves the keyboard to a place, and the place into view.
    pub(super) fn go(self, place: u64) {
        let place = place.min(self.shelf.total.get_untracked().unwrap_or_default().saturating_sub(1));
        self.active.set(place);
        let Some(frame) = self.frame.get_untracked() else { return };
        let pitch = self.pitch.get_untracked();
        let top = (place / u64::from(self.columns.get_untracked())) as f64 * pitch;
        let (from, height) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        if top < from {
            frame.set_scroll_top(top as i32);
        } else if top + pitch > from + height {
            frame.set_scroll_top((top + pitch - height).ceil() as i32);
        }
    }

    /// Does what a key asks for; whether it is one of ours.
    pub(super) fn key(self, key: &str, shift: bool, control: bool) -> bool {
        let columns = u64::from(self.columns.get_untracked());
        let page = columns * u64::from(self.rows.get_untracked().saturating_sub(OVERSCAN + 1).max(1));
        let at = self.active.get_untracked();
        let to = match key {
            "ArrowLeft" => at.saturating_sub(1),
            "ArrowRight" => at + 1,
            "ArrowUp" => at.checked_sub(columns).unwrap_or(at),
            "ArrowDown" => at + columns,
            "PageUp" => at.saturating_sub(page),
            "PageDown" => at + page,
            "Home" => 0,
            "End" => u64::MAX,
            " " if shift => {
                self.choose_to(at);
                return true;
            }
            " " => {
                self.toggle(at);
                return true;
            }
            "a" if control => {
                self.anchor.set(0);
                self.choose_to(self.shelf.total.get_untracked().unwrap_or_default().saturating_sub(1));
                return true;
            }
            "Enter" => {
                self.open.set(Some(at));
                return true;
            }
            "Escape" if self.chosen.with_untracked(|chosen| !chosen.is_empty()) => {
                self.clear();
                return true;
            }
            "Delete" if self.shelf.may_delete.get_untracked() => {
                self.doomed.set(self.chosen.with_untracked(|chosen| chosen.values().cloned().collect()));
                return true;
            }
            _ => return false,
        };
        self.go(to);
        if shift {
            self.choose_to(self.active.get_untracked());
        }
        true
    }

    /// Takes everything back that was chosen. The buttons for it go, so the keyboard goes to the grid.
    pub(super) fn clear(self) {
        self.chosen.update(HashMap::clear);
        if let Some(frame) = self.frame.get_untracked() {
            let _ = frame.focus();
        }
    }

    /// Chooses what is in a place, or takes it back.
    pub(super) fn toggle(self, place: u64) {
        self.said.set(None);
        self.active.set(place);
        self.anchor.set(place);
        let Some(card) = self.shelf.known(place) else { return };
        let full = self.chosen.with_untracked(|chosen| chosen.len() >= DELETE_MOST);
        self.chosen.update(|chosen| {
            if chosen.remove(&key(&card)).is_none() && !full {
                chosen.insert(key(&card), card);
            } else if full {
                self.said.set(Some(Said::Most));
            }
        });
    }

    /// Chooses everything from where the last choice was made, also what was never in view.
    pub(super) fn choose_to(self, place: u64) {
        self.said.set(None);
        let from = self.anchor.get_untracked();
        let (first, last) = (from.min(place), from.max(place));
        spawn_local(async move {
            for place in first..=last {
                let Some(card) = self.shelf.get(place).await else { return };
                let room = self.chosen.try_update(|chosen| {
                    let known = chosen.contains_key(&key(&card));
                    let room = known || chosen.len() < DELETE_MOST;
                    if room && !known {
                        chosen.insert(key(&card), card);
                    }
                    room
                });
                if room != Some(true) {
                    self.said.try_set(Some(Said::Most));
                    return;
                }
            }
        });
    }
}
