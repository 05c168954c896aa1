//! Files on their way in parts.
//!
//! A few are active and share the slots: the one with the fewest parts in the air gets the next, so that a slow file
//! never starves the rest. The others are parked with what is done of them.

mod upload;

use std::collections::HashMap;

use crate::crc64::Crc64;
use crate::wire::{PartPlan, SignedUpload};

use super::urls::{StepUrls, Url, Ways};
use super::{Moment, Settings, Step, StoredPart};

pub(super) use upload::{Due, Unsigned};
use upload::{Stand, Upload};

/// All files in parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Uploads {
    /// Those that are being sent: a few, so that a walk over them counts as O(1).
    active: Vec<(u32, Upload)>,
    parked: HashMap<u32, Upload>,
    /// What is done of all active ones and those that only wait.
    bytes: u64,
}

impl Uploads {
    pub(super) fn has_room(&self, settings: &Settings) -> bool {
        self.active.len() < settings.uploads
    }

    pub(super) fn has_work(&self, now: Moment) -> bool {
        self.active.iter().any(|(_, upload)| upload.due(now).is_some())
    }

    /// Whether a request can be made that the server signed.
    pub(super) fn has_signed(&self, now: Moment, ways: Ways<'_>) -> bool {
        self.active.iter().any(|(_, upload)| upload.signed_due(now, ways).is_some())
    }

    /// Files for which the server is to sign something.
    pub(super) fn all_unsigned(&self, ways: Ways<'_>) -> Vec<u32> {
        let unsigned = self.active.iter().filter(|(_, upload)| upload.unsigned(ways).is_some());
        unsigned.map(|(item, _)| *item).collect()
    }

    /// What it is to sign for a file.
    pub(super) fn unsigned(&self, item: u32, ways: Ways<'_>) -> Option<Unsigned> {
        let (_, upload) = self.active.iter().find(|(active, _)| *active == item)?;
        upload.unsigned(ways)
    }

    /// It did, for the list behind that part. Answers whether it can be used: not if the file is divided in another way
    /// than the server does, and a new upload is to be begun.
    pub(super) fn signed(&mut self, item: u32, answer: SignedUpload, after: u32) -> bool {
        let Some(upload) = self.get(item) else { return true };
        if upload.id.is_empty() {
            upload.plan = PartPlan::again(upload.plan.size(), answer.part_size).unwrap_or(upload.plan);
        }
        let same = upload.plan.part_size() == answer.part_size;
        if same {
            upload.urls.take(answer, after);
        }
        same
    }

    /// Its URLs are not believed any more.
    pub(super) fn drop_urls(&mut self, item: u32) {
        if let Some(upload) = self.get(item) {
            upload.urls = StepUrls::default();
        }
    }

    /// When a part may be sent again.
    pub(super) fn next_again(&self) -> Option<Moment> {
        self.active.iter().flat_map(|(_, upload)| upload.again.iter().map(|(at, _)| *at)).min()
    }

