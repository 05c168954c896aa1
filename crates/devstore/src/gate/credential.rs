//! What a request presents itself with, read before the signature is verified.
//!
//! `s3s` verifies the signature over the headers that the request lists, in the region that
//! it names. That these are the right ones is checked here.

use http::header::{AUTHORIZATION, HOST, HeaderMap};
use http::request;
use s3s::{S3Error, S3ErrorCode, S3Result};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TOKEN_HEADER: &str = "x-amz-security-token";
/// Unsigned, these change nothing: the first is verified against the body, the second is chatter.
const MAY_BE_UNSIGNED: [&str; 2] = ["x-amz-content-sha256", "x-amz-user-agent"];

/// The signature's frame: who, in which scope, over which headers.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) access_key_id: String,
    region: String,
    service: String,
    signed_headers: Vec<String>,
    pub(super) token: Option<String>,
}

impl Presented {
    /// Reads header or query; `None` for an anonymous request.
    ///
    /// # Errors
    /// For a form that SigV4 does not have, and for two at once.
    pub(super) fn read(parts: &request::Parts) -> S3Result<Option<Self>> {
        let query: Vec<(String, String)> =
            serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).unwrap_or_default();
        let in_query = |name: &str| query.iter().any(|(known, _)| known == name);
        let header = one(&parts.headers, AUTHORIZATION.as_str())?;
        // Signature version 2 knows no session token and signs too little.
        if in_query("Signature") || in_query("AWSAccessKeyId") {
            return Err(unsupported());
        }
        let signed_query = in_query("X-Amz-Signature");
        let presented = match (header, signed_query) {
            (None, false) => return Ok(None),
            (Some(_), true) => {
                return Err(S3Error::with_message(
                    S3ErrorCode::InvalidArgument,
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
                     Signature query string parameter or the Authorization header should be specified",
                ));
            }
            (Some(header), false) => Self::from_header(header, one(&parts.headers, TOKEN_HEADER)?)?,
            (None, true) => Self::from_query(&query, one(&parts.headers, TOKEN_HEADER)?)?,
        };
        Ok(Some(presented))
    }

    fn from_header(header: &str, token: Option<&str>) -> S3Result<Self> {
        let fields = header.strip_prefix(ALGORITHM).ok_or_else(unsupported)?;
        let field = |name: &str| {
            let mut values =
                fields.split(',').filter_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
            values.next().filter(|_| values.next().is_none()).ok_or_else(malformed)
        };
        Self::from_parts(field("Credential")?, field("SignedHeaders")?, token.map(str::to_owned))
    }

    fn from_query(query: &[(String, String)], header: Option<&str>) -> S3Result<Self> {
        let optional = |name: &str| {
            let mut values = query.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (found, None) => Ok(found),
                _ => Err(malformed()),
            }
        };
        let field = |name: &str| optional(name)?.ok_or_else(malformed);
        let token = match (optional("X-Amz-Security-Token")?, header) {
            (Some(token), None) => Some(token.clone()),
            (None, token) => token.map(str::to_owned),
            (Some(_), Some(_)) => return Err(malformed()),
        };
        Self::from_parts(field("X-Amz-Credential")?, field("X-Amz-SignedHeaders")?, token)
    }

    fn from_parts(credential: &str, signed_headers: &str, token: Option<String>) -> S3Result<Self> {
        let scope: Vec<&str> = credential.split('/').collect();
        let [access_key_id, _date, region, service, "aws4_request"] = scope.as_slice() else {
            return Err(malformed());
        };
        Ok(Self {
            access_key_id: (*access_key_id).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            signed_headers: signed_headers.split(';').map(str::to_ascii_lowercase).collect(),
            token,
        })
    }

    /// The signature must be made for this region and for the service that is asked.
    pub(super) fn check_scope(&self, region: &str, is_sts: bool) -> S3Result<()> {
        if self.region != region {
            return Err(S3Error::with_message(
                S3ErrorCode::AuthorizationHeaderMalformed,
                format!(
                    "The authorization header is malformed; the region '{}' is wrong; expecting '{region}'",
                    self.region
                ),
            ));
        }
        let service = if is_sts { "sts" } else { "s3" };
        if self.service != service {
            return Err(S3Error::with_message(
                S3ErrorCode::AuthorizationHeaderMalformed,
                format!(
                    "The authorization header is malformed; incorrect service '{}'. This endpoint belongs to '{service}'.",
                    self.service
                ),
            ));
        }
        Ok(())
    }

    /// `host` and every `x-amz-*` header must be signed: an unsigned one could be added by anybody
    /// who holds a presigned URL, and would change what it does.
    pub(super) fn check_signed_headers(&self, headers: &HeaderMap) -> S3Result<()> {
        let signed = |name: &str| self.signed_headers.iter().any(|known| known == name);
        let unsigned = headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| name.starts_with("x-amz-") && !MAY_BE_UNSIGNED.contains(name))
            .find(|name| !signed(name));
        if let Some(name) = unsigned {
            return Err(S3Error::with_message(
                S3ErrorCode::AccessDenied,
                format!("There were headers present in the request which were not signed: {name}"),
            ));
        }
        if signed(HOST.as_str()) { Ok(()) } else { Err(malformed()) }
    }
}

/// The only value of a header; none when it is absent.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> S3Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| malformed()),
        (Some(_), Some(_)) => Err(malformed()),
    }
}

fn unsupported() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidRequest,
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

fn malformed() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::AuthorizationHeaderMalformed,
        "The authorization that you provided is not valid.",
    )
}
