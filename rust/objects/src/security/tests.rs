// SPDX-License-Identifier: Apache-2.0
//! The Security object as the client and an application see it.

use lwm2m_config as config;
use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;
use std::vec;

use lwm2m_core::path::Path;
use lwm2m_registry::{RawValue, c_path};

use super::{OBJECT, buffer, index_of, init, instance_at, instance_of_server, places, wipe};
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

/// The bytes of a buffer, whatever its length says.
fn bytes(path: Path) -> vec::Vec<u8> {
    let key = buffer(path).unwrap();
    // SAFETY: the buffer's bytes, with the lock held by nobody else.
    unsafe { core::slice::from_raw_parts(key.data.cast::<u8>(), usize::from(key.room)) }.to_vec()
}

#[test]
fn nothing_of_a_longer_key_stays_behind_a_shorter_one() {
    let client = alone();
    init().unwrap();
    let key = Path::resource(0, 0, 5);
    client.write("/0/0/5", Value::Opaque(&[7; 16])).unwrap();
    client.write("/0/0/5", Value::Opaque(&[1, 2])).unwrap();
    assert_eq!(bytes(key)[..3], [1, 2, 0]);
    assert!(bytes(key)[2..].iter().all(|&byte| byte == 0));

    let set = |value: &[u8]| lock().set(&c_path(key), RawValue::bytes(value));
    set(&[7; 16]).unwrap();
    set(&[3]).unwrap();
    assert_eq!(bytes(key)[0], 3);
    assert!(bytes(key)[1..].iter().all(|&byte| byte == 0));
}

#[test]
fn a_key_that_is_too_long_is_refused_and_the_old_one_stays() {
    let client = alone();
    init().unwrap();
    client.write("/0/0/5", Value::Opaque(&[7; 16])).unwrap();
    let long = vec![1; config::SECURITY_KEY_SIZE as usize + 1];
    assert_eq!(
        client.write("/0/0/5", Value::Opaque(&long)),
        Err(ModelError::TooLarge)
    );
    let key = c_path(Path::resource(0, 0, 5));
    assert!(lock().set(&key, RawValue::bytes(&long)).is_err());
    assert_eq!(client.read("/0/0/5"), Ok(Value::Opaque(vec![7; 16])));
}

#[test]
fn keys_of_a_deleted_account_are_wiped() {
    let client = alone();
    init().unwrap();
    let key = Path::resource(0, 0, 5);
    client.write("/0/0/5", Value::Opaque(&[7; 16])).unwrap();
    let place = buffer(key).unwrap();
    wipe();
    assert_eq!(bytes(key)[..16], [7; 16], "the account is in use");
    client.delete(0, 0).unwrap();
    wipe();
    // SAFETY: the buffer is a static's, with the lock held by nobody else.
    let left = unsafe { core::slice::from_raw_parts(place.data.cast::<u8>(), place.room.into()) };
    assert!(left.iter().all(|&byte| byte == 0));
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
