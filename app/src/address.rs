//! The address bar: which part of a page is shown is kept in its query, so that a reload or a shared link shows the same.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

/// The query of this page's address.
#[derive(Clone, Copy)]
pub(crate) struct Query(Memo<ParamsMap>);

impl Query {
    /// To be asked for while the page is made.
    pub(crate) fn here() -> Self {
        Self(use_query_map())
    }

    /// What it says under a name now; an empty text is none.
    pub(crate) fn get(self, name: &str) -> Option<String> {
        self.0.with_untracked(|query| query.get(name)).filter(|value| !value.is_empty())
    }
}

/// Writes the query of this page's address; to be asked for while the page is made. What has no value is left out.
pub(crate) fn keeper() -> impl Fn(Vec<(&'static str, Option<String>)>) + Clone + 'static {
    let (path, navigate) = (use_location().pathname, use_navigate());
    move |query| {
        let query: ParamsMap = query
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
            .collect();
        let address = format!("{}{}", path.get_untracked(), query.to_query_string());
        let options =
            NavigateOptions { replace: true, scroll: false, resolve: false, ..NavigateOptions::default() };
        navigate(&address, options);
    }
}
