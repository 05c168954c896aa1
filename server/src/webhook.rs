//! Webhooks: telling others when a batch is over, as Standard Webhooks has it (standardwebhooks.com).
//!
//! What is to be told is written down by the ledger in the transaction of what happened, once for each webhook
//! ([`ledger::Deliveries`]). Every server looks for what is due ([`deliver`]), takes it in hand for a minute, and notes
//! what came of it. What was not taken is tried again over about a day; then it is given up, and an admin may have it
//! delivered again.
//!
//! Admins choose the URLs, and this server stands where they may not: so a message goes to no address inside
//! ([`is_inside`]), whatever name leads there, and follows no redirect ([`Messenger`]).

mod address;
mod deliver;
mod message;
mod messenger;
mod signature;

pub use address::is_inside;
pub(crate) use deliver::{attempt, deliver_until, has_time, lease};
pub use deliver::{deliver, deliver_due, forget_old};
pub(crate) use messenger::check;
pub use messenger::{Messenger, Refusal};
pub(crate) use signature::new_secret;
