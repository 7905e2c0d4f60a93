// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask c-api`: the C programs of `tests/c-api`, plain and under the sanitizers.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use lwm2m_server::{Impairments, Link, Proxy, Server};

use crate::cc::{self, Program};
use crate::config::Selection;
use crate::kconfig::Configuration;
use crate::{Command, Result, Workspace, build_host, process};

pub const COMMAND: Command = Command {
    name: "c-api",
    usage: "[PROGRAM...]",
    help: "Build and run the C programs of tests/c-api, plain and under the sanitizers",
    run,
};

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A way to build and run all programs.
struct Variant {
    name: &'static str,
    /// The C compiler's flags.
    flags: &'static [&'static str],
    /// What rustc calls the sanitizer.
    sanitizer: Option<&'static str>,
}

const PLAIN: Variant = Variant {
    name: "plain",
    flags: &[],
    sanitizer: None,
};

const ADDRESS: Variant = Variant {
    name: "address",
    flags: &[
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=undefined",
    ],
    sanitizer: Some("address"),
};

const THREAD: Variant = Variant {
    name: "thread",
    flags: &["-fsanitize=thread"],
    sanitizer: Some("thread"),
};

const VARIANTS: &[Variant] = &[PLAIN, ADDRESS, THREAD];

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (passed, failed) = run_all(workspace, arguments)?;
    if failed == 0 {
        println!("{passed} passed");
        Ok(())
    } else {
        Err(format!("{failed} of {} failed", passed + failed).into())
    }
}

/// Programs that are built with the same configuration.
struct Group {
    /// Their folder, below `tests/c-api`.
    folder: &'static str,
    /// Programs of `tests/c-api` itself that run with this configuration too.
    also: &'static [&'static str],
    /// The `.conf` file, below `tests/c-api` too; none is the host's own.
    configuration: Option<&'static str>,
    variants: &'static [Variant],
}

const GROUPS: &[Group] = &[
    Group {
        folder: "",
        also: &[],
        configuration: None,
        variants: VARIANTS,
    },
    Group {
        folder: "all_objects",
        also: &["hostile.c"],
        configuration: Some("all_objects/all_objects.conf"),
        variants: &[PLAIN, ADDRESS],
    },
    Group {
        folder: "life",
        also: &[],
        configuration: Some("life/life.conf"),
        variants: &[PLAIN, ADDRESS],
    },
    Group {
        folder: "queue_mode",
        also: &[],
        configuration: Some("queue_mode/queue_mode.conf"),
        variants: &[PLAIN],
    },
    Group {
        folder: "queue_choices",
        also: &[],
        configuration: Some("queue_choices/queue_choices.conf"),
        variants: &[PLAIN],
    },
];

/// Builds and runs the programs, all of them or those named, in every variant. Returns how many
/// passed and failed.
pub fn run_all(workspace: &Workspace, names: &[String]) -> Result<(u32, u32)> {
    let mut unknown = names.to_vec();
    let mut counts = (0, 0);
    for group in GROUPS {
        let mut programs = c_files(&folder(workspace).join(group.folder))?;
        programs.extend(group.also.iter().map(|file| folder(workspace).join(file)));
        if !names.is_empty() {
            programs.retain(|file| names.contains(&stem(file)));
        }
        unknown.retain(|name| programs.iter().all(|file| stem(file) != *name));
        if !programs.is_empty() {
            let (passed, failed) = run_group(workspace, group, &programs)?;
            counts = (counts.0 + passed, counts.1 + failed);
        }
    }
    match unknown.first() {
        Some(stranger) => Err(format!("there is no program `{stranger}`").into()),
        None => Ok(counts),
    }
}

fn run_group(workspace: &Workspace, group: &Group, programs: &[PathBuf]) -> Result<(u32, u32)> {
    let output = workspace.target.join("c-api").join(group.folder);
    fs::create_dir_all(&output)?;
    let mut arguments = vec!["--output".into(), output.to_string_lossy().into()];
    if let Some(file) = group.configuration {
        arguments.push(folder(workspace).join(file).to_string_lossy().into());
    }
    let selection = Selection::parse(&arguments)?;
    let configuration = selection.load(workspace)?;
    fs::write(output.join("layout_table.h"), layout_table(workspace)?)?;
    let plain = build_host::static_library(workspace, &configuration, &output)?;
    let packages = Packages::offer()?;
    let mut counts = (0, 0);
    for variant in group.variants {
        let library = match variant.sanitizer {
            None => plain.clone(),
            Some(sanitizer) => match instrumented(workspace, &configuration, sanitizer) {
                Ok(library) => library,
                Err(error) => {
                    println!("!!! the Rust part is not instrumented, only the C part: {error}");
                    plain.clone()
                }
            },
        };
        for source in programs {
            let name = stem(source);
            let program = output.join(format!("{name}-{}", variant.name));
            let result = build(
                workspace,
                &configuration,
                variant,
                source,
                &library,
                &program,
            )
            .and_then(|()| execute(&program, &packages));
            match result {
                Ok(()) => counts.0 += 1,
                Err(error) => {
                    counts.1 += 1;
                    println!("{name}, {}: FAILED\n{error}", variant.name);
                }
            }
        }
    }
    Ok(counts)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests/c-api")
}

