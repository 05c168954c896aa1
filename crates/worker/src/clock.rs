//! Time that only goes forwards.

use transfer::engine::Moment;

/// More than this between the two clocks is a sleep, in milliseconds.
const SLEEP: f64 = 2_000.0;

/// Makes one clock of two: `performance.now()` never jumps, but stands still while some machines sleep;
/// `Date.now()` sees the sleep, but jumps when somebody sets it.
///
/// Where the date has gained on the other, that time is taken as having passed. If it was only set forwards, the
/// grant is renewed sooner than needed, which harms nobody; a date set back is not followed.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    now: f64,
    steady: f64,
    date: f64,
}

impl Clock {
    /// Begins at 0; both readings in milliseconds.
    #[must_use]
    pub fn new(steady: f64, date: f64) -> Self {
        Self { now: 0.0, steady, date }
    }

    /// The moment at these readings.
    pub fn read(&mut self, steady: f64, date: f64) -> Moment {
        let passed = (steady - self.steady).max(0.0);
        let dated = date - self.date;
        self.now += if dated > passed + SLEEP { dated } else { passed };
        (self.steady, self.date) = (steady, date);
        // Not negative, and far below 2^53.
        Moment(self.now as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_a_sleep_and_ignores_a_date_set_back() {
        let mut clock = Clock::new(100.0, 1_000_000.0);
        assert_eq!(clock.read(600.0, 1_000_500.0), Moment(500));
        assert_eq!(clock.read(700.0, 4_600_500.0), Moment(3_600_500), "slept for an hour");
        assert_eq!(clock.read(800.0, 500.0), Moment(3_600_600), "the date was set back");
        assert_eq!(clock.read(900.0, 600.0), Moment(3_600_700));
    }
}
