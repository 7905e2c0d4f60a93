// SPDX-License-Identifier: Apache-2.0
//! Starting and stopping the client.

use core::ffi::{c_char, c_int};
use core::ptr::null_mut;

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{CommandError, UpdateScope};
use lwm2m_registry::c_types::lwm2m_obj_path;

use crate::context::Context;
use crate::engine_thread;
use crate::errno::{self, Errno};
use crate::events::{lwm2m_ctx, lwm2m_ctx_event_cb_t, lwm2m_observe_cb_t, lwm2m_security_mode_e};
use crate::path;
use crate::platform::{Level, LinkedPlatform, System};
use crate::state::{self, ENDPOINT};

/// The log module of the client, Zephyr's name for it.
pub(crate) const MODULE: &str = "net_lwm2m_rd_client";

/// `LWM2M_RD_CLIENT_FLAG_BOOTSTRAP`
const FLAG_BOOTSTRAP: u32 = 1;

/// Starts the client: it connects to the server that the Security object names and registers.
///
/// @param client_ctx  The context, all zero but for what the application has set. It must stay
///                    until the client has stopped.
/// @param ep_name     The endpoint name; what is beyond
///                    CONFIG_LWM2M_RD_CLIENT_ENDPOINT_NAME_MAX_LENGTH is cut off.
/// @param flags       LWM2M_RD_CLIENT_FLAG_BOOTSTRAP or 0.
/// @param event_cb    Hears of the client's life; may be NULL.
/// @param observe_cb  Hears of observations; may be NULL.
///
/// @return 0; -EINVAL for a NULL context or name; -ENOTSUP when bootstrap is asked for and not
///         configured; -EINPROGRESS when the client runs already.
///
/// Any thread. Returns at once: how it goes on is told to `event_cb`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_rd_client_start(
    client_ctx: *mut lwm2m_ctx,
    ep_name: *const c_char,
    flags: u32,
    event_cb: lwm2m_ctx_event_cb_t,
    observe_cb: lwm2m_observe_cb_t,
) -> c_int {
    // SAFETY: by the contract, a context stays valid until the client has stopped.
    let Some(context) = (unsafe { Context::new(client_ctx) }) else {
        return -errno::EINVAL;
    };
    let mut name = [0; ENDPOINT];
    // SAFETY: by the contract, `ep_name` is NULL or a terminated text.
    let Some(name) = (unsafe { text(ep_name, &mut name) }) else {
        return -errno::EINVAL;
    };
    let bootstrap = flags & FLAG_BOOTSTRAP != 0;
    if bootstrap && !config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        return -errno::ENOTSUP;
    }
    let result = state::locked(|state| {
        let client = &state.shared.client;
        match bootstrap {
            true => client.start_bootstrap(name)?,
            false => client.start(name)?,
        }
        context.start(Some(socket_fault), event_cb, observe_cb);
        state.set_context(context);
        state.shared.request_wake();
        // The engine waits for the lock: this line comes before anything it says.
        LinkedPlatform.log(Level::Information, MODULE, &[b"Start LWM2M Client: ", name]);
        Ok::<(), CommandError>(())
    });
    errno::status(result)
}

/// The text at `from`, as much of it as fits.
///
/// # Safety
/// `from` is NULL or points at a terminated text.
unsafe fn text(from: *const c_char, into: &mut [u8]) -> Option<&[u8]> {
    if from.is_null() {
        return None;
    }
    let mut length = 0;
    for to in into.iter_mut() {
        // SAFETY: the terminator has not been met before this byte.
        let byte = unsafe { from.add(length).read() };
        if byte == 0 {
            break;
        }
        *to = byte as u8;
        length += 1;
    }
    Some(&into[..length])
}

/// What `fault_cb` is until the application sets its own. The engine deals with the failure, so
/// there is only the line in the log.
unsafe extern "C" fn socket_fault(_error: c_int) {
    LinkedPlatform.log(Level::Warning, MODULE, &[b"RD Client socket error"]);
}

/// Stops the client.
///
/// @param client_ctx  The context it was started with.
/// @param event_cb    Hears the rest of the client's life in place of the callback it was started
///                    with; may be NULL.
/// @param deregister  Whether to tell the server.
///
/// @return 0, or -EPERM when the client was not started with this context.
///
/// Any thread. Returns at once, after the application has heard LWM2M_RD_CLIENT_EVENT_DEREGISTER,
/// or LWM2M_RD_CLIENT_EVENT_DISCONNECT when the server is not told; in the first case
/// LWM2M_RD_CLIENT_EVENT_DISCONNECT follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_rd_client_stop(
    client_ctx: *mut lwm2m_ctx,
    event_cb: lwm2m_ctx_event_cb_t,
    deregister: bool,
) -> c_int {
    let event = state::locked(|state| {
        let context = state
            .context
            .get()
            .filter(|context| context.as_ptr() == client_ctx)?;
        context.set_event_callback(event_cb);
        let event = state.shared.client.stop(deregister);
        state.shared.client.begin_telling();
        Some(event)
    });
    match event {
        Some(event) => {
            engine_thread::tell_of_command(event);
            0
        }
        None => -errno::EPERM,
    }
}

/// Has the client send an Update soon. Any thread; nothing happens while it is not registered.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_rd_client_update() {
    state::locked(|state| {
        state.shared.client.request_update(UpdateScope::Minimal);
        state.shared.request_wake();
    });
}

/// The context that the client was started with last, NULL when it never was. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_rd_client_ctx() -> *mut lwm2m_ctx {
    state::locked(|state| state.context.get()).map_or(null_mut(), Context::as_ptr)
}

/// Whether a server observes the path, or something above or below it.
///
/// @param path  The path; nobody observes NULL.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_path_is_observed(path: *const lwm2m_obj_path) -> bool {
    // SAFETY: by the contract, `path` is NULL or readable.
    match unsafe { path::from_c(path) } {
        Some(path) => state::locked(|state| state.shared.observations.is_observed(&path)),
        None => false,
    }
}

/// The security mode of the account in use: resource 2 of the context's Security instance.
///
/// @param ctx  The context.
///
/// @return One of `enum lwm2m_security_mode_e`; -EINVAL for a NULL context; -ENOENT when the
///         context names no Security instance that exists.
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_security_mode(ctx: *mut lwm2m_ctx) -> c_int {
    /// Object and resource.
    const SECURITY: (u16, u16) = (0, 2);

    // SAFETY: by the contract, the context is NULL or valid.
    let Some(context) = (unsafe { Context::new(ctx) }) else {
        return -errno::EINVAL;
    };
    let Some(instance) = context.security_instance() else {
        return -errno::ENOENT;
    };
    let path = Path::resource(SECURITY.0, instance, SECURITY.1);
    match crate::resources::get_u8(&path) {
        Ok(mode) => c_int::from(mode),
        Err(error) => error.errno(),
    }
}

const _: () = assert!(lwm2m_security_mode_e::LWM2M_SECURITY_CERT_EST as u8 == 4);
