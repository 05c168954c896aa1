//! `--json`: one object a line. docs/upload.md says what they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use transfer::port::Snapshot;
use uploader::folder::{LeftOut, Why};
use uploader::run::{Ending, How, News, Plan, Trouble};

use crate::command::say;

/// Progress is told at most this often, in milliseconds.
const EACH: u64 = 1_000;

/// When progress was told last.
static LAST: AtomicU64 = AtomicU64::new(0);

/// What happens.
pub(super) fn hear(news: &News) {
    let object = match news {
        News::LeftOut(left) => left_out(left),
        News::Over(batch, state) => json!({ "event": "over", "batch": batch, "state": state }),
        News::Begun { batch, project, stored, files, bytes } => json!({
            "event": "begun", "batch": batch, "project": project,
            "stored": stored, "files": files, "bytes": bytes,
        }),
        News::Progress(snapshot) => match progress(snapshot) {
            Some(object) => object,
            None => return,
        },
        News::Stored(facts) => json!({ "event": "stored", "path": facts.path, "size": facts.size }),
        News::Unkept(error) => json!({ "event": "unkept", "why": error.to_string() }),
        News::Trouble { path, trouble } => trouble_of(path, trouble),
    };
    say(&object.to_string());
}

/// How it ended.
pub(super) fn end(ending: &Ending) {
    let totals = &ending.totals;
    let mut object = json!({
        "event": "ended",
        "how": word(&ending.how),
        "good": ending.is_good(),
        "batch": ending.batch,
        "files": totals.files,
        "stored": totals.stored,
        "skipped": totals.skipped,
        "replaced": ending.replaced,
        "unreplaced": ending.unreplaced,
        "failed": totals.failed,
        "refused": totals.refused,
        "gone": totals.absent,
        "changed": ending.changed,
        "left_out": ending.missed,
        "bytes": totals.bytes,
        "retries": totals.retries,
        "unexpected": ending.unexpected,
    });
    if let (How::Broken(message), Some(fields)) = (&ending.how, object.as_object_mut()) {
        fields.insert("why".to_owned(), message.as_str().into());
    }
    say(&object.to_string());
}

/// What would be sent.
pub(super) fn plan(plan: &Plan) {
    for left in &plan.left_out {
        say(&left_out(left).to_string());
    }
    let (mut files, mut bytes, mut refused) = (0_u64, 0_u64, 0_u64);
    for (facts, refusal) in &plan.files {
        let object = match refusal {
            None => {
                files += 1;
                bytes += facts.size;
                json!({ "event": "would_send", "path": facts.path, "size": facts.size })
            }
            Some(refusal) => {
                refused += 1;
                json!({ "event": "refused", "path": facts.path, "reason": refusal })
            }
        };
        say(&object.to_string());
    }
    let object = json!({
        "event": "planned", "project": plan.project, "batch": plan.batch,
        "files": files, "bytes": bytes, "refused": refused,
    });
    say(&object.to_string());
}

/// Why nothing was begun.
pub(super) fn problem(why: &str) {
    say(&json!({ "event": "ended", "how": "not_begun", "good": false, "why": why }).to_string());
}

fn left_out(left: &LeftOut) -> Value {
    let mut object = json!({ "event": "left_out", "path": left.path, "why": left.why.word() });
    if let (Why::Unreadable(detail), Some(fields)) = (&left.why, object.as_object_mut()) {
        fields.insert("detail".to_owned(), detail.as_str().into());
    }
    object
}

fn progress(snapshot: &Snapshot) -> Option<Value> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis();
    let now = u64::try_from(now).ok()?;
    let last = LAST.load(Ordering::Relaxed);
    if now.saturating_sub(last) < EACH {
        return None;
    }
    LAST.store(now, Ordering::Relaxed);
    let totals = &snapshot.totals;
    Some(json!({
        "event": "progress",
        "files": totals.files,
        "stored": totals.stored,
        "failed": totals.failed,
        "refused": totals.refused,
        "bytes": totals.bytes,
        "sent_bytes": totals.sent_bytes,
        "bytes_per_second": snapshot.bytes_per_second,
        "seconds_left": snapshot.seconds_left,
    }))
}

fn trouble_of(path: &str, trouble: &Trouble) -> Value {
    match trouble {
        Trouble::Refused(reason) => json!({ "event": "refused", "path": path, "reason": reason }),
        Trouble::Failed(class, detail) => {
            json!({ "event": "failed", "path": path, "class": class, "detail": detail })
        }
        Trouble::Changed => json!({ "event": "changed", "path": path }),
        Trouble::Gone => json!({ "event": "gone", "path": path }),
    }
}

fn word(how: &How) -> &'static str {
    match how {
        How::Nothing => "nothing",
        How::Before => "verified_before",
        How::Verified => "verified",
        How::Open => "open",
        How::NoneTaken => "none_taken",
        How::Incomplete => "incomplete",
        How::Stopped => "stopped",
        How::SignedOut => "signed_out",
        How::Broken(_) => "broken",
    }
}
