// SPDX-License-Identifier: Apache-2.0
//! What applications do with resources: set and get values, exchange buffers, create resource
//! instances, register callbacks. Paths and values are C's: the numbers of a path are used as they
//! are, a value has the representation of its resource.

use crate::c_types::{
    LWM2M_PATH_LEVEL_RESOURCE_INST, RES_INSTANCE_NOT_CREATED, lwm2m_engine_execute_cb_t,
    lwm2m_engine_get_data_cb_t, lwm2m_engine_obj_field, lwm2m_engine_res, lwm2m_engine_res_inst,
    lwm2m_engine_set_data_cb_t, lwm2m_obj_path, lwm2m_res_item,
};
use crate::error::{CallbackError, GetError, LookupError, ResourceInstanceError, SetError};
use crate::nodes::{ResourceNode, SlotNode};
use crate::registry::{Registry, Resource, core_path, created_slot};
use crate::values::{self, TIME_SIZE};
use crate::writing::{Destination, wipe_rest};
use core::ffi::{CStr, c_void};
use core::marker::PhantomData;
use lwm2m_core::value::DataType;

/// A value as it lies in the application's memory.
#[derive(Clone, Copy, Debug)]
pub struct RawValue<'a> {
    pointer: *const u8,
    len: usize,
    value: PhantomData<&'a [u8]>,
}

impl<'a> RawValue<'a> {
    /// `len` bytes at `pointer`.
    ///
    /// # Safety
    /// `pointer` is null, or `len` bytes are readable there as long as the value is used. They may
    /// be the very buffer of the resource that is set.
    #[must_use]
    pub const unsafe fn from_raw(pointer: *const c_void, len: usize) -> Self {
        Self {
            pointer: pointer.cast(),
            len,
            value: PhantomData,
        }
    }

    /// The bytes of an opaque value, or of a number in native order.
    #[must_use]
    pub const fn bytes(bytes: &'a [u8]) -> Self {
        Self {
            pointer: bytes.as_ptr(),
            len: bytes.len(),
            value: PhantomData,
        }
    }

    /// A string, its terminator included.
    #[must_use]
    pub const fn text(text: &'a CStr) -> Self {
        Self::bytes(text.to_bytes_with_nul())
    }
}

/// Memory of the application that a value is to be put into.
#[derive(Debug)]
pub struct RawBuffer<'a> {
    pointer: *mut u8,
    len: usize,
    buffer: PhantomData<&'a mut [u8]>,
}

impl<'a> RawBuffer<'a> {
    /// `len` bytes at `pointer`, initialised or not.
    ///
    /// # Safety
    /// `len` bytes are writable at `pointer` as long as the buffer is used, by nobody else.
    #[must_use]
    pub const unsafe fn from_raw(pointer: *mut c_void, len: usize) -> Self {
        Self {
            pointer: pointer.cast(),
            len,
            buffer: PhantomData,
        }
    }

    /// A Rust buffer.
    #[must_use]
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self {
            pointer: buffer.as_mut_ptr(),
            len: buffer.len(),
            buffer: PhantomData,
        }
    }
}

/// The buffer of a resource instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// The value.
    pub data: *mut c_void,
    /// Room at `data`.
    pub room: u16,
    /// Length of the value, a string's terminator included.
    pub len: u16,
    /// `LWM2M_RES_DATA_FLAG_*`.
    pub flags: u8,
}

