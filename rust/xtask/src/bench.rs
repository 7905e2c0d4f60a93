// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask bench`: instructions per operation, counted by callgrind; see `benches/README.md`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lwm2m_server::{Client, Code, ContentFormat, Request, Server};

use crate::{Result, Workspace, demo, process, tools};

pub const COMMAND: crate::Command = crate::Command {
    name: "bench",
    usage: "[OPERATION...]",
    help: "Count instructions per operation and hold them against benches/budgets.tsv",
    run: |workspace, names| measure(workspace, names).map(drop),
};

const BUDGETS: &str = "benches/budgets.tsv";
const ENDPOINT: &str = "bench";
const PATIENCE: Duration = Duration::from_secs(30);

/// How often an operation is asked for in the shorter and in the longer run. The difference between
/// the two leaves out what registering and stopping take.
const SHORT: u32 = 2;
const LONG: u32 = 12;

type Response = std::result::Result<lwm2m_server::Response, lwm2m_server::Error>;

/// Who does the operation that is measured.
enum Doer {
    /// The server asks for it.
    Server(fn(&Client) -> Response),
    /// The program does it by itself: the value of its `--operation`.
    Program(&'static str),
}

/// What is measured.
struct Operation {
    /// The name in the budgets.
    name: &'static str,
    doer: Doer,
    /// What is counted: these functions and all they call.
    functions: &'static [&'static str],
    /// How many instances of object 3303 there are.
    instances: u32,
    /// How many observations there are.
    observations: u16,
    /// By how much the count is divided.
    units: u64,
}

/// How often the client's engine is woken in one operation, by `benches/client.c`.
const TICKS: u64 = 20;

/// From the received datagram to the encoded answer.
const RECEIVE: &[&str] = &["*Engine*receive*"];
/// What the engine does by itself, and what it does with answers.
const POLL: &[&str] = &["*Engine*poll*"];
const POLL_AND_RECEIVE: &[&str] = &["*Engine*poll*", "*Engine*receive*"];

const fn asked(name: &'static str, ask: fn(&Client) -> Response) -> Operation {
    Operation {
        name,
        doer: Doer::Server(ask),
        functions: RECEIVE,
        instances: 1,
        observations: 0,
        units: 1,
    }
}

const fn done(
    name: &'static str,
    operation: &'static str,
    functions: &'static [&'static str],
    instances: u32,
    observations: u16,
) -> Operation {
    Operation {
        name,
        doer: Doer::Program(operation),
        functions,
        instances,
        observations,
        units: 1,
    }
}

fn composite() -> Vec<lwm2m_server::Path> {
    let paths = ["/3/0/0", "/3/0/1", "/3/0/13", "/1/0/1", "/3303/0/5700"];
    paths.iter().filter_map(|path| path.parse().ok()).collect()
}

/// KiB of a package.
const UPLOAD: u64 = 8;

/// Pushes a package in blocks of one KiB, and forgets it.
fn upload(client: &Client) -> Response {
    let push = |payload| {
        let request = Request::new(Code::PUT, "/5/0/0".parse()?);
        client.request(&request.payload(ContentFormat::OPAQUE, payload))
    };
    push(vec![1; 1024 * UPLOAD as usize])?.success()?;
    push(vec![])
}

fn read_last(client: &Client, instances: u16) -> Response {
    let path = format!("/3303/{}/5700", instances - 1);
    client.read(path.as_str(), ContentFormat::TEXT)
}

