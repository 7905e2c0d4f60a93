// SPDX-License-Identifier: Apache-2.0
//! The Portfolio object as a server sees it.

use lwm2m_core::model::ModelError;
use lwm2m_core::value::Value;

use crate::test_client::alone;

#[test]
fn four_identities_of_39_characters_are_created_by_writing_them() {
    let client = alone();
    super::init();
    client.create(16, 0).unwrap();
    assert_eq!(client.resource_instances("/16/0/0"), [0; 0]);
    let text = [b'x'; 39];
    for id in 0..4 {
        let path = std::format!("/16/0/0/{id}");
        client.write(&path, Value::String(&text)).unwrap();
        assert_eq!(client.read(&path), Ok(Value::String(text.to_vec())));
    }
    assert_eq!(client.resource_instances("/16/0/0"), [0, 1, 2, 3]);
    assert_eq!(
        client.write("/16/0/0/4", Value::String(b"x")),
        Err(ModelError::NoMemory)
    );
    assert_eq!(
        client.write("/16/0/0/0", Value::String(&[b'x'; 40])),
        Err(ModelError::TooLarge)
    );
}

#[test]
fn there_are_two_instances_and_nothing_to_execute() {
    let client = alone();
    super::init();
    client.create(16, 0).unwrap();
    client.create(16, 7).unwrap();
    assert!(client.create(16, 8).is_err());
    assert!(client.execute("/16/7/1").is_err());
}
