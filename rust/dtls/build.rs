// SPDX-License-Identifier: Apache-2.0
//! Compiles Mbed TLS and the glue. The sources are those that `mbedtls/Cargo.toml` pins, as cargo has
//! unpacked them, or those in the folder that `LWM2M_MBEDTLS` names.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of the library's folder that are for what no build here has.
const LEFT_OUT: &[&str] = &["psa_", "ssl_tls13_", "lm", "net_sockets"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=LWM2M_MBEDTLS");
    for input in ["build.rs", "glue", "mbedtls/Cargo.lock"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let mbedtls = match env::var_os("LWM2M_MBEDTLS") {
        Some(folder) => folder.into(),
        None => pinned()?,
    };
    let issue = env::var_os("CARGO_FEATURE_ISSUE").is_some();

    let mut library = compiler(&mbedtls, issue);
    library.warnings(false).files(sources(&mbedtls)?);
    library.try_compile("lwm2m_mbedtls")?;

    let mut glue = compiler(&mbedtls, issue);
    glue.extra_warnings(true).warnings_into_errors(true);
    glue.file("glue/association.c");
    if issue {
        glue.file("glue/issue.c");
    }
    glue.try_compile("lwm2m_dtls_glue")?;
    Ok(())
}

fn compiler(mbedtls: &Path, issue: bool) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .std("gnu17")
        // Handshakes are slow without, whatever the profile.
        .opt_level(2)
        .include("glue")
        .include(mbedtls.join("library"))
        .define("MBEDTLS_CONFIG_FILE", "\"lwm2m_mbedtls_config.h\"");
    // Not ours, so their warnings are not either.
    build.flag("-isystem").flag(mbedtls.join("include"));
    if issue {
        build.define("LWM2M_DTLS_ISSUE", None);
    }
    build
}

fn sources(mbedtls: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = mbedtls.join("library");
    let mut files = Vec::new();
    for entry in folder
        .read_dir()
        .map_err(|error| format!("{}: {error}", folder.display()))?
    {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".c") && !LEFT_OUT.iter().any(|start| name.starts_with(start)) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// The sources in cargo's registry, fetched if they are not there yet.
fn pinned() -> Result<PathBuf, Box<dyn Error>> {
    let metadata = |offline: &[&str]| -> Result<Vec<u8>, Box<dyn Error>> {
        let mut cargo = Command::new(env::var_os("CARGO").ok_or("cargo runs this")?);
        cargo.args(["metadata", "--locked", "--format-version", "1"]);
        cargo.args(["--manifest-path", "mbedtls/Cargo.toml"]);
        cargo
            .args(["--filter-platform", &env::var("HOST")?])
            .args(offline);
        let output = cargo.output()?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(String::from_utf8_lossy(&output.stderr).into()),
        }
    };
    let found = metadata(&["--offline"]).or_else(|_| metadata(&[]))?;
    let found: serde_json::Value = serde_json::from_slice(&found)?;
    let packages = found["packages"].as_array().ok_or("no packages")?;
    let package = packages
        .iter()
        .find(|package| package["name"] == "mbedtls-rs-sys");
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = Path::new(manifest.ok_or("Mbed TLS is not pinned")?);
    Ok(manifest.with_file_name("mbedtls"))
}
