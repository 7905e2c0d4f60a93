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
    let mut room = line.iter_mut().take(LINE - 1);
    for piece in pieces {
        for byte in piece.iter().filter(|byte| **byte != 0) {
            let Some(place) = room.next() else { break };
            *place = *byte;
        }
    }
    if let Ok(line) = CStr::from_bytes_until_nul(&line) {
        glue::log(level, number(module), line);
    }
}
