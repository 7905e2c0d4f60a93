// SPDX-License-Identifier: Apache-2.0
//! Packages that the client fetches itself: TS Core 1.1.1 appendix E.6, resource Package URI.

#[cfg(not(feature = "pull-proxy"))]
mod direct;
mod machine;
#[cfg(feature = "pull-proxy")]
mod proxy;
mod pull;
mod request;

pub use pull::{Failure, Pull, Settings, StartError};

#[cfg(not(feature = "pull-proxy"))]
use direct as way;
#[cfg(feature = "pull-proxy")]
use proxy as way;

pub(crate) use machine::{Machine, Step};
