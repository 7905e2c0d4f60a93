// SPDX-License-Identifier: Apache-2.0
//! Datagrams in words: one line of CoAP (RFC 7252 §3), below it the values of the payload.
//!
//! ```text
//! → CON GET /3/0 Accept: 112 [mid 0x1234 token ab12]
//! ← ACK 2.05 Content ct=112 84 bytes [mid 0x1234 token ab12 for /3/0]
//!     /3/0/0 Manufacturer = "Zephyr"
//! ```

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use coap_lite::{CoapOption, MessageType, Packet};

use crate::blockwise::Block;
use crate::message::{self, bytes_to_uint};
use crate::{Code, Content, Fate, Models, Path};

/// Which way a datagram goes, seen from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the server to a client.
    Sent,
    /// From a client to the server.
    Received,
}

impl Direction {
    fn opposite(self) -> Self {
        match self {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Sent => "→",
            Direction::Received => "←",
        })
    }
}

/// A datagram in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// One line: direction, type, code, options, length, message id and token.
    pub summary: String,
    /// The payload, a value or link a line.
    pub lines: Vec<String>,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)?;
        self.lines
            .iter()
            .try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// A datagram that came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Time since the server started.
    pub at: Duration,
    /// Which way it went.
    pub direction: Direction,
    /// The client's address.
    pub peer: SocketAddr,
    /// What the link did to it.
    pub fate: Fate,
    /// The datagram.
    pub datagram: Vec<u8>,
    /// The datagram in words.
    pub description: Description,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description.summary)?;
        if self.fate != Fate::Delivered {
            write!(f, " ({})", self.fate)?;
        }
        self.description
            .lines
            .iter()
            .try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// Describes datagrams, remembering of each request what its response will be about.
#[derive(Debug)]
pub struct Tracer {
    models: Arc<Models>,
    requests: HashMap<Key, String>,
    oldest_first: VecDeque<Key>,
}

/// Both sides choose tokens, each for the requests it sends.
type Key = (Direction, Vec<u8>);

/// Requests remembered.
const CAPACITY: usize = 1024;

impl Tracer {
    /// A tracer with those names and types.
    pub fn new(models: impl Into<Arc<Models>>) -> Self {
        Tracer {
            models: models.into(),
            requests: HashMap::new(),
            oldest_first: VecDeque::new(),
        }
    }

    /// Puts a datagram in words, one that is no CoAP message too.
    pub fn describe(&mut self, direction: Direction, datagram: &[u8]) -> Description {
        let Some(packet) = message::parse(datagram) else {
            let summary = format!("{direction} {} bytes, not CoAP", datagram.len());
            return Description {
                summary,
                lines: vec![hex(datagram)],
            };
        };
        let about = self.about(direction, &packet);
        Description {
            summary: summarize(direction, &packet, about.as_deref()),
            lines: self.payload_lines(&packet, about.as_deref()),
        }
    }

    /// The path of a request, or of the request that a response answers.
    fn about(&mut self, direction: Direction, packet: &Packet) -> Option<String> {
        let code = Code::from(packet.header.code);
        let token = packet.get_token().to_vec();
        if code.is_request() {
            let path = format!(
                "/{}",
                message::strings(packet, CoapOption::UriPath).join("/")
            );
            self.remember((direction, token), path.clone());
            return Some(path);
        }
        let key = (direction.opposite(), token);
        code.is_response()
            .then(|| self.requests.get(&key).cloned())
            .flatten()
    }

    fn remember(&mut self, key: Key, path: String) {
        if self.requests.insert(key.clone(), path).is_none() {
            self.oldest_first.push_back(key);
        }
        if self.oldest_first.len() > CAPACITY {
            let oldest = self.oldest_first.pop_front();
            oldest.map(|key| self.requests.remove(&key));
        }
    }

    fn payload_lines(&self, packet: &Packet, about: Option<&str>) -> Vec<String> {
        let payload = packet.payload.as_slice();
        if payload.is_empty() {
            return Vec::new();
        }
        let code = Code::from(packet.header.code);
        let format =
            message::content_format(packet).filter(|_| code.is_request() || code.is_success());
        if is_part(packet) {
            return vec![format!("part of a block-wise transfer, {}", hex(payload))];
        }
        let Some(format) = format else {
            return vec![text_or_hex(payload)];
        };
        let base = about
            .and_then(|path| path.parse().ok())
            .unwrap_or(Path::ROOT);
        match Content::decode(format, base, payload, &self.models) {
            Ok(content) => content
                .describe(&self.models)
                .to_string()
                .lines()
                .map(str::to_owned)
                .collect(),
            Err(error) => vec![format!("{error}, {}", hex(payload))],
        }
    }
}

