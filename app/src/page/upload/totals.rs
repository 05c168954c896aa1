//! How far the batch is, and what happens next, in words.

use leptos::prelude::*;
use transfer::port::Phase;

use super::controls::controls;
use super::duplicates::duplicates;
use super::left_out::left_out;
use super::summary::summary;
use crate::app::percent_of;
use crate::engine::{Engine, Stage};
use crate::erase::{Erase, flag, number, part, part_if, text};
use crate::part::{icon, say};
use crate::text::{figure, use_language, use_words};

pub(super) fn totals() -> AnyView {
    let engine = Engine::here();
    let phase = Memo::new(move |_| engine.snapshot.with(|snapshot| snapshot.phase.clone()));
    let over = Memo::new(move |_| engine.is_over());
    view! {
        <section class="card totals" data-testid="totals" data-phase=text(move || phase.with(phase_name))>
            {part(move || if over.get() { summary() } else { progress(phase) })}
            {figures()}
            {duplicates()}
            {controls()}
            {left_out()}
        </section>
    }
    .erase()
}

fn progress(phase: Memo<Phase>) -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let totals = Memo::new(move |_| engine.snapshot.with(|snapshot| snapshot.totals));
    let percent = Memo::new(move |_| totals.with(percent_of));
    let found = Memo::new(move |_| {
        engine.stage.with(|stage| match stage {
            Stage::Gathering(found) => Some(*found),
            _ => None,
        })
    });
    let relaying = Memo::new(move |_| engine.snapshot.with(|snapshot| snapshot.relaying));
    let quiet = flag(move || phase.with(|phase| !matches!(phase, Phase::Sending | Phase::Verifying)));
    view! {
        <div class="totals-head">
            <h1>
                <span class="big-figure">{text(move || percent.get().to_string())}</span>
                <span class="big-unit">" %"</span>
            </h1>
            <p class="totals-phase">
                <strong>{text(move || phase.with(|phase| (words().phase_title)(phase)))}</strong>
                " "
                <span class="quiet">{text(move || phase.with(|phase| (words().phase_next)(phase)))}</span>
            </p>
        </div>
        <progress
            class="meter meter-flow"
            class:is-still=quiet
            max="100"
            prop:value=number(move || percent.get() as f64)
            aria-label=say(|w| w.progress)
        ></progress>
        {part_if(move || {
            relaying
                .get()
                .then(|| {
                    view! {
                        <div class="notice notice-warn" role="status" data-testid="relaying">
                            {icon("alert")} <p>{say(|w| w.relaying)}</p>
                        </div>
                    }
                        .erase()
                })
        })}
        {part_if(move || {
            found
                .get()
                .map(|found| {
                    view! { <p class="quiet small">{text(move || (words().still_gathering)(found.into()))}</p> }.erase()
                })
        })}
    }
    .erase()
}

fn figures() -> AnyView {
    let engine = Engine::here();
    let language = use_language();
    let words = use_words();
    let totals = Memo::new(move |_| engine.snapshot.with(|snapshot| snapshot.totals));
    let pace = Memo::new(move |_| {
        engine.snapshot.with(|snapshot| (snapshot.bytes_per_second, snapshot.seconds_left))
    });
    let of = move |done: String, all: String| if done == all { all } else { (words().of)(&done, &all) };
    let photos = move || {
        let totals = totals.get();
        of(figure::count(totals.stored.into()), figure::count(totals.wanted().into()))
    };
    let data = move || {
        let totals = totals.get();
        let (done, all) = (figure::bytes(totals.sent_bytes), figure::bytes(totals.bytes));
        // `1.6 of 4.5 MB`: the unit once, where it is the same.
        match (done.split_once(' '), all.split_once(' ')) {
            (Some((number, unit)), Some((_, same))) if done != all && unit == same => {
                of(number.to_owned(), all)
            }
            _ => of(done, all),
        }
    };
    let speed = move || {
        let now = match engine.elapsed.get() {
            Some(seconds) => totals.get().sent_bytes / u64::from(seconds.max(1)),
            None => pace.get().0,
        };
        if now == 0 { "–".to_owned() } else { (words().per_second)(&figure::bytes(now)) }
    };
    let time = move || match (engine.elapsed.get(), pace.get()) {
        (Some(seconds), _) | (None, (_, Some(seconds))) => figure::duration(language.get(), seconds),
        _ => "–".to_owned(),
    };
    let time_label =
        move || if engine.elapsed.with(Option::is_some) { words().took } else { words().time_left };
    let failed = Memo::new(move |_| totals.with(|totals| totals.failed + totals.refused));
    view! {
        <dl class="facts">
            <div>
                <dt>{say(|w| w.photos)}</dt>
                <dd data-testid="files-done">{text(photos)}</dd>
            </div>
            <div>
                <dt>{say(|w| w.data)}</dt>
                <dd data-testid="bytes-done">{text(data)}</dd>
            </div>
            <div class="facts-pace">
                <dt>{say(|w| w.speed)}</dt>
                <dd data-testid="speed">{text(speed)}</dd>
            </div>
            <div>
                <dt>{text(time_label)}</dt>
                <dd data-testid="time-left">{text(time)}</dd>
            </div>
            {part_if(move || {
                (failed.get() > 0)
                    .then(|| {
                        view! {
                            <div class="facts-bad">
                                <dt>{icon("alert")} {say(|w| w.trouble)}</dt>
                                <dd data-testid="files-failed">{text(move || figure::count(failed.get().into()))}</dd>
                            </div>
                        }
.erase()
                    })
            })}
        </dl>
    }
    .erase()
}

/// The phase for tests and styles.
fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "idle",
        Phase::Sending => "sending",
        Phase::Paused => "paused",
        Phase::SignedOut => "signed-out",
        Phase::Waiting => "waiting",
        Phase::NeedsFiles => "needs-files",
        Phase::Asking => "asking",
        Phase::Verifying => "verifying",
        Phase::Done { .. } => "done",
        Phase::Broken { .. } => "broken",
    }
}
