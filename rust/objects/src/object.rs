// SPDX-License-Identifier: Apache-2.0
//! The shared constructor: turns a table into the C nodes that the registry and vendors' code walk.
//! The nodes of all built-in objects lie in zeroed memory until an instance is created; what is
//! constant lies in flash.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr::null_mut;

use lwm2m_registry::c_types::{
    LWM2M_RES_TYPE_BOOL, LWM2M_RES_TYPE_FLOAT, LWM2M_RES_TYPE_S32, LWM2M_RES_TYPE_S64,
    LWM2M_RES_TYPE_U8, LWM2M_RES_TYPE_U16, LWM2M_RES_TYPE_U32, RES_INSTANCE_NOT_CREATED,
    lwm2m_engine_obj, lwm2m_engine_obj_field, lwm2m_engine_obj_inst, lwm2m_engine_res,
    lwm2m_engine_res_inst,
};

use crate::access::{Lock, lock};
use crate::definition::{Bound, DefaultPlace, Layout, ResourceDefinition, place};

/// How many instances an object has room for. An object that the configuration leaves out counts
/// one here; nothing refers to it, so that the linker leaves it out too.
pub const fn capacity(configured: u32) -> usize {
    if configured == 0 {
        1
    } else {
        configured as usize
    }
}

/// The nodes and values of an object: all zero until it is registered.
#[repr(C)]
pub(crate) struct Memory<
    const SLOTS: usize,
    const RESOURCES: usize,
    const RESOURCE_INSTANCES: usize,
    const VALUES: usize,
> {
    object: UnsafeCell<lwm2m_engine_obj>,
    instances: UnsafeCell<[lwm2m_engine_obj_inst; SLOTS]>,
    resources: UnsafeCell<[lwm2m_engine_res; RESOURCES]>,
    resource_instances: UnsafeCell<[lwm2m_engine_res_inst; RESOURCE_INSTANCES]>,
    values: UnsafeCell<Values<VALUES>>,
}

/// Memory for values of every type.
#[repr(C, align(8))]
struct Values<const SIZE: usize>([u8; SIZE]);

// SAFETY: the nodes are written under the registry lock, through raw pointers, a field at a time,
// by this crate, the registry and the application; nobody forms a reference.
unsafe impl<const A: usize, const B: usize, const C: usize, const D: usize> Sync
    for Memory<A, B, C, D>
{
}

impl<const A: usize, const B: usize, const C: usize, const D: usize> Memory<A, B, C, D> {
    pub const fn new() -> Self {
        /// All zero, unlike a slot that is there and not created.
        const UNUSED: lwm2m_engine_res_inst = lwm2m_engine_res_inst {
            data_ptr: null_mut(),
            max_data_len: 0,
            data_len: 0,
            res_inst_id: 0,
            data_flags: 0,
        };
        Self {
            object: UnsafeCell::new(lwm2m_engine_obj::EMPTY),
            instances: UnsafeCell::new([lwm2m_engine_obj_inst::EMPTY; A]),
            resources: UnsafeCell::new([lwm2m_engine_res::EMPTY; B]),
            resource_instances: UnsafeCell::new([UNUSED; C]),
            values: UnsafeCell::new(Values([0; D])),
        }
    }

    /// Where everything begins.
    pub const fn places(&'static self) -> Places {
        Places {
            object: self.object.get(),
            instances: self.instances.get().cast(),
            resources: self.resources.get().cast(),
            resource_instances: self.resource_instances.get().cast(),
            values: self.values.get().cast(),
        }
    }
}

/// Where the nodes and values of an object begin.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    object: *mut lwm2m_engine_obj,
    instances: *mut lwm2m_engine_obj_inst,
    resources: *mut lwm2m_engine_res,
    resource_instances: *mut lwm2m_engine_res_inst,
    values: *mut u8,
}

/// A built-in object: everything about it that never changes. Made by `object!` only, whose
/// numbers agree with each other by construction.
pub struct Object {
    pub(crate) id: u16,
    pub(crate) version: (u8, u8),
    pub(crate) core: bool,
    pub(crate) slots: u16,
    pub(crate) slots_per_instance: u16,
    pub(crate) values_per_instance: u16,
    pub(crate) places: Places,
    pub(crate) create: unsafe extern "C" fn(u16) -> *mut lwm2m_engine_obj_inst,
    pub(crate) created: Option<fn(&Lock, Slot)>,
    pub(crate) fields: &'static [lwm2m_engine_obj_field],
    pub(crate) layout: &'static [Layout],
    pub(crate) callbacks: &'static [Bound],
    pub(crate) default_places: &'static [DefaultPlace],
    pub(crate) default_bytes: &'static [u8],
}

