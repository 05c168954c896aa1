//! The page for paths that lead nowhere.

use leptos::prelude::*;

use crate::erase::Erase;
use crate::part::say;

pub(crate) fn not_found_page() -> AnyView {
    #[cfg(feature = "ssr")]
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>() {
        options.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <section class="card card-narrow">
            <h1>{say(|w| w.not_found)}</h1>
            <p>{say(|w| w.not_found_what)}</p>
            <a class="button button-primary" href="/">
                {say(|w| w.back_to_upload)}
            </a>
        </section>
    }
    .erase()
}
