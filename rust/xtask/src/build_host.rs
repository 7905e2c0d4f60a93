// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask build-host`: the static library for a configuration, and C programs on top of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cc::{self, Program};
use crate::config::Selection;
use crate::kconfig::Configuration;
use crate::{Command, Result, Workspace, process};

pub const COMMAND: Command = Command {
    name: "build-host",
    usage: "[--kconfig FILE] [--output FOLDER] [FILE.conf...] [FILE.c...] [-- C-FLAGS...]",
    help: "Build liblwm2m.a for a prj.conf, and a program from C files if any are named",
    run,
};

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let end = arguments.iter().position(|argument| argument == "--");
    let (arguments, flags) = arguments.split_at(end.unwrap_or(arguments.len()));
    let selection = Selection::parse(arguments)?;
    if let Some(stranger) = selection
        .rest
        .iter()
        .find(|argument| !argument.ends_with(".c"))
    {
        return Err(format!("`{stranger}` is neither an option nor a .conf or .c file").into());
    }
    let output = selection.output(workspace);
    let configuration = selection.load(workspace)?;
    let library = static_library(workspace, &configuration, &output)?;
    println!("{}", library.display());

    let sources: Vec<PathBuf> = selection.rest.iter().map(PathBuf::from).collect();
    let Some(name) = sources.first().and_then(|source| source.file_stem()) else {
        return Ok(());
    };
    let program = output.join(name);
    cc::link(
        workspace,
        &Program {
            sources: &sources,
            configuration: &configuration,
            library: &library,
            flags: flags.get(1..).unwrap_or_default(),
            output: &program,
        },
    )?;
    println!("{}", program.display());
    Ok(())
}

/// Cargo features and the symbols that select them, as in the Zephyr module's CMakeLists.txt.
const FEATURES: &[(&str, &str)] = &[
    ("lwm2m-1-1", "CONFIG_LWM2M_VERSION_1_1"),
    ("tlv", "CONFIG_LWM2M_RW_OMA_TLV_SUPPORT"),
    ("cbor", "CONFIG_LWM2M_RW_CBOR_SUPPORT"),
    ("json", "CONFIG_LWM2M_RW_JSON_SUPPORT"),
    ("senml-json", "CONFIG_LWM2M_RW_SENML_JSON_SUPPORT"),
    ("senml-cbor", "CONFIG_LWM2M_RW_SENML_CBOR_SUPPORT"),
    ("time-series", "CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT"),
    ("pull", "CONFIG_LWM2M_FIRMWARE_UPDATE_PULL_SUPPORT"),
    (
        "pull-proxy",
        "CONFIG_LWM2M_FIRMWARE_UPDATE_PULL_COAP_PROXY_SUPPORT",
    ),
    ("block-transfer", "CONFIG_LWM2M_COAP_BLOCK_TRANSFER"),
    ("bootstrap", "CONFIG_LWM2M_RD_CLIENT_SUPPORT_BOOTSTRAP"),
    ("queue-mode", "CONFIG_LWM2M_QUEUE_MODE_ENABLED"),
    ("cancel-by-path", "CONFIG_LWM2M_CANCEL_OBSERVE_BY_PATH"),
];

/// What only the library for a host selects.
const HOST_FEATURES: &[(&str, &str)] = &[("dtls", "CONFIG_LWM2M_DTLS_SUPPORT")];

/// The cargo features that say the same as the configuration.
pub fn features(configuration: &Configuration) -> Result<String> {
    Ok(features_of(&fs::read_to_string(&configuration.dotconfig)?))
}

/// The same for the text of a `.config`.
pub fn features_of(text: &str) -> String {
    selected(FEATURES, text)
}

/// The cargo features of the library for a host.
pub fn host_features(configuration: &Configuration) -> Result<String> {
    let text = fs::read_to_string(&configuration.dotconfig)?;
    let all = [selected(FEATURES, &text), selected(HOST_FEATURES, &text)];
    Ok(all.join(","))
}

fn selected(features: &[(&str, &str)], text: &str) -> String {
    let selected = features
        .iter()
        .filter(|(_, symbol)| text.lines().any(|line| line == format!("{symbol}=y")))
        .map(|(feature, _)| *feature);
    selected.collect::<Vec<_>>().join(",")
}

/// Builds the library in the release profile and copies it to `output`, so that the next build
/// with another configuration does not replace it.
pub fn static_library(
    workspace: &Workspace,
    configuration: &Configuration,
    output: &Path,
) -> Result<PathBuf> {
    let mut cargo = workspace.cargo("rustc");
    cargo.args([
        "--release",
        "--package",
        "lwm2m-posix",
        "--lib",
        "--crate-type",
        "staticlib",
        "--no-default-features",
        "--features",
        &host_features(configuration)?,
    ]);
    cargo.arg("--quiet").env(
        "LWM2M_DOTCONFIG",
        std::path::absolute(&configuration.dotconfig)?,
    );
    println!("xtask: building the library (release, link-time optimisation) ...");
    process::run(&mut cargo)?;
    let library = output.join("liblwm2m.a");
    let built = workspace.target.join("release/liblwm2m.a");
    fs::copy(&built, &library).map_err(|error| format!("{}: {error}", built.display()))?;
    Ok(library)
}