fn is_part(packet: &Packet) -> bool {
    let options = [CoapOption::Block1, CoapOption::Block2];
    let mut blocks = options
        .into_iter()
        .filter_map(|option| Block::parse(packet.get_first_option(option)?));
    blocks.any(|block| block.more || block.number > 0)
}

fn summarize(direction: Direction, packet: &Packet, about: Option<&str>) -> String {
    let code = Code::from(packet.header.code);
    let mut words = vec![direction.to_string(), kind(packet).to_owned()];
    if code != Code::EMPTY {
        words.push(code.to_string());
    }
    if code.is_request() {
        words.push(target(packet, about.unwrap_or("/")));
    }
    words.extend(option_words(packet));
    if !packet.payload.is_empty() {
        words.push(format!("{} bytes", packet.payload.len()));
    }
    words.push(identifiers(packet, about.filter(|_| code.is_response())));
    words.join(" ")
}

fn kind(packet: &Packet) -> &'static str {
    match packet.header.get_type() {
        MessageType::Confirmable => "CON",
        MessageType::NonConfirmable => "NON",
        MessageType::Acknowledgement => "ACK",
        MessageType::Reset => "RST",
    }
}

fn target(packet: &Packet, path: &str) -> String {
    match message::strings(packet, CoapOption::UriQuery).as_slice() {
        [] => path.to_owned(),
        query => format!("{path}?{}", query.join("&")),
    }
}

/// The options that are no part of the target, in the order of their numbers.
fn option_words(packet: &Packet) -> Vec<String> {
    let mut words = Vec::new();
    let location = message::strings(packet, CoapOption::LocationPath);
    if !location.is_empty() {
        words.push(format!("Location: /{}", location.join("/")));
    }
    for (number, value) in message::options(packet) {
        let uint = || bytes_to_uint(&value).map_or_else(|| hex(&value), |n| n.to_string());
        match CoapOption::from(number) {
            CoapOption::UriPath | CoapOption::UriQuery | CoapOption::LocationPath => {}
            CoapOption::Observe => words.push(format!("Observe: {}", uint())),
            CoapOption::ContentFormat => words.push(format!("ct={}", uint())),
            CoapOption::Accept => words.push(format!("Accept: {}", uint())),
            CoapOption::MaxAge => words.push(format!("Max-Age: {}", uint())),
            CoapOption::Size1 => words.push(format!("Size1: {}", uint())),
            CoapOption::Size2 => words.push(format!("Size2: {}", uint())),
            CoapOption::ETag => words.push(format!("ETag: {}", hex(&value))),
            CoapOption::Block1 => words.push(format!("Block1: {}", block(&value))),
            CoapOption::Block2 => words.push(format!("Block2: {}", block(&value))),
            _ => words.push(format!("Option {number}: {}", hex(&value))),
        }
    }
    words
}

/// `number/more/size`, as RFC 7959 writes it in its examples.
fn block(value: &[u8]) -> String {
    match Block::parse(value) {
        Some(block) => format!("{}/{}/{}", block.number, u8::from(block.more), block.size()),
        None => hex(value),
    }
}

fn identifiers(packet: &Packet, about: Option<&str>) -> String {
    let mut words = format!("[mid 0x{:04x}", packet.header.message_id);
    if !packet.get_token().is_empty() {
        words += &format!(" token {}", hex(packet.get_token()));
    }
    if let Some(path) = about {
        words += &format!(" for {path}");
    }
    words + "]"
}

fn text_or_hex(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok(text) => format!("{text:?}"),
        Err(_) => hex(payload),
    }
}