impl Registry<'_> {
    /// Sets a value: `lwm2m_engine_set`, behind all `lwm2m_set_<type>`. The size of the value, not
    /// its type, must suit the buffer.
    ///
    /// # Errors
    /// See [`SetError`]. Except with [`SetError::Callback`] the old value is still there.
    pub fn set(&self, path: &lwm2m_obj_path, value: RawValue<'_>) -> Result<(), SetError> {
        if value.pointer.is_null() && value.len > 0 {
            return Err(SetError::Null);
        }
        let Ok(len) = u16::try_from(value.len) else {
            return Err(SetError::TooLong);
        };
        let resource = self.resource_by_path(path)?;
        let id = path.res_inst_id;
        let (node, slot) = self.slot(&resource, id).ok_or(NOT_FOUND)?;
        if slot.read_only() {
            return Err(SetError::ReadOnly);
        }
        let mut to = self.destination(&resource, id, node, slot);
        check_size(&resource, value.len, &to)?;
        let (mut node, mut slot) = self.slot(&resource, id).ok_or(NOT_FOUND)?;
        if let Some(validate) = node.validate_cb() {
            let data = value.pointer.cast_mut();
            // SAFETY: the application's callback, called as its type says, under the lock, with
            // the application's own value.
            let answer = self.call(|| unsafe {
                validate(path.obj_inst_id, path.res_id, id, data, len, false, 0, 0)
            });
            if answer < 0 {
                return Err(SetError::Refused);
            }
            (node, slot) = self.slot(&resource, id).ok_or(NOT_FOUND)?;
            if !to.named {
                to = Destination::of(slot);
                check_size(&resource, value.len, &to)?;
            }
        }
        let (changed, stored) = put(&resource, value, &to)?;
        let changed = changed || usize::from(slot.len()) != stored;
        wipe_rest(&resource, &to, slot, stored);
        slot.set_len(stored as u16);
        #[cfg(any(cache, test))]
        // SAFETY: `value` has that many bytes, by its contract.
        if unsafe { self.note_sample(path, &resource, value.pointer, value.len) } {
            (node, _) = self.slot(&resource, id).ok_or(NOT_FOUND)?;
        }
        let mut answer = 0;
        if let Some(post_write) = node.post_write_cb() {
            // SAFETY: the application's callback, called as its type says, under the lock.
            answer = self.call(|| unsafe {
                post_write(
                    path.obj_inst_id,
                    path.res_id,
                    id,
                    to.pointer,
                    len,
                    false,
                    0,
                    0,
                )
            });
        }
        if changed && resource.permissions.read() {
            self.changes().resource_changed(core_path(path));
        }
        match answer {
            0 => Ok(()),
            answer => Err(SetError::Callback(answer)),
        }
    }

    /// Sets a string: `lwm2m_set_string`. `text` ends with its terminator, which is stored only
    /// where the resource is a string.
    ///
    /// # Errors
    /// As for [`Registry::set`].
    pub fn set_string(
        &self,
        path: &lwm2m_obj_path,
        mut text: RawValue<'_>,
    ) -> Result<(), SetError> {
        if !self.is_string(path) {
            text.len = text.len.saturating_sub(1);
        }
        self.set(path, text)
    }

    /// Sets several values in turn: `lwm2m_set_bulk`. Stops at the first error.
    ///
    /// # Safety
    /// Each item's path is null or points at a path, and its value is null or `size` bytes are
    /// readable there.
    ///
    /// # Errors
    /// As for [`Registry::set`]; [`SetError::Null`] for an item without a path.
    pub unsafe fn set_bulk(&self, items: &[lwm2m_res_item]) -> Result<(), SetError> {
        for item in items {
            if item.path.is_null() {
                return Err(SetError::Null);
            }
            // SAFETY: by the contract.
            let (path, value) = unsafe {
                let value = RawValue::from_raw(item.value, usize::from(item.size));
                (item.path.read(), value)
            };
            self.set(&path, value)?;
        }
        Ok(())
    }

    /// Gets a value: `lwm2m_engine_get`, behind all `lwm2m_get_<type>`. Returns how many bytes were
    /// written: none when there is no value, except the terminator of an empty string.
    ///
    /// # Errors
    /// See [`GetError`]; nothing was written then.
    pub fn get(&self, path: &lwm2m_obj_path, into: RawBuffer<'_>) -> Result<usize, GetError> {
        let resource = self.resource_by_path(path)?;
        let id = path.res_inst_id;
        let (node, slot) = self
            .slot(&resource, id)
            .ok_or(GetError::Lookup(LookupError::NotFound))?;
        let mut data = slot.data();
        let mut len = usize::from(slot.len());
        if let Some(read) = node.read_cb() {
            // SAFETY: the application's callback, called as its type says, under the lock.
            data = self.call(|| unsafe { read(path.obj_inst_id, path.res_id, id, &mut len) });
        }
        let data = data.cast_const().cast::<u8>();
        let data_type = resource.data_type;
        if data.is_null() || len == 0 {
            if data_type == DataType::String && into.len > 0 {
                // SAFETY: there is room for one byte.
                unsafe { into.pointer.write(0) };
                return Ok(1);
            }
            return Ok(0);
        }
        match data_type {
            DataType::Opaque | DataType::String if len > into.len => Err(GetError::TooLong),
            DataType::Opaque => {
                // SAFETY: `len` bytes are readable at `data`, as the application said, and as many
                // are writable.
                unsafe { values::copy_out(data, into.pointer, len) };
                Ok(len)
            }
            DataType::String => {
                // SAFETY: as above.
                unsafe {
                    let text = values::text_len(data, len - 1);
                    values::copy_out(data, into.pointer, text);
                    into.pointer.add(text).write_bytes(0, len - text);
                }
                Ok(len)
            }
            DataType::Time => {
                if !is_time_size(len) || !is_time_size(into.len) {
                    return Err(GetError::WrongSize);
                }
                // SAFETY: as above, for these lengths.
                unsafe { values::store(into.pointer, values::load(data, len), into.len) };
                Ok(into.len)
            }
            DataType::None => Err(GetError::NoType),
            _ if len != into.len || len > 8 => Err(GetError::WrongSize),
            _ => {
                // SAFETY: as above.
                unsafe { values::store(into.pointer, values::load(data, len), len) };
                Ok(len)
            }
        }
    }

    /// Gets a string: `lwm2m_get_string`. What is not a string by its type gets a terminator.
    ///
    /// # Errors
    /// As for [`Registry::get`].
    pub fn get_string(
        &self,
        path: &lwm2m_obj_path,
        mut into: RawBuffer<'_>,
    ) -> Result<usize, GetError> {
        if !self.is_string(path) && into.len > 0 {
            // SAFETY: there are `len` bytes.
            unsafe { into.pointer.write_bytes(0, into.len) };
            into.len -= 1;
        }
        self.get(path, into)
    }

    /// Gives a resource instance another buffer: `lwm2m_set_res_buf`.
    ///
    /// # Safety
    /// `buffer.data` is null, or `buffer.room` bytes are readable and (unless read-only) writable
    /// there until the resource instance gets another buffer.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub unsafe fn set_res_buf(
        &self,
        path: &lwm2m_obj_path,
        buffer: Buffer,
    ) -> Result<(), LookupError> {
        let (_, slot) = self.slot_by_path(path)?;
        slot.set_data(buffer.data);
        slot.set_len(buffer.len);
        slot.set_room(buffer.room);
        slot.set_flags(buffer.flags);
        Ok(())
    }

    /// The buffer of a resource instance: `lwm2m_get_res_buf`.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn get_res_buf(&self, path: &lwm2m_obj_path) -> Result<Buffer, LookupError> {
        let (_, slot) = self.slot_by_path(path)?;
        Ok(Buffer {
            data: slot.data(),
            room: slot.room(),
            len: slot.len(),
            flags: slot.flags(),
        })
    }

    /// Says how long the value in a resource instance's buffer is: `lwm2m_set_res_data_len`.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn set_res_data_len(&self, path: &lwm2m_obj_path, len: u16) -> Result<(), LookupError> {
        let (_, slot) = self.slot_by_path(path)?;
        slot.set_len(len);
        Ok(())
    }

    /// Creates a resource instance: `lwm2m_create_res_inst`.
    ///
    /// # Errors
    /// See [`ResourceInstanceError`].
    pub fn create_res_inst(&self, path: &lwm2m_obj_path) -> Result<(), ResourceInstanceError> {
        if path.level < LWM2M_PATH_LEVEL_RESOURCE_INST {
            return Err(LookupError::Level.into());
        }
        let node = self.resource_node_by_path(path)?;
        let id = path.res_inst_id;
        if id == RES_INSTANCE_NOT_CREATED || node.slot(id).is_some() {
            return Err(ResourceInstanceError::Taken);
        }
        allocate(node, id)?;
        Ok(())
    }

    /// Deletes a resource instance and takes its buffer away: `lwm2m_delete_res_inst`.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn delete_res_inst(&self, path: &lwm2m_obj_path) -> Result<(), LookupError> {
        if path.level < LWM2M_PATH_LEVEL_RESOURCE_INST {
            return Err(LookupError::Level);
        }
        let (_, slot) = self.slot_by_path(path)?;
        slot.set_data(core::ptr::null_mut());
        slot.set_room(0);
        slot.set_len(0);
        slot.set_id(RES_INSTANCE_NOT_CREATED);
        Ok(())
    }

    /// Finds a resource instance or creates it: `lwm2m_engine_get_create_res_inst`.
    ///
    /// # Errors
    /// See [`ResourceInstanceError`].
    pub fn get_create_res_inst(
        &self,
        path: &lwm2m_obj_path,
    ) -> Result<(*mut lwm2m_engine_res, *mut lwm2m_engine_res_inst), ResourceInstanceError> {
        let nodes = self.path_to_objs(path)?;
        if !nodes.res_inst.is_null() {
            return Ok((nodes.res, nodes.res_inst));
        }
        if path.level < LWM2M_PATH_LEVEL_RESOURCE_INST
            || path.res_inst_id == RES_INSTANCE_NOT_CREATED
        {
            return Err(ResourceInstanceError::NotNamed);
        }
        // SAFETY: just found, and no callback ran since.
        let node = unsafe { ResourceNode::new(nodes.res) }.ok_or(LookupError::NotFound)?;
        let slot = allocate(node, path.res_inst_id)?;
        Ok((nodes.res, slot.as_ptr()))
    }

    /// The resource a path of level Resource or below leads to: `lwm2m_get_resource`.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn get_resource(
        &self,
        path: &lwm2m_obj_path,
    ) -> Result<*mut lwm2m_engine_res, LookupError> {
        Ok(self.resource_node_by_path(path)?.as_ptr())
    }

    /// The resource instance a path of level Resource Instance leads to:
    /// `lwm2m_engine_get_res_inst`.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn get_res_inst(
        &self,
        path: &lwm2m_obj_path,
    ) -> Result<*mut lwm2m_engine_res_inst, LookupError> {
        if path.level != LWM2M_PATH_LEVEL_RESOURCE_INST {
            return Err(LookupError::Level);
        }
        Ok(self.slot_by_path(path)?.1.as_ptr())
    }

    /// The definition of the resource a path leads to, for those who need its data type.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn get_field(
        &self,
        path: &lwm2m_obj_path,
    ) -> Result<*mut lwm2m_engine_obj_field, LookupError> {
        Ok(self.path_to_objs(path)?.obj_field)
    }

    /// The callback that gives the buffer to read from: `lwm2m_register_read_callback`.
    ///
    /// # Safety
    /// `callback` may be called with the registry lock held, at any time, and returns null or a
    /// buffer of the length it says.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub unsafe fn register_read_callback(
        &self,
        path: &lwm2m_obj_path,
        callback: lwm2m_engine_get_data_cb_t,
    ) -> Result<(), CallbackError> {
        self.resource_node_by_path(path)?.set_read_cb(callback);
        Ok(())
    }

    /// The callback that gives the buffer to write to: `lwm2m_register_pre_write_callback`.
    ///
    /// # Safety
    /// As for [`Registry::register_read_callback`]; the buffer is writable.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub unsafe fn register_pre_write_callback(
        &self,
        path: &lwm2m_obj_path,
        callback: lwm2m_engine_get_data_cb_t,
    ) -> Result<(), CallbackError> {
        self.resource_node_by_path(path)?.set_pre_write_cb(callback);
        Ok(())
    }

    /// The callback that judges values: `lwm2m_register_validate_callback`.
    ///
    /// # Safety
    /// `callback` may be called with the registry lock held, at any time.
    ///
    /// # Errors
    /// The path leads nowhere, or the configuration has no validation.
    pub unsafe fn register_validate_callback(
        &self,
        path: &lwm2m_obj_path,
        callback: lwm2m_engine_set_data_cb_t,
    ) -> Result<(), CallbackError> {
        #[cfg(validation)]
        {
            self.resource_node_by_path(path)?.set_validate_cb(callback);
            Ok(())
        }
        #[cfg(not(validation))]
        {
            let _ = (path, callback);
            Err(CallbackError::NotSupported)
        }
    }

    /// The callback that hears of stored values: `lwm2m_register_post_write_callback`.
    ///
    /// # Safety
    /// `callback` may be called with the registry lock held, at any time.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub unsafe fn register_post_write_callback(
        &self,
        path: &lwm2m_obj_path,
        callback: lwm2m_engine_set_data_cb_t,
    ) -> Result<(), CallbackError> {
        self.resource_node_by_path(path)?
            .set_post_write_cb(callback);
        Ok(())
    }

    /// The callback that executes the resource: `lwm2m_register_exec_callback`.
    ///
    /// # Safety
    /// `callback` may be called with the registry lock held, at any time.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub unsafe fn register_exec_callback(
        &self,
        path: &lwm2m_obj_path,
        callback: lwm2m_engine_execute_cb_t,
    ) -> Result<(), CallbackError> {
        self.resource_node_by_path(path)?.set_execute_cb(callback);
        Ok(())
    }

    fn resource_node_by_path(&self, path: &lwm2m_obj_path) -> Result<ResourceNode, LookupError> {
        let resource = self.resource_by_path(path)?;
        self.resource_node(&resource).ok_or(LookupError::NotFound)
    }

    fn slot_by_path(&self, path: &lwm2m_obj_path) -> Result<(ResourceNode, SlotNode), LookupError> {
        let node = self.resource_node_by_path(path)?;
        let slot = created_slot(node, path.res_inst_id).ok_or(LookupError::NotFound)?;
        Ok((node, slot))
    }
}

