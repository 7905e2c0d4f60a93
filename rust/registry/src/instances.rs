// SPDX-License-Identifier: Apache-2.0
//! Creating and deleting object instances, for applications and for servers alike.

use crate::c_types::lwm2m_engine_user_cb_t;
use crate::c_types::{LWM2M_PATH_LEVEL_OBJECT_INST, lwm2m_engine_obj_inst, lwm2m_obj_path};
use crate::error::{CreateError, DeleteError, LookupError};
use crate::nodes::InstanceNode;
use crate::registry::Registry;
use lwm2m_core::path::{MAX_ID, Path};

impl Registry<'_> {
    /// Creates an instance: `lwm2m_create_obj_inst`. Returns its node; null when the application's
    /// create callback deleted it again.
    ///
    /// # Errors
    /// See [`CreateError`]; no instance remains then.
    pub fn create_obj_inst(
        &self,
        object: u16,
        instance: u16,
    ) -> Result<*mut lwm2m_engine_obj_inst, CreateError> {
        let store = self.store();
        let owner = store.object(object).ok_or(CreateError::NoObject)?;
        let create = owner.create_cb().ok_or(CreateError::CannotCreate)?;
        if owner.instance_count() >= owner.max_instance_count() {
            return Err(CreateError::NoRoom);
        }
        if instance == MAX_ID {
            return Err(CreateError::Level);
        }
        if store.instance(object, instance).is_some() {
            return Err(CreateError::Exists);
        }
        // SAFETY: the object's callback, called as its type says, under the registry lock.
        let node = self.call(|| unsafe { create(instance) });
        // SAFETY: what a create callback returns is null or a live instance.
        let node = unsafe { InstanceNode::new(node) }.ok_or(CreateError::Exists)?;
        let owner = store.object(object).ok_or(CreateError::NoObject)?;
        if node.obj() == owner.as_ptr() && store.instance(object, node.id()) == Some(node) {
            // An instance that is listed under another number: a second link would tie a knot.
            return Err(CreateError::Exists);
        }
        owner.set_instance_count(owner.instance_count().saturating_add(1));
        node.set_obj(owner.as_ptr());
        node.set_id(instance);
        let path = Path::instance(object, instance);
        self.run_hook(path, true);
        // SAFETY: live as the callback's result, and seen not to be listed.
        unsafe { store.add_instance(node) };
        let user = store
            .object(object)
            .and_then(|owner| owner.user_create_cb());
        if let Some(user) = user {
            // SAFETY: the application's callback, called as its type says, under the lock.
            let answer = self.call(|| unsafe { user(instance) });
            if answer < 0 {
                // What the delete callback says of it does not matter.
                let _ = self.delete_obj_inst(object, instance);
                return Err(CreateError::Callback(answer));
            }
        }
        self.changes().instances_changed(path, true);
        Ok(self.get_engine_obj_inst(object, instance))
    }

    /// Deletes an instance: `lwm2m_delete_obj_inst`.
    ///
    /// The order is that of the C: the application's callback, out of the list, the object's
    /// callback. Without the latter the node and its resources are then zeroed, because objects find
    /// their free places by that. An object with a delete callback may free the node in it, so all
    /// that is cleared for it is the node's `obj`, which makes the place free, and before the call;
    /// the rest is as it was, and after the call the node is not touched.
    ///
    /// # Errors
    /// [`DeleteError::Callback`]: the instance is gone, and the object's callback answered with
    /// something other than 0.
    pub fn delete_obj_inst(&self, object: u16, instance: u16) -> Result<(), DeleteError> {
        let store = self.store();
        let owner = store.object(object).ok_or(DeleteError::NotFound)?;
        store
            .instance(object, instance)
            .ok_or(DeleteError::NotFound)?;
        if let Some(user) = owner.user_delete_cb() {
            // SAFETY: the application's callback, called as its type says, under the lock. Its
            // answer does not matter.
            self.call(|| unsafe { user(instance) });
        }
        let path = Path::instance(object, instance);
        self.run_hook(path, false);
        let Some(node) = store.instance(object, instance) else {
            // A callback deleted it.
            return Ok(());
        };
        store.remove_instance(node);
        let mut delete = None;
        if let Some(owner) = store.object(object) {
            owner.set_instance_count(owner.instance_count().saturating_sub(1));
            delete = owner.delete_cb();
        }
        let Some(delete) = delete else {
            node.wipe();
            self.changes().instances_changed(path, false);
            return Ok(());
        };
        self.changes().instances_changed(path, false);
        node.set_obj(core::ptr::null_mut());
        // SAFETY: the object's callback, called as its type says, under the registry lock.
        match self.call(|| unsafe { delete(instance) }) {
            0 => Ok(()),
            answer => Err(DeleteError::Callback(answer)),
        }
    }

    /// Creates the instance `path` names: `lwm2m_create_object_inst`, without the registration
    /// update that the C triggers afterwards.
    ///
    /// # Errors
    /// See [`CreateError`].
    pub fn create_object_inst(&self, path: &lwm2m_obj_path) -> Result<(), CreateError> {
        if path.level != LWM2M_PATH_LEVEL_OBJECT_INST {
            return Err(CreateError::Level);
        }
        self.create_obj_inst(path.obj_id, path.obj_inst_id)?;
        Ok(())
    }

    /// Deletes the instance `path` names: `lwm2m_delete_object_inst`, without the registration
    /// update that the C triggers afterwards.
    ///
    /// # Errors
    /// See [`DeleteError`].
    pub fn delete_object_inst(&self, path: &lwm2m_obj_path) -> Result<(), DeleteError> {
        if path.level != LWM2M_PATH_LEVEL_OBJECT_INST {
            return Err(DeleteError::Level);
        }
        self.delete_obj_inst(path.obj_id, path.obj_inst_id)
    }

    /// The smallest id no instance of `object` has; `None`: all are taken.
    pub(crate) fn free_instance_id(&self, object: u16) -> Option<u16> {
        let mut free = 0;
        let mut after = None;
        while let Some(instance) = self.store().next_instance(object, after) {
            if instance.id() != free {
                break;
            }
            after = Some(free);
            free += 1;
        }
        if free == MAX_ID { None } else { Some(free) }
    }

    /// The application hears when an instance of `object` was created:
    /// `lwm2m_register_create_callback`.
    ///
    /// # Safety
    /// `callback` may be called with the registry lock held, at any time.
    ///
    /// # Errors
    /// [`LookupError::NotFound`]: no such object.
    pub unsafe fn register_create_callback(
        &self,
        object: u16,
        callback: lwm2m_engine_user_cb_t,
    ) -> Result<(), LookupError> {
        let object = self.store().object(object).ok_or(LookupError::NotFound)?;
        object.set_user_create_cb(callback);
        Ok(())
    }

    /// The application hears when an instance of `object` will be deleted:
    /// `lwm2m_register_delete_callback`.
    ///
    /// # Safety
    /// `callback` may be called with the registry lock held, at any time.
    ///
    /// # Errors
    /// [`LookupError::NotFound`]: no such object.
    pub unsafe fn register_delete_callback(
        &self,
        object: u16,
        callback: lwm2m_engine_user_cb_t,
    ) -> Result<(), LookupError> {
        let object = self.store().object(object).ok_or(LookupError::NotFound)?;
        object.set_user_delete_cb(callback);
        Ok(())
    }
}
