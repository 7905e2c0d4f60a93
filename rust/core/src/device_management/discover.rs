// SPDX-License-Identifier: Apache-2.0
//! Discover, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.2: what is there, as links.

use super::read::Cursor;
use super::{Failure, count_instances, resource_at};
use crate::content::{Progress, RecordStream, Stem};
use crate::information_reporting::attributes::{Attributes, Shown};
use crate::model::{DataModel, Permissions, Resource};
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
    let shown = match path.level() {
        Level::Root | Level::ResourceInstance => return Err(Failure::MethodNotAllowed),
        Level::Object => Shown::Nothing,
        Level::ObjectInstance => Shown::Own,
        Level::Resource => Shown::Effective,
    };
    let discover = Discover {
        model,
        attributes,
        shown,
    };
    match shown {
        Shown::Nothing => discover.object_links(path, cursor, stream),
        Shown::Own => discover.instance_links(path, cursor, stream),
        Shown::Effective => discover.resource_links(path, cursor, stream),
    }
}

/// What links are made from.
struct Discover<'c, 'a, M> {
    model: &'c M,
    attributes: &'c Attributes<'a>,
    /// What is shown of the attributes of instances and resources.
    shown: Shown,
}

impl<M: DataModel> Discover<'_, '_, M> {
    /// The object's own attributes; what lies below shows none.
    fn object_links(
        &self,
        path: &Path,
        cursor: &mut Cursor,
        stream: &mut RecordStream<'_>,
    ) -> Result<Progress, Failure> {
        let object = self
            .model
            .object(path.object_id())
            .ok_or(Failure::NotFound)?;
        if cursor.path == 0 {
            cursor.path = 1;
            let progress = stream.link(&|links| {
                links.link(path)?;
                if object.announce_version {
                    links.version(object.version.0, object.version.1)?;
                }
                self.attributes.put_to(path, Shown::Own, links)
            })?;
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
        loop {
            if cursor.instance.is_none() {
                cursor.instance = self.model.next_instance(object.id, cursor.last);
            }
            let Some(instance) = cursor.instance else {
                return Ok(Progress::Done);
            };
            let path = Path::instance(object.id, instance);
            match self.instance_links(&path, cursor, stream) {
                // It was deleted between two blocks.
                Ok(Progress::Done) | Err(Failure::NotFound) => {}
                other => return other,
            }
            cursor.leave_instance();
        }
    }

    /// The link of the instance comes first, and counts as a resource done with.
    fn instance_links(
        &self,
        path: &Path,
        cursor: &mut Cursor,
        stream: &mut RecordStream<'_>,
    ) -> Result<Progress, Failure> {
        let model = self.model;
        let instance = model
            .instance(path.object_id(), path.instance_id())
            .ok_or(Failure::NotFound)?;
        let stem = Stem::of(path);
        loop {
            let progress = match cursor.index.checked_sub(1) {
                None => self.link(path, self.shown, None, None, stream)?,
                Some(index) => {
                    let next = model.next_resource(&instance, index, Permissions::NONE);
                    let Some(resource) = next else {
                        return Ok(Progress::Done);
                    };
                    cursor.reach(resource.index.saturating_add(1));
                    let path = path.resource_within(resource.id);
                    self.resource_link(&path, &resource, Some(&stem), stream)?
                }
            };
            cursor.next_resource();
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
    }

    /// What was asked for is shown with all that holds there, its instances with what is their own.
    fn resource_links(
        &self,
        path: &Path,
        cursor: &mut Cursor,
        stream: &mut RecordStream<'_>,
    ) -> Result<Progress, Failure> {
        let resource = resource_at(self.model, path)?;
        if cursor.index == 0 {
            cursor.next_resource();
            let progress = self.resource_link(path, &resource, None, stream)?;
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
        if !resource.multiple || !cfg!(feature = "lwm2m-1-1") {
            return Ok(Progress::Done);
        }
        while let Some((slot, id)) = self.model.next_resource_instance(&resource, cursor.slot) {
            let path = path.child(id).map_err(|_| Failure::NotFound)?;
            let progress = self.link(&path, Shown::Own, None, None, stream)?;
            cursor.note(slot, progress);
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
        Ok(Progress::Done)
    }

    /// The Dimension attribute is part of the answer from the object instance level down, §5.1.1.
    fn resource_link(
        &self,
        path: &Path,
        resource: &Resource<M::Instance>,
        stem: Option<&Stem>,
        stream: &mut RecordStream<'_>,
    ) -> Result<Progress, Failure> {
        let dimension = (self.shown != Shown::Nothing && resource.multiple)
            .then(|| count_instances(self.model, resource, None));
        self.link(path, self.shown, dimension, stem, stream)
    }

    /// The link of a path, of a resource within `stem` if that is given.
    fn link(
        &self,
        path: &Path,
        shown: Shown,
        dimension: Option<u16>,
        stem: Option<&Stem>,
        stream: &mut RecordStream<'_>,
    ) -> Result<Progress, Failure> {
        Ok(stream.link(&|links| {
            match stem {
                Some(stem) => links.link_below(stem, path.resource_id())?,
                None => links.link(path)?,
            }
            if let Some(dimension) = dimension {
                links.number("dim", i64::from(dimension))?;
            }
            self.attributes.put_to(path, shown, links)
        })?)
    }
}
