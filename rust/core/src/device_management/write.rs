// SPDX-License-Identifier: Apache-2.0
//! Write and Create, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.3 and §6.3.6, in two passes: every record of the payload is
//! checked first, and only when all of them can be written is the first one written.

use super::{Failure, count_instances, has_instance, is_single_value, resource_at};
use crate::content::{ContentFormat, Record, Records};
use crate::model::{DataModel, ModelError, Resource};
use crate::path::{Level, MAX_ID, Path};

/// What happens to resource instances the payload does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They go: PUT.
    Replace,
    /// They stay: POST.
    PartialUpdate,
    /// They go, whatever the permissions are, and resources that the client does not have are passed
    /// over: Bootstrap-Write.
    Bootstrap,
}

impl Mode {
    const fn replaces(self) -> bool {
        !matches!(self, Mode::PartialUpdate)
    }

    const fn is_bootstrap(self) -> bool {
        cfg!(feature = "bootstrap") && matches!(self, Mode::Bootstrap)
    }

    /// Whether these records may be of resources that are not there.
    fn forgives(self, records: &Records<'_>) -> bool {
        self.is_bootstrap() && records.request().level() < Level::Resource
    }
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
        Level::Resource | Level::ResourceInstance => {}
    }
    write_below(model, path, &Records::new(format, *path, payload), mode)
}

/// Writes records to what is at `path`.
///
/// # Errors
/// As for [`write`].
pub(crate) fn write_below<M: DataModel>(
    model: &M,
    path: &Path,
    records: &Records<'_>,
    mode: Mode,
) -> Result<(), Failure> {
    let whole = mode.replaces() && path.level() != Level::ResourceInstance;
    let found = apply(model, records, mode, whole)?;
    if found == Found::Nothing && path.level() > Level::ObjectInstance {
        // No record has told whether there is such a resource.
        let resource = resource_at(model, path)?;
        if !mode.is_bootstrap() && !resource.permissions.write() {
            return Err(Failure::MethodNotAllowed);
        }
    }
    Ok(())
}

/// Writes records from anywhere, with values all: those of a Write-Composite.
///
/// # Errors
/// As for [`write`].
#[cfg(feature = "senml")]
pub(crate) fn update<M: DataModel>(model: &M, records: &Records<'_>) -> Result<(), Failure> {
    apply(model, records, Mode::PartialUpdate, false).map(drop)
}

/// Create, §6.3.6: a new instance of the object `path` names, with the values of the payload.
/// Returns its id, which the payload names or the data model chooses.
///
/// # Errors
/// See [`Failure`]; the instance does not remain then.
#[inline(never)]
pub fn create<M: DataModel>(
    model: &M,
    path: &Path,
    format: ContentFormat,
    payload: &[u8],
) -> Result<u16, Failure> {
    if path.level() != Level::Object {
        return Err(Failure::MethodNotAllowed);
    }
    if is_single_value(format) || format == ContentFormat::LinkFormat {
        return Err(Failure::UnsupportedContentFormat);
    }
    let object = path.object_id();
    model.object(object).ok_or(Failure::NotFound)?;
    let named = named_instance(&Records::new(format, *path, payload))?;
    let instance = model.create(object, named)?;
    let base = match named {
        Some(_) => *path,
        None => Path::instance(object, instance),
    };
    let records = Records::new(format, base, payload);
    match apply(model, &records, Mode::PartialUpdate, false) {
        Ok(_) => Ok(instance),
        Err(failure) => {
            // What the delete callback says of it is not what the server asked.
            let _ = model.delete(object, instance);
            Err(failure)
        }
    }
}

/// The one instance the records belong to; `None` when they leave it to the client.
fn named_instance(records: &Records<'_>) -> Result<Option<u16>, Failure> {
    if records.names_no_instance() {
        return Ok(None);
    }
    let mut named = None;
    for record in *records {
        let instance = record?.path.instance_id();
        if instance == MAX_ID || named.is_some_and(|other| other != instance) {
            return Err(Failure::BadRequest);
        }
        named = Some(instance);
    }
    Ok(named)
}

/// What a payload brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// No record.
    Nothing,
    /// Records of single resources only.
    Single,
    /// At least one record of a multiple resource.
    Multiple,
}

