//! What the store's answer means.

use transfer::engine::SendFailure;
use transfer::port::FailureClass;

/// The store's answer, as far as a browser lets it be seen.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status; 0 if there was no answer that the browser would show.
    pub status: u16,
    /// `XMLHttpRequest.getAllResponseHeaders()`: only what CORS exposes, without a complaint in the console.
    pub headers: &'a str,
    /// The body: S3's errors are small XML documents.
    pub body: &'a str,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The store has it.
    Stored {
        /// The ETag, if it is exposed.
        etag: Option<String>,
    },
    /// It does not know this way of sending.
    Unsupported,
    /// It does not know the upload in parts any more.
    UploadGone,
    /// It has not.
    Failed(SendFailure),
}

impl Answer<'_> {
    /// What it means.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (self.status, self.code()) {
            (_, Some("NoSuchUpload")) => Outcome::UploadGone,
            (405 | 501, _) | (_, Some("NotImplemented" | "MethodNotAllowed")) => Outcome::Unsupported,
            // Completing an upload may fail after the status has left.
            (200..=299, None) => Outcome::Stored { etag: self.header("etag").map(str::to_owned) },
            _ => Outcome::Failed(SendFailure { class: self.class(), retry_after: self.retry_after() }),
        }
    }

    /// What it means as the answer to a form that a session signed, which is believed only with an ETag: Ceph 16 answers
    /// 204 to such a form, without one, and keeps nothing of it. Where the store's CORS rule does not expose ETags it
    /// cannot be told from that, and files go by PUT. (Forms that a long-lived key signed it keeps, without an ETag too.)
    #[must_use]
    pub fn outcome_of_sessions_form(&self) -> Outcome {
        match self.outcome() {
            Outcome::Stored { etag: None } => Outcome::Unsupported,
            told => told,
        }
    }

    /// What it means as the answer of the server to a file that goes through it.
    #[must_use]
    pub fn outcome_of_relay(&self) -> Outcome {
        let failed = |class| Outcome::Failed(SendFailure { class, retry_after: self.retry_after() });
        match self.status {
            200..=299 => self.outcome(),
            // Another length or checksum than it was told.
            400 => failed(FailureClass::Corrupted),
            // Not in this project, or not any more.
            403..=405 | 501 => Outcome::Unsupported,
            // The batch is over; what is in the store is not the question.
            409 => failed(FailureClass::Rejected),
            _ => failed(self.class()),
        }
    }

    /// S3's error codes tell more than its statuses: an ended token comes as 400 and as 403.
    fn class(&self) -> FailureClass {
        if let Some(class) = self.code().and_then(class_of_code) {
            return class;
        }
        // A presigned URL that has ended has no code of its own.
        if self.status == 403 && self.body.contains("Request has expired") {
            return FailureClass::Expired;
        }
        match self.status {
            0 => FailureClass::Network,
            408 => FailureClass::Stalled,
            401 | 403 => FailureClass::Denied,
            409 | 412 => FailureClass::Conflict,
            413 => FailureClass::TooLarge,
            429 | 503 => FailureClass::Throttled,
            500..=599 => FailureClass::Store,
            _ => FailureClass::Rejected,
        }
    }

    /// The text of the first `<Code>`.
    fn code(&self) -> Option<&str> {
        let (_, rest) = self.body.split_once("<Code>")?;
        let (code, _) = rest.split_once("</Code>")?;
        Some(code.trim())
    }

    /// Retry-After in milliseconds. Its other form, a date, is not used by stores.
    fn retry_after(&self) -> Option<u64> {
        let seconds: u64 = self.header("retry-after")?.parse().ok()?;
        seconds.checked_mul(1_000)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| {
            let (this, value) = line.split_once(':')?;
            this.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// S3 API reference, "Error responses", and what Ceph and MinIO answer.
fn class_of_code(code: &str) -> Option<FailureClass> {
    Some(match code {
        "ExpiredToken" | "TokenRefreshRequired" | "ExpiredTokenException" | "RequestExpired" => {
            FailureClass::Expired
        }
        "RequestTimeTooSkewed" | "RequestInTheFuture" => FailureClass::Skewed,
        "SlowDown"
        | "SlowDownWrite"
        | "ServiceUnavailable"
        | "TooManyRequests"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "Busy" => FailureClass::Throttled,
        "InternalError" => FailureClass::Store,
        "RequestTimeout" => FailureClass::Stalled,
        "IncompleteBody" => FailureClass::Network,
        "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => FailureClass::Corrupted,
        "EntityTooLarge" | "QuotaExceeded" => FailureClass::TooLarge,
        "PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted" => FailureClass::Conflict,
        "AccessDenied" | "InvalidAccessKeyId" | "InvalidToken" | "SignatureDoesNotMatch" => return None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, code: &str) -> FailureClass {
        let body = format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>m</Message></Error>");
        match (Answer { status, headers: "", body: &body }).outcome() {
            Outcome::Failed(failure) => failure.class,
            other => panic!("{status} {code} is no {other:?}"),
        }
    }

    #[test]
    fn the_code_tells_more_than_the_status() {
        use FailureClass::*;
        let table = [
            (400, "ExpiredToken", Expired),
            (403, "ExpiredToken", Expired),
            (403, "RequestTimeTooSkewed", Skewed),
            (503, "SlowDown", Throttled),
            (400, "RequestTimeout", Stalled),
            (400, "BadDigest", Corrupted),
            (400, "EntityTooLarge", TooLarge),
            (412, "PreconditionFailed", Conflict),
            (409, "ConditionalRequestConflict", Conflict),
            (403, "AccessDenied", Denied),
            (403, "InvalidAccessKeyId", Denied),
            (403, "SignatureDoesNotMatch", Denied),
            (500, "InternalError", Store),
            (502, "", Store),
            (429, "", Throttled),
            (400, "InvalidArgument", Rejected),
            (404, "NoSuchBucket", Rejected),
            (0, "", Network),
        ];
        for (status, code, expected) in table {
            assert_eq!(class(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn an_ended_url_is_an_expiry() {
        let body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        let answer = Answer { status: 403, headers: "", body };
        let failure = SendFailure { class: FailureClass::Expired, retry_after: None };
        assert_eq!(answer.outcome(), Outcome::Failed(failure));
    }

    #[test]
    fn tells_what_the_store_cannot_do_from_what_it_refuses() {
        let outcome = |status, code: &str| {
            let body = format!("<Error><Code>{code}</Code></Error>");
            Answer { status, headers: "", body: &body }.outcome()
        };
        assert_eq!(outcome(501, "NotImplemented"), Outcome::Unsupported);
        assert_eq!(outcome(405, "MethodNotAllowed"), Outcome::Unsupported);
        assert_eq!(outcome(404, "NoSuchUpload"), Outcome::UploadGone);
        let failure = SendFailure { class: FailureClass::Store, retry_after: None };
        assert_eq!(outcome(200, "InternalError"), Outcome::Failed(failure));
    }

    #[test]
    fn a_sessions_form_without_an_etag_is_not_believed() {
        let answer = |status, headers| Answer { status, headers, body: "" };
        assert_eq!(answer(204, "x: y\n").outcome_of_sessions_form(), Outcome::Unsupported);
        assert_eq!(answer(204, "x: y\n").outcome(), Outcome::Stored { etag: None });
        let etag = Some("e".to_owned());
        assert_eq!(answer(204, "etag: e\n").outcome_of_sessions_form(), Outcome::Stored { etag });
        let failure = SendFailure { class: FailureClass::Store, retry_after: None };
        assert_eq!(answer(500, "").outcome_of_sessions_form(), Outcome::Failed(failure));
    }

    #[test]
    fn the_server_refuses_in_its_own_words() {
        let problem =
            |status, headers| Answer { status, headers, body: "{\"code\":\"x\"}" }.outcome_of_relay();
        let failed = |class, retry_after| Outcome::Failed(SendFailure { class, retry_after });
        for (status, class) in [
            (0, FailureClass::Network),
            (400, FailureClass::Corrupted),
            (401, FailureClass::Denied),
            (409, FailureClass::Rejected),
            (413, FailureClass::TooLarge),
            (502, FailureClass::Store),
        ] {
            assert_eq!(problem(status, ""), failed(class, None), "{status}");
        }
        assert_eq!(problem(503, "retry-after: 2\n"), failed(FailureClass::Throttled, Some(2_000)));
        for status in [403, 404, 405, 501] {
            assert_eq!(problem(status, ""), Outcome::Unsupported, "{status}");
        }
        let etag = Some("e".to_owned());
        assert_eq!(problem(204, "etag: e\n"), Outcome::Stored { etag });
    }

    #[test]
    fn reads_headers_and_half_an_xml_without_harm() {
        let answer = Answer { status: 200, headers: "ETag: \"abc\"\r\nx: y\r\n", body: "" };
        assert_eq!(answer.outcome(), Outcome::Stored { etag: Some("\"abc\"".to_owned()) });
        let busy = Answer { status: 503, headers: "retry-after: 7\r\n", body: "<Error><Code>Slow" };
        let failure = SendFailure { class: FailureClass::Throttled, retry_after: Some(7_000) };
        assert_eq!(busy.outcome(), Outcome::Failed(failure));
        let odd = Answer { status: 503, headers: "retry-after: Fri, 1 Jan\r\nnonsense", body: "" };
        assert!(matches!(odd.outcome(), Outcome::Failed(SendFailure { retry_after: None, .. })));
    }
}
