//! Files on their way in parts.
//!
//! A few are active and share the slots: the one with the fewest parts in the air gets the next, so that a slow file
//! never starves the rest. The others are parked with what is done of them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::crc64::Crc64;

use super::{Moment, Settings, Step, StoredPart};

/// Most parts of a file (S3 user guide, "Multipart upload limits"), less one for rounding.
const MOST_PARTS: u64 = 9_999;

const MIB: u64 = 1 << 20;

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// The store is to be asked for an upload.
    New,
    /// The store is to be asked which parts it holds, from the one behind this number.
    Listing(u32),
    /// Parts are sent.
    Filling,
    /// A request runs that nothing else can run beside: creating, listing or completing.
    Busy,
}

/// One file in parts.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    size: u64,
    part_size: u64,
    id: String,
    stand: Stand,
    /// The lowest number that was never given out.
    next: u32,
    /// Parts to be sent again, and when.
    again: VecDeque<(Moment, u32)>,
    done: BTreeMap<u32, String>,
    /// Checksums of parts, as far as they are known.
    sums: BTreeMap<u32, Crc64>,
    done_bytes: u64,
    flying: u32,
    /// Tries of parts that failed: those that count, and those that do not.
    tries: HashMap<u32, (u8, u8)>,
    /// An ETag could not be read: the list of parts has it.
    blind: bool,
    /// Completing was tried, and perhaps done.
    completed: bool,
}

impl Upload {
    fn new(size: u64, part_size: u64) -> Self {
        Self {
            size,
            part_size,
            id: String::new(),
            stand: Stand::New,
            next: 1,
            again: VecDeque::new(),
            done: BTreeMap::new(),
            sums: BTreeMap::new(),
            done_bytes: 0,
            flying: 0,
            tries: HashMap::new(),
            blind: false,
            completed: false,
        }
    }

    fn parts(&self) -> u32 {
        // The size of parts was chosen so that it fits.
        u32::try_from(self.size.div_ceil(self.part_size)).unwrap_or(u32::MAX)
    }

    fn range(&self, number: u32) -> (u64, u64) {
        let from = u64::from(number.saturating_sub(1)).saturating_mul(self.part_size).min(self.size);
        (from, from.saturating_add(self.part_size).min(self.size))
    }

    fn is_whole(&self) -> bool {
        self.done.len() == self.parts() as usize
    }

    fn has_work(&self, now: Moment) -> bool {
        match self.stand {
            Stand::New | Stand::Listing(_) => true,
            Stand::Busy => false,
            Stand::Filling => {
                let due = self.again.iter().any(|(at, _)| *at <= now);
                due || self.next <= self.parts() || (self.is_whole() && self.flying == 0)
            }
        }
    }

    /// The next request; the caller has seen that there is one.
    fn take_step(&mut self, now: Moment) -> Option<Step> {
        let upload = self.id.clone();
        match self.stand {
            Stand::Busy => None,
            Stand::New => {
                self.stand = Stand::Busy;
                Some(Step::Create)
            }
            Stand::Listing(after) => {
                self.stand = Stand::Busy;
                Some(Step::List { upload, after })
            }
            Stand::Filling if self.is_whole() && self.flying == 0 => {
                self.stand = Stand::Busy;
                if self.blind {
                    return Some(Step::List { upload, after: 0 });
                }
                let parts = self.done.iter().map(|(number, etag)| (*number, etag.clone())).collect();
                Some(Step::Complete { upload, parts, checksum: self.checksum() })
            }
            Stand::Filling => {
                let due = self.again.iter().position(|(at, _)| *at <= now);
                let number = match due.and_then(|at| self.again.remove(at)) {
                    Some((_, number)) => number,
                    None if self.next <= self.parts() => {
                        let number = self.next;
                        self.next += 1;
                        self.skip_done();
                        number
                    }
                    None => return None,
                };
                self.flying += 1;
                let (from, to) = self.range(number);
                Some(Step::Part { upload, number, from, to })
            }
        }
    }

    /// Of the whole file, if those of all parts are known.
    fn checksum(&self) -> Option<Crc64> {
        (1..=self.parts()).try_fold(Crc64::EMPTY, |whole, number| {
            let (from, to) = self.range(number);
            Some(whole.then(*self.sums.get(&number)?, to - from))
        })
    }

    fn skip_done(&mut self) {
        while self.done.contains_key(&self.next) {
            self.next += 1;
        }
    }

    fn note_done(&mut self, number: u32, etag: Option<String>) -> u64 {
        let (from, to) = self.range(number);
        self.blind |= etag.is_none();
        let bytes = if self.done.insert(number, etag.unwrap_or_default()).is_none() { to - from } else { 0 };
        self.done_bytes += bytes;
        bytes
    }
}

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
        self.active.iter().any(|(_, upload)| upload.has_work(now))
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
            None => {
                let least = size.div_ceil(MOST_PARTS).div_ceil(MIB).saturating_mul(MIB);
                Upload::new(size, settings.part_size.max(least).max(1))
            }
        };
        self.active.push((item, upload));
    }

    /// The next request of the file with the fewest parts in the air.
    pub(super) fn take_step(&mut self, now: Moment) -> Option<(u32, Step)> {
        let ready = self.active.iter_mut().filter(|(_, upload)| upload.has_work(now));
        let (item, upload) = ready.min_by_key(|(_, upload)| upload.flying)?;
        Some((*item, upload.take_step(now)?))
    }

    /// A copy of the request for a part, to be sent a second time.
    pub(super) fn part_again(&self, item: u32, number: u32) -> Option<Step> {
        let (_, upload) = self.active.iter().find(|(active, _)| *active == item)?;
        let (from, to) = upload.range(number);
        Some(Step::Part { upload: upload.id.clone(), number, from, to })
    }

    /// The store began the upload. Its part size is answered, for the log.
    pub(super) fn created(&mut self, item: u32, id: &str) -> Option<u64> {
        let upload = self.get(item)?;
        upload.id = id.to_owned();
        upload.stand = Stand::Filling;
        Some(upload.part_size)
    }

    /// An upload that an earlier life of the engine began: what the store holds of it is to be listed.
    pub(super) fn recall(&mut self, item: u32, size: u64, id: String, part_size: u64) {
        if part_size == 0 || size.div_ceil(part_size) > MOST_PARTS + 1 {
            return;
        }
        let mut upload = Upload::new(size, part_size);
        upload.id = id;
        upload.stand = Stand::Listing(0);
        self.parked.insert(item, upload);
    }

    /// The upload and its part size, if the store began one.
    pub(super) fn begun(&self, item: u32) -> Option<(&str, u64)> {
        let active = self.active.iter().find(|(active, _)| *active == item).map(|(_, upload)| upload);
        let upload = active.or_else(|| self.parked.get(&item)).filter(|upload| !upload.id.is_empty())?;
        Some((&upload.id, upload.part_size))
    }

    /// The store told a page of what it holds; parts of another size are sent again.
    pub(super) fn listed(&mut self, item: u32, parts: Vec<StoredPart>, more: bool) {
        let Some(upload) = self.get(item) else { return };
        let was_blind = std::mem::take(&mut upload.blind);
        let mut last = 0;
        let mut new = 0;
        for part in parts {
            last = last.max(part.number);
            let (from, to) = upload.range(part.number);
            if part.number >= 1 && part.number <= upload.parts() && part.size == to - from {
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
                let (from, to) = upload.range(number);
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
