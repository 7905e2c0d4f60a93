// SPDX-License-Identifier: Apache-2.0
//! The platform below the library, bound when the program is linked.
//!
//! This crate declares functions; a platform crate implements [`System`] for a zero-size type and
//! defines the functions with [`set_platform!`](crate::set_platform). So there is one platform in a
//! program, no generics in the C API, and a missing platform is a link error.

use core::ffi::c_int;

use lwm2m_core::coap::ConnectionId;
use lwm2m_core::time::Instant;
use lwm2m_core::uri::Uri;
use lwm2m_runtime::{Incoming, Platform};

use crate::context::{Context, ContextCallback};
use crate::credentials;
use crate::errno;
use crate::services;
use crate::socket_options::{self, SecureOptions, Security};
use crate::state;

/// How important a log line is; Zephyr's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// Something failed.
    Error = 1,
    /// Something is odd.
    Warning = 2,
    /// Something of note happened.
    Information = 3,
}

/// What the C API needs of the system besides the [`Platform`] that the engine runs on. Implemented
/// by a zero-size type over the platform's own statics; every function may be called by any thread.
pub trait System: Platform {
    /// The one value.
    const THIS: Self;

    /// Takes the registry lock, which one thread can take several times.
    fn lock(&self);

    /// Gives it back once. Nothing happens when the calling thread does not hold it.
    fn unlock(&self);

    /// How many times the calling thread holds the registry lock.
    fn lock_depth(&self) -> u32;

    /// Whether the caller is the engine's thread.
    fn is_engine_thread(&self) -> bool;

    /// Starts the engine's thread, which runs `entry`. Called once.
    ///
    /// # Errors
    /// There is no thread to be had (an errno, negative).
    fn start_engine_thread(&self, entry: fn() -> !) -> Result<(), i32>;

