//! Deliveries: what is to be told to a webhook, and how that went.
//!
//! They are written in the transaction of what they tell, so that nothing is told that did not happen, nor left untold
//! because a server was killed. Whoever sends one takes it first, for a while: so two servers never send it at the same
//! time, and one that dies leaves it to the others.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use transfer::wire::{BatchId, UnixMillis};

use crate::audit::note;
use crate::entity::{batch, delivery, webhook};
use crate::webhooks::{events, host, lock as lock_webhook};
use crate::word::{Word, count, millis, size, time};
use crate::{Action, Deed, DeliveryId, Event, Ledger, LedgerError, WebhookId};

/// What is to be told to a webhook, and how that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The id.
    pub id: DeliveryId,
    /// To whom.
    pub webhook: WebhookId,
    /// What names the message to its receiver; the same at each attempt.
    pub message: String,
    /// What happened.
    pub event: Event,
    /// To which batch.
    pub batch: Option<BatchId>,
    /// When.
    pub happened_at: UnixMillis,
    /// Whether it was taken.
    pub state: DeliveryState,
    /// Attempts in all, with the one that is under way.
    pub attempts: u64,
    /// Those of them that were made before it was last asked for by hand.
    pub earlier_attempts: u64,
    /// When the next attempt is due, if there is one to come.
    pub due_at: Option<UnixMillis>,
    /// What the last attempt that ended came to.
    pub last: Option<Attempt>,
}

/// Whether a message was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Not yet.
    Pending,
    /// It was.
    Delivered,
    /// It was not, and is not tried again.
    Failed,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was begun.
    pub at: UnixMillis,
    /// Milliseconds until it was answered or given up.
    pub took: u64,
    /// The answer's status, if there was one.
    pub status: Option<u16>,
    /// Why it failed, in a few words; empty if it did not.
    pub detail: String,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// It is tried again then.
    Again(UnixMillis),
    /// It is given up.
    Failed,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseDeliveries {
    /// All.
    All,
    /// Those of a webhook.
    Of(WebhookId),
}

