// SPDX-License-Identifier: Apache-2.0
//! The messaging layer's memory: our requests until they are answered, and the messages of others
//! until they can no longer be repeated (RFC 7252 §4.2–§4.8, §5.2). No clock and no socket here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use coap_lite::{MessageType, Packet};

use crate::random::Random;
use crate::{Error, Observation, message};

/// Transmission parameters (RFC 7252 §4.8).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transmission {
    /// ACK_TIMEOUT, the least time before the first retransmission.
    pub ack_timeout: Duration,
    /// ACK_RANDOM_FACTOR, at least 1: that time is drawn from 1 to this many ACK_TIMEOUTs.
    pub ack_random_factor: f64,
    /// MAX_RETRANSMIT, retransmissions of a confirmable message.
    pub max_retransmit: u32,
    /// How long a response may take after the empty acknowledgement or a non-confirmable request.
    pub response_timeout: Duration,
    /// EXCHANGE_LIFETIME: how long a received message's answer is kept for repetition.
    pub exchange_lifetime: Duration,
}

impl Default for Transmission {
    /// RFC 7252's values; 30 s for a separate response.
    fn default() -> Self {
        Transmission {
            ack_timeout: Duration::from_secs(2),
            ack_random_factor: 1.5,
            max_retransmit: 4,
            response_timeout: Duration::from_secs(30),
            exchange_lifetime: Duration::from_secs(247),
        }
    }
}

pub(crate) type Token = Vec<u8>;
pub(crate) type Reply = Sender<Result<Packet, Error>>;

/// What a pending request waits for.
#[derive(Debug)]
enum State {
    Acknowledgement {
        due: Instant,
        timeout: Duration,
        retransmissions: u32,
    },
    Response {
        until: Instant,
    },
}

#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) peer: SocketAddr,
    pub(crate) reply: Reply,
    /// What a positive response with an Observe option begins.
    pub(crate) observation: Option<Observation>,
    message_id: u16,
    datagram: Vec<u8>,
    state: State,
}

/// Requests of ours that are not answered yet.
#[derive(Debug)]
pub(crate) struct Pendings {
    transmission: Transmission,
    random: Random,
    next_message_id: u16,
    by_token: HashMap<Token, Pending>,
}

impl Pendings {
    pub(crate) fn new(transmission: Transmission, mut random: Random) -> Self {
        let next_message_id = random.next() as u16;
        Pendings {
            transmission,
            random,
            next_message_id,
            by_token: HashMap::new(),
        }
    }

    /// A token that is not in use by a pending request.
    pub(crate) fn fresh_token(&mut self) -> Token {
        loop {
            let token = self.random.next().to_be_bytes()[..4].to_vec();
            if !self.by_token.contains_key(&token) {
                return token;
            }
        }
    }

    /// Gives a request its message id and remembers it; returns the datagram to send.
    pub(crate) fn start(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        mut packet: Packet,
        observation: Option<Observation>,
        reply: Reply,
    ) -> Vec<u8> {
        packet.header.message_id = self.next_message_id;
        self.next_message_id = self.next_message_id.wrapping_add(1);
        let datagram = message::encode(&packet);
        let state = match packet.header.get_type() {
            MessageType::Confirmable => self.first_wait(now),
            _ => State::Response {
                until: now + self.transmission.response_timeout,
            },
        };
        let pending = Pending {
            peer,
            reply,
            observation,
            message_id: packet.header.message_id,
            datagram: datagram.clone(),
            state,
        };
        if let Some(replaced) = self.by_token.insert(packet.get_token().to_vec(), pending) {
            replaced.fail(Error::Timeout);
        }
        datagram
    }

    fn first_wait(&mut self, now: Instant) -> State {
        let spread = (self.transmission.ack_random_factor - 1.0).max(0.0) * self.random.unit();
        let timeout = self.transmission.ack_timeout.mul_f64(1.0 + spread);
        State::Acknowledgement {
            due: now + timeout,
            timeout,
            retransmissions: self.transmission.max_retransmit,
        }
    }

    /// An empty acknowledgement: the response comes separately (RFC 7252 §5.2.2).
    pub(crate) fn acknowledge(&mut self, now: Instant, peer: SocketAddr, message_id: u16) {
        let until = now + self.transmission.response_timeout;
        let mut pendings = self.by_token.values_mut();
        if let Some(pending) = pendings.find(|pending| pending.is(peer, message_id)) {
            pending.state = State::Response { until };
        }
    }

