// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask size`: what the library costs on a Cortex-M4, held against its budgets; see
//! `tests/size/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::config::Selection;
use crate::{Result, Workspace, build_host, process, targets};

pub const COMMAND: crate::Command = crate::Command {
    name: "size",
    usage: "",
    help: "Measure flash and RAM on a Cortex-M4 and hold them against tests/size/budgets.tsv",
    run,
};

const FOLDER: &str = "tests/size";
const TARGET: &str = "thumbv7em-none-eabi";

/// Bytes.
struct Size {
    flash: u64,
    ram: u64,
}

/// One row of the budgets.
struct Budget {
    configuration: String,
    bound: Size,
}

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        return Err(format!("takes no arguments, not even `{argument}`").into());
    }
    match check(workspace)? {
        Some(_) => Ok(()),
        None => Err(format!("there is no core library for {TARGET} here").into()),
    }
}

/// Measures every configuration. Returns their number, `None` where the target cannot be built.
pub fn check(workspace: &Workspace) -> Result<Option<u32>> {
    let budgets = budgets(&fs::read_to_string(
        workspace.root.join(FOLDER).join("budgets.tsv"),
    )?)?;
    println!(
        "{:12}{:>16}{:>16}{:>26}",
        "", "flash (bound)", "RAM (bound)", "+ the compiler's routines"
    );
    let mut count = 0;
    let mut exceeded = Vec::new();
    for Budget {
        configuration,
        bound,
    } in budgets
    {
        let Some(archive) = build(workspace, &configuration)? else {
            return Ok(None);
        };
        let size = measure(workspace, &own_objects(&archive)?)?;
        let whole = measure(workspace, &[archive])?;
        println!(
            "{configuration:12}{:>8} ({:5}){:>9} ({:5}){:>26}",
            size.flash,
            bound.flash,
            size.ram,
            bound.ram,
            whole.flash.saturating_sub(size.flash)
        );
        if size.flash > bound.flash || size.ram > bound.ram {
            exceeded.push(configuration);
        }
        count += 1;
    }
    if exceeded.is_empty() {
        Ok(Some(count))
    } else {
        Err(format!("over budget: {}", exceeded.join(", ")).into())
    }
}

fn budgets(text: &str) -> Result<Vec<Budget>> {
    let rows = text.lines().skip(1).map(|line| {
        let words: Vec<&str> = line.split('\t').collect();
        let [configuration, flash, ram] = words[..] else {
            return Err(format!("`{line}` is not CONFIGURATION FLASH RAM").into());
        };
        Ok(Budget {
            configuration: configuration.into(),
            bound: Size {
                flash: flash.parse()?,
                ram: ram.parse()?,
            },
        })
    });
    rows.collect()
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
    if !targets::use_target(&mut cargo, TARGET) {
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

/// Links the inputs behind the functions an application calls and adds up what remains.
fn measure(workspace: &Workspace, inputs: &[PathBuf]) -> Result<Size> {
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
    sections(&fs::read(&image)?)
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

/// Adds up the allocated sections of a 32-bit little-endian ELF image, leaving out unwind tables,
/// which no Zephyr image keeps.
fn sections(image: &[u8]) -> Result<Size> {
    let word = |at: usize| -> Result<usize> {
        let bytes = image.get(at..at + 4).ok_or("the image is cut off")?;
        Ok(u32::from_le_bytes(bytes.try_into()?) as usize)
    };
    let half = |at: usize| -> Result<usize> { Ok(word(at)? & 0xffff) };
    const ALLOCATED: usize = 2;
    const WRITABLE: usize = 1;
    const PROGRAM_DATA: usize = 1;
    const NO_BITS: usize = 8;
    let (table, entry, count) = (word(0x20)?, half(0x2e)?, half(0x30)?);
    let mut size = Size { flash: 0, ram: 0 };
    for index in 0..count {
        let header = table + index * entry;
        let (kind, flags, bytes) = (word(header + 4)?, word(header + 8)?, word(header + 20)?);
        if flags & ALLOCATED == 0 || !matches!(kind, PROGRAM_DATA | NO_BITS) {
            continue;
        }
        if kind == PROGRAM_DATA {
            size.flash += bytes as u64;
        }
        if flags & WRITABLE != 0 {
            size.ram += bytes as u64;
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::budgets;

    #[test]
    fn a_row_of_the_budgets_has_a_name_and_two_numbers() {
        let rows = budgets("configuration\tflash\tram\nsample\t10\t20\n").unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].configuration, "sample");
        assert_eq!((rows[0].bound.flash, rows[0].bound.ram), (10, 20));
        assert!(budgets("configuration\tflash\tram\nsample\t10\n").is_err());
        assert!(budgets("configuration\tflash\tram\nsample\t10\tmany\n").is_err());
    }
}
