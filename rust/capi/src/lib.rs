// SPDX-License-Identifier: Apache-2.0
//! The C API of Zephyr's LwM2M subsystem over the Rust engine and registry.
//!
//! Every `extern "C"` function checks its pointers, converts, makes one safe call and maps the
//! error. The one place with state is [`state`]; what is C by layout is reached in [`context`] and
//! [`message`] only.
#![no_std]
// The functions take pointers from C, and the names are C's.
#![allow(clippy::missing_safety_doc, non_camel_case_types)]

#[cfg(test)]
extern crate std;

pub mod acknowledge;
pub mod author;
pub mod callbacks;
mod context;
pub mod device;
pub mod engine_control;
mod engine_thread;
pub mod errno;
pub mod events;
mod features;
pub mod firmware;
pub mod instances;
mod layout;
mod message;
pub mod path;
pub mod platform;
pub mod rd_client;
pub mod registry_lock;
pub mod resources;
pub mod send;
pub mod start_up;
mod state;
