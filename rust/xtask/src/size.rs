// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask size`: what the library costs on a Cortex-M4, held against its budgets; see
//! `tests/size/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::elf::{SHF_ALLOC, SHF_WRITE, SHT_NOBITS, SHT_PROGBITS};
use object::read::elf::{ElfFile32, FileHeader, SectionHeader};

use crate::budgets::Budgets;
use crate::config::Selection;
use crate::stack::{Chain, Image};
use crate::{Result, Workspace, build_host, process, targets};

pub const COMMAND: crate::Command = crate::Command {
    name: "size",
    usage: "[--tighten | --show | --frames] [CONFIGURATION...]",
    help: "Measure flash, RAM and stack on a Cortex-M4 and hold them against tests/size/budgets.tsv",
    run,
};

const FOLDER: &str = "tests/size";
const BUDGETS: &str = "tests/size/budgets.tsv";
const TARGET: &str = "thumbv7em-none-eabi";
/// What the engine's thread runs.
const ENGINE: &str = "lwm2m_capi::engine_thread::main";

/// Bytes.
struct Size {
    flash: u64,
    ram: u64,
}

/// What is done besides measuring.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// Nothing.
    Hold,
    /// The bounds are lowered to what is measured.
    Tighten,
    /// The deepest chains of calls are printed.
    Frames,
}

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let option = arguments.first().map_or("", String::as_str);
    let (mode, names) = match option {
        "--show" => return Budgets::read(workspace, BUDGETS)?.write(),
        "--tighten" => (Mode::Tighten, &arguments[1..]),
        "--frames" => (Mode::Frames, &arguments[1..]),
        _ => (Mode::Hold, arguments),
    };
    match measure(workspace, mode, names)? {
        Some(_) => Ok(()),
        None => Err("the source of Rust's core library is not here (rust-src)".into()),
    }
}

/// Measures every configuration. Returns their number, `None` where the target cannot be built.
pub fn check(workspace: &Workspace) -> Result<Option<u32>> {
    Budgets::read(workspace, BUDGETS)?.check_document()?;
    measure(workspace, Mode::Hold, &[])
}

/// Measures the named configurations, all where none is named.
fn measure(workspace: &Workspace, mode: Mode, names: &[String]) -> Result<Option<u32>> {
    let mut budgets = Budgets::read(workspace, BUDGETS)?;
    let configurations = match names {
        [] => budgets.names().map(String::from).collect(),
        names => names.to_vec(),
    };
    let mut exceeded = Vec::new();
    for configuration in &configurations {
        let Some(archive) = build(workspace, configuration)? else {
            return Ok(None);
        };
        let image = link(workspace, &own_objects(&archive)?)?;
        let size = sections(&fs::read(image)?)?;
        let whole = fs::read(link(workspace, &[archive])?)?;
        let routines = sections(&whole)?.flash.saturating_sub(size.flash);
        let image = Image::read(&whole)?;
        let (engine, pointer) = (image.deepest_of(&[ENGINE]), image.deepest_by_pointer());
        println!("{configuration} (and {routines} bytes of the compiler's routines)");
        for (heading, bytes) in [
            ("flash", size.flash),
            ("RAM", size.ram),
            ("stack", engine.depth.into()),
            ("stack by pointer", pointer.depth.into()),
        ] {
            let bound = budgets.bound(configuration, heading)?;
            println!("  {heading:16}{bytes:>8}{:>10}", format!("({bound})"));
            if bytes > bound || bytes == 0 {
                exceeded.push(format!("{configuration} {heading}"));
            } else if mode == Mode::Tighten {
                budgets.tighten(configuration, heading, bytes, 0)?;
            }
        }
        if mode == Mode::Frames {
            print(&engine);
            print(&pointer);
        }
    }
    if mode == Mode::Tighten {
        budgets.write()?;
    }
    if exceeded.is_empty() {
        Ok(Some(configurations.len() as u32))
    } else {
        Err(format!("over budget: {}", exceeded.join(", ")).into())
    }
}

fn print(chain: &Chain) {
    println!("{:>8}", chain.depth);
    for (name, frame) in &chain.functions {
        println!("{frame:>12}  {name}");
    }
}

