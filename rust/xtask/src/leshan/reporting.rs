// SPDX-License-Identifier: Apache-2.0
//! Attributes, and what they do to notifications, on the client of `tests/interop/everything`.
//! Periods are those of OMA's tests divided by ten or so.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::everything::{SENML, notified, tell};
use super::{Case, Session, same};
use crate::Result;

pub const CASES: &[Case] = &[
    (
        "260 261 attributes are written, discovered and removed",
        attributes,
    ),
    (
        "attributes that make no sense are refused",
        wrong_attributes,
    ),
    (
        "301 notifications keep to the Minimum and Maximum Period",
        periods,
    ),
    ("notifications keep to Step", step),
    ("notifications keep to Greater Than and Less Than", limits),
    ("304 305 310 several paths are observed at once", composite),
    (
        "308 309 instances come and go in a composite observation",
        composite_instances,
    ),
    (
        "cached samples are sent and notified with their times",
        samples,
    ),
];

/// How far a notification may be from when it is due.
const TOLERANCE: Duration = Duration::from_millis(700);

fn write(session: &mut Session, path: &str, attributes: Value) -> Result<()> {
    let command = json!({"command": "writeAttributes", "path": path, "attributes": attributes});
    session.leshan.expect(command, "2.04").map(drop)
}

/// The attributes of one link that Discover finds.
fn discovered(session: &mut Session, path: &str, link: &str) -> Result<Value> {
    let command = json!({"command": "discover", "path": path});
    let found = session.leshan.expect(command, "2.05")?;
    let links = found["content"].as_array().cloned().unwrap_or_default();
    let link = links.iter().find(|each| each["path"] == link);
    let link = link.ok_or_else(|| format!("{link:?} is not in {found}"))?;
    Ok(link["attributes"].clone())
}

fn attributes(session: &mut Session) -> Result<()> {
    write(session, "/3", json!({"pmin": 10, "pmax": 200}))?;
    let found = discovered(session, "/3", "/3")?;
    same("pmin of /3", &found["pmin"], json!(10))?;
    same("pmax of /3", &found["pmax"], json!(200))?;
    write(session, "/3/0/7", json!({"lt": 1, "gt": 6, "st": 1}))?;
    let found = discovered(session, "/3/0", "/3/0/7")?;
    for (name, expected) in [("dim", 2.0), ("lt", 1.0), ("gt", 6.0), ("st", 1.0)] {
        same(name, &json!(found[name].as_f64()), json!(expected))?;
    }
    write(session, "/3/0", json!({"pmax": 320}))?;
    write(
        session,
        "/3/0/11/0",
        json!({"pmax": 100, "epmin": 1, "epmax": 20}),
    )?;
    let found = discovered(session, "/3/0/11", "/3/0/11")?;
    // Discover of a resource tells what it inherits too.
    same("pmin of /3/0/11", &found["pmin"], json!(10))?;
    same("pmax of /3/0/11", &found["pmax"], json!(320))?;
    let found = discovered(session, "/3/0/11", "/3/0/11/0")?;
    same("pmax of /3/0/11/0", &found["pmax"], json!(100))?;
    same("epmin of /3/0/11/0", &found["epmin"], json!(1))?;
    for (path, names) in [
        ("/3", json!({"pmin": null, "pmax": null})),
        ("/3/0", json!({"pmax": null})),
        ("/3/0/7", json!({"lt": null, "gt": null, "st": null})),
        (
            "/3/0/11/0",
            json!({"pmax": null, "epmin": null, "epmax": null}),
        ),
    ] {
        write(session, path, names)?;
    }
    let found = discovered(session, "/3", "/3")?;
    same("pmin of /3", &found["pmin"], Value::Null)
}

fn wrong_attributes(session: &mut Session) -> Result<()> {
    let raw = |path: &str, query: &str| json!({"command": "raw", "method": "PUT", "path": path, "queries": [query]});
    for (path, query, code) in [
        ("/3/0/0", "gt=5", "4.00"),
        ("/3/0", "st=1", "4.00"),
        ("/3/0/7", "pmin=x", "4.00"),
        ("/3/0/7", "nosuch=1", "4.00"),
        ("/3/9", "pmin=1", "4.04"),
        ("/3/0/7/9", "pmin=1", "4.04"),
        ("/0/0", "pmin=1", "4.01"),
    ] {
        session
            .leshan
            .expect(raw(path, query), code)
            .map_err(|error| format!("{path}?{query}: {error}"))?;
    }
    Ok(())
}

