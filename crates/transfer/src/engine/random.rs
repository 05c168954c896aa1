//! Randomness from a seed: SplitMix64, enough for jitter and the same on every machine.

/// A small generator. Not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly from 0 to `most`, both included.
    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        match most.checked_add(1) {
            Some(span) => self.next() % span,
            None => self.next(),
        }
    }

    /// Full jitter: evenly from 0 to `base * 2^tries`, at most `cap` (the AWS Architecture Blog's "Exponential
    /// Backoff And Jitter" found it to finish soonest with the fewest calls).
    pub(super) fn backoff(&mut self, base: u64, tries: u8, cap: u64) -> u64 {
        let ceiling = base.saturating_mul(1 << tries.min(20)).min(cap);
        self.up_to(ceiling)
    }
}
