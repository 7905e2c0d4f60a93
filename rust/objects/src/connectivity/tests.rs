// SPDX-License-Identifier: Apache-2.0
//! The Connectivity Monitoring object as an application and a server see it.

use lwm2m_core::model::ModelError;
use lwm2m_core::path::Path;
use lwm2m_core::value::Value;

use super::*;
use crate::test_client::alone;

#[test]
fn its_instance_begins_with_ethernet_and_without_addresses() {
    let client = alone();
    init().unwrap();
    assert_eq!(client.read("/4/0/0"), Ok(Value::Integer(42)));
    assert_eq!(client.read("/4/0/2"), Ok(Value::Integer(0)));
    assert_eq!(client.resource_instances("/4/0/4"), [0; 0]);
    assert_eq!(
        client.write("/4/0/0", Value::Integer(1)),
        Ok(()),
        "permissions are the engine's business"
    );
}

#[test]
fn the_link_utilization_that_c_forgot_can_be_set_and_read() {
    let client = alone();
    init().unwrap();
    client.calls();
    lock().set_u8(Path::resource(4, 0, 6), 75).unwrap();
    assert_eq!(client.calls(), ["changed /4/0/6"]);
    assert_eq!(client.read("/4/0/6"), Ok(Value::Integer(75)));
}

#[test]
fn there_is_one_instance() {
    let client = alone();
    init().unwrap();
    assert!(client.create(4, 1).is_err());
    client.delete(4, 0).unwrap();
    assert_eq!(client.read("/4/0/0"), Err(ModelError::NotFound));
    assert_eq!(client.create(4, 1), Ok(1));
}
