//! Outcomes that the server does not know yet.

use std::collections::{HashMap, VecDeque};

use crate::crc64::Crc64;
use crate::wire::{ItemIndex, ItemReport, REPORT_PAGE};

use super::items::{Items, Mark};
use super::{Moment, Settings};

/// Outcomes to be reported, each item once.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    items: VecDeque<u32>,
    etags: HashMap<u32, String>,
    checksums: HashMap<u32, Crc64>,
    since: Option<Moment>,
    /// How long the oldest may wait; 0 until the first report.
    age: u64,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// An item is settled, or settled in another way than before.
    pub(super) fn push(&mut self, item: u32, etag: Option<String>, items: &mut Items, now: Moment) {
        match etag {
            Some(etag) => self.etags.insert(item, etag),
            None => self.etags.remove(&item),
        };
        if !items.has(item, Mark::Announced) || items.has(item, Mark::Reporting) {
            return;
        }
        items.mark(item, Mark::Reporting);
        self.items.push_back(item);
        self.since.get_or_insert(now);
    }

    /// The item's bytes were hashed.
    pub(super) fn note_checksum(&mut self, item: u32, checksum: Crc64) {
        self.checksums.insert(item, checksum);
    }

    pub(super) fn etag(&self, item: u32) -> Option<&str> {
        self.etags.get(&item).map(String::as_str)
    }

    pub(super) fn checksum(&self, item: u32) -> Option<Crc64> {
        self.checksums.get(&item).copied()
    }

    /// When the oldest has waited long enough; none if nothing waits.
    pub(super) fn due(&self, settings: &Settings) -> Option<Moment> {
        self.since.map(|since| since.after(self.age.max(settings.report_age)))
    }

    /// Whether enough has come together.
    pub(super) fn is_full(&self, settings: &Settings) -> bool {
        self.items.len() >= settings.report_at
    }

    /// The next page. Items that are being tried again by now are left out.
    pub(super) fn take(&mut self, items: &mut Items, now: Moment, settings: &Settings) -> Vec<ItemReport> {
        if !self.is_full(settings) {
            self.age = self.age.max(settings.report_age).saturating_mul(2).min(settings.report_max_age);
        }
        let mut page = Vec::with_capacity(self.items.len().min(REPORT_PAGE));
        while page.len() < REPORT_PAGE
            && let Some(item) = self.items.pop_front()
        {
            items.unmark(item, Mark::Reporting);
            let etag = self.etags.remove(&item);
            let checksum = self.checksums.remove(&item).map(|checksum| checksum.to_string());
            if let Some(outcome) = items.outcome(item, etag, checksum) {
                page.push(ItemReport { index: ItemIndex(item), outcome });
            }
        }
        self.since = (!self.items.is_empty()).then_some(now);
        page
    }
}
