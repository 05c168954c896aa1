//! People and their tokens.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::location::Url;

use super::super::account::session_line;
use super::{Desk, quota, sheet};
use crate::desk::people::{PeopleAction, PeopleDesk, PersonCard, PersonState, TokenCard, TokenScope};
use crate::desk::{Issued, Quota};
use crate::erase::{Erase, part_if, text};
use crate::form::{Entered, Field, Pick, button, choice, option, secret, send, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::person::Role;
use crate::rpc::desk::people_desk;
use crate::text::{figure, use_words};

/// Days that a token lives if nothing else is entered.
const TOKEN_DAYS: u32 = 90;

pub(crate) fn people_page() -> AnyView {
    sheet(
        |w| w.desk.people,
        |w| w.desk.people_what,
        || {
            let desk = Desk::opened(|| people_desk(PeopleAction::Look));
            // Whether what was issued last is a token.
            let token = RwSignal::new(false);
            // Whose limits are being changed.
            let limited = RwSignal::new(None);
            desk.show(move |shown| whole(desk, token, limited, shown))
        },
    )
}

type People = Desk<PeopleDesk>;

fn whole(desk: People, token: RwSignal<bool>, limited: RwSignal<Option<i64>>, shown: &PeopleDesk) -> AnyView {
    let people = shown.people.iter().map(|person| line(desk, token, limited, person)).collect_view();
    view! {
        {what_went_wrong(desk.refused)}
        {shown.issued.as_ref().map(|issued| issue(token.get_untracked(), issued))}
        {invite(desk, token)}
        <ul class="desk-list">{people}</ul>
        {tokens(desk, token, shown)}
        {sessions(desk, shown)}
    }
    .erase()
}

fn sessions(desk: People, shown: &PeopleDesk) -> AnyView {
    let lines = shown.sessions.iter().map(|card| {
        let (person, session) = (card.person.clone(), card.id.clone());
        let run = move || {
            let action = PeopleAction::EndSession { person: person.clone(), session: session.clone() };
            desk.act(people_desk(action), || {});
        };
        session_line(card, Some(button(|w| w.sign_out, "button button-small", desk.busy, Box::new(run))))
    });
    view! {
        <h2>{say(|w| w.desk.sessions)}</h2>
        <p class="quiet">{say(|w| w.desk.sessions_what)}</p>
        <ul class="desk-list">{lines.collect_view()}</ul>
    }
    .erase()
}

fn issue(token: bool, issued: &Issued) -> AnyView {
    let words = use_words();
    let title = if token { words().desk.token_for } else { words().desk.link_for };
    secret(title(&issued.name), issued)
}

fn invite(desk: People, token: RwSignal<bool>) -> AnyView {
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let role = if entered.text("role") == "admin" { Role::Admin } else { Role::Uploader };
        token.set(false);
        desk.act(people_desk(PeopleAction::Invite { name: entered.text("name"), role }), || {});
    };
    let roles = vec![
        option("uploader", |w| (w.desk.role_name)(Role::Uploader)),
        option("admin", |w| (w.desk.role_name)(Role::Admin)),
    ];
    view! {
        <form class="form form-line" on:submit=submit data-testid="invite">
            {Field::text("name", |w| w.name, String::new()).required().draw()}
            {choice("role", |w| w.desk.role, roles, "uploader")}
            {send(|w| w.desk.invite, desk.busy)}
        </form>
    }
    .erase()
}

fn line(desk: People, token: RwSignal<bool>, limited: RwSignal<Option<i64>>, person: &PersonCard) -> AnyView {
    let words = use_words();
    let (id, role, state) = (person.id, person.role, person.state);
    let (class, symbol) = match state {
        PersonState::Active => ("badge badge-good", "check"),
        PersonState::Invited => ("badge badge-open", "clock"),
        PersonState::Disabled => ("badge badge-warn", "pause"),
    };
    let act = move |label: Pick, action: fn(i64) -> PeopleAction| {
        let run = move || {
            token.set(false);
            desk.act(people_desk(action(id)), || {});
        };
        button(label, "button button-small", desk.busy, Box::new(run))
    };
    let batches = format!("/desk/batches?person={}", Url::escape(&person.name));
    let other_role = match role {
        Role::Admin => {
            act(|w| w.desk.make_uploader, |person| PeopleAction::Role { person, role: Role::Uploader })
        }
        _ => act(|w| w.desk.make_admin, |person| PeopleAction::Role { person, role: Role::Admin }),
    };
    let switch = match state {
        PersonState::Disabled => act(|w| w.desk.enable, |person| PeopleAction::Enable { person }),
        _ => act(|w| w.desk.disable, |person| PeopleAction::Disable { person }),
    };
    let quotas = (person.quota, person.daily_quota);
    let limit = button(
        |w| w.desk.limits,
        "button button-small",
        desk.busy,
        Box::new(move || {
            limited.update(|now| *now = if *now == Some(id) { None } else { Some(id) });
        }),
    );
    let used = person.used;
    let holds = (used.files > 0).then(|| {
        let line = move || (words().desk.holds)(used.files, &figure::bytes(used.bytes));
        view! { <span>{text(line)}</span> }.erase()
    });
    view! {
        <li class="desk-line" data-testid="person">
            <div class="desk-line-what">
                <strong>{person.name.clone()}</strong>
                <span class="quiet">{text(move || (words().desk.role_name)(role))}</span>
            </div>
            <span class="desk-line-facts quiet small">{holds} {quota::today(person.today)}</span>
            <span class=class>{icon(symbol)} {text(move || (words().desk.person_state)(state))}</span>
            <details class="desk-line-more">
                <summary>{say(|w| w.desk.edit)} <span class="visually-hidden">{person.name.clone()}</span></summary>
                <div class="actions">
                    <a class="button button-small" href=batches>{say(|w| w.desk.batches)}</a>
                    {act(|w| w.desk.new_link, |person| PeopleAction::Link { person })}
                    {act(|w| w.desk.end_sessions, |person| PeopleAction::SignOut { person })}
                    {other_role}
                    {switch}
                    {limit}
                </div>
                {part_if(move || (limited.get() == Some(id)).then(|| quota_form(desk, limited, id, quotas)))}
            </details>
        </li>
    }
    .erase()
}

