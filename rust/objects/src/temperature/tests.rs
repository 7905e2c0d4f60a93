// SPDX-License-Identifier: Apache-2.0
//! The Temperature object as an application and a server see it.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicU32, Ordering};

use lwm2m_core::path::Path;
use lwm2m_core::value::Value;
use lwm2m_registry::{Buffer, c_path};

use super::*;
use crate::access::lock;
use crate::test_client::{Alone, alone};

fn begin() -> Alone {
    let client = alone();
    init();
    client.create(3303, 0).unwrap();
    client.calls();
    client
}

fn measure(value: f64) {
    lock()
        .set_f64(Path::resource(3303, 0, 5700), value)
        .unwrap();
}

#[test]
fn a_sensor_that_measured_nothing_has_extremes_beyond_reach() {
    let client = begin();
    assert_eq!(
        client.read("/3303/0/5601"),
        Ok(Value::Float(2_147_483_647.0))
    );
    assert_eq!(
        client.read("/3303/0/5602"),
        Ok(Value::Float(-2_147_483_647.0))
    );
    assert_eq!(client.read("/3303/0/5701"), Ok(Value::String([].into())));
}

#[test]
fn extremes_follow_the_value_and_only_changes_are_reported() {
    let client = begin();
    measure(20.0);
    let first = client.calls();
    assert_eq!(
        first,
        [
            "changed /3303/0/5601",
            "changed /3303/0/5602",
            "changed /3303/0/5700"
        ]
    );
    measure(25.5);
    assert_eq!(
        client.calls(),
        ["changed /3303/0/5602", "changed /3303/0/5700"]
    );
    measure(22.0);
    assert_eq!(client.calls(), ["changed /3303/0/5700"]);
    measure(-3.0);
    assert_eq!(
        client.calls(),
        ["changed /3303/0/5601", "changed /3303/0/5700"]
    );
    assert_eq!(client.read("/3303/0/5601"), Ok(Value::Float(-3.0)));
    assert_eq!(client.read("/3303/0/5602"), Ok(Value::Float(25.5)));
}

#[test]
fn a_value_that_is_no_number_is_no_extreme() {
    let client = begin();
    measure(1.0);
    measure(f64::NAN);
    assert_eq!(client.read("/3303/0/5601"), Ok(Value::Float(1.0)));
    assert_eq!(client.read("/3303/0/5602"), Ok(Value::Float(1.0)));
}

#[test]
fn reset_makes_the_current_value_both_extremes_and_reports_them() {
    let client = begin();
    measure(20.0);
    measure(30.0);
    client.calls();
    client.execute("/3303/0/5605").unwrap();
    let calls = client.calls();
    for path in ["changed /3303/0/5601", "changed /3303/0/5602"] {
        assert!(calls.iter().any(|call| call == path), "{path}");
    }
    assert_eq!(client.read("/3303/0/5601"), Ok(Value::Float(30.0)));
    assert_eq!(client.read("/3303/0/5602"), Ok(Value::Float(30.0)));
}

#[test]
fn extremes_are_right_in_memory_of_the_application() {
    let client = begin();
    static mut SMALLEST: f64 = 0.0;
    let buffer = Buffer {
        data: (&raw mut SMALLEST).cast::<c_void>(),
        room: 8,
        len: 8,
        flags: 0,
    };
    // SAFETY: a static that only this test uses.
    unsafe { lock().set_res_buf(&c_path(Path::resource(3303, 0, 5601)), buffer) }.unwrap();
    measure(20.0);
    measure(25.0);
    assert_eq!(client.read("/3303/0/5601"), Ok(Value::Float(20.0)));
    measure(10.0);
    assert_eq!(client.read("/3303/0/5601"), Ok(Value::Float(10.0)));
}

#[test]
fn the_application_hears_of_an_extreme_and_may_delete_the_instance() {
    static HEARD: AtomicU32 = AtomicU32::new(0);
    unsafe extern "C" fn delete(
        _: u16,
        _: u16,
        _: u16,
        _: *mut u8,
        _: u16,
        _: bool,
        _: usize,
        _: usize,
    ) -> c_int {
        HEARD.fetch_add(1, Ordering::Relaxed);
        let _ = lock().delete_obj_inst(3303, 0);
        0
    }
    let client = begin();
    let path = c_path(Path::resource(3303, 0, 5601));
    // SAFETY: the callback keeps the contract.
    unsafe { lock().register_post_write_callback(&path, Some(delete)) }.unwrap();
    measure(1.0);
    assert_eq!(HEARD.load(Ordering::Relaxed), 1);
    assert!(client.read("/3303/0/5700").is_err());
    client.create(3303, 0).unwrap();
    assert_eq!(
        client.read("/3303/0/5602"),
        Ok(Value::Float(-2_147_483_647.0))
    );
}

#[test]
fn there_are_as_many_instances_as_configured() {
    let client = begin();
    let places = config::IPSO_TEMP_SENSOR_INSTANCE_COUNT as u16;
    for instance in 1..places {
        client.create(3303, instance).unwrap();
    }
    assert!(client.create(3303, places).is_err());
    client.delete(3303, 0).unwrap();
    assert_eq!(client.create(3303, 900), Ok(900));
    assert_eq!(client.read("/3303/900/5700"), Ok(Value::Float(0.0)));
}
