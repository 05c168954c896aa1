//! The admin's side: a page for each desk, with tabs between them.

mod bars;
mod batch;
mod batches;
mod dashboard;
mod key_template;
mod links;
mod log;
mod people;
mod projects;
mod quota;
mod store;
mod webhooks;

pub(crate) use batch::batch_page;
pub(crate) use batches::find_batches_page;
pub(crate) use dashboard::dashboard_page;
pub(crate) use links::links_page;
pub(crate) use log::log_page;
pub(crate) use people::people_page;
pub(crate) use projects::projects_page;
pub(crate) use store::store_page;
pub(crate) use webhooks::webhooks_page;

use leptos::html::Nav;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use web_sys::HtmlElement;
use web_sys::wasm_bindgen::JsCast;

use crate::erase::{Erase, effect, part};
use crate::error::AppError;
use crate::form::Pick;
use crate::part::{say, trouble};
use crate::session::Session;

/// What a desk answered last, and how the last action went.
pub(super) struct Desk<T: Send + Sync + 'static> {
    shown: RwSignal<Option<T>>,
    /// Why the last action was refused.
    pub(super) refused: RwSignal<Option<AppError>>,
    pub(super) busy: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Desk<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Desk<T> {}

impl<T: Send + Sync + 'static> Desk<T> {
    /// Asks once the page is alive.
    pub(super) fn opened<F: Future<Output = Result<T, AppError>> + 'static>(
        look: impl Fn() -> F + 'static,
    ) -> Self {
        let desk =
            Self { shown: RwSignal::new(None), refused: RwSignal::new(None), busy: RwSignal::new(false) };
        effect(move || desk.act(look(), || {}));
        desk
    }

    /// Does something; what it shows then is fresh. `done` follows if it went well.
    pub(super) fn act(
        self,
        action: impl Future<Output = Result<T, AppError>> + 'static,
        done: impl FnOnce() + 'static,
    ) {
        self.busy.set(true);
        spawn_local(async move {
            let answer = action.await;
            // The person may have left the page meanwhile.
            self.busy.try_set(false);
            match answer {
                Ok(fresh) => {
                    self.refused.try_set(None);
                    // First what the page does with it, so that it is drawn once.
                    done();
                    self.shown.try_set(Some(fresh));
                }
                Err(error) => drop(self.refused.try_set(Some(error))),
            }
        });
    }

    /// Draws what it answered last. Before the first answer there is only the refusal, if any.
    pub(super) fn show(self, draw: impl Fn(&T) -> AnyView + Send + 'static) -> AnyView {
        part(move || {
            self.shown.with(|shown| match shown {
                Some(shown) => draw(shown),
                None => match self.refused.get() {
                    Some(error) => trouble(error.0),
                    None => view! { <p class="quiet" role="status">{say(|w| w.loading)}</p> }.erase(),
                },
            })
        })
        .erase()
    }
}

/// Scrolls the tabs, and nothing else, so that the chosen one is in view: a phone has room for three.
fn show_chosen(tabs: &HtmlElement) {
    let chosen = tabs.query_selector("[aria-current]").ok().flatten();
    let Some(chosen) = chosen.and_then(|link| link.dyn_into::<HtmlElement>().ok()) else { return };
    let middle = chosen.offset_left() - tabs.offset_left() + chosen.offset_width() / 2;
    tabs.set_scroll_left(middle - tabs.client_width() / 2);
}

/// The frame of each page: the tabs, and what the page is for.
fn sheet(title: Pick, what: Pick, body: impl Fn() -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    Session::here().guard(move || {
        let tabs = NodeRef::<Nav>::new();
        effect(move || {
            let Some(tabs) = tabs.get() else { return };
            // The links learn first which of them is chosen.
            request_animation_frame(move || show_chosen(&tabs));
        });
        view! {
            <nav class="tabs" node_ref=tabs aria-label=say(|w| w.desk.manage)>
                <A href="/desk" exact=true>
                    {say(|w| w.desk.dashboard)}
                </A>
                <A href="/desk/batches">{say(|w| w.desk.batches)}</A>
                <A href="/desk/projects">{say(|w| w.desk.projects)}</A>
                <A href="/desk/people">{say(|w| w.desk.people)}</A>
                <A href="/desk/links">{say(|w| w.desk.links)}</A>
                <A href="/desk/store">{say(|w| w.desk.store)}</A>
                <A href="/desk/webhooks">{say(|w| w.desk.webhooks)}</A>
                <A href="/desk/log">{say(|w| w.desk.log)}</A>
            </nav>
            <section class="sheet">
                <div>
                    <h1>{say(title)}</h1>
                    <p class="quiet">{say(what)}</p>
                </div>
                {body()}
            </section>
        }
        .erase()
    })
}
