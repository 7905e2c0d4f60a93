// SPDX-License-Identifier: Apache-2.0
//! Leshan's Bootstrap-Server hands a client over to the Leshan server, which sends it back, disables it,
//! and waits until it wakes.

use serde_json::{Value, json};

use super::{BOOTSTRAP, Leshan, read, same};
use crate::demo::{self, Sample};
use crate::{Result, Workspace};

type Case = (&'static str, fn(&mut Session) -> Result<()>);

pub const CASES: &[Case] = &[
    ("Leshan bootstraps a client, which registers", bootstrapped),
    ("Leshan triggers another bootstrap", triggered),
    ("Leshan disables the client for a while", disabled),
    ("Leshan reaches the client when it wakes", asleep),
    ("the bootstrapped client deregisters", deregistered),
];

/// Numbers of the events that the client prints.
mod event {
    pub const BOOTSTRAP_COMPLETE: &str = "Event 2.";
    pub const TRANSFERRED: &str = "Event 3.";
    pub const REGISTERED: &str = "Event 5.";
    pub const DISCONNECTED: &str = "Event 9.";
    pub const RX_OFF: &str = "Event 10.";
    pub const DISABLED: &str = "Event 15.";
}

pub struct Session {
    leshan: Leshan,
    client: Sample,
}

impl Session {
    pub fn start(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.root.join(BOOTSTRAP);
        let program = demo::build_folder(workspace, &folder, &folder.join("bootstrap.c"))?;
        let leshan = Leshan::start(workspace, &[], &["--bootstrap"])?;
        let port = leshan.bootstrap_port.ok_or("no Bootstrap-Server")?;
        let uri = format!("coap://127.0.0.1:{port}");
        let client = Sample::start(&program, &uri, "bootstrapped", false)?;
        Ok(Self { leshan, client })
    }

    /// The steps of a bootstrap, each accepted, and what the client tells of it.
    fn bootstraps(&mut self) -> Result<()> {
        let mut steps = Vec::new();
        loop {
            let step = self.leshan.event("bootstrapStep")?;
            let (request, code) = (&step["request"], &step["code"]);
            let success = code.as_str().is_some_and(|code| code.starts_with("2."));
            if !success {
                return Err(format!("the client answered {step}").into());
            }
            let name = request.as_str().unwrap_or_default().to_string();
            steps.push(format!(
                "{name} {}",
                step["path"].as_str().unwrap_or_default()
            ));
            if name == "BootstrapFinishRequest" {
                break;
            }
        }
        let expected = [
            "BootstrapDiscoverRequest /",
            "BootstrapDeleteRequest /0",
            "BootstrapDeleteRequest /1",
            "BootstrapWriteRequest /0/1",
            "BootstrapWriteRequest /1/0",
            "BootstrapFinishRequest /bs",
        ];
        if steps.first().map(String::as_str) != expected.first().copied()
            || steps
                .last()
                .is_none_or(|last| !last.starts_with("BootstrapFinishRequest"))
            || !expected[1..5]
                .iter()
                .all(|step| steps.iter().any(|done| done == step))
        {
            return Err(format!("the steps were {steps:?}").into());
        }
        self.leshan.event("bootstrapped")?;
        self.client.printed(event::BOOTSTRAP_COMPLETE)?;
        self.client.printed(event::TRANSFERRED)
    }

    fn registers(&mut self) -> Result<Value> {
        let registration = self.leshan.event("registered")?;
        same("endpoint", &registration["endpoint"], json!("bootstrapped"))?;
        self.client.printed(event::REGISTERED)?;
        Ok(registration)
    }
}

fn bootstrapped(session: &mut Session) -> Result<()> {
    session.bootstraps()?;
    let registration = session.registers()?;
    same("lifetime", &registration["lifetime"], json!(300))?;
    same("binding", &registration["binding"], json!("U"))?;
    same("queue mode", &registration["queueMode"], json!(true))?;
    let id = session.leshan.expect(read("/1/0/0", "TEXT"), "2.05")?;
    same("Short Server ID", &id["content"]["value"], json!(123))
}

fn triggered(session: &mut Session) -> Result<()> {
    session.client.forget();
    let trigger = json!({"command": "execute", "path": "/1/0/9"});
    session.leshan.expect(trigger, "2.04")?;
    session.bootstraps()?;
    session.registers().map(drop)
}

fn disabled(session: &mut Session) -> Result<()> {
    session.client.forget();
    let disable = json!({"command": "execute", "path": "/1/0/4"});
    session.leshan.expect(disable, "2.04")?;
    session.client.printed(event::DISABLED)?;
    session.leshan.event("unregistered")?;
    session.registers().map(drop)
}

fn asleep(session: &mut Session) -> Result<()> {
    session.client.forget();
    session.client.printed(event::RX_OFF)?;
    let mut sleeping = read("/3/0/16", "TEXT");
    sleeping["timeoutMs"] = json!(1000);
    let answer = session.leshan.ask(sleeping)?;
    same("no answer while asleep", &answer["timeout"], json!(true))?;
    session.leshan.forget("updated");
    session.client.tell("update")?;
    session.leshan.event("updated")?;
    session
        .leshan
        .expect(read("/3/0/16", "TEXT"), "2.05")
        .map(drop)
}

fn deregistered(session: &mut Session) -> Result<()> {
    session.client.tell("stop")?;
    session.client.printed(event::DISCONNECTED)?;
    let gone = session.leshan.event("unregistered")?;
    same("expired", &gone["expired"], json!(false))?;
    session.client.close();
    session.client.ended()
}
