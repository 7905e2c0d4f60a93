// SPDX-License-Identifier: Apache-2.0
//! Tests author objects as C code does and hold the registry lock (here: [`World`]) meanwhile.

mod application;
mod callbacks;
mod instances;
mod lookup;
mod writes;

use crate::c_types::*;
use crate::{Registry, object_instance_list, object_list};
use core::cell::RefCell;
use core::ffi::{c_int, c_void};
use core::ptr::null_mut;
use lwm2m_core::model::{Changes, DataModel};
use lwm2m_core::path::Path;
use std::boxed::Box;
use std::string::String;
use std::sync::{Mutex, MutexGuard};
use std::vec::Vec;

/// The test object.
const OBJECT: u16 = 32_768;

/// A list of actions, one for each time a callback runs.
pub(crate) type Script<F> = RefCell<Vec<Box<F>>>;

/// What a callback with bytes answers.
pub(crate) type OfBytes = dyn FnOnce(&[u8]) -> c_int;

/// What a post-write or validate callback was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    id: (u16, u16, u16),
    data: Vec<u8>,
    last: bool,
    total: usize,
    offset: usize,
}

std::thread_local! {
    static CHANGED: RefCell<Vec<Path>> = const { RefCell::new(Vec::new()) };
    static INSTANCES: RefCell<Vec<(Path, bool)>> = const { RefCell::new(Vec::new()) };
    static READ: Script<dyn FnOnce(&mut usize) -> *mut c_void> = const { RefCell::new(Vec::new()) };
    static POST_WRITE: Script<dyn FnOnce() -> c_int> = const { RefCell::new(Vec::new()) };
    static POST_WRITTEN: RefCell<Vec<Told>> = const { RefCell::new(Vec::new()) };
    pub(crate) static VALIDATE: Script<OfBytes> = const { RefCell::new(Vec::new()) };
    static VALIDATED: RefCell<Vec<Told>> = const { RefCell::new(Vec::new()) };
    static PRE_WRITE: Script<dyn FnOnce(&mut usize) -> *mut c_void> =
        const { RefCell::new(Vec::new()) };
    static USER: Script<dyn FnOnce(u16) -> c_int> = const { RefCell::new(Vec::new()) };
    static CREATE: Script<dyn FnOnce(u16) -> *mut lwm2m_engine_obj_inst> =
        const { RefCell::new(Vec::new()) };
    static EXECUTE: Script<OfBytes> = const { RefCell::new(Vec::new()) };
}

/// Takes the next action of a script: its owner may add to it while it runs.
macro_rules! next {
    ($script:ident) => {
        $script.with_borrow_mut(|script| {
            if script.is_empty() {
                None
            } else {
                Some(script.remove(0))
            }
        })
    };
}

/// Appends an action to a script.
macro_rules! then {
    ($script:ident, $action:expr) => {
        $crate::tests::$script.with_borrow_mut(|script| script.push(std::boxed::Box::new($action)))
    };
}
pub(crate) use then;

struct Recorder;

impl Changes for Recorder {
    fn resource_changed(&self, path: Path) {
        CHANGED.with_borrow_mut(|paths| paths.push(path));
    }

    fn instances_changed(&self, path: Path, created: bool) {
        INSTANCES.with_borrow_mut(|paths| paths.push((path, created)));
    }
}

fn changed() -> Vec<Path> {
    CHANGED.take()
}

fn instances_changed() -> Vec<(Path, bool)> {
    INSTANCES.take()
}

pub(crate) fn post_written() -> Vec<Told> {
    POST_WRITTEN.take()
}

#[cfg(validation)]
fn validated() -> Vec<Told> {
    VALIDATED.take()
}

/// The registry as a callback gets it.
pub(crate) fn registry() -> Registry<'static> {
    // SAFETY: the test holds the lock through its `World`, and authors its nodes truthfully.
    unsafe { Registry::new(&Recorder) }
}

unsafe extern "C" fn read_cb(_: u16, _: u16, _: u16, len: *mut usize) -> *mut c_void {
    // SAFETY: the registry's own variable.
    let len = unsafe { &mut *len };
    next!(READ).map_or(null_mut(), |action| action(len))
}

