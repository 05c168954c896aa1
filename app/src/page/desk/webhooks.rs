//! Webhooks, and what was delivered to them.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use transfer::wire::ProjectId;

use super::{Desk, sheet};
use crate::desk::webhooks::{
    DeliveryCard, DeliveryState, WebhookCard, WebhookEvent, WebhookSettings, WebhooksAction, WebhooksDesk,
};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, Pick, button, choice, option, secret, send, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::rpc::desk::webhooks_desk;
use crate::text::use_words;

type Webhooks = Desk<WebhooksDesk>;

/// What the form is for: nothing, a new webhook, or one that is there.
type Editing = RwSignal<Option<Option<WebhookCard>>>;

pub(crate) fn webhooks_page() -> AnyView {
    sheet(
        |w| w.desk.webhooks,
        |w| w.desk.webhooks_what,
        || {
            let desk = Desk::opened(|| webhooks_desk(WebhooksAction::Look));
            let editing: Editing = RwSignal::new(None);
            desk.show(move |shown| match editing.get() {
                Some(webhook) => form(desk, editing, webhook, shown),
                None => list(desk, editing, shown),
            })
        },
    )
}

fn list(desk: Webhooks, editing: Editing, shown: &WebhooksDesk) -> AnyView {
    let lines = shown.webhooks.iter().map(|webhook| line(desk, editing, webhook, shown)).collect_view();
    let deliveries = shown.deliveries.iter().map(|delivery| row(desk, delivery, shown)).collect_view();
    let (none, silent) = (shown.webhooks.is_empty(), shown.deliveries.is_empty());
    let new = move || edit(desk, editing, Some(None));
    view! {
        {what_went_wrong(desk.refused)}
        {shown.issued.as_ref().map(|issued| secret(issued.name.clone(), issued))}
        {none.then(|| view! { <p class="quiet">{say(|w| w.desk.no_webhooks)}</p> }.erase())}
        <ul class="desk-list">{lines}</ul>
        {button(|w| w.desk.new_webhook, "button button-primary", desk.busy, Box::new(new))}
        <h2>{say(|w| w.desk.deliveries)}</h2>
        {silent.then(|| view! { <p class="quiet">{say(|w| w.desk.no_deliveries)}</p> }.erase())}
        <ul class="desk-list">{deliveries}</ul>
    }
    .erase()
}

fn edit(desk: Webhooks, editing: Editing, what: Option<Option<WebhookCard>>) {
    desk.refused.set(None);
    editing.set(what);
}

fn line(desk: Webhooks, editing: Editing, webhook: &WebhookCard, shown: &WebhooksDesk) -> AnyView {
    let words = use_words();
    let (id, settings, whole) = (webhook.id, webhook.settings.clone(), webhook.clone());
    let on = settings.enabled;
    let (class, symbol) = if on { ("badge badge-good", "check") } else { ("badge badge-warn", "pause") };
    let project = project_name(&settings, shown);
    let act = move |label: Pick, action: WebhooksAction| {
        let run = move || desk.act(webhooks_desk(action.clone()), || {});
        button(label, "button button-small", desk.busy, Box::new(run))
    };
    let switched = WebhookSettings { enabled: !on, ..settings.clone() };
    let label: Pick = if on { |w| w.desk.disable } else { |w| w.desk.enable };
    let delete = move || {
        let sure = untrack(words).desk.delete_webhook_sure;
        if window().confirm_with_message(sure).unwrap_or_default() {
            desk.act(webhooks_desk(WebhooksAction::Delete { id }), || {});
        }
    };
    let change = move || edit(desk, editing, Some(Some(whole.clone())));
    view! {
        <li class="desk-line" data-testid="webhook">
            <div class="desk-line-what">
                <strong>{settings.url.clone()}</strong>
                <span class="quiet">{icon("folder")} " " {project}</span>
            </div>
            <span class=class>{icon(symbol)} {text(move || (words().desk.webhook_on)(on))}</span>
            {act(|w| w.desk.send_test, WebhooksAction::Test { id })}
            <details class="desk-line-more">
                <summary>{say(|w| w.desk.edit)} <span class="visually-hidden">{settings.url}</span></summary>
                <div class="actions">
                    {button(|w| w.desk.edit, "button button-small", desk.busy, Box::new(change))}
                    {act(label, WebhooksAction::Change { id, settings: switched })}
                    {act(|w| w.desk.webhook_secret, WebhooksAction::Secret { id })}
                    {button(|w| w.desk.delete, "button button-small", desk.busy, Box::new(delete))}
                </div>
            </details>
        </li>
    }
    .erase()
}

/// The project that a webhook is told of, by name.
fn project_name(settings: &WebhookSettings, shown: &WebhooksDesk) -> Box<dyn FnMut() -> String + Send> {
    match settings.project.clone() {
        None => text(say(|w| w.desk.all_projects)),
        Some(id) => {
            let known = shown.projects.iter().find(|(project, _)| *project == id);
            let name = known.map_or_else(|| id.to_string(), |(_, name)| name.clone());
            text(move || name.clone())
        }
    }
}

