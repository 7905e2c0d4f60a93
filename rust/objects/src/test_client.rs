// SPDX-License-Identifier: Apache-2.0
//! What the tests of the objects share: the statics, one test at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds every other test off the objects' statics.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}
