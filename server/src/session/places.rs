//! Where people are signed in: their open sessions, seen and ended one by one.

use std::collections::HashMap;
use std::time::Duration;

use app::account::SessionCard;
use ledger::{Ledger, LedgerError, PersonId, SessionRecord, Sha256Hash, WhoseSessions};
use serde_json::Value;
use transfer::wire::UnixMillis;

use super::agent::Agent;
use super::store::LOGIN;
use super::visit::{AGENT, BEGAN, SEEN};
use crate::clock;

/// The sessions of somebody, or of everybody, that let somebody in now; latest used first, at most so many. `here` is the
/// one that asks.
///
/// # Errors
/// Of the ledger.
pub async fn places(
    ledger: &Ledger,
    whose: WhoseSessions,
    here: Option<Sha256Hash>,
    longest: Duration,
    limit: usize,
) -> Result<Vec<SessionCard>, LedgerError> {
    let now = clock::now();
    // Those of an epoch before, which "sign out everywhere" leaves behind, are in the list too.
    let rows = ledger.sessions().list(whose, now, limit as u64 * 4).await?;
    let people = match whose {
        WhoseSessions::All => ledger.people().list().await?,
        WhoseSessions::Of(person) => ledger.people().get(person).await?.into_iter().collect(),
    };
    let people: HashMap<PersonId, _> = people.into_iter().map(|person| (person.id, person)).collect();
    let mut cards: Vec<SessionCard> = rows
        .into_iter()
        .filter_map(|row| {
            let person = people.get(&row.person?).filter(|person| !person.disabled)?;
            let (id, data) = read(&row)?;
            let is_of_now = data.epoch == person.session_epoch.to_be_bytes();
            let lasts = clock::after(data.began, longest) > now;
            (is_of_now && lasts).then(|| SessionCard {
                id: to_text(id),
                person: person.name.clone(),
                browser: data.agent.browser.map(str::to_owned),
                system: data.agent.system.map(str::to_owned),
                began_at: data.began,
                seen_at: data.seen,
                here: here == Some(id),
            })
        })
        .collect();
    cards.sort_by_key(|card| std::cmp::Reverse(card.seen_at));
    cards.truncate(limit);
    Ok(cards)
}

/// The session that a card named.
#[must_use]
pub fn session_named(text: &str) -> Option<Sha256Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Sha256Hash::of_bytes(bytes))
}

/// The hash of a session's id: it names the session, and lets nobody in.
fn to_text(id: Sha256Hash) -> String {
    use std::fmt::Write as _;
    id.as_bytes().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a session's row tells.
struct Data {
    epoch: Vec<u8>,
    began: UnixMillis,
    seen: UnixMillis,
    agent: Agent,
}

fn read(row: &SessionRecord) -> Option<(Sha256Hash, Data)> {
    let data: Value = serde_json::from_str(&row.data).ok()?;
    let epoch = serde_json::from_value(data[LOGIN]["auth_hash"].clone()).ok()?;
    let began = UnixMillis(data[BEGAN].as_u64()?);
    let seen = data[SEEN].as_u64().map_or(began, UnixMillis);
    let agent = data[AGENT].as_str().map(Agent::of).unwrap_or_default();
    Some((row.id, Data { epoch, began, seen, agent }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_name_again() {
        let id = Sha256Hash::of("a session");
        assert_eq!(session_named(&to_text(id)), Some(id));
        for wrong in ["", "00", &"g".repeat(64), &"0".repeat(63), &"é".repeat(32), &"+1".repeat(32)] {
            assert_eq!(session_named(wrong).filter(|named| to_text(*named) == wrong), None, "{wrong}");
        }
    }
}
