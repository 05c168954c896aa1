//! Tools from registries: installed once into the cache, or found on PATH.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Result};
use crate::packages::{self, Need};
use crate::{process, workspace};

/// The version of binaryen; its newest at the time. Debian's 108 is older than what rustc emits.
const BINARYEN: &str = "binaryen@132.0.0";

/// Where wasm-opt is: on PATH, or from npm in the cache.
///
/// None where there is neither Node.js nor wasm-opt: the site then works as well, and is a third larger.
pub(crate) fn wasm_opt() -> Option<PathBuf> {
    if let Some(found) = process::find("wasm-opt") {
        return Some(found);
    }
    let home = workspace::cache().join("binaryen-132");
    let program = home.join("node_modules/.bin/wasm-opt");
    if !program.exists() {
        process::find("npm")?;
        fs::create_dir_all(&home).ok()?;
        let mut npm = process::command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--omit=optional", "--prefix"])
            .arg(&home)
            .arg(BINARYEN);
        if let Err(failure) = process::read(&mut npm) {
            println!("wasm-opt could not be installed; going on without it ({failure})");
            return None;
        }
    }
    program.exists().then_some(program)
}

/// A cargo subcommand, installed into the cache if it is not on PATH.
///
/// # Errors
/// If it cannot be built.
pub(crate) fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    if let Some(found) = process::find(name) {
        return Ok(found);
    }
    let home = workspace::cache().join("tools");
    let program = home.join("bin").join(name);
    if !program.exists() {
        println!("Installing {name} {version} (once, some minutes)");
        let mut install = process::cargo();
        install
            .args(["install", "--locked", "--quiet", "--version", version, "--root"])
            .arg(&home)
            .arg(name)
            .env("CARGO_TARGET_DIR", home.join("target"));
        process::read(&mut install)?;
        let _ = fs::remove_dir_all(home.join("target"));
    }
    Ok(program)
}

/// Node.js with npm, and the packages that the browser tests name.
///
/// # Errors
/// If Node.js is missing and cannot be installed, or npm fails.
pub(crate) fn browser_tests() -> Result<()> {
    packages::require(
        "the browser tests",
        &[
            Need { probe: "node", packages: &["nodejs"] },
            Need { probe: "npm", packages: &["npm"] },
            Need { probe: "curl", packages: &["curl"] },
            Need { probe: "/usr/bin/chromium", packages: &["chromium"] },
            // Without these, Japanese and emoji are boxes in the screenshots.
            Need {
                probe: "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
                packages: &["fonts-ipafont-gothic"],
            },
            Need {
                probe: "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
                packages: &["fonts-noto-color-emoji"],
            },
        ],
    )?;
    node_modules(&workspace::root().join("end2end"))
}

/// What the browser tests need, and the peers that uploads are measured beside.
///
/// # Errors
/// As [`browser_tests`].
pub(crate) fn browser_bench() -> Result<()> {
    browser_tests()?;
    node_modules(&workspace::root().join("bench/browser"))
}

/// The npm packages of a folder, as its lock has them.
fn node_modules(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).context(format_args!("reading {}", lock.display()))?;
    let stamp = folder.join("node_modules/.lock-installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    process::read(process::command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    fs::write(stamp, lock)?;
    Ok(())
}
