// SPDX-License-Identifier: Apache-2.0
//! The Access Control object (2) for authors of objects: functions of `lwm2m_obj_access_control.h`.
//! Nothing happens, and everything is allowed, while the object is not registered.

use core::ffi::c_int;

use lwm2m_objects::access_control::{self, Denied, Operation};
use lwm2m_registry::c_types::{
    LWM2M_OP_CREATE, LWM2M_OP_DELETE, LWM2M_OP_EXECUTE, LWM2M_OP_READ, LWM2M_OP_WRITE,
};

use crate::errno::{self, Errno};

/// In the place of an instance: the object itself.
const OBJECT_ITSELF: u16 = u16::MAX;

/// `LWM2M_OP_DISCOVER`, `LWM2M_OP_WRITE_ATTR`: no bits of permissions.
const OP_DISCOVER: u8 = 8;
const OP_WRITE_ATTRIBUTES: u8 = 9;

impl Errno for Denied {
    fn errno(self) -> c_int {
        match self {
            Denied::AccessRight => -errno::EACCES,
            Denied::NotAllowed => -errno::EPERM,
        }
    }
}

fn operation(number: u16) -> Operation {
    match u8::try_from(number) {
        Ok(LWM2M_OP_READ) => Operation::Read,
        Ok(LWM2M_OP_WRITE) => Operation::Write,
        Ok(LWM2M_OP_EXECUTE) => Operation::Execute,
        Ok(LWM2M_OP_DELETE) => Operation::Delete,
        Ok(LWM2M_OP_CREATE) => Operation::Create,
        Ok(OP_DISCOVER) => Operation::Discover,
        Ok(OP_WRITE_ATTRIBUTES) => Operation::WriteAttributes,
        _ => Operation::Other,
    }
}

/// Whether the server of a Server instance may carry out an operation, `LWM2M_OP_*`, on an instance
/// (65535: the object itself). 0, -EACCES: it has not the right, -EPERM: nobody may. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn access_control_check_access(
    obj_id: u16,
    obj_inst_id: u16,
    server_obj_inst: u16,
    op: u16,
    bootstrap_mode: bool,
) -> c_int {
    errno::status(access_control::check(
        obj_id,
        obj_inst_id,
        server_obj_inst,
        operation(op),
        bootstrap_mode,
    ))
}

/// Makes the server of a Server instance the owner of an instance; below 0 or unknown: the default
/// one. Nothing happens when it has an owner. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn access_control_add(obj_id: u16, obj_inst_id: u16, server_obj_inst_id: c_int) {
    access_control::add(obj_id, obj_inst_id, u16::try_from(server_obj_inst_id).ok());
}

/// The same for the object itself.
#[unsafe(no_mangle)]
pub extern "C" fn access_control_add_obj(obj_id: u16, server_obj_inst_id: c_int) {
    access_control_add(obj_id, OBJECT_ITSELF, server_obj_inst_id);
}

/// Forgets who owns an instance. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn access_control_remove(obj_id: u16, obj_inst_id: u16) {
    access_control::remove(obj_id, obj_inst_id);
}

/// Forgets who owns the object itself. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn access_control_remove_obj(obj_id: u16) {
    access_control::remove(obj_id, OBJECT_ITSELF);
}
