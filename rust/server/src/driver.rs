// SPDX-License-Identifier: Apache-2.0
//! The server's thread: takes datagrams, commands and time in turn, and owns all state
//! (RFC 7252 §4, §5; OMA-TS-LightweightM2M_Transport-V1_1_1 §6.4).

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use coap_lite::{CoapOption, MessageType, Packet};

use crate::blockwise::Uploads;
use crate::exchange::{Answered, Pending, Pendings, Reply, Token};
use crate::message::{self, Request, Response};
use crate::observation::{Observation, Observations};
use crate::packages::Packages;
use crate::random::Random;
use crate::registration::{Registration, Registry};
use crate::trace::{Direction, Entry, Tracer};
use crate::{Code, Error, Event, Link, Models, Notification, Transmission};

/// What the thread is woken by, besides time.
pub(crate) enum Input {
    Datagram(SocketAddr, Vec<u8>),
    Request {
        endpoint: String,
        request: Request,
        reply: Reply,
    },
    Raw {
        endpoint: String,
        datagram: Vec<u8>,
    },
    Forget(Token),
    Subscribe(Sender<Event>),
    Registrations(Sender<Vec<Registration>>),
    SetLink(Link),
    Offer(String, Vec<u8>),
    Stop,
}

/// A datagram that the link holds back.
struct Delayed {
    due: Instant,
    direction: Direction,
    peer: SocketAddr,
    datagram: Vec<u8>,
}

pub(crate) struct Driver {
    socket: UdpSocket,
    started: Instant,
    pub(crate) models: Arc<Models>,
    tracer: Tracer,
    subscribers: Vec<Sender<Event>>,
    link: Link,
    delayed: Vec<Delayed>,
    pendings: Pendings,
    answered: Answered,
    pub(crate) observations: Observations,
    pub(crate) registry: Registry,
    /// Clients that have asked for a bootstrap and not registered since, by endpoint name.
    pub(crate) bootstrapping: HashMap<String, SocketAddr>,
    pub(crate) uploads: Uploads,
    pub(crate) packages: Packages,
    pub(crate) own_message_ids: Random,
}

impl Driver {
    pub(crate) fn new(
        socket: UdpSocket,
        models: Arc<Models>,
        transmission: Transmission,
        link: Link,
        mut random: Random,
    ) -> Self {
        let mut branch = || Random::seeded(random.next());
        Driver {
            socket,
            started: Instant::now(),
            tracer: Tracer::new(Arc::clone(&models)),
            models,
            subscribers: Vec::new(),
            link,
            delayed: Vec::new(),
            pendings: Pendings::new(transmission, branch()),
            answered: Answered::new(transmission.exchange_lifetime),
            observations: Observations::default(),
            registry: Registry::new(branch()),
            bootstrapping: HashMap::new(),
            uploads: Uploads::default(),
            packages: Packages::default(),
            own_message_ids: branch(),
        }
    }

