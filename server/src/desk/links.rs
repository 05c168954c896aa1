//! Guests' links, as an admin sees them.

use std::time::Duration;

use app::desk::Issued;
use app::desk::links::{Ask, Asks, LinkCard, LinkSettings, LinkState, LinksAction, LinksDesk};
use ledger::{LinkId, LinkRecord, LinkUse, NewLink};
use secrecy::SecretString;

use super::code::qr_code;
use super::{Desk, DeskError, Made};
use crate::caller::Caller;
use crate::clock;
use crate::session::NewSecret;
use crate::state::AppState;

/// The longest that a link may live, in days.
const MAX_DAYS: u32 = 365;

/// Longest title, and longest text below it, in characters.
const MAX_TITLE: usize = 100;
const MAX_WELCOME: usize = 2_000;

/// Does what the page asks for, and answers all that it shows.
///
/// # Errors
/// `Forbidden` to all but admins; what the action says.
pub async fn act(state: &AppState, caller: &Caller, action: LinksAction) -> Result<LinksDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    let issued = match action {
        LinksAction::Look => None,
        LinksAction::Create(settings) => Some(desk.make_link(settings).await?.issued),
        LinksAction::Revoke { id } => {
            desk.revoke_link(LinkId(id)).await?;
            None
        }
    };
    let projects = state.ledger.projects().list().await?.into_iter();
    let projects = projects.filter(|project| project.archived_at.is_none());
    Ok(LinksDesk {
        links: desk.all_links().await?,
        projects: projects.map(|project| (project.id, project.name)).collect(),
        issued,
    })
}

impl Desk<'_> {
    /// All links with their use, newest first.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn all_links(&self) -> Result<Vec<LinkCard>, DeskError> {
        let links = self.state.ledger.links().list().await?;
        Ok(links.into_iter().map(|(link, usage)| card(link, usage)).collect())
    }

    /// Makes a link.
    ///
    /// # Errors
    /// `NoSuchProject`; settings that cannot be.
    pub async fn make_link(&self, settings: LinkSettings) -> Result<Made<LinkCard>, DeskError> {
        let invalid = |detail: &str| Err(DeskError::Invalid(detail.to_owned()));
        let title = settings.title.trim().to_owned();
        if title.is_empty() || title.chars().count() > MAX_TITLE || title.contains(char::is_control) {
            return invalid("Give the link a title of 1 to 100 characters.");
        }
        let welcome = settings.welcome.trim().replace('\0', "");
        if welcome.chars().count() > MAX_WELCOME {
            return invalid("The text has 2,000 characters at most.");
        }
        if !(1..=MAX_DAYS).contains(&settings.days) {
            return invalid("A link lives for 1 to 365 days.");
        }
        if settings.quota.files == Some(0) || settings.quota.bytes == Some(0) {
            return invalid("A limit of 0 would take nothing at all.");
        }
        let password_hash = match settings.password.filter(|password| !password.is_empty()) {
            None => None,
            Some(password) => Some(self.state.gate.passwords.hash(SecretString::from(password)).await?),
        };
        let secret = NewSecret::random();
        let expires_at = clock::after(clock::now(), Duration::from_secs(24 * 3_600) * settings.days);
        let new = NewLink {
            token: secret.hash(),
            project: settings.project,
            title: title.clone(),
            welcome,
            asks: asks(settings.asks),
            password_hash,
            quota: ledger::Quota { files: settings.quota.files, bytes: settings.quota.bytes },
            expires_at,
        };
        let id = self.state.ledger.links().create(self.deed(), new).await?;
        let record = self.state.ledger.links().get(id).await?.ok_or(DeskError::NoSuchLink)?;
        let address = format!("{}/guest?token={}", self.state.public_url, secret.expose());
        Ok(Made {
            what: card(record, LinkUse::default()),
            issued: Issued { name: title, code: qr_code(&address), secret: address },
        })
    }

    /// Ends a link; its guests send nothing more.
    ///
    /// # Errors
    /// `NoSuchLink`.
    pub async fn revoke_link(&self, id: LinkId) -> Result<(), DeskError> {
        match self.state.ledger.links().revoke(self.deed(), id).await? {
            true => Ok(()),
            false => Err(DeskError::NoSuchLink),
        }
    }
}

fn asks(asks: Asks) -> ledger::Asks {
    let ask = |ask| match ask {
        Ask::No => ledger::Ask::No,
        Ask::Maybe => ledger::Ask::Maybe,
        Ask::Must => ledger::Ask::Must,
    };
    ledger::Asks { name: ask(asks.name), email: ask(asks.email), note: ask(asks.note) }
}

fn card(link: LinkRecord, usage: LinkUse) -> LinkCard {
    let state = match (link.revoked_at, link.is_good(clock::now())) {
        (Some(_), _) => LinkState::Revoked,
        (None, false) => LinkState::Expired,
        (None, true) => LinkState::Good,
    };
    LinkCard {
        id: link.id.0,
        project: link.project,
        title: link.title,
        has_password: link.password_hash.is_some(),
        state,
        expires_at: link.expires_at,
        guests: usage.guests,
        files: usage.files,
        bytes: usage.bytes,
    }
}
