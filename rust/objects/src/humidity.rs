// SPDX-License-Identifier: Apache-2.0
//! Humidity, object 3304: IPSO Smart Object Guideline, Starter Pack 1.0, and its version 1.1.

use lwm2m_config as config;
use lwm2m_registry::c_types::{LWM2M_PERM_RW_OPT as RW_OPT, LWM2M_RES_TYPE_STRING as STRING};

use crate::definition::supplied;
use crate::measured::sensor;

sensor! {
    /// The Humidity object.
    Humidity: 3304,
    instances: config::IPSO_HUMIDITY_SENSOR_INSTANCE_COUNT,
    own: [],
    version_1_1: config::IPSO_HUMIDITY_SENSOR_VERSION_1_1,
    own_1_1: [
        supplied(5750, RW_OPT, STRING),
    ],
}
