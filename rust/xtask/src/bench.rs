// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask bench`: instructions per operation, counted by callgrind; see `benches/README.md`.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lwm2m_server::{Client, Code, ContentFormat, Request, Response, Server};

use crate::{Result, Workspace, demo, process, tools};

pub const COMMAND: crate::Command = crate::Command {
    name: "bench",
    usage: "",
    help: "Count instructions per operation and hold them against benches/budgets.tsv",
    run: |workspace, arguments| match arguments.first() {
        Some(argument) => Err(format!("takes no arguments, not even `{argument}`").into()),
        None => check(workspace).map(drop),
    },
};

const BUDGETS: &str = "benches/budgets.tsv";
const ENDPOINT: &str = "bench";
const PATIENCE: Duration = Duration::from_secs(30);

/// How often an operation is asked for in the shorter and in the longer run. The difference between
/// the two leaves out what registering and stopping take.
const SHORT: u32 = 2;
const LONG: u32 = 12;

type Ask = fn(&Client) -> std::result::Result<Response, lwm2m_server::Error>;

/// What is measured, by the names of the budgets.
const OPERATIONS: &[(&str, Ask)] = &[
    ("read-text", |client| {
        client.read("/3/0/0", ContentFormat::TEXT)
    }),
    ("read-tlv", |client| client.read("/3/0", ContentFormat::TLV)),
    ("read-senml-cbor", |client| {
        client.read("/3/0", ContentFormat::SENML_CBOR)
    }),
    ("read-object-tlv", |client| {
        client.read("/1", ContentFormat::TLV)
    }),
    ("read-object-senml-cbor", |client| {
        client.read("/1", ContentFormat::SENML_CBOR)
    }),
    ("discover", |client| client.discover("/3")),
    ("write-text", |client| {
        client.write_value("/1/0/1", 86_400, ContentFormat::TEXT)
    }),
    ("write-tlv", |client| {
        client.write_value("/1/0/1", 86_400, ContentFormat::TLV)
    }),
    ("write-senml-cbor", |client| {
        client.write_value("/1/0/1", 86_400, ContentFormat::SENML_CBOR)
    }),
    ("execute", |client| client.execute("/1/0/8", "")),
    ("not-found", |client| {
        client.request(&Request::new(Code::GET, "/9/0/0".parse()?))
    }),
];

/// A row of the budgets.
struct Budget {
    name: String,
    bound: u64,
}

/// Measures every operation; their number.
pub fn check(workspace: &Workspace) -> Result<u32> {
    tools::valgrind()?;
    let budgets = budgets(&fs::read_to_string(workspace.root.join(BUDGETS))?)?;
    let program = demo::build(workspace)?;
    let mut exceeded = Vec::new();
    println!("{:26}{:>14}{:>10}", "operation", "instructions", "(bound)");
    for (name, ask) in OPERATIONS {
        let budget = budgets
            .iter()
            .find(|budget| budget.name == *name)
            .ok_or_else(|| format!("{BUDGETS} has no row for {name}"))?;
        let few = count(workspace, &program, *ask, SHORT)?;
        let many = count(workspace, &program, *ask, LONG)?;
        let each = many.saturating_sub(few) / u64::from(LONG - SHORT);
        println!("{name:26}{each:>14}{:>10}", format!("({})", budget.bound));
        if each > budget.bound || each == 0 {
            exceeded.push(*name);
        }
    }
    if exceeded.is_empty() {
        Ok(u32::try_from(OPERATIONS.len())?)
    } else {
        Err(format!("over budget: {}", exceeded.join(", ")).into())
    }
}

fn budgets(text: &str) -> Result<Vec<Budget>> {
    let rows = text.lines().skip(1).map(|line| {
        let mut words = line.split('\t');
        match (words.next(), words.next()) {
            (Some(name), Some(bound)) => Ok(Budget {
                name: name.into(),
                bound: bound.parse()?,
            }),
            _ => Err(format!("`{line}` is not NAME BOUND …").into()),
        }
    });
    rows.collect()
}

/// Instructions of one run in which the operation is asked for `times` times.
fn count(workspace: &Workspace, program: &Path, ask: Ask, times: u32) -> Result<u64> {
    let server = Server::bind("127.0.0.1:0")?;
    let uri = format!("coap://{}", server.address());
    let output = workspace.target.join("callgrind.out");
    let _ = fs::remove_file(&output);
    let child = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*Engine*receive*"])
        .arg(format!("--callgrind-out-file={}", output.display()))
        .arg(program)
        .args(["--server", &uri, "--endpoint", ENDPOINT])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut running = Running(child);
    server.wait_for(ENDPOINT, PATIENCE)?;
    let client = server.client(ENDPOINT);
    for _ in 0..times {
        ask(&client)?;
    }
    running.stop()?;
    let text = fs::read_to_string(&output)?;
    text.lines()
        .find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
        .ok_or_else(|| "callgrind says no sum".into())
}

/// The client, killed if it does not stop.
struct Running(Child);

impl Running {
    fn stop(&mut self) -> Result<()> {
        process::run(Command::new("kill").args(["-TERM", &self.0.id().to_string()]))?;
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if self.0.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("the client does not stop".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
