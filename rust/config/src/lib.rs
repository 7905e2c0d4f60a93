// SPDX-License-Identifier: Apache-2.0
//! The configuration as constants: one for each row of `symbols.tsv`, named as the Kconfig symbol
//! without `LWM2M_`. A bool symbol is a `bool`, an int a `u32`, a string a `&str`.
//!
//! The values come from the `.config` that the environment variable `LWM2M_DOTCONFIG` names when
//! this crate is built (a Zephyr build names its own), else from `host.config`. A symbol that the
//! file does not mention, because what it depends on is off, is `false`, `0` or `""`.
//!
//! ```
//! let blocks = [0u8; lwm2m_config::COAP_BLOCK_SIZE as usize];
//! assert!(lwm2m_config::outside::COAP_MAX_RETRANSMIT > 0);
//! # let _ = blocks;
//! ```
#![no_std]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/lwm2m.rs"));

/// Symbols of other subsystems that this library follows, under their full names.
pub mod outside {
    include!(concat!(env!("OUT_DIR"), "/outside.rs"));
}

// The build script's parser is tested here: a build script has no tests of its own.
#[cfg(test)]
extern crate std;
#[cfg(test)]
#[path = "../dotconfig.rs"]
mod dotconfig;
