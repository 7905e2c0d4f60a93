// SPDX-License-Identifier: Apache-2.0
//! The Client Registration interface: Register, Update, De-register;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.2.

pub mod client;
pub mod machine;
pub mod message;
