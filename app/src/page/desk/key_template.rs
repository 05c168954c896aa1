//! The field for a project's key template: what it makes of an example is shown while it is written, and what is wrong
//! with it, where.

use leptos::prelude::*;
use transfer::wire::{Day, KeyFacts, KeyTemplate, KeyTemplateError, Placeholder};
use wasm_bindgen::JsCast;

use crate::erase::{Erase, flag, part, text};
use crate::part::say;
use crate::text::use_words;

const FIELD: &str = "field-key-template";

/// A field that is called `key-template`, with that template in it.
pub(super) fn field(now: String) -> AnyView {
    let words = use_words();
    let entered = RwSignal::new(now.clone());
    let places = Placeholder::ALL
        .into_iter()
        .map(|place| {
            let what = text(move || (words().desk.placeholder)(place));
            let add = move |_| insert(place.text(), entered);
            view! {
                <button class="key-place" type="button" title=what on:click=add>
                    <code>{place.text()}</code>
                </button>
            }
            .erase()
        })
        .collect_view();
    let shown = part(move || match example(&entered.read()) {
        Ok(key) => view! { <code data-testid="key-example">{format!("…/{key}")}</code> }.erase(),
        Err(error) => {
            let wrong = move || (words().desk.key_template_wrong)(&error);
            view! { <span class="key-wrong">{text(wrong)}</span> }.erase()
        }
    });
    view! {
        <div class="field key-template">
            <label for=FIELD>{say(|w| w.desk.key_template)}</label>
            <input
                id=FIELD
                name="key-template"
                type="text"
                value=now
                autocomplete="off"
                spellcheck="false"
                aria-invalid=text(move || example(&entered.read()).is_err().to_string())
                aria-describedby="key-template-what key-template-shown"
                on:input=move |event| entered.set(event_target_value(&event))
            />
            <p class="key-places">{places}</p>
            <p id="key-template-what" class="hint">{say(|w| w.desk.key_template_what)}</p>
            <p id="key-template-shown" class="small" aria-live="polite">
                <span class="quiet" hidden=flag(move || example(&entered.read()).is_err())>
                    {say(|w| w.desk.key_example)} " "
                </span>
                {shown}
            </p>
        </div>
    }
    .erase()
}

/// What the first file of a batch of Ada's would be called; nothing written is the path.
fn example(template: &str) -> Result<String, KeyTemplateError> {
    let template: KeyTemplate = match template.trim() {
        "" => KeyTemplate::default(),
        text => text.parse()?,
    };
    let facts =
        KeyFacts { path: "Sommer/IMG_0001.jpg", number: 1, uuid: "3f0c8a52-9d1e-4b76-a1c4-5e2b7d90f318" };
    let batch = template.of_batch(Day { year: 2026, month: 7, day: 4 }, "ada");
    Ok(batch.key(&facts).unwrap_or_default())
}

/// Writes a text where the cursor is.
fn insert(what: &str, entered: RwSignal<String>) {
    let Some(field) = document().get_element_by_id(FIELD) else { return };
    let Ok(field) = field.dyn_into::<web_sys::HtmlInputElement>() else { return };
    let (Ok(start), Ok(()), Ok(())) = (field.selection_start(), field.set_range_text(what), field.focus())
    else {
        return;
    };
    let after = start.unwrap_or_default().saturating_add(what.len() as u32);
    // Where the browser puts no cursor, the text is there all the same.
    drop(field.set_selection_range(after, after));
    entered.set(field.value());
}
