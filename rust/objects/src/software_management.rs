// SPDX-License-Identifier: Apache-2.0
//! Software Management, object 9: OMA-TS-LWM2M_SwMgmt-V1_0. The state machine is in `delivery.rs`;
//! what it decides is written to 9/x/7, 9/x/9 and 9/x/12 as the application would, so that observers
//! and callbacks hear of it. Those values are the only state there is.

mod delivery;

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use lwm2m_config as config;
use lwm2m_core::model::Fragment;
use lwm2m_core::path::Path;
use lwm2m_registry::Part;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_W_OPT as W_OPT, LWM2M_PERM_X as X, LWM2M_RES_TYPE_BOOL as BOOL,
    LWM2M_RES_TYPE_OBJLNK as OBJLNK, LWM2M_RES_TYPE_OPAQUE as OPAQUE,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_U8 as U8, lwm2m_engine_execute_cb_t,
    lwm2m_engine_get_data_cb_t, lwm2m_engine_set_data_cb_t,
};

use self::delivery::{Command, Event};
pub use self::delivery::{State, UpdateResult};
use crate::access::{Lock, lock};
use crate::callback::errno::{EFBIG, EINVAL};
use crate::definition::{ResourceDefinition, executable, stored, string, supplied};
use crate::hooks::hooks;
use crate::object::{Slot, Stored, capacity, object};
use crate::package::{self, DownloadFailure, Package, PackageWrite, Written};
use crate::state::PerSlot;

const PLACES: usize = capacity(config::SWMGMT_MAX_INSTANCE_COUNT);
const UPDATE_STATE: u16 = 7;
const UPDATE_RESULT: u16 = 9;
const ACTIVATION_STATE: u16 = 12;

pub(crate) const RESOURCES: [ResourceDefinition; 16] = [
    string(0, R, config::SWMGMT_PACKAGE_NAME_LEN as u16),
    string(1, R, config::SWMGMT_PACKAGE_VERSION_LEN as u16).on_read(version_read),
    // The application creates it together with its buffer.
    supplied(2, W_OPT, OPAQUE)
        .absent()
        .on_write(package_written),
    package_uri(),
    executable(4, X, Some(install_executed)),
    supplied(5, R_OPT, OBJLNK),
    executable(6, X, Some(uninstall_executed)),
    stored(UPDATE_STATE, R, U8),
    supplied(8, RW_OPT, BOOL),
    stored(UPDATE_RESULT, R, U8),
    executable(10, X, Some(activate_executed)),
    executable(11, X, Some(deactivate_executed)),
    stored(ACTIVATION_STATE, R, BOOL),
    supplied(13, RW_OPT, OBJLNK),
    supplied(14, W_OPT, STRING),
    supplied(15, W_OPT, STRING),
];

/// As in C, the memory for the URI is there with the pull of firmware, and begins full of zeros.
const fn package_uri() -> ResourceDefinition {
    let size = config::SWMGMT_PACKAGE_URI_LEN as u16;
    if config::FIRMWARE_UPDATE_PULL_SUPPORT {
        string(3, W_OPT, size)
            .with_length(size)
            .on_write(uri_written)
    } else {
        supplied(3, W_OPT, STRING).on_write(uri_written)
    }
}

object! {
    /// The Software Management object.
    id: 9,
    version: (1, 0),
    core: false,
    instances: PLACES,
    resources: RESOURCES,
    created: Some(created),
}

const STORED_STATE: Stored<u8> = Stored::resource(&RESOURCES, UPDATE_STATE);

/// What the application does for an instance, from when it is created until it is deleted.
#[derive(Clone, Copy)]
struct Callbacks {
    install: lwm2m_engine_execute_cb_t,
    delete: lwm2m_engine_execute_cb_t,
    activate: lwm2m_engine_execute_cb_t,
    deactivate: lwm2m_engine_execute_cb_t,
    write: lwm2m_engine_set_data_cb_t,
    read_version: lwm2m_engine_get_data_cb_t,
}

impl Callbacks {
    const NONE: Self = Self {
        install: None,
        delete: None,
        activate: None,
        deactivate: None,
        write: None,
        read_version: None,
    };

    fn of(lock: &Lock, instance: u16) -> Self {
        OBJECT
            .find(lock, instance)
            .and_then(|slot| CALLBACKS.get(lock, slot.index()))
            .unwrap_or(Self::NONE)
    }

    fn change(instance: u16, change: impl FnOnce(&mut Self)) -> bool {
        let lock = lock();
        OBJECT
            .find(&lock, instance)
            .and_then(|slot| CALLBACKS.update(&lock, slot.index(), change))
            .is_some()
    }
}

static CALLBACKS: PerSlot<Callbacks, PLACES> = PerSlot::new(Callbacks::NONE);

/// Registers the object.
pub fn init() {
    lock().register_built_in(&OBJECT);
}

