//! A person's own account: where they are signed in.

use leptos::prelude::*;

use super::desk::Desk;
use crate::account::{AccountAction, SessionCard};
use crate::erase::Erase;
use crate::form::{button, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::rpc::session::account;
use crate::session::Session;

pub(crate) fn account_page() -> AnyView {
    Session::here().guard(|| {
        let desk = Desk::opened(|| account(AccountAction::Look));
        view! {
            <section class="sheet">
                <div>
                    <h1>{say(|w| w.account)}</h1>
                    <p class="quiet">{say(|w| w.account_what)}</p>
                </div>
                {desk
                    .show(move |shown| {
                        let lines = shown.sessions.iter().map(|card| {
                            let id = card.id.clone();
                            let run = move || {
                                desk.act(account(AccountAction::End { session: id.clone() }), || {});
                            };
                            let end = (!card.here)
                                .then(|| button(|w| w.sign_out, "button button-small", desk.busy, Box::new(run)));
                            session_line(card, end)
                        });
                        let others = shown.sessions.iter().filter(|card| !card.here).count();
                        let run = move || desk.act(account(AccountAction::EndOthers), || {});
                        let end_others = (others > 1)
                            .then(|| button(|w| w.sign_out_elsewhere, "button", desk.busy, Box::new(run)));
                        view! {
                            {what_went_wrong(desk.refused)}
                            <ul class="desk-list">{lines.collect_view()}</ul>
                            <div class="actions">{end_others}</div>
                        }
                            .erase()
                    })}
            </section>
        }
        .erase()
    })
}

/// A session, with what can be done about it. An admin's list says whose it is.
pub(super) fn session_line(card: &SessionCard, end: Option<AnyView>) -> AnyView {
    let place = [&card.browser, &card.system].into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ");
    let place = match place.as_str() {
        "" => view! { {say(|w| w.unknown_browser)} }.erase(),
        _ => view! { {place} }.erase(),
    };
    let here = card.here.then(|| {
        view! { <span class="badge badge-good">{icon("check")} {say(|w| w.this_browser)}</span> }.erase()
    });
    view! {
        <li class="desk-line" data-testid="session">
            <div class="desk-line-what">
                <strong>{place}</strong>
                <span class="quiet">{card.person.clone()}</span>
            </div>
            <span class="desk-line-facts quiet small">
                <span>{say(|w| w.signed_in_at)} " " {instant(card.began_at)}</span>
                <span>{say(|w| w.desk.last_used)} " " {instant(card.seen_at)}</span>
            </span>
            {here}
            {end}
        </li>
    }
    .erase()
}
