//! The bucket's rules: which pages may talk to it, and what becomes of unfinished uploads.

use serde_json::{Value, json};

use super::Names;

/// What pages send: small files by POST, others by PUT or in parts, whose list is read and which are given up.
pub const CORS_METHODS: [&str; 4] = ["POST", "PUT", "GET", "DELETE"];

/// How long a browser may remember the answer: two hours, more than any of them does (Chromium's limit).
pub const CORS_MAX_AGE_S: u32 = 7_200;

/// After how many days an unfinished upload is given up. One: no batch takes longer, and its parts cost money.
pub const UNFINISHED_DAYS: u32 = 1;

/// The id of the rule that does.
pub const UNFINISHED_RULE: &str = "abort-unfinished";

/// One CORS rule, as the AWS CLI takes it.
pub(super) fn cors(names: &Names) -> Value {
    json!({
        "CORSRules": [{
            "AllowedOrigins": [names.origin],
            "AllowedMethods": CORS_METHODS,
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": CORS_MAX_AGE_S,
        }]
    })
}

/// One lifecycle rule, as the AWS CLI takes it.
pub(super) fn lifecycle() -> Value {
    json!({
        "Rules": [{
            "ID": UNFINISHED_RULE,
            "Status": "Enabled",
            "Filter": {},
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": UNFINISHED_DAYS },
        }]
    })
}
