// SPDX-License-Identifier: Apache-2.0
//! What the fuzz targets do with an input.

mod attributes;
mod blocks;
mod engine;
mod pull;
mod read_all;
#[path = "../../../rust/core/tests/support/mod.rs"]
mod support;
mod text;

pub use attributes::attributes;
pub use blocks::blocks;
pub use engine::{bootstrap, converse};
pub use pull::fetch;
pub use read_all::{read_float, with_request};
pub use text::{arguments, message, path, uri};