/// How often a case is tried: on a machine with other things to do a notification may be late, but
/// not each time.
const ATTEMPTS: usize = 3;

/// Observes /3/0/7 with these attributes, does what a case does, and puts all back.
fn observing(
    session: &mut Session,
    attributes: &Value,
    case: impl Fn(&mut Session) -> Result<()>,
) -> Result<()> {
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        outcome = attempt(session, attributes, &case);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn attempt(
    session: &mut Session,
    attributes: &Value,
    case: impl Fn(&mut Session) -> Result<()>,
) -> Result<()> {
    let path = "/3/0/7";
    write(session, path, attributes.clone())?;
    session.leshan.forget("notification");
    session
        .leshan
        .expect(json!({"command": "observe", "path": path}), "2.05")?;
    let outcome = case(session);
    let cancel = json!({"command": "cancelObserve", "path": path, "mode": "active"});
    session.leshan.expect(cancel, "2.05")?;
    let mut removed = attributes.clone();
    for (_, value) in removed.as_object_mut().into_iter().flatten() {
        *value = Value::Null;
    }
    write(session, path, removed)?;
    tell(session, "set /3/0/7/0 3800")?;
    session.leshan.forget("notification");
    outcome
}

/// Sets the voltage and expects a notification of it after so long.
fn voltage(session: &mut Session, value: i32, after: Duration) -> Result<()> {
    let start = Instant::now();
    tell(session, &format!("set /3/0/7/0 {value}"))?;
    expect_voltage(session, value, start, after)
}

fn expect_voltage(
    session: &mut Session,
    value: i32,
    start: Instant,
    after: Duration,
) -> Result<()> {
    let found = notified(session, "/3/0/7")?;
    let took = start.elapsed();
    same("voltage", &found["content"]["instances"]["0"], json!(value))?;
    if took + TOLERANCE < after || took > after + TOLERANCE {
        return Err(format!("the notification of {value} took {took:?}, not {after:?}").into());
    }
    Ok(())
}

const AT_ONCE: Duration = Duration::ZERO;

fn periods(session: &mut Session) -> Result<()> {
    observing(session, &json!({"pmin": 2, "pmax": 4}), |session| {
        // The answer to Observe counts as the first.
        voltage(session, 3000, Duration::from_secs(2))?;
        voltage(session, 3500, Duration::from_secs(2))?;
        let start = Instant::now();
        expect_voltage(session, 3500, start, Duration::from_secs(4))
    })
}

fn step(session: &mut Session) -> Result<()> {
    observing(session, &json!({"st": 200, "pmax": 2}), |session| {
        voltage(session, 3000, AT_ONCE)?;
        voltage(session, 3100, Duration::from_secs(2))?;
        voltage(session, 3500, AT_ONCE)
    })
}

fn limits(session: &mut Session) -> Result<()> {
    observing(
        session,
        &json!({"gt": 4200, "lt": 3000, "pmax": 2}),
        |session| {
            voltage(session, 4300, AT_ONCE)?;
            voltage(session, 4400, Duration::from_secs(2))?;
            voltage(session, 4100, AT_ONCE)?;
            voltage(session, 2900, AT_ONCE)?;
            voltage(session, 2800, Duration::from_secs(2))?;
            voltage(session, 3100, AT_ONCE)
        },
    )
}

fn observe(paths: &[&str], format: &str) -> Value {
    json!({"command": "observeComposite", "paths": paths, "requestFormat": format,
        "responseFormat": format})
}

fn cancel(session: &mut Session, paths: &[&str]) -> Result<()> {
    let cancel = json!({"command": "cancelObserve", "paths": paths, "mode": "active"});
    session.leshan.expect(cancel, "2.05")?;
    session.leshan.forget("notification");
    Ok(())
}

fn composite(session: &mut Session) -> Result<()> {
    for format in SENML {
        let paths = ["/1/0/1", "/3/0/7/0", "/3/0/16"];
        session.leshan.forget("notification");
        let found = session.leshan.expect(observe(&paths, format), "2.05")?;
        same("binding", &found["content"]["/3/0/16"]["value"], json!("U"))?;
        for value in [3900, 4000] {
            tell(session, &format!("set /3/0/7/0 {value}"))?;
            let found = session.leshan.event("notification")?;
            same("format", &found["format"], json!(format))?;
            let content = &found["content"];
            same("voltage", &content["/3/0/7/0"]["value"], json!(value))?;
            same("lifetime", &content["/1/0/1"]["value"], json!(86400))?;
            same("binding", &content["/3/0/16"]["value"], json!("U"))?;
        }
        cancel(session, &paths)?;
        session.sample.printed("observation 1 of 3/0/16")?;
    }
    write(session, "/3", json!({"pmax": 2}))?;
    let paths = ["/1/0/1", "/3/0/0"];
    session
        .leshan
        .expect(observe(&paths, "SENML_CBOR"), "2.05")?;
    // The Maximum Period tells without a change.
    let found = session.leshan.event("notification")?;
    same(
        "maker",
        &found["content"]["/3/0/0"]["value"],
        json!("lwm2m-rs"),
    )?;
    cancel(session, &paths)?;
    write(session, "/3", json!({"pmax": null}))?;
    tell(session, "set /3/0/7/0 3800")
}

fn composite_instances(session: &mut Session) -> Result<()> {
    let paths = ["/16/0", "/16/1"];
    session.leshan.forget("notification");
    session
        .leshan
        .expect(observe(&paths, "SENML_CBOR"), "2.05")?;
    let command = json!({"command": "create", "path": "/16/1", "format": "SENML_CBOR",
        "resources": {"0": {"instances": {"0": "11", "1": "22"}}}});
    session.leshan.expect(command, "2.01")?;
    let found = session.leshan.event("notification")?;
    let identities = &found["content"]["/16/1"]["resources"]["0"]["instances"];
    same("identities", identities, json!({"0": "11", "1": "22"}))?;
    session
        .leshan
        .expect(json!({"command": "delete", "path": "/16/1"}), "2.02")?;
    let found = session.leshan.event("notification")?;
    same("what was deleted", &found["content"]["/16/1"], Value::Null)?;
    cancel(session, &paths)
}

/// The values of a time series, oldest first; each must have a time.
fn series(entries: &Value, value: impl Fn(&Value) -> Value) -> Result<Vec<Value>> {
    let entries = entries.as_array().ok_or("there is no time series")?;
    if entries.iter().any(|entry| entry["timestamp"].is_null()) {
        return Err(format!("a sample has no time in {entries:?}").into());
    }
    Ok(entries.iter().map(value).collect())
}

fn samples(session: &mut Session) -> Result<()> {
    let path = "/3304/0/5700";
    let second = Duration::from_millis(1100);
    tell(session, &format!("cache {path}"))?;
    let set = |session: &mut Session, values: [f64; 3]| -> Result<()> {
        for value in values {
            tell(session, &format!("set {path} {value}"))?;
            // Samples of the same second are told apart by nothing.
            std::thread::sleep(second);
        }
        Ok(())
    };
    set(session, [40.5, 41.5, 42.5])?;
    session.leshan.forget("send");
    tell(session, &format!("send {path}"))?;
    let event = session.leshan.event("send")?;
    let found = series(&event["values"], |entry| {
        entry["nodes"][path]["value"].clone()
    })?;
    same("what was sent", &json!(found), json!([40.5, 41.5, 42.5]))?;
    session.sample.printed("sent 0")?;

    write(session, path, json!({"pmin": 8}))?;
    session.leshan.forget("notification");
    let observe = json!({"command": "observe", "path": path, "format": "SENML_CBOR"});
    session.leshan.expect(observe, "2.05")?;
    set(session, [43.5, 44.5, 45.5])?;
    let found = session.leshan.event("notification")?;
    let found = series(&found["timestamped"], |entry| {
        entry["content"]["value"].clone()
    })?;
    same(
        "what was notified",
        &json!(found),
        json!([43.5, 44.5, 45.5]),
    )?;
    let cancel = json!({"command": "cancelObserve", "path": path, "mode": "active"});
    session.leshan.expect(cancel, "2.05")?;
    session.leshan.forget("notification");
    write(session, path, json!({"pmin": null}))
}
