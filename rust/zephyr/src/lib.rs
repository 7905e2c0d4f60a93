// SPDX-License-Identifier: Apache-2.0
//! The platform of a Zephyr build. Everything that takes a macro of the kernel or the network stack
//! is C, in `zephyr/glue`; this crate calls it through plain types.
#![no_std]

mod credentials;
mod glue;
mod log;
mod platform;
mod start_up;

use core::panic::PanicInfo;

lwm2m_capi::set_platform!(platform::Zephyr);

/// A panic is a bug of this library; the kernel decides what a fatal error means.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    glue::fatal()
}
