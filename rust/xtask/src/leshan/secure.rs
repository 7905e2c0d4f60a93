// SPDX-License-Identifier: Apache-2.0
//! Leshan over DTLS: keys and certificates, right and wrong; connection ids and resumption; a bootstrap; a
//! package; and what follows when a handshake fails.

use std::fs;
use std::path::{Path, PathBuf};

use lwm2m_dtls::{Issued, Order, issue};
use serde_json::{Value, json};

use super::relay::{Relay, Seen, content_type, handshake};
use super::{Leshan, SECURE, firmware, read, same};
use crate::demo::{self, Sample};
use crate::{Result, Workspace};

type Case = (&'static str, fn(&mut Session) -> Result<()>);

pub const CASES: &[Case] = &[
    ("a key: register, read, write, observe", with_a_key),
    ("a new address, the same connection id", moved),
    ("an Update after a rest resumes the session", resumed),
    ("certificates: register and read", with_certificates),
    ("a package is fetched over coaps", package),
    (
        "a bootstrap with a key hands over to a server with a key",
        bootstrap,
    ),
    (
        "a key that is too long is refused when it is written",
        too_long,
    ),
    (
        "a failed handshake is told and the next server taken",
        next_server,
    ),
];

/// Who is to be refused, with the client's endpoint name. They begin with the session, and some of them
/// wait for answers that never come, so they are looked at last.
pub const REFUSED: &[(&str, &str)] = &[
    ("a wrong key", "wrong-key"),
    (
        "an identity that the server does not know",
        "unknown-identity",
    ),
    ("a server whose authority is another one", "foreign"),
    ("a server whose certificate has expired", "expired"),
    ("a server with another name", "other-name"),
    ("a client that the server does not trust", "untrusted"),
];

/// Numbers of the events that the client prints.
mod event {
    pub const TRANSFERRED: &str = "Event 3.";
    pub const REGISTERED: &str = "Event 5.";
    pub const UPDATED: &str = "Event 7.";
    pub const DISCONNECTED: &str = "Event 9.";
    pub const RX_OFF: &str = "Event 10.";
    pub const NETWORK_ERROR: &str = "Event 12.";
}

const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const WRONG_KEY: &str = "ff0102030405060708090a0b0c0d0e0f";
const PACKAGE: usize = 20_000;

pub struct Session {
    leshan: Leshan,
    program: PathBuf,
    made: Made,
    /// The client with the key, and what lies between it and the server.
    client: Sample,
    relay: Relay,
    /// Clients that no server is to take, with what they are to print. They wait side by side.
    refused: Vec<(&'static str, &'static str, Sample)>,
}

/// A chain of trust, and strangers.
struct Made {
    authority: Issued,
    foreign: Issued,
    x509: Issued,
    stranger: Issued,
}

/// Makes certificates, and folders of them for the servers.
fn make(folder: &Path) -> Result<Made> {
    let valid = ("20200101000000", "20491231235959");
    let over = ("20200101000000", "20210101000000");
    let order = |subject, authority, validity| Order {
        subject,
        name: if authority { "" } else { "localhost" },
        authority,
        validity,
    };
    let authority = issue(&order("authority", true, valid), None)?;
    let foreign = issue(&order("foreign", true, valid), None)?;
    for (name, validity) in [("server", valid), ("expired", over)] {
        let server = issue(&order("server", false, validity), Some(&authority))?;
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("server.der"), &server.certificate)?;
        fs::write(folder.join("server.key"), &server.private_key)?;
        fs::write(folder.join("authority.der"), &authority.certificate)?;
    }
    Ok(Made {
        // Leshan wants a client's certificate to name its endpoint.
        x509: issue(&order("x509", false, valid), Some(&authority))?,
        stranger: issue(&order("untrusted", false, valid), Some(&foreign))?,
        authority,
        foreign,
    })
}

