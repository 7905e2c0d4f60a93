// SPDX-License-Identifier: Apache-2.0
//! A model of a server: registrations, confirmable requests of its own, one observation.

use std::collections::BTreeMap;

use lwm2m_core::coap::{Code, Message, MessageType, option};

use crate::support::message;

/// A confirmable request of the server's that is under way.
#[derive(Clone, Debug)]
struct Pending {
    address: u32,
    datagram: Vec<u8>,
    next: u64,
    timeout: u64,
    left: u8,
    acknowledged: bool,
}

/// How a request of the server's ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this code.
    Answered(Code),
    /// Nobody answered.
    TimedOut,
    /// The client reset it.
    Reset,
}

/// The server.
#[derive(Default)]
pub struct Server {
    /// Location of the client's registration.
    pub registered: Option<u32>,
    /// Where the client was when it last registered or updated.
    pub address: u32,
    registrations: u32,
    /// The token of the observation, and the last Observe value and payload it brought.
    pub observation: Option<Vec<u8>>,
    pub observed: Option<(u32, Vec<u8>)>,
    pending: BTreeMap<Vec<u8>, Pending>,
    /// How each request ended, by its token.
    pub ended: BTreeMap<Vec<u8>, Ended>,
    answered: BTreeMap<u16, Vec<u8>>,
    next_id: u16,
    next_token: u16,
}

impl Server {
    /// Forgets everything, as a restart does.
    pub fn restart(&mut self) {
        self.registered = None;
        self.observation = None;
        self.observed = None;
        for token in std::mem::take(&mut self.pending).into_keys() {
            self.ended.insert(token, Ended::TimedOut);
        }
        self.answered.clear();
    }

