// SPDX-License-Identifier: Apache-2.0
//! A model of a Bootstrap-Server, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1: it deletes the accounts,
//! writes those of a new generation and finishes. Or it does not.

use std::collections::VecDeque;

use lwm2m_core::coap::{Code, Message, option};

use crate::accounts::{Accounts, BOOTSTRAP, tlv};
use crate::endpoint::{Ended, Endpoint, piggybacked};
use crate::random::Random;

/// What becomes of a Bootstrap-Request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It is answered, and the bootstrap goes to its end.
    Good,
    /// Nobody answers.
    Silent,
    /// It is refused.
    Refuses,
    /// The server is gone after so many requests.
    Vanishes(usize),
}

/// The Bootstrap-Server.
pub struct BootstrapServer {
    pub endpoint: Endpoint,
    pub manner: Manner,
    /// The accounts it writes, or wrote last.
    pub accounts: Accounts,
    address: u32,
    script: VecDeque<(Code, String, Vec<u8>)>,
    /// The request that is under way.
    asking: Option<Vec<u8>>,
    /// A request that the client refused.
    pub refused: Option<String>,
}

impl BootstrapServer {
    pub fn new(accounts: Accounts) -> Self {
        Self {
            endpoint: Endpoint::new(BOOTSTRAP as u8),
            manner: Manner::Good,
            accounts,
            address: 0,
            script: VecDeque::new(),
            asking: None,
            refused: None,
        }
    }

    /// A datagram from the client; what is sent back.
    pub fn receive(
        &mut self,
        now: u64,
        address: u32,
        datagram: &[u8],
        random: &mut Random,
    ) -> Option<Vec<u8>> {
        let received = Message::parse(datagram).expect("the client sends messages");
        if !received.code.is_request() {
            if let Some((token, ended)) = self.endpoint.hear(now, &received) {
                self.ended(&token, ended);
            }
            return None;
        }
        let id = received.message_id;
        if let Some(answer) = self.endpoint.answered(now, address, id) {
            return Some(answer);
        }
        let code = match self.manner {
            Manner::Silent => return None,
            Manner::Refuses => Code::BAD_REQUEST,
            Manner::Good | Manner::Vanishes(_) => {
                self.begin(address, random);
                Code::CHANGED
            }
        };
        let answer = piggybacked(&received, code, &[]);
        self.endpoint.answer(now, address, id, &answer);
        Some(answer)
    }

    fn begin(&mut self, address: u32, random: &mut Random) {
        self.endpoint.give_up();
        self.asking = None;
        self.address = address;
        self.accounts = self.accounts.next(random);
        let mut script = vec![
            (Code::DELETE, "/0".into(), vec![]),
            (Code::DELETE, "/1".into(), vec![]),
        ];
        for index in 0..self.accounts.servers.len() {
            let security = tlv(&self.accounts.security(index));
            let server = tlv(&self.accounts.server(index));
            script.push((Code::PUT, format!("/0/{index}"), security));
            script.push((Code::PUT, format!("/1/{index}"), server));
        }
        script.push((Code::POST, "/bs".into(), vec![]));
        if let Manner::Vanishes(after) = self.manner {
            script.truncate(after);
        }
        self.script = script.into();
    }

    fn ended(&mut self, token: &[u8], ended: Ended) {
        if self.asking.as_deref() != Some(token) {
            return;
        }
        self.asking = None;
        match ended {
            Ended::Answered(code) if code.is_success() => {}
            Ended::Answered(code) => {
                self.refused = Some(format!("{code:?} to a request of the Bootstrap-Server's"));
            }
            Ended::TimedOut | Ended::Reset => self.script.clear(),
        }
    }

    /// When it wants to be asked what is [`BootstrapServer::due`].
    pub fn deadline(&self) -> Option<u64> {
        self.endpoint.deadline()
    }

    /// What is to be sent, and where to.
    pub fn due(&mut self, now: u64) -> Vec<(u32, Vec<u8>)> {
        let (mut send, gone) = self.endpoint.due(now);
        for token in gone {
            self.ended(&token, Ended::TimedOut);
        }
        if self.asking.is_none() {
            send.extend(self.next(now));
        }
        send
    }

    fn next(&mut self, now: u64) -> Option<(u32, Vec<u8>)> {
        /// OMA TLV.
        const TLV: [u8; 2] = 11_542_u16.to_be_bytes();
        let (code, path, payload) = self.script.pop_front()?;
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let mut options: Vec<(u16, &[u8])> = segments
            .map(|segment| (option::URI_PATH, segment.as_bytes()))
            .collect();
        if code == Code::PUT {
            options.push((option::CONTENT_FORMAT, &TLV));
        }
        let token = self.endpoint.token();
        let endpoint = &mut self.endpoint;
        let datagram = endpoint.request(now, self.address, &token, code, &options, &payload);
        self.asking = Some(token);
        Some((self.address, datagram))
    }
}
