//! Reading the server's answers.

use transfer::wire::{
    AcceptedItem, AnnounceAnswer, BatchState, CloseAnswer, HeldItem, ItemIndex, ProblemCode, Refusal,
    RefusedItem, Relay, RenewedGrant, ReportAnswer, SignedPart, SignedUpload, SignedUrl, SignedUrls,
};

use super::Reader;
use super::grant::{grant, millis, pairs, relay, strings};

/// The answer to an announcement.
pub fn announce_answer(reader: &mut Reader<'_>) -> Option<AnnounceAnswer> {
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    reader.object(&mut |name, reader| match name {
        "accepted" => reader.array(&mut |reader| {
            let (mut index, mut key, mut held) = (None, None, None);
            reader.object(&mut |name, reader| {
                match name {
                    "index" => index = Some(ItemIndex(reader.small()?)),
                    "key" => key = Some(reader.string()?),
                    "held" => held = Some(held_item(reader)?),
                    _ => reader.skip()?,
                }
                Some(())
            })?;
            accepted.push(AcceptedItem { index: index?, key: key?, held });
            Some(())
        }),
        "refused" => reader.array(&mut |reader| {
            let (mut index, mut reason) = (None, None);
            reader.object(&mut |name, reader| {
                match name {
                    "index" => index = Some(ItemIndex(reader.small()?)),
                    "reason" => reason = Some(refusal(reader)?),
                    _ => reader.skip()?,
                }
                Some(())
            })?;
            refused.push(RefusedItem { index: index?, reason: reason? });
            Some(())
        }),
        _ => reader.skip(),
    })?;
    Some(AnnounceAnswer { accepted, refused })
}

