// SPDX-License-Identifier: Apache-2.0
//! How often observers are told of a path.

use core::ffi::c_int;

use lwm2m_core::engine;
use lwm2m_core::information_reporting::attributes::{AttributeError, Kind, set_period};
use lwm2m_registry::c_types::lwm2m_obj_path;
use lwm2m_runtime::Platform;

use crate::errno::{self, Errno};
use crate::events::lwm2m_ctx;
use crate::path;
use crate::platform::LinkedPlatform;
use crate::state;

impl Errno for AttributeError {
    fn errno(self) -> c_int {
        match self {
            AttributeError::NotFound => -errno::ENOENT,
            AttributeError::Conflict => -errno::EEXIST,
            AttributeError::NotReadable => -errno::EPERM,
            AttributeError::NoRoom => -errno::ENOMEM,
        }
    }
}

/// Sets the Minimum Period of a path: for the observations of it and of what lies below it, those
/// there are and those to come. What lies below and has a period of its own keeps that.
///
/// @param client_ctx  The context of the client.
/// @param path        Object, instance, resource or resource instance.
/// @param period_s    Seconds that are between two notifications at least, 0 for none.
///
/// @return 0, or
///         -EINVAL: a pointer is NULL;
///         -ENOENT: there is nothing at the path;
///         -EEXIST: the path has no numbers, or the Maximum Period is shorter;
///         -EPERM: the resource cannot be read;
///         -ENOMEM: CONFIG_LWM2M_NUM_ATTR attributes are set.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_update_observer_min_period(
    client_ctx: *mut lwm2m_ctx,
    path: *const lwm2m_obj_path,
    period_s: u32,
) -> c_int {
    // SAFETY: by the function's contract, `path` is NULL or readable.
    unsafe { set(client_ctx, path, Kind::MinimumPeriod, period_s) }
}

/// Sets the Maximum Period of a path, see lwm2m_update_observer_min_period().
///
/// @param client_ctx  The context of the client.
/// @param path        Object, instance, resource or resource instance.
/// @param period_s    Seconds that are between two notifications at most, 0 for any number.
///
/// @return 0, or an error as there; -EEXIST also when the Minimum Period is longer.
///
/// Any thread, any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_update_observer_max_period(
    client_ctx: *mut lwm2m_ctx,
    path: *const lwm2m_obj_path,
    period_s: u32,
) -> c_int {
    // SAFETY: by the function's contract, `path` is NULL or readable.
    unsafe { set(client_ctx, path, Kind::MaximumPeriod, period_s) }
}

/// # Safety
/// `path` is NULL or readable.
unsafe fn set(
    client_ctx: *mut lwm2m_ctx,
    path: *const lwm2m_obj_path,
    kind: Kind,
    seconds: u32,
) -> c_int {
    // SAFETY: by the contract.
    let path = match unsafe { path::from_c(path) } {
        Some(path) if !client_ctx.is_null() => path,
        _ => return -errno::EINVAL,
    };
    errno::status(state::locked(|state| {
        let entropy = || LinkedPlatform.entropy();
        let registry = state.registry();
        let context = engine::Context {
            now: LinkedPlatform.now(),
            model: &registry,
            shared: &state.shared,
            entropy: &entropy,
        };
        set_period(&context, path, kind, seconds)
    }))
}
