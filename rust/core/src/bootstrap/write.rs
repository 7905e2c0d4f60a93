// SPDX-License-Identifier: Apache-2.0
//! Bootstrap-Write, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7.5, OMA-TS-LightweightM2M-V1_0_2 §5.2.7.4:
//! to an object, an instance or a resource, whether it is there or not.

use crate::content::{ContentFormat, Records};
use crate::device_management::write::{Mode, write_below};
use crate::device_management::{Failure, is_single_value};
use crate::model::DataModel;
use crate::path::{Level, MAX_ID, Path};

/// Writes the payload to `path`. Instances that are not there are created; those that the payload does
/// not name stay.
///
/// # Errors
/// See [`Failure`]. What was created is gone then, and after an error of the checks nothing has
/// changed.
#[inline(never)]
pub(crate) fn write<M: DataModel>(
    model: &M,
    path: &Path,
    format: ContentFormat,
    payload: &[u8],
) -> Result<(), Failure> {
    let one_value = is_single_value(format) || format == ContentFormat::LinkFormat;
    match path.level() {
        Level::Root => return Err(Failure::MethodNotAllowed),
        Level::Object | Level::ObjectInstance if one_value => {
            return Err(Failure::UnsupportedContentFormat);
        }
        _ => {}
    }
    model.object(path.object_id()).ok_or(Failure::NotFound)?;
    let records = Records::new(format, *path, payload);
    if path.level() == Level::Object && records.names_no_instance() {
        return Err(Failure::BadRequest);
    }
    let mut created = Created(0);
    let written = created
        .create(model, path, &records)
        .and_then(|()| write_below(model, path, &records, Mode::Bootstrap));
    if written.is_err() {
        created.take_back(model, path, &records);
    }
    written
}

/// Which instances a payload brought into being: bit by bit, in the order it names them.
struct Created(u64);

impl Created {
    fn create<M: DataModel>(
        &mut self,
        model: &M,
        path: &Path,
        records: &Records<'_>,
    ) -> Result<(), Failure> {
        let object = path.object_id();
        named(path, records, &mut |turn, instance| {
            if model.instance(object, instance).is_some() {
                return Ok(());
            }
            let bit = 1_u64.checked_shl(turn).ok_or(Failure::TooLarge)?;
            model.create(object, Some(instance))?;
            self.0 |= bit;
            Ok(())
        })
    }

    fn take_back<M: DataModel>(&self, model: &M, path: &Path, records: &Records<'_>) {
        // What ended the first walk ends this one at the same place; what a delete callback says
        // is not what the server asked.
        let _ = named(path, records, &mut |turn, instance| {
            if 1_u64.checked_shl(turn).is_some_and(|bit| self.0 & bit != 0) {
                let _ = model.delete(path.object_id(), instance);
            }
            Ok(())
        });
    }
}

/// Hands out the instances that a request names, and how many came before; one that it comes back to
/// once more.
fn named(
    path: &Path,
    records: &Records<'_>,
    each: &mut dyn FnMut(u32, u16) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if path.level() > Level::Object {
        return each(0, path.instance_id());
    }
    let mut turn = 0_u32;
    let mut previous = None;
    for record in *records {
        let instance = record?.path.instance_id();
        if previous == Some(instance) {
            continue;
        }
        if instance == MAX_ID {
            return Err(Failure::BadRequest);
        }
        each(turn, instance)?;
        previous = Some(instance);
        turn = turn.saturating_add(1);
    }
    match previous {
        Some(_) => Ok(()),
        None => Err(Failure::BadRequest),
    }
}