fn build(workspace: &Workspace, configuration: &str) -> Result<Option<PathBuf>> {
    let folder = workspace.root.join(FOLDER);
    let output = workspace.target.join("size").join(configuration);
    let selection = Selection::parse(&[
        "--output".into(),
        output.to_string_lossy().into_owned(),
        folder
            .join(format!("{configuration}.conf"))
            .to_string_lossy()
            .into_owned(),
    ])?;
    let loaded = selection.load(workspace)?;
    let mut cargo = workspace.cargo_at("build", "rust/zephyr/Cargo.toml");
    if !targets::use_small_target(&mut cargo, TARGET, &workspace.target.join("size"))? {
        return Ok(None);
    }
    cargo
        .args([
            "--release",
            "--quiet",
            "--features",
            &build_host::features(&loaded)?,
        ])
        .arg("--target-dir")
        .arg(workspace.target.join("size/cargo"))
        .env("LWM2M_DOTCONFIG", std::path::absolute(&loaded.dotconfig)?)
        .env("LWM2M_LAYOUT", folder.join("arm32.layout"));
    println!("xtask: building {configuration} for {TARGET} ...");
    process::run(&mut cargo)?;
    let built = workspace
        .target
        .join("size/cargo")
        .join(TARGET)
        .join("release/liblwm2m.a");
    let archive = output.join("liblwm2m.a");
    fs::copy(&built, &archive)?;
    Ok(Some(archive))
}

/// The library's own objects, as `zephyr/archive.cmake` takes them out of the archive: the compiler's
/// routines beside them are the image's own.
fn own_objects(archive: &Path) -> Result<Vec<PathBuf>> {
    let folder = archive.with_file_name("objects");
    fs::create_dir_all(&folder)?;
    let members = process::output(Command::new("ar").arg("t").arg(archive))?;
    let own: Vec<&str> = members
        .lines()
        .filter(|member| member.starts_with("lwm2m-"))
        .collect();
    process::run(
        Command::new("ar")
            .arg("x")
            .arg(archive)
            .args(&own)
            .current_dir(&folder),
    )?;
    Ok(own.iter().map(|member| folder.join(member)).collect())
}

/// Links the inputs behind the functions an application calls.
fn link(workspace: &Workspace, inputs: &[PathBuf]) -> Result<PathBuf> {
    let image = inputs
        .first()
        .ok_or("the archive has no object of the library")?
        .with_file_name("image.elf");
    let mut linker = Command::new(linker()?);
    linker.args([
        "-flavor",
        "gnu",
        "--gc-sections",
        "--unresolved-symbols=ignore-all",
    ]);
    for symbol in fs::read_to_string(workspace.root.join(FOLDER).join("symbols.txt"))?.lines() {
        linker.args(["-u", symbol]);
    }
    process::run(
        linker
            .args(["-e", "lwm2m_rs_run_engine", "-o"])
            .arg(&image)
            .args(inputs),
    )?;
    Ok(image)
}

/// The linker that comes with the compiler.
fn linker() -> Result<PathBuf> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("rustc names no host")?;
    let tools = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(host)
        .join("bin");
    Ok(tools.join("rust-lld"))
}

/// Adds up the allocated sections of an image, leaving out unwind tables, which no Zephyr image keeps.
fn sections(image: &[u8]) -> Result<Size> {
    let file = ElfFile32::<object::Endianness>::parse(image)?;
    let endian = file.elf_header().endian()?;
    let mut size = Size { flash: 0, ram: 0 };
    for section in file.elf_section_table().iter() {
        let (kind, flags) = (section.sh_type(endian), section.sh_flags(endian));
        if flags & SHF_ALLOC == 0 || !matches!(kind, SHT_PROGBITS | SHT_NOBITS) {
            continue;
        }
        let bytes = u64::from(section.sh_size(endian));
        if kind == SHT_PROGBITS {
            size.flash += bytes;
        }
        if flags & SHF_WRITE != 0 {
            size.ram += bytes;
        }
    }
    Ok(size)
}
