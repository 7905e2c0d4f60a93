// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask header`: the C header of the API, from the functions themselves.

use std::fs;
use std::path::PathBuf;

use cbindgen::{Builder, Config};

use crate::{Command, Result, Workspace};

pub const COMMAND: Command = Command {
    name: "header",
    usage: "",
    help: "Renew include/zephyr/net/lwm2m.h from rust/capi",
    run,
};

/// Where the types and functions of the header are, in the order in which they appear in it.
const SOURCES: &[&str] = &[
    "registry/src/c_types.rs",
    "capi/src/events.rs",
    "capi/src/rd_client.rs",
    "capi/src/engine_control.rs",
    "capi/src/registry_lock.rs",
    "capi/src/resources.rs",
    "capi/src/callbacks.rs",
    "capi/src/cache.rs",
    "capi/src/instances.rs",
    "capi/src/device.rs",
    "capi/src/firmware.rs",
    "capi/src/software_management.rs",
    "capi/src/event_log.rs",
    "capi/src/observation.rs",
    "capi/src/socket_options.rs",
    "capi/src/pull_options.rs",
    "capi/src/send.rs",
    "capi/src/acknowledge.rs",
    "capi/src/path.rs",
];

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        return Err(format!("takes no arguments, not even `{argument}`").into());
    }
    let path = path(workspace);
    fs::write(&path, generate(workspace)?)?;
    println!("{}", path.display());
    Ok(())
}

/// Fails if the committed header is not what `cargo xtask header` would write.
pub fn check(workspace: &Workspace) -> Result<()> {
    let path = path(workspace);
    if fs::read_to_string(&path).unwrap_or_default() == generate(workspace)? {
        return Ok(());
    }
    Err(format!(
        "{} is out of date: run `cargo xtask header`",
        path.display()
    )
    .into())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("include/zephyr/net/lwm2m.h")
}

fn generate(workspace: &Workspace) -> Result<String> {
    let rust = workspace.root.join("rust");
    let config = Config::from_file(rust.join("capi/cbindgen.toml"))?;
    let mut builder = Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(rust.join(source));
    }
    let mut header = Vec::new();
    builder.generate()?.write(&mut header);
    Ok(String::from_utf8(header)?)
}
