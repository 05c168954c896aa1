//! A small AWS Signature Version 4 signer for S3.
//!
//! - It signs requests by header ([`Request`]), presigns URLs ([`Presign`]) and signs POST policies
//!   ([`PostPolicy`]), all through one [`Signer`].
//! - It does no I/O and reads no clock: the caller passes the time, as the store's clock shows it.
//! - It knows the rules of S3 alone: a path is percent-encoded once and never normalised.
//! - It goes into the browser's WASM, so it has no URL, date or regular-expression library below it;
//!   `rusty-s3` would have cost 221 kB there.
//! - It is checked against the examples that AWS publishes and against the `aws-sigv4` crate.

mod base64;
mod canonical;
mod credentials;
mod digest;
mod policy;
mod presign;
mod request;
mod signer;
mod timestamp;
mod url;

pub use credentials::Credentials;
pub use policy::PostPolicy;
pub use presign::{Expires, ExpiresError, Presign};
pub use request::{Method, Payload, Request, SignedRequest};
pub use signer::Signer;
pub use timestamp::Timestamp;
pub use url::{BaseUrl, BaseUrlError, encode_path, object_url};
