//! The log of a batch, kept by the browser, so that a closed tab, a crash or a reboot lose nothing.
//!
//! Writes are put together while one is under way: however fast files are stored, there is one transaction at a time,
//! and what a crash can lose is what came up during it. Where nothing can be kept (a private window, a full disk), all
//! goes on without.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Array;
use transfer::engine::Persist;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::DedicatedWorkerGlobalScope;

use crate::database::{BATCHES, Database, HANDLES, LINES, TRAITS, Transaction};

/// Batches that nobody came back to for this long are forgotten: 30 days, in milliseconds.
const FORGOTTEN: u64 = 30 * 86_400_000;

/// The logs of this browser.
#[derive(Debug, Default)]
pub struct Log {
    database: RefCell<Option<Rc<Database>>>,
    /// The batch that lines belong to.
    batch: RefCell<Option<String>>,
    /// What was dropped for that batch.
    handles: RefCell<Array>,
    /// The number of the next piece.
    next: Cell<u32>,
    waiting: RefCell<VecDeque<Write>>,
    writing: Cell<bool>,
    /// Nothing can be kept.
    broken: Cell<bool>,
}

/// Something to be kept, or not any longer.
#[derive(Debug)]
enum Write {
    Begin { batch: String, owner: Owner },
    Append { batch: String, text: String },
    Replace { batch: String, text: String },
    Forget { batch: String },
    Handles { batch: String, handles: Array },
    Traits { base: String, text: String },
}

/// Whose a batch is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owner {
    /// The person's sign-in name.
    pub person: String,
    /// The project that it goes to.
    pub project: String,
}

/// A batch that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The batch.
    pub batch: String,
    /// Whose it is.
    pub owner: Owner,
    /// When it began, in milliseconds on this machine's clock. Whole ones: to print a float takes 20 kB of code.
    pub since: u64,
}

impl Left {
    fn to_text(&self) -> String {
        format!("{}\n{}\n{}", self.since, self.owner.project, self.owner.person)
    }

    fn parse(batch: String, text: &str) -> Option<Self> {
        let mut lines = text.splitn(3, '\n');
        let since = lines.next()?.parse().ok()?;
        let project = lines.next()?.to_owned();
        let person = lines.next()?.to_owned();
        Some(Self { batch, owner: Owner { person, project }, since })
    }
}

impl Log {
    /// The lines that follow are of this batch, which begins now.
    pub fn begin(self: &Rc<Self>, batch: &str, owner: Owner) {
        self.turn_to(batch, Array::new());
        self.write(Write::Begin { batch: batch.to_owned(), owner });
    }

    /// The lines that follow are of this batch, which is kept already.
    pub fn turn_to(&self, batch: &str, handles: Array) {
        *self.batch.borrow_mut() = Some(batch.to_owned());
        *self.handles.borrow_mut() = handles;
    }

    /// Keeps what the engine asks to keep.
    pub fn persist(self: &Rc<Self>, persist: Persist) {
        let Some(batch) = self.batch.borrow().clone() else { return };
        self.write(match persist {
            Persist::Append(text) => Write::Append { batch, text },
            Persist::Replace(text) => Write::Replace { batch, text },
            Persist::Forget => {
                // What still comes of it would be kept for nobody.
                *self.batch.borrow_mut() = None;
                Write::Forget { batch }
            }
        });
    }

    /// Keeps what was dropped for the batch.
    pub fn keep_handles(self: &Rc<Self>, more: &Array) {
        let Some(batch) = self.batch.borrow().clone() else { return };
        let handles = self.handles.borrow().concat(more);
        *self.handles.borrow_mut() = handles.clone();
        self.write(Write::Handles { batch, handles });
    }

    /// Keeps what a store can do.
    pub fn remember(self: &Rc<Self>, base: &str, text: String) {
        self.write(Write::Traits { base: base.to_owned(), text });
    }

    /// What a store was able to do.
    pub async fn traits(&self, base: &str) -> Option<String> {
        self.open().await?.get(TRAITS, base).await.ok()?.as_string()
    }

