//! What a store must be set up with: the bucket's CORS and lifecycle rules, the roles' policies and trust.
//!
//! The one place where these documents are written. `sluice setup` prints them, the doctor prints them beside a
//! failure, and a test compares `deploy/policies` with them.

mod document;
mod names;
mod policy;
mod rules;

pub use document::Document;
pub use names::Names;
pub(crate) use policy::tagging_role;
pub use policy::{
    DOCTOR_ACTIONS, FIX_ACTIONS, KMS_ACTIONS, PRESIGN_ACTIONS, SERVER_ACTIONS, SERVER_OBJECT_ACTIONS,
    TAG_ACTIONS, UNLIMITED_ACTIONS, UPLOAD_ACTIONS, stop_batch,
};
pub use rules::{CORS_MAX_AGE_S, CORS_METHODS, UNFINISHED_DAYS, UNFINISHED_RULE};
