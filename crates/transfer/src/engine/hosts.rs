//! The host names of the store: which are up, and how busy they are.
//!
//! Nothing is asked of a host only to see whether it is there: files are the probe. One that never worked while
//! another does is left out at its first failure, one that did after some in a row; it comes back after a while with
//! one request at a time until that succeeds. The last one is never left out: then it is the network's fault.
//! When none of them says anything for a while, whatever it be, they are silent.

use super::Moment;

/// Failures in a row that a host which worked may have.
const PATIENCE: u8 = 3;

/// How long a host is left out, doubling with each time.
const REST: u64 = 15_000;

/// The longest that a host is left out.
const REST_CAP: u64 = 300_000;

/// Failures in a row, over all of them, that make silence.
const SILENCE: u16 = 3;

/// How long hosts that never said anything must have been failing to count as silent ...
const NEVER_HEARD: u64 = 5_000;

/// ... and how long if one did.
const HEARD: u64 = 30_000;

/// Another host's success says something about the network for so long.
const LATELY: u64 = 10_000;

#[derive(Debug, Clone, Default)]
struct Host {
    busy: u16,
    /// Failures since the last success.
    strikes: u8,
    /// How often it was left out since the last success.
    rests: u8,
    rests_until: Option<Moment>,
    last_success: Option<Moment>,
    /// Whether anything was ever sent to it.
    tried: bool,
    /// Whether it ever said anything.
    heard: bool,
    /// Failures since it said something last, and when the first of them was.
    silence: u16,
    silent_since: Moment,
}

/// The host names, by their place in [`StoreAddress::bases`](crate::wire::StoreAddress::bases).
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts(Vec<Host>);

impl Hosts {
    pub(super) fn new(count: usize) -> Self {
        Self(vec![Host::default(); count])
    }

    /// The host that should take the next request, if any can. Never `but`, which has that request already.
    pub(super) fn free(&self, most: u16, but: Option<usize>, now: Moment) -> Option<usize> {
        let open = self.0.iter().enumerate().filter(|(at, host)| {
            but != Some(*at) && host.busy < if host.rests > 0 { 1 } else { most } && host.is_up(now)
        });
        open.min_by_key(|(_, host)| (host.strikes, host.busy)).map(|(at, _)| at)
    }

    /// Whether that host has a connection left, up or not: a URL that the server signed names its host.
    pub(super) fn has_room(&self, host: usize, most: u16) -> bool {
        self.0.get(host).is_some_and(|host| host.busy < most)
    }

    /// Whether a host is up, or nobody can tell because none is.
    pub(super) fn is_up(&self, host: usize, now: Moment) -> bool {
        self.0.get(host).is_some_and(|host| host.is_up(now)) || !self.0.iter().any(|host| host.is_up(now))
    }

    /// Those that are up, if some are not.
    pub(super) fn up(&self, now: Moment) -> Vec<u32> {
        let up = |host: &Host| host.is_up(now);
        if self.0.iter().all(up) {
            return Vec::new();
        }
        (0..).zip(&self.0).filter(|(_, host)| up(host)).map(|(at, _)| at).collect()
    }

    /// When the next host comes back.
    pub(super) fn next_return(&self, now: Moment) -> Option<Moment> {
        self.0.iter().filter_map(|host| host.rests_until).filter(|until| *until > now).min()
    }

    pub(super) fn start(&mut self, host: usize) {
        self.0[host].busy += 1;
        self.0[host].tried = true;
    }

    pub(super) fn end(&mut self, host: usize) {
        self.0[host].busy -= 1;
    }

    pub(super) fn success(&mut self, at: usize, now: Moment) {
        let host = &mut self.0[at];
        (host.strikes, host.rests, host.rests_until) = (0, 0, None);
        host.last_success = Some(now);
        self.heard(at);
    }

    /// It said something, be it no.
    pub(super) fn heard(&mut self, at: usize) {
        let host = &mut self.0[at];
        (host.heard, host.silence) = (true, 0);
    }

    /// Whether each of those that were tried failed the last time.
    pub(super) fn none_answers(&self) -> bool {
        let mut tried = self.0.iter().filter(|host| host.tried).peekable();
        tried.peek().is_some() && tried.all(|host| host.silence > 0)
    }

