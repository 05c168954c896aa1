//! POST policies: one signature for every form of a batch.
//!
//! The store holds each form to the batch's prefix, to the owner's storage class and tags, to the sizes of the project's
//! rules and, as far as one condition can say them, to its media types. Nothing in the fields is secret; with the session's token in them the store also holds
//! the form to the session's own policy.

use std::time::SystemTime;

use sigv4::{PostPolicy, Timestamp};
use transfer::wire::Rules;

use super::signing::SigningKey;
use super::{BatchPrefix, unix_millis};
use crate::bucket::Bucket;

/// The largest file that a form carries: as much as one PUT (S3 API reference, "POST Object").
const MOST: u64 = 5 << 30;

/// The field that the sender fills in for each file.
const TYPE: &str = "Content-Type";

/// Signs a policy that holds from one instant to another; answers the fields of its forms, without `key`,
/// `Content-Type` and `file`.
pub(super) fn sign(
    key: &SigningKey,
    bucket: &Bucket,
    prefix: &BatchPrefix,
    rules: &Rules,
    (from, until): (SystemTime, SystemTime),
) -> Vec<(String, String)> {
    let moment = |instant| Timestamp::from_unix_millis(unix_millis(instant).0);
    let policy = PostPolicy::until(moment(until))
        .equals("bucket", bucket.name().as_str())
        .starts_with("key", prefix.as_str())
        .content_length(rules.min_size.min(MOST), rules.max_size.min(MOST));
    let policy = match rules.media_types.as_slice() {
        [one] if !one.ends_with('*') => policy.equals(TYPE, one.to_ascii_lowercase()),
        types => policy.starts_with(TYPE, common_start(types)),
    };
    let options = bucket.options().fields();
    let policy = options.into_iter().fold(policy, |policy, (name, value)| policy.equals(name, value));
    let mut fields = key.signer.sign_policy(&policy, moment(from));
    fields.retain(|(name, _)| name != TYPE);
    fields
}

/// What all types begin with. A policy's conditions must all hold, so several beginnings cannot be said: for types that
/// have nothing in common any will do, and only the announcement holds them to the rules.
fn common_start(types: &[String]) -> String {
    let mut starts = types.iter().map(|kind| kind.trim_end_matches('*').to_ascii_lowercase());
    let Some(first) = starts.next() else { return String::new() };
    starts.fold(first, |common, other| {
        common
            .chars()
            .zip(other.chars())
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_held_to_what_they_have_in_common() {
        let start =
            |types: &[&str]| common_start(&types.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>());
        assert_eq!(start(&["image/*"]), "image/");
        assert_eq!(start(&["Image/JPEG", "image/png"]), "image/");
        assert_eq!(start(&["image/*", "video/*"]), "");
        assert_eq!(start(&[]), "");
    }
}
