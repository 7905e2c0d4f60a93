// SPDX-License-Identifier: Apache-2.0
//! The configuration this crate depends on.

/// How many objects and instances the index holds.
#[cfg(not(test))]
pub(crate) const INDEX_SIZE: usize = lwm2m_config::RUST_INDEX_SIZE as usize;
/// How many objects and instances the index holds: few enough for a test.
#[cfg(test)]
pub(crate) const INDEX_SIZE: usize = 64;

/// Room for a value that a validate callback judges.
pub(crate) const VALIDATION_BUFFER_SIZE: usize =
    lwm2m_config::ENGINE_VALIDATION_BUFFER_SIZE as usize;

/// Announce the version of every object.
pub(crate) const ALWAYS_REPORT_OBJ_VERSION: bool = lwm2m_config::ENGINE_ALWAYS_REPORT_OBJ_VERSION;

/// The Access Control object may say what servers may do.
pub(crate) const ACCESS_CONTROL: bool = cfg!(test) || lwm2m_config::ACCESS_CONTROL_ENABLE;

/// The enabler is LwM2M 1.1 rather than 1.0.
pub(crate) const VERSION_1_1: bool = lwm2m_config::VERSION_1_1;

/// How many resources can be cached.
#[cfg(all(cache, not(test)))]
pub(crate) const MAX_CACHED_RESOURCES: usize = lwm2m_config::MAX_CACHED_RESOURCES as usize;
/// How many resources can be cached: few enough for a test.
#[cfg(test)]
pub(crate) const MAX_CACHED_RESOURCES: usize = 3;

/// A full cache takes no more samples; else the oldest one goes.
#[cfg(any(cache, test))]
pub(crate) const CACHE_DROP_LATEST: bool = lwm2m_config::CACHE_DROP_LATEST;
