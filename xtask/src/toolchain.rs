//! A Rust toolchain that builds WASM.
//!
//! On most machines `rustup target add wasm32-unknown-unknown` is all there is to do. Where rustup can download
//! nothing, Debian's `rustc-web` with the standard library's source gives the same: the library is built once into
//! the cache (about a minute on two cores) and used as a private sysroot, so nothing below /usr is changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Result};
use crate::packages::{self, Need};
use crate::progress::Reporter;
use crate::{process, workspace};

const TARGET: &str = "wasm32-unknown-unknown";

/// With this variable, Debian's toolchain is used although rustup's would do: so that it can be tried anywhere.
pub(crate) const FORCE_DEBIAN: &str = "SLUICE_WASM_FROM_DEBIAN";

/// Debian's rustc, its cargo, the library's source and a linker.
const DEBIAN: &[Need] = &[
    Need { probe: "/usr/bin/rustc", packages: &["rustc-web"] },
    Need { probe: "/usr/bin/cargo", packages: &["cargo-web"] },
    Need { probe: "/usr/lib/rustlib/src/rust/library/sysroot/Cargo.toml", packages: &["rust-web-src"] },
    Need { probe: "/usr/bin/lld-22", packages: &["lld-22"] },
];

const DEBIAN_CLIPPY: Need = Need { probe: "/usr/bin/cargo-clippy", packages: &["rust-web-clippy"] };

/// A toolchain that builds WASM.
#[derive(Debug, Clone)]
pub(crate) enum Wasm {
    /// The toolchain that runs this has the target.
    Own,
    /// Debian's, with a sysroot of our own.
    Debian {
        /// The sysroot.
        sysroot: PathBuf,
        /// lld under the name that rustc looks for.
        linker: PathBuf,
    },
}

impl Wasm {
    /// The toolchain, prepared if need be.
    ///
    /// # Errors
    /// If there is none and none can be made; says what to run.
    pub(crate) fn prepare(reporter: &Reporter) -> Result<Self> {
        let forced = std::env::var_os(FORCE_DEBIAN).is_some();
        if !forced && own_has_target() {
            return Ok(Self::Own);
        }
        if !forced && process::find("rustup").is_some() {
            reporter.step("rustup target add");
            let added = process::read(process::command("rustup").args(["target", "add", TARGET]));
            if added.is_ok() && own_has_target() {
                return Ok(Self::Own);
            }
        }
        packages::require("building WASM (rustup cannot download the target here)", DEBIAN)?;
        let version = process::read(process::command("/usr/bin/rustc").arg("--version"))?;
        let version = version.split_whitespace().nth(1).unwrap_or("unknown").to_owned();
        let home = workspace::cache().join(format!("debian-rust-{version}"));
        let sysroot = home.join("sysroot");
        if !home.join("complete").exists() {
            build_std(&home, &sysroot, reporter)?;
        }
        Ok(Self::Debian { sysroot, linker: link_lld(&home)? })
    }

    /// A cargo command for WASM; the subcommand and what follows are the caller's.
    pub(crate) fn cargo(&self, subcommand: &str) -> Result<Command> {
        let mut command = match self {
            Self::Own => process::cargo(),
            Self::Debian { sysroot, linker } => {
                if subcommand == "clippy" {
                    packages::require("checking WASM", &[DEBIAN_CLIPPY])?;
                }
                // rustup's proxies put their own toolchain's folder first on PATH, and cargo looks for
                // cargo-clippy there.
                let mut command = process::command(if subcommand == "clippy" {
                    "/usr/bin/cargo-clippy"
                } else {
                    "/usr/bin/cargo"
                });
                command
                    .env("PATH", path_with_usr_bin_first()?)
                    .env("RUSTC", "/usr/bin/rustc")
                    // These replace those of .cargo/config.toml.
                    .env("RUSTFLAGS", format!("--sysroot {} --cfg erase_components", sysroot.display()))
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO");
                if subcommand == "clippy" {
                    command.env("CARGO", "/usr/bin/cargo");
                }
                command
            }
        };
        command.args([subcommand, "--target", TARGET]).env("CARGO_TARGET_DIR", self.folder());
        Ok(command)
    }

    /// Where cargo puts what it builds of a profile.
    pub(crate) fn output(&self, profile: &str) -> PathBuf {
        self.folder().join(TARGET).join(profile)
    }

    /// A target folder for each toolchain: both call themselves the same version, and cannot read each other's
    /// crates.
    fn folder(&self) -> PathBuf {
        workspace::target().join(match self {
            Self::Own => "wasm",
            Self::Debian { .. } => "wasm-debian",
        })
    }
}

fn path_with_usr_bin_first() -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).context("PATH cannot be extended")
}

fn own_has_target() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    process::read(process::command(rustc).args(["--print", "target-libdir", "--target", TARGET]))
        .is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

/// Builds the standard library for WASM from Debian's source.
fn build_std(home: &Path, sysroot: &Path, reporter: &Reporter) -> Result<()> {
    reporter.step("the standard library for WASM");
    let source = home.join("library");
    let _ = fs::remove_dir_all(home);
    fs::create_dir_all(home).context(format_args!("making {}", home.display()))?;
    process::read(process::command("cp").arg("-r").arg("/usr/lib/rustlib/src/rust/library").arg(&source))?;
    let target = home.join("target");
    let mut cargo = process::command("/usr/bin/cargo");
    cargo
        .current_dir(&source)
        // Not the whole of `sysroot`: no Rust test runs in the browser.
        .args(["build", "--release", "--target", TARGET, "--package", "std", "--package", "proc_macro"])
        .args(["--features", "panic-unwind,compiler-builtins-mem", "-Zpublic-dependency"])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes")
        .env("CARGO_PROFILE_RELEASE_PANIC", "unwind")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env_remove("RUSTUP_TOOLCHAIN");
    reporter.cargo(&mut cargo)?;
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&libraries)?;
    let built = target.join(TARGET).join("release/deps");
    let mut count = 0;
    for entry in fs::read_dir(&built).context(built.display())? {
        let path = entry?.path();
        if let (Some("rlib"), Some(name)) = (path.extension().and_then(|e| e.to_str()), path.file_name()) {
            fs::copy(&path, libraries.join(name))?;
            count += 1;
        }
    }
    if count == 0 {
        return Err(Failure::new("the standard library for WASM was built, but no .rlib is there"));
    }
    fs::remove_dir_all(&target)?;
    fs::remove_dir_all(&source)?;
    fs::write(home.join("complete"), "")?;
    Ok(())
}

/// rustc chooses the linker's flavour by its name, so lld gets the one it looks for.
fn link_lld(home: &Path) -> Result<PathBuf> {
    let link = home.join("rust-lld");
    if !link.exists() {
        std::os::unix::fs::symlink("/usr/bin/lld-22", &link).context("linking lld")?;
    }
    Ok(link)
}
