// SPDX-License-Identifier: Apache-2.0
//! The Server object (1) for authors of objects: functions of `lwm2m_obj_server.h`.

use core::ffi::c_int;

use lwm2m_core::time::Instant;
use lwm2m_objects::server::{self, Availability};
use lwm2m_runtime::Platform;

use crate::errno;
use crate::kernel_time::{k_timeout_t, k_timepoint_t};
use crate::platform::LinkedPlatform;
use crate::state;

/// Seconds as C holds them; what is beyond its range is its largest.
fn seconds(period: u32) -> i32 {
    i32::try_from(period).unwrap_or(i32::MAX)
}

/// The default Minimum Period of a server in seconds; the configured one when there is no such
/// instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_get_pmin(obj_inst_id: u16) -> i32 {
    seconds(server::minimum_period(obj_inst_id))
}

/// The default Maximum Period of a server in seconds, 0 for none; the configured one when there is
/// no such instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_get_pmax(obj_inst_id: u16) -> i32 {
    seconds(server::maximum_period(obj_inst_id))
}

/// The Short Server ID of an instance; -ENOENT when there is no such instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_get_ssid(obj_inst_id: u16) -> c_int {
    server::short_id(obj_inst_id).map_or(-errno::ENOENT, c_int::from)
}

/// The instance with this Short Server ID; -ENOENT when there is none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_short_id_to_inst(short_id: u16) -> c_int {
    server::instance_of(short_id).map_or(-errno::ENOENT, c_int::from)
}

/// Whether a server is there and not disabled now. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_is_enabled(obj_inst_id: u16) -> bool {
    server::is_enabled(obj_inst_id)
}

/// The enabled server of the smallest Registration Priority Order, in `*obj_inst_id` unless that
/// is NULL; false when there is none. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_server_select(obj_inst_id: *mut u16) -> bool {
    let selected = server::select();
    if let Some(instance) = selected {
        // SAFETY: by the function's contract, NULL or writable.
        unsafe { crate::resources::give(obj_inst_id, instance) };
    }
    selected.is_some()
}

/// Disables a server for that long; K_NO_WAIT enables it. -ENOENT when there is no such instance.
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_disable(obj_inst_id: u16, timeout: k_timeout_t) -> c_int {
    let availability = match timeout.end(LinkedPlatform.now()) {
        None => Availability::Disabled,
        Some(until) if until <= LinkedPlatform.now() => Availability::Enabled,
        Some(until) => Availability::DisabledUntil(until),
    };
    if server::set_availability(obj_inst_id, availability) {
        wake_who_waits();
        0
    } else {
        -errno::ENOENT
    }
}

/// When a server is enabled again; never for one that is not there. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_get_disabled_time(obj_inst_id: u16) -> k_timepoint_t {
    match server::availability(obj_inst_id) {
        Availability::Enabled => k_timepoint_t::at(Instant::from_millis(0)),
        Availability::DisabledUntil(until) => k_timepoint_t::at(until),
        Availability::Disabled => k_timepoint_t::NEVER,
    }
}

/// The Registration Priority Order of a server, smaller first; 255 when there is no such instance.
/// In LwM2M 1.0 it follows from the instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_get_prio(obj_inst_id: u16) -> u8 {
    server::priority(obj_inst_id)
}

/// Enables all servers. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_reset_timestamps() {
    server::enable_all();
    wake_who_waits();
}

/// A client that no server may be registered with looks again.
fn wake_who_waits() {
    state::locked(|state| state.shared.request_wake());
}

/// Whether Send is muted for a server. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_server_get_mute_send(obj_inst_id: u16) -> bool {
    server::send_is_muted(obj_inst_id)
}
