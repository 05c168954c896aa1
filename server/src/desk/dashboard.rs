//! What is going on, and what came in.

use std::collections::HashMap;

use app::desk::dashboard::{DAYS, Dashboard, DashboardQuestion, Figures, ProjectFigures};
use time::{OffsetDateTime, UtcOffset};
use transfer::wire::{ProjectId, UnixMillis};

use super::{Desk, DeskError};
use crate::batch::shown;
use crate::clock;

/// Open batches that are shown.
const OPEN: u64 = 20;

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

impl Desk<'_> {
    /// What is going on, and what came in today, this month, and on each of the last days.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn dashboard(&self, question: DashboardQuestion) -> Result<Dashboard, DeskError> {
        let at = clock::now();
        let calendar = Calendar::of(at, question.utc_offset);
        let ledger = &self.state.ledger;
        let (open, open_count) = ledger.batches().going_on(OPEN).await?;
        let mut days = vec![Figures::default(); usize::try_from(DAYS).unwrap_or_default()];
        for sum in ledger.batches().by_day(calendar.first_day, calendar.ahead).await? {
            let place = usize::try_from(sum.day - calendar.number_of_first_day).ok();
            if let Some(day) = place.and_then(|place| days.get_mut(place)) {
                *day = Figures { files: sum.stored, bytes: sum.bytes };
            }
        }
        Ok(Dashboard {
            at,
            open: open.into_iter().map(|batch| self.card(batch)).collect(),
            open_count,
            projects: self.by_project(&calendar).await?,
            days,
            causes: ledger
                .items()
                .causes_since(calendar.month)
                .await?
                .into_iter()
                .map(shown::cause)
                .collect(),
        })
    }

    async fn by_project(&self, calendar: &Calendar) -> Result<Vec<ProjectFigures>, DeskError> {
        let batches = self.state.ledger.batches();
        let names: HashMap<ProjectId, String> =
            self.state.ledger.projects().list().await?.into_iter().map(|each| (each.id, each.name)).collect();
        let today: HashMap<ProjectId, Figures> = batches
            .by_project(calendar.today)
            .await?
            .into_iter()
            .map(|sum| (sum.project, Figures { files: sum.stored, bytes: sum.bytes }))
            .collect();
        let months = batches.by_project(calendar.month).await?;
        let figures = |sum: ledger::ProjectSum| ProjectFigures {
            name: names.get(&sum.project).cloned().unwrap_or_default(),
            today: today.get(&sum.project).copied().unwrap_or_default(),
            month: Figures { files: sum.stored, bytes: sum.bytes },
            project: sum.project,
        };
        Ok(months.into_iter().map(figures).collect())
    }
}

/// When things began, on somebody's clock.
struct Calendar {
    /// Milliseconds that it is ahead of UTC.
    ahead: i64,
    today: UnixMillis,
    month: UnixMillis,
    first_day: UnixMillis,
    number_of_first_day: i64,
}

impl Calendar {
    /// An offset that no place on Earth has counts as none.
    fn of(now: UnixMillis, minutes: i32) -> Self {
        let offset = UtcOffset::from_whole_seconds(minutes.saturating_mul(60)).unwrap_or(UtcOffset::UTC);
        let ahead = i64::from(offset.whole_seconds()) * 1_000;
        let local = now.0.saturating_add_signed(ahead);
        let seconds = i64::try_from(local / 1_000).unwrap_or_default();
        let day_of_month =
            OffsetDateTime::from_unix_timestamp(seconds).map_or(1, |local| u64::from(local.day()));
        let day = local / DAY;
        let begin = |day: u64| UnixMillis((day * DAY).saturating_add_signed(-ahead));
        let first = day.saturating_sub(DAYS - 1);
        Self {
            ahead,
            today: begin(day),
            month: begin(day.saturating_sub(day_of_month - 1)),
            first_day: begin(first),
            number_of_first_day: i64::try_from(first).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_begin_on_the_clock_of_whoever_looks() {
        // date -u -d '2024-02-29 23:30' +%s
        let now = UnixMillis(1_709_249_400_000);
        let at = |text: &str| {
            let format = &time::format_description::well_known::Rfc3339;
            let seconds = OffsetDateTime::parse(text, format).map_or(0, OffsetDateTime::unix_timestamp);
            UnixMillis(u64::try_from(seconds).unwrap_or(0) * 1_000)
        };
        let utc = Calendar::of(now, 0);
        assert_eq!((utc.today, utc.month), (at("2024-02-29T00:00:00Z"), at("2024-02-01T00:00:00Z")));
        assert_eq!(utc.first_day, at("2024-01-31T00:00:00Z"));
        let tokyo = Calendar::of(now, 540);
        assert_eq!(
            (tokyo.today, tokyo.month),
            (at("2024-03-01T00:00:00+09:00"), at("2024-03-01T00:00:00+09:00"))
        );
        let lima = Calendar::of(now, -300);
        assert_eq!(lima.today, at("2024-02-29T00:00:00-05:00"));
        assert_eq!(Calendar::of(now, i32::MAX).today, utc.today);
    }
}
