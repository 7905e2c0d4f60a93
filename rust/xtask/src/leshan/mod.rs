// SPDX-License-Identifier: Apache-2.0
//! A step of `cargo xtask test`: the C sample against a real Leshan server, and what Leshan made of
//! each message. The server is the small Java program in `tests/interop/leshan`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::demo::{self, Sample};
use crate::{Result, Workspace, process};

const FOLDER: &str = "tests/interop/leshan";
/// Two objects as a vendor writes them, with their models.
const VENDOR: &str = "tests/interop/vendor";
const PATIENCE: Duration = Duration::from_secs(15);

/// Runs every case; says how many passed, and what was wrong with the others.
pub fn run(workspace: &Workspace) -> Result<(u32, Vec<String>)> {
    build(workspace)?;
    let sample = demo::build(workspace)?;
    let vendor = demo::build_with(workspace, &workspace.root.join(VENDOR).join("vendor.c"))?;
    let (mut passed, mut failures) = (0, Vec::new());
    for (program, cases) in [(&sample, SAMPLE_CASES), (&vendor, VENDOR_CASES)] {
        let mut session = Session::start(workspace, program)?;
        for (name, case) in cases {
            match case(&mut session) {
                Ok(()) => {
                    println!("ok      {name}");
                    passed += 1;
                }
                Err(error) => {
                    println!("FAILED  {name}: {error}");
                    failures.push(format!("{name}: {error}"));
                }
            }
        }
    }
    Ok((passed, failures))
}

