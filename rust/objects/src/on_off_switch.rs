// SPDX-License-Identifier: Apache-2.0
//! On/Off Switch, object 3342: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_S64 as S64,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_TIME as TIME,
};

use crate::access::{Lock, lock};
use crate::callback::errno::{EINVAL, ENOENT};
use crate::callback::value;
use crate::definition::{ResourceDefinition, first, stored, supplied};
use crate::hooks::now;
use crate::object::{Slot, Stored, capacity, object};
use crate::state::PerSlot;

const V1_1: bool = config::IPSO_ONOFF_SWITCH_VERSION_1_1;
const PLACES: usize = capacity(config::IPSO_ONOFF_SWITCH_INSTANCE_COUNT);

pub(crate) const RESOURCES: [ResourceDefinition; 7] = [
    stored(5500, R, BOOL).on_write(state_written),
    stored(5501, R_OPT, S64),
    // Both are read from here; like the C the object has no memory to write them to.
    supplied(5852, RW_OPT, S64)
        .on_read(on_time_read)
        .on_write(time_written),
    supplied(5854, RW_OPT, S64)
        .on_read(off_time_read)
        .on_write(time_written),
    supplied(5750, RW_OPT, STRING),
    // Version 1.1
    supplied(5518, R_OPT, TIME),
    supplied(6050, R_OPT, FLOAT),
];

object! {
    /// The On/Off Switch object.
    id: 3342,
    version: (1, V1_1 as u8),
    core: false,
    instances: PLACES,
    resources: first::<{ if V1_1 { 7 } else { 5 } }>(&RESOURCES),
    created: Some(created),
}

const COUNTER: Stored<i64> = Stored::resource(&RESOURCES, 5501);

/// A switch. The time it was on and the time it was off are counted since its state was last set,
/// and stay what they were while it is in the other state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Switch {
    on: bool,
    /// Milliseconds since boot.
    counted_from: u64,
    on_seconds: i64,
    off_seconds: i64,
}

impl Switch {
    const NEW: Self = Self {
        on: false,
        counted_from: 0,
        on_seconds: 0,
        off_seconds: 0,
    };

    /// Sets its state. Returns whether it was switched on.
    fn set(&mut self, on: bool, now: u64) -> bool {
        let switched_on = on && !self.on;
        self.on = on;
        self.counted_from = now;
        if on {
            self.off_seconds = 0;
        } else {
            self.on_seconds = 0;
        }
        switched_on
    }

    /// Brings the time in its state up to date.
    fn count(&mut self, now: u64) {
        let seconds = (now.saturating_sub(self.counted_from) / 1000) as i64;
        if self.on {
            self.on_seconds = seconds;
        } else {
            self.off_seconds = seconds;
        }
    }
}

static SWITCHES: PerSlot<Switch, PLACES> = PerSlot::new(Switch::NEW);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

fn created(lock: &Lock, slot: Slot) {
    SWITCHES.set(lock, slot.index(), Switch::NEW);
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
    let now = now().as_millis();
    let switched_on = SWITCHES.update(&lock, slot.index(), |switch| switch.set(state != 0, now));
    if switched_on == Some(true) {
        // As in C, observers hear of the state only.
        let counter = OBJECT.load(&lock, slot, COUNTER);
        OBJECT.store(&lock, slot, COUNTER, counter.wrapping_add(1).max(0));
    }
    0
}

unsafe extern "C" fn on_time_read(
    instance: u16,
    _: u16,
    _: u16,
    length: *mut usize,
) -> *mut c_void {
    // SAFETY: a switch is given; the registry's contract for read callbacks: `length` is writable.
    unsafe { time_read(instance, length, |switch| &raw mut (*switch).on_seconds) }
}

unsafe extern "C" fn off_time_read(
    instance: u16,
    _: u16,
    _: u16,
    length: *mut usize,
) -> *mut c_void {
    // SAFETY: a switch is given; the registry's contract for read callbacks: `length` is writable.
    unsafe { time_read(instance, length, |switch| &raw mut (*switch).off_seconds) }
}

/// Brings the times up to date and points at one of them.
///
/// # Safety
/// `length` is writable, and `time` answers with a field of the switch it is given.
unsafe fn time_read(
    instance: u16,
    length: *mut usize,
    time: impl FnOnce(*mut Switch) -> *mut i64,
) -> *mut c_void {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return null_mut();
    };
    let now = now().as_millis();
    SWITCHES.update(&lock, slot.index(), |switch| switch.count(now));
    // SAFETY: by the contract.
    unsafe { length.write(size_of::<i64>()) };
    time(SWITCHES.pointer(&lock, slot.index())).cast()
}

unsafe extern "C" fn time_written(
    instance: u16,
    _: u16,
    _: u16,
    _: *mut u8,
    _: u16,
    _: bool,
    _: usize,
    _: usize,
) -> c_int {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    SWITCHES.update(&lock, slot.index(), |switch| switch.counted_from = 0);
    0
}

#[cfg(test)]
mod tests;
