//! Signing in: the page, and the form that the dialog uses as well.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use crate::entrance::{Entrance, SsoProblem};
use crate::erase::{Erase, flag, part_if, text, text_if};
use crate::part::{Hydrated, icon, say};
use crate::person::{Person, SignIn};
use crate::rpc::session::sign_in;
use crate::session::{Session, safe_next};
use crate::text::use_words;

/// Whoever is signed in, or just did so, is led on to where they were going.
pub(crate) fn sign_in_page() -> AnyView {
    let session = Session::here();
    let query = use_query_map();
    session.show(move |person| {
        if person.is_some() {
            let path = safe_next(query.with_untracked(|query| query.get("next")));
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            return view! { <Redirect path options /> }.erase();
        }
        entry(Callback::new(move |person: Person| session.is_now(Some(person))))
    })
}

fn entry(done: Callback<Person>) -> AnyView {
    let next = use_query_map().with_untracked(|query| query.get("next"));
    view! {
        <section class="card card-narrow entry">
            <svg class="entry-mark" aria-hidden="true" viewBox="0 0 32 32">
                <use href="/icons.svg#sluice" />
            </svg>
            <h1>{say(|w| w.sign_in_title)}</h1>
            <p class="quiet">{say(|w| w.sign_in_what)}</p>
            {sso_trouble()}
            {ways_in("entry", sso_link(next.map(|next| ("next", next)), None), done)}
        </section>
    }
    .erase()
}

/// What single sign-on had against it, if it led back here.
fn sso_trouble() -> Option<AnyView> {
    let word = use_query_map().with_untracked(|query| query.get("sso"))?;
    let problem = SsoProblem::of_word(&word)?;
    let words = use_words();
    let said = text(move || (words().sso_problem)(problem));
    Some(view! { <div class="notice notice-bad" role="alert">{icon("alert")} <p>{said}</p></div> }.erase())
}

/// All that the server offers: that link to single sign-on, the form, or both. `place` as for [`sign_in_form`].
pub(crate) fn ways_in(place: &'static str, link: Option<AnyView>, done: Callback<Person>) -> AnyView {
    let form = expect_context::<Entrance>().password.then(|| sign_in_form(place, done));
    either_way(link, form)
}

/// A link to single sign-on and a form, or what there is of them.
pub(crate) fn either_way(link: Option<AnyView>, form: Option<AnyView>) -> AnyView {
    let or =
        (link.is_some() && form.is_some()).then(|| view! { <p class="entry-or">{say(|w| w.or)}</p> }.erase());
    view! {
        {link}
        {or}
        {form}
    }
    .erase()
}

/// The way to the provider, if there is one: a plain link, which works before the page is alive, and without scripts.
pub(crate) fn sso_link(
    query: Option<(&'static str, String)>,
    target: Option<&'static str>,
) -> Option<AnyView> {
    let label = expect_context::<Entrance>().sso?;
    let words = use_words();
    let query = query.map(|(name, value)| format!("?{name}={}", escaped(&value))).unwrap_or_default();
    let said = text(move || (words().sign_in_with)(&label));
    let link = view! {
        <a class="button button-primary button-wide" href=format!("/sso{query}") rel="external" target=target>
            {said}
        </a>
    };
    Some(link.erase())
}

/// A text in a query; paths and tokens are ASCII, everything else is escaped byte by byte.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            all.push(char::from(byte));
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
        all
    })
}

/// The form. `place` makes the ids unique where two of them could be on one page.
pub(crate) fn sign_in_form(place: &'static str, done: Callback<Person>) -> AnyView {
    let form = EntryForm::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(entered) = form.entered() else { return };
        form.busy.set(true);
        spawn_local(async move {
            match sign_in(entered).await {
                Ok(person) => done.run(person),
                Err(error) => form.refused(error),
            }
        });
    };
    view! {
        // Before the page is alive a submit goes nowhere: never with the password in an address.
        <form class="form" method="post" on:submit=submit data-testid="sign-in-form">
            {form.fields(place, "current-password")}
            {form.button(|w| w.sign_in)}
        </form>
    }
    .erase()
}

/// Name, password, and what became of them. The fields are read when the form is sent, so that what was typed before
/// the page was alive counts.
#[derive(Clone, Copy)]
pub(crate) struct EntryForm {
    name: NodeRef<Input>,
    password: NodeRef<Input>,
    pub(crate) busy: RwSignal<bool>,
    error: RwSignal<Option<crate::error::AppError>>,
}

impl EntryForm {
    pub(crate) fn new() -> Self {
        Self {
            name: NodeRef::new(),
            password: NodeRef::new(),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    pub(crate) fn entered(self) -> Option<SignIn> {
        let name = self.name.get_untracked()?.value().trim().to_owned();
        Some(SignIn { name, password: self.password.get_untracked()?.value() })
    }

    /// Only a refusal makes the form ready again: after a success it is about to leave, and its signals with it.
    pub(crate) fn refused(self, error: crate::error::AppError) {
        self.busy.try_set(false);
        self.error.try_set(Some(error));
        if let Some(Some(password)) = self.password.try_get_untracked() {
            let _ = password.focus();
            password.select();
        }
    }

    pub(crate) fn fields(self, place: &'static str, autocomplete: &'static str) -> AnyView {
        let words = use_words();
        let name_id = format!("{place}-name");
        let password_id = format!("{place}-password");
        let error_id = format!("{place}-error");
        let invalid = move || text_if(move || self.error.with(Option::is_some).then(|| "true".to_owned()));
        view! {
            <div class="field">
                <label for=name_id.clone()>{say(|w| w.name)}</label>
                <input
                    id=name_id
                    name="name"
                    type="text"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    node_ref=self.name
                    aria-invalid=invalid()
                />
            </div>
            <div class="field">
                <label for=password_id.clone()>{say(|w| w.password)}</label>
                <input
                    id=password_id
                    name="password"
                    type="password"
                    autocomplete=autocomplete
                    required
                    node_ref=self.password
                    aria-invalid=invalid()
                    aria-describedby=error_id.clone()
                />
            </div>
            <div id=error_id class="form-error" role="alert">
                {part_if(move || {
                    self.error
                        .get()
                        .map(|error| {
                            view! { <p>{icon("alert")} {(words().entry_problem)(&error.0)}</p> }.erase()
                        })
                })}
            </div>
        }
        .erase()
    }

    pub(crate) fn button(self, label: fn(&'static crate::text::Words) -> &'static str) -> AnyView {
        let Hydrated(hydrated) = expect_context();
        view! {
            <button
                class="button button-primary button-wide"
                type="submit"
                disabled=flag(move || self.busy.get() || !hydrated.get())
            >
                {say(label)}
            </button>
        }
        .erase()
    }
}
