//! Making a cluster of one monitor, one OSD and one gateway, and the people in it.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;
use std::time::Duration;

use crate::failure::{Context, Result};
use crate::process;

use super::daemon::{GATEWAY, MONITOR, OSD};
use super::layout::{self, Layout};
use super::{BUCKET, KEYS, ROLE};

/// Brings all daemons up on a fresh layout.
pub(crate) fn start(layout: &Layout) -> Result<()> {
    make_keys(layout)?;

    let addresses = layout.monitor_addresses();
    let mut map = process::command("monmaptool");
    map.args(["--create", "--clobber", "--fsid", &layout.fsid()?, "--addv", "a", &addresses]);
    process::read(map.arg(layout.monitor_map()))?;
    let mut make = configured("ceph-mon", layout);
    make.args(["--mkfs", "-i", "a", "--monmap"]).arg(layout.monitor_map());
    process::read(make.arg("--keyring").arg(layout.keyring()))?;
    MONITOR.spawn(layout)?;
    MONITOR.wait(layout, || process::read(ceph(layout).args(["mon", "stat"])).is_ok())?;

    let uuid = layout::fresh_uuid()?;
    process::read(ceph(layout).args(["osd", "new", &uuid]))?;
    process::read(configured("ceph-osd", layout).args(["-i", "0", "--mkfs", "--osd-uuid", &uuid]))?;
    process::read(ceph(layout).args(["osd", "crush", "add", "osd.0", "1.0", "root=default", "host=local"]))?;
    OSD.spawn(layout)?;
    OSD.wait(layout, || {
        process::read(ceph(layout).args(["osd", "stat"])).is_ok_and(|stat| stat.contains("1 up"))
    })?;

    GATEWAY.spawn(layout)?;
    GATEWAY.wait(layout, || answers_http(layout.gateway_port()))
}

/// The server's user, and the role that its grants are made from.
///
/// The user owns the bucket that it creates, so it needs no policy. The role may do no more than the session
/// policies that narrow it: a right is role ∩ session.
pub(crate) fn provision(layout: &Layout) -> Result<()> {
    let mut user = administer(layout, &["user", "create", "--uid", KEYS.user, "--display-name", KEYS.user]);
    user.args(["--access-key", KEYS.access_key_id, "--secret-key", KEYS.secret_access_key]);
    process::read(&mut user).context("making Ceph's user")?;

    // On Ceph a session counts as the user who started it, and could assume the role again without the policy that
    // narrows it. The second statement refuses that.
    let trust = format!(
        concat!(
            r#"{{"Version":"2012-10-17","Statement":["#,
            r#"{{"Effect":"Allow","Principal":{{"AWS":["arn:aws:iam:::user/{user}"]}},"Action":["sts:AssumeRole"]}},"#,
            r#"{{"Effect":"Deny","Principal":{{"AWS":["arn:aws:iam:::role/{role}"]}},"Action":["sts:AssumeRole"]}}]}}"#
        ),
        user = KEYS.user,
        role = ROLE,
    );
    let mut role = administer(layout, &["role", "create", "--role-name", ROLE, "--path", "/"]);
    process::read(role.args(["--assume-role-policy-doc", &trust])).context("making Ceph's role")?;

    let rights = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":["arn:aws:s3:::{BUCKET}/*"]}}]}}"#
    );
    let mut policy = administer(layout, &["role-policy", "put", "--role-name", ROLE]);
    process::read(policy.args(["--policy-name", "upload", "--policy-doc", &rights]))
        .context("giving Ceph's role its rights")?;
    Ok(())
}

/// Keys of the daemons, readable by their owner alone.
fn make_keys(layout: &Layout) -> Result<()> {
    const ANY: [&str; 6] = ["--cap", "mon", "allow *", "--cap", "osd", "allow *"];
    let keyring = layout.keyring();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(&keyring)?;
    for name in ["mon.", "client.admin", "osd.0", "client.rgw"] {
        let mut tool = process::command("ceph-authtool");
        process::read(tool.arg(&keyring).args(["--gen-key", "-n", name]).args(ANY))?;
    }
    Ok(())
}

fn configured(program: &str, layout: &Layout) -> Command {
    let mut command = process::command(program);
    command.arg("-c").arg(layout.configuration());
    command
}

/// `ceph`, which would wait for a monitor for ever.
fn ceph(layout: &Layout) -> Command {
    let mut command = process::command("timeout");
    command.args(["20", "ceph", "--connect-timeout", "10", "-c"]).arg(layout.configuration());
    command
}

fn administer(layout: &Layout, arguments: &[&str]) -> Command {
    let mut command = process::command("timeout");
    command.args(["60", "radosgw-admin", "-c"]).arg(layout.configuration());
    command.args(["-n", "client.rgw"]).args(arguments);
    command
}

fn answers_http(port: u16) -> bool {
    let asked = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        Ok(&start == b"HTTP/")
    };
    asked().unwrap_or(false)
}
