//! The page behind a one-time link: the first admin, or somebody invited, chooses a name and a password.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::sign_in::{EntryForm, either_way, sso_link};
use crate::entrance::Entrance;
use crate::erase::Erase;
use crate::part::say;
use crate::person::Welcome;
use crate::rpc::session::accept_welcome;
use crate::session::Session;

pub(crate) fn welcome_page() -> AnyView {
    let session = Session::here();
    let navigate = use_navigate();
    let query = use_query_map();
    let form = EntryForm::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(sign_in) = form.entered() else { return };
        let token = query.with_untracked(|query| query.get("token")).unwrap_or_default();
        let navigate = navigate.clone();
        form.busy.set(true);
        spawn_local(async move {
            match accept_welcome(Welcome { token, sign_in }).await {
                Ok(person) => {
                    session.is_now(Some(person));
                    // The token has served; it leaves the address bar and the history.
                    navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(error) => form.refused(error),
            }
        });
    };
    let password = expect_context::<Entrance>().password;
    let link =
        sso_link(query.with_untracked(|query| query.get("token")).map(|token| ("welcome", token)), None);
    let choose = password.then(|| {
        view! {
            <p class="quiet">{say(|w| w.welcome_what)}</p>
            <form class="form" method="post" on:submit=submit data-testid="welcome-form">
                {form.fields("welcome", "new-password")}
                {form.button(|w| w.welcome_go)}
            </form>
        }
        .erase()
    });
    view! {
        <section class="card card-narrow entry">
            <svg class="entry-mark" aria-hidden="true" viewBox="0 0 32 32">
                <use href="/icons.svg#sluice" />
            </svg>
            <h1>{say(|w| w.welcome_title)}</h1>
            {either_way(link, choose)}
        </section>
    }
    .erase()
}
