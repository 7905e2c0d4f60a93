// SPDX-License-Identifier: Apache-2.0
//! A relay between a client and a server that writes down the kinds of DTLS records, and can come to the
//! server from another port, as behind a NAT that has forgotten the client.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Result;

/// How long it listens to one side before it looks at the other.
const TURN: Duration = Duration::from_millis(2);

/// Length of a record's header, RFC 6347 §4.1; a connection id comes before the last two bytes of it.
const HEADER: usize = 13;
/// Length of the connection id that the Java program asks for.
const CONNECTION_ID: usize = 6;

/// What went by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// From the client.
    pub up: bool,
    /// RFC 6347 §4.1: 20 to 23; RFC 9146 §4: 25, with a connection id.
    pub content_type: u8,
    /// Of a plain handshake record the message's type, RFC 5246 §7.4.
    pub handshake: Option<u8>,
}

/// Content types.
pub mod content_type {
    pub const HANDSHAKE: u8 = 22;
    pub const WITH_CONNECTION_ID: u8 = 25;
}

/// Handshake messages.
pub mod handshake {
    pub const SERVER_HELLO: u8 = 2;
    pub const SERVER_HELLO_DONE: u8 = 14;
}

/// Ends when it is dropped.
pub struct Relay {
    shared: Arc<Shared>,
    pub port: u16,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    seen: Mutex<Vec<Seen>>,
    move_on: AtomicBool,
    end: AtomicBool,
}

impl Relay {
    /// To the server at this port of the loopback interface.
    pub fn to(port: u64) -> Result<Self> {
        let server = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port)?));
        let here = socket()?;
        let own_port = here.local_addr()?.port();
        let there = socket()?;
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            move_on: AtomicBool::new(false),
            end: AtomicBool::new(false),
        });
        let ours = Arc::clone(&shared);
        let thread = std::thread::spawn(move || run(&ours, &here, there, server));
        Ok(Self {
            shared,
            port: own_port,
            thread: Some(thread),
        })
    }

    /// What went by since the last call.
    pub fn seen(&self) -> Vec<Seen> {
        let mut seen = self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen)
    }

    /// From the next datagram on, the server sees another address.
    pub fn move_on(&self) {
        self.shared.move_on.store(true, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn socket() -> Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(TURN))?;
    Ok(socket)
}

fn run(shared: &Shared, here: &UdpSocket, mut there: UdpSocket, server: SocketAddr) {
    let mut datagram = [0; 2048];
    let mut client = None;
    while !shared.end.load(Ordering::SeqCst) {
        if let Ok((length, from)) = here.recv_from(&mut datagram) {
            if shared.move_on.swap(false, Ordering::SeqCst) {
                there = socket().unwrap_or(there);
            }
            client = Some(from);
            shared.note(true, &datagram[..length]);
            let _ = there.send_to(&datagram[..length], server);
        }
        if let (Ok(length), Some(client)) = (there.recv(&mut datagram), client) {
            shared.note(false, &datagram[..length]);
            let _ = here.send_to(&datagram[..length], client);
        }
    }
}

impl Shared {
    /// Notes every record of a datagram.
    fn note(&self, up: bool, mut datagram: &[u8]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(&content_type) = datagram.first() {
            let id = match content_type {
                content_type::WITH_CONNECTION_ID => CONNECTION_ID,
                _ => 0,
            };
            let plain = datagram.get(3..5) == Some(&[0, 0]);
            let handshake = (plain && content_type == content_type::HANDSHAKE)
                .then(|| datagram.get(HEADER).copied());
            seen.push(Seen {
                up,
                content_type,
                handshake: handshake.flatten(),
            });
            let Some(&[high, low]) = datagram.get(HEADER + id - 2..HEADER + id) else {
                break;
            };
            let end = HEADER + id + usize::from(u16::from_be_bytes([high, low]));
            datagram = datagram.get(end..).unwrap_or_default();
        }
    }
}
