// SPDX-License-Identifier: Apache-2.0
//! Composite operations on the client of `tests/interop/everything`.

use serde_json::{Value, json};

use super::everything::{SENML, tell, value};
use super::{Case, Session, same};
use crate::Result;

pub const CASES: &[Case] = &[
    (
        "229 280 several paths are read in one request",
        read_several,
    ),
    ("235 the root is read", read_root),
    (
        "236 281 of several paths those are read that are there",
        read_what_is_there,
    ),
    (
        "230 257 several paths are written in one request",
        write_several,
    ),
    ("a composite write is all or nothing", write_all_or_nothing),
];

/// Read-Composite in one format for request and answer; the nodes by path.
fn read(session: &mut Session, paths: &[&str], format: &str) -> Result<Value> {
    let command = json!({"command": "readComposite", "paths": paths, "requestFormat": format,
        "responseFormat": format});
    let found = session.leshan.expect(command, "2.05")?;
    same("format", &found["format"], json!(format))?;
    Ok(found["content"].clone())
}

fn write(format: &str, nodes: &Value) -> Value {
    json!({"command": "writeComposite", "format": format, "nodes": nodes})
}

fn read_several(session: &mut Session) -> Result<()> {
    for format in SENML {
        let found = read(session, &["/3/0/0", "/3/0/7/1", "/1/0", "/3303"], format)?;
        same("manufacturer", &found["/3/0/0"]["value"], json!("lwm2m-rs"))?;
        same("voltage", &found["/3/0/7/1"]["value"], json!(5000))?;
        same(
            "lifetime",
            &found["/1/0"]["resources"]["1"]["value"],
            json!(86400),
        )?;
        let sensor = &found["/3303"]["instances"]["0"]["resources"];
        same("temperature", &sensor["5700"]["value"], json!(20.25))?;
    }
    for (request, answer) in [("SENML_JSON", "SENML_CBOR"), ("SENML_CBOR", "SENML_JSON")] {
        let command = json!({"command": "readComposite", "paths": ["/1/0/7"],
            "requestFormat": request, "responseFormat": answer});
        let found = session.leshan.expect(command, "2.05")?;
        same("format", &found["format"], json!(answer))?;
        same("binding", &found["content"]["/1/0/7"]["value"], json!("U"))?;
    }
    Ok(())
}

fn read_root(session: &mut Session) -> Result<()> {
    for format in SENML {
        let found = read(session, &["/"], format)?;
        let objects = &found["/"]["objects"];
        for object in ["1", "3", "5", "3303"] {
            if objects[object].is_null() {
                return Err(format!("object {object} is not in {found}").into());
            }
        }
        same("the Security object", &objects["0"], Value::Null)?;
    }
    Ok(())
}

fn read_what_is_there(session: &mut Session) -> Result<()> {
    for format in SENML {
        let paths = ["/1/0/1", "/1/0/8", "/3/0/11/0", "/3339/0/5522", "/3/7"];
        let found = read(session, &paths, format)?;
        same("lifetime", &found["/1/0/1"]["value"], json!(86400))?;
        for path in ["/1/0/8", "/3339/0/5522", "/3/7"] {
            same(path, &found[path], Value::Null)?;
        }
    }
    Ok(())
}

fn write_several(session: &mut Session) -> Result<()> {
    tell(session, "create /16/1")?;
    for format in SENML {
        let nodes = json!({"/1/0/2": 102, "/1/0/6": true, "/3/0/14": "+03:00",
            "/3/0/13": {"type": "TIME", "value": 0},
            "/16/1/0": {"instances": {"0": "aa", "1": "bb"}, "type": "STRING"}});
        session.leshan.expect(write(format, &nodes), "2.04")?;
        same("pmin", &value(session, "/1/0/2", "TLV")?, json!(102))?;
        same("storing", &value(session, "/1/0/6", "TLV")?, json!(true))?;
        same(
            "offset",
            &value(session, "/3/0/14", "TLV")?,
            json!("+03:00"),
        )?;
        same(
            "identity",
            &value(session, "/16/1/0/1", "SENML_CBOR")?,
            json!("bb"),
        )?;
        let nodes = json!({"/1/0/2": 0, "/1/0/6": false, "/3/0/14": "+00:00"});
        session.leshan.expect(write(format, &nodes), "2.04")?;
        same("pmin", &value(session, "/1/0/2", "TLV")?, json!(0))?;
    }
    tell(session, "delete /16/1")
}

fn write_all_or_nothing(session: &mut Session) -> Result<()> {
    for format in SENML {
        for (path, node, code) in [
            ("/1/0/0", json!(123), "4.05"),
            ("/3303/0/5601", json!(1.5), "4.05"),
            ("/1/9/2", json!(3), "4.04"),
        ] {
            let nodes = json!({"/1/0/2": 77, path: node, "/1/0/3": 78});
            session.leshan.expect(write(format, &nodes), code)?;
            same("pmin", &value(session, "/1/0/2", "TLV")?, json!(0))?;
            same("pmax", &value(session, "/1/0/3", "TLV")?, json!(0))?;
        }
    }
    Ok(())
}
