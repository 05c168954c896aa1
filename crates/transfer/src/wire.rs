//! What the browser and the server say to each other.
//!
//! Every type here is plain data with serde; the server functions, the JSON API and the worker share them, so a
//! word means the same everywhere. Times are milliseconds since the Unix epoch on the *server's* clock unless a
//! field says otherwise; sizes are bytes.

mod batch;
mod grant;
mod id;
mod item;
mod key_template;
mod media;
mod parts;
mod problem;
mod relay;
mod rules;
pub mod thumbnail;

pub use batch::{
    BatchState, CloseAnswer, CloseRequest, EarlierCopy, EarlierFate, ItemOutcome, ItemReport,
    OpenBatchRequest, OpenedBatch, Receipt, ReceiptLine, ReportAnswer, ReportRequest, SkippedLine,
};
pub use grant::{
    CredentialsGrant, Grant, GrantKind, PostPolicyGrant, RenewGrantRequest, RenewedGrant, SignUploadRequest,
    SignUrlsRequest, SignedPart, SignedUpload, SignedUrl, SignedUrls, SignedUrlsGrant, StoreAddress,
};
pub use id::{BatchId, InvalidId, ItemIndex, ProjectId, UnixMillis};
pub use item::{
    ANNOUNCE_PAGE, AcceptedItem, AnnounceAnswer, AnnounceRequest, HeldItem, NewItem, REPORT_PAGE,
    RefusedItem, SIGN_PAGE,
};
pub use key_template::{
    Day, Flaw, KeyFacts, KeyTemplate, KeyTemplateError, LONGEST_MARK, MAX_KEY_TEMPLATE, Placeholder, marked,
};
pub use media::{media_type_by_name, media_type_of};
pub use parts::{MOST_PARTS, PART_SIZE, PartPlan};
pub use problem::{Problem, ProblemCode};
pub use relay::{Relay, relay_path};
pub use rules::{MAX_KEY_BYTES, Refusal, Rules, is_junk};
