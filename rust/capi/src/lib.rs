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

pub mod access_control;
pub mod acknowledge;
pub mod attributes;
pub mod author;
pub mod cache;
pub mod cache_entry;
pub mod callbacks;
pub mod client_state;
mod context;
pub mod credentials;
pub mod device;
pub mod engine_control;
mod engine_thread;
pub mod errno;
pub mod event_log;
pub mod events;
mod features;
pub mod firmware;
pub mod firmware_state;
pub mod gateway;
pub mod instances;
pub mod kernel_time;
mod layout;
mod message;
pub mod numbers;
pub mod observation;
pub mod path;
pub mod path_list;
pub mod platform;
#[cfg(pull)]
pub mod pull;
#[cfg(pull)]
pub mod pull_options;
pub mod rd_client;
pub mod registry_lock;
pub mod resources;
pub mod security;
pub mod send;
pub mod server;
pub mod services;
pub mod socket_options;
mod socket_state;
pub mod software_management;
pub mod start_up;
mod state;
pub mod text;
