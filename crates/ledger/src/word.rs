//! Enums, times and sizes as columns.

use transfer::wire::{BatchState, EarlierFate, GrantKind, Relay, UnixMillis};

use crate::{Access, Action, Ask, DeliveryState, Event, ItemState, LedgerError, Role, Scope, Via};

/// An enum that is stored as a word.
pub(crate) trait Word: Sized + Copy + 'static {
    /// Table and column, for messages.
    const COLUMN: &'static str;
    /// Every value with its word.
    const WORDS: &'static [(Self, &'static str)];

    fn same(self, other: Self) -> bool;

    fn to_word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| value.same(self)).map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Result<Self, LedgerError> {
        Self::WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(value, _)| *value)
            .ok_or_else(|| LedgerError::Corrupt { column: Self::COLUMN, found: word.to_owned() })
    }
}

macro_rules! words {
    ($name:ident in $column:literal: $($variant:ident = $word:literal),+ $(,)?) => {
        impl Word for $name {
            const COLUMN: &'static str = $column;
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),+];

            fn same(self, other: Self) -> bool {
                self == other
            }
        }
    };
}

words!(Role in "people.role": Admin = "admin", Uploader = "uploader", Guest = "guest");
words!(Access in "projects.access": Everyone = "everyone", Members = "members");
words!(Relay in "projects.relay": Never = "never", WhenBlocked = "when_blocked");
words!(Ask in "links.asks": No = "no", Maybe = "maybe", Must = "must");
words!(Scope in "tokens.scope": Full = "full", Send = "send", Read = "read");
words!(Via in "audit.via": Page = "page", Token = "token", Command = "command", Server = "server");
words!(Action in "audit.action":
    PersonInvited = "person_invited", PersonJoined = "person_joined",
    IdentityLinked = "identity_linked", LinkSent = "link_sent", RoleChanged = "role_changed",
    PersonDisabled = "person_disabled", PersonEnabled = "person_enabled", SessionsEnded = "sessions_ended",
    SessionEnded = "session_ended", PersonQuotaChanged = "person_quota_changed",
    TokenCreated = "token_created", TokenRevoked = "token_revoked",
    ProjectCreated = "project_created", ProjectChanged = "project_changed",
    ProjectArchived = "project_archived", ProjectRestored = "project_restored",
    RetentionWritten = "retention_written",
    LinkCreated = "link_created", LinkRevoked = "link_revoked", LinkChanged = "link_changed", BatchClosed = "batch_closed",
    ImagesDeleted = "images_deleted", ImagesReplaced = "images_replaced",
    BatchVerifiedAgain = "batch_verified_again", BatchRevoked = "batch_revoked",
    BatchUndoBegun = "batch_undo_begun", BatchUndone = "batch_undone",
    StoreRepaired = "store_repaired", BatchImported = "batch_imported",
    WebhookCreated = "webhook_created", WebhookChanged = "webhook_changed",
    WebhookSecretChanged = "webhook_secret_changed", WebhookDeleted = "webhook_deleted",
    WebhookTested = "webhook_tested", WebhookRedelivered = "webhook_redelivered");
words!(Event in "webhooks.events":
    BatchVerified = "batch.verified", BatchClosed = "batch.closed", Test = "webhook.test");
words!(DeliveryState in "deliveries.state":
    Pending = "pending", Delivered = "delivered", Failed = "failed");
words!(BatchState in "batches.state": Open = "open", Closed = "closed", Verified = "verified");
words!(GrantKind in "grant_kind":
    Credentials = "credentials", PostPolicy = "post_policy", SignedUrls = "signed_urls");
words!(EarlierFate in "items.earlier":
    Due = "due", Deleted = "deleted", Refused = "refused", Left = "left");
words!(ItemState in "items.state":
    Announced = "announced", Stored = "stored", Failed = "failed",
    Cancelled = "cancelled", Skipped = "skipped", Missing = "missing", Differs = "differs");

/// Milliseconds as a column. Beyond the year 292 million they stop.
pub(crate) fn millis(time: UnixMillis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// A column as milliseconds. Nothing before 1970 was ever written.
pub(crate) fn time(column: i64) -> UnixMillis {
    UnixMillis(u64::try_from(column).unwrap_or(0))
}

/// A size as a column; the largest object that any store takes is far below the limit.
pub(crate) fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A column as a size or count.
pub(crate) fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}