/// Deliveries in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Deliveries<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Deliveries<'_> {
    /// The latest deliveries, newest first, at most `limit`; those before one of them.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(
        &self,
        whose: WhoseDeliveries,
        before: Option<DeliveryId>,
        limit: u64,
    ) -> Result<Vec<Delivery>, LedgerError> {
        let mut query = delivery::Entity::find().order_by_desc(delivery::Column::Id).limit(limit);
        if let WhoseDeliveries::Of(webhook) = whose {
            query = query.filter(delivery::Column::WebhookId.eq(webhook.0));
        }
        if let Some(before) = before {
            query = query.filter(delivery::Column::Id.lt(before.0));
        }
        query.all(self.ledger.db()).await?.into_iter().map(record).collect()
    }

    /// A delivery.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: DeliveryId) -> Result<Option<Delivery>, LedgerError> {
        delivery::Entity::find_by_id(id.0).one(self.ledger.db()).await?.map(record).transpose()
    }

    /// Takes what is due longest in hand until some time, and counts the attempt; nothing if nothing is due. What is for
    /// these webhooks, or for one that is off, is left.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        except: &[WebhookId],
    ) -> Result<Option<Delivery>, LedgerError> {
        loop {
            let due = delivery::Entity::find()
                .filter(is_due(now))
                .filter(delivery::Column::WebhookId.is_not_in(except.iter().map(|webhook| webhook.0)))
                .order_by_asc(delivery::Column::DueAt)
                .order_by_asc(delivery::Column::Id)
                .one(self.ledger.db())
                .await?;
            let Some(mut row) = due else { return Ok(None) };
            let update = delivery::Entity::update_many()
                .col_expr(delivery::Column::ClaimedUntil, Expr::value(millis(until)))
                .col_expr(delivery::Column::Attempts, Expr::value(row.attempts + 1))
                .filter(delivery::Column::Id.eq(row.id))
                .filter(delivery::Column::Attempts.eq(row.attempts))
                .filter(is_due(now));
            if update.exec(self.ledger.db()).await?.rows_affected == 1 {
                row.attempts += 1;
                return record(row).map(Some);
            }
            // Another server was faster; what is next?
        }
    }

    /// Writes a test down for a webhook, on or off, and takes it in hand until some time.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn test(
        &self,
        deed: Deed<'_>,
        webhook: WebhookId,
        message: String,
        until: UnixMillis,
    ) -> Result<Delivery, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let hook = lock_webhook(&write, webhook).await?;
        let new = delivery::ActiveModel {
            attempts: Set(1),
            claimed_until: Set(Some(millis(until))),
            ..pending(webhook.0, message, Event::Test, None, deed.at)
        };
        let row = new.insert(&write).await?;
        note(&write, deed, Action::WebhookTested, host(&hook.url), "").await?;
        write.commit().await?;
        record(row)
    }

    /// Begins a delivery again, whatever became of it, and takes it in hand until some time.
    ///
    /// # Errors
    /// `NoSuchDelivery`, `DeliveryUnderWay`.
    pub async fn redeliver(
        &self,
        deed: Deed<'_>,
        id: DeliveryId,
        until: UnixMillis,
    ) -> Result<Delivery, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let known =
            delivery::Entity::find_by_id(id.0).one(&write).await?.ok_or(LedgerError::NoSuchDelivery)?;
        // First the webhook, as whoever deletes it does.
        let hook = lock_webhook(&write, WebhookId(known.webhook_id)).await?;
        let found = delivery::Entity::find_by_id(id.0).lock_exclusive().one(&write).await?;
        let row = found.ok_or(LedgerError::NoSuchDelivery)?;
        let pending = row.state == DeliveryState::Pending.to_word();
        if pending && row.claimed_until.is_some_and(|claimed| claimed > millis(deed.at)) {
            return Err(LedgerError::DeliveryUnderWay);
        }
        let (made, message) = (row.attempts, row.message.clone());
        let mut change: delivery::ActiveModel = row.into();
        change.state = Set(DeliveryState::Pending.to_word().to_owned());
        change.earlier_attempts = Set(made);
        change.attempts = Set(made + 1);
        change.due_at = Set(millis(deed.at));
        change.claimed_until = Set(Some(millis(until)));
        let row = change.update(&write).await?;
        note(&write, deed, Action::WebhookRedelivered, host(&hook.url), &message).await?;
        write.commit().await?;
        record(row)
    }

    /// Notes what an attempt came to; `false` if it was taken out of hand meanwhile, and so does not count.
    ///
    /// # Errors
    /// `Database`.
    pub async fn note(
        &self,
        delivery: &Delivery,
        attempt: Attempt,
        outcome: Outcome,
    ) -> Result<bool, LedgerError> {
        let (state, due_at) = match outcome {
            Outcome::Delivered => (DeliveryState::Delivered, None),
            Outcome::Again(due_at) => (DeliveryState::Pending, Some(due_at)),
            Outcome::Failed => (DeliveryState::Failed, None),
        };
        let mut update = delivery::Entity::update_many()
            .col_expr(delivery::Column::State, Expr::value(state.to_word()))
            .col_expr(delivery::Column::ClaimedUntil, Expr::value(None::<i64>))
            .col_expr(delivery::Column::TriedAt, Expr::value(millis(attempt.at)))
            .col_expr(delivery::Column::Took, Expr::value(size(attempt.took)))
            .col_expr(delivery::Column::Status, Expr::value(attempt.status.map(i64::from)))
            .col_expr(delivery::Column::Detail, Expr::value(attempt.detail))
            .filter(delivery::Column::Id.eq(delivery.id.0))
            .filter(delivery::Column::State.eq(DeliveryState::Pending.to_word()))
            .filter(delivery::Column::Attempts.eq(size(delivery.attempts)));
        if let Some(due_at) = due_at {
            update = update.col_expr(delivery::Column::DueAt, Expr::value(millis(due_at)));
        }
        Ok(update.exec(self.ledger.db()).await?.rows_affected == 1)
    }

    /// Forgets what happened before that time; answers how many.
    ///
    /// # Errors
    /// `Database`.
    pub async fn sweep(&self, before: UnixMillis) -> Result<u64, LedgerError> {
        let gone = delivery::Entity::delete_many()
            .filter(delivery::Column::HappenedAt.lt(millis(before)))
            .exec(self.ledger.db())
            .await?;
        Ok(gone.rows_affected)
    }
}

