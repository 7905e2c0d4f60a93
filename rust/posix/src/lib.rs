// SPDX-License-Identifier: Apache-2.0
//! The library on a POSIX host, as `liblwm2m.a`: the platform below the C API, and what makes the
//! library initialise itself before `main`.
//!
//! Lock and thread are pthread's own, so that a C thread sanitizer sees them.

#[cfg(feature = "dtls")]
mod dtls;
#[cfg(not(feature = "dtls"))]
#[path = "dtls_absent.rs"]
mod dtls;
mod engine_thread;
mod lock;
mod sockets;
mod start_up;
mod wake;

use std::time::Duration;

use lwm2m_capi::platform::{Level, System};
use lwm2m_capi::socket_options::SecureOptions;
use lwm2m_core::coap::ConnectionId;
use lwm2m_core::time::Instant;
use lwm2m_core::uri::Uri;
use lwm2m_runtime::{Incoming, Platform};

/// A POSIX host.
#[derive(Clone, Copy, Debug)]
pub struct Posix;

lwm2m_capi::set_platform!(Posix);

impl Platform for Posix {
    fn now(&self) -> Instant {
        // The clock of `k_uptime_get` in `include/zephyr/kernel.h`: C code gives its times back.
        let mut now = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the place is writable; this clock is there on every host.
        unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        let milliseconds = u64::try_from(now.tv_nsec / 1_000_000).unwrap_or(0);
        Instant::from_millis(seconds.saturating_mul(1000).saturating_add(milliseconds))
    }

    fn entropy(&self) -> u32 {
        let mut bytes = [0; 4];
        match getrandom::fill(&mut bytes) {
            Ok(()) => u32::from_ne_bytes(bytes),
            Err(error) => panic!("no random numbers: {error}"),
        }
    }

    fn wake(&self) {
        wake::wake();
    }

    fn connect(&self, connection: ConnectionId, uri: &Uri<'_>, attempt: u8) -> Result<(), i32> {
        sockets::connect(connection, uri, attempt)
    }

    fn close(&self, connection: ConnectionId) {
        sockets::close(connection);
    }

    fn listen(&self, connection: ConnectionId, listen: bool) {
        sockets::listen(connection, listen);
    }

    fn send(&self, connection: ConnectionId, datagram: &[u8]) -> Result<(), i32> {
        sockets::send(connection, datagram)
    }

    fn wait(&self, until: Option<Instant>, buffer: &mut [u8]) -> Incoming {
        let left = until.map(|until| {
            let now = self.now().as_millis();
            Duration::from_millis(until.as_millis().saturating_sub(now))
        });
        sockets::wait(left, buffer)
    }
}

impl System for Posix {
    const THIS: Self = Self;

    fn lock(&self) {
        lock::lock();
    }

    fn unlock(&self) {
        lock::unlock();
    }

    fn lock_depth(&self) -> u32 {
        lock::depth()
    }

    fn is_engine_thread(&self) -> bool {
        engine_thread::is_current()
    }

    fn start_engine_thread(&self, entry: fn() -> !) -> Result<(), i32> {
        engine_thread::start(entry)
    }

    fn set_secure_options(&self, socket: i32, options: &SecureOptions<'_>) -> Result<(), i32> {
        dtls::set_options(socket, options)
    }

    fn forget_credentials(&self) {
        dtls::forget();
    }

    fn log(&self, level: Level, module: &str, pieces: &[&[u8]]) {
        let tag = match level {
            Level::Error => "err",
            Level::Warning => "wrn",
            Level::Information => "inf",
        };
        let mut line = format!("<{tag}> {module}: ").into_bytes();
        for piece in pieces {
            line.extend_from_slice(piece);
        }
        line.push(b'\n');
        // Nobody can be told that standard error is closed.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), &line);
    }
}

/// The negative number of the last error of a system call.
fn last_error() -> i32 {
    -std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO)
}
