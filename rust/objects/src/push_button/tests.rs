// SPDX-License-Identifier: Apache-2.0
//! The Push Button object as an application and a server see it.

use lwm2m_core::value::Value;

use super::*;
use crate::test_client::alone;

#[test]
fn presses_are_counted_and_reported() {
    let client = alone();
    init();
    client.create(3347, 0).unwrap();
    client.calls();
    let press = |pressed| {
        lock()
            .set_bool(Path::resource(3347, 0, 5500), pressed)
            .unwrap();
    };
    press(true);
    assert_eq!(
        client.calls(),
        ["changed /3347/0/5501", "changed /3347/0/5500"]
    );
    press(true);
    press(false);
    assert_eq!(client.read("/3347/0/5501"), Ok(Value::Integer(1)));
    press(true);
    assert_eq!(client.read("/3347/0/5501"), Ok(Value::Integer(2)));
    press(false);
    lock()
        .set_i64(Path::resource(3347, 0, 5501), i64::MAX)
        .unwrap();
    press(true);
    assert_eq!(client.read("/3347/0/5501"), Ok(Value::Integer(0)));
}
