//! Reading the environment and the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Config, Draft, VARIABLES, Variable};

/// The variable that names the file.
pub(super) const FILE_VARIABLE: &str = "SLUICE_CONFIG";

/// Variables that are no settings: of the file, and of `sluice upload`.
const NOT_OURS: [&str; 4] = [FILE_VARIABLE, "SLUICE_STATE_DIR", "SLUICE_TOKEN", "SLUICE_URL"];

/// A configuration, and where each value came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values as they were put together.
    pub draft: Draft,
    /// Where the values that are not defaults came from, by variable.
    pub sources: BTreeMap<&'static str, Source>,
    /// What looks like a mistake, one sentence each.
    pub warnings: Vec<String>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The environment.
    Environment,
    /// That file.
    File(PathBuf),
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value that the variable does not accept.
    #[error("{name} does not accept {value:?}. It takes {accepts}.")]
    Value {
        /// The variable, or the key of the file.
        name: String,
        /// What it was given.
        value: String,
        /// What it accepts.
        accepts: &'static str,
    },
    /// A variable that another one needs.
    #[error("{name} is not set, and {because} needs it. It takes {accepts}.")]
    Missing {
        /// The variable.
        name: &'static str,
        /// The one that needs it.
        because: &'static str,
        /// What it accepts.
        accepts: &'static str,
    },
    /// The file has a key that is no variable.
    #[error("{path}: `{key}` is not a setting. Run `sluice config` for the list.")]
    Key {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path} is not TOML: {error}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Box<toml::de::Error>,
    },
}

impl Loaded {
    /// From this process's environment, and from the file that was named on the command line or by `SLUICE_CONFIG`.
    ///
    /// # Errors
    /// The first value or key that is wrong.
    pub fn of_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = environment.get(FILE_VARIABLE).map(PathBuf::from);
        let file = file.map(Path::to_path_buf).or(named);
        let read = match file {
            None => None,
            Some(path) => match std::fs::read_to_string(&path) {
                Ok(text) => Some((path, text)),
                Err(error) => return Err(ConfigError::Read { path, error }),
            },
        };
        Self::of(&environment, read.as_ref().map(|(path, text)| (path.as_path(), text.as_str())))
    }

    /// From an environment and a file's path and text.
    ///
    /// # Errors
    /// The first value or key that is wrong.
    pub fn of(
        environment: &BTreeMap<String, String>,
        file: Option<(&Path, &str)>,
    ) -> Result<Self, ConfigError> {
        let mut loaded = Self { draft: Draft::default(), sources: BTreeMap::new(), warnings: Vec::new() };
        if let Some((path, text)) = file {
            loaded.read_file(path, text)?;
        }
        for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("SLUICE_")) {
            match variable(name) {
                // Compose and systemd hand over variables that nobody set as empty ones.
                Some(_) if value.is_empty() => {}
                Some(known) => loaded.set(known, name, value, Source::Environment)?,
                None if NOT_OURS.contains(&name.as_str()) || name.starts_with("SLUICE_TEST_") => {}
                None => {
                    loaded
                        .warnings
                        .push(format!("{name} is not a variable of this program, and is ignored."));
                }
            }
        }
        if let Some((name, because)) = loaded.draft.missing() {
            let accepts = variable(name).map_or("a value", |known| known.accepts);
            return Err(ConfigError::Missing { name, because, accepts });
        }
        Ok(loaded)
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.draft.clone().finish()
    }

    fn read_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text
            .parse()
            .map_err(|error| ConfigError::Toml { path: path.to_owned(), error: Box::new(error) })?;
        for (key, value) in &table {
            let name = format!("SLUICE_{}", key.to_ascii_uppercase());
            let known = variable(&name)
                .ok_or_else(|| ConfigError::Key { path: path.to_owned(), key: key.clone() })?;
            self.set(known, key, &text_of(value), Source::File(path.to_owned()))?;
        }
        Ok(())
    }

    fn set(
        &mut self,
        known: &'static Variable,
        name: &str,
        value: &str,
        source: Source,
    ) -> Result<(), ConfigError> {
        (known.set)(&mut self.draft, value).map_err(|_| ConfigError::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            accepts: known.accepts,
        })?;
        self.sources.insert(known.name, source);
        Ok(())
    }
}

fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|known| known.name == name)
}

/// A TOML value as the environment would have it.
fn text_of(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
