// SPDX-License-Identifier: Apache-2.0
//! Location, object 6: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.7.

use lwm2m_registry::CreateError;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_RES_TYPE_FLOAT as FLOAT,
    LWM2M_RES_TYPE_OPAQUE as OPAQUE, LWM2M_RES_TYPE_TIME as TIME,
};

use crate::access::lock;
use crate::definition::{ResourceDefinition, stored, supplied};
use crate::object::object;

pub(crate) const RESOURCES: [ResourceDefinition; 7] = [
    stored(0, R, FLOAT),
    stored(1, R, FLOAT),
    supplied(2, R_OPT, FLOAT),
    supplied(3, R_OPT, FLOAT),
    supplied(4, R_OPT, OPAQUE),
    stored(5, R, TIME),
    supplied(6, R_OPT, FLOAT),
];

object! {
    /// The Location object.
    id: 6,
    version: (1, 0),
    core: true,
    instances: 1,
    resources: RESOURCES,
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
