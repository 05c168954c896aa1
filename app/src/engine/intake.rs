//! The files of the page: those just collected, and those of the batch.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::mem::{Discriminant, discriminant};

use transfer::port::FileFacts;
use transfer::wire::{ItemIndex, NewItem, Refusal, Rules};

/// Whether a file was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It waits to be handed over.
    Accepted,
    /// It is one of the batch's, of an earlier visit: this one.
    Returned(ItemIndex),
    /// It is in the list of the refused.
    Refused,
}

/// A file that was refused on this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// Its path below the folder that was picked.
    pub path: String,
    /// Why.
    pub reason: Refusal,
}

/// Refused files with one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalGroup {
    /// The reason of the first of them.
    pub reason: Refusal,
    /// The paths, in the order in which they came.
    pub paths: Vec<String>,
}

/// The files of the page. Plain data, about 150 bytes a file; the `File` objects are elsewhere, in the same order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intake {
    /// First those of the batch, then those that wait.
    files: Vec<FileFacts>,
    /// Those of an earlier visit that are not here, by the hash of the path.
    away: HashMap<u64, u32>,
    /// Files of an earlier visit that came back and wait to be handed over.
    returned: Vec<FileFacts>,
    /// How many are of the batch.
    handed: usize,
    refused: Vec<RefusedFile>,
    /// Hashes of all paths above: 8 bytes instead of a second copy of each. With 100,000 files, two different paths
    /// have the same one in fewer than one batch of a thousand million.
    paths: HashSet<u64>,
}

impl Intake {
    /// Checks a file and takes it, or notes why not.
    pub fn offer(&mut self, facts: FileFacts, rules: &Rules, prefix: &str) -> Admission {
        if let Some(index) = self.returns(&facts) {
            self.returned.push(facts);
            return Admission::Returned(index);
        }
        let FileFacts { path, size, modified, media_type } = facts;
        let item = NewItem { index: ItemIndex(0), path, size, modified: Some(modified), media_type };
        let checked = rules.check(&item, prefix).and_then(|()| {
            if self.files.len() >= rules.max_items as usize {
                Err(Refusal::TooMany { max: rules.max_items })
            } else if self.paths.insert(hash(&item.path)) {
                Ok(())
            } else {
                Err(Refusal::Duplicate)
            }
        });
        let NewItem { path, media_type, .. } = item;
        match checked {
            Ok(()) => {
                self.files.push(FileFacts { path, size, modified, media_type });
                Admission::Accepted
            }
            Err(reason) => {
                self.refused.push(RefusedFile { path, reason });
                Admission::Refused
            }
        }
    }

    /// The item that the file is, if it is one of an earlier visit that is not here.
    fn returns(&mut self, facts: &FileFacts) -> Option<ItemIndex> {
        let path = hash(&facts.path);
        let index = *self.away.get(&path)?;
        let known = self.files.get(index as usize)?;
        if (known.size, known.modified) == (facts.size, facts.modified) {
            // A second one of that path is a duplicate.
            self.away.remove(&path);
        }
        Some(ItemIndex(index))
    }

    /// More files of a batch of an earlier visit, in the order of their indexes.
    pub fn recall(&mut self, files: Vec<FileFacts>) {
        for file in files {
            let path = hash(&file.path);
            self.paths.insert(path);
            self.away.insert(path, self.handed as u32);
            self.files.insert(self.handed, file);
            self.handed += 1;
        }
    }

    /// How many came back and wait to be handed over.
    #[must_use]
    pub fn returning(&self) -> usize {
        self.returned.len()
    }

    /// The next, at most so many, of those that came back.
    pub fn take_returned(&mut self, at_most: usize) -> Vec<FileFacts> {
        let count = self.returned.len().min(at_most);
        self.returned.drain(..count).collect()
    }

    /// How many wait to be handed over.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.files.len() - self.handed
    }

    /// How many were handed over to the batch.
    #[must_use]
    pub fn handed(&self) -> usize {
        self.handed
    }

    /// Files that were refused and not yet put away.
    #[must_use]
    pub fn refused(&self) -> &[RefusedFile] {
        &self.refused
    }

    /// Whether the person must decide: something was refused that is not just a file the system keeps for itself.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.refused.iter().any(|file| file.reason != Refusal::Junk)
    }

    /// The refused by reason, in the order in which the reasons came up.
    #[must_use]
    pub fn refusal_groups(&self) -> Vec<RefusalGroup> {
        let mut kinds: Vec<Discriminant<Refusal>> = Vec::new();
        let mut groups: Vec<RefusalGroup> = Vec::new();
        for file in &self.refused {
            let kind = discriminant(&file.reason);
            match kinds.iter().position(|known| *known == kind) {
                Some(at) => groups[at].paths.push(file.path.clone()),
                None => {
                    kinds.push(kind);
                    groups.push(RefusalGroup { reason: file.reason.clone(), paths: vec![file.path.clone()] });
                }
            }
        }
        groups
    }

    /// Makes the next waiting files, at most so many, part of the batch, and answers a copy of them.
    pub fn hand_over(&mut self, at_most: usize) -> Vec<FileFacts> {
        let first = self.handed;
        self.handed = self.files.len().min(first + at_most);
        self.files[first..self.handed].to_vec()
    }

    /// The items of the batch whose path has these letters in it, large or small.
    #[must_use]
    pub fn search(&self, wanted: &str) -> Vec<u32> {
        let wanted = wanted.to_lowercase();
        let fits = |path: &str| {
            if path.is_ascii() {
                contains(path.as_bytes(), wanted.as_bytes())
            } else {
                path.to_lowercase().contains(&wanted)
            }
        };
        (0..self.handed as u32).filter(|&item| fits(&self.files[item as usize].path)).collect()
    }

    /// What is known of an item of the batch.
    #[must_use]
    pub fn facts(&self, item: ItemIndex) -> Option<&FileFacts> {
        self.files[..self.handed].get(item.0 as usize)
    }

    /// Forgets the refused.
    pub fn clear_refused(&mut self) {
        self.refused = Vec::new();
    }

    /// Forgets what waits and what was refused; the batch stays.
    pub fn clear_pending(&mut self) {
        for file in self.files.drain(self.handed..) {
            self.paths.remove(&hash(&file.path));
        }
        self.clear_refused();
    }

    /// Forgets the batch; what waits stays, for the next one.
    pub fn clear_batch(&mut self) {
        self.files.drain(..self.handed);
        self.handed = 0;
        self.away.clear();
        self.returned.clear();
        self.paths = self.files.iter().map(|file| hash(&file.path)).collect();
    }
}

