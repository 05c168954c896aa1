//! Key templates: what of an object's key comes after the prefix of its batch.
//!
//! Every key begins with `<project prefix>/<batch id>/`, which a template cannot change: grants, verification and undo
//! hold to it. The template says the rest, such as `{date}/{person}/{path}`. What is the same for a whole batch is
//! [filled in](KeyTemplate::of_batch) when the batch is opened; what is left makes a [key](KeyTemplate::key) of each item.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::thumbnail::RESERVED;

/// Longest template, in characters: with the prefix far below the 1,024 bytes of a key, so that a path has room.
pub const MAX_KEY_TEMPLATE: usize = 256;

/// What [`marked`] makes a key longer by, at most, in bytes: 11 for a number of 32 bits, 9 for the turn.
pub const LONGEST_MARK: usize = 20;

/// What of an object's key comes after the prefix of its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplate {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Place(Placeholder),
}

/// Something that a template leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `{path}`: the whole path below the folder that was picked.
    Path,
    /// `{folder}`: the path without the file's name; nothing for a file that was picked by itself.
    Folder,
    /// `{name}`: the file's name.
    Name,
    /// `{stem}`: the file's name without its extension.
    Stem,
    /// `{ext}`: the extension, without the dot.
    Ext,
    /// `{date}`: the day when the batch was opened, in UTC, as `2026-07-04`.
    Date,
    /// `{year}` of that day.
    Year,
    /// `{month}` of that day, with two digits.
    Month,
    /// `{day}` of that day, with two digits.
    Day,
    /// `{person}`: who sends it.
    Person,
    /// `{number}`: the item's number in its batch, from 000001.
    Number,
    /// `{uuid}`: a name that nobody can guess.
    Uuid,
}

impl Placeholder {
    /// All, as a page lists them.
    pub const ALL: [Self; 12] = [
        Self::Path,
        Self::Folder,
        Self::Name,
        Self::Stem,
        Self::Ext,
        Self::Date,
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Person,
        Self::Number,
        Self::Uuid,
    ];

    /// As it is written in a template, with braces.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Path => "{path}",
            Self::Folder => "{folder}",
            Self::Name => "{name}",
            Self::Stem => "{stem}",
            Self::Ext => "{ext}",
            Self::Date => "{date}",
            Self::Year => "{year}",
            Self::Month => "{month}",
            Self::Day => "{day}",
            Self::Person => "{person}",
            Self::Number => "{number}",
            Self::Uuid => "{uuid}",
        }
    }

    fn written(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.text() == text)
    }

    /// Whether keys can differ by it. Folders, dates and extensions are shared by many files.
    fn tells_apart(self) -> bool {
        matches!(self, Self::Path | Self::Name | Self::Number | Self::Uuid)
    }
}

/// A day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Such as 2026.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// What a key is made of, of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFacts<'a> {
    /// Its path, without empty parts, `.` and `..`.
    pub path: &'a str,
    /// Its number in the batch, counted from 1.
    pub number: u64,
    /// A name that no other item has.
    pub uuid: &'a str,
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplateError {
    /// At which character, counted from 1.
    pub at: usize,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// More than [`MAX_KEY_TEMPLATE`] characters.
    TooLong,
    /// A character that cannot be there.
    Character(char),
    /// A brace that nothing closes.
    Unclosed,
    /// Braces around something else than the name of a placeholder.
    Unknown(String),
    /// Nothing between two slashes, before the first, or after the last.
    EmptyPart,
    /// Dots that stand for this folder or the one above.
    Dots,
    /// The folder where thumbnails are.
    Reserved,
    /// Nothing in which the keys of a batch differ.
    AllTheSame,
}

impl std::error::Error for KeyTemplateError {}

