// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask fuzz`: the libFuzzer targets of `tests/fuzz`, built with the sanitizer and the
//! coverage that stable rustc has and hides. Nothing but the compiler is needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::{Duration, Instant};

use crate::{Command, Result, Workspace, process};

pub const COMMAND: Command = Command {
    name: "fuzz",
    usage: "[--seconds N] [TARGET...]",
    help: "Fuzz every entry that takes bytes, or the targets named, for N seconds each (60)",
    run,
};

const FOLDER: &str = "tests/fuzz";

/// Coverage as libFuzzer wants it, and the address sanitizer.
const RUSTFLAGS: &[&str] = &[
    "--cfg",
    "fuzzing",
    "-Zsanitizer=address",
    "-Cunsafe-allow-abi-mismatch=sanitizer",
    "-Cdebug-assertions",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// See `RUNS`: what leaks leaks on purpose.
const ASAN_OPTIONS: &str = "detect_leaks=0";

/// A process ends after so many inputs and another one goes on: a client under test is lent memory
/// that only the end of the process gives back.
const RUNS: u32 = 100_000;

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (seconds, names) = match arguments {
        [option, value, names @ ..] if option == "--seconds" => (value.parse()?, names),
        names => (60, names),
    };
    let known = targets(workspace)?;
    if let Some(stranger) = names.iter().find(|name| !known.contains(name)) {
        let known = known.join(", ");
        return Err(format!("`{stranger}` is none of the targets: {known}").into());
    }
    let programs = build(workspace)?;
    let chosen = known
        .iter()
        .filter(|name| names.is_empty() || names.contains(name));
    let mut failed = Vec::new();
    for name in chosen {
        println!("\n=== {name} ===");
        let found = fuzz(
            workspace,
            &programs.join(name),
            name,
            Duration::from_secs(seconds),
        );
        if let Err(error) = found {
            println!("{error}");
            failed.push(name.as_str());
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        let artifacts = workspace.target.join("fuzz/artifacts");
        let (failed, artifacts) = (failed.join(", "), artifacts.display());
        Err(format!("found something: {failed}; the inputs are in {artifacts}").into())
    }
}

/// The names of the targets, from the folder that has them.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace.root.join(FOLDER).join("fuzz_targets"))? {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// Builds every target; the folder with the programs.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    println!("xtask: building the fuzz targets ...");
    let host = process::output(Process::new("rustc").args(["--print", "host-tuple"]))?;
    let host = host.trim();
    let target = workspace.target.join("fuzz");
    let mut cargo = workspace.cargo_at("build", "tests/fuzz/Cargo.toml");
    // With a target named, build scripts are not instrumented.
    cargo.args(["--quiet", "--release", "--bins", "--target", host]);
    cargo
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", RUSTFLAGS.join(" "));
    process::run(&mut cargo)?;
    Ok(target.join(host).join("release"))
}

/// Feeds one target until the time is over. What is new is kept beside the committed corpus, below
/// the target folder.
fn fuzz(workspace: &Workspace, program: &Path, name: &str, time: Duration) -> Result<()> {
    let found = workspace.target.join("fuzz/corpus").join(name);
    let artifacts = workspace.target.join("fuzz/artifacts").join(name);
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&artifacts)?;
    let committed = workspace.root.join(FOLDER).join("corpus").join(name);
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        if left == 0 {
            return Ok(());
        }
        let mut fuzzer = Process::new(program);
        fuzzer.args([&found, &committed]);
        fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
        fuzzer.arg(format!("-max_total_time={left}"));
        fuzzer.arg(format!("-runs={RUNS}"));
        fuzzer.args(["-timeout=5", "-rss_limit_mb=4096", "-max_len=4096"]);
        fuzzer.args(["-detect_leaks=0", "-verbosity=0", "-print_final_stats=1"]);
        fuzzer.env("ASAN_OPTIONS", ASAN_OPTIONS);
        process::run(&mut fuzzer)?;
    }
}

/// Runs each target over its committed corpus. Returns how many there are.
pub fn replay(workspace: &Workspace) -> Result<u32> {
    let programs = build(workspace)?;
    let mut passed = 0;
    for name in targets(workspace)? {
        let corpus = workspace.root.join(FOLDER).join("corpus").join(&name);
        let mut fuzzer = Process::new(programs.join(&name));
        fuzzer
            .arg(corpus)
            .args(["-runs=0", "-detect_leaks=0"])
            .env("ASAN_OPTIONS", ASAN_OPTIONS);
        process::output(&mut fuzzer)?;
        passed += 1;
    }
    Ok(passed)
}
