// SPDX-License-Identifier: Apache-2.0
//! The library as a target gets it: the archive of `rust/zephyr`, which holds neither an allocator
//! nor the standard library, and the struct layouts on the ABIs that boards have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, Workspace, build_host, config, process};

/// What the archive may leave for the image to define, besides the glue's `lwm2m_rs_…`.
const EXPECTED: &[&str] = &[
    "bcmp",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "rust_eh_personality",
    "strlen",
    // The data cache stamps its samples, as in C.
    "time",
];

/// Builds the archive of the Zephyr build for this host, as a 64-bit native_sim has it, and looks
/// through its symbols.
pub fn archive_is_bare(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("zephyr-archive");
    let default = std::fs::read_to_string(config::host_config(workspace))?;
    let mut cargo = workspace.cargo_at("build", "rust/zephyr/Cargo.toml");
    cargo
        .args([
            "--release",
            "--quiet",
            "--features",
            &build_host::features_of(&default),
        ])
        .arg("--target-dir")
        .arg(&folder);
    process::run(&mut cargo)?;
    let strangers = strangers(&folder.join("release/liblwm2m.a"))?;
    if strangers.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "the archive needs what no target has: {}",
            strangers.join(", ")
        )
        .into())
    }
}

/// Symbols that the archive refers to, does not define, and is not expected to.
fn strangers(archive: &Path) -> Result<Vec<String>> {
    let mut nm = Command::new("nm");
    let listing = process::output(nm.args(["--format=posix", "-A"]).arg(archive))?;
    let (mut defined, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    for line in listing.lines() {
        let mut words = line.split_whitespace();
        if let (Some(member), Some(name), Some(kind)) = (words.next(), words.next(), words.next()) {
            if kind != "U" {
                defined.insert(name);
            } else if member.contains("[lwm2m-") {
                // Members beside ours are the compiler's own routines; the linker takes those it
                // needs.
                wanted.insert(name);
            }
        }
    }
    let stranger = |name: &&&str| {
        !defined.contains(**name) && !name.starts_with("lwm2m_rs_") && !EXPECTED.contains(*name)
    };
    let allocator = |name: &&&str| name.contains("__rust_alloc") || **name == "malloc";
    let mut found: Vec<String> = wanted
        .iter()
        .filter(stranger)
        .map(|name| (**name).into())
        .collect();
    found.extend(defined.iter().filter(allocator).map(|name| (**name).into()));
    Ok(found)
}

/// ABIs whose layouts `rust/registry/struct_layout.tsv` has.
const TARGETS: &[&str] = &[
    "i686-unknown-linux-gnu",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabi",
];

/// How a target's core library is to be had.
enum Toolchain {
    /// It is installed.
    Ready,
    /// It is built from source by this rustc, `None` for the one cargo uses.
    FromSource(Option<PathBuf>),
}

/// Compiles the structs' layout checks for each target. Returns those it could check and those for
/// which there is no core library here.
pub fn layouts(workspace: &Workspace) -> Result<(u32, Vec<&'static str>)> {
    let mut checked = 0;
    let mut missing = Vec::new();
    for target in TARGETS {
        let mut cargo = workspace.cargo("build");
        if !use_target(&mut cargo, target) {
            missing.push(*target);
            continue;
        }
        cargo.args(["--quiet", "--package", "lwm2m-registry"]);
        // Compilers of different versions do not share a target folder.
        cargo
            .arg("--target-dir")
            .arg(workspace.target.join("layouts"));
        println!("xtask: checking struct layouts on {target} ...");
        process::run(&mut cargo)?;
        checked += 1;
    }
    Ok((checked, missing))
}

/// Has cargo build for `target`. Returns whether it can be built for here.
pub fn use_target(cargo: &mut Command, target: &str) -> bool {
    let Some(toolchain) = toolchain(target) else {
        return false;
    };
    cargo.args(["--target", target]);
    if let Toolchain::FromSource(rustc) = toolchain {
        build_core(cargo, rustc);
    }
    true
}

/// Has cargo build for `target` as a Zephyr build does where the compiler's source is installed
/// (`zephyr/rust_target.cmake`): `target`'s specification with what makes code smaller, put into `folder`,
/// and a core library for it. Returns whether there is such a source.
pub fn use_small_target(cargo: &mut Command, target: &str, folder: &Path) -> Result<bool> {
    let Some(rustc) = source() else {
        return Ok(false);
    };
    let mut printer = Command::new(rustc.as_deref().unwrap_or(Path::new("rustc")));
    printer
        .args(["-Zunstable-options", "--print", "target-spec-json"])
        .args(["--target", target])
        .env("RUSTC_BOOTSTRAP", "1");
    let mut specification: serde_json::Value =
        serde_json::from_str(&process::output(&mut printer)?)?;
    specification["frame-pointer"] = "may-omit".into();
    specification["llvm-args"] = ["-disable-machine-licm", "-split-spill-mode=size"]
        .as_slice()
        .into();
    let path = folder.join(target).with_extension("json");
    std::fs::create_dir_all(folder)?;
    // Cargo builds anew what is newer.
    let text = specification.to_string();
    if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
        std::fs::write(&path, text)?;
    }
    cargo.arg("--target").arg(path);
    build_core(cargo, rustc);
    let mut help = Command::new(cargo.get_program());
    help.args(["-Z", "help"]).env("RUSTC_BOOTSTRAP", "1");
    if process::output(&mut help)?.contains("json-target-spec") {
        cargo.arg("-Zjson-target-spec");
    }
    Ok(true)
}

fn build_core(cargo: &mut Command, rustc: Option<PathBuf>) {
    cargo.arg("-Zbuild-std=core").env("RUSTC_BOOTSTRAP", "1");
    if let Some(rustc) = rustc {
        cargo.env("RUSTC", rustc);
    }
}

fn toolchain(target: &str) -> Option<Toolchain> {
    let own = || Command::new("rustc");
    if !has_core(own(), target) {
        println!("xtask: asking rustup for {target} ...");
        // Without rustup, or where it cannot get the target, there may be another way.
        let _ = process::output(Command::new("rustup").args(["target", "add", target]));
    }
    if has_core(own(), target) {
        return Some(Toolchain::Ready);
    }
    source().map(Toolchain::FromSource)
}

/// A compiler whose source is installed, `Some(None)` for the one cargo uses.
fn source() -> Option<Option<PathBuf>> {
    if has_source(Command::new("rustc")) {
        return Some(None);
    }
    // A distribution's own compiler may have brought its source along.
    let distribution = PathBuf::from("/usr/bin/rustc");
    has_source(Command::new(&distribution)).then_some(Some(distribution))
}

fn has_core(mut rustc: Command, target: &str) -> bool {
    let folder = process::output(rustc.args(["--print", "target-libdir", "--target", target]));
    let Ok(entries) = folder.and_then(|folder| Ok(std::fs::read_dir(folder.trim())?)) else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

fn has_source(mut rustc: Command) -> bool {
    process::output(rustc.args(["--print", "sysroot"])).is_ok_and(|sysroot| {
        Path::new(sysroot.trim())
            .join("lib/rustlib/src/rust/library/core")
            .exists()
    })
}
