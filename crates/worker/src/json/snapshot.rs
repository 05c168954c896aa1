//! Writing what the page draws from.

use transfer::port::{FileFacts, Phase, Recalled, Row, RowState, Snapshot, Totals};
use transfer::wire::{BatchState, CloseAnswer, ItemIndex, Refusal};

use super::writer::Writer;

/// A snapshot.
#[must_use]
pub fn snapshot(snapshot: &Snapshot) -> String {
    let Snapshot {
        phase: stand,
        totals: sums,
        bytes_per_second,
        seconds_left,
        list_len,
        first,
        rows,
        relaying,
    } = snapshot;
    let mut writer = Writer::default();
    writer.object(&mut |writer| {
        phase(writer.key("phase"), stand);
        totals(writer.key("totals"), sums);
        writer.count("bytes_per_second", *bytes_per_second);
        match seconds_left {
            Some(seconds) => writer.count("seconds_left", u64::from(*seconds)),
            None => writer.key("seconds_left").null(),
        }
        writer.count("list_len", u64::from(*list_len));
        writer.count("first", u64::from(*first));
        if *relaying {
            writer.key("relaying").truth(true);
        }
        writer.key("rows").array(&mut |writer| {
            for line in rows {
                row(writer, line);
            }
        });
    });
    writer.finish()
}

/// Files of a batch of an earlier visit.
#[must_use]
pub fn recalled(recalled: &Recalled) -> String {
    let Recalled { batch, project, files, last } = recalled;
    let mut writer = Writer::default();
    writer.object(&mut |writer| {
        writer.text("batch", batch.as_str());
        writer.text("project", project.as_str());
        writer.key("files").array(&mut |writer| {
            for FileFacts { path, size, modified, media_type } in files {
                writer.object(&mut |writer| {
                    writer.text("path", path);
                    writer.count("size", *size);
                    writer.count("modified", modified.0);
                    writer.text("media_type", media_type);
                });
            }
        });
        writer.key("last").truth(*last);
    });
    writer.finish()
}

fn phase(writer: &mut Writer, phase: &Phase) {
    writer.object(&mut |writer| {
        let name = match phase {
            Phase::Idle => "idle",
            Phase::Sending => "sending",
            Phase::Paused => "paused",
            Phase::SignedOut => "signed_out",
            Phase::Waiting => "waiting",
            Phase::NeedsFiles => "needs_files",
            Phase::Asking => "asking",
            Phase::Verifying => "verifying",
            Phase::Done { .. } => "done",
            Phase::Broken { .. } => "broken",
        };
        writer.text("phase", name);
        match phase {
            Phase::Done { answer: Some(answer) } => close_answer(writer.key("answer"), answer),
            Phase::Done { answer: None } => writer.key("answer").null(),
            Phase::Broken { message } => writer.text("message", message),
            _ => {}
        }
    });
}

fn totals(writer: &mut Writer, totals: &Totals) {
    let Totals {
        files,
        waiting,
        sending,
        stored,
        failed,
        refused,
        cancelled,
        bytes,
        sent_bytes,
        retries,
        absent,
        comparing,
        same,
        replaceable,
        skipped,
    } = totals;
    writer.object(&mut |writer| {
        for (name, count) in [
            ("files", files),
            ("waiting", waiting),
            ("sending", sending),
            ("stored", stored),
            ("failed", failed),
            ("refused", refused),
            ("cancelled", cancelled),
            ("retries", retries),
            ("absent", absent),
            ("comparing", comparing),
            ("same", same),
            ("replaceable", replaceable),
            ("skipped", skipped),
        ] {
            writer.count(name, u64::from(*count));
        }
        writer.count("bytes", *bytes);
        writer.count("sent_bytes", *sent_bytes);
    });
}

fn row(writer: &mut Writer, row: &Row) {
    let Row { item, state } = row;
    writer.object(&mut |writer| {
        writer.count("item", u64::from(item.0));
        writer.key("state").object(&mut |writer| match state {
            RowState::Waiting => writer.text("is", "waiting"),
            RowState::Held => writer.text("is", "held"),
            RowState::Absent => writer.text("is", "absent"),
            RowState::Sending { sent } => {
                writer.text("is", "sending");
                writer.count("sent", *sent);
            }
            RowState::Retrying { class } => {
                writer.text("is", "retrying");
                writer.text("class", class.name());
            }
            RowState::Comparing => writer.text("is", "comparing"),
            RowState::Same => writer.text("is", "same"),
            RowState::Skipped => writer.text("is", "skipped"),
            RowState::Stored => writer.text("is", "stored"),
            RowState::Failed { class } => {
                writer.text("is", "failed");
                writer.text("class", class.name());
            }
            RowState::Refused { reason } => {
                writer.text("is", "refused");
                refusal(writer.key("reason"), reason);
            }
            RowState::Cancelled => writer.text("is", "cancelled"),
        });
    });
}

fn refusal(writer: &mut Writer, refusal: &Refusal) {
    let (why, bound) = match refusal {
        Refusal::Type { .. } => ("type", None),
        Refusal::Empty => ("empty", None),
        Refusal::TooSmall { min } => ("too_small", Some(("min", *min))),
        Refusal::TooLarge { max } => ("too_large", Some(("max", *max))),
        Refusal::TooMany { max } => ("too_many", Some(("max", u64::from(*max)))),
        Refusal::PathTooLong { max_bytes } => ("path_too_long", Some(("max_bytes", *max_bytes as u64))),
        Refusal::PathUnsafe => ("path_unsafe", None),
        Refusal::Duplicate => ("duplicate", None),
        Refusal::Junk => ("junk", None),
        Refusal::OverQuota => ("over_quota", None),
        Refusal::OverDailyQuota => ("over_daily_quota", None),
    };
    writer.object(&mut |writer| {
        writer.text("why", why);
        if let Some((name, bound)) = bound {
            writer.count(name, bound);
        }
        if let Refusal::Type { media_type } = refusal {
            writer.text("media_type", media_type);
        }
    });
}

fn close_answer(writer: &mut Writer, answer: &CloseAnswer) {
    let CloseAnswer { state, stored, bytes, missing, differing, unexpected, replaced, unreplaced } = answer;
    writer.object(&mut |writer| {
        let state = match state {
            BatchState::Open => "open",
            BatchState::Closed => "closed",
            BatchState::Verified => "verified",
        };
        writer.text("state", state);
        writer.count("stored", *stored);
        writer.count("bytes", *bytes);
        indexes(writer.key("missing"), missing);
        indexes(writer.key("differing"), differing);
        writer.key("unexpected").array(&mut |writer| {
            for key in unexpected {
                writer.string(key);
            }
        });
        writer.count("replaced", *replaced);
        writer.count("unreplaced", *unreplaced);
    });
}

fn indexes(writer: &mut Writer, indexes: &[ItemIndex]) {
    writer.array(&mut |writer| {
        for index in indexes {
            writer.number(u64::from(index.0));
        }
    });
}
