// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask sim`: the client against models of its servers on a bad network, for many seeds.

use crate::{Command, Result, Workspace, process};

pub const COMMAND: Command = Command {
    name: "sim",
    usage: "[--seeds N] [--seed K]",
    help: "Run N seeds of the simulator (1000), or the one seed K, and print a transcript of a failure",
    run,
};

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let number = |text: &String| {
        text.parse::<u64>()
            .map_err(|_| format!("`{text}` is no number"))
    };
    let range = match arguments {
        [] => 0..1000,
        [option, value] if option == "--seeds" => 0..number(value)?,
        [option, value] if option == "--seed" => number(value)?..number(value)?.saturating_add(1),
        _ => return Err(format!("usage: {}", COMMAND.usage).into()),
    };
    let mut cargo = workspace.cargo("test");
    cargo
        .args(["--quiet", "--package", "lwm2m-sim", "--test", "seeds"])
        .args(["--", "--nocapture"])
        .env("LWM2M_SIM_SEEDS", format!("{}..{}", range.start, range.end));
    process::run(&mut cargo)
}