unsafe extern "C" fn pre_write_cb(_: u16, _: u16, _: u16, len: *mut usize) -> *mut c_void {
    // SAFETY: the registry's own variable.
    let len = unsafe { &mut *len };
    next!(PRE_WRITE).map_or(null_mut(), |action| action(len))
}

fn told(
    id: (u16, u16, u16),
    data: *mut u8,
    len: u16,
    last: bool,
    total: usize,
    offset: usize,
) -> Told {
    let data = if data.is_null() {
        Vec::new()
    } else {
        // SAFETY: what the registry passes to its callbacks.
        unsafe { core::slice::from_raw_parts(data, usize::from(len)) }.to_vec()
    };
    Told {
        id,
        data,
        last,
        total,
        offset,
    }
}

pub(crate) unsafe extern "C" fn post_write_cb(
    instance: u16,
    resource: u16,
    id: u16,
    data: *mut u8,
    len: u16,
    last: bool,
    total: usize,
    offset: usize,
) -> c_int {
    let told = told((instance, resource, id), data, len, last, total, offset);
    POST_WRITTEN.with_borrow_mut(|all| all.push(told));
    next!(POST_WRITE).map_or(0, |action| action())
}

pub(crate) unsafe extern "C" fn validate_cb(
    instance: u16,
    resource: u16,
    id: u16,
    data: *mut u8,
    len: u16,
    last: bool,
    total: usize,
    offset: usize,
) -> c_int {
    let told = told((instance, resource, id), data, len, last, total, offset);
    let bytes = told.data.clone();
    VALIDATED.with_borrow_mut(|all| all.push(told));
    next!(VALIDATE).map_or(0, |action| action(&bytes))
}

unsafe extern "C" fn user_cb(instance: u16) -> c_int {
    next!(USER).map_or(0, |action| action(instance))
}

unsafe extern "C" fn create_cb(instance: u16) -> *mut lwm2m_engine_obj_inst {
    next!(CREATE).map_or_else(
        || Box::into_raw(Box::new(lwm2m_engine_obj_inst::EMPTY)),
        |action| action(instance),
    )
}

unsafe extern "C" fn execute_cb(_: u16, args: *mut u8, len: u16) -> c_int {
    let args = if args.is_null() {
        &[]
    } else {
        // SAFETY: what the registry passes to its callbacks.
        unsafe { core::slice::from_raw_parts(args, usize::from(len)) }
    };
    next!(EXECUTE).map_or(0, |action| action(args))
}

/// The registry lock, and an empty registry under it.
pub(crate) struct World {
    _lock: MutexGuard<'static, ()>,
}

impl World {
    pub(crate) fn new() -> Self {
        static LOCK: Mutex<()> = Mutex::new(());
        let lock = LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // SAFETY: the lock is held, and no node of an earlier test is used any more.
        unsafe {
            object_list().write(sys_slist_t::EMPTY);
            object_instance_list().write(sys_slist_t::EMPTY);
        }
        registry().set_hook(None);
        Self { _lock: lock }
    }
}

impl core::ops::Deref for World {
    type Target = Registry<'static>;

    fn deref(&self) -> &Self::Target {
        static REGISTRY: SyncRegistry = SyncRegistry(
            // SAFETY: reached only through a `World`, which holds the lock.
            unsafe { Registry::new(&Recorder) },
        );
        &REGISTRY.0
    }
}

