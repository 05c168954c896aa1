//! One batch: what is in it, whether it is there, and what to do about it.

mod items;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use transfer::wire::{BatchId, BatchState, Problem, ProblemCode, UnixMillis};

use self::items::{Wanted, items};
use super::dashboard::causes;
use super::{Desk, sheet};
use crate::address::Query;
use crate::desk::Used;
use crate::desk::batches::{Again, BatchAct, BatchCard, BatchDesk, BatchEnd, BatchRequest, Change};
use crate::erase::{Erase, text};
use crate::error::AppError;
use crate::form::{Entered, Pick, button, what_went_wrong};
use crate::part::{batch_badge, icon, instant, say};
use crate::rpc::desk::batch_desk;
use crate::text::{figure, use_words};

type One = Desk<BatchDesk>;

pub(crate) fn batch_page() -> AnyView {
    sheet(
        |w| w.desk.batch,
        |w| w.desk.batch_what,
        || {
            let params = use_params_map();
            let query = Query::here();
            let wanted = RwSignal::new(Wanted::default());
            let desk = Desk::opened(move || {
                let id = BatchId::try_from(params.with(|params| params.get("id")).unwrap_or_default());
                let first = Wanted::of_address(query);
                wanted.set(first.clone());
                async move {
                    let none = || AppError(Problem::new(ProblemCode::NotFound, "There is no such batch."));
                    batch_desk(first.of(id.map_err(|_| none())?)).await
                }
            });
            desk.show(move |shown| whole(desk, wanted, shown))
        },
    )
}

fn whole(desk: One, wanted: RwSignal<Wanted>, shown: &BatchDesk) -> AnyView {
    view! {
        {head(desk, wanted, &shown.card)}
        {facts(&shown.card, shown.end)}
        {what_went_wrong(desk.refused)}
        {shown.again.as_ref().map(again)}
        {(!shown.causes.is_empty()).then(|| causes(&shown.causes))}
        {items(desk, wanted, shown)}
        {revoke(desk, wanted, shown)}
        {undo(desk, wanted, &shown.card)}
    }
    .erase()
}

/// Does something with the batch; what it shows of the items stays the same kind.
fn act(desk: One, wanted: RwSignal<Wanted>, batch: &BatchId, act: BatchAct) {
    let request = BatchRequest { act, ..wanted.get_untracked().of(batch.clone()) };
    desk.act(batch_desk(request), || {});
}

fn head(desk: One, wanted: RwSignal<Wanted>, card: &BatchCard) -> AnyView {
    let batch = card.batch.clone();
    let again = move || act(desk, wanted, &batch, BatchAct::VerifyAgain);
    let over = card.state != BatchState::Open;
    let receipt = format!("/batches/{}", card.batch);
    let images = (card.stored > 0 && card.undo_begun_at.is_none()).then(|| format!("{receipt}/images"));
    view! {
        <div class="sheet-head">
            <div>
                <p>
                    <strong>{card.project.to_string()}</strong>
                    " · "
                    {icon("person")}
                    " "
                    {card.person.clone()}
                    " "
                    {batch_badge(card.state)}
                </p>
                <p class="quiet small">
                    <code>{card.prefix.clone()}</code>
                </p>
            </div>
            <div class="actions">
                {images
                    .map(|images| {
                        view! {
                            <a class="button" href=images>
                                {icon("photo")}
                                {say(|w| w.gallery.images)}
                            </a>
                        }
                    })}
                <a class="button" href=receipt>
                    {icon("receipt")}
                    {say(|w| w.receipt)}
                </a>
                {over.then(|| button(|w| w.desk.verify_again, "button", desk.busy, Box::new(again)))}
            </div>
        </div>
    }
    .erase()
}

/// What it holds that nobody announced.
fn beyond(card: &BatchCard) -> Option<AnyView> {
    let words = use_words();
    let Used { files, bytes } = card.beyond;
    (files > 0 || bytes > 0).then(|| {
        view! {
            <div class="notice notice-bad" role="status" data-testid="beyond">
                {icon("alert")}
                <p>{text(move || (words().desk.beyond)(files, &figure::bytes(bytes)))}</p>
            </div>
        }
        .erase()
    })
}

fn facts(card: &BatchCard, end: Option<BatchEnd>) -> AnyView {
    let words = use_words();
    let (stored, items, bytes, relayed) = (card.stored, card.items, card.bytes, card.relayed);
    let unfinished = card.undo_begun_at.is_some() && card.undone_at.is_none();
    view! {
        <dl class="facts">
            {fact(|w| w.desk.items, text(move || (words().desk.done_of)(stored, items)))}
            {fact(|w| w.size, text(move || figure::bytes(bytes)))}
            {moment(|w| w.desk.opened, Some(card.opened_at))}
            {moment(|w| w.desk.closed, card.closed_at.filter(|_| card.verified_at.is_none()))}
            {moment(|w| w.verified, card.verified_at)}
            {moment(|w| w.desk.revoked_at, card.revoked_at)}
            {moment(|w| w.desk.grants_end, card.grants_end_at)}
            {moment(|w| w.desk.undone_at, card.undone_at)}
            {(relayed > 0)
                .then(|| fact(|w| w.desk.relayed, text(move || (words().desk.files)(relayed))))}
            {match end {
                Some(BatchEnd::InBucket(after)) => moment(|w| w.desk.ends_in_bucket, Some(after)),
                Some(BatchEnd::Decided(after)) => moment(|w| w.desk.ends_decided, Some(after)),
                None => None,
            }}
        </dl>
        {beyond(card)}
        {unfinished
            .then(|| {
                view! {
                    <div class="notice notice-bad" role="status">
                        {icon("alert")}
                        <p>{say(|w| w.desk.undo_unfinished)}</p>
                    </div>
                }
            })}
    }
    .erase()
}