// SAFETY: the pointers are to a `Memory`, whose rules of access hold for every thread.
unsafe impl Sync for Object {}

/// One of the places for an instance of an object, below the object's number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u16);

impl Slot {
    /// Its index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a resource that the object keeps has its value: made at compile time from the object's
/// own table.
pub(crate) struct Stored<T>(u16, PhantomData<T>);

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Stored<T> {}

impl<T: Scalar> Stored<T> {
    /// The value of resource `id` of the table; fails to compile if that is not a stored single
    /// resource of this type.
    pub const fn resource(rows: &[ResourceDefinition], id: u16) -> Self {
        Self(place(rows, id, T::DATA_TYPE), PhantomData)
    }

    /// The value of the resource instance in the given place of a multiple resource.
    fn element(self, index: usize) -> Self {
        Self(self.0 + (index * size_of::<T>()) as u16, PhantomData)
    }
}

/// A type of values.
///
/// # Safety
/// Every pattern of bytes is a valid value, and `DATA_TYPE` is the resource type of that size.
pub(crate) unsafe trait Scalar: Copy {
    const DATA_TYPE: u8;
}

/// A boolean as C may have written it: anything but 0 is true.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Bool(pub u8);

macro_rules! scalar {
    ($($type:ty = $data_type:ident),*) => {$(
        // SAFETY: numbers of the size of that resource type.
        unsafe impl Scalar for $type {
            const DATA_TYPE: u8 = $data_type;
        }
    )*};
}

scalar!(
    Bool = LWM2M_RES_TYPE_BOOL,
    u8 = LWM2M_RES_TYPE_U8,
    u16 = LWM2M_RES_TYPE_U16,
    u32 = LWM2M_RES_TYPE_U32,
    i32 = LWM2M_RES_TYPE_S32,
    i64 = LWM2M_RES_TYPE_S64,
    f64 = LWM2M_RES_TYPE_FLOAT
);

impl Object {
    /// Object ID.
    pub const fn id(&self) -> u16 {
        self.id
    }

    /// The C node of the object.
    pub const fn node(&self) -> *mut lwm2m_engine_obj {
        self.places.object
    }

    /// Fills the object's node, as it is to be registered.
    pub(crate) fn prepare(&self, _: &Lock) {
        let node = lwm2m_engine_obj {
            fields: self.fields.as_ptr().cast_mut(),
            create_cb: Some(self.create),
            obj_id: self.id,
            field_count: self.fields.len() as u16,
            max_instance_count: self.slots,
            version_major: self.version.0,
            version_minor: self.version.1,
            is_core: u8::from(self.core),
            ..lwm2m_engine_obj::EMPTY
        };
        // SAFETY: the object's own memory, not registered yet; the lock is held.
        unsafe { self.places.object.write(node) };
    }

    /// Builds an instance in the first free place; null when the id is taken or there is no room.
    /// The registry gives it its numbers and lists it.
    // Apart: every object has a function that calls it.
    #[inline(never)]
    pub(crate) fn create(&self, id: u16) -> *mut lwm2m_engine_obj_inst {
        let lock = &lock();
        let free = match (self.find(lock, id), self.find_free(lock)) {
            (None, Some(free)) => free,
            _ => return null_mut(),
        };
        self.build(lock, free);
        if let Some(created) = self.created {
            created(lock, free);
        }
        // SAFETY: a slot is below the number of instances.
        unsafe { self.places.instances.add(free.index()) }
    }

