// SPDX-License-Identifier: Apache-2.0
//! Pressure, object 3323: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1.

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT, LWM2M_RES_TYPE_FLOAT as FLOAT,
    LWM2M_RES_TYPE_STRING as STRING,
};

use crate::definition::supplied;
use crate::measured::sensor;

sensor! {
    /// The Pressure object.
    Pressure: 3323,
    instances: config::IPSO_PRESSURE_SENSOR_INSTANCE_COUNT,
    own: [
        supplied(5821, R_OPT, FLOAT),
        supplied(5750, RW_OPT, STRING),
    ],
    version_1_1: config::IPSO_PRESSURE_SENSOR_VERSION_1_1,
    own_1_1: [],
}
