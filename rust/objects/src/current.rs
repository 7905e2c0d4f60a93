// SPDX-License-Identifier: Apache-2.0
//! Current, object 3317: IPSO Smart Object Guideline, Expansion Pack, and its version 1.1.

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT, LWM2M_RES_TYPE_FLOAT as FLOAT,
};

use crate::definition::{stored, string};
use crate::measured::sensor;

sensor! {
    /// The Current object.
    Current: 3317,
    instances: config::IPSO_CURRENT_SENSOR_INSTANCE_COUNT,
    own: [
        stored(5821, R_OPT, FLOAT).float(1.0),
        string(5750, RW_OPT, 32),
    ],
    version_1_1: config::IPSO_CURRENT_SENSOR_VERSION_1_1,
    own_1_1: [],
}
