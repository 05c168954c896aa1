//! From the path of a file to the key of its object.
//!
//! A key is the batch's prefix and the path. The path is brought into Unicode's form C, because macOS hands out form
//! D and a person who searches types form C. Control characters, which no XML listing can carry, and backslashes,
//! which tools on Windows take for folders, become `_`. The ledger keeps the path as it was announced, and the
//! receipt shows both. Should two paths of a batch make one key, the second item is refused as a duplicate: it is
//! shown to the person, never silently lost.

use unicode_normalization::UnicodeNormalization;

/// What of the key follows the prefix.
#[must_use]
pub fn object_path(path: &str) -> String {
    path.nfc().map(|c| if is_awkward(c) { '_' } else { c }).collect()
}

/// Controls (C0, DEL, C1), backslash, and the two code points of the first plane that XML has no room for.
fn is_awkward(c: char) -> bool {
    c.is_control() || matches!(c, '\\' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_people_wrote_them() {
        for path in ["Sommer 2026/🏖 #1?.jpg", "a+b%20c&d=e'f\"(g)*.jpg", " .. /a.jpg", "日本/東京.heic"]
        {
            assert_eq!(object_path(path), path);
        }
    }

    #[test]
    fn one_name_in_two_unicode_forms_makes_one_key() {
        assert_eq!(object_path("Cafe\u{301}.jpg"), "Café.jpg");
    }

    #[test]
    fn what_stores_and_tools_trip_over_is_replaced() {
        assert_eq!(object_path("a\\b\nc\u{7f}d\u{85}e\0.jpg"), "a_b_c_d_e_.jpg");
    }
}
