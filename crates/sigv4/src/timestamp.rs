//! Moments, as signatures write them.

use std::fmt;

/// 9999-12-31T23:59:59Z, the last second that the formats have room for.
const LAST_SECOND: u64 = 253_402_300_799;

/// A second in UTC, from 1970 to 9999. Later moments count as the last of 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: u64,
}

impl Timestamp {
    /// From milliseconds since the Unix epoch, rounded down to the second.
    #[must_use]
    pub fn from_unix_millis(millis: u64) -> Self {
        Self { seconds: (millis / 1_000).min(LAST_SECOND) }
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn unix_seconds(self) -> u64 {
        self.seconds
    }

    /// Days since the Unix epoch: signing keys are made for one of them.
    pub(crate) fn day(self) -> u64 {
        self.seconds / 86_400
    }

    /// `20130524`.
    pub(crate) fn date(self) -> String {
        let (year, month, day) = civil(self.day());
        format!("{year:04}{month:02}{day:02}")
    }

    /// `2013-05-24T00:00:00.000Z`, as POST policies write their end.
    pub(crate) fn extended(self) -> String {
        let (year, month, day) = civil(self.day());
        let (hour, minute, second) = self.clock();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
    }

    fn clock(self) -> (u64, u64, u64) {
        let second = self.seconds % 86_400;
        (second / 3_600, second / 60 % 60, second % 60)
    }
}

/// `20130524T000000Z`, as `x-amz-date` has it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.clock();
        write!(f, "{}T{hour:02}{minute:02}{second:02}Z", self.date())
    }
}

/// Year, month and day of a day since the epoch, in the Gregorian calendar.
///
/// Howard Hinnant's `civil_from_days`: years that begin in March, so that the leap day comes last.
fn civil(day: u64) -> (u64, u64, u64) {
    let shifted = day + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, of_year - (153 * march_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_moments_as_signatures_do() {
        let written = |seconds: u64| Timestamp::from_unix_millis(seconds * 1_000 + 999).to_string();
        assert_eq!(written(0), "19700101T000000Z");
        assert_eq!(written(951_782_399), "20000228T235959Z");
        assert_eq!(written(951_782_400), "20000229T000000Z");
        assert_eq!(written(1_369_353_600), "20130524T000000Z");
        assert_eq!(written(1_735_689_599), "20241231T235959Z");
        assert_eq!(written(4_107_542_400), "21000301T000000Z");
        assert_eq!(Timestamp::from_unix_millis(u64::MAX).to_string(), "99991231T235959Z");
        assert_eq!(Timestamp::from_unix_millis(1_451_476_800_000).extended(), "2015-12-30T12:00:00.000Z");
    }
}
