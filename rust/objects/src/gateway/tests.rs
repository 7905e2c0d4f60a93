// SPDX-License-Identifier: Apache-2.0
//! The Gateway object as an application and a server see it.

use std::format;

use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};

unsafe extern "C" fn answer(_: *mut c_void) -> c_int {
    7
}

/// Nothing to see when the object has no buffers.
fn begin() -> Option<Alone> {
    let client = alone();
    if !config::GATEWAY_OBJ_SUPPORT {
        return None;
    }
    init();
    CALLBACKS.set(&lock(), 0, None);
    Some(client)
}

#[test]
fn prefixes_begin_with_the_number_of_the_place() {
    let Some(client) = begin() else { return };
    for place in 0..PLACES as u16 {
        let id = 40 + place;
        client.create(25, id).unwrap();
        assert_eq!(
            client.read(&format!("/25/{id}/1")),
            Ok(Value::String(
                format!("{}{place}", config::GATEWAY_DEFAULT_DEVICE_PREFIX).into_bytes()
            ))
        );
    }
    let device = config::GATEWAY_DEFAULT_DEVICE_ID.as_bytes();
    assert_eq!(client.read("/25/40/0"), Ok(Value::String(device.to_vec())));
}

#[test]
fn numbers_have_no_leading_zeros() {
    assert_eq!(&decimal(0), b"00000");
    assert_eq!(&decimal(10_203), b"10203");
}

#[test]
fn a_prefix_is_neither_empty_nor_another_s() {
    let Some(client) = begin() else { return };
    client.create(25, 0).unwrap();
    let write = |path, prefix: &[u8]| client.write(path, Value::String(prefix));
    assert_eq!(write("/25/0/1", b""), Err(ModelError::BadRequest));
    assert_eq!(write("/25/0/1", b"dev"), Ok(()));
    assert_eq!(write("/25/0/1", b"dev"), Ok(()), "its own");
    if PLACES > 1 {
        client.create(25, 1).unwrap();
        assert_eq!(write("/25/1/1", b"dev"), Err(ModelError::BadRequest));
        assert_eq!(write("/25/1/1", b"devi"), Ok(()));
        assert_eq!(write("/25/1/1", b"de"), Ok(()));
        client.delete(25, 0).unwrap();
        assert_eq!(write("/25/1/1", b"dev"), Ok(()), "it is free again");
    }
}

#[test]
fn a_request_finds_its_callback_by_the_prefix() {
    let Some(client) = begin() else { return };
    assert!(!register_callback(5, Some(answer)));
    assert!(register_callback(0, Some(answer)), "before it is created");
    assert!(callback_of(b"dev").is_none());
    client.create(25, 0).unwrap();
    client.write("/25/0/1", Value::String(b"dev")).unwrap();
    let found = callback_of(b"dev").unwrap();
    // SAFETY: it looks at no message.
    assert_eq!(unsafe { found(core::ptr::null_mut()) }, 7);
    assert!(callback_of(b"de").is_none() && callback_of(b"").is_none());
    register_callback(0, None);
    assert!(callback_of(b"dev").is_none());
}
