//! Reading grants, and what goes with them.

use transfer::wire::{
    BatchId, CredentialsGrant, Grant, PostPolicyGrant, Relay, SignedUrlsGrant, StoreAddress, UnixMillis,
};

use super::Reader;

pub(super) fn grant(reader: &mut Reader<'_>) -> Option<Grant> {
    let kind = reader.tag("kind")?;
    let (mut id, mut secret, mut token, mut fields) = (None, None, None, None);
    let mut headers = Vec::new();
    let (mut issued_at, mut expires_at) = (None, None);
    reader.object(&mut |key, reader| {
        match key {
            "access_key_id" => id = Some(reader.string()?),
            "secret_access_key" => secret = Some(reader.string()?),
            "session_token" => token = Some(reader.string()?),
            "headers" => headers = pairs(reader)?,
            "fields" => fields = Some(pairs(reader)?),
            "issued_at" => issued_at = Some(millis(reader)?),
            "expires_at" => expires_at = Some(millis(reader)?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    let (issued_at, expires_at) = (issued_at?, expires_at?);
    Some(match kind {
        "credentials" => Grant::Credentials(CredentialsGrant {
            access_key_id: id?,
            secret_access_key: secret?,
            session_token: token?,
            headers,
            fields: fields.unwrap_or_default(),
            issued_at,
            expires_at,
        }),
        "post_policy" => Grant::PostPolicy(PostPolicyGrant { fields: fields?, issued_at, expires_at }),
        "signed_urls" => Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at }),
        _ => return None,
    })
}

pub(super) fn store(reader: &mut Reader<'_>) -> Option<StoreAddress> {
    let (mut region, mut bases) = (None, None);
    reader.object(&mut |key, reader| {
        match key {
            "region" => region = Some(reader.string()?),
            "bases" => bases = Some(strings(reader)?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(StoreAddress { region: region?, bases: bases? })
}

pub(super) fn relay(reader: &mut Reader<'_>) -> Option<Relay> {
    let name = reader.string()?;
    Relay::ALL.into_iter().find(|relay| relay.name() == name)
}

pub(super) fn millis(reader: &mut Reader<'_>) -> Option<UnixMillis> {
    reader.number().map(UnixMillis)
}

pub(super) fn batch_id(reader: &mut Reader<'_>) -> Option<BatchId> {
    reader.string()?.try_into().ok()
}

pub(super) fn strings(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    reader.array(&mut |reader| {
        strings.push(reader.string()?);
        Some(())
    })?;
    Some(strings)
}

/// An array of arrays of two strings.
pub(super) fn pairs(reader: &mut Reader<'_>) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    reader.array(&mut |reader| {
        let mut pair = strings(reader)?.into_iter();
        pairs.push((pair.next()?, pair.next()?));
        Some(())
    })?;
    Some(pairs)
}
