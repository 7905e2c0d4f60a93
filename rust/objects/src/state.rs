// SPDX-License-Identifier: Apache-2.0
//! State of an object that is no value of a resource: a cell for each place, read and written by
//! value under the registry lock.

use core::cell::UnsafeCell;

use crate::access::Lock;

/// One `T` for each place of an object.
pub(crate) struct PerSlot<T, const SLOTS: usize>(UnsafeCell<[T; SLOTS]>);

// SAFETY: every access holds the registry lock, as its `Lock` argument shows, and no reference
// outlives it.
unsafe impl<T: Send, const SLOTS: usize> Sync for PerSlot<T, SLOTS> {}

impl<T: Copy, const SLOTS: usize> PerSlot<T, SLOTS> {
    pub const fn new(initial: T) -> Self {
        Self(UnsafeCell::new([initial; SLOTS]))
    }

    /// The state at `index`, `None` beyond the last place.
    pub fn get(&self, _: &Lock, index: usize) -> Option<T> {
        // SAFETY: below the length; the lock is held, so nobody writes.
        (index < SLOTS).then(|| unsafe { self.at(index).read() })
    }

    /// Replaces the state at `index`; nothing happens beyond the last place.
    pub fn set(&self, _: &Lock, index: usize, state: T) {
        if index < SLOTS {
            // SAFETY: below the length; the lock is held, so nobody else reads or writes.
            unsafe { self.at(index).write(state) };
        }
    }

    /// Changes the state at `index` by a function that calls nobody; `None` beyond the last place.
    pub fn update<R>(
        &self,
        lock: &Lock,
        index: usize,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let mut state = self.get(lock, index)?;
        let outcome = change(&mut state);
        self.set(lock, index, state);
        Some(outcome)
    }

    /// Where the state at `index` lies, for C to read or write while the lock is held; null beyond
    /// the last place.
    pub fn pointer(&self, _: &Lock, index: usize) -> *mut T {
        if index < SLOTS {
            // SAFETY: below the length.
            unsafe { self.at(index) }
        } else {
            core::ptr::null_mut()
        }
    }

    /// # Safety
    /// `index` is below the length.
    unsafe fn at(&self, index: usize) -> *mut T {
        // SAFETY: within the array by the contract.
        unsafe { self.0.get().cast::<T>().add(index) }
    }
}
