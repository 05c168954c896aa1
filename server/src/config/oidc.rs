//! Single sign-on: the provider, and who may come in by it.

use ledger::Role;
use secrecy::SecretString;

/// Single sign-on: the provider, and who may come in by it.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// The provider, exactly as its tokens name it.
    pub issuer: String,
    /// This server, as the provider knows it.
    pub client_id: String,
    /// What it proves that with; without one it is a public client, which PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// What people call the provider.
    pub label: String,
    /// What is asked for, with spaces between; `openid` is among it.
    pub scopes: String,
    /// Where roles come from; without it they are given on the page of people.
    pub roles: Option<RoleRules>,
    /// What becomes of somebody who was never here.
    pub newcomers: Newcomers,
    /// Domains of e-mail addresses that may come in; none is all.
    pub domains: Vec<String>,
}

/// Which values of a claim give which role.
#[derive(Debug, Clone)]
pub struct RoleRules {
    /// The claim's name, or its path with dots.
    pub claim: String,
    /// Any of these makes an admin.
    pub admins: Vec<String>,
    /// Any of these makes an uploader; if there are none, whoever is no admin is one.
    pub uploaders: Vec<String>,
}

/// What becomes of somebody who was never here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newcomers {
    /// Refused, unless they bring a one-time link.
    Invited,
    /// Made a person, with that role if no claim gives one.
    Made(Role),
}

/// What the variables say of single sign-on.
#[derive(Debug, Clone)]
pub(super) struct OidcDraft {
    pub(super) issuer: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretString>,
    pub(super) label: Option<String>,
    pub(super) scopes: String,
    pub(super) role_claim: Option<String>,
    pub(super) admins: Vec<String>,
    pub(super) uploaders: Vec<String>,
    pub(super) newcomers: Newcomers,
    pub(super) domains: Vec<String>,
}

impl Default for OidcDraft {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: None,
            client_secret: None,
            label: None,
            scopes: "openid email profile".to_owned(),
            role_claim: None,
            admins: Vec::new(),
            uploaders: Vec::new(),
            newcomers: Newcomers::Invited,
            domains: Vec::new(),
        }
    }
}

impl OidcDraft {
    /// What is missing beside what is set: its name, and the name of what needs it.
    pub(super) fn missing(&self) -> Option<(&'static str, &'static str)> {
        let set = [
            (self.client_id.is_some(), "SLUICE_OIDC_CLIENT_ID"),
            (self.client_secret.is_some(), "SLUICE_OIDC_CLIENT_SECRET"),
            (self.role_claim.is_some(), "SLUICE_OIDC_ROLE_CLAIM"),
            (!self.domains.is_empty(), "SLUICE_OIDC_DOMAINS"),
        ];
        if self.issuer.is_none()
            && let Some((_, set)) = set.iter().find(|(is, _)| *is)
        {
            return Some(("SLUICE_OIDC_ISSUER", set));
        }
        if self.issuer.is_some() && self.client_id.is_none() {
            return Some(("SLUICE_OIDC_CLIENT_ID", "SLUICE_OIDC_ISSUER"));
        }
        if self.role_claim.is_none() {
            let set = [(&self.admins, "SLUICE_OIDC_ADMINS"), (&self.uploaders, "SLUICE_OIDC_UPLOADERS")];
            let given = set.iter().find(|(values, _)| !values.is_empty());
            return given.map(|(_, set)| ("SLUICE_OIDC_ROLE_CLAIM", *set));
        }
        None
    }

    /// The configuration, if a provider is set.
    pub(super) fn finish(self) -> Option<OidcConfig> {
        let label = self.label();
        let Self { issuer, client_id, admins, uploaders, .. } = self;
        Some(OidcConfig {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: self.client_secret,
            label: label?,
            scopes: self.scopes,
            roles: self.role_claim.map(|claim| RoleRules { claim, admins, uploaders }),
            newcomers: self.newcomers,
            domains: self.domains,
        })
    }

    /// What the button says, or else the provider's host.
    pub(super) fn label(&self) -> Option<String> {
        let host = || Some(self.issuer.as_ref()?.parse::<http::Uri>().ok()?.host()?.to_owned());
        self.label.clone().or_else(host)
    }
}
