// SPDX-License-Identifier: Apache-2.0
//! What the built-in objects need of the rest of the client. C calls them back without a context,
//! so the client is found through one function that the program defines.

use core::ffi::c_int;

use lwm2m_core::model::Changes;
use lwm2m_core::time::Instant;

use crate::package::{DownloadFailure, Package};

/// Functions of the client and the platform. All of them may be called from any thread; all but
/// `lock` with the registry lock held.
pub struct Hooks {
    /// Takes the registry lock. The same thread may take it again.
    pub lock: fn(),
    /// Gives it back, as often as it was taken.
    pub unlock: fn(),
    /// Hears what the objects change by themselves.
    pub changes: &'static (dyn Changes + Sync),
    /// The monotonic clock, counted from boot.
    pub now: fn() -> Instant,
    /// [`crate::service`] wants to be called earlier than it said.
    pub wake: fn(),
    /// Updates the registration soon, `engine_trigger_update(false)`.
    pub update_registration: fn(),
    /// Deregisters from the server of this Server instance, which was disabled,
    /// `lwm2m_rd_client_server_disabled`: 0, or -EPERM when it is not the current server.
    pub server_disabled: fn(u16) -> c_int,
    /// Restarts the client in bootstrap mode, `engine_trigger_bootstrap`: 0, or -EPERM.
    pub bootstrap: fn() -> c_int,
    /// Whether the Bootstrap-Server is at work.
    pub is_bootstrapping: fn() -> bool,
    /// Begins to fetch the package that a URI names: its pieces go to
    /// [`crate::package::arrived`], how it ends to [`crate::package::ended`]. An error ends the
    /// download at once. Only with `CONFIG_LWM2M_FIRMWARE_UPDATE_PULL_SUPPORT`, as the next two.
    pub pull: fn(Package, &[u8]) -> Result<(), DownloadFailure>,
    /// Stops fetching a package, without telling how it ended.
    pub cancel_pull: fn(Package),
    /// Whether this package is being fetched.
    pub pulling: fn(Package) -> bool,
    /// Keeps the error codes of the Device object over a restart (none: forget them): 0, or a
    /// negative error number. Only with `CONFIG_LWM2M_DEVICE_ERROR_CODE_SETTINGS`.
    pub keep_errors: fn(&[u8]) -> c_int,
}

// Whoever defines it vouches, by `#[unsafe(no_mangle)]`, for its type and for the lock.
unsafe extern "Rust" {
    /// The client's hooks, always the same:
    /// `#[unsafe(no_mangle)] fn lwm2m_objects_hooks() -> &'static Hooks { &HOOKS }`.
    safe fn lwm2m_objects_hooks() -> &'static Hooks;
}

pub(crate) fn hooks() -> &'static Hooks {
    lwm2m_objects_hooks()
}

/// The monotonic clock.
pub(crate) fn now() -> Instant {
    (hooks().now)()
}

/// Whole seconds since boot.
pub(crate) fn uptime_seconds() -> u64 {
    now().as_secs()
}