const OPERATIONS: &[Operation] = &[
    asked("read-text", |client| {
        client.read("/3/0/0", ContentFormat::TEXT)
    }),
    asked("read-tlv", |client| client.read("/3/0", ContentFormat::TLV)),
    asked("read-senml-cbor", |client| {
        client.read("/3/0", ContentFormat::SENML_CBOR)
    }),
    asked("read-senml-json", |client| {
        client.read("/3/0", ContentFormat::SENML_JSON)
    }),
    asked("read-object-tlv", |client| {
        client.read("/1", ContentFormat::TLV)
    }),
    asked("read-object-senml-cbor", |client| {
        client.read("/1", ContentFormat::SENML_CBOR)
    }),
    asked("discover", |client| client.discover("/3")),
    asked("write-text", |client| {
        client.write_value("/1/0/1", 86_400, ContentFormat::TEXT)
    }),
    asked("write-tlv", |client| {
        client.write_value("/1/0/1", 86_400, ContentFormat::TLV)
    }),
    asked("write-senml-cbor", |client| {
        client.write_value("/1/0/1", 86_400, ContentFormat::SENML_CBOR)
    }),
    asked("write-senml-json", |client| {
        let payload = br#"[{"n":"/1/0/1","v":86400}]"#.to_vec();
        let request = Request::new(Code::PUT, "/1/0/1".parse()?);
        client.request(&request.payload(ContentFormat::SENML_JSON, payload))
    }),
    asked("execute", |client| client.execute("/1/0/8", "")),
    asked("not-found", |client| {
        client.request(&Request::new(Code::GET, "/9/0/0".parse()?))
    }),
    asked("read-composite-senml-cbor", |client| {
        client.read_composite(&composite(), ContentFormat::SENML_CBOR)
    }),
    asked("read-composite-senml-json", |client| {
        client.read_composite(&composite(), ContentFormat::SENML_JSON)
    }),
    asked("observe-and-cancel", |client| {
        let response = client.observe("/3303/0/5700", ContentFormat::SENML_CBOR)?;
        match &response.observation {
            Some(observation) => client.cancel_observation(observation),
            None => Ok(response),
        }
    }),
    asked("upload-per-kib", upload).units(UPLOAD),
    done(
        "notification",
        "notify",
        &["*Engine*poll*", "lwm2m_set_f64"],
        1,
        1,
    ),
    done("registration", "register", POLL_AND_RECEIVE, 1, 0),
    done("send", "send", &["lwm2m_send_cb"], 1, 0),
    asked("read-of-10", |client| read_last(client, 10)).among(10),
    asked("read-of-100", |client| read_last(client, 100)).among(100),
    asked("read-of-1000", |client| read_last(client, 1000)).among(1000),
    done("set-of-10", "set", &["lwm2m_set_f64"], 10, 0),
    done("set-of-100", "set", &["lwm2m_set_f64"], 100, 0),
    done("set-of-1000", "set", &["lwm2m_set_f64"], 1000, 0),
    done("set-beside-5", "set", &["lwm2m_set_f64"], 201, 5),
    done("set-beside-50", "set", &["lwm2m_set_f64"], 201, 50),
    done("set-beside-200", "set", &["lwm2m_set_f64"], 201, 200),
    done("tick-beside-5", "tick", POLL, 201, 5).units(TICKS),
    done("tick-beside-50", "tick", POLL, 201, 50).units(TICKS),
    done("tick-beside-200", "tick", POLL, 201, 200).units(TICKS),
];

impl Operation {
    const fn among(self, instances: u32) -> Self {
        Self { instances, ..self }
    }

    const fn units(self, units: u64) -> Self {
        Self { units, ..self }
    }
}

/// A row of the budgets.
struct Budget {
    name: String,
    bound: u64,
}

/// Measures every operation; their number.
pub fn check(workspace: &Workspace) -> Result<u32> {
    measure(workspace, &[])
}

