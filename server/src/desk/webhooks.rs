//! Webhooks and what is delivered to them, as an admin sees it.

use std::time::Duration;

use app::desk::Issued;
use app::desk::webhooks::{
    DELIVERIES_PAGE, DeliveryCard, DeliveryState, WebhookCard, WebhookEvent, WebhookSettings, WebhooksAction,
    WebhooksDesk,
};
use ledger::{
    Delivery, DeliveryId, Event, LedgerError, WebhookDraft, WebhookId, WebhookRecord, WhoseDeliveries,
};
use uuid::Uuid;

use super::{Desk, DeskError, Made};
use crate::caller::Caller;
use crate::clock;
use crate::state::AppState;
use crate::webhook::{attempt, check, lease, new_secret};

/// How long a secret is used beside the one that follows it, so that no message comes unsigned by what its receiver knows.
const OVERLAP: Duration = Duration::from_secs(24 * 3_600);

/// Does what the page asks for, and answers all that it shows.
///
/// # Errors
/// `Forbidden` to all but admins; what the action says.
pub async fn act(
    state: &AppState,
    caller: &Caller,
    action: WebhooksAction,
) -> Result<WebhooksDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    let issued = match action {
        WebhooksAction::Look => None,
        WebhooksAction::Create(settings) => Some(desk.make_webhook(settings).await?.issued),
        WebhooksAction::Change { id, settings } => {
            desk.change_webhook(WebhookId(id), settings).await?;
            None
        }
        WebhooksAction::Secret { id } => Some(desk.change_webhook_secret(WebhookId(id)).await?.issued),
        WebhooksAction::Delete { id } => {
            desk.delete_webhook(WebhookId(id)).await?;
            None
        }
        WebhooksAction::Test { id } => {
            desk.test_webhook(WebhookId(id)).await?;
            None
        }
        WebhooksAction::Redeliver { id } => {
            desk.redeliver(DeliveryId(id)).await?;
            None
        }
    };
    let projects = state.ledger.projects().list().await?.into_iter();
    Ok(WebhooksDesk {
        webhooks: desk.all_webhooks().await?,
        projects: projects.map(|project| (project.id, project.name)).collect(),
        deliveries: desk.deliveries(WhoseDeliveries::All, None).await?,
        issued,
    })
}

