// SPDX-License-Identifier: Apache-2.0
//! The Light Control object as a server sees it.

use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

fn begin() -> Alone {
    let client = alone();
    init();
    client.create(3311, 0).unwrap();
    client
}

#[test]
fn the_on_time_is_counted_while_the_light_is_on() {
    let client = begin();
    client.at(9_000);
    assert_eq!(
        client.read("/3311/0/5852"),
        Ok(Value::Integer(0)),
        "it is off"
    );
    client.write("/3311/0/5850", Value::Boolean(true)).unwrap();
    client.write("/3311/0/5852", Value::Integer(0)).unwrap();
    client.at(13_500);
    assert_eq!(client.read("/3311/0/5852"), Ok(Value::Integer(4)));
    client.write("/3311/0/5850", Value::Boolean(false)).unwrap();
    client.at(20_000);
    assert_eq!(
        client.read("/3311/0/5852"),
        Ok(Value::Integer(4)),
        "it stays when it is off"
    );
}

#[test]
fn an_on_time_that_is_not_zero_does_not_reset_the_count() {
    let client = begin();
    client.write("/3311/0/5850", Value::Boolean(true)).unwrap();
    client.at(7_000);
    client.write("/3311/0/5852", Value::Integer(100)).unwrap();
    assert_eq!(client.read("/3311/0/5852"), Ok(Value::Integer(7)));
}

#[test]
fn an_on_time_of_another_size_is_refused() {
    let _client = begin();
    let mut bytes = [0; 8];
    // SAFETY: as many bytes as there are.
    let mut write = |instance, length| unsafe {
        on_time_written(instance, 5852, 0, bytes.as_mut_ptr(), length, true, 0, 0)
    };
    assert_eq!((write(0, 8), write(0, 0), write(0, 4)), (EINVAL, EINVAL, 0));
    assert_eq!(write(5, 4), ENOENT);
}

#[test]
fn colour_and_dimmer_are_kept() {
    let client = begin();
    client
        .write("/3311/0/5706", Value::String(b"#ffee00"))
        .unwrap();
    client.write("/3311/0/5851", Value::Integer(60)).unwrap();
    assert_eq!(
        client.read("/3311/0/5706"),
        Ok(Value::String(b"#ffee00".to_vec()))
    );
    assert_eq!(client.read("/3311/0/5851"), Ok(Value::Integer(60)));
}
