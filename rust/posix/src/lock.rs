// SPDX-License-Identifier: Apache-2.0
//! The registry lock: one recursive pthread mutex.

use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::sync::Once;

use crate::start_up;

struct Mutex(UnsafeCell<MaybeUninit<libc::pthread_mutex_t>>);

// SAFETY: a pthread mutex is made to be used by several threads.
unsafe impl Sync for Mutex {}

static MUTEX: Mutex = Mutex(UnsafeCell::new(MaybeUninit::uninit()));
static INITIALISED: Once = Once::new();

thread_local! {
    /// How many times this thread holds the mutex.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

fn mutex() -> *mut libc::pthread_mutex_t {
    let mutex = MUTEX.0.get().cast::<libc::pthread_mutex_t>();
    INITIALISED.call_once(|| {
        start_up::keep();
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: plain pthread calls on storage that lives for ever (the mutex) and through the
        // calls (the attributes), initialised in the order that POSIX asks for; once.
        let failed = unsafe {
            libc::pthread_mutexattr_init(attributes.as_mut_ptr())
                | libc::pthread_mutexattr_settype(
                    attributes.as_mut_ptr(),
                    libc::PTHREAD_MUTEX_RECURSIVE,
                )
                | libc::pthread_mutex_init(mutex, attributes.as_ptr())
                | libc::pthread_mutexattr_destroy(attributes.as_mut_ptr())
        };
        assert_eq!(failed, 0, "cannot make a mutex");
    });
    mutex
}

pub fn lock() {
    // SAFETY: `mutex` is initialised.
    let error = unsafe { libc::pthread_mutex_lock(mutex()) };
    assert_eq!(error, 0, "cannot lock the registry");
    DEPTH.set(DEPTH.get() + 1);
}

pub fn unlock() {
    if let Some(less) = DEPTH.get().checked_sub(1) {
        DEPTH.set(less);
        // SAFETY: `mutex` is initialised, and this thread holds it.
        let error = unsafe { libc::pthread_mutex_unlock(mutex()) };
        assert_eq!(error, 0, "cannot unlock the registry");
    }
}

pub fn depth() -> u32 {
    DEPTH.get()
}
