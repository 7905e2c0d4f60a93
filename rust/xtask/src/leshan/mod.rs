// SPDX-License-Identifier: Apache-2.0
//! A step of `cargo xtask test`: C clients against a real Leshan server, and what Leshan made of
//! each message. The server is the small Java program in `tests/interop/leshan`.

mod blocks;
mod bootstrap;
mod composite;
mod everything;
mod firmware;
mod models;
mod relay;
mod reporting;
mod sample;
mod secure;
mod server;
mod vendor;

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::{Value, json};

use crate::demo::{self, Sample};
use crate::{Command, Result, Workspace, process};
use server::Leshan;

const FOLDER: &str = "tests/interop/leshan";
/// Two objects as a vendor writes them, with their models.
const VENDOR: &str = "tests/interop/vendor";
/// A client that knows a Bootstrap-Server alone.
const BOOTSTRAP: &str = "tests/interop/bootstrap";
/// A client that is told its accounts, over DTLS.
const SECURE: &str = "tests/interop/secure";
/// A client with every object and every format.
const EVERYTHING: &str = "tests/interop/everything";

pub const COMMAND: Command = Command {
    name: "leshan",
    usage: "[GROUP...]",
    help: "Run C clients against Leshan: sample, vendor, bootstrap, secure, everything, firmware",
    run: |workspace, arguments| {
        if let Some(stranger) = arguments
            .iter()
            .find(|name| !GROUPS.contains(&name.as_str()))
        {
            return Err(format!("`{stranger}` is none of {}", GROUPS.join(", ")).into());
        }
        match run(workspace, arguments)? {
            (passed, failures) if failures.is_empty() => {
                println!("{passed} passed");
                Ok(())
            }
            (_, failures) => Err(failures.join("\n").into()),
        }
    },
};

const GROUPS: &[&str] = &[
    "sample",
    "vendor",
    "bootstrap",
    "secure",
    "everything",
    "firmware",
];

/// Runs the cases of these groups, or all; says how many passed, and what was wrong with the others.
pub fn run(workspace: &Workspace, groups: &[String]) -> Result<(u32, Vec<String>)> {
    let chosen = |group: &str| groups.is_empty() || groups.iter().any(|name| name == group);
    build(workspace)?;
    let vendor = workspace.root.join(VENDOR);
    let models = [vendor.join("models"), models::write(workspace)?];
    let mut count = Count::default();
    let folder = workspace.root.join(EVERYTHING);
    let mut everything = PathBuf::new();
    if chosen("everything") || chosen("firmware") {
        everything = demo::build_folder(workspace, &folder, &folder.join("everything.c"))?;
    }
    std::thread::scope(|scope| -> Result<()> {
        let mut transfers = Vec::new();
        if chosen("firmware") {
            transfers = firmware::begin(scope, workspace, &everything);
        }
        let mut secure = None;
        if chosen("secure") {
            let mut session = secure::Session::start(workspace)?;
            for (name, case) in secure::CASES {
                count.add(name, case(&mut session));
            }
            secure = Some(session);
        }
        if chosen("sample") {
            let program = demo::build(workspace)?;
            count.converse(workspace, &program, &models, sample::CASES)?;
        }
        if chosen("vendor") {
            let program = demo::build_with(workspace, &vendor.join("vendor.c"))?;
            count.converse(workspace, &program, &models, vendor::CASES)?;
        }
        if chosen("bootstrap") {
            let mut session = bootstrap::Session::start(workspace)?;
            for (name, case) in bootstrap::CASES {
                count.add(name, case(&mut session));
            }
        }
        if chosen("everything") {
            let cases = [
                everything::CASES,
                composite::CASES,
                reporting::CASES,
                blocks::CASES,
                everything::END,
            ];
            count.converse(workspace, &everything, &models, &cases.concat())?;
        }
        if let Some(mut session) = secure {
            for (name, endpoint) in secure::REFUSED {
                count.add(name, session.is_refused(endpoint));
            }
        }
        for (name, transfer) in transfers {
            let outcome = transfer.join().map_err(|_| "it panicked")?;
            count.add(name, outcome.map_err(Into::into));
        }
        Ok(())
    })?;
    Ok((count.passed, count.failures))
}

#[derive(Default)]
struct Count {
    passed: u32,
    failures: Vec<String>,
}

impl Count {
    /// Runs cases one after another with one server and one client.
    fn converse(
        &mut self,
        workspace: &Workspace,
        program: &Path,
        models: &[PathBuf],
        cases: &[Case],
    ) -> Result<()> {
        let mut session = Session::start(workspace, program, models)?;
        for (name, case) in cases {
            self.add(name, case(&mut session));
        }
        Ok(())
    }

    fn add(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => {
                println!("ok      {name}");
                self.passed += 1;
            }
            Err(error) => {
                println!("FAILED  {name}: {error}");
                self.failures.push(format!("{name}: {error}"));
            }
        }
    }
}

/// Builds the Java program, without the network where Maven has all it needs.
fn build(workspace: &Workspace) -> Result<()> {
    let maven = |arguments: &[&str]| {
        let mut command = Process::new("mvn");
        command.args(arguments).arg("package");
        command.current_dir(workspace.root.join(FOLDER));
        command
    };
    if process::output(&mut maven(&["-q", "-o"])).is_err() {
        println!("xtask: fetching Leshan from Maven Central (some 45 MB, once) ...");
        process::run(&mut maven(&["-q", "-B"]))?;
    }
    Ok(())
}

struct Session {
    leshan: Leshan,
    sample: Sample,
    registration: Value,
}

impl Session {
    /// Starts a server and a client of it, and waits until it has registered.
    fn start(workspace: &Workspace, program: &Path, models: &[PathBuf]) -> Result<Self> {
        let mut leshan = Leshan::start(workspace, models, &[])?;
        let uri = format!("coap://127.0.0.1:{}", leshan.port);
        let sample = Sample::start(program, &uri, "interop", false)?;
        let registration = leshan.event("registered")?;
        Ok(Self {
            leshan,
            sample,
            registration,
        })
    }
}

type Case = (&'static str, fn(&mut Session) -> Result<()>);

fn same(what: &str, found: &Value, expected: Value) -> Result<()> {
    if *found == expected {
        Ok(())
    } else {
        Err(format!("{what} is {found}, not {expected}").into())
    }
}

fn read(path: &str, format: &str) -> Value {
    json!({"command": "read", "path": path, "format": format})
}
