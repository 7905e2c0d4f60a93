// SPDX-License-Identifier: Apache-2.0
//! The library initialises itself before `main`: its own objects first, then what applications have
//! put in the section `lwm2m_init_func` (LWM2M_OBJ_INIT and its siblings), then the engine's thread.

use std::ffi::c_int;

/// One entry of the section: `struct lwm2m_init_func`.
type Entry = Option<unsafe extern "C" fn() -> c_int>;

// The bounds of the section, given by the linker where there is such a section. Rust has no stable
// weak symbols, the assembler does: where there is no section, both are 0.
core::arch::global_asm!(
    ".weak __start_lwm2m_init_func",
    ".weak __stop_lwm2m_init_func",
    ".section .data.rel.lwm2m_init_bounds, \"aw\"",
    ".balign 8",
    ".globl __lwm2m_init_bounds",
    "__lwm2m_init_bounds:",
    ".dc.a __start_lwm2m_init_func",
    ".dc.a __stop_lwm2m_init_func",
    ".text",
);

unsafe extern "C" {
    static __lwm2m_init_bounds: [*const Entry; 2];
}

#[used]
#[unsafe(link_section = ".init_array")]
static START_UP: extern "C" fn() = start_up;

/// Called by what every program uses, so that the linker takes the entry out of the archive.
pub fn keep() {
    std::hint::black_box(&raw const START_UP);
}

extern "C" fn start_up() {
    lwm2m_capi::start_up::objects();
    // SAFETY: two pointers that the linker has filled in: both to the same array, or both 0.
    let [start, stop] = unsafe { __lwm2m_init_bounds };
    let mut entry = start;
    while entry < stop {
        // SAFETY: `entry` is within the section, which consists of such entries.
        if let Some(function) = unsafe { entry.read() } {
            // SAFETY: the application has put it there to be called.
            let result = unsafe { function() };
            lwm2m_capi::start_up::report(result);
        }
        // SAFETY: at most one past the end of the section.
        entry = unsafe { entry.add(1) };
    }
    lwm2m_capi::start_up::engine();
}
