//! What goes into the engine.

use crate::crc64::Crc64;
use crate::port::{Command, FailureClass};
use crate::wire::{AnnounceAnswer, CloseAnswer, RenewedGrant, ReportAnswer, SignedUpload, SignedUrls};

use super::{AttemptId, CallId};

/// Something that happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The person wants something.
    Command(Command),
    /// The server answered a call, or did not.
    Answered {
        /// The call.
        id: CallId,
        /// The answer.
        answer: Result<Answer, CallFailure>,
    },
    /// Bytes of an attempt have left.
    Progress {
        /// The attempt.
        attempt: AttemptId,
        /// All of them so far.
        sent: u64,
    },
    /// The store began an upload in parts.
    Created {
        /// The attempt.
        attempt: AttemptId,
        /// What the store calls the upload.
        upload: String,
    },
    /// The store told which parts it holds.
    Listed {
        /// The attempt.
        attempt: AttemptId,
        /// The parts of this page, in the order of their numbers.
        parts: Vec<StoredPart>,
        /// Whether there are more behind these.
        more: bool,
    },
    /// The file is being read, and nothing has left yet.
    Reading {
        /// The attempt.
        attempt: AttemptId,
    },
    /// The bytes that are about to be sent were read and hashed.
    Hashed {
        /// The attempt.
        attempt: AttemptId,
        /// Of the file, or of the part.
        checksum: Crc64,
    },
    /// The file of a [`Compare`](super::Action::Compare) was read, or could not be.
    Compared {
        /// The attempt.
        attempt: AttemptId,
        /// The checksum of the whole file, or why it cannot be read.
        read: Result<Crc64, FailureClass>,
    },
    /// The store does not know this way of sending (405, 501, `NotImplemented`).
    Unsupported {
        /// The attempt.
        attempt: AttemptId,
    },
    /// The store does not know the upload any more (`NoSuchUpload`).
    UploadGone {
        /// The attempt.
        attempt: AttemptId,
    },
    /// The store said that it has the item, or the part.
    Sent {
        /// The attempt.
        attempt: AttemptId,
        /// The ETag, if it could be read, with or without quotes.
        etag: Option<String>,
    },
    /// An attempt came to nothing.
    Failed {
        /// The attempt.
        attempt: AttemptId,
        /// How.
        failure: SendFailure,
    },
    /// The network came back: nothing waits any longer. There is no opposite: browsers call a machine without a
    /// default route offline though the store may be next door.
    Online,
    /// Time has passed, see [`next_wake`](super::Engine::next_wake).
    Tick,
}

/// A part that the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// The ETag, as the store wrote it.
    pub etag: String,
    /// The checksum, if the store keeps one.
    pub checksum: Option<Crc64>,
}

/// How an attempt came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendFailure {
    /// The class.
    pub class: FailureClass,
    /// What the store asked to wait, in milliseconds.
    pub retry_after: Option<u64>,
}

/// What the server answered to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To `Announce`.
    Announce(AnnounceAnswer),
    /// To `Report`.
    Report(ReportAnswer),
    /// To `RenewGrant`.
    RenewGrant(Box<RenewedGrant>),
    /// To `SignUrls`.
    SignUrls(SignedUrls),
    /// To `SignUpload`.
    SignUpload(Box<SignedUpload>),
    /// To `Close`.
    Close(CloseAnswer),
}

/// Why the server did not answer a call as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFailure {
    /// Nobody is signed in any more. The call waits for [`Command::SignedIn`].
    SignedOut,
    /// It was not reached, or it is in trouble, or busy. The call is made again.
    Unavailable {
        /// What it asked to wait, in milliseconds.
        retry_after: Option<u64>,
    },
    /// It said no, and will again. The batch cannot go on.
    Refused {
        /// One sentence for the person.
        message: String,
    },
}
