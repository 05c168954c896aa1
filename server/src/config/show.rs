//! Showing the configuration: to people who run the server, and as the documentation.

use std::fmt::Write as _;

use super::load::FILE_VARIABLE;
use super::{Loaded, Source, VARIABLES};

/// Variables of the AWS SDK's default chain that are worth a look; their values are not shown.
const AWS_VARIABLES: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

/// What holds now, with each value's source. `has` tells whether a variable is set.
#[must_use]
pub fn shown(loaded: &Loaded, has: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    for variable in VARIABLES {
        let value = (variable.show)(&loaded.draft);
        let value = if value.is_empty() { format!("({})", variable.default) } else { value };
        let source = match loaded.sources.get(variable.name) {
            None => "default".to_owned(),
            Some(Source::Environment) => "environment".to_owned(),
            Some(Source::File(path)) => path.display().to_string(),
        };
        let _ = writeln!(text, "{} = {value}", variable.name);
        let _ = writeln!(text, "    {} [{source}]", variable.about);
        let _ = writeln!(text, "    Takes {}.", variable.accepts);
    }
    text.push_str("\nCredentials for the bucket come from the AWS SDK's default chain:\n");
    for name in AWS_VARIABLES {
        let state = if has(name) { "set, not shown" } else { "not set" };
        let _ = writeln!(text, "    {name}: {state}");
    }
    text
}

/// The documentation, `docs/configuration.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "<!-- Made by `sluice config --markdown`; a test compares the two. -->\n\
         # Configuration\n\n\
         Everything has a default: `sluice serve` alone starts with an embedded store. Settings come from the \
         environment,\nor from a TOML file named by `--config` or `",
    );
    text.push_str(FILE_VARIABLE);
    text.push_str(
        "`, where a key is the variable's name in lower case without\n`SLUICE_` (`bucket = \"photographs\"`). The \
         environment wins over the file. `sluice config` shows what holds, and where it\ncomes from.\n\n\
         Credentials for the bucket are no settings: the AWS SDK's default chain finds them. In order of preference: \
         the ECS\ntask's role, the EC2 instance's role, SSO, and `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY` in \
         the environment.\n\n\
         | variable | what it is for | takes | default |\n|---|---|---|---|\n",
    );
    for variable in VARIABLES {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            variable.name, variable.about, variable.accepts, variable.default
        );
    }
    text
}
