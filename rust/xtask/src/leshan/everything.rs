// SPDX-License-Identifier: Apache-2.0
//! What Leshan makes of a client with every object and every format, `tests/interop/everything`. A
//! number in a case's name is that of OMA's interoperability test (OMA-ETS-LightweightM2M_INT-V1_1).

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Case, Session, read, same};
use crate::Result;

/// Formats for any level.
const TREES: &[&str] = &["TLV", "JSON", "SENML_JSON", "SENML_CBOR"];
/// Formats for any level that Composite operations can use too.
pub const SENML: &[&str] = &["SENML_JSON", "SENML_CBOR"];
/// Formats for a single value, besides.
const SINGLE: &[&str] = &["TEXT", "CBOR"];

pub const CASES: &[Case] = &[
    ("101 every object is registered", registration),
    ("every instance reads alike in every format", instances),
    ("every resource reads alike in every format", resources),
    ("201 203 204 211 231 232 basic information, queried", query),
    ("205 212 resources are set in text and CBOR", set_single),
    (
        "215 220 233 234 an instance is set in every format",
        set_instance,
    ),
    ("221 the Security object is out of bounds", security),
    ("222 223 224 225 237 every level can be read", levels),
    ("226 227 102 a new lifetime makes an Update", lifetime),
    ("104 both sides trigger an Update", update),
    (
        "105 a registration that the server lost is made again",
        lost_registration,
    ),
    ("228 1630 1635 Portfolio instances come and go", portfolio),
    ("241 arguments of an Execute reach the callback", execute),
    ("256 what is not writable is not written", write_failure),
    (
        "302 303 observations end by Reset and by request",
        observe_and_cancel,
    ),
    (
        "observations of every level in every format",
        observe_formats,
    ),
    ("306 311 Send", send),
    ("307 Send is muted", muted),
];

/// The last one.
pub const END: &[Case] = &[("the client deregisters", end)];

// --- Helpers --------------------------------------------------------------------------------

pub fn content(session: &mut Session, path: &str, format: &str) -> Result<Value> {
    let found = session.leshan.expect(read(path, format), "2.05")?;
    same("format", &found["format"], json!(format))?;
    Ok(found["content"].clone())
}

pub fn value(session: &mut Session, path: &str, format: &str) -> Result<Value> {
    Ok(content(session, path, format)?["value"].clone())
}

pub fn write(session: &mut Session, path: &str, value: Value, format: &str) -> Result<()> {
    let command = json!({"command": "write", "path": path, "format": format, "value": value});
    session.leshan.expect(command, "2.04").map(drop)
}

/// Has the client do something by itself.
pub fn tell(session: &mut Session, command: &str) -> Result<()> {
    session.sample.forget();
    session.sample.tell(command)?;
    let name = command.split(' ').next().unwrap_or_default();
    session.sample.printed(&format!("did {name}: 0"))
}

/// The paths of the registered object instances.
fn registered(session: &Session) -> Vec<String> {
    let links = session.registration["objectLinks"].as_array();
    let paths = links
        .into_iter()
        .flatten()
        .filter_map(|link| link["path"].as_str());
    let paths = paths.filter(|path| path.matches('/').count() == 2);
    paths.map(String::from).collect()
}

/// Removes what differs from one moment to the next.
fn steady(mut content: Value) -> Value {
    // The current time, and the memory that is free.
    if content["path"] == "/3/0" {
        if let Some(resources) = content["resources"].as_object_mut() {
            resources.remove("13");
            resources.remove("10");
        }
    }
    content
}

fn resource_map(content: &Value) -> Map<String, Value> {
    content["resources"]
        .as_object()
        .cloned()
        .unwrap_or_default()
}

// --- Cases ----------------------------------------------------------------------------------

fn registration(session: &mut Session) -> Result<()> {
    let paths = registered(session);
    for object in [
        1, 2, 3, 4, 5, 6, 9, 16, 19, 20, 25, 3300, 3303, 3304, 3311, 3313, 3316, 3317, 3323, 3338,
        3340, 3342, 3347, 3411, 3412, 3435,
    ] {
        // Access Control is there when the symbol is, which would deny all else here.
        if object != 2 && !paths.contains(&format!("/{object}/0")) {
            return Err(format!("/{object}/0 is not among {paths:?}").into());
        }
    }
    if paths.iter().any(|path| path.starts_with("/0/")) {
        return Err("the Security object is announced".into());
    }
    Ok(())
}

