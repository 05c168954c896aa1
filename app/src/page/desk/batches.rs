//! Batches of all projects: finding one.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use transfer::wire::{BatchState, ProjectId, UnixMillis};
use web_sys::js_sys::Date;

use super::{Desk, sheet};
use crate::address::{Query, keeper};
use crate::desk::batches::{BATCHES_PAGE, BatchCard, BatchesDesk, BatchesQuestion};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, button, choice, option, send, what_went_wrong};
use crate::part::{batch_badge, batch_figures, icon, instant, say};
use crate::rpc::desk::batches_desk;
use crate::text::{figure, use_words};

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

type Batches = Desk<BatchesDesk>;

pub(crate) fn find_batches_page() -> AnyView {
    sheet(
        |w| w.desk.batches,
        |w| w.desk.batches_what,
        || {
            let asked = RwSignal::new(Asked::of_address(Query::here()));
            // In the browser only, whose clock is near enough for the last days.
            let desk = Desk::opened(move || {
                asked.update_untracked(|asked| asked.count_from(UnixMillis(Date::now() as u64)));
                batches_desk(asked.get_untracked().question)
            });
            desk.show(move |shown| whole(desk, asked, shown))
        },
    )
}

/// What was asked for last.
#[derive(Clone)]
struct Asked {
    question: BatchesQuestion,
    /// As the field has it.
    days: String,
}

impl Asked {
    fn of_address(query: Query) -> Self {
        let question = BatchesQuestion {
            project: query.get("project").and_then(|id| ProjectId::try_from(id).ok()),
            person: query.get("person"),
            link: query.get("link").and_then(|id| id.parse().ok()),
            state: query.get("state").and_then(|word| state_of(&word)),
            about: query.get("about"),
            ..BatchesQuestion::default()
        };
        Self { question, days: query.get("days").unwrap_or_default() }
    }

    fn address(&self) -> Vec<(&'static str, Option<String>)> {
        let question = &self.question;
        vec![
            ("about", question.about.clone()),
            ("project", question.project.as_ref().map(ToString::to_string)),
            ("person", question.person.clone()),
            ("link", question.link.map(|id| id.to_string())),
            ("state", question.state.map(|state| state_word(state).to_owned())),
            ("days", Some(self.days.clone())),
        ]
    }

    /// The last days are those before this.
    fn count_from(&mut self, now: UnixMillis) {
        let days: Option<u64> = self.days.parse().ok();
        self.question.since = days.map(|days| UnixMillis(now.0.saturating_sub(days.saturating_mul(DAY))));
    }
}

/// In addresses and in the form.
fn state_word(state: BatchState) -> &'static str {
    match state {
        BatchState::Open => "open",
        BatchState::Closed => "closed",
        BatchState::Verified => "verified",
    }
}

fn state_of(word: &str) -> Option<BatchState> {
    [BatchState::Open, BatchState::Closed, BatchState::Verified]
        .into_iter()
        .find(|state| state_word(*state) == word)
}

fn whole(desk: Batches, asked: RwSignal<Asked>, shown: &BatchesDesk) -> AnyView {
    let words = use_words();
    let totals = shown.page.totals;
    let lines = shown.page.batches.iter().map(line).collect_view();
    let older = (shown.page.batches.len() >= BATCHES_PAGE).then(|| {
        let last = shown.page.batches.last().map(|batch| batch.batch.clone());
        let run = move || {
            let question = BatchesQuestion { older_than: last.clone(), ..asked.get_untracked().question };
            desk.act(batches_desk(question), || {});
        };
        button(|w| w.desk.older, "button", desk.busy, Box::new(run))
    });
    let none = totals.batches == 0;
    view! {
        {form(desk, asked, shown)}
        {what_went_wrong(desk.refused)}
        <p class="quiet" role="status" data-testid="found">
            {text(move || {
                if none {
                    words().desk.no_batches.to_owned()
                } else {
                    (words().desk.found_batches)(totals.batches, totals.stored, &figure::bytes(totals.bytes))
                }
            })}
        </p>
        <ul class="batch-list">{lines}</ul>
        {older}
    }
    .erase()
}

fn form(desk: Batches, asked: RwSignal<Asked>, shown: &BatchesDesk) -> AnyView {
    let (now, keep) = (shown.at, keeper());
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let question = BatchesQuestion {
            project: ProjectId::try_from(entered.text("project")).ok(),
            person: Some(entered.text("person")).filter(|name| !name.is_empty()),
            link: entered.text("link").parse().ok(),
            state: state_of(&entered.text("state")),
            about: Some(entered.text("about")),
            ..BatchesQuestion::default()
        };
        let mut next = Asked { question, days: entered.text("days") };
        next.count_from(now);
        keep(next.address());
        asked.set(next.clone());
        desk.act(batches_desk(next.question), || {});
    };
    let Asked { question, days } = asked.get_untracked();
    let state = question.state.map(state_word).unwrap_or_default();
    let states = vec![
        option("", |w| w.desk.any),
        option("open", |w| (w.batch_state)(BatchState::Open)),
        option("closed", |w| (w.batch_state)(BatchState::Closed)),
        option("verified", |w| (w.batch_state)(BatchState::Verified)),
    ];
    let since = vec![
        option("", |w| w.desk.any),
        option("1", |w| w.desk.last_day),
        option("7", |w| w.desk.last_week),
        option("30", |w| w.desk.last_month),
        option("365", |w| w.desk.last_year),
    ];
    let mut projects = vec![option("", |w| w.desk.any)];
    for (id, name) in &shown.projects {
        let name = name.clone();
        projects.push((id.to_string(), text(move || name.clone())));
    }
    let mut links = vec![option("", |w| w.desk.any)];
    for (id, title) in &shown.links {
        let title = title.clone();
        links.push((id.to_string(), text(move || title.clone())));
    }
    let mut people = vec![option("", |w| w.desk.any)];
    for name in &shown.people {
        let shown = name.clone();
        people.push((name.clone(), text(move || shown.clone())));
    }
    let person = question.person.unwrap_or_default();
    let project = question.project.map(|id| id.to_string()).unwrap_or_default();
    let link = question.link.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <form class="form form-line" on:submit=submit role="search" data-testid="find-batches">
            {Field::text("about", |w| w.desk.find_batch, question.about.unwrap_or_default())
                .of_kind("search")
                .draw()}
            {choice("project", |w| w.project, projects, &project)}
            {choice("person", |w| w.desk.person, people, &person)}
            {(!shown.links.is_empty()).then(|| choice("link", |w| w.desk.link, links, &link))}
            {choice("state", |w| w.desk.state, states, state)}
            {choice("days", |w| w.desk.opened, since, &days)}
            {send(|w| w.desk.show, desk.busy)}
        </form>
    }
    .erase()
}

fn line(batch: &BatchCard) -> AnyView {
    let href = format!("/desk/batches/{}", batch.batch);
    let undone = batch.undo_begun_at.is_some();
    let badge = if undone {
        view! { <span class="badge badge-warn">{icon("cancel")} {say(|w| w.desk.undone_at)}</span> }.erase()
    } else {
        batch_badge(batch.state)
    };
    view! {
        <li>
            <a class="batch-line" href=href data-testid="batch">
                <span class="batch-when">{instant(batch.opened_at)}</span>
                <span class="batch-project">{batch.project.to_string()}</span>
                <span class="batch-who quiet">{icon("person")} {batch.person.clone()}</span>
                {batch_figures(batch.state, batch.stored, batch.items, batch.bytes)}
                {badge}
            </a>
        </li>
    }
    .erase()
}
