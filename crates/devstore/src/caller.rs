//! Who a request says it is from. Whether that is true, its signature tells.

use std::sync::Arc;

use crate::access::Right;
use crate::policy::{Ask, Policy, all_allow};
use crate::session::Claims;

/// The one that a request's access key belongs to.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// The long-lived key pair: may do everything.
    Root {
        /// Its access key id.
        access_key_id: Arc<str>,
    },
    /// A session of the role.
    Session(Arc<SessionCaller>),
}

/// A session whose token stands.
#[derive(Debug)]
pub(crate) struct SessionCaller {
    pub(crate) access_key_id: String,
    pub(crate) claims: Claims,
    /// The role's own policy.
    pub(crate) role: Arc<Policy>,
    /// The inline policy of the session.
    pub(crate) inline: Option<Policy>,
}

impl Caller {
    pub(crate) fn access_key_id(&self) -> &str {
        match self {
            Self::Root { access_key_id } => access_key_id,
            Self::Session(session) => &session.access_key_id,
        }
    }

    /// Whether it has a right: every one for the root, role ∩ inline policy for a session.
    pub(crate) fn has(&self, right: &Right) -> bool {
        match self {
            Self::Root { .. } => true,
            Self::Session(session) => {
                let policies = std::iter::once(session.role.as_ref()).chain(session.inline.as_ref());
                let Right { action, resource, facts } = right;
                all_allow(policies, Ask { action, resource, facts })
            }
        }
    }
}
