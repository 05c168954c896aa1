//! What a store can do, as far as it has shown.

/// Whether a store knows a way of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Support {
    /// Not tried yet.
    #[default]
    Unknown,
    /// It worked.
    Yes,
    /// The store refused it.
    No,
}

/// What a store can do: worth keeping from one batch to the next, so that no file has to find it out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StoreTraits {
    /// POST forms. R2 has none.
    pub forms: Support,
    /// Uploads in parts.
    pub multipart: Support,
    /// Requests with a checksum; whether the store looks at it is another thing: Ceph 16 does not.
    pub checksums: Support,
}

impl StoreTraits {
    /// Three letters, for [`parse`](Self::parse).
    #[must_use]
    pub fn to_text(self) -> String {
        [self.forms, self.multipart, self.checksums].into_iter().map(Support::letter).collect()
    }

    /// Reads what [`to_text`](Self::to_text) wrote; what it does not understand is unknown.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut letters = text.chars().map(Support::of);
        let mut next = || letters.next().unwrap_or_default();
        Self { forms: next(), multipart: next(), checksums: next() }
    }
}

impl Support {
    fn letter(self) -> char {
        match self {
            Self::Unknown => '?',
            Self::Yes => 'y',
            Self::No => 'n',
        }
    }

    fn of(letter: char) -> Self {
        match letter {
            'y' => Self::Yes,
            'n' => Self::No,
            _ => Self::Unknown,
        }
    }
}
