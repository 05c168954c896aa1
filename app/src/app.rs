//! The application: what is on every page, and which page is at which path.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::engine::Engine;
use crate::entrance::Entrance;
use crate::frame::{announcer, drop_overlay, footer, header, sign_in_dialog};
use crate::page::{
    account_page, batch_gallery_page, batch_page, batches_page, dashboard_page, find_batches_page,
    guest_page, links_page, log_page, not_found_page, people_page, project_gallery_page, projects_page,
    receipt_page, sign_in_page, store_page, upload_page, webhooks_page, welcome_page,
};
use crate::part::{Hydrated, say};
use crate::session::Session;
use crate::text::{Language, provide_language, use_words};

/// The whole application, for the server and for the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_language(Language::of_page());
    Hydrated::provide();
    Session::provide();
    provide_context(Entrance::of_page());
    let engine = Engine::provide();

    view! {
        <Title text=title(engine) />
        <a class="skip" href="#content">{say(|w| w.skip_to_content)}</a>
        <Router>
            {header()}
            <main id="content" tabindex="-1">
                <FlatRoutes fallback=not_found_page>
                    <Route path=path!("/") view=upload_page ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=sign_in_page ssr=SsrMode::Async />
                    <Route path=path!("/welcome") view=welcome_page ssr=SsrMode::Async />
                    <Route path=path!("/guest") view=guest_page ssr=SsrMode::Async />
                    <Route path=path!("/desk") view=dashboard_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/batches") view=find_batches_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/batches/:id") view=batch_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/projects") view=projects_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/people") view=people_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/links") view=links_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/store") view=store_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/webhooks") view=webhooks_page ssr=SsrMode::Async />
                    <Route path=path!("/desk/log") view=log_page ssr=SsrMode::Async />
                    <Route path=path!("/account") view=account_page ssr=SsrMode::Async />
                    <Route path=path!("/batches") view=batches_page ssr=SsrMode::Async />
                    <Route path=path!("/batches/:id") view=receipt_page ssr=SsrMode::Async />
                    <Route path=path!("/batches/:id/images") view=batch_gallery_page ssr=SsrMode::Async />
                    <Route path=path!("/projects/:id/images") view=project_gallery_page ssr=SsrMode::Async />
                </FlatRoutes>
            </main>
            {footer()}
            {drop_overlay()}
            {sign_in_dialog()}
        </Router>
        {announcer()}
    }
}

/// The name, and while something is sent, how far it is.
fn title(engine: Engine) -> impl Fn() -> String + Send + Sync + 'static {
    let words = use_words();
    let percent = Memo::new(move |_| {
        let busy = engine.batch.with(Option::is_some);
        busy.then(|| engine.snapshot.with(|snapshot| (engine.is_over(), percent_of(&snapshot.totals))))
    });
    move || match percent.get() {
        None => "Sluice".to_owned(),
        Some((true, _)) => format!("{} · Sluice", words().title_done),
        Some((false, percent)) => format!("{percent} % · Sluice"),
    }
}

/// How far a batch is, by bytes, in whole percent; 100 only when all are stored.
pub(crate) fn percent_of(totals: &transfer::port::Totals) -> u64 {
    match totals.bytes {
        // All are in the project already.
        0 if totals.wanted() == 0 && totals.same + totals.skipped > 0 => 100,
        0 => 0,
        bytes => (totals.sent_bytes.saturating_mul(100) / bytes).min(100),
    }
}
