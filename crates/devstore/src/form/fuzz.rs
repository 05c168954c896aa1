//! A form must be read in the same way however the network cuts it.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use s3s::{S3Error, S3ErrorCode, S3Result};
use time::OffsetDateTime;
use tokio::runtime::{Builder, Runtime};

use super::answer::Success;
use super::fields::Fields;
use super::parts::FormBody;
use super::policy::FormPolicy;
use super::{MAX_FIELDS, boundary, signature};
use crate::object::Kept;

/// `content type \0 body`.
pub(crate) fn compare(data: &[u8]) {
    let (kind, body) = match data.iter().position(|byte| *byte == 0) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (&b"multipart/form-data; boundary=b"[..], data),
    };
    let Ok(kind) = HeaderValue::from_bytes(kind) else { return };
    let request = http::Request::builder().method("POST").uri("/photos").header(CONTENT_TYPE, kind);
    let Ok(request) = request.body(()) else { return };
    let Ok(boundary) = boundary(&request.into_parts().0) else { return };
    let whole = read(&boundary, body, body.len().max(1));
    for piece in [1, 7] {
        assert_eq!(said(&read(&boundary, body, piece)), said(&whole), "in pieces of {piece}");
    }
    let Ok((fields, _)) = whole else { return };
    // None of these may panic, whatever the fields say.
    let now = OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000);
    if let Ok(signed) = signature::read(&fields, "us-east-1", now) {
        assert!(signed.verify("secret").is_err(), "nobody knows the secret");
    }
    let policy = fields.get("policy").and_then(|policy| STANDARD.decode(policy).ok());
    if let Some(policy) = policy.and_then(|policy| FormPolicy::parse(&policy).ok()) {
        let _ = policy.check(&fields, "photos", now);
    }
    let kept = Kept { etag: "e".to_owned(), checksum: None };
    let _ = (
        fields.key(),
        fields.headers(),
        fields.metadata(),
        Success::read(&fields).render("photos", "a", &kept),
    );
}

type Form = (Fields, Vec<u8>);

thread_local! {
    /// For the timer of the reader; nothing here ever waits.
    static RUNTIME: std::io::Result<Runtime> = Builder::new_current_thread().enable_time().build();
}

/// Everything that can be told of a form: its fields and its file, or the refusal.
fn said(form: &S3Result<Form>) -> String {
    match form {
        Ok((fields, file)) => {
            let values: Vec<_> = fields.names().map(|name| (name, fields.get(name))).collect();
            format!("{values:?} {file:?}")
        }
        Err(error) => error.code().as_str().to_owned(),
    }
}

fn read(boundary: &str, body: &[u8], piece: usize) -> S3Result<Form> {
    let pieces: Vec<Bytes> = body.chunks(piece).map(Bytes::copy_from_slice).collect();
    let source = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
    RUNTIME.with(|runtime| {
        let Ok(runtime) = runtime else { panic!("no runtime") };
        runtime.block_on(form(source, boundary))
    })
}

async fn form(
    source: impl Stream<Item = Result<Bytes, Infallible>> + Unpin + Send,
    boundary: &str,
) -> S3Result<Form> {
    let mut form = FormBody::new(source, boundary);
    let mut fields = Fields::default();
    while let Some(part) = form.next_part().await? {
        if part.field == "file" {
            fields.expand(part.file.as_deref());
            let cut = |text| S3Error::with_message(S3ErrorCode::IncompleteBody, text);
            let file = Box::pin(form.into_file().map_err(cut));
            let file: Vec<Bytes> = file.try_collect().await?;
            return Ok((fields, file.concat()));
        }
        let value = form.text(MAX_FIELDS.saturating_sub(fields.size())).await?;
        fields.insert(part.field, value)?;
    }
    Ok((fields, Vec::new()))
}
