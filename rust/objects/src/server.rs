// SPDX-License-Identifier: Apache-2.0
//! Server, object 1: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.2. How to be registered with a
//! server, and which server to choose.

use core::ffi::c_int;

use lwm2m_config as config;
pub use lwm2m_core::model::Availability;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_W_OPT as W_OPT, LWM2M_PERM_X as X, LWM2M_PERM_X_OPT as X_OPT,
    LWM2M_RES_TYPE_BOOL as BOOL, LWM2M_RES_TYPE_OBJLNK as OBJLNK, LWM2M_RES_TYPE_STRING as STRING,
    LWM2M_RES_TYPE_TIME as TIME, LWM2M_RES_TYPE_U8 as U8, LWM2M_RES_TYPE_U16 as U16,
    LWM2M_RES_TYPE_U32 as U32,
};
use lwm2m_registry::{CreateError, Servers};

use crate::access::{Lock, lock};
use crate::binding::BINDING;
use crate::callback::errno::ENOENT;
use crate::definition::{ResourceDefinition, executable, first, stored, string, supplied};
use crate::hooks::{hooks, now};
use crate::object::{Bool, Slot, Stored, capacity, object};
use crate::state::PerSlot;

const V1_1: bool = config::SERVER_OBJECT_VERSION_1_1;
const PLACES: usize = capacity(config::SERVER_INSTANCE_COUNT);

pub(crate) const RESOURCES: [ResourceDefinition; 24] = [
    stored(0, R, U16),
    stored(1, RW, U32)
        .integer(config::ENGINE_DEFAULT_LIFETIME)
        .on_write(lifetime_written),
    stored(2, RW_OPT, U32).integer(config::SERVER_DEFAULT_PMIN),
    stored(3, RW_OPT, U32).integer(config::SERVER_DEFAULT_PMAX),
    executable(4, X_OPT, Some(disable_executed)),
    stored(5, RW_OPT, U32).integer(86_400),
    stored(6, RW, BOOL),
    // Read-only in the specification; a bootstrap server has to write it.
    string(7, RW, 4).text(BINDING),
    executable(8, X, Some(update_executed)),
    // Version 1.1
    executable(9, X, Some(bootstrap_executed)),
    supplied(10, RW_OPT, OBJLNK),
    supplied(11, R_OPT, U8),
    supplied(12, R_OPT, TIME),
    stored(13, RW_OPT, U8),
    kept(14, U16),
    kept(15, BOOL),
    stored(16, RW_OPT, BOOL).integer(config::SERVER_BOOTSTRAP_ON_FAIL as u32),
    kept(17, U16),
    kept(18, U16),
    kept(19, U16),
    kept(20, U16),
    supplied(21, RW_OPT, BOOL),
    supplied(22, RW_OPT, STRING),
    stored(23, RW_OPT, BOOL),
];

/// What a Bootstrap-Server may write, without a value until it has. Version 1.0, whose instances end
/// before, has no memory for it.
const fn kept(id: u16, data_type: u8) -> ResourceDefinition {
    if V1_1 {
        stored(id, W_OPT, data_type).with_length(0)
    } else {
        supplied(id, W_OPT, data_type)
    }
}

object! {
    /// The Server object.
    id: 1,
    version: (1, V1_1 as u8),
    core: true,
    instances: PLACES,
    resources: first::<{ if V1_1 { 24 } else { 9 } }>(&RESOURCES),
    created: Some(created),
}

const SHORT_SERVER_ID: Stored<u16> = Stored::resource(&RESOURCES, 0);
const DEFAULT_MINIMUM_PERIOD: Stored<u32> = Stored::resource(&RESOURCES, 2);
const DEFAULT_MAXIMUM_PERIOD: Stored<u32> = Stored::resource(&RESOURCES, 3);
const DISABLE_TIMEOUT: Stored<u32> = Stored::resource(&RESOURCES, 5);
// Not to be read in version 1.0, whose instances end before them.
const PRIORITY: Stored<u8> = Stored::resource(&RESOURCES, 13);
const MUTE_SEND: Stored<Bool> = Stored::resource(&RESOURCES, 23);

static AVAILABILITY: PerSlot<Availability, PLACES> = PerSlot::new(Availability::Enabled);

/// Registers the object; creates its first instance unless a bootstrap server is to do that.
///
/// # Errors
/// That instance could not be created.
pub fn init() -> Result<(), CreateError> {
    let lock = lock();
    lock.register_built_in(&OBJECT);
    lock.set_servers(Some(Servers {
        availability,
        set_availability: |server, availability| {
            set_availability(server, availability);
        },
        enable_all,
    }));
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        return Ok(());
    }
    lock.create_built_in(&OBJECT, 0)
}

fn created(lock: &Lock, slot: Slot) {
    OBJECT.store(lock, slot, SHORT_SERVER_ID, slot.index() as u16 + 1);
    AVAILABILITY.set(lock, slot.index(), Availability::Enabled);
}

