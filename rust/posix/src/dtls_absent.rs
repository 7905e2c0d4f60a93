// SPDX-License-Identifier: Apache-2.0
//! What stands for DTLS in a build without `CONFIG_LWM2M_DTLS_SUPPORT`: no association comes about.

use std::convert::Infallible;
use std::os::fd::OwnedFd;

use lwm2m_capi::socket_options::{SecureOptions, Security};
use lwm2m_core::coap::ConnectionId;

/// There is none.
#[derive(Debug)]
pub struct Secured(Infallible);

impl Secured {
    pub fn send(&self, _: &OwnedFd, _: &[u8]) -> Result<(), i32> {
        match self.0 {}
    }

    pub fn receive(&self, _: &OwnedFd, _: &[u8], _: &mut [u8]) -> Result<Option<usize>, i32> {
        match self.0 {}
    }

    pub fn has_more(&self) -> bool {
        match self.0 {}
    }

    pub fn close(&self, _: &OwnedFd) {
        match self.0 {}
    }
}

/// As C answers where DTLS is not configured.
pub fn open(_: ConnectionId, _: &OwnedFd, _: &Security, _: &[u8]) -> Result<Secured, i32> {
    Err(-libc::EPROTONOSUPPORT)
}

pub fn set_options(_: i32, _: &SecureOptions<'_>) -> Result<(), i32> {
    Err(-libc::EPROTONOSUPPORT)
}

pub fn forget() {}

/// Longest datagram that is received: none is.
pub const DATAGRAM: usize = 1;
