// SPDX-License-Identifier: Apache-2.0
//! Firmware Update, object 5: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.6. The state machine is
//! in `update.rs`; what it decides is written to 5/x/3 and 5/x/5 as the application would, so that
//! observers and callbacks hear of it. Those two values are the only state there is.

mod update;

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::model::Fragment;
use lwm2m_core::path::Path;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW as RW, LWM2M_PERM_W as W,
    LWM2M_PERM_X as X, LWM2M_RES_TYPE_OPAQUE as OPAQUE, LWM2M_RES_TYPE_STRING as STRING,
    LWM2M_RES_TYPE_U8 as U8, lwm2m_engine_execute_cb_t, lwm2m_engine_set_data_cb_t,
    lwm2m_engine_user_cb_t,
};
use lwm2m_registry::{CreateError, Part};

use self::update::UriWrite;
pub use self::update::{State, UpdateResult};
use crate::access::{Lock, lock};
use crate::callback::errno::{EFBIG, EINVAL, ENOENT, EPERM};
use crate::definition::{ResourceDefinition, executable, stored, string, supplied};
use crate::hooks::hooks;
use crate::object::{Stored, capacity, object};
use crate::package::{self, DownloadFailure, Package, PackageWrite, Written};
use crate::state::PerSlot;

const PLACES: usize = if config::FIRMWARE_UPDATE_OBJ_SUPPORT_MULTIPLE {
    capacity(config::FIRMWARE_UPDATE_OBJ_INSTANCE_COUNT)
} else {
    1
};
const STATE: u16 = 3;
const UPDATE_RESULT: u16 = 5;
/// 5/x/9: push only, or push and pull.
const DELIVERY_METHOD: u32 = if config::FIRMWARE_UPDATE_PULL_SUPPORT {
    2
} else {
    1
};

pub(crate) const RESOURCES: [ResourceDefinition; 9] = [
    supplied(0, W, OPAQUE).on_write(package_written),
    string(1, RW, 255).on_write(uri_written),
    executable(2, X, Some(update_executed)),
    stored(STATE, R, U8),
    stored(UPDATE_RESULT, R, U8),
    supplied(6, R_OPT, STRING),
    supplied(7, R_OPT, STRING),
    supplied(8, R_OPT, U8).multiple(1),
    stored(9, R, U8).integer(DELIVERY_METHOD),
];

object! {
    /// The Firmware Update object.
    id: 5,
    version: (1, 0),
    core: true,
    instances: PLACES,
    resources: RESOURCES,
    created: None,
}

const STORED_STATE: Stored<u8> = Stored::resource(&RESOURCES, STATE);
const STORED_RESULT: Stored<u8> = Stored::resource(&RESOURCES, UPDATE_RESULT);

/// What the application wants to hear of an instance. Kept by instance id, and whether or not the
/// instance is there: applications register them before the object is initialised.
#[derive(Clone, Copy)]
struct Callbacks {
    write: lwm2m_engine_set_data_cb_t,
    update: lwm2m_engine_execute_cb_t,
    cancel: lwm2m_engine_user_cb_t,
}

static CALLBACKS: PerSlot<Callbacks, PLACES> = PerSlot::new(Callbacks::NONE);

impl Callbacks {
    const NONE: Self = Self {
        write: None,
        update: None,
        cancel: None,
    };

    fn of(instance: u16) -> Self {
        CALLBACKS
            .get(&lock(), usize::from(instance))
            .unwrap_or(Self::NONE)
    }

    fn change(instance: u16, change: impl FnOnce(&mut Self)) {
        CALLBACKS.update(&lock(), usize::from(instance), change);
    }
}

/// Registers the object and creates all its instances.
///
/// # Errors
/// An instance could not be created.
pub fn init() -> Result<(), CreateError> {
    let lock = lock();
    lock.register_built_in(&OBJECT);
    (0..PLACES).try_for_each(|instance| lock.create_built_in(&OBJECT, instance as u16))
}

/// The number in 5/instance/3, 0 when there is no such instance,
/// `lwm2m_firmware_get_update_state_inst`.
pub fn state(instance: u16) -> u8 {
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .map_or(0, |slot| OBJECT.load(&lock, slot, STORED_STATE))
}

