// SPDX-License-Identifier: Apache-2.0
//! The Battery object as an application and a server see it.

use lwm2m_core::value::Value;
use lwm2m_registry::{RawValue, c_path};

use super::*;
use crate::test_client::alone;

#[test]
fn the_supply_loss_counter_is_reset_and_reported() {
    let client = alone();
    init();
    client.create(3411, 0).unwrap();
    let path = c_path(Path::resource(3411, 0, SUPPLY_LOSS_COUNTER));
    let value = 7_u32.to_ne_bytes();
    lock().set(&path, RawValue::bytes(&value)).unwrap();
    assert_eq!(client.read("/3411/0/10"), Ok(Value::Integer(7)));
    client.calls();
    client.execute("/3411/0/11").unwrap();
    assert_eq!(client.calls(), ["changed /3411/0/10"]);
    assert_eq!(client.read("/3411/0/10"), Ok(Value::Integer(0)));
}
