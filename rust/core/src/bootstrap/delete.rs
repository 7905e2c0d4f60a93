// SPDX-License-Identifier: Apache-2.0
//! Bootstrap-Delete, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7.6, OMA-TS-LightweightM2M-V1_0_2 §5.2.7.5:
//! what is there goes, but for the device and the Bootstrap-Server's account.

use crate::device_management::{DEVICE, Failure};
use crate::engine::Context;
use crate::model::{DataModel, ModelError};
use crate::path::{Level, Path};
use crate::registration::accounts::{self, OSCORE, security};
use crate::value::Value;

/// Deletes what lies at `path`, and can be deleted.
///
/// # Errors
/// The path names nothing, or an instance that stays. Of several failures the first one; it keeps no
/// other instance.
pub(crate) fn delete<M: DataModel>(
    context: &Context<'_, '_, M>,
    path: &Path,
) -> Result<(), Failure> {
    let model = context.model;
    let object = path.object_id();
    match path.level() {
        Level::Root => {
            let mut outcome = Ok(());
            let mut last = None;
            while let Some(object) = model.next_object(last) {
                last = Some(object.id);
                outcome = outcome.and(instances(context, object.id));
            }
            Ok(outcome?)
        }
        Level::Object => {
            model.object(object).ok_or(Failure::NotFound)?;
            Ok(instances(context, object)?)
        }
        Level::ObjectInstance => {
            let instance = path.instance_id();
            model.instance(object, instance).ok_or(Failure::NotFound)?;
            if stays(context, object, instance) {
                return Err(Failure::MethodNotAllowed);
            }
            Ok(model.delete(object, instance)?)
        }
        Level::Resource | Level::ResourceInstance => Err(Failure::MethodNotAllowed),
    }
}

fn instances<M: DataModel>(context: &Context<'_, '_, M>, object: u16) -> Result<(), ModelError> {
    let mut outcome = Ok(());
    let mut last = None;
    while let Some(instance) = context.model.next_instance(object, last) {
        last = Some(instance);
        if !stays(context, object, instance) {
            outcome = outcome.and(context.model.delete(object, instance));
        }
    }
    outcome
}

/// Whether no Delete affects an instance.
fn stays<M: DataModel>(context: &Context<'_, '_, M>, object: u16, instance: u16) -> bool {
    match object {
        DEVICE => true,
        accounts::SECURITY => is_own(context, instance),
        OSCORE => {
            let mut last = None;
            while let Some(account) = context.model.next_instance(accounts::SECURITY, last) {
                last = Some(account);
                if is_own(context, account) && uses(context.model, account, instance) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}

/// Whether a Security instance is that of a Bootstrap-Server; in any case the one in use is.
fn is_own<M: DataModel>(context: &Context<'_, '_, M>, security: u16) -> bool {
    accounts::is_bootstrap(
        context.model,
        context.model.instance(accounts::SECURITY, security),
    ) || context.shared.client.security_instance() == Some(security)
}

/// Whether a Security instance names this instance of the OSCORE object.
fn uses<M: DataModel>(model: &M, account: u16, instance: u16) -> bool {
    let account = model.instance(accounts::SECURITY, account);
    let link = accounts::value(model, account, security::OSCORE);
    matches!(link, Some(Value::ObjectLink(link)) if link.object == OSCORE && link.instance == instance)
}
