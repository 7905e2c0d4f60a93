// SPDX-License-Identifier: Apache-2.0
//! Packages that the client fetches itself: TS Core 1.1.1 appendix E.6, resource Package URI.

mod machine;
mod pull;
mod request;

pub use pull::{Failure, Pull, Settings, StartError};

pub(crate) use machine::{Machine, Step};
