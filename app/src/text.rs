//! Languages, and every word on the pages.
//!
//! A text that changes with the language is read in a closure, so that switching changes the words in place and never
//! reloads the page: an upload may be running.

mod english;
pub(crate) mod figure;
mod japanese;
#[cfg(feature = "ssr")]
pub mod plain;
mod words;

use leptos::prelude::*;

pub(crate) use words::Words;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

/// The cookie in which a person's own choice is kept.
pub(crate) const LANGUAGE_COOKIE: &str = "sluice_language";

impl Language {
    /// The BCP 47 tag, as `<html lang>` has it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// The language of a tag; English if it is none of ours.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        if tag.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }

    /// Its name in itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }

    /// Its words.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &english::ENGLISH,
            Self::Japanese => &japanese::JAPANESE,
        }
    }

    /// The language that the page begins with: on the server by the request, in the browser by what the server wrote.
    pub(crate) fn of_page() -> Self {
        #[cfg(feature = "ssr")]
        return Self::of_request();
        #[cfg(not(feature = "ssr"))]
        document()
            .document_element()
            .and_then(|root| root.get_attribute("lang"))
            .map_or(Self::English, |tag| Self::of_tag(&tag))
    }

    /// The language for the request that is being answered: the cookie's, or the best of `Accept-Language`.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of_request() -> Self {
        leptos::prelude::use_context::<http::request::Parts>().map_or(Self::English, |parts| {
            let header =
                |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            Self::choose(header(http::header::COOKIE), header(http::header::ACCEPT_LANGUAGE))
        })
    }

    /// Chooses by the `Cookie` and `Accept-Language` headers.
    #[cfg(feature = "ssr")]
    fn choose(cookies: &str, accepted: &str) -> Self {
        let chosen = cookies.split(';').find_map(|pair| {
            pair.trim().strip_prefix(LANGUAGE_COOKIE).and_then(|rest| rest.strip_prefix('='))
        });
        if let Some(tag) = chosen {
            return Self::of_tag(tag.trim());
        }
        let mut best = (0.0_f32, Self::English);
        for wish in accepted.split(',') {
            let (tag, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
            let language = match tag.trim().split('-').next() {
                Some(primary) if primary.eq_ignore_ascii_case("ja") => Self::Japanese,
                Some(primary) if primary.eq_ignore_ascii_case("en") => Self::English,
                _ => continue,
            };
            let quality = quality.trim().parse().unwrap_or(0.0);
            if quality > best.0 {
                best = (quality, language);
            }
        }
        best.1
    }
}

pub(crate) fn provide_language(language: Language) {
    provide_context(RwSignal::new(language));
}

pub(crate) fn use_language() -> RwSignal<Language> {
    expect_context()
}

/// The words of the language that is chosen now; to be called where the text is drawn.
pub(crate) fn use_words() -> impl Fn() -> &'static Words + Copy + Send + Sync {
    let language = use_language();
    move || language.get().words()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::Language;

    #[test]
    fn the_cookie_wins_then_the_best_accepted_language() {
        let choose = |cookies, accepted| Language::choose(cookies, accepted).tag();
        assert_eq!(choose("", ""), "en");
        assert_eq!(choose("", "ja,en-US;q=0.9,en;q=0.8"), "ja");
        assert_eq!(choose("", "de-CH, en;q=0.8, ja;q=0.5"), "en");
        assert_eq!(choose("", "en;q=0.4, ja-JP;q=0.7"), "ja");
        assert_eq!(choose("a=b; sluice_language=en", "ja"), "en");
        assert_eq!(choose("sluice_language=<script>", "ja"), "en");
    }
}
