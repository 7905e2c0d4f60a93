// SPDX-License-Identifier: Apache-2.0
//! The client's state for authors of objects and suites: functions of `lwm2m_rd_client.h`.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::registration::client::UpdateScope;
use lwm2m_runtime::Platform;

use crate::context::Context;
use crate::engine_control::{lwm2m_engine_pause, lwm2m_engine_resume};
use crate::errno;
use crate::events::lwm2m_ctx;
use crate::platform::{Level, LinkedPlatform, System};
use crate::rd_client;
use crate::state::{self, State};

/// Has the client send an Update soon, with its objects and instances if asked for. Any thread;
/// nothing happens while it is not registered.
#[unsafe(no_mangle)]
pub extern "C" fn engine_trigger_update(update_objects: bool) {
    let scope = if update_objects {
        UpdateScope::Objects
    } else {
        UpdateScope::Minimal
    };
    state::locked(|state| {
        state.shared.client.request_update(scope);
        state.shared.request_wake();
    });
}

/// Bootstraps the client anew, as resource 1/x/9 does, once the answer to that has had a second to
/// leave. 0, or -EPERM when it is being bootstrapped, does not run, or the configuration has no
/// bootstrap. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn engine_trigger_bootstrap() -> c_int {
    let begun = config::RD_CLIENT_SUPPORT_BOOTSTRAP
        && state::locked(|state| {
            let begun = state.shared.client.request_bootstrap(LinkedPlatform.now());
            state.shared.request_wake();
            begun.is_ok()
        });
    if !begun {
        return -errno::EPERM;
    }
    LinkedPlatform.log(
        Level::Information,
        rd_client::MODULE,
        &[b"Server Initiated Bootstrap"],
    );
    0
}

/// Whether the Bootstrap-Server is at work.
pub(crate) fn is_bootstrapping() -> bool {
    config::RD_CLIENT_SUPPORT_BOOTSTRAP
        && state::locked(|state| state.shared.client.is_bootstrapping())
}

/// Pauses the client as lwm2m_engine_pause() does; -EPERM when it was never started. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_rd_client_pause() -> c_int {
    if state::locked(|state| state.context.get().is_none()) {
        return -errno::EPERM;
    }
    lwm2m_engine_pause()
}

/// Ends a pause; -EPERM when there is none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_rd_client_resume() -> c_int {
    lwm2m_engine_resume()
}

/// Whether the client runs with this context and is registered. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_rd_client_is_registred(client_ctx: *mut lwm2m_ctx) -> bool {
    of(client_ctx, |state| {
        state.shared.client.state().is_registered() && !state.shared.client.is_suspended()
    })
}

/// Whether the client runs with this context and is paused. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_rd_client_is_suspended(client_ctx: *mut lwm2m_ctx) -> bool {
    of(client_ctx, |state| state.shared.client.is_suspended())
}

fn of(client_ctx: *mut lwm2m_ctx, condition: impl FnOnce(&State) -> bool) -> bool {
    state::locked(|state| {
        let context = state.context.get();
        context.is_some_and(|context| context.as_ptr() == client_ctx) && condition(state)
    })
}

/// Makes a context that of the client, before it is started: lwm2m_rd_client_ctx() gives it then.
/// NULL is ignored. The context must stay as long as the client has no other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_rd_client_set_ctx(ctx: *mut lwm2m_ctx) {
    // SAFETY: by the function's contract, NULL or a context that stays valid.
    if let Some(context) = unsafe { Context::new(ctx) } {
        state::locked(|state| state.set_context(context));
    }
}

/// Locks what the library shares between threads: one lock, that of lwm2m_registry_lock(). Any
/// thread, several times.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_lock() {
    state::lock();
}

/// Undoes one lwm2m_engine_lock().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_unlock() {
    state::unlock();
}

/// Locks the client: the same lock, whatever the context, which may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_client_lock(_ctx: *mut lwm2m_ctx) {
    state::lock();
}

/// Undoes one lwm2m_client_lock().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_client_unlock(_ctx: *mut lwm2m_ctx) {
    state::unlock();
}
