// SPDX-License-Identifier: Apache-2.0
//! The engine: one message in, the next action out. It owns what only its thread may touch, works
//! on what is [`Shared`], and reaches the application's data through a [`DataModel`].

#[cfg(feature = "block-transfer")]
use crate::blockwise::{Download, Downloads, outgoing};
use crate::blockwise::{Transfers, Upload, Uploads, block_size};
use crate::coap::deduplication::{Answered, Deduplication};
use crate::coap::exchange::{Due, ExchangeId, Purpose};
use crate::coap::message::{FormatError, empty};
use crate::coap::{Code, ConnectionId, Message, MessageType};
#[cfg(feature = "pull")]
use crate::firmware;
use crate::information_reporting::observation::ObserveEvent;
use crate::information_reporting::send;
use crate::information_reporting::{attributes, notified, notify};
use crate::model::{DataModel, Fragment};
use crate::path::Path;
use crate::registration::client::ClientEvent;
use crate::registration::machine::{self, Machine, Outcome, Step};
use crate::request;
use crate::shared::{Request, SendStatus, Shared};
use crate::time::Instant;
use crate::uri::Uri;

pub use crate::registration::machine::{Idle, QueueMode, Settings};
pub use gateway::split_prefix;

mod gateway;

/// What every call into the engine is given: the time, the data, the shared cells, randomness.
pub struct Context<'c, 'a, M> {
    /// The time of the call.
    pub now: Instant,
    /// The application's data.
    pub model: &'c M,
    /// The cells every thread shares; the lock is held.
    pub shared: &'c Shared<'a>,
    /// Unpredictable bits.
    pub entropy: &'c dyn Fn() -> u32,
}

/// What the application hears of besides the data callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client's life.
    Client(ClientEvent),
    /// The server answered a Register, Update or De-register with an error.
    Refused(Code),
    /// The outcome of a Send.
    Send {
        /// The number that was given with it.
        reference: u8,
        /// How it ended.
        status: SendStatus,
        /// The code of the server's response, if there was one.
        answer: Option<Code>,
    },
    /// An observation's life.
    Observe {
        /// What happened.
        event: ObserveEvent,
        /// The observed path.
        path: Path,
    },
    /// The URI of the account in use names no server that can be connected to.
    UnusableUri,
    /// The package that was being fetched is here, or will not be. Whoever is told calls
    /// [`Pull::finish`](crate::firmware::Pull::finish).
    #[cfg(feature = "pull")]
    Pull(Result<(), firmware::Failure>),
}

/// What the engine wants done.
#[derive(Debug, PartialEq, Eq)]
pub enum Action<'b> {
    /// Send this datagram.
    Transmit {
        /// Where to.
        connection: ConnectionId,
        /// Its bytes.
        datagram: &'b [u8],
    },
    /// Open a connection and report with [`Engine::connected`].
    Connect {
        /// Which one.
        connection: ConnectionId,
        /// Where to.
        uri: Uri<'b>,
        /// Which of several addresses of a host goes first, counted around.
        attempt: u8,
    },
    /// Close a connection.
    Close {
        /// Which one.
        connection: ConnectionId,
    },
    /// Listen to a connection that stays open, or do not any more.
    Listen {
        /// Which one.
        connection: ConnectionId,
        /// Whether to listen.
        listen: bool,
    },
    /// Tell the application.
    Event(Event),
    /// Nothing until this time, a datagram, or a wake-up.
    Wait(Option<Instant>),
}

/// Told around the handling of a request, so that the request in progress can be shown.
pub trait Hooks {
    /// The handling begins; no callback has run yet.
    fn request_begins(&self, request: &Request);
    /// The handling is over.
    fn request_ends(&self);
    /// A piece of the package that is being fetched has come.
    ///
    /// # Errors
    /// It is not taken, which ends the fetching; the number is whoever refused it's own.
    fn package_arrived(&self, piece: &Fragment<'_>) -> Result<(), i32>;
}

/// Storage the engine works in, lent by the caller.
pub struct Storage<'a> {
    /// Answers kept for duplicates.
    pub answered: &'a mut [Answered],
    /// The server's URI while it is connected to.
    pub uri: &'a mut [u8],
    /// The Location-Path of the registration.
    pub location: &'a [core::cell::Cell<u8>],
    /// Requests that arrive in blocks.
    pub uploads: &'a mut [Option<Upload<'a>>],
    /// Answers that leave in blocks.
    #[cfg(feature = "block-transfer")]
    pub downloads: &'a mut [Option<Download<'a>>],
}

