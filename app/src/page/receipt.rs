//! The receipt of a batch: what the store was seen to hold.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use transfer::wire::{
    BatchId, EarlierCopy, EarlierFate, Problem, ProblemCode, Receipt, ReceiptLine, SkippedLine,
};

use super::asked;
use crate::engine::Engine;
use crate::erase::{Erase, part, text};
use crate::error::AppError;
use crate::part::{batch_badge, icon, instant, say, trouble};
use crate::receipt_file::{as_csv, as_json};
use crate::rpc::batch::receipt;
use crate::session::Session;
use crate::text::{Words, figure, use_words};

/// Lines that the page shows; all are in the files it saves.
const SHOWN: usize = 200;

pub(crate) fn receipt_page() -> AnyView {
    Session::here().guard(|| {
        let params = use_params_map();
        let answer = asked(move || {
            let id = params.with(|params| params.get("id")).unwrap_or_default();
            async move {
                match BatchId::try_from(id) {
                    Ok(id) => receipt(id).await.map(Arc::new),
                    Err(_) => Err(AppError(Problem::new(ProblemCode::NotFound, "There is no such batch."))),
                }
            }
        });
        view! {
            <section class="sheet">
                {part(move || match answer.get() {
                    None => view! { <p class="quiet" role="status">{say(|w| w.loading)}</p> }.erase(),
                    Some(Err(error)) => trouble(error.0),
                    Some(Ok(receipt)) => whole(&receipt),
                })}
            </section>
        }
        .erase()
    })
}

fn whole(receipt: &Arc<Receipt>) -> AnyView {
    let count = receipt.items.len();
    let bytes: u64 = receipt.items.iter().map(|line| line.size).sum();
    let lines = receipt.items.iter().take(SHOWN).map(line).collect_view();
    let left_out = count.saturating_sub(SHOWN) as u64;
    view! {
        <div class="sheet-head">
            <div>
                <h1>{say(|w| w.receipt)} " " {batch_badge(receipt.state)}</h1>
                <p class="quiet">{receipt.project.to_string()} " · " {receipt.batch.to_string()}</p>
            </div>
            {downloads(receipt.clone())}
        </div>
        {receipt
            .undone_at
            .map(|_| {
                view! {
                    <div class="notice notice-bad" role="status">
                        {icon("alert")}
                        <p>{say(|w| w.receipt_undone)}</p>
                    </div>
                }
            })}
        <dl class="facts">
            <div>
                <dt>{say(|w| w.photos)}</dt>
                <dd>{text(move || figure::count(count as u64))}</dd>
            </div>
            <div>
                <dt>{say(|w| w.size)}</dt>
                <dd>{text(move || figure::bytes(bytes))}</dd>
            </div>
            <div>
                <dt>{say(|w| w.opened)}</dt>
                <dd>{instant(receipt.opened_at)}</dd>
            </div>
            {receipt
                .verified_at
                .map(|at| {
                    view! {
                        <div>
                            <dt>{say(|w| w.verified)}</dt>
                            <dd>{instant(at)}</dd>
                        </div>
                    }
                })}
        </dl>
        <div class="table-frame" tabindex="0" role="region" aria-label=say(|w| w.receipt)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{say(|w| w.path)}</th>
                        <th scope="col" class="number">
                            {say(|w| w.size)}
                        </th>
                        <th scope="col">"ETag"</th>
                        <th scope="col">{say(|w| w.checksum)}</th>
                        <th scope="col">{say(|w| w.seen)}</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        {more(left_out)}
        {elsewhere("receipt-replaced", |w| w.replaces, &replaced(receipt))}
        {elsewhere("receipt-skipped", |w| w.already_there, &skipped(receipt))}
    }
    .erase()
}

/// A file that another batch holds, or held.
struct Elsewhere {
    path: String,
    size: u64,
    batch: BatchId,
    key: String,
    fate: Option<EarlierFate>,
}