fn held_item(reader: &mut Reader<'_>) -> Option<HeldItem> {
    let mut held = HeldItem { checksum: None, modified: None, replaceable: false };
    reader.object(&mut |name, reader| {
        match name {
            "checksum" => held.checksum = Some(reader.string()?),
            "modified" => held.modified = Some(millis(reader)?),
            "replaceable" => held.replaceable = reader.flag()?,
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(held)
}

/// The answer to a report.
pub fn report_answer(reader: &mut Reader<'_>) -> Option<ReportAnswer> {
    let mut stored = None;
    reader.object(&mut |name, reader| {
        match name {
            "stored" => stored = Some(reader.number()?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(ReportAnswer { stored: stored? })
}

/// A fresh grant.
pub fn renewed_grant(reader: &mut Reader<'_>) -> Option<RenewedGrant> {
    let (mut permit, mut server_time) = (None, None);
    let (mut way, mut thumbnails) = (Relay::Never, false);
    reader.object(&mut |name, reader| {
        match name {
            "grant" => permit = Some(grant(reader)?),
            "server_time" => server_time = Some(millis(reader)?),
            "relay" => way = relay(reader)?,
            "thumbnails" => thumbnails = reader.flag()?,
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(RenewedGrant { grant: permit?, server_time: server_time?, relay: way, thumbnails })
}

/// A page of URLs.
pub fn signed_urls(reader: &mut Reader<'_>) -> Option<SignedUrls> {
    let (mut urls, mut expires_at, mut server_time) = (Vec::new(), None, None);
    reader.object(&mut |name, reader| {
        match name {
            "urls" => reader.array(&mut |reader| {
                let (mut index, mut url, mut headers) = (None, None, None);
                reader.object(&mut |name, reader| {
                    match name {
                        "index" => index = Some(ItemIndex(reader.small()?)),
                        "url" => url = Some(reader.string()?),
                        "headers" => headers = Some(pairs(reader)?),
                        _ => reader.skip()?,
                    }
                    Some(())
                })?;
                urls.push(SignedUrl { index: index?, url: url?, headers: headers? });
                Some(())
            })?,
            "expires_at" => expires_at = Some(millis(reader)?),
            "server_time" => server_time = Some(millis(reader)?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(SignedUrls { urls, expires_at: expires_at?, server_time: server_time? })
}

/// The URLs of an upload in parts.
pub fn signed_upload(reader: &mut Reader<'_>) -> Option<SignedUpload> {
    let (mut part_size, mut expires_at, mut server_time) = (None, None, None);
    let (mut create, mut list, mut complete, mut abort) = (None, None, None, None);
    let (mut headers, mut parts) = (Vec::new(), Vec::new());
    reader.object(&mut |name, reader| {
        match name {
            "part_size" => part_size = Some(reader.number()?),
            "create" => create = Some(reader.string()?),
            "list" => list = Some(reader.string()?),
            "complete" => complete = Some(reader.string()?),
            "abort" => abort = Some(reader.string()?),
            "headers" => headers = pairs(reader)?,
            "parts" => reader.array(&mut |reader| {
                let (mut number, mut url) = (None, None);
                reader.object(&mut |name, reader| {
                    match name {
                        "number" => number = Some(reader.small()?),
                        "url" => url = Some(reader.string()?),
                        _ => reader.skip()?,
                    }
                    Some(())
                })?;
                parts.push(SignedPart { number: number?, url: url? });
                Some(())
            })?,
            "expires_at" => expires_at = Some(millis(reader)?),
            "server_time" => server_time = Some(millis(reader)?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(SignedUpload {
        part_size: part_size?,
        create,
        headers,
        list,
        complete,
        abort,
        parts,
        expires_at: expires_at?,
        server_time: server_time?,
    })
}

/// What the store was seen to hold.
pub fn close_answer(reader: &mut Reader<'_>) -> Option<CloseAnswer> {
    let (mut state, mut stored, mut bytes) = (None, None, None);
    let (mut missing, mut differing, mut unexpected) = (None, None, None);
    let (mut replaced, mut unreplaced) = (0, 0);
    reader.object(&mut |name, reader| {
        match name {
            "state" => {
                state = Some(match reader.string()?.as_str() {
                    "open" => BatchState::Open,
                    "closed" => BatchState::Closed,
                    "verified" => BatchState::Verified,
                    _ => return None,
                });
            }
            "stored" => stored = Some(reader.number()?),
            "bytes" => bytes = Some(reader.number()?),
            "missing" => missing = Some(indexes(reader)?),
            "differing" => differing = Some(indexes(reader)?),
            "unexpected" => unexpected = Some(strings(reader)?),
            "replaced" => replaced = reader.number()?,
            "unreplaced" => unreplaced = reader.number()?,
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(CloseAnswer {
        state: state?,
        stored: stored?,
        bytes: bytes?,
        missing: missing?,
        differing: differing?,
        unexpected: unexpected?,
        replaced,
        unreplaced,
    })
}

/// A problem's code, if it is one that is known, and its sentence.
pub fn problem(reader: &mut Reader<'_>) -> Option<(Option<ProblemCode>, String)> {
    use ProblemCode::{
        Busy, Conflict, Forbidden, Internal, Invalid, NotFound, SignedOut, Store, TooLarge, TooMany,
        Unsupported,
    };
    let all = [
        Invalid,
        SignedOut,
        Forbidden,
        NotFound,
        Conflict,
        TooLarge,
        TooMany,
        Busy,
        Unsupported,
        Store,
        Internal,
    ];
    let (mut code, mut detail) = (None, None);
    reader.object(&mut |name, reader| {
        match name {
            "code" => code = Some(reader.string()?),
            "detail" => detail = Some(reader.string()?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    let code = code?;
    Some((all.into_iter().find(|known| known.name() == code), detail?))
}

fn refusal(reader: &mut Reader<'_>) -> Option<Refusal> {
    let why = reader.tag("why")?;
    let (mut media_type, mut bound) = (None, None);
    reader.object(&mut |name, reader| {
        match name {
            "media_type" => media_type = Some(reader.string()?),
            "min" | "max" | "max_bytes" => bound = Some(reader.number()?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(match why {
        "type" => Refusal::Type { media_type: media_type? },
        "empty" => Refusal::Empty,
        "too_small" => Refusal::TooSmall { min: bound? },
        "too_large" => Refusal::TooLarge { max: bound? },
        "too_many" => Refusal::TooMany { max: bound?.try_into().ok()? },
        "path_too_long" => Refusal::PathTooLong { max_bytes: bound?.try_into().ok()? },
        "path_unsafe" => Refusal::PathUnsafe,
        "duplicate" => Refusal::Duplicate,
        "junk" => Refusal::Junk,
        "over_quota" => Refusal::OverQuota,
        "over_daily_quota" => Refusal::OverDailyQuota,
        _ => return None,
    })
}

pub(super) fn indexes(reader: &mut Reader<'_>) -> Option<Vec<ItemIndex>> {
    let mut indexes = Vec::new();
    reader.array(&mut |reader| {
        indexes.push(ItemIndex(reader.small()?));
        Some(())
    })?;
    Some(indexes)
}
