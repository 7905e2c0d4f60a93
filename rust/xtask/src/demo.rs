// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask demo`: the C sample against the embedded server, the conversation as it happens.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command as Process, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use lwm2m_server::{
    Client, Code, Content, ContentFormat, Event, Observation, Registration, Request, Server, Value,
    WriteMode,
};

use crate::cc::{self, Program};
use crate::config::Selection;
use crate::dtls_front::Front;
use crate::{Command, Result, Workspace, build_host, process};

pub const COMMAND: Command = Command {
    name: "demo",
    usage: "[--server coap[s]://HOST:PORT] [--endpoint NAME] [--bootstrap | --dtls] [--keep]",
    help: "Build the C sample, register it, and show the conversation",
    run,
};

const SAMPLE: &str = "samples/lwm2m_client";
/// What makes of the sample a client that knows a Bootstrap-Server alone.
const BOOTSTRAP: &str = "bootstrap.conf";
/// What makes it a client with a pre-shared key; the identity and the key are its defaults.
const DTLS: &str = "dtls.conf";
const IDENTITY: &[u8] = b"lwm2m-rs-sample";
const KEY: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const PATIENCE: Duration = Duration::from_secs(30);
const TEMPERATURE: &str = "/3303/0/5700";

/// What the command line says.
struct Options {
    server: Option<String>,
    endpoint: String,
    bootstrap: bool,
    dtls: bool,
    keep: bool,
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        server: None,
        endpoint: "lwm2m-rs-demo".into(),
        bootstrap: false,
        dtls: false,
        keep: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .cloned()
                .ok_or(format!("{argument} takes a value"))
        };
        match argument.as_str() {
            "--server" => options.server = Some(value()?),
            "--endpoint" => options.endpoint = value()?,
            "--bootstrap" => options.bootstrap = true,
            "--dtls" => options.dtls = true,
            "--keep" => options.keep = true,
            other => return Err(format!("`{other}` is not an option").into()),
        }
    }
    if options.bootstrap && options.dtls {
        return Err("--bootstrap and --dtls are two demonstrations".into());
    }
    Ok(options)
}

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    let more: &[&str] = match (options.bootstrap, options.dtls) {
        (true, _) => &[BOOTSTRAP],
        (_, true) => &[DTLS],
        _ => &[],
    };
    let folder = workspace.root.join(SAMPLE);
    let program = build_folder_with(workspace, &folder, &folder.join("src/main.c"), more)?;
    match &options.server {
        Some(uri) => elsewhere(&program, uri, &options.endpoint),
        None => here(&program, &options),
    }
}

/// Builds the sample for the host.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    build_with(workspace, &workspace.root.join(SAMPLE).join("src/main.c"))
}

/// Builds a program of one C file with the sample's configuration.
pub fn build_with(workspace: &Workspace, source: &Path) -> Result<PathBuf> {
    build_folder(workspace, &workspace.root.join(SAMPLE), source)
}

/// Builds a program of one C file with the configuration of a folder: its `prj.conf`, its
/// `formats.conf` and its `Kconfig` if it has them.
pub fn build_folder(workspace: &Workspace, folder: &Path, source: &Path) -> Result<PathBuf> {
    build_folder_with(workspace, folder, source, &[])
}

/// The same with further `.conf` files of the folder.
fn build_folder_with(
    workspace: &Workspace,
    folder: &Path,
    source: &Path,
    more: &[&str],
) -> Result<PathBuf> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let mut arguments = vec![text(folder.join("prj.conf"))];
    arguments.extend(more.iter().map(|file| text(folder.join(file))));
    if folder.join("formats.conf").exists() {
        arguments.push(text(folder.join("formats.conf")));
    }
    if folder.join("Kconfig").exists() {
        arguments.extend(["--kconfig".into(), text(folder.join("Kconfig"))]);
    }
    let selection = Selection::parse(&arguments)?;
    let output = selection.output(workspace);
    let configuration = selection.load(workspace)?;
    let library = build_host::static_library(workspace, &configuration, &output)?;
    let name = source.file_stem().ok_or("a C file has a name")?;
    let program = output.join(name);
    println!("xtask: compiling {} ...", name.to_string_lossy());
    let author_headers = text(workspace.root.join("include/lwm2m"));
    cc::link(
        workspace,
        &Program {
            sources: &[source.to_path_buf()],
            configuration: &configuration,
            library: &library,
            flags: &["-I".into(), author_headers],
            output: &program,
        },
    )?;
    Ok(program)
}

