// SPDX-License-Identifier: Apache-2.0
//! Lists of paths and observers for authors of objects: functions of
//! `lwm2m_observation.h`, beside those in `author.rs`.

use core::ffi::c_int;

use lwm2m_core::coap::{ConnectionId, Token};
use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{lwm2m_obj_path, lwm2m_obj_path_list, sys_slist_t};
use lwm2m_registry::path_list;

use crate::errno;
use crate::events::lwm2m_ctx;
use crate::state;

/// Empties both lists and puts the nodes at `path_object_buf` into the second one. Both lists, and
/// the nodes, belong to the caller, who keeps other threads away. Nothing happens for a NULL list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_path_list_init(
    lwm2m_path_list: *mut sys_slist_t,
    lwm2m_free_list: *mut sys_slist_t,
    path_object_buf: *mut lwm2m_obj_path_list,
    path_object_size: u8,
) {
    if lwm2m_path_list.is_null() || lwm2m_free_list.is_null() {
        return;
    }
    let count = if path_object_buf.is_null() {
        0
    } else {
        usize::from(path_object_size)
    };
    // SAFETY: not NULL, so by the function's contract writable, and as many nodes as that.
    unsafe { path_list::init(lwm2m_path_list, lwm2m_free_list, path_object_buf, count) };
}

/// Adds a path to the first list in its place, with a node of the second. A path that is there, or
/// any while the root is there, changes nothing; the root takes the place of all others. 0, or -1
/// when no node is left; -EINVAL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_add_path_to_list(
    lwm2m_path_list: *mut sys_slist_t,
    lwm2m_free_list: *mut sys_slist_t,
    path: *const lwm2m_obj_path,
) -> c_int {
    if lwm2m_path_list.is_null() || lwm2m_free_list.is_null() || path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract a readable path and two lists of live nodes.
    match unsafe { path_list::add(lwm2m_path_list, lwm2m_free_list, path) } {
        Ok(()) => 0,
        Err(path_list::NoNode) => -1,
    }
}

/// Moves what lies below another path of the first list to the second. Nothing happens for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_clear_duplicate_path(
    lwm2m_path_list: *mut sys_slist_t,
    lwm2m_free_list: *mut sys_slist_t,
) {
    if !lwm2m_path_list.is_null() && !lwm2m_free_list.is_null() {
        // SAFETY: not NULL, so by the function's contract two lists of live nodes.
        unsafe { path_list::clear_below(lwm2m_path_list, lwm2m_free_list) };
    }
}

/// Ends the observations of an instance and of what lies below it; of a whole object for -1. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn engine_remove_observer_by_id(obj_id: u16, obj_inst_id: i32) {
    let path = match u16::try_from(obj_inst_id) {
        Ok(instance) => Path::instance(obj_id, instance),
        Err(_) => Path::object(obj_id),
    };
    state::locked(|state| {
        let shared = &state.shared;
        shared.observations.cancel_below(&path, &shared.attributes);
        shared.request_wake();
    });
}

/// Ends the observation that a request with this token began. -EINVAL: NULL, no token, or one of
/// more than eight bytes; -ENOENT: there is no such observation. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_remove_observer_by_token(
    ctx: *mut lwm2m_ctx,
    token: *const u8,
    tkl: u8,
) -> c_int {
    if ctx.is_null() || token.is_null() || !(1..=8).contains(&tkl) {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable and not changed meanwhile.
    let token = Token::new(unsafe { core::slice::from_raw_parts(token, usize::from(tkl)) });
    let removed = state::locked(|state| {
        let removed = state.shared.cancel_by_token(ConnectionId::SERVER, &token);
        state.shared.request_wake();
        removed
    });
    if removed { 0 } else { -errno::ENOENT }
}
