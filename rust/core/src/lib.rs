// SPDX-License-Identifier: Apache-2.0
//! The LwM2M protocol without I/O.
//!
//! `no_std`, no allocation, no `unsafe`, no clock, no socket and no C type. Time, randomness and
//! storage are arguments; what to do next comes back as values. The names are those of the
//! specifications: OMA-TS-LightweightM2M (1.0.2, 1.1.1), RFC 7252, RFC 7641, RFC 7959, RFC 8428.
#![no_std]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

#[cfg(test)]
extern crate std;

pub mod blockwise;
#[cfg(feature = "bootstrap")]
pub mod bootstrap;
pub mod coap;
pub mod content;
pub mod device_management;
mod division;
pub mod engine;
#[cfg(feature = "pull")]
pub mod firmware;
pub mod information_reporting;
pub mod model;
pub mod path;
pub mod path_list;
pub mod registration;
mod request;
mod response;
pub mod shared;
pub mod time;
pub mod time_series;
pub mod uri;
pub mod value;
