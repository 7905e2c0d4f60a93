// SPDX-License-Identifier: Apache-2.0
//! The C structs of `zephyr/net/lwm2m.h`, `lwm2m_object.h` and `lwm2m_registry.h` that applications
//! author or walk, under their C names. `build.rs` turns `struct_layout.tsv` into the assertions at
//! the end of this file. C `bool` is `u8` (a byte an application wrote need not be 0 or 1), a C enum
//! is an integer.
#![allow(non_camel_case_types)]

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

/// C `time_t`: 64 bits with newlib and picolibc and on 64-bit hosts, 32 bits in glibc's 32-bit x86.
#[cfg(not(target_arch = "x86"))]
pub type time_t = i64;
/// C `time_t`: 64 bits with newlib and picolibc and on 64-bit hosts, 32 bits in glibc's 32-bit x86.
#[cfg(target_arch = "x86")]
pub type time_t = i32;

/// A C enum: one byte under the bare-metal Arm ABI, an `unsigned int` elsewhere.
#[cfg(all(target_arch = "arm", target_os = "none"))]
pub type c_enum = u8;
/// A C enum: one byte under the bare-metal Arm ABI, an `unsigned int` elsewhere.
#[cfg(not(all(target_arch = "arm", target_os = "none")))]
pub type c_enum = core::ffi::c_uint;

/// A resource instance id with this value: "not created". Also a segment that a path lacks.
pub const RES_INSTANCE_NOT_CREATED: u16 = 65_535;

/// `data_flags`: the value may not be written.
pub const LWM2M_RES_DATA_FLAG_RO: u8 = 1;

/// `level` of a path without segments.
pub const LWM2M_PATH_LEVEL_NONE: u8 = 0;
/// `level` of `/object`.
pub const LWM2M_PATH_LEVEL_OBJECT: u8 = 1;
/// `level` of `/object/instance`.
pub const LWM2M_PATH_LEVEL_OBJECT_INST: u8 = 2;
/// `level` of `/object/instance/resource`.
pub const LWM2M_PATH_LEVEL_RESOURCE: u8 = 3;
/// `level` of `/object/instance/resource/resource instance`.
pub const LWM2M_PATH_LEVEL_RESOURCE_INST: u8 = 4;

/// `permissions` bit: Read.
pub const LWM2M_OP_READ: u8 = 0;
/// `permissions` bit: Write.
pub const LWM2M_OP_WRITE: u8 = 1;
/// `permissions` bit: Create.
pub const LWM2M_OP_CREATE: u8 = 2;
/// `permissions` bit: Delete.
pub const LWM2M_OP_DELETE: u8 = 3;
/// `permissions` bit: Execute.
pub const LWM2M_OP_EXECUTE: u8 = 4;
/// `permissions` bit: the object definition calls the resource optional.
pub const LWM2M_FLAG_OPTIONAL: u8 = 7;

/// `permissions`: readable.
pub const LWM2M_PERM_R: u8 = 1 << LWM2M_OP_READ;
/// `permissions`: readable, optional.
pub const LWM2M_PERM_R_OPT: u8 = LWM2M_PERM_R | 1 << LWM2M_FLAG_OPTIONAL;
/// `permissions`: writable.
pub const LWM2M_PERM_W: u8 = 1 << LWM2M_OP_WRITE | 1 << LWM2M_OP_CREATE;
/// `permissions`: writable, optional.
pub const LWM2M_PERM_W_OPT: u8 = LWM2M_PERM_W | 1 << LWM2M_FLAG_OPTIONAL;
/// `permissions`: executable.
pub const LWM2M_PERM_X: u8 = 1 << LWM2M_OP_EXECUTE;
/// `permissions`: executable, optional.
pub const LWM2M_PERM_X_OPT: u8 = LWM2M_PERM_X | 1 << LWM2M_FLAG_OPTIONAL;
/// `permissions`: readable and writable.
pub const LWM2M_PERM_RW: u8 = LWM2M_PERM_R | LWM2M_PERM_W;
/// `permissions`: readable and writable, optional.
pub const LWM2M_PERM_RW_OPT: u8 = LWM2M_PERM_RW | 1 << LWM2M_FLAG_OPTIONAL;
/// `permissions`: all three.
pub const LWM2M_PERM_RWX: u8 = LWM2M_PERM_RW | LWM2M_PERM_X;
/// `permissions`: all three, optional.
pub const LWM2M_PERM_RWX_OPT: u8 = LWM2M_PERM_RWX | 1 << LWM2M_FLAG_OPTIONAL;

