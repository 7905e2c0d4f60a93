// SPDX-License-Identifier: Apache-2.0
//! The Device object (3) for the application.

use core::ffi::c_int;

use lwm2m_objects::device::{self, AddError, Service};

use crate::errno::{self, Errno};

impl Errno for AddError {
    fn errno(self) -> c_int {
        match self {
            AddError::NoRoom => -errno::ENOMEM,
            AddError::NotKept(error) => error,
        }
    }
}

/// Adds an error code to the Device object's resource 11, unless it is there already.
///
/// @param error_code  The code, 0 to 8 by the object's definition.
///
/// @return 0; -ENOMEM when CONFIG_LWM2M_DEVICE_ERROR_CODE_MAX codes are there.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_device_add_err(error_code: u8) -> c_int {
    errno::status(device::add_error(error_code))
}

/// Sets how often those who observe the Device object's current time (3/0/13) are notified.
///
/// @param period_ms  Milliseconds, counted from now; 0 ends the notifications for good.
///
/// @return 0; 1 when they were ended; -ENOENT when they had been ended before.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_update_device_service_period(period_ms: u32) -> c_int {
    match device::set_service_period(period_ms) {
        Service::Running => 0,
        Service::Ended => 1,
        Service::Missing => -errno::ENOENT,
    }
}
