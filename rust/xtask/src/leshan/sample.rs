// SPDX-License-Identifier: Apache-2.0
//! What Leshan makes of the C sample.

use serde_json::{Value, json};

use super::{Case, Session, read, same};
use crate::Result;

pub const CASES: &[Case] = &[
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