/// The default Minimum Period of this server's observations in seconds, `lwm2m_server_get_pmin`;
/// the configured one when there is no such instance.
pub fn minimum_period(instance: u16) -> u32 {
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .map_or(config::SERVER_DEFAULT_PMIN, |slot| {
            OBJECT.load(&lock, slot, DEFAULT_MINIMUM_PERIOD)
        })
}

/// The default Maximum Period of this server's observations in seconds, 0 for none,
/// `lwm2m_server_get_pmax`; the configured one when there is no such instance.
pub fn maximum_period(instance: u16) -> u32 {
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .map_or(config::SERVER_DEFAULT_PMAX, |slot| {
            OBJECT.load(&lock, slot, DEFAULT_MAXIMUM_PERIOD)
        })
}

/// The Short Server ID of an instance, `lwm2m_server_get_ssid`.
pub fn short_id(instance: u16) -> Option<u16> {
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .map(|slot| OBJECT.load(&lock, slot, SHORT_SERVER_ID))
}

/// Whether there is more than one Server instance.
pub(crate) fn several(lock: &Lock) -> bool {
    OBJECT.instances(lock).nth(1).is_some()
}

/// The instance with this Short Server ID, `lwm2m_server_short_id_to_inst`.
pub fn instance_of(short_id: u16) -> Option<u16> {
    let lock = lock();
    OBJECT
        .instances(&lock)
        .find(|&(slot, _)| OBJECT.load(&lock, slot, SHORT_SERVER_ID) == short_id)
        .map(|(_, instance)| instance)
}

/// The Registration Priority Order of an instance, smaller first, 255 when there is no such
/// instance, `lwm2m_server_get_prio`. In version 1.0 the order of the ids.
pub fn priority(instance: u16) -> u8 {
    if !V1_1 {
        return (instance % 255) as u8;
    }
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .map_or(u8::MAX, |slot| OBJECT.load(&lock, slot, PRIORITY))
}

/// Whether Send is muted for this server, `lwm2m_server_get_mute_send`.
pub fn send_is_muted(instance: u16) -> bool {
    let lock = lock();
    V1_1 && OBJECT
        .find(&lock, instance)
        .is_some_and(|slot| OBJECT.load(&lock, slot, MUTE_SEND) != Bool(0))
}

/// Whether a server may be registered with, `lwm2m_server_get_disabled_time`; a server that is not
/// there may not.
pub fn availability(instance: u16) -> Availability {
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .and_then(|slot| AVAILABILITY.get(&lock, slot.index()))
        .unwrap_or(Availability::Disabled)
}

/// Whether a server may be registered with now, `lwm2m_server_is_enabled`.
pub fn is_enabled(instance: u16) -> bool {
    match availability(instance) {
        Availability::Enabled => true,
        Availability::DisabledUntil(until) => until <= now(),
        Availability::Disabled => false,
    }
}

/// Keeps the client from a server or lets it back, `lwm2m_server_disable`. Returns whether there is
/// such an instance (else `-ENOENT`).
pub fn set_availability(instance: u16, availability: Availability) -> bool {
    let lock = lock();
    let slot = OBJECT.find(&lock, instance);
    if let Some(slot) = slot {
        AVAILABILITY.set(&lock, slot.index(), availability);
    }
    slot.is_some()
}

/// Lets the client back to all servers, `lwm2m_server_reset_timestamps`.
pub fn enable_all() {
    let lock = lock();
    for index in 0..PLACES {
        AVAILABILITY.set(&lock, index, Availability::Enabled);
    }
}

/// The server to register with, `lwm2m_server_select`: of those that may be registered with and
/// have a Short Server ID that names a server (neither 0 nor 65535), the first of the smallest
/// Registration Priority Order.
pub fn select() -> Option<u16> {
    let lock = lock();
    OBJECT
        .instances(&lock)
        .filter(|&(slot, instance)| {
            let short_id = OBJECT.load(&lock, slot, SHORT_SERVER_ID);
            short_id != 0 && short_id != u16::MAX && is_enabled(instance)
        })
        .min_by_key(|&(slot, _)| {
            if V1_1 {
                OBJECT.load(&lock, slot, PRIORITY)
            } else {
                0
            }
        })
        .map(|(_, instance)| instance)
}

unsafe extern "C" fn lifetime_written(
    _: u16,
    _: u16,
    _: u16,
    _: *mut u8,
    _: u16,
    _: bool,
    _: usize,
    _: usize,
) -> c_int {
    (hooks().update_registration)();
    0
}

unsafe extern "C" fn update_executed(_: u16, _: *mut u8, _: u16) -> c_int {
    (hooks().update_registration)();
    0
}

unsafe extern "C" fn bootstrap_executed(_: u16, _: *mut u8, _: u16) -> c_int {
    (hooks().bootstrap)()
}

unsafe extern "C" fn disable_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, instance) else {
        return ENOENT;
    };
    let outcome = (hooks().server_disabled)(instance);
    if outcome == 0 {
        let until = now().after_secs(OBJECT.load(&lock, slot, DISABLE_TIMEOUT));
        AVAILABILITY.set(&lock, slot.index(), Availability::DisabledUntil(until));
    }
    outcome
}

#[cfg(test)]
mod tests;
