// SPDX-License-Identifier: Apache-2.0
//! The Server object as the client and a server see it.

use lwm2m_core::model::ModelError;
use lwm2m_core::time::Instant;
use lwm2m_core::value::Value;

use super::*;
use crate::callback::errno::EPERM;
use crate::test_client::{Alone, alone};

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// Instance 0 is there, whether or not the configuration leaves that to a bootstrap server.
fn begin() -> Alone {
    let client = alone();
    init().unwrap();
    assert_eq!(
        OBJECT.find(&lock(), 0).is_none(),
        config::RD_CLIENT_SUPPORT_BOOTSTRAP
    );
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        client.create(1, 0).unwrap();
    }
    client.calls();
    client
}

#[test]
fn a_new_instance_has_the_configured_values() {
    let client = begin();
    assert_eq!(client.read("/1/0/0"), Ok(Value::Integer(1)));
    let lifetime = i64::from(config::ENGINE_DEFAULT_LIFETIME);
    assert_eq!(client.read("/1/0/1"), Ok(Value::Integer(lifetime)));
    assert_eq!(client.read("/1/0/5"), Ok(Value::Integer(86_400)));
    assert_eq!(client.read("/1/0/7"), Ok(Value::String(BINDING.into())));
    if V1_1 {
        assert_eq!(
            client.read("/1/0/10"),
            Err(ModelError::NotFound),
            "no default"
        );
        assert_eq!(client.read("/1/0/22"), Ok(Value::String([].into())));
    }
    assert_eq!((short_id(0), short_id(1)), (Some(1), None));
    assert_eq!((instance_of(1), instance_of(2)), (Some(0), None));
}

#[test]
fn the_client_reads_periods_priority_and_mute_as_the_server_wrote_them() {
    let client = begin();
    client.write("/1/0/2", Value::Integer(5)).unwrap();
    client
        .write("/1/0/3", Value::Integer(4_000_000_000))
        .unwrap();
    assert_eq!((minimum_period(0), maximum_period(0)), (5, 4_000_000_000));
    assert_eq!(minimum_period(7), config::SERVER_DEFAULT_PMIN);
    assert_eq!(maximum_period(7), config::SERVER_DEFAULT_PMAX);
    if V1_1 {
        client.write("/1/0/13", Value::Integer(9)).unwrap();
        client.write("/1/0/23", Value::Boolean(true)).unwrap();
        assert_eq!((priority(0), priority(7)), (9, 255));
        assert!(send_is_muted(0) && !send_is_muted(7));
    } else {
        assert_eq!((priority(0), priority(7), priority(300)), (0, 7, 45));
        assert!(!send_is_muted(0));
    }
}

#[test]
fn what_a_bootstrap_server_may_write_has_no_value_before() {
    let client = begin();
    for (resource, value) in [
        (14, Value::Integer(5)),
        (15, Value::Boolean(true)),
        (17, Value::Integer(3)),
        (18, Value::Integer(60)),
        (19, Value::Integer(3600)),
        (20, Value::Integer(2)),
    ] {
        let path = std::format!("/1/0/{resource}");
        assert_eq!(client.read(&path), Err(ModelError::NotFound), "{path}");
        let written = client.write(&path, value);
        assert_eq!(written.is_ok(), V1_1, "{path}");
        if V1_1 {
            let read = match value {
                Value::Boolean(value) => Value::Boolean(value),
                Value::Integer(value) => Value::Integer(value),
                _ => unreachable!(),
            };
            assert_eq!(client.read(&path), Ok(read), "{path}");
        }
    }
}

#[test]
fn lifetime_and_trigger_ask_for_an_update() {
    let client = begin();
    client.write("/1/0/1", Value::Integer(60)).unwrap();
    client.execute("/1/0/8").unwrap();
    let updates = client
        .calls()
        .iter()
        .filter(|call| *call == "update")
        .count();
    assert_eq!(updates, 2);
}

#[test]
fn a_disabled_server_is_back_when_its_timeout_is_over() {
    let client = begin();
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
    let client = begin();
    client.answers(EPERM);
    assert_eq!(client.execute("/1/0/4"), Err(ModelError::NotAllowed));
    assert_eq!(availability(0), Availability::Enabled);
}

#[test]
fn bootstrap_trigger_answers_what_the_client_says() {
    let client = begin();
    if !V1_1 {
        assert_eq!(client.execute("/1/0/9"), Err(ModelError::NotFound));
        return;
    }
    assert_eq!(client.execute("/1/0/9"), Ok(()));
    client.answers(EPERM);
    assert_eq!(client.execute("/1/0/9"), Err(ModelError::NotAllowed));
}

#[test]
fn a_server_without_a_short_id_is_not_selected() {
    let _client = begin();
    let slot = OBJECT.find(&lock(), 0).unwrap();
    for (id, selected) in [(0, None), (65_535, None), (101, Some(0))] {
        OBJECT.store(&lock(), slot, SHORT_SERVER_ID, id);
        assert_eq!(select(), selected, "{id}");
    }
}

#[test]
fn availability_is_set_for_instances_that_are_there() {
    let _client = begin();
    assert!(set_availability(0, Availability::Disabled));
    assert!(!set_availability(9, Availability::Disabled));
    assert_eq!(availability(9), Availability::Disabled);
    assert_eq!(select(), None);
    enable_all();
    assert_eq!(select(), Some(0));
}

#[test]
fn of_several_servers_the_first_of_the_smallest_priority_is_selected() {
    let client = begin();
    if PLACES < 3 || !V1_1 {
        // Not with this configuration.
        return;
    }
    for instance in [7, 4] {
        client.create(1, instance).unwrap();
    }
    assert_eq!(
        (short_id(0), short_id(7), short_id(4)),
        (Some(1), Some(2), Some(3))
    );
    client.write("/1/0/13", Value::Integer(255)).unwrap();
    assert_eq!(select(), Some(7));
    client.write("/1/7/13", Value::Integer(200)).unwrap();
    client.write("/1/4/13", Value::Integer(200)).unwrap();
    assert_eq!(select(), Some(7));
    set_availability(7, Availability::Disabled);
    assert_eq!(select(), Some(4));
    set_availability(4, Availability::DisabledUntil(at(1)));
    assert_eq!(select(), Some(0));
}