    /// Sets the options of a socket that is to be secured and that the application sets none of. Engine
    /// thread, without the lock.
    ///
    /// # Errors
    /// One that the connection cannot do without was refused (an errno, negative).
    fn set_secure_options(&self, socket: c_int, options: &SecureOptions<'_>) -> Result<(), i32>;

    /// The account whose credentials were loaded, [`credentials::loaded`], is no more: takes them out of
    /// where they were loaded to. Engine thread, without the lock.
    fn forget_credentials(&self);

    /// Writes a log line that consists of `pieces`, on behalf of the C log module `module`.
    fn log(&self, level: Level, module: &str, pieces: &[&[u8]]);
}

/// Makes a type that implements [`System`] the platform of the program.
#[macro_export]
macro_rules! set_platform {
    ($platform:ty) => {
        const _: () = {
            use $crate::platform::System as _;
            use $crate::platform::reexport::Platform as _;
            use $crate::platform::reexport::{
                ConnectionId, Incoming, Instant, Level, SecureOptions, Uri,
            };

            const THIS: $platform = <$platform as $crate::platform::System>::THIS;

            #[unsafe(no_mangle)]
            fn __lwm2m_now() -> Instant {
                THIS.now()
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_entropy() -> u32 {
                THIS.entropy()
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_wake() {
                THIS.wake();
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_connect(
                connection: ConnectionId,
                uri: &Uri<'_>,
                attempt: u8,
            ) -> Result<(), i32> {
                THIS.connect(connection, uri, attempt)
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_close(connection: ConnectionId) {
                THIS.close(connection);
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_listen(connection: ConnectionId, listen: bool) {
                THIS.listen(connection, listen);
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_send(connection: ConnectionId, datagram: &[u8]) -> Result<(), i32> {
                THIS.send(connection, datagram)
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_wait(until: Option<Instant>, buffer: &mut [u8]) -> Incoming {
                THIS.wait(until, buffer)
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_lock() {
                THIS.lock();
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_unlock() {
                THIS.unlock();
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_lock_depth() -> u32 {
                THIS.lock_depth()
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_is_engine_thread() -> bool {
                THIS.is_engine_thread()
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_start_engine_thread(entry: fn() -> !) -> Result<(), i32> {
                THIS.start_engine_thread(entry)
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_set_secure_options(
                socket: i32,
                options: &SecureOptions<'_>,
            ) -> Result<(), i32> {
                THIS.set_secure_options(socket, options)
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_forget_credentials() {
                THIS.forget_credentials();
            }
            #[unsafe(no_mangle)]
            fn __lwm2m_log(level: Level, module: &str, pieces: &[&[u8]]) {
                THIS.log(level, module, pieces);
            }
        };
    };
}

/// What [`set_platform!`](crate::set_platform) names.
#[doc(hidden)]
pub mod reexport {
    pub use super::Level;
    pub use crate::socket_options::SecureOptions;
    pub use lwm2m_core::coap::ConnectionId;
    pub use lwm2m_core::time::Instant;
    pub use lwm2m_core::uri::Uri;
    pub use lwm2m_runtime::{Incoming, Platform};
}

// SAFETY: the names are this library's own, and `set_platform!`, which alone defines them, defines
// them with these very signatures.
unsafe extern "Rust" {
    safe fn __lwm2m_now() -> Instant;
    safe fn __lwm2m_entropy() -> u32;
    safe fn __lwm2m_wake();
    safe fn __lwm2m_connect(
        connection: ConnectionId,
        uri: &Uri<'_>,
        attempt: u8,
    ) -> Result<(), i32>;
    safe fn __lwm2m_close(connection: ConnectionId);
    safe fn __lwm2m_listen(connection: ConnectionId, listen: bool);
    safe fn __lwm2m_send(connection: ConnectionId, datagram: &[u8]) -> Result<(), i32>;
    safe fn __lwm2m_wait(until: Option<Instant>, buffer: &mut [u8]) -> Incoming;
    safe fn __lwm2m_lock();
    safe fn __lwm2m_unlock();
    safe fn __lwm2m_lock_depth() -> u32;
    safe fn __lwm2m_is_engine_thread() -> bool;
    safe fn __lwm2m_start_engine_thread(entry: fn() -> !) -> Result<(), i32>;
    safe fn __lwm2m_set_secure_options(
        socket: c_int,
        options: &SecureOptions<'_>,
    ) -> Result<(), i32>;
    safe fn __lwm2m_forget_credentials();
    safe fn __lwm2m_log(level: Level, module: &str, pieces: &[&[u8]]);
}

/// The platform that the program was linked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkedPlatform;

impl Platform for LinkedPlatform {
    fn now(&self) -> Instant {
        __lwm2m_now()
    }

    fn entropy(&self) -> u32 {
        __lwm2m_entropy()
    }

    fn wake(&self) {
        __lwm2m_wake();
    }

    fn connect(&self, connection: ConnectionId, uri: &Uri<'_>, attempt: u8) -> Result<(), i32> {
        __lwm2m_connect(connection, uri, attempt)
    }

    fn close(&self, connection: ConnectionId) {
        __lwm2m_close(connection);
    }

    fn listen(&self, connection: ConnectionId, listen: bool) {
        __lwm2m_listen(connection, listen);
    }

    fn send(&self, connection: ConnectionId, datagram: &[u8]) -> Result<(), i32> {
        __lwm2m_send(connection, datagram)
    }

    fn wait(&self, until: Option<Instant>, buffer: &mut [u8]) -> Incoming {
        // What the engine's own thread asked for since the last poll needs no system call to be
        // noticed; see `state::Guard`.
        let (woken, outdated) = state::locked(|state| {
            let outdated = credentials::take_outdated(state);
            (state.shared.take_wake(), outdated)
        });
        if outdated {
            self.forget_credentials();
        }
        if woken {
            return Incoming::Nothing;
        }
        // Objects have deadlines of their own: the clock of the Device object, timers, the services
        // of applications.
        let objects = lwm2m_objects::service(self.now());
        let services = services::run(self.now());
        let until = Instant::earliest(until, Instant::earliest(objects, services));
        // A service may have asked for something.
        if state::locked(|state| state.shared.take_wake()) {
            return Incoming::Nothing;
        }
        __lwm2m_wait(until, buffer)
    }
}

impl System for LinkedPlatform {
    const THIS: Self = Self;

    fn lock(&self) {
        __lwm2m_lock();
    }

    fn unlock(&self) {
        __lwm2m_unlock();
    }

    fn lock_depth(&self) -> u32 {
        __lwm2m_lock_depth()
    }

    fn is_engine_thread(&self) -> bool {
        __lwm2m_is_engine_thread()
    }

    fn start_engine_thread(&self, entry: fn() -> !) -> Result<(), i32> {
        __lwm2m_start_engine_thread(entry)
    }

    fn set_secure_options(&self, socket: c_int, options: &SecureOptions<'_>) -> Result<(), i32> {
        __lwm2m_set_secure_options(socket, options)
    }

    fn forget_credentials(&self) {
        __lwm2m_forget_credentials();
    }

    fn log(&self, level: Level, module: &str, pieces: &[&[u8]]) {
        // Without a log the texts are not in the image either.
        if lwm2m_config::outside::LOG {
            __lwm2m_log(level, module, pieces);
        }
    }
}

/// To be called by [`Platform::connect`] when it knows the peer's address, before it makes a
/// socket: shows address (a `struct sockaddr`), `use_dtls` and the name the peer is to prove in the
/// context, and has the application load its credentials if it asked to. How the connection is to be
/// secured, if it is. Engine thread, without the lock.
///
/// # Errors
/// What the application's callback says.
pub fn address_found(
    connection: ConnectionId,
    uri: &Uri<'_>,
    address: &[u8],
) -> Result<Option<Security>, i32> {
    let security = uri
        .secure
        .then(|| socket_options::security_of(connection, uri));
    let load = with_context(connection, |context| {
        context.set_remote_address(address);
        context.set_use_dtls(uri.secure);
        let load = security.and_then(|_| context.load_credentials());
        (context, load)
    });
    match load.and_then(|(context, load)| call(context, load)) {
        Some(result) if result < 0 => Err(result),
        _ => Ok(security),
    }
}

/// To be called by [`Platform::connect`] with each socket it makes, before it connects it: shows it
/// in the context and has its options set, by the application if that asked to, else by
/// [`System::set_secure_options`]. Engine thread, without the lock.
///
/// # Errors
/// What the application's callback or the platform says; the socket is to be closed.
pub fn socket_made(
    connection: ConnectionId,
    socket: c_int,
    security: Option<Security>,
) -> Result<(), i32> {
    let set_options = with_context(connection, |context| {
        context.set_socket(socket);
        (context, context.set_socket_options())
    });
    match set_options.and_then(|(context, set_options)| call(context, set_options)) {
        None => match security {
            Some(security) => socket_options::set_options_of_new(socket, security),
            None => Ok(()),
        },
        Some(0) => Ok(()),
        // As in C, whatever is not 0 is a failure.
        Some(result) if result < 0 => Err(result),
        Some(_) => Err(-errno::EINVAL),
    }
}

/// Looks at the context of a connection, if it has one, with the lock held.
fn with_context<R>(connection: ConnectionId, f: impl FnOnce(Context) -> R) -> Option<R> {
    state::locked(|state| state.context_of(connection).map(f))
}

/// Calls a callback of the context, without the lock.
fn call(context: Context, callback: ContextCallback) -> Option<c_int> {
    let callback = callback?;
    // SAFETY: the application put a function of this type there, and gets its own context.
    Some(unsafe { callback(context.as_ptr()) })
}
