//! What is in the modelled files: the item's number, and zeros behind it.

use std::collections::HashMap;

use transfer::crc64::Crc64;

/// Computes checksums of files that are nowhere.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    zeros: HashMap<u64, Crc64>,
}

impl Contents {
    /// Of the bytes from one to the one behind the last.
    pub(crate) fn checksum(&mut self, item: u32, from: u64, to: u64) -> Crc64 {
        if from > 0 || to < 4 {
            return self.zeros(to - from);
        }
        Crc64::of(&item.to_be_bytes()).then(self.zeros(to - 4), to - 4)
    }

    fn zeros(&mut self, length: u64) -> Crc64 {
        if length < 16 {
            return Crc64::of(&vec![0; length as usize]);
        }
        if let Some(&known) = self.zeros.get(&length) {
            return known;
        }
        let (half, rest) = (length / 2, length - length / 2);
        let checksum = self.zeros(half).then(self.zeros(rest), rest);
        self.zeros.insert(length, checksum);
        checksum
    }
}
