// SPDX-License-Identifier: Apache-2.0
//! Pausing the engine; closing and opening its connection.

use core::ffi::c_int;

use crate::engine_thread;
use crate::errno::{self, Errno};
use crate::events::lwm2m_ctx;
use crate::state::{self, State};
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
            state.shared.client.begin_telling();
        }
        event
    });
    if let Some(event) = event {
        engine_thread::tell_of_command(event);
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

/// Closes the client's connection, without a De-register and without an event, until
/// lwm2m_engine_start(). Observations end; a Send that is under way fails.
///
/// @param client_ctx  The context that the client was started with.
///
/// @return 0, also when the connection is closed already; -EINVAL for NULL; -EPERM when the client
///         was not started with this context.
///
/// Any thread, any callback. Returns at once; the library's thread closes the socket.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_stop(client_ctx: *mut lwm2m_ctx) -> c_int {
    command(client_ctx, |state| {
        // The event is for those who stop the client.
        let _ = state.shared.client.stop(false);
        Ok(())
    })
}

/// Opens the client's connection after lwm2m_engine_stop(): to the server that the Security object
/// names now. The client registers there under the name it has.
///
/// @param client_ctx  The context that the client was started with.
///
/// @return 0, also when the connection is open; -EINVAL for NULL; -EPERM when the client was not
///         started with this context.
///
/// Any thread, any callback. Returns at once; how it goes on is told to the event callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_start(client_ctx: *mut lwm2m_ctx) -> c_int {
    command(client_ctx, |state| state.shared.client.start_again())
}

fn command(
    client_ctx: *mut lwm2m_ctx,
    command: impl FnOnce(&State) -> Result<(), CommandError>,
) -> c_int {
    if client_ctx.is_null() {
        return -errno::EINVAL;
    }
    let result = state::locked(|state| {
        let context = state.context.get();
        let context = context.filter(|context| context.as_ptr() == client_ctx);
        let context = context.ok_or(CommandError::NotRunning)?;
        command(state)?;
        context.set_suspended(state.shared.client.is_suspended());
        state.shared.request_wake();
        Ok::<(), CommandError>(())
    });
    errno::status(result)
}