fn instances(session: &mut Session) -> Result<()> {
    for path in registered(session) {
        let mut found = BTreeMap::new();
        for format in TREES {
            found.insert(*format, steady(content(session, &path, format)?));
        }
        let first = &found["SENML_CBOR"];
        if resource_map(first).is_empty() {
            return Err(format!("{path} has no resources").into());
        }
        for (format, content) in &found {
            same(&format!("{path} in {format}"), content, first.clone())?;
        }
    }
    Ok(())
}

fn resources(session: &mut Session) -> Result<()> {
    for instance in registered(session) {
        let all = resource_map(&steady(content(session, &instance, "SENML_CBOR")?));
        for (id, expected) in all {
            let path = format!("{instance}/{id}");
            for format in TREES {
                let found = content(session, &path, format)?;
                same(&format!("{path} in {format}"), &found, expected.clone())?;
            }
            if expected.get("instances").is_some() {
                continue;
            }
            let more: &[&str] = match expected["type"].as_str() {
                Some("OPAQUE") => &["CBOR", "OPAQUE"],
                _ => SINGLE,
            };
            for format in more {
                let found = value(session, &path, format)?;
                same(
                    &format!("{path} in {format}"),
                    &found,
                    expected["value"].clone(),
                )?;
            }
        }
    }
    Ok(())
}

fn query(session: &mut Session) -> Result<()> {
    for format in TREES {
        let device = resource_map(&content(session, "/3/0", format)?);
        same("manufacturer", &device["0"]["value"], json!("lwm2m-rs"))?;
        same(
            "sources",
            &device["6"]["instances"],
            json!({"0": 1, "1": 5}),
        )?;
        same(
            "voltages",
            &device["7"]["instances"],
            json!({"0": 3800, "1": 5000}),
        )?;
        same("binding", &device["16"]["value"], json!("U"))?;
        let server = content(session, "/1", format)?;
        let server = &server["instances"]["0"]["resources"];
        same("lifetime", &server["1"]["value"], json!(86400))?;
        same("storing", &server["6"]["value"], json!(false))?;
    }
    for format in SINGLE {
        same(
            "manufacturer",
            &value(session, "/3/0/0", format)?,
            json!("lwm2m-rs"),
        )?;
        same("short id", &value(session, "/1/0/0", format)?, json!(101))?;
        same("storing", &value(session, "/1/0/6", format)?, json!(false))?;
        same(
            "temperature",
            &value(session, "/3303/0/5700", format)?,
            json!(20.25),
        )?;
    }
    Ok(())
}

fn set_single(session: &mut Session) -> Result<()> {
    for format in [SINGLE, TREES].concat() {
        for (path, before, after) in [
            ("/1/0/2", json!(0), json!(101)),
            ("/1/0/3", json!(0), json!(1010)),
            ("/1/0/5", json!(86400), json!(2000)),
            ("/1/0/6", json!(false), json!(true)),
            ("/3/0/14", json!("+00:00"), json!("+02:00")),
            ("/3311/0/5851", json!(0), json!(50)),
        ] {
            write(session, path, after.clone(), format)?;
            same(
                &format!("{path} after {format}"),
                &value(session, path, "TLV")?,
                after,
            )?;
            write(session, path, before.clone(), format)?;
            same(
                &format!("{path} after {format}"),
                &value(session, path, format)?,
                before,
            )?;
        }
    }
    Ok(())
}

fn set_instance(session: &mut Session) -> Result<()> {
    let new = json!({"2": 101, "3": 1010, "5": 2000, "6": true, "7": "U"});
    let old = json!({"1": 86400, "2": 0, "3": 0, "5": 86400, "6": false, "7": "U"});
    for format in TREES {
        for (mode, resources) in [("update", &new), ("replace", &old)] {
            let command = json!({"command": "write", "path": "/1/0", "format": format,
                "mode": mode, "resources": resources});
            session.leshan.expect(command, "2.04")?;
            let found = resource_map(&content(session, "/1/0", format)?);
            for (id, expected) in resources.as_object().into_iter().flatten() {
                same(
                    &format!("/1/0/{id} in {format}"),
                    &found[id]["value"],
                    expected.clone(),
                )?;
            }
        }
    }
    Ok(())
}

