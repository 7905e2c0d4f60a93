// SPDX-License-Identifier: Apache-2.0
//! Generic Sensor, object 3300: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1.

use lwm2m_config as config;
use lwm2m_registry::c_types::{LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT};

use crate::definition::string;
use crate::measured::sensor;

sensor! {
    /// The Generic Sensor object.
    GenericSensor: 3300,
    instances: config::IPSO_GENERIC_SENSOR_INSTANCE_COUNT,
    own: [
        string(5750, RW_OPT, 32),
        // The type is there, and as in C nobody says how long it is: it reads as empty.
        string(5751, R_OPT, 32)
            .text(config::IPSO_GENERIC_SENSOR_TYPE)
            .with_length(0),
    ],
    version_1_1: config::IPSO_GENERIC_SENSOR_VERSION_1_1,
    own_1_1: [],
}
