// SPDX-License-Identifier: Apache-2.0
//! Send: values reported to the server unasked.

use core::ffi::c_int;

use lwm2m_core::engine::Context;
use lwm2m_core::information_reporting::send::{SendError, send};
use lwm2m_core::path::Path;
use lwm2m_objects::server;
use lwm2m_registry::c_types::lwm2m_obj_path;
use lwm2m_runtime::Platform;

use crate::errno::{self, Errno};
use crate::events::{lwm2m_ctx, lwm2m_send_cb_t};
use crate::path;
use crate::platform::LinkedPlatform;
use crate::state::{self, MAX_PATHS, SendSlot, State};

/// The log module of the messages, Zephyr's name for it.
pub(crate) const MODULE: &str = "net_lwm2m_message_handling";

impl Errno for SendError {
    fn errno(self) -> c_int {
        match self {
            SendError::NotRegistered => -errno::EPERM,
            SendError::BadPaths => -errno::EINVAL,
            SendError::NotFound => -errno::ENOENT,
            SendError::NotAllowed => -errno::EPERM,
            SendError::NoRoom => -errno::ENOMEM,
            SendError::NotSupported => -errno::ENOTSUP,
        }
    }
}

/// Sends the present values at the paths to the server.
///
/// @param ctx             The context of the client.
/// @param path_list       What to send: objects, instances, resources.
/// @param path_list_size  How many, up to CONFIG_LWM2M_COMPOSITE_PATH_LIST_SIZE.
/// @param reply_cb        Hears how it ended, once; may be NULL.
///
/// @return 0 when it is on its way; -EINVAL for a NULL context or list, or an empty one; -EPERM
///         when the client is not registered with this context, the server has muted Send, or a
///         path is not for servers; -E2BIG for too many paths; -ENOENT when a path names nothing
///         that can be read; -ENOMEM when there is no room for the message; -ENOTSUP when the
///         configuration has no Send.
///
/// Any thread. The values are those of the moment, whatever is set afterwards; only from inside a
/// callback that serves a request they are those of the end of that request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_send_cb(
    ctx: *mut lwm2m_ctx,
    path_list: *const lwm2m_obj_path,
    path_list_size: u8,
    reply_cb: lwm2m_send_cb_t,
) -> c_int {
    if ctx.is_null() || path_list.is_null() {
        return -errno::EINVAL;
    }
    let mut paths = [Path::ROOT; MAX_PATHS];
    let Some(paths) = paths.get_mut(..usize::from(path_list_size)) else {
        return -errno::E2BIG;
    };
    for (index, to) in paths.iter_mut().enumerate() {
        // SAFETY: by the contract, the list has that many paths.
        let Some(path) = path::from_value(unsafe { path_list.add(index).read() }) else {
            return -errno::ENOENT;
        };
        *to = path;
    }
    let result = state::locked(|state| {
        let own = state.context.get();
        let Some(own) = own.filter(|own| own.as_ptr() == ctx) else {
            return Err(SendError::NotRegistered);
        };
        if own.server_instance().is_some_and(server::send_is_muted) {
            return Err(SendError::NotAllowed);
        }
        let entropy = || LinkedPlatform.entropy();
        let registry = state.registry();
        let context = Context {
            now: LinkedPlatform.now(),
            model: &registry,
            shared: &state.shared,
            entropy: &entropy,
        };
        let reference = reserve(state, reply_cb).ok_or(SendError::NoRoom)?;
        let result = send(&context, paths, reference);
        if result.is_err() {
            let _ = release(state, reference);
        }
        result
    });
    errno::status(result)
}

/// A free number, which now stands for `callback`.
fn reserve(state: &State, callback: lwm2m_send_cb_t) -> Option<u8> {
    let (slot, reference) = state
        .sends
        .iter()
        .zip(0..=u8::MAX)
        .find(|(slot, _)| matches!(slot.get(), SendSlot::Free))?;
    slot.set(SendSlot::Taken(callback));
    Some(reference)
}

/// Frees the number. Returns the callback it stood for.
fn release(state: &State, reference: u8) -> lwm2m_send_cb_t {
    match state
        .sends
        .get(usize::from(reference))?
        .replace(SendSlot::Free)
    {
        SendSlot::Free => None,
        SendSlot::Taken(callback) => callback,
    }
}

/// The Send with this number has ended. Returns who is to hear of it.
pub(crate) fn finish(reference: u8) -> lwm2m_send_cb_t {
    state::locked(|state| release(state, reference))
}
