// SPDX-License-Identifier: Apache-2.0
//! The C callbacks of the built-in objects: their types without the null pointer, what they answer,
//! and the one look at the bytes they are handed.

use core::ffi::{c_int, c_void};

/// `lwm2m_engine_get_data_cb_t`, never null.
pub type GetData = unsafe extern "C" fn(u16, u16, u16, *mut usize) -> *mut c_void;

/// `lwm2m_engine_set_data_cb_t`, never null.
pub type SetData = unsafe extern "C" fn(u16, u16, u16, *mut u8, u16, bool, usize, usize) -> c_int;

/// `lwm2m_engine_execute_cb_t`, never null.
pub type Execute = unsafe extern "C" fn(u16, *mut u8, u16) -> c_int;

/// The negative error numbers that callbacks return. Those up to 34 are the same in every C library
/// that Zephyr builds with.
pub(crate) mod errno {
    use core::ffi::c_int;

    /// Operation not permitted.
    pub const EPERM: c_int = -1;
    /// No such instance.
    pub const ENOENT: c_int = -2;
    /// Out of memory.
    pub const ENOMEM: c_int = -12;
    /// Bad address; of a package: its integrity check failed.
    pub const EFAULT: c_int = -14;
    /// Invalid argument.
    pub const EINVAL: c_int = -22;
    /// File too large.
    pub const EFBIG: c_int = -27;
    /// No space left.
    pub const ENOSPC: c_int = -28;
    /// No message; of a package: not supported. As newlib, picolibc and Zephyr's own C library
    /// number it.
    pub const ENOMSG: c_int = -35;
    /// The same as glibc numbers it; native_sim is built with either.
    pub const ENOMSG_GLIBC: c_int = -42;
}

/// The value a write callback is handed, if it has exactly `N` bytes.
///
/// # Safety
/// `data` points to `length` readable bytes, or is null.
pub(crate) unsafe fn value<const N: usize>(data: *const u8, length: u16) -> Option<[u8; N]> {
    if data.is_null() || usize::from(length) != N {
        return None;
    }
    // SAFETY: `N` readable bytes by the contract; an array of bytes has no alignment.
    Some(unsafe { data.cast::<[u8; N]>().read() })
}
