// SPDX-License-Identifier: Apache-2.0
//! Push Button, object 3347: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_S64 as S64,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_TIME as TIME,
};

use crate::access::{Lock, lock};
use crate::callback::errno::{EINVAL, ENOENT};
use crate::callback::value;
use crate::definition::{ResourceDefinition, first, stored, supplied};
use crate::object::{Slot, Stored, capacity, object};
use crate::state::PerSlot;

const V1_1: bool = config::IPSO_PUSH_BUTTON_VERSION_1_1;
const PLACES: usize = capacity(config::IPSO_PUSH_BUTTON_INSTANCE_COUNT);
const DIGITAL_INPUT_COUNTER: u16 = 5501;

pub(crate) const RESOURCES: [ResourceDefinition; 5] = [
    stored(5500, R, BOOL).on_write(state_written),
    stored(DIGITAL_INPUT_COUNTER, R_OPT, S64),
    supplied(5750, RW_OPT, STRING),
    // Version 1.1
    supplied(5518, R_OPT, TIME),
    supplied(6050, R_OPT, FLOAT),
];

object! {
    /// The Push Button object.
    id: 3347,
    version: (1, V1_1 as u8),
    core: false,
    instances: PLACES,
    resources: first::<{ if V1_1 { 5 } else { 3 } }>(&RESOURCES),
    created: Some(created),
}

const COUNTER: Stored<i64> = Stored::resource(&RESOURCES, DIGITAL_INPUT_COUNTER);

/// Whether the button was last said to be pressed.
static PRESSED: PerSlot<bool, PLACES> = PerSlot::new(false);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

fn created(lock: &Lock, slot: Slot) {
    PRESSED.set(lock, slot.index(), false);
}

unsafe extern "C" fn state_written(
    instance: u16,
    _: u16,
    _: u16,
    data: *mut u8,
    length: u16,
    _: bool,
    _: usize,
    _: usize,
) -> c_int {
    // SAFETY: the registry's contract for post-write callbacks: `length` bytes at `data`.
    let Some([state]) = (unsafe { value(data, length) }) else {
        return EINVAL;
    };
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    let pressed = state != 0;
    let before = PRESSED.update(&lock, slot.index(), |was| core::mem::replace(was, pressed));
    if pressed && before == Some(false) {
        let counter = OBJECT.load(&lock, slot, COUNTER).wrapping_add(1).max(0);
        let path = Path::resource(OBJECT.id(), instance, DIGITAL_INPUT_COUNTER);
        // As the application would, so that its callback hears of it.
        let _ = lock.set_i64(path, counter);
    }
    0
}

#[cfg(test)]
mod tests;
