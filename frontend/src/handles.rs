//! What browsers let a page keep of dropped files and folders, so that an upload goes on after a visit has ended.
//!
//! Chromium hands out a `FileSystemHandle` for each thing that is dropped; the worker keeps them beside the log. Pickers
//! give none: the one that would refuses whole folders such as Desktop and Downloads, so the plain inputs stay, and what
//! they picked is picked again.

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::{Array, AsyncIterator, IteratorNext, JsString, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransferItemList, File};

use crate::bridge::engine;
use crate::gather::{Desk, Source, take};

/// Handles kept of one drop; with more, single files were dropped, which are dropped again as easily.
const MOST: u32 = 1_000;

/// Files that are asked for at the same time, see `entries`.
const AT_ONCE: usize = 32;

#[wasm_bindgen]
extern "C" {
    type Handle;

    #[wasm_bindgen(method, getter)]
    fn kind(this: &Handle) -> String;
    #[wasm_bindgen(method, getter)]
    fn name(this: &Handle) -> String;
    #[wasm_bindgen(method, catch, js_name = queryPermission)]
    fn query_permission(this: &Handle) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = requestPermission)]
    fn request_permission(this: &Handle) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getFile)]
    fn get_file(this: &Handle) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn values(this: &Handle) -> Result<AsyncIterator, JsValue>;

    type Dropped;

    #[wasm_bindgen(method, catch, js_name = getAsFileSystemHandle)]
    fn handle(this: &Dropped) -> Result<Promise, JsValue>;
}

thread_local! {
    /// Of drops on this visit, and not with the worker yet.
    static FRESH: RefCell<Array> = RefCell::new(Array::new());
    /// Of an earlier visit.
    static KEPT: RefCell<Array> = RefCell::new(Array::new());
}

/// Keeps the handles of a drop. Must be called within the event.
pub(crate) fn keep(items: &DataTransferItemList) {
    let promises = Array::new();
    for at in 0..items.length().min(MOST) {
        let Some(item) = items.get(at).filter(|item| item.kind() == "file") else { continue };
        match item.unchecked_ref::<Dropped>().handle() {
            Ok(promise) => promises.push(&promise),
            // Another browser.
            Err(_) => return,
        };
    }
    spawn_local(async move {
        let Ok(handles) = JsFuture::from(Promise::all(&promises)).await else { return };
        let handles: Array = handles.unchecked_into();
        FRESH.with_borrow_mut(|fresh| *fresh = fresh.concat(&handles));
    });
}

/// The handles that the worker does not have yet.
pub(crate) fn take_fresh() -> Array {
    FRESH.with_borrow_mut(std::mem::take)
}

/// Takes the handles of an earlier visit. What may still be read is read at once; for anything else the person is
/// asked to click.
pub(crate) fn recall(handles: Array) {
    if handles.length() == 0 {
        return;
    }
    KEPT.with_borrow_mut(|kept| *kept = handles.clone());
    spawn_local(async move {
        if allowed(&handles, Handle::query_permission).await {
            take(Source::Handles(handles));
        } else if let Some(engine) = engine() {
            engine.reopens.set(true);
        }
    });
}

/// Asks to be allowed to read what was dropped on an earlier visit, and collects it. Must be called within a click.
pub(crate) fn reopen() {
    let handles = KEPT.with_borrow(Clone::clone);
    spawn_local(async move {
        if allowed(&handles, Handle::request_permission).await {
            if let Some(engine) = engine() {
                engine.reopens.set(false);
            }
            take(Source::Handles(handles));
        }
    });
}

/// Whether all of them may be read. Asked one after the other, because a browser shows one question at a time.
async fn allowed(handles: &Array, ask: fn(&Handle) -> Result<Promise, JsValue>) -> bool {
    for handle in handles.iter() {
        let Ok(asked) = ask(handle.unchecked_ref()) else { return false };
        let answer = JsFuture::from(asked).await.ok().and_then(|answer| answer.as_string());
        if answer.as_deref() != Some("granted") {
            return false;
        }
    }
    handles.length() > 0
}

/// Offers every file in and below what was dropped.
pub(crate) async fn walk(desk: &mut Desk, handles: &Array) {
    let mut folders: VecDeque<(String, Handle)> = VecDeque::new();
    let mut files = Vec::new();
    for handle in handles.iter() {
        sort(String::new(), handle.unchecked_into(), &mut folders, &mut files);
    }
    offer_all(desk, &mut files).await;
    while let Some((path, folder)) = folders.pop_front() {
        let Ok(values) = folder.values() else {
            desk.offer_unreadable(path);
            continue;
        };
        while let Some(handle) = next(&values).await {
            sort(format!("{path}/"), handle.unchecked_into(), &mut folders, &mut files);
            if files.len() >= AT_ONCE {
                offer_all(desk, &mut files).await;
            }
        }
        offer_all(desk, &mut files).await;
    }
}

/// Puts a file or a folder where it waits, with its path.
fn sort(
    above: String,
    handle: Handle,
    folders: &mut VecDeque<(String, Handle)>,
    files: &mut Vec<(String, Handle)>,
) {
    let path = above + &handle.name();
    if handle.kind() == "directory" {
        folders.push_back((path, handle));
    } else {
        files.push((path, handle));
    }
}

async fn next(values: &AsyncIterator) -> Option<JsValue> {
    let step: IteratorNext = JsFuture::from(values.next().ok()?).await.ok()?.unchecked_into();
    (!step.done()).then(|| step.value())
}

async fn offer_all(desk: &mut Desk, files: &mut Vec<(String, Handle)>) {
    let asked: Array = files
        .iter()
        .map(|(_, handle)| handle.get_file().unwrap_or_else(|error| Promise::reject(&error)))
        .collect();
    let Ok(answers) = JsFuture::from(Promise::all_settled(&asked)).await else { return };
    let answers: Array = answers.unchecked_into();
    for (answer, (path, _)) in answers.iter().zip(files.drain(..)) {
        let value = Reflect::get(&answer, &JsString::from("value")).ok();
        match value.and_then(|value| value.dyn_into::<File>().ok()) {
            Some(file) => desk.offer(path, &file),
            None => desk.offer_unreadable(path),
        }
        desk.breathe().await;
    }
}
