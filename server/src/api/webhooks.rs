//! Webhooks and what is delivered to them; for admins.

use app::desk::webhooks::{DeliveryCard, WebhookCard, WebhookSettings};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use ledger::{DeliveryId, WebhookId, WhoseDeliveries};
use serde::{Deserialize, Serialize};
use transfer::wire::Problem;
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Of, Search};
use super::caller::ApiCaller;
use crate::desk::{Desk, Made};
use crate::problem::HttpProblem;
use crate::state::AppState;

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeWebhook {
    /// What is known of it later.
    webhook: WebhookCard,
    /// What its messages are signed with, `whsec_…`; shown this once.
    secret: String,
}

impl From<Made<WebhookCard>> for MadeWebhook {
    fn from(made: Made<WebhookCard>) -> Self {
        Self { webhook: made.what, secret: made.issued.secret }
    }
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveriesQuery {
    /// Only those before that one: the `id` of the last of the page before.
    #[serde(default)]
    before: Option<i64>,
}

/// Lists webhooks, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "webhooks",
    responses((status = 200, body = [WebhookCard]), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
) -> Result<Json<Vec<WebhookCard>>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.all_webhooks().await?))
}

/// Adds a webhook, which is told when a batch is over.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "webhooks", request_body = WebhookSettings,
    responses((status = 201, body = MadeWebhook), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(settings): Body<WebhookSettings>,
) -> Result<(StatusCode, Json<MadeWebhook>), HttpProblem> {
    let made = Desk::of(&state, &caller)?.make_webhook(settings).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Shows a webhook.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = WebhookCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn show(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<WebhookCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.webhook(WebhookId(id)).await?))
}

/// Changes a webhook, or turns it off or on. What it was to be told before it was turned off, it is told afterwards.
#[utoipa::path(put, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = i64, Path)),
    request_body = WebhookSettings,
    responses((status = 200, body = WebhookCard), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn change(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
    Body(settings): Body<WebhookSettings>,
) -> Result<Json<WebhookCard>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.change_webhook(WebhookId(id), settings).await?;
    Ok(Json(desk.webhook(WebhookId(id)).await?))
}

/// Deletes a webhook, with its deliveries.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<StatusCode, HttpProblem> {
    Desk::of(&state, &caller)?.delete_webhook(WebhookId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a webhook another secret. For a day its messages are signed with both.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = MadeWebhook), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn change_secret(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<MadeWebhook>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.change_webhook_secret(WebhookId(id)).await?.into()))
}

/// Sends a test event to a webhook, once, and answers how that went.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = DeliveryCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn test(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<DeliveryCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.test_webhook(WebhookId(id)).await?))
}

/// Lists what was or will be delivered to a webhook, newest first, 50 at a time, of the last 30 days.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = i64, Path), DeliveriesQuery),
    responses((status = 200, body = [DeliveryCard]), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn deliveries(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
    Search(query): Search<DeliveriesQuery>,
) -> Result<Json<Vec<DeliveryCard>>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.webhook(WebhookId(id)).await?;
    let of = WhoseDeliveries::Of(WebhookId(id));
    Ok(Json(desk.deliveries(of, query.before.map(DeliveryId)).await?))
}

/// Delivers a message again, at once, whatever became of it, and answers how that went.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/redeliver", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = DeliveryCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn redeliver(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<DeliveryCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.redeliver(DeliveryId(id)).await?))
}
