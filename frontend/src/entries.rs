//! Drops: files, and folders with all that is below them.

use std::collections::VecDeque;

use js_sys::{Array, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

use crate::gather::{Desk, Source};
use crate::handles;

/// What was dropped. The entries can be had within the event only; the files in them later.
pub(crate) fn source(data: &DataTransfer) -> Source {
    let items = data.items();
    handles::keep(&items);
    let mut entries = VecDeque::new();
    for at in 0..items.length() {
        let entry =
            items.get(at).filter(|item| item.kind() == "file").and_then(|it| it.webkit_get_as_entry().ok());
        entries.extend(entry.flatten());
    }
    if entries.is_empty() {
        // What comes from the clipboard has no entries.
        Source::Files(data.files().map(|files| Array::from(&files)).unwrap_or_default())
    } else {
        Source::Entries(entries)
    }
}

/// Offers every file in and below the entries.
pub(crate) async fn walk(desk: &mut Desk, mut entries: VecDeque<FileSystemEntry>) {
    while let Some(entry) = entries.pop_front() {
        if entry.is_directory() {
            let path = path_of(&entry);
            let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
            // In answers of any length: until there are none.
            loop {
                match read_some(&reader).await {
                    Some(some) if some.length() == 0 => break,
                    Some(some) => take(desk, &some, &mut entries).await,
                    None => {
                        desk.offer_unreadable(path.clone());
                        break;
                    }
                }
            }
        } else {
            take(desk, &Array::of1(&entry), &mut entries).await;
        }
    }
}

/// Files that are asked for at the same time. One after the other takes ten times as long. All at once freeze the
/// page: Chromium gives a hundred entries of a folder first and all others, be it ten thousand, in the second answer,
/// and works off what it was asked for in a single task, one to two milliseconds for each file.
const AT_ONCE: usize = 12;

/// Offers the files among the entries, by name, and keeps the folders for later.
async fn take(desk: &mut Desk, some: &Array, folders: &mut VecDeque<FileSystemEntry>) {
    let mut named = Vec::with_capacity(some.length() as usize);
    for entry in some.iter() {
        let entry: FileSystemEntry = entry.unchecked_into();
        named.push((entry.name(), entry));
        desk.breathe().await;
    }
    named.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let some: Vec<FileSystemEntry> = named.into_iter().map(|(_, entry)| entry).collect();
    for slice in some.chunks(AT_ONCE) {
        take_slice(desk, slice, folders).await;
    }
}

async fn take_slice(desk: &mut Desk, some: &[FileSystemEntry], folders: &mut VecDeque<FileSystemEntry>) {
    let files = Array::new();
    let mut paths = Vec::new();
    for entry in some {
        if entry.is_directory() {
            folders.push_back(entry.clone());
        } else {
            paths.push(path_of(entry));
            files.push(&file_of(entry.unchecked_ref()));
        }
    }
    let Ok(files) = JsFuture::from(Promise::all(&files)).await else { return };
    let files = files.unchecked_into::<Array>();
    for (file, path) in files.iter().zip(paths) {
        match file.dyn_into::<File>() {
            Ok(file) => desk.offer(path, &file),
            Err(_) => desk.offer_unreadable(path),
        }
        desk.breathe().await;
    }
}

/// Path below what was dropped. An entry's own path begins with `/`.
fn path_of(entry: &FileSystemEntry) -> String {
    let path = entry.full_path();
    path.strip_prefix('/').map(str::to_owned).unwrap_or(path)
}

/// The file of an entry; something else if it cannot be read.
fn file_of(entry: &FileSystemFileEntry) -> Promise {
    Promise::new(&mut |resolve, _| entry.file_with_callback_and_callback(&resolve, &resolve))
}

/// The next entries of a folder; none if it cannot be read.
async fn read_some(reader: &FileSystemDirectoryReader) -> Option<Array> {
    let promise = Promise::new(&mut |resolve, reject| {
        let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
    });
    JsFuture::from(promise).await.ok().map(JsCast::unchecked_into)
}