    /// A Reset: the request is rejected (RFC 7252 §4.2).
    pub(crate) fn reset(&mut self, peer: SocketAddr, message_id: u16) {
        for pending in self.take(|pending| pending.is(peer, message_id)) {
            pending.fail(Error::Reset);
        }
    }

    /// Whether a response from that peer with that token is awaited; one in an acknowledgement
    /// must have the request's message id as well (RFC 7252 §5.3.2).
    pub(crate) fn awaits(&self, peer: SocketAddr, packet: &Packet) -> bool {
        self.by_token
            .get(packet.get_token())
            .is_some_and(|pending| {
                pending.peer == peer
                    && (packet.header.get_type() != MessageType::Acknowledgement
                        || packet.header.message_id == pending.message_id)
            })
    }

    /// Whether the pending request with that token would begin an observation.
    pub(crate) fn observes(&self, token: &[u8]) -> bool {
        self.by_token
            .get(token)
            .is_some_and(|pending| pending.observation.is_some())
    }

    /// Takes the request that a response answers.
    pub(crate) fn complete(&mut self, peer: SocketAddr, packet: &Packet) -> Option<Pending> {
        self.awaits(peer, packet)
            .then(|| self.by_token.remove(packet.get_token()))
            .flatten()
    }

    /// What is to be retransmitted now; requests whose time is up fail.
    pub(crate) fn poll(&mut self, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        for pending in self.take(|pending| pending.is_over(now)) {
            pending.fail(Error::Timeout);
        }
        self.by_token
            .values_mut()
            .filter_map(|pending| pending.retransmit(now))
            .collect()
    }

    fn take(&mut self, which: impl Fn(&Pending) -> bool) -> Vec<Pending> {
        let taken = self.by_token.iter().filter(|(_, pending)| which(pending));
        let tokens: Vec<Token> = taken.map(|(token, _)| token.clone()).collect();
        tokens
            .iter()
            .filter_map(|token| self.by_token.remove(token))
            .collect()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.by_token.values().map(Pending::deadline).min()
    }
}

impl Pending {
    fn is(&self, peer: SocketAddr, message_id: u16) -> bool {
        self.peer == peer && self.message_id == message_id
    }

    fn deadline(&self) -> Instant {
        match self.state {
            State::Acknowledgement { due, .. } => due,
            State::Response { until } => until,
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        let last = !matches!(
            self.state,
            State::Acknowledgement {
                retransmissions: 1..,
                ..
            }
        );
        last && self.deadline() <= now
    }

    /// The timeout doubles with each retransmission (RFC 7252 §4.2).
    fn retransmit(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        match &mut self.state {
            State::Acknowledgement {
                due,
                timeout,
                retransmissions,
            } if *due <= now => {
                *timeout *= 2;
                *due = now + *timeout;
                *retransmissions -= 1;
                Some((self.peer, self.datagram.clone()))
            }
            _ => None,
        }
    }

    fn fail(self, error: Error) {
        // Nobody waits any more when the caller is gone.
        let _ = self.reply.send(Err(error));
    }
}

/// Messages of others with what was answered, for when they come again (RFC 7252 §4.2, §4.5).
#[derive(Debug)]
pub(crate) struct Answered {
    lifetime: Duration,
    by_message: HashMap<(SocketAddr, u16), Answer>,
}

#[derive(Debug)]
struct Answer {
    until: Instant,
    datagram: Option<Vec<u8>>,
}

impl Answered {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Answered {
            lifetime,
            by_message: HashMap::new(),
        }
    }

    /// The recorded answer, itself `None` where there was none, if the message came before.
    pub(crate) fn repeated(&self, peer: SocketAddr, message_id: u16) -> Option<Option<&[u8]>> {
        self.by_message
            .get(&(peer, message_id))
            .map(|answer| answer.datagram.as_deref())
    }

