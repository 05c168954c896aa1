//! The items of a batch: those of one state, those with something in their path, page by page.

use std::rc::Rc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use transfer::wire::{BatchId, ItemIndex};

use super::{One, batch_link};
use crate::address::{Query, keeper};
use crate::desk::batches::{BatchAct, BatchDesk, BatchRequest, Cause, ITEMS_SHOWN, ItemView, StoredState};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, button, send};
use crate::part::say;
use crate::rpc::desk::batch_desk;
use crate::text::{figure, use_words};

/// Which items are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Only those in this state.
    state: Option<StoredState>,
    /// Only those with this in their path.
    about: Option<String>,
}

impl Wanted {
    pub(super) fn of_address(query: Query) -> Self {
        let state = query.get("state");
        let state = StoredState::ALL.into_iter().find(|known| state.as_deref() == Some(known.word()));
        Self { state, about: query.get("about") }
    }

    /// Asks for the first of them.
    pub(super) fn of(self, batch: BatchId) -> BatchRequest {
        BatchRequest { batch, act: BatchAct::Look, state: self.state, about: self.about, after: None }
    }
}

/// Shows other items, those behind one of them.
type Show = Rc<dyn Fn(Wanted, Option<ItemIndex>)>;

pub(super) fn items(desk: One, wanted: RwSignal<Wanted>, shown: &BatchDesk) -> AnyView {
    let keep = keeper();
    let batch = shown.card.batch.clone();
    let show: Show = Rc::new(move |next: Wanted, after| {
        keep(vec![("state", next.state.map(|state| state.word().to_owned())), ("about", next.about.clone())]);
        let request = BatchRequest { after, ..next.clone().of(batch.clone()) };
        wanted.set(next);
        desk.act(batch_desk(request), || {});
    });
    let next = (shown.items.len() >= ITEMS_SHOWN).then(|| {
        let (show, last) = (show.clone(), shown.items.last().map(|item| item.index));
        let run = move || show(wanted.get_untracked(), last);
        button(|w| w.desk.next, "button", desk.busy, Box::new(run))
    });
    // How many there are of each state is known of the whole batch only.
    let searching = wanted.with_untracked(|wanted| wanted.about.is_some());
    let figure = |items: u64| (!searching).then_some(items);
    let all = chip(&show, wanted, None, figure(shown.card.items));
    let chips = shown.states.iter().map(|(state, items)| chip(&show, wanted, Some(*state), figure(*items)));
    let chips = std::iter::once(all).chain(chips).collect_view();
    let none = shown.items.is_empty() && shown.card.items > 0;
    let lines = shown.items.iter().map(item).collect_view();
    view! {
        <h2>{say(|w| w.desk.items)}</h2>
        <div class="actions" role="group" aria-label=say(|w| w.filter)>
            {chips}
        </div>
        {search(desk, wanted, &show)}
        {none.then(|| view! { <p class="quiet" role="status">{say(|w| w.desk.no_items)}</p> })}
        <div class="table-frame" tabindex="0" role="region" aria-label=say(|w| w.desk.items)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{say(|w| w.path)}</th>
                        <th scope="col" class="number">
                            {say(|w| w.size)}
                        </th>
                        <th scope="col">{say(|w| w.desk.state)}</th>
                        <th scope="col">"ETag"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        {next}
    }
    .erase()
}

/// A field for a part of the path.
fn search(desk: One, wanted: RwSignal<Wanted>, show: &Show) -> AnyView {
    let show = show.clone();
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let about = Some(entered.text("about")).filter(|about| !about.is_empty());
        show(Wanted { about, ..wanted.get_untracked() }, None);
    };
    let about = wanted.with_untracked(|wanted| wanted.about.clone()).unwrap_or_default();
    view! {
        <form class="form form-line" on:submit=submit role="search" data-testid="find-items">
            {Field::text("about", |w| w.desk.find_item, about).of_kind("search").draw()}
            {send(|w| w.desk.show, desk.busy)}
        </form>
    }
    .erase()
}

/// A button that shows items of one state, with how many there are.
fn chip(show: &Show, wanted: RwSignal<Wanted>, state: Option<StoredState>, items: Option<u64>) -> AnyView {
    let words = use_words();
    let show = show.clone();
    let label = text(move || {
        let what = state.map_or(words().desk.all_items, |state| (words().desk.stored_state)(state));
        items.map_or_else(|| what.to_owned(), |items| format!("{what} {}", figure::count(items)))
    });
    let pressed = wanted.with_untracked(|wanted| wanted.state == state).to_string();
    let run: Box<dyn Fn()> = Box::new(move || show(Wanted { state, ..wanted.get_untracked() }, None));
    view! {
        <button class="button button-small chip" type="button" aria-pressed=pressed on:click=move |_| run()>
            {label}
        </button>
    }
    .erase()
}

fn item(item: &ItemView) -> AnyView {
    let words = use_words();
    let (size, state) = (item.size, item.state);
    let cause = Cause { state, failure: item.failure.clone(), items: 1 };
    let why = text(move || match state {
        StoredState::Failed => {
            format!("{}: {}", (words().desk.stored_state)(state), (words().desk.cause)(&cause))
        }
        _ => (words().desk.stored_state)(state).to_owned(),
    });
    view! {
        <tr data-testid="item">
            <th scope="row" class="path" title=item.key.clone()>
                {item.path.clone()}
            </th>
            <td class="number">{figure::bytes(size)}</td>
            <td>
                {why} {item.replaced_by.as_ref().map(replaced_by)}
            </td>
            <td>
                <code>{item.etag.clone().unwrap_or_default()}</code>
            </td>
        </tr>
    }
    .erase()
}

fn replaced_by(batch: &BatchId) -> AnyView {
    view! { ", " {say(|w| w.desk.replaced_by)} {batch_link(batch)} }.erase()
}
