// SPDX-License-Identifier: Apache-2.0
//! The data cache for the application: which resources keep what they were set to, and when, until a
//! server has it. What authors of objects look at is in `cache_entry.rs`.

use core::ffi::c_int;

use lwm2m_registry::c_types::{lwm2m_cache_filter_cb_t, lwm2m_obj_path, lwm2m_time_series_elem};

use crate::errno;
#[cfg(cache)]
use crate::{errno::Errno, state};
#[cfg(cache)]
use lwm2m_registry::CacheError;

#[cfg(cache)]
impl Errno for CacheError {
    fn errno(self) -> c_int {
        match self {
            CacheError::Lookup(error) => error.errno(),
            CacheError::NoRoom => -errno::ENODATA,
            CacheError::NotCached => -errno::ENOENT,
        }
    }
}

/// Caches a resource: from now on each value it is set to is kept with its time, and reported as a
/// series in SenML.
///
/// @param path        The resource, or an instance of a multiple one; its type has a fixed size.
/// @param data_cache  Room for the samples, the library's from now on.
/// @param cache_len   How many samples that is. Zephyr's ring buffers cannot use more than 32 KiB
///                    without CONFIG_RING_BUFFER_LARGE.
///
/// @return 0; -EINVAL when the path is NULL or has fewer than three numbers, or there is no room;
///         -ENOENT when there is no such resource or resource instance; -ENODATA when its values have
///         no fixed size, or CONFIG_LWM2M_MAX_CACHED_RESOURCES are cached; -ENOTSUP without
///         CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT.
///
/// Any thread, any callback. A resource that is cached already loses its samples and keeps its
/// filter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_enable_cache(
    path: *const lwm2m_obj_path,
    data_cache: *mut lwm2m_time_series_elem,
    cache_len: usize,
) -> c_int {
    #[cfg(cache)]
    {
        if path.is_null() {
            return -errno::EINVAL;
        }
        // SAFETY: by the function's contract, readable.
        let path = unsafe { path.read() };
        errno::status(state::locked(|state| {
            // SAFETY: by the function's contract, that many samples are ours from now on.
            unsafe { state.registry().enable_cache(&path, data_cache, cache_len) }
        }))
    }
    #[cfg(not(cache))]
    {
        let _ = (path, data_cache, cache_len);
        -errno::ENOTSUP
    }
}

/// Says which samples of a cached resource are kept.
///
/// @param path       The resource, as lwm2m_enable_cache() had it.
/// @param filter_cb  Returns whether a sample is kept; NULL keeps all.
///
/// @return 0; -EINVAL for a NULL path; -ENOENT when the resource is not cached; -ENOTSUP without
///         CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT.
///
/// Any thread, any callback. The callback runs with the registry locked, in the thread that sets the
/// resource, when the value is stored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_cache_filter(
    path: *const lwm2m_obj_path,
    filter_cb: lwm2m_cache_filter_cb_t,
) -> c_int {
    #[cfg(cache)]
    {
        if path.is_null() {
            return -errno::EINVAL;
        }
        // SAFETY: by the function's contract, readable.
        let path = unsafe { path.read() };
        errno::status(state::locked(|state| {
            // SAFETY: by the function's contract, the callback can be called at any time.
            unsafe { state.registry().set_cache_filter(&path, filter_cb) }
        }))
    }
    #[cfg(not(cache))]
    {
        let _ = (path, filter_cb);
        -errno::ENOTSUP
    }
}
