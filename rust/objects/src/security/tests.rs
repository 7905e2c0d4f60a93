// SPDX-License-Identifier: Apache-2.0
//! The Security object as the client and an application see it.

use lwm2m_config as config;
use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;
use std::vec;

use super::{OBJECT, index_of, init, instance_at, instance_of_server, places};
use crate::access::lock;
use crate::test_client::alone;

#[test]
fn the_first_instance_is_there_from_the_beginning() {
    let client = alone();
    assert_eq!(init(), Ok(()));
    assert_eq!(client.read("/0/0/0"), Ok(Value::String(vec![])));
    client
        .write("/0/0/0", Value::String(b"coap://localhost"))
        .unwrap();
    assert_eq!(
        client.read("/0/0/0"),
        Ok(Value::String(b"coap://localhost".to_vec()))
    );
    client.write("/0/0/5", Value::Opaque(&[1, 2, 3])).unwrap();
    assert_eq!(client.read("/0/0/5"), Ok(Value::Opaque(vec![1, 2, 3])));
}

#[test]
fn instances_are_found_by_place_and_by_server() {
    let client = alone();
    init().unwrap();
    client.write("/0/0/10", Value::Integer(123)).unwrap();
    assert_eq!((index_of(0), index_of(1)), (Some(0), None));
    assert_eq!((instance_at(0), instance_at(places())), (Some(0), None));
    assert_eq!(
        (instance_of_server(123), instance_of_server(0)),
        (Some(0), None)
    );
    client.delete(0, 0).unwrap();
    assert_eq!((instance_at(0), instance_of_server(123)), (None, None));
}

#[test]
fn keys_are_gone_when_an_instance_is_made_anew() {
    let client = alone();
    init().unwrap();
    client.write("/0/0/5", Value::Opaque(&[7; 16])).unwrap();
    client.delete(0, 0).unwrap();
    client.create(0, 3).unwrap();
    let key = lock().get_res_buf(&lwm2m_registry::c_path(lwm2m_core::path::Path::resource(
        0, 3, 5,
    )));
    let key = key.unwrap();
    assert_eq!((key.len, key.room), (0, 16));
    // SAFETY: the buffer's bytes, with the lock held by nobody else.
    let bytes = unsafe { core::slice::from_raw_parts(key.data.cast::<u8>(), 16) };
    assert_eq!(bytes, [0; 16]);
    assert_eq!(OBJECT.find(&lock(), 3).map(|slot| slot.index()), Some(0));
}

#[test]
fn the_times_of_a_bootstrap_account_are_there_where_there_is_a_bootstrap() {
    let client = alone();
    init().unwrap();
    for path in ["/0/0/11", "/0/0/12"] {
        assert_eq!(client.read(path), Err(ModelError::NotFound), "{path}");
        let written = client.write(path, Value::Integer(30));
        if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
            assert_eq!(written, Ok(()));
            assert_eq!(client.read(path), Ok(Value::Integer(30)), "{path}");
        } else {
            assert_eq!(written, Err(ModelError::NotFound));
        }
    }
}

#[test]
fn an_object_is_registered_once() {
    let _client = alone();
    init().unwrap();
    assert!(init().is_err(), "there is room for one instance");
    assert_eq!(instance_at(0), Some(0));
}