/// The number in 5/instance/5, 0 when there is no such instance,
/// `lwm2m_firmware_get_update_result_inst`.
pub fn result(instance: u16) -> u8 {
    let lock = lock();
    OBJECT
        .find(&lock, instance)
        .map_or(0, |slot| OBJECT.load(&lock, slot, STORED_RESULT))
}

/// Enters a state, from whatever state, `lwm2m_firmware_set_update_state_inst`. Entering
/// Downloading or Downloaded as the specification foresees also sets the Update Result.
pub fn set_state(instance: u16, next: State) {
    let lock = lock();
    if let Some(result) = next.result_on_entry(known_state(&lock, instance)) {
        write_number(&lock, instance, UPDATE_RESULT, result as u8);
    }
    write_number(&lock, instance, STATE, next as u8);
}

/// Ends an update with a result, `lwm2m_firmware_set_update_result_inst`: the state becomes Idle.
pub fn set_result(instance: u16, result: UpdateResult) {
    let lock = lock();
    set_state(instance, State::Idle);
    write_number(&lock, instance, UPDATE_RESULT, result as u8);
}

fn write_number(lock: &Lock, instance: u16, resource: u16, number: u8) {
    // Nobody to tell when there is no such instance, as in C.
    let _ = lock.set_u8(Path::resource(OBJECT.id(), instance, resource), number);
}

/// The callback for pieces of the package, `lwm2m_firmware_get_write_cb_inst`.
pub fn write_callback(instance: u16) -> lwm2m_engine_set_data_cb_t {
    Callbacks::of(instance).write
}

/// Registers the callback for pieces of the package, `lwm2m_firmware_set_write_cb_inst`; ignored
/// for an instance that there cannot be.
pub fn set_write_callback(instance: u16, callback: lwm2m_engine_set_data_cb_t) {
    Callbacks::change(instance, |callbacks| callbacks.write = callback);
}

/// The callback that installs the package, `lwm2m_firmware_get_update_cb_inst`.
pub fn update_callback(instance: u16) -> lwm2m_engine_execute_cb_t {
    Callbacks::of(instance).update
}

/// Registers the callback that installs the package, `lwm2m_firmware_set_update_cb_inst`; ignored
/// for an instance that there cannot be.
pub fn set_update_callback(instance: u16, callback: lwm2m_engine_execute_cb_t) {
    Callbacks::change(instance, |callbacks| callbacks.update = callback);
}

/// The callback that throws the package away, `lwm2m_firmware_get_cancel_cb_inst`.
pub fn cancel_callback(instance: u16) -> lwm2m_engine_user_cb_t {
    Callbacks::of(instance).cancel
}

/// Registers the callback that throws the package away, `lwm2m_firmware_set_cancel_cb_inst`;
/// ignored for an instance that there cannot be.
pub fn set_cancel_callback(instance: u16, callback: lwm2m_engine_user_cb_t) {
    Callbacks::change(instance, |callbacks| callbacks.cancel = callback);
}

/// The state, if the instance is there and its number is one of a state.
fn known_state(lock: &Lock, instance: u16) -> Option<State> {
    let slot = OBJECT.find(lock, instance)?;
    State::from_number(OBJECT.load(lock, slot, STORED_STATE))
}

unsafe extern "C" fn package_written(
    instance: u16,
    _: u16,
    resource_instance: u16,
    data: *mut u8,
    length: u16,
    last: bool,
    total: usize,
    offset: usize,
) -> c_int {
    let lock = lock();
    let whole = offset == 0 && last;
    // SAFETY: the registry's contract for post-write callbacks: `length` bytes at `data`.
    let empty =
        whole && (length == 0 || unsafe { crate::callback::value(data, length) } == Some([0]));
    let Some(state) = known_state(&lock, instance) else {
        return EPERM;
    };
    match state.on_package(empty) {
        PackageWrite::Refuse => return EPERM,
        PackageWrite::Reset => {
            reset(state, instance);
            return 0;
        }
        // Two packages do not mix.
        _ if (hooks().pulling)(Package::Firmware(instance)) => return EPERM,
        PackageWrite::Begin => set_state(instance, State::Downloading),
        PackageWrite::Continue => {}
    }
    let part = Part {
        data,
        length,
        last,
        total,
        offset,
    };
    take(instance, resource_instance, &part)
}

