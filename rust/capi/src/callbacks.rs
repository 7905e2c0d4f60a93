// SPDX-License-Identifier: Apache-2.0
//! Registering callbacks of resources and objects.
//!
//! Callbacks run with the registry locked, and may call any function of this library.

use core::ffi::c_int;

use lwm2m_registry::CallbackError;
use lwm2m_registry::c_types::{
    lwm2m_engine_execute_cb_t, lwm2m_engine_get_data_cb_t, lwm2m_engine_set_data_cb_t,
    lwm2m_engine_user_cb_t, lwm2m_obj_path,
};

use crate::errno::{self, Errno};
use crate::state;

impl Errno for CallbackError {
    fn errno(self) -> c_int {
        match self {
            CallbackError::Lookup(error) => error.errno(),
            CallbackError::NotSupported => -errno::ENOTSUP,
        }
    }
}

/// Registers the callback that gives the value, or its buffer, whenever the resource is read.
///
/// @param path  The resource.
/// @param cb    The callback; NULL for none.
///
/// @return 0; -EINVAL when the path is NULL or has fewer than three numbers; -ENOENT when there is
///         no such resource.
///
/// Any thread, any callback. The callback runs with the registry locked, in the library's thread
/// or in one that reads or writes the resource.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_read_callback(
    path: *const lwm2m_obj_path,
    cb: lwm2m_engine_get_data_cb_t,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_read_callback(&path, cb) }
    }))
}

/// Registers the callback that gives the buffer whenever the resource is to be written, see lwm2m_register_read_callback().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_pre_write_callback(
    path: *const lwm2m_obj_path,
    cb: lwm2m_engine_get_data_cb_t,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_pre_write_callback(&path, cb) }
    }))
}

/// Registers the callback that judges a value before it is stored: a negative number refuses
/// it, see
/// lwm2m_register_read_callback(). -ENOTSUP when CONFIG_LWM2M_ENGINE_VALIDATION_BUFFER_SIZE is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_validate_callback(
    path: *const lwm2m_obj_path,
    cb: lwm2m_engine_set_data_cb_t,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_validate_callback(&path, cb) }
    }))
}

/// Registers the callback that hears of each value that was stored; a negative number is
/// reported to whoever wrote it, see
/// lwm2m_register_read_callback().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_post_write_callback(
    path: *const lwm2m_obj_path,
    cb: lwm2m_engine_set_data_cb_t,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_post_write_callback(&path, cb) }
    }))
}

/// Registers the callback that executes the resource, see lwm2m_register_read_callback().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_exec_callback(
    path: *const lwm2m_obj_path,
    cb: lwm2m_engine_execute_cb_t,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_exec_callback(&path, cb) }
    }))
}

/// Registers the callback that hears of each instance of the object that was created; a negative
/// number takes the instance back.
///
/// @param obj_id  The object.
/// @param cb      The callback; NULL for none.
///
/// @return 0, or -ENOENT when there is no such object.
///
/// Any thread, any callback. The callback runs with the registry locked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_create_callback(
    obj_id: u16,
    cb: lwm2m_engine_user_cb_t,
) -> c_int {
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_create_callback(obj_id, cb) }
    }))
}

/// Registers the callback that hears of each instance of the object that is about to be deleted.
///
/// @param obj_id  The object.
/// @param cb      The callback; NULL for none.
///
/// @return 0, or -ENOENT when there is no such object.
///
/// Any thread, any callback. The callback runs with the registry locked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_delete_callback(
    obj_id: u16,
    cb: lwm2m_engine_user_cb_t,
) -> c_int {
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the callback can be called at any time.
        unsafe { state.registry().register_delete_callback(obj_id, cb) }
    }))
}
