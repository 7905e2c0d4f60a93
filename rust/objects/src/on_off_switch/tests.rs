// SPDX-License-Identifier: Apache-2.0
//! The On/Off Switch object as an application and a server see it.

use lwm2m_core::model::ModelError;
use lwm2m_core::path::Path;
use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

fn begin() -> Alone {
    let client = alone();
    init();
    client.create(3342, 0).unwrap();
    client.calls();
    client
}

fn switch(on: bool) {
    lock().set_bool(Path::resource(3342, 0, 5500), on).unwrap();
}

fn read(client: &Alone, resource: u16) -> i64 {
    match client.read(&std::format!("/3342/0/{resource}")) {
        Ok(Value::Integer(value)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn times_are_counted_in_whole_seconds_since_the_state_was_set() {
    let client = begin();
    client.at(3_999);
    assert_eq!((read(&client, 5852), read(&client, 5854)), (0, 3));
    switch(true);
    client.at(9_000);
    assert_eq!((read(&client, 5852), read(&client, 5854)), (5, 0));
    switch(false);
    client.at(10_000);
    assert_eq!((read(&client, 5852), read(&client, 5854)), (0, 1));
}

#[test]
fn switching_on_is_counted_and_only_the_state_is_reported() {
    let client = begin();
    switch(true);
    assert_eq!(client.calls(), ["changed /3342/0/5500"]);
    switch(true);
    switch(false);
    assert_eq!(read(&client, 5501), 1);
    switch(true);
    assert_eq!(read(&client, 5501), 2);
}

#[test]
fn a_counter_at_its_end_begins_again() {
    let client = begin();
    let path = Path::resource(3342, 0, 5501);
    lock().set_i64(path, i64::MAX).unwrap();
    switch(true);
    assert_eq!(read(&client, 5501), 0);
}

#[test]
fn a_written_time_counts_from_boot() {
    let client = begin();
    client.at(5_000);
    switch(true);
    assert_eq!(
        client.write("/3342/0/5852", Value::Integer(0)),
        Err(ModelError::NotFound),
        "there is no memory to write it to, as in C"
    );
    // SAFETY: the callback looks at no data.
    unsafe { time_written(0, 5852, 0, null_mut(), 0, true, 0, 0) };
    client.at(8_000);
    assert_eq!(read(&client, 5852), 8);
}

#[test]
fn another_instance_in_the_same_place_begins_anew() {
    let client = begin();
    client.at(5_000);
    switch(true);
    client.delete(3342, 0).unwrap();
    client.create(3342, 4).unwrap();
    assert_eq!(client.read("/3342/4/5852"), Ok(Value::Integer(0)));
    assert_eq!(client.read("/3342/4/5501"), Ok(Value::Integer(0)));
}
