//! Everything that can be found.

use serde::Serialize;

use super::{Http, Verdict};

/// What was found about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Finding {
    /// The server has credentials.
    Known {
        /// Where they come from.
        source: String,
        /// The ARN that STS calls the server by, if it does.
        who: Option<String>,
    },
    /// The default chain found none.
    NoCredentials {
        /// What it says.
        detail: String,
    },
    /// Credentials could not be fetched just now.
    CredentialsLate {
        /// What the chain says.
        detail: String,
    },
    /// All host names answer.
    HostsAnswer {
        /// How many.
        hosts: usize,
        /// What all of them speak with browsers, if that could be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        http: Option<Http>,
    },
    /// Some do not.
    HostsSilent {
        /// Those that answer.
        answering: Vec<String>,
        /// Those that do not.
        silent: Vec<String>,
    },
    /// Both clocks agree.
    ClockRight {
        /// By how much ours is ahead, in seconds.
        ahead: i64,
    },
    /// They do not.
    ClockWrong {
        /// By how much ours is ahead, in seconds.
        ahead: i64,
    },
    /// The store does not tell its time.
    ClockUnseen,
    /// The bucket is there and can be listed.
    Listed,
    /// The bucket is in another region.
    WrongRegion {
        /// The one that is configured.
        configured: String,
        /// The one that the store names, if it does.
        expected: Option<String>,
    },
    /// There is no such bucket.
    NoBucket,
    /// The server may not list it.
    ListDenied,
    /// The store does not know the server's key, or not its secret.
    KeyRefused {
        /// The store's code.
        refusal: String,
    },
    /// The store does not answer.
    Unreachable {
        /// What happened.
        detail: String,
    },
    /// The store says something else.
    StoreRefuses {
        /// What it says.
        detail: String,
    },
    /// No role is configured.
    NoRole,
    /// The role was assumed.
    Assumed {
        /// For how long, in seconds.
        seconds: u64,
    },
    /// The role may not be assumed.
    AssumeDenied {
        /// Which side refuses.
        side: Side,
        /// What STS says.
        detail: String,
    },
    /// Not for so long.
    TooLong {
        /// How long was asked for, in seconds.
        seconds: u64,
        /// Whether it is because the server runs under a role itself.
        chained: bool,
    },
    /// The session policy is too large for this store.
    PolicyTooLarge,
    /// The store has no STS.
    NoSts {
        /// What it says.
        detail: String,
    },
    /// An object was written, found and deleted.
    Stored {
        /// Whether the server may delete. It does not need to.
        deleted: bool,
    },
    /// It may not be written.
    PutDenied {
        /// The store's code.
        refusal: String,
    },
    /// It was written, and then it was not there.
    NotFound,
    /// It was written; whether it is there could not be seen.
    NotSeen,
    /// A session can do nothing but what it may.
    Confined {
        /// How many ways out were tried.
        tried: usize,
    },
    /// A session can do more.
    NotConfined {
        /// What was not refused.
        open: Vec<Trial>,
    },
    /// `If-None-Match: *` is honoured: a grant's holder can be kept from overwriting.
    OverwriteRefused,
    /// It is not.
    OverwriteTaken,
    /// Wrong checksums are refused.
    ChecksumsChecked,
    /// They are not looked at.
    ChecksumsIgnored,
    /// POST forms work.
    FormsTaken,
    /// They do not.
    FormsRefused {
        /// The store's status.
        status: u16,
    },
    /// The page may talk to the bucket.
    CorsRight {
        /// How long browsers may remember it, in seconds.
        max_age: u64,
    },
    /// Pages of this origin may not.
    CorsClosed {
        /// The origin.
        origin: String,
    },
    /// Some methods are not allowed.
    CorsMethods {
        /// Which.
        missing: Vec<&'static str>,
    },
    /// The page may not send its headers.
    CorsHeaders,
    /// The page may not read ETags.
    CorsHidden,
    /// Browsers ask again and again.
    CorsForgotten {
        /// How long they may remember it, in seconds.
        max_age: u64,
    },
    /// Unfinished uploads are given up.
    LifecycleRight {
        /// After how many days.
        days: i32,
    },
    /// They stay forever.
    LifecycleMissing,
    /// The bucket's lifecycle says what the projects' retentions say.
    RetentionsHeld {
        /// How many projects keep for some days only.
        projects: usize,
    },
    /// It says something else, or nothing.
    RetentionsApart {
        /// The projects whose rule is missing, wrong or left over.
        projects: Vec<String>,
    },
    /// Old versions are kept.
    Versioned,
    /// What is overwritten is gone.
    Unversioned,
    /// It could not be looked at.
    Unseen {
        /// What the store says.
        detail: String,
    },
}

/// Who refuses that the role is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The server's own policy, or a boundary around it.
    Caller,
    /// The role's trust policy.
    Trust,
    /// The store does not say.
    Unknown,
}

/// Something that a session must not be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// To write into another batch.
    OtherBatch,
    /// To write beside the batch, where the name only begins like it.
    Lookalike,
    /// To read what it wrote.
    Read,
    /// To list the bucket.
    List,
    /// To delete what it wrote.
    Delete,
    /// To assume the role again, without the limits.
    AssumeAgain,
}

impl Finding {
    /// How it is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Known { .. }
            | Self::HostsAnswer { .. }
            | Self::ClockRight { .. }
            | Self::Listed
            | Self::Assumed { .. }
            | Self::Stored { .. }
            | Self::Confined { .. }
            | Self::OverwriteRefused
            | Self::ChecksumsChecked
            | Self::FormsTaken
            | Self::CorsRight { .. }
            | Self::LifecycleRight { .. }
            | Self::RetentionsHeld { .. }
            | Self::Versioned
            | Self::Unversioned => Verdict::Good,
            Self::ClockUnseen | Self::NotSeen | Self::Unseen { .. } => Verdict::Unknown,
            Self::NoRole
            | Self::OverwriteTaken
            | Self::ChecksumsIgnored
            | Self::FormsRefused { .. }
            | Self::CorsForgotten { .. }
            | Self::LifecycleMissing
            | Self::RetentionsApart { .. } => Verdict::Advice,
            Self::HostsSilent { answering, .. } if !answering.is_empty() => Verdict::Advice,
            // Only large files that were interrupted need them.
            Self::CorsMethods { missing }
                if missing.iter().all(|method| ["GET", "DELETE"].contains(method)) =>
            {
                Verdict::Advice
            }
            _ => Verdict::Bad,
        }
    }

    pub(super) fn is_bad(&self) -> bool {
        self.verdict() == Verdict::Bad
    }
}
