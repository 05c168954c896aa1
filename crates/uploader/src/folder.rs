//! What is in a folder.
//!
//! As a browser tells it of a folder that is dropped: paths begin with the folder's own name, and hidden files count. So
//! a batch that was begun on one side is found again on the other.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use transfer::port::FileFacts;
use transfer::wire::{UnixMillis, is_junk, media_type_of};
use unicode_normalization::UnicodeNormalization;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the engine is told of it.
    pub facts: FileFacts,
    /// Where it is.
    pub place: PathBuf,
}

/// What was found and is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its path, as well as it can be shown.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Why something is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A file that the system keeps for itself, such as `.DS_Store`.
    Junk,
    /// A symbolic link: what it leads to is sent only where it is.
    Link,
    /// A socket, a pipe or a device.
    Special,
    /// Its name is not text (UTF-8).
    Name,
    /// Another file has the same name, written with other code points.
    SameName,
    /// It cannot be read.
    Unreadable(String),
}

impl Why {
    /// One word, for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Junk => "junk",
            Self::Link => "link",
            Self::Special => "special",
            Self::Name => "name",
            Self::SameName => "same_name",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether somebody will miss it.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        !matches!(self, Self::Junk | Self::Link | Self::Special)
    }
}

/// All that is in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// Files, sorted by name, those of a folder before those of the folders in it.
    pub files: Vec<Found>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
}

/// Reads a folder and all below it. Nothing is opened; links are not followed.
///
/// # Errors
/// If it is no folder, or cannot be read itself.
pub fn walk(root: &Path) -> io::Result<Folder> {
    let root = root.canonicalize()?;
    let mut walk = Walk { folder: Folder::default(), names: HashSet::new() };
    // What is in `/` has no folder's name.
    let name = match root.file_name().map(|name| name.to_str()) {
        Some(Some(name)) => format!("{}/", nfc(name)),
        Some(None) => {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "its name is not text (UTF-8)"));
        }
        None => String::new(),
    };
    let mut folders = vec![(root.clone(), name)];
    let mut first = true;
    while let Some((folder, prefix)) = folders.pop() {
        match walk.read(&folder, &prefix) {
            // The last to be put there is the first to be taken.
            Ok(below) => folders.extend(below.into_iter().rev()),
            Err(error) if first => return Err(error),
            Err(error) => walk.leave(prefix.trim_end_matches('/').to_owned(), unreadable(&error)),
        }
        first = false;
    }
    Ok(walk.folder)
}

struct Walk {
    folder: Folder,
    names: HashSet<String>,
}

impl Walk {
    /// Takes the files of a folder; answers the folders in it.
    fn read(&mut self, folder: &Path, prefix: &str) -> io::Result<Vec<(PathBuf, String)>> {
        let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                self.leave(format!("{prefix}{}", name.to_string_lossy()), Why::Name);
                continue;
            };
            let (path, place) = (format!("{prefix}{}", nfc(name)), entry.path());
            match entry.metadata() {
                Err(error) => self.leave(path, unreadable(&error)),
                Ok(about) if about.is_dir() => folders.push((place, format!("{path}/"))),
                Ok(about) if about.is_symlink() => self.leave(path, Why::Link),
                Ok(about) if !about.is_file() => self.leave(path, Why::Special),
                Ok(_) if is_junk(&path) => self.leave(path, Why::Junk),
                Ok(_) if !self.names.insert(path.clone()) => self.leave(path, Why::SameName),
                Ok(about) => self.folder.files.push(Found { facts: facts(path, &about), place }),
            }
        }
        Ok(folders)
    }

    fn leave(&mut self, path: String, why: Why) {
        self.folder.left_out.push(LeftOut { path, why });
    }
}

fn unreadable(error: &io::Error) -> Why {
    Why::Unreadable(error.to_string())
}

fn facts(path: String, about: &Metadata) -> FileFacts {
    let media_type = media_type_of(&path, "");
    FileFacts { path, size: about.len(), modified: modified(about), media_type }
}

/// When a file was last changed. One from before 1970, or of a system that keeps no times, counts as of then.
pub(crate) fn modified(about: &Metadata) -> UnixMillis {
    let since = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    UnixMillis(since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)))
}

/// One name, one way of writing it: macOS and some network file systems hand out form D.
#[must_use]
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn takes_what_a_browser_would_take_in_order() {
        let data = tempfile::tempdir().unwrap();
        let root = data.path().join("Cafe\u{301}");
        for folder in ["", "b", "a", "a/.hidden"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        let names = [
            "z.jpg",
            "b/2.jpg",
            "b/10.jpg",
            "a/new\nline 🏖.jpg",
            "a/.hidden/x.png",
            ".DS_Store",
            "Thumbs.db",
        ];
        for name in names {
            fs::write(root.join(name), name).unwrap();
        }
        // The same name twice: with a letter and a mark, and as one letter.
        fs::write(root.join("e\u{301}.jpg"), "1").unwrap();
        fs::write(root.join("\u{e9}.jpg"), "22").unwrap();
        fs::write(root.join(OsStr::from_bytes(b"\xff.jpg")), "").unwrap();
        symlink(root.join("z.jpg"), root.join("link.jpg")).unwrap();
        symlink(&root, root.join("round")).unwrap();

        let found = walk(&root).unwrap();
        let paths: Vec<&str> = found.files.iter().map(|file| file.facts.path.as_str()).collect();
        let name = "Caf\u{e9}";
        assert_eq!(
            paths,
            [
                format!("{name}/\u{e9}.jpg"),
                format!("{name}/z.jpg"),
                format!("{name}/a/new\nline 🏖.jpg"),
                format!("{name}/a/.hidden/x.png"),
                format!("{name}/b/10.jpg"),
                format!("{name}/b/2.jpg"),
            ]
        );
        assert_eq!((found.files[0].facts.size, found.files[3].facts.media_type.as_str()), (1, "image/png"));
        let left: Vec<_> = found.left_out.iter().map(|left| left.why.word()).collect();
        assert_eq!(left, ["junk", "junk", "link", "link", "same_name", "name"]);
    }

    #[test]
    fn says_what_is_no_folder() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("file"), "").unwrap();
        assert!(walk(&data.path().join("file")).is_err());
        assert_eq!(walk(&data.path().join("nowhere")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(walk(data.path()).unwrap().files.len(), 1);
    }
}
