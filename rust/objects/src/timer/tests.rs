// SPDX-License-Identifier: Apache-2.0
//! The Timer object as an application and a server see it.

use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

fn begin() -> Alone {
    let client = alone();
    init();
    client.create(3340, 0).unwrap();
    client.at(100_000);
    client.calls();
    client
}

fn tick(client: &Alone, millis: u64) -> Option<Instant> {
    client.at(millis);
    service(now())
}

#[test]
fn a_trigger_runs_the_timer_and_reports_it() {
    let client = begin();
    client.execute("/3340/0/5523").unwrap();
    assert_eq!(
        client.calls(),
        [
            "changed /3340/0/5501",
            "changed /3340/0/5534",
            "wake",
            "changed /3340/0/5543"
        ]
    );
    assert_eq!(client.read("/3340/0/5543"), Ok(Value::Boolean(true)));
    assert_eq!(client.read("/3340/0/5534"), Ok(Value::Integer(1)));
    assert_eq!(tick(&client, 101_500), Some(Instant::from_millis(105_000)));
    assert_eq!(client.read("/3340/0/5538"), Ok(Value::Float(3.5)));
    assert_eq!(client.read("/3340/0/5544"), Ok(Value::Float(1.5)));
    assert_eq!(tick(&client, 105_000), None);
    assert_eq!(client.calls(), ["changed /3340/0/5543"]);
    assert_eq!(client.read("/3340/0/5543"), Ok(Value::Boolean(false)));
    assert_eq!(client.read("/3340/0/5538"), Ok(Value::Float(0.0)));
    assert_eq!(client.read("/3340/0/5544"), Ok(Value::Float(5.0)));
}

#[test]
fn a_timer_that_is_off_disabled_or_running_is_not_triggered() {
    let client = begin();
    client.write("/3340/0/5526", Value::Integer(0)).unwrap();
    assert_eq!(client.execute("/3340/0/5523"), Err(ModelError::Internal));
    client.write("/3340/0/5526", Value::Integer(1)).unwrap();
    client.write("/3340/0/5850", Value::Boolean(false)).unwrap();
    assert_eq!(client.execute("/3340/0/5523"), Err(ModelError::Internal));
    client.write("/3340/0/5850", Value::Boolean(true)).unwrap();
    assert_eq!(client.execute("/3340/0/5523"), Ok(()));
    assert_eq!(client.execute("/3340/0/5523"), Err(ModelError::Internal));
    assert_eq!(
        client.read("/3340/0/5534"),
        Ok(Value::Integer(1)),
        "it started once"
    );
    assert_eq!(
        client.read("/3340/0/5501"),
        Ok(Value::Integer(4)),
        "it was triggered four times"
    );
}

#[test]
fn switching_it_off_stops_a_running_timer() {
    let client = begin();
    client.execute("/3340/0/5523").unwrap();
    client.at(102_000);
    client.write("/3340/0/5850", Value::Boolean(false)).unwrap();
    assert_eq!(client.read("/3340/0/5543"), Ok(Value::Boolean(false)));
    assert_eq!(client.read("/3340/0/5544"), Ok(Value::Float(2.0)));
    assert_eq!(service(now()), None);
}

#[test]
fn counters_are_cleared_by_any_write() {
    let client = begin();
    client.execute("/3340/0/5523").unwrap();
    assert_eq!(tick(&client, 105_000), None);
    lock()
        .set(
            &lwm2m_registry::c_path(Path::resource(3340, 0, COUNTER)),
            lwm2m_registry::RawValue::bytes(&77_u32.to_ne_bytes()),
        )
        .unwrap();
    client.write("/3340/0/5544", Value::Float(77.0)).unwrap();
    assert_eq!(client.read("/3340/0/5534"), Ok(Value::Integer(0)));
    assert_eq!(client.read("/3340/0/5544"), Ok(Value::Float(0.0)));
}

#[test]
fn the_input_counter_is_kept_as_written() {
    let client = begin();
    client
        .write("/3340/0/5501", Value::Integer(4_000_000_000))
        .unwrap();
    assert_eq!(
        client.read("/3340/0/5501"),
        Ok(Value::Integer(4_000_000_000))
    );
}

#[test]
fn a_timer_of_a_deleted_instance_ends_unheard() {
    let client = begin();
    client.execute("/3340/0/5523").unwrap();
    client.delete(3340, 0).unwrap();
    client.calls();
    assert_eq!(tick(&client, 105_000), None);
    assert_eq!(client.calls(), [""; 0]);
    client.create(3340, 1).unwrap();
    assert_eq!(
        client.read("/3340/1/5544"),
        Ok(Value::Float(0.0)),
        "another timer"
    );
}