/// An account of the Security object and what belongs to it, as the client is told.
enum Keys<'a> {
    Shared {
        identity: &'a str,
        key: &'a str,
    },
    Certificate {
        own: &'a Issued,
        authority: &'a Issued,
    },
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells a client of an account.
fn account(client: &mut Sample, instance: u16, uri: &str, keys: &Keys<'_>) -> Result<()> {
    if instance > 0 {
        client.tell(&format!("create 0/{instance}"))?;
    }
    client.tell(&format!("text 0/{instance}/0 {uri}"))?;
    let (mode, credentials) = match keys {
        Keys::Shared { identity, key } => (
            0,
            vec![(3, hex(identity.as_bytes())), (5, (*key).to_string())],
        ),
        Keys::Certificate { own, authority } => (
            2,
            vec![
                (3, hex(&own.certificate)),
                (4, hex(&authority.certificate)),
                (5, hex(&own.private_key)),
            ],
        ),
    };
    client.tell(&format!("number 0/{instance}/2 {mode}"))?;
    for (resource, value) in credentials {
        client.tell(&format!("bytes 0/{instance}/{resource} {value}"))?;
    }
    Ok(())
}

/// Tells a client of the server behind an account.
fn server(client: &mut Sample, security: u16, instance: u16) -> Result<()> {
    let id = security + 1;
    client.tell(&format!("number 0/{security}/10 {id}"))?;
    client.tell(&format!("create 1/{instance}"))?;
    client.tell(&format!("number 1/{instance}/0 {id}"))?;
    client.tell(&format!("number 1/{instance}/1 120"))
}

impl Session {
    pub fn start(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.root.join(SECURE);
        let program = demo::build_folder(workspace, &folder, &folder.join("secure.c"))?;
        let certificates = workspace.target.join("leshan/certificates");
        let made = make(&certificates)?;
        let [security, expired] = ["server", "expired"]
            .map(|name| certificates.join(name).to_string_lossy().into_owned());
        let options = [
            "--bootstrap",
            "--security",
            &security,
            "--expired",
            &expired,
        ];
        let mut leshan = Leshan::start(workspace, &[], &options)?;
        for endpoint in ["key", "wrong-key", "boot", "next"] {
            let trust =
                json!({"command": "trust", "endpoint": endpoint, "identity": endpoint, "key": KEY});
            leshan.ask(trust)?;
        }
        for endpoint in ["x509", "untrusted"] {
            leshan.ask(json!({"command": "trust", "endpoint": endpoint}))?;
        }
        let port = leshan.secure_port.ok_or("no secure port")?;
        let expired = leshan.expired_port.ok_or("no second secure port")?;
        let relay = Relay::to(port)?;
        let mut session = Self {
            client: Sample::start(&program, "", "key", false)?,
            leshan,
            program,
            made,
            relay,
            refused: Vec::new(),
        };
        session.begin_refused(port, expired)?;
        Ok(session)
    }

    /// Has those begin whom no server is to take.
    fn begin_refused(&mut self, port: u64, expired: u64) -> Result<()> {
        let here = format!("coaps://localhost:{port}");
        let elsewhere = format!("coaps://localhost:{expired}");
        let key = |identity, key| Keys::Shared { identity, key };
        let made = &self.made;
        let with = |authority| Keys::Certificate {
            own: &made.x509,
            authority,
        };
        let untrusted = Keys::Certificate {
            own: &made.stranger,
            authority: &made.authority,
        };
        let no_answer = "the peer does not answer";
        let refuses = "the peer refuses";
        for (endpoint, uri, keys, line) in [
            // Leshan says nothing to whom it does not know, and drops what it cannot decrypt.
            ("wrong-key", &here, key("wrong-key", WRONG_KEY), no_answer),
            ("unknown-identity", &here, key("nobody", KEY), no_answer),
            ("foreign", &here, with(&made.foreign), "is not trusted"),
            ("expired", &elsewhere, with(&made.authority), "has expired"),
            (
                "other-name",
                &here,
                with(&made.authority),
                "is for another name",
            ),
            ("untrusted", &here, untrusted, refuses),
        ] {
            let mut client = Sample::start(&self.program, "", endpoint, false)?;
            account(&mut client, 0, uri, &keys)?;
            server(&mut client, 0, 0)?;
            if endpoint == "other-name" {
                client.tell("text 0/0/14 other.example")?;
            }
            client.tell("start")?;
            self.refused.push((endpoint, line, client));
        }
        Ok(())
    }

