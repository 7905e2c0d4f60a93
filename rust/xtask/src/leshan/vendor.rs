// SPDX-License-Identifier: Apache-2.0
//! What Leshan makes of a vendor's objects, `tests/interop/vendor`.

use serde_json::{Value, json};

use super::{Case, Session, read, same};
use crate::Result;

pub const CASES: &[Case] = &[
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
