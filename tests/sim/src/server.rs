// SPDX-License-Identifier: Apache-2.0
//! A model of a LwM2M Server: one client's registration, one observation, requests of its own;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.2 to §6.4.

use lwm2m_core::coap::option;
use lwm2m_core::coap::{Code, Message, MessageType};

use crate::endpoint::{Ended, Endpoint, path, piggybacked, values};
use crate::support::message;

/// 4.03, which the client never answers.
const FORBIDDEN: Code = Code(0x83);

/// Content-Formats.
const TEXT: &[u8] = &[];
const SENML_JSON: &[u8] = &[110];

/// What a server knows of the client.
#[derive(Clone, Debug)]
pub struct Registration {
    location: u32,
    /// Where the client was when it last registered or updated.
    pub address: u32,
    /// Milliseconds that it lasts without an Update.
    pub lifetime: u64,
    ends: u64,
    /// The objects and instances that it was told of last.
    pub links: Vec<u8>,
}

/// A server.
pub struct Server {
    pub endpoint: Endpoint,
    pub registration: Option<Registration>,
    registrations: u32,
    /// The blocks of a Register or Update that have come, and their number.
    blocks: (u32, Vec<u8>),
    /// Whether Register is answered with 4.03.
    pub refuses: bool,
    /// Whether it observes whenever it can.
    pub watches: bool,
    /// Whether it does so by Observe-Composite.
    composite: bool,
    /// The token of the observation, and the last Observe value and payload it brought.
    pub observation: Option<Vec<u8>>,
    pub observed: Option<(u32, Vec<u8>)>,
}

impl Server {
    pub fn new(name: u8, composite: bool) -> Self {
        Self {
            endpoint: Endpoint::new(name),
            registration: None,
            registrations: 0,
            blocks: (0, Vec::new()),
            refuses: false,
            watches: false,
            composite,
            observation: None,
            observed: None,
        }
    }

    /// Forgets everything, as a restart does.
    pub fn restart(&mut self) {
        self.registration = None;
        self.observation = None;
        self.observed = None;
        self.blocks = (0, Vec::new());
        self.endpoint.restart();
    }

    /// Forgets the client, and what was asked of it.
    pub fn forget(&mut self) {
        self.registration = None;
        self.observation = None;
        self.endpoint.give_up();
    }

    /// Begins a confirmable request to the client where it was last seen; token and datagram.
    pub fn request(
        &mut self,
        now: u64,
        code: Code,
        path: &str,
        payload: &[u8],
    ) -> Option<(Vec<u8>, Vec<u8>)> {
        let token = self.endpoint.token();
        let datagram = self.ask(now, code, &token, path, None, payload)?;
        Some((token, datagram))
    }

