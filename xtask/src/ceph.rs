//! A single-node Ceph on loopback: mon, osd and radosgw with STS, for the tests.
//!
//! The embedded store is our own work, so it cannot prove itself. Ceph's gateway is the independent
//! S3 and STS server that Debian packages: about 3 seconds to start, objects in memory, 140 MB.
//! Everything it writes is below one folder; no systemd, no mgr, nothing in `/etc` or `/var`.

mod cluster;
mod daemon;
mod layout;

use std::fs;
use std::path::Path;

use clap::Subcommand;

use crate::failure::{Context, Failure, Result};
use crate::packages::{self, Need};
use crate::workspace;

use self::layout::Layout;

/// What to do with it.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Start it, or find it running; prints how to reach it.
    Start,
    /// Stop it.
    Stop,
    /// Print the variables that tests read.
    Env,
}

/// Does it, with the Ceph of this clone.
///
/// # Errors
/// If it cannot be started or stopped, or is to tell of itself and does not run.
pub(crate) fn perform(what: &What) -> Result<()> {
    let root = workspace::target().join("ceph");
    match what {
        What::Start => print(&Ceph::start(&root)?.environment()),
        What::Stop => Ceph { layout: Layout::at(&root)? }.stop()?,
        What::Env => match Ceph::find(&root)? {
            Some(ceph) => print(&ceph.environment()),
            None => {
                return Err(Failure::new("Ceph does not run here. Start it with: cargo xtask ceph start"));
            }
        },
    }
    Ok(())
}

/// As a shell takes it: `eval "$(cargo xtask ceph env)"`.
fn print(environment: &[(String, String)]) {
    for (name, value) in environment {
        println!("export {name}='{value}'");
    }
}

/// The server's own user: it owns the bucket and may assume the role.
#[derive(Debug, Clone, Copy)]
struct Keys {
    user: &'static str,
    access_key_id: &'static str,
    secret_access_key: &'static str,
}

/// Known to everyone, as good as none: the gateway listens on loopback and holds what tests put there.
const KEYS: Keys = Keys {
    user: "sluice",
    access_key_id: "SLUICETESTACCESSKEY1",
    secret_access_key: "sluice-test-secret-key-of-no-value-00001",
};

/// The role that grants are made from.
const ROLE: &str = "BrowserUpload";

/// The bucket that the role may write to. Tests create it.
const BUCKET: &str = "uploads";

/// A running Ceph.
#[derive(Debug)]
pub(crate) struct Ceph {
    layout: Layout,
}

impl Ceph {
    /// Installs the packages if need be and starts it below `root`, or finds it running there.
    ///
    /// # Errors
    /// If a package is missing and cannot be installed, or a daemon does not come up.
    pub(crate) fn start(root: &Path) -> Result<Self> {
        packages::require(
            "the tests against Ceph",
            &[
                Need { probe: "/usr/bin/ceph-mon", packages: &["ceph-mon"] },
                Need { probe: "/usr/bin/ceph-osd", packages: &["ceph-osd"] },
                Need { probe: "/usr/bin/radosgw", packages: &["radosgw"] },
            ],
        )?;
        if let Some(running) = Self::find(root)? {
            return Ok(running);
        }
        // Its objects are in memory: a Ceph of which a part has ended starts over.
        Self { layout: Layout::at(root)? }.stop()?;
        let layout = Layout::create(root)?;
        cluster::start(&layout).inspect_err(|_| {
            // What did come up would only be in the way of the next attempt.
            let _ = daemon::stop_all(&layout);
        })?;
        cluster::provision(&layout)?;
        layout.mark_ready()?;
        Ok(Self { layout })
    }

    /// One that is up and provisioned.
    fn find(root: &Path) -> Result<Option<Self>> {
        let layout = Layout::at(root)?;
        let up = layout.is_ready() && daemon::ALL.iter().all(|daemon| daemon.is_alive(&layout));
        Ok(up.then_some(Self { layout }))
    }

    /// What tests read.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        [
            ("ENDPOINT", self.layout.endpoint()),
            ("REGION", "default".to_owned()),
            ("ACCESS_KEY_ID", KEYS.access_key_id.to_owned()),
            ("SECRET_ACCESS_KEY", KEYS.secret_access_key.to_owned()),
            ("ROLE_ARN", format!("arn:aws:iam:::role/{ROLE}")),
            ("BUCKET", BUCKET.to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (format!("SLUICE_TEST_CEPH_{name}"), value))
        .collect()
    }

    /// Stops it and forgets what it held. One that does not run is stopped already.
    ///
    /// # Errors
    /// If a daemon does not end, or its files cannot be removed.
    pub(crate) fn stop(self) -> Result<()> {
        daemon::stop_all(&self.layout)?;
        let root = self.layout.root();
        if root.exists() {
            fs::remove_dir_all(root).context(format_args!("removing {}", root.display()))?;
        }
        Ok(())
    }
}
