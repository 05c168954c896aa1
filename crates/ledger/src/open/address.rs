//! Where the database is.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The URL of a database: `sqlite://<path>?mode=rwc`, or `postgres://<user>:<password>@<host>/<database>`. It may hold
/// a password, so it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

/// Why a text is not the URL of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the URL of a database begins with postgres:// or sqlite://")]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// A SQLite file, which is made if it is not there.
    #[must_use]
    pub fn of_file(path: &Path) -> Self {
        // In a URL these characters mean something else.
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Self(format!("sqlite://{path}?mode=rwc"))
    }

    /// Whether it is a file, which one server has for itself.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.0.starts_with("sqlite:")
    }

    /// The URL with the password in it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let known =
            ["postgres://", "postgresql://", "sqlite://"].iter().any(|scheme| text.starts_with(scheme));
        if known { Ok(Self(text.to_owned())) } else { Err(InvalidDatabaseUrl) }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.to_string()).finish()
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without user, password and parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let rest = rest.split('?').next().unwrap_or_default();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        write!(f, "{scheme}://{place}")
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn a_url_shows_no_password() {
        let url: Result<DatabaseUrl, _> =
            "postgres://ann:hun@ter2@db.example:5432/sluice?sslmode=require".parse();
        let shown = url.map(|url| format!("{url} {url:?}"));
        let harmless = "postgres://db.example:5432/sluice DatabaseUrl(\"postgres://db.example:5432/sluice\")";
        assert_eq!(shown.as_deref(), Ok(harmless));
        assert!("mysql://db".parse::<DatabaseUrl>().is_err());
    }
}
