// SPDX-License-Identifier: Apache-2.0
//! A connection's association in use. Any thread sends; the engine's receives.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lwm2m_dtls::Association;

use super::{now, report};
use crate::sockets;

/// Longest datagram with one record: header, connection id, and what RFC 6347 §4.1 allows content and
/// expansion.
pub const DATAGRAM: usize = 13 + 255 + 16384 + 2048;

/// An association over a socket.
#[derive(Debug)]
pub struct Secured(Mutex<Association>);

impl Secured {
    pub fn new(association: Association) -> Self {
        Self(Mutex::new(association))
    }

    fn association(&self) -> MutexGuard<'_, Association> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message in one record.
    ///
    /// # Errors
    /// The association is over, or the socket refuses.
    pub fn send(&self, socket: &OwnedFd, message: &[u8]) -> Result<(), i32> {
        let mut sent = Ok(());
        self.association()
            .send(now(), message, &mut |datagram| {
                sent = sockets::transmit(socket, datagram);
            })
            .map_err(report)?;
        sent
    }

    /// Takes a datagram of the socket's; the length of the message in it, as far as it fits in `into`.
    /// An empty one asks for what the last one had besides.
    ///
    /// # Errors
    /// The association is over.
    pub fn receive(
        &self,
        socket: &OwnedFd,
        datagram: &[u8],
        into: &mut [u8],
    ) -> Result<Option<usize>, i32> {
        self.association()
            .receive(now(), datagram, into, &mut |datagram| {
                // An alert, or the last flight of the handshake again: as good as lost otherwise.
                let _ = sockets::transmit(socket, datagram);
            })
            .map_err(report)
    }

    /// Whether the datagram that came last has another message.
    pub fn has_more(&self) -> bool {
        self.association().has_more()
    }

    /// Tells the peer that the association is over.
    pub fn close(&self, socket: &OwnedFd) {
        self.association().close(now(), &mut |datagram| {
            let _ = sockets::transmit(socket, datagram);
        });
    }
}
