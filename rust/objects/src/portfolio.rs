// SPDX-License-Identifier: Apache-2.0
//! Portfolio, object 16: OMA-TS-LWM2M_Portfolio-V1_0.

use lwm2m_registry::c_types::{
    LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_X as X,
    LWM2M_RES_TYPE_OPAQUE as OPAQUE, LWM2M_RES_TYPE_U8 as U8,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, executable, string, supplied};
use crate::object::object;

pub(crate) const RESOURCES: [ResourceDefinition; 4] = [
    // Host device ID, manufacturer, model and software version.
    string(0, RW, 40).multiple(4),
    executable(1, X, None),
    supplied(2, R_OPT, OPAQUE).multiple(4),
    supplied(3, R_OPT, U8),
];

object! {
    /// The Portfolio object.
    id: 16,
    version: (1, 0),
    core: false,
    instances: 2,
    resources: RESOURCES,
    created: None,
}

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

#[cfg(test)]
mod tests;