/// Without a copy for each of 100,000 paths.
fn contains(path: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || path.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}

fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use transfer::wire::UnixMillis;

    fn file(path: &str, size: u64) -> FileFacts {
        FileFacts {
            path: path.to_owned(),
            size,
            modified: UnixMillis(1),
            media_type: "image/jpeg".to_owned(),
        }
    }

    fn offer(intake: &mut Intake, path: &str) -> Admission {
        intake.offer(file(path, 9), &Rules { max_items: 3, ..Rules::default() }, "p/b/")
    }

    #[test]
    fn takes_a_path_once_even_across_the_batch() {
        let mut intake = Intake::default();
        assert_eq!(offer(&mut intake, "a/1.jpg"), Admission::Accepted);
        assert_eq!(intake.hand_over(10).len(), 1);
        assert_eq!(offer(&mut intake, "a/1.jpg"), Admission::Refused);
        assert_eq!(offer(&mut intake, "b/1.jpg"), Admission::Accepted);
        assert!(intake.asks());
        assert_eq!(intake.refused()[0].reason, Refusal::Duplicate);
        assert_eq!(intake.facts(ItemIndex(0)).map(|it| it.path.as_str()), Some("a/1.jpg"));
    }

    #[test]
    fn knows_the_files_of_an_earlier_visit_again() {
        let mut intake = Intake::default();
        intake.recall(vec![file("a/1.jpg", 9), file("a/2.jpg", 9)]);
        assert_eq!(intake.handed(), 2);
        assert_eq!(offer(&mut intake, "a/2.jpg"), Admission::Returned(ItemIndex(1)));
        assert_eq!(offer(&mut intake, "a/2.jpg"), Admission::Refused, "once");
        let changed = intake.offer(file("a/1.jpg", 8), &Rules::default(), "p/b/");
        assert_eq!(changed, Admission::Returned(ItemIndex(0)), "the engine says what changed");
        assert_eq!(offer(&mut intake, "a/1.jpg"), Admission::Returned(ItemIndex(0)));
        assert_eq!(offer(&mut intake, "a/3.jpg"), Admission::Accepted);
        assert_eq!((intake.returning(), intake.pending()), (3, 1));
        assert_eq!(intake.take_returned(2).len(), 2);
        assert_eq!((intake.take_returned(9).len(), intake.returning()), (1, 0));
        assert_eq!(intake.facts(ItemIndex(1)).map(|it| it.path.as_str()), Some("a/2.jpg"));
    }

    #[test]
    fn finds_letters_anywhere_in_a_path() {
        let mut intake = Intake::default();
        intake.recall(vec![file("Sommer/IMG_1.jpg", 9), file("Übersee/img_2.JPG", 9), file("b/3.jpg", 9)]);
        assert_eq!(intake.search("img"), [0, 1]);
        assert_eq!(intake.search("übersee/"), [1]);
        assert_eq!(intake.search("jpg"), [0, 1, 2]);
        assert_eq!(intake.search("nowhere"), [0; 0]);
        assert_eq!(intake.search(""), [0, 1, 2]);
    }

    #[test]
    fn starting_over_makes_room_again() {
        let mut intake = Intake::default();
        for path in ["1.jpg", "2.jpg", "3.jpg", "4.jpg"] {
            offer(&mut intake, path);
        }
        assert_eq!((intake.pending(), intake.refused().len()), (3, 1));
        assert_eq!(intake.refused()[0].reason, Refusal::TooMany { max: 3 });
        intake.clear_pending();
        assert_eq!(offer(&mut intake, "1.jpg"), Admission::Accepted);
        assert!(!intake.asks());
    }

    #[test]
    fn groups_by_reason_and_does_not_ask_about_junk() {
        let mut intake = Intake::default();
        let rules = Rules::default();
        intake.offer(file(".DS_Store", 9), &rules, "p/b/");
        assert!(!intake.asks());
        intake.offer(file("empty.jpg", 0), &rules, "p/b/");
        intake.offer(FileFacts { media_type: "text/plain".to_owned(), ..file("a.txt", 9) }, &rules, "p/b/");
        intake.offer(
            FileFacts { media_type: "application/pdf".to_owned(), ..file("a.pdf", 9) },
            &rules,
            "p/b/",
        );
        assert!(intake.asks());
        let sizes: Vec<usize> = intake.refusal_groups().iter().map(|group| group.paths.len()).collect();
        assert_eq!(sizes, [1, 1, 2]);
    }
}
