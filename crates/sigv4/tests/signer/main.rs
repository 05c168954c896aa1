//! The signer against what AWS publishes, and against the signer of the AWS SDK.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod examples;
mod policy;
mod sdk;
