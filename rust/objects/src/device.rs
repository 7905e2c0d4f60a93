// SPDX-License-Identifier: Apache-2.0
//! Device, object 3: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.4. What the device is, what is
//! wrong with it, and what time it has.

mod error_codes;

use core::ffi::{c_int, c_void};

use lwm2m_config as config;
use lwm2m_core::path::Path;
use lwm2m_core::time::Instant;
use lwm2m_registry::CreateError;
use lwm2m_registry::c_types::{
    LWM2M_PERM_R as R, LWM2M_PERM_R_OPT as R_OPT, LWM2M_PERM_RW_OPT as RW_OPT,
    LWM2M_PERM_X_OPT as X_OPT, LWM2M_RES_TYPE_OBJLNK as OBJLNK, LWM2M_RES_TYPE_S32 as S32,
    LWM2M_RES_TYPE_STRING as STRING, LWM2M_RES_TYPE_TIME as TIME, LWM2M_RES_TYPE_U8 as U8,
    RES_INSTANCE_NOT_CREATED, time_t,
};

use self::error_codes::Added;
use crate::access::{Lock, lock};
use crate::binding::BINDING;
use crate::callback::errno::{EINVAL, ENOENT};
use crate::callback::value;
use crate::definition::{ResourceDefinition, executable, stored, string, supplied};
use crate::hooks::{hooks, now, uptime_seconds};
use crate::object::{Slot, Stored, object};
use crate::periodic::Periodic;
use crate::state::PerSlot;

const ERROR_CODES_MAX: usize = config::DEVICE_ERROR_CODE_MAX as usize;
const ERROR_CODE: u16 = 11;
const CURRENT_TIME: Path = Path::resource(3, 0, 13);

pub(crate) const RESOURCES: [ResourceDefinition; 23] = [
    supplied(0, R_OPT, STRING),
    supplied(1, R_OPT, STRING),
    supplied(2, R_OPT, STRING),
    supplied(3, R_OPT, STRING),
    executable(4, X_OPT, None),
    executable(5, X_OPT, None),
    supplied(6, R_OPT, U8).multiple(config::DEVICE_PWRSRC_MAX),
    supplied(7, R_OPT, S32).multiple(config::DEVICE_PWRSRC_MAX),
    supplied(8, R_OPT, S32).multiple(config::DEVICE_PWRSRC_MAX),
    supplied(9, R_OPT, U8),
    supplied(10, R_OPT, S32),
    stored(ERROR_CODE, R, U8).multiple(config::DEVICE_ERROR_CODE_MAX),
    executable(12, X_OPT, Some(reset_executed)),
    supplied(13, RW_OPT, TIME)
        .on_read(current_time_read)
        .on_pre_write(current_time_buffer)
        .on_write(current_time_written),
    supplied(14, RW_OPT, STRING),
    supplied(15, RW_OPT, STRING),
    string(16, R, 8).text(BINDING),
    supplied(17, R_OPT, STRING),
    supplied(18, R_OPT, STRING),
    supplied(19, R_OPT, STRING),
    supplied(20, R_OPT, U8),
    supplied(21, R_OPT, S32),
    supplied(22, R_OPT, OBJLNK).multiple(config::DEVICE_EXT_DEV_INFO_MAX),
];

object! {
    /// The Device object.
    id: 3,
    version: (1, 0),
    core: true,
    instances: 1,
    resources: RESOURCES,
    created: Some(created),
}

const ERROR_CODES: Stored<u8> = Stored::resource(&RESOURCES, ERROR_CODE);

/// The list with the room that the configuration gives it.
type ErrorCodes = error_codes::ErrorCodes<ERROR_CODES_MAX>;

/// How often observers hear of the current time until the application says otherwise.
const SERVICE_PERIOD_MS: u32 = 10_000;

static SERVICE: PerSlot<Periodic, 1> = PerSlot::new(Periodic::Off);
/// What to add to the seconds since boot.
static TIME_OFFSET: PerSlot<i64, 1> = PerSlot::new(0);
/// The current time as C reads and writes it.
static TIME_BUFFER: PerSlot<time_t, 1> = PerSlot::new(0);

/// Registers the object, creates its instance and begins to report the current time.
///
/// # Errors
/// The instance could not be created.
pub fn init() -> Result<(), CreateError> {
    let lock = lock();
    TIME_OFFSET.set(&lock, 0, 0);
    lock.register_built_in(&OBJECT);
    lock.create_built_in(&OBJECT, 0)?;
    SERVICE.set(&lock, 0, Periodic::every(SERVICE_PERIOD_MS, now()));
    Ok(())
}

fn created(lock: &Lock, slot: Slot) {
    show(lock, slot, &ErrorCodes::NONE);
}

/// Why an error code was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddError {
    /// There are `CONFIG_LWM2M_DEVICE_ERROR_CODE_MAX` codes, or the object's instance was deleted
    /// (`ENOMEM`).
    NoRoom,
    /// It was added, but keeping it over a restart failed with this.
    NotKept(c_int),
}