struct SyncRegistry(Registry<'static>);

// SAFETY: reached only through a `World`, which holds the lock.
unsafe impl Sync for SyncRegistry {}

/// Authors an object with these (resource, permissions, type) and registers it.
fn object(id: u16, fields: &[(u16, u8, u8)]) -> *mut lwm2m_engine_obj {
    let fields: Vec<_> = fields
        .iter()
        .map(|&(res_id, permissions, data_type)| lwm2m_engine_obj_field {
            res_id,
            permissions,
            data_type,
        })
        .collect();
    let fields = fields.leak();
    let object = Box::into_raw(Box::new(lwm2m_engine_obj {
        obj_id: id,
        field_count: fields.len() as u16,
        fields: fields.as_mut_ptr(),
        max_instance_count: u16::MAX,
        create_cb: Some(create_cb),
        version_major: 1,
        ..lwm2m_engine_obj::EMPTY
    }));
    // SAFETY: never freed.
    unsafe { registry().register_obj(object) };
    object
}

/// A resource with one slot over these bytes.
fn single(id: u16, value: *mut [u8], len: usize) -> lwm2m_engine_res {
    let slots = [lwm2m_engine_res_inst {
        data_ptr: value.cast(),
        max_data_len: value.len() as u16,
        data_len: len as u16,
        res_inst_id: 0,
        data_flags: 0,
    }];
    lwm2m_engine_res {
        res_id: id,
        res_inst_count: 1,
        res_instances: Vec::from(slots).leak().as_mut_ptr(),
        ..lwm2m_engine_res::EMPTY
    }
}

/// A multiple resource with `count` slots of `room` bytes, none created.
fn multiple(id: u16, count: u8, room: usize) -> lwm2m_engine_res {
    let slots: Vec<_> = (0..count)
        .map(|_| lwm2m_engine_res_inst {
            data_ptr: bytes(room).cast(),
            max_data_len: room as u16,
            ..lwm2m_engine_res_inst::NOT_CREATED
        })
        .collect();
    lwm2m_engine_res {
        res_id: id,
        res_inst_count: count,
        multi_res_inst: 1,
        res_instances: slots.leak().as_mut_ptr(),
        ..lwm2m_engine_res::EMPTY
    }
}

/// Memory that the application never frees, aligned for any value.
pub(crate) fn bytes(len: usize) -> *mut [u8] {
    let words = std::vec![0u64; len.div_ceil(8)].leak();
    core::ptr::slice_from_raw_parts_mut(words.as_mut_ptr().cast(), len)
}

/// An instance node over these resources, not registered.
fn node(resources: Vec<lwm2m_engine_res>) -> *mut lwm2m_engine_obj_inst {
    let resources = resources.leak();
    Box::into_raw(Box::new(lwm2m_engine_obj_inst {
        resources: resources.as_mut_ptr(),
        resource_count: resources.len() as u16,
        ..lwm2m_engine_obj_inst::EMPTY
    }))
}

/// Creates instance `id` of `object` over these resources.
fn instance(object: u16, id: u16, resources: Vec<lwm2m_engine_res>) -> *mut lwm2m_engine_obj_inst {
    let node = node(resources);
    then!(CREATE, move |_| node);
    registry().create_obj_inst(object, id).unwrap()
}

/// An object with one resource 0 of this type over `room` bytes, in instance 0. Returns where the
/// resource is and where its value is.
pub(crate) fn one(data_type: u8, room: usize, len: usize) -> (*mut lwm2m_engine_res, *mut u8) {
    let value = bytes(room);
    object(OBJECT, &[(0, LWM2M_PERM_RW, data_type)]);
    instance(OBJECT, 0, Vec::from([single(0, value, len)]));
    CHANGED.take();
    INSTANCES.take();
    (registry().get_resource(&VALUE).unwrap(), value.cast())
}

/// The resource of [`one`].
pub(crate) const VALUE: lwm2m_obj_path = lwm2m_obj_path {
    obj_id: OBJECT,
    obj_inst_id: 0,
    res_id: 0,
    res_inst_id: 0,
    level: 3,
};

/// The handle of the resource of [`one`].
pub(crate) fn handle() -> crate::Resource {
    let instance = registry().instance(OBJECT, 0).unwrap();
    registry().resource(&instance, 0).unwrap()
}

/// A string or opaque value as it is now.
fn text(value: lwm2m_core::value::Value<crate::AppBytes>) -> String {
    use lwm2m_core::value::{Bytes, Value};
    let (Value::String(source) | Value::Opaque(source)) = value else {
        panic!("{value:?}");
    };
    let mut buffer = std::vec![0; source.len()];
    assert_eq!(source.copy(0, &mut buffer), source.len());
    String::from_utf8(buffer).unwrap()
}
