//! The HTML document around the application. Rendered by the server only.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::backend::backend;
use crate::entrance::Entrance;
use crate::text::Language;

/// The document: head, scripts with their nonce, and the [`App`].
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let language = Language::of_request();
    let Entrance { sso, password } = Entrance::of_page();
    let store = backend().ok().map(|backend| backend.store_origins().join(" "));
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() data-sso=sso data-password=(!password).then_some("off") data-store=store>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#f1f5f5" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#0a1417" media="(prefers-color-scheme: dark)" />
                <meta name="referrer" content="no-referrer" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <link rel="stylesheet" href=stylesheet />
                <HydrationScripts options=options.clone() />
                <AutoReload options=options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
