//! One object: written as a browser writes, found as the server finds; and what the store makes of wrong ones.

use sigv4::{Method, PostPolicy, Signer, Timestamp};

use super::browser::{Target, now};
use super::{BODY, Doctor, Finding, PROBE};
use crate::clock;

/// The boundary of the form's parts. Nothing in them has it.
const BOUNDARY: &str = "sluice-doctor-3b1f0e";

impl Doctor {
    /// Writes the probe, with the owner's class and tags, and looks for it in a listing. Whether it was written is the second answer.
    pub(super) async fn object(&self, signer: &Signer, can_list: bool) -> (Finding, bool) {
        let options = self.bucket().options().headers();
        let headers: Vec<_> = options.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let target = Target { key: PROBE, body: BODY, headers: &headers, ..Target::default() };
        match self.browser.signed(signer, Method::Put, self.bucket().base(0), target).await {
            Ok(answer) if answer.is_done() => {}
            Ok(answer) => return (Finding::PutDenied { refusal: answer.refusal() }, false),
            Err(detail) => return (Finding::Unreachable { detail }, false),
        }
        if !can_list {
            return (Finding::NotSeen, true);
        }
        let mut found = false;
        let mut listing = self.bucket().list(&self.prefix);
        while let Ok(Some(page)) = listing.page().await {
            found |= page.iter().any(|object| object.key == PROBE && object.size == BODY.len() as u64);
        }
        (if found { Finding::Stored { deleted: self.clear_up().await } } else { Finding::NotFound }, true)
    }

    /// Deletes the probe if the server may. It does not need to: the next examination writes the same key.
    pub(super) async fn clear_up(&self) -> bool {
        let s3 = self.bucket().s3();
        s3.delete_object().bucket(self.bucket().name().as_str()).key(PROBE).send().await.is_ok()
    }

    /// Whether a taken key can be written once more when the request forbids it.
    pub(super) async fn overwrite(&self, signer: &Signer) -> Finding {
        let base = self.bucket().base(0);
        let target = Target { key: PROBE, body: BODY, ..Target::default() };
        let _ = self.browser.signed(signer, Method::Put, base, target).await;
        let target = Target { headers: &[("if-none-match", "*")], ..target };
        match self.browser.signed(signer, Method::Put, base, target).await {
            Ok(answer) if answer.status == 412 => Finding::OverwriteRefused,
            Ok(answer) if answer.is_done() || answer.status == 501 => Finding::OverwriteTaken,
            Ok(answer) => Finding::Unseen { detail: answer.refusal() },
            Err(detail) => Finding::Unseen { detail },
        }
    }

    /// Whether a body that is not what its checksum says is refused.
    pub(super) async fn checksums(&self, signer: &Signer) -> Finding {
        // No body but a chosen one has this CRC32.
        let headers = [("x-amz-checksum-crc32", "AAAAAA==")];
        let target = Target { key: PROBE, body: BODY, headers: &headers, ..Target::default() };
        match self.browser.signed(signer, Method::Put, self.bucket().base(0), target).await {
            Ok(answer) if answer.status == 400 => Finding::ChecksumsChecked,
            Ok(answer) if answer.is_done() || answer.status == 501 => Finding::ChecksumsIgnored,
            Ok(answer) => Finding::Unseen { detail: answer.refusal() },
            Err(detail) => Finding::Unseen { detail },
        }
    }

    /// Whether a POST form arrives. An answer without an ETag is none: Ceph 16 says 204 and keeps nothing.
    pub(super) async fn forms(&self, signer: &Signer) -> Finding {
        let policy = PostPolicy::until(Timestamp::from_unix_millis(clock::now().0 + 60_000))
            .equals("bucket", self.bucket().name().as_str())
            .equals("key", PROBE)
            .content_length(0, 1_024);
        let options = self.bucket().options().fields();
        let policy = options.into_iter().fold(policy, |policy, (name, value)| policy.equals(name, value));
        let mut form = String::new();
        let mut field = |name: &str, value: &str| {
            form.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        };
        let fields = signer.sign_policy(&policy, now());
        if !fields.iter().any(|(name, _)| name == "key") {
            field("key", PROBE);
        }
        for (name, value) in &fields {
            field(name, value);
        }
        form.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"probe\"\r\n\
             Content-Type: text/plain\r\n\r\n"
        ));
        let mut body = form.into_bytes();
        body.extend_from_slice(BODY);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let url = format!("{}/", self.bucket().base(0));
        match self.browser.send("POST", &url, &[("content-type", &media_type)], body).await {
            Ok(answer) if answer.is_done() && !answer.header("etag").is_empty() => Finding::FormsTaken,
            Ok(answer) => Finding::FormsRefused { status: answer.status },
            Err(_) => Finding::FormsRefused { status: 0 },
        }
    }
}
