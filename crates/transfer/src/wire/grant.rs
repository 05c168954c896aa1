//! Grants: permissions for one batch that end by themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BatchId, ItemIndex, UnixMillis};

/// The three kinds of grant, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// Temporary credentials under a session policy; the browser signs.
    #[default]
    Credentials,
    /// One signed POST policy for the whole batch. Not issued yet.
    PostPolicy,
    /// Presigned URLs, issued in pages by the server just before they are needed.
    SignedUrls,
}

/// A permission to write the objects of one batch, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Grant {
    /// See [`CredentialsGrant`].
    Credentials(CredentialsGrant),
    /// See [`PostPolicyGrant`].
    PostPolicy(PostPolicyGrant),
    /// See [`SignedUrlsGrant`].
    SignedUrls(SignedUrlsGrant),
}

impl Grant {
    /// Which kind this is.
    #[must_use]
    pub fn kind(&self) -> GrantKind {
        match self {
            Self::Credentials(_) => GrantKind::Credentials,
            Self::PostPolicy(_) => GrantKind::PostPolicy,
            Self::SignedUrls(_) => GrantKind::SignedUrls,
        }
    }

    /// When it began, on the server's clock.
    #[must_use]
    pub fn issued_at(&self) -> UnixMillis {
        match self {
            Self::Credentials(grant) => grant.issued_at,
            Self::PostPolicy(grant) => grant.issued_at,
            Self::SignedUrls(grant) => grant.issued_at,
        }
    }

    /// When it ends, on the server's clock.
    #[must_use]
    pub fn expires_at(&self) -> UnixMillis {
        match self {
            Self::Credentials(grant) => grant.expires_at,
            Self::PostPolicy(grant) => grant.expires_at,
            Self::SignedUrls(grant) => grant.expires_at,
        }
    }
}

/// STS credentials under a session policy for the batch's prefix.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialsGrant {
    /// The access key id. Not secret by itself.
    pub access_key_id: String,
    /// The secret half; never logged.
    pub secret_access_key: String,
    /// The session token; never logged.
    pub session_token: String,
    /// When it began, on the server's clock.
    pub issued_at: UnixMillis,
    /// When it ends, on the server's clock.
    pub expires_at: UnixMillis,
}

impl fmt::Debug for CredentialsGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsGrant")
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"******")
            .field("session_token", &"******")
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// One signed POST policy for the batch's prefix, with its size range and types.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostPolicyGrant {
    /// The form's fields in order, without `key`, `Content-Type` and `file`.
    pub fields: Vec<(String, String)>,
    /// When it began, on the server's clock.
    pub issued_at: UnixMillis,
    /// When it ends, on the server's clock.
    pub expires_at: UnixMillis,
}

impl fmt::Debug for PostPolicyGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostPolicyGrant")
            .field("fields", &"******")
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// The right to ask the server for presigned URLs, in pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedUrlsGrant {
    /// When it began, on the server's clock.
    pub issued_at: UnixMillis,
    /// When it ends, on the server's clock.
    pub expires_at: UnixMillis,
}

/// Where the store is, as a browser reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreAddress {
    /// The region that signatures name.
    pub region: String,
    /// URLs of the bucket without a slash at the end, one for each host name: an object's URL is
    /// `<base>/<key, percent-encoded>`. At least one; all lead to the same bucket.
    pub bases: Vec<String>,
}

/// Asks for a fresh grant for an open batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewGrantRequest {
    /// The batch.
    pub batch: BatchId,
    /// Which kind; as before if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<GrantKind>,
}

/// A fresh grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewedGrant {
    /// The grant.
    pub grant: Grant,
    /// The server's clock as it answered.
    pub server_time: UnixMillis,
}

/// Asks for presigned URLs for at most [`SIGN_PAGE`](super::SIGN_PAGE) accepted items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUrlsRequest {
    /// The batch.
    pub batch: BatchId,
    /// The items.
    pub items: Vec<ItemIndex>,
}

/// A page of presigned URLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedUrls {
    /// One for each item that was asked for and may be sent.
    pub urls: Vec<SignedUrl>,
    /// When all of them end, on the server's clock.
    pub expires_at: UnixMillis,
    /// The server's clock as it answered.
    pub server_time: UnixMillis,
}

/// A presigned PUT for one item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedUrl {
    /// The item.
    pub index: ItemIndex,
    /// The URL, signature and all; never logged.
    pub url: String,
    /// Headers that are part of the signature and must be sent as they are.
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUrl").field("index", &self.index).field("url", &"******").finish()
    }
}
