// SPDX-License-Identifier: Apache-2.0
//! Access Control, object 2: OMA-TS-LightweightM2M_Core-V1_1_1 §8.2 and appendix E.3. Which server
//! may do what. Its instances follow the other objects and their instances through the registry's
//! hook; who carries out an operation asks [`check`] before.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::model::{self, DataModel, ModelError};
use lwm2m_core::path::{Level, MAX_ID, Path};
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT, LWM2M_RES_TYPE_U16 as U16,
    RES_INSTANCE_NOT_CREATED,
};
use lwm2m_registry::{AccessControl, Registry};

use crate::access::{Lock, lock};
use crate::callback::errno::ENOENT;
use crate::definition::{ResourceDefinition, stored};
use crate::hooks::hooks;
use crate::object::{Slot, Stored, capacity, object};
use crate::server;

/// An entry for each server, and the default one.
const ENTRIES: usize = config::SERVER_INSTANCE_COUNT as usize + 1;
const ACL: u16 = 2;
/// The id of the default entry.
const DEFAULT: u16 = 0;

pub(crate) const RESOURCES: [ResourceDefinition; 4] = [
    // In C servers may write these two: who owns one instance could make it speak of any other. A
    // Bootstrap-Server is not asked for permission.
    stored(0, R, U16),
    stored(1, R, U16),
    stored(ACL, RW_OPT, U16)
        .multiple(ENTRIES as u32)
        .on_write(entry_written),
    stored(3, RW, U16),
];

object! {
    /// The Access Control object.
    id: 2,
    version: (1, 0),
    core: true,
    instances: capacity(config::ACCESS_CONTROL_INSTANCE_COUNT),
    resources: RESOURCES,
    created: None,
}

const CONTROLLED_OBJECT: Stored<u16> = Stored::resource(&RESOURCES, 0);
const CONTROLLED_INSTANCE: Stored<u16> = Stored::resource(&RESOURCES, 1);
const RIGHTS: Stored<u16> = Stored::resource(&RESOURCES, ACL);
const OWNER: Stored<u16> = Stored::resource(&RESOURCES, 3);

/// What a server wants to do, `LWM2M_OP_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Read, Observe.
    Read,
    /// Write.
    Write,
    /// Execute.
    Execute,
    /// Delete.
    Delete,
    /// Create.
    Create,
    /// Write-Attributes.
    WriteAttributes,
    /// Discover.
    Discover,
    /// Anything else: no right is needed, but an instance that speaks of the target.
    Other,
}

impl Operation {
    /// The bits of 2/x/2 it needs; the last two are the C's own.
    const fn rights(self) -> u16 {
        match self {
            Self::Read => 1 << 0,
            Self::Write => 1 << 1,
            Self::Execute => 1 << 2,
            Self::Delete => 1 << 3,
            Self::Create => 1 << 4,
            Self::WriteAttributes => 1 << 8,
            Self::Discover => 1 << 9,
            Self::Other => 0,
        }
    }
}

/// Why a server may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It has not the right (`-EACCES`).
    AccessRight,
    /// Nobody may (`-EPERM`).
    NotAllowed,
}

/// Registers the object, and has it follow what is registered and created from now on. Unless a
/// bootstrap server is to do that, also gives it an instance for everything that is there already.
pub fn init() {
    let lock = lock();
    lock.register_built_in(&OBJECT);
    lock.set_hook(Some(follow));
    lock.set_access_control(Some(AccessControl {
        authorize,
        created: created_by,
    }));
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        return;
    }
    let mut object = None;
    while let Some(found) = lock.next_object(object) {
        let id = found.id;
        object = Some(id);
        add(id, MAX_ID, None);
        let mut instance = None;
        while let Some(instance_id) = lock.next_instance(id, instance) {
            instance = Some(instance_id);
            add(id, instance_id, None);
        }
    }
}

/// What the registry tells: a path of level Object has no instance id, which is
/// [`MAX_ID`], as this object names the object itself.
fn follow(_: &Registry<'_>, path: Path, created: bool) {
    if !created {
        remove(path.object_id(), path.instance_id());
    } else if !config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        add(path.object_id(), path.instance_id(), None);
    }
}

