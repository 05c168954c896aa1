//! Sending a form, or what is only in memory: by `fetch`, without a listener for progress, because either would make the browser ask the store
//! first whether it may send.

use js_sys::{Array, Uint8Array};
use transfer::crc64::Crc64;
use transfer::engine::{AttemptId, ChecksumUse};
use transfer::port::FailureClass;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Blob, File, Headers, RequestInit, Response};

use crate::checksum;
use crate::form::Form;
use crate::outcome::{Answer, Outcome};
use crate::page;
use crate::request::Request;

/// Larger files are handed over by reference.
const HELD: u64 = 8 << 20;

/// The forms that are on their way: some dozens at most.
#[derive(Debug, Default)]
pub struct Posts(Vec<(AttemptId, Option<AbortController>)>);

impl Posts {
    /// A form begins; answers what tells its `fetch` that it is cut.
    pub fn begin(&mut self, attempt: AttemptId) -> Option<AbortSignal> {
        let abort = AbortController::new().ok();
        let signal = abort.as_ref().map(AbortController::signal);
        self.0.push((attempt, abort));
        signal
    }

    /// A form has come to an end; answers whether somebody still wants to hear of it.
    pub fn end(&mut self, attempt: AttemptId) -> bool {
        let at = self.0.iter().position(|(post, _)| *post == attempt);
        at.map(|at| self.0.swap_remove(at)).is_some()
    }

    /// Cuts a form, if it is one.
    pub fn cut(&mut self, attempt: AttemptId) {
        if let Some(at) = self.0.iter().position(|(post, _)| *post == attempt)
            && let (_, Some(abort)) = self.0.swap_remove(at)
        {
            abort.abort();
        }
    }
}

/// Sends a form with a file of that size. Before it leaves, `hashed` is told the file's checksum.
///
/// # Errors
/// `Network` if there was no answer; `FileChanged` if the file cannot be read, or has another size by now.
pub async fn send(
    form: &Form,
    file: &File,
    (size, checksum): (u64, ChecksumUse),
    abort: Option<&AbortSignal>,
    hashed: impl FnOnce(Crc64),
) -> Result<Outcome, FailureClass> {
    let head = |value| {
        hashed(value);
        form.head((checksum == ChecksumUse::Sent).then_some(value))
    };
    let body = if size > HELD {
        let wanted = || abort.is_none_or(|abort| !abort.aborted());
        let head = head(checksum::of_slice(file, (0, size), wanted).await?);
        by_reference(&head, file)
    } else {
        as_bytes(head, file, size).await?
    };
    answer(form, &body, abort).await.map_err(|_| FailureClass::Network)
}

/// One array: the fastest for small files, and it costs WASM no memory.
async fn as_bytes(
    head: impl FnOnce(Crc64) -> String,
    file: &File,
    size: u64,
) -> Result<JsValue, FailureClass> {
    let bytes = JsFuture::from(file.array_buffer()).await.map_err(|_| FailureClass::FileChanged)?;
    let bytes = Uint8Array::new(&bytes);
    if u64::from(bytes.length()) != size {
        return Err(FailureClass::FileChanged);
    }
    let head = Uint8Array::from(head(checksum::of_bytes(&bytes)).as_bytes());
    let tail = Uint8Array::from(Form::TAIL.as_bytes());
    let body = Uint8Array::new_with_length(head.length() + bytes.length() + tail.length());
    body.set(&head, 0);
    body.set(&bytes, head.length());
    body.set(&tail, head.length() + bytes.length());
    Ok(body.into())
}

/// Sends a form with what is only in memory; the store is told no checksum.
///
/// # Errors
/// `Network` if there was no answer.
pub async fn send_blob(form: &Form, blob: &Blob) -> Result<Outcome, FailureClass> {
    let body = by_reference(&form.head(None), blob);
    answer(form, &body, None).await.map_err(|_| FailureClass::Network)
}

fn by_reference(head: &str, file: &Blob) -> JsValue {
    let parts = Array::of3(&JsValue::from_str(head), file, &JsValue::from_str(Form::TAIL));
    Blob::new_with_blob_sequence(&parts).map_or(JsValue::NULL, Into::into)
}

/// Sends a request with what is only in memory.
///
/// # Errors
/// `Network` if there was no answer.
pub async fn put_blob(wanted: &Request, blob: &Blob) -> Result<Outcome, FailureClass> {
    let headers = wanted.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sent = fetch((wanted.method, &wanted.url), headers, blob, None).await;
    sent.map(|(status, headers, body)| Answer { status, headers: &headers, body: &body }.outcome())
        .map_err(|_| FailureClass::Network)
}

async fn answer(form: &Form, body: &JsValue, abort: Option<&AbortSignal>) -> Result<Outcome, JsValue> {
    let headers = [("content-type", Form::CONTENT_TYPE)];
    let (status, headers, body) = fetch(("POST", &form.url), headers.into_iter(), body, abort).await?;
    let answer = Answer { status, headers: &headers, body: &body };
    Ok(if form.by_session { answer.outcome_of_sessions_form() } else { answer.outcome() })
}

/// Status, the headers that matter, and body.
async fn fetch<'a>(
    (method, url): (&str, &str),
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &JsValue,
    abort: Option<&AbortSignal>,
) -> Result<(u16, String, String), JsValue> {
    let scope = page::scope().ok_or(JsValue::NULL)?;
    let sent = Headers::new()?;
    for (name, value) in headers {
        sent.set(name, value)?;
    }
    let request = RequestInit::new();
    request.set_method(method);
    request.set_headers(&sent);
    request.set_body(body);
    request.set_signal(abort);
    let response = JsFuture::from(scope.fetch_with_str_and_init(url, &request)).await?;
    let response: Response = response.dyn_into()?;
    let mut lines = String::new();
    for name in ["etag", "retry-after"] {
        if let Some(value) = response.headers().get(name)? {
            lines.push_str(name);
            lines.push(':');
            lines.push_str(&value);
            lines.push('\n');
        }
    }
    // Read to its end also if nothing is in it: only then is the connection free for the next.
    let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), lines, body))
}

/// Makes a request whose answer nobody waits for.
pub async fn forget(wanted: &Request) {
    let (Some(scope), Ok(headers)) = (page::scope(), Headers::new()) else { return };
    for (name, value) in &wanted.headers {
        if headers.set(name, value).is_err() {
            return;
        }
    }
    let request = RequestInit::new();
    request.set_method(wanted.method);
    request.set_headers(&headers);
    let _ = JsFuture::from(scope.fetch_with_str_and_init(&wanted.url, &request)).await;
}
