// SPDX-License-Identifier: Apache-2.0
//! Offsets and sizes of `struct lwm2m_ctx` and `struct lwm2m_message` as the C compiler lays them
//! out in this configuration; written by `build.rs`.
#![allow(dead_code)]

include!(concat!(env!("OUT_DIR"), "/layout.rs"));
