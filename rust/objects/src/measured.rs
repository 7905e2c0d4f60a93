// SPDX-License-Identifier: Apache-2.0
//! What the IPSO sensors have in common: they remember the smallest and the largest value they were
//! given (5601, 5602) until told to forget (5605).

use core::ffi::c_int;

use lwm2m_core::path::Path;

use crate::access::{Lock, lock};
use crate::callback::errno::ENOENT;
use crate::callback::value;
use crate::object::{Object, Stored};

pub(crate) const MIN_MEASURED_VALUE: u16 = 5601;
pub(crate) const MAX_MEASURED_VALUE: u16 = 5602;
pub(crate) const SENSOR_VALUE: u16 = 5700;

/// What a sensor that measured nothing reports as its smallest value; negated as its largest.
pub(crate) const NOTHING_MEASURED: f64 = i32::MAX as f64;

/// An object whose instances measure something.
pub(crate) trait Sensor {
    /// Where 5601 is.
    const MIN: Stored<f64>;
    /// Where 5602 is.
    const MAX: Stored<f64>;

    /// The object.
    fn object() -> &'static Object;
}

/// Write callback of 5700.
pub(crate) unsafe extern "C" fn value_written<S: Sensor>(
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
    if let Some(bytes) = unsafe { value(data, length) } {
        measured(
            S::object(),
            S::MIN,
            S::MAX,
            instance,
            f64::from_ne_bytes(bytes),
        );
    }
    0
}

/// Execute callback of 5605.
pub(crate) unsafe extern "C" fn reset_executed<S: Sensor>(
    instance: u16,
    _: *mut u8,
    _: u16,
) -> c_int {
    reset(S::object(), S::MIN, S::MAX, instance)
}

fn measured(object: &Object, min: Stored<f64>, max: Stored<f64>, instance: u16, value: f64) {
    let lock = lock();
    let Some(slot) = object.find(&lock, instance) else {
        return;
    };
    let (smallest, largest) = (object.load(&lock, slot, min), object.load(&lock, slot, max));
    if value < smallest {
        remember(&lock, object, instance, MIN_MEASURED_VALUE, min, value);
    }
    if value > largest {
        remember(&lock, object, instance, MAX_MEASURED_VALUE, max, value);
    }
}

fn reset(object: &Object, min: Stored<f64>, max: Stored<f64>, instance: u16) -> c_int {
    let lock = lock();
    let Some(value) = lock.get_f64(Path::resource(object.id(), instance, SENSOR_VALUE)) else {
        return ENOENT;
    };
    for (id, stored) in [(MIN_MEASURED_VALUE, min), (MAX_MEASURED_VALUE, max)] {
        remember(&lock, object, instance, id, stored, value);
        // Even if it was that value before: the server asked for it.
        lock.changed(Path::resource(object.id(), instance, id));
    }
    0
}

/// Sets an extreme value where the application keeps it, and here, to compare with, in case that is
/// not the same place. The setting calls the application, so the place is looked up after it.
fn remember(lock: &Lock, object: &Object, instance: u16, id: u16, stored: Stored<f64>, value: f64) {
    // Memory the application made read-only stays as it is.
    let _ = lock.set_f64(Path::resource(object.id(), instance, id), value);
    if let Some(slot) = object.find(lock, instance) {
        object.store(lock, slot, stored, value);
    }
}

#[cfg(test)]
mod tests;
