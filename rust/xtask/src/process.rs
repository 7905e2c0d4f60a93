// SPDX-License-Identifier: Apache-2.0
//! Runs other programs; a failing one becomes an error that names it.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::Result;

/// Runs `f`. When it takes longer than `limit`, the programs it has started are killed, which makes
/// an error of whatever waits for them.
pub fn within<R>(limit: Duration, f: impl FnOnce() -> R) -> R {
    let (over, wait) = mpsc::channel::<()>();
    let watchdog = thread::spawn(move || {
        while wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            println!("!!! not done within {} s", limit.as_secs());
            kill_descendants();
        }
    });
    let result = f();
    drop(over);
    let _ = watchdog.join();
    result
}

/// Kills what this process has started, and what that has started.
fn kill_descendants() {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name, which may hold anything, ends with the last parenthesis; state and parent follow.
        let parent = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        let process = entry.file_name().to_string_lossy().parse();
        if let (Some(parent), Ok(process)) = (parent, process) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut left = vec![std::process::id()];
    while let Some(parent) = left.pop() {
        for child in children.remove(&parent).into_iter().flatten() {
            let _ = Command::new("kill")
                .args(["-KILL", &child.to_string()])
                .status();
            left.push(child);
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_end_is_killed_with_what_it_has_started() {
        let wait = || output(Command::new("sh").args(["-c", "sleep 60 | cat; true"]));
        assert!(within(Duration::from_millis(300), wait).is_err());
        assert!(within(Duration::from_secs(60), || 1) == 1);
    }
}
