// SPDX-License-Identifier: Apache-2.0
//! One connected UDP socket for each connection, with DTLS over it where the URI says so: the system drops
//! what comes from elsewhere.

use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lwm2m_capi::platform;
use lwm2m_core::coap::ConnectionId;
use lwm2m_core::uri::Uri;
use lwm2m_runtime::Incoming;

use crate::dtls::{self, Secured};
use crate::{last_error, wake};

/// An open socket. One in use by one thread stays open while another closes it.
#[derive(Clone)]
struct Open {
    connection: ConnectionId,
    socket: Arc<OwnedFd>,
    secured: Option<Arc<Secured>>,
    listening: bool,
}

/// Open sockets, in no order.
static OPEN: Mutex<Vec<Open>> = Mutex::new(Vec::new());

fn open() -> MutexGuard<'static, Vec<Open>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(connection: ConnectionId) -> Option<Open> {
    let open = open();
    let found = open.iter().find(|open| open.connection == connection)?;
    Some(found.clone())
}

/// Has [`wait`] look at a connection's socket, or not.
pub fn listen(connection: ConnectionId, listen: bool) {
    for open in open().iter_mut() {
        if open.connection == connection {
            open.listening = listen;
        }
    }
}

/// Opens a socket to the first of the host's addresses that takes one, counted from the one of this
/// attempt.
pub fn connect(connection: ConnectionId, uri: &Uri<'_>, attempt: u8) -> Result<(), i32> {
    close(connection);
    if uri.secure && !cfg!(feature = "dtls") {
        // As C answers where DTLS is not configured.
        return Err(-libc::EPROTONOSUPPORT);
    }
    let host = std::str::from_utf8(uri.host).map_err(|_| -libc::EINVAL)?;
    let addresses = (host, uri.port)
        .to_socket_addrs()
        .map_err(|error| -error.raw_os_error().unwrap_or(libc::ENOENT))?;
    let mut addresses: Vec<SocketAddr> = addresses.collect();
    let first = usize::from(attempt) % addresses.len().max(1);
    addresses.rotate_left(first);
    let mut result = Err(-libc::ENOENT);
    for address in addresses {
        match connect_to(connection, uri, &address) {
            Ok(connected) => {
                open().push(connected);
                return Ok(());
            }
            Err(error) => result = Err(error),
        }
    }
    result
}

fn connect_to(connection: ConnectionId, uri: &Uri<'_>, address: &SocketAddr) -> Result<Open, i32> {
    let address = RawAddress::new(address);
    let security = platform::address_found(connection, uri, address.bytes())?;
    // SAFETY: a plain system call.
    let socket = unsafe {
        libc::socket(
            address.family(),
            libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK,
            0,
        )
    };
    if socket < 0 {
        return Err(last_error());
    }
    // SAFETY: the descriptor was just made and is nobody else's.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    platform::socket_made(connection, socket.as_raw_fd(), security)?;
    // SAFETY: the address is of the length that is said.
    let failed = unsafe { libc::connect(socket.as_raw_fd(), address.pointer(), address.length) };
    if failed < 0 {
        return Err(last_error());
    }
    let secured = match security {
        Some(security) => {
            let secured = dtls::open(connection, &socket, &security, address.bytes())?;
            Some(Arc::new(secured))
        }
        None => None,
    };
    Ok(Open {
        connection,
        socket: Arc::new(socket),
        secured,
        listening: true,
    })
}

/// Closes the connection's socket, once nobody uses it.
pub fn close(connection: ConnectionId) {
    let mut open = open();
    let at = open.iter().position(|open| open.connection == connection);
    let closed = at.map(|at| open.swap_remove(at));
    drop(open);
    if let Some(Open {
        socket,
        secured: Some(secured),
        ..
    }) = closed
    {
        secured.close(&socket);
    }
}

/// Sends one message.
pub fn send(connection: ConnectionId, message: &[u8]) -> Result<(), i32> {
    let open = find(connection).ok_or(-libc::ENOTCONN)?;
    match &open.secured {
        Some(secured) => secured.send(&open.socket, message),
        None => transmit(&open.socket, message),
    }
}

/// Sends one datagram.
pub fn transmit(socket: &OwnedFd, datagram: &[u8]) -> Result<(), i32> {
    loop {
        // SAFETY: the datagram's bytes are readable.
        let sent = unsafe {
            libc::send(
                socket.as_raw_fd(),
                datagram.as_ptr().cast(),
                datagram.len(),
                libc::MSG_NOSIGNAL,
            )
        };
        if sent >= 0 {
            return Ok(());
        }
        match -last_error() {
            libc::EINTR => {}
            // The network takes no more now: the datagram is lost, as datagrams may be, and sent
            // again in time. ECONNREFUSED tells of an earlier one.
            libc::EAGAIN | libc::ENOBUFS | libc::ECONNREFUSED => return Ok(()),
            error => return Err(-error),
        }
    }
}

