//! The log: what an engine must know to go on in another life, one line a fact.
//!
//! Lines are appended as things happen and never changed; [`Engine::restore`](super::Engine::restore) reads them. Each
//! is a letter and its fields, with tabs between:
//!
//! | line | fields |
//! |---|---|
//! | `B` | the batch: id, prefix, kind of grant, region, and the store's bases |
//! | `A` | an item, the next index: size, modified, media type, path |
//! | `K` | accepted: item, and the key where it is not prefix and path |
//! | `M` | its file is there, and was changed then: item, milliseconds |
//! | `H` | the project may hold it: item, checksum of what it holds, and `r` where that may be replaced |
//! | `Y` | the project holds it: item |
//! | `P` | to be sent in place of what the project holds: item |
//! | `Z` | skipped, because the project holds it: item |
//! | `Q` | what the person wants done with what the project holds |
//! | `S` | stored: item, ETag, checksum |
//! | `F` | given up: item, class |
//! | `C` | taken out: item |
//! | `W` | waits again: item |
//! | `U` | an upload in parts was begun: item, bytes of a part, what the store calls it |
//! | `D` | that upload is no more: item |
//! | `R` | the server knows the outcomes of these items |
//! | `E` | no more files will be added |

use std::fmt::Write as _;

use crate::crc64::Crc64;

/// What is to be done with the log of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persist {
    /// Append these lines.
    Append(String),
    /// Put these lines in place of all there are.
    Replace(String),
    /// The batch is over: throw its log away.
    Forget,
}

/// Lines that are not handed out yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    text: String,
    /// Lines since the log was last written anew.
    lines: usize,
}

impl Journal {
    /// The lines so far, if there are any.
    pub(super) fn take(&mut self) -> Option<String> {
        (!self.text.is_empty()).then(|| std::mem::take(&mut self.text))
    }

    /// How many lines the log has.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    pub(super) fn item(&mut self, letter: char, item: u32) -> &mut Self {
        self.text.push(letter);
        self.number(u64::from(item))
    }

    pub(super) fn line(&mut self, letter: char) -> &mut Self {
        self.text.push(letter);
        self
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "\t{number}");
        self
    }

    pub(super) fn field(&mut self, field: &str) -> &mut Self {
        self.text.push('\t');
        for c in field.chars() {
            match c {
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\\' => self.text.push_str("\\\\"),
                c => self.text.push(c),
            }
        }
        self
    }

    pub(super) fn end(&mut self) {
        self.text.push('\n');
        self.lines += 1;
    }

    pub(super) fn held(&mut self, item: u32, checksum: Crc64, replaceable: bool) {
        self.item('H', item).field(&checksum.to_string());
        if replaceable {
            self.field("r");
        }
        self.end();
    }

    pub(super) fn stored(&mut self, item: u32, etag: Option<&str>, checksum: Option<Crc64>) {
        self.item('S', item).field(etag.unwrap_or_default());
        if let Some(checksum) = checksum {
            self.field(&checksum.to_string());
        }
        self.end();
    }
}

/// A line that was read.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) letter: &'a str,
    fields: std::str::Split<'a, char>,
}

impl<'a> Line<'a> {
    /// All whole lines: what a crash tore off at the end is left.
    pub(super) fn all(log: &'a str) -> impl Iterator<Item = Self> {
        log.split_inclusive('\n').filter_map(|line| {
            let mut fields = line.strip_suffix('\n')?.split('\t');
            Some(Self { letter: fields.next()?, fields })
        })
    }

    pub(super) fn number<T: TryFrom<u64>>(&mut self) -> Option<T> {
        self.fields.next()?.parse::<u64>().ok()?.try_into().ok()
    }

    pub(super) fn field(&mut self) -> Option<String> {
        let raw = self.fields.next()?;
        if !raw.contains('\\') {
            return Some(raw.to_owned());
        }
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw.chars();
        while let Some(c) = rest.next() {
            text.push(match c {
                '\\' => match rest.next()? {
                    't' => '\t',
                    'n' => '\n',
                    other => other,
                },
                c => c,
            });
        }
        Some(text)
    }
}
