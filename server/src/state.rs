//! What every request handler shares.

use std::sync::Arc;

use ledger::Ledger;

use crate::config::{Config, StoreConfig};
use crate::grant::Grants;

/// Shared by all handlers; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The configuration.
    pub config: Arc<Config>,
    /// The store, as it is known once the embedded one has started (`config.store` is `None` then).
    pub store: Arc<StoreConfig>,
    /// Issues grants; also the way to the store's clients ([`Grants::bucket`]). Made once at the start:
    /// `Grants::new(Arc::new(Bucket::connect(&store).await?), config.grants)`.
    pub grants: Arc<Grants>,
    /// The database.
    pub ledger: Arc<Ledger>,
}
