//! Whether the caller may do what it asks for, operation by operation.

use http::HeaderMap;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::caller::Caller;

/// Asked by `s3s` for every S3 operation, after it has verified the signature.
#[derive(Debug)]
pub(crate) struct Access;

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(credentials) = cx.credentials() else { return Err(denied()) };
        let signed_by = credentials.access_key.clone();
        let Some(caller) = cx.extensions_mut().get::<Caller>().cloned() else { return Err(denied()) };
        // The gate read the caller from the same header or query; a difference is an attack.
        if caller.access_key_id() != signed_by {
            return Err(denied());
        }
        if matches!(caller, Caller::Root { .. }) {
            return Ok(());
        }
        let asks = asks(cx.s3_op().name(), cx.s3_path(), cx.headers());
        if !asks.is_empty() && asks.iter().all(|(action, resource)| caller.may(action, resource)) {
            Ok(())
        } else {
            Err(denied())
        }
    }
}

/// The refusal; it tells nothing about what exists.
pub(crate) fn denied() -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, "Access Denied")
}

/// The ARN of an object, its key taken literally.
pub(crate) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

/// The rights that an operation needs, all of them; none for what a session may never do.
fn asks(operation: &str, path: &S3Path, headers: &HeaderMap) -> Vec<(&'static str, String)> {
    let mut asks = Vec::new();
    match path {
        S3Path::Root => {
            if operation == "ListBuckets" {
                asks.push(("s3:ListAllMyBuckets", "*".to_owned()));
            }
        }
        S3Path::Bucket { bucket } => {
            let arn = format!("arn:aws:s3:::{bucket}");
            match operation {
                "ListObjects" | "ListObjectsV2" | "HeadBucket" => asks.push(("s3:ListBucket", arn)),
                "GetBucketLocation" => asks.push(("s3:GetBucketLocation", arn)),
                "ListMultipartUploads" => asks.push(("s3:ListBucketMultipartUploads", arn)),
                _ => {}
            }
        }
        S3Path::Object { bucket, key } => {
            let arn = object_arn(bucket, key);
            match operation {
                "PutObject" | "CreateMultipartUpload" => {
                    // Headers that change more than the bytes are rights of their own.
                    if headers.contains_key("x-amz-tagging") {
                        asks.push(("s3:PutObjectTagging", arn.clone()));
                    }
                    if headers.contains_key("x-amz-acl") {
                        asks.push(("s3:PutObjectAcl", arn.clone()));
                    }
                    asks.push(("s3:PutObject", arn));
                }
                "UploadPart" | "CompleteMultipartUpload" => asks.push(("s3:PutObject", arn)),
                "AbortMultipartUpload" => asks.push(("s3:AbortMultipartUpload", arn)),
                "ListParts" => asks.push(("s3:ListMultipartUploadParts", arn)),
                "GetObject" | "HeadObject" => asks.push(("s3:GetObject", arn)),
                "DeleteObject" => asks.push(("s3:DeleteObject", arn)),
                _ => {}
            }
        }
    }
    asks
}
