//! A receipt as a file of the person's own.

use transfer::wire::Receipt;

use crate::desk::audit::AuditLine;
use crate::text::figure;

/// The receipt as CSV (RFC 4180) in UTF-8 with its mark, which spreadsheets need to read names in any script. A file that
/// was not sent has the key under which an earlier batch holds it, and that batch. One that was sent to replace the copy of
/// an earlier batch has that batch, the key of the copy, and what became of it.
pub(crate) fn as_csv(receipt: &Receipt) -> String {
    let mut csv = String::from(
        "\u{feff}path,key,size,etag,checksum,seen_at,already_in,replaces_in,replaces_key,earlier_copy\r\n",
    );
    for line in &receipt.items {
        let size = line.size.to_string();
        let seen_at = figure::iso(line.seen_at);
        let (etag, checksum) = (line.etag.as_deref(), line.checksum.as_deref());
        let (batch, key, fate) = line.replaces.as_ref().map_or(("", "", ""), |earlier| {
            (earlier.batch.as_str(), earlier.key.as_str(), earlier.fate.name())
        });
        let cells = [&*line.path, &line.key, &size, etag.unwrap_or_default(), checksum.unwrap_or_default()];
        push_line(&mut csv, cells.into_iter().chain([seen_at.as_str(), "", batch, key, fate]));
    }
    for line in &receipt.skipped {
        let size = line.size.to_string();
        let cells = [&*line.path, &line.key, &size, "", "", "", line.batch.as_str(), "", "", ""];
        push_line(&mut csv, cells.into_iter());
    }
    csv
}

/// The audit log as CSV, in the same way.
pub(crate) fn log_as_csv(lines: &[AuditLine]) -> String {
    let mut csv = String::from("\u{feff}at,who,via,action,subject,detail\r\n");
    for line in lines {
        let cells = [&line.who, &line.via, &line.action, &line.subject, &line.detail].map(String::as_str);
        push_line(&mut csv, [figure::iso(line.at).as_str()].into_iter().chain(cells));
    }
    csv
}

/// The receipt as JSON, as the API answers it.
pub(crate) fn as_json(receipt: &Receipt) -> String {
    serde_json::to_string(receipt).unwrap_or_default()
}

fn push_line<'a>(csv: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            csv.push(',');
        }
        push_cell(csv, cell);
    }
    csv.push_str("\r\n");
}

/// Quotes what must be quoted, and takes the meaning from what a spreadsheet would run as a formula: a file's name
/// comes from whoever made the file.
fn push_cell(csv: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.contains(['"', ',', '\r', '\n']) {
        csv.push_str(text);
        return;
    }
    csv.push('"');
    if formula {
        csv.push('\'');
    }
    for character in text.chars() {
        if character == '"' {
            csv.push('"');
        }
        csv.push(character);
    }
    csv.push('"');
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use transfer::wire::{
        BatchState, EarlierCopy, EarlierFate, Receipt, ReceiptLine, SkippedLine, UnixMillis,
    };

    use super::{as_csv, push_cell};

    #[test]
    fn what_was_not_sent_and_what_was_replaced_is_told_with_where_it_is() {
        let stored = ReceiptLine {
            path: "c.jpg".to_owned(),
            key: "p/b2/c.jpg".to_owned(),
            size: 6,
            etag: None,
            checksum: None,
            seen_at: UnixMillis(0),
            replaces: Some(EarlierCopy {
                batch: "b1".parse().unwrap(),
                key: "p/b1/c.jpg".to_owned(),
                fate: EarlierFate::Deleted,
            }),
        };
        let skipped = SkippedLine {
            path: "a,b.jpg".to_owned(),
            size: 5,
            batch: "b1".parse().unwrap(),
            key: "p/b1/a,b.jpg".to_owned(),
        };
        let receipt = Receipt {
            batch: "b2".parse().unwrap(),
            project: "p".parse().unwrap(),
            state: BatchState::Verified,
            opened_at: UnixMillis(0),
            verified_at: None,
            undone_at: None,
            items: vec![stored],
            skipped: vec![skipped],
        };
        let csv = as_csv(&receipt);
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0].split(',').count(), 10);
        assert_eq!(lines[1], "c.jpg,p/b2/c.jpg,6,,,1970-01-01T00:00:00Z,,b1,p/b1/c.jpg,deleted");
        assert_eq!(lines[2], "\"a,b.jpg\",\"p/b1/a,b.jpg\",5,,,,b1,,,");
    }

    #[test]
    fn a_name_stays_one_harmless_cell() {
        let cell = |text: &str| {
            let mut csv = String::new();
            push_cell(&mut csv, text);
            csv
        };
        assert_eq!(cell("a/b.jpg"), "a/b.jpg");
        assert_eq!(cell("a,\"b\".jpg"), "\"a,\"\"b\"\".jpg\"");
        assert_eq!(cell("=HYPERLINK(\"x\").jpg"), "\"'=HYPERLINK(\"\"x\"\").jpg\"");
        assert_eq!(cell("-2.jpg"), "\"'-2.jpg\"");
    }
}
