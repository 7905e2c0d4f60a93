// SPDX-License-Identifier: Apache-2.0
//! The engine's thread, a detached pthread.

use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

thread_local! {
    static IS_ENGINE: Cell<bool> = const { Cell::new(false) };
}

/// Starts the thread with all signals blocked: they are the application's.
pub fn start(entry: fn() -> !) -> Result<(), i32> {
    let mut thread = MaybeUninit::uninit();
    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: plain POSIX calls on storage that lives through them. A new thread inherits the mask.
    // `run` gets back the very pointer to a function that is given here.
    let error = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
        let error = libc::pthread_create(
            thread.as_mut_ptr(),
            std::ptr::null(),
            run,
            entry as *mut c_void,
        );
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), null_mut());
        error
    };
    if error != 0 {
        return Err(-error);
    }
    // SAFETY: `pthread_create` has filled it in, and nobody joins the thread.
    unsafe { libc::pthread_detach(thread.assume_init()) };
    Ok(())
}

extern "C" fn run(entry: *mut c_void) -> *mut c_void {
    IS_ENGINE.set(true);
    // SAFETY: `start` put a pointer to a function of this type in.
    let entry: fn() -> ! = unsafe { std::mem::transmute(entry) };
    entry()
}

pub fn is_current() -> bool {
    IS_ENGINE.get()
}
