// SPDX-License-Identifier: Apache-2.0
//! The data cache for authors of objects: functions of `lwm2m_registry.h`. In a configuration without
//! it no resource is cached, no sample enters or leaves.

use lwm2m_registry::c_types::{lwm2m_obj_path, lwm2m_time_series_elem, lwm2m_time_series_resource};

#[cfg(cache)]
use crate::state;

/// The cached resource with this path; NULL when it is not cached, or for NULL. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_cache_entry_get_by_object(
    obj_path: *const lwm2m_obj_path,
) -> *mut lwm2m_time_series_resource {
    #[cfg(cache)]
    if !obj_path.is_null() {
        // SAFETY: by the function's contract, readable.
        let path = unsafe { obj_path.read() };
        return state::locked(|state| state.registry().cache_entry(&path));
    }
    let _ = obj_path;
    core::ptr::null_mut()
}

/// Appends a sample. When the cache is full the oldest one goes, or with
/// CONFIG_LWM2M_CACHE_DROP_LATEST this one. Whether it is in; false for NULL. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_cache_write(
    cache_entry: *mut lwm2m_time_series_resource,
    buf: *mut lwm2m_time_series_elem,
) -> bool {
    #[cfg(cache)]
    if !cache_entry.is_null() && !buf.is_null() {
        // SAFETY: by the function's contract, an entry and a sample.
        return state::locked(|state| unsafe { state.registry().cache_write(cache_entry, buf) });
    }
    let _ = (cache_entry, buf);
    false
}

/// Takes the oldest sample out. False: there is none; also for NULL. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_cache_read(
    cache_entry: *mut lwm2m_time_series_resource,
    buf: *mut lwm2m_time_series_elem,
) -> bool {
    #[cfg(cache)]
    if !cache_entry.is_null() && !buf.is_null() {
        // SAFETY: by the function's contract, an entry.
        let sample = state::locked(|state| unsafe { state.registry().cache_read(cache_entry) });
        if let Some(sample) = sample {
            // SAFETY: by the function's contract, writable.
            unsafe { buf.write(sample) };
            return true;
        }
    }
    let _ = (cache_entry, buf);
    false
}

/// How many samples there are; 0 for NULL. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_cache_size(cache_entry: *const lwm2m_time_series_resource) -> usize {
    #[cfg(cache)]
    if !cache_entry.is_null() {
        // SAFETY: by the function's contract, an entry.
        return state::locked(|state| unsafe { state.registry().cache_size(cache_entry) });
    }
    let _ = cache_entry;
    0
}
