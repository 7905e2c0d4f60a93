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

/// Defines an object whose instances measure something: the rows such objects share, between them
/// the object's own. Version 1.0 ends with those.
macro_rules! sensor {
    (
        $(#[$doc:meta])*
        $name:ident: $id:expr,
        instances: $instances:expr,
        own: [$($own:expr),* $(,)?],
        version_1_1: $version_1_1:expr,
        own_1_1: [$($own_1_1:expr),* $(,)?] $(,)?
    ) => {
        const OWN: usize = <[&str]>::len(&[$(stringify!($own)),*]);
        const OWN_1_1: usize = <[&str]>::len(&[$(stringify!($own_1_1)),*]);
        pub(crate) const RESOURCES: [$crate::definition::ResourceDefinition; 11 + OWN + OWN_1_1] = {
            use lwm2m_registry::c_types as c;
            use $crate::{definition as row, measured as sensor};
            [
                row::stored(sensor::SENSOR_VALUE, c::LWM2M_PERM_R, c::LWM2M_RES_TYPE_FLOAT)
                    .on_write(sensor::value_written::<$name>),
                row::string(5701, c::LWM2M_PERM_R_OPT, 8),
                row::stored(sensor::MIN_MEASURED_VALUE, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_FLOAT)
                    .float(sensor::NOTHING_MEASURED),
                row::stored(sensor::MAX_MEASURED_VALUE, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_FLOAT)
                    .float(-sensor::NOTHING_MEASURED),
                row::stored(5603, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_FLOAT),
                row::stored(5604, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_FLOAT),
                row::executable(5605, c::LWM2M_PERM_X_OPT, Some(sensor::reset_executed::<$name>)),
                $($own,)*
                $($own_1_1,)*
                row::supplied(5518, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_TIME),
                row::supplied(6050, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_FLOAT),
                row::supplied(6042, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_U8),
                row::supplied(6049, c::LWM2M_PERM_R_OPT, c::LWM2M_RES_TYPE_U8),
            ]
        };
        $crate::object::object! {
            $(#[$doc])*
            id: $id,
            version: (1, $version_1_1 as u8),
            core: false,
            instances: $crate::object::capacity($instances),
            resources: $crate::definition::first::<{ if $version_1_1 { RESOURCES.len() } else { 7 + OWN } }>(&RESOURCES),
            created: None,
        }

        struct $name;

        impl $crate::measured::Sensor for $name {
            const MIN: $crate::object::Stored<f64> =
                $crate::object::Stored::resource(&RESOURCES, $crate::measured::MIN_MEASURED_VALUE);
            const MAX: $crate::object::Stored<f64> =
                $crate::object::Stored::resource(&RESOURCES, $crate::measured::MAX_MEASURED_VALUE);

            fn object() -> &'static $crate::object::Object {
                &OBJECT
            }
        }

        /// Registers the object.
        pub fn init() {
            $crate::access::lock().register_built_in(&OBJECT);
        }
    };
}
pub(crate) use sensor;

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
    if below(value, smallest) {
        remember(&lock, object, instance, MIN_MEASURED_VALUE, min, value);
    }
    if below(largest, value) {
        remember(&lock, object, instance, MAX_MEASURED_VALUE, max, value);
    }
}

/// Whether `a < b`, by their bits: without an FPU the compiler's comparison is larger.
fn below(a: f64, b: f64) -> bool {
    let is_nan = |value: f64| value.to_bits() << 1 > f64::INFINITY.to_bits() << 1;
    a.total_cmp(&b).is_lt() && !is_nan(a) && !is_nan(b)
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
