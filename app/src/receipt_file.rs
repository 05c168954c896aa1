//! A receipt as a file of the person's own.

use transfer::wire::Receipt;

use crate::desk::audit::AuditLine;
use crate::text::figure;

/// The receipt as CSV (RFC 4180) in UTF-8 with its mark, which spreadsheets need to read names in any script. A file that
/// was not sent has the key under which an earlier batch holds it, and that batch.
pub(crate) fn as_csv(receipt: &Receipt) -> String {
    let mut csv = String::from("\u{feff}path,key,size,etag,checksum,seen_at,already_in\r\n");
    for line in &receipt.items {
        push_cell(&mut csv, &line.path);
        csv.push(',');
        push_cell(&mut csv, &line.key);
        csv.push(',');
        csv.push_str(&line.size.to_string());
        csv.push(',');
        push_cell(&mut csv, line.etag.as_deref().unwrap_or_default());
        csv.push(',');
        push_cell(&mut csv, line.checksum.as_deref().unwrap_or_default());
        csv.push(',');
        csv.push_str(&figure::iso(line.seen_at));
        csv.push_str(",\r\n");
    }
    for line in &receipt.skipped {
        push_cell(&mut csv, &line.path);
        csv.push(',');
        push_cell(&mut csv, &line.key);
        csv.push_str(&format!(",{},,,,{}\r\n", line.size, line.batch));
    }
    csv
}

/// The audit log as CSV, in the same way.
pub(crate) fn log_as_csv(lines: &[AuditLine]) -> String {
    let mut csv = String::from("\u{feff}at,who,via,action,subject,detail\r\n");
    for line in lines {
        csv.push_str(&figure::iso(line.at));
        for cell in [&line.who, &line.via, &line.action, &line.subject, &line.detail] {
            csv.push(',');
            push_cell(&mut csv, cell);
        }
        csv.push_str("\r\n");
    }
    csv
}

/// The receipt as JSON, as the API answers it.
pub(crate) fn as_json(receipt: &Receipt) -> String {
    serde_json::to_string(receipt).unwrap_or_default()
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
    use transfer::wire::{BatchState, Receipt, SkippedLine, UnixMillis};

    use super::{as_csv, push_cell};

    #[test]
    fn what_was_not_sent_is_told_with_where_it_is() {
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
            items: Vec::new(),
            skipped: vec![skipped],
        };
        let csv = as_csv(&receipt);
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0].split(',').count(), 7);
        assert_eq!(lines[1], "\"a,b.jpg\",\"p/b1/a,b.jpg\",5,,,,b1");
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
