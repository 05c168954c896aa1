//! What every request handler shares.

use std::sync::Arc;

use ledger::Ledger;

use crate::batch::Relays;
use crate::config::{Config, PublicUrl};
use crate::grant::Grants;
use crate::metrics::Metrics;
use crate::oidc::Oidc;
use crate::session::Gate;
use crate::webhook::Messenger;

/// Shared by all handlers; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The configuration.
    pub config: Arc<Config>,
    /// Where people reach this server.
    pub public_url: PublicUrl,
    /// The database.
    pub ledger: Arc<Ledger>,
    /// Issues grants, and knows the bucket.
    pub grants: Arc<Grants>,
    /// Single sign-on, if there is a provider.
    pub oidc: Option<Arc<Oidc>>,
    /// Held while the doctor examines the store, or changes its rules.
    pub examining: Arc<tokio::sync::Mutex<()>>,
    /// Checks passwords, and how often it is asked to.
    pub gate: Arc<Gate>,
    /// Carries messages to webhooks.
    pub messenger: Arc<Messenger>,
    /// Files on their way through this server.
    pub relays: Arc<Relays>,
    /// What an operator watches.
    pub metrics: Arc<Metrics>,
}