/// Builds the Java program, without the network where Maven has all it needs.
fn build(workspace: &Workspace) -> Result<()> {
    let maven = |arguments: &[&str]| {
        let mut command = Command::new("mvn");
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

/// The Java program: JSON lines in and out.
struct Leshan {
    child: Child,
    commands: ChildStdin,
    lines: Receiver<Value>,
    /// Events that came while something else was waited for.
    waiting: Vec<Value>,
    port: u64,
    next_id: u64,
}

impl Leshan {
    fn start(workspace: &Workspace) -> Result<Self> {
        let jar = workspace
            .root
            .join(FOLDER)
            .join("target/leshan-interop.jar");
        let mut child = Command::new("java")
            .arg("-jar")
            .arg(&jar)
            .arg("--models")
            .arg(workspace.root.join(VENDOR).join("models"))
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
            next_id: 1,
        };
        let listening = leshan.event("listening")?;
        leshan.port = listening["port"].as_u64().ok_or("Leshan names no port")?;
        Ok(leshan)
    }

    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        if let Some(at) = self.waiting.iter().position(&wanted) {
            return Some(self.waiting.remove(at));
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).ok()?;
            if wanted(&line) {
                return Some(line);
            }
            self.waiting.push(line);
        }
    }

    fn event(&mut self, name: &str) -> Result<Value> {
        self.wait(|line| line["event"] == name).ok_or_else(|| {
            let seen = json!(self.waiting);
            format!("no `{name}` from Leshan, but {seen}").into()
        })
    }

    /// Gives a command; its answer, whatever it is.
    fn ask(&mut self, mut command: Value) -> Result<Value> {
        let id = self.next_id;
        self.next_id += 1;
        command["id"] = json!(id);
        writeln!(self.commands, "{command}")?;
        self.wait(|line| line["id"] == id)
            .ok_or_else(|| format!("Leshan did not answer {command}").into())
    }

    /// Gives a command and expects this response code; the response.
    fn expect(&mut self, command: Value, code: &str) -> Result<Value> {
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

struct Session {
    leshan: Leshan,
    sample: Sample,
    registration: Value,
}

impl Session {
    /// Starts a server and a client of it, and waits until it has registered.
    fn start(workspace: &Workspace, program: &Path) -> Result<Self> {
        let mut leshan = Leshan::start(workspace)?;
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

const SAMPLE_CASES: &[Case] = &[
    ("Leshan sees the registration with its links", registration),
    ("Leshan discovers /3", discover),
    ("Leshan reads a resource in every format", read_formats),
    ("Leshan reads an instance and an object", read_trees),
    ("Leshan writes and reads back", write),
    (
        "Leshan writes an instance, whole or in part",
        write_instance,
    ),
    ("wrong requests get their codes", codes),
    ("raw CoAP gets its codes", raw_codes),
    (
        "Leshan observes, is notified, and cancels by token",
        observe,
    ),
    ("Leshan cancels by Reset", observe_and_reset),
    ("Leshan sees an update", update),
    ("Leshan's execute reaches the C callback", execute),
    ("Leshan sees the de-registration", deregister),
];

const VENDOR_CASES: &[Case] = &[
    (
        "Leshan sees an object registered at run time",
        vendor_update,
    ),
    ("Leshan writes and reads a vendor's object", vendor_values),
    ("Leshan creates, with and without an id", vendor_create),
    ("a create that fails leaves nothing", vendor_failed_create),
    ("Leshan deletes", vendor_delete),
    ("resource instances come and go", vendor_resource_instances),
    (
        "a vendor swaps the array of resource instances",
        vendor_grow,
    ),
    ("a vendor's client deregisters", vendor_end),
];

fn same(what: &str, found: &Value, expected: Value) -> Result<()> {
    if *found == expected {
        Ok(())
    } else {
        Err(format!("{what} is {found}, not {expected}").into())
    }
}

fn registration(session: &mut Session) -> Result<()> {
    let registration = &session.registration;
    same("endpoint", &registration["endpoint"], json!("interop"))?;
    same("version", &registration["version"], json!("1.1"))?;
    same("binding", &registration["binding"], json!("U"))?;
    let links: Vec<&str> = registration["objectLinks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|link| link["path"].as_str())
        .collect();
    for path in ["/1/0", "/3/0", "/3303/0"] {
        if !links.contains(&path) {
            return Err(format!("{path} is not among the links {links:?}").into());
        }
    }
    if links.iter().any(|path| path.starts_with("/0")) {
        return Err("the Security object is announced".into());
    }
    session.sample.printed("Client: registered")
}

fn discover(session: &mut Session) -> Result<()> {
    let found = session
        .leshan
        .expect(json!({"command": "discover", "path": "/3"}), "2.05")?;
    let text = found.to_string();
    for path in ["\"/3/0/0\"", "\"/3/0/4\"", "\"/3/0/16\""] {
        if !text.contains(path) {
            return Err(format!("{path} is missing in {text}").into());
        }
    }
    Ok(())
}

fn read(path: &str, format: &str) -> Value {
    json!({"command": "read", "path": path, "format": format})
}

fn read_formats(session: &mut Session) -> Result<()> {
    let mut values = Vec::new();
    for format in ["TEXT", "TLV", "SENML_CBOR"] {
        let found = session.leshan.expect(read("/3/0/0", format), "2.05")?;
        same("format", &found["format"], json!(format))?;
        values.push(found["content"]["value"].clone());
        let found = session
            .leshan
            .expect(read("/3303/0/5700", format), "2.05")?;
        same("type", &found["content"]["type"], json!("FLOAT"))?;
        let found = session.leshan.expect(read("/1/0/1", format), "2.05")?;
        same("type", &found["content"]["type"], json!("INTEGER"))?;
    }
    if values
        .iter()
        .any(|value| *value != values[0] || value.as_str().is_none_or(str::is_empty))
    {
        return Err(format!("the formats disagree: {values:?}").into());
    }
    let found = session
        .leshan
        .expect(json!({"command": "read", "path": "/3/0/0"}), "2.05")?;
    same("default format", &found["format"], json!("SENML_CBOR"))
}

fn read_trees(session: &mut Session) -> Result<()> {
    for format in ["TLV", "SENML_CBOR"] {
        let found = session.leshan.expect(read("/3/0", format), "2.05")?;
        let resources = &found["content"]["resources"];
        same("binding", &resources["16"]["value"], json!("U"))?;
        let found = session.leshan.expect(read("/1", format), "2.05")?;
        let server = &found["content"]["instances"]["0"];
        if server.to_string().is_empty() || server.is_null() {
            return Err(format!("no instance 0 in {found}").into());
        }
    }
    Ok(())
}

fn write(session: &mut Session) -> Result<()> {
    for (format, lifetime) in [("TEXT", 111), ("TLV", 222), ("SENML_CBOR", 333)] {
        let command =
            json!({"command": "write", "path": "/1/0/1", "value": lifetime, "format": format});
        session.leshan.expect(command, "2.04")?;
        let found = session.leshan.expect(read("/1/0/1", "TLV"), "2.05")?;
        same("lifetime", &found["content"]["value"], json!(lifetime))?;
    }
    Ok(())
}

fn write_instance(session: &mut Session) -> Result<()> {
    for (mode, period) in [("replace", 3), ("update", 4)] {
        for format in ["TLV", "SENML_CBOR"] {
            let command = json!({"command": "write", "path": "/1/0", "format": format,
                "mode": mode, "resources": {"1": 100 + period, "2": 0}});
            session.leshan.expect(command, "2.04")?;
            let found = session.leshan.expect(read("/1/0/1", "TEXT"), "2.05")?;
            same("lifetime", &found["content"]["value"], json!(100 + period))?;
        }
    }
    Ok(())
}

fn execute(session: &mut Session) -> Result<()> {
    session
        .leshan
        .expect(json!({"command": "execute", "path": "/3/0/4"}), "2.04")?;
    session.sample.printed("Reboot executed")
}

fn codes(session: &mut Session) -> Result<()> {
    for (command, code) in [
        (json!({"command": "read", "path": "/9/0/0"}), "4.04"),
        (json!({"command": "read", "path": "/3/7"}), "4.04"),
        (json!({"command": "read", "path": "/3/0/4"}), "4.05"),
        (json!({"command": "execute", "path": "/3/0/0"}), "4.05"),
        (json!({"command": "delete", "path": "/3/0"}), "4.05"),
        (
            json!({"command": "write", "path": "/3/0/0", "value": "x", "format": "TEXT"}),
            "4.05",
        ),
    ] {
        session.leshan.expect(command, code)?;
    }
    Ok(())
}

fn raw_codes(session: &mut Session) -> Result<()> {
    let raw = |method: &str, path: &str| json!({"command": "raw", "method": method, "path": path, "payload": ""});
    let with = |mut command: Value, more: Value| {
        for (key, value) in more.as_object().into_iter().flatten() {
            command[key] = value.clone();
        }
        command
    };
    for (command, code) in [
        (raw("GET", "/0/0/0"), "4.01"),
        (raw("PUT", "/0/0/0"), "4.01"),
        (raw("GET", "/65536"), "4.04"),
        (raw("GET", "/3/x"), "4.04"),
        (raw("GET", "/"), "4.05"),
        (with(raw("GET", "/3/0"), json!({"accept": 0})), "4.06"),
        (with(raw("GET", "/3/0/0"), json!({"accept": 9999})), "4.06"),
        // "abc" to an integer
        (
            with(
                raw("PUT", "/1/0/1"),
                json!({"contentFormat": 0, "payload": "616263"}),
            ),
            "4.00",
        ),
        (
            with(
                raw("PUT", "/1/0/1"),
                json!({"contentFormat": 9999, "payload": "31"}),
            ),
            "4.15",
        ),
        // a TLV record that is longer than the payload
        (
            with(
                raw("PUT", "/1/0"),
                json!({"contentFormat": 11542, "payload": "c40100"}),
            ),
            "4.00",
        ),
        (
            with(
                raw("PUT", "/0/0"),
                json!({"contentFormat": 11542, "payload": ""}),
            ),
            "4.01",
        ),
    ] {
        session.leshan.expect(command, code)?;
    }
    Ok(())
}

fn observe(session: &mut Session) -> Result<()> {
    let path = "/3303/0/5700";
    for format in ["SENML_CBOR", "TLV", "TEXT"] {
        let command = json!({"command": "observe", "path": path, "format": format});
        session.leshan.expect(command, "2.05")?;
        let mut last = 0;
        for _ in 0..2 {
            let notification = session.leshan.event("notification")?;
            same("path", &notification["path"], json!(path))?;
            same("format", &notification["format"], json!(format))?;
            same("type", &notification["content"]["type"], json!("FLOAT"))?;
            let sequence = notification["observe"]
                .as_u64()
                .ok_or("no Observe option")?;
            if sequence <= last {
                return Err(format!("Observe {sequence} after {last}").into());
            }
            last = sequence;
        }
        let cancel = json!({"command": "cancelObserve", "path": path, "mode": "active"});
        session.leshan.expect(cancel, "2.05")?;
        session
            .leshan
            .waiting
            .retain(|line| line["event"] != "notification");
    }
    Ok(())
}

fn observe_and_reset(session: &mut Session) -> Result<()> {
    let path = "/3303/0/5700";
    session
        .leshan
        .expect(json!({"command": "observe", "path": path}), "2.05")?;
    session.leshan.event("notification")?;
    let cancel = json!({"command": "cancelObserve", "path": path, "mode": "passive"});
    let answer = session.leshan.ask(cancel)?;
    same("cancelled", &answer["cancelled"], json!(1))?;
    session.sample.printed("is no longer observed")
}

fn update(session: &mut Session) -> Result<()> {
    session
        .leshan
        .waiting
        .retain(|line| line["event"] != "updated");
    session
        .leshan
        .expect(json!({"command": "execute", "path": "/1/0/8"}), "2.04")?;
    let update = session.leshan.event("updated")?;
    same("endpoint", &update["endpoint"], json!("interop"))?;
    session.sample.printed("registration updated")
}

fn deregister(session: &mut Session) -> Result<()> {
    session.sample.ended()?;
    let gone = session.leshan.event("unregistered")?;
    same("expired", &gone["expired"], json!(false))
}

fn resources(name: &str, counter: i64) -> Value {
    json!({"0": name, "1": counter})
}

/// What Leshan reads at `path`, in TLV and in SenML CBOR alike.
fn content(session: &mut Session, path: &str) -> Result<Value> {
    let first = session.leshan.expect(read(path, "TLV"), "2.05")?;
    let second = session.leshan.expect(read(path, "SENML_CBOR"), "2.05")?;
    same(
        "the other format",
        &second["content"],
        first["content"].clone(),
    )?;
    Ok(first["content"].clone())
}

fn vendor_update(session: &mut Session) -> Result<()> {
    let links = session.registration["objectLinks"].to_string();
    if !links.contains("\"/31000/0\"") {
        return Err(format!("/31000/0 is not among {links}").into());
    }
    let update = session.leshan.event("updated")?;
    let links = update["objectLinks"].to_string();
    if links.contains("\"/31001/0\"") && links.contains("\"/31000/0\"") {
        Ok(())
    } else {
        Err(format!("the Update lists {links}").into())
    }
}

fn vendor_values(session: &mut Session) -> Result<()> {
    for object in [31000, 31001] {
        let instance = format!("/{object}/0");
        let command = json!({"command": "write", "path": instance, "format": "TLV",
            "mode": "update", "resources": resources("first", -5)});
        session.leshan.expect(command, "2.04")?;
        let found = content(session, &instance)?;
        same("name", &found["resources"]["0"]["value"], json!("first"))?;
        same("counter", &found["resources"]["1"]["value"], json!(-5))?;
    }
    session
        .leshan
        .expect(json!({"command": "execute", "path": "/31000/0/3"}), "2.04")?;
    let found = content(session, "/31000/0/1")?;
    same("counter", &found["value"], json!(-4))
}

fn vendor_create(session: &mut Session) -> Result<()> {
    for (format, id) in [("TLV", 1), ("SENML_CBOR", 2)] {
        for object in [31000, 31001] {
            let path = format!("/{object}/{id}");
            let command = json!({"command": "create", "path": path, "format": format,
                "resources": resources("made", id)});
            session.leshan.expect(command, "2.01")?;
            let found = content(session, &path)?;
            same("name", &found["resources"]["0"]["value"], json!("made"))?;
            same("counter", &found["resources"]["1"]["value"], json!(id))?;
        }
    }
    // The client chooses the id; 31000 has no place left, 31001 has one.
    let create = |object: u16| {
        json!({"command": "create", "path": format!("/{object}"), "format": "TLV",
            "resources": resources("chosen", 3)})
    };
    session.leshan.expect(create(31000), "5.00")?;
    let made = session.leshan.expect(create(31001), "2.01")?;
    same("location", &made["location"], json!("31001/3"))?;
    let found = content(session, "/31001")?;
    let instances = found["instances"]
        .as_object()
        .map_or(0, serde_json::Map::len);
    same("instances", &json!(instances), json!(4))?;
    let update = session.leshan.event("updated")?;
    same(
        "carried",
        &json!(update["carried"].to_string().contains("objectLinks")),
        json!(true),
    )
}

fn vendor_failed_create(session: &mut Session) -> Result<()> {
    session
        .leshan
        .expect(json!({"command": "delete", "path": "/31001/3"}), "2.02")?;
    // The name is longer than the vendor's buffer.
    let command = json!({"command": "create", "path": "/31001/3", "format": "TLV",
        "resources": resources("a name of more than twenty-three letters", 3)});
    let answer = session.leshan.ask(command)?;
    if answer["response"]["code"]
        .as_str()
        .is_none_or(|code| code.starts_with('2'))
    {
        return Err(format!("the create gave {answer}").into());
    }
    session.leshan.expect(read("/31001/3", "TLV"), "4.04")?;
    Ok(())
}

fn vendor_delete(session: &mut Session) -> Result<()> {
    for path in ["/31000/1", "/31001/1"] {
        session
            .leshan
            .expect(json!({"command": "delete", "path": path}), "2.02")?;
        session.leshan.expect(read(path, "TLV"), "4.04")?;
        session
            .leshan
            .expect(json!({"command": "delete", "path": path}), "4.04")?;
    }
    // The place is free again.
    let command = json!({"command": "create", "path": "/31000/7", "format": "TLV",
        "resources": resources("again", 7)});
    session.leshan.expect(command, "2.01")?;
    Ok(())
}

fn vendor_resource_instances(session: &mut Session) -> Result<()> {
    let path = "/31000/0/2";
    for (instances, expected) in [
        (json!({"0": 10, "3": 13}), json!({"0": 10, "3": 13})),
        (json!({"1": 11}), json!({"1": 11})),
    ] {
        let command = json!({"command": "write", "path": path, "format": "TLV",
            "instances": instances, "type": "INTEGER"});
        session.leshan.expect(command, "2.04")?;
        let found = content(session, path)?;
        same("readings", &found["instances"], expected)?;
    }
    let found = session
        .leshan
        .expect(json!({"command": "discover", "path": path}), "2.05")?;
    if !found.to_string().contains("\"dim\":1") {
        return Err(format!("no dim of 1 in {found}").into());
    }
    // Five do not fit into four places, and then none is written.
    let command = json!({"command": "write", "path": path, "format": "TLV", "type": "INTEGER",
        "instances": {"0": 1, "1": 2, "2": 3, "3": 4, "4": 5}});
    session.leshan.expect(command, "5.00")?;
    let found = content(session, path)?;
    same("readings", &found["instances"], json!({"1": 11}))
}

fn vendor_grow(session: &mut Session) -> Result<()> {
    session
        .leshan
        .expect(json!({"command": "execute", "path": "/31001/0/3"}), "2.04")?;
    let found = content(session, "/31001/0/2")?;
    same("readings", &found["instances"], json!({"7": 700}))?;
    let command = json!({"command": "write", "path": "/31001/0/2", "format": "TLV",
        "instances": {"0": 1, "5": 6}, "type": "INTEGER"});
    session.leshan.expect(command, "2.04")?;
    let found = content(session, "/31001/0/2")?;
    same("readings", &found["instances"], json!({"0": 1, "5": 6}))
}

fn vendor_end(session: &mut Session) -> Result<()> {
    session.sample.terminate()?;
    session.sample.ended()?;
    session.leshan.event("unregistered")?;
    Ok(())
}
