//! The texts of an upload in parts: small XML documents, read and written by hand.

use transfer::crc64::Crc64;
use transfer::engine::StoredPart;

/// What the store calls the upload it began.
#[must_use]
pub fn upload(xml: &str) -> Option<String> {
    element(xml, "UploadId").map(unescaped).filter(|id| !id.is_empty())
}

/// The ETag of the object that was completed.
#[must_use]
pub fn etag(xml: &str) -> Option<String> {
    element(xml, "ETag").map(unescaped)
}

/// A page of the parts that the store holds, and whether there are more.
#[must_use]
pub fn parts(xml: &str) -> (Vec<StoredPart>, bool) {
    let read = |part: &str| {
        let number = element(part, "PartNumber")?.parse().ok()?;
        let size = element(part, "Size")?.parse().ok()?;
        let checksum = element(part, "ChecksumCRC64NVME").and_then(Crc64::from_base64);
        Some(StoredPart { number, size, etag: unescaped(element(part, "ETag")?), checksum })
    };
    let parts = xml.split("<Part>").skip(1).filter_map(read).collect();
    (parts, element(xml, "IsTruncated") == Some("true"))
}

/// The body that completes an upload of these parts: number and ETag, without quotes or with them.
#[must_use]
pub fn completion(parts: &[(u32, String)]) -> String {
    let mut xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
    for (number, etag) in parts {
        xml.push_str("<Part><PartNumber>");
        xml.push_str(&number.to_string());
        xml.push_str("</PartNumber><ETag>&quot;");
        for c in etag.trim_matches('"').chars() {
            match c {
                '&' => xml.push_str("&amp;"),
                '<' => xml.push_str("&lt;"),
                '>' => xml.push_str("&gt;"),
                c => xml.push(c),
            }
        }
        xml.push_str("&quot;</ETag></Part>");
    }
    xml.push_str("</CompleteMultipartUpload>");
    xml
}

/// The text of the first element of that name. No namespaces, no attributes: S3 writes none inside the root.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = xml;
    loop {
        let (_, behind) = rest.split_once('<')?;
        if let Some(text) = behind.strip_prefix(name).and_then(|behind| behind.strip_prefix('>')) {
            return Some(text.split_once('<')?.0.trim());
        }
        rest = behind;
    }
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    [("&quot;", "\""), ("&#34;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_stores_write() {
        let created = "<?xml version=\"1.0\"?><InitiateMultipartUploadResult xmlns=\"x\"><Key>k</Key>\
                       <UploadId>2~a&amp;b</UploadId></InitiateMultipartUploadResult>";
        assert_eq!(upload(created).as_deref(), Some("2~a&b"));
        let listed = "<ListPartsResult><UploadId>u</UploadId><IsTruncated>true</IsTruncated>\
                      <Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag><Size>5</Size></Part>\
                      <Part><ETag>\"e2\"</ETag><PartNumber>2</PartNumber><Size>6</Size>\
                      <ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME></Part></ListPartsResult>";
        let part =
            |number, size, etag: &str, checksum| StoredPart { number, size, etag: etag.to_owned(), checksum };
        let second = part(2, 6, "\"e2\"", Some(Crc64::of(b"123456789")));
        assert_eq!(parts(listed), (vec![part(1, 5, "\"e1\"", None), second], true));
        assert_eq!(etag("<R><ETag>\"e-2\"</ETag></R>").as_deref(), Some("\"e-2\""));
    }

    #[test]
    fn half_a_document_is_no_harm() {
        for text in ["", "<", "<UploadId>", "<UploadId></UploadId>", "<Part><PartNumber>x</PartNumber>"] {
            assert_eq!((upload(text), parts(text)), (None, (Vec::new(), false)));
        }
    }

    #[test]
    fn names_all_parts_in_order() {
        let xml = completion(&[(1, "\"a\"".to_owned()), (2, "b".to_owned())]);
        let part = |number, etag| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag></Part>")
        };
        assert!(
            xml.ends_with(&format!("{}{}</CompleteMultipartUpload>", part(1, "a"), part(2, "b"))),
            "{xml}"
        );
    }
}
