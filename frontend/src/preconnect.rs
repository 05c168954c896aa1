//! Connections to the store before there is anything to send.
//!
//! A first request waits for the name, the handshake and TLS: up to four round trips, which can pass while a batch is
//! opened and announced. A browser closes a connection that nobody uses (Chromium after ten seconds), so it is asked
//! again with each pick and drop.

use leptos::prelude::document;
use web_sys::Element;

const MARK: &str = "data-preconnect";

/// Asks the browser to connect to the store's host names, which the server wrote into the document.
pub(crate) fn preconnect() {
    let document = document();
    let Some(origins) = document.document_element().and_then(|root| root.get_attribute("data-store")) else {
        return;
    };
    let Some(head) = document.head() else { return };
    // Only a new element is a new wish.
    while let Ok(Some(old)) = head.query_selector("link[data-preconnect]") {
        old.remove();
    }
    for origin in origins.split(' ') {
        let Ok(link) = document.create_element("link") else { return };
        if wish(&link, origin).is_some() {
            let _ = head.append_child(&link);
        }
    }
}

/// Files go without cookies, and browsers keep such connections apart from others.
fn wish(link: &Element, origin: &str) -> Option<()> {
    let attributes = [(MARK, ""), ("rel", "preconnect"), ("href", origin), ("crossorigin", "anonymous")];
    attributes.into_iter().try_for_each(|(name, value)| link.set_attribute(name, value)).ok()
}
