// SPDX-License-Identifier: Apache-2.0
//! The handshake of a connection that is being opened: blocks the engine's thread, not for ever.
//! RFC 6347 §4.2.4.

use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use lwm2m_capi::credentials;
use lwm2m_capi::platform::{Level, System};
use lwm2m_capi::socket_options::Security;
use lwm2m_config as config;
use lwm2m_core::coap::ConnectionId;
use lwm2m_dtls::{Association, Error, Peer, Settings};

use super::credentials::Copied;
use super::resumption::{self, With};
use super::secured::{DATAGRAM, Secured};
use super::{MODULE, now, options, report};
use crate::{Posix, sockets};

/// The first retransmission comes after a second, as RFC 6347 §4.2.4.1 says; when the last pause of
/// eight seconds is over, after 15 in all, the peer is given up.
const RETRANSMISSION: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(8));

/// What a handshake may take with a peer that does answer.
const PATIENCE_MS: u64 = 30_000;

/// Secures a connected socket.
///
/// # Errors
/// The handshake failed, or has nothing to begin with.
pub fn open(
    connection: ConnectionId,
    socket: &OwnedFd,
    security: &Security,
    address: &[u8],
) -> Result<Secured, i32> {
    let Some(options) = options::take(socket.as_raw_fd()) else {
        let line = b"set_socketoptions() has to call lwm2m_set_default_sockopt()";
        Posix.log(Level::Error, MODULE, &[line]);
        return Err(-libc::EINVAL);
    };
    let copied = Copied::of(security.account, options.mode)?;
    credentials::loaded(security.account);
    let with = With {
        connection,
        address: address.to_vec(),
        name: options.name.clone(),
        credentials: copied.fingerprint(),
    };
    let kept = resumption::take(&with);
    let mut association = Association::new(&Settings {
        peer: Peer::Server {
            name: &options.name,
            session: kept.as_deref().map_or(&[], Vec::as_slice),
        },
        credentials: copied.as_credentials(),
        suites: &options.suites,
        // The socket tells this side's associations apart.
        connection_id: config::DTLS_CID.then_some(0),
        timeouts: RETRANSMISSION,
    })
    .map_err(report)?;
    establish(&mut association, socket)?;
    if let Some(session) = association.session() {
        resumption::keep(with, session);
    }
    Ok(Secured::new(association))
}

fn establish(association: &mut Association, socket: &OwnedFd) -> Result<(), i32> {
    let end = now() + PATIENCE_MS;
    let mut datagram = [0; DATAGRAM];
    let mut length = 0;
    loop {
        let mut sent = Ok(());
        let complete = association
            .handshake(now(), &datagram[..length], &mut |datagram| {
                sent = sent.and(sockets::transmit(socket, datagram));
            })
            .map_err(report)?;
        sent?;
        if complete {
            return Ok(());
        }
        if now() >= end {
            return Err(report(Error::TimedOut));
        }
        let until = association.deadline().map_or(end, |next| next.min(end));
        length = next_datagram(socket, until, &mut datagram)?;
    }
}

/// Waits for a datagram until that time; 0: none came.
fn next_datagram(socket: &OwnedFd, until: u64, datagram: &mut [u8]) -> Result<usize, i32> {
    let mut polled = libc::pollfd {
        fd: socket.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let left = until.saturating_sub(now());
    let left = libc::c_int::try_from(left).unwrap_or(libc::c_int::MAX);
    // SAFETY: there is one entry.
    let ready = unsafe { libc::poll(&raw mut polled, 1, left) };
    if ready <= 0 {
        return Ok(0);
    }
    match sockets::receive_from(socket, datagram) {
        Ok(length) => Ok(length.min(datagram.len())),
        Err(error) if matches!(-error, libc::EAGAIN | libc::EINTR) => Ok(0),
        // Such as that nobody listens there, so that another address may be tried at once.
        Err(error) => Err(error),
    }
}
