//! The store: what the doctor finds, and what to do about it.

use leptos::prelude::*;

use super::{Desk, sheet};
use crate::desk::store::{StoreAction, StoreCheck, StoreDesk, StoreRemedy, StoreVerdict};
use crate::erase::{Erase, text};
use crate::form::{button, what_went_wrong};
use crate::part::icon;
use crate::rpc::desk::store_desk;
use crate::text::{use_language, use_words};

type Store = Desk<StoreDesk>;

pub(crate) fn store_page() -> AnyView {
    sheet(
        |w| w.desk.store,
        |w| w.desk.store_what,
        || {
            let desk = Desk::opened(|| store_desk(StoreAction::Examine));
            desk.show(move |shown| whole(desk, shown))
        },
    )
}

fn whole(desk: Store, shown: &StoreDesk) -> AnyView {
    let again = move || desk.act(store_desk(StoreAction::Examine), || {});
    let (class, symbol) =
        if shown.healthy { ("notice notice-good", "check") } else { ("notice notice-bad", "alert") };
    let healthy = shown.healthy;
    let words = use_words();
    let sum = text(move || {
        let words = words();
        if healthy { words.desk.store_healthy } else { words.desk.store_ill }
    });
    let checks = shown.checks.iter().map(|check| line(desk, check)).collect_view();
    view! {
        {what_went_wrong(desk.refused)}
        <div class=class role="status" data-testid="diagnosis">
            {icon(symbol)}
            <p>
                {sum} " " <span class="quiet">{shown.bucket.clone()}</span>
            </p>
        </div>
        <div class="actions">{button(|w| w.desk.examine_again, "button", desk.busy, Box::new(again))}</div>
        <ul class="desk-list">{checks}</ul>
    }
    .erase()
}

fn line(desk: Store, check: &StoreCheck) -> AnyView {
    let (words, language) = (use_words(), use_language());
    let sentences = StoredValue::new(check.clone());
    let verdict = check.verdict;
    let (class, symbol) = match verdict {
        StoreVerdict::Good => ("badge badge-good", "check"),
        StoreVerdict::Unknown => ("badge", "clock"),
        StoreVerdict::Advice => ("badge badge-open", "alert"),
        StoreVerdict::Bad => ("badge badge-warn", "cancel"),
    };
    let sentences = move || sentences.with_value(|check| check.sentences(language.get()));
    let remedies = check.remedies.iter().enumerate().map(|(place, each)| {
        let what = text(move || sentences().remedies.get(place).cloned().unwrap_or_default());
        remedy(desk, each, what)
    });
    let remedies = remedies.collect_view();
    let why = check.why.is_some().then(|| {
        let why = text(move || sentences().why.unwrap_or_default());
        view! { <span>{why}</span> }
    });
    view! {
        <li class="desk-line" data-testid="check">
            <div class="desk-line-what">
                <strong>{text(move || sentences().subject)}</strong>
                <span class="quiet">{text(move || sentences().found)}</span>
                {why}
            </div>
            <span class="quiet small">{format!("{} ms", check.milliseconds)}</span>
            <span class=class>{icon(symbol)} {text(move || (words().desk.verdict)(verdict))}</span>
            {remedies}
        </li>
    }
    .erase()
}

fn remedy(desk: Store, remedy: &StoreRemedy, what: Box<dyn FnMut() -> String + Send>) -> AnyView {
    let paste = remedy.text.clone().map(|paste| view! { <pre tabindex="0">{paste}</pre> });
    let apply = remedy.repair.map(|repair| {
        let words = use_words();
        let run = move || {
            let sure = (untrack(words).desk.repair_sure)(repair);
            if window().confirm_with_message(sure).unwrap_or_default() {
                desk.act(store_desk(StoreAction::Apply { repair }), || {});
            }
        };
        button(|w| w.desk.repair, "button button-small", desk.busy, Box::new(run))
    });
    view! {
        <div class="remedy">
            <p>{what}</p>
            {paste}
            {apply}
        </div>
    }
    .erase()
}
