// SPDX-License-Identifier: Apache-2.0
//! Timer, object 3340: IPSO Smart Object Guideline, Expansion Pack.

use core::ffi::{c_int, c_void};

use lwm2m_config as config;
use lwm2m_core::content::from_decimal;
use lwm2m_core::path::Path;
use lwm2m_core::time::Instant;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_X_OPT as X_OPT, LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_U8 as U8, LWM2M_RES_TYPE_U32 as U32,
};

use crate::access::{Lock, lock};
use crate::callback::errno::{EINVAL, ENOENT};
use crate::countdown::{Countdown, end_due, milliseconds};
use crate::definition::{ResourceDefinition, executable, stored, supplied};
use crate::hooks::{hooks, now};
use crate::object::{Bool, Slot, Stored, capacity, object};
use crate::state::PerSlot;

const PLACES: usize = capacity(config::IPSO_TIMER_INSTANCE_COUNT);
const INPUT_COUNTER: u16 = 5501;
const COUNTER: u16 = 5534;
const DIGITAL_STATE: u16 = 5543;
/// 5526: the timer is off; every other mode works as one-shot.
const MODE_OFF: u8 = 0;
const MODE_ONE_SHOT: u32 = 1;

pub(crate) const RESOURCES: [ResourceDefinition; 11] = [
    stored(5521, RW, FLOAT).float(5.0),
    stored(5538, R_OPT, FLOAT).on_read(remaining_read),
    stored(5525, RW_OPT, FLOAT),
    executable(5523, X_OPT, Some(trigger_executed)),
    stored(5850, RW_OPT, BOOL)
        .integer(1)
        .on_write(on_off_written),
    stored(INPUT_COUNTER, RW_OPT, U32),
    stored(5544, RW_OPT, FLOAT)
        .on_read(cumulative_read)
        .on_write(cumulative_written),
    stored(DIGITAL_STATE, R_OPT, BOOL),
    stored(COUNTER, R_OPT, U32).on_write(counter_written),
    stored(5526, RW_OPT, U8).integer(MODE_ONE_SHOT),
    supplied(5750, RW_OPT, STRING),
];

object! {
    /// The Timer object.
    id: 3340,
    version: (1, 0),
    core: false,
    instances: PLACES,
    resources: RESOURCES,
    created: Some(created),
}

const DELAY: Stored<f64> = Stored::resource(&RESOURCES, 5521);
const REMAINING: Stored<f64> = Stored::resource(&RESOURCES, 5538);
const MIN_OFF: Stored<f64> = Stored::resource(&RESOURCES, 5525);
const ON_OFF: Stored<Bool> = Stored::resource(&RESOURCES, 5850);
const INPUTS: Stored<u32> = Stored::resource(&RESOURCES, INPUT_COUNTER);
const CUMULATIVE: Stored<f64> = Stored::resource(&RESOURCES, 5544);
const TRIGGERS: Stored<u32> = Stored::resource(&RESOURCES, COUNTER);
const MODE: Stored<u8> = Stored::resource(&RESOURCES, 5526);

static TIMERS: PerSlot<Countdown, PLACES> = PerSlot::new(Countdown::IDLE);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

fn created(lock: &Lock, slot: Slot) {
    TIMERS.set(lock, slot.index(), Countdown::IDLE);
}

/// Ends the timers whose time is over. Returns when the next one will be.
pub(crate) fn service(now: Instant) -> Option<Instant> {
    end_due(&OBJECT, &TIMERS, now, |lock, instance| {
        show_state(lock, instance, false);
    })
}

fn seconds(milliseconds: u64) -> f64 {
    from_decimal(false, milliseconds, -3).unwrap_or(f64::MAX)
}

/// Sets 5543 as the application would, so that its callback hears of it.
fn show_state(lock: &Lock, instance: u16, state: bool) {
    let _ = lock.set_bool(Path::resource(OBJECT.id(), instance, DIGITAL_STATE), state);
}

/// Adds one to a counter. Not as a write, which would clear it.
fn count(lock: &Lock, slot: Slot, instance: u16, counter: Stored<u32>, id: u16) {
    OBJECT.store(
        lock,
        slot,
        counter,
        OBJECT.load(lock, slot, counter).wrapping_add(1),
    );
    lock.changed(Path::resource(OBJECT.id(), instance, id));
}

unsafe extern "C" fn trigger_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    count(&lock, slot, instance, INPUTS, INPUT_COUNTER);
    if OBJECT.load(&lock, slot, MODE) == MODE_OFF || OBJECT.load(&lock, slot, ON_OFF) == Bool(0) {
        return EINVAL;
    }
    let delay = milliseconds(OBJECT.load(&lock, slot, DELAY));
    let min_off = milliseconds(OBJECT.load(&lock, slot, MIN_OFF));
    let started = TIMERS.update(&lock, slot.index(), |timer| {
        timer.trigger(now(), delay, min_off)
    });
    if started != Some(Ok(())) {
        return EINVAL;
    }
    count(&lock, slot, instance, TRIGGERS, COUNTER);
    (hooks().wake)();
    show_state(&lock, instance, true);
    0
}

unsafe extern "C" fn on_off_written(
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
    if OBJECT.load(&lock, slot, ON_OFF) == Bool(0)
        && TIMERS.update(&lock, slot.index(), |timer| timer.stop(now())) == Some(true)
    {
        show_state(&lock, instance, false);
    }
    0
}

unsafe extern "C" fn remaining_read(
    instance: u16,
    _: u16,
    _: u16,
    length: *mut usize,
) -> *mut c_void {
    // SAFETY: the registry's contract for read callbacks: `length` is writable.
    unsafe { computed(instance, REMAINING, length, |timer| timer.remaining(now())) }
}

unsafe extern "C" fn cumulative_read(
    instance: u16,
    _: u16,
    _: u16,
    length: *mut usize,
) -> *mut c_void {
    // SAFETY: the registry's contract for read callbacks: `length` is writable.
    unsafe { computed(instance, CUMULATIVE, length, |timer| timer.ran(now())) }
}

/// Computes a duration, stores it and points at it.
///
/// # Safety
/// `length` is writable.
unsafe fn computed(
    instance: u16,
    stored: Stored<f64>,
    length: *mut usize,
    duration: impl FnOnce(&Countdown) -> u64,
) -> *mut c_void {
    let lock = lock();
    let Some((slot, timer)) = OBJECT
        .find(&lock, instance)
        .and_then(|slot| Some((slot, TIMERS.get(&lock, slot.index())?)))
    else {
        return core::ptr::null_mut();
    };
    OBJECT.store(&lock, slot, stored, seconds(duration(&timer)));
    // SAFETY: by the contract.
    unsafe { length.write(size_of::<f64>()) };
    OBJECT.place(slot, stored).cast()
}

unsafe extern "C" fn cumulative_written(
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
    TIMERS.update(&lock, slot.index(), |timer| timer.clear_total(now()));
    0
}

unsafe extern "C" fn counter_written(
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
    OBJECT.store(&lock, slot, TRIGGERS, 0);
    0
}

#[cfg(test)]
mod tests;
