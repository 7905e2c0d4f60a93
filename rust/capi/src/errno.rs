// SPDX-License-Identifier: Apache-2.0
//! Error numbers, which are those of the C library the program is linked with: `build.rs` asks the
//! C compiler for them. The tables that turn an error of this library into its number stand with
//! the functions that can fail with it.
#![allow(dead_code)]

use core::ffi::c_int;

include!(concat!(env!("OUT_DIR"), "/errno.rs"));

/// An error of this library as the C API returns it.
pub(crate) trait Errno {
    /// The number, negative.
    fn errno(self) -> c_int;
}

/// 0 for success, else the error's number.
pub(crate) fn status<T, E: Errno>(result: Result<T, E>) -> c_int {
    match result {
        Ok(_) => 0,
        Err(error) => error.errno(),
    }
}
