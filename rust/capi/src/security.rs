// SPDX-License-Identifier: Apache-2.0
//! The Security object (0) for authors of objects: functions of `lwm2m_engine.h`.

use core::ffi::c_int;

use lwm2m_objects::security;

use crate::errno;

/// The place of a Security instance among those there is room for; -ENOENT when there is no such
/// instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_security_inst_id_to_index(obj_inst_id: u16) -> c_int {
    security::index_of(obj_inst_id)
        .and_then(|index| c_int::try_from(index).ok())
        .unwrap_or(-errno::ENOENT)
}

/// The id of the Security instance at a place; -EINVAL: there is no such place, -ENOENT: there is
/// no instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_security_index_to_inst_id(index: c_int) -> c_int {
    match usize::try_from(index) {
        Ok(index) if index < security::places() => {
            security::instance_at(index).map_or(-errno::ENOENT, c_int::from)
        }
        _ => -errno::EINVAL,
    }
}

/// The Security instance for the server with this Short Server ID; -ENOENT when there is none. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_security_short_id_to_inst(short_id: u16) -> c_int {
    security::instance_of_server(short_id).map_or(-errno::ENOENT, c_int::from)
}
