//! Admission: from whom the provider knows to a person of this server, with a role.

use ledger::{Deed, Identity, Ledger, LedgerError, NewPerson, PersonRecord, Role, Sha256Hash};

use super::claims::Claims;
use super::error::{OidcError, Refusal};
use crate::clock;
use crate::config::{Newcomers, OidcConfig};
use crate::desk::myself;
use crate::session::check_name;

/// Claims that make a name, the best first: what people sign in with elsewhere, and then what they are called.
const NAMES: [&str; 5] = ["preferred_username", "email", "cognito:username", "name", "sub"];

/// How many people may have the same name there.
const NAMESAKES: u32 = 20;

/// Google's issuer. It tells of whose organisation somebody is (`hd`); an address alone may belong to a private account
/// that was made with it, and outlives the job.
const GOOGLE: &str = "https://accounts.google.com";

/// The person of an identity, with the role that the claims give. A one-time link ties the identity to its person.
pub(super) async fn admit(
    ledger: &Ledger,
    config: &OidcConfig,
    identity: &Identity,
    claims: &Claims,
    welcome: Option<Sha256Hash>,
) -> Result<PersonRecord, OidcError> {
    let refused = |why| OidcError::Refused { subject: identity.subject.clone(), why };
    if !is_of_domains(config, claims) {
        return Err(refused(Refusal::Domain));
    }
    let role = role(config, claims).map_err(refused)?;
    let known = match welcome {
        None => ledger.identities().person(identity).await?,
        Some(token) => match ledger.identities().link(token, clock::now(), identity).await {
            Err(LedgerError::LinkInvalid) => return Err(refused(Refusal::Link)),
            Err(LedgerError::IdentityTaken) => return Err(refused(Refusal::Taken)),
            linked => Some(linked?),
        },
    };
    let person = match (known, config.newcomers) {
        (Some(person), _) => person,
        (None, Newcomers::Invited) => return Err(refused(Refusal::Unknown)),
        (None, Newcomers::Made(usual)) => {
            let made = make(ledger, identity, claims, role.unwrap_or(usual)).await?;
            made.ok_or_else(|| refused(Refusal::Name))?
        }
    };
    if person.disabled {
        return Err(refused(Refusal::Disabled));
    }
    match role {
        Some(role) if role != person.role => {
            renew(ledger, person, role).await?.ok_or_else(|| refused(Refusal::LastAdmin))
        }
        _ => Ok(person),
    }
}

/// Whether the claims have all that is asked of them here.
pub(super) fn suffices(config: &OidcConfig, claims: &Claims) -> bool {
    let roles = config.roles.as_ref().is_none_or(|rules| claims.texts(&rules.claim).is_some());
    let domain = config.domains.is_empty() || claims.text("email").is_some();
    let name = NAMES.iter().any(|name| *name != "sub" && claims.text(name).is_some());
    roles && domain && name
}

/// The role that the claims give; `None` if roles are given on the page of people.
fn role(config: &OidcConfig, claims: &Claims) -> Result<Option<Role>, Refusal> {
    let Some(rules) = &config.roles else { return Ok(None) };
    let has = claims.texts(&rules.claim).unwrap_or_default();
    let is_among = |wanted: &[String]| wanted.iter().any(|value| has.contains(&value.as_str()));
    if is_among(&rules.admins) {
        Ok(Some(Role::Admin))
    } else if rules.uploaders.is_empty() || is_among(&rules.uploaders) {
        Ok(Some(Role::Uploader))
    } else {
        Err(Refusal::NoRole)
    }
}

/// Whether somebody has a verified address of one of the domains, if there are any.
fn is_of_domains(config: &OidcConfig, claims: &Claims) -> bool {
    if config.domains.is_empty() {
        return true;
    }
    let is_among = |domain: &str| config.domains.iter().any(|known| known.eq_ignore_ascii_case(domain));
    if config.issuer == GOOGLE {
        return claims.text("hd").is_some_and(is_among);
    }
    let domain = claims.text("email").and_then(|email| email.rsplit_once('@'));
    domain.is_some_and(|(_, domain)| is_among(domain)) && claims.is_true("email_verified")
}

/// Makes a person of somebody who was never here; none if no name is free.
async fn make(
    ledger: &Ledger,
    identity: &Identity,
    claims: &Claims,
    role: Role,
) -> Result<Option<PersonRecord>, OidcError> {
    let name = NAMES.iter().find_map(|name| check_name(claims.text(name)?).ok()).unwrap_or("?");
    let by = myself();
    for number in 1..=NAMESAKES {
        let name = if number == 1 { name.to_owned() } else { format!("{name} ({number})") };
        let created_at = clock::now();
        let new = NewPerson { name, role, password_hash: None, created_at };
        match ledger.identities().admit(Deed { by: &by, at: created_at }, identity, new).await {
            Ok(person) => return Ok(Some(person)),
            Err(LedgerError::NameTaken(_)) => {}
            // In two windows at once: the other one was first.
            Err(LedgerError::IdentityTaken) => return Ok(ledger.identities().person(identity).await?),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Gives a person the role of the claims; none if that would leave nobody as admin.
async fn renew(ledger: &Ledger, person: PersonRecord, role: Role) -> Result<Option<PersonRecord>, OidcError> {
    let by = myself();
    let people = ledger.people();
    match people.set_role(Deed { by: &by, at: clock::now() }, person.id, role).await {
        Err(LedgerError::LastAdmin) => Ok(None),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(people.get(person.id).await?),
    }
}
