// SPDX-License-Identifier: Apache-2.0
//! The registry as its users hold it, the handles they are given, and how a node is found again
//! after an application callback.

use crate::c_types::{
    LWM2M_PATH_LEVEL_RESOURCE, RES_INSTANCE_NOT_CREATED, lwm2m_engine_obj, lwm2m_engine_obj_field,
    lwm2m_engine_obj_inst, lwm2m_engine_res, lwm2m_engine_res_inst, lwm2m_obj_path, sys_slist_t,
};
use crate::config::{
    ACCESS_CONTROL, ALWAYS_REPORT_OBJ_VERSION, VALIDATION_BUFFER_SIZE, VERSION_1_1,
};
use crate::error::LookupError;
use crate::index::Store;
use crate::nodes::{FieldNode, InstanceNode, ObjectNode, ResourceNode, SlotNode};
use core::cell::{Cell, UnsafeCell};
use core::marker::PhantomData;
use core::ptr::null_mut;
use lwm2m_core::model::{Availability, Changes, DataModel, ModelError, Operation};
use lwm2m_core::path::Path;
use lwm2m_core::value::DataType;

/// Called when an object instance has been created or is about to be taken out of the list (a path
/// of level Object: when an object is registered or unregistered), where the C keeps the Access
/// Control object up to date. May create and delete instances.
pub type Hook = fn(registry: &Registry<'_>, path: Path, created: bool);

/// Says what servers may do, and hears of what they create, where the C asks the Access Control object.
#[derive(Clone, Copy)]
pub struct AccessControl {
    /// Whether the server of a Server instance may carry out an operation.
    pub authorize: fn(server: u16, operation: Operation, path: &Path) -> Result<(), ModelError>,
    /// The server of a Server instance has created an instance.
    pub created: fn(server: u16, object: u16, instance: u16),
}

/// Knows which servers may be registered with, where the C asks the Server object. Each function is
/// given a Server instance.
#[derive(Clone, Copy)]
pub struct Servers {
    /// Whether it may be registered with.
    pub availability: fn(server: u16) -> Availability,
    /// Keeps the client from it, or lets it back.
    pub set_availability: fn(server: u16, availability: Availability),
    /// Lets the client back to all of them.
    pub enable_all: fn(),
}

/// All there is, guarded by the registry lock.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) scratch: Scratch,
    pub(crate) hook: Cell<Option<Hook>>,
    access_control: Cell<Option<AccessControl>>,
    servers: Cell<Option<Servers>>,
    /// Whose reading is in progress.
    reader: Cell<Option<u16>>,
}

// SAFETY: every access goes through a `Registry`, whose constructor demands that the registry lock
// is held, or only hands out the address of a list.
unsafe impl Sync for State {}

pub(crate) static STATE: State = State {
    store: Store::new(),
    scratch: Scratch {
        taken: Cell::new(false),
        bytes: UnsafeCell::new([0; VALIDATION_BUFFER_SIZE]),
    },
    hook: Cell::new(None),
    access_control: Cell::new(None),
    servers: Cell::new(None),
    reader: Cell::new(None),
};

/// Where a string or opaque value lies while a validate callback judges it.
pub(crate) struct Scratch {
    taken: Cell<bool>,
    bytes: UnsafeCell<[u8; VALIDATION_BUFFER_SIZE]>,
}

impl Scratch {
    /// Lends the buffer; `None` while it is lent already.
    pub(crate) fn take(&'static self) -> Option<ScratchGuard> {
        if self.taken.replace(true) {
            return None;
        }
        Some(ScratchGuard(self))
    }
}

/// The scratch buffer while it is lent.
pub(crate) struct ScratchGuard(&'static Scratch);

impl ScratchGuard {
    /// Where the [`VALIDATION_BUFFER_SIZE`] bytes are.
    pub(crate) fn pointer(&self) -> *mut u8 {
        self.0.bytes.get().cast()
    }
}

impl Drop for ScratchGuard {
    fn drop(&mut self) {
        self.0.taken.set(false);
    }
}

/// The address of the list of objects, in registration order. Walking it takes the registry lock.
#[must_use]
pub fn object_list() -> *mut sys_slist_t {
    STATE.store.objects()
}

/// The address of the list of object instances, in the order of their creation. Walking it takes
/// the registry lock.
#[must_use]
pub fn object_instance_list() -> *mut sys_slist_t {
    STATE.store.instances()
}

/// The registry, for as long as the registry lock is held. Made for one call or one operation; it
/// does not leave its thread.
#[derive(Clone, Copy)]
pub struct Registry<'a> {
    changes: &'a dyn Changes,
    not_send: PhantomData<*const ()>,
}

