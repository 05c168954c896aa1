use crc_fast::CrcAlgorithm;
use proptest::prelude::*;

use super::Crc64;

/// The check value of the catalogue of CRCs, and vectors of the NVM Express Base Specification ("64b CRC Test Cases").
#[test]
fn agrees_with_published_vectors() {
    let counted: Vec<u8> = (0..=255).cycle().take(4_096).collect();
    let backwards: Vec<u8> = counted.iter().rev().copied().collect();
    let vectors: [(&[u8], u64); 5] = [
        (b"123456789", 0xAE8B_1486_0A79_9888),
        (&[0; 4_096], 0x6482_D367_EB22_B64E),
        (&[0xFF; 4_096], 0xC0DD_BA73_02EC_A3AC),
        (&counted, 0x3E72_9F5F_6750_449C),
        (&backwards, 0x9A2D_F64B_8E9E_517E),
    ];
    for (bytes, value) in vectors {
        assert_eq!(Crc64::of(bytes), Crc64(value));
    }
    assert_eq!(Crc64::of(b""), Crc64::EMPTY);
}

#[test]
fn is_written_as_s3_writes_it() {
    let checksum = Crc64::of(b"123456789");
    assert_eq!(checksum.to_base64(), "rosUhgp5mIg=");
    assert_eq!(Crc64::from_base64("rosUhgp5mIg="), Some(checksum));
    for nonsense in
        ["", "=", "rosUhgp5mIg", "rosUhgp5mIg==", "rosUhgp5mIh=", "rosUhgp5mI-=", "rosUhgp5mI\u{e9}="]
    {
        assert_eq!(Crc64::from_base64(nonsense), None, "{nonsense}");
    }
}

fn reference(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes)
}

proptest! {
    #[test]
    fn agrees_with_another_implementation(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        prop_assert_eq!(Crc64::of(&bytes), Crc64(reference(&bytes)));
    }

    #[test]
    fn it_does_not_matter_how_bytes_are_cut(
        bytes in prop::collection::vec(any::<u8>(), 0..500),
        cuts in prop::collection::vec(0usize..500, 0..5),
    ) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let pieces = || cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        let read = pieces().fold(Crc64::EMPTY, Crc64::and);
        let combined = pieces().fold(Crc64::EMPTY, |whole, piece| whole.then(Crc64::of(piece), piece.len() as u64));
        prop_assert_eq!(read, Crc64::of(&bytes));
        prop_assert_eq!(combined, Crc64::of(&bytes));
    }

    #[test]
    fn base64_comes_back(value in any::<u64>()) {
        prop_assert_eq!(Crc64::from_base64(&Crc64(value).to_base64()), Some(Crc64(value)));
    }
}
