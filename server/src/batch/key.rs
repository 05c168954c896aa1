//! From the path of a file to the key of its object.
//!
//! A key is the batch's prefix and what the project's template makes of the item: its path, if nothing else was said. The
//! path is brought into Unicode's form C, because macOS hands out form D and a person who searches types form C. Control
//! characters, which no XML listing can carry, and backslashes, which tools on Windows take for folders, become `_`. The ledger keeps the path as it was announced, and the
//! receipt shows both. Should two paths of a batch make one key, the second item is refused as a duplicate: it is
//! shown to the person, never silently lost. Under a template of its own a project's files may well have one key; then the
//! ledger tells the later ones apart by their numbers.
//!
//! So a key is made once, when its item is announced. Afterwards it is what the ledger says.

use time::OffsetDateTime;
use transfer::wire::{
    Day, ItemIndex, KeyFacts, KeyTemplate, LONGEST_MARK, MAX_KEY_BYTES, Placeholder, Refusal, UnixMillis,
};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// Longest name of a person in a key, in characters.
const MAX_PERSON: usize = 64;

/// What the keys of a batch are made by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys<'a> {
    /// The batch's, with a slash at the end.
    pub(crate) prefix: &'a str,
    /// The batch's.
    pub(crate) template: &'a KeyTemplate,
}

impl Keys<'_> {
    /// The whole key of an item, unless another one of its batch has it.
    ///
    /// # Errors
    /// `PathTooLong`, also if only a mark would make it so; `PathUnsafe`.
    pub(super) fn key(self, path: &str, index: ItemIndex) -> Result<String, Refusal> {
        let Self { prefix, template } = self;
        let path = object_path(path);
        let uuid = if template.has(Placeholder::Uuid) { Uuid::new_v4().to_string() } else { String::new() };
        let facts = KeyFacts { path: &path, number: u64::from(index.0) + 1, uuid: &uuid };
        let key = format!("{prefix}{}", template.key(&facts)?);
        let mark = if template.is_path() { 0 } else { LONGEST_MARK };
        if key.len() + mark > MAX_KEY_BYTES {
            return Err(Refusal::PathTooLong { max_bytes: MAX_KEY_BYTES });
        }
        Ok(key)
    }
}

/// The template of a batch: its project's, with the day and the person filled in.
pub(super) fn template_of(project: &KeyTemplate, opened_at: UnixMillis, person: &str) -> KeyTemplate {
    let seconds = i64::try_from(opened_at.0 / 1_000).unwrap_or_default();
    let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
    let year = u16::try_from(date.year()).unwrap_or_default();
    project.of_batch(Day { year, month: date.month().into(), day: date.day() }, &slug(person))
}

/// A person's name as a part of a key: letters and digits of any script, small, with `-` between.
fn slug(name: &str) -> String {
    let plain: String = name
        .nfc()
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .take(MAX_PERSON)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

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
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
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
    fn a_template_says_what_follows_the_prefix() {
        let project: KeyTemplate = "{date}/{person}/{path}".parse().unwrap();
        // The last second of a leap day, in UTC.
        let template = template_of(&project, UnixMillis(1_709_251_199_999), "Ada L. <ada@studio.example>");
        let keys = Keys { prefix: "photos/b1/", template: &template };
        let key = keys.key("Cafe\u{301}.jpg", ItemIndex(0)).unwrap();
        assert_eq!(key, "photos/b1/2024-02-29/ada-l-ada-studio-example/Café.jpg");
        assert_eq!(slug("山田 花子"), "山田-花子");
    }

    #[test]
    fn a_key_has_room_for_a_mark() {
        let path = |bytes: usize| "k".repeat(bytes - "photos/b1/".len());
        let of = |template: &str, bytes: usize| {
            let template = template.parse().unwrap();
            Keys { prefix: "photos/b1/", template: &template }
                .key(&path(bytes), ItemIndex(0))
                .map(|key| key.len())
        };
        let too_long = Err(Refusal::PathTooLong { max_bytes: 1_024 });
        assert_eq!(of("{path}", 1_024), Ok(1_024));
        assert_eq!(of("{path}", 1_025), too_long);
        assert_eq!(of("{name}", 1_024 - LONGEST_MARK), Ok(1_024 - LONGEST_MARK));
        assert_eq!(of("{name}", 1_025 - LONGEST_MARK), too_long);
        assert_eq!(of("{uuid}", 1_024).unwrap(), "photos/b1/".len() + 36);
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