/// `data_type`: no value.
pub const LWM2M_RES_TYPE_NONE: u8 = 0;
/// `data_type`: opaque.
pub const LWM2M_RES_TYPE_OPAQUE: u8 = 1;
/// `data_type`: string, stored with its terminator.
pub const LWM2M_RES_TYPE_STRING: u8 = 2;
/// `data_type`: `uint32_t`.
pub const LWM2M_RES_TYPE_U32: u8 = 3;
/// `data_type`: `uint16_t`.
pub const LWM2M_RES_TYPE_U16: u8 = 4;
/// `data_type`: `uint8_t`.
pub const LWM2M_RES_TYPE_U8: u8 = 5;
/// `data_type`: `int64_t`.
pub const LWM2M_RES_TYPE_S64: u8 = 6;
/// `data_type`: `int32_t`.
pub const LWM2M_RES_TYPE_S32: u8 = 7;
/// `data_type`: `int16_t`.
pub const LWM2M_RES_TYPE_S16: u8 = 8;
/// `data_type`: `int8_t`.
pub const LWM2M_RES_TYPE_S8: u8 = 9;
/// `data_type`: `bool`.
pub const LWM2M_RES_TYPE_BOOL: u8 = 10;
/// `data_type`: `time_t`, or `uint32_t` where the buffer has four bytes.
pub const LWM2M_RES_TYPE_TIME: u8 = 11;
/// `data_type`: `double`.
pub const LWM2M_RES_TYPE_FLOAT: u8 = 12;
/// `data_type`: `struct lwm2m_objlnk`.
pub const LWM2M_RES_TYPE_OBJLNK: u8 = 13;

/// A node of a singly linked list.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct sys_snode_t {
    /// The node behind this one.
    pub next: *mut sys_snode_t,
}

/// A singly linked list.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct sys_slist_t {
    /// The first node.
    pub head: *mut sys_snode_t,
    /// The last node.
    pub tail: *mut sys_snode_t,
}

/// A path as C holds it. `level` says how many of the numbers mean something; the others may hold
/// anything.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lwm2m_obj_path {
    /// Object ID.
    pub obj_id: u16,
    /// Object Instance ID.
    pub obj_inst_id: u16,
    /// Resource ID.
    pub res_id: u16,
    /// Resource Instance ID.
    pub res_inst_id: u16,
    /// How many of the numbers count, 0 to 4.
    pub level: u8,
}

/// A path in a list of paths.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lwm2m_obj_path_list {
    /// Its place in the list.
    pub node: sys_snode_t,
    /// The path.
    pub path: lwm2m_obj_path,
}

/// An observation as `ctx->observer` lists it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct observe_node {
    /// Its place in the list.
    pub node: sys_snode_t,
    /// The paths it watches, of [`lwm2m_obj_path_list`].
    pub path_list: sys_slist_t,
    /// The token of the request that made it.
    pub token: [u8; 8],
    /// Not filled in.
    pub event_timestamp: i64,
    /// Not filled in.
    pub last_timestamp: i64,
    /// Not filled in.
    pub active_notify: *mut c_void,
    /// Not filled in.
    pub counter: u32,
    /// The content format of its notifications.
    pub format: u16,
    /// How many bytes of the token count.
    pub tkl: u8,
    /// Bit fields: [`OBSERVE_NODE_COMPOSITE`] and, not filled in, `resource_update`.
    pub flags: u8,
}

/// `composite` in [`observe_node::flags`].
pub const OBSERVE_NODE_COMPOSITE: u8 = 1 << 1;

/// An object link.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lwm2m_objlnk {
    /// Object ID.
    pub obj_id: u16,
    /// Object Instance ID.
    pub obj_inst: u16,
}

/// One entry of `lwm2m_set_bulk`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lwm2m_res_item {
    /// What to set.
    pub path: *mut lwm2m_obj_path,
    /// The value, in the representation of the resource.
    pub value: *mut c_void,
    /// Its size in bytes, a string's terminator included.
    pub size: u16,
}

/// A sample of the resource cache.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lwm2m_time_series_elem {
    /// When it was taken.
    pub t: time_t,
    /// Its value; the data type of the resource says which.
    pub value: lwm2m_time_series_value,
}

/// The value of a sample (an anonymous union in C).
#[repr(C)]
#[derive(Clone, Copy)]
pub union lwm2m_time_series_value {
    /// `uint8_t`
    pub u8: u8,
    /// `uint16_t`
    pub u16: u16,
    /// `uint32_t`
    pub u32: u32,
    /// `uint64_t`
    pub u64: u64,
    /// `int8_t`
    pub i8: i8,
    /// `int16_t`
    pub i16: i16,
    /// `int32_t`
    pub i32: i32,
    /// `int64_t`
    pub i64: i64,
    /// `time_t`
    pub time: time_t,
    /// `double`
    pub f: f64,
    /// `bool`
    pub b: u8,
}

