// SPDX-License-Identifier: Apache-2.0
//! Send, OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.6: values the client reports unasked, as
//! POST /dp. The values are encoded where Send is called, so that a later change does not alter
//! them; only from inside a data callback is that put off to the end of the operation.

#[cfg(all(feature = "senml", feature = "block-transfer"))]
use crate::blockwise::outgoing;
use crate::coap::exchange::ExchangeId;
use crate::device_management::{access, authorize};
use crate::engine::Context;
use crate::model::{DataModel, Operation};
use crate::path::{Level, Path};
use crate::path_list::PathList;
use crate::shared::DeferredSend;
use crate::time_series::TIME_SERIES;
#[cfg(feature = "senml")]
use {
    crate::coap::exchange::{Purpose, confirmable},
    crate::coap::{Builder, Code, ConnectionId, Token, option},
    crate::device_management::Failure,
    crate::device_management::composite::FORMAT,
    crate::device_management::read::Cursor,
    crate::response::{Content, Source},
    crate::time_series::{self, Series},
};

/// Why a Send was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The client is not registered.
    NotRegistered,
    /// There are no paths, or more than a Send takes.
    BadPaths,
    /// A path names nothing that can be read.
    NotFound,
    /// A path lies where no server may look.
    NotAllowed,
    /// There is no room for another message, or the values do not fit.
    NoRoom,
    /// No content format that Send can use is part of this build.
    NotSupported,
}

/// Whether this build has the operation.
pub(crate) const SUPPORTED: bool = cfg!(all(feature = "senml", feature = "lwm2m-1-1"));

/// Queues a Send of `paths`. `reference` comes back with its outcome.
///
/// # Errors
/// See [`SendError`]; nothing is sent then.
pub fn send<M: DataModel>(
    context: &Context<'_, '_, M>,
    paths: &[Path],
    reference: u8,
) -> Result<(), SendError> {
    if !SUPPORTED {
        return Err(SendError::NotSupported);
    }
    if !context.shared.client.state().is_registered() || context.shared.client.is_suspended() {
        return Err(SendError::NotRegistered);
    }
    if paths.is_empty() {
        return Err(SendError::BadPaths);
    }
    let shared = context.shared;
    if !shared.in_operation() {
        let sent = shared.with_paths(|list| {
            take(context, paths, list)?;
            encode(context, list.as_slice(), reference)
        });
        return sent.unwrap_or(Err(SendError::NoRoom));
    }
    let kept = shared.room_to_defer().ok_or(SendError::NoRoom)?;
    let mut list = kept.paths.take().ok_or(SendError::NoRoom)?;
    let taken = take(context, paths, &mut list);
    kept.paths.set(Some(list));
    taken?;
    kept.reference.set(Some(reference));
    shared.request_wake();
    Ok(())
}

/// Encodes what [`send`] put off.
#[inline(never)]
pub(crate) fn send_deferred<M: DataModel>(
    context: &Context<'_, '_, M>,
    send: &DeferredSend<'_>,
    reference: u8,
) -> Result<(), SendError> {
    let list = send.paths.take();
    let result = match &list {
        Some(list) => encode(context, list.as_slice(), reference),
        None => Err(SendError::NoRoom),
    };
    send.paths.set(list);
    send.reference.set(None);
    result
}

/// A Send was accepted: its samples leave, and those that did not fit follow in another message, whose
/// end is then the Send's. Returns whether there is one.
///
/// # Errors
/// There is no room for it; what it would have carried is still there.
pub(crate) fn go_on<M: DataModel>(
    context: &Context<'_, '_, M>,
    id: ExchangeId,
    reference: u8,
) -> Result<bool, SendError> {
    if !TIME_SERIES {
        return Ok(false);
    }
    let carried = context.shared.carried;
    let sent = context.shared.with_paths(|list| {
        list.clear();
        for path in carried.cut(id) {
            // What finds no place waits for the next Send.
            let _no_place = list.insert(path);
        }
        carried.ended(context.model, id, true);
        if list.as_slice().is_empty() {
            return Ok(false);
        }
        encode(context, list.as_slice(), reference).map(|()| true)
    });
    sent.unwrap_or(Err(SendError::NoRoom))
}

fn take<M: DataModel>(
    context: &Context<'_, '_, M>,
    paths: &[Path],
    list: &mut PathList<'_>,
) -> Result<(), SendError> {
    list.clear();
    for path in paths {
        check(context.model, path)?;
        access::check(context, Operation::Read, path).map_err(|_| SendError::NotAllowed)?;
        list.insert(*path).map_err(|_| SendError::BadPaths)?;
    }
    Ok(())
}