    /// Begins a confirmable request; its token.
    pub fn request(
        &mut self,
        now: u64,
        code: Code,
        path: &str,
        observe: Option<u8>,
        payload: &[u8],
    ) -> (Vec<u8>, Vec<u8>) {
        self.next_token += 1;
        let token = match (observe, &self.observation) {
            (Some(1), Some(token)) => token.clone(),
            _ => self.next_token.to_be_bytes().to_vec(),
        };
        self.next_id = self.next_id.wrapping_add(1);
        let register = [0_u8; 0];
        let cancel = [1];
        let mut options: Vec<(u16, &[u8])> = Vec::new();
        match observe {
            Some(0) => options.push((option::OBSERVE, &register)),
            Some(_) => options.push((option::OBSERVE, &cancel)),
            None => {}
        }
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            options.push((option::URI_PATH, segment.as_bytes()));
        }
        if !payload.is_empty() {
            options.push((option::CONTENT_FORMAT, &[]));
        }
        if code == Code::GET {
            options.push((option::ACCEPT, &[]));
        }
        let datagram = message(
            MessageType::Confirmable,
            code,
            self.next_id,
            &token,
            &options,
            payload,
        );
        if observe == Some(0) {
            self.observation = Some(token.clone());
            self.observed = None;
        }
        let timeout = 2000;
        self.pending.insert(
            token.clone(),
            Pending {
                address: self.address,
                datagram: datagram.clone(),
                next: now + timeout,
                timeout,
                left: 4,
                acknowledged: false,
            },
        );
        (token, datagram)
    }

    /// Whether a request is under way.
    pub fn is_busy(&self) -> bool {
        !self.pending.is_empty()
    }

    /// When it wants to retransmit or give up.
    pub fn deadline(&self) -> Option<u64> {
        self.pending.values().map(|pending| pending.next).min()
    }

    /// Retransmissions that are due, with where they go.
    pub fn due(&mut self, now: u64) -> Vec<(u32, Vec<u8>)> {
        let mut send = Vec::new();
        let mut gone = Vec::new();
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
        for token in gone {
            self.pending.remove(&token);
            // An Observe request that nobody answered has established nothing.
            if self.observation.as_ref() == Some(&token) {
                self.observation = None;
            }
            self.ended.insert(token, Ended::TimedOut);
        }
        send
    }

    /// A datagram from the client; what is sent back.
    pub fn receive(&mut self, now: u64, address: u32, datagram: &[u8]) -> Option<Vec<u8>> {
        let received = Message::parse(datagram).expect("the client sends messages");
        let id = received.message_id;
        if received.code.is_request() {
            if let Some(answer) = self.answered.get(&id) {
                return Some(answer.clone());
            }
            let answer = self.answer(address, &received);
            self.answered.insert(id, answer.clone());
            return Some(answer);
        }
        let token = received.token.as_bytes().to_vec();
        match received.kind {
            MessageType::Acknowledgement if received.code == Code::EMPTY => {
                for pending in self.pending.values_mut() {
                    if pending.datagram[2..4] == id.to_be_bytes() {
                        pending.acknowledged = true;
                        pending.next = now + 247_000;
                    }
                }
                None
            }
            MessageType::Reset => {
                let reset = self
                    .pending
                    .iter()
                    .find(|(_, pending)| pending.datagram[2..4] == id.to_be_bytes())
                    .map(|(token, _)| token.clone());
                if let Some(token) = reset {
                    self.pending.remove(&token);
                    self.ended.insert(token, Ended::Reset);
                }
                None
            }
            _ => {
                if self.pending.remove(&token).is_some() {
                    self.ended
                        .insert(token.clone(), Ended::Answered(received.code));
                }
                self.observe(&token, &received);
                self.acknowledge(&received, &token)
            }
        }
    }

    /// RFC 7641 §3.4: of two notifications the one with the greater number counts.
    fn observe(&mut self, token: &[u8], received: &Message<'_>) {
        if self.observation.as_deref() != Some(token) {
            return;
        }
        let Some(number) = received.option(option::OBSERVE) else {
            if !received.code.is_success() {
                self.observation = None;
            }
            return;
        };
        let number = number
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
        if self
            .observed
            .as_ref()
            .is_none_or(|(last, _)| number > *last)
        {
            self.observed = Some((number, received.payload.to_vec()));
        }
    }

    fn acknowledge(&self, received: &Message<'_>, token: &[u8]) -> Option<Vec<u8>> {
        if received.kind != MessageType::Confirmable {
            return None;
        }
        let known = self.observation.as_deref() == Some(token) || self.ended.contains_key(token);
        let kind = if known {
            MessageType::Acknowledgement
        } else {
            MessageType::Reset
        };
        Some(message(
            kind,
            Code::EMPTY,
            received.message_id,
            &[],
            &[],
            &[],
        ))
    }

    fn answer(&mut self, address: u32, request: &Message<'_>) -> Vec<u8> {
        let path: Vec<&[u8]> = request
            .options()
            .filter(|(number, _)| *number == option::URI_PATH)
            .map(|(_, value)| value)
            .collect();
        let location = path
            .get(1)
            .and_then(|segment| std::str::from_utf8(segment).ok())
            .and_then(|text| text.parse().ok());
        let known = location.is_some() && location == self.registered;
        let mut place = String::new();
        let code = match (
            request.code,
            path.first().copied().unwrap_or_default(),
            path.len(),
        ) {
            (Code::POST, b"rd", 1) => {
                self.address = address;
                self.registrations += 1;
                self.registered = Some(self.registrations);
                // The client has forgotten the observations of an older registration, and what was
                // asked of it there is given up.
                self.observation = None;
                for token in std::mem::take(&mut self.pending).into_keys() {
                    self.ended.insert(token, Ended::TimedOut);
                }
                place = self.registrations.to_string();
                Code::CREATED
            }
            (Code::POST, b"rd", _) if known => {
                self.address = address;
                Code::CHANGED
            }
            (Code::DELETE, b"rd", _) if known => {
                self.registered = None;
                self.observation = None;
                Code::DELETED
            }
            (Code::POST, b"dp", _) => Code::CHANGED,
            _ => Code::NOT_FOUND,
        };
        let options: Vec<(u16, &[u8])> = if code == Code::CREATED {
            vec![
                (option::LOCATION_PATH, b"rd"),
                (option::LOCATION_PATH, place.as_bytes()),
            ]
        } else {
            vec![]
        };
        message(
            MessageType::Acknowledgement,
            code,
            request.message_id,
            request.token.as_bytes(),
            &options,
            &[],
        )
    }
}
