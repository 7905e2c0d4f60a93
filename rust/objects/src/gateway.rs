// SPDX-License-Identifier: Apache-2.0
//! Gateway, object 25: OMA-TS-LWM2M_Gateway-V1_1, version 2.0 of the object. An instance is a device
//! behind this one; requests whose path begins with its prefix are the application's to answer.

use core::ffi::{c_int, c_void};

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_RW as RW, LWM2M_RES_TYPE_STRING as STRING,
};

use crate::access::{Lock, lock, text};
use crate::callback::errno::EINVAL;
use crate::definition::{ResourceDefinition, string, supplied};
use crate::object::{Slot, capacity, object};
use crate::state::PerSlot;

const PLACES: usize = capacity(config::GATEWAY_MAX_INSTANCES);
const PREFIX: u16 = 1;
const PREFIX_SIZE: usize = config::GATEWAY_PREFIX_MAX_STR_SIZE as usize;

const _: () = assert!(
    !config::GATEWAY_OBJ_SUPPORT || config::ENGINE_VALIDATION_BUFFER_SIZE as usize >= PREFIX_SIZE,
    "prefixes are validated: CONFIG_LWM2M_ENGINE_VALIDATION_BUFFER_SIZE must have room for them"
);

/// A string of a configured size; none when the object is left out.
const fn sized(id: u16, permissions: u8, size: u32) -> ResourceDefinition {
    if size == 0 {
        return supplied(id, permissions, STRING);
    }
    string(id, permissions, size as u16)
}

pub(crate) const RESOURCES: [ResourceDefinition; 3] = [
    sized(0, R, config::GATEWAY_DEVICE_ID_MAX_STR_SIZE).text(config::GATEWAY_DEFAULT_DEVICE_ID),
    sized(PREFIX, RW, config::GATEWAY_PREFIX_MAX_STR_SIZE).on_validate(validate_prefix),
    sized(3, R, config::GATEWAY_IOT_DEVICE_OBJECTS_MAX_STR_SIZE)
        .text(config::GATEWAY_DEFAULT_IOT_DEVICE_OBJECTS),
];

object! {
    /// The Gateway object.
    id: 25,
    version: (2, 0),
    core: false,
    instances: PLACES,
    resources: RESOURCES,
    created: Some(created),
}

/// `lwm2m_engine_gateway_msg_cb`: answers the request in a `struct lwm2m_message`.
pub type GatewayCallback = Option<unsafe extern "C" fn(message: *mut c_void) -> c_int>;

/// Who answers requests, by place; a place keeps its callback when its instance goes.
static CALLBACKS: PerSlot<GatewayCallback, PLACES> = PerSlot::new(None);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

/// The prefix to begin with: the configured one and the number of the place.
fn created(lock: &Lock, slot: Slot) {
    let prefix = config::GATEWAY_DEFAULT_DEVICE_PREFIX.bytes();
    let number = decimal(slot.index() as u16);
    let number = number.into_iter().skip_while(|&digit| digit == b'0');
    let zero = (slot.index() == 0).then_some(b'0');
    OBJECT.begin_with_text(lock, slot, PREFIX, prefix.chain(number).chain(zero));
}

/// Five digits.
fn decimal(number: u16) -> [u8; 5] {
    [10_000, 1000, 100, 10, 1].map(|unit| b'0' + (number / unit % 10) as u8)
}

/// Registers who answers requests for the device of this instance, `lwm2m_register_gw_callback`.
/// Returns whether there is such an instance (else `-ENOENT`). As in C, instance 0 need not have
/// been created yet.
pub fn register_callback(instance: u16, callback: GatewayCallback) -> bool {
    let lock = lock();
    let not_yet = || OBJECT.find_free(&lock).filter(|_| instance == 0);
    let slot = OBJECT.find(&lock, instance).or_else(not_yet);
    if let Some(slot) = slot {
        CALLBACKS.set(&lock, slot.index(), callback);
    }
    slot.is_some()
}

/// Who answers a request whose path begins with `prefix`, for `lwm2m_gw_handle_req`; `None` when no
/// instance has the prefix, or nobody registered (`-ENOENT`).
pub fn callback_of(prefix: &[u8]) -> GatewayCallback {
    let lock = lock();
    OBJECT
        .instances(&lock)
        .find(|&(_, instance)| has_prefix(&lock, instance, prefix))
        .and_then(|(slot, _)| CALLBACKS.get(&lock, slot.index())?)
}

/// Whether this is the prefix of the instance.
fn has_prefix(lock: &Lock, instance: u16, prefix: &[u8]) -> bool {
    let mut buffer = [0; PREFIX_SIZE];
    let path = Path::resource(OBJECT.id(), instance, PREFIX);
    lock.get_text(path, &mut buffer) == Some(prefix)
}

/// A prefix is not empty, and no other instance has it.
unsafe extern "C" fn validate_prefix(
    instance: u16,
    _: u16,
    _: u16,
    data: *mut u8,
    length: u16,
    _: bool,
    _: usize,
    _: usize,
) -> c_int {
    let mut buffer = [0; PREFIX_SIZE];
    let length = usize::from(length);
    if data.is_null() || length > buffer.len() {
        return EINVAL;
    }
    // SAFETY: the registry's contract for validate callbacks: `length` bytes at `data`; the buffer,
    // which is ours, has room for them.
    unsafe { data.copy_to_nonoverlapping(buffer.as_mut_ptr(), length) };
    let prefix = text(buffer.get(..length).unwrap_or_default());
    let lock = lock();
    let taken = OBJECT
        .instances(&lock)
        .any(|(_, other)| other != instance && has_prefix(&lock, other, prefix));
    if prefix.is_empty() || taken {
        EINVAL
    } else {
        0
    }
}

#[cfg(test)]
mod tests;