fn created(lock: &Lock, slot: Slot) {
    CALLBACKS.set(lock, slot.index(), Callbacks::NONE);
}

/// Registers the callback that installs the package, `lwm2m_swmgmt_set_install_package_cb`. It says
/// how that ended with [`install_completed`]. Returns whether there is such an instance (else
/// `-ENOENT`), as do the others.
pub fn set_install_callback(instance: u16, callback: lwm2m_engine_execute_cb_t) -> bool {
    Callbacks::change(instance, |callbacks| callbacks.install = callback)
}

/// Registers the callback that deletes the package, installed or not,
/// `lwm2m_swmgmt_set_delete_package_cb`.
pub fn set_delete_callback(instance: u16, callback: lwm2m_engine_execute_cb_t) -> bool {
    Callbacks::change(instance, |callbacks| callbacks.delete = callback)
}

/// Registers the callback that activates the software, `lwm2m_swmgmt_set_activate_cb`.
pub fn set_activate_callback(instance: u16, callback: lwm2m_engine_execute_cb_t) -> bool {
    Callbacks::change(instance, |callbacks| callbacks.activate = callback)
}

/// Registers the callback that deactivates the software, `lwm2m_swmgmt_set_deactivate_cb`.
pub fn set_deactivate_callback(instance: u16, callback: lwm2m_engine_execute_cb_t) -> bool {
    Callbacks::change(instance, |callbacks| callbacks.deactivate = callback)
}

/// Registers the callback for pieces of the package, `lwm2m_swmgmt_set_write_package_cb`. When a
/// download fails it is called once more, without data.
pub fn set_write_callback(instance: u16, callback: lwm2m_engine_set_data_cb_t) -> bool {
    Callbacks::change(instance, |callbacks| callbacks.write = callback)
}

/// Registers the callback that gives the version, 9/x/1,
/// `lwm2m_swmgmt_set_read_package_version_cb`.
pub fn set_version_callback(instance: u16, callback: lwm2m_engine_get_data_cb_t) -> bool {
    Callbacks::change(instance, |callbacks| callbacks.read_version = callback)
}

/// Says how an installation ended, `lwm2m_swmgmt_install_completed`. Returns whether there is such
/// an instance and one was possible (else `-EINVAL`).
pub fn install_completed(instance: u16, succeeded: bool) -> bool {
    let event = if succeeded {
        Event::Installed
    } else {
        Event::InstallationFailed
    };
    happened(&lock(), instance, event)
}

/// Hears how the fetching of a package ended.
pub(crate) fn download_ended(instance: u16, outcome: Result<(), DownloadFailure>) {
    let lock = lock();
    match outcome {
        Ok(()) => complete(&lock, instance),
        Err(failure) => download_failed(&lock, instance, failure.into()),
    }
}

/// All of a package is here. Verifying it is the matter of the application's install callback.
fn complete(lock: &Lock, instance: u16) {
    if happened(lock, instance, Event::Complete) {
        happened(lock, instance, Event::Verified);
    }
}

/// Follows an event. Returns whether it could happen.
fn happened(lock: &Lock, instance: u16, event: Event) -> bool {
    let next = state(lock, instance).and_then(|state| state.after(event));
    if let Some(next) = next {
        write_number(lock, instance, UPDATE_STATE, next.state as u8);
        if let Some(result) = next.result {
            write_number(lock, instance, UPDATE_RESULT, result as u8);
        }
    }
    next.is_some()
}

/// The state, if the instance is there and its number is one of a state.
fn state(lock: &Lock, instance: u16) -> Option<State> {
    let slot = OBJECT.find(lock, instance)?;
    State::from_number(OBJECT.load(lock, slot, STORED_STATE))
}

fn write_number(lock: &Lock, instance: u16, resource: u16, number: u8) {
    // The application may have deleted the instance when it heard of another number.
    let _ = lock.set_u8(Path::resource(OBJECT.id(), instance, resource), number);
}

unsafe extern "C" fn version_read(
    instance: u16,
    resource: u16,
    resource_instance: u16,
    length: *mut usize,
) -> *mut c_void {
    let lock = lock();
    Callbacks::of(&lock, instance)
        .read_version
        .map_or(null_mut(), |callback| {
            // SAFETY: the application's callback, called as the registry called this one.
            unsafe { callback(instance, resource, resource_instance, length) }
        })
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
    match state(&lock, instance).map(State::on_package) {
        Some(PackageWrite::Begin) => {
            happened(&lock, instance, Event::Begin);
        }
        // Two packages do not mix.
        Some(PackageWrite::Continue) if !(hooks().pulling)(Package::Software(instance)) => {}
        _ => return EINVAL,
    }
    let part = Part {
        data,
        length,
        last,
        total,
        offset,
    };
    take(&lock, instance, resource_instance, &part)
}