impl Desk<'_> {
    /// All webhooks, newest first.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn all_webhooks(&self) -> Result<Vec<WebhookCard>, DeskError> {
        Ok(self.state.ledger.webhooks().list().await?.into_iter().map(card).collect())
    }

    /// A webhook.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn webhook(&self, id: WebhookId) -> Result<WebhookCard, DeskError> {
        let found = self.state.ledger.webhooks().get(id).await?;
        Ok(card(found.ok_or(LedgerError::NoSuchWebhook)?))
    }

    /// Adds a webhook, and makes its secret.
    ///
    /// # Errors
    /// `NoSuchProject`; a URL where none may lead, or no event.
    pub async fn make_webhook(&self, settings: WebhookSettings) -> Result<Made<WebhookCard>, DeskError> {
        let (draft, secret) = (self.webhook_draft(settings)?, new_secret());
        let id = self.state.ledger.webhooks().create(self.deed(), draft, secret.clone()).await?;
        self.with_secret(id, secret).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// `NoSuchWebhook`, `NoSuchProject`; a URL where none may lead, or no event.
    pub async fn change_webhook(&self, id: WebhookId, settings: WebhookSettings) -> Result<(), DeskError> {
        let draft = self.webhook_draft(settings)?;
        Ok(self.state.ledger.webhooks().change(self.deed(), id, draft).await?)
    }

    /// Gives a webhook another secret. For a day messages are signed with the one until now as well.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn change_webhook_secret(&self, id: WebhookId) -> Result<Made<WebhookCard>, DeskError> {
        let (deed, secret) = (self.deed(), new_secret());
        let until = clock::after(deed.at, OVERLAP);
        self.state.ledger.webhooks().set_secret(deed, id, secret.clone(), until).await?;
        self.with_secret(id, secret).await
    }

    /// Deletes a webhook and its deliveries.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), DeskError> {
        Ok(self.state.ledger.webhooks().delete(self.deed(), id).await?)
    }

    /// Sends a test event to a webhook, on or off, and answers how it went.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<DeliveryCard, DeskError> {
        let (deed, message) = (self.deed(), format!("webhook-test-{}", Uuid::now_v7()));
        let delivery = self.state.ledger.deliveries().test(deed, id, message, lease(deed.at)).await?;
        self.attempted(delivery).await
    }

    /// Delivers again, at once, and answers how it went; what is not taken is tried again as at first.
    ///
    /// # Errors
    /// `NoSuchDelivery`, `DeliveryUnderWay`.
    pub async fn redeliver(&self, id: DeliveryId) -> Result<DeliveryCard, DeskError> {
        let deed = self.deed();
        let delivery = self.state.ledger.deliveries().redeliver(deed, id, lease(deed.at)).await?;
        self.attempted(delivery).await
    }

    /// The latest deliveries, newest first; those before one of them.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn deliveries(
        &self,
        whose: WhoseDeliveries,
        before: Option<DeliveryId>,
    ) -> Result<Vec<DeliveryCard>, DeskError> {
        let found = self.state.ledger.deliveries().list(whose, before, DELIVERIES_PAGE as u64).await?;
        Ok(found.into_iter().map(delivery_card).collect())
    }

    fn webhook_draft(&self, settings: WebhookSettings) -> Result<WebhookDraft, DeskError> {
        let url = settings.url.trim().to_owned();
        check(&url, self.state.config.webhooks.reach)
            .map_err(|refusal| DeskError::Invalid(format!("Not this URL: {refusal}.")))?;
        let mut events: Vec<Event> = settings.events.into_iter().map(event).collect();
        events.dedup();
        if events.is_empty() {
            return Err(DeskError::Invalid("Choose what the webhook is told.".to_owned()));
        }
        Ok(WebhookDraft { url, project: settings.project, events, enabled: settings.enabled })
    }

    async fn with_secret(&self, id: WebhookId, secret: String) -> Result<Made<WebhookCard>, DeskError> {
        let what = self.webhook(id).await?;
        let issued = Issued { name: what.settings.url.clone(), secret, code: None };
        Ok(Made { what, issued })
    }

    /// Makes an attempt at what is in hand, and answers how it went. It goes on if the admin does not wait for it.
    async fn attempted(&self, delivery: Delivery) -> Result<DeliveryCard, DeskError> {
        let (state, id) = (self.state.clone(), delivery.id);
        tokio::spawn(async move { attempt(&state, &delivery).await }).await??;
        let found = self.state.ledger.deliveries().get(id).await?;
        Ok(delivery_card(found.ok_or(LedgerError::NoSuchDelivery)?))
    }
}

fn event(event: WebhookEvent) -> Event {
    match event {
        WebhookEvent::BatchVerified => Event::BatchVerified,
        WebhookEvent::BatchClosed => Event::BatchClosed,
    }
}

fn card(webhook: WebhookRecord) -> WebhookCard {
    let shown = |event: &Event| match event {
        Event::BatchVerified => Some(WebhookEvent::BatchVerified),
        Event::BatchClosed => Some(WebhookEvent::BatchClosed),
        Event::Test => None,
    };
    let WebhookDraft { url, project, events, enabled } = webhook.draft;
    let events = events.iter().filter_map(shown).collect();
    WebhookCard {
        id: webhook.id.0,
        settings: WebhookSettings { url, project, events, enabled },
        created_at: webhook.created_at,
    }
}

fn delivery_card(delivery: Delivery) -> DeliveryCard {
    let state = match delivery.state {
        ledger::DeliveryState::Pending => DeliveryState::Pending,
        ledger::DeliveryState::Delivered => DeliveryState::Delivered,
        ledger::DeliveryState::Failed => DeliveryState::Failed,
    };
    let last = delivery.last;
    DeliveryCard {
        id: delivery.id.0,
        webhook: delivery.webhook.0,
        message: delivery.message,
        event: delivery.event.word().to_owned(),
        batch: delivery.batch,
        happened_at: delivery.happened_at,
        state,
        attempts: delivery.attempts,
        due_at: delivery.due_at,
        tried_at: last.as_ref().map(|last| last.at),
        took: last.as_ref().map(|last| last.took),
        status: last.as_ref().and_then(|last| last.status),
        detail: last.map(|last| last.detail).filter(|detail| !detail.is_empty()),
    }
}
