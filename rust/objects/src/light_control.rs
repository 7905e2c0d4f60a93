// SPDX-License-Identifier: Apache-2.0
//! Light Control, object 3311: IPSO Smart Object Guideline, Starter Pack 1.0.

use core::ffi::{c_int, c_void};

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_S32 as S32,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_U8 as U8,
};

use crate::access::{Lock, lock};
use crate::callback::errno::{EINVAL, ENOENT};
use crate::callback::value;
use crate::definition::{ResourceDefinition, stored, string, supplied};
use crate::hooks::uptime_seconds;
use crate::object::{Bool, Slot, Stored, capacity, object};
use crate::state::PerSlot;

const PLACES: usize = capacity(config::IPSO_LIGHT_CONTROL_INSTANCE_COUNT);

pub(crate) const RESOURCES: [ResourceDefinition; 8] = [
    stored(5850, RW, BOOL),
    stored(5851, RW_OPT, U8),
    stored(5852, RW_OPT, S32)
        .on_read(on_time_read)
        .on_write(on_time_written),
    stored(5805, R_OPT, FLOAT),
    stored(5820, R_OPT, FLOAT),
    string(5706, RW_OPT, 64),
    string(5701, R_OPT, 8),
    supplied(5750, RW_OPT, STRING),
];

object! {
    /// The Light Control object.
    id: 3311,
    version: (1, 0),
    core: false,
    instances: PLACES,
    resources: RESOURCES,
    created: Some(created),
}

const ON_OFF: Stored<Bool> = Stored::resource(&RESOURCES, 5850);
const ON_TIME: Stored<i32> = Stored::resource(&RESOURCES, 5852);

/// From when the time is counted for which the light is on: seconds since boot.
static COUNTED_FROM: PerSlot<u64, PLACES> = PerSlot::new(0);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

fn created(lock: &Lock, slot: Slot) {
    COUNTED_FROM.set(lock, slot.index(), 0);
}

unsafe extern "C" fn on_time_read(
    instance: u16,
    _: u16,
    _: u16,
    length: *mut usize,
) -> *mut c_void {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return core::ptr::null_mut();
    };
    if OBJECT.load(&lock, slot, ON_OFF) != Bool(0) {
        let from = COUNTED_FROM.get(&lock, slot.index()).unwrap_or(0);
        let seconds = uptime_seconds().saturating_sub(from);
        OBJECT.store(
            &lock,
            slot,
            ON_TIME,
            i32::try_from(seconds).unwrap_or(i32::MAX),
        );
    }
    // SAFETY: the registry's contract for read callbacks: `length` is writable.
    unsafe { length.write(size_of::<i32>()) };
    OBJECT.place(slot, ON_TIME).cast()
}

unsafe extern "C" fn on_time_written(
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
    let Some(bytes) = (unsafe { value(data, length) }) else {
        return EINVAL;
    };
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    if i32::from_ne_bytes(bytes) == 0 {
        COUNTED_FROM.set(&lock, slot.index(), uptime_seconds());
    }
    0
}

#[cfg(test)]
mod tests;
