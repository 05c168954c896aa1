//! The role that grants are made from.

use std::time::Duration;

use sigv4::{Credentials, Signer};
use transfer::wire::{BatchId, Grant, GrantKind, Rules};

use super::{Doctor, Finding, Side};
use crate::bucket::{FaultKind, StoreFault};
use crate::grant::GrantError;

impl Doctor {
    /// Makes a grant as for a batch; answers what signs with it. Without a role, that is the server itself.
    pub(super) async fn role(&self) -> (Finding, Option<Signer>) {
        if self.bucket().role().is_none() {
            return (Finding::NoRole, self.own_signer().await);
        }
        let batch: BatchId = match "doctor".parse() {
            Ok(batch) => batch,
            Err(_) => return (Finding::NoRole, None),
        };
        match self.grants.issue(GrantKind::Credentials, &batch, &self.prefix, &Rules::default()).await {
            Ok(Grant::Credentials(grant)) => {
                let life = Duration::from_millis(grant.expires_at.0.saturating_sub(grant.issued_at.0));
                let credentials = Credentials {
                    access_key_id: grant.access_key_id,
                    secret_access_key: grant.secret_access_key,
                    session_token: Some(grant.session_token),
                };
                let signer = Signer::s3(credentials, &self.bucket().address().region);
                (Finding::Assumed { seconds: life.as_secs() }, Some(signer))
            }
            Ok(_) | Err(GrantError::Unsupported(_)) => (Finding::NoRole, None),
            Err(GrantError::Store(fault)) => (refused(&fault, self.session), None),
        }
    }
}

/// What STS means by a refusal.
pub(crate) fn refused(fault: &StoreFault, asked: Duration) -> Finding {
    let detail = fault.detail().to_owned();
    let words = detail.to_lowercase();
    match fault.code() {
        "PackedPolicyTooLarge" | "PackedPolicyTooLargeException" => Finding::PolicyTooLarge,
        // "The requested DurationSeconds exceeds the MaxSessionDuration set for this role." and "… exceeds the 1 hour
        // session limit for roles assumed by role chaining" (IAM User Guide, "Methods to assume a role").
        "ValidationError" if words.contains("durationseconds") => {
            Finding::TooLong { seconds: asked.as_secs(), chained: words.contains("role chaining") }
        }
        "AccessDenied" | "AccessDeniedException" => Finding::AssumeDenied { side: side(&words), detail },
        code @ ("InvalidClientTokenId" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken") => {
            Finding::KeyRefused { refusal: code.to_owned() }
        }
        "NotImplemented"
        | "InvalidAction"
        | "MethodNotAllowed"
        | "NoSuchKey"
        | "UnknownOperationException" => Finding::NoSts { detail },
        _ if fault.kind() == FaultKind::NoCredentials => Finding::NoCredentials { detail },
        _ if fault.kind() == FaultKind::Passing => Finding::Unreachable { detail },
        _ => Finding::StoreRefuses { detail },
    }
}

/// Which side refuses, as far as AWS says so (IAM User Guide, "Troubleshoot access denied error messages"): "because no
/// identity-based policy allows", "because no role trust policy allows", "with an explicit deny in …".
fn side(words: &str) -> Side {
    if words.contains("trust policy") || words.contains("resource-based policy") {
        Side::Trust
    } else if ["identity-based policy", "permissions boundary", "session policy", "service control policy"]
        .iter()
        .any(|policy| words.contains(policy))
    {
        Side::Caller
    } else {
        Side::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_says_which_side_refuses() {
        let start = "user: arn:aws:sts::1:assumed-role/task/x is not authorized to perform: sts:assumerole on resource: \
                     arn:aws:iam::1:role/sluice-upload";
        for (end, expected) in [
            (" because no identity-based policy allows the sts:assumerole action", Side::Caller),
            (" with an explicit deny in a service control policy", Side::Caller),
            (" because no role trust policy allows the sts:assumerole action", Side::Trust),
            (" with an explicit deny in the role trust policy", Side::Trust),
            ("", Side::Unknown),
        ] {
            assert_eq!(side(&format!("{start}{end}")), expected, "{end}");
        }
    }
}
