// SPDX-License-Identifier: Apache-2.0
//! Discover, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.2: what is there, as links.

use super::{Failure, resource_at};
use crate::content::{LinkWriter, Output};
use crate::model::{DataModel, ObjectInfo, ResourceInfo};
use crate::path::{Level, Path};

/// Lists what lies at and below `path` and returns where the payload ends.
///
/// # Errors
/// The path names nothing, or the links do not fit.
pub fn discover<M: DataModel>(
    model: &M,
    path: &Path,
    output: Output<'_>,
) -> Result<usize, Failure> {
    let mut links = LinkWriter::new(output);
    let object = model.object(path.object_id());
    match path.level() {
        Level::Root | Level::ResourceInstance => return Err(Failure::MethodNotAllowed),
        Level::Object => object_links(model, &object.ok_or(Failure::NotFound)?, &mut links)?,
        Level::ObjectInstance => instance_links(model, path, true, &mut links)?,
        Level::Resource => {
            let (info, resource) = resource_at(model, path)?;
            resource_link(model, path, &info, resource, true, &mut links)?;
            if info.multiple && cfg!(feature = "lwm2m-1-1") {
                for slot in 0..info.slots {
                    if let Some(id) = model.resource_instance_at(resource, slot) {
                        let path = path.child(id).map_err(|_| Failure::NotFound)?;
                        links.link(&path)?;
                    }
                }
            }
        }
    }
    Ok(links.finish().position())
}

fn object_links<M: DataModel>(
    model: &M,
    object: &ObjectInfo,
    links: &mut LinkWriter<'_>,
) -> Result<(), Failure> {
    links.link(&Path::object(object.id))?;
    if object.announce_version {
        links.version(object.version.0, object.version.1)?;
    }
    let mut last = None;
    while let Some(instance) = model.next_instance(object.id, last) {
        instance_links(model, &Path::instance(object.id, instance), false, links)?;
        last = Some(instance);
    }
    Ok(())
}

fn instance_links<M: DataModel>(
    model: &M,
    path: &Path,
    attributes: bool,
    links: &mut LinkWriter<'_>,
) -> Result<(), Failure> {
    let instance = model
        .instance(path.object_id(), path.instance_id())
        .ok_or(Failure::NotFound)?;
    links.link(path)?;
    let mut index = 0_usize;
    while let Ok(entry) = model.resource_at(instance, index) {
        index = index.saturating_add(1);
        if let Some((info, resource)) = entry {
            let path = Path::resource(path.object_id(), path.instance_id(), info.id);
            resource_link(model, &path, &info, resource, attributes, links)?;
        }
    }
    Ok(())
}

/// The Dimension attribute is part of the answer from the object instance level down, §5.1.1.
fn resource_link<M: DataModel>(
    model: &M,
    path: &Path,
    info: &ResourceInfo,
    resource: M::Resource,
    attributes: bool,
    links: &mut LinkWriter<'_>,
) -> Result<(), Failure> {
    links.link(path)?;
    if attributes && info.multiple {
        let count = (0..info.slots)
            .filter(|slot| model.resource_instance_at(resource, *slot).is_some())
            .count();
        links.number("dim", i64::try_from(count).unwrap_or(i64::MAX))?;
    }
    Ok(())
}
