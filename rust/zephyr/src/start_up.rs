// SPDX-License-Identifier: Apache-2.0
//! What `zephyr/glue/init.c` calls, in the order the init section gives.

use core::ffi::c_int;

use lwm2m_capi::start_up;

/// Initialises one built-in object: 0, or a negative number.
#[unsafe(no_mangle)]
extern "C" fn lwm2m_rs_init_object(object: u16) -> c_int {
    if lwm2m_objects::init_object(object).is_ok() {
        0
    } else {
        -1
    }
}

/// The result of an initialiser, built-in or an application's.
#[unsafe(no_mangle)]
extern "C" fn lwm2m_rs_report(result: c_int) {
    start_up::report(result);
}

/// After the last object.
#[unsafe(no_mangle)]
extern "C" fn lwm2m_rs_after_objects() {
    start_up::engine();
}
