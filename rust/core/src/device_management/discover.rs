// SPDX-License-Identifier: Apache-2.0
//! Discover, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.2: what is there, as links.

use super::read::Cursor;
use super::{Failure, resource_at};
use crate::content::{Progress, RecordStream};
use crate::information_reporting::attributes::{Attributes, Shown};
use crate::model::{DataModel, ObjectInfo, ResourceInfo};
use crate::path::{Level, Path};

/// Lists what lies at and below `path`, from `cursor` on.
///
/// # Errors
/// The path names nothing, or the links do not fit.
pub(crate) fn append<M: DataModel>(
    model: &M,
    attributes: &Attributes<'_>,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    match path.level() {
        Level::Root | Level::ResourceInstance => Err(Failure::MethodNotAllowed),
        Level::Object => {
            let object = model.object(path.object_id()).ok_or(Failure::NotFound)?;
            object_links(model, attributes, &object, cursor, stream)
        }
        Level::ObjectInstance => {
            instance_links(model, attributes, path, Shown::Own, cursor, stream)
        }
        Level::Resource => resource_links(model, attributes, path, cursor, stream),
    }
}

/// The object's own attributes; what lies below shows none.
fn object_links<M: DataModel>(
    model: &M,
    attributes: &Attributes<'_>,
    object: &ObjectInfo,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    if cursor.path == 0 {
        cursor.path = 1;
        let progress = stream.link(&|links| {
            links.link(&Path::object(object.id))?;
            if object.announce_version {
                links.version(object.version.0, object.version.1)?;
            }
            attributes.put_to(&Path::object(object.id), Shown::Own, links)
        })?;
        if progress != Progress::Done {
            return Ok(progress);
        }
    }
    loop {
        if cursor.instance.is_none() {
            cursor.instance = model.next_instance(object.id, cursor.last);
        }
        let Some(instance) = cursor.instance else {
            return Ok(Progress::Done);
        };
        let path = Path::instance(object.id, instance);
        match instance_links(model, attributes, &path, Shown::Nothing, cursor, stream) {
            // It was deleted between two blocks.
            Ok(Progress::Done) | Err(Failure::NotFound) => {}
            other => return other,
        }
        cursor.leave_instance();
    }
}

/// The link of the instance comes first, and counts as a resource done with.
fn instance_links<M: DataModel>(
    model: &M,
    attributes: &Attributes<'_>,
    path: &Path,
    shown: Shown,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let instance = model
        .instance(path.object_id(), path.instance_id())
        .ok_or(Failure::NotFound)?;
    loop {
        let mut progress = Progress::Done;
        match cursor.index.checked_sub(1) {
            None => {
                progress = stream.link(&|links| {
                    links.link(path)?;
                    attributes.put_to(path, shown, links)
                })?;
            }
            Some(index) => match model.resource_at(instance, usize::from(index)) {
                Err(()) => return Ok(Progress::Done),
                Ok(None) => {}
                Ok(Some((info, resource))) => {
                    let path = path.resource_within(info.id);
                    progress =
                        resource_link(model, attributes, &path, shown, &info, resource, stream)?;
                }
            },
        }
        cursor.next_resource();
        if progress != Progress::Done {
            return Ok(progress);
        }
    }
}

/// What was asked for is shown with all that holds there, its instances with what is their own.
fn resource_links<M: DataModel>(
    model: &M,
    attributes: &Attributes<'_>,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let (info, resource) = resource_at(model, path)?;
    if cursor.index == 0 {
        cursor.next_resource();
        let all = Shown::Effective;
        let progress = resource_link(model, attributes, path, all, &info, resource, stream)?;
        if progress != Progress::Done {
            return Ok(progress);
        }
    }
    if !info.multiple || !cfg!(feature = "lwm2m-1-1") {
        return Ok(Progress::Done);
    }
    for slot in usize::from(cursor.slot)..info.slots {
        if let Some(id) = model.resource_instance_at(resource, slot) {
            let path = path.child(id).map_err(|_| Failure::NotFound)?;
            let progress = stream.link(&|links| {
                links.link(&path)?;
                attributes.put_to(&path, Shown::Own, links)
            })?;
            cursor.note(slot, progress);
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
    }
    Ok(Progress::Done)
}

/// The Dimension attribute is part of the answer from the object instance level down, §5.1.1.
fn resource_link<M: DataModel>(
    model: &M,
    attributes: &Attributes<'_>,
    path: &Path,
    shown: Shown,
    info: &ResourceInfo,
    resource: M::Resource,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let dimension = (shown != Shown::Nothing && info.multiple).then(|| {
        let created = (0..info.slots)
            .filter(|slot| model.resource_instance_at(resource, *slot).is_some())
            .count();
        i64::try_from(created).unwrap_or(i64::MAX)
    });
    let progress = stream.link(&|links| {
        links.link(path)?;
        if let Some(dimension) = dimension {
            links.number("dim", dimension)?;
        }
        attributes.put_to(path, shown, links)
    })?;
    Ok(progress)
}
