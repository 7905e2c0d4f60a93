// SPDX-License-Identifier: Apache-2.0
//! What an application's modem may do: `set_socket_state` of the context hears before each datagram
//! what is to come after it.

use lwm2m_core::coap::exchange::Exchanges;
use lwm2m_core::coap::{Block, ConnectionId, Message, MessageType, option};

use crate::events::lwm2m_socket_states;
use crate::state;

/// This datagram is about to be sent.
pub(crate) fn before(connection: ConnectionId, datagram: &[u8]) {
    tell(connection, &|exchanges| {
        let message = Message::parse(datagram).ok()?;
        let confirmable = message.kind == MessageType::Confirmable;
        let others = exchanges.find(&|exchange| {
            exchange.connection == connection
                && !(confirmable && exchange.message_id == message.message_id)
        });
        Some(if others.is_some() || more_follows(&message) {
            lwm2m_socket_states::LWM2M_SOCKET_STATE_ONGOING
        } else if confirmable {
            lwm2m_socket_states::LWM2M_SOCKET_STATE_ONE_RESPONSE
        } else {
            lwm2m_socket_states::LWM2M_SOCKET_STATE_LAST
        })
    });
}

/// What was received is dealt with, and not answered at once.
pub(crate) fn after_receive(connection: ConnectionId) {
    tell(connection, &|exchanges| {
        let waiting = exchanges.find(&|exchange| exchange.connection == connection);
        waiting
            .is_none()
            .then_some(lwm2m_socket_states::LWM2M_SOCKET_STATE_NO_DATA)
    });
}

/// The connection is not listened to any more.
pub(crate) fn at_rest(connection: ConnectionId) {
    tell(connection, &|_| {
        Some(lwm2m_socket_states::LWM2M_SOCKET_STATE_NO_DATA)
    });
}

/// Whether the message carries a block that others come after.
fn more_follows(message: &Message<'_>) -> bool {
    [option::BLOCK1, option::BLOCK2].iter().any(|number| {
        let block = message.option(*number).map(Block::parse);
        matches!(block, Some(Ok(block)) if block.more)
    })
}

/// Tells the application what `judge` says, if it listens, without the lock.
fn tell(connection: ConnectionId, judge: &dyn Fn(&Exchanges<'_>) -> Option<lwm2m_socket_states>) {
    let told = state::locked(|state| {
        let context = state.context_of(connection)?;
        let callback = context.socket_state_callback()?;
        Some((callback, context.socket(), judge(&state.shared.exchanges)?))
    });
    if let Some((callback, socket, expected)) = told {
        // SAFETY: the application put a function of this type there.
        unsafe { callback(socket, expected) };
    }
}
