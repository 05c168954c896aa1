//! The list of recent batches.

use leptos::prelude::*;
use transfer::wire::BatchState;

use super::asked;
use crate::erase::{Erase, part};
use crate::history::BatchSummary;
use crate::part::{batch_badge, batch_figures, icon, instant, say, trouble};
use crate::rpc::batch::recent_batches;
use crate::session::Session;

pub(crate) fn batches_page() -> AnyView {
    Session::here().guard(|| {
        let batches = asked(recent_batches);
        view! {
            <section class="sheet">
                <h1>{say(|w| w.batches)}</h1>
                {part(move || match batches.get() {
                    None => view! { <p class="quiet" role="status">{say(|w| w.loading)}</p> }.erase(),
                    Some(Err(error)) => trouble(error.0),
                    Some(Ok(batches)) if batches.is_empty() => none_yet(),
                    Some(Ok(batches)) => {
                        view! { <ul class="batch-list">{batches.into_iter().map(line).collect_view()}</ul> }
                            .erase()
                    }
                })}
            </section>
        }
        .erase()
    })
}

fn none_yet() -> AnyView {
    view! {
        <div class="empty">
            {icon("batches")} <p>{say(|w| w.no_batches)}</p>
            <a class="button button-primary" href="/">
                {say(|w| w.back_to_upload)}
            </a>
        </div>
    }
    .erase()
}

fn line(batch: BatchSummary) -> AnyView {
    let href = format!("/batches/{}", batch.batch);
    let own = Session::here().name().as_ref() == Some(&batch.person);
    let finish = (own && batch.state == BatchState::Open).then(|| {
        let href = format!("/?batch={}", batch.batch);
        view! { <a class="button" href=href data-testid="finish-batch">{icon("play")} {say(|w| w.finish_batch)}</a> }.erase()
    });
    view! {
        <li>
            <a class="batch-line" href=href>
                <span class="batch-when">{instant(batch.opened_at)}</span>
                <span class="batch-project">{batch.project.to_string()}</span>
                <span class="batch-who quiet">{icon("person")} {batch.person}</span>
                {batch_figures(batch.state, batch.stored, batch.items, batch.bytes)}
                {batch_badge(batch.state)}
            </a>
            {finish}
        </li>
    }
    .erase()
}