/// Refuses what cannot be read, so that nothing is left out of a Send in silence.
fn check<M: DataModel>(model: &M, path: &Path) -> Result<(), SendError> {
    authorize(path).map_err(|_| SendError::NotAllowed)?;
    let found = match path.level() {
        Level::Root => return Err(SendError::BadPaths),
        Level::Object => model.object(path.object_id()).is_some(),
        Level::ObjectInstance => model
            .instance(path.object_id(), path.instance_id())
            .is_some(),
        Level::Resource | Level::ResourceInstance => {
            let resource = crate::device_management::resource_at(model, path)
                .map_err(|_| SendError::NotFound)?;
            resource.permissions.read()
        }
    };
    if found {
        Ok(())
    } else {
        Err(SendError::NotFound)
    }
}

/// What every message of a Send begins with.
#[cfg(feature = "senml")]
fn head<'b>(buffer: &'b mut [u8], message_id: u16, token: &Token) -> Builder<'b> {
    let mut request = confirmable(buffer, Code::POST, message_id, token);
    request.option(option::URI_PATH, b"dp");
    request.option_uint(option::CONTENT_FORMAT, FORMAT as u32);
    request
}

/// Writes the present values, in blocks if need be.
#[cfg(feature = "senml")]
#[cfg_attr(not(feature = "block-transfer"), allow(unused_variables))]
fn present<M: DataModel>(
    context: &Context<'_, '_, M>,
    buffer: &mut [u8],
    (message_id, token): (u16, Token),
    content: &Content<'_>,
    reference: u8,
) -> Result<usize, Failure> {
    let shared = context.shared;
    #[cfg(feature = "block-transfer")]
    let (mut spare, mut moved) = (shared.buffers.take(0), None);
    let request = head(buffer, message_id, &token);
    let written = request.payload(|output| {
        shared.operation(|| {
            let mut stream = content.begin(output)?;
            #[cfg(feature = "block-transfer")]
            {
                stream = stream.with_spare(spare.as_deref_mut(), None);
            }
            content.append(context, &mut Cursor::default(), &mut stream)?;
            #[cfg(feature = "block-transfer")]
            {
                moved = stream.moved().then(|| stream.position());
            }
            Ok(stream.position())
        })
    });
    #[cfg(feature = "block-transfer")]
    let written = match (written, spare, moved) {
        (Ok(_), Some(body), Some(length)) => {
            let first = head(buffer, message_id, &token);
            let purpose = Purpose::Send(reference);
            outgoing::begin(&shared.buffers, purpose, body, length, first).map_err(Failure::from)
        }
        (written, spare, _) => {
            if let Some(spare) = spare {
                shared.buffers.give(spare);
            }
            written
        }
    };
    written
}

#[cfg(feature = "senml")]
fn encode<M: DataModel>(
    context: &Context<'_, '_, M>,
    paths: &[Path],
    reference: u8,
) -> Result<(), SendError> {
    let shared = context.shared;
    let mut draft = shared
        .exchanges
        .draft(Purpose::Send(reference))
        .map_err(|_| SendError::NoRoom)?;
    let message_id = shared.message_id();
    let token = Token::random(context.entropy);
    let content = |series| Content {
        source: Source::Composite,
        paths,
        format: FORMAT,
        series,
    };
    let carried = shared.operation(|| {
        time_series::carry(context, |series| {
            let content = content(series);
            let request = head(draft.buffer(), message_id, &token);
            request.payload(|output| {
                let mut stream = content.begin(output)?;
                content.append(context, &mut Cursor::default(), &mut stream)?;
                Ok::<usize, Failure>(stream.position())
            })
        })
    });
    let written = match carried {
        Ok(Some(length)) => Ok(length),
        Ok(None) => {
            let names = (message_id, token);
            present(
                context,
                draft.buffer(),
                names,
                &content(Series::None),
                reference,
            )
        }
        Err(failure) => Err(failure),
    };
    let length = written.map_err(|failure| match failure {
        failure if failure.is_of_encoding() => SendError::NoRoom,
        _ => SendError::NotFound,
    })?;
    let Ok(id) = draft.commit(ConnectionId::SERVER, message_id, token, length) else {
        #[cfg(feature = "block-transfer")]
        shared.buffers.end_request(Purpose::Send(reference));
        return Err(SendError::NoRoom);
    };
    shared.carried.sent(id);
    shared.request_wake();
    Ok(())
}

#[cfg(not(feature = "senml"))]
fn encode<M>(_: &Context<'_, '_, M>, _: &[Path], _: u8) -> Result<(), SendError> {
    Err(SendError::NotSupported)
}