/// Names an object instance.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    pub(crate) object: u16,
    pub(crate) instance: u16,
    /// When `node` was looked up.
    epoch: u32,
    node: InstanceNode,
}

/// A resource of an object instance. Its index is where it was looked up, and looked at first.
pub type Resource = lwm2m_core::model::Resource<Instance>;

/// What a C path leads to, as pointers for C code: good until the next callback or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nodes {
    /// The object instance.
    pub obj_inst: *mut lwm2m_engine_obj_inst,
    /// The definition of the resource.
    pub obj_field: *mut lwm2m_engine_obj_field,
    /// The resource.
    pub res: *mut lwm2m_engine_res,
    /// The resource instance; null when it does not exist.
    pub res_inst: *mut lwm2m_engine_res_inst,
}

/// The path that `path` means, by its level.
#[must_use]
pub const fn core_path(path: &lwm2m_obj_path) -> Path {
    match path.level {
        0 => Path::ROOT,
        1 => Path::object(path.obj_id),
        2 => Path::instance(path.obj_id, path.obj_inst_id),
        3 => Path::resource(path.obj_id, path.obj_inst_id, path.res_id),
        _ => Path::resource_instance(path.obj_id, path.obj_inst_id, path.res_id, path.res_inst_id),
    }
}

/// The C path of `path`. Numbers beyond its level are 0, so that a resource addresses its resource
/// instance 0.
#[must_use]
pub fn c_path(path: Path) -> lwm2m_obj_path {
    let mut numbers = [0; 4];
    let mut level = 0;
    for (number, id) in numbers.iter_mut().zip(path.segments()) {
        *number = id;
        level += 1;
    }
    let [obj_id, obj_inst_id, res_id, res_inst_id] = numbers;
    lwm2m_obj_path {
        obj_id,
        obj_inst_id,
        res_id,
        res_inst_id,
        level,
    }
}

impl<'a> Registry<'a> {
    /// The registry; `changes` hears what happens to it.
    ///
    /// # Safety
    /// The calling thread holds the registry lock as long as this value or a copy is used. All that
    /// C code has registered keeps the contract of `lwm2m_object.h`: listed nodes are live, counts
    /// are true, buffers have the length they are said to have, callbacks have their types.
    #[must_use]
    pub const unsafe fn new(changes: &'a dyn Changes) -> Self {
        Self {
            changes,
            not_send: PhantomData,
        }
    }

