//! The ledger: the database of what was announced, and of what the store was seen to hold.
//!
//! - [`Ledger`] opens the database and brings its schema up to date; each noun has a handle ([`Ledger::people`],
//!   [`Ledger::batches`], …) with small methods that take and answer plain structs.
//! - Queries are portable: a SQLite file for one server, PostgreSQL for many. The same tests run on both.
//! - No clock and no randomness of its own: times, ids and hashes come from the caller.
//! - Secrets are never stored, only their [`Sha256Hash`] (tokens, sessions, links) or argon2 hash (passwords); except
//!   those that webhooks are signed with, which are keys.

mod audit;
mod batches;
mod deliveries;
mod entity;
mod error;
mod hash;
mod id;
mod identities;
mod images;
mod items;
mod links;
mod migration;
mod open;
mod people;
mod projects;
mod quota;
mod retention;
mod search;
mod sessions;
mod tokens;
mod webhooks;
mod welcomes;
mod word;

pub use audit::{Action, Actor, Audit, AuditEntry, AuditFilter, Deed, Via};
pub use batches::{
    Batch, BatchFilter, BatchSum, Batches, DaySum, FoundItem, NewBatch, ProjectSum, Undo, Verification,
    WhoseBatches,
};
pub use deliveries::{Attempt, Deliveries, Delivery, DeliveryState, Outcome, WhoseDeliveries};
pub use error::LedgerError;
pub use hash::Sha256Hash;
pub use id::{DeliveryId, LinkId, PersonId, TokenId, WebhookId};
pub use identities::{Identities, Identity};
pub use images::{Beyond, Gallery, Image, Images, ImagesPart};
pub use items::{
    Announced, AnnouncedItem, Cause, Held, Item, ItemFilter, ItemState, Items, Seen, SeenObject,
};
pub use links::{Ask, Asks, Guest, LinkChange, LinkRecord, LinkUse, Links, NewLink};
pub use open::{DatabaseUrl, InvalidDatabaseUrl, Ledger};
pub use people::{NewPerson, People, PersonRecord, Role};
pub use projects::{Access, Member, ProjectDraft, ProjectRecord, Projects};
pub use quota::{Quota, Usage};
pub use retention::{Holding, KeepDays, Retention};
pub use sessions::{SessionRecord, Sessions, WhoseSessions};
pub use tokens::{NewToken, Scope, TokenRecord, Tokens, WhoseTokens};
pub use webhooks::{Event, WebhookDraft, WebhookRecord, Webhooks};
pub use welcomes::{NewWelcome, Welcomes};
