// SPDX-License-Identifier: Apache-2.0
//! The glue of `glue/association.h` and `glue/issue.h`, as declared there.

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::ptr::null;

/// `struct lwm2m_dtls`
#[repr(C)]
pub struct Association {
    _opaque: [u8; 0],
}

/// `struct lwm2m_dtls_bytes`
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Bytes {
    pub data: *const c_uchar,
    pub length: usize,
}

impl Bytes {
    pub const NONE: Self = Self {
        data: null(),
        length: 0,
    };

    /// Bytes that are there as long as `bytes` is.
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            length: bytes.len(),
        }
    }
}

pub type Random = extern "C" fn(*mut c_void, *mut c_uchar, usize) -> c_int;

/// `struct lwm2m_dtls_settings`
#[repr(C)]
pub struct Settings {
    pub server: bool,
    pub identity: Bytes,
    pub key: Bytes,
    pub authority: Bytes,
    pub certificate: Bytes,
    pub private_key: Bytes,
    pub name: *const c_char,
    pub suites: *const c_int,
    pub session: Bytes,
    pub connection_id: c_int,
    pub first_timeout: u32,
    pub last_timeout: u32,
    pub peer: Bytes,
    pub random: Random,
}

/// `struct lwm2m_dtls_call`
#[repr(C)]
pub struct Call {
    pub now: u64,
    pub datagram: Bytes,
    pub transmit: unsafe extern "C" fn(*mut c_void, *const c_uchar, usize),
    pub to: *mut c_void,
}

unsafe extern "C" {
    pub fn lwm2m_dtls_new(settings: *const Settings, error: *mut c_int) -> *mut Association;
    pub fn lwm2m_dtls_free(association: *mut Association);
    pub fn lwm2m_dtls_handshake(association: *mut Association, call: *mut Call) -> c_int;
    pub fn lwm2m_dtls_deadline(association: *const Association) -> u64;
    pub fn lwm2m_dtls_read(
        association: *mut Association,
        call: *mut Call,
        buffer: *mut c_uchar,
        room: usize,
    ) -> c_int;
    pub fn lwm2m_dtls_pending(association: *const Association) -> bool;
    pub fn lwm2m_dtls_write(
        association: *mut Association,
        call: *mut Call,
        data: *const c_uchar,
        length: usize,
    ) -> c_int;
    pub fn lwm2m_dtls_close(association: *mut Association, call: *mut Call);
    pub fn lwm2m_dtls_session(
        association: *const Association,
        buffer: *mut c_uchar,
        room: usize,
    ) -> usize;
    pub fn lwm2m_dtls_resumed(association: *const Association) -> bool;
    pub fn lwm2m_dtls_connection_id(association: *const Association) -> c_int;
    pub fn lwm2m_dtls_fault(association: *const Association) -> c_int;
}

/// Random bytes for Mbed TLS, from the system.
pub extern "C" fn random(_: *mut c_void, bytes: *mut c_uchar, length: usize) -> c_int {
    if length == 0 {
        return 0;
    }
    // SAFETY: Mbed TLS asks for as many bytes as it has room for there, which need not be initialised.
    let bytes = unsafe { std::slice::from_raw_parts_mut(bytes.cast(), length) };
    match getrandom::fill_uninit(bytes) {
        Ok(_) => 0,
        Err(_) => -1,
    }
}

#[cfg(feature = "issue")]
mod issue {
    use super::*;

    /// `struct lwm2m_dtls_order`
    #[repr(C)]
    pub struct Order {
        pub subject: *const c_char,
        pub issuer: *const c_char,
        pub issuer_key: Bytes,
        pub name: *const c_char,
        pub authority: bool,
        pub from: *const c_char,
        pub until: *const c_char,
        pub serial: [c_uchar; 8],
        pub random: Random,
    }

    unsafe extern "C" {
        pub fn lwm2m_dtls_issue(
            order: *const Order,
            certificate: *mut c_uchar,
            certificate_room: usize,
            key: *mut c_uchar,
            key_room: usize,
            certificate_length: *mut usize,
            key_length: *mut usize,
        ) -> c_int;
    }
}
#[cfg(feature = "issue")]
pub use issue::*;
