//! The first page of the admin's side: what is going on, and what came in. It stays fresh by asking again.

use std::time::Duration;

use leptos::prelude::*;
use web_sys::js_sys::Date;

use super::bars::{bar, columns};
use super::{Desk, sheet};
use crate::desk::batches::{BatchCard, Cause};
use crate::desk::dashboard::{Dashboard, DashboardQuestion, Figures, ProjectFigures};
use crate::erase::{Erase, effect, number, text};
use crate::form::{Pick, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::rpc::desk::dashboard;
use crate::text::{figure, use_words};

/// Browsers report to the server every few seconds, so looking more often would show nothing new.
const EACH: Duration = Duration::from_secs(7);

/// A batch that was quiet for longer has no pace, in milliseconds.
const QUIET: u64 = 120_000;

pub(crate) fn dashboard_page() -> AnyView {
    sheet(
        |w| w.desk.dashboard,
        |w| w.desk.dashboard_what,
        || {
            let ask =
                || dashboard(DashboardQuestion { utc_offset: -(Date::new_0().get_timezone_offset() as i32) });
            let desk = Desk::opened(ask);
            effect(move || {
                let again = move || {
                    // Nobody looks at a page in the background.
                    if !document().hidden() {
                        desk.act(ask(), || {});
                    }
                };
                if let Ok(handle) = set_interval_with_handle(again, EACH) {
                    on_cleanup(move || handle.clear());
                }
            });
            view! {
                {what_went_wrong(desk.refused)}
                {desk.show(whole)}
            }
            .erase()
        },
    )
}

fn whole(shown: &Dashboard) -> AnyView {
    let sum = |pick: fn(&ProjectFigures) -> Figures| {
        shown.projects.iter().map(pick).fold(Figures::default(), |sum, each| Figures {
            files: sum.files + each.files,
            bytes: sum.bytes + each.bytes,
        })
    };
    let month = sum(|project| project.month);
    let days: Vec<u64> = shown.days.iter().map(|day| day.bytes).collect();
    view! {
        {going_on(shown)}
        <dl class="facts">
            {figures(|w| w.desk.today, sum(|project| project.today))} {figures(|w| w.desk.this_month, month)}
        </dl>
        <h2>{say(|w| w.desk.last_days)}</h2>
        {columns(&days)}
        {by_project(&shown.projects)}
        <h2>{say(|w| w.desk.failures)}</h2>
        {causes(&shown.causes)}
    }
    .erase()
}

fn going_on(shown: &Dashboard) -> AnyView {
    let words = use_words();
    let at = shown.at.0;
    let lines = shown.open.iter().map(|batch| open(batch, at)).collect_view();
    let more = shown.open_count.saturating_sub(shown.open.len() as u64);
    view! {
        <h2>{say(|w| w.desk.going_on)}</h2>
        {shown.open.is_empty().then(|| view! { <p class="quiet">{say(|w| w.desk.nothing_open)}</p> })}
        <ul class="desk-list" data-testid="going-on">
            {lines}
        </ul>
        {(more > 0).then(|| view! { <p class="quiet">{text(move || (words().desk.more_open)(more))}</p> })}
    }
    .erase()
}

/// An open batch: how far it is, and how fast on the whole.
fn open(batch: &BatchCard, at: u64) -> AnyView {
    let words = use_words();
    let href = format!("/desk/batches/{}", batch.batch);
    let (stored, items, bytes, all) = (batch.stored, batch.items, batch.bytes, batch.announced_bytes);
    let seconds = at.saturating_sub(batch.opened_at.0) / 1_000;
    let lively = at.saturating_sub(batch.active_at.0) < QUIET && seconds > 0 && bytes > 0;
    let pace = lively.then(|| text(move || (words().per_second)(&figure::bytes(bytes / seconds.max(1)))));
    let person = batch.person.clone();
    view! {
        <li class="desk-line" data-testid="open-batch">
            <div class="desk-line-what">
                <a href=href>
                    <strong>{batch.project.to_string()}</strong>
                </a>
                <span class="quiet">{icon("person")} " " {batch.person.clone()}</span>
            </div>
            <div class="desk-line-meter">
                <progress class="meter" max="1" prop:value=number(move || part(stored, items)) aria-label=person></progress>
                <span class="desk-line-facts quiet small">
                    <span>{text(move || (words().desk.done_of)(stored, items))}</span>
                    <span>{text(move || (words().of)(&figure::bytes(bytes), &figure::bytes(all)))}</span>
                    {pace}
                    <span>{say(|w| w.desk.last_heard)} " " {instant(batch.active_at)}</span>
                </span>
            </div>
        </li>
    }
    .erase()
}

fn part(some: u64, all: u64) -> f64 {
    some as f64 / all.max(1) as f64
}

fn figures(label: Pick, figures: Figures) -> AnyView {
    let words = use_words();
    let Figures { files, bytes } = figures;
    view! {
        <div>
            <dt>{say(label)}</dt>
            <dd>
                <span class="desk-figure">{text(move || figure::bytes(bytes))}</span>
                " "
                <span class="quiet">{text(move || (words().desk.files)(files))}</span>
            </dd>
        </div>
    }
    .erase()
}

fn by_project(projects: &[ProjectFigures]) -> AnyView {
    let most = projects.iter().map(|project| project.month.bytes).max().unwrap_or_default();
    let lines = projects
        .iter()
        .map(|project| {
            let words = use_words();
            let (today, month) = (project.today, project.month);
            let href = format!("/desk/batches?project={}", project.project);
            let drawn = bar(month.bytes, today.bytes, most);
            view! {
                <li class="bar-row" data-testid="project-figures">
                    <a href=href>{project.name.clone()}</a>
                    {drawn}
                    <span class="quiet small">
                        {text(move || (words().desk.holds)(month.files, &figure::bytes(month.bytes)))}
                    </span>
                </li>
            }
            .erase()
        })
        .collect_view();
    view! {
        <h2>{say(|w| w.desk.by_project)}</h2>
        <p class="bar-key quiet small">
            <span class="bar-key-part">{say(|w| w.desk.today)}</span>
            <span class="bar-key-all">{say(|w| w.desk.this_month)}</span>
        </p>
        <ul class="bar-list">{lines}</ul>
    }
    .erase()
}

/// Why files are not in the store, with a bar for each cause.
pub(super) fn causes(causes: &[Cause]) -> AnyView {
    if causes.is_empty() {
        return view! { <p class="quiet">{say(|w| w.desk.no_failures)}</p> }.erase();
    }
    let most = causes.iter().map(|cause| cause.items).max().unwrap_or_default();
    let lines = causes
        .iter()
        .map(|cause| {
            let words = use_words();
            let (items, drawn) = (cause.items, bar(cause.items, cause.items, most));
            let cause = cause.clone();
            view! {
                <li class="bar-row bar-bad" data-testid="cause">
                    <span>{text(move || (words().desk.cause)(&cause))}</span>
                    {drawn}
                    <span class="quiet small">{text(move || (words().desk.files)(items))}</span>
                </li>
            }
            .erase()
        })
        .collect_view();
    view! { <ul class="bar-list">{lines}</ul> }.erase()
}