/// The protocol engine.
pub struct Engine<'a> {
    machine: Machine<'a>,
    answered: Deduplication<'a>,
    events: Events,
    transfers: Transfers<'a>,
    max_message: usize,
    /// Message id of the last confirmable response that was acknowledged, so that its duplicate is
    /// acknowledged again instead of reset.
    last_response: Option<(ConnectionId, u16)>,
    #[cfg(feature = "pull")]
    pull: firmware::Machine,
}

impl<'a> Engine<'a> {
    /// An engine that has not done anything yet.
    #[must_use]
    pub const fn new(settings: Settings, storage: Storage<'a>) -> Self {
        let size = block_size(settings.block_size, settings.max_message);
        Self {
            max_message: settings.max_message,
            transfers: Transfers {
                uploads: Uploads::new(storage.uploads, size),
                #[cfg(feature = "block-transfer")]
                downloads: Downloads::new(storage.downloads, size),
            },
            machine: Machine::new(settings, storage.uri, storage.location),
            answered: Deduplication::new(storage.answered),
            events: Events::new(),
            last_response: None,
            #[cfg(feature = "pull")]
            pull: firmware::Machine::new(),
        }
    }

    /// What is to be done next; to be called until it says [`Action::Wait`].
    // Kept a function of its own so that its cost can be counted.
    #[inline(never)]
    pub fn poll<'b, M: DataModel>(
        &'b mut self,
        context: &Context<'_, 'a, M>,
        buffer: &'b mut [u8],
    ) -> Action<'b> {
        let shared = context.shared;
        if shared.client.is_telling() {
            return Action::Wait(None);
        }
        self.forget_outdated(shared);
        loop {
            // A pause is not disturbed.
            if !shared.client.is_suspended() {
                if let Some(event) = self.events.take() {
                    return Action::Event(event);
                }
            }
            if let Some((event, path)) = shared.observations.announce() {
                return Action::Event(Event::Observe { event, path });
            }
            if let Some((deferred, reference)) = shared.deferred() {
                if send::send_deferred(context, deferred, reference).is_err() {
                    self.events
                        .put(send_event(reference, SendStatus::Failure, None));
                }
                continue;
            }
            match self.machine.step(context) {
                Step::Nothing(deadline) => {
                    if shared.client.is_suspended() {
                        return Action::Wait(None);
                    }
                    #[cfg(feature = "pull")]
                    let deadline = match self.pull.step(context) {
                        firmware::Step::Nothing(own) => Instant::earliest(deadline, own),
                        firmware::Step::Again => continue,
                        firmware::Step::Close => {
                            return Action::Close {
                                connection: ConnectionId::PULL,
                            };
                        }
                        firmware::Step::Connect => {
                            if let Some(length) = shared.pull.put_uri(buffer) {
                                let attempt = self.pull.failures();
                                return connect_for_package(shared, buffer, length, attempt);
                            }
                            self.pull.no_room();
                            continue;
                        }
                        firmware::Step::Ended(result) => return Action::Event(Event::Pull(result)),
                    };
                    self.transfers.expire(&shared.buffers, context.now);
                    if shared.take_defaults_changed() && attributes::read_defaults(context) {
                        attributes::take_effect(context);
                    }
                    if notified::evaluate(context) {
                        continue;
                    }
                    let held = shared.client.is_holding();
                    let due = match held {
                        true => None,
                        false => shared.observations.due(context.now),
                    };
                    if let Some(slot) = due {
                        notify::notify(context, &mut self.transfers, slot);
                        continue;
                    }
                    match shared.exchanges.due(context.now, held, context.entropy) {
                        Some(Due::Transmit(id)) => return self.transmit(context, id, buffer),
                        Some(Due::TimedOut(id, purpose)) => {
                            self.ended(context, id, purpose, Outcome::TimedOut)
                        }
                        None => {
                            let deadline =
                                Instant::earliest(deadline, shared.exchanges.next_deadline(held));
                            let evaluation = shared.notified.next_deadline(&shared.attributes);
                            let deadline = Instant::earliest(deadline, evaluation);
                            let notification = match held {
                                true => None,
                                false => shared.observations.next_deadline(),
                            };
                            return Action::Wait(Instant::earliest(deadline, notification));
                        }
                    }
                }
                Step::Again => {}
                Step::Event(event) => return Action::Event(Event::Client(event)),
                Step::UnusableUri => return Action::Event(Event::UnusableUri),
                Step::EndExchange(connection) => self.drop_exchange(context, connection),
                Step::Close(connection) => {
                    self.answered.forget(connection);
                    self.transfers.forget(&shared.buffers, connection);
                    return Action::Close { connection };
                }
                Step::Listen(connection, listen) => return Action::Listen { connection, listen },
                Step::Connect(connection) => {
                    let attempt = self.machine.attempt();
                    return match self.machine.uri() {
                        Some(uri) => Action::Connect {
                            connection,
                            uri,
                            attempt,
                        },
                        None => Action::Wait(None),
                    };
                }
            }
        }
    }

    /// Takes a datagram. Returns the immediate answer, if there is one.
    // Kept a function of its own so that its cost can be counted.
    #[inline(never)]
    pub fn receive<'b, M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        hooks: &dyn Hooks,
        connection: ConnectionId,
        datagram: &[u8],
        buffer: &'b mut [u8],
    ) -> Option<&'b [u8]> {
        if context.shared.client.is_held() {
            return None;
        }
        self.forget_outdated(context.shared);
        let length = match Message::parse(datagram) {
            Err(FormatError::NotCoap) => 0,
            Err(FormatError::Malformed { kind, message_id }) => match kind {
                MessageType::Confirmable => put_empty(buffer, MessageType::Reset, message_id),
                _ => 0,
            },
            Ok(message) if message.code.is_request() && !connection.is_server() => {
                match message.kind {
                    MessageType::Confirmable => {
                        put_empty(buffer, MessageType::Reset, message.message_id)
                    }
                    _ => 0,
                }
            }
            Ok(message) if message.code.is_request() => self.request(
                context,
                hooks,
                connection,
                &message,
                datagram.len() > self.max_message,
                buffer,
            ),
            // What was cut is lost anyway; the peer sends it again or gives up.
            Ok(_) if datagram.len() > self.max_message => 0,
            Ok(message) => self.answer(context, hooks, connection, &message, buffer),
        };
        buffer.get(..length).filter(|answer| !answer.is_empty())
    }

    /// The connection that [`Action::Connect`] asked for is open, or could not be opened.
    #[cfg_attr(not(feature = "pull"), allow(unused_variables))]
    pub fn connected(
        &mut self,
        shared: &Shared<'_>,
        connection: ConnectionId,
        outcome: Result<(), i32>,
        now: Instant,
    ) {
        #[cfg(feature = "pull")]
        if connection == ConnectionId::PULL {
            return self.pull.connected(shared, outcome, now);
        }
        self.forget_outdated(shared);
        let events = self.machine.connected(shared, outcome.is_ok());
        self.put(events);
    }

    /// The connection broke.
    #[cfg_attr(not(feature = "pull"), allow(unused_variables))]
    pub fn connection_failed(
        &mut self,
        shared: &Shared<'_>,
        connection: ConnectionId,
        now: Instant,
    ) {
        #[cfg(feature = "pull")]
        if connection == ConnectionId::PULL {
            return self.pull.lost(shared, now);
        }
        self.forget_outdated(shared);
        let events = self.machine.lost(shared);
        self.put(events);
    }

    /// Once the application has stopped or started the client, it is told nothing of before.
    fn forget_outdated(&mut self, shared: &Shared<'_>) {
        if shared.client.outdated.take() {
            self.events.forget_client();
        }
    }

    fn put(&mut self, events: machine::Events) {
        for event in events.into_iter().flatten() {
            self.events.put(Event::Client(event));
        }
    }

    fn transmit<'b, M>(
        &mut self,
        context: &Context<'_, '_, M>,
        id: ExchangeId,
        buffer: &'b mut [u8],
    ) -> Action<'b> {
        let exchanges = &context.shared.exchanges;
        let connection = exchanges
            .get(id)
            .map_or(ConnectionId::SERVER, |exchange| exchange.connection);
        if connection.is_server() {
            self.machine.transmits(context.now);
        }
        let length = exchanges.copy(id, buffer);
        Action::Transmit {
            connection,
            datagram: buffer.get(..length).unwrap_or_default(),
        }
    }

    /// A request: a duplicate is answered as before, a new one is carried out.
    fn request<M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        hooks: &dyn Hooks,
        connection: ConnectionId,
        message: &Message<'_>,
        too_long: bool,
        buffer: &mut [u8],
    ) -> usize {
        // RFC 7252 table 1: a request in an acknowledgement or a reset makes no sense.
        if !matches!(
            message.kind,
            MessageType::Confirmable | MessageType::NonConfirmable
        ) {
            return 0;
        }
        if let Some(answer) = self
            .answered
            .find(connection, message.message_id, context.now)
        {
            return match (answer, message.kind) {
                ([], MessageType::Confirmable) => {
                    put_empty(buffer, MessageType::Acknowledgement, message.message_id)
                }
                (answer, _) => put(buffer, answer),
            };
        }
        #[cfg(feature = "bootstrap")]
        if context.shared.client.bootstrap_goes_on(context.now) {
            self.events
                .put(Event::Client(ClientEvent::BootstrapComplete));
        }
        let transfers = &mut self.transfers;
        let reply = request::handle(
            context, hooks, connection, message, too_long, transfers, buffer,
        );
        let answer = buffer.get(..reply.length).unwrap_or_default();
        if reply.changed_something {
            self.answered
                .keep(connection, message.message_id, answer, context.now);
        }
        self.machine.transmits(context.now);
        self.machine.heard(&context.shared.client);
        reply.length
    }

    /// Everything that is no request: acknowledgements, resets, responses, ping.
    #[cfg_attr(not(feature = "pull"), allow(unused_variables))]
    #[inline(never)]
    fn answer<M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        hooks: &dyn Hooks,
        connection: ConnectionId,
        message: &Message<'_>,
        buffer: &mut [u8],
    ) -> usize {
        let exchanges = &context.shared.exchanges;
        if message.kind == MessageType::Reset {
            if let Some((id, exchange)) = exchanges.by_message_id(connection, message.message_id) {
                exchanges.end(id);
                self.ended(context, id, exchange.purpose, Outcome::Reset);
            }
            return 0;
        }
        if !message.code.is_response() {
            return match message.kind {
                MessageType::Acknowledgement => {
                    if let Some((id, _)) = exchanges.by_message_id(connection, message.message_id) {
                        if let Some(purpose) = exchanges.acknowledge(id, context.now) {
                            self.ended(context, id, purpose, Outcome::Acknowledged);
                        }
                    }
                    0
                }
                // RFC 7252 §4.3: ping, and codes of a reserved class.
                MessageType::Confirmable => {
                    put_empty(buffer, MessageType::Reset, message.message_id)
                }
                _ => 0,
            };
        }
        // RFC 7252 §5.3.2: in an acknowledgement the message id has to match, too.
        let known = exchanges
            .by_token(connection, &message.token)
            .filter(|(_, exchange)| {
                message.kind != MessageType::Acknowledgement
                    || exchange.message_id == message.message_id
            });
        #[cfg(feature = "block-transfer")]
        let goes_on = known
            .is_some_and(|(id, exchange)| outgoing::go_on(context, id, &exchange, message, buffer));
        #[cfg(not(feature = "block-transfer"))]
        let goes_on = false;
        if let Some((id, exchange)) = known.filter(|_| !goes_on) {
            exchanges.end(id);
            match exchange.purpose {
                #[cfg(feature = "pull")]
                Purpose::Pull => self.pull.answered(context, hooks, message),
                purpose => self.ended(context, id, purpose, Outcome::Answered(message)),
            }
        }
        match message.kind {
            MessageType::Confirmable => {
                let this = Some((connection, message.message_id));
                let kind = if known.is_some() || self.last_response == this {
                    self.last_response = this;
                    MessageType::Acknowledgement
                } else {
                    MessageType::Reset
                };
                put_empty(buffer, kind, message.message_id)
            }
            _ => 0,
        }
    }

    /// Tells whom it concerns that an exchange is over.
    fn ended<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        id: ExchangeId,
        purpose: Purpose,
        outcome: Outcome<'_>,
    ) {
        let shared = context.shared;
        #[cfg(feature = "block-transfer")]
        shared.buffers.end_request(purpose);
        match purpose {
            Purpose::Registration
            | Purpose::Update
            | Purpose::Deregistration
            | Purpose::Bootstrap => {
                match outcome {
                    Outcome::Answered(answer) if !answer.code.is_success() => {
                        self.events.put(Event::Refused(answer.code));
                    }
                    _ => {}
                }
                let events = self.machine.ended(context, purpose, outcome);
                self.put(events);
            }
            Purpose::Notification(slot) => {
                let path = shared
                    .observations
                    .get(slot)
                    .map(|observation| observation.path);
                let event = match outcome {
                    Outcome::Reset => {
                        shared.cancel_observation(slot);
                        None
                    }
                    Outcome::TimedOut => Some(ObserveEvent::NotifyTimeout),
                    _ => Some(ObserveEvent::NotifyAcknowledged),
                };
                shared.observations.settled(slot);
                let accepted = matches!(outcome, Outcome::Acknowledged);
                if shared.carried.ended(context.model, id, accepted) {
                    shared.observations.go_on(slot);
                }
                if let (Some(event), Some(path)) = (event, path) {
                    self.events.put(Event::Observe { event, path });
                }
                if matches!(outcome, Outcome::TimedOut) {
                    self.machine.register_again(shared);
                }
            }
            Purpose::Send(_) if !send::SUPPORTED => {}
            Purpose::Send(reference) => {
                let status = match outcome {
                    Outcome::Answered(answer) if answer.code.is_success() => {
                        match send::go_on(context, id, reference) {
                            Ok(true) => return,
                            Ok(false) => SendStatus::Success,
                            Err(_) => SendStatus::Failure,
                        }
                    }
                    Outcome::TimedOut => {
                        self.machine.register_again(shared);
                        SendStatus::Timeout
                    }
                    _ => SendStatus::Failure,
                };
                shared.carried.ended(context.model, id, false);
                let answer = match outcome {
                    Outcome::Answered(answer) => Some(answer.code),
                    _ => None,
                };
                self.events.put(send_event(reference, status, answer));
            }
            Purpose::SeparateResponse => {}
            #[cfg(feature = "pull")]
            Purpose::Pull => self.pull.lost(shared, context.now),
        }
    }

    /// Ends one exchange of a connection that is given up. A Send is told of, the rest is over.
    fn drop_exchange<M>(&mut self, context: &Context<'_, '_, M>, connection: ConnectionId) {
        let exchanges = &context.shared.exchanges;
        let next = exchanges.find(&|exchange| exchange.connection == connection);
        if let Some((id, exchange)) = next {
            exchanges.end(id);
            #[cfg(feature = "block-transfer")]
            context.shared.buffers.end_request(exchange.purpose);
            context.shared.carried.dropped(id);
            match exchange.purpose {
                Purpose::Send(reference) if send::SUPPORTED => {
                    self.events
                        .put(send_event(reference, SendStatus::Failure, None))
                }
                _ => {}
            }
        }
    }
}

