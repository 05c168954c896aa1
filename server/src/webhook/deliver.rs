//! Delivering what is due.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ledger::{Attempt, Delivery, Event, LedgerError, Outcome, WebhookId, WebhookRecord};
use tokio::task::{Id, JoinSet};
use transfer::wire::UnixMillis;

use super::message;
use super::messenger::{Letter, Unsent};
use super::signature::sign;
use crate::clock;
use crate::round::Deadline;
use crate::state::AppState;

/// How often a server looks for what is due.
const EACH: Duration = Duration::from_secs(2);

/// How long a delivery is in hand: far longer than an attempt may take. If the server dies, another one goes on then.
const LEASE: Duration = Duration::from_secs(60);

/// Attempts that a server has under way at a time, one to each webhook: so one that hangs holds no other up.
const AT_ONCE: usize = 16;

/// How much longer than its time a wait may be, so that what failed together does not come back together.
const JITTER: f64 = 0.2;

/// How long it is kept what was delivered.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// How long it may take to note what came of an attempt.
const NOTING: Duration = Duration::from_secs(1);

/// The answer of a receiver that wants nothing more (RFC 9110; Standard Webhooks, "Response").
const GONE: u16 = 410;

/// Delivers what is due, as long as the server runs.
pub async fn deliver(state: AppState) {
    loop {
        if let Err(error) = deliver_due(&state).await {
            tracing::error!(%error, "webhooks could not be served");
        }
        tokio::time::sleep(EACH).await;
    }
}

/// Delivers until nothing is due and nothing under way; answers how many attempts that took.
///
/// # Errors
/// Of the ledger.
pub async fn deliver_due(state: &AppState) -> Result<u64, LedgerError> {
    deliver_until(state, Deadline::NONE).await
}

/// Whether an attempt that begins now is over by then, however slow its receiver is.
pub(crate) fn has_time(state: &AppState, deadline: Deadline) -> bool {
    deadline.leaves(state.config.webhooks.patience.saturating_add(NOTING))
}

/// As [`deliver_due`]; begins no attempt that may not be over by then.
pub(crate) async fn deliver_until(state: &AppState, deadline: Deadline) -> Result<u64, LedgerError> {
    let mut under_way = JoinSet::new();
    let mut busy: HashMap<Id, WebhookId> = HashMap::new();
    let mut made = 0;
    loop {
        while busy.len() < AT_ONCE && has_time(state, deadline) {
            let except: Vec<WebhookId> = busy.values().copied().collect();
            let now = clock::now();
            let Some(delivery) = state.ledger.deliveries().take(now, lease(now), &except).await? else {
                break;
            };
            let (webhook, state) = (delivery.webhook, state.clone());
            let task = under_way.spawn(async move {
                if let Err(error) = attempt(&state, &delivery).await {
                    tracing::error!(%error, "a delivery could not be noted");
                }
            });
            busy.insert(task.id(), webhook);
            made += 1;
        }
        let id = match under_way.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "a delivery was not ended");
                error.id()
            }
            None => return Ok(made),
        };
        busy.remove(&id);
    }
}

/// Until when a delivery is in hand that is taken now.
pub(crate) fn lease(now: UnixMillis) -> UnixMillis {
    clock::after(now, LEASE)
}

/// Makes one attempt at a delivery that is in hand, and notes what came of it.
pub(crate) async fn attempt(state: &AppState, delivery: &Delivery) -> Result<(), LedgerError> {
    // It may have been deleted meanwhile.
    let Some(webhook) = state.ledger.webhooks().get(delivery.webhook).await? else { return Ok(()) };
    let body = message::body(state, delivery).await?;
    let (at, begun) = (clock::now(), Instant::now());
    let answer = carry(state, &webhook, delivery, at, body).await;
    let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, detail, outcome) = judge(state, delivery, &answer);
    if outcome == Outcome::Failed {
        tracing::warn!(webhook = %webhook.id, delivery = %delivery.id, why = detail, "a delivery was given up");
    }
    let attempt = Attempt { at, took, status, detail };
    if !state.ledger.deliveries().note(delivery, attempt, outcome).await? {
        tracing::warn!(webhook = %webhook.id, delivery = %delivery.id, "a delivery took too long to be noted");
    }
    Ok(())
}

async fn carry(
    state: &AppState,
    webhook: &WebhookRecord,
    delivery: &Delivery,
    at: UnixMillis,
    body: String,
) -> Result<u16, Unsent> {
    let timestamp = at.0 / 1_000;
    let earlier = webhook.earlier.as_ref().filter(|(_, until)| *until > at).map(|(secret, _)| secret);
    let signatures: Vec<String> = [Some(&webhook.secret), earlier]
        .into_iter()
        .flatten()
        .filter_map(|secret| sign(secret, &delivery.message, timestamp, &body))
        .collect();
    let letter = Letter {
        url: &webhook.draft.url,
        message: &delivery.message,
        timestamp,
        signatures: signatures.join(" "),
        body,
    };
    let config = &state.config.webhooks;
    state.messenger.carry(letter, config.reach, config.patience).await
}

/// What an answer means: its status, why it is no success, and what comes next.
fn judge(
    state: &AppState,
    delivery: &Delivery,
    answer: &Result<u16, Unsent>,
) -> (Option<u16>, String, Outcome) {
    let again = || match next(&state.config.webhooks.waits, delivery) {
        Some(wait) => Outcome::Again(clock::after(clock::now(), wait)),
        None => Outcome::Failed,
    };
    match answer {
        Ok(status @ 200..=299) => (Some(*status), String::new(), Outcome::Delivered),
        Ok(GONE) => (Some(GONE), "the receiver wants nothing more".to_owned(), Outcome::Failed),
        Ok(status @ 300..=399) => (Some(*status), "redirects are not followed".to_owned(), again()),
        Ok(status) => (Some(*status), "the receiver did not take it".to_owned(), again()),
        Err(Unsent::Refused(refusal)) => (None, refusal.to_string(), Outcome::Failed),
        Err(Unsent::Failed(why)) => (None, why.clone(), again()),
    }
}

/// How long to wait before the next attempt, if there is one. Whoever sends a test sees at once how it went.
fn next(waits: &[Duration], delivery: &Delivery) -> Option<Duration> {
    if delivery.event == Event::Test {
        return None;
    }
    let made = usize::try_from(delivery.attempts.saturating_sub(delivery.earlier_attempts)).ok()?;
    let wait = waits.get(made.checked_sub(1)?)?;
    Some(wait.mul_f64(1.0 + JITTER * rand::random::<f64>()))
}

/// Forgets what was delivered long ago.
///
/// # Errors
/// Of the ledger.
pub async fn forget_old(state: &AppState) -> Result<(), LedgerError> {
    match state.ledger.deliveries().sweep(clock::before(clock::now(), KEPT)).await? {
        0 => {}
        gone => tracing::debug!(deliveries = gone, "swept"),
    }
    Ok(())
}
