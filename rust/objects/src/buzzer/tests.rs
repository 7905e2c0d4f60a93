// SPDX-License-Identifier: Apache-2.0
//! The Buzzer object as an application and a server see it.

use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

fn begin() -> Alone {
    let client = alone();
    init();
    client.create(3338, 0).unwrap();
    client.at(100_000);
    client.calls();
    client
}

fn switch(client: &Alone, on: bool) -> Result<(), ModelError> {
    client.write("/3338/0/5850", Value::Boolean(on))
}

fn sounds(client: &Alone) -> bool {
    client.read("/3338/0/5500") == Ok(Value::Boolean(true))
}

#[test]
fn it_sounds_for_the_delay_duration_and_reports_it() {
    let client = begin();
    client.write("/3338/0/5521", Value::Float(2.5)).unwrap();
    client.calls();
    switch(&client, true).unwrap();
    assert_eq!(
        client.calls(),
        ["wake", "changed /3338/0/5500", "changed /3338/0/5850"]
    );
    assert!(sounds(&client));
    client.at(102_499);
    assert_eq!(service(now()), Some(Instant::from_millis(102_500)));
    client.at(102_500);
    assert_eq!(service(now()), None);
    assert_eq!(client.calls(), ["changed /3338/0/5500"]);
    assert!(!sounds(&client));
    assert_eq!(
        client.read("/3338/0/5850"),
        Ok(Value::Boolean(true)),
        "it stays switched on"
    );
    switch(&client, true).unwrap();
    assert!(sounds(&client), "and sounds again when that is written");
}

#[test]
fn switching_it_off_silences_it_and_on_while_it_sounds_does_nothing() {
    let client = begin();
    switch(&client, true).unwrap();
    client.at(100_500);
    switch(&client, true).unwrap();
    assert_eq!(service(now()), Some(Instant::from_millis(101_000)));
    switch(&client, false).unwrap();
    assert!(!sounds(&client));
    assert_eq!(service(now()), None);
    switch(&client, false).unwrap();
}

#[test]
fn it_may_not_sound_again_before_the_minimum_off_time() {
    let client = begin();
    client.write("/3338/0/5525", Value::Float(10.0)).unwrap();
    switch(&client, true).unwrap();
    client.at(101_000);
    service(now());
    client.at(109_999);
    assert_eq!(switch(&client, true), Err(ModelError::Internal));
    assert!(!sounds(&client));
    client.at(110_000);
    assert_eq!(switch(&client, true), Ok(()));
    assert!(sounds(&client));
}

#[test]
fn the_application_may_silence_it_itself() {
    let client = begin();
    switch(&client, true).unwrap();
    show_state(&lock(), 0, false);
    client.at(100_400);
    switch(&client, true).unwrap();
    assert_eq!(service(now()), Some(Instant::from_millis(101_400)));
    assert!(sounds(&client));
}

#[test]
fn a_deleted_buzzer_falls_silent_unheard() {
    let client = begin();
    switch(&client, true).unwrap();
    client.delete(3338, 0).unwrap();
    client.calls();
    client.at(101_000);
    assert_eq!(service(now()), None);
    assert_eq!(client.calls(), [""; 0]);
}
