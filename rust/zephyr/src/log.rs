// SPDX-License-Identifier: Apache-2.0
//! Log lines, put together in a bounded buffer: longer ones are cut.

use core::ffi::CStr;

use crate::glue;

/// The longest line, with its NUL.
const LINE: usize = 112;

/// The number by which `zephyr/glue/log.c` knows a log module.
fn number(module: &str) -> u8 {
    match module {
        "net_lwm2m_rd_client" => 1,
        "net_lwm2m_message_handling" => 2,
        _ => 0,
    }
}

/// Writes the pieces as one line.
pub fn log(level: u8, module: &str, pieces: &[&[u8]]) {
    let mut line = [0; LINE];
    let text = pieces.iter().copied().flatten().filter(|byte| **byte != 0);
    for (to, from) in line.iter_mut().take(LINE - 1).zip(text) {
        *to = *from;
    }
    if let Ok(line) = CStr::from_bytes_until_nul(&line) {
        glue::log(level, number(module), line);
    }
}
