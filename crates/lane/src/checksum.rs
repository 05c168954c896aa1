//! Where a checksum travels, and of which bytes it is.

use transfer::engine::{Lane, Send, Step};

/// The header, or the form's field, that carries it.
pub const FIELD: &str = "x-amz-checksum-crc64nvme";

/// What the store calls the algorithm.
pub const ALGORITHM: &str = "CRC64NVME";

/// What of the file an attempt carries by reference: from a byte to the one behind the last.
#[must_use]
pub fn range(send: &Send) -> Option<(u64, u64)> {
    match &send.lane {
        Lane::Multipart { step, .. } | Lane::SignedMultipart { step, .. } => match step {
            Step::Part { from, to, .. } => Some((*from, *to)),
            Step::Create | Step::List { .. } | Step::Complete { .. } => None,
        },
        Lane::Form { .. } => None,
        Lane::Put { .. } | Lane::SignedPut { .. } | Lane::Relay { .. } => Some((0, send.size)),
    }
}
