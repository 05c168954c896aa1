//! Where a Ceph keeps its files, which ports it has, and its configuration.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// How much the memory store may hold, in bytes. It takes none of it before objects come.
const STORE_BYTES: u64 = 4 << 30;

/// A folder with a Ceph in it, and the ports of that.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
    ports: Ports,
}

/// Ports on loopback.
#[derive(Debug, Clone, Copy)]
struct Ports {
    gateway: u16,
    monitor_v2: u16,
    monitor_v1: u16,
}

impl Layout {
    /// The one that is there; with no ports if there is none.
    pub(crate) fn at(root: &Path) -> Result<Self> {
        let ports = match fs::read_to_string(root.join("ports")) {
            Ok(text) => Ports::parse(&text)?,
            Err(_) => Ports { gateway: 0, monitor_v2: 0, monitor_v1: 0 },
        };
        Ok(Self { root: root.to_path_buf(), ports })
    }

    /// A new one: folders, free ports, configuration.
    pub(crate) fn create(root: &Path) -> Result<Self> {
        for folder in ["run", "log", "crash", "mon", "osd"] {
            fs::create_dir_all(root.join(folder)).context(format_args!("making {}", root.display()))?;
        }
        let root = root.canonicalize()?;
        let layout = Self { ports: Ports::free()?, root };
        fs::write(layout.root.join("ports"), layout.ports.format())?;
        fs::write(layout.fsid_file(), fresh_uuid()?)?;
        fs::write(layout.configuration(), layout.configuration_text()?)?;
        Ok(layout)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.root.join("ceph.conf")
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.root.join("keyring")
    }

    pub(crate) fn monitor_map(&self) -> PathBuf {
        self.root.join("monmap")
    }

    pub(crate) fn pid_file(&self, daemon: &str) -> PathBuf {
        self.root.join("run").join(format!("{daemon}.pid"))
    }

    pub(crate) fn log_file(&self, daemon: &str) -> PathBuf {
        self.root.join("log").join(format!("{daemon}.out"))
    }

    pub(crate) fn fsid(&self) -> Result<String> {
        fs::read_to_string(self.fsid_file()).context("reading Ceph's id")
    }

    /// The URL of the gateway: S3 and STS.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.gateway)
    }

    /// The gateway's port.
    pub(crate) fn gateway_port(&self) -> u16 {
        self.ports.gateway
    }

    /// The monitor's addresses, as Ceph writes them.
    pub(crate) fn monitor_addresses(&self) -> String {
        format!("[v2:127.0.0.1:{},v1:127.0.0.1:{}]", self.ports.monitor_v2, self.ports.monitor_v1)
    }

    /// Notes that user and role are there.
    pub(crate) fn mark_ready(&self) -> Result<()> {
        fs::write(self.root.join("ready"), "").context("writing Ceph's state")
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.root.join("ready").exists()
    }

    fn fsid_file(&self) -> PathBuf {
        self.root.join("fsid")
    }

    fn configuration_text(&self) -> Result<String> {
        let root = self.root.display();
        let fsid = self.fsid()?;
        let monitor = self.monitor_addresses();
        let gateway = self.ports.gateway;
        // Chosen for one node that starts fast: no replicas, few placement groups, short rounds of the
        // monitor. radosgw 16.2 does not start without cephx. The STS key must have 16 characters.
        Ok(format!(
            "[global]
fsid = {fsid}
mon_host = {monitor}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = {root}/keyring
run_dir = {root}/run
admin_socket =
log_file = {root}/log/$name.log
crash_dir = {root}/crash
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 2000
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_tick_interval = 1
[mon]
mon_data = {root}/mon
mon_data_avail_crit = 1
mon_data_avail_warn = 2
[osd]
osd_data = {root}/osd
osd_objectstore = memstore
memstore_device_bytes = {STORE_BYTES}
memstore_page_set = false
osd_max_object_size = 134217728
osd_class_load_list = *
osd_class_default_list = *
osd_heartbeat_grace = 60
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:{gateway}
rgw_s3_auth_use_sts = true
rgw_sts_key = sluice-tests-key
rgw_thread_pool_size = 64
rgw_enable_usage_log = false
rgw_enable_ops_log = false
rgw_dynamic_resharding = false
rgw_max_chunk_size = 4194304
"
        ))
    }
}

impl Ports {
    /// Ports that nobody has at this moment; the gateway's can be chosen with `SLUICE_CEPH_PORT`.
    fn free() -> Result<Self> {
        let listeners = (0..3)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<std::io::Result<Vec<_>>>()
            .context("looking for free ports")?;
        let mut free = Vec::new();
        for listener in &listeners {
            free.push(listener.local_addr()?.port());
        }
        let [mut gateway, monitor_v2, monitor_v1] = free[..] else {
            return Err(Failure::new("there are no free ports"));
        };
        if let Ok(chosen) = std::env::var("SLUICE_CEPH_PORT") {
            gateway = chosen.parse().context("SLUICE_CEPH_PORT must be a port")?;
        }
        Ok(Self { gateway, monitor_v2, monitor_v1 })
    }

    fn format(self) -> String {
        format!("{} {} {}\n", self.gateway, self.monitor_v2, self.monitor_v1)
    }

    fn parse(text: &str) -> Result<Self> {
        let ports: Vec<u16> = text.split_whitespace().filter_map(|port| port.parse().ok()).collect();
        match ports[..] {
            [gateway, monitor_v2, monitor_v1] => Ok(Self { gateway, monitor_v2, monitor_v1 }),
            _ => Err(Failure::new("Ceph's ports cannot be read; remove target/ceph and start again")),
        }
    }
}

/// A random UUID of the kernel's.
pub(crate) fn fresh_uuid() -> Result<String> {
    let uuid = fs::read_to_string("/proc/sys/kernel/random/uuid").context("making an id")?;
    Ok(uuid.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Ports;

    #[test]
    fn ports_survive_being_written_down() {
        let read = Ports::parse(&Ports { gateway: 7480, monitor_v2: 3300, monitor_v1: 6789 }.format());
        assert!(matches!(read, Ok(Ports { gateway: 7480, monitor_v2: 3300, monitor_v1: 6789 })));
        assert!(Ports::parse("7480 3300").is_err());
    }
}