fn row(desk: Webhooks, delivery: &DeliveryCard, shown: &WebhooksDesk) -> AnyView {
    let words = use_words();
    let (id, state, attempts) = (delivery.id, delivery.state, delivery.attempts);
    let (class, symbol) = match state {
        DeliveryState::Pending => ("badge badge-open", "clock"),
        DeliveryState::Delivered => ("badge badge-good", "check"),
        DeliveryState::Failed => ("badge badge-warn", "alert"),
    };
    let event = delivery.event.clone();
    let webhook = shown.webhooks.iter().find(|webhook| webhook.id == delivery.webhook);
    let to = webhook.map(|webhook| webhook.settings.url.clone());
    let batch = delivery.batch.as_ref().map(|batch| {
        let at = format!("/desk/batches/{batch}");
        view! { " · " <a href=at>{say(|w| w.desk.batch)}</a> }.erase()
    });
    let answer = delivery.status.map(|status| view! { <span>{format!("HTTP {status}")}</span> }.erase());
    let took = delivery.took.map(|took| view! { <span>{format!("{took} ms")}</span> }.erase());
    let detail = delivery.detail.clone().map(|detail| view! { <span>{detail}</span> }.erase());
    let tried = delivery.tried_at.map(|at| view! { <span>{instant(at)}</span> }.erase());
    let next = delivery
        .due_at
        .map(|at| view! { <span>{say(|w| w.desk.next_attempt)} " " {instant(at)}</span> }.erase());
    let run = move || desk.act(webhooks_desk(WebhooksAction::Redeliver { id }), || {});
    view! {
        <li class="desk-line" data-testid="delivery">
            <div class="desk-line-what">
                <strong>{text(move || (words().desk.webhook_event)(&event))}</strong>
                <span class="quiet">{to} {batch}</span>
            </div>
            <span class="desk-line-facts quiet small">
                <span>{text(move || (words().desk.attempts)(attempts))}</span>
                {answer}
                {detail}
                {took}
                {tried}
                {next}
            </span>
            <span class=class>{icon(symbol)} {text(move || (words().desk.delivery_state)(state))}</span>
            {button(|w| w.desk.redeliver, "button button-small", desk.busy, Box::new(run))}
        </li>
    }
    .erase()
}

fn form(desk: Webhooks, editing: Editing, webhook: Option<WebhookCard>, shown: &WebhooksDesk) -> AnyView {
    let now = webhook.as_ref().map(|webhook| webhook.settings.clone());
    let now = now.unwrap_or_else(|| WebhookSettings {
        url: String::new(),
        project: None,
        events: vec![WebhookEvent::BatchVerified],
        enabled: true,
    });
    let (id, enabled) = (webhook.map(|webhook| webhook.id), now.enabled);
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let told = entered.all("told");
        let events = [("verified", WebhookEvent::BatchVerified), ("closed", WebhookEvent::BatchClosed)];
        let events = events.into_iter().filter(|(word, _)| told.iter().any(|told| told == word));
        let settings = WebhookSettings {
            url: entered.text("url"),
            project: ProjectId::try_from(entered.text("project")).ok(),
            events: events.map(|(_, event)| event).collect(),
            enabled,
        };
        let action = match id {
            Some(id) => WebhooksAction::Change { id, settings },
            None => WebhooksAction::Create(settings),
        };
        desk.act(webhooks_desk(action), move || editing.set(None));
    };
    let mut projects = vec![option("", |w| w.desk.all_projects)];
    projects.extend(shown.projects.iter().map(|(id, name)| {
        let name = name.clone();
        (id.to_string(), text(move || name.clone()))
    }));
    let chosen = now.project.as_ref().map(ToString::to_string).unwrap_or_default();
    let leave = move || edit(desk, editing, None);
    view! {
        <form class="form" on:submit=submit data-testid="webhook-form">
            <h2>{say(if id.is_some() { |w| w.desk.edit } else { |w| w.desk.new_webhook })}</h2>
            <div class="form-pair">
                {Field::text("url", |w| w.desk.url, now.url).of_kind("url").required().draw()}
                {choice("project", |w| w.project, projects, &chosen)}
            </div>
            <fieldset class="ticks">
                <legend>{say(|w| w.desk.told)}</legend>
                {tick("verified", now.events.contains(&WebhookEvent::BatchVerified), |w| (w.desk.webhook_event)("batch.verified"))}
                {tick("closed", now.events.contains(&WebhookEvent::BatchClosed), |w| (w.desk.webhook_event)("batch.closed"))}
            </fieldset>
            {what_went_wrong(desk.refused)}
            <div class="actions">
                {send(|w| w.desk.save, desk.busy)} {button(|w| w.desk.back, "button", desk.busy, Box::new(leave))}
            </div>
        </form>
    }
    .erase()
}

fn tick(value: &'static str, ticked: bool, label: Pick) -> AnyView {
    view! {
        <label class="tick">
            <input type="checkbox" name="told" value=value checked=ticked />
            {say(label)}
        </label>
    }
    .erase()
}
