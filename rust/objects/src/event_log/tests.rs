// SPDX-License-Identifier: Apache-2.0
//! The Event Log object as an application and a server see it.

use core::ffi::c_void;

use lwm2m_core::value::Value;

use super::*;
use crate::test_client::alone;

unsafe extern "C" fn log_data(_: u16, _: u16, _: u16, length: *mut usize) -> *mut c_void {
    static mut LOG: [u8; 3] = *b"log";
    // SAFETY: the registry's contract.
    unsafe { length.write(3) };
    (&raw mut LOG).cast()
}

#[test]
fn the_log_data_is_empty_until_the_application_gives_a_callback() {
    let client = alone();
    set_read_log_data_callback(Some(log_data));
    init().unwrap();
    let empty = Ok(Value::Opaque([].into()));
    assert_eq!(client.read("/20/0/4014"), empty, "it came too early");
    set_read_log_data_callback(Some(log_data));
    assert_eq!(
        client.read("/20/0/4014"),
        Ok(Value::Opaque(b"log".to_vec()))
    );
    set_read_log_data_callback(None);
    assert_eq!(client.read("/20/0/4014"), empty);
}

#[test]
fn starting_and_stopping_is_the_application_s() {
    let client = alone();
    init().unwrap();
    assert!(client.execute("/20/0/4011").is_err());
    assert!(client.execute("/20/0/4012").is_err());
}
