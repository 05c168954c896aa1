//! Galleries.

use crate::text::figure::count;
use crate::text::words::GalleryWords;

pub(super) static GALLERY: GalleryWords = GalleryWords {
    images: "Images",
    nothing: "Nothing is stored here yet.",
    nothing_found: |text| format!("Nothing here has “{text}” in its name or folder."),
    find: "Part of a name or folder",
    search: "Search",
    show_all: "Show all",
    beyond: |images| match images {
        1 => "The newest were searched. 1 older file was not.".to_owned(),
        images => format!("The newest were searched. {} older files were not.", count(images)),
    },
    search_older: "Search older ones",
    keys: "Arrow keys move. Space selects, with Shift everything in between. Enter opens.",
    total: |total| match total {
        1 => "1 file".to_owned(),
        total => format!("{} files", count(total)),
    },
    chosen: |chosen| format!("{} selected", count(chosen)),
    most: "At most 1,000 can be selected at a time.",
    clear: "Clear",
    download: "Download",
    one_by_one: "Files are downloaded one after the other. Your browser may ask whether it may.",
    delete: "Delete",
    delete_sure: |doomed| match doomed {
        1 => "Delete this file from the bucket?".to_owned(),
        doomed => format!("Delete {} files from the bucket?", count(doomed)),
    },
    delete_what: "They cannot be brought back. The receipt keeps saying that they were there.",
    keep: "Keep",
    deleted: |deleted| match deleted {
        1 => "1 file was deleted.".to_owned(),
        deleted => format!("{} files were deleted.", count(deleted)),
    },
    no_preview: "Browsers cannot show this file. Download it to look at it.",
    previous: "Previous",
    next: "Next",
    close: "Close",
};
