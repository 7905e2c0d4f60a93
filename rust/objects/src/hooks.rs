// SPDX-License-Identifier: Apache-2.0
//! What the built-in objects need of the rest of the client. They are called back from C without a
//! context, so the hooks are installed once, before the objects are initialised.

use core::ffi::c_int;
use core::sync::atomic::{AtomicPtr, Ordering};

use lwm2m_core::time::Instant;

use crate::callback::errno::EPERM;
use crate::firmware::UpdateResult;

/// Functions of the client and the platform. All of them may be called from any thread, with the
/// registry lock held.
#[derive(Clone, Copy, Debug)]
pub struct Hooks {
    /// The monotonic clock, counted from boot.
    pub now: fn() -> Instant,
    /// [`crate::service`] wants to be called earlier than it said.
    pub wake: fn(),
    /// Update the registration soon, `engine_trigger_update(false)`.
    pub update_registration: fn(),
    /// Deregister from the server of this Server instance, which was disabled,
    /// `lwm2m_rd_client_server_disabled`: 0, or -EPERM when it is not the current server.
    pub server_disabled: fn(u16) -> c_int,
    /// Restart the client in bootstrap mode, `engine_trigger_bootstrap`: 0, or -EPERM.
    pub bootstrap: fn() -> c_int,
    /// Begin to fetch the package that 5/instance/1 names; how it ends is told by
    /// [`crate::firmware::set_state`] and [`crate::firmware::set_result`]. An error ends the
    /// download at once.
    pub pull: fn(u16) -> Result<(), UpdateResult>,
    /// Keep the error codes of the Device object over a restart (none: forget them): 0, or a
    /// negative error number. Only with `CONFIG_LWM2M_DEVICE_ERROR_CODE_SETTINGS`.
    pub keep_errors: fn(&[u8]) -> c_int,
}

impl Hooks {
    /// A client that does nothing, at the beginning of time. Start from it, so that a hook that
    /// comes later has a meaning: `Hooks { now, wake, ..Hooks::NONE }`.
    pub const NONE: Self = Self {
        now: || Instant::from_millis(0),
        wake: || {},
        update_registration: || {},
        server_disabled: |_| EPERM,
        bootstrap: || EPERM,
        pull: |_| Err(UpdateResult::UnsupportedProtocol),
        keep_errors: |_| 0,
    };
}

static NONE: Hooks = Hooks::NONE;
static INSTALLED: AtomicPtr<Hooks> = AtomicPtr::new((&raw const NONE).cast_mut());

/// Installs the hooks, before the objects are initialised.
pub fn install(hooks: &'static Hooks) {
    INSTALLED.store(core::ptr::from_ref(hooks).cast_mut(), Ordering::Release);
}

pub(crate) fn hooks() -> &'static Hooks {
    // SAFETY: only `&'static Hooks` are stored.
    unsafe { &*INSTALLED.load(Ordering::Acquire) }
}

/// The monotonic clock.
pub(crate) fn now() -> Instant {
    (hooks().now)()
}

/// Whole seconds since boot.
pub(crate) fn uptime_seconds() -> u64 {
    now().as_millis() / 1000
}
