// SPDX-License-Identifier: Apache-2.0
//! Writes the constants of `lib.rs` from a `.config` and the two tables beside this file.

use std::path::{Path, PathBuf};
use std::{env, fs};

mod dotconfig;

const VARIABLE: &str = "LWM2M_DOTCONFIG";

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let dotconfig_path = match env::var_os(VARIABLE) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from("host.config"),
    };
    if env::var_os(VARIABLE).is_some() && !dotconfig_path.is_absolute() {
        return Err(format!(
            "{VARIABLE}={}: not an absolute path",
            dotconfig_path.display()
        ));
    }
    let text = read(&dotconfig_path)?;
    let dotconfig = dotconfig::DotConfig::parse(&text);
    let output = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    for (table, file) in [("symbols.tsv", "lwm2m.rs"), ("outside.tsv", "outside.rs")] {
        let items = dotconfig
            .constants(&read(Path::new(table))?)
            .map_err(|error| format!("{}: {error}", dotconfig_path.display()))?;
        let path = output.join(file);
        fs::write(&path, items).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Reads an input and has cargo watch it.
fn read(path: &Path) -> Result<String, String> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
