//! Guests' links, as an admin sees them.

use std::time::Duration;

use app::desk::links::{Ask, Asks, LinkCard, LinkChange, LinkSettings, LinkState, LinksAction, LinksDesk};
use app::desk::{Issued, Quota};
use ledger::{LinkId, LinkRecord, LinkUse, NewLink};
use secrecy::SecretString;
use transfer::wire::UnixMillis;

use super::code::qr_code;
use super::{Desk, DeskError, Made, quota};
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
        LinksAction::Change { id, change } => {
            desk.change_link(LinkId(id), change).await?;
            None
        }
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
        let title = title(&settings.title)?;
        let secret = NewSecret::random();
        let new = NewLink {
            token: secret.hash(),
            project: settings.project,
            title: title.clone(),
            welcome: welcome(&settings.welcome)?,
            asks: asks(settings.asks),
            quota: limits(settings.quota)?,
            expires_at: end(settings.days)?,
            password_hash: self.password(settings.password.unwrap_or_default()).await?,
        };
        let id = self.state.ledger.links().create(self.deed(), new).await?;
        let record = self.state.ledger.links().get(id).await?.ok_or(DeskError::NoSuchLink)?;
        let address = format!("{}/guest?token={}", self.state.public_url, secret.expose());
        Ok(Made {
            what: card(record, LinkUse::default()),
            issued: Issued { name: title, code: qr_code(&address), secret: address },
        })
    }

    /// Changes a link that was not ended.
    ///
    /// # Errors
    /// `NoSuchLink`; settings that cannot be.
    pub async fn change_link(&self, id: LinkId, change: LinkChange) -> Result<(), DeskError> {
        let mut new = ledger::LinkChange {
            title: change.title.as_deref().map(title).transpose()?,
            welcome: change.welcome.as_deref().map(welcome).transpose()?,
            asks: change.asks.map(asks),
            password_hash: None,
            quota: change.quota.map(limits).transpose()?,
            expires_at: change.days.map(end).transpose()?,
        };
        if let Some(password) = change.password {
            new.password_hash = Some(self.password(password).await?);
        }
        Ok(self.state.ledger.links().change(self.deed(), id, new).await?)
    }

    /// A link with its use.
    ///
    /// # Errors
    /// `NoSuchLink`.
    pub async fn link_card(&self, id: LinkId) -> Result<LinkCard, DeskError> {
        let all = self.all_links().await?;
        all.into_iter().find(|link| link.id == id.0).ok_or(DeskError::NoSuchLink)
    }

    /// What is kept of a password; nothing of an empty one.
    async fn password(&self, password: String) -> Result<Option<String>, DeskError> {
        match password.as_str() {
            "" => Ok(None),
            _ => Ok(Some(self.state.gate.passwords.hash(SecretString::from(password)).await?)),
        }
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

fn title(entered: &str) -> Result<String, DeskError> {
    let title = entered.trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE || title.contains(char::is_control) {
        return Err(DeskError::Invalid("Give the link a title of 1 to 100 characters.".to_owned()));
    }
    Ok(title.to_owned())
}

fn welcome(entered: &str) -> Result<String, DeskError> {
    let welcome = entered.trim().replace('\0', "");
    if welcome.chars().count() > MAX_WELCOME {
        return Err(DeskError::Invalid("The text has 2,000 characters at most.".to_owned()));
    }
    Ok(welcome)
}

fn limits(quota: Quota) -> Result<ledger::Quota, DeskError> {
    quota::checked(quota, "A limit of 0 would take nothing at all.")
}

/// When a link ends that lives for so many days from now.
fn end(days: u32) -> Result<UnixMillis, DeskError> {
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(DeskError::Invalid("A link lives for 1 to 365 days.".to_owned()));
    }
    Ok(clock::after(clock::now(), Duration::from_secs(24 * 3_600) * days))
}

fn asks(asks: Asks) -> ledger::Asks {
    let ask = |ask| match ask {
        Ask::No => ledger::Ask::No,
        Ask::Maybe => ledger::Ask::Maybe,
        Ask::Must => ledger::Ask::Must,
    };
    ledger::Asks { name: ask(asks.name), email: ask(asks.email), note: ask(asks.note) }
}

fn asked(asks: ledger::Asks) -> Asks {
    let ask = |ask| match ask {
        ledger::Ask::No => Ask::No,
        ledger::Ask::Maybe => Ask::Maybe,
        ledger::Ask::Must => Ask::Must,
    };
    Asks { name: ask(asks.name), email: ask(asks.email), note: ask(asks.note) }
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
        welcome: link.welcome,
        asks: asked(link.asks),
        has_password: link.password_hash.is_some(),
        quota: quota::shown(link.quota),
        state,
        expires_at: link.expires_at,
        guests: usage.guests,
        files: usage.files,
        bytes: usage.bytes,
    }
}
