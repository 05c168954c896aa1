//! CORS as a browser sees it.

use sigv4::{Method, Signer};

use super::browser::{Answer, HEADERS, Target};
use super::{BODY, Doctor, Finding, PROBE};
use crate::setup::CORS_METHODS;

/// Below this, browsers ask before nearly every file (Chromium forgets after two hours whatever is said).
const LEAST_MAX_AGE_S: u64 = 600;

impl Doctor {
    /// What a page of ours may send, and may read of the answer.
    pub(super) async fn cors(&self, signer: &Signer) -> Finding {
        let asked = self.preflights().await;
        if !matches!(asked, Finding::CorsRight { .. } | Finding::CorsForgotten { .. }) {
            return asked;
        }
        let target = Target { key: PROBE, body: BODY, ..Target::default() };
        match self.browser.signed(signer, Method::Put, self.bucket().base(0), target).await {
            Ok(answer) if !self.lets_in(&answer) => {
                Finding::CorsClosed { origin: self.browser.origin().to_owned() }
            }
            Ok(answer) if !answer.lists("access-control-expose-headers", "etag") => Finding::CorsHidden,
            Ok(_) => asked,
            Err(detail) => Finding::Unreachable { detail },
        }
    }

    /// What browsers are answered before they send.
    pub(super) async fn preflights(&self) -> Finding {
        let mut missing = Vec::new();
        let mut max_age = u64::MAX;
        let options = self.bucket().options().headers();
        let options: Vec<&str> = options.iter().map(|(name, _)| *name).collect();
        for method in CORS_METHODS {
            let asked = self.browser.preflight(self.bucket().base(0), PROBE, (method, &options));
            let answer = match asked.await {
                Ok(answer) => answer,
                Err(detail) => return Finding::Unreachable { detail },
            };
            if !answer.is_done()
                || !self.lets_in(&answer)
                || !answer.lists("access-control-allow-methods", method)
            {
                missing.push(method);
                continue;
            }
            if !allows_headers(&answer, &options) {
                return Finding::CorsHeaders;
            }
            max_age = max_age.min(answer.header("access-control-max-age").parse().unwrap_or(0));
        }
        match missing.len() {
            0 if max_age < LEAST_MAX_AGE_S => Finding::CorsForgotten { max_age },
            0 => Finding::CorsRight { max_age },
            all if all == CORS_METHODS.len() => {
                Finding::CorsClosed { origin: self.browser.origin().to_owned() }
            }
            _ => Finding::CorsMethods { missing },
        }
    }

    fn lets_in(&self, answer: &Answer) -> bool {
        let allowed = answer.header("access-control-allow-origin");
        allowed == "*" || allowed == self.browser.origin()
    }
}

/// A `*` never covers `Authorization` (Fetch standard, "CORS-preflight fetch"). S3 answers a `*` of its rule with the
/// headers that were asked for.
fn allows_headers(answer: &Answer, more: &[&str]) -> bool {
    HEADERS.iter().chain(more).all(|header| answer.lists("access-control-allow-headers", header))
        && answer.header("access-control-allow-headers").to_ascii_lowercase().contains(HEADERS[0])
}
