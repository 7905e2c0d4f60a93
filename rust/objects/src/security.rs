// SPDX-License-Identifier: Apache-2.0
//! Security, object 0: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.1. Which server to talk to, and
//! with which keys.

use lwm2m_config as config;
use lwm2m_core::path::Path;
pub use lwm2m_registry::Buffer;
use lwm2m_registry::c_types::{
    LWM2M_PERM_RW as RW, LWM2M_PERM_W as W, LWM2M_PERM_W_OPT as W_OPT, LWM2M_RES_TYPE_BOOL as BOOL,
    LWM2M_RES_TYPE_OBJLNK as OBJLNK, LWM2M_RES_TYPE_OPAQUE as OPAQUE, LWM2M_RES_TYPE_S32 as S32,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_U8 as U8, LWM2M_RES_TYPE_U16 as U16,
    LWM2M_RES_TYPE_U32 as U32,
};
use lwm2m_registry::{CreateError, c_path};

use crate::access::lock;
use crate::definition::{ResourceDefinition, first, opaque, stored, string, supplied, undefined};
use crate::object::{Stored, capacity, object};

const V1_1: bool = config::SECURITY_OBJECT_VERSION_1_1;
const KEY_SIZE: u16 = config::SECURITY_KEY_SIZE as u16;

pub(crate) const RESOURCES: [ResourceDefinition; 18] = [
    string(0, RW, 255),
    stored(1, W, BOOL),
    stored(2, W, U8),
    opaque(3, W, KEY_SIZE),
    opaque(4, W, KEY_SIZE),
    opaque(5, W, KEY_SIZE),
    undefined(6, W_OPT, U8),
    undefined(7, W_OPT, OPAQUE),
    undefined(8, W_OPT, OPAQUE),
    undefined(9, W_OPT, STRING),
    stored(10, W_OPT, U16),
    of_bootstrap(11),
    of_bootstrap(12),
    // Version 1.1
    supplied(13, W_OPT, S32),
    supplied(14, W_OPT, STRING),
    supplied(15, W_OPT, U32),
    supplied(16, W_OPT, U32).multiple(config::SECURITY_DTLS_TLS_CIPHERSUITE_MAX),
    supplied(17, W_OPT, OBJLNK),
];

/// A time of a Bootstrap-Server account, without a value until one is written.
const fn of_bootstrap(id: u16) -> ResourceDefinition {
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        stored(id, W_OPT, S32).with_length(0)
    } else {
        undefined(id, W_OPT, S32)
    }
}

object! {
    /// The Security object.
    id: 0,
    version: (1, V1_1 as u8),
    core: true,
    instances: capacity(config::SECURITY_INSTANCE_COUNT),
    resources: first::<{ if V1_1 { 18 } else { 13 } }>(&RESOURCES),
    created: None,
}

const SHORT_SERVER_ID: Stored<u16> = Stored::resource(&RESOURCES, 10);

/// Registers the object and creates its first instance.
///
/// # Errors
/// That instance could not be created.
pub fn init() -> Result<(), CreateError> {
    let lock = lock();
    lock.register_built_in(&OBJECT);
    lock.create_built_in(&OBJECT, 0)
}

/// The place of the instance with this id among those there are room for,
/// `lwm2m_security_inst_id_to_index`.
pub fn index_of(instance: u16) -> Option<usize> {
    let lock = lock();
    OBJECT.find(&lock, instance).map(|slot| slot.index())
}

/// How many instances there is room for.
pub const fn places() -> usize {
    capacity(config::SECURITY_INSTANCE_COUNT)
}

/// The id of the instance at this place, `lwm2m_security_index_to_inst_id`; `None` when there is
/// none, or `index` is not below [`places`].
pub fn instance_at(index: usize) -> Option<u16> {
    let lock = lock();
    OBJECT.id_at(&lock, OBJECT.slot(index)?)
}

/// The instance for the server with this Short Server ID, `lwm2m_security_short_id_to_inst`.
pub fn instance_of_server(short_id: u16) -> Option<u16> {
    let lock = lock();
    OBJECT
        .instances(&lock)
        .find(|&(slot, _)| OBJECT.load(&lock, slot, SHORT_SERVER_ID) == short_id)
        .map(|(_, instance)| instance)
}

/// Where the value of a resource lies; `None` when there is no such resource.
pub fn buffer(resource: Path) -> Option<Buffer> {
    lock().get_res_buf(&c_path(resource)).ok()
}

/// The value of a text resource, if it has one that fits.
pub fn text(resource: Path, into: &mut [u8]) -> Option<&[u8]> {
    lock().get_text(resource, into)
}

/// The value of a 32-bit resource or resource instance, if it has one.
pub fn number(resource: Path) -> Option<u32> {
    lock().get_u32(resource)
}

/// How many cipher suites an account has room for.
pub const fn cipher_suites() -> u16 {
    if V1_1 {
        config::SECURITY_DTLS_TLS_CIPHERSUITE_MAX as u16
    } else {
        0
    }
}

/// Zeroes the values of accounts that are no more, keys among them.
pub fn wipe() {
    let lock = lock();
    OBJECT.wipe_free(&lock);
}

#[cfg(test)]
mod tests;
