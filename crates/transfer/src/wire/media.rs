//! Media types by file name, where the browser knows none (HEIC and raw files come with an empty type).

/// Extensions of photographs, in lower case, with the type that cameras and IANA use.
const BY_EXTENSION: &[(&str, &str)] = &[
    ("arw", "image/x-sony-arw"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("cr2", "image/x-canon-cr2"),
    ("cr3", "image/x-canon-cr3"),
    ("dng", "image/x-adobe-dng"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("jfif", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("jxl", "image/jxl"),
    ("nef", "image/x-nikon-nef"),
    ("orf", "image/x-olympus-orf"),
    ("png", "image/png"),
    ("raf", "image/x-fuji-raf"),
    ("rw2", "image/x-panasonic-rw2"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("webp", "image/webp"),
];

/// The media type of a file: what the browser said, or what its extension says, or unknown bytes.
#[must_use]
pub fn media_type_of(path: &str, said: &str) -> String {
    let said = said.trim();
    if !said.is_empty() && said != "application/octet-stream" && is_media_type(said) {
        return said.to_ascii_lowercase();
    }
    media_type_by_name(path).unwrap_or("application/octet-stream").to_owned()
}

/// The media type that a photograph's extension says. To ask a browser costs it a question to another process for each
/// file, and it knows no more.
#[must_use]
pub fn media_type_by_name(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    let known = BY_EXTENSION.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
    known.map(|(_, kind)| *kind)
}

/// Whether a text may stand in a `Content-Type` header without surprises.
fn is_media_type(text: &str) -> bool {
    text.len() <= 127
        && text.split('/').count() == 2
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/!#$&-^_.+".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_the_browser_then_the_name() {
        assert_eq!(media_type_of("a.jpg", "image/PNG"), "image/png");
        assert_eq!(media_type_of("a/IMG_1.HEIC", ""), "image/heic");
        assert_eq!(media_type_of("a.jpg", "image/jpeg\r\nX: y"), "image/jpeg");
        assert_eq!(media_type_of("a.b/noextension", ""), "application/octet-stream");
    }
}