    /// Begins an observation, in place of the one there is.
    pub fn observe(&mut self, now: u64, path: &str) -> Option<Vec<u8>> {
        let token = self.endpoint.token();
        let named = format!(r#"[{{"n":"{path}"}}]"#);
        let (code, path, payload) = match self.composite {
            true => (Code::FETCH, "", named.as_bytes()),
            false => (Code::GET, path, &b""[..]),
        };
        let datagram = self.ask(now, code, &token, path, Some(&[]), payload)?;
        self.observation = Some(token);
        self.observed = None;
        Some(datagram)
    }

    fn ask(
        &mut self,
        now: u64,
        code: Code,
        token: &[u8],
        path: &str,
        observe: Option<&[u8]>,
        payload: &[u8],
    ) -> Option<Vec<u8>> {
        let address = self.registration.as_ref()?.address;
        let mut options: Vec<(u16, &[u8])> = Vec::new();
        options.extend(observe.map(|value| (option::OBSERVE, value)));
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        options.extend(segments.map(|segment| (option::URI_PATH, segment.as_bytes())));
        let format: &[u8] = match code {
            Code::FETCH => SENML_JSON,
            _ => TEXT,
        };
        if !payload.is_empty() {
            options.push((option::CONTENT_FORMAT, format));
        }
        if matches!(code, Code::GET | Code::FETCH) {
            options.push((option::ACCEPT, format));
        }
        let endpoint = &mut self.endpoint;
        Some(endpoint.request(now, address, token, code, &options, payload))
    }

    /// Whether it would observe, and does not.
    pub fn wants_to_observe(&self) -> bool {
        self.watches && self.registration.is_some() && self.observation.is_none()
    }

    /// When it wants to be asked what is [`Server::due`].
    pub fn deadline(&self) -> Option<u64> {
        let ends = self.registration.as_ref().map(|it| it.ends);
        self.endpoint.deadline().into_iter().chain(ends).min()
    }

    /// What is to be sent again, with where it goes. A registration that has run out is gone.
    pub fn due(&mut self, now: u64) -> Vec<(u32, Vec<u8>)> {
        if self.registration.as_ref().is_some_and(|it| it.ends <= now) {
            self.forget();
        }
        let (send, gone) = self.endpoint.due(now);
        // An Observe request that nobody answered has established nothing.
        if self
            .observation
            .as_ref()
            .is_some_and(|it| gone.contains(it))
        {
            self.observation = None;
        }
        send
    }

    /// A datagram from the client; what is sent back.
    pub fn receive(&mut self, now: u64, address: u32, datagram: &[u8]) -> Option<Vec<u8>> {
        let received = Message::parse(datagram).expect("the client sends messages");
        if !received.code.is_request() {
            let token = received.token.as_bytes().to_vec();
            if let Some((token, Ended::Reset)) = self.endpoint.hear(now, &received) {
                self.observation.take_if(|it| *it == token);
            }
            self.notified(&token, &received);
            return self.acknowledge(&received, &token);
        }
        let id = received.message_id;
        if let Some(answer) = self.endpoint.answered(now, address, id) {
            return Some(answer);
        }
        let answer = self.answer(now, address, &received);
        self.endpoint.answer(now, address, id, &answer);
        Some(answer)
    }

    /// RFC 7641 §3.4: of two notifications the one with the greater number counts.
    fn notified(&mut self, token: &[u8], received: &Message<'_>) {
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
        let known =
            self.observation.as_deref() == Some(token) || self.endpoint.ended.contains_key(token);
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

    fn answer(&mut self, now: u64, address: u32, request: &Message<'_>) -> Vec<u8> {
        let path = path(request);
        let location = path
            .get(1)
            .and_then(|segment| std::str::from_utf8(segment).ok())
            .and_then(|text| text.parse().ok());
        let known = self
            .registration
            .as_ref()
            .is_some_and(|it| location == Some(it.location) && now < it.ends);
        let rest = match self.block(request) {
            Ok(block) => block,
            Err(answer) => return answer,
        };
        match (request.code, path.first().copied(), path.len()) {
            (Code::POST, Some(b"rd"), 1) if self.refuses => piggybacked(request, FORBIDDEN, &rest),
            (Code::POST, Some(b"rd"), 1) => self.register(now, address, request, &rest),
            (Code::POST, Some(b"rd"), _) if known => {
                self.update(now, address, request);
                piggybacked(request, Code::CHANGED, &rest)
            }
            (Code::DELETE, Some(b"rd"), _) if known => {
                self.forget();
                piggybacked(request, Code::DELETED, &[])
            }
            (Code::POST, Some(b"dp"), _) if self.registration.is_some() => {
                piggybacked(request, Code::CHANGED, &[])
            }
            _ => piggybacked(request, Code::NOT_FOUND, &[]),
        }
    }

    /// Takes a block in, RFC 7959 §2.3. The options of the answer when the request is whole, else that
    /// it is not.
    fn block<'m>(&mut self, request: &Message<'m>) -> Result<Vec<(u16, &'m [u8])>, Vec<u8>> {
        let Some(option) = request.option(option::BLOCK1) else {
            self.blocks = (0, request.payload.to_vec());
            return Ok(vec![]);
        };
        let block = option
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
        let options = vec![(option::BLOCK1, option)];
        if block >> 4 == 0 {
            self.blocks = (0, Vec::new());
        }
        let (next, body) = &mut self.blocks;
        if block >> 4 != *next {
            return Err(piggybacked(
                request,
                Code::REQUEST_ENTITY_INCOMPLETE,
                &options,
            ));
        }
        *next += 1;
        body.extend_from_slice(request.payload);
        if block & 8 != 0 {
            return Err(piggybacked(request, Code::CONTINUE, &options));
        }
        Ok(options)
    }

    fn register(
        &mut self,
        now: u64,
        address: u32,
        request: &Message<'_>,
        rest: &[(u16, &[u8])],
    ) -> Vec<u8> {
        // The client has forgotten the observations of an older registration, and what was asked of
        // it there is given up.
        self.forget();
        self.registrations += 1;
        self.registration = Some(Registration {
            location: self.registrations,
            address,
            lifetime: 0,
            ends: 0,
            links: Vec::new(),
        });
        self.update(now, address, request);
        let place = self.registrations.to_string();
        let mut location = vec![
            (option::LOCATION_PATH, &b"rd"[..]),
            (option::LOCATION_PATH, place.as_bytes()),
        ];
        location.extend(rest);
        piggybacked(request, Code::CREATED, &location)
    }

    fn update(&mut self, now: u64, address: u32, request: &Message<'_>) {
        let queries = values(request, option::URI_QUERY);
        let lifetime = queries
            .iter()
            .filter_map(|query| std::str::from_utf8(query).ok()?.strip_prefix("lt="))
            .find_map(|text| text.parse::<u64>().ok());
        if let Some(registration) = &mut self.registration {
            registration.address = address;
            registration.lifetime = lifetime.map_or(registration.lifetime, |it| it * 1000);
            registration.ends = now + registration.lifetime;
            if !self.blocks.1.is_empty() {
                registration.links = std::mem::take(&mut self.blocks.1);
            }
        }
    }
}
