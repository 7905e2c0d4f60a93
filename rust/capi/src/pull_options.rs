// SPDX-License-Identifier: Apache-2.0
//! The context of the connection that packages are fetched over, and its socket's options.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

use crate::context::Context;
use crate::events::lwm2m_set_sockopt_cb_t;
use crate::layout;
use crate::state;

/// A `struct lwm2m_ctx`, as aligned as any C type. Only the function below names it, so that a
/// program that does not call that has no such struct.
#[repr(C, align(16))]
struct Storage(UnsafeCell<[MaybeUninit<u8>; layout::CONTEXT_WHOLE]>);

// SAFETY: it is reached through `Context`, a field at a time, as one of the application's is.
unsafe impl Sync for Storage {}

static STORAGE: Storage = Storage(UnsafeCell::new(
    [MaybeUninit::zeroed(); layout::CONTEXT_WHOLE],
));

/// Sets the callback that sets options of the socket over which packages are fetched, before it is
/// connected. The context that the callback is given belongs to that connection and shows its
/// `sock_fd`.
///
/// @param set_sockopt_cb  The callback; NULL for none.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_pull_context_set_sockopt_callback(set_sockopt_cb: lwm2m_set_sockopt_cb_t) {
    // SAFETY: the storage is large enough for the struct, and there for ever.
    let Some(context) = (unsafe { Context::new(STORAGE.0.get().cast()) }) else {
        return;
    };
    state::locked(|state| {
        if state.pull_context.replace(Some(context)).is_none() {
            context.set_socket(-1);
        }
        context.change_set_socket_options(set_sockopt_cb);
    });
}
