// SPDX-License-Identifier: Apache-2.0
//! Pressure, object 3323: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1.

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_X_OPT as X_OPT, LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_STRING as STRING,
    LWM2M_RES_TYPE_TIME as TIME, LWM2M_RES_TYPE_U8 as U8,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, executable, first, stored, string, supplied};
use crate::measured::{
    MAX_MEASURED_VALUE, MIN_MEASURED_VALUE, NOTHING_MEASURED, SENSOR_VALUE, Sensor, reset_executed,
    value_written,
};
use crate::object::{Object, Stored, capacity, object};

const V1_1: bool = config::IPSO_PRESSURE_SENSOR_VERSION_1_1;

pub(crate) const RESOURCES: [ResourceDefinition; 13] = [
    stored(SENSOR_VALUE, R, FLOAT).on_write(value_written::<Pressure>),
    string(5701, R_OPT, 8),
    stored(MIN_MEASURED_VALUE, R_OPT, FLOAT).float(NOTHING_MEASURED),
    stored(MAX_MEASURED_VALUE, R_OPT, FLOAT).float(-NOTHING_MEASURED),
    stored(5603, R_OPT, FLOAT),
    stored(5604, R_OPT, FLOAT),
    executable(5605, X_OPT, Some(reset_executed::<Pressure>)),
    supplied(5821, R_OPT, FLOAT),
    supplied(5750, RW_OPT, STRING),
    // Version 1.1
    supplied(5518, R_OPT, TIME),
    supplied(6050, R_OPT, FLOAT),
    supplied(6042, R_OPT, U8),
    supplied(6049, R_OPT, U8),
];

object! {
    /// The Pressure object.
    id: 3323,
    version: (1, V1_1 as u8),
    core: false,
    instances: capacity(config::IPSO_PRESSURE_SENSOR_INSTANCE_COUNT),
    resources: first::<{ if V1_1 { 13 } else { 9 } }>(&RESOURCES),
    created: None,
}

struct Pressure;

impl Sensor for Pressure {
    const MIN: Stored<f64> = Stored::resource(&RESOURCES, MIN_MEASURED_VALUE);
    const MAX: Stored<f64> = Stored::resource(&RESOURCES, MAX_MEASURED_VALUE);

    fn object() -> &'static Object {
        &OBJECT
    }
}

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}
