// SPDX-License-Identifier: Apache-2.0
//! Fetching a package, datagram in, datagram out.
#![cfg(feature = "pull")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, ConnectionId};
use support::*;

#[test]
fn a_peer_that_packages_come_from_is_no_server() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let read = request(Code::GET, 7, "3/0/0", &[], b"");
    assert!(bench.receive_on(ConnectionId(0), &read).is_some());
    let write = request(Code::PUT, 8, "3/0/15", &[], b"CET");
    let reset = [0x70, 0, 0, 8];
    assert_eq!(
        bench.receive_on(ConnectionId::PULL, &write).as_deref(),
        Some(&reset[..])
    );
}
