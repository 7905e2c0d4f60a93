// SPDX-License-Identifier: Apache-2.0
//! What every server does alike: confirmable requests that are sent again until somebody answers, and
//! duplicates that get the answer they had, RFC 7252 §4.

use std::collections::BTreeMap;

use lwm2m_core::coap::{Code, Message, MessageType};

use crate::support::message;

/// EXCHANGE_LIFETIME in milliseconds, RFC 7252 §4.8.2.
const EXCHANGE_LIFETIME: u64 = 247_000;

/// A confirmable request that is under way.
#[derive(Clone, Debug)]
struct Pending {
    address: u32,
    datagram: Vec<u8>,
    next: u64,
    timeout: u64,
    left: u8,
    acknowledged: bool,
}

/// A datagram, behind the address that it goes to.
pub type Sent = (u32, Vec<u8>);

/// How a request of a server's ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this code.
    Answered(Code),
    /// Nobody answered.
    TimedOut,
    /// The client reset it.
    Reset,
}

/// One end of the conversation with the client.
pub struct Endpoint {
    /// Tells its tokens from those of other servers.
    name: u8,
    pending: BTreeMap<Vec<u8>, Pending>,
    /// How each request ended, by its token.
    pub ended: BTreeMap<Vec<u8>, Ended>,
    answered: BTreeMap<(u32, u16), (u64, Vec<u8>)>,
    next_id: u16,
    next_token: u16,
}

impl Endpoint {
    pub fn new(name: u8) -> Self {
        Self {
            name,
            pending: BTreeMap::new(),
            ended: BTreeMap::new(),
            answered: BTreeMap::new(),
            next_id: 0,
            next_token: 0,
        }
    }

    /// Forgets everything, as a restart does.
    pub fn restart(&mut self) {
        self.give_up();
        self.answered.clear();
    }

    /// Waits for no answer any more.
    pub fn give_up(&mut self) {
        for token in std::mem::take(&mut self.pending).into_keys() {
            self.ended.insert(token, Ended::TimedOut);
        }
    }

    /// A token that no request has had.
    pub fn token(&mut self) -> Vec<u8> {
        self.next_token += 1;
        let [high, low] = self.next_token.to_be_bytes();
        vec![self.name, high, low]
    }

    /// Begins a confirmable request; its datagram.
    pub fn request(
        &mut self,
        now: u64,
        address: u32,
        token: &[u8],
        code: Code,
        options: &[(u16, &[u8])],
        payload: &[u8],
    ) -> Vec<u8> {
        self.next_id = self.next_id.wrapping_add(1);
        let kind = MessageType::Confirmable;
        let datagram = message(kind, code, self.next_id, token, options, payload);
        let timeout = 2000;
        let pending = Pending {
            address,
            datagram: datagram.clone(),
            next: now + timeout,
            timeout,
            left: 4,
            acknowledged: false,
        };
        self.pending.insert(token.to_vec(), pending);
        datagram
    }

    /// Whether a request is under way.
    pub fn is_busy(&self) -> bool {
        !self.pending.is_empty()
    }

    /// When it wants to send again or give up.
    pub fn deadline(&self) -> Option<u64> {
        self.pending.values().map(|pending| pending.next).min()
    }

    /// What is to be sent again, with where it goes, and the requests that are given up.
    pub fn due(&mut self, now: u64) -> (Vec<Sent>, Vec<Vec<u8>>) {
        let (mut send, mut gone) = (Vec::new(), Vec::new());
        for (token, pending) in &mut self.pending {
            if pending.next > now {
                continue;
            }
            if pending.acknowledged || pending.left == 0 {
                gone.push(token.clone());
                continue;
            }
            pending.left -= 1;
            pending.timeout *= 2;
            pending.next = now + pending.timeout;
            send.push((pending.address, pending.datagram.clone()));
        }
        for token in &gone {
            self.pending.remove(token);
            self.ended.insert(token.clone(), Ended::TimedOut);
        }
        (send, gone)
    }

    /// The answer that this request had, if it comes again.
    pub fn answered(&self, now: u64, address: u32, id: u16) -> Option<Vec<u8>> {
        let (at, answer) = self.answered.get(&(address, id))?;
        (now < at + EXCHANGE_LIFETIME).then(|| answer.clone())
    }

    /// Remembers an answer.
    pub fn answer(&mut self, now: u64, address: u32, id: u16, answer: &[u8]) {
        self.answered.insert((address, id), (now, answer.to_vec()));
    }

    /// Takes what is no request; the request that it ends.
    pub fn hear(&mut self, now: u64, received: &Message<'_>) -> Option<(Vec<u8>, Ended)> {
        let (token, ended) = match received.kind {
            MessageType::Acknowledgement if received.code == Code::EMPTY => {
                if let Some(token) = self.by_id(received.message_id) {
                    let pending = self.pending.get_mut(&token)?;
                    pending.acknowledged = true;
                    pending.next = now + EXCHANGE_LIFETIME;
                }
                return None;
            }
            MessageType::Reset => (self.by_id(received.message_id)?, Ended::Reset),
            _ => {
                let token = received.token.as_bytes().to_vec();
                (token, Ended::Answered(received.code))
            }
        };
        self.pending.remove(&token)?;
        self.ended.insert(token.clone(), ended);
        Some((token, ended))
    }

    fn by_id(&self, id: u16) -> Option<Vec<u8>> {
        let has_id = |pending: &Pending| pending.datagram[2..4] == id.to_be_bytes();
        let mut pending = self.pending.iter();
        let (token, _) = pending.find(|(_, pending)| has_id(pending))?;
        Some(token.clone())
    }
}

/// The answer in the acknowledgement of a request.
pub fn piggybacked(request: &Message<'_>, code: Code, options: &[(u16, &[u8])]) -> Vec<u8> {
    let kind = MessageType::Acknowledgement;
    let token = request.token.as_bytes();
    message(kind, code, request.message_id, token, options, &[])
}

/// The segments of a request's path.
pub fn path<'m>(request: &Message<'m>) -> Vec<&'m [u8]> {
    values(request, lwm2m_core::coap::option::URI_PATH)
}

/// The values of an option.
pub fn values<'m>(request: &Message<'m>, number: u16) -> Vec<&'m [u8]> {
    let options = request.options();
    let wanted = options.filter(|(option, _)| *option == number);
    wanted.map(|(_, value)| value).collect()
}
