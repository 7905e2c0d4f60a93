// SPDX-License-Identifier: Apache-2.0
//! Read, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.1: every readable value at or below a path, in one
//! pass. What has no value is left out, unless it is what was asked for.

use super::{Failure, is_single_value, resource_at};
use crate::content::{ContentFormat, Output, RecordWriter};
use crate::model::{DataModel, ModelError, ResourceInfo};
use crate::path::{Level, Path};

/// Reads `path` into `output` and returns where the payload ends.
///
/// # Errors
/// Nothing readable is there, or it does not fit the format or the buffer.
pub fn read<M: DataModel>(
    model: &M,
    path: &Path,
    format: ContentFormat,
    output: Output<'_>,
) -> Result<usize, Failure> {
    if is_single_value(format) && path.level() < Level::Resource {
        return Err(Failure::NotAcceptable);
    }
    let mut writer = RecordWriter::new(format, *path, output)?;
    append(model, path, &mut writer)?;
    Ok(writer.position())
}

/// Appends what lies at or below `path` to `writer`.
///
/// # Errors
/// As for [`read`].
pub(crate) fn append<M: DataModel>(
    model: &M,
    path: &Path,
    writer: &mut RecordWriter<'_>,
) -> Result<(), Failure> {
    match path.level() {
        Level::Root => return Err(Failure::MethodNotAllowed),
        Level::Object => read_object(model, path, writer)?,
        Level::ObjectInstance => read_instance(model, path, writer)?,
        Level::Resource | Level::ResourceInstance => {
            let (info, resource) = resource_at(model, path)?;
            if !info.permissions.read {
                return Err(Failure::MethodNotAllowed);
            }
            if path.level() == Level::Resource {
                if !read_resource(model, path, &info, resource, writer)? && !info.multiple {
                    return Err(Failure::NotFound);
                }
            } else {
                let value = model.read(resource, path.resource_instance_id())?;
                if info.multiple {
                    writer.begin_resource(&path.parent(), true)?;
                }
                writer.value(path, value)?;
                if info.multiple {
                    writer.end_resource()?;
                }
            }
        }
    }
    Ok(())
}

fn read_object<M: DataModel>(
    model: &M,
    path: &Path,
    writer: &mut RecordWriter<'_>,
) -> Result<(), Failure> {
    let object = path.object_id();
    model.object(object).ok_or(Failure::NotFound)?;
    let mut last = None;
    while let Some(instance) = model.next_instance(object, last) {
        match read_instance(model, &Path::instance(object, instance), writer) {
            // A callback deleted the instance that was its turn.
            Ok(()) | Err(Failure::NotFound) => {}
            Err(failure) => return Err(failure),
        }
        last = Some(instance);
    }
    Ok(())
}

fn read_instance<M: DataModel>(
    model: &M,
    path: &Path,
    writer: &mut RecordWriter<'_>,
) -> Result<(), Failure> {
    let instance = model
        .instance(path.object_id(), path.instance_id())
        .ok_or(Failure::NotFound)?;
    writer.begin_instance(path)?;
    let mut index = 0_usize;
    while let Ok(entry) = model.resource_at(instance, index) {
        index = index.saturating_add(1);
        let Some((info, resource)) = entry else {
            continue;
        };
        if info.permissions.read {
            let path = Path::resource(path.object_id(), path.instance_id(), info.id);
            read_resource(model, &path, &info, resource, writer)?;
        }
    }
    Ok(writer.end_instance()?)
}

/// Returns whether there was a value.
fn read_resource<M: DataModel>(
    model: &M,
    path: &Path,
    info: &ResourceInfo,
    resource: M::Resource,
    writer: &mut RecordWriter<'_>,
) -> Result<bool, Failure> {
    if !info.multiple {
        return match model.read(resource, 0) {
            Ok(value) => {
                writer.value(path, value)?;
                Ok(true)
            }
            Err(ModelError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        };
    }
    let mut begun = false;
    for slot in 0..info.slots {
        let Some(id) = model.resource_instance_at(resource, slot) else {
            continue;
        };
        let value = match model.read(resource, id) {
            Ok(value) => value,
            Err(ModelError::NotFound) => continue,
            Err(error) => return Err(error.into()),
        };
        if !begun {
            writer.begin_resource(path, true)?;
            begun = true;
        }
        let path = path.child(id).map_err(|_| Failure::NotFound)?;
        writer.value(&path, value)?;
    }
    if begun {
        writer.end_resource()?;
    }
    Ok(begun)
}
