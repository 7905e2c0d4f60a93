// SPDX-License-Identifier: Apache-2.0
//! Creating and deleting object instances.

use core::ffi::c_int;

use lwm2m_registry::c_types::lwm2m_obj_path;
use lwm2m_registry::{CreateError, DeleteError};

use crate::errno::{self, Errno};
use crate::state;

impl Errno for CreateError {
    fn errno(self) -> c_int {
        match self {
            CreateError::Level | CreateError::CannotCreate => -errno::EINVAL,
            CreateError::NoObject => -errno::ENOENT,
            CreateError::NoRoom => -errno::ENOMEM,
            CreateError::Exists => -errno::EEXIST,
            CreateError::Callback(number) => number,
        }
    }
}

impl Errno for DeleteError {
    fn errno(self) -> c_int {
        match self {
            DeleteError::Level => -errno::EINVAL,
            DeleteError::NotFound => -errno::ENOENT,
            DeleteError::Callback(number) => number,
        }
    }
}

/// Creates an object instance; the client updates its registration.
///
/// @param path  Object and instance.
///
/// @return 0, or
///         -EINVAL: the path is NULL or has not two numbers, or the object cannot create instances;
///         -ENOENT: there is no such object;
///         -ENOMEM: it has as many instances as it can have;
///         -EEXIST: it has this one;
///         or the negative number that the create callback of the application returned.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_create_object_inst(path: *const lwm2m_obj_path) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        state.registry().create_object_inst(&path)
    }))
}

/// Deletes an object instance; the client updates its registration, and observations of the
/// instance end.
///
/// @param path  Object and instance.
///
/// @return 0, or
///         -EINVAL: the path is NULL or has not two numbers;
///         -ENOENT: there is no such instance;
///         or what the object's delete callback returned; the instance is gone all the same.
///
/// Any thread, any callback, also one of this instance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_delete_object_inst(path: *const lwm2m_obj_path) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        state.registry().delete_object_inst(&path)
    }))
}
