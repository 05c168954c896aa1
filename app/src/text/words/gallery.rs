//! The words of galleries.

/// Every word of galleries in one language.
pub(crate) struct GalleryWords {
    pub(crate) images: &'static str,
    pub(crate) nothing: &'static str,
    /// Of a text, by which nothing was found.
    pub(crate) nothing_found: fn(&str) -> String,
    /// The field in which a part of a path is typed.
    pub(crate) find: &'static str,
    pub(crate) search: &'static str,
    pub(crate) show_all: &'static str,
    /// So many older ones were not searched.
    pub(crate) beyond: fn(u64) -> String,
    pub(crate) search_older: &'static str,
    /// How the keyboard works; read aloud.
    pub(crate) keys: &'static str,
    /// So many files are in the gallery.
    pub(crate) total: fn(u64) -> String,
    /// So many are chosen.
    pub(crate) chosen: fn(u64) -> String,
    /// No more can be chosen.
    pub(crate) most: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) download: &'static str,
    /// Of many downloads; read aloud.
    pub(crate) one_by_one: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) delete_sure: fn(u64) -> String,
    pub(crate) delete_what: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) deleted: fn(u64) -> String,
    pub(crate) no_preview: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) close: &'static str,
}