/// Adds an error code to 3/0/11 unless it is there already, `lwm2m_device_add_err`.
///
/// # Errors
/// See [`AddError`].
pub fn add_error(code: u8) -> Result<(), AddError> {
    let lock = lock();
    let slot = OBJECT.find(&lock, 0).ok_or(AddError::NoRoom)?;
    let mut codes = load(&lock, slot);
    match codes.add(code) {
        Added::Already => return Ok(()),
        Added::Full => return Err(AddError::NoRoom),
        Added::New => show(&lock, slot, &codes),
    }
    lock.changed(Path::resource(3, 0, ERROR_CODE));
    keep(&codes).map_err(AddError::NotKept)
}

/// Puts back the error codes that outlived a restart; the first
/// `CONFIG_LWM2M_DEVICE_ERROR_CODE_MAX` of them.
pub fn restore_errors(codes: &[u8]) {
    let lock = lock();
    if let Some(slot) = OBJECT.find(&lock, 0) {
        show(&lock, slot, &ErrorCodes::from_kept(codes));
    }
}

/// What became of the service that reports the current time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// It has the new period (0).
    Running,
    /// It was ended (1).
    Ended,
    /// It has not begun, or was ended before (`-ENOENT`).
    Missing,
}

/// Sets how often observers hear of the current time, `lwm2m_update_device_service_period`: first
/// `period_ms` from now; 0 ends it for good.
pub fn set_service_period(period_ms: u32) -> Service {
    let lock = lock();
    if SERVICE.get(&lock, 0) == Some(Periodic::Off) {
        return Service::Missing;
    }
    SERVICE.set(&lock, 0, Periodic::every(period_ms, now()));
    drop(lock);
    (hooks().wake)();
    if period_ms == 0 {
        Service::Ended
    } else {
        Service::Running
    }
}

/// Reports the current time when that is due. Returns when it will be due next.
pub(crate) fn service(now: Instant) -> Option<Instant> {
    let lock = lock();
    if SERVICE.update(&lock, 0, |service| service.take_due(now)) == Some(true) {
        lock.changed(CURRENT_TIME);
    }
    SERVICE.get(&lock, 0)?.deadline()
}

fn load(lock: &Lock, slot: Slot) -> ErrorCodes {
    let mut codes = ErrorCodes::NONE;
    for (index, code) in codes.slots_mut().iter_mut().enumerate() {
        *code = OBJECT.load_at(lock, slot, ERROR_CODES, index);
    }
    codes
}

/// Shows `codes` as the resource instances of 3/0/11.
fn show(lock: &Lock, slot: Slot, codes: &ErrorCodes) {
    for (index, &code) in codes.slots().iter().enumerate() {
        OBJECT.store_at(lock, slot, ERROR_CODES, index, code);
        let id = if codes.is_shown(index) {
            index as u16
        } else {
            RES_INSTANCE_NOT_CREATED
        };
        OBJECT.set_resource_instance_id(lock, slot, ERROR_CODE, index, id);
    }
}

fn keep(codes: &ErrorCodes) -> Result<(), c_int> {
    if !config::DEVICE_ERROR_CODE_SETTINGS {
        return Ok(());
    }
    match (hooks().keep_errors)(codes.added()) {
        0 => Ok(()),
        error => Err(error),
    }
}

unsafe extern "C" fn reset_executed(_: u16, _: *mut u8, _: u16) -> c_int {
    let lock = lock();
    let Some(slot) = OBJECT.find(&lock, 0) else {
        return ENOENT;
    };
    show(&lock, slot, &ErrorCodes::NONE);
    lock.changed(Path::resource(3, 0, ERROR_CODE));
    keep(&ErrorCodes::NONE).err().unwrap_or(0)
}

unsafe extern "C" fn current_time_read(_: u16, _: u16, _: u16, length: *mut usize) -> *mut c_void {
    let lock = lock();
    let offset = TIME_OFFSET.get(&lock, 0).unwrap_or(0);
    let time = offset.wrapping_add_unsigned(uptime_seconds());
    TIME_BUFFER.set(&lock, 0, time as time_t);
    // SAFETY: the registry's contract for read callbacks: `length` is writable.
    unsafe { time_buffer(&lock, length) }
}

unsafe extern "C" fn current_time_buffer(
    _: u16,
    _: u16,
    _: u16,
    length: *mut usize,
) -> *mut c_void {
    // SAFETY: the registry's contract for pre-write callbacks: `length` is writable.
    unsafe { time_buffer(&lock(), length) }
}

/// # Safety
/// `length` is writable.
unsafe fn time_buffer(lock: &Lock, length: *mut usize) -> *mut c_void {
    // SAFETY: by the contract.
    unsafe { length.write(size_of::<time_t>()) };
    TIME_BUFFER.pointer(lock, 0).cast()
}

unsafe extern "C" fn current_time_written(
    _: u16,
    _: u16,
    _: u16,
    data: *mut u8,
    length: u16,
    _: bool,
    _: usize,
    _: usize,
) -> c_int {
    // SAFETY: the registry's contract for post-write callbacks: `length` bytes at `data`.
    let (narrow, wide) = unsafe { (value(data, length), value(data, length)) };
    let time = match (narrow, wide) {
        (Some(bytes), _) => i64::from(u32::from_ne_bytes(bytes)),
        (_, Some(bytes)) => i64::from_ne_bytes(bytes),
        _ => return EINVAL,
    };
    TIME_OFFSET.set(&lock(), 0, time.wrapping_sub_unsigned(uptime_seconds()));
    0
}

#[cfg(test)]
mod tests;
