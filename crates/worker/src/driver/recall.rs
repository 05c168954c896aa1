//! From one visit to the next: keeps the log of the batch, and goes on with one that is not over.

use std::rc::Rc;

use js_sys::Array;
use transfer::engine::{Engine, Event, Persist, Settings, StoreTraits};
use transfer::port::Recalled;
use transfer::wire::OpenedBatch;
use wasm_bindgen_futures::spawn_local;

use super::{Driver, seed};
use crate::lock::Lock;
use crate::log::{Left, Owner};
use crate::page;

/// Files in one message to the page: few enough for a frame.
const MESSAGE: u32 = 500;

impl Driver {
    /// Begins the log of a batch that was opened, and tells other tabs.
    pub(super) fn keep_log(self: &Rc<Self>, opened: &OpenedBatch, owner: Owner) {
        self.life.set(self.life.get().wrapping_add(1));
        *self.lock.borrow_mut() = None;
        self.log.begin(opened.batch.as_str(), owner);
        let (driver, life, batch) = (Rc::clone(self), self.life.get(), opened.batch.clone());
        spawn_local(async move {
            let lock = Lock::take(batch.as_str()).await;
            if driver.life.get() == life {
                *driver.lock.borrow_mut() = lock;
            }
        });
        self.recall_traits(opened.store.bases.first());
    }

    pub(super) fn persist(self: &Rc<Self>, persist: Persist) {
        if persist == Persist::Forget {
            *self.lock.borrow_mut() = None;
        }
        self.log.persist(persist);
    }

    pub(super) fn remember(self: &Rc<Self>, traits: StoreTraits) {
        let base = self.engine.borrow().store().and_then(|store| store.bases.first().cloned());
        if let Some(base) = base {
            self.log.remember(&base, traits.to_text());
        }
    }

    /// Goes on with the newest batch of that person that is not over and not another tab's, unless one is begun
    /// meanwhile.
    pub(super) fn recall(self: &Rc<Self>, person: String) {
        let (driver, life) = (Rc::clone(self), self.life.get());
        spawn_local(async move {
            for left in driver.log.left(&person).await {
                let Some(lock) = Lock::take(&left.batch).await else { continue };
                let Some((text, handles)) = driver.log.read(&left.batch).await else { continue };
                if driver.life.get() != life {
                    return;
                }
                match Engine::restore(seed(), Settings::default(), &text, driver.now()) {
                    Some(engine) => return driver.go_on_with(engine, &left, &handles, lock),
                    None => driver.log.forget(&left.batch),
                }
            }
        });
    }

    /// Goes on with a batch that was begun elsewhere, unless another tab has it or one is begun meanwhile. What this
    /// browser keeps of it itself says more than what the server knows.
    pub(super) fn adopt(self: &Rc<Self>, known: String, owner: Owner) {
        let (driver, life) = (Rc::clone(self), self.life.get());
        spawn_local(async move {
            let restore = |text: &str| Engine::restore(seed(), Settings::default(), text, driver.now());
            let Some(adopted) = restore(&known) else { return };
            let Some(batch) = adopted.batch().map(|batch| batch.as_str().to_owned()) else { return };
            // Whoever said "Not now" to it on this page: then the lock is here.
            let here = driver.engine.borrow().batch().is_some_and(|it| it.as_str() == batch);
            let held = if here { driver.lock.borrow_mut().take() } else { None };
            let lock = match held {
                Some(lock) => lock,
                None => match Lock::take(&batch).await {
                    Some(lock) => lock,
                    None => return,
                },
            };
            let (text, handles) = driver.log.read(&batch).await.unwrap_or_default();
            if driver.life.get() != life {
                return;
            }
            driver.log.begin(&batch, owner.clone());
            let engine = restore(&text).unwrap_or(adopted);
            driver.go_on_with(engine, &Left { batch, owner, since: 0 }, &handles, lock);
        });
    }

    fn go_on_with(self: &Rc<Self>, engine: Engine, left: &Left, handles: &Array, lock: Lock) {
        if post_facts(&engine, left, handles).is_none() {
            return self.log.forget(&left.batch);
        }
        self.life.set(self.life.get().wrapping_add(1));
        self.forget_batch();
        self.log.turn_to(&left.batch, handles.clone());
        *self.lock.borrow_mut() = Some(lock);
        self.files.borrow().keep(engine.files());
        let base = engine.store().and_then(|store| store.bases.first().cloned());
        *self.engine.borrow_mut() = engine;
        *self.pace.borrow_mut() = super::Pace::default();
        self.recall_traits(base.as_ref());
        self.handle(Event::Tick);
    }

    fn recall_traits(self: &Rc<Self>, base: Option<&String>) {
        let Some(base) = base.cloned() else { return };
        let (driver, life) = (Rc::clone(self), self.life.get());
        spawn_local(async move {
            if let Some(text) = driver.log.traits(&base).await
                && driver.life.get() == life
            {
                driver.engine.borrow_mut().recall(StoreTraits::parse(&text));
            }
        });
    }
}

/// Tells the page which files the batch has; nothing if what was kept of it makes no sense.
fn post_facts(engine: &Engine, left: &Left, handles: &Array) -> Option<()> {
    let (batch, project) = (engine.batch()?.clone(), left.owner.project.parse().ok()?);
    let mut recalled = Recalled { batch, project, files: Vec::new(), last: false };
    let mut first = 0;
    while !recalled.last {
        recalled.files = engine.facts(first, MESSAGE);
        first = first.saturating_add(MESSAGE);
        recalled.last = first >= engine.files();
        let handles = if recalled.last { handles.clone() } else { Array::new() };
        page::post_recalled(&recalled, &handles);
    }
    Some(())
}
