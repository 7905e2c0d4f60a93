// SPDX-License-Identifier: Apache-2.0
//! A client and its servers on a bad network, in virtual time.
//!
//! The client is the real [`lwm2m_core::engine::Engine`] over a data model in memory; two servers and a
//! Bootstrap-Server are models that keep the rules of RFC 7252 and of the interfaces they speak. A
//! seed decides how the client is configured, what the network loses, doubles, delays and cuts off,
//! and what everybody does. After each step, and once everything has come to rest on a network that
//! has healed, the invariants of `device` and `life` must hold.

#[path = "../../../rust/core/tests/support/mod.rs"]
mod support;

mod accounts;
mod bootstrap_server;
pub mod day;
mod device;
mod endpoint;
mod events;
mod life;
mod network;
pub mod pull;
mod random;
mod scenario;
pub mod script;
mod server;
pub mod states;
pub mod transfer;
mod world;

pub use life::run;
pub use network::Weather;
pub use world::Report;
