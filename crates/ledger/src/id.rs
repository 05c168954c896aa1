//! Identifiers that the database hands out.

use std::fmt;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id! {
    /// A person.
    PersonId
}

row_id! {
    /// A guests' link.
    LinkId
}

row_id! {
    /// An API token.
    TokenId
}

row_id! {
    /// A webhook.
    WebhookId
}

row_id! {
    /// A delivery to a webhook.
    DeliveryId
}
