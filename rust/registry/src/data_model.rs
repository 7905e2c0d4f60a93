// SPDX-License-Identifier: Apache-2.0
//! The data model as the protocol sees it.

use crate::c_types::{LWM2M_OP_EXECUTE, LWM2M_OP_READ, LWM2M_OP_WRITE, RES_INSTANCE_NOT_CREATED};
use crate::error::refusal;
use crate::nodes::{ObjectNode, ResourceNode};
use crate::registry::{Instance, Registry, Resource, announces_version};
use crate::values::{AppBytes, data_type, value_at};
use crate::writing::{Piece, erase, has_terminator};
use core::ptr::null_mut;
use lwm2m_core::model::{
    Availability, DataModel, Fragment, ModelError, ObjectInfo, Operation, Permissions,
};
use lwm2m_core::path::Path;
#[cfg(any(cache, test))]
use lwm2m_core::time_series::Samples;
use lwm2m_core::value::{Bytes, DataType, Value};

/// The bits of a C field's permissions are core's.
const _: () = assert!(
    Permissions::READ == 1 << LWM2M_OP_READ
        && Permissions::WRITE == 1 << LWM2M_OP_WRITE
        && Permissions::EXECUTE == 1 << LWM2M_OP_EXECUTE
);

impl DataModel for Registry<'_> {
    type Instance = Instance;
    type Bytes = AppBytes;

    fn authorize(&self, server: u16, operation: Operation, path: &Path) -> Result<(), ModelError> {
        match self.access_control() {
            Some(access_control) => (access_control.authorize)(server, operation, path),
            None => Ok(()),
        }
    }

    fn restrict(&self, reader: Option<u16>) {
        self.set_reader(reader);
    }

    fn created_for(&self, server: u16, object: u16, instance: u16) {
        if let Some(access_control) = self.access_control() {
            (access_control.created)(server, object, instance);
        }
    }

    fn availability(&self, server: u16) -> Availability {
        match self.servers() {
            Some(servers) => (servers.availability)(server),
            None => Availability::Enabled,
        }
    }

    fn set_availability(&self, server: u16, availability: Availability) {
        if let Some(servers) = self.servers() {
            (servers.set_availability)(server, availability);
        }
    }

    fn enable_servers(&self) {
        if let Some(servers) = self.servers() {
            (servers.enable_all)();
        }
    }

    fn object(&self, object: u16) -> Option<ObjectInfo> {
        self.store().object(object).map(object_info)
    }

    fn next_object(&self, after: Option<u16>) -> Option<ObjectInfo> {
        self.store().next_object(after).map(object_info)
    }

    fn next_instance(&self, object: u16, mut after: Option<u16>) -> Option<u16> {
        loop {
            let id = self.store().next_instance(object, after)?.id();
            if !self.hides(object, id) {
                return Some(id);
            }
            after = Some(id);
        }
    }

    fn instance(&self, object: u16, instance: u16) -> Option<Instance> {
        if self.hides(object, instance) {
            return None;
        }
        self.instance_handle(object, instance)
    }

    fn resource(&self, instance: &Instance, resource: u16) -> Option<Resource> {
        let node = self.instance_node(instance)?;
        let (found, index) = node.resource(resource)?;
        described(instance, node.object()?, found, index, Permissions::NONE)
    }

    fn next_resource(
        &self,
        instance: &Instance,
        mut index: u16,
        operations: Permissions,
    ) -> Option<Resource> {
        let node = self.instance_node(instance)?;
        let object = node.object()?;
        loop {
            let found = node.resource_at(usize::from(index))?;
            let resource = described(instance, object, found, index, operations);
            if resource.is_some() {
                return resource;
            }
            index += 1;
        }
    }

    fn next_resource_instance(&self, resource: &Resource, mut slot: u16) -> Option<(u16, u16)> {
        let node = self.resource_node(resource)?;
        while let Some(found) = node.slot_at(usize::from(slot)) {
            let id = found.id();
            if id != RES_INSTANCE_NOT_CREATED {
                return Some((slot, id));
            }
            slot += 1;
        }
        None
    }

    fn read(&self, resource: &Resource, id: u16) -> Result<Value<AppBytes>, ModelError> {
        let (node, slot) = self.slot_inline(resource, id).ok_or(ModelError::NotFound)?;
        let mut data = slot.data();
        let mut len = usize::from(slot.len());
        if let Some(read) = node.read_cb() {
            let Resource {
                instance, id: res, ..
            } = *resource;
            // SAFETY: the application's callback, called as its type says, under the lock.
            data = self.call(|| unsafe { read(instance.instance, res, id, &mut len) });
        }
        // SAFETY: the application says, in the node or as the callback's answer, that `len` bytes
        // are readable there.
        unsafe { value_at(data.cast_const().cast(), len, resource.data_type) }
    }

    #[cfg(any(cache, test))]
    fn keeps_samples(&self) -> bool {
        self.any_samples()
    }

    #[cfg(any(cache, test))]
    fn samples(&self, resource: &Resource, id: u16) -> Option<Samples> {
        self.samples_of(resource, id)
    }

    #[cfg(any(cache, test))]
    fn sample(&self, cache: u8, position: u32) -> Option<(i64, Value<AppBytes>)> {
        self.sample_at(cache, position)
    }

    #[cfg(any(cache, test))]
    fn delivered(&self, samples: Samples) {
        self.take_samples(samples);
    }

    fn check<B: Bytes>(
        &self,
        resource: &Resource,
        id: u16,
        value: Value<B>,
    ) -> Result<(), ModelError> {
        self.check_value(resource, id, &erase(&value))
    }

    fn write<B: Bytes>(
        &self,
        resource: &Resource,
        id: u16,
        value: Value<B>,
    ) -> Result<bool, ModelError> {
        self.write_value(resource, id, &erase(&value))
    }

    fn write_fragment(
        &self,
        resource: &Resource,
        id: u16,
        fragment: Fragment<'_>,
    ) -> Result<(), ModelError> {
        let text = match resource.data_type {
            DataType::String => true,
            DataType::Opaque => false,
            _ => return Err(ModelError::BadRequest),
        };
        if text && has_terminator(&fragment.data) {
            return Err(ModelError::BadRequest);
        }
        let piece = Piece {
            source: &fragment.data,
            text,
            offset: fragment.offset,
            total: fragment.total,
            last: fragment.last,
            validate: true,
        };
        self.write_piece(resource, id, &piece)?;
        Ok(())
    }

    fn clear(&self, resource: &Resource) {
        let Some(node) = self.resource_node(resource) else {
            return;
        };
        if !node.multiple() {
            return;
        }
        let mut any = false;
        let mut index = 0;
        // The buffers stay: the instances that are written next need them.
        while let Some(slot) = node.slot_at(index) {
            any |= slot.id() != RES_INSTANCE_NOT_CREATED;
            slot.set_id(RES_INSTANCE_NOT_CREATED);
            slot.set_len(0);
            index += 1;
        }
        if any && resource.permissions.read() {
            let Instance {
                object, instance, ..
            } = resource.instance;
            let path = Path::resource(object, instance, resource.id);
            self.changes().resource_changed(path);
        }
    }

    fn execute(&self, resource: &Resource, arguments: &[u8]) -> Result<(), ModelError> {
        let node = self
            .resource_node_inline(resource)
            .ok_or(ModelError::NotFound)?;
        let execute = node.execute_cb().ok_or(ModelError::NotFound)?;
        let count = u16::try_from(arguments.len()).map_err(|_| ModelError::TooLarge)?;
        let pointer = if arguments.is_empty() {
            null_mut()
        } else {
            arguments.as_ptr().cast_mut()
        };
        // SAFETY: the application's callback, called as its type says, under the lock. The
        // arguments lie in the received datagram, which nobody reads again; a callback that cuts
        // them into words in place, as C code does, harms no one.
        let answer = self.call(|| unsafe { execute(resource.instance.instance, pointer, count) });
        if answer < 0 {
            return Err(refusal(answer));
        }
        Ok(())
    }

    fn create(&self, object: u16, instance: Option<u16>) -> Result<u16, ModelError> {
        let instance = match instance {
            Some(instance) => instance,
            None => self.free_instance_id(object).ok_or(ModelError::NoMemory)?,
        };
        self.create_obj_inst(object, instance)?;
        Ok(instance)
    }

    fn delete(&self, object: u16, instance: u16) -> Result<(), ModelError> {
        use crate::error::DeleteError;
        match self.delete_obj_inst(object, instance) {
            // What the C calls a success.
            Err(DeleteError::Callback(answer)) if answer > 0 => Ok(()),
            result => Ok(result?),
        }
    }
}

/// The resource at `index`, if the object defines it and it allows `operations`.
// In both its callers, which run for each value that is read or written.
#[inline(always)]
fn described(
    instance: &Instance,
    object: ObjectNode,
    found: ResourceNode,
    index: u16,
    operations: Permissions,
) -> Option<Resource> {
    let id = found.id();
    let field = object.field(id, index)?;
    let permissions = Permissions::new(field.permissions());
    if !permissions.contains(operations) {
        return None;
    }
    Some(Resource {
        instance: *instance,
        id,
        index,
        permissions,
        data_type: data_type(field.data_type()),
        multiple: found.multiple(),
        slots: u16::from(found.slot_count()),
    })
}

fn object_info(object: ObjectNode) -> ObjectInfo {
    ObjectInfo {
        id: object.id(),
        version: (object.version_major(), object.version_minor()),
        announce_version: announces_version(object),
    }
}
