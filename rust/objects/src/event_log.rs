// SPDX-License-Identifier: Apache-2.0
//! Event Log, object 20: OMA-TS-LWM2M_EventLog-V1_0. The log itself is the application's.

use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_X_OPT as X_OPT, LWM2M_RES_TYPE_OPAQUE as OPAQUE, LWM2M_RES_TYPE_U8 as U8,
    lwm2m_engine_get_data_cb_t,
};
use lwm2m_registry::{CreateError, c_path};

use crate::access::lock;
use crate::definition::{ResourceDefinition, executable, supplied};
use crate::object::object;

const LOG_DATA: u16 = 4014;

pub(crate) const RESOURCES: [ResourceDefinition; 6] = [
    supplied(4010, RW_OPT, U8),
    executable(4011, X_OPT, None),
    executable(4012, X_OPT, None),
    supplied(4013, R_OPT, U8),
    supplied(LOG_DATA, R, OPAQUE),
    supplied(4015, RW_OPT, U8),
];

object! {
    /// The Event Log object.
    id: 20,
    version: (1, 0),
    core: false,
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

/// Registers the callback that gives the log data, 20/0/4014,
/// `lwm2m_event_log_set_read_log_data_cb`, which Zephyr declares and does not define; none: what is
/// in the buffer is the log data. Ignored while there is no such instance.
pub fn set_read_log_data_callback(callback: lwm2m_engine_get_data_cb_t) {
    let path = c_path(Path::resource(OBJECT.id(), 0, LOG_DATA));
    // SAFETY: the application's callback, which its type says how to call. Nobody to tell when
    // there is no such instance.
    let _ = unsafe { lock().register_read_callback(&path, callback) };
}

#[cfg(test)]
mod tests;
