//! The policies: who may do what, and who may become whom.

use serde::Serialize;
use serde_json::{Value, json};

use super::Names;

/// What the upload role may do, on the bucket's objects. A grant narrows it to one batch.
pub const UPLOAD_ACTIONS: [&str; 3] =
    ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

/// What the server does itself, on the bucket: it lists a batch's prefix to compare it with what was announced, and
/// what was begun in parts and left behind.
pub const SERVER_ACTIONS: [&str; 2] = ["s3:ListBucket", "s3:ListBucketMultipartUploads"];

/// What the server does itself, on the bucket's objects.
///
/// It aborts what was left behind, for galleries it signs URLs to read with its own identity, and it deletes what an
/// admin says and what somebody replaces.
pub const SERVER_OBJECT_ACTIONS: [&str; 3] = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:DeleteObject"];

/// What a server does that only presigns: it becomes the upload role, whose session signs. It touches nothing itself.
pub const PRESIGN_ACTIONS: [&str; 1] = ["sts:AssumeRole"];

/// What the server does on the objects where no role is given: it signs URLs with its own credentials, too.
pub const UNLIMITED_ACTIONS: [&str; 4] =
    ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject", "s3:DeleteObject"];

/// What the doctor looks at besides, on the bucket. Without them it says what it could not see.
pub const DOCTOR_ACTIONS: [&str; 2] = ["s3:GetLifecycleConfiguration", "s3:GetBucketVersioning"];

/// What `sluice doctor --fix` reads and changes, on the bucket. For an administrator, not for the server.
pub const FIX_ACTIONS: [&str; 3] = ["s3:GetBucketCORS", "s3:PutBucketCORS", "s3:PutLifecycleConfiguration"];

/// What the upload role needs on the key, where the bucket is encrypted with one of KMS's: parts are decrypted when
/// they are put together (S3 User Guide, "Protecting data with SSE-KMS").
pub const KMS_ACTIONS: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// What the upload role needs on the objects besides, where they get tags: a right of its own in a PUT, in a form and in
/// what begins an upload in parts (S3 API reference, "PutObject", "Permissions").
pub const TAG_ACTIONS: [&str; 1] = ["s3:PutObjectTagging"];

/// One statement that allows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Allow<'a> {
    effect: &'static str,
    action: &'a [&'a str],
    resource: String,
}

fn allow<'a>(action: &'a [&'a str], resource: String) -> Allow<'a> {
    Allow { effect: "Allow", action, resource }
}

fn document(statements: impl Serialize) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn bucket_arn(names: &Names) -> String {
    format!("arn:{}:s3:::{}", names.partition, names.bucket)
}

fn objects_arn(names: &Names) -> String {
    format!("{}/*", bucket_arn(names))
}

/// The upload role's.
pub(super) fn upload_role(names: &Names) -> Value {
    document([allow(&UPLOAD_ACTIONS, objects_arn(names))])
}

/// The upload role's besides, for the bucket's key.
pub(super) fn upload_role_kms(names: &Names) -> Value {
    document([allow(&KMS_ACTIONS, names.kms_key_arn.clone())])
}

/// The upload role's besides, for tags.
pub(super) fn upload_role_tags(names: &Names) -> Value {
    document([allow(&TAG_ACTIONS, objects_arn(names))])
}

/// All of the upload role's with tags, for a bucket of the embedded store.
pub(crate) fn tagging_role(bucket: &str) -> Value {
    let objects = format!("arn:aws:s3:::{bucket}/*");
    document([allow(&UPLOAD_ACTIONS, objects.clone()), allow(&TAG_ACTIONS, objects)])
}

/// The upload role's trust: the server, by name.
pub(super) fn upload_role_trust(names: &Names) -> Value {
    document(json!([{
        "Effect": "Allow",
        "Principal": { "AWS": names.server_arn },
        "Action": "sts:AssumeRole",
    }]))
}

/// The upload role's trust, where the name of the server's role is generated: the account, on the condition that it is
/// a session of that role. `aws:userid` of a session is `<role id>:<session name>` (IAM User Guide, "Principal key
/// values"), and a role's id is never used again, so a new role of the same name is a stranger.
pub(super) fn upload_role_trust_by_id(names: &Names) -> Value {
    document(json!([{
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{}:iam::{}:root", names.partition, names.account) },
        "Action": "sts:AssumeRole",
        "Condition": { "StringLike": { "aws:userid": format!("{}:*", names.server_role_id) } },
    }]))
}

/// The server's, where grants are made from a role.
pub(super) fn server(names: &Names) -> Value {
    document([
        allow(&["sts:AssumeRole"], names.upload_role_arn.clone()),
        allow(&SERVER_ACTIONS, bucket_arn(names)),
        allow(&SERVER_OBJECT_ACTIONS, objects_arn(names)),
    ])
}

/// Of a server that only presigns.
pub(super) fn presign(names: &Names) -> Value {
    document([allow(&PRESIGN_ACTIONS, names.upload_role_arn.clone())])
}

/// The server's, where there is no role.
pub(super) fn server_without_role(names: &Names) -> Value {
    document([allow(&UNLIMITED_ACTIONS, objects_arn(names)), allow(&SERVER_ACTIONS, bucket_arn(names))])
}

/// Of the upload role besides, for an hour: stops every grant for one batch that is out, at once.
///
/// No other batch has the prefix, so nobody else is stopped. (IAM User Guide, "Policy evaluation logic": an explicit deny
/// overrides any allow.)
#[must_use]
pub fn stop_batch(names: &Names, prefix: &str) -> Value {
    document(json!([{
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": format!("{}/{prefix}*", bucket_arn(names)),
    }]))
}

/// The doctor's, beside the server's.
pub(super) fn doctor(names: &Names) -> Value {
    document([allow(&DOCTOR_ACTIONS, bucket_arn(names))])
}

/// Of `doctor --fix`, beside the doctor's.
pub(super) fn doctor_fix(names: &Names) -> Value {
    document([allow(&FIX_ACTIONS, bucket_arn(names))])
}
