//! Whether the caller may do what it asks for, operation by operation.

use http::HeaderMap;
use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopySource, DeleteObjectsInput, PutObjectTaggingInput};
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};

use crate::caller::Caller;
use crate::policy::{Facts, Key};
use crate::tags::Tags;

/// Asked by `s3s` for every S3 operation, after it has verified the signature.
#[derive(Debug)]
pub(crate) struct Access;

/// Something that a request needs to be allowed to do.
#[derive(Debug)]
pub(crate) struct Right {
    /// Like `s3:PutObject`.
    pub(crate) action: &'static str,
    /// The ARN, keys taken literally.
    pub(crate) resource: String,
    /// What conditions can ask about.
    pub(crate) facts: Facts,
}

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
        let query = Query::parse(cx.uri().query())?;
        match (&caller, cx.s3_op().name()) {
            (Caller::Root { .. }, _) => Ok(()),
            // Its keys are in the body, and asked about when that is read.
            (Caller::Session(_), "DeleteObjects") => Ok(()),
            // Its tags are there, too.
            (Caller::Session(_), "PutObjectTagging") => Ok(()),
            (Caller::Session(_), operation) => {
                require(&caller, &rights(operation, cx.s3_path(), cx.headers(), &query)?)
            }
        }
    }

    /// Refuses all of the keys when one of them is not the caller's to delete. S3 would delete the rest.
    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        let caller = request.extensions.get::<Caller>().ok_or_else(denied)?;
        let objects = &request.input.delete.objects;
        let rights: Vec<Right> = objects
            .iter()
            .map(|object| {
                let action =
                    versioned(object.version_id.is_some(), "s3:DeleteObject", "s3:DeleteObjectVersion");
                Right::plain(action, object_arn(&request.input.bucket, &object.key))
            })
            .collect();
        require(caller, &rights)
    }

    async fn put_object_tagging(&self, request: &mut S3Request<PutObjectTaggingInput>) -> S3Result<()> {
        let caller = request.extensions.get::<Caller>().ok_or_else(denied)?;
        if matches!(caller, Caller::Root { .. }) {
            return Ok(());
        }
        let PutObjectTaggingInput { bucket, key, tagging, version_id, .. } = &request.input;
        let facts = Facts::default().with_tags(&Tags::from_set(tagging.tag_set.clone())?);
        let action = versioned(version_id.is_some(), "s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        require(caller, &[Right { action, resource: object_arn(bucket, key), facts }])
    }
}

/// Refuses a caller that lacks one of the rights, and everybody when there is none that would do.
pub(crate) fn require(caller: &Caller, rights: &[Right]) -> S3Result<()> {
    if !rights.is_empty() && rights.iter().all(|right| caller.has(right)) { Ok(()) } else { Err(denied()) }
}

/// The refusal; it tells nothing about what exists.
pub(crate) fn denied() -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, "Access Denied")
}

/// The rights to make an object with these headers, or fields of a form that stand for them.
///
/// # Errors
/// For a header that is there twice, and tags that are none.
pub(crate) fn to_write(bucket: &str, key: &str, headers: &HeaderMap) -> S3Result<Vec<Right>> {
    let facts = Facts::default()
        .with(Key::ObjectCreationOperation, Some("true"))
        .with(Key::IfNoneMatch, one(headers, "if-none-match")?);
    writing(&object_arn(bucket, key), headers, facts)
}

/// The rights that an operation needs, all of them; none for what a session may never do.
fn rights(operation: &str, path: &S3Path, headers: &HeaderMap, query: &Query) -> S3Result<Vec<Right>> {
    match path {
        S3Path::Root if operation == "ListBuckets" => {
            Ok(vec![Right::plain("s3:ListAllMyBuckets", "*".to_owned())])
        }
        S3Path::Root => Ok(Vec::new()),
        S3Path::Bucket { bucket } => on_bucket(operation, format!("arn:aws:s3:::{bucket}"), query),
        S3Path::Object { bucket, key } => on_object(operation, bucket, key, headers, query),
    }
}

fn on_bucket(operation: &str, arn: String, query: &Query) -> S3Result<Vec<Right>> {
    let action = match operation {
        "ListObjects" | "ListObjectsV2" => {
            let facts = Facts::default()
                .with(Key::Prefix, query.one("prefix")?)
                .with(Key::MaxKeys, query.one("max-keys")?);
            return Ok(vec![Right { action: "s3:ListBucket", resource: arn, facts }]);
        }
        "HeadBucket" => "s3:ListBucket",
        "GetBucketLocation" => "s3:GetBucketLocation",
        "ListMultipartUploads" => "s3:ListBucketMultipartUploads",
        "CreateBucket" => "s3:CreateBucket",
        "DeleteBucket" => "s3:DeleteBucket",
        "GetBucketCors" => "s3:GetBucketCORS",
        "PutBucketCors" | "DeleteBucketCors" => "s3:PutBucketCORS",
        "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "s3:PutLifecycleConfiguration",
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Right::plain(action, arn)])
}

