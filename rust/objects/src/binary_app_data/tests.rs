// SPDX-License-Identifier: Apache-2.0
//! The BinaryAppDataContainer object as an application and a server see it.

use core::ffi::c_void;

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_core::value::Value;
use lwm2m_registry::{Buffer, c_path};
use std::vec::Vec;

use crate::access::lock;
use crate::test_client::alone;

#[test]
fn the_data_is_there_and_empty_until_the_application_gives_memory() {
    let client = alone();
    super::init();
    client.create(19, 0).unwrap();
    let all: Vec<u16> = (0..config::BINARYAPPDATA_DATA_INSTANCE_COUNT as u16).collect();
    if !config::BINARYAPPDATA_OBJ_SUPPORT {
        return;
    }
    assert_eq!(client.resource_instances("/19/0/0"), all);
    assert_eq!(client.read("/19/0/0/1"), Ok(Value::Opaque(Vec::new())));
    static mut DATA: [u8; 8] = [0; 8];
    let buffer = Buffer {
        data: (&raw mut DATA).cast::<c_void>(),
        room: 8,
        len: 0,
        flags: 0,
    };
    let path = c_path(Path::resource_instance(19, 0, 0, 1));
    // SAFETY: a static that only this test uses.
    unsafe { lock().set_res_buf(&path, buffer) }.unwrap();
    client
        .write("/19/0/0/1", Value::Opaque(&[1, 0, 2]))
        .unwrap();
    assert_eq!(
        client.read("/19/0/0/1"),
        Ok(Value::Opaque([1, 0, 2].to_vec()))
    );
}