impl fmt::Display for KeyTemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at;
        match &self.flaw {
            Flaw::TooLong => {
                write!(f, "A key template has at most {MAX_KEY_TEMPLATE} characters; shorten it.")
            }
            Flaw::Character(c) => {
                write!(
                    f,
                    "`{c}` (character {at}) cannot be in a key template; use A-Z a-z 0-9 _ . - / and placeholders."
                )
            }
            Flaw::Unclosed => {
                write!(f, "The brace at character {at} is not closed; write it as in `{{date}}`.")
            }
            Flaw::Unknown(name) => {
                write!(f, "`{name}` (character {at}) is no placeholder; there are")?;
                Placeholder::ALL.iter().try_for_each(|place| write!(f, " {}", place.text()))?;
                f.write_str(".")
            }
            Flaw::EmptyPart => {
                write!(f, "At character {at} nothing stands beside a slash; take the slash away.")
            }
            Flaw::Dots => write!(f, "The dots at character {at} would name another folder; take them away."),
            Flaw::Reserved => write!(f, "`{RESERVED}` is kept for thumbnails; begin with another folder."),
            Flaw::AllTheSame => f.write_str(
                "Files would all get the same key; add one of {path}, {name}, {number} and {uuid}.",
            ),
        }
    }
}

impl Default for KeyTemplate {
    /// The path alone.
    fn default() -> Self {
        Self { parts: vec![Part::Place(Placeholder::Path)] }
    }
}

impl fmt::Display for KeyTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Place(place) => f.write_str(place.text()),
        })
    }
}

impl FromStr for KeyTemplate {
    type Err = KeyTemplateError;

    /// Reads what an admin wrote: placeholders, and `A-Z a-z 0-9 _ . - /` around them.
    fn from_str(text: &str) -> Result<Self, KeyTemplateError> {
        if text.chars().count() > MAX_KEY_TEMPLATE {
            return Err(KeyTemplateError { at: MAX_KEY_TEMPLATE + 1, flaw: Flaw::TooLong });
        }
        let template = read(text, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-'))?;
        let mut at = 1;
        for (place, part) in text.split('/').enumerate() {
            let flaw = match part {
                "" if !text.is_empty() => Some(Flaw::EmptyPart),
                "." => Some(Flaw::Dots),
                _ if part.contains("..") => Some(Flaw::Dots),
                RESERVED if place == 0 => Some(Flaw::Reserved),
                _ => None,
            };
            if let Some(flaw) = flaw {
                return Err(KeyTemplateError { at, flaw });
            }
            at += part.chars().count() + 1;
        }
        if template.parts.iter().any(|part| matches!(part, Part::Place(place) if place.tells_apart())) {
            Ok(template)
        } else {
            Err(KeyTemplateError { at: text.chars().count().max(1), flaw: Flaw::AllTheSame })
        }
    }
}

impl KeyTemplate {
    /// Reads the template of a batch as it was written down: the name of a person that was filled in may have letters of
    /// any script.
    ///
    /// # Errors
    /// Where braces are not those of a placeholder.
    pub fn of_ledger(text: &str) -> Result<Self, KeyTemplateError> {
        read(text, |c| c != '}')
    }