fn on_object(
    operation: &str,
    bucket: &str,
    key: &str,
    headers: &HeaderMap,
    query: &Query,
) -> S3Result<Vec<Right>> {
    let arn = object_arn(bucket, key);
    // Beginning an upload and its parts take no conditions, and make no object yet.
    let parts = || Facts::default().with(Key::ObjectCreationOperation, Some("false"));
    let version = query.one("versionId")?.is_some();
    let action = match operation {
        "PutObject" => return to_write(bucket, key, headers),
        "CopyObject" => {
            let mut rights = to_write(bucket, key, headers)?;
            rights.push(of_source(headers)?);
            return Ok(rights);
        }
        "CreateMultipartUpload" => return writing(&arn, headers, parts()),
        "UploadPart" => return Ok(vec![Right { action: PUT, resource: arn, facts: parts() }]),
        "UploadPartCopy" => {
            return Ok(vec![Right { action: PUT, resource: arn, facts: parts() }, of_source(headers)?]);
        }
        "CompleteMultipartUpload" => {
            let facts = Facts::default()
                .with(Key::ObjectCreationOperation, Some("true"))
                .with(Key::IfNoneMatch, one(headers, "if-none-match")?);
            return Ok(vec![Right { action: PUT, resource: arn, facts }]);
        }
        "AbortMultipartUpload" => "s3:AbortMultipartUpload",
        "ListParts" => "s3:ListMultipartUploadParts",
        "GetObject" | "HeadObject" => versioned(version, "s3:GetObject", "s3:GetObjectVersion"),
        "DeleteObject" => versioned(version, "s3:DeleteObject", "s3:DeleteObjectVersion"),
        "GetObjectTagging" => versioned(version, "s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
        "DeleteObjectTagging" => {
            versioned(version, "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging")
        }
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Right::plain(action, arn)])
}

const PUT: &str = "s3:PutObject";

/// `s3:PutObject`, and a right of its own for each header that changes more than the bytes.
fn writing(arn: &str, headers: &HeaderMap, facts: Facts) -> S3Result<Vec<Right>> {
    let tags = one(headers, "x-amz-tagging")?.map(Tags::from_header).transpose()?.unwrap_or_default();
    let facts = facts
        .with_tags(&tags)
        .with(Key::StorageClass, one(headers, "x-amz-storage-class")?)
        .with(Key::Acl, one(headers, "x-amz-acl")?)
        .with(Key::ServerSideEncryption, one(headers, "x-amz-server-side-encryption")?);
    let more = headers.keys().filter_map(|name| match name.as_str() {
        "x-amz-tagging" => Some("s3:PutObjectTagging"),
        "x-amz-acl" => Some("s3:PutObjectAcl"),
        name if name.starts_with("x-amz-grant-") => Some("s3:PutObjectAcl"),
        "x-amz-object-lock-mode" | "x-amz-object-lock-retain-until-date" => Some("s3:PutObjectRetention"),
        "x-amz-object-lock-legal-hold" => Some("s3:PutObjectLegalHold"),
        _ => None,
    });
    let actions = std::iter::once(PUT).chain(more);
    Ok(actions.map(|action| Right { action, resource: arn.to_owned(), facts: facts.clone() }).collect())
}

/// The right to read what is copied.
fn of_source(headers: &HeaderMap) -> S3Result<Right> {
    let source = one(headers, "x-amz-copy-source")?.unwrap_or_default();
    match CopySource::parse(source) {
        Ok(CopySource::Bucket { bucket, key, version_id }) => {
            let action = versioned(version_id.is_some(), "s3:GetObject", "s3:GetObjectVersion");
            Ok(Right::plain(action, object_arn(&bucket, &key)))
        }
        // There are no access points here.
        Ok(_) | Err(_) => Err(denied()),
    }
}

/// S3 has actions of their own for requests that name a version, even the `null` one.
const fn versioned(version: bool, plain: &'static str, of_version: &'static str) -> &'static str {
    if version { of_version } else { plain }
}

/// The ARN of an object, its key taken literally.
fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

impl Right {
    /// One that no condition key of the store speaks of.
    fn plain(action: &'static str, resource: String) -> Self {
        Self { action, resource, facts: Facts::default() }
    }
}

/// The value of a header; none when it is absent or empty, which means the same to those who read it.
///
/// # Errors
/// When it is there twice: a condition would look at one of them, and the operation at the other.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> S3Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(_) => Err(ambiguous(name)),
        },
        (Some(_), Some(_)) => Err(ambiguous(name)),
    }
}

/// A query as `s3s` reads it.
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(query: Option<&str>) -> S3Result<Self> {
        serde_urlencoded::from_str(query.unwrap_or_default())
            .map(Self)
            .map_err(|_| S3Error::with_message(S3ErrorCode::InvalidURI, "The query is not well-formed."))
    }

    /// The value of a name; `None` when it is absent.
    ///
    /// # Errors
    /// When it is there twice: `s3s` takes it for absent then, and would list everything.
    fn one(&self, name: &'static str) -> S3Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (found, None) => Ok(found),
            (_, Some(_)) => Err(ambiguous(name)),
        }
    }
}

fn ambiguous(name: &str) -> S3Error {
    S3Error::with_message(S3ErrorCode::InvalidArgument, format!("{name} must be there once, as text."))
}
