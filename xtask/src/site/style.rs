//! One style sheet out of many: `@import url("x.css");` lines are replaced by the file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Result};

/// Writes the bundle if it differs.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn bundle(main: &Path, output: &Path) -> Result<Option<PathBuf>> {
    let mut text = String::new();
    append(main, &mut text)?;
    if fs::read_to_string(output).is_ok_and(|known| known == text) {
        return Ok(None);
    }
    fs::write(output, text)?;
    Ok(Some(output.to_path_buf()))
}

fn append(file: &Path, text: &mut String) -> Result<()> {
    let source = fs::read_to_string(file).context(file.display())?;
    for line in source.lines() {
        match imported(line) {
            Some(name) => append(&file.with_file_name(name), text)?,
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    Ok(())
}

/// The file that a line imports.
fn imported(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("@import")?.trim().strip_suffix(';')?.trim();
    let rest = rest.strip_prefix("url(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
    rest.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::imported;

    #[test]
    fn only_whole_lines_import() {
        assert_eq!(imported(r#"@import "tokens.css";"#), Some("tokens.css"));
        assert_eq!(imported(r#"  @import url("a/b.css");"#), Some("a/b.css"));
        assert_eq!(imported(r#"a { content: "@import" }"#), None);
    }
}