/// What was not sent because an earlier batch holds it.
fn skipped(receipt: &Receipt) -> Vec<Elsewhere> {
    let line = |line: &SkippedLine| {
        let SkippedLine { path, size, batch, key } = line.clone();
        Elsewhere { path, size, batch, key, fate: None }
    };
    receipt.skipped.iter().map(line).collect()
}

/// The copies of earlier batches in whose place something was sent.
fn replaced(receipt: &Receipt) -> Vec<Elsewhere> {
    let line = |line: &ReceiptLine| {
        let EarlierCopy { batch, key, fate } = line.replaces.clone()?;
        Some(Elsewhere { path: line.path.clone(), size: line.size, batch, key, fate: Some(fate) })
    };
    receipt.items.iter().filter_map(line).collect()
}

fn elsewhere(
    id: &'static str,
    title: fn(&'static Words) -> &'static str,
    files: &[Elsewhere],
) -> Option<AnyView> {
    let count = files.len();
    let lines = files.iter().take(SHOWN).map(elsewhere_line).collect_view();
    let table = move || {
        view! {
            <h2>{say(title)} " · " {text(move || figure::count(count as u64))}</h2>
            <div class="table-frame" tabindex="0" role="region" aria-label=say(title)>
                <table class="table" data-testid=id>
                    <thead>
                        <tr>
                            <th scope="col">{say(|w| w.path)}</th>
                            <th scope="col" class="number">
                                {say(|w| w.size)}
                            </th>
                            <th scope="col">{say(|w| w.in_batch)}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            {more(count.saturating_sub(SHOWN) as u64)}
        }
        .erase()
    };
    (count > 0).then(table)
}

fn elsewhere_line(line: &Elsewhere) -> AnyView {
    let words = use_words();
    let (size, fate) = (line.size, line.fate);
    view! {
        <tr>
            <th scope="row" class="path" title=line.key.clone()>
                {line.path.clone()}
            </th>
            <td class="number">{text(move || figure::bytes(size))}</td>
            <td>
                <a href=format!("/batches/{}", line.batch)>
                    <code>{line.batch.to_string()}</code>
                </a>
                {fate.map(|fate| text(move || format!(" {}", (words().earlier_fate)(fate))))}
            </td>
        </tr>
    }
    .erase()
}

/// How many lines are only in the files.
fn more(left_out: u64) -> AnyView {
    let words = use_words();
    view! { {(left_out > 0).then(|| view! { <p class="quiet">{text(move || (words().more_in_file)(left_out))}</p> })} }
        .erase()
}

fn line(line: &ReceiptLine) -> AnyView {
    let size = line.size;
    view! {
        <tr>
            <th scope="row" class="path" title=line.key.clone()>
                {line.path.clone()}
            </th>
            <td class="number">{text(move || figure::bytes(size))}</td>
            <td>
                <code>{line.etag.clone().unwrap_or_default()}</code>
            </td>
            <td>
                <code>{line.checksum.clone().unwrap_or_default()}</code>
            </td>
            <td>{instant(line.seen_at)}</td>
        </tr>
    }
    .erase()
}

fn downloads(receipt: Arc<Receipt>) -> AnyView {
    let port = Engine::here().port();
    let save = move |receipt: &Receipt, extension: &str, media_type: &str, content: String| {
        if let Some(port) = port {
            port.save(&format!("sluice-{}.{extension}", receipt.batch), media_type, &content);
        }
    };
    let for_csv = receipt.clone();
    let images = format!("/batches/{}/images", receipt.batch);
    view! {
        <div class="actions">
            {(!Session::here().is_guest())
                .then(|| {
                    view! {
                        <a class="button" href=images>
                            {icon("photo")}
                            {say(|w| w.gallery.images)}
                        </a>
                    }
                })}
            <button
                class="button"
                type="button"
                on:click=move |_| save(&for_csv, "csv", "text/csv;charset=utf-8", as_csv(&for_csv))
            >
                {icon("download")}
                "CSV"
            </button>
            <button
                class="button"
                type="button"
                on:click=move |_| save(&receipt, "json", "application/json", as_json(&receipt))
            >
                {icon("download")}
                "JSON"
            </button>
        </div>
    }
    .erase()
}
