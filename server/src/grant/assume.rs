//! Temporary credentials from the store's STS.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

use super::{RoleArn, SessionPolicy};
use crate::bucket::{Bucket, StoreFault};

/// What `AssumeRole` answered. Not `Debug`: it holds a secret.
pub(super) struct Session {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: String,
    /// On the server's clock.
    pub(super) expires_at: SystemTime,
}

/// Assumes the role under a session policy.
pub(super) async fn role(
    bucket: &Bucket,
    role: &RoleArn,
    session_name: &str,
    policy: &SessionPolicy,
    life: Duration,
) -> Result<Session, StoreFault> {
    let mut policy = policy.with_options(bucket.options());
    if let Some(key) = bucket.kms_key() {
        policy = policy.with_key(key, &bucket.address().region);
    }
    let asked_at = SystemTime::now();
    let answer = bucket
        .sts()
        .assume_role()
        .role_arn(role.as_str())
        .role_session_name(session_name)
        .policy(policy.as_str())
        .duration_seconds(i32::try_from(life.as_secs()).unwrap_or(i32::MAX))
        .send()
        .await
        .map_err(|error| StoreFault::sdk("AssumeRole", &error))?;
    let given = answer.credentials.ok_or_else(|| StoreFault::incomplete("AssumeRole", "credentials"))?;
    // The earlier of what STS says on its clock and what was asked for on ours: never later than the truth,
    // whichever of the two clocks is wrong.
    let said = SystemTime::try_from(given.expiration).unwrap_or(asked_at);
    Ok(Session {
        access_key_id: given.access_key_id,
        secret_access_key: given.secret_access_key,
        session_token: given.session_token,
        expires_at: said.min(asked_at + life),
    })
}

/// `sluice-<what>-<8 hexadecimal digits>`: the audit log of the store leads back to the batch, and no two sessions
/// share a name. STS takes 2 to 64 of `[\w+=,.@-]`.
pub(super) fn session_name(what: &str) -> String {
    let nonce = Uuid::new_v4().simple().to_string();
    format!("sluice-{what:.48}-{nonce:.8}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_name_is_traceable_unique_and_what_sts_takes() {
        let batch = "01890a5d-ac96-774b-bcce-b302099a8057";
        let (one, other) = (session_name(batch), session_name(batch));
        assert!(one.starts_with("sluice-01890a5d-ac96-774b-bcce-b302099a8057-"));
        assert_ne!(one, other);
        let longest = session_name(&"b".repeat(64));
        assert_eq!(longest.len(), 64);
        assert!(longest.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b)));
    }
}