    pub(crate) fn record(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        message_id: u16,
        datagram: Option<Vec<u8>>,
    ) {
        self.by_message.retain(|_, answer| answer.until > now);
        let until = now + self.lifetime;
        self.by_message
            .insert((peer, message_id), Answer { until, datagram });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use coap_lite::MessageClass;

    use super::*;
    use crate::Code;

    const FAST: Transmission = Transmission {
        ack_timeout: Duration::from_secs(2),
        ack_random_factor: 1.0,
        max_retransmit: 4,
        response_timeout: Duration::from_secs(30),
        exchange_lifetime: Duration::from_secs(247),
    };

    fn peer() -> SocketAddr {
        ([127, 0, 0, 1], 5683).into()
    }

    struct Started {
        pendings: Pendings,
        now: Instant,
        datagram: Vec<u8>,
        outcome: Receiver<Result<Packet, Error>>,
    }

    fn start() -> Started {
        let mut pendings = Pendings::new(FAST, Random::seeded(1));
        let (reply, outcome) = channel();
        let now = Instant::now();
        let mut packet = message::answer(MessageType::Confirmable, Code::GET, 0, &[1]);
        packet.header.code = MessageClass::from(1);
        let datagram = pendings.start(now, peer(), packet, None, reply);
        Started {
            pendings,
            now,
            datagram,
            outcome,
        }
    }

    #[test]
    fn unanswered_request_is_sent_five_times_and_then_fails() {
        let Started {
            mut pendings,
            mut now,
            datagram,
            outcome,
        } = start();
        for wait in [2, 4, 8, 16] {
            assert_eq!(
                pendings.poll(now + Duration::from_millis(wait * 1000 - 1)),
                []
            );
            now += Duration::from_secs(wait);
            assert_eq!(pendings.deadline(), Some(now));
            assert_eq!(pendings.poll(now), [(peer(), datagram.clone())]);
        }
        assert_eq!(pendings.poll(now + Duration::from_secs(32)), []);
        assert_eq!(outcome.try_recv().unwrap(), Err(Error::Timeout));
        assert_eq!(pendings.deadline(), None);
    }

    #[test]
    fn acknowledged_request_waits_for_its_response_without_retransmission() {
        let Started {
            mut pendings,
            now,
            datagram,
            outcome,
        } = start();
        let message_id = u16::from_be_bytes([datagram[2], datagram[3]]);
        pendings.acknowledge(now, peer(), message_id);
        assert_eq!(pendings.poll(now + Duration::from_secs(29)), []);
        let response = message::answer(MessageType::Confirmable, Code::CONTENT, 9, &[1]);
        assert!(pendings.complete(peer(), &response).is_some());
        assert!(outcome.try_recv().is_err());
    }

    #[test]
    fn a_piggybacked_response_must_have_token_peer_and_message_id() {
        let Started {
            mut pendings,
            datagram,
            ..
        } = start();
        let message_id = u16::from_be_bytes([datagram[2], datagram[3]]);
        let ack = MessageType::Acknowledgement;
        let other_id = message::answer(ack, Code::CONTENT, message_id ^ 1, &[1]);
        let other_token = message::answer(ack, Code::CONTENT, message_id, &[2]);
        let right = message::answer(ack, Code::CONTENT, message_id, &[1]);
        assert!(pendings.complete(peer(), &other_id).is_none());
        assert!(pendings.complete(peer(), &other_token).is_none());
        assert!(
            pendings
                .complete(([127, 0, 0, 1], 1).into(), &right)
                .is_none()
        );
        assert!(pendings.complete(peer(), &right).is_some());
    }

    #[test]
    fn reset_fails_the_request() {
        let Started {
            mut pendings,
            datagram,
            outcome,
            ..
        } = start();
        pendings.reset(peer(), u16::from_be_bytes([datagram[2], datagram[3]]));
        assert_eq!(outcome.try_recv().unwrap(), Err(Error::Reset));
    }

    #[test]
    fn answers_are_kept_for_the_exchange_lifetime() {
        let mut answered = Answered::new(Duration::from_secs(247));
        let now = Instant::now();
        answered.record(now, peer(), 1, Some(vec![1]));
        answered.record(now + Duration::from_secs(246), peer(), 2, None);
        assert_eq!(answered.repeated(peer(), 1), Some(Some(&[1][..])));
        assert_eq!(answered.repeated(peer(), 2), Some(None));
        answered.record(now + Duration::from_secs(247), peer(), 3, None);
        assert_eq!(answered.repeated(peer(), 1), None);
    }
}
