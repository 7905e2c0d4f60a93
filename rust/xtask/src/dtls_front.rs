// SPDX-License-Identifier: Apache-2.0
//! DTLS in front of the embedded server: opens the records that come and seals what goes, so that the server
//! sees plain CoAP. Each client has a socket of its own behind it.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lwm2m_dtls::{Association, Credentials, Error, Peer, Settings, suite};

use crate::Result;

/// How long it listens to one side before it looks at the other.
const TURN: Duration = Duration::from_millis(5);
const TIMEOUTS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(16));
const SUITES: &[i32] = &[suite::PSK_AES_128_CCM_8];
/// How clients are known whose address has changed.
const CONNECTION_ID: u8 = 6;
/// More clients than that at a time are turned away.
const CLIENTS: usize = 64;

/// Ends when it is dropped.
pub struct Front {
    pub address: SocketAddr,
    established: Mutex<Receiver<String>>,
    ended: Arc<AtomicBool>,
}

impl Front {
    /// In front of the server at that address, for clients with this key.
    pub fn to(server: SocketAddr, identity: &'static [u8], key: &'static [u8]) -> Result<Self> {
        let socket = UdpSocket::bind((server.ip(), 0))?;
        socket.set_read_timeout(Some(TURN))?;
        let address = socket.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let (tell, established) = channel();
        let mut running = Running {
            socket,
            server,
            credentials: Credentials::PreSharedKey { identity, key },
            clients: HashMap::new(),
            started: Instant::now(),
            tell,
        };
        let ends = Arc::clone(&ended);
        thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                running.turn();
            }
        });
        Ok(Self {
            address,
            established: Mutex::new(established),
            ended,
        })
    }

    /// Waits for a handshake to complete; what was agreed on.
    pub fn established(&self, patience: Duration) -> Result<String> {
        let established = self.established.lock();
        let established = established.unwrap_or_else(PoisonError::into_inner);
        Ok(established
            .recv_timeout(patience)
            .map_err(|_| "no handshake was completed")?)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// What its thread owns.
struct Running {
    socket: UdpSocket,
    server: SocketAddr,
    credentials: Credentials<'static>,
    clients: HashMap<SocketAddr, Client>,
    started: Instant,
    tell: Sender<String>,
}

struct Client {
    association: Association,
    complete: bool,
    /// By which the server knows the client.
    back: UdpSocket,
}

impl Running {
    fn turn(&mut self) {
        let mut datagram = [0; 2048];
        if let Ok((length, address)) = self.socket.recv_from(&mut datagram) {
            self.came(address, &datagram[..length]);
        }
        let now = milliseconds(self.started);
        let Self {
            socket,
            clients,
            tell,
            ..
        } = self;
        clients.retain(|address, client| {
            let mut transmit = |datagram: &[u8]| drop(socket.send_to(datagram, address));
            if client.association.deadline().is_some_and(|due| due <= now) {
                let on = client.went_on(now, &[], &mut transmit, tell);
                if on.is_err() {
                    return false;
                }
            }
            while let Ok(length) = client.back.recv(&mut datagram) {
                let sent = client
                    .association
                    .send(now, &datagram[..length], &mut transmit);
                if sent.is_err() {
                    return false;
                }
            }
            true
        });
    }

    /// Something came from a client, new or known.
    fn came(&mut self, address: SocketAddr, datagram: &[u8]) {
        let now = milliseconds(self.started);
        if !self.clients.contains_key(&address) {
            if self.clients.len() >= CLIENTS {
                return;
            }
            match self.client(address) {
                Ok(client) => drop(self.clients.insert(address, client)),
                Err(error) => return println!("  DTLS: {error}"),
            }
        }
        let Some(client) = self.clients.get_mut(&address) else {
            return;
        };
        let socket = &self.socket;
        let mut transmit = |datagram: &[u8]| drop(socket.send_to(datagram, address));
        if let Err(error) = client.went_on(now, datagram, &mut transmit, &self.tell) {
            if error != Error::Closed {
                println!("  DTLS: {error}");
            }
            self.clients.remove(&address);
        }
    }

    fn client(&self, address: SocketAddr) -> Result<Client> {
        let back = UdpSocket::bind((self.server.ip(), 0))?;
        back.connect(self.server)?;
        back.set_nonblocking(true)?;
        let association = Association::new(&Settings {
            peer: Peer::Client {
                address: address.to_string().as_bytes(),
            },
            credentials: self.credentials,
            suites: SUITES,
            connection_id: Some(CONNECTION_ID),
            timeouts: TIMEOUTS,
        })?;
        Ok(Client {
            association,
            complete: false,
            back,
        })
    }
}

impl Client {
    fn went_on(
        &mut self,
        now: u64,
        datagram: &[u8],
        transmit: &mut dyn FnMut(&[u8]),
        tell: &Sender<String>,
    ) -> std::result::Result<(), Error> {
        if !self.complete {
            self.complete = self.association.handshake(now, datagram, transmit)?;
            if self.complete {
                let id = match self.association.connection_id() {
                    Some(_) => format!("a connection id of {CONNECTION_ID} bytes"),
                    None => "no connection id".into(),
                };
                let agreed = format!("TLS_PSK_WITH_AES_128_CCM_8, {id}");
                println!("  DTLS: the handshake is complete: {agreed}");
                let _ = tell.send(agreed);
            }
            return Ok(());
        }
        let mut content = [0; 2048];
        let mut datagram = datagram;
        loop {
            let length = self
                .association
                .receive(now, datagram, &mut content, transmit)?;
            if let Some(length) = length {
                // The server being gone is like a datagram that is lost.
                let _ = self.back.send(&content[..length.min(content.len())]);
            }
            if !self.association.has_more() {
                return Ok(());
            }
            datagram = &[];
        }
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
