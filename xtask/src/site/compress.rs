//! Each text or WASM file of the site gets a `.br` and a `.gz` beside it, which the server prefers.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::{Context, Result};

/// What shrinks; pictures and fonts do not.
const EXTENSIONS: &[&str] = &["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Compresses what is newer than its compressed twin.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn compress(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).context(folder.display())? {
        let path = entry?.path();
        if path.is_dir() {
            compress(&path)?;
        } else if shrinks(&path) && !is_newer(&twin(&path, "br"), &path) {
            let bytes = fs::read(&path)?;
            fs::write(twin(&path, "br"), brotli(&bytes)?)?;
            let mut gzip = GzEncoder::new(File::create(twin(&path, "gz"))?, Compression::best());
            gzip.write_all(&bytes)?;
            gzip.finish()?;
        }
    }
    Ok(())
}

/// Removes the compressed twins of these files: they are of an older build.
///
/// # Errors
/// If one is there and cannot be removed.
pub(super) fn remove(files: &[PathBuf]) -> Result<()> {
    for file in files {
        for extension in ["br", "gz"] {
            let twin = twin(file, extension);
            if twin.exists() {
                fs::remove_file(twin)?;
            }
        }
    }
    Ok(())
}

/// Brotli at its best quality.
///
/// # Errors
/// If the encoder fails.
pub(crate) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut output, &parameters)?;
    Ok(output)
}

fn shrinks(path: &Path) -> bool {
    let hidden = path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with('.'));
    !hidden
        && path.extension().and_then(|e| e.to_str()).is_some_and(|extension| EXTENSIONS.contains(&extension))
}

fn twin(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn is_newer(twin: &Path, original: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    matches!((modified(twin), modified(original)), (Some(twin), Some(original)) if twin >= original)
}
