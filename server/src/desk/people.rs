//! People and their tokens.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use app::account::SessionCard;
use app::desk::people::{
    PeopleAction, PeopleDesk, PersonCard, PersonState, SESSIONS_SHOWN, TokenCard, TokenScope,
};
use app::desk::{Issued, Quota};
use app::person::Role;
use ledger::{NewPerson, NewToken, PersonId, PersonRecord, Scope, Usage, WhoseSessions, WhoseTokens};
use secrecy::ExposeSecret;

use super::code::qr_code;
use super::{Desk, DeskError, quota};
use crate::caller::Caller;
use crate::clock;
use crate::session::{TokenText, check_name, places, role, session_named, welcome};
use crate::state::AppState;

/// The longest that a token may live, in days.
const MAX_TOKEN_DAYS: u32 = 3_650;

/// Longest name of a token.
const MAX_TOKEN_NAME: usize = 100;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Something new, and its secret.
#[derive(Debug)]
pub struct Made<T> {
    /// What was made.
    pub what: T,
    /// What is shown once.
    pub issued: Issued,
}

/// Does what the page asks for, and answers all that it shows.
///
/// # Errors
/// `Forbidden` to all but admins; what the action says.
pub async fn act(state: &AppState, caller: &Caller, action: PeopleAction) -> Result<PeopleDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    let issued = match action {
        PeopleAction::Look => None,
        PeopleAction::Invite { name, role } => Some(desk.invite(&name, role).await?.issued),
        PeopleAction::Link { person } => Some(desk.link(PersonId(person)).await?),
        PeopleAction::Role { person, role } => {
            desk.set_role(PersonId(person), role).await?;
            None
        }
        PeopleAction::Disable { person } => {
            desk.set_disabled(PersonId(person), true).await?;
            None
        }
        PeopleAction::Enable { person } => {
            desk.set_disabled(PersonId(person), false).await?;
            None
        }
        PeopleAction::Quota { person, quota, daily_quota } => {
            desk.set_quota(PersonId(person), quota, daily_quota).await?;
            None
        }
        PeopleAction::SignOut { person } => {
            desk.sign_out(PersonId(person)).await?;
            None
        }
        PeopleAction::EndSession { person, session } => {
            let whose = state.ledger.people().by_name(&person.replace('\0', "")).await?;
            desk.end_session(whose.ok_or(ledger::LedgerError::NoSuchPerson)?.id, &session).await?;
            None
        }
        PeopleAction::Token { person, name, scope, days } => {
            Some(desk.make_token(PersonId(person), &name, scope, days).await?.issued)
        }
        PeopleAction::Revoke { prefix } => {
            desk.revoke_token(&prefix).await?;
            None
        }
    };
    Ok(PeopleDesk {
        people: desk.everybody().await?,
        tokens: desk.tokens().await?,
        sessions: desk.sessions(WhoseSessions::All).await?,
        issued,
    })
}