/// Returns the buffer that holds, or takes, a value, and its length in `data_len`; null: none.
pub type lwm2m_engine_get_data_cb_t = Option<
    unsafe extern "C" fn(
        obj_inst_id: u16,
        res_id: u16,
        res_inst_id: u16,
        data_len: *mut usize,
    ) -> *mut c_void,
>;

/// Judges a value, or hears of one that was written.
pub type lwm2m_engine_set_data_cb_t = Option<
    unsafe extern "C" fn(
        obj_inst_id: u16,
        res_id: u16,
        res_inst_id: u16,
        data: *mut u8,
        data_len: u16,
        last_block: bool,
        total_size: usize,
        offset: usize,
    ) -> c_int,
>;

/// Hears of an instance that was created or is about to go.
pub type lwm2m_engine_user_cb_t = Option<unsafe extern "C" fn(obj_inst_id: u16) -> c_int>;

/// Executes a resource.
pub type lwm2m_engine_execute_cb_t =
    Option<unsafe extern "C" fn(obj_inst_id: u16, args: *mut u8, args_len: u16) -> c_int>;

/// Makes an object instance; null: it exists, or there is no room.
pub type lwm2m_engine_obj_create_cb_t =
    Option<unsafe extern "C" fn(obj_inst_id: u16) -> *mut lwm2m_engine_obj_inst>;

/// Says whether a sample enters the cache (a C `bool`).
pub type lwm2m_cache_filter_cb_t = Option<
    unsafe extern "C" fn(path: *const lwm2m_obj_path, element: *const lwm2m_time_series_elem) -> u8,
>;

/// A function of the init section.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lwm2m_init_func {
    /// Runs once, before the engine starts.
    pub f: Option<unsafe extern "C" fn() -> c_int>,
}

/// The definition of a resource within its object.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lwm2m_engine_obj_field {
    /// Resource ID.
    pub res_id: u16,
    /// `LWM2M_PERM_*`.
    pub permissions: u8,
    /// `LWM2M_RES_TYPE_*`.
    pub data_type: u8,
}

/// An object.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lwm2m_engine_obj {
    /// Its place in the object list.
    pub node: sys_snode_t,
    /// The definitions of its resources.
    pub fields: *mut lwm2m_engine_obj_field,
    /// Makes an instance.
    pub create_cb: lwm2m_engine_obj_create_cb_t,
    /// Takes an instance back.
    pub delete_cb: lwm2m_engine_user_cb_t,
    /// The application's own: an instance was created.
    pub user_create_cb: lwm2m_engine_user_cb_t,
    /// The application's own: an instance will be deleted.
    pub user_delete_cb: lwm2m_engine_user_cb_t,
    /// Object ID.
    pub obj_id: u16,
    /// How many `fields` there are.
    pub field_count: u16,
    /// How many instances there are.
    pub instance_count: u16,
    /// How many there may be.
    pub max_instance_count: u16,
    /// Version of the object definition, major.
    pub version_major: u8,
    /// Version of the object definition, minor.
    pub version_minor: u8,
    /// Bit 0: an object of the enabler itself.
    pub is_core: u8,
}

/// A resource instance: where its value lives.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lwm2m_engine_res_inst {
    /// The value.
    pub data_ptr: *mut c_void,
    /// Room at `data_ptr`.
    pub max_data_len: u16,
    /// Length of the value, a string's terminator included.
    pub data_len: u16,
    /// Resource Instance ID, or [`RES_INSTANCE_NOT_CREATED`].
    pub res_inst_id: u16,
    /// `LWM2M_RES_DATA_FLAG_*`.
    pub data_flags: u8,
}

/// A resource.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lwm2m_engine_res {
    /// Gives the buffer to read from.
    pub read_cb: lwm2m_engine_get_data_cb_t,
    /// Gives the buffer to write to.
    pub pre_write_cb: lwm2m_engine_get_data_cb_t,
    /// Judges a value before it is stored.
    #[cfg(validation)]
    pub validate_cb: lwm2m_engine_set_data_cb_t,
    /// Hears of a value that was stored.
    pub post_write_cb: lwm2m_engine_set_data_cb_t,
    /// Executes the resource.
    pub execute_cb: lwm2m_engine_execute_cb_t,
    /// The slots for its instances.
    pub res_instances: *mut lwm2m_engine_res_inst,
    /// Resource ID.
    pub res_id: u16,
    /// How many slots there are.
    pub res_inst_count: u8,
    /// Whether it may have several instances (a C `bool`).
    pub multi_res_inst: u8,
}

/// An object instance.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lwm2m_engine_obj_inst {
    /// Its place in the instance list.
    pub node: sys_snode_t,
    /// Its object.
    pub obj: *mut lwm2m_engine_obj,
    /// Its resources.
    pub resources: *mut lwm2m_engine_res,
    /// Object Instance ID.
    pub obj_inst_id: u16,
    /// How many `resources` there are.
    pub resource_count: u16,
}