/// Runs the sample against a server somebody else runs, until it ends or is interrupted.
fn elsewhere(program: &Path, uri: &str, endpoint: &str) -> Result<()> {
    println!("xtask: {endpoint} registers at {uri}; Ctrl-C ends it");
    process::run(Process::new(program).args(["--server", uri, "--endpoint", endpoint]))
}

/// The sample as a child process; ended when it is dropped.
pub struct Sample {
    child: Child,
    /// What a program reads that takes commands; closed, it ends.
    input: Option<ChildStdin>,
    /// The lines it prints.
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Sample {
    /// Starts it.
    pub fn start(program: &Path, uri: &str, endpoint: &str, show: bool) -> Result<Self> {
        let mut child = Process::new(program)
            .args(["--server", uri, "--endpoint", endpoint])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        // Its log goes to the standard error stream.
        let pipe = child.stderr.take().ok_or("the sample has no output")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(|line| line.ok()) {
                if show {
                    println!("          client | {line}");
                }
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            input: child.stdin.take(),
            child,
            lines,
            seen: Vec::new(),
        })
    }

    /// Gives it a line to read.
    pub fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.input.as_mut().ok_or("the client's input is closed")?;
        Ok(writeln!(input, "{line}")?)
    }

    /// Closes its input.
    pub fn close(&mut self) {
        self.input = None;
    }

    /// Forgets what it has printed so far.
    pub fn forget(&mut self) {
        while self.lines.try_recv().is_ok() {}
        self.seen.clear();
    }

    /// Waits for a line that contains `text`, which may have been printed already.
    pub fn printed(&mut self, text: &str) -> Result<()> {
        self.printed_within(text, PATIENCE).map(drop)
    }

    /// The same with another limit; the line.
    pub fn printed_within(&mut self, text: &str, patience: Duration) -> Result<String> {
        if let Some(line) = self.seen.iter().find(|line| line.contains(text)) {
            return Ok(line.clone());
        }
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return Ok(line);
                    }
                }
                Err(_) => {
                    let last = self.seen.len().saturating_sub(5);
                    let seen = self.seen.get(last..).unwrap_or_default().join(" | ");
                    return Err(format!("the client never printed `{text}`, but {seen}").into());
                }
            }
        }
    }

    /// Asks it to stop.
    pub fn terminate(&self) -> Result<()> {
        process::run(Process::new("kill").args(["-TERM", &self.child.id().to_string()]))
    }

    /// Waits until it has ended; an exit status other than 0 is an error.
    pub fn ended(&mut self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("the client ended with {status}").into())
                };
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("the client did not end".into())
    }

    /// Waits until it ends by itself or is interrupted.
    fn wait(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The conversation so far: who takes part, and what came of each step.
struct Conversation {
    server: Server,
    client: Client,
    events: Receiver<Event>,
    sample: Sample,
    observation: Option<Observation>,
    /// What speaks DTLS for the server.
    front: Option<Front>,
}

/// A step has a title and says what it found.
type Step = (&'static str, fn(&mut Conversation) -> Result<String>);

/// What comes before all others with `--bootstrap`.
const BOOTSTRAP_STEP: Step = ("Bootstrap", bootstrap);

/// What comes before all others with `--dtls`.
const HANDSHAKE_STEP: Step = ("Handshake", handshake);

const STEPS: &[Step] = &[
    ("Register", register),
    ("Send", send),
    ("Discover /3", discover),
    ("Read /3 in every format", read),
    ("Read-Composite /3/0/0 /1/0/1 /3303", read_composite),
    ("Write /1/0/1 and read it back", write),
    ("Write-Composite /1/0/1 /3/0/15", write_composite),
    ("Write-Attributes of /3303/0/5700", attributes),
    ("Observe /3303/0/5700", observe),
    ("Update", update),
    ("Cancel the observation", cancel),
    ("Observe-Composite /3303/0/5700 /1/0/1", observe_composite),
    ("Execute /3/0/4", execute),
    ("De-register", deregister),
];

fn here(program: &Path, options: &Options) -> Result<()> {
    let server = Server::bind("127.0.0.1:0")?;
    let events = server.subscribe();
    let trace = server.subscribe();
    std::thread::spawn(move || {
        for event in trace {
            if let Event::Trace(entry) = event {
                println!("{}", indent(&entry.to_string()));
            }
        }
    });
    let front = match options.dtls {
        true => Some(Front::to(server.address(), IDENTITY, &KEY)?),
        false => None,
    };
    let uri = match &front {
        Some(front) => format!("coaps://{}", front.address),
        None => format!("coap://{}", server.address()),
    };
    println!("\nThe embedded server listens at {uri}.");
    println!("→ the server sends, ← the client sends, `client |` is what the C program prints.");
    let sample = Sample::start(program, &uri, &options.endpoint, true)?;
    let mut conversation = Conversation {
        client: server.client(&options.endpoint),
        server,
        events,
        sample,
        observation: None,
        front,
    };
    // Reboot ends the client, so one that is to stay is not asked to.
    let steps = if options.keep {
        &STEPS[..STEPS.len() - 2]
    } else {
        STEPS
    };
    let first: &[Step] = match (options.bootstrap, options.dtls) {
        (true, _) => &[BOOTSTRAP_STEP],
        (_, true) => &[HANDSHAKE_STEP],
        _ => &[],
    };
    let mut summary = Vec::new();
    for (number, (title, step)) in (1..).zip(first.iter().chain(steps)) {
        println!("\n── {number}. {title} ──");
        let outcome = step(&mut conversation);
        // The trace is printed by another thread; let it finish this step's lines.
        std::thread::sleep(Duration::from_millis(50));
        let failed = outcome.is_err();
        summary.push((title, outcome));
        if failed {
            break;
        }
    }
    println!("\n── Summary ──");
    let mut failures = 0;
    for (title, outcome) in &summary {
        match outcome {
            Ok(found) => println!("  ok      {title}: {found}"),
            Err(error) => {
                failures += 1;
                println!("  FAILED  {title}: {error}");
            }
        }
    }
    if failures > 0 {
        return Err("a step failed".into());
    }
    if options.keep {
        println!("\nThe client stays registered at {uri}; Ctrl-C ends both.");
        conversation.sample.wait()?;
    }
    Ok(())
}

fn indent(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

impl Conversation {
    /// Waits for the first event that `wanted` makes something of.
    fn event<T>(&self, what: &str, wanted: impl Fn(Event) -> Option<T>) -> Result<T> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(event) => {
                    if let Some(found) = wanted(event) {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err(format!("no {what} came").into()),
                Err(RecvTimeoutError::Disconnected) => return Err("the server stopped".into()),
            }
        }
    }
}

fn links(registration: &Registration) -> String {
    let links: Vec<String> = registration
        .links
        .iter()
        .map(|link| link.target.clone())
        .collect();
    links.join(" ")
}

/// The server is the Bootstrap-Server too, and names itself.
fn bootstrap(conversation: &mut Conversation) -> Result<String> {
    conversation.event("Bootstrap-Request", |event| {
        matches!(event, Event::BootstrapRequested(_)).then_some(())
    })?;
    let client = &conversation.client;
    client.delete("/0")?.success()?;
    client.delete("/1")?.success()?;
    let uri = format!("coap://{}", conversation.server.address());
    let security = [
        ("/0/1/0".parse()?, Value::from(uri.as_str())),
        ("/0/1/1".parse()?, Value::Boolean(false)),
        ("/0/1/2".parse()?, Value::Integer(3)),
        ("/0/1/10".parse()?, Value::Integer(101)),
    ];
    let server = [
        ("/1/0/0".parse()?, Value::Integer(101)),
        ("/1/0/1".parse()?, Value::Integer(60)),
        ("/1/0/7".parse()?, Value::from("U")),
    ];
    let format = ContentFormat::SENML_CBOR;
    let replace = WriteMode::Replace;
    client
        .write("/0/1", &Content::from_iter(security), format, replace)?
        .success()?;
    client
        .write("/1/0", &Content::from_iter(server), format, replace)?
        .success()?;
    let finish = Request {
        method: Code::POST,
        path: vec!["bs".into()],
        ..Request::default()
    };
    client.request(&finish)?.success()?;
    conversation.sample.printed("Client: bootstrap complete")?;
    Ok(format!("the client knows the server {uri} now"))
}

/// Which the client begins with; all that follows is inside of DTLS records.
fn handshake(conversation: &mut Conversation) -> Result<String> {
    let front = conversation.front.as_ref().ok_or("there is no DTLS")?;
    front.established(PATIENCE)
}

fn register(conversation: &mut Conversation) -> Result<String> {
    let endpoint = conversation.client.endpoint().to_owned();
    let registration = conversation.server.wait_for(&endpoint, PATIENCE)?;
    conversation.sample.printed("Client: registered")?;
    Ok(format!(
        "LwM2M {}, lifetime {} s, {}",
        registration.version,
        registration.lifetime.as_secs(),
        links(&registration)
    ))
}

fn send(conversation: &mut Conversation) -> Result<String> {
    let content = conversation.event("Send", |event| match event {
        Event::Send { content, .. } => Some(content),
        _ => None,
    })??;
    let Some(value) = content.get(TEMPERATURE) else {
        return Err("the temperature was not sent".into());
    };
    conversation.sample.printed("Send: arrived")?;
    Ok(format!("{TEMPERATURE} = {value}"))
}

fn discover(conversation: &mut Conversation) -> Result<String> {
    let answer = conversation.client.discover("/3")?.success()?;
    let content = answer.content?;
    Ok(format!("{} links", content.links().len()))
}

fn read(conversation: &mut Conversation) -> Result<String> {
    let client = &conversation.client;
    let mut sizes = Vec::new();
    let mut found = None;
    for format in [
        ContentFormat::TLV,
        ContentFormat::JSON,
        ContentFormat::SENML_JSON,
        ContentFormat::SENML_CBOR,
    ] {
        let answer = client.read("/3", format)?.success()?;
        let Some(Value::String(manufacturer)) = answer.value("/3/0/0") else {
            return Err(format!("there is no manufacturer in {}", format.name()).into());
        };
        sizes.push(format!("{} {}", format.name(), answer.payload.len()));
        if *found.get_or_insert_with(|| manufacturer.clone()) != *manufacturer {
            return Err("the formats disagree".into());
        }
    }
    let manufacturer = found.unwrap_or_default();
    for format in [ContentFormat::TEXT, ContentFormat::CBOR] {
        let answer = client.read("/3/0/0", format)?.success()?;
        if answer.value("/3/0/0") != Some(&Value::String(manufacturer.clone())) {
            return Err(format!("{} disagrees", format.name()).into());
        }
    }
    let sizes = sizes.join(", ");
    Ok(format!("manufacturer \"{manufacturer}\"; bytes: {sizes}"))
}

fn read_composite(conversation: &mut Conversation) -> Result<String> {
    let paths = ["/3/0/0".parse()?, "/1/0/1".parse()?, "/3303".parse()?];
    let answer = conversation
        .client
        .read_composite(&paths, ContentFormat::SENML_CBOR)?
        .success()?;
    let count = answer.content?.records().len();
    Ok(format!("{count} values in one answer"))
}

fn write(conversation: &mut Conversation) -> Result<String> {
    let client = &conversation.client;
    client
        .write_value("/1/0/1", 120, ContentFormat::TEXT)?
        .success()?;
    let answer = client.read("/1/0/1", ContentFormat::TEXT)?.success()?;
    match &answer.payload[..] {
        b"120" => Ok("lifetime 120 s".into()),
        other => Err(format!("read back {:?}", String::from_utf8_lossy(other)).into()),
    }
}

fn write_composite(conversation: &mut Conversation) -> Result<String> {
    let client = &conversation.client;
    let lifetime = ("/1/0/1".parse()?, Value::Integer(180));
    let timezone = ("/3/0/15".parse()?, Value::from("CET"));
    let content = Content::from_iter([lifetime, timezone]);
    client
        .write_composite(&content, ContentFormat::SENML_JSON)?
        .success()?;
    conversation.sample.printed("Timezone is now CET")?;
    Ok("both in one request".into())
}

fn execute(conversation: &mut Conversation) -> Result<String> {
    conversation.client.execute("/3/0/4", "")?.success()?;
    conversation.sample.printed("Reboot executed")?;
    Ok("the C callback ran".into())
}

fn attributes(conversation: &mut Conversation) -> Result<String> {
    let client = &conversation.client;
    client
        .write_attributes(TEMPERATURE, &["pmin=1", "pmax=10", "st=0.5"])?
        .success()?;
    let content = client.discover(TEMPERATURE)?.success()?.content?;
    let link = content.links().first().ok_or("Discover finds nothing")?;
    let names = ["pmin", "pmax", "st"];
    let shown = names.map(|name| format!("{name}={}", link.attribute(name).unwrap_or("?")));
    if shown.iter().any(|attribute| attribute.ends_with('?')) {
        return Err(format!("Discover has {}", shown.join(" ")).into());
    }
    Ok(format!("{}, which Discover shows", shown.join(" ")))
}

fn observe(conversation: &mut Conversation) -> Result<String> {
    let path = TEMPERATURE;
    let answer = conversation
        .client
        .observe(path, ContentFormat::SENML_CBOR)?
        .success()?;
    conversation.observation = answer.observation;
    let mut values = vec![];
    for _ in 0..3 {
        let notification = conversation.event("notification", |event| match event {
            Event::Notification(notification) => Some(notification),
            _ => None,
        })?;
        let Some(value) = notification.response.value(path) else {
            return Err("a notification without the value".into());
        };
        values.push(value.to_string());
    }
    Ok(format!("notified of {}", values.join(", ")))
}

fn update(conversation: &mut Conversation) -> Result<String> {
    conversation.client.execute("/1/0/8", "")?.success()?;
    let registration = conversation.event("update", |event| match event {
        Event::Updated(registration) => Some(registration),
        _ => None,
    })?;
    Ok(format!("lifetime {} s", registration.lifetime.as_secs()))
}

fn cancel(conversation: &mut Conversation) -> Result<String> {
    let observation = conversation.observation.take().ok_or("there is none")?;
    conversation
        .client
        .cancel_observation(&observation)?
        .success()?;
    Ok("by token".into())
}

fn observe_composite(conversation: &mut Conversation) -> Result<String> {
    let paths = [TEMPERATURE.parse()?, "/1/0/1".parse()?];
    let client = &conversation.client;
    let answer = client
        .observe_composite(&paths, ContentFormat::SENML_JSON)?
        .success()?;
    let observation = answer.observation.ok_or("it does not observe them")?;
    let notification = conversation.event("notification", |event| match event {
        Event::Notification(notification) => Some(notification),
        _ => None,
    })?;
    let count = notification.response.content?.records().len();
    client.cancel_observation(&observation)?.success()?;
    Ok(format!("notified of {count} values at once, and cancelled"))
}

fn deregister(conversation: &mut Conversation) -> Result<String> {
    conversation.sample.ended()?;
    conversation.event("de-registration", |event| {
        matches!(event, Event::Deregistered(_)).then_some(())
    })?;
    Ok("the client has ended".into())
}
