//! Amounts of bytes, as people write them.

use std::str::FromStr;

/// So many bytes, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount(pub(super) u64);

/// What a unit is called, in lower case and without a `b` at the end, and its bytes.
const UNITS: [(&str, u64); 7] = [
    ("", 1),
    ("k", 1_000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("ki", 1 << 10),
    ("mi", 1 << 20),
    ("gi", 1 << 30),
];

impl FromStr for Amount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a number of bytes, such as 800000, 500k, 10MB or 8MiB";
        let text = text.trim().trim_end_matches("/s").to_ascii_lowercase();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = unit.trim().trim_end_matches('b');
        let (_, bytes) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong)?;
        number.checked_mul(bytes).filter(|bytes| *bytes > 0).map(Self).ok_or(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn reads_what_people_write() {
        let read = |text: &str| text.parse().ok().map(|Amount(bytes)| bytes);
        for (text, bytes) in
            [("800000", 800_000), ("500k", 500_000), ("10MB", 10_000_000), ("8 MiB/s", 8 << 20), ("1B", 1)]
        {
            assert_eq!(read(text), Some(bytes), "{text}");
        }
        for text in ["", "0", "MB", "-1", "1.5MB", "1TBx", "99999999999G"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
