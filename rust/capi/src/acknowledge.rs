// SPDX-License-Identifier: Apache-2.0
//! Acknowledging a request before it is carried out.

use lwm2m_runtime::Platform;

use crate::events::lwm2m_ctx;
use crate::message;
use crate::platform::LinkedPlatform;
use crate::state;

/// Acknowledges the request in progress now, so that the server does not send it again while a
/// callback takes its time. The answer goes out in a message of its own when it is ready.
///
/// To be called from inside a callback that serves a request. Nothing happens otherwise, for a
/// request that asks for no acknowledgement, and from the second call on.
///
/// @param client_ctx  The client's context; NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_acknowledge(client_ctx: *mut lwm2m_ctx) {
    let acknowledgement = state::locked(|state| {
        let context = state.context.get()?;
        if context.as_ptr() != client_ctx {
            return None;
        }
        let acknowledgement = state.shared.acknowledge()?;
        message::show_acknowledged(true);
        Some(acknowledgement)
    });
    if let Some((connection, bytes)) = acknowledgement {
        // When it cannot be sent, the server asks again and is answered then.
        let _ = LinkedPlatform.send(connection, &bytes);
    }
}