    fn build(&self, _: &Lock, slot: Slot) {
        let values = self.values(slot);
        // SAFETY: the values of one instance, which nobody uses while the place is free.
        unsafe { values.write_bytes(0, usize::from(self.values_per_instance)) };
        self.write_defaults(values);

        let first = slot.index() * self.layout.len();
        // SAFETY: an instance has as many resources as the layout has rows.
        let resources = unsafe { self.places.resources.add(first) };
        let first = slot.index() * usize::from(self.slots_per_instance);
        // SAFETY: an instance has `slots_per_instance` resource instances.
        let mut instances = unsafe { self.places.resource_instances.add(first) };
        let mut resource = resources;
        for row in self.layout {
            self.build_resource(resource, instances, row);
            build_resource_instances(instances, row, values);
            // SAFETY: the slots of all rows together are `slots_per_instance`, and there is a
            // resource for each row: past the last one at most.
            unsafe {
                instances = instances.add(usize::from(row.slots));
                resource = resource.add(1);
            }
        }
        for bound in self.callbacks {
            bind(resources, *bound);
        }
        // SAFETY: a slot is below the number of instances; the place is free and the lock is held.
        unsafe {
            self.places
                .instances
                .add(slot.index())
                .write(lwm2m_engine_obj_inst {
                    resources,
                    resource_count: self.layout.len() as u16,
                    ..lwm2m_engine_obj_inst::EMPTY
                });
        }
    }

    fn build_resource(
        &self,
        resource: *mut lwm2m_engine_res,
        instances: *mut lwm2m_engine_res_inst,
        row: &Layout,
    ) {
        let node = lwm2m_engine_res {
            res_instances: if row.slots == 0 {
                null_mut()
            } else {
                instances
            },
            res_id: row.id,
            res_inst_count: row.slots,
            multi_res_inst: u8::from(row.kind.is_multiple()),
            ..lwm2m_engine_res::EMPTY
        };
        // SAFETY: a resource of the instance being built, which is not listed; the lock is held.
        unsafe { resource.write(node) };
    }

    fn write_defaults(&self, values: *mut u8) {
        let mut bytes = self.default_bytes;
        for place in self.default_places {
            let (value, rest) = bytes.split_at(usize::from(place.length).min(bytes.len()));
            // SAFETY: places and bytes are derived from the same table as the layout: each lies
            // within the values of an instance.
            unsafe {
                values
                    .add(usize::from(place.offset))
                    .copy_from_nonoverlapping(value.as_ptr(), value.len());
            }
            bytes = rest;
        }
    }

    /// The place of the instance with this id, by the registry's index: there may be many places.
    pub(crate) fn find(&self, lock: &Lock, id: u16) -> Option<Slot> {
        let node = lock.get_engine_obj_inst(self.id, id);
        // A vendor may have registered an instance of its own, which lies elsewhere.
        let offset = node.addr().checked_sub(self.places.instances.addr())?;
        self.slot(offset / size_of::<lwm2m_engine_obj_inst>())
    }

    /// The places in use with the id of the instance in each.
    pub(crate) fn instances(&self, lock: &Lock) -> impl Iterator<Item = (Slot, u16)> {
        (0..self.slots).filter_map(|slot| Some((Slot(slot), self.id_at(lock, Slot(slot))?)))
    }

    /// The id of the instance in this place, `None` when it is free.
    pub(crate) fn id_at(&self, _: &Lock, slot: Slot) -> Option<u16> {
        // SAFETY: a slot is below the number of instances, all of which are initialised; read a
        // field at a time, because the application may write.
        unsafe {
            let instance = self.places.instances.add(slot.index());
            let object = (&raw const (*instance).obj).read_volatile();
            let id = (&raw const (*instance).obj_inst_id).read_volatile();
            (!object.is_null()).then_some(id)
        }
    }

    /// Zeroes the values in the places that are free.
    pub(crate) fn wipe_free(&self, lock: &Lock) {
        for slot in (0..self.slots).map(Slot) {
            if self.id_at(lock, slot).is_none() {
                // SAFETY: the values of one instance, which nobody uses while the place is free.
                unsafe {
                    self.values(slot)
                        .write_bytes(0, usize::from(self.values_per_instance));
                }
            }
        }
    }

    /// The place at `index`, whether in use or not.
    pub(crate) fn slot(&self, index: usize) -> Option<Slot> {
        (index < usize::from(self.slots)).then_some(Slot(index as u16))
    }

    /// The first place that is free.
    pub(crate) fn find_free(&self, lock: &Lock) -> Option<Slot> {
        (0..self.slots)
            .map(Slot)
            .find(|&slot| self.id_at(lock, slot).is_none())
    }

    /// Where the values of the instance in `slot` begin.
    fn values(&self, slot: Slot) -> *mut u8 {
        let slot = slot.0.min(self.slots - 1);
        // SAFETY: below the number of instances, each of which has that many bytes of values.
        unsafe {
            self.places
                .values
                .add(usize::from(slot) * usize::from(self.values_per_instance))
        }
    }

