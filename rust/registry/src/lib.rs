// SPDX-License-Identifier: Apache-2.0
//! Objects, instances and resources as the C structs applications author.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod c_types;