    /// Bytes that the store holds in parts.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn bytes_of(&self, item: u32) -> u64 {
        self.active.iter().find(|(active, _)| *active == item).map_or(0, |(_, upload)| upload.done_bytes)
    }

    /// Makes a file active, going on where it stood.
    pub(super) fn activate(&mut self, item: u32, size: u64, settings: &Settings) {
        let upload = match self.parked.remove(&item) {
            Some(upload) => upload,
            None => Upload::new(PartPlan::new(size, settings.part_size)),
        };
        self.active.push((item, upload));
    }

    /// The next request of the file with the fewest parts in the air.
    pub(super) fn take_step(&mut self, now: Moment) -> Option<(u32, Step)> {
        let ready = self.active.iter_mut().filter(|(_, upload)| upload.due(now).is_some());
        let (item, upload) = ready.min_by_key(|(_, upload)| upload.flying)?;
        let due = upload.due(now)?;
        Some((*item, upload.take(due)))
    }

    /// The same of those that the server signed, with the URL.
    pub(super) fn take_signed(&mut self, now: Moment, ways: Ways<'_>) -> Option<(u32, Step, Url)> {
        let ready = self.active.iter_mut().filter_map(|(item, upload)| {
            let due = upload.signed_due(now, ways)?;
            Some((*item, upload, due))
        });
        let (item, upload, due) = ready.min_by_key(|(_, upload, _)| upload.flying)?;
        let url = upload.urls.get(due)?.clone();
        Some((item, upload.take(due), url))
    }

    /// A copy of the request for a part, to be sent a second time.
    pub(super) fn part_again(&self, item: u32, number: u32) -> Option<Step> {
        let (_, upload) = self.active.iter().find(|(active, _)| *active == item)?;
        let (from, to) = upload.plan.range(number);
        Some(Step::Part { upload: upload.id.clone(), number, from, to })
    }

    /// The URL of a part, if the server signed one.
    pub(super) fn url_of_part(&self, item: u32, number: u32) -> Option<&Url> {
        let (_, upload) = self.active.iter().find(|(active, _)| *active == item)?;
        upload.urls.get(Due::Part(number))
    }

    /// The store began the upload. Its part size is answered, for the log.
    pub(super) fn created(&mut self, item: u32, id: &str) -> Option<u64> {
        let upload = self.get(item)?;
        upload.id = id.to_owned();
        upload.stand = Stand::Filling;
        Some(upload.plan.part_size())
    }

    /// An upload that an earlier life of the engine began: what the store holds of it is to be listed.
    pub(super) fn recall(&mut self, item: u32, size: u64, id: String, part_size: u64) {
        let Some(plan) = PartPlan::again(size, part_size) else { return };
        let mut upload = Upload::new(plan);
        upload.id = id;
        upload.stand = Stand::Listing(0);
        self.parked.insert(item, upload);
    }

    /// The upload and its part size, if the store began one.
    pub(super) fn begun(&self, item: u32) -> Option<(&str, u64)> {
        let active = self.active.iter().find(|(active, _)| *active == item).map(|(_, upload)| upload);
        let upload = active.or_else(|| self.parked.get(&item)).filter(|upload| !upload.id.is_empty())?;
        Some((&upload.id, upload.plan.part_size()))
    }

    /// The store told a page of what it holds; parts of another size are sent again.
    pub(super) fn listed(&mut self, item: u32, parts: Vec<StoredPart>, more: bool) {
        let Some(upload) = self.get(item) else { return };
        let was_blind = std::mem::take(&mut upload.blind);
        let mut last = 0;
        let mut new = 0;
        for part in parts {
            last = last.max(part.number);
            let (from, to) = upload.plan.range(part.number);
            if part.number >= 1 && part.number <= upload.plan.parts() && part.size == to - from {
                new += upload.note_done(part.number, Some(part.etag));
                if let Some(checksum) = part.checksum {
                    upload.sums.insert(part.number, checksum);
                }
            }
        }
        upload.stand = if more && last > 0 { Stand::Listing(last) } else { Stand::Filling };
        if upload.stand == Stand::Filling {
            // What was thought to be there and has no ETag was not listed.
            let lost: Vec<_> =
                upload.done.iter().filter(|(_, etag)| etag.is_empty()).map(|(number, _)| *number).collect();
            for number in lost {
                upload.done.remove(&number);
                let (from, to) = upload.plan.range(number);
                upload.done_bytes -= to - from;
                upload.again.push_back((Moment(0), number));
                new = new.wrapping_sub(to - from);
            }
            upload.skip_done();
        } else {
            upload.blind = was_blind;
        }
        self.bytes = self.bytes.wrapping_add(new);
    }

    /// The store has a part.
    pub(super) fn part_done(&mut self, item: u32, number: u32, etag: Option<String>) {
        let Some(upload) = self.get(item) else { return };
        upload.flying = upload.flying.saturating_sub(1);
        upload.tries.remove(&number);
        let new = upload.note_done(number, etag);
        self.bytes += new;
    }

    /// A part was read.
    pub(super) fn note_checksum(&mut self, item: u32, number: u32, checksum: Crc64) {
        if let Some(upload) = self.get(item) {
            upload.sums.insert(number, checksum);
        }
    }

    /// A part is to be sent again.
    pub(super) fn part_back(&mut self, item: u32, number: u32, at: Moment) {
        if let Some(upload) = self.get(item) {
            upload.flying = upload.flying.saturating_sub(1);
            upload.again.push_back((at, number));
        }
    }

    /// One more failure of a part; answers how many of that sort it makes.
    pub(super) fn count_try(&mut self, item: u32, number: u32, counts: bool) -> u8 {
        let Some(upload) = self.get(item) else { return u8::MAX };
        let tries = upload.tries.entry(number).or_default();
        let tries = if counts { &mut tries.0 } else { &mut tries.1 };
        *tries = tries.saturating_add(1);
        *tries
    }

    /// Notes that the upload may have been completed; answers whether that was noted before.
    pub(super) fn note_completing(&mut self, item: u32) -> bool {
        self.get(item).is_some_and(|upload| std::mem::replace(&mut upload.completed, true))
    }

    /// The request that ran alone came to nothing, and may be made again.
    pub(super) fn step_back(&mut self, item: u32, relist: bool) {
        if let Some(upload) = self.get(item) {
            upload.stand = match upload.stand {
                _ if upload.id.is_empty() => Stand::New,
                Stand::Busy if relist || !upload.is_whole() => Stand::Listing(0),
                Stand::Busy => Stand::Filling,
                stand => stand,
            };
        }
    }

    /// Takes a file out of the active ones; what is done of it stays. Its parts in the air are to be landed before.
    pub(super) fn park(&mut self, item: u32) {
        if let Some(at) = self.active.iter().position(|(active, _)| *active == item) {
            self.step_back(item, false);
            let (_, mut upload) = self.active.swap_remove(at);
            for (at, _) in &mut upload.again {
                *at = Moment(0);
            }
            self.parked.insert(item, upload);
        }
    }

    /// Takes all files out of the active ones; answers which.
    pub(super) fn park_all(&mut self) -> Vec<u32> {
        let items: Vec<_> = self.active.iter().map(|(item, _)| *item).collect();
        for &item in &items {
            self.park(item);
        }
        items
    }

    /// Forgets a file; answers what the store calls its upload, if it began one.
    pub(super) fn forget(&mut self, item: u32) -> Option<String> {
        self.park(item);
        let upload = self.parked.remove(&item)?;
        self.bytes = self.bytes.saturating_sub(upload.done_bytes);
        (!upload.id.is_empty()).then_some(upload.id)
    }

    fn get(&mut self, item: u32) -> Option<&mut Upload> {
        self.active.iter_mut().find(|(active, _)| *active == item).map(|(_, upload)| upload)
    }
}
