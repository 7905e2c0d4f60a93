// SPDX-License-Identifier: Apache-2.0
//! The Information Reporting interface: Observe, Notify, Cancel Observation, Send;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.

pub mod attributes;
pub mod notified;
pub(crate) mod notify;
pub mod observation;
pub mod send;
