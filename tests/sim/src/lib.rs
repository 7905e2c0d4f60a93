// SPDX-License-Identifier: Apache-2.0
//! A client and a server on a bad network, in virtual time.
//!
//! The client is the real [`lwm2m_core::engine::Engine`] over a data model in memory; the server is a
//! model that keeps the rules of RFC 7252 and of the registration and reporting interfaces. A seed
//! decides what the network loses, doubles and delays, and what the two do. After each run the
//! network heals, everything comes to rest, and the invariants of [`world`] must hold.

#[path = "../../../rust/core/tests/support/mod.rs"]
mod support;

mod network;
pub mod pull;
mod random;
mod server;
pub mod transfer;
pub mod world;

pub use network::Weather;
pub use world::{Report, run};
