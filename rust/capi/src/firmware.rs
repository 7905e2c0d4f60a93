// SPDX-License-Identifier: Apache-2.0
//! The Firmware Update object (5) for the application: the callbacks of each instance. An instance
//! that there is not has none, and setting one for it does nothing.

use lwm2m_objects::firmware;
use lwm2m_registry::c_types::{
    lwm2m_engine_execute_cb_t, lwm2m_engine_set_data_cb_t, lwm2m_engine_user_cb_t,
};

/// Sets the callback that takes the package, piece by piece as it arrives, for instance 0.
///
/// @param cb  The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_write_cb(cb: lwm2m_engine_set_data_cb_t) {
    firmware::set_write_callback(0, cb);
}

/// The callback set with lwm2m_firmware_set_write_cb(), NULL for none. Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_write_cb() -> lwm2m_engine_set_data_cb_t {
    firmware::write_callback(0)
}

/// Sets the callback that takes the package, piece by piece as it arrives.
///
/// @param obj_inst_id  The instance.
/// @param cb           The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_write_cb_inst(
    obj_inst_id: u16,
    cb: lwm2m_engine_set_data_cb_t,
) {
    firmware::set_write_callback(obj_inst_id, cb);
}

/// The callback set with lwm2m_firmware_set_write_cb_inst(), NULL for none. Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_write_cb_inst(obj_inst_id: u16) -> lwm2m_engine_set_data_cb_t {
    firmware::write_callback(obj_inst_id)
}

/// Sets the callback that hears that a package was discarded, for instance 0.
///
/// @param cb  The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_cancel_cb(cb: lwm2m_engine_user_cb_t) {
    firmware::set_cancel_callback(0, cb);
}

/// The callback set with lwm2m_firmware_set_cancel_cb(), NULL for none. Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_cancel_cb() -> lwm2m_engine_user_cb_t {
    firmware::cancel_callback(0)
}

/// Sets the callback that hears that a package was discarded.
///
/// @param obj_inst_id  The instance.
/// @param cb           The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_cancel_cb_inst(obj_inst_id: u16, cb: lwm2m_engine_user_cb_t) {
    firmware::set_cancel_callback(obj_inst_id, cb);
}

/// The callback set with lwm2m_firmware_set_cancel_cb_inst(), NULL for none. Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_cancel_cb_inst(obj_inst_id: u16) -> lwm2m_engine_user_cb_t {
    firmware::cancel_callback(obj_inst_id)
}

/// Sets the callback that Execute on Update (5/instance/2) runs, for instance 0.
///
/// @param cb  The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_update_cb(cb: lwm2m_engine_execute_cb_t) {
    firmware::set_update_callback(0, cb);
}

/// The callback set with lwm2m_firmware_set_update_cb(), NULL for none. Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_update_cb() -> lwm2m_engine_execute_cb_t {
    firmware::update_callback(0)
}

/// Sets the callback that Execute on Update (5/instance/2) runs.
///
/// @param obj_inst_id  The instance.
/// @param cb           The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_update_cb_inst(
    obj_inst_id: u16,
    cb: lwm2m_engine_execute_cb_t,
) {
    firmware::set_update_callback(obj_inst_id, cb);
}

/// The callback set with lwm2m_firmware_set_update_cb_inst(), NULL for none. Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_update_cb_inst(obj_inst_id: u16) -> lwm2m_engine_execute_cb_t {
    firmware::update_callback(obj_inst_id)
}