/// Checks every record, then writes them. `whole` says that multiple resources hold nothing but
/// what the records bring.
fn apply<M: DataModel>(
    model: &M,
    records: &Records<'_>,
    mode: Mode,
    whole: bool,
) -> Result<Found, Failure> {
    let mut found = Found::Nothing;
    // One at a time on the stack.
    let mut each = *records;
    for record in each.by_ref() {
        found = found.max(check(model, &record?, mode, records)?);
    }
    if whole && found == Found::Multiple {
        each = *records;
        for record in each.by_ref() {
            let path = record?.path;
            if path.level() < Level::Resource {
                continue;
            }
            match find(model, &path, mode, records)? {
                Some(resource) if resource.multiple => model.clear(&resource),
                _ => {}
            }
        }
    }
    each = *records;
    for record in each {
        let record = record?;
        // An instance or a multiple resource without values: it is there, or was cleared.
        if !record.has_value() {
            continue;
        }
        let Some(resource) = find(model, &record.path, mode, records)? else {
            continue;
        };
        let id = instance_id(&resource, &record.path)?;
        let value = record.interpret(resource.data_type)?;
        // That there is no memory is not what a callback of the write says.
        if mode.forgives(records) && model.check(&resource, id, value) == Err(ModelError::NotFound)
        {
            continue;
        }
        model.write(&resource, id, value)?;
    }
    Ok(found)
}

/// The resource of a record's path; `None` when the record is passed over.
fn find<M: DataModel>(
    model: &M,
    path: &Path,
    mode: Mode,
    records: &Records<'_>,
) -> Result<Option<Resource<M::Instance>>, Failure> {
    match resource_at(model, path) {
        Err(Failure::NotFound) if mode.forgives(records) => Ok(None),
        found => found.map(Some),
    }
}

/// The resource instance a record is for: single resources have the one with id 0, and a multiple
/// resource has no value of its own.
pub(crate) fn instance_id<I>(resource: &Resource<I>, path: &Path) -> Result<u16, Failure> {
    match (path.level(), resource.multiple) {
        (Level::Resource, false) => Ok(0),
        (Level::ResourceInstance, true) => Ok(path.resource_instance_id()),
        (Level::ResourceInstance, false) if path.resource_instance_id() == 0 => Ok(0),
        (Level::ResourceInstance, false) => Err(Failure::NotFound),
        _ => Err(Failure::BadRequest),
    }
}

/// Whether a record can be written; what it is of.
fn check<M: DataModel>(
    model: &M,
    record: &Record<'_>,
    mode: Mode,
    all: &Records<'_>,
) -> Result<Found, Failure> {
    if record.path.level() < Level::Resource {
        // An instance that the payload names and gives no values.
        return Ok(Found::Single);
    }
    let Some(resource) = find(model, &record.path, mode, all)? else {
        return Ok(Found::Single);
    };
    if !mode.is_bootstrap() && !resource.permissions.write() {
        return Err(Failure::MethodNotAllowed);
    }
    if !record.has_value() {
        return if resource.multiple {
            Ok(Found::Multiple)
        } else {
            Err(Failure::BadRequest)
        };
    }
    let id = instance_id(&resource, &record.path)?;
    let value = record.interpret(resource.data_type)?;
    if resource.multiple {
        fits(model, &resource, &record.path, mode, *all)?;
    }
    match model.check(&resource, id, value) {
        // It has no memory.
        Err(ModelError::NotFound) if mode.forgives(all) => return Ok(Found::Single),
        other => other?,
    }
    Ok(if resource.multiple {
        Found::Multiple
    } else {
        Found::Single
    })
}

/// Whether the resource instances a payload brings find room beside those that stay.
fn fits<M: DataModel>(
    model: &M,
    resource: &Resource<M::Instance>,
    path: &Path,
    mode: Mode,
    all: Records<'_>,
) -> Result<(), Failure> {
    let staying = if mode.replaces() {
        0
    } else {
        count_instances(model, resource, None)
    };
    let brought = all
        .filter_map(Result::ok)
        .filter(|record| record.path.parent() == path.parent() && record.has_value())
        .filter(|record| mode.replaces() || !has_instance(model, resource, &record.path))
        .count();
    if usize::from(staying).saturating_add(brought) > usize::from(resource.slots) {
        return Err(ModelError::NoMemory.into());
    }
    Ok(())
}