fn security(session: &mut Session) -> Result<()> {
    for format in TREES {
        session.leshan.expect(read("/0/0", format), "4.01")?;
    }
    for command in [
        json!({"command": "raw", "method": "PUT", "path": "/0/0/0", "contentFormat": 0, "payload": "78"}),
        json!({"command": "discover", "path": "/0"}),
        json!({"command": "delete", "path": "/0/0"}),
        json!({"command": "raw", "method": "PUT", "path": "/0", "queries": ["pmin=10"]}),
    ] {
        session.leshan.expect(command, "4.01")?;
    }
    Ok(())
}

fn levels(session: &mut Session) -> Result<()> {
    for format in TREES {
        let object = content(session, "/3", format)?;
        let instance = content(session, "/3/0", format)?;
        same(
            "the only instance",
            &steady(object["instances"]["0"].clone()),
            steady(instance),
        )?;
        same("a resource", &value(session, "/1/0/7", format)?, json!("U"))?;
    }
    for format in [SINGLE, SENML].concat() {
        let found = value(session, "/3/0/7/1", format)?;
        same(
            &format!("a resource instance in {format}"),
            &found,
            json!(5000),
        )?;
    }
    let found = session
        .leshan
        .expect(json!({"command": "read", "path": "/3"}), "2.05")?;
    same("default format", &found["format"], json!("SENML_CBOR"))
}

/// Waits for an Update that carries this lifetime.
fn updated_to(session: &mut Session, lifetime: i32) -> Result<()> {
    while session.leshan.event("updated")?["lifetime"] != json!(lifetime) {}
    Ok(())
}

fn lifetime(session: &mut Session) -> Result<()> {
    for (lifetime, format) in (600..).zip([SINGLE, TREES].concat()) {
        write(session, "/1/0/1", json!(lifetime), format)?;
        updated_to(session, lifetime)?;
    }
    write(session, "/1/0/1", json!(86400), "TLV")?;
    updated_to(session, 86400)
}

fn update(session: &mut Session) -> Result<()> {
    session.leshan.forget("updated");
    tell(session, "update")?;
    session.leshan.event("updated")?;
    session
        .leshan
        .expect(json!({"command": "execute", "path": "/1/0/8"}), "2.04")?;
    session.leshan.event("updated").map(drop)
}

/// Somebody else's De-register reaches the server; the client's next Update is refused.
fn lost_registration(session: &mut Session) -> Result<()> {
    let id = session.registration["registrationId"]
        .as_str()
        .unwrap_or_default();
    let mut deregister = b"\x40\x04\x12\x34\xb2rd".to_vec();
    match u8::try_from(id.len()) {
        Ok(length @ ..=12) => deregister.push(length),
        Ok(length) => deregister.extend([13, length.saturating_sub(13)]),
        Err(_) => return Err(format!("a long registration id: {id}").into()),
    }
    deregister.extend(id.as_bytes());
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.send_to(
        &deregister,
        ("127.0.0.1", u16::try_from(session.leshan.port)?),
    )?;
    session.leshan.event("unregistered")?;
    tell(session, "update")?;
    session.registration = session.leshan.event("registered")?;
    Ok(())
}

fn portfolio(session: &mut Session) -> Result<()> {
    let names = json!({"0": "device", "1": "model"});
    let resources = json!({"0": {"instances": names}});
    for format in TREES {
        let command = json!({"command": "create", "path": "/16/1", "format": format,
            "resources": resources});
        session.leshan.expect(command, "2.01")?;
        let found = content(session, "/16/1", format)?;
        same(
            "identities",
            &found["resources"]["0"]["instances"],
            names.clone(),
        )?;
        if format != &"JSON" {
            let command = json!({"command": "write", "path": "/16/1/0/0", "format": format,
                "value": "other"});
            session.leshan.expect(command, "2.04")?;
            same("one", &value(session, "/16/1/0/0", "TEXT")?, json!("other"))?;
        }
        session
            .leshan
            .expect(json!({"command": "delete", "path": "/16/1"}), "2.02")?;
        session.leshan.expect(read("/16/1", format), "4.04")?;
    }
    Ok(())
}

