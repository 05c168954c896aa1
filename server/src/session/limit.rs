//! The limit on sign-in attempts.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Attempts on one name from one address: a person who mistypes has ten, then one each 30 s.
const NAME_AT_ADDRESS: (u32, Duration) = (10, Duration::from_secs(30));

/// Attempts from one address, whatever the names: an office behind one address signs in in the morning.
const ADDRESS: (u32, Duration) = (60, Duration::from_secs(5));

/// Attempts on one name from everywhere. Higher than the first, so that a stranger elsewhere cannot easily keep
/// somebody out; low enough that many addresses together guess 8,640 passwords a day at most.
const NAME: (u32, Duration) = (100, Duration::from_secs(10));

/// Too many attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSoon {
    /// When the next one is taken.
    pub wait: Duration,
}

/// Counts attempts.
#[derive(Debug)]
pub struct Attempts {
    name_at_address: DefaultKeyedRateLimiter<(String, IpAddr)>,
    address: DefaultKeyedRateLimiter<IpAddr>,
    name: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            name_at_address: RateLimiter::keyed(quota(NAME_AT_ADDRESS)),
            address: RateLimiter::keyed(quota(ADDRESS)),
            name: RateLimiter::keyed(quota(NAME)),
            clock: DefaultClock::default(),
        }
    }
}

impl Attempts {
    /// Counts one attempt on a name from an address.
    ///
    /// # Errors
    /// [`TooSoon`] if it is one too many; then it must not be looked at.
    pub fn count(&self, name: &str, from: IpAddr) -> Result<(), TooSoon> {
        let (name, from) = (name.to_lowercase(), network(from));
        let now = self.clock.now();
        let too_soon = |wait: Duration| TooSoon { wait };
        self.address.check_key(&from).map_err(|until| too_soon(until.wait_time_from(now)))?;
        self.name_at_address
            .check_key(&(name.clone(), from))
            .map_err(|until| too_soon(until.wait_time_from(now)))?;
        self.name.check_key(&name).map_err(|until| too_soon(until.wait_time_from(now)))
    }

    /// Forgets who has every attempt again.
    pub fn sweep(&self) {
        self.name_at_address.retain_recent();
        self.address.retain_recent();
        self.name.retain_recent();
    }
}

fn quota((most, one_each): (u32, Duration)) -> Quota {
    let most = NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(one_each).unwrap_or_else(|| Quota::per_minute(most)).allow_burst(most)
}

/// Who has one IPv6 address has at least the 2^64 of its network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
