//! Grants: permissions for one batch that end by themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BatchId, ItemIndex, Relay, UnixMillis};

/// The three kinds of grant, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// Temporary credentials under a session policy; the browser signs.
    #[default]
    Credentials,
    /// One signed POST policy for the whole batch.
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
    /// Headers that every object is put with, and every upload in parts is begun with: the bucket owner's storage class
    /// and tags. The session may set no others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The same as fields of a form; its policy must name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
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
            .field("headers", &self.headers)
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
    /// Whether files may go through the server, as it is decided now.
    #[serde(default)]
    pub relay: Relay,
    /// Whether thumbnails are wanted, as it is decided now.
    #[serde(default)]
    pub thumbnails: bool,
}

/// Asks for presigned URLs for at most [`SIGN_PAGE`](super::SIGN_PAGE) accepted items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUrlsRequest {
    /// The batch.
    pub batch: BatchId,
    /// The items.
    pub items: Vec<ItemIndex>,
    /// Which of the store's [`bases`](StoreAddress::bases) the URLs may lead to; none: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<u32>,
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

/// Asks for presigned URLs for the upload of one accepted item in parts: to begin it, or, where `upload` says what the
/// store calls it, for all else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUploadRequest {
    /// The batch.
    pub batch: BatchId,
    /// The item.
    pub index: ItemIndex,
    /// What the store calls the upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// The list of parts is to begin behind this number.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: u32,
    /// Numbers of parts, from 1; at most [`SIGN_PAGE`](super::SIGN_PAGE).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<u32>,
    /// Which of the store's [`bases`](StoreAddress::bases) the URLs may lead to; none: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Presigned URLs for an upload in parts. All lead to the item's own key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedUpload {
    /// Bytes of each part but the last: the URL of a part takes exactly as many.
    pub part_size: u64,
    /// POST begins the upload (`CreateMultipartUpload`), with these headers; where no upload was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<String>,
    /// Headers that are part of the signature of `create` and must be sent as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// GET lists the parts that the store holds (`ListParts`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// POST makes one object of the parts (`CompleteMultipartUpload`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<String>,
    /// DELETE throws the parts away (`AbortMultipartUpload`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort: Option<String>,
    /// PUT stores a part (`UploadPart`): one for each that was asked for and that the item has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<SignedPart>,
    /// When all of them end, on the server's clock.
    pub expires_at: UnixMillis,
    /// The server's clock as it answered.
    pub server_time: UnixMillis,
}

impl fmt::Debug for SignedUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUpload").field("parts", &self.parts).finish_non_exhaustive()
    }
}

/// A presigned PUT for one part.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedPart {
    /// From 1.
    pub number: u32,
    /// The URL, signature and all; never logged.
    pub url: String,
}

impl fmt::Debug for SignedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPart").field("number", &self.number).field("url", &"******").finish()
    }
}
