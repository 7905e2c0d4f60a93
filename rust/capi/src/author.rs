// SPDX-License-Identifier: Apache-2.0
//! What authors of objects call: the functions of `lwm2m_registry.h` and `lwm2m_observation.h`,
//! where they are described.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;

use lwm2m_config as config;
use lwm2m_core::path::{Level, Path};
use lwm2m_objects::binding::{BINDING, QUEUE_MODE};
use lwm2m_registry::c_types::{
    lwm2m_engine_obj, lwm2m_engine_obj_field, lwm2m_engine_obj_inst, lwm2m_engine_res,
    lwm2m_engine_res_inst, lwm2m_obj_path, sys_slist_t,
};

use crate::errno::{self, Errno};
use crate::path;
use crate::resources::give;
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

/// The instance of the object with the smallest id above `obj_inst_id` (-1: the first), NULL when
/// there is none.
#[unsafe(no_mangle)]
pub extern "C" fn next_engine_obj_inst(
    obj_id: c_int,
    obj_inst_id: c_int,
) -> *mut lwm2m_engine_obj_inst {
    let Ok(object) = u16::try_from(obj_id) else {
        return null_mut();
    };
    // Below 0: none yet. Above every id: none left.
    let after = match u16::try_from(obj_inst_id) {
        Ok(after) => Some(after),
        Err(_) if obj_inst_id < 0 => None,
        Err(_) => return null_mut(),
    };
    state::locked(|state| state.registry().next_engine_obj_inst(object, after))
}

/// The object a path leads to, NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_obj(
    path: *const lwm2m_obj_path,
) -> *mut lwm2m_engine_obj {
    // SAFETY: by the function's contract, NULL or readable.
    match unsafe { path::from_c(path) } {
        Some(path) if path.level() >= Level::Object => {
            state::locked(|state| state.registry().get_engine_obj(path.object_id()))
        }
        _ => null_mut(),
    }
}

/// The instance a path leads to, NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_obj_inst(
    path: *const lwm2m_obj_path,
) -> *mut lwm2m_engine_obj_inst {
    // SAFETY: by the function's contract, NULL or readable.
    match unsafe { path::from_c(path) } {
        Some(path) if path.level() >= Level::ObjectInstance => state::locked(|state| {
            let registry = state.registry();
            registry.get_engine_obj_inst(path.object_id(), path.instance_id())
        }),
        _ => null_mut(),
    }
}

/// The resource a path leads to, NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_res(
    path: *const lwm2m_obj_path,
) -> *mut lwm2m_engine_res {
    if path.is_null() {
        return null_mut();
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let path = unsafe { path.read() };
    state::locked(|state| state.registry().get_resource(&path)).unwrap_or(null_mut())
}

/// The resource instance a path of four numbers leads to, NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_res_inst(
    path: *const lwm2m_obj_path,
) -> *mut lwm2m_engine_res_inst {
    if path.is_null() {
        return null_mut();
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let path = unsafe { path.read() };
    state::locked(|state| state.registry().get_res_inst(&path)).unwrap_or(null_mut())
}

/// The definition of a resource of the object, NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_engine_obj_field(
    obj: *mut lwm2m_engine_obj,
    res_id: c_int,
) -> *mut lwm2m_engine_obj_field {
    match u16::try_from(res_id) {
        // SAFETY: by the function's contract, NULL or a live object.
        Ok(id) => state::locked(|state| unsafe { state.registry().get_engine_obj_field(obj, id) }),
        Err(_) => null_mut(),
    }
}

/// All that a path leads to; what the caller does not want may be NULL. A resource instance that
/// does not exist leaves `res_inst` as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn path_to_objs(
    path: *const lwm2m_obj_path,
    obj_inst: *mut *mut lwm2m_engine_obj_inst,
    obj_field: *mut *mut lwm2m_engine_obj_field,
    res: *mut *mut lwm2m_engine_res,
    res_inst: *mut *mut lwm2m_engine_res_inst,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let path = unsafe { path.read() };
    match state::locked(|state| state.registry().path_to_objs(&path)) {
        Ok(nodes) => {
            // SAFETY: by the function's contract, each is NULL or writable.
            unsafe {
                give(obj_inst, nodes.obj_inst);
                give(obj_field, nodes.obj_field);
                give(res, nodes.res);
                if !nodes.res_inst.is_null() {
                    give(res_inst, nodes.res_inst);
                }
            }
            0
        }
        Err(error) => error.errno(),
    }
}

