//! Batches: one upload run by one person into one project.
//!
//! Every function takes the state and the caller and checks the caller's rights by itself, so that pages and the
//! JSON API, which both call them, cannot differ. Only the owner and admins may touch a batch; to others it does not
//! exist. And the owner may only go on while the project is open to the owner. The browser is not trusted: rules are checked again here, and what was stored is asked of the store.
//!
//! A batch is `open` until [`close`] finds everything in the store (`verified`), or until its owner gives up the rest
//! (`closed`). Both are final: nothing is announced, granted or reported any more. What a vanished browser left open is
//! closed by the server itself ([`close_abandoned`]). Only then are copies of earlier batches deleted that items of this
//! one replace ([`replace_due`]).

mod abandoned;
mod access;
mod announce;
mod close;
mod error;
mod key;
mod left;
mod list;
mod open;
mod receipt;
mod relay;
mod renew;
mod replace;
mod report;
pub(crate) mod shown;
mod thumbnail;
mod upload;
mod urls;

pub use abandoned::{Abandoned, close_abandoned};
pub(crate) use access::project as open_to;
pub use announce::announce;
pub(crate) use announce::checked;
pub use close::{Unfinished, close};
pub(crate) use close::{end, thumbnails};
pub use error::BatchError;
pub(crate) use key::Keys;
pub use key::object_path;
pub use left::left;
pub use list::{Destination, ITEMS_PAGE, ItemsWanted, destination, items, projects, recent, summary};
pub(crate) use list::{page, seen_by, summarised};
pub use open::open;
pub(crate) use open::{NewRun, record};
pub use receipt::receipt;
pub(crate) use receipt::receipt_of;
pub use relay::{Broken, Relayed, Relays, relay};
pub use renew::renew;
pub use replace::replace_due;
pub use report::report;
pub use thumbnail::sign_thumbnails;
pub use upload::sign_upload;
pub use urls::sign_urls;
