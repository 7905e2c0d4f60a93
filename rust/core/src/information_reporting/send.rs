// SPDX-License-Identifier: Apache-2.0
//! Send, OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.6: values the client reports unasked, as
//! POST /dp. The values are encoded where Send is called, so that a later change does not alter
//! them; only from inside a data callback is that put off to the end of the operation.

use crate::coap::exchange::{Purpose, confirmable};
use crate::coap::{Code, ConnectionId, Token, option};
use crate::content::{ContentFormat, Output, RecordWriter};
use crate::device_management::read::append;
use crate::device_management::{Failure, authorize};
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::{Level, Path};
use crate::shared::{DeferredSend, MAX_SEND_PATHS};

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
pub(crate) const SUPPORTED: bool = cfg!(all(feature = "senml-cbor", feature = "lwm2m-1-1"));

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
    let mut list = [Path::ROOT; MAX_SEND_PATHS];
    let taken = list.get_mut(..paths.len()).ok_or(SendError::BadPaths)?;
    if taken.is_empty() {
        return Err(SendError::BadPaths);
    }
    for (to, path) in taken.iter_mut().zip(paths) {
        check(context.model, path)?;
        *to = *path;
    }
    if context.shared.in_operation() {
        let deferred = DeferredSend {
            paths: list,
            reference,
        };
        return if context.shared.defer(deferred) {
            Ok(())
        } else {
            Err(SendError::NoRoom)
        };
    }
    encode(context, &list, reference)
}

/// Encodes what [`send`] put off.
pub(crate) fn send_deferred<M: DataModel>(
    context: &Context<'_, '_, M>,
    send: &DeferredSend,
) -> Result<(), SendError> {
    encode(context, &send.paths, send.reference)
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
            let (info, _) = crate::device_management::resource_at(model, path)
                .map_err(|_| SendError::NotFound)?;
            info.permissions.read
        }
    };
    if found {
        Ok(())
    } else {
        Err(SendError::NotFound)
    }
}

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
    let mut request = confirmable(draft.buffer(), Code::POST, message_id, &token);
    request.option(option::URI_PATH, b"dp");
    request.option_uint(option::CONTENT_FORMAT, ContentFormat::SenmlCbor as u32);
    let length = request
        .payload(|output| shared.operation(|| values(context.model, paths, output)))
        .map_err(|failure| match failure {
            Failure::NotFound | Failure::Model(_) => SendError::NotFound,
            _ => SendError::NoRoom,
        })?;
    draft
        .commit(ConnectionId::SERVER, message_id, token, length)
        .map_err(|_| SendError::NoRoom)?;
    shared.request_wake();
    Ok(())
}

fn values<M: DataModel>(model: &M, paths: &[Path], output: Output<'_>) -> Result<usize, Failure> {
    let mut writer = RecordWriter::new(ContentFormat::SenmlCbor, Path::ROOT, output)?;
    for path in paths.iter().filter(|path| **path != Path::ROOT) {
        append(model, path, &mut writer)?;
    }
    Ok(writer.position())
}
