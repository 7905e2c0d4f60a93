// SPDX-License-Identifier: Apache-2.0
//! A [`Link`] between clients and a server that somebody else runs: datagrams go through, or suffer
//! what the link has for them. A client has its own port towards the server, so that answers find
//! their way.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Direction, Fate, Link};

/// How long a thread listens before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(100);
const LONGEST: usize = 65_536;

/// A proxy on the loopback interface; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    link: Mutex<Link>,
    ended: AtomicBool,
    datagrams: AtomicU64,
    lost: AtomicU64,
}

impl Proxy {
    /// Opens a port whose datagrams go to `server`.
    ///
    /// # Errors
    /// No socket can be had.
    pub fn to(server: SocketAddr, link: Link) -> io::Result<Self> {
        let front = listening(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?)?;
        let proxy = Proxy {
            address: front.local_addr()?,
            shared: Arc::new(Shared {
                link: Mutex::new(link),
                ended: AtomicBool::new(false),
                datagrams: AtomicU64::new(0),
                lost: AtomicU64::new(0),
            }),
        };
        let shared = Arc::clone(&proxy.shared);
        thread::spawn(move || shared.accept(&front, server));
        Ok(proxy)
    }

    /// Where clients find the server now.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many datagrams came, and how many of them were lost.
    pub fn counts(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.shared.datagrams), count(&self.shared.lost))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

fn listening(socket: UdpSocket) -> io::Result<Arc<UdpSocket>> {
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(Arc::new(socket))
}

impl Shared {
    /// Receives until the proxy is dropped.
    fn listen(&self, socket: &UdpSocket, mut each: impl FnMut(&[u8], SocketAddr)) {
        let mut buffer = vec![0; LONGEST];
        while !self.ended.load(Ordering::Relaxed) {
            if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                each(&buffer[..length], from);
            }
        }
    }

    /// Takes what clients send; a new one gets a port and a thread for what comes back.
    fn accept(self: Arc<Self>, front: &Arc<UdpSocket>, server: SocketAddr) {
        let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        self.listen(front, |datagram, client| {
            let back = match backs.entry(client) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let bound = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
                    let Ok(back) = bound.and_then(listening) else {
                        return;
                    };
                    let (answers, front) = (Arc::clone(&back), Arc::clone(front));
                    Arc::clone(&self).answer(answers, front, client);
                    new.insert(back)
                }
            };
            self.pass(Direction::Received, datagram, back, server);
        });
    }

    /// Sends what comes at `answers` to `client`, from where it knows the server.
    fn answer(self: Arc<Self>, answers: Arc<UdpSocket>, front: Arc<UdpSocket>, client: SocketAddr) {
        thread::spawn(move || {
            self.listen(&answers, |datagram, _| {
                self.pass(Direction::Sent, datagram, &front, client);
            });
        });
    }

    /// Does with a datagram what the link says.
    fn pass(&self, direction: Direction, datagram: &[u8], from: &Arc<UdpSocket>, to: SocketAddr) {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let fate = link.fate(direction, datagram);
        drop(link);
        self.datagrams.fetch_add(1, Ordering::Relaxed);
        if fate == Fate::Dropped {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        for delay in fate.arrivals() {
            // A peer that is gone is like a datagram that is lost.
            if delay.is_zero() {
                let _ = from.send_to(datagram, to);
            } else {
                let (from, datagram) = (Arc::clone(from), datagram.to_vec());
                thread::spawn(move || {
                    thread::sleep(delay);
                    let _ = from.send_to(&datagram, to);
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> UdpSocket {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        socket
    }

    #[test]
    fn every_client_gets_its_own_answers() {
        let server = socket();
        let proxy = Proxy::to(server.local_addr().unwrap(), Link::default()).unwrap();
        let clients = [socket(), socket()];
        let mut buffer = [0; 16];
        for (client, question) in clients.iter().zip([b"first.", b"second"]) {
            client.send_to(question, proxy.address()).unwrap();
        }
        for _ in &clients {
            let (length, from) = server.recv_from(&mut buffer).unwrap();
            server.send_to(&buffer[..length], from).unwrap();
        }
        for (client, question) in clients.iter().zip([b"first.", b"second"]) {
            let (length, from) = client.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..length], from), (&question[..], proxy.address()));
        }
        assert_eq!(proxy.counts(), (4, 0));
    }

    #[test]
    fn what_the_link_drops_does_not_arrive() {
        let server = socket();
        let every_other = {
            let mut odd = false;
            Link::new(move |_, _| {
                odd = !odd;
                if odd { Fate::Dropped } else { Fate::Delivered }
            })
        };
        let proxy = Proxy::to(server.local_addr().unwrap(), every_other).unwrap();
        let client = socket();
        for datagram in [b"1", b"2", b"3", b"4"] {
            client.send_to(datagram, proxy.address()).unwrap();
        }
        let mut buffer = [0; 16];
        for expected in [b"2", b"4"] {
            let (length, _) = server.recv_from(&mut buffer).unwrap();
            assert_eq!(&buffer[..length], expected);
        }
        assert_eq!(proxy.counts(), (4, 2));
    }
}
