// SPDX-License-Identifier: Apache-2.0
//! What a Bootstrap-Server asks for, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7: the operations of the
//! Bootstrap interface, and no others.

use super::options::Options;
use super::{Asked, check_conditions, get};
use crate::bootstrap::{delete, finish, write};
use crate::coap::Code;
use crate::content::ContentFormat;
use crate::device_management::Failure;
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::{Level, Path};
use crate::registration::accounts;
use crate::registration::client::ClientState;
use crate::response::{Content, Response, Source};
use crate::shared::Request;

/// An operation of the Bootstrap interface.
enum Operation {
    Discover,
    Read,
    Write(ContentFormat),
    Delete,
    Finish,
}

/// The operation that a request means, if it may be asked for now and there.
///
/// # Errors
/// It may not, or a condition of the request does not hold.
fn operation<M: DataModel>(
    context: &Context<'_, '_, M>,
    request: &Request,
    options: &Options,
) -> Result<Operation, Failure> {
    let path = &request.path;
    let state = context.shared.client.state();
    let operation = match (request.code, options.is_finish) {
        (Code::POST, true) => Operation::Finish,
        // What Bootstrap-Finish has found consistent stays so.
        (_, true) => return Err(Failure::MethodNotAllowed),
        _ if matches!(state, ClientState::BootstrapFinished { .. }) => {
            return Err(Failure::MethodNotAllowed);
        }
        (Code::GET, false) if options.observe.is_some() => return Err(Failure::MethodNotAllowed),
        (Code::GET, false) if options.accept == Some(ContentFormat::LinkFormat) => {
            within(path, Level::Object)?;
            Operation::Discover
        }
        (Code::GET, false) if can_be_read(path) => Operation::Read,
        (Code::PUT, false) if *path != Path::ROOT => match options.content_format {
            Some(format) => Operation::Write(format),
            None if options.has_query => return Err(Failure::MethodNotAllowed),
            None => return Err(Failure::BadRequest),
        },
        (Code::DELETE, false) => {
            within(path, Level::ObjectInstance)?;
            Operation::Delete
        }
        _ => return Err(Failure::MethodNotAllowed),
    };
    check_conditions(context.model, path, options)?;
    Ok(operation)
}

fn within(path: &Path, deepest: Level) -> Result<(), Failure> {
    if path.level() > deepest {
        return Err(Failure::MethodNotAllowed);
    }
    Ok(())
}

/// The targets of Bootstrap-Read, which LwM2M 1.1 has: what the accounts are made of, but for secrets.
fn can_be_read(path: &Path) -> bool {
    cfg!(feature = "lwm2m-1-1")
        && matches!(path.level(), Level::Object | Level::ObjectInstance)
        && matches!(
            path.object_id(),
            accounts::SERVER | accounts::ACCESS_CONTROL
        )
}

/// Whether a request may be taken in that comes in blocks.
///
/// # Errors
/// It may not.
pub(super) fn check<M: DataModel>(
    context: &Context<'_, '_, M>,
    request: &Request,
    options: &Options,
) -> Result<(), Failure> {
    if let Operation::Write(_) = operation(context, request, options)? {
        context.shared.kept.begin(context.model);
    }
    Ok(())
}

/// Carries out a request.
#[inline(never)]
pub(super) fn carry_out<M: DataModel>(
    asked: &Asked<'_>,
    response: &mut Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let Asked {
        request,
        options,
        payload,
        ..
    } = *asked;
    let path = &request.path;
    let context = response.context;
    let code = match operation(context, request, options)? {
        Operation::Discover => {
            return response.content(None, &Content::links(Source::BootstrapDiscover, path));
        }
        Operation::Read => return get(asked, response),
        Operation::Write(format) => {
            context.shared.kept.begin(context.model);
            write::write(context.model, path, format, payload)?;
            Code::CHANGED
        }
        Operation::Delete => {
            context.shared.kept.begin(context.model);
            delete::delete(context, path)?;
            Code::DELETED
        }
        Operation::Finish => {
            finish(context, response.buffer)?;
            Code::CHANGED
        }
    };
    response.code(code)
}
