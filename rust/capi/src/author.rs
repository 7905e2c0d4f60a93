// SPDX-License-Identifier: Apache-2.0
//! What authors of objects call: the functions of `lwm2m_registry.h` and `lwm2m_observation.h`,
//! where they are described.

use core::ffi::c_int;
use core::ptr::null_mut;

use lwm2m_core::path::{Level, Path};
use lwm2m_registry::c_types::{
    lwm2m_engine_obj, lwm2m_engine_obj_inst, lwm2m_obj_path, sys_slist_t,
};

use crate::errno::{self, Errno};
use crate::path;
use crate::state;

/// Makes an object known. NULL is ignored. It must stay until it is unregistered. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_register_obj(obj: *mut lwm2m_engine_obj) {
    // SAFETY: by the function's contract, NULL or an object that stays.
    state::locked(|state| unsafe { state.registry().register_obj(obj) });
}

/// Takes an object back. NULL is ignored. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_unregister_obj(obj: *mut lwm2m_engine_obj) {
    // SAFETY: by the function's contract, NULL or a live object.
    state::locked(|state| unsafe { state.registry().unregister_obj(obj) });
}

/// All objects. To be walked with the registry locked.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_obj_list() -> *mut sys_slist_t {
    lwm2m_registry::object_list()
}

/// All instances. To be walked with the registry locked.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_obj_inst_list() -> *mut sys_slist_t {
    lwm2m_registry::object_instance_list()
}

/// Creates an instance and gives it in `obj_inst`, NULL on error. Errors as for
/// `lwm2m_create_object_inst`. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_create_obj_inst(
    obj_id: u16,
    obj_inst_id: u16,
    obj_inst: *mut *mut lwm2m_engine_obj_inst,
) -> c_int {
    if obj_inst.is_null() {
        return -errno::EINVAL;
    }
    let result = state::locked(|state| state.registry().create_obj_inst(obj_id, obj_inst_id));
    let (instance, status) = match result {
        Ok(instance) => (instance, 0),
        Err(error) => (null_mut(), error.errno()),
    };
    // SAFETY: not NULL, so by the function's contract writable.
    unsafe { obj_inst.write(instance) };
    status
}

/// Deletes an instance. Errors as for `lwm2m_delete_object_inst`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_delete_obj_inst(obj_id: u16, obj_inst_id: u16) -> c_int {
    errno::status(state::locked(|state| {
        state.registry().delete_obj_inst(obj_id, obj_inst_id)
    }))
}

/// The object with this id, NULL when there is none. The registry must be locked as long as the
/// result is used.
#[unsafe(no_mangle)]
pub extern "C" fn get_engine_obj(obj_id: c_int) -> *mut lwm2m_engine_obj {
    match u16::try_from(obj_id) {
        Ok(object) => state::locked(|state| state.registry().get_engine_obj(object)),
        Err(_) => null_mut(),
    }
}

/// The instance with these numbers, NULL when there is none. The registry must be locked as long as
/// the result is used.
#[unsafe(no_mangle)]
pub extern "C" fn get_engine_obj_inst(
    obj_id: c_int,
    obj_inst_id: c_int,
) -> *mut lwm2m_engine_obj_inst {
    match (u16::try_from(obj_id), u16::try_from(obj_inst_id)) {
        (Ok(object), Ok(instance)) => {
            state::locked(|state| state.registry().get_engine_obj_inst(object, instance))
        }
        _ => null_mut(),
    }
}

/// Has those who observe the resource, or something above it, be notified. 1 when there are any,
/// else 0. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_notify_observer(obj_id: u16, obj_inst_id: u16, res_id: u16) -> c_int {
    notify(Path::resource(obj_id, obj_inst_id, res_id))
}

/// The same for any path; -EINVAL for NULL. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_notify_observer_path(path: *const lwm2m_obj_path) -> c_int {
    // SAFETY: by the function's contract, NULL or readable.
    match unsafe { path::from_c(path) } {
        Some(path) => notify(path),
        None => -errno::EINVAL,
    }
}

fn notify(path: Path) -> c_int {
    if path.level() == Level::Root {
        return 0;
    }
    state::locked(|state| {
        let observed = state.shared.observations.changed(&path);
        if observed {
            state.shared.request_wake();
        }
        c_int::from(observed)
    })
}