/// A position in one of Zephyr's ring buffers.
#[cfg(not(ring_buffer_large))]
pub type ring_buf_idx_t = u16;
/// A position in one of Zephyr's ring buffers, with `CONFIG_RING_BUFFER_LARGE`.
#[cfg(ring_buffer_large)]
pub type ring_buf_idx_t = u32;

/// One end of a ring buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ring_buf_index {
    /// Claimed up to here.
    pub head: ring_buf_idx_t,
    /// Finished up to here.
    pub tail: ring_buf_idx_t,
    /// Where the buffer's current round began.
    pub base: ring_buf_idx_t,
}

/// Zephyr's ring buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ring_buf {
    /// The bytes.
    pub buffer: *mut u8,
    /// Where the next byte goes in.
    pub put: ring_buf_index,
    /// Where the next byte comes out.
    pub get: ring_buf_index,
    /// Room in the buffer.
    pub size: u32,
}

/// A cached resource.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lwm2m_time_series_resource {
    /// Its place in the list of cached resources.
    pub node: sys_snode_t,
    /// The resource.
    pub path: lwm2m_obj_path,
    /// Says which samples to keep.
    pub filter_cb: lwm2m_cache_filter_cb_t,
    /// The samples.
    pub rb: ring_buf,
}

impl sys_snode_t {
    /// A node that is in no list.
    pub const EMPTY: Self = Self { next: null_mut() };
}

impl sys_slist_t {
    /// A list without nodes.
    pub const EMPTY: Self = Self {
        head: null_mut(),
        tail: null_mut(),
    };
}

impl lwm2m_obj_path_list {
    /// As a C static begins: all zero.
    pub const EMPTY: Self = Self {
        node: sys_snode_t::EMPTY,
        path: lwm2m_obj_path {
            obj_id: 0,
            obj_inst_id: 0,
            res_id: 0,
            res_inst_id: 0,
            level: LWM2M_PATH_LEVEL_NONE,
        },
    };
}

impl observe_node {
    /// As a C static begins: all zero.
    pub const EMPTY: Self = Self {
        node: sys_snode_t::EMPTY,
        path_list: sys_slist_t::EMPTY,
        token: [0; 8],
        event_timestamp: 0,
        last_timestamp: 0,
        active_notify: null_mut(),
        counter: 0,
        format: 0,
        tkl: 0,
        flags: 0,
    };
}

impl lwm2m_engine_obj {
    /// As a C static begins: all zero.
    pub const EMPTY: Self = Self {
        node: sys_snode_t::EMPTY,
        fields: null_mut(),
        create_cb: None,
        delete_cb: None,
        user_create_cb: None,
        user_delete_cb: None,
        obj_id: 0,
        field_count: 0,
        instance_count: 0,
        max_instance_count: 0,
        version_major: 0,
        version_minor: 0,
        is_core: 0,
    };
}

impl lwm2m_engine_res_inst {
    /// As `init_res_instance` leaves it: no value, not created.
    pub const NOT_CREATED: Self = Self {
        data_ptr: null_mut(),
        max_data_len: 0,
        data_len: 0,
        res_inst_id: RES_INSTANCE_NOT_CREATED,
        data_flags: 0,
    };
}

impl lwm2m_engine_res {
    /// As a C static begins: all zero.
    pub const EMPTY: Self = Self {
        read_cb: None,
        pre_write_cb: None,
        #[cfg(validation)]
        validate_cb: None,
        post_write_cb: None,
        execute_cb: None,
        res_instances: null_mut(),
        res_id: 0,
        res_inst_count: 0,
        multi_res_inst: 0,
    };

    /// The same resource with this validate callback; nothing changes where the configuration has
    /// no validation.
    #[must_use]
    pub const fn with_validate(mut self, validate_cb: lwm2m_engine_set_data_cb_t) -> Self {
        #[cfg(validation)]
        {
            self.validate_cb = validate_cb;
        }
        #[cfg(not(validation))]
        let _ = (&mut self, validate_cb);
        self
    }
}

impl lwm2m_engine_obj_inst {
    /// As a C static begins: all zero.
    pub const EMPTY: Self = Self {
        node: sys_snode_t::EMPTY,
        obj: null_mut(),
        resources: null_mut(),
        obj_inst_id: 0,
        resource_count: 0,
    };
}

/// The layouts, proved: one assertion for each row of `struct_layout.tsv`.
mod layout {
    use super::*;

    /// `struct _slist`, the tag behind `sys_slist_t`.
    type _slist = sys_slist_t;

    /// The size of what a pointer points at, without reading it.
    const fn pointee_size<T>(_: *const T) -> usize {
        size_of::<T>()
    }

    include!(concat!(env!("OUT_DIR"), "/layout.rs"));
}
