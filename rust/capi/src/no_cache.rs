// SPDX-License-Identifier: Apache-2.0
//! The data cache where the configuration has none (`CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT`):
//! nothing is cached, and whoever asks is told so. Declared by hand in `lwm2m_macros.h` and
//! `lwm2m_registry.h`.

use core::ffi::c_int;
use core::ptr::null_mut;

use lwm2m_registry::c_types::{
    lwm2m_cache_filter_cb_t, lwm2m_obj_path, lwm2m_time_series_elem, lwm2m_time_series_resource,
};

use crate::errno;

/// -ENOTSUP: this configuration has no cache. The pointers are not used.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_enable_cache(
    _path: *const lwm2m_obj_path,
    _data_cache: *mut lwm2m_time_series_elem,
    _cache_len: usize,
) -> c_int {
    -errno::ENOTSUP
}

/// -ENOTSUP: this configuration has no cache. The pointer is not used.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_set_cache_filter(
    _path: *const lwm2m_obj_path,
    _filter_cb: lwm2m_cache_filter_cb_t,
) -> c_int {
    -errno::ENOTSUP
}

/// NULL: no resource is cached.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_cache_entry_get_by_object(
    _obj_path: *const lwm2m_obj_path,
) -> *mut lwm2m_time_series_resource {
    null_mut()
}

/// False: there is no room for a sample.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_cache_write(
    _cache_entry: *mut lwm2m_time_series_resource,
    _buf: *mut lwm2m_time_series_elem,
) -> bool {
    false
}

/// False: there is no sample.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_cache_read(
    _cache_entry: *mut lwm2m_time_series_resource,
    _buf: *mut lwm2m_time_series_elem,
) -> bool {
    false
}

/// 0: there are no samples.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_cache_size(_cache_entry: *const lwm2m_time_series_resource) -> usize {
    0
}
