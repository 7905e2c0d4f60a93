// SPDX-License-Identifier: Apache-2.0
//! State and Update Result of the Firmware Update object (5) for authors of objects: functions of
//! `lwm2m_engine.h`. Those without `_inst` are for instance 0.

use lwm2m_objects::firmware::{self, State, UpdateResult};

/// The number in 5/instance/3, 0 when there is no such instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_update_state_inst(obj_inst_id: u16) -> u8 {
    firmware::state(obj_inst_id)
}

/// The number in 5/0/3. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_update_state() -> u8 {
    firmware::state(0)
}

/// The number in 5/instance/5, 0 when there is no such instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_update_result_inst(obj_inst_id: u16) -> u8 {
    firmware::result(obj_inst_id)
}

/// The number in 5/0/5. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_get_update_result() -> u8 {
    firmware::result(0)
}

/// Enters a state, `STATE_*`, from whatever state; what is no state changes nothing. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_update_state_inst(obj_inst_id: u16, state: u8) {
    if let Some(state) = State::from_number(state) {
        firmware::set_state(obj_inst_id, state);
    }
}

/// The same for instance 0.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_update_state(state: u8) {
    lwm2m_firmware_set_update_state_inst(0, state);
}

/// Ends an update with a result, `RESULT_*`: the state becomes Idle. What is no result changes
/// nothing. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_update_result_inst(obj_inst_id: u16, result: u8) {
    if let Some(result) = UpdateResult::from_number(result) {
        firmware::set_result(obj_inst_id, result);
    }
}

/// The same for instance 0.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_firmware_set_update_result(result: u8) {
    lwm2m_firmware_set_update_result_inst(0, result);
}
