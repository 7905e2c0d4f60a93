// SPDX-License-Identifier: Apache-2.0
//! Reading and writing resources, and the buffers behind them.
//!
//! A path of three numbers means resource instance 0.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::{from_mut, from_ref};

use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{lwm2m_obj_path, lwm2m_objlnk, lwm2m_res_item, time_t};
use lwm2m_registry::{
    Buffer, GetError, LookupError, RawBuffer, RawValue, ResourceInstanceError, SetError,
};

use crate::errno::{self, Errno};
use crate::path;
use crate::state;

impl Errno for LookupError {
    fn errno(self) -> c_int {
        match self {
            LookupError::Level | LookupError::NoResources => -errno::EINVAL,
            LookupError::NotFound => -errno::ENOENT,
        }
    }
}

impl Errno for GetError {
    fn errno(self) -> c_int {
        match self {
            GetError::Lookup(error) => error.errno(),
            GetError::TooLong => -errno::ENOMEM,
            GetError::WrongSize | GetError::NoType => -errno::EINVAL,
        }
    }
}

impl Errno for SetError {
    fn errno(self) -> c_int {
        match self {
            SetError::Lookup(error) => error.errno(),
            SetError::ReadOnly => -errno::EACCES,
            SetError::TooLong => -errno::ENOMEM,
            SetError::Null
            | SetError::NoBuffer
            | SetError::WrongSize
            | SetError::NoType
            | SetError::Refused => -errno::EINVAL,
            SetError::Callback(number) => number,
        }
    }
}

impl Errno for ResourceInstanceError {
    fn errno(self) -> c_int {
        match self {
            ResourceInstanceError::Lookup(error) => error.errno(),
            ResourceInstanceError::Taken | ResourceInstanceError::NotNamed => -errno::EINVAL,
            ResourceInstanceError::NoRoom => -errno::ENOMEM,
        }
    }
}

/// Sets the resource to the `length` bytes at `value`.
///
/// # Safety
/// `path` is NULL or readable; so is `value`, for `length` bytes.
unsafe fn set(path: *const lwm2m_obj_path, value: *const c_void, length: u16) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the contract.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the contract.
        let value = unsafe { RawValue::from_raw(value, usize::from(length)) };
        state.registry().set(&path, value)
    }))
}

/// Sets the resource to a value of its C type.
///
/// # Safety
/// `path` is NULL or readable.
unsafe fn set_value<T: Copy>(path: *const lwm2m_obj_path, value: &T) -> c_int {
    // SAFETY: by the contract; a reference is readable for its type's size.
    unsafe { set(path, from_ref(value).cast(), size_of::<T>() as u16) }
}

/// Reads the resource into the `length` bytes at `buffer`.
///
/// # Safety
/// `path` is NULL or readable, `buffer` is NULL or writable for `length` bytes.
unsafe fn get(path: *const lwm2m_obj_path, buffer: *mut c_void, length: u16) -> c_int {
    if path.is_null() || buffer.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the contract.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the contract.
        let buffer = unsafe { RawBuffer::from_raw(buffer, usize::from(length)) };
        state.registry().get(&path, buffer)
    }))
}

/// Reads the resource as a value of its C type.
///
/// # Safety
/// `path` is NULL or readable, `value` is NULL or writable.
unsafe fn get_value<T: Copy>(path: *const lwm2m_obj_path, value: *mut T) -> c_int {
    // SAFETY: by the contract.
    unsafe { get(path, value.cast(), size_of::<T>() as u16) }
}

/// The value of a resource of type U8, for this library's own use.
pub(crate) fn get_u8(path: &Path) -> Result<u8, GetError> {
    let mut value = 0u8;
    let path = path::to_c(path);
    state::locked(|state| {
        // SAFETY: the place is writable for one byte.
        let buffer = unsafe { RawBuffer::from_raw(from_mut(&mut value).cast(), 1) };
        state.registry().get(&path, buffer)
    })?;
    Ok(value)
}

/// Sets a resource of type OPAQUE.
///
/// @param path      The resource, or resource instance.
/// @param data_ptr  The bytes; may be NULL when there are none.
/// @param data_len  How many.
///
/// @return 0, or
///         -EINVAL: the path is NULL or has fewer than three numbers, `data_ptr` is NULL, the
///         resource has no buffer, or the validate callback refused the value;
///         -ENOENT: there is no such resource;
///         -EACCES: the value is read-only;
///         -ENOMEM: the value does not fit;
///         or what the post-write callback returned.
///
/// Any thread, any callback. Returns when the value is stored; observers are notified afterwards.
/// The same holds for the other functions of this kind, which set one type each; they return
/// -EINVAL as well when the resource's value has another size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_opaque(
    path: *const lwm2m_obj_path,
    data_ptr: *const c_char,
    data_len: u16,
) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set(path, data_ptr.cast(), data_len) }
}