/// The first bytes; an ellipsis says that there are more.
fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 32;
    let mut text: String = bytes
        .iter()
        .take(SHOWN)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if bytes.len() > SHOWN {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn tracer() -> Tracer {
        Tracer::new(Models::default())
    }

    #[test]
    fn a_read_is_told_with_names_from_the_requests_path() {
        let mut tracer = tracer();
        let request = b"\x42\x01\x12\x34\xab\x12\xb13\x010\x019\x62\x2d\x16";
        let told = tracer.describe(Direction::Sent, request);
        assert_eq!(
            told.to_string(),
            "→ CON GET /3/0/9 Accept: 11542 [mid 0x1234 token ab12]"
        );
        let response = b"\x62\x45\x12\x34\xab\x12\xc2\x2d\x16\xff\xc1\x09\x64";
        let told = tracer.describe(Direction::Received, response);
        let expected = "← ACK 2.05 Content ct=11542 3 bytes [mid 0x1234 token ab12 for /3/0/9]\
            \n    /3/0/9 Battery Level = 100";
        assert_eq!(told.to_string(), expected);
    }

    #[test]
    fn a_registration_is_told_with_query_location_and_links() {
        let mut tracer = tracer();
        let request = b"\x41\x02\x00\x01\x07\xb2rd\x11\x28\x39lwm2m=1.1\x04ep=x\xff</3/0>;ver=1.1";
        let told = tracer.describe(Direction::Received, request);
        let expected = "← CON POST /rd?lwm2m=1.1&ep=x ct=40 14 bytes [mid 0x0001 token 07]\
            \n    </3/0>;ver=1.1 Device";
        assert_eq!(told.to_string(), expected);
        let response = b"\x61\x41\x00\x01\x07\x82rd\x021a";
        let told = tracer.describe(Direction::Sent, response);
        let expected = "→ ACK 2.01 Created Location: /rd/1a [mid 0x0001 token 07 for /rd]";
        assert_eq!(told.to_string(), expected);
    }

    #[test]
    fn any_bytes_are_told() {
        let cases: &[(&[u8], &str)] = &[
            (&[0x60, 0x00, 0, 7], "← ACK [mid 0x0007]"),
            (&[0x70, 0x00, 0, 7], "← RST [mid 0x0007]"),
            (
                &[0x50, 0x84, 0, 7, 0xff, b'n', b'o'],
                "← NON 4.04 Not Found 2 bytes [mid 0x0007]\n    \"no\"",
            ),
            (
                &[0x40, 0x45, 0, 7, 0xd1, 0x0a, 0x1e],
                "← CON 2.05 Content Block2: 1/1/1024 [mid 0x0007]",
            ),
            (
                &[0x50, 0xe1, 0, 7, 0xe1, 0x06, 0xf8, 9],
                "← NON 7.01 Option 2053: 09 [mid 0x0007]",
            ),
            (
                &[0x40, 0x45, 0, 7, 0xc1, 0x3c, 0xff, 0x19],
                "← CON 2.05 Content ct=60 1 bytes [mid 0x0007]\n    payload is cut short, 19",
            ),
            (b"hello", "← 5 bytes, not CoAP\n    68656c6c6f"),
            (b"", "← 0 bytes, not CoAP\n    "),
        ];
        for (datagram, expected) in cases {
            assert_eq!(
                tracer().describe(Direction::Received, datagram).to_string(),
                *expected
            );
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let seeds: [&[u8]; 4] = [
            b"\x42\x01\x12\x34\xab\x12\xb13\x010\x019\x62\x2d\x16",
            b"\x62\x45\x12\x34\xab\x12\xc2\x2d\x16\xff\xc1\x09\x64\x86\x06\x41\x00\x01\x41\x01\x05",
            b"\x62\x45\x12\x34\xab\x12\xc1\x70\xff\x81\xa2\x00\x66/3/0/9\x02\x18\x64",
            b"\x62\x45\x12\x34\xab\x12\xc1\x28\xff</3/0>;ver=\"1.1\",</1/0>;pmin=5",
        ];
        let mut random = Random::seeded(1);
        let mut tracer = tracer();
        for _ in 0..20_000 {
            for seed in seeds {
                let mut datagram = seed.to_vec();
                for _ in 0..random.next() % 4 {
                    let at = random.next() as usize % datagram.len();
                    datagram[at] = random.next() as u8;
                }
                datagram.truncate(1 + random.next() as usize % datagram.len());
                let _ = tracer.describe(Direction::Received, &datagram).to_string();
                let _ = tracer.describe(Direction::Sent, &datagram).to_string();
            }
        }
    }
}
