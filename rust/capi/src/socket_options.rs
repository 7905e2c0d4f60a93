// SPDX-License-Identifier: Apache-2.0
//! Options of the client's socket.

use core::ffi::c_int;

use crate::context::Context;
use crate::errno;
use crate::events::lwm2m_ctx;

/// Sets the options that the library would set itself: to be called by a callback
/// `set_socketoptions` of the context that wants to set further ones.
///
/// A socket without DTLS needs none.
///
/// @param ctx  The context that the callback was given.
///
/// @return 0; -EINVAL for NULL; -ENOTSUP for a context with `use_dtls`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_default_sockopt(ctx: *mut lwm2m_ctx) -> c_int {
    // SAFETY: by the function's contract, NULL or a valid context.
    match unsafe { Context::new(ctx) } {
        None => -errno::EINVAL,
        Some(context) if context.use_dtls() => -errno::ENOTSUP,
        Some(_) => 0,
    }
}