    pub(crate) fn store(&self) -> &'static Store {
        &STATE.store
    }

    pub(crate) fn changes(&self) -> &dyn Changes {
        self.changes
    }

    /// Installs the hook that hears of instances created and deleted; `None` for no one.
    pub fn set_hook(&self, hook: Option<Hook>) {
        STATE.hook.set(hook);
    }

    /// Installs who says what servers may do; nobody: they may do everything.
    pub fn set_access_control(&self, access_control: Option<AccessControl>) {
        STATE.access_control.set(access_control);
    }

    /// Who says what servers may do.
    pub(crate) fn access_control(&self) -> Option<AccessControl> {
        if ACCESS_CONTROL {
            STATE.access_control.get()
        } else {
            None
        }
    }

    /// Installs who knows which servers may be registered with; nobody: all of them.
    pub fn set_servers(&self, servers: Option<Servers>) {
        STATE.servers.set(servers);
    }

    pub(crate) fn servers(&self) -> Option<Servers> {
        STATE.servers.get()
    }

    pub(crate) fn set_reader(&self, server: Option<u16>) {
        STATE.reader.set(server);
    }

    /// Whether the server whose reading is in progress may not read this instance.
    pub(crate) fn hides(&self, object: u16, instance: u16) -> bool {
        match (self.access_control(), STATE.reader.get()) {
            (Some(access_control), Some(server)) => {
                let path = Path::instance(object, instance);
                (access_control.authorize)(server, Operation::Read, &path).is_err()
            }
            _ => false,
        }
    }

    pub(crate) fn run_hook(&self, path: Path, created: bool) {
        if let Some(hook) = STATE.hook.get() {
            self.call(|| hook(self, path, created));
        }
    }

    /// Runs application code. Whatever was looked up before is stale afterwards.
    #[inline]
    pub(crate) fn call<R>(&self, callback: impl FnOnce() -> R) -> R {
        self.store().next_epoch();
        callback()
    }

    /// Registers an object: `lwm2m_register_obj`. One that is registered already stays where it is;
    /// of several with the same id the first serves.
    ///
    /// # Safety
    /// `object` is null (nothing happens), or points at an object that stays live, with its fields,
    /// until it is unregistered.
    pub unsafe fn register_obj(&self, object: *mut lwm2m_engine_obj) {
        // SAFETY: by the contract.
        if let Some(object) = unsafe { ObjectNode::new(object) } {
            self.run_hook(Path::object(object.id()), true);
            // SAFETY: by the contract.
            unsafe { self.store().add_object(object) };
        }
    }

    /// Takes an object out of the registry: `lwm2m_unregister_obj`. Its instances stay listed.
    ///
    /// # Safety
    /// `object` is null (nothing happens) or points at a live object.
    pub unsafe fn unregister_obj(&self, object: *mut lwm2m_engine_obj) {
        // SAFETY: by the contract.
        if let Some(object) = unsafe { ObjectNode::new(object) } {
            let path = Path::object(object.id());
            self.run_hook(path, false);
            self.store().remove_object(object);
            self.changes.instances_changed(path, false);
        }
    }

    /// The object with this id, null when there is none: `get_engine_obj`.
    #[must_use]
    pub fn get_engine_obj(&self, object: u16) -> *mut lwm2m_engine_obj {
        match self.store().object(object) {
            Some(object) => object.as_ptr(),
            None => null_mut(),
        }
    }

    /// The instance with these numbers, null when there is none: `get_engine_obj_inst`.
    #[must_use]
    pub fn get_engine_obj_inst(&self, object: u16, instance: u16) -> *mut lwm2m_engine_obj_inst {
        match self.store().instance(object, instance) {
            Some(instance) => instance.as_ptr(),
            None => null_mut(),
        }
    }

    /// The instance of `object` with the smallest id above `after`, null when there is none:
    /// `next_engine_obj_inst`.
    #[must_use]
    pub fn next_engine_obj_inst(
        &self,
        object: u16,
        after: Option<u16>,
    ) -> *mut lwm2m_engine_obj_inst {
        match self.store().next_instance(object, after) {
            Some(instance) => instance.as_ptr(),
            None => null_mut(),
        }
    }

    /// The definition of resource `id`, null when there is none: `lwm2m_get_engine_obj_field`.
    ///
    /// # Safety
    /// `object` is null or points at a live object.
    #[must_use]
    pub unsafe fn get_engine_obj_field(
        &self,
        object: *mut lwm2m_engine_obj,
        id: u16,
    ) -> *mut lwm2m_engine_obj_field {
        // SAFETY: by the contract.
        let object = unsafe { ObjectNode::new(object) };
        match object.and_then(|object| object.field(id, 0)) {
            Some(field) => field.as_ptr(),
            None => null_mut(),
        }
    }

    /// Whether the object's version is to be announced:
    /// `lwm2m_engine_shall_report_obj_version`.
    ///
    /// # Safety
    /// `object` is null (`false`) or points at a live object.
    #[must_use]
    pub unsafe fn shall_report_obj_version(&self, object: *const lwm2m_engine_obj) -> bool {
        // SAFETY: by the contract.
        unsafe { ObjectNode::new(object.cast_mut()) }.is_some_and(announces_version)
    }

    /// Where a path leads: `path_to_objs`. All four numbers are used as they are, whatever the
    /// level: a path of level Resource addresses the resource instance its last number says.
    ///
    /// # Errors
    /// Anything but the resource instance is missing.
    pub fn path_to_objs(&self, path: &lwm2m_obj_path) -> Result<Nodes, LookupError> {
        let instance = self
            .store()
            .instance(path.obj_id, path.obj_inst_id)
            .ok_or(LookupError::NotFound)?;
        let (field, resource) = self.resource_nodes(instance, path.res_id)?;
        Ok(Nodes {
            obj_inst: instance.as_ptr(),
            obj_field: field.as_ptr(),
            res: resource.as_ptr(),
            res_inst: match created_slot(resource, path.res_inst_id) {
                Some(slot) => slot.as_ptr(),
                None => null_mut(),
            },
        })
    }

    /// Whether the path leads to a resource of type string.
    #[must_use]
    pub fn is_string(&self, path: &lwm2m_obj_path) -> bool {
        self.resource_by_path(path)
            .is_ok_and(|resource| resource.data_type == DataType::String)
    }

    fn resource_nodes(
        &self,
        instance: InstanceNode,
        id: u16,
    ) -> Result<(FieldNode, ResourceNode), LookupError> {
        if instance.resource_at(0).is_none() {
            return Err(LookupError::NoResources);
        }
        let (resource, index) = instance.resource(id).ok_or(LookupError::NotFound)?;
        let field = instance
            .object()
            .and_then(|object| object.field(id, index))
            .ok_or(LookupError::NotFound)?;
        Ok((field, resource))
    }

    pub(crate) fn instance_handle(&self, object: u16, instance: u16) -> Option<Instance> {
        let node = self.store().instance(object, instance)?;
        Some(Instance {
            object,
            instance,
            epoch: self.store().epoch(),
            node,
        })
    }

    /// The resource a C path of level Resource or below is about.
    pub(crate) fn resource_by_path(&self, path: &lwm2m_obj_path) -> Result<Resource, LookupError> {
        if path.level < LWM2M_PATH_LEVEL_RESOURCE {
            return Err(LookupError::Level);
        }
        let instance = self
            .instance_handle(path.obj_id, path.obj_inst_id)
            .ok_or(LookupError::NotFound)?;
        if instance.node.resource_at(0).is_none() {
            return Err(LookupError::NoResources);
        }
        DataModel::resource(self, &instance, path.res_id).ok_or(LookupError::NotFound)
    }

    /// The node of an instance, found again if the registry changed.
    #[inline]
    pub(crate) fn instance_node(&self, instance: &Instance) -> Option<InstanceNode> {
        if self.store().unchanged_since(instance.epoch) {
            return Some(instance.node);
        }
        self.store().instance(instance.object, instance.instance)
    }

    /// The node of a resource, found again if the registry changed.
    pub(crate) fn resource_node(&self, resource: &Resource) -> Option<ResourceNode> {
        self.resource_node_inline(resource)
    }

    /// As [`Registry::resource_node`], for what is there for every request.
    #[inline(always)]
    pub(crate) fn resource_node_inline(&self, resource: &Resource) -> Option<ResourceNode> {
        let instance = self.instance_node(&resource.instance)?;
        instance.resource_again(resource.id, resource.index)
    }

    /// The nodes of a created resource instance and its resource, read anew.
    pub(crate) fn slot(&self, resource: &Resource, id: u16) -> Option<(ResourceNode, SlotNode)> {
        self.slot_inline(resource, id)
    }

    /// As [`Registry::slot`], for the one that is there for every value that is read.
    #[inline(always)]
    pub(crate) fn slot_inline(
        &self,
        resource: &Resource,
        id: u16,
    ) -> Option<(ResourceNode, SlotNode)> {
        let node = self.resource_node_inline(resource)?;
        Some((node, created_slot(node, id)?))
    }
}