/// The C files in a folder, in the order of their names.
fn c_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The name of a program.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn build(
    workspace: &Workspace,
    configuration: &Configuration,
    variant: &Variant,
    source: &Path,
    library: &Path,
    output: &Path,
) -> Result<()> {
    let mut sources = vec![source.to_path_buf()];
    sources.extend(c_files(&folder(workspace).join("support"))?);
    let include = |path: PathBuf| format!("-I{}", path.display());
    let mut flags = vec![
        include(workspace.root.join("include/lwm2m")),
        include(folder(workspace)),
        include(workspace.target.join("c-api")),
    ];
    flags.extend(variant.flags.iter().map(ToString::to_string));
    cc::link(
        workspace,
        &Program {
            sources: &sources,
            configuration,
            library,
            flags: &flags,
            output,
        },
    )
}

/// Builds the library with a sanitizer of the compiler's own, which stable rustc has and hides.
fn instrumented(
    workspace: &Workspace,
    configuration: &Configuration,
    sanitizer: &str,
) -> Result<PathBuf> {
    println!("xtask: building the library with the {sanitizer} sanitizer ...");
    let host = process::output(Process::new("rustc").args(["--print", "host-tuple"]))?;
    let host = host.trim();
    let target = workspace.target.join(format!("sanitizer-{sanitizer}"));
    let mut cargo = workspace.cargo("rustc");
    cargo
        .args(["--quiet", "--release", "--package", "lwm2m-posix", "--lib"])
        .args(["--crate-type", "staticlib", "--target", host])
        .args(["--no-default-features", "--features"])
        .arg(build_host::host_features(configuration)?)
        // The standard library is not instrumented and cannot take part in the optimisation.
        .args(["--config", "profile.release.lto=\"off\""])
        .env("CARGO_TARGET_DIR", &target)
        .env(
            "LWM2M_DOTCONFIG",
            std::path::absolute(&configuration.dotconfig)?,
        )
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            "RUSTFLAGS",
            format!("-Zsanitizer={sanitizer} -Cunsafe-allow-abi-mismatch=sanitizer"),
        );
    process::run(&mut cargo)?;
    Ok(target.join(host).join("release/liblwm2m.a"))
}

/// What `pull.c` fetches: a package at a server behind a link that is not perfect.
struct Packages {
    _server: Server,
    proxy: Proxy,
}

impl Packages {
    /// The length that `pull.c` knows.
    const LENGTH: usize = 1 << 20;
    /// A lost datagram costs two seconds or three.
    const LINK: Impairments = Impairments {
        drop: 0.001,
        duplicate: 0.02,
        delay: 0.02,
        longest_delay: Duration::from_millis(10),
    };

    fn offer() -> Result<Self> {
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0))?;
        // The sequence that `pull.c` knows.
        let mut state: u32 = 1;
        let bytes = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        server.offer("package", bytes.take(Self::LENGTH).collect());
        let proxy = Proxy::to(server.address(), Link::random(1, Self::LINK))?;
        Ok(Self {
            _server: server,
            proxy,
        })
    }
}

/// Runs a program; what it printed is part of the error.
fn execute(program: &Path, packages: &Packages) -> Result<()> {
    let log = program.with_extension("log");
    let mut child = Process::new(program)
        .env("LWM2M_PACKAGES", packages.proxy.address().to_string())
        .stdin(Stdio::null())
        .stdout(fs::File::create(&log)?)
        .stderr(fs::File::options().append(true).open(&log)?)
        .spawn()?;
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Ok(status);
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            break Err(format!("not over after {PATIENCE:?}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let reason = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(reason) => reason,
    };
    let printed = fs::read(&log)?;
    let printed = String::from_utf8_lossy(&printed);
    // The library's own lines say nothing about the failure.
    let lines = printed.lines().filter(|line| !line.starts_with("<inf>"));
    let shown: Vec<&str> = lines.take(60).collect();
    Err(format!("{reason}\n{}", shown.join("\n")).into())
}

/// `struct_layout.tsv` as C assertions about this project's own headers. Empty on hosts that were
/// not measured.
fn layout_table(workspace: &Workspace) -> Result<String> {
    let mut asserts = String::from("/* Made from rust/registry/struct_layout.tsv. */\n");
    if !cfg!(target_arch = "x86_64") {
        return Ok(asserts);
    }
    let table = fs::read_to_string(workspace.root.join("rust/registry/struct_layout.tsv"))?;
    let mut rows = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let heading = rows.next().unwrap_or_default();
    let column = heading.iter().position(|name| *name == "x86_64_full");
    let column = column.ok_or("struct_layout.tsv: no column x86_64_full")?;
    for row in rows {
        let (Some(name), Some(field), Some(cell)) = (row.get(1), row.get(2), row.get(column))
        else {
            return Err("struct_layout.tsv: a row is too short".into());
        };
        // Bits have no offset.
        if cell.contains("bit") {
            continue;
        }
        let Some((first, second)) = cell.split_once('/') else {
            continue;
        };
        let condition = if *field == "(whole)" {
            format!("sizeof({name}) == {first} && _Alignof({name}) == {second}")
        } else {
            format!(
                "offsetof({name}, {field}) == {first} && sizeof((({name} *)0)->{field}) == {second}"
            )
        };
        writeln!(asserts, "_Static_assert({condition}, \"{name} {field}\");")?;
    }
    Ok(asserts)
}
