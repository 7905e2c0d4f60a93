// SPDX-License-Identifier: Apache-2.0
//! Drives the engine: takes what it wants done to the platform, and what the platform has back to
//! the engine. One thread runs [`run`]; every other thread only wakes it.
#![no_std]

use core::ops::DerefMut;

use lwm2m_core::coap::ConnectionId;
use lwm2m_core::engine::{Action, Context, Engine, Event};
use lwm2m_core::model::{DataModel, Fragment, ModelError};
use lwm2m_core::shared::{Request, Shared};
use lwm2m_core::time::Instant;
use lwm2m_core::uri::Uri;

/// What the library needs of the system below it. Both implementations are a zero-size type over
/// the platform's own statics, so every thread may call.
pub trait Platform {
    /// The monotonic clock. Any thread.
    fn now(&self) -> Instant;

    /// Unpredictable bits. Any thread.
    fn entropy(&self) -> u32;

    /// Ends the engine thread's [`Platform::wait`] at once, or its next one. Any thread.
    fn wake(&self);

    /// Opens the connection to the peer that `uri` names. Of several addresses of a host the one of
    /// number `attempt` goes first, counted around, because that an address does not answer shows
    /// only later. May block for name look-up and handshake. Engine thread, without the lock.
    ///
    /// # Errors
    /// The connection could not be opened; the number is the platform's (an errno, negative).
    fn connect(&self, connection: ConnectionId, uri: &Uri<'_>, attempt: u8) -> Result<(), i32>;

    /// Closes the connection; nothing happens when it is not open. Engine thread, without the lock.
    fn close(&self, connection: ConnectionId);

    /// Whether what arrives over the connection is received; a connection that was opened is listened
    /// to. What arrives meanwhile waits, or is lost. Engine thread, without the lock.
    fn listen(&self, connection: ConnectionId, listen: bool);

    /// Sends a datagram. Does not block. Any thread.
    ///
    /// # Errors
    /// The platform refused it (an errno, negative).
    fn send(&self, connection: ConnectionId, datagram: &[u8]) -> Result<(), i32>;

    /// Sleeps until a datagram arrives, [`Platform::wake`] is called, a connection fails, or
    /// `until` is reached. Engine thread, without the lock.
    fn wait(&self, until: Option<Instant>, buffer: &mut [u8]) -> Incoming;
}

/// What ended a [`Platform::wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The time was reached, or somebody called [`Platform::wake`].
    Nothing,
    /// A datagram. Its `length` is that of the datagram on the wire, which is more than the buffer
    /// holds when it was cut.
    Datagram {
        /// Where it came from.
        connection: ConnectionId,
        /// Its length on the wire.
        length: usize,
    },
    /// The connection failed (an errno, negative).
    Failed {
        /// Which one.
        connection: ConnectionId,
        /// The platform's error number.
        error: i32,
    },
}

/// The client whose engine is run: its data model, its lock, and the callbacks of its application.
pub trait Client {
    /// The data model, reachable only while the lock is held.
    type Model: DataModel;

    /// What answers and messages are written in, lent.
    type Buffer: DerefMut<Target = [u8]>;

    /// Whether there may be devices behind this client, [`Client::device`].
    const GATEWAY: bool;

    /// Lends the transmit buffer. The engine's thread asks, and has given back what it was lent
    /// before.
    fn buffer(&self) -> Self::Buffer;

    /// Whether there is a device with this prefix behind this client. Called with the lock held.
    fn device(&self, prefix: &[u8]) -> bool;

    /// Has the application answer a request for such a device. It writes the answer into the buffer
    /// of [`Client::buffer`], which nobody is lent meanwhile, and returns its length; `None`: it does
    /// not answer. Called with the lock held.
    fn answer_for_device(
        &self,
        request: &Request,
        datagram: &[u8],
    ) -> Option<Result<usize, ModelError>>;

