// SPDX-License-Identifier: Apache-2.0
//! Notify, OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.4, RFC 7641 §3.2.

use super::observation::{Observation, next_sequence};
#[cfg(feature = "block-transfer")]
use crate::blockwise::Target;
use crate::blockwise::Transfers;
use crate::coap::exchange::{Purpose, confirmable};
use crate::coap::{Code, MessageType};
use crate::content::EncodeError;
use crate::device_management::{Failure, access};
use crate::engine::Context;
use crate::model::{DataModel, Operation};
use crate::response::{Content, Header, Source};

/// Makes the notification that is due. Without room for it, it is put off; when what is observed is
/// gone or does not fit, the server is told so and the observation ends, RFC 7641 §4.2.
#[cfg_attr(not(feature = "block-transfer"), allow(unused_variables))]
pub(crate) fn notify<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    transfers: &mut Transfers<'a>,
    slot: u8,
    observation: &Observation,
) {
    let shared = context.shared;
    let Ok(mut draft) = shared.exchanges.draft(Purpose::Notification(slot)) else {
        return shared.observations.postpone(slot, context.now);
    };
    let message_id = shared.message_id();
    let room = draft.buffer().len();
    let sequence = next_sequence(observation.sequence);
    let header = Header {
        kind: MessageType::Confirmable,
        message_id,
        token: observation.token,
        block1: None,
    };
    let content = Content {
        source: Source::Read,
        paths: core::slice::from_ref(&observation.path),
        format: observation.format,
    };
    let whole = room >= shared.exchanges.max_message();
    let written = shared.operation(|| {
        access::check(context, Operation::Read, &observation.path)?;
        let buffer = draft.buffer();
        #[cfg(feature = "block-transfer")]
        if whole {
            let target = Target {
                connection: observation.connection,
                code: Code::GET,
                path: observation.path,
                digest: 0,
            };
            let downloads = &mut transfers.downloads;
            return downloads.begin(
                context,
                &target,
                &header,
                Some(sequence),
                &content,
                None,
                buffer,
            );
        }
        content.write(context, &header, Some(sequence), buffer)
    });
    match written {
        Ok(length) => {
            let committed = draft.commit(
                observation.connection,
                message_id,
                observation.token,
                length,
            );
            match committed {
                Ok(_) => shared.observations.sent(slot, sequence, context.now),
                Err(_) => shared.observations.postpone(slot, context.now),
            }
        }
        Err(Failure::Encode(EncodeError::Full)) if !whole => {
            // Other messages in flight take the room it needs.
            shared.observations.postpone(slot, context.now);
        }
        // Other transfers take the buffers.
        Err(Failure::Unavailable) => shared.observations.postpone(slot, context.now),
        Err(failure) => {
            drop(draft);
            end_with(context, slot, observation, failure.code(), message_id);
        }
    }
}

fn end_with<M: DataModel>(
    context: &Context<'_, '_, M>,
    slot: u8,
    observation: &Observation,
    code: Code,
    message_id: u16,
) {
    let shared = context.shared;
    let Ok(mut draft) = shared.exchanges.draft(Purpose::SeparateResponse) else {
        return shared.observations.postpone(slot, context.now);
    };
    let message = confirmable(draft.buffer(), code, message_id, &observation.token);
    let committed = message.finish().is_ok_and(|length| {
        draft
            .commit(
                observation.connection,
                message_id,
                observation.token,
                length,
            )
            .is_ok()
    });
    if committed {
        shared.observations.cancel_slot(slot);
    } else {
        shared.observations.postpone(slot, context.now);
    }
}