/// How much is taken from the person, over all projects.
fn quota_form(
    desk: People,
    limited: RwSignal<Option<i64>>,
    id: i64,
    (in_all, daily): (Quota, Quota),
) -> AnyView {
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let (quota, daily_quota) = (quota::in_all_entered(&entered), quota::daily_entered(&entered));
        let action = PeopleAction::Quota { person: id, quota, daily_quota };
        desk.act(people_desk(action), move || limited.set(None));
    };
    view! {
        <form class="form" on:submit=submit data-testid="person-quota">
            <div class="form-pair">{quota::in_all(in_all)} {quota::daily(daily)}</div>
            <div class="actions">{send(|w| w.desk.save, desk.busy)}</div>
        </form>
    }
    .erase()
}

fn tokens(desk: People, token: RwSignal<bool>, shown: &PeopleDesk) -> AnyView {
    let none = shown.tokens.is_empty();
    let lines = shown.tokens.iter().map(|card| token_line(desk, card)).collect_view();
    let people = shown
        .people
        .iter()
        .map(|person| {
            let name = person.name.clone();
            (person.id.to_string(), text(move || name.clone()))
        })
        .collect();
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let action = PeopleAction::Token {
            person: entered.number("person").and_then(|id| i64::try_from(id).ok()).unwrap_or_default(),
            name: entered.text("token-name"),
            scope: match entered.text("scope").as_str() {
                "full" => TokenScope::Full,
                "read" => TokenScope::Read,
                _ => TokenScope::Send,
            },
            days: entered.number("days").and_then(|days| u32::try_from(days).ok()).unwrap_or_default(),
        };
        token.set(true);
        desk.act(people_desk(action), || {});
    };
    let scopes = vec![
        option("send", |w| (w.desk.token_scope)(TokenScope::Send)),
        option("read", |w| (w.desk.token_scope)(TokenScope::Read)),
        option("full", |w| (w.desk.token_scope)(TokenScope::Full)),
    ];
    view! {
        <h2>{say(|w| w.desk.tokens)}</h2>
        <p class="quiet">{say(|w| w.desk.tokens_what)}</p>
        <form class="form form-line" on:submit=submit data-testid="new-token">
            {choice("person", |w| w.name, people, "")}
            {Field::text("token-name", |w| w.desk.token_name, String::new()).required().draw()}
            {choice("scope", |w| w.desk.token_for_what, scopes, "send")}
            {Field::text("days", |w| w.desk.days, TOKEN_DAYS.to_string()).of_kind("number").required().draw()}
            {send(|w| w.desk.new_token, desk.busy)}
        </form>
        {part_if(move || none.then(|| view! { <p class="quiet">{say(|w| w.desk.no_tokens)}</p> }.erase()))}
        <ul class="desk-list">{lines}</ul>
    }
    .erase()
}

fn token_line(desk: People, card: &TokenCard) -> AnyView {
    let words = use_words();
    let scope = card.scope;
    let prefix = card.prefix.clone();
    let run = move || desk.act(people_desk(PeopleAction::Revoke { prefix: prefix.clone() }), || {});
    let ends = card.expires_at.map(|at| view! { <span>{say(|w| w.desk.ends)} " " {instant(at)}</span> });
    let used = match card.last_used_at {
        Some(at) => view! { <span>{say(|w| w.desk.last_used)} " " {instant(at)}</span> }.erase(),
        None => view! { <span>{say(|w| w.desk.last_used)} " " {say(|w| w.desk.never)}</span> }.erase(),
    };
    view! {
        <li class="desk-line" data-testid="token">
            <div class="desk-line-what">
                <strong>{card.name.clone()}</strong>
                <span class="quiet">{card.person.clone()} " · " {text(move || (words().desk.token_scope)(scope))} " · " <code>{card.prefix.clone()}</code></span>
            </div>
            <span class="desk-line-facts quiet small">{ends} {used}</span>
            {button(|w| w.desk.revoke, "button button-small", desk.busy, Box::new(run))}
        </li>
    }
    .erase()
}
