// SPDX-License-Identifier: Apache-2.0
//! The functions of `zephyr/glue/platform.h`, made safe: every pointer comes from a slice, and its
//! length goes with it.

use core::ffi::{c_char, c_int, c_uint, c_void};

use lwm2m_capi::credentials::{Buffer, Mode};
use lwm2m_capi::socket_options::SecureOptions;

mod c {
    use super::*;

    // SAFETY: the declarations are those of `zephyr/glue/platform.h` and `fatal.c`. The functions
    // that take no pointer have no preconditions.
    unsafe extern "C" {
        pub safe fn lwm2m_rs_uptime() -> i64;
        pub safe fn lwm2m_rs_entropy() -> u32;
        pub safe fn lwm2m_rs_lock();
        pub safe fn lwm2m_rs_unlock();
        pub safe fn lwm2m_rs_lock_depth() -> u32;
        pub safe fn lwm2m_rs_is_engine_thread() -> bool;
        pub safe fn lwm2m_rs_start_engine_thread() -> c_int;
        pub fn lwm2m_rs_resolve(
            host: *const c_char,
            host_length: usize,
            port: u16,
            index: c_uint,
            count: *mut c_uint,
            address: *mut c_void,
            room: usize,
        ) -> c_int;
        pub fn lwm2m_rs_socket(address: *const c_void) -> c_int;
        pub fn lwm2m_rs_secure_socket(address: *const c_void) -> c_int;
        pub fn lwm2m_rs_add_credential(
            tag: c_int,
            certificate: bool,
            resource: c_uint,
            data: *const c_void,
            length: usize,
        ) -> c_int;
        pub safe fn lwm2m_rs_delete_credentials(tag: c_int);
        pub fn lwm2m_rs_set_secure_options(
            socket: c_int,
            tag: c_int,
            certificate: bool,
            verify: bool,
            name: *const c_char,
            name_length: usize,
            suites: *const c_int,
            suites_size: usize,
        ) -> c_int;
        pub fn lwm2m_rs_connect(socket: c_int, address: *const c_void, length: usize) -> c_int;
        pub safe fn lwm2m_rs_close(socket: c_int);
        pub fn lwm2m_rs_send(socket: c_int, data: *const u8, length: usize) -> c_int;
        pub fn lwm2m_rs_wait(sockets: *const c_int, count: usize, timeout: i64) -> c_int;
        pub safe fn lwm2m_rs_wake();
        pub fn lwm2m_rs_receive(socket: c_int, buffer: *mut u8, room: usize) -> c_int;
        pub fn lwm2m_rs_log(level: u8, module: u8, text: *const c_char);
        pub safe fn lwm2m_rs_fatal() -> !;
    }
}

pub use c::{
    lwm2m_rs_close as close, lwm2m_rs_delete_credentials as delete_credentials,
    lwm2m_rs_entropy as entropy, lwm2m_rs_fatal as fatal,
    lwm2m_rs_is_engine_thread as is_engine_thread, lwm2m_rs_lock as lock,
    lwm2m_rs_lock_depth as lock_depth, lwm2m_rs_unlock as unlock, lwm2m_rs_uptime as uptime,
    lwm2m_rs_wake as wake,
};

/// Room for any `struct sockaddr_…` of an IP address, aligned for it.
#[repr(C, align(8))]
pub struct Address {
    bytes: [u8; 32],
    length: usize,
}

