// SPDX-License-Identifier: Apache-2.0
//! What clients may ask of the server: a bootstrap, registration and Send
//! (OMA-TS-LightweightM2M_Transport-V1_1_1 §6.4.2, §6.4.3, §6.4.5).

use std::net::SocketAddr;
use std::time::Instant;

use coap_lite::{CoapOption, MessageType, Packet};

use crate::blockwise::{Block, Progress};
use crate::driver::Driver;
use crate::registration::Parameters;
use crate::{Code, Content, Event, Path, message};

impl Driver {
    /// The response to a client's request, and what it brings about.
    pub(crate) fn serve(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        request: &Packet,
    ) -> (Packet, Vec<Event>) {
        let block = request
            .get_first_option(CoapOption::Block1)
            .map(|value| Block::parse(value));
        let path = message::strings(request, CoapOption::UriPath).join("/");
        let plain = self.response_to(request, Code::CONTENT);
        if let Some(response) = self.packages.answer(&path, request, plain) {
            return (response, Vec::new());
        }
        let mut location = None;
        let served = match block {
            _ if has_unknown_critical_option(request) => Err(Code::BAD_OPTION),
            None => self.dispatch(now, peer, &path, request, &request.payload),
            Some(None) => Err(Code::BAD_REQUEST),
            Some(Some(block)) => match self.uploads.take_in(peer, &path, block, &request.payload) {
                Progress::Continue => Ok((Code::CONTINUE, Vec::new())),
                Progress::Incomplete => Err(Code::REQUEST_ENTITY_INCOMPLETE),
                Progress::Complete(payload) => self.dispatch(now, peer, &path, request, &payload),
            },
        };
        let (code, events) = served.unwrap_or_else(|code| (code, Vec::new()));
        if let [Event::Registered(registration)] = events.as_slice() {
            location = Some(registration.location.clone());
        }
        let mut response = self.response_to(request, code);
        for segment in location.iter().flat_map(|location| location.split('/')) {
            response.add_option(CoapOption::LocationPath, segment.as_bytes().to_vec());
        }
        if let Some(Some(block)) = block {
            response.add_option(CoapOption::Block1, block.to_bytes());
        }
        (response, events)
    }

    /// Piggybacked on the acknowledgement, or non-confirmable like the request (§5.2.1, §5.2.3).
    fn response_to(&mut self, request: &Packet, code: Code) -> Packet {
        let (kind, message_id) = match request.header.get_type() {
            MessageType::Confirmable => (MessageType::Acknowledgement, request.header.message_id),
            _ => (
                MessageType::NonConfirmable,
                self.own_message_ids.next() as u16,
            ),
        };
        message::answer(kind, code, message_id, request.get_token())
    }

    fn dispatch(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        path: &str,
        request: &Packet,
        payload: &[u8],
    ) -> Result<(Code, Vec<Event>), Code> {
        let method = Code::from(request.header.code);
        let parameters = || {
            let query = message::strings(request, CoapOption::UriQuery);
            Parameters::parse(&query, message::content_format(request), payload)
        };
        match (method, path) {
            (Code::POST, "bs") => {
                let query = message::strings(request, CoapOption::UriQuery);
                let endpoint = query.iter().find_map(|part| part.strip_prefix("ep="));
                let endpoint = endpoint.ok_or(Code::BAD_REQUEST)?.to_owned();
                self.bootstrapping.insert(endpoint.clone(), peer);
                Ok((Code::CHANGED, vec![Event::BootstrapRequested(endpoint)]))
            }
            (Code::POST, "rd") => {
                let registration = self.registry.register(now, peer, parameters()?)?.clone();
                self.bootstrapping.remove(&registration.endpoint);
                self.observations.end_all(&registration.endpoint);
                Ok((Code::CREATED, vec![Event::Registered(registration)]))
            }
            (Code::POST, location) if location.starts_with("rd/") => {
                let registration = self.registry.update(now, peer, location, parameters()?)?;
                Ok((Code::CHANGED, vec![Event::Updated(registration.clone())]))
            }
            (Code::DELETE, location) if location.starts_with("rd/") => {
                let registration = self.registry.deregister(location)?;
                self.observations.end_all(&registration.endpoint);
                Ok((Code::DELETED, vec![Event::Deregistered(registration)]))
            }
            (Code::POST, "dp") => self.report(peer, request, payload),
            (_, "bs" | "rd" | "dp") => Err(Code::METHOD_NOT_ALLOWED),
            (_, location) if location.starts_with("rd/") => Err(Code::METHOD_NOT_ALLOWED),
            _ => Err(Code::NOT_FOUND),
        }
    }

    /// Send (OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.6).
    fn report(
        &self,
        peer: SocketAddr,
        request: &Packet,
        payload: &[u8],
    ) -> Result<(Code, Vec<Event>), Code> {
        let registration = self.registry.at(peer).ok_or(Code::NOT_FOUND)?;
        let format = message::content_format(request).ok_or(Code::UNSUPPORTED_CONTENT_FORMAT)?;
        let content = Content::decode(format, Path::ROOT, payload, &self.models);
        let code = match &content {
            Ok(_) => Code::CHANGED,
            Err(crate::content::Error::Unsupported(_)) => Code::UNSUPPORTED_CONTENT_FORMAT,
            Err(_) => Code::BAD_REQUEST,
        };
        let endpoint = registration.endpoint.clone();
        Ok((code, vec![Event::Send { endpoint, content }]))
    }
}

/// Critical options have odd numbers (RFC 7252 §5.4.1).
fn has_unknown_critical_option(request: &Packet) -> bool {
    const UNDERSTOOD: [CoapOption; 7] = [
        CoapOption::UriHost,
        CoapOption::UriPort,
        CoapOption::UriPath,
        CoapOption::UriQuery,
        CoapOption::Accept,
        CoapOption::Block1,
        CoapOption::Block2,
    ];
    let understood = |number| UNDERSTOOD.contains(&CoapOption::from(number));
    request
        .options()
        .any(|(number, _)| number % 2 == 1 && !understood(*number))
}
