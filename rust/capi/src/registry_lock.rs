// SPDX-License-Identifier: Apache-2.0
//! The registry lock in the application's hands.

use crate::state;

/// Locks the registry, so that several changes become one.
///
/// While it is locked no other thread reads or writes a resource and nothing is sent; what changed
/// is reported once, after the last unlock. A thread may lock several times and has to unlock as
/// often. Do not wait for another thread while it is locked.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_registry_lock() {
    state::lock();
}

/// Undoes one lwm2m_registry_lock() of the same thread; without one, nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_registry_unlock() {
    state::unlock();
}
