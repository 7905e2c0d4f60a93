// SPDX-License-Identifier: Apache-2.0
//! Fill Level Sensor, object 3435: OMA registry, version 1.0. It compares the fill percentage with
//! two thresholds.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_X_OPT as X_OPT, LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT,
    LWM2M_RES_TYPE_TIME as TIME, LWM2M_RES_TYPE_U32 as U32,
};

use crate::access::{Lock, lock};
use crate::callback::errno::ENOENT;
use crate::definition::{ResourceDefinition, executable, stored};
use crate::object::{Stored, capacity, object};

const FILL_PERCENTAGE: u16 = 2;
const HIGH_THRESHOLD: u16 = 4;
const FULL: u16 = 5;
const LOW_THRESHOLD: u16 = 6;
const EMPTY: u16 = 7;

pub(crate) const RESOURCES: [ResourceDefinition; 13] = [
    stored(1, RW, U32).on_write(level_written),
    stored(FILL_PERCENTAGE, R_OPT, FLOAT).on_write(level_written),
    stored(3, R_OPT, U32),
    stored(HIGH_THRESHOLD, RW_OPT, FLOAT).on_write(level_written),
    stored(FULL, R, BOOL),
    stored(LOW_THRESHOLD, RW_OPT, FLOAT).on_write(level_written),
    stored(EMPTY, R, BOOL),
    stored(8, R_OPT, FLOAT),
    executable(9, X_OPT, Some(reset_average_executed)),
    stored(10, R_OPT, TIME),
    stored(11, R_OPT, TIME),
    stored(12, R_OPT, BOOL),
    stored(13, R_OPT, BOOL),
];

object! {
    /// The Fill Level Sensor object.
    id: 3435,
    version: (1, 0),
    core: false,
    instances: capacity(config::IPSO_FILLING_SENSOR_INSTANCE_COUNT),
    resources: RESOURCES,
    created: None,
}

const AVERAGE_FILL_SPEED: Stored<f64> = Stored::resource(&RESOURCES, 8);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

unsafe extern "C" fn level_written(
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
    compare(&lock, instance, FULL, HIGH_THRESHOLD, |level, threshold| {
        level > threshold
    });
    compare(&lock, instance, EMPTY, LOW_THRESHOLD, |level, threshold| {
        level < threshold
    });
    0
}

/// Sets the boolean resource `outcome` as the application would, if it changes. What the
/// application keeps in memory of its own is read and written there.
fn compare(lock: &Lock, instance: u16, outcome: u16, threshold: u16, beyond: fn(f64, f64) -> bool) {
    let path = |resource| Path::resource(OBJECT.id(), instance, resource);
    let level = lock.get_f64(path(FILL_PERCENTAGE));
    let threshold = lock.get_f64(path(threshold));
    let (Some(level), Some(threshold)) = (level, threshold) else {
        return;
    };
    let beyond = beyond(level, threshold);
    if lock.get_bool(path(outcome)) != Some(beyond) {
        let _ = lock.set_bool(path(outcome), beyond);
    }
}

unsafe extern "C" fn reset_average_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    // As in C, observers do not hear of it.
    OBJECT.store(&lock, slot, AVERAGE_FILL_SPEED, 0.0);
    0
}

#[cfg(test)]
mod tests;
