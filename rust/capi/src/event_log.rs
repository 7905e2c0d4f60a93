// SPDX-License-Identifier: Apache-2.0
//! The Event Log object (20) for the application.

use lwm2m_objects::event_log;
use lwm2m_registry::c_types::lwm2m_engine_get_data_cb_t;

/// Sets the callback that gives the log data (20/0/4014) whenever it is read.
///
/// @param cb  The callback; NULL for none: what is in the resource's buffer is the log data.
///
/// Any thread, any callback. Nothing happens while the object has no instance.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_event_log_set_read_log_data_cb(cb: lwm2m_engine_get_data_cb_t) {
    event_log::set_read_log_data_callback(cb);
}