    /// Runs `f` with the lock held.
    fn locked<R>(&self, f: impl FnOnce(&Shared<'static>, &Self::Model) -> R) -> R;

    /// Tells the application something. Called without the lock.
    fn event(&self, event: Event);

    /// The handling of a request begins. Called with the lock held.
    fn request_begins(&self, request: &Request);

    /// The handling of a request is over. Called with the lock held.
    fn request_ends(&self);

    /// A piece of the package that is being fetched has come. Called with the lock held.
    ///
    /// # Errors
    /// It is not taken, which ends the fetching (a number of the application's).
    fn package_arrived(&self, piece: &Fragment<'_>) -> Result<(), i32>;

    /// The connection was opened (`Ok`), failed to open, failed, or was closed on purpose
    /// (`None`). Called without the lock.
    fn connection_changed(&self, connection: ConnectionId, outcome: Option<Result<(), i32>>);

    /// A datagram is about to be sent. Called without the lock.
    fn transmits(&self, connection: ConnectionId, datagram: &[u8]);

    /// A datagram was dealt with, and nothing is to be answered at once. Called without the lock.
    fn received(&self, connection: ConnectionId);

    /// The connection stays open and is listened to, or not any more. Called without the lock.
    fn listening_changed(&self, connection: ConnectionId, listening: bool);
}

/// Runs the engine for ever. `received` takes datagrams; it is one byte longer than the longest
/// message, so that a longer one shows.
pub fn run<P: Platform, C: Client>(
    platform: &P,
    client: &C,
    engine: &mut Engine<'static>,
    received: &mut [u8],
) -> ! {
    loop {
        let until = settle(platform, client, engine);
        receive(platform, client, engine, received, until);
    }
}

/// Does all the engine wants done now. Returns when it next wants the time.
pub fn settle<P: Platform, C: Client>(
    platform: &P,
    client: &C,
    engine: &mut Engine<'static>,
) -> Option<Instant> {
    let entropy = || platform.entropy();
    let mut buffer = client.buffer();
    loop {
        let now = platform.now();
        let action = client.locked(|shared, model| {
            // What woke this thread is looked at now.
            shared.take_wake();
            let context = Context {
                now,
                model,
                shared,
                entropy: &entropy,
            };
            engine.poll(&context, &mut buffer)
        });
        match action {
            Action::Transmit {
                connection,
                datagram,
            } => {
                client.transmits(connection, datagram);
                if let Err(error) = platform.send(connection, datagram) {
                    failed(client, engine, connection, error, now);
                }
            }
            Action::Connect {
                connection,
                uri,
                attempt,
            } => {
                let outcome = platform.connect(connection, &uri, attempt);
                client.connection_changed(connection, Some(outcome));
                let now = platform.now();
                client.locked(|shared, _| engine.connected(shared, connection, outcome, now));
            }
            Action::Close { connection } => {
                platform.close(connection);
                client.connection_changed(connection, None);
            }
            Action::Listen { connection, listen } => {
                platform.listen(connection, listen);
                client.listening_changed(connection, listen);
            }
            Action::Event(event) => client.event(event),
            Action::Wait(until) => return until,
        }
    }
}

/// Waits for what the platform has and hands it to the engine; sends the immediate answer.
pub fn receive<P: Platform, C: Client>(
    platform: &P,
    client: &C,
    engine: &mut Engine<'static>,
    received: &mut [u8],
    until: Option<Instant>,
) {
    match platform.wait(until, received) {
        Incoming::Nothing => {}
        Incoming::Failed { connection, error } => {
            failed(client, engine, connection, error, platform.now());
        }
        Incoming::Datagram { connection, length } => {
            let now = platform.now();
            let entropy = || platform.entropy();
            let datagram = &received[..length.min(received.len())];
            let of_device = C::GATEWAY.then(|| {
                client.locked(|shared, model| {
                    let context = Context {
                        now,
                        model,
                        shared,
                        entropy: &entropy,
                    };
                    for_device(client, engine, &context, connection, datagram)
                })
            });
            let mut buffer = client.buffer();
            let answer = match of_device.flatten() {
                Some(length) => buffer.get(..length).filter(|answer| !answer.is_empty()),
                None => client.locked(|shared, model| {
                    let context = Context {
                        now,
                        model,
                        shared,
                        entropy: &entropy,
                    };
                    let hooks = Hooks(client);
                    engine.receive(&context, &hooks, connection, datagram, &mut buffer)
                }),
            };
            match answer {
                Some(answer) => {
                    client.transmits(connection, answer);
                    if let Err(error) = platform.send(connection, answer) {
                        failed(client, engine, connection, error, platform.now());
                    }
                }
                None => client.received(connection),
            }
        }
    }
}

/// Has the application answer if the datagram is a request for a device behind this client. Returns how
/// much of the buffer is to be sent; `None`: the datagram is the engine's.
fn for_device<C: Client>(
    client: &C,
    engine: &mut Engine<'static>,
    context: &Context<'_, 'static, C::Model>,
    connection: ConnectionId,
    datagram: &[u8],
) -> Option<usize> {
    let is_device = |prefix: &[u8]| client.device(prefix);
    let request = engine.begin_gateway(context, connection, datagram, is_device)?;
    match client.answer_for_device(&request, datagram) {
        Some(answer) => {
            let mut buffer = client.buffer();
            Some(engine.end_gateway(context, &request, answer, &mut buffer))
        }
        None => {
            engine.forget_gateway(context);
            None
        }
    }
}

fn failed<C: Client>(
    client: &C,
    engine: &mut Engine<'static>,
    connection: ConnectionId,
    error: i32,
    now: Instant,
) {
    client.connection_changed(connection, Some(Err(error)));
    client.locked(|shared, _| engine.connection_failed(shared, connection, now));
}

struct Hooks<'c, C>(&'c C);

impl<C: Client> lwm2m_core::engine::Hooks for Hooks<'_, C> {
    fn request_begins(&self, request: &Request) {
        self.0.request_begins(request);
    }

    fn request_ends(&self) {
        self.0.request_ends();
    }

    fn package_arrived(&self, piece: &Fragment<'_>) -> Result<(), i32> {
        self.0.package_arrived(piece)
    }
}
