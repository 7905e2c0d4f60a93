// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask bench`: instructions per operation, counted by callgrind; see `benches/README.md`.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lwm2m_server::{Client, Code, ContentFormat, Request, Server};

use crate::budgets::Budgets;
use crate::{Result, Workspace, demo, process, tools};

pub const COMMAND: crate::Command = crate::Command {
    name: "bench",
    usage: "[--tighten | --show] [OPERATION...]",
    help: "Count instructions per operation and hold them against benches/budgets.tsv",
    run,
};

const BUDGETS: &str = "benches/budgets.tsv";
const ENDPOINT: &str = "bench";
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a program may take for its own operations.
const OPERATIONS_TAKE: Duration = Duration::from_secs(120);
/// How often what is over its bound is counted again: on a busy machine the engine's thread looks more
/// often, and the server's answers come late.
const AGAIN: u32 = 2;

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
    /// Which configuration it is done with: a folder below `benches`, or that itself.
    folder: &'static str,
    /// How many instances of object 3303 there are.
    instances: u32,
    /// How many observations there are.
    observations: u16,
    /// By how much the count is divided.
    units: Units,
    /// How often it is done in the shorter and in the longer run. The difference between the two leaves
    /// out what registering and stopping take.
    times: (u32, u32),
}

/// What a count is of.
#[derive(Clone, Copy)]
enum Units {
    /// So many equal parts of an operation.
    Parts(u64),
    /// However many calls of the functions there were.
    Calls,
}

/// Room for what grows: instances, observations, a registration of them all.
const GROWTH: &str = "growth";
/// With that room, and with answers in blocks.
const BLOCKS: &str = "blocks";
/// With a data cache.
const CACHE: &str = "cache";

/// From the received datagram to the encoded answer.
const RECEIVE: &[&str] = &["*Engine*receive*"];
/// What the engine does by itself, and what it does with answers.
const POLL: &[&str] = &["*Engine*poll*"];
const POLL_AND_RECEIVE: &[&str] = &["*Engine*poll*", "*Engine*receive*"];
const NOTIFICATION: &[&str] = &["*Engine*poll*", "lwm2m_set_f64"];
const SET: &[&str] = &["lwm2m_set_f64"];
const SEND: &[&str] = &["lwm2m_send_cb"];

const fn asked(name: &'static str, ask: fn(&Client) -> Response) -> Operation {
    Operation {
        name,
        doer: Doer::Server(ask),
        functions: RECEIVE,
        folder: "",
        instances: 1,
        observations: 0,
        units: Units::Parts(1),
        times: (2, 12),
    }
}

