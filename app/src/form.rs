//! Forms of the admin's side: fields by name, and what was entered in them.
//!
//! What was entered is read from the form itself when it is sent, so that no field needs a signal of its own.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::desk::Issued;
use crate::erase::{Erase, flag, part_if, text};
use crate::error::AppError;
use crate::part::{icon, say, trouble};
use crate::text::Words;

/// Picks a text of the catalogue.
pub(crate) type Pick = fn(&'static Words) -> &'static str;

/// What was entered in a form.
pub(crate) struct Entered(web_sys::FormData);

impl Entered {
    /// Of the form that is being sent; it goes nowhere else.
    pub(crate) fn of(event: &SubmitEvent) -> Option<Self> {
        event.prevent_default();
        let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
        web_sys::FormData::new_with_form(&form).ok().map(Self)
    }

    /// A field's text, without spaces around it.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.get(name).as_string().unwrap_or_default().trim().to_owned()
    }

    /// A field's whole number, if there is one.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }

    /// A field's number of so many units, if there is one, in whole units' parts.
    pub(crate) fn amount(&self, name: &str, unit: u64) -> Option<u64> {
        let number: f64 = self.text(name).parse().ok()?;
        // Sizes of files are far below what a float counts exactly.
        (number >= 0.0).then_some((number * unit as f64).round() as u64)
    }

    /// All values of a name: the boxes that were ticked.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.get_all(name).iter().filter_map(|value| value.as_string()).collect()
    }
}

/// A field of one line.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: Pick,
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    pub(crate) hint: Option<Pick>,
    pub(crate) required: bool,
}

impl Field {
    /// A line of text that may stay empty.
    pub(crate) fn text(name: &'static str, label: Pick, value: String) -> Self {
        Self { name, label, kind: "text", value, hint: None, required: false }
    }

    pub(crate) fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    pub(crate) fn hint(self, hint: Pick) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(crate) fn draw(self) -> AnyView {
        let id = format!("field-{}", self.name);
        let hint_id = format!("hint-{}", self.name);
        let described = self.hint.map(|_| hint_id.clone());
        let step = (self.kind == "number").then_some("any");
        let least = (self.kind == "number").then_some("0");
        view! {
            <div class="field">
                <label for=id.clone()>{say(self.label)}</label>
                <input
                    id=id
                    name=self.name
                    type=self.kind
                    step=step
                    min=least
                    value=self.value
                    required=self.required
                    autocomplete=if self.kind == "password" { "new-password" } else { "off" }
                    aria-describedby=described
                />
                {self.hint.map(|hint| view! { <p id=hint_id class="hint">{say(hint)}</p> })}
            </div>
        }
        .erase()
    }
}

/// A choice of one of several.
pub(crate) fn choice(
    name: &'static str,
    label: Pick,
    options: Vec<(String, Box<dyn FnMut() -> String + Send>)>,
    chosen: &str,
) -> AnyView {
    let id = format!("field-{name}");
    let options = options
        .into_iter()
        .map(|(value, shown)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {shown}
                </option>
            }
            .erase()
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{say(label)}</label>
            <select id=id name=name>
                {options}
            </select>
        </div>
    }
    .erase()
}

/// An option that is named by the catalogue.
pub(crate) fn option(value: &str, label: Pick) -> (String, Box<dyn FnMut() -> String + Send>) {
    (value.to_owned(), text(say(label)))
}

/// A button that does something.
pub(crate) fn button(label: Pick, class: &'static str, busy: RwSignal<bool>, run: Box<dyn Fn()>) -> AnyView {
    view! {
        <button class=class type="button" disabled=flag(move || busy.get()) on:click=move |_| run()>
            {say(label)}
        </button>
    }
    .erase()
}

/// The button that sends a form.
pub(crate) fn send(label: Pick, busy: RwSignal<bool>) -> AnyView {
    view! {
        <button class="button button-primary" type="submit" disabled=flag(move || busy.get())>
            {say(label)}
        </button>
    }
    .erase()
}

/// What went wrong, where the form is.
pub(crate) fn what_went_wrong(error: RwSignal<Option<AppError>>) -> AnyView {
    part_if(move || error.get().map(|error| trouble(error.0))).erase()
}

/// A secret that is shown once, with a button to copy it, and the QR code of one that is a link.
pub(crate) fn secret(title: String, issued: &Issued) -> AnyView {
    let (secret, code) = (issued.secret.clone(), issued.code.clone());
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let Some(field) = document().get_element_by_id("issued") else { return };
        let Ok(field) = field.dyn_into::<web_sys::HtmlInputElement>() else { return };
        field.select();
        if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>()
            && document.exec_command("copy").unwrap_or_default()
        {
            copied.set(true);
        }
    };
    let label = text(move || if copied.get() { say(|w| w.desk.copied)() } else { say(|w| w.desk.copy)() });
    view! {
        <div class="issued" role="status">
            <label for="issued">{title}</label>
            <div class="issued-line">
                <input id="issued" class="issued-secret" type="text" readonly value=secret />
                <button class="button button-primary" type="button" on:click=copy>
                    {label}
                </button>
            </div>
            <p class="small">{icon("alert")} " " {say(|w| w.desk.once)}</p>
            {code.map(|code| view! { <img class="issued-code" src=code alt=say(|w| w.desk.code) /> }.erase())}
        </div>
    }
    .erase()
}
