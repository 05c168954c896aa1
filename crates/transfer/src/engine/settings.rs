//! What can be set about the engine.

use crate::wire::PART_SIZE;

/// Numbers that the engine works with. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Most requests to one host name of the store: browsers open six HTTP/1.1 connections to each.
    pub per_host: u16,
    /// Most requests to the store at once, over all host names.
    pub in_flight: u16,
    /// Tries after the first that a file gets when the fault may be its own.
    pub retries: u8,
    /// Tries that do not count (expiry, throttling, outages); a bound only so that everything ends.
    pub free_retries: u8,
    /// Full jitter begins with this ...
    pub backoff_base: u64,
    /// ... and grows to this.
    pub backoff_cap: u64,
    /// Items in the first page that is announced: few, so that the first byte leaves soon.
    pub first_page: usize,
    /// Announce no further while that many items are ready to be sent.
    pub ready_ahead: usize,
    /// Report when that many outcomes have come together ...
    pub report_at: usize,
    /// ... or when the oldest has waited so long. Doubles up to `report_max_age`, so that a slow batch does not ask
    /// the server more often than a fast one.
    pub report_age: u64,
    /// The longest that an outcome waits.
    pub report_max_age: u64,
    /// How often what the store misses at the end is sent again.
    pub close_rounds: u8,
    /// Largest file that goes as a POST form, in bytes, if the grant leaves another way.
    pub form_max: u64,
    /// Most bytes that files sent as forms hold in memory together. One file alone may be larger.
    pub held_bytes: u64,
    /// Smallest file that goes in parts, in bytes.
    pub multipart_from: u64,
    /// Bytes of a part, or more where a file would otherwise have more parts than a store takes. Where the server signs,
    /// it decides.
    pub part_size: u64,
    /// Files that are sent in parts at the same time.
    pub uploads: usize,
    /// An attempt without progress for this long is cut and made again ...
    pub stall: u64,
    /// ... but once all has left, the store may take this long to put it away and answer.
    pub stall_at_end: u64,
    /// Bytes a second below which a form, whose progress cannot be seen, counts as stalled.
    pub slowest: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            per_host: 6,
            in_flight: 24,
            retries: 5,
            free_retries: 40,
            backoff_base: 500,
            backoff_cap: 20_000,
            first_page: 50,
            ready_ahead: 2_000,
            report_at: 500,
            report_age: 5_000,
            report_max_age: 300_000,
            close_rounds: 3,
            form_max: 8 << 20,
            held_bytes: 64 << 20,
            multipart_from: 32 << 20,
            part_size: PART_SIZE,
            uploads: 4,
            stall: 30_000,
            stall_at_end: 120_000,
            slowest: 16_000,
        }
    }
}
