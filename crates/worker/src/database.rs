//! IndexedDB, as promises.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

/// The database's name.
const NAME: &str = "sluice";

/// Goes up when [`STORES`] changes.
const VERSION: u32 = 1;

/// Its tables. Keys are strings that are given with each value.
pub const STORES: [&str; 4] = [BATCHES, LINES, HANDLES, TRAITS];
/// Batches that are not over: when they began, whose they are, where they go.
pub const BATCHES: &str = "batches";
/// Pieces of the engine's log, by batch and number.
pub const LINES: &str = "lines";
/// What the browser lets a page keep of dropped files and folders, by batch.
pub const HANDLES: &str = "handles";
/// What stores have shown that they can do, by address.
pub const TRAITS: &str = "traits";

/// An open database.
#[derive(Debug)]
pub struct Database(IdbDatabase);

/// What was asked of a database and not answered yet.
#[derive(Debug)]
pub struct Transaction(IdbTransaction);

impl Database {
    /// Opens it, or makes it.
    ///
    /// # Errors
    /// Where the browser keeps nothing: a private window, a full disk.
    pub async fn open(scope: &DedicatedWorkerGlobalScope) -> Result<Self, JsValue> {
        let factory = scope.indexed_db()?.ok_or(JsValue::NULL)?;
        let request = factory.open_with_u32(NAME, VERSION)?;
        let opening = request.clone();
        let make = Closure::once_into_js(move || {
            if let Ok(database) = opening.result().map(JsCast::unchecked_into::<IdbDatabase>) {
                for store in STORES {
                    // Fails for one that is there already.
                    let _ = database.create_object_store(store);
                }
            }
        });
        request.set_onupgradeneeded(Some(make.unchecked_ref()));
        let database: IdbDatabase = answer(&request).await?.unchecked_into();
        Ok(Self(database))
    }

    /// Begins to write.
    ///
    /// # Errors
    /// When the browser has closed the database.
    pub fn write(&self) -> Result<Transaction, JsValue> {
        let stores: Array = STORES.into_iter().map(JsValue::from_str).collect();
        self.0.transaction_with_str_sequence_and_mode(&stores, IdbTransactionMode::Readwrite).map(Transaction)
    }

    /// The value under a key; `undefined` if there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn get(&self, store: &str, key: &str) -> Result<JsValue, JsValue> {
        let store = self.0.transaction_with_str(store)?.object_store(store)?;
        answer(&store.get(&key.into())?).await
    }

    /// All keys of a table and their values, in the keys' order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn all(&self, store: &str) -> Result<(Array, Array), JsValue> {
        let store = self.0.transaction_with_str(store)?.object_store(store)?;
        let (keys, values) = (store.get_all_keys()?, store.get_all()?);
        Ok((answer(&keys).await?.unchecked_into(), answer(&values).await?.unchecked_into()))
    }

    /// The values whose keys begin with this and a slash, in the keys' order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn below(&self, store: &str, key: &str) -> Result<Array, JsValue> {
        let store = self.0.transaction_with_str(store)?.object_store(store)?;
        let values = store.get_all_with_key(&range(key)?)?;
        Ok(answer(&values).await?.unchecked_into())
    }
}

impl Transaction {
    /// Puts a value under a key.
    ///
    /// # Errors
    /// For what cannot be kept.
    pub fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<(), JsValue> {
        self.store(store)?.put_with_key(value, &key.into()).map(|_| ())
    }

    /// Takes a key out.
    ///
    /// # Errors
    /// When the transaction is over.
    pub fn delete(&self, store: &str, key: &str) -> Result<(), JsValue> {
        self.store(store)?.delete(&key.into()).map(|_| ())
    }

    /// Takes out the keys that begin with this and a slash.
    ///
    /// # Errors
    /// When the transaction is over.
    pub fn delete_below(&self, store: &str, key: &str) -> Result<(), JsValue> {
        self.store(store)?.delete(&range(key)?).map(|_| ())
    }

    /// Waits until all of it is kept.
    ///
    /// # Errors
    /// When nothing of it was.
    pub async fn end(self) -> Result<(), JsValue> {
        let ended = Promise::new(&mut |resolve, reject| {
            self.0.set_oncomplete(Some(&resolve));
            self.0.set_onabort(Some(&reject));
        });
        JsFuture::from(ended).await.map(|_| ())
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, JsValue> {
        self.0.object_store(name)
    }
}

/// All keys that begin with this and a slash; `0` comes after it.
fn range(key: &str) -> Result<JsValue, JsValue> {
    let (from, to) = (format!("{key}/"), format!("{key}0"));
    IdbKeyRange::bound(&from.into(), &to.into()).map(Into::into)
}

async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(answered).await?;
    request.result()
}