const NOT_FOUND: SetError = SetError::Lookup(LookupError::NotFound);

/// Takes a free slot for resource instance `id`.
fn allocate(node: ResourceNode, id: u16) -> Result<SlotNode, ResourceInstanceError> {
    let slot = node
        .slot(RES_INSTANCE_NOT_CREATED)
        .ok_or(ResourceInstanceError::NoRoom)?;
    slot.set_id(id);
    Ok(slot)
}

const fn is_time_size(len: usize) -> bool {
    len == TIME_SIZE || len == size_of::<u32>()
}

/// Whether `len` bytes suit the buffer.
fn check_size(resource: &Resource, len: usize, to: &Destination) -> Result<(), SetError> {
    if to.pointer.is_null() {
        return Err(SetError::NoBuffer);
    }
    match resource.data_type {
        DataType::Opaque | DataType::String if len > to.room => Err(SetError::TooLong),
        // Judged after the validate callback, as in C.
        DataType::Opaque | DataType::String | DataType::Time | DataType::None => Ok(()),
        _ if len != to.room => Err(SetError::WrongSize),
        _ => Ok(()),
    }
}

/// Stores the value, whose size was checked; says whether anything changed, and how many bytes the
/// stored value has.
fn put(
    resource: &Resource,
    value: RawValue<'_>,
    to: &Destination,
) -> Result<(bool, usize), SetError> {
    let RawValue { pointer, len, .. } = value;
    // SAFETY: `len` bytes are readable at `pointer` by the contract of `RawValue`, `room` bytes are
    // writable at the destination, as the application said, and the branches keep to both.
    unsafe {
        match resource.data_type {
            DataType::Opaque => Ok((values::update(to.pointer, pointer, len), len)),
            DataType::String if len == 0 => {
                // An empty string, though its length says that there is none.
                let end = to.room.min(1);
                Ok((values::update_zero(to.pointer, 0, end), 0))
            }
            DataType::String => {
                let text = values::text_len(pointer, len - 1);
                let changed = values::update(to.pointer, pointer, text);
                Ok((changed | values::update_zero(to.pointer, text, len), len))
            }
            DataType::None => Err(SetError::NoType),
            DataType::Time if !is_time_size(to.room) || !is_time_size(len) => {
                Err(SetError::WrongSize)
            }
            // Seconds are converted to the width of the buffer.
            DataType::Time => Ok((
                put_bits(values::load(pointer, len), to.pointer, to.room),
                to.room,
            )),
            _ if len == 0 || len > 8 => Err(SetError::WrongSize),
            _ => Ok((put_bits(values::load(pointer, len), to.pointer, len), len)),
        }
    }
}

/// Stores `size` bytes and says whether they are new.
///
/// # Safety
/// `size` bytes, 1 to 8, are readable and writable at `to`.
unsafe fn put_bits(bits: u64, to: *mut u8, size: usize) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let changed = values::load(to, size) != bits & (u64::MAX >> (64 - 8 * size));
        values::store(to, bits, size);
        changed
    }
}
