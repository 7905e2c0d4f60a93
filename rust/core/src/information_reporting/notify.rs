// SPDX-License-Identifier: Apache-2.0
//! Notify, OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.4, RFC 7641 §3.2.

use super::notified;
use super::observation::{Observation, next_sequence};
#[cfg(feature = "block-transfer")]
use crate::blockwise::Target;
use crate::blockwise::Transfers;
use crate::coap::exchange::{Purpose, confirmable};
use crate::coap::{Code, MessageType};
use crate::device_management::{Failure, access};
use crate::engine::Context;
use crate::model::{DataModel, Operation};
use crate::path::Path;
use crate::response::{Content, Header, Source};
use crate::time_series::{self, Series};

/// Makes the notification that is due. Without room for it, it is put off; when what is observed is
/// gone or does not fit, the server is told so and the observation ends, RFC 7641 §4.2.
pub(crate) fn notify<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    transfers: &mut Transfers<'a>,
    slot: u8,
) {
    let shared = context.shared;
    let Some(observation) = &shared.observations.get(slot) else {
        return;
    };
    if shared.observations.is_ending(slot) {
        return end_with(context, slot, observation, Code::NOT_FOUND);
    }
    // What changes from here on may not be in it any more.
    let change = shared.observations.take_change(slot);
    let made = if cfg!(feature = "senml") && observation.composite {
        composite(context, transfers, slot, observation)
    } else {
        let path = core::slice::from_ref(&observation.path);
        make(context, transfers, slot, observation, Source::Read, path)
    };
    match made {
        Made::Queued => {}
        Made::NoRoom => shared.observations.postpone(slot, change, context.now),
        Made::Failed(code) => end_with(context, slot, observation, code),
    }
}

enum Made {
    Queued,
    NoRoom,
    Failed(Code),
}

#[cfg(feature = "senml")]
fn composite<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    transfers: &mut Transfers<'a>,
    slot: u8,
    observation: &Observation,
) -> Made {
    let shared = context.shared;
    let made = shared.with_paths(|list| {
        list.clear();
        for path in shared.observations.paths_of(slot) {
            if list.insert(path).is_err() {
                return Made::Failed(Code::INTERNAL_SERVER_ERROR);
            }
        }
        make(
            context,
            transfers,
            slot,
            observation,
            Source::Composite,
            list.as_slice(),
        )
    });
    made.unwrap_or(Made::NoRoom)
}

#[cfg(not(feature = "senml"))]
fn composite<M>(_: &Context<'_, '_, M>, _: &mut Transfers<'_>, _: u8, _: &Observation) -> Made {
    Made::Failed(Code::INTERNAL_SERVER_ERROR)
}

#[cfg_attr(not(feature = "block-transfer"), allow(unused_variables))]
fn make<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    transfers: &mut Transfers<'a>,
    slot: u8,
    observation: &Observation,
    source: Source,
    paths: &[Path],
) -> Made {
    let shared = context.shared;
    let Ok(mut draft) = shared.exchanges.draft(Purpose::Notification(slot)) else {
        return Made::NoRoom;
    };
    let message_id = shared.message_id();
    let room = draft.buffer().len();
    let sequence = next_sequence(shared.observations.sequence(slot).unwrap_or(0));
    let token = observation.token;
    let header = Header {
        kind: MessageType::Confirmable,
        message_id,
        token,
        block1: None,
    };
    let content = |series| Content {
        source,
        paths,
        format: observation.format,
        series,
    };
    let whole = room >= shared.exchanges.max_message();
    let written = shared.operation(|| {
        // Of several paths those are left out that may not be read any more.
        if let (Source::Read, [path]) = (source, paths) {
            access::check(context, Operation::Read, path)?;
        }
        let buffer = draft.buffer();
        let carried = time_series::carry(context, |series| {
            content(series).write(context, &header, Some(sequence), buffer)
        })?;
        if let Some(length) = carried {
            return Ok(length);
        }
        let content = content(Series::None);
        #[cfg(feature = "block-transfer")]
        if whole {
            let (code, path) = match source {
                Source::Read => (Code::GET, observation.path),
                _ => (Code::FETCH, Path::ROOT),
            };
            let target = Target {
                connection: observation.connection,
                code,
                path,
                digest: 0,
            };
            let downloads = &mut transfers.downloads;
            let sequence = Some(sequence);
            return downloads.begin(context, &target, &header, sequence, &content, None, buffer);
        }
        content.write(context, &header, Some(sequence), buffer)
    });
    match written {
        Ok(length) => {
            notified::remember(
                context,
                slot,
                draft.buffer().get(..length).unwrap_or_default(),
            );
            match draft.commit(observation.connection, message_id, token, length) {
                Ok(id) => {
                    shared.carried.sent(id);
                    shared.observations.sent(slot, sequence, context.now);
                    Made::Queued
                }
                Err(_) => Made::NoRoom,
            }
        }
        // Other messages in flight take the room it needs, or other transfers the buffers.
        Err(Failure::Full) if !whole => Made::NoRoom,
        Err(Failure::Unavailable) => Made::NoRoom,
        Err(failure) => Made::Failed(failure.code()),
    }
}

/// Sends an error as the last notification.
fn end_with<M: DataModel>(
    context: &Context<'_, '_, M>,
    slot: u8,
    observation: &Observation,
    code: Code,
) {
    let shared = context.shared;
    let connection = observation.connection;
    let message_id = shared.message_id();
    let token = observation.token;
    let sent = shared
        .exchanges
        .draft(Purpose::SeparateResponse)
        .is_ok_and(|mut draft| {
            let message = confirmable(draft.buffer(), code, message_id, &token);
            message
                .finish()
                .is_ok_and(|length| draft.commit(connection, message_id, token, length).is_ok())
        });
    if sent {
        shared.observations.cancel_slot(slot);
    } else {
        shared.observations.postpone(slot, Some(0), context.now);
    }
}
