//! The pages.

mod account;
mod batches;
mod desk;
mod gallery;
mod guest;
mod not_found;
mod receipt;
mod sign_in;
mod upload;
mod welcome;

pub(crate) use account::account_page;
pub(crate) use batches::batches_page;
pub(crate) use desk::{
    batch_page, dashboard_page, find_batches_page, links_page, log_page, people_page, projects_page,
    store_page, webhooks_page,
};
pub(crate) use gallery::{batch_gallery_page, project_gallery_page};
pub(crate) use guest::guest_page;
pub(crate) use not_found::not_found_page;
pub(crate) use receipt::receipt_page;
pub(crate) use sign_in::{sign_in_page, sso_link, ways_in};
pub(crate) use upload::upload_page;
pub(crate) use welcome::welcome_page;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::erase::effect;
use crate::error::AppError;

/// Asks the server once the page is alive: lists are always fresh, and not in the page's HTML as well.
fn asked<T, F>(ask: impl Fn() -> F + 'static) -> RwSignal<Option<Result<T, AppError>>>
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + 'static,
{
    let answer = RwSignal::new(None);
    effect(move || {
        let question = ask();
        spawn_local(async move {
            let result = question.await;
            // The person may have left the page meanwhile.
            answer.try_set(Some(result));
        });
    });
    answer
}