const fn done(
    name: &'static str,
    operation: &'static str,
    functions: &'static [&'static str],
) -> Operation {
    Operation {
        doer: Doer::Program(operation),
        functions,
        ..asked(name, |client| client.discover("/"))
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

fn read_all(client: &Client) -> Response {
    client.read("/3303", ContentFormat::SENML_CBOR)
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
    asked("upload-per-kib", upload).parts(UPLOAD),
    done("notification", "notify", NOTIFICATION).beside(1),
    done("registration", "register", POLL_AND_RECEIVE),
    done("send", "send", SEND),
    done("send-10-samples", "send-samples", SEND).with(CACHE),
    asked("read-of-10", |client| read_last(client, 10)).among(10),
    asked("read-of-100", |client| read_last(client, 100)).among(100),
    asked("read-of-1000", |client| read_last(client, 1000)).among(1000),
    done("set-of-10", "set", SET).among(10),
    done("set-of-100", "set", SET).among(100),
    done("set-of-1000", "set", SET).among(1000),
    done("set-beside-5", "set", SET).among(201).beside(5),
    done("set-beside-50", "set", SET).among(201).beside(50),
    done("set-beside-200", "set", SET).among(201).beside(200),
    done("tick-beside-5", "tick", POLL)
        .among(201)
        .beside(5)
        .per_call(),
    done("tick-beside-50", "tick", POLL)
        .among(201)
        .beside(50)
        .per_call(),
    done("tick-beside-200", "tick", POLL)
        .among(201)
        .beside(200)
        .per_call(),
    done("registration-of-10", "register", POLL_AND_RECEIVE).among(10),
    done("registration-of-100", "register", POLL_AND_RECEIVE).among(100),
    done("registration-of-1000", "register", POLL_AND_RECEIVE)
        .among(1000)
        .rarely(),
    asked("read-object-of-10", read_all).among(10).with(BLOCKS),
    asked("read-object-of-100", read_all)
        .among(100)
        .with(BLOCKS),
    asked("read-object-of-1000", read_all)
        .among(1000)
        .with(BLOCKS)
        .rarely(),
];

/// How the rows of a name grow.
struct Growth {
    /// What the name begins with; the number behind it says how much there is.
    rows: &'static str,
    sizes: &'static [u64],
    /// Whether it grows as the number does; else it hardly does.
    linear: bool,
}

const fn growth(rows: &'static str, sizes: &'static [u64], linear: bool) -> Growth {
    Growth {
        rows,
        sizes,
        linear,
    }
}

const GROWTHS: &[Growth] = &[
    growth("read-of", &[10, 100, 1000], false),
    growth("set-of", &[10, 100, 1000], false),
    growth("set-beside", &[5, 50, 200], false),
    growth("tick-beside", &[5, 50, 200], false),
    growth("registration-of", &[10, 100, 1000], true),
    growth("read-object-of", &[10, 100, 1000], true),
];

impl Growth {
    /// The names of those that cost more than 1.3 times what the least of them costs, each instance for
    /// itself where the number of instances makes the cost.
    fn exceeded(&self, measured: &HashMap<String, u64>) -> Vec<String> {
        let mut exceeded = vec![];
        let mut least = None;
        for size in self.sizes {
            let name = format!("{}-{size}", self.rows);
            let Some(cost) = measured.get(&name) else {
                continue;
            };
            let each = *cost as f64 / if self.linear { *size as f64 } else { 1.0 };
            if least.is_some_and(|least| each > 1.3 * least) {
                exceeded.push(format!("{name} (grows)"));
            }
            least = Some(least.map_or(each, |least: f64| least.min(each)));
        }
        exceeded
    }
}

impl Operation {
    const fn among(self, instances: u32) -> Self {
        Self {
            instances,
            folder: GROWTH,
            ..self
        }
    }

    const fn beside(self, observations: u16) -> Self {
        Self {
            observations,
            ..self
        }
    }

    const fn with(self, folder: &'static str) -> Self {
        Self { folder, ..self }
    }

    const fn parts(self, parts: u64) -> Self {
        let units = Units::Parts(parts);
        Self { units, ..self }
    }

    const fn per_call(self) -> Self {
        let units = Units::Calls;
        Self { units, ..self }
    }

    const fn rarely(self) -> Self {
        let times = (1, 3);
        Self { times, ..self }
    }

    /// By how many percent its count may vary: how often the engine's own thread looks depends on time.
    fn varies(&self) -> u64 {
        match self.functions {
            RECEIVE | SET | SEND => 1,
            _ => 3,
        }
    }
}

/// What is to become of the bounds.
#[derive(Clone, Copy, PartialEq)]
enum Bounds {
    /// What is measured is held against them.
    Hold,
    /// Then they are lowered to it, and shown in the document.
    Tighten,
}

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    match arguments {
        [only] if only == "--show" => Budgets::read(workspace, BUDGETS)?.write(),
        [first, names @ ..] if first == "--tighten" => {
            measure(workspace, names, Bounds::Tighten).map(drop)
        }
        names => measure(workspace, names, Bounds::Hold).map(drop),
    }
}

/// Measures every operation; their number.
pub fn check(workspace: &Workspace) -> Result<u32> {
    Budgets::read(workspace, BUDGETS)?.check_document()?;
    measure(workspace, &[], Bounds::Hold)
}

/// Measures the named operations, all where none is named; their number.
fn measure(workspace: &Workspace, names: &[String], bounds: Bounds) -> Result<u32> {
    tools::valgrind()?;
    let mut budgets = Budgets::read(workspace, BUDGETS)?;
    let mut programs = HashMap::new();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let mut exceeded = Vec::new();
    let mut measured = HashMap::new();
    let mut judge = |budgets: &mut Budgets, name: &str, each: u64, varies: u64| -> Result<()> {
        let bound = budgets.bound(name, "bound")?;
        println!("{name:26}{each:>14}{:>12}", format!("({bound})"));
        if each > bound || each == 0 {
            exceeded.push(name.to_string());
        } else if bounds == Bounds::Tighten {
            budgets.tighten(name, "bound", each, varies)?;
        }
        measured.insert(name.to_string(), each);
        Ok(())
    };
    println!("{:26}{:>14}{:>12}", "operation", "instructions", "(bound)");
    for operation in OPERATIONS {
        if !wanted(operation.name) {
            continue;
        }
        let program = program(workspace, &mut programs, operation.folder)?;
        let bound = budgets.bound(operation.name, "bound")?;
        let mut each = cost(workspace, &program, operation)?;
        for _ in 0..AGAIN {
            if each > bound {
                each = each.min(cost(workspace, &program, operation)?);
            }
        }
        judge(&mut budgets, operation.name, each, operation.varies())?;
    }
    if STACK.iter().any(|name| wanted(name)) {
        println!("{:26}{:>14}{:>12}", "stack", "bytes", "(bound)");
        for (name, bytes) in stack(&program(workspace, &mut programs, "")?)? {
            judge(&mut budgets, &name, bytes, 1)?;
        }
    }
    let number = measured.len() as u32;
    exceeded.extend(GROWTHS.iter().flat_map(|growth| growth.exceeded(&measured)));
    if bounds == Bounds::Tighten {
        budgets.write()?;
    }
    if exceeded.is_empty() {
        Ok(number)
    } else {
        Err(format!("over budget: {}", exceeded.join(", ")).into())
    }
}

/// The client with the configuration of a folder, built when it is first asked for.
fn program(
    workspace: &Workspace,
    built: &mut HashMap<&'static str, PathBuf>,
    folder: &'static str,
) -> Result<PathBuf> {
    if let Some(program) = built.get(folder) {
        return Ok(program.clone());
    }
    let benches = workspace.root.join("benches");
    let source = benches.join("client.c");
    let program = demo::build_folder(workspace, &benches.join(folder), &source)?;
    built.insert(folder, program.clone());
    Ok(program)
}

/// What callgrind has counted.
struct Count {
    instructions: u64,
    /// Calls of the functions that are counted.
    calls: u64,
}

impl Count {
    fn less(&self, other: &Self) -> Self {
        Self {
            instructions: self.instructions.saturating_sub(other.instructions),
            calls: self.calls.saturating_sub(other.calls),
        }
    }

    /// Reads callgrind's output; `functions` are as callgrind takes them.
    fn parse(text: &str, functions: &[&str]) -> Result<Self> {
        let instructions = text
            .lines()
            .find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
            .ok_or("callgrind says no sum")?;
        let mut counted = HashMap::new();
        let mut calls = 0;
        let mut callee = "";
        for line in text.lines() {
            if let Some(called) = line.strip_prefix("cfn=").or(line.strip_prefix("fn=")) {
                // The name stands behind the number once.
                let (number, name) = called.split_once(' ').unwrap_or((called, ""));
                let is_counted = || functions.iter().any(|pattern| matches(pattern, name));
                counted.entry(number).or_insert_with(is_counted);
                callee = number;
            } else if let Some(count) = line.strip_prefix("calls=") {
                if counted.get(callee) == Some(&true) {
                    let count = count.split(' ').next().unwrap_or_default();
                    calls += count.parse::<u64>()?;
                }
            }
        }
        Ok(Self {
            instructions,
            calls,
        })
    }
}

/// Whether the name holds all that stands between asterisks, in this order.
fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = name;
    pattern.split('*').all(|part| {
        let found = rest.find(part).map(|at| &rest[at + part.len()..]);
        rest = found.unwrap_or_default();
        found.is_some()
    })
}

