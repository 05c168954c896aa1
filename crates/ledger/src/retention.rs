//! How long a project keeps what it stores.

/// The longest retention in days: a hundred years, near enough to what S3 takes (a positive 32-bit number).
const MOST_DAYS: u32 = 36_500;

/// Days that something is kept: 1 to 36,500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeepDays(u32);

impl KeepDays {
    /// So many days, if a retention can have so many.
    #[must_use]
    pub fn new(days: u32) -> Option<Self> {
        (1..=MOST_DAYS).contains(&days).then_some(Self(days))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// How long a project keeps what it stores, by its owner's decision. The bucket carries it out, by a rule of its
/// lifecycle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retention {
    /// Until somebody deletes it.
    #[default]
    ForEver,
    /// So many days after it was stored.
    Days(KeepDays),
}

impl Retention {
    /// The days, if it ends.
    #[must_use]
    pub fn days(self) -> Option<KeepDays> {
        match self {
            Self::ForEver => None,
            Self::Days(days) => Some(days),
        }
    }
}

/// Whether the bucket was seen to have the rule of a project's retention, since that was last changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Holding {
    /// Not yet: nothing is deleted by it, as far as is known.
    #[default]
    Unseen,
    /// It has the rule.
    Seen,
}
