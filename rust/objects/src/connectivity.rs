// SPDX-License-Identifier: Apache-2.0
//! Connectivity Monitoring, object 4: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.5, and the
//! versions 1.2 and 1.3 of the OMA registry.

use lwm2m_config as config;
use lwm2m_registry::CreateError;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_RES_TYPE_S16 as S16,
    LWM2M_RES_TYPE_S32 as S32, LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_U8 as U8,
    LWM2M_RES_TYPE_U16 as U16, LWM2M_RES_TYPE_U32 as U32,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, beginning, stored, supplied};
use crate::object::object;

const VERSION: (u8, u8, usize) = if config::CONNMON_OBJECT_VERSION_1_3 {
    (1, 3, 14)
} else if config::CONNMON_OBJECT_VERSION_1_2 {
    (1, 2, 13)
} else {
    (1, 0, 11)
};

/// The network bearer to begin with: Ethernet.
const ETHERNET: u32 = 42;

/// One address for each that the network interfaces can have.
pub(crate) const ADDRESSES: u32 =
    at_least_one(config::outside::NET_IF_MAX_IPV6_COUNT + config::outside::NET_IF_MAX_IPV4_COUNT);
/// One address for each router.
pub(crate) const ROUTERS: u32 = at_least_one(config::outside::NET_MAX_ROUTERS);

/// A symbol that the network does not have counts as 0.
const fn at_least_one(count: u32) -> u32 {
    if count == 0 { 1 } else { count }
}

pub(crate) const RESOURCES: [ResourceDefinition; 14] = [
    stored(0, R, U8).integer(ETHERNET),
    supplied(1, R, U8).multiple(config::CONN_MON_BEARER_MAX),
    stored(2, R, S16),
    stored(3, R, S16),
    supplied(4, R, STRING).multiple(ADDRESSES),
    supplied(5, R_OPT, STRING).multiple(ROUTERS),
    // Never there in C, although it is declared.
    stored(6, R_OPT, U8),
    supplied(7, R_OPT, STRING).multiple(config::CONN_MON_APN_MAX),
    stored(8, R_OPT, U32),
    stored(9, R_OPT, U16),
    stored(10, R_OPT, U16),
    // Version 1.2
    stored(11, R_OPT, S32),
    stored(12, R_OPT, U16),
    // Version 1.3
    stored(13, R_OPT, U8),
];

object! {
    /// The Connectivity Monitoring object.
    id: 4,
    version: (VERSION.0, VERSION.1),
    core: true,
    instances: 1,
    resources: beginning::<{ VERSION.2 }>(&RESOURCES),
    created: None,
}

/// Registers the object and creates its instance.
///
/// # Errors
/// The instance could not be created.
pub fn init() -> Result<(), CreateError> {
    let lock = lock();
    lock.register_built_in(&OBJECT);
    lock.create_built_in(&OBJECT, 0)
}

#[cfg(test)]
mod tests;