    /// Batches that are not over, the newest first. Those that nobody came back to are thrown away.
    pub async fn left(self: &Rc<Self>, person: &str) -> Vec<Left> {
        let Some(database) = self.open().await else { return Vec::new() };
        let Ok((keys, values)) = database.all(BATCHES).await else { return Vec::new() };
        let mut left = Vec::new();
        let long_ago = today().saturating_sub(FORGOTTEN);
        for (key, value) in keys.iter().zip(values.iter()) {
            let (Some(batch), Some(text)) = (key.as_string(), value.as_string()) else { continue };
            match Left::parse(batch.clone(), &text) {
                Some(one) if one.since > long_ago => left.push(one),
                _ => self.write(Write::Forget { batch }),
            }
        }
        left.retain(|one| one.owner.person == person);
        left.sort_by_key(|one| std::cmp::Reverse(one.since));
        left
    }

    /// The log of a batch, and what was dropped for it.
    pub async fn read(&self, batch: &str) -> Option<(String, Array)> {
        let database = self.open().await?;
        let pieces = database.below(LINES, batch).await.ok()?;
        let text = pieces.iter().filter_map(|piece| piece.as_string()).collect();
        let handles = database.get(HANDLES, batch).await.ok()?;
        let handles = if Array::is_array(&handles) { Array::from(&handles) } else { Array::new() };
        Some((text, handles))
    }

    /// Throws away what cannot be gone on with.
    pub fn forget(self: &Rc<Self>, batch: &str) {
        self.write(Write::Forget { batch: batch.to_owned() });
    }

    fn write(self: &Rc<Self>, write: Write) {
        if self.broken.get() {
            return;
        }
        let mut waiting = self.waiting.borrow_mut();
        match (waiting.back_mut(), write) {
            (
                Some(Write::Append { batch, text } | Write::Replace { batch, text }),
                Write::Append { batch: to, text: more },
            ) if *batch == to => {
                text.push_str(&more);
            }
            (_, write) => waiting.push_back(write),
        }
        if !self.writing.replace(true) {
            let log = Rc::clone(self);
            spawn_local(async move { log.write_all().await });
        }
    }

    async fn write_all(&self) {
        loop {
            let some: Vec<Write> = self.waiting.borrow_mut().drain(..).collect();
            if some.is_empty() {
                break;
            }
            let kept = match self.open().await {
                Some(database) => self.write_some(&database, some).await.is_ok(),
                None => false,
            };
            if !kept {
                self.broken.set(true);
                self.waiting.borrow_mut().clear();
            }
        }
        self.writing.set(false);
    }

    async fn write_some(&self, database: &Database, some: Vec<Write>) -> Result<(), JsValue> {
        let transaction = database.write()?;
        for write in some {
            match write {
                Write::Begin { batch, owner } => {
                    let left = Left { batch, owner, since: today() };
                    transaction.put(BATCHES, &left.batch, &left.to_text().into())?;
                }
                Write::Append { batch, text } => self.put_piece(&transaction, &batch, &text)?,
                Write::Replace { batch, text } => {
                    transaction.delete_below(LINES, &batch)?;
                    self.next.set(0);
                    self.put_piece(&transaction, &batch, &text)?;
                }
                Write::Forget { batch } => {
                    transaction.delete(BATCHES, &batch)?;
                    transaction.delete(HANDLES, &batch)?;
                    transaction.delete_below(LINES, &batch)?;
                }
                Write::Handles { batch, handles } => {
                    // A browser that cannot keep them has the person pick the files again.
                    let _ = transaction.put(HANDLES, &batch, &handles);
                }
                Write::Traits { base, text } => transaction.put(TRAITS, &base, &text.into())?,
            }
        }
        transaction.end().await
    }

    /// Numbers have ten digits, so that they sort as text.
    fn put_piece(&self, transaction: &Transaction, batch: &str, text: &str) -> Result<(), JsValue> {
        let next = self.next.get();
        self.next.set(next.wrapping_add(1));
        transaction.put(LINES, &format!("{batch}/{next:010}"), &text.into())
    }

    async fn open(&self) -> Option<Rc<Database>> {
        let open = self.database.borrow().clone();
        if open.is_some() {
            return open;
        }
        let scope: DedicatedWorkerGlobalScope = crate::page::scope()?;
        let database = Rc::new(Database::open(&scope).await.ok()?);
        *self.database.borrow_mut() = Some(Rc::clone(&database));
        Some(database)
    }
}

fn today() -> u64 {
    js_sys::Date::now() as u64
}