/// Sets a resource of type STRING to a terminated text, see lwm2m_set_opaque(). Sets one of type
/// OPAQUE to the text without its terminator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_string(
    path: *const lwm2m_obj_path,
    data_ptr: *const c_char,
) -> c_int {
    if path.is_null() || data_ptr.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    // SAFETY: by the function's contract, a terminated text.
    let length = unsafe { CStr::from_ptr(data_ptr) }.count_bytes() + 1;
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract.
        let text = unsafe { RawValue::from_raw(data_ptr.cast(), length) };
        state.registry().set_string(&path, text)
    }))
}

/// Sets a resource of type U8, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_u8(path: *const lwm2m_obj_path, value: u8) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type U16, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_u16(path: *const lwm2m_obj_path, value: u16) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type U32, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_u32(path: *const lwm2m_obj_path, value: u32) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type S8, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_s8(path: *const lwm2m_obj_path, value: i8) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type S16, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_s16(path: *const lwm2m_obj_path, value: i16) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type S32, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_s32(path: *const lwm2m_obj_path, value: i32) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type S64, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_s64(path: *const lwm2m_obj_path, value: i64) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type BOOL, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_bool(path: *const lwm2m_obj_path, value: bool) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type FLOAT, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_f64(path: *const lwm2m_obj_path, value: f64) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets a resource of type OBJLNK, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_objlnk(
    path: *const lwm2m_obj_path,
    value: *const lwm2m_objlnk,
) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set(path, value.cast(), size_of::<lwm2m_objlnk>() as u16) }
}

/// Sets a resource of type TIME to seconds since 1970, see lwm2m_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_time(path: *const lwm2m_obj_path, value: time_t) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { set_value(path, &value) }
}

/// Sets several resources with the registry locked, so that observers hear of all at once.
///
/// @param res_list       The values; `size` counts a string's terminator.
/// @param res_list_size  How many.
///
/// @return 0, or what the first that cannot be set returns, see lwm2m_set_opaque(). Those before
///         it are set, those after it are not. -EINVAL for a NULL list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_bulk(
    res_list: *const lwm2m_res_item,
    res_list_size: usize,
) -> c_int {
    if res_list.is_null() {
        return -errno::EINVAL;
    }
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract, the list is that long, does not change meanwhile, and
        // its pointers are readable or NULL.
        unsafe {
            let items = core::slice::from_raw_parts(res_list, res_list_size);
            state.registry().set_bulk(items)
        }
    }))
}

/// Reads a resource of type OPAQUE.
///
/// @param path    The resource, or resource instance.
/// @param buf     Takes the value.
/// @param buflen  Its room.
///
/// @return 0, or
///         -EINVAL: a pointer is NULL or the path has fewer than three numbers;
///         -ENOENT: there is no such resource;
///         -ENOMEM: the value is longer than the room.
///
/// Any thread, any callback. What has no value leaves `buf` as it is. The same holds for the other
/// functions of this kind, which read one type each; they return -EINVAL as well when the
/// resource's value has another size. On error nothing is written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_opaque(
    path: *const lwm2m_obj_path,
    buf: *mut c_void,
    buflen: u16,
) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get(path, buf, buflen) }
}

/// Reads a resource of type STRING as a terminated text, see lwm2m_get_opaque(); without a value it
/// is the empty text. Reads one of type OPAQUE and terminates it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_string(
    path: *const lwm2m_obj_path,
    str: *mut c_void,
    buflen: u16,
) -> c_int {
    if path.is_null() || str.is_null() || buflen == 0 {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        // SAFETY: by the function's contract.
        let buffer = unsafe { RawBuffer::from_raw(str, usize::from(buflen)) };
        state.registry().get_string(&path, buffer)
    }))
}

/// Reads a resource of type U8, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_u8(path: *const lwm2m_obj_path, value: *mut u8) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type U16, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_u16(path: *const lwm2m_obj_path, value: *mut u16) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type U32, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_u32(path: *const lwm2m_obj_path, value: *mut u32) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type S8, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_s8(path: *const lwm2m_obj_path, value: *mut i8) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type S16, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_s16(path: *const lwm2m_obj_path, value: *mut i16) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type S32, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_s32(path: *const lwm2m_obj_path, value: *mut i32) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type S64, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_s64(path: *const lwm2m_obj_path, value: *mut i64) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type BOOL, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_bool(path: *const lwm2m_obj_path, value: *mut bool) -> c_int {
    if value.is_null() {
        return -errno::EINVAL;
    }
    let mut byte = 0u8;
    // SAFETY: by the function's contract.
    let result = unsafe { get_value(path, &raw mut byte) };
    if result == 0 {
        // SAFETY: not NULL, so by the function's contract writable.
        unsafe { value.write(byte != 0) };
    }
    result
}

