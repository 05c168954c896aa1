//! CRC-64/NVME: the checksum that S3 keeps of whole objects, also of those that came in parts.
//!
//! Sixteen bytes a step by sixteen tables ("Slicing-by-8", Kounavis and Berry, 2008), because WASM has no carry-less
//! multiplication. The tables, 32 kB, are made at the first use: in the WASM they would be a third of its size.

use std::fmt;
use std::sync::LazyLock;

/// The polynomial 0xAD93D23594C93659 with its bits reversed (NVM Express Base Specification, "64b CRC Polynomials").
const POLYNOMIAL: u64 = 0x9A6C_9329_AC4B_C9B5;

/// `x` to the power of 0: the highest bit, because all bits are reversed.
const ONE: u64 = 1 << 63;

/// Bytes of a step.
const STEP: usize = 16;

type Tables = [[u64; 256]; STEP];

static TABLES: LazyLock<Box<Tables>> = LazyLock::new(tables);

/// The CRC-64/NVME of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crc64(u64);

impl Crc64 {
    /// Of no bytes.
    pub const EMPTY: Self = Self(0);

    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::EMPTY.and(bytes)
    }

    /// Of what this is of, and these bytes behind it.
    #[must_use]
    pub fn and(self, bytes: &[u8]) -> Self {
        let tables: &Tables = &TABLES;
        let mut state = !self.0;
        let (steps, rest) = bytes.as_chunks::<STEP>();
        for step in steps {
            state = advance(tables, state, step);
        }
        for byte in rest {
            state = (state >> 8) ^ tables[0][usize::from(low(state) ^ byte)];
        }
        Self(!state)
    }

    /// Of what this is of, and behind it what `next` is of, which has `length` bytes. No byte is read.
    #[must_use]
    pub fn then(self, next: Self, length: u64) -> Self {
        Self(multiply(power(length), self.0) ^ next.0)
    }

    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("crc64nvme:").and_then(Self::from_base64)
    }

    /// As S3 writes it: base64 of its 8 bytes, the highest first.
    #[must_use]
    pub fn to_base64(self) -> String {
        // Two bits of nothing make 66 of 64: eleven letters, and one to fill up.
        let bits = u128::from(self.0) << 2;
        let letter = |at: usize| char::from(ALPHABET[(bits >> (60 - 6 * at)) as usize & 63]);
        (0..11).map(letter).chain(['=']).collect()
    }

    /// Reads what [`to_base64`](Self::to_base64) wrote.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let letters: &[u8; 11] = text.strip_suffix('=')?.as_bytes().try_into().ok()?;
        let mut bits = 0u128;
        for letter in letters {
            let value = ALPHABET.iter().position(|known| known == letter)?;
            bits = bits << 6 | value as u128;
        }
        (bits & 3 == 0).then_some(Self((bits >> 2) as u64))
    }
}

/// As reports and receipts have it: `crc64nvme:<base64>`.
impl fmt::Display for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("crc64nvme:")?;
        f.write_str(&self.to_base64())
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Sixteen bytes at once. Written out and loaded as one word: the WASM is optimised for size, and as a loop over bytes
/// this had a third of the speed (358 MB/s for 1,071).
fn advance(t: &Tables, state: u64, step: &[u8; STEP]) -> u64 {
    let word = u128::from_le_bytes(*step);
    let (a, b) = (state ^ word as u64, (word >> 64) as u64);
    t[15][usize::from(low(a))]
        ^ t[14][usize::from(low(a >> 8))]
        ^ t[13][usize::from(low(a >> 16))]
        ^ t[12][usize::from(low(a >> 24))]
        ^ t[11][usize::from(low(a >> 32))]
        ^ t[10][usize::from(low(a >> 40))]
        ^ t[9][usize::from(low(a >> 48))]
        ^ t[8][usize::from(low(a >> 56))]
        ^ t[7][usize::from(low(b))]
        ^ t[6][usize::from(low(b >> 8))]
        ^ t[5][usize::from(low(b >> 16))]
        ^ t[4][usize::from(low(b >> 24))]
        ^ t[3][usize::from(low(b >> 32))]
        ^ t[2][usize::from(low(b >> 40))]
        ^ t[1][usize::from(low(b >> 48))]
        ^ t[0][usize::from(low(b >> 56))]
}

/// The lowest byte.
fn low(word: u64) -> u8 {
    word as u8
}

/// `tables[n][byte]`: what a byte makes of the state `n` bytes later.
fn tables() -> Box<Tables> {
    let mut tables = Box::new([[0; 256]; STEP]);
    for (byte, entry) in (0u64..).zip(tables[0].iter_mut()) {
        *entry = (0..8).fold(byte, |state, _| times_x(state));
    }
    for n in 1..STEP {
        for byte in 0..256 {
            let before = tables[n - 1][byte];
            tables[n][byte] = (before >> 8) ^ tables[0][usize::from(low(before))];
        }
    }
    tables
}

/// A polynomial times `x`.
fn times_x(a: u64) -> u64 {
    if a & 1 == 0 { a >> 1 } else { (a >> 1) ^ POLYNOMIAL }
}

/// The product of two polynomials.
fn multiply(a: u64, b: u64) -> u64 {
    let (mut sum, mut b) = (0, b);
    for bit in (0..64).rev() {
        if a >> bit & 1 == 1 {
            sum ^= b;
        }
        b = times_x(b);
    }
    sum
}

/// `x` to the power of as many bits as these bytes have.
fn power(bytes: u64) -> u64 {
    let (mut result, mut square, mut left) = (ONE, ONE >> 8, bytes);
    while left > 0 {
        if left & 1 == 1 {
            result = multiply(result, square);
        }
        square = multiply(square, square);
        left >>= 1;
    }
    result
}

#[cfg(test)]
mod tests;