/// Whether a server may carry out an operation, §8.2: its rights at the instance, but for Create at
/// the object. Discover needs none and Write-Attributes that to read, unlike in [`check`], which answers
/// as the C does. An operation at an object, or at what is not there, is for others to refuse.
fn authorize(server: u16, operation: model::Operation, path: &Path) -> Result<(), ModelError> {
    let (object, instance) = (path.object_id(), path.instance_id());
    let operation = match operation {
        model::Operation::Discover => return Ok(()),
        model::Operation::Read | model::Operation::WriteAttributes => Operation::Read,
        model::Operation::Write => Operation::Write,
        model::Operation::Execute => Operation::Execute,
        model::Operation::Create => Operation::Create,
        model::Operation::Delete => Operation::Delete,
    };
    let lock = lock();
    // §8.2.1: the only server there is has full access to all but this object.
    if object != OBJECT.id() && !server::several(&lock) {
        return Ok(());
    }
    let there = !lock.get_engine_obj_inst(object, instance).is_null();
    let allowed = match operation {
        Operation::Create => check(object, MAX_ID, server, operation, false),
        Operation::Read if path.level() == Level::Object => {
            return if may_read_any(&lock, object, server) {
                Ok(())
            } else {
                Err(ModelError::Unauthorized)
            };
        }
        _ if there => check(object, instance, server, operation, false),
        _ => return Ok(()),
    };
    allowed.map_err(|denied| match denied {
        Denied::AccessRight => ModelError::Unauthorized,
        Denied::NotAllowed => ModelError::NotAllowed,
    })
}

/// Whether there is an instance that the server may read, or none at all.
fn may_read_any(lock: &Lock, object: u16, server: u16) -> bool {
    let mut after = None;
    while let Some(instance) = lock.next_instance(object, after) {
        if check(object, instance, server, Operation::Read, false).is_ok() {
            return true;
        }
        after = Some(instance);
    }
    after.is_none()
}

/// A server has created an instance: it is its own.
fn created_by(server: u16, object: u16, instance: u16) {
    let lock = lock();
    let owner = server::short_id(server);
    match (find(&lock, object, instance), owner) {
        (Some(slot), Some(owner)) if object != OBJECT.id() => {
            OBJECT.store(&lock, slot, OWNER, owner);
        }
        _ => add(object, instance, Some(server)),
    }
}

/// Creates the instance that controls access to /object/instance, or to the object when `instance`
/// is 65535, `access_control_add` and `access_control_add_obj`. Its owner is the server of this
/// Server instance; none or one that is not there: `CONFIG_LWM2M_SERVER_DEFAULT_SSID`. Nothing
/// happens when there is one, there is no room, or the object is this one.
pub fn add(object: u16, instance: u16, server: Option<u16>) {
    let lock = lock();
    if object == OBJECT.id() || !is_there(&lock) || find(&lock, object, instance).is_some() {
        return;
    }
    let Some(free) = OBJECT.find_free(&lock) else {
        return;
    };
    let owner = server.and_then(server::short_id);
    let first = free.index() as u16;
    let Some(id) = (first..MAX_ID).find(|&id| OBJECT.find(&lock, id).is_none()) else {
        return;
    };
    if lock.create_built_in(&OBJECT, id).is_err() {
        return;
    }
    // Again: the application was told, and may have deleted it.
    if let Some(slot) = OBJECT.find(&lock, id) {
        let owner = owner.unwrap_or(config::SERVER_DEFAULT_SSID as u16);
        OBJECT.store(&lock, slot, CONTROLLED_OBJECT, object);
        OBJECT.store(&lock, slot, CONTROLLED_INSTANCE, instance);
        OBJECT.store(&lock, slot, OWNER, owner);
    }
}

/// Deletes the instance that controls access to /object/instance, or to the object when `instance`
/// is 65535, `access_control_remove` and `access_control_remove_obj`.
pub fn remove(object: u16, instance: u16) {
    let lock = lock();
    if object == OBJECT.id() || !is_there(&lock) {
        return;
    }
    let id = find(&lock, object, instance).and_then(|slot| OBJECT.id_at(&lock, slot));
    if let Some(id) = id {
        // It is there, and no callback ran.
        let _ = lock.delete_obj_inst(OBJECT.id(), id);
    }
}