    /// Whether keys are the paths.
    #[must_use]
    pub fn is_path(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Place(Placeholder::Path)])
    }

    /// Whether it has a placeholder.
    #[must_use]
    pub fn has(&self, place: Placeholder) -> bool {
        self.parts.contains(&Part::Place(place))
    }

    /// With the day and the person filled in. What has a meaning in paths or in templates becomes `-` in the name.
    #[must_use]
    pub fn of_batch(&self, day: Day, person: &str) -> Self {
        let Day { year, month, day } = day;
        let person = if person.is_empty() { "someone" } else { person };
        let parts = self.parts.iter().map(|part| {
            let Part::Place(place) = part else { return part.clone() };
            Part::Literal(match place {
                Placeholder::Date => format!("{year:04}-{month:02}-{day:02}"),
                Placeholder::Year => format!("{year:04}"),
                Placeholder::Month => format!("{month:02}"),
                Placeholder::Day => format!("{day:02}"),
                Placeholder::Person => {
                    person.chars().map(|c| if matches!(c, '/' | '.' | '{' | '}') { '-' } else { c }).collect()
                }
                other => return Part::Place(*other),
            })
        });
        Self { parts: parts.collect() }
    }

    /// What follows the prefix in the key of an item. A folder that comes out empty is left out, and so is the dot before
    /// an extension that a file has not. Length is the caller's to check.
    ///
    /// # Errors
    /// `PathUnsafe` if a part came out as `.` or `..`, nothing is left, or the first is where thumbnails are.
    pub fn key(&self, item: &KeyFacts<'_>) -> Result<String, Refusal> {
        let (folder, name) = item.path.rsplit_once('/').unwrap_or(("", item.path));
        let (stem, ext) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""));
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Place(Placeholder::Path) => filled.push_str(item.path),
                Part::Place(Placeholder::Folder) => filled.push_str(folder),
                Part::Place(Placeholder::Name) => filled.push_str(name),
                Part::Place(Placeholder::Stem) => filled.push_str(stem),
                Part::Place(Placeholder::Ext) if ext.is_empty() => {
                    if filled.ends_with('.') {
                        filled.pop();
                    }
                }
                Part::Place(Placeholder::Ext) => filled.push_str(ext),
                Part::Place(Placeholder::Number) => filled.push_str(&format!("{:06}", item.number)),
                Part::Place(Placeholder::Uuid) => filled.push_str(item.uuid),
                // The batch's, which is filled in before.
                Part::Place(
                    Placeholder::Date
                    | Placeholder::Year
                    | Placeholder::Month
                    | Placeholder::Day
                    | Placeholder::Person,
                ) => {}
            }
        }
        let mut key = String::with_capacity(filled.len());
        for part in filled.split('/').filter(|part| !part.is_empty()) {
            if matches!(part, "." | "..") || (key.is_empty() && part == RESERVED) {
                return Err(Refusal::PathUnsafe);
            }
            if !key.is_empty() {
                key.push('/');
            }
            key.push_str(part);
        }
        if key.is_empty() { Err(Refusal::PathUnsafe) } else { Ok(key) }
    }
}

/// A key for an item whose own is taken by another of its batch: `a/b-42.jpg` for `a/b.jpg` and number 42.
///
/// The number is the item's, which no order of arrival changes. Should a file have that very name, the turns after the
/// first count on.
#[must_use]
pub fn marked(key: &str, number: u64, turn: u32) -> String {
    let name = key.rfind('/').map_or(0, |slash| slash + 1);
    let dot = key.rfind('.').filter(|dot| *dot > name).unwrap_or(key.len());
    let (stem, ext) = key.split_at(dot);
    if turn <= 1 { format!("{stem}-{number}{ext}") } else { format!("{stem}-{number}-{turn}{ext}") }
}

/// Placeholders, and between them characters that fit.
fn read(text: &str, fits: fn(char) -> bool) -> Result<KeyTemplate, KeyTemplateError> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut open: Option<(usize, String)> = None;
    for (before, c) in text.chars().enumerate() {
        let at = before + 1;
        match open.take() {
            Some((begun, mut name)) => {
                if c == '{' || c == '/' {
                    return Err(KeyTemplateError { at: begun, flaw: Flaw::Unclosed });
                }
                name.push(c);
                if c != '}' {
                    open = Some((begun, name));
                } else if let Some(place) = Placeholder::written(&name) {
                    parts.push(Part::Place(place));
                } else {
                    return Err(KeyTemplateError { at: begun, flaw: Flaw::Unknown(name) });
                }
            }
            None if c == '{' => {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                open = Some((at, c.into()));
            }
            None if fits(c) => literal.push(c),
            None => return Err(KeyTemplateError { at, flaw: Flaw::Character(c) }),
        }
    }
    if let Some((at, _)) = open {
        return Err(KeyTemplateError { at, flaw: Flaw::Unclosed });
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(KeyTemplate { parts })
}

#[cfg(test)]
mod tests;