/// Has the application take a part of the package that is being downloaded. What it returns is
/// returned, and becomes the Update Result if it is an error.
fn take(instance: u16, resource_instance: u16, part: &Part) -> c_int {
    let package = Package::Firmware(instance).resource();
    let callback = write_callback(instance);
    // SAFETY: the application's callback, called as the registry called or would have called
    // `package_written`.
    let outcome = unsafe { package::give(callback, package, resource_instance, part) };
    let error = outcome.unwrap_or(0);
    if error < 0 {
        set_result(instance, DownloadFailure::of(error).into());
        return package::refusal(error);
    }
    if part.last {
        set_state(instance, State::Downloaded);
    }
    0
}

/// Takes a piece of a package that was fetched, through the buffer of 5/instance/0.
pub(crate) fn piece_arrived(instance: u16, piece: &Fragment<'_>) -> c_int {
    let lock = lock();
    let package = Package::Firmware(instance).resource();
    lock.hand_over(package, piece, &mut |part| {
        // The application may have ended the download by setting another state.
        match known_state(&lock, instance) {
            Some(State::Downloading) => take(instance, 0, part),
            _ => EPERM,
        }
    })
}

/// Hears how the fetching of a package ended.
pub(crate) fn download_ended(instance: u16, outcome: Result<(), DownloadFailure>) {
    let lock = lock();
    if known_state(&lock, instance) != Some(State::Downloading) {
        return;
    }
    match outcome {
        Ok(()) => set_state(instance, State::Downloaded),
        Err(failure) => set_result(instance, failure.into()),
    }
}

/// Throws away what there is of a package, pushed or fetched: the state machine begins anew.
fn reset(state: State, instance: u16) {
    (hooks().cancel_pull)(Package::Firmware(instance));
    set_result(instance, UpdateResult::Initial);
    if state == State::Idle {
        return;
    }
    if let Some(callback) = cancel_callback(instance) {
        // SAFETY: the application's callback, with an instance that is there. Its outcome changes
        // nothing, as in C.
        unsafe { callback(instance) };
    }
}

unsafe extern "C" fn uri_written(
    instance: u16,
    _: u16,
    _: u16,
    data: *mut u8,
    length: u16,
    last: bool,
    total: usize,
    offset: usize,
) -> c_int {
    let lock = lock();
    if !config::FIRMWARE_UPDATE_PULL_SUPPORT {
        return EINVAL;
    }
    // SAFETY: the registry's contract for post-write callbacks: `length` bytes at `data`.
    let written = unsafe { Written::new(data, length, last, total, offset) };
    let Some(state) = known_state(&lock, instance) else {
        return 0;
    };
    if written == Written::Piece {
        return EFBIG;
    }
    match state.on_uri(written == Written::Nothing) {
        UriWrite::Ignore => {}
        UriWrite::Reset => reset(state, instance),
        UriWrite::Pull => {
            set_state(instance, State::Downloading);
            let begun = match write_callback(instance) {
                Some(_) => package::fetch(&lock, Package::Firmware(instance)),
                None => Err(DownloadFailure::Other),
            };
            if let Err(failure) = begun {
                set_result(instance, failure.into());
            }
        }
    }
    0
}

unsafe extern "C" fn update_executed(
    instance: u16,
    arguments: *mut u8,
    arguments_length: u16,
) -> c_int {
    let lock = lock();
    if OBJECT.find(&lock, instance).is_none() {
        return ENOENT;
    }
    if !known_state(&lock, instance).is_some_and(State::may_update) {
        return EPERM;
    }
    set_state(instance, State::Updating);
    let Some(callback) = update_callback(instance) else {
        return 0;
    };
    // SAFETY: the application's callback, called as the registry called this one.
    let outcome = unsafe { callback(instance, arguments, arguments_length) };
    if outcome < 0 {
        let result = if outcome == EINVAL {
            UpdateResult::IntegrityFailed
        } else {
            UpdateResult::UpdateFailed
        };
        set_result(instance, result);
    }
    0
}

#[cfg(test)]
mod tests;
