//! How a large file is divided: the browser sends the parts, and the server signs each for exactly its bytes, so both
//! must divide alike.

/// Bytes of a part. At least 5 MiB (S3 user guide, "Multipart upload limits"), and more where a file would otherwise
/// have more parts than a store takes.
pub const PART_SIZE: u64 = 16 << 20;

/// Most parts of a file (S3 user guide, "Multipart upload limits"), less one for rounding.
pub const MOST_PARTS: u64 = 9_999;

const MIB: u64 = 1 << 20;

/// The parts of one file: all of one size, but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartPlan {
    size: u64,
    part_size: u64,
}

impl PartPlan {
    /// For a file of so many bytes, in parts of `part_size` if that is not too many.
    #[must_use]
    pub fn new(size: u64, part_size: u64) -> Self {
        let least = size.div_ceil(MOST_PARTS).div_ceil(MIB).saturating_mul(MIB);
        Self { size, part_size: part_size.max(least).max(1) }
    }

    /// As the server divides.
    #[must_use]
    pub fn of(size: u64) -> Self {
        Self::new(size, PART_SIZE)
    }

    /// As it was divided before; none if a store would not take so many parts.
    #[must_use]
    pub fn again(size: u64, part_size: u64) -> Option<Self> {
        (part_size > 0 && size.div_ceil(part_size) <= MOST_PARTS + 1).then_some(Self { size, part_size })
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(self) -> u64 {
        self.size
    }

    /// Bytes of each part but the last.
    #[must_use]
    pub fn part_size(self) -> u64 {
        self.part_size
    }

    /// How many parts.
    #[must_use]
    pub fn parts(self) -> u32 {
        // The size of parts was chosen so that it fits.
        u32::try_from(self.size.div_ceil(self.part_size)).unwrap_or(u32::MAX)
    }

    /// The first byte of a part, and the one behind its last; parts are counted from 1.
    #[must_use]
    pub fn range(self, number: u32) -> (u64, u64) {
        let from = u64::from(number.saturating_sub(1)).saturating_mul(self.part_size).min(self.size);
        (from, from.saturating_add(self.part_size).min(self.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_file_and_are_never_too_many() {
        for size in [1, PART_SIZE, PART_SIZE + 1, 5 << 40] {
            let plan = PartPlan::of(size);
            assert!(u64::from(plan.parts()) <= MOST_PARTS, "{plan:?}");
            let lengths = (1..=plan.parts()).map(|number| {
                let (from, to) = plan.range(number);
                to - from
            });
            assert_eq!(lengths.sum::<u64>(), size);
            assert_eq!(plan.range(plan.parts() + 1), (size, size), "nothing is behind the last");
        }
    }
}
