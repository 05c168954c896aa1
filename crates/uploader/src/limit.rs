//! Bandwidth: no more than so many bytes a second, over all connections.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A connection gets at least that many bytes a second; below, fewer run at once. Far above what counts as stalled.
const LEAST: u64 = 64 << 10;

/// A limit that connections share.
#[derive(Debug)]
pub struct Limit {
    per_second: u64,
    /// When what was allowed so far has left at that pace.
    free: Mutex<Option<Instant>>,
}

impl Limit {
    /// No more than so many bytes a second.
    #[must_use]
    pub fn new(per_second: u64) -> Self {
        Self { per_second: per_second.max(1), free: Mutex::new(None) }
    }

    /// How many connections are worth having, of so many that are wanted.
    #[must_use]
    pub fn connections(&self, wanted: u16) -> u16 {
        u16::try_from(self.per_second / LEAST).unwrap_or(u16::MAX).clamp(1, wanted.max(1))
    }

    /// Bytes that leave at once: a twentieth of a second's, but not so few that each is a packet of its own.
    #[must_use]
    pub fn chunk(&self) -> usize {
        usize::try_from(self.per_second / 20).unwrap_or(usize::MAX).clamp(4 << 10, 256 << 10)
    }

    /// How long to wait before so many bytes may leave.
    pub(crate) fn wait(&self, bytes: usize, now: Instant) -> Duration {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let start = free.map_or(now, |free| free.max(now));
        let nanos = u128::from(bytes as u64) * 1_000_000_000 / u128::from(self.per_second);
        *free = Some(start + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)));
        start - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_is_what_is_allowed() {
        let limit = Limit::new(1_000_000);
        let now = Instant::now();
        assert_eq!(limit.wait(500_000, now), Duration::ZERO);
        assert_eq!(limit.wait(500_000, now), Duration::from_millis(500));
        assert_eq!(limit.wait(1, now), Duration::from_secs(1));
        // What was not used is not saved up.
        let later = now + Duration::from_secs(60);
        assert_eq!(limit.wait(1_000_000, later), Duration::ZERO);
        assert_eq!(limit.wait(1, later), Duration::from_secs(1));
    }

    #[test]
    fn a_slow_line_has_few_connections() {
        assert_eq!(Limit::new(1_000).connections(16), 1);
        assert_eq!(Limit::new(256 << 10).connections(16), 4);
        assert_eq!(Limit::new(u64::MAX).connections(16), 16);
    }
}
