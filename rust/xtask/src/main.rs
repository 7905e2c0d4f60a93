// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask`: configures, builds and tests the project on a host.
//!
//! A command is a module with a `COMMAND`; it is listed in `COMMANDS` once it works.

mod bench;
mod budgets;
mod build_host;
mod c_api;
mod cc;
mod config;
mod demo;
mod dependency_rules;
mod dtls_front;
mod fuzz;
mod header;
mod kconfig;
mod leshan;
mod parity;
mod process;
mod sim;
mod size;
mod stack;
mod targets;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

/// What any step may fail with: a message for the person at the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// One entry of the command table.
struct Command {
    /// As typed after `cargo xtask`.
    name: &'static str,
    /// What follows the name.
    usage: &'static str,
    /// One line for the list.
    help: &'static str,
    /// Runs the command with the arguments after its name.
    run: fn(&Workspace, &[String]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    bench::COMMAND,
    sim::COMMAND,
    fuzz::COMMAND,
    size::COMMAND,
    demo::COMMAND,
    test::COMMAND,
    config::COMMAND,
    build_host::COMMAND,
    header::COMMAND,
    c_api::COMMAND,
    parity::COMMAND,
    leshan::COMMAND,
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asks_for_help = |argument: &String| argument == "--help" || argument == "-h";
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        return ExitCode::FAILURE;
    };
    if asks_for_help(name) {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprint!("xtask: there is no command `{name}`\n\n{}", help());
        return ExitCode::FAILURE;
    };
    if rest.iter().any(asks_for_help) {
        println!(
            "cargo xtask {} {}\n\n{}",
            command.name, command.usage, command.help
        );
        return ExitCode::SUCCESS;
    }
    match Workspace::locate().and_then(|workspace| (command.run)(&workspace, rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND [ARGUMENTS]\n\n");
    for command in COMMANDS {
        text += &format!("  {:12}{}\n", command.name, command.help);
    }
    text + "\n`cargo xtask COMMAND --help` tells a command's arguments.\n"
}
