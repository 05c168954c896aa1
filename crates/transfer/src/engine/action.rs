//! What comes out of the engine.

use crate::wire::{
    AnnounceRequest, CloseRequest, ItemIndex, RenewGrantRequest, ReportRequest, SignUrlsRequest, UnixMillis,
};

/// Names one call to the server. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub(super) u32);

/// Names one try to send one item. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(pub(super) u32);

/// Something to be done outside. `Persist` will join these with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Call the server; ends with `Answered`.
    Call {
        /// Goes into the answer.
        id: CallId,
        /// What to ask.
        call: Call,
    },
    /// Send an item; ends with `Sent` or `Failed`, unless it is aborted.
    Send(Box<Send>),
    /// Cut an attempt. Nothing is expected of it any more.
    Abort {
        /// The attempt.
        attempt: AttemptId,
    },
}

/// A call to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Announces a page of items.
    Announce(AnnounceRequest),
    /// Reports a page of outcomes.
    Report(ReportRequest),
    /// Renews the grant.
    RenewGrant(RenewGrantRequest),
    /// Asks for a page of presigned URLs.
    SignUrls(SignUrlsRequest),
    /// Closes the batch.
    Close(CloseRequest),
}

/// One try to send one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Goes into the outcome.
    pub attempt: AttemptId,
    /// The item.
    pub item: ItemIndex,
    /// How it travels.
    pub lane: Lane,
    /// Its media type.
    pub media_type: String,
    /// Its size when it was added, in bytes; a file of another size has changed.
    pub size: u64,
    /// When it was last changed as it was added, on this machine's clock.
    pub modified: UnixMillis,
}

/// How an item travels. `Form` and `Multipart` will join these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lane {
    /// One PUT, signed by the driver with [`Engine::grant`](super::Engine::grant) as of
    /// [`Engine::server_time`](super::Engine::server_time).
    Put {
        /// Which of the store's [`bases`](crate::wire::StoreAddress::bases).
        base: usize,
        /// The whole key, not encoded.
        key: String,
    },
    /// One PUT to a URL that the server signed.
    SignedPut {
        /// The URL; never logged.
        url: String,
        /// Headers that must be sent as they are.
        headers: Vec<(String, String)>,
    },
}