    /// Looks at one of those that began to be refused.
    pub fn is_refused(&mut self, endpoint: &str) -> Result<()> {
        let at = self.refused.iter().position(|(name, ..)| *name == endpoint);
        let (_, line, mut client) = self.refused.swap_remove(at.ok_or("it was not begun")?);
        client.printed(line)?;
        client.printed(event::NETWORK_ERROR)?;
        let clients = self.leshan.ask(json!({"command": "clients"}))?;
        let found = clients["clients"].as_array().into_iter().flatten();
        match found.into_iter().any(|found| found["endpoint"] == endpoint) {
            true => Err("it has registered".into()),
            false => Ok(()),
        }
    }

    fn secure_port(&self) -> Result<u64> {
        self.leshan.secure_port.ok_or("no secure port".into())
    }

    /// A client that has been told all but to start.
    fn client(&self, endpoint: &str, uri: &str, keys: &Keys<'_>) -> Result<Sample> {
        let mut client = Sample::start(&self.program, "", endpoint, false)?;
        account(&mut client, 0, uri, keys)?;
        server(&mut client, 0, 0)?;
        Ok(client)
    }

    fn registered(&mut self, endpoint: &str) -> Result<()> {
        let registration = self.leshan.event("registered")?;
        same("endpoint", &registration["endpoint"], json!(endpoint))
    }

    fn reads(&mut self, endpoint: &str) -> Result<()> {
        let mut command = read("/3/0/16", "TEXT");
        command["endpoint"] = json!(endpoint);
        let answer = self.leshan.expect(command, "2.05")?;
        same("binding", &answer["content"]["value"], json!("U"))
    }

    /// Ends a client.
    fn leaves(&mut self, mut client: Sample) -> Result<()> {
        client.tell("stop")?;
        client.printed(event::DISCONNECTED)?;
        self.leshan.event("unregistered")?;
        client.close();
        client.ended()
    }
}

fn with_a_key(session: &mut Session) -> Result<()> {
    let uri = format!("coaps://127.0.0.1:{}", session.relay.port);
    let keys = Keys::Shared {
        identity: "key",
        key: KEY,
    };
    account(&mut session.client, 0, &uri, &keys)?;
    server(&mut session.client, 0, 0)?;
    session.client.tell("start")?;
    session.registered("key")?;
    session.client.printed(event::REGISTERED)?;
    session.reads("key")?;
    let write = json!({"command": "write", "endpoint": "key", "path": "/1/0/1", "type": "INTEGER",
                       "value": 90});
    session.leshan.expect(write, "2.04")?;
    session.leshan.event("updated")?;
    let mut observe = read("/1/0/1", "TEXT");
    observe["command"] = json!("observe");
    observe["endpoint"] = json!("key");
    session.leshan.expect(observe, "2.05")?;
    session.client.tell("number 1/0/1 91")?;
    let notification = session.leshan.event("notification")?;
    same("notified", &notification["content"]["value"], json!(91))?;
    session.leshan.event("updated").map(drop)
}

/// Whether what was seen has a whole handshake in it, an abbreviated one, or none.
fn handshakes(seen: &[Seen]) -> &'static str {
    let has = |message| seen.iter().any(|seen| seen.handshake == Some(message));
    if has(handshake::SERVER_HELLO_DONE) {
        "whole"
    } else if has(handshake::SERVER_HELLO) {
        "abbreviated"
    } else if seen
        .iter()
        .any(|seen| seen.content_type == content_type::HANDSHAKE)
    {
        "in part"
    } else {
        "none"
    }
}

fn moved(session: &mut Session) -> Result<()> {
    same(
        "handshake",
        &json!(handshakes(&session.relay.seen())),
        json!("whole"),
    )?;
    session.client.forget();
    session.relay.move_on();
    session.client.tell("update")?;
    session.client.printed(event::UPDATED)?;
    session.leshan.event("updated")?;
    let seen = session.relay.seen();
    same("handshake", &json!(handshakes(&seen)), json!("none"))?;
    match seen
        .iter()
        .filter(|seen| seen.up)
        .all(|seen| seen.content_type == content_type::WITH_CONNECTION_ID)
    {
        true => session.reads("key"),
        false => Err(format!("records without an id: {seen:?}").into()),
    }
}