/// Whether the server of this Server instance may carry out an operation on /object/instance, or on
/// the object when `instance` is 65535, `access_control_check_access`. A bootstrap server may do
/// everything, and everyone may while the object is not registered.
///
/// # Errors
/// It may not.
pub fn check(
    object: u16,
    instance: u16,
    server: u16,
    operation: Operation,
    bootstrap: bool,
) -> Result<(), Denied> {
    let lock = lock();
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP && bootstrap || !is_there(&lock) {
        return Ok(());
    }
    let server = server::short_id(server).ok_or(Denied::AccessRight)?;
    if object == OBJECT.id() {
        return check_own(&lock, instance, server, operation);
    }
    let granted = match operation {
        Operation::Create => may(&lock, object, MAX_ID, server, operation),
        Operation::Discover | Operation::WriteAttributes if instance == MAX_ID => true,
        _ if instance == MAX_ID => false,
        _ => may(&lock, object, instance, server, operation),
    };
    if granted {
        Ok(())
    } else {
        Err(Denied::AccessRight)
    }
}

/// This object can be read by everyone and written by the owner of the instance.
fn check_own(lock: &Lock, instance: u16, server: u16, operation: Operation) -> Result<(), Denied> {
    let owned = || {
        OBJECT
            .find(lock, instance)
            .is_some_and(|slot| OBJECT.load(lock, slot, OWNER) == server)
    };
    match operation {
        Operation::Read => Ok(()),
        Operation::Write if owned() => Ok(()),
        Operation::Execute | Operation::Delete | Operation::Create => Err(Denied::NotAllowed),
        Operation::Write | Operation::WriteAttributes | Operation::Discover | Operation::Other => {
            Err(Denied::AccessRight)
        }
    }
}

/// Whether the entries for a target give the rights: those of the server itself; without any the
/// owner has all rights, and everyone else those of the default entry (§8.2.2).
fn may(lock: &Lock, object: u16, instance: u16, server: u16, operation: Operation) -> bool {
    let Some(slot) = find(lock, object, instance) else {
        return false;
    };
    let rights = match rights_of(lock, slot, server) {
        Some(rights) => rights,
        None if OBJECT.load(lock, slot, OWNER) == server => return true,
        None => rights_of(lock, slot, DEFAULT).unwrap_or(0),
    };
    rights & operation.rights() == operation.rights()
}

/// The rights that the entry with this id gives.
fn rights_of(lock: &Lock, slot: Slot, id: u16) -> Option<u16> {
    (0..ENTRIES)
        .find(|&index| OBJECT.resource_instance_id(lock, slot, ACL, index) == Some(id))
        .map(|index| OBJECT.load_at(lock, slot, RIGHTS, index))
}

fn is_there(lock: &Lock) -> bool {
    lock.get_engine_obj(OBJECT.id()) == OBJECT.node()
}

/// The place of the instance that controls access to a target.
fn find(lock: &Lock, object: u16, instance: u16) -> Option<Slot> {
    OBJECT.instances(lock).map(|(slot, _)| slot).find(|&slot| {
        OBJECT.load(lock, slot, CONTROLLED_OBJECT) == object
            && OBJECT.load(lock, slot, CONTROLLED_INSTANCE) == instance
    })
}

/// Takes an entry for a server that is not known back, unless the Bootstrap-Server writes it, which may
/// name the server later. In C the validate callback does it; here a whole payload is validated before
/// the first entry of it is there.
unsafe extern "C" fn entry_written(
    instance: u16,
    _: u16,
    entry: u16,
    _: *mut u8,
    _: u16,
    _: bool,
    _: usize,
    _: usize,
) -> c_int {
    let bootstrap = config::RD_CLIENT_SUPPORT_BOOTSTRAP && (hooks().is_bootstrapping)();
    if entry == DEFAULT || bootstrap || server::instance_of(entry).is_some() {
        return 0;
    }
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    for index in 0..ENTRIES {
        if OBJECT.resource_instance_id(&lock, slot, ACL, index) == Some(entry) {
            OBJECT.set_resource_instance_id(&lock, slot, ACL, index, RES_INSTANCE_NOT_CREATED);
        }
    }
    0
}

#[cfg(test)]
mod tests;
