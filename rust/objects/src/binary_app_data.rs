// SPDX-License-Identifier: Apache-2.0
//! BinaryAppDataContainer, object 19: OMA-TS-LWM2M_BinaryAppDataContainer-V1_0.

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT, LWM2M_RES_TYPE_OPAQUE as OPAQUE,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_TIME as TIME, LWM2M_RES_TYPE_U8 as U8,
    LWM2M_RES_TYPE_U16 as U16,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, supplied};
use crate::object::{capacity, object};

pub(crate) const RESOURCES: [ResourceDefinition; 6] = [
    supplied(0, RW, OPAQUE).multiple_created(config::BINARYAPPDATA_DATA_INSTANCE_COUNT),
    supplied(1, RW_OPT, U8),
    supplied(2, RW_OPT, TIME),
    supplied(3, RW_OPT, STRING),
    supplied(4, RW_OPT, STRING),
    supplied(5, RW_OPT, U16),
];

object! {
    /// The BinaryAppDataContainer object.
    id: 19,
    version: (1, 0),
    core: false,
    instances: capacity(config::BINARYAPPDATA_INSTANCE_COUNT),
    resources: RESOURCES,
    created: None,
}

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

#[cfg(test)]
mod tests;