/// Measures the named operations, all where none is named; their number.
fn measure(workspace: &Workspace, names: &[String]) -> Result<u32> {
    tools::valgrind()?;
    let budgets = budgets(&fs::read_to_string(workspace.root.join(BUDGETS))?)?;
    let folder = workspace.root.join("benches");
    let source = folder.join("client.c");
    let program = demo::build_folder(workspace, &folder, &source)?;
    let with_room = demo::build_folder(workspace, &folder.join("growth"), &source)?;
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let mut exceeded = Vec::new();
    let mut measured = 0;
    let mut judge = |name: &str, each: u64| -> Result<()> {
        let budget = budgets
            .iter()
            .find(|budget| budget.name == name)
            .ok_or_else(|| format!("{BUDGETS} has no row for {name}"))?;
        println!("{name:26}{each:>14}{:>10}", format!("({})", budget.bound));
        if each > budget.bound || each == 0 {
            exceeded.push(name.to_string());
        }
        measured += 1;
        Ok(())
    };
    println!("{:26}{:>14}{:>10}", "operation", "instructions", "(bound)");
    for operation in OPERATIONS {
        if !wanted(operation.name) {
            continue;
        }
        let grows = operation.instances > 1 || operation.observations > 1;
        let program = if grows { &with_room } else { &program };
        let few = count(workspace, program, operation, SHORT)?;
        let many = count(workspace, program, operation, LONG)?;
        let each = many.saturating_sub(few) / (u64::from(LONG - SHORT) * operation.units);
        judge(operation.name, each)?;
    }
    if STACK.iter().any(|name| wanted(name)) {
        println!("{:26}{:>14}{:>10}", "stack", "bytes", "(bound)");
        for (name, bytes) in stack(&program)? {
            judge(&name, bytes)?;
        }
    }
    if exceeded.is_empty() {
        Ok(measured)
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

/// Instructions of one run in which the operation is done `times` times.
fn count(workspace: &Workspace, program: &Path, operation: &Operation, times: u32) -> Result<u64> {
    let server = Server::bind("127.0.0.1:0")?;
    let uri = format!("coap://{}", server.address());
    let output = workspace.target.join("callgrind.out");
    let _ = fs::remove_file(&output);
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--dump-instr=yes"]);
    for function in operation.functions {
        valgrind.arg(format!("--toggle-collect={function}"));
    }
    valgrind
        .arg(format!("--callgrind-out-file={}", output.display()))
        .arg(program)
        .args(["--server", &uri, "--endpoint", ENDPOINT])
        .args(["--instances", &operation.instances.to_string()])
        .args(["--observations", &operation.observations.to_string()]);
    if let Doer::Program(name) = operation.doer {
        valgrind.args(["--operation", name, "--times", &times.to_string()]);
    }
    let child = valgrind
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut running = Running(child);
    server.wait_for(ENDPOINT, PATIENCE)?;
    let client = server.client(ENDPOINT);
    for instance in 0..operation.observations {
        let path = format!("/3303/{instance}/5700");
        client.observe(path.as_str(), ContentFormat::SENML_CBOR)?;
    }
    running.wait_until_done()?;
    if let Doer::Server(ask) = operation.doer {
        for _ in 0..times {
            ask(&client)?;
        }
    }
    running.stop()?;
    let text = fs::read_to_string(&output)?;
    text.lines()
        .find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
        .ok_or_else(|| "callgrind says no sum".into())
}

/// What the program says of the stack it uses.
const STACK: &[&str] = &["stack-registration", "stack-composite", "stack-send"];

/// The deepest that registration, a composite read and a Send reach, in bytes: the first two from the
/// beginning of the engine's thread, the last from its caller.
fn stack(program: &Path) -> Result<Vec<(String, u64)>> {
    let server = Server::bind("127.0.0.1:0")?;
    let uri = format!("coap://{}", server.address());
    let child = Command::new(program)
        .args(["--server", &uri, "--endpoint", ENDPOINT])
        .args(["--operation", "stack"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut running = Running(child);
    let output = running.0.stdout.take().ok_or("the client has no output")?;
    let mut found = vec![];
    for line in BufReader::new(output).lines() {
        let line = line?;
        if line == "done" {
            let client = server.client(ENDPOINT);
            client.read_composite(&composite(), ContentFormat::SENML_CBOR)?;
            running.stop()?;
        } else if let Some((name, bytes)) = line.split_once(' ') {
            found.push((name.to_string(), bytes.parse()?));
        }
    }
    Ok(found)
}

/// The client, killed if it does not stop.
struct Running(Child);

impl Running {
    /// Waits for the line by which the program says that its own operations are done.
    fn wait_until_done(&mut self) -> Result<()> {
        let output = self.0.stdout.take().ok_or("the client has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if line.trim_end() == "done" {
            Ok(())
        } else {
            Err("the client has ended".into())
        }
    }

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
