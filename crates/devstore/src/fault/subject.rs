//! What a rule can know of a request before anybody answers it.

use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use memchr::memmem;

use super::flow::Flow;
use super::operation::Operation;
use crate::hosts::Hosts;
use crate::session::KEY_PREFIX;

/// The fields of a form come first, and S3 limits them to 20 kB.
const MAX_FIELDS: usize = 24 * 1024;

/// A request, as rules and the log see it.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) operation: Operation,
    pub(super) host: String,
    pub(super) bucket: Option<String>,
    pub(super) key: Option<String>,
    /// The access key of a session that the request names.
    pub(super) session: Option<String>,
}

impl Subject {
    /// Reads the head; of a form also the fields, for its key.
    pub(super) async fn of(parts: &Parts, hosts: &Hosts, body: &mut Flow) -> Self {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
        let target = hosts.target(&parts.headers, &parts.uri);
        let operation = Operation::of(parts, &target);
        let key = match operation {
            Operation::PostObject => form_key(&body.peek(MAX_FIELDS, is_complete).await),
            _ => {
                let path = parts.uri.path().strip_prefix('/').unwrap_or_default();
                let key = match hosts.bucket(&host) {
                    Some(_) => path,
                    None => path.split_once('/').map_or("", |(_, key)| key),
                };
                Some(decoded(key)).filter(|key| !key.is_empty())
            }
        };
        Self { operation, bucket: target.bucket().map(str::to_owned), key, session: session(parts), host }
    }
}

/// The path as it was before it was percent-encoded.
fn decoded(path: &str) -> String {
    // A query's decoder takes these three for more than letters.
    let path = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    serde_urlencoded::from_str::<Vec<(String, String)>>(&path)
        .ok()
        .and_then(|pairs| pairs.into_iter().next())
        .map_or(path, |(path, _)| path)
}

fn session(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let text = header.or_else(|| parts.uri.query())?;
    let (_, rest) = text.split_once("Credential=")?;
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|key| key.starts_with(KEY_PREFIX))
}

/// Whether the part of a form that was read holds its key, or will not.
fn is_complete(read: &[u8]) -> bool {
    form_key(read).is_some() || memmem::find(read, b"name=\"file\"").is_some()
}

fn form_key(read: &[u8]) -> Option<String> {
    let field = after(read, b"name=\"key\"")?;
    let value = after(field, b"\r\n\r\n")?;
    let end = memmem::find(value, b"\r\n--")?;
    Some(String::from_utf8_lossy(&value[..end]).into_owned())
}

fn after<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    memmem::find(text, mark).map(|at| &text[at + mark.len()..])
}