fn send_event(reference: u8, status: SendStatus, answer: Option<Code>) -> Event {
    Event::Send {
        reference,
        status,
        answer,
    }
}

#[cfg(feature = "pull")]
fn connect_for_package<'b>(
    shared: &Shared<'_>,
    buffer: &'b [u8],
    length: usize,
    attempt: u8,
) -> Action<'b> {
    let text = buffer.get(..length).unwrap_or_default();
    match shared.pull.peer(text) {
        Some(uri) => Action::Connect {
            connection: ConnectionId::PULL,
            uri,
            attempt,
        },
        // Its syntax was checked when it was given.
        None => Action::Wait(None),
    }
}

fn put_empty(buffer: &mut [u8], kind: MessageType, message_id: u16) -> usize {
    put(buffer, &empty(kind, message_id))
}

/// Puts an answer at the front of the buffer, if it fits.
fn put(buffer: &mut [u8], answer: &[u8]) -> usize {
    match buffer.get_mut(..answer.len()) {
        Some(front) => {
            front.copy_from_slice(answer);
            answer.len()
        }
        None => 0,
    }
}

/// Events between their making and the next `poll`. One message or deadline makes at most three, and
/// `poll` hands out all before it does anything else.
struct Events {
    waiting: [Option<Event>; 4],
}

impl Events {
    const fn new() -> Self {
        Self { waiting: [None; 4] }
    }

    fn put(&mut self, event: Event) {
        let free = self.waiting.iter_mut().find(|place| place.is_none());
        debug_assert!(free.is_some());
        if let Some(place) = free {
            *place = Some(event);
        }
    }

    /// Forgets what was to be told of the client's life.
    fn forget_client(&mut self) {
        let mut rest = Self::new();
        while let Some(event) = self.take() {
            if !matches!(event, Event::Client(_)) {
                rest.put(event);
            }
        }
        *self = rest;
    }

    fn take(&mut self) -> Option<Event> {
        let event = self.waiting.first_mut()?.take()?;
        self.waiting.rotate_left(1);
        Some(event)
    }
}
