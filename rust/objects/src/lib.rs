// SPDX-License-Identifier: Apache-2.0
//! The built-in objects. An object is a table in a module of its own; where it has behaviour, a
//! small state machine and the callbacks beside it. What an application can do with objects that it
//! authors in C works with these too, because their nodes are the same C structs.
//!
//! To add an object: write its table with the words of `definition.rs`, hand it to `object!`, give
//! it an `init`, and call that from [`init`].
#![no_std]

#[cfg(test)]
extern crate std;

mod access;
pub mod binding;
mod callback;
mod definition;
pub mod device;
pub mod firmware;
pub mod hooks;
pub mod light_control;
mod measured;
mod object;
mod periodic;
pub mod security;
pub mod server;
mod state;
#[cfg(test)]
mod table_tests;
pub mod temperature;
#[cfg(test)]
mod test_client;
pub mod timer;

use lwm2m_config as config;
use lwm2m_core::time::Instant;

pub use crate::object::Object;
pub use lwm2m_registry::CreateError;

/// Initialises every object the configuration has, in the order of the C's init section: core
/// objects, then the others, each by the name of its C function. In Zephyr the init section itself
/// calls them one by one.
///
/// # Errors
/// That of the first object that failed; the others are initialised all the same.
pub fn init() -> Result<(), CreateError> {
    let mut outcome = device::init();
    if config::FIRMWARE_UPDATE_OBJ_SUPPORT {
        outcome = outcome.and(firmware::init());
    }
    outcome = outcome.and(security::init()).and(server::init());
    if config::IPSO_LIGHT_CONTROL {
        light_control::init();
    }
    if config::IPSO_TEMP_SENSOR {
        temperature::init();
    }
    if config::IPSO_TIMER {
        timer::init();
    }
    outcome
}

/// Does what is due: reports the current time, ends timers. Returns when to call it next, unless
/// [`hooks::Hooks::wake`] asks for it earlier. Call it without the registry lock.
pub fn service(now: Instant) -> Option<Instant> {
    let device = device::service(now);
    if !config::IPSO_TIMER {
        return device;
    }
    Instant::earliest(device, timer::service(now))
}
