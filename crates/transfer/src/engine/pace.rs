//! How fast bytes leave: an average that forgets over some seconds.

use super::Moment;

/// Bytes are counted over at least this long before they change the average.
const SLICE: u64 = 500;

/// The average forgets two thirds of the past in this time.
const MEMORY: f64 = 4_000.0;

/// The pace.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// Bytes a millisecond, once there is a first slice.
    rate: Option<f64>,
    slice_start: Option<Moment>,
    slice_bytes: u64,
}

impl Pace {
    /// Bytes have left.
    pub(super) fn note(&mut self, bytes: u64, now: Moment) {
        self.roll(now);
        self.slice_bytes = self.slice_bytes.saturating_add(bytes);
    }

    /// Forgets everything: what comes after a pause is another matter.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Bytes a second.
    pub(super) fn per_second(&mut self, now: Moment) -> u64 {
        self.roll(now);
        // Saturates, and cannot be negative.
        self.rate.map_or(0, |rate| (rate * 1_000.0) as u64)
    }

    fn roll(&mut self, now: Moment) {
        let start = *self.slice_start.get_or_insert(now);
        let length = now.since(start);
        if length < SLICE {
            return;
        }
        let seen = self.slice_bytes as f64 / length as f64;
        let weight = 1.0 - (-(length as f64) / MEMORY).exp();
        self.rate = Some(self.rate.map_or(seen, |rate| rate + weight * (seen - rate)));
        self.slice_start = Some(now);
        self.slice_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_steady_stream_and_dies_away() {
        let mut pace = Pace::default();
        for step in 0..200 {
            pace.note(10_000, Moment(step * 100));
        }
        let steady = pace.per_second(Moment(20_000));
        assert!((90_000..=110_000).contains(&steady), "{steady}");
        assert!(pace.per_second(Moment(60_000)) < steady / 100);
    }
}
