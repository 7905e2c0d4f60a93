// SPDX-License-Identifier: Apache-2.0
//! The configuration this crate depends on.

/// How many objects and instances the index holds.
#[cfg(not(test))]
pub(crate) const INDEX_SIZE: usize = 64;
/// How many objects and instances the index holds; small enough for a test to exceed.
#[cfg(test)]
pub(crate) const INDEX_SIZE: usize = 1100;
/// Room for a value that a validate callback judges.
pub(crate) const VALIDATION_BUFFER_SIZE: usize = 64;
/// Announce the version of every object.
pub(crate) const ALWAYS_REPORT_OBJ_VERSION: bool = false;
/// The enabler is LwM2M 1.1 rather than 1.0.
pub(crate) const VERSION_1_1: bool = true;
