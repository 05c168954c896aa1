//! The entrance: how people come in, and what single sign-on may have had against it.

/// How people come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// What people call the provider of single sign-on, if there is one.
    pub sso: Option<String>,
    /// Whether name and password are taken.
    pub password: bool,
}

impl Default for Entrance {
    fn default() -> Self {
        Self { sso: None, password: true }
    }
}

impl Entrance {
    /// The server's own; in the browser, what the server wrote into the document.
    pub(crate) fn of_page() -> Self {
        #[cfg(feature = "ssr")]
        return crate::backend::backend().map(|backend| backend.entrance()).unwrap_or_default();
        #[cfg(not(feature = "ssr"))]
        {
            let root = leptos::prelude::document().document_element();
            let read = |name| root.as_ref().and_then(|root| root.get_attribute(name));
            Self { sso: read("data-sso"), password: read("data-password").is_none_or(|word| word != "off") }
        }
    }
}

/// Why single sign-on did not let somebody in, as far as the page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SsoProblem {
    /// It took too long, was used already, or was begun in another browser.
    Over,
    /// The person said no at the provider.
    Cancelled,
    /// The person may not come in.
    Refused,
    /// The one-time link was used, or has ended.
    Link,
    /// Too many attempts.
    TooOften,
    /// The provider or this server is at fault.
    Failed,
}

impl SsoProblem {
    const WORDS: [(Self, &'static str); 6] = [
        (Self::Over, "over"),
        (Self::Cancelled, "cancelled"),
        (Self::Refused, "refused"),
        (Self::Link, "link"),
        (Self::TooOften, "too-often"),
        (Self::Failed, "failed"),
    ];

    /// The word for it in the address of the sign-in page.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(problem, _)| *problem == self).map_or("failed", |(_, word)| word)
    }

    /// The problem of a word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(problem, _)| *problem)
    }
}
