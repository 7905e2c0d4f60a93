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
    let session = association.session();
    if let Some(session) = session.filter(|_| config::TLS_SESSION_CACHING) {
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

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};
    use std::thread;
    use std::time::Instant;

    use lwm2m_dtls::{Credentials, suite};

    use super::*;

    const KEY: Credentials<'_> = Credentials::PreSharedKey {
        identity: b"client",
        key: b"0123456789abcdef",
    };

    fn association(peer: Peer<'_>, last_timeout: u64) -> Association {
        Association::new(&Settings {
            peer,
            credentials: KEY,
            suites: &[suite::PSK_AES_128_CCM_8],
            connection_id: None,
            timeouts: (
                Duration::from_millis(100),
                Duration::from_millis(last_timeout),
            ),
        })
        .expect("association")
    }

    fn client() -> Association {
        let server = Peer::Server {
            name: "",
            session: &[],
        };
        association(server, 200)
    }

    /// A socket that is connected to `peer`.
    fn connected(peer: &UdpSocket) -> OwnedFd {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("socket");
        socket
            .connect(peer.local_addr().expect("address"))
            .expect("connect");
        socket.set_nonblocking(true).expect("nonblocking");
        socket.into()
    }

    #[test]
    fn a_peer_that_never_answers_is_given_up() {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let started = Instant::now();
        let result = establish(&mut client(), &connected(&peer));
        assert_eq!(result, Err(-libc::ETIMEDOUT));
        // 100 and 200 ms.
        assert!(started.elapsed() >= Duration::from_millis(300));
    }

    #[test]
    fn a_port_that_nobody_listens_at_is_given_up_at_once() {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let socket = connected(&peer);
        drop(peer);
        let result = establish(&mut client(), &socket);
        assert_eq!(result, Err(-libc::ECONNREFUSED));
    }

    #[test]
    fn messages_pass_and_what_is_no_record_is_dropped() {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let socket = connected(&peer);
        let server = thread::spawn(move || echo_once(&peer));
        let mut client = client();
        establish(&mut client, &socket).expect("handshake");
        let secured = Secured::new(client);
        secured.send(&socket, b"ping").expect("send");
        let mut message = [0; 16];
        let mut datagram = [0; DATAGRAM];
        let mut dropped = 0;
        let length = loop {
            let length = next_datagram(&socket, now() + 5000, &mut datagram).expect("datagram");
            assert_ne!(length, 0, "nothing came");
            match secured.receive(&socket, &datagram[..length], &mut message) {
                Ok(Some(length)) => break length,
                outcome => assert_eq!(outcome, Ok(None)),
            }
            dropped += 1;
        };
        assert_eq!((&message[..length], dropped), (&b"ping"[..], 2));
        server.join().expect("server");
        let last = next_datagram(&socket, now() + 5000, &mut datagram).expect("datagram");
        let closed = secured.receive(&socket, &datagram[..last], &mut message);
        assert_eq!(closed, Err(-libc::ENOTCONN));
    }

    #[test]
    fn any_thread_may_send() {
        const THREADS: u8 = 4;
        const EACH: u8 = 50;
        let peer = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let socket = connected(&peer);
        let server = thread::spawn(move || {
            let (mut server, _) = accept(&peer);
            let mut datagram = [0; DATAGRAM];
            let mut counts = [0; THREADS as usize];
            while counts != [EACH; THREADS as usize] {
                let length = peer.recv(&mut datagram).expect("record");
                let mut message = [0; 2];
                let received =
                    server.receive(now(), &datagram[..length], &mut message, &mut |_| {});
                assert_eq!(received, Ok(Some(2)));
                let [thread, number] = message;
                // In order for each thread: nothing is lost or doubled on the loopback interface.
                assert_eq!(counts[usize::from(thread)], number);
                counts[usize::from(thread)] += 1;
            }
        });
        let mut client = client();
        establish(&mut client, &socket).expect("handshake");
        let secured = Secured::new(client);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (secured, socket) = (&secured, &socket);
                scope.spawn(move || {
                    for number in 0..EACH {
                        secured.send(socket, &[thread, number]).expect("send");
                        thread::sleep(Duration::from_millis(1));
                    }
                });
            }
        });
        server.join().expect("server");
    }

    /// The server's side of a handshake; the association and the client's address.
    fn accept(peer: &UdpSocket) -> (Association, SocketAddr) {
        peer.set_read_timeout(Some(Duration::from_secs(10)))
            .expect("timeout");
        let mut datagram = [0; DATAGRAM];
        let (mut length, from) = peer.recv_from(&mut datagram).expect("ClientHello");
        let mut server = association(Peer::Client { address: b"client" }, 800);
        let mut transmit = |datagram: &[u8]| {
            peer.send_to(datagram, from).expect("transmit");
        };
        while !server
            .handshake(now(), &datagram[..length], &mut transmit)
            .expect("handshake")
        {
            length = peer.recv(&mut datagram).expect("datagram");
        }
        (server, from)
    }

    /// A server that sends the first message back, after what is none, and closes.
    fn echo_once(peer: &UdpSocket) {
        let (mut server, from) = accept(peer);
        let mut datagram = [0; DATAGRAM];
        let mut transmit = |datagram: &[u8]| {
            peer.send_to(datagram, from).expect("transmit");
        };
        let mut message = [0; 16];
        let length = loop {
            let length = peer.recv(&mut datagram).expect("record");
            let received = server.receive(now(), &datagram[..length], &mut message, &mut transmit);
            if let Some(length) = received.expect("receive") {
                break length;
            }
        };
        transmit(b"no record at all");
        transmit(&[23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4]);
        server
            .send(now(), &message[..length], &mut transmit)
            .expect("send");
        server.close(now(), &mut transmit);
    }
}
