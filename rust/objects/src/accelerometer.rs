// SPDX-License-Identifier: Apache-2.0
//! Accelerometer, object 3313: IPSO Smart Object Guideline, Starter Pack 1.0, and its version 1.1.

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_TIME as TIME,
    LWM2M_RES_TYPE_U8 as U8,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, first, stored, supplied};
use crate::object::{capacity, object};

const V1_1: bool = config::IPSO_ACCELEROMETER_VERSION_1_1;

pub(crate) const RESOURCES: [ResourceDefinition; 11] = [
    stored(5702, R, FLOAT),
    supplied(5703, R_OPT, FLOAT),
    supplied(5704, R_OPT, FLOAT),
    supplied(5701, R_OPT, STRING),
    supplied(5603, R_OPT, FLOAT),
    supplied(5604, R_OPT, FLOAT),
    // Version 1.1
    supplied(5750, RW_OPT, STRING),
    supplied(5518, R_OPT, TIME),
    supplied(6050, R_OPT, FLOAT),
    supplied(6042, R_OPT, U8),
    supplied(6049, R_OPT, U8),
];

object! {
    /// The Accelerometer object.
    id: 3313,
    version: (1, V1_1 as u8),
    core: false,
    instances: capacity(config::IPSO_ACCELEROMETER_INSTANCE_COUNT),
    resources: first::<{ if V1_1 { 11 } else { 6 } }>(&RESOURCES),
    created: None,
}

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}
