// SPDX-License-Identifier: Apache-2.0
//! [`Platform`] and [`System`] over the glue.

use core::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU8, Ordering};

use lwm2m_capi::platform::{Level, System, address_found, socket_made};
use lwm2m_capi::socket_options::{SecureOptions, Security};
use lwm2m_core::coap::{CONNECTIONS, ConnectionId};
use lwm2m_core::time::Instant;
use lwm2m_core::uri::Uri;
use lwm2m_runtime::{Incoming, Platform};

use crate::{credentials, glue, log};

/// Whether there are secured sockets.
const DTLS: bool = lwm2m_config::DTLS_SUPPORT;

const CLOSED: i32 = -1;

/// The socket of each connection. Written by the engine's thread only; others send on it.
static SOCKETS: [AtomicI32; CONNECTIONS] = [const { AtomicI32::new(CLOSED) }; CONNECTIONS];

/// Which of them are open and not listened to. The engine's thread's.
static SILENT: [AtomicBool; CONNECTIONS] = [const { AtomicBool::new(false) }; CONNECTIONS];

/// The connection that had something last: several records may have come in one datagram, of which the
/// system tells once. The engine's thread's.
static UNREAD: AtomicU8 = AtomicU8::new(NOBODY);
const NOBODY: u8 = u8::MAX;

/// What the engine's thread runs, a `fn() -> !`, from the moment it is started.
static ENTRY: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Error numbers of the C library in use, from the C API's table.
use lwm2m_capi::errno::{EAGAIN, EINVAL, ENOTCONN, EPROTONOSUPPORT};

/// Zephyr.
pub struct Zephyr;

fn slot(connection: ConnectionId) -> Option<&'static AtomicI32> {
    SOCKETS.get(usize::from(connection.0))
}

impl Platform for Zephyr {
    fn now(&self) -> Instant {
        Instant::from_millis(u64::try_from(glue::uptime()).unwrap_or(0))
    }

    fn entropy(&self) -> u32 {
        glue::entropy()
    }

    fn wake(&self) {
        glue::wake();
    }

    fn connect(&self, connection: ConnectionId, uri: &Uri<'_>, attempt: u8) -> Result<(), i32> {
        let slot = slot(connection).ok_or(-EINVAL)?;
        if uri.secure && !DTLS {
            // As C answers where DTLS is not configured.
            return Err(-EPROTONOSUPPORT);
        }
        // There may be room for one secured socket only.
        self.close(connection);
        let mut tried = 0;
        loop {
            let index = u32::from(attempt).wrapping_add(tried);
            let (address, count) = glue::resolve(uri.host, uri.port, index)?;
            tried = tried.wrapping_add(1);
            let security = address_found(connection, uri, address.as_bytes())?;
            if let Some(security) = security.filter(|security| DTLS && !security.credentials_loaded)
            {
                credentials::load(&security)?;
            }
            match open(connection, &address, security) {
                Ok(socket) => {
                    self.listen(connection, true);
                    slot.store(socket, Ordering::Release);
                    return Ok(());
                }
                Err(error) if tried >= count => return Err(error),
                Err(_) => {}
            }
        }
    }

    fn close(&self, connection: ConnectionId) {
        if let Some(slot) = slot(connection) {
            let socket = slot.swap(CLOSED, Ordering::AcqRel);
            if socket != CLOSED {
                glue::close(socket);
            }
        }
    }

    fn listen(&self, connection: ConnectionId, listen: bool) {
        if let Some(silent) = SILENT.get(usize::from(connection.0)) {
            silent.store(!listen, Ordering::Relaxed);
        }
    }

    fn send(&self, connection: ConnectionId, datagram: &[u8]) -> Result<(), i32> {
        match slot(connection).map(|slot| slot.load(Ordering::Acquire)) {
            None | Some(CLOSED) => Err(-ENOTCONN),
            Some(socket) => match glue::send(socket, datagram) {
                // A full send queue loses the datagram like a network would; retransmission mends
                // it.
                Err(error) if error == -EAGAIN => Ok(()),
                other => other,
            },
        }
    }

