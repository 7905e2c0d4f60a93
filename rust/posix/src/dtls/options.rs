// SPDX-License-Identifier: Apache-2.0
//! Options that were set for a socket before its handshake. An ordinary socket takes none such, so they
//! wait here.

use std::sync::{Mutex, PoisonError};

use lwm2m_capi::credentials::Mode;
use lwm2m_capi::socket_options::SecureOptions;

/// What a handshake is to use and to check.
pub struct Options {
    socket: i32,
    pub mode: Mode,
    /// What the server's certificate has to prove; empty: any name.
    pub name: String,
    pub suites: Vec<i32>,
}

/// Those of the socket that is being opened. There is one at a time, the engine's thread's.
static SET: Mutex<Option<Options>> = Mutex::new(None);

/// Sets them.
///
/// # Errors
/// The name is none.
pub fn set(socket: i32, options: &SecureOptions<'_>) -> Result<(), i32> {
    let name = std::str::from_utf8(options.name).map_err(|_| -libc::EINVAL)?;
    let options = Options {
        socket,
        mode: options.mode,
        name: name.into(),
        suites: options.cipher_suites.to_vec(),
    };
    *SET.lock().unwrap_or_else(PoisonError::into_inner) = Some(options);
    Ok(())
}

/// Those of this socket, if they were set.
pub fn take(socket: i32) -> Option<Options> {
    let options = SET.lock().unwrap_or_else(PoisonError::into_inner).take();
    options.filter(|options| options.socket == socket)
}
