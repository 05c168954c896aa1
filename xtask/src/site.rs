//! What the browser loads: page, worker, style and public files, built into `target/site`.

mod compress;
mod style;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasm_bindgen_cli_support::Bindgen;

use crate::binary::Profile;
use crate::failure::{Context, Failure, Result};
use crate::progress::{self, Reporter};
use crate::toolchain::Wasm;
use crate::{process, tools, workspace};

/// What rustc emits for this target and every browser of the last years has; never `--all-features`, which writes
/// compact imports that Chromium 156 refuses.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// LLVM has optimised it for size already: after brotli, `-Oz` makes it 1 % larger than this, in twice the time.
const WASM_LEVEL: &[&str] = &["-O1", "--shrink-level=2"];

/// A WASM module of the site.
struct Module {
    /// The crate that cargo builds.
    package: &'static str,
    /// Its name in /pkg.
    name: &'static str,
    /// The file name of the WASM; Leptos wants the page's without `_bg`.
    wasm: &'static str,
}

const MODULES: &[Module] = &[
    Module { package: "frontend", name: "sluice", wasm: "sluice.wasm" },
    Module { package: "worker", name: "worker", wasm: "worker_bg.wasm" },
];

/// Builds the site with a line of progress.
///
/// # Errors
/// With what the compiler or a tool said.
pub(crate) fn build(profile: Profile) -> Result<()> {
    progress::side_by_side(vec![("page", Box::new(move |reporter| build_quietly(profile, reporter)))])
}

/// Builds the site.
///
/// # Errors
/// With what the compiler or a tool said.
pub(crate) fn build_quietly(profile: Profile, reporter: &Reporter) -> Result<()> {
    let wasm = Wasm::prepare(reporter)?;
    let mut cargo = wasm.cargo("build")?;
    cargo.args(["--locked", "--lib", "--package", "frontend", "--package", "worker"]);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            cargo.args(["--profile", "wasm-release"]);
            "wasm-release"
        }
    };
    reporter.cargo(&mut cargo)?;
    let built = wasm.output(folder);
    let pkg = workspace::site().join("pkg");
    fs::create_dir_all(&pkg)?;
    let mut changed = Vec::new();
    for module in MODULES {
        changed.extend(bind(module, &built, &pkg, profile, reporter)?);
    }
    reporter.step("style and public files");
    changed.extend(style::bundle(&workspace::root().join("style/main.css"), &pkg.join("sluice.css"))?);
    changed.extend(copy_public(&workspace::root().join("public"), &workspace::site())?);
    if profile == Profile::Release {
        reporter.step("compressing");
        compress::compress(&workspace::site())?;
    } else {
        compress::remove(&changed)?;
    }
    Ok(())
}

/// Makes JavaScript and WASM for the browser from what cargo built, if that is new.
fn bind(
    module: &Module,
    built: &Path,
    pkg: &Path,
    profile: Profile,
    reporter: &Reporter,
) -> Result<Vec<PathBuf>> {
    let input = built.join(format!("{}.wasm", module.package));
    let stamp = pkg.join(format!(".{}.stamp", module.name));
    let state = format!("{profile:?} {:?}", modified(&input)?);
    let wasm = pkg.join(module.wasm);
    let script = pkg.join(format!("{}.js", module.name));
    if wasm.exists() && script.exists() && fs::read_to_string(&stamp).is_ok_and(|known| known == state) {
        return Ok(Vec::new());
    }
    reporter.step("wasm-bindgen");
    let work = pkg.join(format!(".{}", module.name));
    let _ = fs::remove_dir_all(&work);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&input).out_name(module.name).typescript(false);
    bindgen.web(true).and_then(|bindgen| bindgen.generate(&work)).context("wasm-bindgen")?;
    let bound = work.join(format!("{}_bg.wasm", module.name));
    if profile == Profile::Release {
        optimise(&bound, reporter)?;
    }
    fs::rename(&bound, &wasm)?;
    let text = fs::read_to_string(work.join(format!("{}.js", module.name)))?;
    fs::write(&script, text.replace(&format!("{}_bg.wasm", module.name), module.wasm))?;
    let snippets = work.join("snippets");
    if snippets.is_dir() {
        copy_public(&snippets, &pkg.join("snippets"))?;
    }
    fs::remove_dir_all(&work)?;
    fs::write(stamp, state)?;
    Ok(vec![wasm, script])
}

/// Makes a WASM file smaller, where wasm-opt can be had.
fn optimise(file: &Path, reporter: &Reporter) -> Result<()> {
    let Some(wasm_opt) = tools::wasm_opt() else {
        println!("  Neither wasm-opt nor npm is here: the page works as it is, and loads a third more.");
        return Ok(());
    };
    reporter.step("wasm-opt");
    let output = file.with_extension("opt");
    process::read(
        process::command(wasm_opt).args(WASM_LEVEL).args(WASM_FEATURES).arg(file).arg("-o").arg(&output),
    )?;
    fs::rename(output, file)?;
    Ok(())
}

/// Copies a folder, only what differs.
fn copy_public(from: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).context(from.display())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            changed.extend(copy_public(&entry.path(), &target)?);
            continue;
        }
        let bytes = fs::read(entry.path())?;
        if fs::read(&target).ok().as_ref() != Some(&bytes) {
            fs::write(&target, bytes)?;
            changed.push(target);
        }
    }
    Ok(changed)
}

fn modified(file: &Path) -> Result<SystemTime> {
    fs::metadata(file)
        .and_then(|metadata| metadata.modified())
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}
