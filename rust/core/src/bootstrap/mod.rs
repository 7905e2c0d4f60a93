// SPDX-License-Identifier: Apache-2.0
//! The Bootstrap interface, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.

pub(crate) mod delete;
pub(crate) mod discover;
pub mod kept;
pub mod message;
pub(crate) mod write;

use crate::device_management::Failure;
use crate::engine::Context;
use crate::model::DataModel;
use crate::registration::accounts;

/// Bootstrap-Finish: the bootstrap is over if there is a server to register with. `room` is for that
/// one's URI.
///
/// # Errors
/// There is none, and the Bootstrap-Server may mend that.
pub(crate) fn finish<M: DataModel>(
    context: &Context<'_, '_, M>,
    room: &mut [u8],
) -> Result<(), Failure> {
    if !accounts::is_consistent(context.model, room) {
        return Err(Failure::NotAcceptable);
    }
    context.shared.kept.accept();
    context.shared.client.finish_bootstrap(context.now);
    Ok(())
}