/// Writes down for every webhook that wants it what happened to a batch, in the transaction of that.
pub(crate) async fn queue(
    db: &impl ConnectionTrait,
    event: Event,
    id: &BatchId,
    at: UnixMillis,
) -> Result<(), LedgerError> {
    // Held, so that none is deleted before this is written.
    let on = webhook::Entity::find().filter(webhook::Column::Enabled.eq(true)).lock_shared().all(db).await?;
    if on.is_empty() {
        return Ok(());
    }
    let Some(batch) = batch::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(()) };
    // No dots: what is signed has them between its parts (Standard Webhooks, "Signature scheme").
    let message = format!("{}-{id}", event.to_word().replace('.', "-"));
    for hook in on {
        let wanted = hook.project_id.as_ref().is_none_or(|project| *project == batch.project_id)
            && events(&hook.events)?.contains(&event);
        if wanted {
            let new = pending(hook.id, message.clone(), event, Some(batch.id.clone()), at);
            new.insert(db).await?;
        }
    }
    Ok(())
}

fn pending(
    webhook: i64,
    message: String,
    event: Event,
    batch: Option<String>,
    at: UnixMillis,
) -> delivery::ActiveModel {
    delivery::ActiveModel {
        id: NotSet,
        webhook_id: Set(webhook),
        message: Set(message),
        event: Set(event.to_word().to_owned()),
        batch_id: Set(batch),
        happened_at: Set(millis(at)),
        state: Set(DeliveryState::Pending.to_word().to_owned()),
        attempts: Set(0),
        earlier_attempts: Set(0),
        due_at: Set(millis(at)),
        claimed_until: Set(None),
        tried_at: Set(None),
        took: Set(None),
        status: Set(None),
        detail: Set(None),
    }
}

fn is_due(now: UnixMillis) -> Condition {
    let free = delivery::Column::ClaimedUntil.is_null().or(delivery::Column::ClaimedUntil.lte(millis(now)));
    let on = webhook::Entity::find()
        .select_only()
        .column(webhook::Column::Id)
        .filter(webhook::Column::Enabled.eq(true))
        .into_query();
    Condition::all()
        .add(delivery::Column::State.eq(DeliveryState::Pending.to_word()))
        .add(delivery::Column::DueAt.lte(millis(now)))
        .add(free)
        .add(delivery::Column::WebhookId.in_subquery(on))
}

fn record(row: delivery::Model) -> Result<Delivery, LedgerError> {
    let corrupt =
        |found: &str| LedgerError::Corrupt { column: "deliveries.batch_id", found: found.to_owned() };
    let state = DeliveryState::from_word(&row.state)?;
    let last = row.tried_at.map(|at| Attempt {
        at: time(at),
        took: count(row.took.unwrap_or_default()),
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        detail: row.detail.unwrap_or_default(),
    });
    Ok(Delivery {
        id: DeliveryId(row.id),
        webhook: WebhookId(row.webhook_id),
        message: row.message,
        event: Event::from_word(&row.event)?,
        batch: row.batch_id.as_deref().map(|id| id.parse().map_err(|_| corrupt(id))).transpose()?,
        happened_at: time(row.happened_at),
        state,
        attempts: count(row.attempts),
        earlier_attempts: count(row.earlier_attempts),
        due_at: (state == DeliveryState::Pending).then(|| time(row.due_at)),
        last,
    })
}
