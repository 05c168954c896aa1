//! Writing what the server is asked.

use transfer::engine::Call;
use transfer::wire::thumbnail::{NewThumbnail, SignThumbnailsRequest};
use transfer::wire::{
    AnnounceRequest, BatchId, CloseRequest, GrantKind, ItemOutcome, ItemReport, NewItem, RenewGrantRequest,
    ReportRequest, SignUploadRequest, SignUrlsRequest,
};

use super::writer::Writer;

/// The body of a call: `{"request": …}`.
#[must_use]
pub fn request(call: &Call) -> String {
    let mut writer = Writer::default();
    writer.object(&mut |body| {
        body.key("request").object(&mut |writer| match call {
            Call::Announce(AnnounceRequest { batch, items }) => {
                owner(writer, batch);
                writer.key("items").array(&mut |writer| {
                    for item in items {
                        new_item(writer, item);
                    }
                });
            }
            Call::Report(ReportRequest { batch, items }) => {
                owner(writer, batch);
                writer.key("items").array(&mut |writer| {
                    for item in items {
                        report(writer, item);
                    }
                });
            }
            Call::RenewGrant(RenewGrantRequest { batch, kind }) => {
                owner(writer, batch);
                if let Some(kind) = kind {
                    let kind = match kind {
                        GrantKind::Credentials => "credentials",
                        GrantKind::PostPolicy => "post_policy",
                        GrantKind::SignedUrls => "signed_urls",
                    };
                    writer.text("kind", kind);
                }
            }
            Call::SignUrls(SignUrlsRequest { batch, items, bases }) => {
                owner(writer, batch);
                writer.key("items").array(&mut |writer| {
                    for item in items {
                        writer.number(u64::from(item.0));
                    }
                });
                numbers(writer, "bases", bases);
            }
            Call::SignUpload(SignUploadRequest { batch, index, upload, after, parts, bases }) => {
                owner(writer, batch);
                writer.count("index", u64::from(index.0));
                if let Some(upload) = upload {
                    writer.text("upload", upload);
                }
                if *after > 0 {
                    writer.count("after", u64::from(*after));
                }
                numbers(writer, "parts", parts);
                numbers(writer, "bases", bases);
            }
            Call::Close(CloseRequest { batch }) => owner(writer, batch),
        });
    });
    writer.finish()
}

/// The body of a call for thumbnails' URLs.
#[must_use]
pub fn sign_thumbnails(request: &SignThumbnailsRequest) -> String {
    let SignThumbnailsRequest { batch, thumbnails } = request;
    let mut writer = Writer::default();
    writer.object(&mut |body| {
        body.key("request").object(&mut |writer| {
            owner(writer, batch);
            writer.key("thumbnails").array(&mut |writer| {
                for NewThumbnail { index, size, format } in thumbnails {
                    writer.object(&mut |writer| {
                        writer.count("index", u64::from(index.0));
                        writer.count("size", *size);
                        writer.text("format", format.name());
                    });
                }
            });
        });
    });
    writer.finish()
}

fn owner(writer: &mut Writer, batch: &BatchId) {
    writer.text("batch", batch.as_str());
}

/// An array, unless there is nothing in it.
fn numbers(writer: &mut Writer, key: &str, numbers: &[u32]) {
    if !numbers.is_empty() {
        writer.key(key).array(&mut |writer| {
            for number in numbers {
                writer.number(u64::from(*number));
            }
        });
    }
}

fn new_item(writer: &mut Writer, item: &NewItem) {
    let NewItem { index, path, size, modified, media_type } = item;
    writer.object(&mut |writer| {
        writer.count("index", u64::from(index.0));
        writer.text("path", path);
        writer.count("size", *size);
        if let Some(modified) = modified {
            writer.count("modified", modified.0);
        }
        writer.text("media_type", media_type);
    });
}

fn report(writer: &mut Writer, item: &ItemReport) {
    let ItemReport { index, outcome } = item;
    writer.object(&mut |writer| {
        writer.count("i", u64::from(index.0));
        match outcome {
            ItemOutcome::Stored { etag, checksum, replace } => {
                writer.text("o", "stored");
                if let Some(checksum) = checksum {
                    writer.text("checksum", checksum);
                }
                if let Some(etag) = etag {
                    writer.text("etag", etag);
                }
                if *replace {
                    writer.key("replace").truth(true);
                }
            }
            ItemOutcome::Failed { class } => {
                writer.text("o", "failed");
                writer.text("class", class);
            }
            ItemOutcome::Cancelled => writer.text("o", "cancelled"),
            ItemOutcome::Skipped => writer.text("o", "skipped"),
        }
    });
}