    fn wait(&self, until: Option<Instant>, buffer: &mut [u8]) -> Incoming {
        let timeout = until.map_or(-1, |until| {
            let left = until.as_millis().saturating_sub(self.now().as_millis());
            i64::try_from(left).unwrap_or(i64::MAX)
        });
        let mut sockets = SOCKETS.each_ref().map(|slot| slot.load(Ordering::Acquire));
        for (socket, silent) in sockets.iter_mut().zip(&SILENT) {
            if silent.load(Ordering::Relaxed) {
                *socket = CLOSED;
            }
        }
        if DTLS {
            let unread = UNREAD.load(Ordering::Relaxed);
            UNREAD.store(NOBODY, Ordering::Relaxed);
            match receive(ConnectionId(unread), &sockets, buffer) {
                Incoming::Nothing => {}
                more => return more,
            }
        }
        match glue::wait(&sockets, timeout).and_then(|index| u8::try_from(index).ok()) {
            Some(index) => receive(ConnectionId(index), &sockets, buffer),
            None => Incoming::Nothing,
        }
    }
}

/// What the connection has, if its socket is open.
fn receive(connection: ConnectionId, sockets: &[i32; CONNECTIONS], buffer: &mut [u8]) -> Incoming {
    let socket = match sockets.get(usize::from(connection.0)) {
        None | Some(&CLOSED) => return Incoming::Nothing,
        Some(socket) => *socket,
    };
    match glue::receive(socket, buffer) {
        Ok(length) => {
            if DTLS {
                UNREAD.store(connection.0, Ordering::Relaxed);
            }
            Incoming::Datagram { connection, length }
        }
        Err(error) if error == -EAGAIN => Incoming::Nothing,
        Err(error) => Incoming::Failed { connection, error },
    }
}

/// A connected socket to this address.
fn open(
    connection: ConnectionId,
    address: &glue::Address,
    security: Option<Security>,
) -> Result<i32, i32> {
    let socket = glue::socket(address, DTLS && security.is_some())?;
    let connected =
        socket_made(connection, socket, security).and_then(|()| glue::connect(socket, address));
    match connected {
        Ok(()) => Ok(socket),
        Err(error) => {
            glue::close(socket);
            Err(error)
        }
    }
}

impl System for Zephyr {
    const THIS: Self = Self;

    fn lock(&self) {
        glue::lock();
    }

    fn unlock(&self) {
        glue::unlock();
    }

    fn lock_depth(&self) -> u32 {
        glue::lock_depth()
    }

    fn is_engine_thread(&self) -> bool {
        glue::is_engine_thread()
    }

    fn start_engine_thread(&self, entry: fn() -> !) -> Result<(), i32> {
        ENTRY.store(entry as *mut (), Ordering::Release);
        glue::start_engine_thread()
    }

    fn set_secure_options(&self, socket: i32, options: &SecureOptions<'_>) -> Result<(), i32> {
        if DTLS {
            glue::set_secure_options(socket, options)
        } else {
            Err(-EPROTONOSUPPORT)
        }
    }

    fn forget_credentials(&self) {
        if DTLS {
            credentials::forget();
        }
    }

    fn log(&self, level: Level, module: &str, pieces: &[&[u8]]) {
        log::log(level as u8, module, pieces);
    }
}

/// What the engine's thread runs; called by `zephyr/glue/platform.c`, once, on that thread.
#[unsafe(no_mangle)]
extern "C" fn lwm2m_rs_run_engine() -> ! {
    let entry = ENTRY.load(Ordering::Acquire);
    // SAFETY: the thread is started after `start_engine_thread` stored a `fn() -> !` here.
    let entry = unsafe { core::mem::transmute::<*mut (), fn() -> !>(entry) };
    entry()
}
