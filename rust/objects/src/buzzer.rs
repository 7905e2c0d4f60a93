// SPDX-License-Identifier: Apache-2.0
//! Buzzer, object 3338: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1. Written
//! on, it sounds for the delay duration, unless it is written off before.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_core::time::Instant;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_STRING as STRING,
    LWM2M_RES_TYPE_TIME as TIME,
};

use crate::access::{Lock, lock};
use crate::callback::errno::{EINVAL, ENOENT};
use crate::countdown::{Countdown, end_due, milliseconds};
use crate::definition::{ResourceDefinition, first, stored, supplied};
use crate::hooks::{hooks, now};
use crate::object::{Bool, Slot, Stored, capacity, object};
use crate::state::PerSlot;

const V1_1: bool = config::IPSO_BUZZER_VERSION_1_1;
const PLACES: usize = capacity(config::IPSO_BUZZER_INSTANCE_COUNT);
/// Whether it sounds. Not of the specification: applications listen to it.
const DIGITAL_INPUT_STATE: u16 = 5500;

pub(crate) const RESOURCES: [ResourceDefinition; 8] = [
    stored(5850, RW, BOOL).on_write(on_off_written),
    stored(5548, RW_OPT, FLOAT).float(50.0),
    stored(5521, RW_OPT, FLOAT).float(1.0),
    stored(5525, RW, FLOAT),
    supplied(5750, RW_OPT, STRING),
    stored(DIGITAL_INPUT_STATE, R, BOOL),
    // Version 1.1
    supplied(5518, R_OPT, TIME),
    supplied(6050, R_OPT, FLOAT),
];

object! {
    /// The Buzzer object.
    id: 3338,
    version: (1, V1_1 as u8),
    core: false,
    instances: PLACES,
    resources: first::<{ if V1_1 { 8 } else { 6 } }>(&RESOURCES),
    created: Some(created),
}

const ON_OFF: Stored<Bool> = Stored::resource(&RESOURCES, 5850);
const DELAY: Stored<f64> = Stored::resource(&RESOURCES, 5521);
const MIN_OFF: Stored<f64> = Stored::resource(&RESOURCES, 5525);
const SOUNDS: Stored<Bool> = Stored::resource(&RESOURCES, DIGITAL_INPUT_STATE);

static BUZZERS: PerSlot<Countdown, PLACES> = PerSlot::new(Countdown::IDLE);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

fn created(lock: &Lock, slot: Slot) {
    BUZZERS.set(lock, slot.index(), Countdown::IDLE);
}

/// Silences the buzzers whose time is over. Returns when the next one will be.
pub(crate) fn service(now: Instant) -> Option<Instant> {
    end_due(&OBJECT, &BUZZERS, now, |lock, instance| {
        show_state(lock, instance, false);
    })
}

/// Sets 5500 as the application would, so that its callback hears of it.
fn show_state(lock: &Lock, instance: u16, sounds: bool) {
    let path = Path::resource(OBJECT.id(), instance, DIGITAL_INPUT_STATE);
    let _ = lock.set_bool(path, sounds);
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
    let on = OBJECT.load(&lock, slot, ON_OFF) != Bool(0);
    let sounds = OBJECT.load(&lock, slot, SOUNDS) != Bool(0);
    match (on, sounds) {
        (true, false) => start(&lock, slot, instance),
        (false, true) => {
            BUZZERS.update(&lock, slot.index(), |buzzer| buzzer.stop(now()));
            show_state(&lock, instance, false);
            0
        }
        (true, true) | (false, false) => 0,
    }
}

fn start(lock: &Lock, slot: Slot, instance: u16) -> c_int {
    let delay = milliseconds(OBJECT.load(lock, slot, DELAY));
    let min_off = milliseconds(OBJECT.load(lock, slot, MIN_OFF));
    let started = BUZZERS.update(lock, slot.index(), |buzzer| {
        // The application may have silenced it itself.
        buzzer.stop(now());
        buzzer.trigger(now(), delay, min_off)
    });
    if started != Some(Ok(())) {
        return EINVAL;
    }
    (hooks().wake)();
    show_state(lock, instance, true);
    0
}

#[cfg(test)]
mod tests;
