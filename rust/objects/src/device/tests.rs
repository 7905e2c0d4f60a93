// SPDX-License-Identifier: Apache-2.0
//! The Device object as an application and a server see it.

use std::string::String;
use std::vec::Vec;

use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

#[test]
fn an_unset_string_is_empty_and_an_unset_number_is_not_there() {
    let client = alone();
    init().unwrap();
    assert_eq!(client.read("/3/0/0"), Ok(Value::String([].into())));
    assert_eq!(client.read("/3/0/9"), Err(ModelError::NotFound));
    assert_eq!(client.read("/3/0/6/0"), Err(ModelError::NotFound));
    assert_eq!(client.read("/3/0/16"), Ok(Value::String(BINDING.into())));
    assert!(
        client.execute("/3/0/4").is_err(),
        "until the application registers a callback"
    );
}

#[test]
fn no_error_is_one_code_zero() {
    let client = alone();
    init().unwrap();
    assert_eq!(client.resource_instances("/3/0/11"), [0]);
    assert_eq!(client.read("/3/0/11/0"), Ok(Value::Integer(0)));
}

/// What was asked for, but for keeping codes over a restart, which only some configurations do.
fn changes(client: &Alone) -> Vec<String> {
    let mut calls = client.calls();
    calls.retain(|call| !call.starts_with("keep"));
    calls
}

#[test]
fn error_codes_are_added_once_reported_and_reset() {
    let client = alone();
    init().unwrap();
    client.calls();
    for code in [1, 4, 1] {
        assert_eq!(add_error(code), Ok(()));
    }
    assert_eq!(changes(&client), ["changed /3/0/11", "changed /3/0/11"]);
    assert_eq!(client.resource_instances("/3/0/11"), [0, 1]);
    assert_eq!(client.read("/3/0/11/0"), Ok(Value::Integer(1)));
    assert_eq!(client.read("/3/0/11/1"), Ok(Value::Integer(4)));
    assert_eq!(client.execute("/3/0/12"), Ok(()));
    assert_eq!(changes(&client), ["changed /3/0/11"]);
    assert_eq!(client.resource_instances("/3/0/11"), [0]);
    assert_eq!(client.read("/3/0/11/0"), Ok(Value::Integer(0)));
}

#[test]
fn error_codes_are_kept_over_a_restart_where_configured() {
    let client = alone();
    init().unwrap();
    client.calls();
    client.answers(EINVAL);
    let outcome = add_error(9);
    let mut calls = client.calls();
    calls.retain(|call| call.starts_with("keep"));
    if config::DEVICE_ERROR_CODE_SETTINGS {
        assert_eq!(outcome, Err(AddError::NotKept(EINVAL)));
        assert_eq!(calls, ["keep [9]"]);
        assert_eq!(client.execute("/3/0/12"), Err(ModelError::Internal));
        assert_eq!(client.calls().last().map(String::as_str), Some("keep []"));
    } else {
        assert_eq!(outcome, Ok(()));
        assert_eq!(calls, [""; 0]);
    }
    assert!(!client.resource_instances("/3/0/11").is_empty());
}

#[test]
fn a_full_list_of_error_codes_stays_as_it_is() {
    let client = alone();
    init().unwrap();
    for code in 1..=ERROR_CODES_MAX as u8 {
        add_error(code).unwrap();
    }
    client.calls();
    assert_eq!(add_error(99), Err(AddError::NoRoom));
    assert_eq!(client.calls(), [""; 0]);
    assert_eq!(client.resource_instances("/3/0/11").len(), ERROR_CODES_MAX);
}

#[test]
fn kept_error_codes_come_back() {
    let client = alone();
    init().unwrap();
    restore_errors(&[5, 6]);
    assert_eq!(client.resource_instances("/3/0/11"), [0, 1]);
    assert_eq!(client.read("/3/0/11/1"), Ok(Value::Integer(6)));
}

#[test]
fn without_its_instance_there_is_no_room_for_errors() {
    let client = alone();
    init().unwrap();
    client.delete(3, 0).unwrap();
    assert_eq!(add_error(1), Err(AddError::NoRoom));
    restore_errors(&[1]);
    client.create(3, 0).unwrap();
    assert_eq!(client.resource_instances("/3/0/11"), [0]);
}

#[test]
fn the_current_time_goes_on_from_what_was_written() {
    let client = alone();
    init().unwrap();
    client.at(5_999);
    assert_eq!(
        client.read("/3/0/13"),
        Ok(Value::Time(5)),
        "the time since boot"
    );
    client.write("/3/0/13", Value::Time(1_800_000_000)).unwrap();
    client.at(65_999);
    assert_eq!(client.read("/3/0/13"), Ok(Value::Time(1_800_000_060)));
}

#[test]
fn the_current_time_is_four_or_eight_bytes() {
    let client = alone();
    init().unwrap();
    client.at(10_000);
    let mut bytes = [0; 9];
    bytes[..4].copy_from_slice(&1000_u32.to_ne_bytes());
    let mut write = |length| {
        // SAFETY: as many bytes as there are.
        unsafe { current_time_written(0, 13, 0, bytes.as_mut_ptr(), length, true, 0, 0) }
    };
    assert_eq!([0, 3, 5, 9].map(&mut write), [EINVAL; 4]);
    assert_eq!(write(4), 0);
    assert_eq!(client.read("/3/0/13"), Ok(Value::Time(1000)));
}

#[test]
fn observers_hear_of_the_current_time_every_ten_seconds() {
    let client = alone();
    client.at(1000);
    init().unwrap();
    client.calls();
    assert_eq!(service(now()), Some(Instant::from_millis(11_000)));
    client.at(11_000);
    assert_eq!(service(now()), Some(Instant::from_millis(21_000)));
    assert_eq!(client.calls(), ["changed /3/0/13"]);
}

#[test]
fn the_service_period_is_changed_and_ended_once() {
    let client = alone();
    SERVICE.set(&lock(), 0, Periodic::Off);
    assert_eq!(
        set_service_period(500),
        Service::Missing,
        "before the object is there"
    );
    init().unwrap();
    client.calls();
    assert_eq!(set_service_period(500), Service::Running);
    assert_eq!(client.calls(), ["wake"]);
    assert_eq!(service(now()), Some(Instant::from_millis(500)));
    assert_eq!(set_service_period(0), Service::Ended);
    assert_eq!(service(Instant::from_millis(99_999)), None);
    assert_eq!(set_service_period(500), Service::Missing);
}
