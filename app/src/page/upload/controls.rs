//! What a person can do with the whole batch.

use leptos::prelude::*;
use transfer::port::{Command, Phase};

use super::choose::{file_picker, folder_picker};
use crate::engine::Engine;
use crate::erase::{Erase, part, part_if};
use crate::part::{icon, say};
use crate::text::Words;

pub(super) fn controls() -> AnyView {
    let engine = Engine::here();
    let phase = move || engine.snapshot.with(|snapshot| std::mem::discriminant(&snapshot.phase));
    let is = move |one: Phase| phase() == std::mem::discriminant(&one);
    let running = Memo::new(move |_| !engine.is_over() && !is(Phase::Verifying));
    let needs_files = Memo::new(move |_| is(Phase::NeedsFiles));
    let asking = Memo::new(move |_| is(Phase::Asking));
    let paused = Memo::new(move |_| is(Phase::Paused));
    // Once the batch is closed, what failed is given up.
    let failed = Memo::new(move |_| {
        engine.snapshot.with(|snapshot| {
            snapshot.totals.failed > 0
                && !matches!(snapshot.phase, Phase::Done { answer: Some(_) } | Phase::Broken { .. })
        })
    });
    let over = Memo::new(move |_| engine.is_over());
    let pause = move || if paused.get() { Command::Resume } else { Command::Pause };
    view! {
        <div class="actions">
            {part_if(move || needs_files.get().then(|| again(engine)))}
            {part_if(move || {
                (running.get() && !needs_files.get() && !asking.get())
                    .then(|| {
                        let (symbol, label): (_, fn(&'static Words) -> &'static str) =
                            if paused.get() { ("play", |w| w.resume) } else { ("pause", |w| w.pause) };
                        button("button", "pause", symbol, label, move || engine.command(untrack(pause)))
                    })
            })}
            {part_if(move || {
                failed
                    .get()
                    .then(|| {
                        button(
                            "button button-primary",
                            "retry-failed",
                            "retry",
                            |w| w.retry_failed,
                            move || engine.command(Command::RetryFailed),
                        )
                    })
            })}
            {part_if(move || {
                (failed.get() && over.get())
                    .then(|| {
                        button("button", "close-anyway", "check", |w| w.close_anyway, move || {
                            engine.command(Command::CloseAnyway);
                        })
                    })
            })}
            {part_if(move || {
                running
                    .get()
                    .then(|| {
                        button("button", "cancel-all", "cancel", |w| w.cancel_all, move || {
                            engine.command(Command::CancelAll);
                        })
                    })
            })}
            {part(move || match over.get() {
                false if needs_files.get() => ().erase(),
                true => after(if failed.get() { "button" } else { "button button-primary" }),
                false => {
                    view! {
                        <span class="actions-more">
                            {file_picker("button button-quiet", |w| w.add_files)} {folder_picker("button button-quiet", |w| w.add_folder)}
                        </span>
                    }
                        .erase()
                }
            })}
        </div>
    }
    .erase()
}

/// How the files of an earlier visit come back.
fn again(engine: Engine) -> AnyView {
    view! {
        {part(move || {
            if engine.reopens.get() {
                button("button button-primary", "reopen", "play", |w| w.reopen, move || {
                    if let Some(port) = engine.port() {
                        port.reopen();
                    }
                })
            } else {
                view! {
                    {folder_picker("button button-primary", |w| w.choose_folder_again)}
                    {file_picker("button", |w| w.choose_files_again)}
                }
                    .erase()
            }
        })}
        {button("button button-quiet", "not-now", "clock", |w| w.not_now, move || engine.decline())}
    }
    .erase()
}

/// Where to go when it is over; `more` is the class of the button for the next upload, which is the main thing to do
/// only where nothing is left to be tried again.
fn after(more: &'static str) -> AnyView {
    let engine = Engine::here();
    let href = engine.batch.get_untracked().map(|batch| format!("/batches/{batch}"));
    view! {
        {href
            .map(|href| {
                view! {
                    <a class="button" href=href data-testid="receipt-link">
                        {icon("receipt")}
                        {say(|w| w.show_receipt)}
                    </a>
                }
            })}
        {button(more, "upload-more", "upload", |w| w.upload_more, move || engine.put_away())}
    }
    .erase()
}

pub(super) fn button(
    class: &'static str,
    testid: &'static str,
    symbol: &'static str,
    label: fn(&'static Words) -> &'static str,
    act: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button class=class type="button" data-testid=testid on:click=move |_| act()>
            {icon(symbol)}
            {say(label)}
        </button>
    }
    .erase()
}
