//! Guests' links.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use transfer::wire::ProjectId;

use super::{Desk, quota, sheet};
use crate::desk::Quota;
use crate::desk::links::{Ask, Asks, LinkCard, LinkChange, LinkSettings, LinkState, LinksAction, LinksDesk};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, Pick, button, choice, option, secret, send, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::rpc::desk::links_desk;
use crate::text::{figure, use_words};

/// Days that a link lives if nothing else is entered.
const DAYS: u32 = 30;

type Links = Desk<LinksDesk>;

/// What the form is for: nothing, a new link, or one that is there.
type Editing = RwSignal<Option<Option<LinkCard>>>;

pub(crate) fn links_page() -> AnyView {
    sheet(
        |w| w.desk.links,
        |w| w.desk.links_what,
        || {
            let desk = Desk::opened(|| links_desk(LinksAction::Look));
            let editing: Editing = RwSignal::new(None);
            desk.show(move |shown| match editing.get() {
                Some(link) => form(desk, editing, link, shown),
                None => list(desk, editing, shown),
            })
        },
    )
}

fn list(desk: Links, editing: Editing, shown: &LinksDesk) -> AnyView {
    let lines = shown.links.iter().map(|link| line(desk, editing, link)).collect_view();
    let none = shown.links.is_empty();
    let new = move || edit(desk, editing, Some(None));
    view! {
        {what_went_wrong(desk.refused)}
        {shown.issued.as_ref().map(|issued| secret(issued.name.clone(), issued))}
        {none.then(|| view! { <p class="quiet">{say(|w| w.desk.no_links)}</p> })}
        <ul class="desk-list">{lines}</ul>
        {button(|w| w.desk.new_guest_link, "button button-primary", desk.busy, Box::new(new))}
    }
    .erase()
}

fn edit(desk: Links, editing: Editing, what: Option<Option<LinkCard>>) {
    desk.refused.set(None);
    editing.set(what);
}

fn line(desk: Links, editing: Editing, link: &LinkCard) -> AnyView {
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
    let whole = link.clone();
    let change = move || edit(desk, editing, Some(Some(whole.clone())));
    let change = (state != LinkState::Revoked)
        .then(|| button(|w| w.desk.edit, "button button-small", desk.busy, Box::new(change)));
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
            {change}
            {end}
        </li>
    }
    .erase()
}

/// What the form is filled with.
#[derive(Default)]
struct Now {
    title: String,
    welcome: String,
    asks: Asks,
    has_password: bool,
    quota: Quota,
}

impl Now {
    fn of(link: LinkCard) -> Self {
        let LinkCard { title, welcome, asks, has_password, quota, .. } = link;
        Self { title, welcome, asks, has_password, quota }
    }
}

fn form(desk: Links, editing: Editing, link: Option<LinkCard>, shown: &LinksDesk) -> AnyView {
    let id = link.as_ref().map(|link| link.id);
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let action = match id {
            Some(id) => Some(LinksAction::Change { id, change: change(&entered) }),
            None => settings(&entered).map(LinksAction::Create),
        };
        let Some(action) = action else { return };
        desk.act(links_desk(action), move || editing.set(None));
    };
    let leave = move || edit(desk, editing, None);
    let project = id.is_none().then(|| {
        let projects = shown.projects.iter().map(|(id, name)| {
            let name = name.clone();
            (id.to_string(), text(move || name.clone()))
        });
        choice("project", |w| w.project, projects.collect(), "")
    });
    let number = |name, label, value: String| Field::text(name, label, value).of_kind("number");
    let now = link.map(Now::of);
    let now =
        now.unwrap_or_else(|| Now { asks: Asks { name: Ask::Maybe, ..Asks::default() }, ..Now::default() });
    let password = Field::text("password", |w| w.desk.link_password, String::new()).of_kind("password");
    let password = password.hint(if id.is_some() { |w| w.desk.stays } else { |w| w.desk.optional });
    let days = number("days", |w| w.desk.days, if id.is_some() { String::new() } else { DAYS.to_string() });
    let days = if id.is_some() { days.hint(|w| w.desk.stays) } else { days.required() };
    let open = now.has_password.then(|| {
        view! {
            <label class="tick">
                <input type="checkbox" name="no-password" value="yes" />
                {say(|w| w.desk.no_password)}
            </label>
        }
        .erase()
    });
    view! {
        <form class="form" on:submit=submit data-testid="link-form">
            <h2>{say(if id.is_some() { |w| w.desk.edit } else { |w| w.desk.new_guest_link })}</h2>
            <div class="form-pair">
                {Field::text("title", |w| w.desk.title, now.title).required().draw()}
                {project}
            </div>
            <div class="field">
                <label for="field-welcome">{say(|w| w.desk.welcome)}</label>
                <textarea id="field-welcome" name="welcome" rows="3" maxlength="2000">{now.welcome}</textarea>
            </div>
            <div class="form-pair">
                {ask("ask-name", |w| w.desk.ask_name, now.asks.name)}
                {ask("ask-email", |w| w.desk.ask_email, now.asks.email)}
                {ask("ask-note", |w| w.desk.ask_note, now.asks.note)}
                {password.draw()}
                {quota::in_all(now.quota)}
                {days.draw()}
            </div>
            {open}
            {what_went_wrong(desk.refused)}
            <div class="actions">
                {send(|w| w.desk.save, desk.busy)} {button(|w| w.desk.back, "button", desk.busy, Box::new(leave))}
            </div>
        </form>
    }
    .erase()
}

fn settings(entered: &Entered) -> Option<LinkSettings> {
    Some(LinkSettings {
        project: ProjectId::try_from(entered.text("project")).ok()?,
        title: entered.text("title"),
        welcome: entered.text("welcome"),
        asks: asks(entered),
        password: Some(entered.text("password")).filter(|password| !password.is_empty()),
        quota: quota::in_all_entered(entered),
        days: days(entered).unwrap_or_default(),
    })
}

fn change(entered: &Entered) -> LinkChange {
    let password = entered.text("password");
    let dropped = !entered.text("no-password").is_empty();
    LinkChange {
        title: Some(entered.text("title")),
        welcome: Some(entered.text("welcome")),
        asks: Some(asks(entered)),
        password: (dropped || !password.is_empty()).then_some(password),
        quota: Some(quota::in_all_entered(entered)),
        days: (!entered.text("days").is_empty()).then(|| days(entered).unwrap_or_default()),
    }
}

fn asks(entered: &Entered) -> Asks {
    Asks {
        name: asked(entered, "ask-name"),
        email: asked(entered, "ask-email"),
        note: asked(entered, "ask-note"),
    }
}

fn days(entered: &Entered) -> Option<u32> {
    entered.number("days").and_then(|days| u32::try_from(days).ok())
}

fn ask(name: &'static str, label: Pick, now: Ask) -> AnyView {
    let chosen = match now {
        Ask::No => "no",
        Ask::Maybe => "maybe",
        Ask::Must => "must",
    };
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
