//! `*` and `?`, the only letters of a pattern with a meaning.

/// A pattern: `*` is any run of characters, `?` exactly one, everything else itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Vec<char>);

impl Glob {
    pub(crate) fn new(pattern: &str) -> Self {
        Self(pattern.chars().collect())
    }

    /// Whether the whole text fits. Time is at most pattern × text, without recursion.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let pattern = &self.0;
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut from) = (0, 0);
        // After the last `*`: where the pattern goes on, and how far the text may be retried.
        let mut star: Option<(usize, usize)> = None;
        while from < text.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at + 1, from));
                    at += 1;
                }
                Some(&letter) if letter == '?' || letter == text[from] => {
                    at += 1;
                    from += 1;
                }
                _ => match &mut star {
                    None => return false,
                    Some((resume, taken)) => {
                        *taken += 1;
                        (at, from) = (*resume, *taken);
                    }
                },
            }
        }
        pattern[at..].iter().all(|&letter| letter == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Glob;

    /// The definition, exponential and obvious.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(('*', rest)), None) => by_definition(rest, text),
            (Some(('*', rest)), Some((_, tail))) => by_definition(rest, text) || by_definition(pattern, tail),
            (Some(_), None) => false,
            (Some((letter, rest)), Some((head, tail))) => {
                (*letter == '?' || letter == head) && by_definition(rest, tail)
            }
        }
    }

    proptest! {
        #[test]
        fn matches_as_defined(pattern in "[ab*?é]{0,8}", text in "[ab*?é]{0,10}") {
            let letters: Vec<char> = pattern.chars().collect();
            let of_text: Vec<char> = text.chars().collect();
            prop_assert_eq!(Glob::new(&pattern).matches(&text), by_definition(&letters, &of_text));
        }

        #[test]
        fn a_pattern_without_wildcards_matches_only_itself(text in "[a-z/.]{0,12}", other in "[a-z/.]{0,12}") {
            prop_assert!(Glob::new(&text).matches(&text));
            prop_assert_eq!(Glob::new(&text).matches(&other), text == other);
        }
    }
}