    /// From when on they are silent; none while one may say something.
    pub(super) fn silent_from(&self) -> Option<Moment> {
        let failures = self.0.iter().fold(0_u16, |sum, host| sum.saturating_add(host.silence));
        if !self.none_answers() || failures < SILENCE {
            return None;
        }
        let since = self.0.iter().filter(|host| host.tried).map(|host| host.silent_since).max()?;
        Some(since.after(if self.0.iter().any(|host| host.heard) { HEARD } else { NEVER_HEARD }))
    }

    /// A connection to it broke. Whether that is the host's own fault, because others work.
    pub(super) fn broke(&mut self, at: usize, now: Moment) -> bool {
        let others_work = self.0.iter().enumerate().any(|(other, host)| {
            let lately = host.last_success.is_some_and(|then| now.since(then) <= LATELY);
            other != at && lately && host.is_up(now)
        });
        let host = &mut self.0[at];
        host.strikes = host.strikes.saturating_add(1);
        if host.silence == 0 {
            host.silent_since = now;
        }
        host.silence = host.silence.saturating_add(1);
        let patience = if host.last_success.is_none() || host.rests > 0 { 1 } else { PATIENCE };
        if !others_work || host.strikes < patience {
            return false;
        }
        if host.is_up(now) {
            host.rests = host.rests.saturating_add(1);
            let rest = (REST << host.rests.min(8)).min(REST_CAP) / 2;
            host.rests_until = Some(now.after(rest));
        }
        true
    }
}

impl Host {
    fn is_up(&self, now: Moment) -> bool {
        self.rests_until.is_none_or(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_never_worked_is_left_out_while_another_works() {
        let mut hosts = Hosts::new(2);
        assert!(!hosts.broke(1, Moment(0)), "perhaps nothing works");
        hosts.success(0, Moment(100));
        assert!(hosts.broke(1, Moment(200)));
        for _ in 0..6 {
            assert_eq!(hosts.free(6, None, Moment(300)), Some(0));
            hosts.start(0);
        }
        assert_eq!(hosts.free(6, None, Moment(300)), None);
        let back = hosts.next_return(Moment(300)).unwrap_or_default();
        assert_eq!(hosts.free(6, None, back), Some(1));
        hosts.start(1);
        assert_eq!(hosts.free(6, None, back), None, "one at a time until it works");
        hosts.success(1, back);
        assert_eq!(hosts.free(6, None, back), Some(1));
    }

    #[test]
    fn a_host_that_worked_may_fail_now_and_then() {
        let mut hosts = Hosts::new(2);
        hosts.success(0, Moment(0));
        hosts.success(1, Moment(0));
        assert!(!hosts.broke(1, Moment(1)) && !hosts.broke(1, Moment(2)));
        assert!(hosts.broke(1, Moment(3)));
        hosts.success(1, Moment(4));
        assert!(!hosts.broke(1, Moment(5)), "a success forgives");
    }

    #[test]
    fn they_are_silent_when_each_that_was_tried_fails_for_a_while() {
        let mut hosts = Hosts::new(3);
        assert_eq!(hosts.silent_from(), None, "nothing was sent yet");
        hosts.start(0);
        hosts.start(1);
        hosts.broke(0, Moment(100));
        hosts.broke(0, Moment(200));
        hosts.broke(0, Moment(300));
        assert_eq!(hosts.silent_from(), None, "the other may still answer");
        hosts.broke(1, Moment(400));
        assert_eq!(hosts.silent_from(), Some(Moment(5_400)));
        hosts.heard(1);
        assert_eq!(hosts.silent_from(), None);
        hosts.broke(1, Moment(1_000));
        assert_eq!(hosts.silent_from(), Some(Moment(31_000)), "what said something gets more time");
        hosts.success(0, Moment(2_000));
        assert_eq!(hosts.silent_from(), None);
    }

    #[test]
    fn the_last_host_is_never_left_out() {
        let mut hosts = Hosts::new(1);
        hosts.success(0, Moment(0));
        for at in 0..50 {
            assert!(!hosts.broke(0, Moment(at)));
        }
        assert_eq!(hosts.free(6, None, Moment(60)), Some(0));
    }
}
