// SPDX-License-Identifier: Apache-2.0
//! Runs other programs; a failing one becomes an error that names it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::Result;

/// Runs `command` with the terminal as its output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| cannot_start(command, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", name(command)).into())
    }
}

/// Runs `command` and returns what it printed; its complaints are part of the error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| cannot_start(command, error))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{}: {}\n{}",
        name(command),
        output.status,
        complaints.trim_end()
    )
    .into())
}

/// Runs `command`, shows each line it prints and hands it to `look`. Returns whether it succeeded.
pub fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<bool> {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| cannot_start(command, error))?;
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|pipe| BufReader::new(pipe).lines())
    {
        let line = line?;
        println!("{line}");
        look(&line);
    }
    Ok(child.wait()?.success())
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn cannot_start(command: &Command, error: std::io::Error) -> String {
    format!("{} cannot be started: {error}", name(command))
}
