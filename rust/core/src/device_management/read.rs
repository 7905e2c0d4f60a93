// SPDX-License-Identifier: Apache-2.0
//! Read, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.1: every readable value at or below a path, in one
//! pass. What has no value is left out, unless it is what was asked for.

use super::{Failure, is_single_value, resource_at};
use crate::content::{ContentFormat, Output, Progress, RecordStream};
use crate::model::{DataModel, ModelError, Permissions, Resource};
use crate::path::{Level, Path};
use crate::time_series;

/// Where a walk goes on that was paused, RFC 7959; the default is its beginning. It names the next
/// record by numbers, so that what comes and goes meanwhile does no harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// How many paths of several are done with.
    pub(crate) path: u16,
    /// The object the walk is in, if it goes through all of them.
    #[cfg(any(feature = "senml", feature = "bootstrap"))]
    pub(crate) object: Option<u16>,
    /// The object instance the walk is in,
    pub(super) instance: Option<u16>,
    /// and the last one that it has left.
    pub(crate) last: Option<u16>,
    /// How many resources of the instance are done with,
    pub(crate) index: u16,
    /// and how many slots of the next resource.
    pub(super) slot: u16,
}

impl Cursor {
    /// The resource at `index` is next: those between are not there or are not read.
    pub(super) fn reach(&mut self, index: u16) {
        if self.index != index {
            (self.index, self.slot) = (index, 0);
        }
    }

    pub(super) fn next_resource(&mut self) {
        self.index = self.index.saturating_add(1);
        self.slot = 0;
    }

    pub(super) fn leave_instance(&mut self) {
        self.last = self.instance.take();
        (self.index, self.slot) = (0, 0);
    }

    #[cfg(any(feature = "senml", feature = "bootstrap"))]
    pub(crate) fn leave_object(&mut self) {
        *self = Cursor {
            path: self.path,
            object: self.object,
            ..Cursor::default()
        };
    }

    #[cfg(feature = "senml")]
    pub(super) fn next_path(&mut self) {
        *self = Cursor {
            path: self.path.saturating_add(1),
            ..Cursor::default()
        };
    }

    /// Notes what became of the value in `slot`; one that was begun comes again.
    pub(super) fn note(&mut self, slot: u16, progress: Progress) {
        self.slot = slot.saturating_add(u16::from(progress != Progress::Within));
    }
}

/// Begins the answer to a Read of `path`.
///
/// # Errors
/// The format cannot carry it.
pub(crate) fn begin<'b>(
    path: &Path,
    format: ContentFormat,
    output: Output<'b>,
) -> Result<RecordStream<'b>, Failure> {
    if is_single_value(format) && path.level() < Level::Resource {
        return Err(Failure::NotAcceptable);
    }
    Ok(RecordStream::new(format, *path, output)?)
}

/// Appends what lies at or below `path`, from `cursor` on.
///
/// # Errors
/// Nothing readable is there, or it does not fit the format or the buffer.
pub(crate) fn append<M: DataModel>(
    model: &M,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    match path.level() {
        Level::Root => Err(Failure::MethodNotAllowed),
        Level::Object => read_object(model, path, cursor, stream),
        Level::ObjectInstance => read_instance(model, path, cursor, stream),
        Level::Resource | Level::ResourceInstance => {
            let resource = resource_at(model, path)?;
            if !resource.permissions.read() {
                return Err(Failure::MethodNotAllowed);
            }
            if path.level() == Level::ResourceInstance {
                return read_resource_instance(model, path, &resource, cursor, stream);
            }
            match read_resource(model, path, &resource, cursor, stream)? {
                Some(progress) => Ok(progress),
                None if resource.multiple => Ok(Progress::Done),
                None => Err(Failure::NotFound),
            }
        }
    }
}

fn read_object<M: DataModel>(
    model: &M,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let object = path.object_id();
    model.object(object).ok_or(Failure::NotFound)?;
    loop {
        if cursor.instance.is_none() {
            cursor.instance = model.next_instance(object, cursor.last);
        }
        let Some(instance) = cursor.instance else {
            return Ok(Progress::Done);
        };
        match read_instance(model, &Path::instance(object, instance), cursor, stream) {
            // A callback deleted the instance that was its turn.
            Ok(Progress::Done) | Err(Failure::NotFound) => {}
            other => return other,
        }
        cursor.leave_instance();
        if stream.progress() != Progress::Done {
            return Ok(Progress::Paused);
        }
    }
}

fn read_instance<M: DataModel>(
    model: &M,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let instance = model
        .instance(path.object_id(), path.instance_id())
        .ok_or(Failure::NotFound)?;
    stream.begin_instance(path)?;
    let readable = Permissions::READABLE;
    while let Some(resource) = model.next_resource(&instance, cursor.index, readable) {
        cursor.reach(resource.index);
        let path = path.resource_within(resource.id);
        let progress = read_resource(model, &path, &resource, cursor, stream)?;
        if let Some(paused @ (Progress::Paused | Progress::Within)) = progress {
            return Ok(paused);
        }
        cursor.next_resource();
    }
    stream.end_instance()?;
    Ok(Progress::Done)
}

/// Returns `None` when there was no value.
fn read_resource<M: DataModel>(
    model: &M,
    path: &Path,
    resource: &Resource<M::Instance>,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Option<Progress>, Failure> {
    if resource.multiple {
        return read_multiple(model, path, resource, cursor, stream);
    }
    if cursor.slot > 0 {
        return Ok(Some(Progress::Done));
    }
    if time_series::append(model, path, resource, 0, stream)? {
        cursor.note(0, Progress::Done);
        return Ok(Some(stream.progress()));
    }
    match model.read(resource, 0) {
        Ok(value) => {
            let progress = stream.value(path, value)?;
            cursor.note(0, progress);
            Ok(Some(progress))
        }
        Err(ModelError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read_multiple<M: DataModel>(
    model: &M,
    path: &Path,
    resource: &Resource<M::Instance>,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Option<Progress>, Failure> {
    let mut begun = cursor.slot > 0;
    while let Some((slot, id)) = model.next_resource_instance(resource, cursor.slot) {
        cursor.note(slot, Progress::Done);
        let instance = path.child(id).map_err(|_| Failure::NotFound)?;
        let progress = if time_series::append(model, &instance, resource, id, stream)? {
            begun = true;
            stream.progress()
        } else {
            let value = match model.read(resource, id) {
                Ok(value) => value,
                Err(ModelError::NotFound) => continue,
                Err(error) => return Err(error.into()),
            };
            if !begun {
                stream.begin_resource(path, true)?;
                begun = true;
            }
            let progress = stream.value(&instance, value)?;
            cursor.note(slot, progress);
            progress
        };
        if progress != Progress::Done {
            return Ok(Some(progress));
        }
    }
    if !begun {
        return Ok(None);
    }
    Ok(Some(stream.end_resource()?))
}

fn read_resource_instance<M: DataModel>(
    model: &M,
    path: &Path,
    resource: &Resource<M::Instance>,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    if cursor.slot > 0 {
        return Ok(Progress::Done);
    }
    let id = path.resource_instance_id();
    if time_series::append(model, path, resource, id, stream)? {
        cursor.note(0, Progress::Done);
        return Ok(stream.progress());
    }
    let value = model.read(resource, id)?;
    if resource.multiple {
        stream.begin_resource(&path.parent(), true)?;
    }
    let progress = stream.value(path, value)?;
    cursor.note(0, progress);
    if resource.multiple && progress != Progress::Within {
        stream.end_resource()?;
    }
    Ok(progress)
}
