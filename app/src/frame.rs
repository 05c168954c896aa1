//! What is around every page: header, footer, the target for drops, the sign-in dialog, and what is read aloud.

use std::time::Duration;

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_navigate};
use transfer::port::Phase;

use crate::engine::Engine;
use crate::erase::{Erase, effect, flag, part_if, text, text_if};
use crate::page::{sso_link, ways_in};
use crate::part::{Hydrated, icon, say};
use crate::person::{Role, SignOut};
use crate::rpc::session::{sign_out, who};
use crate::session::Session;
use crate::text::{LANGUAGE_COOKIE, Language, use_language, use_words};

pub(crate) fn header() -> AnyView {
    let session = Session::here();
    view! {
        <header class="bar">
            <a class="brand" href="/">
                <svg class="brand-mark" aria-hidden="true" viewBox="0 0 32 32">
                    <use href="/icons.svg#sluice" />
                </svg>
                <span>"Sluice"</span>
            </a>
            {session
                .show(move |person| match person {
                    None => ().erase(),
                    Some(person) => {
                        view! {
                            <nav class="bar-nav" aria-label=say(|w| w.navigation)>
                                <A href="/" exact=true>
                                    {icon("upload")}
                                    <span>{say(|w| w.upload)}</span>
                                </A>
                                <A href="/batches">
                                    {icon("batches")}
                                    <span>{say(|w| w.batches)}</span>
                                </A>
                                {manage(person.role)}
                            </nav>
                            <div class="bar-person">
                                {name(person.name, person.role)}
                                {sign_out_button()}
                            </div>
                        }
                            .erase()
                    }
                })}
        </header>
    }
    .erase()
}

/// Who is here. A guest has no account.
fn name(name: String, role: Role) -> AnyView {
    match role {
        Role::Guest => view! { <span class="bar-name">{icon("person")} <span>{name}</span></span> }.erase(),
        Role::Admin | Role::Uploader => view! {
            <a class="bar-name" href="/account" title=say(|w| w.account)>
                {icon("person")} <span>{name}</span>
            </a>
        }
        .erase(),
    }
}

/// The way to the admin's side.
fn manage(role: Role) -> Option<AnyView> {
    let path = use_location().pathname;
    let here = text_if(move || {
        path.with(|path| path == "/desk" || path.starts_with("/desk/")).then(|| "page".to_owned())
    });
    (role == Role::Admin).then(|| {
        view! {
            <a href="/desk" aria-current=here>
                {icon("manage")}
                <span>{say(|w| w.desk.manage)}</span>
            </a>
        }
        .erase()
    })
}

fn sign_out_button() -> AnyView {
    view! {
        <button class="button button-quiet" type="button" on:click=leave(SignOut::Here)>
            {icon("leave")}
            <span>{say(|w| w.sign_out)}</span>
        </button>
    }
    .erase()
}

/// Ends sessions; asks first if photos are still being sent.
fn leave<E>(which: SignOut) -> impl Fn(E) + 'static {
    let session = Session::here();
    let engine = Engine::here();
    let words = use_words();
    let navigate = use_navigate();
    move |_| {
        let busy = untrack(move || engine.is_busy());
        if busy && !window().confirm_with_message(untrack(words).sign_out_while_sending).unwrap_or_default() {
            return;
        }
        let navigate = navigate.clone();
        spawn_local(async move {
            if sign_out(which).await.is_ok() {
                session.is_now(None);
                navigate("/sign-in", NavigateOptions::default());
            }
        });
    }
}

pub(crate) fn footer() -> AnyView {
    let language = use_language();
    let choose = move |chosen: Language| {
        move |_| {
            language.set(chosen);
            remember(chosen);
        }
    };
    let choice = move |each: Language| {
        view! {
            <button
                class="language"
                type="button"
                lang=each.tag()
                aria-pressed=text(move || if language.get() == each { "true" } else { "false" })
                on:click=choose(each)
            >
                {each.own_name()}
            </button>
        }
    };
    view! {
        <footer class="foot">
            <p>{say(|w| w.footer)}</p>
            {Session::here()
                .show(|person| match person {
                    None => ().erase(),
                    Some(_) => {
                        view! {
                            <button class="foot-button" type="button" on:click=leave(SignOut::Everywhere)>
                                {say(|w| w.sign_out_everywhere)}
                            </button>
                        }
                            .erase()
                    }
                })}
            <div class="languages" role="group" aria-label=say(|w| w.language)>
                {icon("language")}
                {choice(Language::English)}
                {choice(Language::Japanese)}
            </div>
        </footer>
    }
    .erase()
}

/// Keeps the choice in a cookie for a year, and tells the document.
fn remember(language: Language) {
    use wasm_bindgen::JsCast;
    let document = document();
    if let Some(root) = document.document_element() {
        let _ = root.set_attribute("lang", language.tag());
    }
    if let Some(document) = document.dyn_ref::<web_sys::HtmlDocument>() {
        let cookie = format!("{LANGUAGE_COOKIE}={}; path=/; max-age=31536000; samesite=lax", language.tag());
        let _ = document.set_cookie(&cookie);
    }
}

