// SPDX-License-Identifier: Apache-2.0
//! Access to the C structs, a field at a time. A node type wraps a pointer to a struct that belongs
//! to the application; no reference to it is ever formed, and fields are read volatile because the
//! application may write them at any moment. A node is good until the next application callback:
//! whoever runs one finds its nodes again.

use crate::c_types::*;
use core::ffi::c_void;
use core::ptr::NonNull;

macro_rules! node {
    ($(#[$doc:meta])* $name:ident($struct:ident) {
        $($get:ident: $field:ident: $type:ty $(, $set:ident)?;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(NonNull<$struct>);

        #[allow(dead_code)]
        impl $name {
            /// Wraps a pointer; `None` for null.
            ///
            /// # Safety
            /// If not null, it points at a live and aligned struct of that type, until the next
            /// application callback at least.
            #[inline]
            pub(crate) unsafe fn new(pointer: *mut $struct) -> Option<Self> {
                NonNull::new(pointer).map(Self)
            }

            #[inline]
            pub(crate) fn as_ptr(self) -> *mut $struct {
                self.0.as_ptr()
            }

            $(
                #[inline]
                pub(crate) fn $get(self) -> $type {
                    // SAFETY: live and aligned by the contract of `new`; only one field is read.
                    unsafe { (&raw const (*self.0.as_ptr()).$field).read_volatile() }
                }

                $(
                    #[inline]
                    pub(crate) fn $set(self, value: $type) {
                        // SAFETY: live and aligned by the contract of `new`, and the registry lock
                        // is held; only one field is written.
                        unsafe { (&raw mut (*self.0.as_ptr()).$field).write_volatile(value) }
                    }
                )?
            )*
        }
    };
}

node! {
    /// An object.
    ObjectNode(lwm2m_engine_obj) {
        fields: fields: *mut lwm2m_engine_obj_field;
        create_cb: create_cb: lwm2m_engine_obj_create_cb_t;
        delete_cb: delete_cb: lwm2m_engine_user_cb_t;
        user_create_cb: user_create_cb: lwm2m_engine_user_cb_t, set_user_create_cb;
        user_delete_cb: user_delete_cb: lwm2m_engine_user_cb_t, set_user_delete_cb;
        id: obj_id: u16;
        field_count: field_count: u16;
        instance_count: instance_count: u16, set_instance_count;
        max_instance_count: max_instance_count: u16;
        version_major: version_major: u8;
        version_minor: version_minor: u8;
        flags: is_core: u8;
    }
}

node! {
    /// The definition of a resource.
    FieldNode(lwm2m_engine_obj_field) {
        id: res_id: u16;
        permissions: permissions: u8;
        data_type: data_type: u8;
    }
}

node! {
    /// An object instance.
    InstanceNode(lwm2m_engine_obj_inst) {
        obj: obj: *mut lwm2m_engine_obj, set_obj;
        resources: resources: *mut lwm2m_engine_res, set_resources;
        id: obj_inst_id: u16, set_id;
        resource_count: resource_count: u16, set_resource_count;
    }
}

node! {
    /// A resource of an instance.
    ResourceNode(lwm2m_engine_res) {
        read_cb: read_cb: lwm2m_engine_get_data_cb_t, set_read_cb;
        pre_write_cb: pre_write_cb: lwm2m_engine_get_data_cb_t, set_pre_write_cb;
        post_write_cb: post_write_cb: lwm2m_engine_set_data_cb_t, set_post_write_cb;
        execute_cb: execute_cb: lwm2m_engine_execute_cb_t, set_execute_cb;
        slots: res_instances: *mut lwm2m_engine_res_inst;
        id: res_id: u16;
        slot_count: res_inst_count: u8;
        multiple_byte: multi_res_inst: u8;
    }
}

node! {
    /// A slot for a resource instance.
    SlotNode(lwm2m_engine_res_inst) {
        data: data_ptr: *mut c_void, set_data;
        room: max_data_len: u16, set_room;
        len: data_len: u16, set_len;
        id: res_inst_id: u16, set_id;
        flags: data_flags: u8, set_flags;
    }
}

impl ObjectNode {
    /// The definition of resource `id`. Resources and definitions are mostly in the same order, so
    /// the search begins at `hint`, the resource's own index, and goes round.
    pub(crate) fn field(self, id: u16, hint: u16) -> Option<FieldNode> {
        let fields = self.fields();
        let count = self.field_count();
        if fields.is_null() {
            return None;
        }
        let mut index = if hint < count { hint } else { 0 };
        for _ in 0..count {
            // SAFETY: `index` is below the object's count of fields, which the application vouches
            // for.
            let field = unsafe { FieldNode::new(fields.add(usize::from(index))) }?;
            if field.id() == id {
                return Some(field);
            }
            index += 1;
            if index == count {
                index = 0;
            }
        }
        None
    }
}

impl InstanceNode {
    /// The object the instance says it belongs to.
    pub(crate) fn object(self) -> Option<ObjectNode> {
        // SAFETY: an instance in the list points at its object, or nowhere.
        unsafe { ObjectNode::new(self.obj()) }
    }

    /// The resource at `index`.
    pub(crate) fn resource_at(self, index: usize) -> Option<ResourceNode> {
        let resources = self.resources();
        if resources.is_null() || index >= usize::from(self.resource_count()) {
            return None;
        }
        // SAFETY: `index` is below the instance's count of resources, which the application
        // vouches for.
        unsafe { ResourceNode::new(resources.add(index)) }
    }

    /// The resource with this id; it was at `hint` the last time.
    #[inline(always)]
    pub(crate) fn resource_again(self, id: u16, hint: u16) -> Option<ResourceNode> {
        match self.resource_at(usize::from(hint)) {
            Some(resource) if resource.id() == id => Some(resource),
            _ => Some(self.resource(id)?.0),
        }
    }

    /// The resource with this id and its index.
    #[inline(never)]
    pub(crate) fn resource(self, id: u16) -> Option<(ResourceNode, u16)> {
        let mut index = 0;
        while let Some(resource) = self.resource_at(usize::from(index)) {
            if resource.id() == id {
                return Some((resource, index));
            }
            index += 1;
        }
        None
    }

    /// Zeroes the resources and then the instance itself.
    pub(crate) fn wipe(self) {
        let resources = self.resources();
        if !resources.is_null() {
            // SAFETY: as many resources as the instance counts, which the application vouches for;
            // all zero is a valid value of the struct.
            unsafe { resources.write_bytes(0, usize::from(self.resource_count())) };
        }
        // SAFETY: live by the contract of `new`; all zero is a valid value of the struct.
        unsafe { self.as_ptr().write_bytes(0, 1) };
    }
}

impl ResourceNode {
    /// Whether there may be several resource instances.
    pub(crate) fn multiple(self) -> bool {
        self.multiple_byte() != 0
    }

    /// The callback that judges values.
    #[inline]
    pub(crate) fn validate_cb(self) -> lwm2m_engine_set_data_cb_t {
        #[cfg(validation)]
        {
            // SAFETY: live and aligned by the contract of `new`; only one field is read.
            unsafe { (&raw const (*self.as_ptr()).validate_cb).read_volatile() }
        }
        #[cfg(not(validation))]
        None
    }

    /// Replaces the callback that judges values.
    #[cfg(validation)]
    pub(crate) fn set_validate_cb(self, callback: lwm2m_engine_set_data_cb_t) {
        // SAFETY: live and aligned by the contract of `new`, and the registry lock is held.
        unsafe { (&raw mut (*self.as_ptr()).validate_cb).write_volatile(callback) }
    }

    /// The slot at `index`, created or not.
    pub(crate) fn slot_at(self, index: usize) -> Option<SlotNode> {
        let slots = self.slots();
        if slots.is_null() || index >= usize::from(self.slot_count()) {
            return None;
        }
        // SAFETY: `index` is below the resource's count of slots, which the application vouches
        // for.
        unsafe { SlotNode::new(slots.add(index)) }
    }

    /// The first slot that holds `id`, which may be [`RES_INSTANCE_NOT_CREATED`] for a free one.
    pub(crate) fn slot(self, id: u16) -> Option<SlotNode> {
        let mut index = 0;
        while let Some(slot) = self.slot_at(index) {
            if slot.id() == id {
                return Some(slot);
            }
            index += 1;
        }
        None
    }
}

impl SlotNode {
    /// Whether the value may not be written.
    pub(crate) fn read_only(self) -> bool {
        self.flags() & LWM2M_RES_DATA_FLAG_RO != 0
    }
}