/// Has the application take a part of the package that is being downloaded. What it returns is
/// returned, and becomes the Update Result if it is an error.
fn take(lock: &Lock, instance: u16, resource_instance: u16, part: &Part) -> c_int {
    let package = Package::Software(instance).resource();
    let callback = Callbacks::of(lock, instance).write;
    // SAFETY: the application's callback, called as the registry called or would have called
    // `package_written`.
    let outcome = unsafe { package::give(callback, package, resource_instance, part) };
    let error = outcome.unwrap_or(EINVAL);
    if error < 0 {
        download_failed(lock, instance, DownloadFailure::of(error).into());
        return package::refusal(error);
    }
    if part.last {
        complete(lock, instance);
    }
    0
}

/// Takes a piece of a package that was fetched, through the buffer of 9/instance/2.
pub(crate) fn piece_arrived(instance: u16, piece: &Fragment<'_>) -> c_int {
    let lock = lock();
    let package = Package::Software(instance).resource();
    lock.hand_over(package, piece, &mut |part| match state(&lock, instance) {
        Some(State::DownloadStarted) => take(&lock, instance, 0, part),
        _ => EINVAL,
    })
}

/// Ends a download, if one is going on: tells the application by a piece without data, and says
/// why.
fn download_failed(lock: &Lock, instance: u16, result: UpdateResult) {
    if !happened(lock, instance, Event::DownloadFailed) {
        return;
    }
    if let Some(callback) = Callbacks::of(lock, instance).write {
        // SAFETY: the application's callback, which hears by this that the download failed. Its
        // outcome changes nothing, as in C.
        unsafe { callback(instance, 0, 0, null_mut(), 0, false, 0, 0) };
    }
    write_number(lock, instance, UPDATE_RESULT, result as u8);
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
    if !config::FIRMWARE_UPDATE_PULL_SUPPORT {
        return EINVAL;
    }
    let lock = lock();
    let package = Package::Software(instance);
    // SAFETY: the registry's contract for post-write callbacks: `length` bytes at `data`.
    let written = unsafe { Written::new(data, length, last, total, offset) };
    if written == Written::Piece {
        return EFBIG;
    }
    let empty = written == Written::Nothing;
    match state(&lock, instance) {
        Some(State::Initial) if empty => {}
        Some(State::Initial) => {
            happened(&lock, instance, Event::Begin);
            if let Err(failure) = package::fetch(&lock, package) {
                download_failed(&lock, instance, failure.into());
            }
        }
        Some(State::DownloadStarted) if empty && (hooks().pulling)(package) => {
            (hooks().cancel_pull)(package);
            download_failed(&lock, instance, UpdateResult::Initial);
        }
        _ => return EINVAL,
    }
    0
}

/// Has the application carry out a command, in a state that accepts it; it gets no arguments, as in
/// C.
fn execute(
    lock: &Lock,
    instance: u16,
    command: Command,
    callback: lwm2m_engine_execute_cb_t,
) -> c_int {
    match (state(lock, instance), callback) {
        (Some(state), Some(callback)) if state.accepts(command) => {
            // SAFETY: the application's callback, with an instance that is there and no arguments.
            unsafe { callback(instance, null_mut(), 0) }
        }
        _ => EINVAL,
    }
}

unsafe extern "C" fn install_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let callback = Callbacks::of(&lock, instance).install;
    execute(&lock, instance, Command::Install, callback)
}

unsafe extern "C" fn uninstall_executed(instance: u16, arguments: *mut u8, length: u16) -> c_int {
    let lock = lock();
    // SAFETY: the registry's contract for execute callbacks: `length` bytes at `arguments`.
    let for_update = unsafe { crate::callback::value(arguments, length) } == Some([b'1']);
    if for_update {
        let installed = happened(&lock, instance, Event::ForUpdate);
        return if installed { 0 } else { EINVAL };
    }
    let callback = Callbacks::of(&lock, instance).delete;
    let outcome = execute(&lock, instance, Command::Uninstall, callback);
    if outcome == 0 {
        happened(&lock, instance, Event::Deleted);
    }
    outcome
}

unsafe extern "C" fn activate_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let callback = Callbacks::of(&lock, instance).activate;
    let outcome = execute(&lock, instance, Command::Activate, callback);
    show_activation(&lock, instance, outcome, true)
}

unsafe extern "C" fn deactivate_executed(instance: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let callback = Callbacks::of(&lock, instance).deactivate;
    let outcome = execute(&lock, instance, Command::Deactivate, callback);
    show_activation(&lock, instance, outcome, false)
}

/// Sets 9/x/12 if the application did what it was asked for.
fn show_activation(lock: &Lock, instance: u16, outcome: c_int, active: bool) -> c_int {
    if outcome == 0 {
        let path = Path::resource(OBJECT.id(), instance, ACTIVATION_STATE);
        let _ = lock.set_bool(path, active);
    }
    outcome
}

#[cfg(test)]
mod tests;