    /// Where a value is: in the object's own memory even if `stored` were another object's.
    pub(crate) fn place<T: Scalar>(&self, slot: Slot, stored: Stored<T>) -> *mut T {
        let last = usize::from(self.values_per_instance).saturating_sub(size_of::<T>());
        // SAFETY: `last` leaves room for the type within the values of the instance.
        unsafe { self.values(slot).add(usize::from(stored.0).min(last)) }.cast()
    }

    /// The value of a resource of the instance in `slot`.
    pub(crate) fn load<T: Scalar>(&self, _: &Lock, slot: Slot, stored: Stored<T>) -> T {
        // SAFETY: within the object's memory, where every pattern of bytes is a value; volatile
        // because the application may write.
        unsafe { self.place(slot, stored).read_volatile() }
    }

    /// As [`Object::load`], of the resource instance in the given place of a multiple resource.
    pub(crate) fn load_at<T: Scalar>(
        &self,
        lock: &Lock,
        slot: Slot,
        stored: Stored<T>,
        index: usize,
    ) -> T {
        self.load(lock, slot, stored.element(index))
    }

    /// As [`Object::store`], of the resource instance in the given place of a multiple resource.
    pub(crate) fn store_at<T: Scalar>(
        &self,
        lock: &Lock,
        slot: Slot,
        stored: Stored<T>,
        index: usize,
        value: T,
    ) {
        self.store(lock, slot, stored.element(index), value);
    }

    /// Changes the value of a resource of the instance in `slot`; tells nobody.
    pub(crate) fn store<T: Scalar>(&self, _: &Lock, slot: Slot, stored: Stored<T>, value: T) {
        // SAFETY: within the object's memory, and the registry lock is held.
        unsafe { self.place(slot, stored).write_volatile(value) };
    }

    /// The node at `index` among the resource instances of the resource at `row` of the layout.
    fn resource_instance(
        &self,
        slot: Slot,
        resource: u16,
        index: usize,
    ) -> Option<*mut lwm2m_engine_res_inst> {
        let mut first = slot.index() * usize::from(self.slots_per_instance);
        for row in self.layout {
            if row.id == resource {
                let last = usize::from(row.slots);
                // SAFETY: within the resource instances of this row.
                return (index < last)
                    .then(|| unsafe { self.places.resource_instances.add(first + index) });
            }
            first += usize::from(row.slots);
        }
        None
    }

    /// Gives a slot of a multiple resource its id, or takes it back with
    /// [`RES_INSTANCE_NOT_CREATED`].
    pub(crate) fn set_resource_instance_id(
        &self,
        _: &Lock,
        slot: Slot,
        resource: u16,
        index: usize,
        id: u16,
    ) {
        if let Some(instance) = self.resource_instance(slot, resource, index) {
            // SAFETY: one of the object's nodes, a field at a time, under the registry lock.
            unsafe { (&raw mut (*instance).res_inst_id).write_volatile(id) };
        }
    }

    /// The id of the resource instance in this slot of a resource; `None` when it is not created.
    pub(crate) fn resource_instance_id(
        &self,
        _: &Lock,
        slot: Slot,
        resource: u16,
        index: usize,
    ) -> Option<u16> {
        let instance = self.resource_instance(slot, resource, index)?;
        // SAFETY: one of the object's nodes, a field at a time, under the registry lock.
        let id = unsafe { (&raw const (*instance).res_inst_id).read_volatile() };
        (id != RES_INSTANCE_NOT_CREATED).then_some(id)
    }