fn execute(session: &mut Session) -> Result<()> {
    for arguments in ["0", "0='a'", "1,2='x'"] {
        session.sample.forget();
        let command = json!({"command": "execute", "path": "/3/0/4", "arguments": arguments});
        session.leshan.expect(command, "2.04")?;
        session
            .sample
            .printed(&format!("Reboot with \"{arguments}\""))?;
    }
    Ok(())
}

fn write_failure(session: &mut Session) -> Result<()> {
    for format in [SINGLE, TREES].concat() {
        let command = json!({"command": "write", "path": "/1/0/0", "format": format, "value": 123});
        session.leshan.expect(command, "4.05")?;
    }
    same("short id", &value(session, "/1/0/0", "TLV")?, json!(101))
}

/// Waits for a notification of `path`.
pub fn notified(session: &mut Session, path: &str) -> Result<Value> {
    let notification = session.leshan.event("notification")?;
    same("path", &notification["path"], json!(path))?;
    Ok(notification)
}

fn observe_and_cancel(session: &mut Session) -> Result<()> {
    for mode in ["passive", "active"] {
        for path in ["/3/0/7", "/3/0/8"] {
            session
                .leshan
                .expect(json!({"command": "observe", "path": path}), "2.05")?;
        }
        for (path, value) in [("/3/0/7", 4000), ("/3/0/8", 100)] {
            tell(session, &format!("set {path}/0 {value}"))?;
            let found = notified(session, path)?;
            same("value", &found["content"]["instances"]["0"], json!(value))?;
            session.sample.printed("observation 2")?;
            let cancel = json!({"command": "cancelObserve", "path": path, "mode": mode});
            session.leshan.ask(cancel)?;
            // A Reset is the answer to the next notification.
            session
                .sample
                .tell(&format!("set {path}/0 {}", value - 1))?;
            let gone = format!("observation 1 of {}", path.trim_start_matches('/'));
            session.sample.printed(&gone)?;
        }
        session.leshan.forget("notification");
    }
    tell(session, "set /3/0/7/0 3800")?;
    tell(session, "set /3/0/8/0 125")
}

fn observe_formats(session: &mut Session) -> Result<()> {
    let mut temperature = 20.25;
    for (path, formats) in [
        ("/3303/0/5700", [SINGLE, TREES].concat()),
        ("/3303/0", TREES.to_vec()),
        ("/3303", TREES.to_vec()),
    ] {
        for format in formats {
            let command = json!({"command": "observe", "path": path, "format": format});
            session.leshan.expect(command, "2.05")?;
            temperature += 0.25;
            tell(session, &format!("set /3303/0/5700 {temperature}"))?;
            let notification = notified(session, path)?;
            same("format", &notification["format"], json!(format))?;
            let content = &notification["content"];
            let found = match path {
                "/3303" => &content["instances"]["0"]["resources"]["5700"]["value"],
                "/3303/0" => &content["resources"]["5700"]["value"],
                _ => &content["value"],
            };
            same(&format!("{path} in {format}"), found, json!(temperature))?;
            let cancel = json!({"command": "cancelObserve", "path": path, "mode": "active"});
            session.leshan.expect(cancel, "2.05")?;
            session.leshan.forget("notification");
        }
    }
    tell(session, "set /3303/0/5700 20.25")
}

fn send(session: &mut Session) -> Result<()> {
    session.leshan.forget("send");
    tell(session, "send /1/0/1 /3/0/7")?;
    let event = session.leshan.event("send")?;
    let nodes = &event["values"][0]["nodes"];
    same("lifetime", &nodes["/1/0/1"]["value"], json!(86400))?;
    session.sample.printed("sent 0")
}

fn muted(session: &mut Session) -> Result<()> {
    write(session, "/1/0/23", json!(true), "TLV")?;
    session.sample.forget();
    session.sample.tell("send /3/0/0")?;
    let line = session
        .sample
        .printed_within("did send: ", Duration::from_secs(30))?;
    if line.ends_with(": 0") {
        return Err("a muted client sends".into());
    }
    write(session, "/1/0/23", json!(false), "TLV")?;
    tell(session, "send /3/0/0")?;
    session.leshan.event("send")?;
    session.sample.printed("sent 0")
}

fn end(session: &mut Session) -> Result<()> {
    session.leshan.forget("unregistered");
    session.sample.close();
    session.sample.ended()?;
    session.leshan.event("unregistered").map(drop)
}
