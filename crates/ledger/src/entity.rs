//! The tables, as sea-orm sees them. Nothing of this leaves the crate.
#![expect(unreachable_pub, reason = "sea-orm's derives write `pub`")]

pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod delivery;
pub(crate) mod identity;
pub(crate) mod item;
pub(crate) mod link;
pub(crate) mod member;
pub(crate) mod person;
pub(crate) mod project;
pub(crate) mod session;
pub(crate) mod tally;
pub(crate) mod token;
pub(crate) mod webhook;
pub(crate) mod welcome;