/// The slot of resource instance `id`, if that is created.
pub(crate) fn created_slot(resource: ResourceNode, id: u16) -> Option<SlotNode> {
    if id == RES_INSTANCE_NOT_CREATED {
        return None;
    }
    resource.slot(id)
}

/// Versions that a client need not announce, from appendix E of the enabler: (object, major,
/// minor). All other core objects announce theirs.
const DEFAULT_VERSIONS: [(u16, u8, u8); 9] = if VERSION_1_1 {
    [
        (0, 1, 1),
        (1, 1, 1),
        (2, 1, 0),
        (3, 1, 1),
        (4, 1, 2),
        (5, 1, 0),
        (6, 1, 0),
        (7, 1, 0),
        (21, 1, 0),
    ]
} else {
    [
        (0, 1, 0),
        (1, 1, 0),
        (2, 1, 0),
        (3, 1, 0),
        (4, 1, 0),
        (5, 1, 0),
        (6, 1, 0),
        (7, 1, 0),
        // LwM2M 1.0 has no ninth.
        (0, 1, 0),
    ]
};

/// Whether the version differs from the one a server assumes.
pub(crate) fn announces_version(object: ObjectNode) -> bool {
    if ALWAYS_REPORT_OBJ_VERSION {
        return true;
    }
    let version = (object.version_major(), object.version_minor());
    let assumed = if object.flags() & 1 == 0 {
        Some((1, 0))
    } else {
        let id = object.id();
        DEFAULT_VERSIONS
            .iter()
            .find(|default| default.0 == id)
            .map(|&(_, major, minor)| (major, minor))
    };
    assumed != Some(version)
}
