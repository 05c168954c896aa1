//! The server's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use transfer::wire::UnixMillis;

/// Now. A clock before 1970 reads as 1970.
#[must_use]
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(millis(since))
}

/// That long after an instant.
#[must_use]
pub fn after(instant: UnixMillis, wait: Duration) -> UnixMillis {
    UnixMillis(instant.0.saturating_add(millis(wait)))
}

/// That long before an instant.
#[must_use]
pub fn before(instant: UnixMillis, wait: Duration) -> UnixMillis {
    UnixMillis(instant.0.saturating_sub(millis(wait)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
