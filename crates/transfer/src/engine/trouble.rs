//! Which items are in trouble, so that the list of them can be shown from any row without walking over all items.

/// A set of indexes with rank: a Fenwick tree of counts. Adding, removing and finding the n-th cost O(log n).
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble {
    /// 1-based tree; `tree[0]` is unused.
    tree: Vec<u32>,
    len: u32,
}

impl Trouble {
    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// Makes room for one more index, which is not in trouble.
    pub(super) fn grow(&mut self) {
        if self.tree.is_empty() {
            self.tree.push(0);
        }
        let at = self.tree.len();
        let low = at - (at & at.wrapping_neg());
        let sum = self.below(at - 1) - self.below(low);
        self.tree.push(sum);
    }

    /// Adds an index that is not in the set.
    pub(super) fn insert(&mut self, index: u32) {
        self.len += 1;
        self.walk(index, |count| count.saturating_add(1));
    }

    /// Takes out an index that is in the set.
    pub(super) fn remove(&mut self, index: u32) {
        self.len = self.len.saturating_sub(1);
        self.walk(index, |count| count.saturating_sub(1));
    }

    /// The n-th smallest index, counted from 0.
    pub(super) fn nth(&self, n: u32) -> Option<u32> {
        if n >= self.len {
            return None;
        }
        let mut left = n;
        let mut at = 0;
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            if let Some(&count) = self.tree.get(at + step)
                && count <= left
            {
                at += step;
                left -= count;
            }
            step /= 2;
        }
        u32::try_from(at).ok()
    }

    fn walk(&mut self, index: u32, change: impl Fn(u32) -> u32) {
        let mut at = index as usize + 1;
        while let Some(count) = self.tree.get_mut(at) {
            *count = change(*count);
            at += at & at.wrapping_neg();
        }
    }

    /// How many of the first `count` indexes are in the set.
    fn below(&self, count: usize) -> u32 {
        let (mut at, mut sum) = (count, 0);
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_the_nth_like_a_sorted_list(steps in prop::collection::vec((0u32..300, any::<bool>()), 1..400)) {
            let (mut trouble, mut model) = (Trouble::default(), BTreeSet::new());
            let mut room = 0;
            for (at, grow) in steps {
                if grow || room == 0 {
                    trouble.grow();
                    room += 1;
                }
                let index = at % room;
                if model.remove(&index) { trouble.remove(index) } else { model.insert(index); trouble.insert(index) }
                let listed: Vec<_> = (0..trouble.len()).filter_map(|n| trouble.nth(n)).collect();
                prop_assert_eq!(listed, model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(trouble.nth(trouble.len()), None);
            }
        }
    }
}