/// The whole window takes files while they are dragged over it, once a project is known.
pub(crate) fn drop_overlay() -> AnyView {
    let engine = Engine::here();
    let dragging = RwSignal::new(false);
    let navigate = use_navigate();
    let ready = move || engine.project.with_untracked(Option::is_some);
    effect(move || {
        let navigate = navigate.clone();
        // Without these two, a file that is dropped beside the target would replace the page.
        let over = window_event_listener(leptos::ev::dragover, move |event| {
            if carries_files(event.data_transfer().as_ref()) {
                event.prevent_default();
                dragging.set(ready());
            }
        });
        let drop = window_event_listener(leptos::ev::drop, move |event| {
            let data = event.data_transfer();
            if !carries_files(data.as_ref()) {
                return;
            }
            event.prevent_default();
            dragging.set(false);
            if let (Some(port), Some(data), true) = (engine.port(), data, ready()) {
                port.dropped(&data);
                if window().location().pathname().is_ok_and(|path| path != "/") {
                    navigate("/", NavigateOptions::default());
                }
            }
        });
        let leave = window_event_listener(leptos::ev::dragleave, move |event| {
            if event.related_target().is_none() {
                dragging.set(false);
            }
        });
        let paste = window_event_listener(leptos::ev::paste, move |event| {
            let data = event.clipboard_data();
            if let (Some(port), Some(data), true) = (engine.port(), data, ready())
                && carries_files(Some(&data))
            {
                event.prevent_default();
                port.dropped(&data);
            }
        });
        on_cleanup(move || {
            over.remove();
            drop.remove();
            leave.remove();
            paste.remove();
        });
    });
    view! {
        <div class="drop-overlay" class:is-shown=flag(move || dragging.get()) aria-hidden="true">
            <p>{icon("upload")} {say(|w| w.drop_anywhere)}</p>
        </div>
    }
    .erase()
}

fn carries_files(data: Option<&web_sys::DataTransfer>) -> bool {
    data.is_some_and(|data| data.types().includes(&wasm_bindgen::JsValue::from_str("Files"), 0))
}

/// Asks to sign in again in place, when the session ended under a batch.
pub(crate) fn sign_in_dialog() -> AnyView {
    let engine = Engine::here();
    let session = Session::here();
    let node = NodeRef::<Dialog>::new();
    let asked = Memo::new(move |_| {
        engine.session_ended.get() || engine.snapshot.with(|snapshot| snapshot.phase == Phase::SignedOut)
    });
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match asked.get() {
            true if !dialog.open() => drop(dialog.show_modal()),
            false if dialog.open() => dialog.close(),
            _ => {}
        }
    });
    // Browsers let a person close any dialog by pressing Escape twice.
    let again = move |_| {
        if asked.get_untracked()
            && let Some(dialog) = node.get_untracked()
        {
            let _ = dialog.show_modal();
        }
    };
    let done = move |person| {
        session.is_now(Some(person));
        engine.signed_in();
    };
    // Who signed in in another window, by single sign-on or otherwise, goes on here when coming back.
    effect(move || {
        let back = window_event_listener(leptos::ev::focus, move |_| {
            if asked.get_untracked() {
                spawn_local(async move {
                    if let Ok(Some(person)) = who().await {
                        done(person);
                    }
                });
            }
        });
        on_cleanup(move || back.remove());
    });
    // It cannot be put away: without a session nothing goes on, and nothing is lost by waiting.
    view! {
        <dialog
            class="dialog"
            node_ref=node
            aria-labelledby="again"
            on:cancel=|event: leptos::ev::Event| event.prevent_default()
            on:close=again
        >
            <h2 id="again">{say(|w| w.session_ended)}</h2>
            <p>{say(|w| w.session_ended_what)}</p>
            {part_if(move || {
                asked.get().then(|| ways_in("again", sso_link(None, Some("_blank")), Callback::new(done)))
            })}
        </dialog>
    }
    .erase()
}

/// One sentence on how far it is, read aloud: when the phase changes, and every ten seconds while sending.
pub(crate) fn announcer() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    let Hydrated(hydrated) = expect_context();
    let said = RwSignal::new(String::new());
    let summarise = move || {
        let sentence = untrack(move || {
            let shown = engine.batch.with(Option::is_some);
            shown.then(|| engine.snapshot.with(|snapshot| (words().announcement)(snapshot)))
        });
        if let Some(sentence) = sentence {
            said.set(sentence);
        }
    };
    let phase = Memo::new(move |_| engine.snapshot.with(|snapshot| std::mem::discriminant(&snapshot.phase)));
    effect(move || {
        phase.track();
        summarise();
    });
    effect(move || {
        if hydrated.get()
            && let Ok(handle) = set_interval_with_handle(
                move || {
                    let sending = engine.snapshot.with_untracked(|snapshot| snapshot.phase == Phase::Sending);
                    if sending {
                        summarise();
                    }
                },
                Duration::from_secs(10),
            )
        {
            on_cleanup(move || handle.clear());
        }
    });
    view! { <div class="visually-hidden" role="status" aria-live="polite">{text(move || said.get())}</div> }
        .erase()
}
