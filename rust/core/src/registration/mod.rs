// SPDX-License-Identifier: Apache-2.0
//! The client's life, and the Client Registration interface: Register, Update, De-register;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.2.

pub(crate) mod accounts;
#[cfg(feature = "bootstrap")]
mod bootstrap;
pub mod client;
mod failure;
pub mod machine;
pub mod message;
pub(crate) mod requests;