/// The resource a path of three or four numbers leads to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_resource(
    path: *const lwm2m_obj_path,
    res: *mut *mut lwm2m_engine_res,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let path = unsafe { path.read() };
    match state::locked(|state| state.registry().get_resource(&path)) {
        Ok(node) => {
            // SAFETY: by the function's contract, NULL or writable.
            unsafe { give(res, node) };
            0
        }
        Err(error) => error.errno(),
    }
}

/// Resource and resource instance of a path; creates the latter if the path has four numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_create_res_inst(
    path: *const lwm2m_obj_path,
    res: *mut *mut lwm2m_engine_res,
    res_inst: *mut *mut lwm2m_engine_res_inst,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let path = unsafe { path.read() };
    match state::locked(|state| state.registry().get_create_res_inst(&path)) {
        Ok((resource, instance)) => {
            // SAFETY: by the function's contract, each is NULL or writable.
            unsafe {
                give(res, resource);
                give(res_inst, instance);
            }
            0
        }
        Err(error) => error.errno(),
    }
}

/// Whether a server has to be told the object's version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_shall_report_obj_version(
    obj: *const lwm2m_engine_obj,
) -> bool {
    // SAFETY: by the function's contract, NULL or a live object.
    state::locked(|state| unsafe { state.registry().shall_report_obj_version(obj) })
}

/// Has those who observe the resource, or something above it, be notified. 1 when there are any,
/// else 0. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_notify_observer(obj_id: u16, obj_inst_id: u16, res_id: u16) -> c_int {
    let path = Path::resource(obj_id, obj_inst_id, res_id);
    // 65535 is no id: nothing lies there that could be observed.
    if path.level() == Level::Resource {
        notify(path)
    } else {
        0
    }
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
    c_int::from(state::locked(|state| state.shared.resource_changed(path)))
}

/// Writes the binding, such as `U`, as text to a place of at least three bytes. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_binding(binding: *mut c_char) {
    // SAFETY: by the function's contract, NULL or three writable bytes.
    unsafe { put_text(binding, BINDING) };
}

/// Writes the queue mode, `Q` or nothing, as text to a place of at least two bytes. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_queue_mode(queue: *mut c_char) {
    // SAFETY: by the function's contract, NULL or two writable bytes.
    unsafe { put_text(queue, QUEUE_MODE) };
}

/// # Safety
/// `to` is NULL or writable for the text and a terminator.
unsafe fn put_text(to: *mut c_char, text: &str) {
    if to.is_null() {
        return;
    }
    // SAFETY: by the contract.
    unsafe {
        to.cast::<u8>()
            .copy_from_nonoverlapping(text.as_ptr(), text.len());
        to.add(text.len()).write(0);
    }
}

/// The struct that a path is about, whatever its level: object, instance, resource or resource
/// instance. `obj` may be NULL: the object is looked up then. -ENOENT: there is no such thing;
/// -EEXIST: a path of another level (in LwM2M 1.0 that of a resource instance too); -EINVAL: NULL.
/// `*reference` is written on success only; the registry must be locked as long as it is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_path_reference_ptr(
    obj: *mut lwm2m_engine_obj,
    path: *const lwm2m_obj_path,
    reference: *mut *mut c_void,
) -> c_int {
    if path.is_null() || reference.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let path = unsafe { path.read() };
    let found = state::locked(|state| {
        let registry = state.registry();
        let object = if obj.is_null() {
            registry.get_engine_obj(path.obj_id)
        } else {
            obj
        };
        if object.is_null() {
            return Err(-errno::ENOENT);
        }
        match path.level {
            1 => Ok(object.cast::<c_void>()),
            2 => Ok(registry
                .get_engine_obj_inst(path.obj_id, path.obj_inst_id)
                .cast()),
            3 => {
                let nodes = registry.path_to_objs(&path).map_err(Errno::errno)?;
                Ok(nodes.res.cast())
            }
            4 if config::VERSION_1_1 => {
                let nodes = registry.path_to_objs(&path).map_err(Errno::errno)?;
                Ok(nodes.res_inst.cast())
            }
            _ => Err(-errno::EEXIST),
        }
    });
    match found {
        Ok(node) if !node.is_null() => {
            // SAFETY: not NULL, so by the function's contract writable.
            unsafe { reference.write(node) };
            0
        }
        Ok(_) => -errno::ENOENT,
        Err(error) => error,
    }
}
