//! Where a guests' link leads: what the host says, what is asked for, and in.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::asked;
use crate::desk::links::{Ask, Door, Entry};
use crate::erase::{Erase, part};
use crate::form::{Entered, Field, Pick, send, what_went_wrong};
use crate::part::{say, trouble};
use crate::rpc::door::{door, enter};
use crate::session::Session;

pub(crate) fn guest_page() -> AnyView {
    let query = use_query_map();
    let token = move || query.with(|query| query.get("token")).unwrap_or_default();
    let answer = asked(move || door(token()));
    view! {
        <section class="card card-narrow entry">
            <svg class="entry-mark" aria-hidden="true" viewBox="0 0 32 32">
                <use href="/icons.svg#sluice" />
            </svg>
            {part(move || match answer.get() {
                None => view! { <p class="quiet" role="status">{say(|w| w.loading)}</p> }.erase(),
                Some(Err(error)) => trouble(error.0),
                Some(Ok(door)) => entry(&door, untrack(token)),
            })}
        </section>
    }
    .erase()
}

fn entry(door: &Door, token: String) -> AnyView {
    let session = Session::here();
    let navigate = use_navigate();
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None);
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let entry = Entry {
            token: token.clone(),
            name: entered.text("name"),
            email: entered.text("email"),
            note: entered.text("note"),
            password: entered.text("password"),
        };
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            match enter(entry).await {
                Ok(person) => {
                    session.is_now(Some(person));
                    // The link stays with whoever has it, but leaves this browser's address bar.
                    navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(error) => {
                    busy.try_set(false);
                    refused.try_set(Some(error));
                }
            }
        });
    };
    let field = |ask: Ask, name: &'static str, label: Pick, kind: &'static str| {
        let field = Field::text(name, label, String::new()).of_kind(kind);
        match ask {
            Ask::No => None,
            Ask::Maybe => Some(field.hint(|w| w.desk.optional).draw()),
            Ask::Must => Some(field.required().draw()),
        }
    };
    let password = if door.has_password { Ask::Must } else { Ask::No };
    let welcome =
        (!door.welcome.is_empty()).then(|| view! { <p class="welcome-text">{door.welcome.clone()}</p> });
    view! {
        <h1>{door.title.clone()}</h1>
        {welcome}
        <form class="form" on:submit=submit data-testid="guest-form">
            {field(door.asks.name, "name", |w| w.name, "text")}
            {field(door.asks.email, "email", |w| w.desk.email, "email")}
            {field(door.asks.note, "note", |w| w.desk.note, "text")}
            {field(password, "password", |w| w.password, "password")}
            {what_went_wrong(refused)}
            {send(|w| w.desk.go_on, busy)}
        </form>
    }
    .erase()
}
