// SPDX-License-Identifier: Apache-2.0
//! Access rights, OMA-TS-LightweightM2M_Core-V1_1_1 §8.2: before an operation the data model is asked
//! whether the server may carry it out, and while something is read for a server it leaves out the
//! instances that one may not read. Without a Server instance (a Bootstrap-Server) nobody is asked.

use super::Failure;
use crate::coap::Code;
use crate::engine::Context;
use crate::model::{DataModel, Operation};
use crate::path::{Level, Path};

/// The operation that a method means at a path, §6.3 table 1 ff.; `None`: none.
pub(crate) fn operation(
    code: Code,
    path: &Path,
    discovers: bool,
    has_content: bool,
) -> Option<Operation> {
    Some(match (code, path.level()) {
        (Code::GET, _) if discovers => Operation::Discover,
        (Code::GET, _) => Operation::Read,
        (Code::PUT, _) if !has_content => Operation::WriteAttributes,
        (Code::PUT, _) | (Code::POST, Level::ObjectInstance) => Operation::Write,
        (Code::POST, Level::Object) => Operation::Create,
        (Code::POST, Level::Resource) => Operation::Execute,
        (Code::DELETE, _) => Operation::Delete,
        _ => return None,
    })
}

/// Asks whether the server may do it.
///
/// # Errors
/// It may not.
pub(crate) fn check<M: DataModel>(
    context: &Context<'_, '_, M>,
    operation: Operation,
    path: &Path,
) -> Result<(), Failure> {
    match context.shared.client.server_instance() {
        Some(server) => Ok(context.model.authorize(server, operation, path)?),
        None => Ok(()),
    }
}

/// Reads for the server.
pub(crate) fn reading<M: DataModel, R>(
    context: &Context<'_, '_, M>,
    read: impl FnOnce() -> R,
) -> R {
    context
        .model
        .restrict(context.shared.client.server_instance());
    let result = read();
    context.model.restrict(None);
    result
}

/// Notes what a server has created.
pub(crate) fn created<M: DataModel>(context: &Context<'_, '_, M>, object: u16, instance: u16) {
    if let Some(server) = context.shared.client.server_instance() {
        context.model.created_for(server, object, instance);
    }
}
