// SPDX-License-Identifier: Apache-2.0
//! The Server object as the client and a server see it.

use lwm2m_core::model::ModelError;
use lwm2m_core::time::Instant;
use lwm2m_core::value::Value;

use super::*;
use crate::callback::errno::EPERM;
use crate::test_client::alone;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

#[test]
fn a_new_instance_has_the_configured_values() {
    let client = alone();
    init().unwrap();
    assert_eq!(client.read("/1/0/0"), Ok(Value::Integer(1)));
    let lifetime = i64::from(config::ENGINE_DEFAULT_LIFETIME);
    assert_eq!(client.read("/1/0/1"), Ok(Value::Integer(lifetime)));
    assert_eq!(client.read("/1/0/5"), Ok(Value::Integer(86_400)));
    assert_eq!(client.read("/1/0/7"), Ok(Value::String(BINDING.into())));
    if V1_1 {
        assert_eq!(client.read("/1/0/10"), Err(ModelError::NotFound), "no default");
        assert_eq!(client.read("/1/0/22"), Ok(Value::String([].into())));
    }
    assert_eq!((short_id(0), short_id(1)), (Some(1), None));
    assert_eq!((instance_of(1), instance_of(2)), (Some(0), None));
}

#[test]
fn the_client_reads_periods_priority_and_mute_as_the_server_wrote_them() {
    let client = alone();
    init().unwrap();
    for (path, value) in [("/1/0/2", 5), ("/1/0/3", 4_000_000_000_i64), ("/1/0/13", 9)] {
        client.write(path, Value::Integer(value)).unwrap();
    }
    client.write("/1/0/23", Value::Boolean(true)).unwrap();
    assert_eq!((minimum_period(0), maximum_period(0)), (5, 4_000_000_000));
    assert_eq!((priority(0), priority(7)), (9, 255));
    assert!(send_is_muted(0) && !send_is_muted(7));
    assert_eq!(minimum_period(7), config::SERVER_DEFAULT_PMIN);
    assert_eq!(maximum_period(7), config::SERVER_DEFAULT_PMAX);
}

#[test]
fn lifetime_and_trigger_ask_for_an_update() {
    let client = alone();
    init().unwrap();
    client.write("/1/0/1", Value::Integer(60)).unwrap();
    client.execute("/1/0/8").unwrap();
    let updates = client.calls().iter().filter(|call| *call == "update").count();
    assert_eq!(updates, 2);
}

#[test]
fn a_disabled_server_is_back_when_its_timeout_is_over() {
    let client = alone();
    init().unwrap();
    client.write("/1/0/5", Value::Integer(60)).unwrap();
    client.calls();
    client.at(1000);
    assert_eq!(client.execute("/1/0/4"), Ok(()));
    assert_eq!(client.calls(), ["disabled 0"]);
    assert_eq!(availability(0), Availability::DisabledUntil(at(61_000)));
    assert!(!is_enabled(0) && select().is_none());
    client.at(61_000);
    assert!(is_enabled(0));
    assert_eq!(select(), Some(0));
}

#[test]
fn another_server_cannot_disable_this_one() {
    let client = alone();
    init().unwrap();
    client.answers(EPERM);
    assert_eq!(client.execute("/1/0/4"), Err(ModelError::NotAllowed));
    assert_eq!(availability(0), Availability::Enabled);
}

#[test]
fn bootstrap_trigger_answers_what_the_client_says() {
    let client = alone();
    init().unwrap();
    assert_eq!(client.execute("/1/0/9"), Ok(()));
    client.answers(EPERM);
    assert_eq!(client.execute("/1/0/9"), Err(ModelError::NotAllowed));
}

#[test]
fn a_server_without_a_short_id_is_not_selected() {
    let _client = alone();
    init().unwrap();
    let slot = OBJECT.find(0).unwrap();
    for (id, selected) in [(0, None), (65_535, None), (101, Some(0))] {
        OBJECT.store(slot, SHORT_SERVER_ID, id);
        assert_eq!(select(), selected, "{id}");
    }
}

#[test]
fn availability_is_set_for_instances_that_are_there() {
    let _client = alone();
    init().unwrap();
    assert!(set_availability(0, Availability::Disabled));
    assert!(!set_availability(9, Availability::Disabled));
    assert_eq!(availability(9), Availability::Disabled);
    assert_eq!(select(), None);
    enable_all();
    assert_eq!(select(), Some(0));
}