fn resumed(session: &mut Session) -> Result<()> {
    session.client.printed(event::RX_OFF)?;
    session.client.forget();
    session.relay.seen();
    session.client.tell("update")?;
    session.client.printed(event::UPDATED)?;
    session.leshan.event("updated")?;
    let seen = session.relay.seen();
    same("handshake", &json!(handshakes(&seen)), json!("abbreviated"))?;
    session.reads("key")?;
    session.client.tell("stop")?;
    session.client.printed(event::DISCONNECTED)?;
    session.leshan.event("unregistered").map(drop)
}

fn with_certificates(session: &mut Session) -> Result<()> {
    let uri = format!("coaps://localhost:{}", session.secure_port()?);
    let keys = Keys::Certificate {
        own: &session.made.x509,
        authority: &session.made.authority,
    };
    let mut client = session.client("x509", &uri, &keys)?;
    client.tell("start")?;
    session.registered("x509")?;
    session.reads("x509")?;
    session.client = client;
    Ok(())
}

/// By the client with certificates.
fn package(session: &mut Session) -> Result<()> {
    let uri = format!(
        "coaps://localhost:{}/package?{PACKAGE}",
        session.secure_port()?
    );
    let write = json!({"command": "write", "endpoint": "x509", "path": "/5/0/1", "type": "STRING",
                       "value": uri, "format": "TEXT"});
    session.leshan.expect(write, "2.04")?;
    let hash = firmware::printed(&firmware::package(PACKAGE));
    let line = format!("Package of {PACKAGE} bytes, {hash}");
    session.client.printed(&line)?;
    session.client.tell("stop")?;
    session.client.printed(event::DISCONNECTED)?;
    session.leshan.event("unregistered").map(drop)
}

fn bootstrap(session: &mut Session) -> Result<()> {
    let port = session.leshan.bootstrap_port.ok_or("no Bootstrap-Server")?;
    let mut client = Sample::start(&session.program, "", "boot", false)?;
    let keys = Keys::Shared {
        identity: "boot",
        key: KEY,
    };
    account(&mut client, 0, &format!("coaps://127.0.0.1:{port}"), &keys)?;
    client.tell("number 0/0/1 1")?;
    client.tell("start")?;
    session.leshan.event("bootstrapped")?;
    client.printed(event::TRANSFERRED)?;
    session.registered("boot")?;
    session.reads("boot")?;
    session.leaves(client)
}

fn too_long(session: &mut Session) -> Result<()> {
    let mut client = Sample::start(&session.program, "", "long", false)?;
    client.tell(&format!("bytes 0/0/5 {}", "00".repeat(600)))?;
    client.printed("did bytes: 0")?;
    client.forget();
    client.tell(&format!("bytes 0/0/5 {}", "00".repeat(601)))?;
    // -ENOMEM
    client.printed("did bytes: -12")
}

fn next_server(session: &mut Session) -> Result<()> {
    let port = session.secure_port()?;
    let foreign = Keys::Certificate {
        own: &session.made.x509,
        authority: &session.made.foreign,
    };
    let mut client = session.client("next", &format!("coaps://localhost:{port}"), &foreign)?;
    let keys = Keys::Shared {
        identity: "next",
        key: KEY,
    };
    account(&mut client, 1, &format!("coaps://127.0.0.1:{port}"), &keys)?;
    server(&mut client, 1, 1)?;
    client.tell("start")?;
    client.printed("is not trusted")?;
    session.registered("next")?;
    client.printed(event::REGISTERED)?;
    let value: Value = session.leshan.ask(json!({"command": "clients"}))?;
    same(
        "clients",
        &json!(value["clients"].as_array().map(Vec::len)),
        json!(1),
    )?;
    session.leaves(client)
}
