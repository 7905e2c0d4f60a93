// SPDX-License-Identifier: Apache-2.0
//! Drives the engine: takes what it wants done to the platform, and what the platform has back to
//! the engine. One thread runs [`run`]; every other thread only wakes it.
#![no_std]

use lwm2m_core::coap::ConnectionId;
use lwm2m_core::engine::{Action, Context, Engine, Event};
use lwm2m_core::model::DataModel;
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

    /// Opens the connection to the peer that `uri` names. May block for name look-up and
    /// handshake. Engine thread, without the lock.
    ///
    /// # Errors
    /// The connection could not be opened; the number is the platform's (an errno, negative).
    fn connect(&self, connection: ConnectionId, uri: &Uri<'_>) -> Result<(), i32>;

    /// Closes the connection; nothing happens when it is not open. Engine thread, without the lock.
    fn close(&self, connection: ConnectionId);

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

    /// Runs `f` with the lock held.
    fn locked<R>(&self, f: impl FnOnce(&Shared<'_>, &Self::Model) -> R) -> R;

    /// Tells the application something. Called without the lock.
    fn event(&self, event: Event);

    /// The handling of a request begins. Called with the lock held.
    fn request_begins(&self, request: &Request);

    /// The handling of a request is over. Called with the lock held.
    fn request_ends(&self);

    /// The connection was opened (`Ok`), failed to open, failed, or was closed on purpose
    /// (`None`). Called without the lock.
    fn connection_changed(&self, connection: ConnectionId, outcome: Option<Result<(), i32>>);
}

/// Buffers that [`run`] works with.
pub struct Buffers<'a> {
    /// What is received; one byte longer than the longest message, so that a longer one shows.
    pub receive: &'a mut [u8],
    /// What is answered and sent.
    pub transmit: &'a mut [u8],
}

/// Runs the engine for ever.
pub fn run<P: Platform, C: Client>(
    platform: &P,
    client: &C,
    engine: &mut Engine<'_>,
    buffers: &mut Buffers<'_>,
) -> ! {
    loop {
        let until = settle(platform, client, engine, buffers);
        receive(platform, client, engine, buffers, until);
    }
}

/// Does all the engine wants done now. Returns when it next wants the time.
pub fn settle<P: Platform, C: Client>(
    platform: &P,
    client: &C,
    engine: &mut Engine<'_>,
    buffers: &mut Buffers<'_>,
) -> Option<Instant> {
    let entropy = || platform.entropy();
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
            engine.poll(&context, buffers.transmit)
        });
        match action {
            Action::Transmit {
                connection,
                datagram,
            } => {
                if let Err(error) = platform.send(connection, datagram) {
                    failed(client, engine, connection, error, now);
                }
            }
            Action::Connect { connection, uri } => {
                let outcome = platform.connect(connection, &uri);
                client.connection_changed(connection, Some(outcome));
                let now = platform.now();
                client.locked(|shared, _| engine.connected(shared, connection, outcome, now));
            }
            Action::Close { connection } => {
                platform.close(connection);
                client.connection_changed(connection, None);
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
    engine: &mut Engine<'_>,
    buffers: &mut Buffers<'_>,
    until: Option<Instant>,
) {
    match platform.wait(until, buffers.receive) {
        Incoming::Nothing => {}
        Incoming::Failed { connection, error } => {
            failed(client, engine, connection, error, platform.now());
        }
        Incoming::Datagram { connection, length } => {
            let now = platform.now();
            let entropy = || platform.entropy();
            let datagram = &buffers.receive[..length.min(buffers.receive.len())];
            let answer = client.locked(|shared, model| {
                let context = Context {
                    now,
                    model,
                    shared,
                    entropy: &entropy,
                };
                let hooks = Hooks(client);
                engine.receive(&context, &hooks, connection, datagram, buffers.transmit)
            });
            if let Some(answer) = answer {
                if let Err(error) = platform.send(connection, answer) {
                    failed(client, engine, connection, error, platform.now());
                }
            }
        }
    }
}

fn failed<C: Client>(
    client: &C,
    engine: &mut Engine<'_>,
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
}
