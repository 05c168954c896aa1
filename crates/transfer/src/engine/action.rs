//! What comes out of the engine.

use crate::crc64::Crc64;
use crate::wire::{
    AnnounceRequest, CloseRequest, ItemIndex, RenewGrantRequest, ReportRequest, SignUploadRequest,
    SignUrlsRequest, UnixMillis,
};

use super::{Persist, StoreTraits};

/// Names one call to the server. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub(super) u32);

/// Names one try to send one item. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(pub(super) u32);

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Call the server; ends with `Answered`.
    Call {
        /// Goes into the answer.
        id: CallId,
        /// What to ask.
        call: Call,
    },
    /// Send an item or a part of it; ends with one event that names the attempt, unless it is aborted.
    Send(Box<Send>),
    /// Read a file and tell its checksum by [`Compared`](super::Event::Compared), unless it is aborted. Nothing is sent.
    Compare {
        /// Goes into the event.
        attempt: AttemptId,
        /// The item.
        item: ItemIndex,
        /// Its size when it was added, in bytes; a file of another size has changed.
        size: u64,
        /// When it was last changed as it was added, on this machine's clock.
        modified: UnixMillis,
    },
    /// Cut an attempt. Nothing is expected of it any more.
    Abort {
        /// The attempt.
        attempt: AttemptId,
    },
    /// Keep or change the log of the batch, for [`Engine::restore`](super::Engine::restore).
    Persist(Persist),
    /// These files of a `Bring` are those of these items: the place in the command, and the item.
    Attach {
        /// All pairs.
        pairs: Vec<(u32, ItemIndex)>,
    },
    /// Keep what the store can do, for [`Engine::recall`](super::Engine::recall).
    Remember(StoreTraits),
    /// Throw away what the store holds of an unfinished upload (`AbortMultipartUpload`). Nothing is expected of it:
    /// what it misses, the bucket's lifecycle rule takes.
    Discard {
        /// Where to, if the server signed it; never logged.
        url: Option<String>,
        /// Which of the store's bases.
        base: usize,
        /// The whole key, not encoded.
        key: String,
        /// The upload.
        upload: String,
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
    /// Asks for presigned URLs for an upload in parts.
    SignUpload(SignUploadRequest),
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
    /// What becomes of the checksum of what is sent; the driver computes it and tells it by
    /// [`Hashed`](super::Event::Hashed).
    pub checksum: ChecksumUse,
}

/// What becomes of a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumUse {
    /// It goes along, so that the store compares it with what arrives.
    Sent,
    /// It is only reported: the store refuses it, or the request was signed before it was known.
    Reported,
}

/// How an item travels. What is not signed yet, the driver signs with [`Engine::grant`](super::Engine::grant) as of
/// [`Engine::server_time`](super::Engine::server_time).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lane {
    /// One POST form, sent without a preflight: under the grant's policy, or one signed with its credentials.
    Form {
        /// Which of the store's [`bases`](crate::wire::StoreAddress::bases).
        base: usize,
        /// The whole key, not encoded.
        key: String,
    },
    /// One PUT.
    Put {
        /// Which of the store's bases.
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
    /// One PUT to the server, which puts it into the store.
    Relay {
        /// Where on the server, for who comes with a session.
        path: String,
    },
    /// One request of an upload in parts.
    Multipart {
        /// Which of the store's bases.
        base: usize,
        /// The whole key, not encoded.
        key: String,
        /// Which request.
        step: Step,
    },
    /// The same, to a URL that the server signed.
    SignedMultipart {
        /// The URL; never logged.
        url: String,
        /// Headers that must be sent as they are.
        headers: Vec<(String, String)>,
        /// Which request.
        step: Step,
    },
}

/// One request of an upload in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `CreateMultipartUpload`; ends with `Created`.
    Create,
    /// `ListParts`: what the store holds already; ends with `Listed`.
    List {
        /// The upload.
        upload: String,
        /// Parts up to this number are known.
        after: u32,
    },
    /// `UploadPart`; ends with `Sent`.
    Part {
        /// The upload.
        upload: String,
        /// From 1.
        number: u32,
        /// First byte of the file.
        from: u64,
        /// The byte behind the last.
        to: u64,
    },
    /// `CompleteMultipartUpload`; ends with `Sent`.
    Complete {
        /// The upload.
        upload: String,
        /// All parts in order: number and ETag.
        parts: Vec<(u32, String)>,
        /// The checksum of the whole file, if those of all parts are known.
        checksum: Option<Crc64>,
    },
}