fn fact(label: Pick, what: Box<dyn FnMut() -> String + Send>) -> AnyView {
    view! {
        <div>
            <dt>{say(label)}</dt>
            <dd>{what}</dd>
        </div>
    }
    .erase()
}

fn moment(label: Pick, at: Option<UnixMillis>) -> Option<AnyView> {
    at.map(|at| {
        view! {
            <div>
                <dt>{say(label)}</dt>
                <dd>{instant(at)}</dd>
            </div>
        }
        .erase()
    })
}

/// What changed in the bucket since the receipt was written.
fn again(again: &Again) -> AnyView {
    let words = use_words();
    let good = again.missing + again.differs + again.added == 0;
    let (class, symbol) = if good { ("notice notice-good", "check") } else { ("notice notice-bad", "alert") };
    let lines = again.changes.iter().map(change).collect_view();
    let said = again.clone();
    view! {
        <div class=class role="status" data-testid="again">
            {icon(symbol)}
            <p>{text(move || (words().desk.again)(&said))}</p>
        </div>
        {(!again.changes.is_empty())
            .then(|| {
                view! {
                    <div class="table-frame" tabindex="0" role="region" aria-label=say(|w| w.desk.verify_again)>
                        <table class="table">
                            <thead>
                                <tr>
                                    <th scope="col">{say(|w| w.path)}</th>
                                    <th scope="col">{say(|w| w.desk.state)}</th>
                                    <th scope="col" class="number">
                                        {say(|w| w.desk.size_then)}
                                    </th>
                                    <th scope="col" class="number">
                                        {say(|w| w.desk.size_now)}
                                    </th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
            })}
    }
    .erase()
}

fn change(change: &Change) -> AnyView {
    let words = use_words();
    let what = change.what;
    let size = |bytes: Option<u64>| bytes.map(figure::bytes).unwrap_or_default();
    view! {
        <tr data-testid="change">
            <th scope="row" class="path">
                {change.key.clone()}
            </th>
            <td>
                {text(move || (words().desk.change)(what))} {change.by.as_ref().map(batch_link)}
            </td>
            <td class="number">{size(change.size_then)}</td>
            <td class="number">{size(change.size_now)}</td>
        </tr>
    }
    .erase()
}

fn batch_link(batch: &BatchId) -> AnyView {
    view! {
        " "
        <a href=format!("/desk/batches/{batch}")>
            <code>{batch.to_string()}</code>
        </a>
    }
    .erase()
}

/// What revoking does and does not, and the button; later, how to stop what is out still.
fn revoke(desk: One, wanted: RwSignal<Wanted>, shown: &BatchDesk) -> Option<AnyView> {
    let batch = shown.card.batch.clone();
    let open = shown.card.state == BatchState::Open;
    let run = move || act(desk, wanted, &batch, BatchAct::Revoke);
    let revoke = open.then(|| button(|w| w.desk.revoke_grant, "button", desk.busy, Box::new(run)));
    (open || shown.stop.is_some()).then(|| {
        let stop = shown.stop.clone().map(|policy| {
            view! {
                <p class="quiet small">{say(|w| w.desk.stop_what)}</p>
                <pre class="desk-policy" tabindex="0">
                    <code>{policy}</code>
                </pre>
            }
        });
        view! {
            <details class="desk-line-more desk-danger" data-testid="revoke">
                <summary>{say(|w| w.desk.revoke_grant)}</summary>
                <p class="quiet">{say(|w| w.desk.revoke_what)}</p>
                {revoke}
                {stop}
            </details>
        }
        .erase()
    })
}

/// What undoing does, and a field in which to type how many files it deletes.
fn undo(desk: One, wanted: RwSignal<Wanted>, card: &BatchCard) -> Option<AnyView> {
    if card.state == BatchState::Open {
        return None;
    }
    let words = use_words();
    let (batch, files, prefix) = (card.batch.clone(), card.stored, card.prefix.clone());
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        if entered.number("files") == Some(files) {
            act(desk, wanted, &batch, BatchAct::Undo);
        }
    };
    let busy = crate::erase::flag(move || desk.busy.get());
    let view = view! {
        <details class="desk-line-more desk-danger" data-testid="undo">
            <summary>{say(|w| w.desk.undo)}</summary>
            <p class="quiet">{text(move || (words().desk.undo_what)(&prefix))}</p>
            <form class="form form-line" on:submit=submit>
                <div class="field">
                    <label for="field-files">{text(move || (words().desk.undo_type)(files))}</label>
                    <input
                        id="field-files"
                        name="files"
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        pattern=files.to_string()
                        required
                    />
                </div>
                <button class="button button-bad" type="submit" disabled=busy>
                    {say(|w| w.desk.undo_go)}
                </button>
            </form>
        </details>
    };
    Some(view.erase())
}
