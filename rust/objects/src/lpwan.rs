// SPDX-License-Identifier: Apache-2.0
//! LPWAN Communication, object 3412: uCIFI data model, version 1.0.

use lwm2m_config as config;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT, LWM2M_RES_TYPE_S32 as S32,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_TIME as TIME,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, string, supplied};
use crate::object::{capacity, object};

pub(crate) const RESOURCES: [ResourceDefinition; 24] = [
    supplied(1, R_OPT, STRING),
    supplied(2, RW_OPT, STRING).multiple(config::UCIFI_LPWAN_IPV4_ADDRESS_MAX),
    supplied(3, RW_OPT, STRING).multiple(config::UCIFI_LPWAN_IPV6_ADDRESS_MAX),
    supplied(4, RW_OPT, STRING).multiple(config::UCIFI_LPWAN_NETWORK_ADDRESS_MAX),
    supplied(5, RW_OPT, STRING).multiple(config::UCIFI_LPWAN_SECONDARY_NETWORK_ADDRESS_MAX),
    // 16 hexadecimal digits.
    string(6, RW, 17),
    supplied(7, R_OPT, STRING).multiple(config::UCIFI_LPWAN_PEER_ADDRESS_MAX),
    supplied(8, RW_OPT, STRING).multiple(config::UCIFI_LPWAN_MULTICAST_GRP_ADDRESS_MAX),
    supplied(9, RW_OPT, STRING).multiple(config::UCIFI_LPWAN_MULTICAST_GRP_KEY_MAX),
    supplied(10, RW_OPT, S32),
    supplied(11, R_OPT, FLOAT),
    supplied(12, RW_OPT, FLOAT),
    supplied(13, RW_OPT, TIME),
    supplied(14, R_OPT, TIME),
    supplied(15, RW_OPT, BOOL),
    supplied(16, RW_OPT, S32),
    supplied(17, R_OPT, S32),
    supplied(18, R_OPT, FLOAT),
    supplied(19, R_OPT, BOOL),
    supplied(20, R_OPT, FLOAT),
    supplied(21, R_OPT, STRING),
    supplied(22, R_OPT, STRING),
    supplied(23, R_OPT, STRING),
    supplied(24, R_OPT, STRING),
];

object! {
    /// The LPWAN Communication object.
    id: 3412,
    version: (1, 0),
    core: false,
    instances: capacity(config::UCIFI_LPWAN_INSTANCE_COUNT),
    resources: RESOURCES,
    created: None,
}

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}
