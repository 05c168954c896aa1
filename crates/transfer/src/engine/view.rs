//! What the page draws from.

use crate::port::{Filter, Phase, Row, Snapshot, Totals};
use crate::wire::ItemIndex;

use super::{Engine, Moment, Stage, Watch};

impl Engine {
    /// The totals and the rows in view.
    pub fn snapshot(&mut self, now: Moment) -> Snapshot {
        let now = now.max(self.now);
        let totals = self.totals();
        let bytes_per_second = if self.air.is_empty() { 0 } else { self.pace.per_second(now) };
        let left = totals.bytes.saturating_sub(totals.sent_bytes).saturating_sub(self.items.failed_bytes());
        let seconds_left = left
            .checked_div(bytes_per_second)
            .map(|seconds| u32::try_from(seconds.saturating_add(1)).unwrap_or(u32::MAX));
        let (list_len, first, rows) = match &self.watch {
            Watch::Window { filter, first, count } => {
                let list_len = match filter {
                    Filter::All => self.items.len(),
                    Filter::Trouble => self.items.trouble().len(),
                };
                let first = (*first).min(list_len);
                let end = first.saturating_add(*count).min(list_len);
                let item = |at| match filter {
                    Filter::All => Some(at),
                    Filter::Trouble => self.items.trouble().nth(at),
                };
                (list_len, first, (first..end).filter_map(item).map(|item| self.row(item)).collect())
            }
            Watch::Items(items) => {
                let known = items.iter().filter_map(|&item| self.items.known(ItemIndex(item)));
                let rows: Vec<Row> = known.map(|item| self.row(item)).collect();
                (u32::try_from(rows.len()).unwrap_or(u32::MAX), 0, rows)
            }
        };
        let relaying = self.detour.is_taken() && self.is_going();
        Snapshot {
            phase: self.phase(),
            totals,
            bytes_per_second,
            seconds_left,
            list_len,
            first,
            rows,
            relaying,
        }
    }

    /// Counts and sums.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let stored = self.items.totals();
        Totals { sent_bytes: stored.sent_bytes + self.air.sent() + self.uploads.bytes(), ..stored }
    }

    /// Where the batch stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match &self.stage {
            Stage::Idle => Phase::Idle,
            Stage::Done(answer) => Phase::Done { answer: answer.clone() },
            Stage::Broken(message) => Phase::Broken { message: message.clone() },
            Stage::Open | Stage::Closing if self.signed_out => Phase::SignedOut,
            Stage::Open | Stage::Closing if self.paused => Phase::Paused,
            Stage::Open if self.needs_files() => Phase::NeedsFiles,
            Stage::Open if self.asks() => Phase::Asking,
            Stage::Open | Stage::Closing if self.air.is_empty() && self.is_held_up() => Phase::Waiting,
            Stage::Open => Phase::Sending,
            Stage::Closing => Phase::Verifying,
        }
    }

    /// Whether all that is left are files of an earlier life.
    fn needs_files(&self) -> bool {
        let totals = self.items.totals();
        totals.absent > 0 && totals.absent == self.items.to_do()
    }

    /// Whether all that is left are duplicates, and the person has not said what becomes of them.
    fn asks(&self) -> bool {
        self.finished && self.items.to_do() == 0 && self.items.unsettled() > 0
    }

    /// Whether what comes next waits for somebody to answer again.
    fn is_held_up(&self) -> bool {
        let delayed = self.queue.next_delayed().is_some() && !self.queue.has_ready();
        let shut = self.gate.closed_until(self.now).is_some() && self.items.to_do() > 0;
        self.calls.in_trouble() || delayed || shut
    }

    fn row(&self, item: u32) -> Row {
        let sent = |item| self.air.sent_of(item) + self.uploads.bytes_of(item);
        Row { item: ItemIndex(item), state: self.items.row(item, sent) }
    }
}