    /// Runs until told to stop, or until nobody is left who could.
    pub(crate) fn run(mut self, inputs: &Receiver<Input>) {
        loop {
            self.poll(Instant::now());
            let wait = self.deadline().saturating_duration_since(Instant::now());
            match inputs.recv_timeout(wait) {
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(input) => self.take(Instant::now(), input),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn take(&mut self, now: Instant, input: Input) {
        match input {
            Input::Datagram(peer, datagram) => self.arrive(now, peer, datagram),
            Input::Request {
                endpoint,
                request,
                reply,
            } => {
                self.start(now, &endpoint, &request, reply);
            }
            Input::Raw { endpoint, datagram } => {
                if let Some(peer) = self.peer_of(&endpoint) {
                    self.transmit(now, peer, datagram);
                }
            }
            Input::Forget(token) => self.observations.end(&token),
            Input::Subscribe(subscriber) => self.subscribers.push(subscriber),
            Input::Registrations(reply) => {
                // The asker may have gone.
                let _ = reply.send(self.registry.all());
            }
            Input::SetLink(link) => self.link = link,
            Input::Offer(path, package) => self.packages.offer(path, package),
            Input::Stop => {}
        }
    }

    fn emit(&mut self, event: &Event) {
        self.subscribers
            .retain(|subscriber| subscriber.send(event.clone()).is_ok());
    }

    fn poll(&mut self, now: Instant) {
        for (peer, datagram) in self.pendings.poll(now) {
            self.transmit(now, peer, datagram);
        }
        for registration in self.registry.expire(now) {
            self.observations.end_all(&registration.endpoint);
            self.emit(&Event::Expired(registration));
        }
        let (due, held): (Vec<_>, Vec<_>) = self
            .delayed
            .drain(..)
            .partition(|delayed| delayed.due <= now);
        self.delayed = held;
        for delayed in due {
            self.pass(now, delayed.direction, delayed.peer, &delayed.datagram);
        }
    }

    fn deadline(&self) -> Instant {
        let delayed = self.delayed.iter().map(|delayed| delayed.due).min();
        let deadlines = [self.pendings.deadline(), self.registry.deadline(), delayed];
        let longest = Instant::now() + Duration::from_secs(60);
        deadlines.into_iter().flatten().fold(longest, Instant::min)
    }

    fn transmit(&mut self, now: Instant, peer: SocketAddr, datagram: Vec<u8>) {
        self.cross_link(now, Direction::Sent, peer, datagram);
    }

    fn arrive(&mut self, now: Instant, peer: SocketAddr, datagram: Vec<u8>) {
        self.cross_link(now, Direction::Received, peer, datagram);
    }

    fn cross_link(
        &mut self,
        now: Instant,
        direction: Direction,
        peer: SocketAddr,
        datagram: Vec<u8>,
    ) {
        let fate = self.link.fate(direction, &datagram);
        let description = self.tracer.describe(direction, &datagram);
        let at = now.saturating_duration_since(self.started);
        let entry = Entry {
            at,
            direction,
            peer,
            fate,
            datagram,
            description,
        };
        self.emit(&Event::Trace(entry.clone()));
        for delay in fate.arrivals() {
            if delay.is_zero() {
                self.pass(now, direction, peer, &entry.datagram);
            } else {
                let datagram = entry.datagram.clone();
                self.delayed.push(Delayed {
                    due: now + delay,
                    direction,
                    peer,
                    datagram,
                });
            }
        }
    }

    /// The far end of the link.
    fn pass(&mut self, now: Instant, direction: Direction, peer: SocketAddr, datagram: &[u8]) {
        match direction {
            // UDP promises nothing: a datagram that cannot be sent is as good as lost.
            Direction::Sent => drop(self.socket.send_to(datagram, peer)),
            Direction::Received => self.receive(now, peer, datagram),
        }
    }

    fn receive(&mut self, now: Instant, peer: SocketAddr, datagram: &[u8]) {
        match message::parse(datagram) {
            Some(packet) => self.receive_message(now, peer, packet),
            None => self.reject_malformed(now, peer, datagram),
        }
    }

    /// A confirmable message with a format error is rejected, others are ignored (§4.2, §4.3);
    /// so is every message of another version (§3).
    fn reject_malformed(&mut self, now: Instant, peer: SocketAddr, datagram: &[u8]) {
        if let &[first, _, high, low, ..] = datagram {
            if first >> 4 == 0b0100 {
                self.reset(now, peer, u16::from_be_bytes([high, low]));
            }
        }
    }

    fn receive_message(&mut self, now: Instant, peer: SocketAddr, packet: Packet) {
        let message_id = packet.header.message_id;
        let code = Code::from(packet.header.code);
        match packet.header.get_type() {
            MessageType::Acknowledgement if code == Code::EMPTY => {
                self.pendings.acknowledge(now, peer, message_id);
            }
            MessageType::Acknowledgement => {
                if let Some(pending) = self.pendings.complete(peer, &packet) {
                    self.finish(now, pending, packet);
                }
            }
            MessageType::Reset => self.pendings.reset(peer, message_id),
            MessageType::Confirmable | MessageType::NonConfirmable => {
                match self
                    .answered
                    .repeated(peer, message_id)
                    .map(|it| it.map(<[u8]>::to_vec))
                {
                    Some(Some(answer)) => self.transmit(now, peer, answer),
                    Some(None) => {}
                    None => self.receive_new(now, peer, &packet, code),
                }
            }
        }
    }

    fn receive_new(&mut self, now: Instant, peer: SocketAddr, packet: &Packet, code: Code) {
        if code.is_request() {
            let (response, events) = self.serve(now, peer, packet);
            self.answer(now, peer, packet, Some(&response));
            events.iter().for_each(|event| self.emit(event));
        } else if code.is_response() {
            self.receive_response(now, peer, packet);
        } else {
            // An empty confirmable message is a ping, answered with Reset (§4.3).
            let confirmable = packet.header.get_type() == MessageType::Confirmable;
            let reset = confirmable.then(|| reset_of(packet));
            self.answer(now, peer, packet, reset.as_ref());
        }
    }

    /// Sends the answer to a message, if there is any, and records it for repetitions.
    fn answer(&mut self, now: Instant, peer: SocketAddr, packet: &Packet, answer: Option<&Packet>) {
        let datagram = answer.map(message::encode);
        self.answered
            .record(now, peer, packet.header.message_id, datagram.clone());
        if let Some(datagram) = datagram {
            self.transmit(now, peer, datagram);
        }
    }

    fn reset(&mut self, now: Instant, peer: SocketAddr, message_id: u16) {
        let reset = message::answer(MessageType::Reset, Code::EMPTY, message_id, &[]);
        self.transmit(now, peer, message::encode(&reset));
    }

    /// Where a client is, be it registered or being bootstrapped.
    fn peer_of(&self, endpoint: &str) -> Option<SocketAddr> {
        let registered = || Some(self.registry.get(endpoint)?.peer);
        self.bootstrapping
            .get(endpoint)
            .copied()
            .or_else(registered)
    }

    fn start(&mut self, now: Instant, endpoint: &str, request: &Request, reply: Reply) {
        let Some(peer) = self.peer_of(endpoint) else {
            // Nobody waits any more when the caller is gone.
            let _ = reply.send(Err(Error::NotRegistered(endpoint.to_owned())));
            return;
        };
        let token = request.token.clone().unwrap_or_else(|| self.fresh_token());
        let mut packet = request.to_packet();
        packet.header.set_type(match request.non_confirmable {
            true => MessageType::NonConfirmable,
            false => MessageType::Confirmable,
        });
        packet.set_token(token.clone());
        let observation = Observation::begun_by(request, endpoint, &token, &self.models);
        let datagram = self.pendings.start(now, peer, packet, observation, reply);
        self.transmit(now, peer, datagram);
    }

    fn fresh_token(&mut self) -> Token {
        loop {
            let token = self.pendings.fresh_token();
            if self.observations.get(&token).is_none() {
                return token;
            }
        }
    }

    /// A response in a message of its own: separate, to a non-confirmable request, or a
    /// notification.
    fn receive_response(&mut self, now: Instant, peer: SocketAddr, packet: &Packet) {
        let token = packet.get_token();
        let observed = self.observation_of(peer, token);
        let sequence = message::uint(packet, CoapOption::Observe);
        let awaited = self.pendings.awaits(peer, packet);
        // While a cancellation is under way its token is also that of notifications, which
        // alone have an Observe option (RFC 7641 §3.6).
        let answers_request =
            awaited && (observed.is_none() || sequence.is_none() || self.pendings.observes(token));
        if !answers_request && observed.is_none() {
            self.answer(now, peer, packet, Some(&reset_of(packet)));
            return;
        }
        let confirmable = packet.header.get_type() == MessageType::Confirmable;
        let acknowledgement = confirmable.then(|| {
            let ack = MessageType::Acknowledgement;
            message::answer(ack, Code::EMPTY, packet.header.message_id, &[])
        });
        self.answer(now, peer, packet, acknowledgement.as_ref());
        let pending = answers_request
            .then(|| self.pendings.complete(peer, packet))
            .flatten();
        match (pending, observed) {
            (Some(pending), _) => self.finish(now, pending, packet.clone()),
            (None, Some(observation)) => self.notify(now, observation, sequence, packet),
            (None, None) => {}
        }
    }

    /// The observation with that token, if its client is the peer.
    fn observation_of(&self, peer: SocketAddr, token: &[u8]) -> Option<Observation> {
        let observation = self.observations.get(token)?;
        let registration = self.registry.get(&observation.endpoint)?;
        (registration.peer == peer).then(|| observation.clone())
    }

    fn finish(&mut self, now: Instant, pending: Pending, packet: Packet) {
        let success = Code::from(packet.header.code).is_success();
        match (
            pending.observation,
            message::uint(&packet, CoapOption::Observe),
        ) {
            (Some(observation), Some(sequence)) if success => {
                self.observations.begin(now, observation, sequence);
            }
            // A response without Observe ends an observation of that token, be it asked for by
            // Observe 1 or not (RFC 7641 §3.6, §4.2).
            (_, None) if success => self.observations.end(packet.get_token()),
            _ => {}
        }
        // Nobody waits any more when the caller is gone.
        let _ = pending.reply.send(Ok(packet));
    }

    fn notify(
        &mut self,
        now: Instant,
        observation: Observation,
        sequence: Option<u32>,
        packet: &Packet,
    ) {
        let token = packet.get_token();
        let fresh = match sequence {
            Some(sequence) => self.observations.advance(now, token, sequence),
            None => true,
        };
        let response = Response::from_packet(packet, observation.base(), &self.models);
        if sequence.is_none() || !response.code.is_success() {
            self.observations.end(token);
        }
        let notification = Notification {
            observation,
            sequence,
            fresh,
            response,
        };
        self.emit(&Event::Notification(Box::new(notification)));
    }
}

fn reset_of(packet: &Packet) -> Packet {
    message::answer(
        MessageType::Reset,
        Code::EMPTY,
        packet.header.message_id,
        &[],
    )
}
