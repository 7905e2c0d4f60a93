// SPDX-License-Identifier: Apache-2.0
//! Battery, object 3411: uCIFI data model, version 1.0.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_X_OPT as X_OPT, LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_FLOAT as FLOAT,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_U8 as U8, LWM2M_RES_TYPE_U32 as U32,
};

use crate::access::lock;
use crate::callback::errno::ENOENT;
use crate::definition::{ResourceDefinition, executable, stored, supplied};
use crate::object::{Stored, capacity, object};

const SUPPLY_LOSS_COUNTER: u16 = 10;

pub(crate) const RESOURCES: [ResourceDefinition; 12] = [
    stored(1, R, U8),
    supplied(2, R_OPT, FLOAT),
    supplied(3, R_OPT, FLOAT),
    supplied(4, RW_OPT, STRING),
    supplied(5, RW_OPT, U8),
    supplied(6, R_OPT, BOOL),
    supplied(7, RW_OPT, BOOL),
    supplied(8, R_OPT, U32),
    supplied(9, R_OPT, BOOL),
    stored(SUPPLY_LOSS_COUNTER, R_OPT, U32),
    executable(11, X_OPT, Some(reset_counter_executed)),
    supplied(12, R_OPT, STRING),
];

object! {
    /// The Battery object.
    id: 3411,
    version: (1, 0),
    core: false,
    instances: capacity(config::UCIFI_BATTERY_INSTANCE_COUNT),
    resources: RESOURCES,
    created: None,
}

const SUPPLY_LOSSES: Stored<u32> = Stored::resource(&RESOURCES, SUPPLY_LOSS_COUNTER);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

unsafe extern "C" fn reset_counter_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    OBJECT.store(&lock, slot, SUPPLY_LOSSES, 0);
    lock.changed(Path::resource(OBJECT.id(), instance, SUPPLY_LOSS_COUNTER));
    0
}

#[cfg(test)]
mod tests;