impl Address {
    /// The bytes of the `struct sockaddr_…`.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

fn outcome(result: c_int) -> Result<c_int, i32> {
    if result < 0 { Err(result) } else { Ok(result) }
}

/// Address number `index` of a host, counted around, and how many it has.
pub fn resolve(host: &[u8], port: u16, index: u32) -> Result<(Address, u32), i32> {
    let mut count = 1;
    let mut address = Address {
        bytes: [0; 32],
        length: 0,
    };
    // SAFETY: `host` is read for its length, `address.bytes` written for at most its length, and
    // `count` is a number to be written.
    let length = outcome(unsafe {
        c::lwm2m_rs_resolve(
            host.as_ptr().cast(),
            host.len(),
            port,
            index,
            &raw mut count,
            address.bytes.as_mut_ptr().cast(),
            address.bytes.len(),
        )
    })?;
    address.length = usize::try_from(length).unwrap_or(0);
    Ok((address, count))
}

/// A datagram socket for this kind of address, with DTLS or without.
pub fn socket(address: &Address, secure: bool) -> Result<c_int, i32> {
    let address = address.bytes.as_ptr().cast();
    // SAFETY: `resolve` wrote a whole `struct sockaddr`, and `Address` is aligned for one.
    outcome(unsafe {
        if secure {
            c::lwm2m_rs_secure_socket(address)
        } else {
            c::lwm2m_rs_socket(address)
        }
    })
}

/// Adds the credential of this resource of the Security object to Zephyr's store.
pub fn add_credential(
    tag: c_int,
    certificate: bool,
    resource: u16,
    buffer: Buffer,
) -> Result<(), i32> {
    let (data, length) = (buffer.data.cast(), buffer.length);
    // SAFETY: as many bytes are there, and stay, as `Account::buffer` says; the resource is one of 3, 4
    // and 5.
    outcome(unsafe {
        c::lwm2m_rs_add_credential(tag, certificate, c_uint::from(resource), data, length)
    })
    .map(drop)
}

/// Sets what a secured socket is to use and to check.
pub fn set_secure_options(socket: c_int, options: &SecureOptions<'_>) -> Result<(), i32> {
    // SAFETY: both slices are read for their lengths.
    outcome(unsafe {
        c::lwm2m_rs_set_secure_options(
            socket,
            options.tls_tag,
            options.mode == Mode::Certificate,
            options.verify,
            options.name.as_ptr().cast(),
            options.name.len(),
            options.cipher_suites.as_ptr(),
            size_of_val(options.cipher_suites),
        )
    })
    .map(drop)
}

/// Connects a socket.
pub fn connect(socket: c_int, address: &Address) -> Result<(), i32> {
    // SAFETY: as in `socket`; it is read for the length that was written.
    outcome(unsafe { c::lwm2m_rs_connect(socket, address.bytes.as_ptr().cast(), address.length) })
        .map(drop)
}

/// Sends a datagram without waiting.
pub fn send(socket: c_int, datagram: &[u8]) -> Result<(), i32> {
    // SAFETY: the slice is read for its length.
    outcome(unsafe { c::lwm2m_rs_send(socket, datagram.as_ptr(), datagram.len()) }).map(drop)
}

/// Waits for a socket or a wake-up; the index of the socket.
pub fn wait(sockets: &[c_int], timeout: i64) -> Option<usize> {
    // SAFETY: the slice is read for its length.
    let index = unsafe { c::lwm2m_rs_wait(sockets.as_ptr(), sockets.len(), timeout) };
    usize::try_from(index).ok()
}

/// What a socket has.
pub fn receive(socket: c_int, buffer: &mut [u8]) -> Result<usize, i32> {
    // SAFETY: the slice is written for at most its length.
    let received =
        outcome(unsafe { c::lwm2m_rs_receive(socket, buffer.as_mut_ptr(), buffer.len()) })?;
    usize::try_from(received).map_err(|_| received)
}

/// Starts the engine's thread, which comes back through `lwm2m_rs_run_engine`.
pub fn start_engine_thread() -> Result<(), i32> {
    outcome(c::lwm2m_rs_start_engine_thread()).map(drop)
}

/// Writes a log line; `text` ends in a NUL.
pub fn log(level: u8, module: u8, text: &core::ffi::CStr) {
    // SAFETY: `text` is a C string and lives until the call is over.
    unsafe { c::lwm2m_rs_log(level, module, text.as_ptr()) }
}
