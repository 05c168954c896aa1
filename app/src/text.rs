//! Languages, and every word on the pages.

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