/// Instructions of one operation.
fn cost(workspace: &Workspace, program: &Path, operation: &Operation) -> Result<u64> {
    let (few, many) = operation.times;
    let difference = count(workspace, program, operation, many)?
        .less(&count(workspace, program, operation, few)?);
    Ok(match operation.units {
        Units::Parts(parts) => difference.instructions / (u64::from(many - few) * parts),
        Units::Calls => difference.instructions / difference.calls.max(1),
    })
}

/// Instructions of one run in which the operation is done `times` times.
fn count(
    workspace: &Workspace,
    program: &Path,
    operation: &Operation,
    times: u32,
) -> Result<Count> {
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
    Count::parse(&fs::read_to_string(&output)?, operation.functions)
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
        // What the dynamic linker needs when a function is first called is none of ours.
        .env("LD_BIND_NOW", "1")
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
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            let _ = tell.send(read.is_ok() && line.trim_end() == "done");
        });
        match told.recv_timeout(OPERATIONS_TAKE) {
            Ok(true) => Ok(()),
            Ok(false) => Err("the client has ended".into()),
            Err(_) => Err("the client does not get its operations done".into()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_the_numbers_that_stand_for_names() {
        let text = "fn=(1) main\ncfn=(2) a::Engine::poll\ncalls=3 0\n+1 2 3\nfn=(4) other\n\
                    cfn=(2)\ncalls=4 0\ncfn=(1)\ncalls=9 0\nsummary: 70\n";
        let count = Count::parse(text, POLL).unwrap();
        assert_eq!((count.instructions, count.calls), (70, 7));
    }

    #[test]
    fn what_grows_more_than_it_may_is_named() {
        let costs = |costs: &[(&str, u64)]| {
            let costs = costs.iter().map(|(name, cost)| (name.to_string(), *cost));
            costs.collect::<HashMap<_, _>>()
        };
        let flat = growth("a", &[1, 10], false);
        assert!(
            flat.exceeded(&costs(&[("a-1", 10), ("a-10", 13)]))
                .is_empty()
        );
        assert_eq!(
            flat.exceeded(&costs(&[("a-1", 10), ("a-10", 14)])),
            ["a-10 (grows)"]
        );
        let linear = growth("a", &[1, 10], true);
        assert!(
            linear
                .exceeded(&costs(&[("a-1", 10), ("a-10", 130)]))
                .is_empty()
        );
        assert_eq!(
            linear.exceeded(&costs(&[("a-1", 10), ("a-10", 140)])),
            ["a-10 (grows)"]
        );
    }
}
