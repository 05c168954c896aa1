//! Where files come in: the drop zone, the two pickers, the project.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::engine::Engine;
use crate::erase::{Erase, part_if, text, text_if};
use crate::part::{Hydrated, icon, say};
use crate::project::Project;
use crate::text::{Words, figure, use_words};

/// Picks the words of a button.
type Label = fn(&'static Words) -> &'static str;

pub(super) fn choose(projects: StoredValue<Vec<Project>>) -> AnyView {
    let several = projects.with_value(|projects| projects.len() > 1);
    view! {
        {several.then(|| project_picker(projects))}
        // Drops are taken by the whole window; this is where the eye goes.
        <section class="zone" data-testid="drop-zone" aria-labelledby="zone-title">
            <svg class="zone-art" aria-hidden="true" viewBox="0 0 240 96">
                <use href="/icons.svg#gate" />
            </svg>
            <h1 id="zone-title">{say(|w| w.drop_here)}</h1>
            <p class="quiet">{say(|w| w.drop_here_what)}</p>
            <div class="actions actions-centre">{file_picker("button button-primary", |w| w.choose_files)} {folder_picker("button", |w| w.choose_folder)}</div>
            {rules_line()}
        </section>
    }
    .erase()
}

/// Chooses single files. On a phone this opens the photographs.
pub(super) fn file_picker(class: &'static str, label: Label) -> AnyView {
    let engine = Engine::here();
    let accept = text_if(move || engine.project.with(|project| project.as_ref().map(accepted)));
    picker(class, "photo", label, move |disabled| {
        view! {
            <input
                class="visually-hidden"
                type="file"
                multiple
                accept=accept
                disabled=disabled
                data-testid="file-input"
                on:change=picked(engine)
            />
        }
        .erase()
    })
}

/// Chooses a whole folder, with all below it.
pub(super) fn folder_picker(class: &'static str, label: Label) -> AnyView {
    let engine = Engine::here();
    picker(class, "folder", label, move |disabled| {
        view! {
            <input
                class="visually-hidden"
                type="file"
                multiple
                disabled=disabled
                data-testid="folder-input"
                on:change=picked(engine)
            />
        }
        .attr("webkitdirectory", "")
        .erase()
    })
}

/// A button that is the label of a file input; the input itself has the focus and the keyboard.
fn picker(
    class: &'static str,
    symbol: &'static str,
    label: Label,
    input: impl FnOnce(Signal<bool>) -> AnyView,
) -> AnyView {
    let Hydrated(hydrated) = expect_context();
    // Files that are chosen before the page is alive would be lost without a word.
    let disabled = Signal::derive(move || !hydrated.get());
    view! { <label class=class>{input(disabled)} {icon(symbol)} <span>{say(label)}</span></label> }.erase()
}

fn picked(engine: Engine) -> impl Fn(leptos::ev::Event) {
    move |event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let (Some(input), Some(port)) = (input, engine.port()) {
            port.picked(&input);
        }
    }
}

/// The `accept` attribute. `image/*` alone would hide raw files and HEIC where the system knows no type for them.
fn accepted(project: &Project) -> String {
    const BY_NAME: &str = ".heic,.heif,.dng,.cr2,.cr3,.nef,.arw,.raf,.orf,.rw2,.jxl";
    let mut accept = project.rules.media_types.join(",");
    if project.rules.media_types.iter().any(|kind| kind == "image/*") {
        accept.push(',');
        accept.push_str(BY_NAME);
    }
    accept
}

fn project_picker(projects: StoredValue<Vec<Project>>) -> AnyView {
    let engine = Engine::here();
    let chosen =
        text(move || engine.project.with(|it| it.as_ref().map(|it| it.id.to_string())).unwrap_or_default());
    let choose = move |event| {
        let id = event_target_value(&event);
        let project =
            projects.with_value(|all| all.iter().find(|project| project.id.as_str() == id).cloned());
        engine.project.set(project);
    };
    let options = projects.with_value(|projects| {
        projects
            .iter()
            .map(|project| {
                let id = project.id.to_string();
                view! { <option value=id>{project.name.clone()}</option> }
            })
            .collect_view()
    });
    view! {
        <div class="field field-inline">
            <label for="project">{say(|w| w.project)}</label>
            <select id="project" data-testid="project" prop:value=chosen on:change=choose>
                {options}
            </select>
        </div>
    }
    .erase()
}

/// What the project takes, in one line.
fn rules_line() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let line = move || {
        engine.project.with(|project| {
            project.as_ref().map(|project| {
                let rules = &project.rules;
                let size = figure::bytes(rules.max_size);
                let types: Vec<_> = rules.media_types.iter().map(|it| (words().media_type)(it)).collect();
                (words().rules)(&types.join(", "), &size, &figure::count(rules.max_items.into()))
            })
        })
    };
    let kept = move || {
        let days = engine.project.with(|project| project.as_ref().and_then(|project| project.keep_days));
        days.map(|days| {
            let said = text(move || (words().kept_for)(days.into()));
            view! { <p class="zone-rules quiet" data-testid="kept-for">{said}</p> }.erase()
        })
    };
    view! {
        <p class="zone-rules quiet">{text_if(line)}</p>
        {part_if(kept)}
    }
    .erase()
}
