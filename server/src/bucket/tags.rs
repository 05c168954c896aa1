//! The tags of what is uploaded.

use std::fmt;
use std::str::FromStr;

/// Tags of an object at most, and characters of a key and of a value (S3 User Guide, "Categorizing your objects using
/// tags").
const MOST: usize = 10;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// Characters besides letters, digits and spaces (there, "Tag restrictions").
const SIGNS: &str = "+-=._:/@";

/// AWS keeps tags that begin so for itself.
const RESERVED: &str = "aws:";

/// Characters of all keys, twice, and of all values, together with what is written around them in a session policy:
/// what is left of [`MAX_POLICY_CHARS`](crate::grant::MAX_POLICY_CHARS) beside the longest of the rest.
const MOST_IN_POLICY: usize = 500;

/// Tags that every object gets, within S3's limits, and few enough for a session policy, which holds grants to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectTags(Vec<(String, String)>);

/// Why a text is no set of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are no tags that an object may have")]
pub struct InvalidTags;

impl ObjectTags {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The `tagging` field of a form (S3 API reference, "POST Object"). None of the characters that tags may have means
    /// anything in XML.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let tag = |(key, value): (&str, &str)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
        format!("<Tagging><TagSet>{}</TagSet></Tagging>", self.iter().map(tag).collect::<String>())
    }

    /// How many characters they need in a session policy.
    fn in_policy(&self) -> usize {
        let each = |(key, value): (&str, &str)| {
            r#""s3:RequestObjectTag/":"","","#.len() + 2 * escaped(key) + escaped(value)
        };
        self.iter().map(each).sum()
    }
}

/// Characters of a text in JSON that is all printable ASCII without spaces.
fn escaped(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii_graphic() { 1 } else { 6 * c.len_utf16() }).sum()
}

/// Of `x-amz-tagging`: `key=value&key2=value2`, percent-encoded.
impl FromStr for ObjectTags {
    type Err = InvalidTags;

    fn from_str(text: &str) -> Result<Self, InvalidTags> {
        if !text.split('&').all(|pair| pair.contains('=')) {
            return Err(InvalidTags);
        }
        let tags: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|_| InvalidTags)?;
        let allowed = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == ' ' || SIGNS.contains(c));
        let fits = |text: &str, most: usize| allowed(text) && text.chars().count() <= most;
        let sound = |(key, value): &(String, String)| {
            let own = !key.is_empty() && !key.to_ascii_lowercase().starts_with(RESERVED);
            own && fits(key, LONGEST_KEY) && fits(value, LONGEST_VALUE)
        };
        // Policies name a tag without regard to case, so to them two such keys are one.
        let double = tags
            .iter()
            .enumerate()
            .any(|(at, (key, _))| tags.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(key)));
        let tags = Self(tags);
        let short = tags.0.len() <= MOST && tags.in_policy() <= MOST_IN_POLICY;
        if short && !double && tags.0.iter().all(sound) { Ok(tags) } else { Err(InvalidTags) }
    }
}

/// As it is read, and as the header has it. Spaces are `%20`, which every store reads as one.
impl fmt::Display for ObjectTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_urlencoded::to_string(&self.0).unwrap_or_default().replace('+', "%20"))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn tags(text: &str) -> Result<ObjectTags, InvalidTags> {
        text.parse()
    }

    #[test]
    fn tags_are_written_as_each_place_has_them() {
        let these = tags("team=Photo+desk&Jahr=%C3%BC%2B2026&empty=").unwrap();
        assert_eq!(these.to_string(), "team=Photo%20desk&Jahr=%C3%BC%2B2026&empty=");
        assert_eq!(tags(&these.to_string()).unwrap(), these);
        assert_eq!(
            these.to_xml(),
            "<Tagging><TagSet><Tag><Key>team</Key><Value>Photo desk</Value></Tag><Tag><Key>Jahr</Key>\
             <Value>ü+2026</Value></Tag><Tag><Key>empty</Key><Value></Value></Tag></TagSet></Tagging>"
        );
    }

    #[test]
    fn what_s3_or_a_policy_would_not_take_is_refused() {
        let eleven = (0..11).map(|at| format!("{at}=")).collect::<Vec<_>>().join("&");
        let ten = eleven.rsplit_once('&').unwrap().0;
        assert_eq!(tags(ten).unwrap().iter().count(), 10);
        assert!(tags(&format!("{}=", "k".repeat(128))).is_ok());
        assert!(tags(&format!("k={}", "v".repeat(256))).is_ok());
        for bad in [
            &eleven,
            "",
            "team",
            "team=a&",
            "=value",
            "a=1&a=2",
            "team=a&Team=b",
            "aws:team=a",
            "AWS:team=a",
            "a=<b>",
            "a=b%26c",
            "a=b%24%7Bc%7D",
            "a=*",
            "a=%0A",
            "a=%FF",
            &format!("{}=", "k".repeat(129)),
            &format!("k={}", "v".repeat(257)),
            // Each would do alone.
            &format!("a={0}&b={0}", "v".repeat(256)),
        ] {
            assert_eq!(tags(bad), Err(InvalidTags), "{bad}");
        }
    }
}
