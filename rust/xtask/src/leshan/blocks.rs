// SPDX-License-Identifier: Apache-2.0
//! Values and answers that do not fit into a message, on the client of `tests/interop/everything`.

use serde_json::{Value, json};

use super::everything::{content, tell, value};
use super::{Case, Session, read, same};
use crate::Result;

pub const CASES: &[Case] = &[
    (
        "a long value is written in blocks and read in every format",
        long_value,
    ),
    ("a package is pushed in blocks, twice", package),
    ("a long Send arrives in blocks", long_send),
    ("an object that fills several blocks is read", long_object),
];

const DATA: &str = "/19/0/0/0";
const LENGTH: usize = 4000;

/// Bytes in hex, of which no two blocks are alike.
fn bytes(length: usize, seed: usize) -> String {
    let byte = |at: usize| (at * 7 + at / 256 + seed) % 256;
    (0..length).map(|at| format!("{:02x}", byte(at))).collect()
}

fn write(session: &mut Session, path: &str, value: &str, format: &str) -> Result<()> {
    let command = json!({"command": "write", "path": path, "format": format, "value": value,
        "timeoutMs": 20000});
    session.leshan.expect(command, "2.04").map(drop)
}

fn long_value(session: &mut Session) -> Result<()> {
    for (seed, format) in (1..).zip(["OPAQUE", "TLV", "SENML_CBOR", "CBOR"]) {
        let data = bytes(LENGTH, seed);
        write(session, DATA, &data, format).map_err(|error| brief(format, &error.to_string()))?;
        for format in ["OPAQUE", "CBOR", "TLV", "SENML_CBOR", "SENML_JSON"] {
            let found =
                value(session, DATA, format).map_err(|error| brief(format, &error.to_string()))?;
            if found != json!(data) {
                return Err(format!("{format} reads something else").into());
            }
        }
        for format in ["TLV", "JSON", "SENML_JSON", "SENML_CBOR"] {
            let found = content(session, "/19/0", format)
                .map_err(|error| brief(format, &error.to_string()))?;
            if found["resources"]["0"]["instances"]["0"] != json!(data) {
                return Err(format!("/19/0 in {format} has something else").into());
            }
        }
    }
    Ok(())
}

/// An error without the thousands of bytes in it.
fn brief(format: &str, error: &str) -> String {
    let length = error.chars().count();
    let end: String = error.chars().skip(length.saturating_sub(200)).collect();
    format!("{format}: ... {end}")
}

fn package(session: &mut Session) -> Result<()> {
    for length in [5000, 4096] {
        session.sample.forget();
        write(session, "/5/0/0", &bytes(length, 3), "OPAQUE")
            .map_err(|error| brief("OPAQUE", &error.to_string()))?;
        session.sample.printed(&format!("Package: {length} of "))?;
        session
            .leshan
            .expect(json!({"command": "execute", "path": "/5/0/2"}), "2.04")?;
        session.sample.printed("Package: update")?;
        same("state", &value(session, "/5/0/3", "TLV")?, json!(0))?;
    }
    Ok(())
}

fn long_send(session: &mut Session) -> Result<()> {
    let data = bytes(LENGTH, 9);
    write(session, DATA, &data, "OPAQUE")?;
    session.leshan.forget("send");
    tell(session, "send /19/0")?;
    let event = session.leshan.event("send")?;
    session.sample.printed("sent 0")?;
    let nodes = event["values"][0]["nodes"].as_object();
    let found = nodes
        .into_iter()
        .flatten()
        .any(|(_, node)| contains(node, &data));
    if found {
        Ok(())
    } else {
        Err("the value is not in it".into())
    }
}

fn contains(node: &Value, text: &str) -> bool {
    match node {
        Value::String(found) => found == text,
        Value::Object(fields) => fields.values().any(|field| contains(field, text)),
        _ => false,
    }
}

fn long_object(session: &mut Session) -> Result<()> {
    for format in ["TLV", "SENML_CBOR"] {
        let found = session.leshan.expect(read("/3", format), "2.05")?;
        let device = &found["content"]["instances"]["0"]["resources"]["0"];
        same("manufacturer", &device["value"], json!("lwm2m-rs"))?;
    }
    // 27 objects in one answer.
    let command = json!({"command": "readComposite", "paths": ["/"],
        "requestFormat": "SENML_CBOR", "responseFormat": "SENML_CBOR", "timeoutMs": 20000});
    let found = session
        .leshan
        .expect(command, "2.05")
        .map_err(|error| brief("/", &error.to_string()))?;
    same("format", &found["format"], json!("SENML_CBOR"))
}
