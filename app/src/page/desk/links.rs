//! Guests' links.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use transfer::wire::ProjectId;

use super::{Desk, sheet};
use crate::desk::Quota;
use crate::desk::links::{Ask, Asks, LinkCard, LinkSettings, LinkState, LinksAction, LinksDesk};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, Pick, button, choice, option, secret, send, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::rpc::desk::links_desk;
use crate::text::{figure, use_words};

const GIGABYTE: u64 = 1_000_000_000;

/// Days that a link lives if nothing else is entered.
const DAYS: u32 = 30;

type Links = Desk<LinksDesk>;

pub(crate) fn links_page() -> AnyView {
    sheet(
        |w| w.desk.links,
        |w| w.desk.links_what,
        || {
            let desk = Desk::opened(|| links_desk(LinksAction::Look));
            let making = RwSignal::new(false);
            desk.show(
                move |shown| if making.get() { form(desk, making, shown) } else { list(desk, making, shown) },
            )
        },
    )
}

fn list(desk: Links, making: RwSignal<bool>, shown: &LinksDesk) -> AnyView {
    let lines = shown.links.iter().map(|link| line(desk, link)).collect_view();
    let none = shown.links.is_empty();
    let new = move || {
        desk.refused.set(None);
        making.set(true);
    };
    view! {
        {what_went_wrong(desk.refused)}
        {shown.issued.as_ref().map(|issued| secret(issued.name.clone(), issued))}
        {none.then(|| view! { <p class="quiet">{say(|w| w.desk.no_links)}</p> })}
        <ul class="desk-list">{lines}</ul>
        {button(|w| w.desk.new_guest_link, "button button-primary", desk.busy, Box::new(new))}
    }
    .erase()
}

fn line(desk: Links, link: &LinkCard) -> AnyView {
    let words = use_words();
    let (id, state, guests, files, bytes) = (link.id, link.state, link.guests, link.files, link.bytes);
    let (class, symbol) = match state {
        LinkState::Good => ("badge badge-good", "check"),
        LinkState::Expired => ("badge badge-warn", "clock"),
        LinkState::Revoked => ("badge badge-warn", "cancel"),
    };
    let end = move || {
        let sure = untrack(words).desk.end_link_sure;
        if window().confirm_with_message(sure).unwrap_or_default() {
            desk.act(links_desk(LinksAction::Revoke { id }), || {});
        }
    };
    let end = (state == LinkState::Good)
        .then(|| button(|w| w.desk.end_link, "button button-small", desk.busy, Box::new(end)));
    view! {
        <li class="desk-line" data-testid="link">
            <div class="desk-line-what">
                <strong>{link.title.clone()}</strong>
                <span class="quiet">{icon("folder")} " " {link.project.to_string()}</span>
            </div>
            <span class="desk-line-facts quiet small">
                <span>{text(move || (words().desk.guests)(guests))}</span>
                <span>{text(move || (words().desk.holds)(files, &figure::bytes(bytes)))}</span>
                <span>{say(|w| w.desk.ends)} " " {instant(link.expires_at)}</span>
            </span>
            <span class=class>{icon(symbol)} {text(move || (words().desk.link_state)(state))}</span>
            {end}
        </li>
    }
    .erase()
}

fn form(desk: Links, making: RwSignal<bool>, shown: &LinksDesk) -> AnyView {
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let Ok(project) = ProjectId::try_from(entered.text("project")) else { return };
        let settings = LinkSettings {
            project,
            title: entered.text("title"),
            welcome: entered.text("welcome"),
            asks: Asks {
                name: asked(&entered, "ask-name"),
                email: asked(&entered, "ask-email"),
                note: asked(&entered, "ask-note"),
            },
            password: Some(entered.text("password")).filter(|password| !password.is_empty()),
            quota: Quota {
                files: entered.number("quota-files"),
                bytes: entered.amount("quota-size", GIGABYTE),
            },
            days: entered.number("days").and_then(|days| u32::try_from(days).ok()).unwrap_or_default(),
        };
        desk.act(links_desk(LinksAction::Create(settings)), move || making.set(false));
    };
    let leave = move || {
        desk.refused.set(None);
        making.set(false);
    };
    let projects = shown
        .projects
        .iter()
        .map(|(id, name)| {
            let name = name.clone();
            (id.to_string(), text(move || name.clone()))
        })
        .collect();
    let number = |name, label, value: &str| Field::text(name, label, value.to_owned()).of_kind("number");
    view! {
        <form class="form" on:submit=submit data-testid="link-form">
            <h2>{say(|w| w.desk.new_guest_link)}</h2>
            <div class="form-pair">
                {Field::text("title", |w| w.desk.title, String::new()).required().draw()}
                {choice("project", |w| w.project, projects, "")}
            </div>
            <div class="field">
                <label for="field-welcome">{say(|w| w.desk.welcome)}</label>
                <textarea id="field-welcome" name="welcome" rows="3" maxlength="2000"></textarea>
            </div>
            <div class="form-pair">
                {ask("ask-name", |w| w.desk.ask_name, "maybe")}
                {ask("ask-email", |w| w.desk.ask_email, "no")}
                {ask("ask-note", |w| w.desk.ask_note, "no")}
                {Field::text("password", |w| w.desk.link_password, String::new())
                    .of_kind("password")
                    .hint(|w| w.desk.optional)
                    .draw()}
                {number("quota-files", |w| w.desk.quota_files, "").hint(|w| w.desk.no_limit).draw()}
                {number("quota-size", |w| w.desk.quota_size, "").hint(|w| w.desk.no_limit).draw()}
                {number("days", |w| w.desk.days, &DAYS.to_string()).required().draw()}
            </div>
            {what_went_wrong(desk.refused)}
            <div class="actions">
                {send(|w| w.desk.save, desk.busy)} {button(|w| w.desk.back, "button", desk.busy, Box::new(leave))}
            </div>
        </form>
    }
    .erase()
}

fn ask(name: &'static str, label: Pick, chosen: &'static str) -> AnyView {
    let options = vec![
        option("no", |w| (w.desk.ask)(Ask::No)),
        option("maybe", |w| (w.desk.ask)(Ask::Maybe)),
        option("must", |w| (w.desk.ask)(Ask::Must)),
    ];
    choice(name, label, options, chosen)
}

fn asked(entered: &Entered, name: &str) -> Ask {
    match entered.text(name).as_str() {
        "maybe" => Ask::Maybe,
        "must" => Ask::Must,
        _ => Ask::No,
    }
}