    /// Gives a single string that the object keeps its first value, as much of it as there is room
    /// for. Only for an instance that is being created.
    pub(crate) fn begin_with_text(
        &self,
        _: &Lock,
        slot: Slot,
        resource: u16,
        text: impl Iterator<Item = u8>,
    ) {
        let (Some(row), Some(instance)) = (
            self.layout.iter().find(|row| row.id == resource),
            self.resource_instance(slot, resource, 0),
        ) else {
            return;
        };
        if row.offset == Layout::SUPPLIED {
            return;
        }
        // SAFETY: the layout keeps every value within those of the instance.
        let value = unsafe { self.values(slot).add(usize::from(row.offset)) };
        let mut length = 0;
        for byte in text.take(usize::from(row.size) - 1).chain([0]) {
            // SAFETY: at most `size` bytes, the terminator included, of memory that is the
            // object's own; nobody else uses it while the instance is being created.
            unsafe { value.add(length).write(byte) };
            length += 1;
        }
        // SAFETY: one of the object's nodes, a field at a time, under the registry lock.
        unsafe { (&raw mut (*instance).data_len).write_volatile(length as u16) };
    }
}

fn build_resource_instances(first: *mut lwm2m_engine_res_inst, row: &Layout, values: *mut u8) {
    for index in 0..usize::from(row.slots) {
        let data_ptr = if row.offset == Layout::SUPPLIED {
            null_mut()
        } else {
            // SAFETY: the layout keeps every value within those of the instance.
            unsafe { values.add(usize::from(row.offset) + index * usize::from(row.size)) }
        };
        let node = lwm2m_engine_res_inst {
            data_ptr: data_ptr.cast(),
            max_data_len: row.size,
            data_len: row.length,
            res_inst_id: if row.kind.is_created() {
                index as u16
            } else {
                RES_INSTANCE_NOT_CREATED
            },
            data_flags: 0,
        };
        // SAFETY: a row has as many resource instances as slots; the instance is being built and
        // not listed, and the lock is held.
        unsafe { first.add(index).write(node) };
    }
}

fn bind(resources: *mut lwm2m_engine_res, bound: Bound) {
    // SAFETY: the index is that of a row of the layout, for each of which there is a resource; the
    // instance is being built and not listed, and the lock is held.
    unsafe {
        match bound {
            Bound::Nothing => {}
            Bound::Read(index, callback) => {
                (*resources.add(usize::from(index))).read_cb = Some(callback);
            }
            Bound::PreWrite(index, callback) => {
                (*resources.add(usize::from(index))).pre_write_cb = Some(callback);
            }
            Bound::Validate(index, callback) => {
                let resource = resources.add(usize::from(index));
                resource.write(resource.read().with_validate(Some(callback)));
            }
            Bound::PostWrite(index, callback) => {
                (*resources.add(usize::from(index))).post_write_cb = Some(callback);
            }
            Bound::Execute(index, callback) => {
                (*resources.add(usize::from(index))).execute_cb = Some(callback);
            }
        }
    }
}

/// Declares the static `OBJECT` from a table: its nodes, what is packed from the table, and the
/// create callback, which in C knows its object by being a function of its own.
macro_rules! object {
    (
        $(#[$doc:meta])*
        id: $id:expr,
        version: $version:expr,
        core: $core:expr,
        instances: $instances:expr,
        resources: $resources:expr,
        created: $created:expr $(,)?
    ) => {
        $(#[$doc])*
        pub static OBJECT: $crate::object::Object = {
            use $crate::definition as table;
            use $crate::object::{Memory, Object};

            const ROWS: &[table::ResourceDefinition] = &$resources;
            const SIZES: table::Sizes = table::sizes(ROWS);
            const SLOTS: usize = $instances;
            static MEMORY: Memory<
                SLOTS,
                { SLOTS * SIZES.resources },
                { SLOTS * SIZES.slots },
                { SLOTS * SIZES.values },
            > = Memory::new();
            static FIELDS: [lwm2m_registry::c_types::lwm2m_engine_obj_field; ROWS.len()] =
                table::fields(ROWS);
            static LAYOUT: [table::Layout; SIZES.resources] = table::layout(ROWS);
            static CALLBACKS: [table::Bound; SIZES.callbacks] = table::callbacks(ROWS);
            static DEFAULT_PLACES: [table::DefaultPlace; SIZES.defaults] = table::default_places(ROWS);
            static DEFAULT_BYTES: [u8; SIZES.default_bytes] = table::default_bytes(ROWS);

            unsafe extern "C" fn create(
                id: u16,
            ) -> *mut lwm2m_registry::c_types::lwm2m_engine_obj_inst {
                OBJECT.create(id)
            }

            Object {
                id: $id,
                version: $version,
                core: $core,
                slots: SLOTS as u16,
                slots_per_instance: SIZES.slots as u16,
                values_per_instance: SIZES.values as u16,
                places: MEMORY.places(),
                create,
                created: $created,
                fields: &FIELDS,
                layout: &LAYOUT,
                callbacks: &CALLBACKS,
                default_places: &DEFAULT_PLACES,
                default_bytes: &DEFAULT_BYTES,
            }
        };
    };
}
pub(crate) use object;
