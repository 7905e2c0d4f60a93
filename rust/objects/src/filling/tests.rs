// SPDX-License-Identifier: Apache-2.0
//! The Fill Level Sensor object as an application and a server see it.

use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

fn begin() -> Alone {
    let client = alone();
    init();
    client.create(3435, 0).unwrap();
    client.write("/3435/0/4", Value::Float(80.0)).unwrap();
    client.calls();
    client
}

fn fill(percentage: f64) {
    lock()
        .set_f64(Path::resource(3435, 0, FILL_PERCENTAGE), percentage)
        .unwrap();
}

fn full_and_empty(client: &Alone) -> (bool, bool) {
    let is = |path| client.read(path) == Ok(Value::Boolean(true));
    (is("/3435/0/5"), is("/3435/0/7"))
}

#[test]
fn full_and_empty_follow_level_and_thresholds_and_only_changes_are_reported() {
    let client = begin();
    client.write("/3435/0/6", Value::Float(20.0)).unwrap();
    assert_eq!(full_and_empty(&client), (false, true));
    assert_eq!(client.calls(), ["changed /3435/0/7", "changed /3435/0/6"]);
    fill(50.0);
    assert_eq!(full_and_empty(&client), (false, false));
    assert_eq!(client.calls(), ["changed /3435/0/7", "changed /3435/0/2"]);
    fill(80.0);
    assert_eq!(client.calls(), ["changed /3435/0/2"]);
    fill(80.1);
    assert_eq!(full_and_empty(&client), (true, false));
    assert_eq!(client.calls(), ["changed /3435/0/5", "changed /3435/0/2"]);
    client.write("/3435/0/4", Value::Float(90.0)).unwrap();
    assert_eq!(full_and_empty(&client), (false, false));
}

#[test]
fn the_average_speed_is_reset_without_a_report() {
    let client = begin();
    lock().set_f64(Path::resource(3435, 0, 8), 1.5).unwrap();
    client.calls();
    client.execute("/3435/0/9").unwrap();
    assert_eq!(client.read("/3435/0/8"), Ok(Value::Float(0.0)));
    assert_eq!(client.calls(), [""; 0]);
}
