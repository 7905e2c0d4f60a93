// SPDX-License-Identifier: Apache-2.0
//! The Leshan server of `tests/interop/leshan`: commands in and events out, as lines of JSON.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::FOLDER;
use crate::{Result, Workspace};

const PATIENCE: Duration = Duration::from_secs(30);
/// A Java machine on a busy computer.
const START_UP: Duration = Duration::from_secs(60);

/// The Java program: JSON lines in and out.
pub struct Leshan {
    child: Child,
    commands: ChildStdin,
    lines: Receiver<Value>,
    /// Events that came while something else was waited for.
    pub waiting: Vec<Value>,
    /// Where it listens.
    pub port: u64,
    /// Where its Bootstrap-Server listens, if it has one.
    pub bootstrap_port: Option<u64>,
    /// Where it listens for DTLS, if it has security.
    pub secure_port: Option<u64>,
    /// The same with a certificate that has expired.
    pub expired_port: Option<u64>,
    next_id: u64,
}

impl Leshan {
    /// Starts it with the object definitions of these folders, and `options`: `--impatient` for a
    /// network that loses datagrams, `--bootstrap` for a Bootstrap-Server besides, `--security` and
    /// `--expired` for DTLS.
    pub fn start(workspace: &Workspace, models: &[PathBuf], options: &[&str]) -> Result<Self> {
        let jar = workspace
            .root
            .join(FOLDER)
            .join("target/leshan-interop.jar");
        let mut command = Command::new("java");
        command.arg("-jar").arg(&jar);
        for folder in models {
            command.arg("--models").arg(folder);
        }
        command.args(options);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("java: {error}"))?;
        let (Some(commands), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("java has no standard streams".into());
        };
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(|line| line.ok()) {
                match serde_json::from_str(&line) {
                    Ok(value) => {
                        if sender.send(value).is_err() {
                            break;
                        }
                    }
                    Err(_) => eprintln!("leshan: {line}"),
                }
            }
        });
        let mut leshan = Self {
            child,
            commands,
            lines,
            waiting: Vec::new(),
            port: 0,
            bootstrap_port: None,
            secure_port: None,
            expired_port: None,
            next_id: 1,
        };
        let listening = leshan
            .wait(START_UP, |line| line["event"] == "listening")
            .ok_or("Leshan does not start")?;
        leshan.port = listening["port"].as_u64().ok_or("Leshan names no port")?;
        leshan.bootstrap_port = listening["bootstrapPort"].as_u64();
        leshan.secure_port = listening["securePort"].as_u64();
        leshan.expired_port = listening["expiredPort"].as_u64();
        Ok(leshan)
    }

    fn wait(&mut self, patience: Duration, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        if let Some(at) = self.waiting.iter().position(&wanted) {
            return Some(self.waiting.remove(at));
        }
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).ok()?;
            if wanted(&line) {
                return Some(line);
            }
            self.waiting.push(line);
        }
    }

    /// Waits for an event, which may have come already.
    pub fn event(&mut self, name: &str) -> Result<Value> {
        self.wait(PATIENCE, |line| line["event"] == name)
            .ok_or_else(|| {
                let seen = json!(self.waiting);
                format!("no `{name}` from Leshan, but {seen}").into()
            })
    }

    /// Gives a command; its answer, whatever it is.
    pub fn ask(&mut self, mut command: Value) -> Result<Value> {
        let id = self.next_id;
        self.next_id += 1;
        command["id"] = json!(id);
        writeln!(self.commands, "{command}")?;
        let more = command["timeoutMs"].as_u64().unwrap_or_default();
        self.wait(PATIENCE + Duration::from_millis(more), |line| {
            line["id"] == id
        })
        .ok_or_else(|| format!("Leshan did not answer {command}").into())
    }

    /// Drops the events of that name that have come.
    pub fn forget(&mut self, name: &str) {
        while let Ok(line) = self.lines.try_recv() {
            self.waiting.push(line);
        }
        self.waiting.retain(|line| line["event"] != name);
    }

    /// Gives a command and expects this response code; the response.
    pub fn expect(&mut self, command: Value, code: &str) -> Result<Value> {
        let answer = self.ask(command.clone())?;
        if answer["response"]["code"] == code {
            Ok(answer["response"].clone())
        } else {
            Err(format!("{command} gave {answer}, not {code}").into())
        }
    }
}

impl Drop for Leshan {
    fn drop(&mut self) {
        let _ = writeln!(self.commands, "{}", json!({"id": 0, "command": "quit"}));
        std::thread::sleep(Duration::from_millis(200));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
