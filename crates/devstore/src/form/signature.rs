//! The signature of a form: over its policy, as it was sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use s3s::{S3Error, S3ErrorCode, S3Result};
use sha2::Sha256;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::fields::Fields;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
/// A signing key is good for seven days, and a clock may be 15 minutes fast.
const OLDEST: Duration = Duration::days(7);
const FASTEST: Duration = Duration::minutes(15);

/// What was signed, and by whom.
pub(super) struct Signed<'a> {
    pub(super) access_key_id: &'a str,
    /// The policy's JSON.
    pub(super) policy: Vec<u8>,
    encoded: &'a str,
    /// Date, region and service of the scope.
    scope: [&'a str; 3],
    signature: Vec<u8>,
}

/// Reads the fields of a signature of version 4.
///
/// # Errors
/// `AccessDenied` when there is none, else what is wrong with it.
pub(super) fn read<'a>(fields: &'a Fields, region: &str, now: OffsetDateTime) -> S3Result<Signed<'a>> {
    let encoded = fields.require("policy")?;
    let signature = fields.require("x-amz-signature")?;
    if fields.require("x-amz-algorithm")? != ALGORITHM {
        return Err(malformed("x-amz-algorithm must be AWS4-HMAC-SHA256"));
    }
    let credential: Vec<&str> = fields.require("x-amz-credential")?.split('/').collect();
    let [access_key_id, date, scope_region, service, "aws4_request"] = credential.as_slice() else {
        return Err(malformed("x-amz-credential is no credential scope"));
    };
    if *scope_region != region || *service != "s3" {
        return Err(malformed("x-amz-credential names another region or service"));
    }
    let moment = fields.require("x-amz-date")?;
    let signed_at = PrimitiveDateTime::parse(moment, DATE).map_err(|_| malformed("x-amz-date is no time"))?;
    let age = now - signed_at.assume_utc();
    if !moment.starts_with(date) || age > OLDEST || age < -FASTEST {
        return Err(S3Error::with_message(
            S3ErrorCode::RequestTimeTooSkewed,
            "The difference between the request time and the server's time is too large.",
        ));
    }
    let policy = STANDARD.decode(encoded).map_err(|_| malformed("the policy is not Base64"))?;
    Ok(Signed {
        access_key_id,
        policy,
        encoded,
        scope: [date, scope_region, service],
        signature: unhex(signature).ok_or_else(mismatch)?,
    })
}

impl Signed<'_> {
    /// Compares the signature with the one that `secret` makes.
    pub(super) fn verify(&self, secret: &str) -> S3Result<()> {
        let mut key = format!("AWS4{secret}").into_bytes();
        for step in self.scope.into_iter().chain(["aws4_request"]) {
            key = mac(&key, step)?.finalize().into_bytes().to_vec();
        }
        mac(&key, self.encoded)?.verify_slice(&self.signature).map_err(|_| mismatch())
    }
}

fn mac(key: &[u8], message: &str) -> S3Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(S3Error::internal_error)?;
    mac.update(message.as_bytes());
    Ok(mac)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn malformed(reason: &'static str) -> S3Error {
    S3Error::with_message(S3ErrorCode::InvalidArgument, reason)
}

fn mismatch() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::SignatureDoesNotMatch,
        "The request signature we calculated does not match the signature you provided.",
    )
}
