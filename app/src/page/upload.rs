//! The upload page: choosing, checking, watching, and the summary at the end.

mod choose;
mod controls;
mod duplicates;
mod left_out;
mod list;
mod review;
mod row;
mod summary;
mod totals;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use transfer::wire::BatchId;

use crate::engine::{Engine, Stage};
use crate::erase::{Erase, effect, part, part_if, text};
use crate::part::{icon, say, trouble};
use crate::project::Project;
use crate::rpc::session::projects;
use crate::session::Session;
use crate::text::{figure, use_words};

pub(crate) fn upload_page() -> AnyView {
    Session::here().guard(|| {
        let projects = Resource::new(|| (), |()| projects());
        view! {
            <Suspense>
                {move || Suspend::new(async move {
                    match projects.await {
                        Ok(projects) => room(projects),
                        Err(error) => trouble(error.0),
                    }
                })}
            </Suspense>
        }
        .erase()
    })
}

/// Which parts are shown, so that they are made anew only when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Choose,
    Gathering,
    Review,
    Opening,
    Stuck,
}

fn room(projects: Vec<Project>) -> AnyView {
    if projects.is_empty() {
        return no_project();
    }
    let engine = Engine::here();
    let known = engine.project.with_untracked(|chosen| {
        chosen.as_ref().is_some_and(|chosen| projects.iter().any(|project| project.id == chosen.id))
    });
    if !known {
        engine.project.set(projects.first().cloned());
    }
    let projects = StoredValue::new(projects);
    let wanted =
        use_query_map().with_untracked(|query| query.get("batch")).and_then(|id| BatchId::try_from(id).ok());
    engine.unadopted.set(None);
    effect(move || {
        if let Some(port) = engine.port() {
            port.warm();
        }
        engine.person.set(Session::here().name());
        match wanted.clone() {
            Some(batch) => engine.adopt(batch),
            None => engine.recall(),
        }
    });
    // What is added to a batch of an earlier visit goes where it goes.
    effect(move || {
        if let Some(id) = engine.recalled_to.get()
            && let Some(project) = projects.with_value(|all| all.iter().find(|it| it.id == id).cloned())
        {
            engine.project.set(Some(project));
        }
    });
    let running = Memo::new(move |_| engine.batch.with(Option::is_some));
    let shown = Memo::new(move |_| {
        engine.stage.with(|stage| match stage {
            Stage::Ready if running.get() => Shown::Nothing,
            Stage::Ready => Shown::Choose,
            Stage::Gathering(_) if running.get() => Shown::Nothing,
            Stage::Gathering(_) => Shown::Gathering,
            Stage::Review => Shown::Review,
            Stage::Opening => Shown::Opening,
            Stage::Stuck(_) => Shown::Stuck,
        })
    });
    view! {
        <div class="room">
            {part_if(move || engine.unadopted.get().map(trouble))}
            {part(move || match shown.get() {
                Shown::Nothing => ().erase(),
                Shown::Choose => choose::choose(projects),
                Shown::Gathering => gathering(),
                Shown::Review => review::review(),
                Shown::Opening => opening(),
                Shown::Stuck => stuck(),
            })}
            {part_if(move || running.get().then(|| view! { {totals::totals()} {list::list()} }.erase()))}
        </div>
    }
    .erase()
}

fn no_project() -> AnyView {
    view! {
        <section class="card card-narrow">
            <h1>{say(|w| w.no_project)}</h1>
            <p>{say(|w| w.no_project_what)}</p>
        </section>
    }
    .erase()
}

fn gathering() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let found = Memo::new(move |_| {
        engine.stage.with(|stage| match stage {
            Stage::Gathering(found) => *found,
            _ => 0,
        })
    });
    view! {
        <section class="card card-narrow step">
            <h1 class="step-title">{say(|w| w.gathering)}</h1>
            <p class="big-figure">{text(move || figure::count(found.get().into()))}</p>
            <p class="quiet">{text(move || words().gathering_what)}</p>
            <progress class="meter" aria-label=say(|w| w.gathering)></progress>
        </section>
    }
    .erase()
}

fn opening() -> AnyView {
    view! {
        <section class="card card-narrow step">
            <h1 class="step-title">{say(|w| w.opening)}</h1>
            <progress class="meter" aria-label=say(|w| w.opening)></progress>
        </section>
    }
    .erase()
}

fn stuck() -> AnyView {
    let engine = Engine::here();
    let problem = engine.stage.with_untracked(|stage| match stage {
        Stage::Stuck(problem) => Some(problem.clone()),
        _ => None,
    });
    view! {
        <section class="card card-narrow step">
            <h1 class="step-title">{say(|w| w.stuck)}</h1>
            {problem.map(trouble)}
            <p class="quiet">{say(|w| w.stuck_what)}</p>
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| engine.begin()>
                    {icon("retry")}
                    {say(|w| w.try_again)}
                </button>
                <button class="button" type="button" on:click=move |_| engine.start_over()>
                    {say(|w| w.start_over)}
                </button>
            </div>
        </section>
    }
    .erase()
}
