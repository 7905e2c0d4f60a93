// SPDX-License-Identifier: Apache-2.0
//! DTLS 1.2 (RFC 6347) for hosts, without sockets, clock or threads: datagrams and the time go in,
//! datagrams and application data come out. The protocol is Mbed TLS's, which Zephyr uses too; see
//! `docs/architecture.md` for why.

mod association;
mod error;
mod ffi;
#[cfg(feature = "issue")]
mod issue;

pub use association::{Association, Credentials, Peer, Settings, Transmit};
pub use error::{CertificateFault, Error};
#[cfg(feature = "issue")]
pub use issue::{Issued, Order, issue};

/// Cipher suites, by IANA's numbers.
pub mod suite {
    /// TLS_PSK_WITH_AES_128_CCM_8, RFC 6655.
    pub const PSK_AES_128_CCM_8: i32 = 0xc0a8;
    /// TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, RFC 7251.
    pub const ECDHE_ECDSA_AES_128_CCM_8: i32 = 0xc0ae;
    /// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, RFC 5289.
    pub const ECDHE_ECDSA_AES_128_GCM_SHA256: i32 = 0xc02b;
}
