//! The application.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};

/// The whole application, for the server and for the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! { <Title text="Sluice" /> <main>"Sluice"</main> }
}