/// Reads a resource of type FLOAT, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_f64(path: *const lwm2m_obj_path, value: *mut f64) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, value) }
}

/// Reads a resource of type OBJLNK, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_objlnk(
    path: *const lwm2m_obj_path,
    buf: *mut lwm2m_objlnk,
) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, buf) }
}

/// Reads a resource of type TIME as seconds since 1970, see lwm2m_get_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_time(path: *const lwm2m_obj_path, buf: *mut time_t) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { get_value(path, buf) }
}

/// Gives a resource a buffer of the application for its value.
///
/// @param path        The resource, or resource instance.
/// @param buffer_ptr  The buffer. It must stay until the resource gets another, and may be written
///                    by the application at any time. May be NULL.
/// @param buffer_len  Its room, a string's terminator included.
/// @param data_len    Length of the value in it, a string's terminator included.
/// @param data_flags  LWM2M_RES_DATA_FLAG_RO when nobody may write the value, or 0.
///
/// @return 0; -EINVAL when the path is NULL or has fewer than three numbers; -ENOENT when there is
///         no such resource.
///
/// Any thread, any callback. No observer is notified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_res_buf(
    path: *const lwm2m_obj_path,
    buffer_ptr: *mut c_void,
    buffer_len: u16,
    data_len: u16,
    data_flags: u8,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        let buffer = Buffer {
            data: buffer_ptr,
            room: buffer_len,
            len: data_len,
            flags: data_flags,
        };
        // SAFETY: by the function's contract, the buffer stays and has that room.
        unsafe { state.registry().set_res_buf(&path, buffer) }
    }))
}

/// Older form of lwm2m_set_res_buf(), for a buffer that the value fills: Zephyr's documentation
/// still shows it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_res_data(
    path: *const lwm2m_obj_path,
    data_ptr: *mut c_void,
    data_len: u16,
    data_flags: u8,
) -> c_int {
    // SAFETY: by the function's contract, that of `lwm2m_set_res_buf`.
    unsafe { lwm2m_set_res_buf(path, data_ptr, data_len, data_len, data_flags) }
}

/// Sets the length of the value in a resource's buffer.
///
/// @param path      The resource, or resource instance.
/// @param data_len  The length, a string's terminator included.
///
/// @return As lwm2m_set_res_buf().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_res_data_len(
    path: *const lwm2m_obj_path,
    data_len: u16,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        state.registry().set_res_data_len(&path, data_len)
    }))
}

/// Tells the buffer of a resource.
///
/// @param path        The resource, or resource instance.
/// @param buffer_ptr  Takes the buffer's address.
/// @param buffer_len  Takes its room.
/// @param data_len    Takes the length of the value in it.
/// @param data_flags  Takes its flags.
///
/// Any but the path may be NULL.
///
/// @return As lwm2m_set_res_buf(). On error nothing is written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_get_res_buf(
    path: *const lwm2m_obj_path,
    buffer_ptr: *mut *mut c_void,
    buffer_len: *mut u16,
    data_len: *mut u16,
    data_flags: *mut u8,
) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    match state::locked(|state| state.registry().get_res_buf(&path)) {
        Ok(buffer) => {
            // SAFETY: by the function's contract, each is NULL or writable.
            unsafe {
                give(buffer_ptr, buffer.data);
                give(buffer_len, buffer.room);
                give(data_len, buffer.len);
                give(data_flags, buffer.flags);
            }
            0
        }
        Err(error) => error.errno(),
    }
}

/// Writes to a place that C may have left out.
///
/// # Safety
/// `to` is NULL or writable.
pub(crate) unsafe fn give<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: by the contract.
        unsafe { to.write(value) };
    }
}

/// Creates a resource instance of a multiple resource, without a value.
///
/// @param path  Four numbers.
///
/// @return 0; -EINVAL when the path is NULL or has fewer numbers, or the resource instance exists;
///         -ENOENT when there is no such resource; -ENOMEM when it can have no more instances.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_create_res_inst(path: *const lwm2m_obj_path) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        state.registry().create_res_inst(&path)
    }))
}

/// Deletes a resource instance. Its buffer is the application's again.
///
/// @param path  Four numbers.
///
/// @return 0; -EINVAL when the path is NULL or has fewer numbers; -ENOENT when there is no such
///         resource instance.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_delete_res_inst(path: *const lwm2m_obj_path) -> c_int {
    if path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: by the function's contract, readable.
    let path = unsafe { path.read() };
    errno::status(state::locked(|state| {
        state.registry().delete_res_inst(&path)
    }))
}