impl Desk<'_> {
    /// Everybody with an account, by name.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn everybody(&self) -> Result<Vec<PersonCard>, DeskError> {
        let known = Known::of(self.state).await?;
        let people = self.state.ledger.people().list().await?;
        Ok(people.into_iter().map(|person| known.card(person)).collect())
    }

    /// Adds a person, and makes a one-time link.
    ///
    /// # Errors
    /// A name that is taken or cannot be one; a role that only links give.
    pub async fn invite(&self, name: &str, role: Role) -> Result<Made<PersonCard>, DeskError> {
        let name = check_name(name)?.to_owned();
        let new = NewPerson { name, role: account(role)?, password_hash: None, created_at: clock::now() };
        let person = self.state.ledger.people().invite(self.deed(), new).await?;
        let issued = self.link(person.id).await?;
        Ok(Made { what: Known::default().card(person), issued })
    }

    /// Makes a new one-time link for a person; the older ones end.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn link(&self, id: PersonId) -> Result<Issued, DeskError> {
        let person = self.state.ledger.people().get(id).await?.filter(|person| person.link.is_none());
        let person = person.ok_or(ledger::LedgerError::NoSuchPerson)?;
        let secret = welcome(&self.state.ledger, &self.actor, id, &self.state.public_url).await?;
        Ok(Issued { name: person.name, code: qr_code(&secret), secret })
    }

    /// Gives a person another role; the person's sessions end.
    ///
    /// # Errors
    /// `NoSuchPerson`, `LastAdmin`; a role that only links give.
    pub async fn set_role(&self, id: PersonId, role: Role) -> Result<(), DeskError> {
        Ok(self.state.ledger.people().set_role(self.deed(), id, account(role)?).await?)
    }

    /// Decides how much is taken from a person, at all and a day.
    ///
    /// # Errors
    /// `NoSuchPerson`; a quota that would take nothing at all.
    pub async fn set_quota(&self, id: PersonId, quota: Quota, daily: Quota) -> Result<(), DeskError> {
        let nothing = "A quota of 0 would take nothing at all. Disable the person instead.";
        let [quota, daily] = [quota::checked(quota, nothing)?, quota::checked(daily, nothing)?];
        Ok(self.state.ledger.people().set_quota(self.deed(), id, quota, daily).await?)
    }

    /// Lets a person in no more, or again.
    ///
    /// # Errors
    /// `NoSuchPerson`, `LastAdmin`.
    pub async fn set_disabled(&self, id: PersonId, disabled: bool) -> Result<(), DeskError> {
        Ok(self.state.ledger.people().set_disabled(self.deed(), id, disabled).await?)
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn sign_out(&self, id: PersonId) -> Result<(), DeskError> {
        Ok(self.state.ledger.people().sign_out(self.deed(), id).await?)
    }

    /// Where people are signed in, latest used first.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn sessions(&self, whose: WhoseSessions) -> Result<Vec<SessionCard>, DeskError> {
        let longest = self.state.config.sessions.longest;
        Ok(places(&self.state.ledger, whose, None, longest, SESSIONS_SHOWN).await?)
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// `NoSuchSession`.
    pub async fn end_session(&self, whose: PersonId, session: &str) -> Result<(), DeskError> {
        let id = session_named(session).ok_or(ledger::LedgerError::NoSuchSession)?;
        Ok(self.state.ledger.sessions().end(self.deed(), whose, id).await?)
    }

    /// A person by id.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn person(&self, id: PersonId) -> Result<PersonCard, DeskError> {
        let person = self.state.ledger.people().get(id).await?.filter(|person| person.link.is_none());
        let person = person.ok_or(ledger::LedgerError::NoSuchPerson)?;
        Ok(Known::of(self.state).await?.card(person))
    }

    /// Tokens that are good, newest first.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn tokens(&self) -> Result<Vec<TokenCard>, DeskError> {
        let people = self.state.ledger.people().list().await?;
        let names: HashMap<PersonId, String> =
            people.into_iter().map(|person| (person.id, person.name)).collect();
        let now = clock::now();
        let tokens = self.state.ledger.tokens().list(WhoseTokens::All).await?;
        Ok(tokens
            .into_iter()
            .filter(|token| token.is_good(now))
            .map(|token| TokenCard {
                prefix: token.prefix,
                name: token.name,
                person: names.get(&token.person).cloned().unwrap_or_default(),
                scope: shown(token.scope),
                expires_at: token.expires_at,
                last_used_at: token.last_used_at,
            })
            .collect())
    }

    /// Makes a token for a person.
    ///
    /// # Errors
    /// `NoSuchPerson`; a life or a name that cannot be.
    pub async fn make_token(
        &self,
        id: PersonId,
        name: &str,
        scope: TokenScope,
        days: u32,
    ) -> Result<Made<TokenCard>, DeskError> {
        if !(1..=MAX_TOKEN_DAYS).contains(&days) {
            return Err(DeskError::Invalid(format!("A token lives for 1 to {MAX_TOKEN_DAYS} days.")));
        }
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_TOKEN_NAME || name.contains(char::is_control) {
            return Err(DeskError::Invalid("Say in a few words what the token is for.".to_owned()));
        }
        let person = self.person(id).await?;
        let (token, text) = TokenText::random();
        let created_at = clock::now();
        let expires_at = Some(clock::after(created_at, DAY * days));
        let new = NewToken {
            prefix: token.prefix.clone(),
            secret: token.secret,
            person: id,
            name: name.to_owned(),
            scope: kept(scope),
            created_at,
            expires_at,
        };
        self.state.ledger.tokens().create(self.deed(), new).await?;
        let secret = text.expose_secret().to_owned();
        let issued = Issued { name: person.name.clone(), secret, code: None };
        let what = TokenCard {
            prefix: token.prefix,
            name: name.to_owned(),
            person: person.name,
            scope,
            expires_at,
            last_used_at: None,
        };
        Ok(Made { what, issued })
    }

    /// Ends a token.
    ///
    /// # Errors
    /// `NoSuchToken`.
    pub async fn revoke_token(&self, prefix: &str) -> Result<(), DeskError> {
        match self.state.ledger.tokens().revoke(self.deed(), prefix).await? {
            true => Ok(()),
            false => Err(DeskError::NoSuchToken),
        }
    }
}

fn kept(scope: TokenScope) -> Scope {
    match scope {
        TokenScope::Full => Scope::Full,
        TokenScope::Send => Scope::Send,
        TokenScope::Read => Scope::Read,
    }
}

fn shown(scope: Scope) -> TokenScope {
    match scope {
        Scope::Full => TokenScope::Full,
        Scope::Send => TokenScope::Send,
        Scope::Read => TokenScope::Read,
    }
}

/// Guests come by links only.
fn account(role: Role) -> Result<ledger::Role, DeskError> {
    match role {
        Role::Admin => Ok(ledger::Role::Admin),
        Role::Uploader => Ok(ledger::Role::Uploader),
        Role::Guest => Err(DeskError::Invalid("Guests come by a link and have no account.".to_owned())),
    }
}

/// What is known of everybody besides who they are.
#[derive(Default)]
struct Known {
    /// Who can sign in without a password.
    identities: HashSet<PersonId>,
    used: HashMap<PersonId, Usage>,
    today: HashMap<PersonId, Usage>,
}

impl Known {
    async fn of(state: &AppState) -> Result<Self, DeskError> {
        let people = state.ledger.people();
        Ok(Self {
            identities: state.ledger.identities().people().await?,
            used: people.used().await?,
            today: people.used_today(clock::now()).await?,
        })
    }

    fn card(&self, person: PersonRecord) -> PersonCard {
        let can_sign_in = person.password_hash.is_some() || self.identities.contains(&person.id);
        let state = match (person.disabled, can_sign_in) {
            (true, _) => PersonState::Disabled,
            (false, true) => PersonState::Active,
            (false, false) => PersonState::Invited,
        };
        let of = |usage: &HashMap<PersonId, Usage>| {
            quota::used(usage.get(&person.id).copied().unwrap_or_default())
        };
        PersonCard {
            id: person.id.0,
            role: role(person.role),
            state,
            added_at: person.created_at,
            quota: quota::shown(person.quota),
            daily_quota: quota::shown(person.daily_quota),
            used: of(&self.used),
            today: of(&self.today),
            name: person.name,
        }
    }
}
