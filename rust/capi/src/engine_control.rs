// SPDX-License-Identifier: Apache-2.0
//! Pausing the engine.

use core::ffi::c_int;

use crate::engine_thread;
use crate::errno::{self, Errno};
use crate::state;
use lwm2m_core::registration::client::CommandError;

impl Errno for CommandError {
    fn errno(self) -> c_int {
        match self {
            CommandError::InProgress => -errno::EINPROGRESS,
            CommandError::NotRunning => -errno::EPERM,
            CommandError::EndpointTooLong => -errno::EINVAL,
        }
    }
}

/// Pauses the client: nothing is sent, what arrives is dropped, and no timer runs until
/// lwm2m_engine_resume(). The application hears LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED, from
/// inside this function.
///
/// A callback that runs in the library's thread at this moment is not waited for.
///
/// @return 0, also when the client is paused already or does not run.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_pause() -> c_int {
    let event = state::locked(|state| {
        let event = state.shared.client.pause().ok().flatten();
        if event.is_some() {
            if let Some(context) = state.context.get() {
                context.set_suspended(true);
            }
            state.shared.request_wake();
        }
        event
    });
    if let Some(event) = event {
        engine_thread::tell(event);
    }
    0
}

/// Ends a pause; the client goes on where it was.
///
/// @return 0, or -EPERM when there is no pause.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_resume() -> c_int {
    let result = state::locked(|state| {
        state.shared.client.resume()?;
        if let Some(context) = state.context.get() {
            context.set_suspended(false);
        }
        state.shared.request_wake();
        Ok::<(), CommandError>(())
    });
    errno::status(result)
}
