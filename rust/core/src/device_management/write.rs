// SPDX-License-Identifier: Apache-2.0
//! Write, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.3, in two passes: every record of the payload is
//! checked first, and only when all of them can be written is the first one written.

use super::{Failure, is_single_value, resource_at};
use crate::content::{ContentFormat, Record, Records};
use crate::model::{DataModel, ModelError, ResourceInfo};
use crate::path::{Level, Path};

/// What happens to resource instances the payload does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They go: PUT.
    Replace,
    /// They stay: POST.
    PartialUpdate,
}

/// Writes the payload to `path`.
///
/// # Errors
/// See [`Failure`]. After an error of the checks nothing has changed; what an application's
/// callback refuses in the second pass does not undo what was written before it.
pub fn write<M: DataModel>(
    model: &M,
    path: &Path,
    format: ContentFormat,
    payload: &[u8],
    mode: Mode,
) -> Result<(), Failure> {
    match path.level() {
        Level::Root | Level::Object => return Err(Failure::MethodNotAllowed),
        Level::ObjectInstance => {
            if is_single_value(format) {
                return Err(Failure::UnsupportedContentFormat);
            }
            model
                .instance(path.object_id(), path.instance_id())
                .ok_or(Failure::NotFound)?;
        }
        Level::Resource | Level::ResourceInstance => {
            let (info, _) = resource_at(model, path)?;
            if !info.permissions.write {
                return Err(Failure::MethodNotAllowed);
            }
        }
    }
    let records = Records::new(format, *path, payload);
    for record in records.clone() {
        check(model, &record?, mode, records.clone())?;
    }
    if mode == Mode::Replace && path.level() != Level::ResourceInstance {
        for record in records.clone() {
            let (info, resource) = resource_at(model, &record?.path)?;
            if info.multiple {
                model.clear(resource);
            }
        }
    }
    for record in records {
        let record = record?;
        if !record.has_value() {
            continue;
        }
        let (info, resource) = resource_at(model, &record.path)?;
        let value = record.interpret(info.data_type)?;
        model.write(resource, instance_id(&info, &record.path)?, value)?;
    }
    Ok(())
}

/// The resource instance a record is for: single resources have the one with id 0, and a multiple
/// resource has no value of its own.
fn instance_id(info: &ResourceInfo, path: &Path) -> Result<u16, Failure> {
    match (path.level(), info.multiple) {
        (Level::Resource, false) => Ok(0),
        (Level::ResourceInstance, true) => Ok(path.resource_instance_id()),
        (Level::ResourceInstance, false) if path.resource_instance_id() == 0 => Ok(0),
        (Level::ResourceInstance, false) => Err(Failure::NotFound),
        _ => Err(Failure::BadRequest),
    }
}

fn check<M: DataModel>(
    model: &M,
    record: &Record<'_>,
    mode: Mode,
    all: Records<'_>,
) -> Result<(), Failure> {
    let (info, resource) = resource_at(model, &record.path)?;
    if !info.permissions.write {
        return Err(Failure::MethodNotAllowed);
    }
    if !record.has_value() {
        return if info.multiple {
            Ok(())
        } else {
            Err(Failure::BadRequest)
        };
    }
    let id = instance_id(&info, &record.path)?;
    let value = record.interpret(info.data_type)?;
    if info.multiple {
        fits(model, &info, resource, &record.path, mode, all)?;
    }
    model.check(resource, id, value)?;
    Ok(())
}

/// Whether the resource instances a payload brings find room beside those that stay.
fn fits<M: DataModel>(
    model: &M,
    info: &ResourceInfo,
    resource: M::Resource,
    path: &Path,
    mode: Mode,
    all: Records<'_>,
) -> Result<(), Failure> {
    let existing =
        |id| (0..info.slots).any(|slot| model.resource_instance_at(resource, slot) == Some(id));
    let staying = match mode {
        Mode::Replace => 0,
        Mode::PartialUpdate => (0..info.slots)
            .filter(|slot| model.resource_instance_at(resource, *slot).is_some())
            .count(),
    };
    let brought = all
        .filter_map(Result::ok)
        .filter(|record| record.path.parent() == path.parent() && record.has_value())
        .filter(|record| mode == Mode::Replace || !existing(record.path.resource_instance_id()))
        .count();
    if staying.saturating_add(brought) > info.slots {
        return Err(ModelError::NoMemory.into());
    }
    Ok(())
}