/// Waits for a datagram, a failure, [`wake::wake`], or the time.
pub fn wait(left: Option<Duration>, buffer: &mut [u8]) -> Incoming {
    let mut sockets = open().clone();
    sockets.retain(|open| open.listening);
    for open in &sockets {
        if let Some(secured) = open.secured.as_ref().filter(|secured| secured.has_more()) {
            return receive_record(open, secured, &[], buffer);
        }
    }
    let mut polled: Vec<libc::pollfd> = sockets
        .iter()
        .map(|open| open.socket.as_raw_fd())
        .chain([wake::descriptor()])
        .map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    let milliseconds = left.map_or(-1, |left| {
        libc::c_int::try_from(left.as_millis()).unwrap_or(libc::c_int::MAX)
    });
    // SAFETY: the array has as many entries as are said.
    let ready = unsafe {
        libc::poll(
            polled.as_mut_ptr(),
            polled.len() as libc::nfds_t,
            milliseconds,
        )
    };
    if ready <= 0 {
        return Incoming::Nothing;
    }
    if polled.pop().is_some_and(|entry| entry.revents != 0) {
        wake::clear();
        return Incoming::Nothing;
    }
    let ready = sockets
        .iter()
        .zip(&polled)
        .find(|(_, entry)| entry.revents != 0);
    match ready {
        Some((open, _)) => receive(open, buffer),
        None => Incoming::Nothing,
    }
}

fn receive(open: &Open, buffer: &mut [u8]) -> Incoming {
    let received = match &open.secured {
        None => receive_from(&open.socket, buffer),
        Some(secured) => {
            let mut datagram = [0; dtls::DATAGRAM];
            match receive_from(&open.socket, &mut datagram) {
                Ok(length) => {
                    let datagram = &datagram[..length.min(dtls::DATAGRAM)];
                    return receive_record(open, secured, datagram, buffer);
                }
                Err(error) => Err(error),
            }
        }
    };
    let connection = open.connection;
    match received {
        Ok(length) => Incoming::Datagram { connection, length },
        // ECONNREFUSED: nobody listens there now. Datagrams are sent again; when nobody answers in the
        // end, that is the failure.
        Err(error) if matches!(-error, libc::EAGAIN | libc::EINTR | libc::ECONNREFUSED) => {
            Incoming::Nothing
        }
        Err(error) => Incoming::Failed { connection, error },
    }
}

/// What is in a datagram of a secured connection; an empty one stands for the rest of the last.
fn receive_record(open: &Open, secured: &Secured, datagram: &[u8], buffer: &mut [u8]) -> Incoming {
    let connection = open.connection;
    match secured.receive(&open.socket, datagram, buffer) {
        Ok(Some(length)) => Incoming::Datagram { connection, length },
        Ok(None) => Incoming::Nothing,
        Err(error) => Incoming::Failed { connection, error },
    }
}

/// Receives a datagram if there is one. Its own length, which is more than the buffer's when it was
/// cut.
///
/// # Errors
/// The system's error, negative.
pub fn receive_from(socket: &OwnedFd, buffer: &mut [u8]) -> Result<usize, i32> {
    // SAFETY: the buffer takes as many bytes as are asked for; with MSG_TRUNC the result is the
    // datagram's own length.
    let length = unsafe {
        libc::recv(
            socket.as_raw_fd(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            libc::MSG_TRUNC | libc::MSG_DONTWAIT,
        )
    };
    usize::try_from(length).map_err(|_| last_error())
}

/// A `struct sockaddr_in` or `_in6`.
struct RawAddress {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl RawAddress {
    fn new(address: &SocketAddr) -> Self {
        // SAFETY: all zero is a valid value of the struct.
        let mut storage: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
        let place = &raw mut storage;
        let length = match address {
            SocketAddr::V4(address) => {
                let place = place.cast::<libc::sockaddr_in>();
                // SAFETY: the storage is made to hold any address, aligned.
                unsafe {
                    (*place).sin_family = libc::AF_INET as libc::sa_family_t;
                    (*place).sin_port = address.port().to_be();
                    (*place).sin_addr.s_addr = u32::from(*address.ip()).to_be();
                }
                size_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(address) => {
                let place = place.cast::<libc::sockaddr_in6>();
                // SAFETY: the storage is made to hold any address, aligned.
                unsafe {
                    (*place).sin6_family = libc::AF_INET6 as libc::sa_family_t;
                    (*place).sin6_port = address.port().to_be();
                    (*place).sin6_flowinfo = address.flowinfo();
                    (*place).sin6_addr.s6_addr = address.ip().octets();
                    (*place).sin6_scope_id = address.scope_id();
                }
                size_of::<libc::sockaddr_in6>()
            }
        };
        Self {
            storage,
            length: length as libc::socklen_t,
        }
    }

    fn family(&self) -> libc::c_int {
        libc::c_int::from(self.storage.ss_family)
    }

    fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the storage was zeroed, so all of it is initialised, and is longer than `length`.
        unsafe { std::slice::from_raw_parts(self.pointer().cast(), self.length as usize) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_datagram_from_another_address_than_the_servers_is_dropped() {
        // A connection that no other test opens.
        let connection = ConnectionId(100);
        let server = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let stranger = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let uri = Uri {
            secure: false,
            host: b"127.0.0.1",
            port: server.local_addr().expect("address").port(),
        };
        connect(connection, &uri, 0).expect("connect");
        send(connection, b"where I am").expect("send");
        let mut buffer = [0; 32];
        let (_, client) = server.recv_from(&mut buffer).expect("datagram");
        stranger.send_to(b"stranger", client).expect("send");
        server.send_to(b"server", client).expect("send");
        let incoming = wait(Some(Duration::from_secs(5)), &mut buffer);
        let expected = Incoming::Datagram {
            connection,
            length: 6,
        };
        assert_eq!((incoming, &buffer[..6]), (expected, &b"server"[..]));
        let nothing = wait(Some(Duration::from_millis(50)), &mut buffer);
        assert_eq!(nothing, Incoming::Nothing);
        close(connection);
        assert_eq!(send(connection, b"gone"), Err(-libc::ENOTCONN));
    }
}
