//! The JSON API against its own OpenAPI document, by schemathesis: thousands of requests, good and bad ones.
//!
//! It looks for what must never be: an error of the server's, and an answer that the document does not have. That a
//! request which fits the schema is refused is no fault: rules such as the form of a prefix are the server's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::binary::{self, Profile};
use crate::failure::{Context, Failure, Result};
use crate::packages::{self, Need};
use crate::{process, progress, workspace};

/// The version of schemathesis; its newest at the time.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

const VENV: Need = Need { probe: "/usr/share/doc/python3-venv", packages: &["python3-venv"] };
const CURL: Need = Need { probe: "curl", packages: &["curl"] };

/// What must hold of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,ignored_auth,unsupported_method";

/// Starts a server of its own, and lets schemathesis at it as an admin.
///
/// # Errors
/// If something is missing, the server does not start, or schemathesis finds something; it prints how to see it again.
pub(crate) fn schema(arguments: &[String]) -> Result<()> {
    let program = schemathesis()?;
    progress::side_by_side(vec![("server", Box::new(|reporter| binary::build(Profile::Release, reporter)))])?;
    let data = workspace::target().join("schema");
    if data.exists() {
        fs::remove_dir_all(&data).context(data.display())?;
    }
    let served = Served::start(&data)?;
    let token = served.token()?;
    let rules = data.join("schemathesis.toml");
    fs::write(&rules, served.ids(&token)?).context(rules.display())?;
    let mut run = process::command(program);
    // It keeps what it learnt where it runs.
    run.current_dir(&data).arg("--config-file").arg(&rules);
    run.args(["run", &format!("{}/api/v1/openapi.json", served.url), "--url", &served.url])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--continue-on-failure"])
        // Its admin must not make an uploader of itself.
        .args(["--exclude-path-regex", "^/api/v1/people/\\{id\\}"])
        .args(arguments);
    process::execute(&mut run)
}

/// Where schemathesis is: in a Python environment in the cache.
fn schemathesis() -> Result<PathBuf> {
    packages::require("schemathesis", &[VENV, CURL])?;
    let home = workspace::cache().join(SCHEMATHESIS.replace("==", "-"));
    let program = home.join("bin/schemathesis");
    if !program.exists() {
        println!("Installing {SCHEMATHESIS} (once)");
        process::read(process::command("python3").args(["-m", "venv"]).arg(&home))?;
        process::read(process::command(home.join("bin/pip")).args(["install", "--quiet", SCHEMATHESIS]))?;
    }
    Ok(program)
}

/// A server with an embedded store and a database of its own. Stops when it is dropped.
struct Served {
    child: Child,
    data: PathBuf,
    url: String,
}

impl Served {
    fn start(data: &Path) -> Result<Self> {
        let mut serve = sluice(data);
        serve
            .arg("serve")
            .env("SLUICE_LISTEN", "127.0.0.1:0")
            .env("SLUICE_STORE_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = serve.spawn().context("starting the server")?;
        let said = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let mut served = Self { child, data: data.to_path_buf(), url: String::new() };
        let ready = said.map_while(std::result::Result::ok).find_map(|line| {
            line.strip_prefix("Sluice is ready: ").map(|url| url.trim_end_matches('/').to_owned())
        });
        served.url = ready.ok_or_else(|| Failure::new("the server did not start"))?;
        Ok(served)
    }

    /// An admin's token.
    fn token(&self) -> Result<String> {
        process::read(sluice(&self.data).args(["user", "add", "schema", "--role", "admin"]))?;
        let said = process::read(sluice(&self.data).args(["token", "create", "--person", "schema"]))?;
        let token = said.split_whitespace().find(|word| word.starts_with("slu_"));
        token.map(str::to_owned).ok_or_else(|| Failure::new(format!("no token in: {said}")))
    }

    /// Opens a batch; answers the configuration that makes requests go to it more often than to none.
    fn ids(&self, token: &str) -> Result<String> {
        let mut open = process::command("curl");
        open.args(["--silent", "--show-error", "--fail-with-body", "--json", r#"{"project":"default"}"#])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .arg(format!("{}/api/v1/batches", self.url));
        let said = process::read(&mut open)?;
        let batch = said.split('"').skip_while(|word| *word != "batch").nth(2);
        let batch = batch.ok_or_else(|| Failure::new(format!("no batch in: {said}")))?;
        let parameters = [("batches", batch), ("projects", "default")];
        let lines = parameters.map(|(things, id)| {
            format!("[[operations]]\ninclude-path-regex = '^/api/v1/{things}/'\nparameters = {{ 'id' = '{id}' }}\n")
        });
        Ok(lines.concat())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sluice(data: &Path) -> Command {
    let mut sluice = process::command(binary::path(Profile::Release));
    sluice.env("SLUICE_DATA_DIR", data);
    sluice
}
