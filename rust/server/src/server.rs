// SPDX-License-Identifier: Apache-2.0
//! The server's handle: starting, stopping, subscribing, finding clients.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::driver::{Driver, Input};
use crate::random::Random;
use crate::{Client, Error, Event, Link, Models, Registration, Transmission};

/// How a server behaves.
#[derive(Debug)]
pub struct Config {
    /// Transmission parameters; shorten them for fast tests.
    pub transmission: Transmission,
    /// The link's impairments.
    pub link: Link,
    /// Names and types of objects.
    pub models: Models,
    /// Longest payload sent in one message, and the size of blocks beyond it: 16 to 1024, a
    /// power of two.
    pub block_size: usize,
    /// Seed of tokens, message ids and the spread of retransmissions.
    pub seed: u64,
}

impl Default for Config {
    /// RFC 7252's parameters, a perfect link, blocks of 1024 bytes, a seed of its own every time.
    fn default() -> Self {
        Config {
            transmission: Transmission::default(),
            link: Link::default(),
            models: Models::default(),
            block_size: 1024,
            seed: Random::entropy(),
        }
    }
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    inputs: Sender<Input>,
    models: Arc<Models>,
    block_size: usize,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// How long the receiving thread waits before it looks whether to stop.
const STOP_CHECK: Duration = Duration::from_millis(50);

impl Server {
    /// Starts a server with the default [`Config`] on a loopback address; port 0 picks a free one.
    ///
    /// # Errors
    /// When the address cannot be bound, or is not loopback.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Server::bind_with(address, Config::default())
    }

    /// Starts a server on a loopback address.
    ///
    /// # Errors
    /// When the address cannot be bound, or is not loopback.
    pub fn bind_with(address: impl ToSocketAddrs, config: Config) -> io::Result<Self> {
        let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
        if !addresses.iter().all(|address| address.ip().is_loopback()) {
            let reason = "this server has no security and keeps to loopback";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let socket = UdpSocket::bind(addresses.as_slice())?;
        socket.set_read_timeout(Some(STOP_CHECK))?;
        let address = socket.local_addr()?;
        let models = Arc::new(config.models);
        let stopping = Arc::new(AtomicBool::new(false));
        let (inputs, taken) = channel();
        let driver = Driver::new(
            socket.try_clone()?,
            Arc::clone(&models),
            config.transmission,
            config.link,
            Random::seeded(config.seed),
        );
        let receiver = (inputs.clone(), Arc::clone(&stopping));
        let threads = vec![
            thread::Builder::new()
                .name("lwm2m-server".into())
                .spawn(move || driver.run(&taken))?,
            thread::Builder::new()
                .name("lwm2m-server-rx".into())
                .spawn(move || receive(&socket, &receiver.0, &receiver.1))?,
        ];
        let block_size = config.block_size;
        Ok(Server {
            address,
            inputs,
            models,
            block_size,
            stopping,
            threads,
        })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The names and types the server knows.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// All events from now on, in order. Any number of subscribers may listen.
    pub fn subscribe(&self) -> Receiver<Event> {
        let (subscriber, events) = channel();
        self.command(Input::Subscribe(subscriber));
        events
    }

    /// The registrations that stand, by endpoint name.
    pub fn registrations(&self) -> Vec<Registration> {
        let (reply, registrations) = channel();
        self.command(Input::Registrations(reply));
        registrations.recv().unwrap_or_default()
    }

    /// Waits until a client of that name is registered.
    ///
    /// # Errors
    /// [`Error::Timeout`].
    pub fn wait_for(&self, endpoint: &str, timeout: Duration) -> Result<Registration, Error> {
        let deadline = Instant::now() + timeout;
        let events = self.subscribe();
        let standing = self.registrations();
        if let Some(registration) = standing.into_iter().find(|it| it.endpoint == endpoint) {
            return Ok(registration);
        }
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match events.recv_timeout(left).map_err(|_| Error::Timeout)? {
                Event::Registered(registration) if registration.endpoint == endpoint => {
                    return Ok(registration);
                }
                _ => {}
            }
        }
    }

    /// The client of that name, registered or not yet.
    pub fn client(&self, endpoint: &str) -> Client {
        Client {
            endpoint: endpoint.to_owned(),
            inputs: self.inputs.clone(),
            models: Arc::clone(&self.models),
            block_size: self.block_size,
        }
    }

    /// Changes the link from now on.
    pub fn set_link(&self, link: Link) {
        self.command(Input::SetLink(link));
    }

    /// Offers a package for clients to fetch at this path, in place of what was there.
    pub fn offer(&self, path: &str, package: Vec<u8>) {
        self.command(Input::Offer(path.to_owned(), package));
    }

    fn command(&self, input: Input) {
        // The thread outlives this handle, unless it panicked: then there is nothing to command.
        let _ = self.inputs.send(input);
    }
}

/// Hands datagrams to the server's thread until told to stop.
fn receive(socket: &UdpSocket, inputs: &Sender<Input>, stopping: &AtomicBool) {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    while !stopping.load(Ordering::Relaxed) {
        // Errors are the timeout, or a client's port that has closed meanwhile.
        let Ok((length, peer)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        if inputs
            .send(Input::Datagram(peer, buffer[..length].to_vec()))
            .is_err()
        {
            return;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.command(Input::Stop);
        for thread in self.threads.drain(..) {
            // A panic has been reported on its own thread.
            let _ = thread.join();
        }
    }
}
