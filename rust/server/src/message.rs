// SPDX-License-Identifier: Apache-2.0
//! Requests and responses as a user of the server sees them, and what is asked of coap-lite's
//! packets in several places (RFC 7252 §3, §5.10).

use coap_lite::{CoapOption, MessageClass, MessageType, Packet};

use crate::content::{self, Content, ContentFormat};
use crate::{Code, Error, Models, Observation, Path};

/// Any request to a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Method; default GET.
    pub method: Code,
    /// Segments of the path.
    pub path: Vec<String>,
    /// Parts of the query.
    pub query: Vec<String>,
    /// The format wanted.
    pub accept: Option<ContentFormat>,
    /// The payload's format.
    pub content_format: Option<ContentFormat>,
    /// The Observe option.
    pub observe: Option<u32>,
    /// Further options, by number.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The payload; sent in blocks when longer than [`Config::block_size`](crate::Config).
    pub payload: Vec<u8>,
    /// Sent as a non-confirmable message.
    pub non_confirmable: bool,
    /// The token, up to 8 bytes; a fresh one if none is given.
    pub token: Option<Vec<u8>>,
}

impl Request {
    /// A request on a path of the resource model.
    pub fn new(method: Code, path: Path) -> Self {
        let path = path.ids().iter().map(u16::to_string).collect();
        Request {
            method,
            path,
            ..Request::default()
        }
    }

    /// With a format wanted.
    pub fn accept(mut self, format: ContentFormat) -> Self {
        self.accept = Some(format);
        self
    }

    /// With an Observe option.
    pub fn observe(mut self, value: u32) -> Self {
        self.observe = Some(value);
        self
    }

    /// With a payload.
    pub fn payload(mut self, format: ContentFormat, payload: Vec<u8>) -> Self {
        self.content_format = Some(format);
        self.payload = payload;
        self
    }

    /// The message without type, message id and token.
    pub(crate) fn to_packet(&self) -> Packet {
        let mut packet = Packet::new();
        packet.header.code = self.method.into();
        for segment in &self.path {
            packet.add_option(CoapOption::UriPath, segment.clone().into_bytes());
        }
        for part in &self.query {
            packet.add_option(CoapOption::UriQuery, part.clone().into_bytes());
        }
        if let Some(format) = self.accept {
            set_uint(&mut packet, CoapOption::Accept, format.0.into());
        }
        if let Some(format) = self.content_format {
            set_uint(&mut packet, CoapOption::ContentFormat, format.0.into());
        }
        if let Some(value) = self.observe {
            set_uint(&mut packet, CoapOption::Observe, value);
        }
        for (number, value) in &self.options {
            packet.add_option(CoapOption::from(*number), value.clone());
        }
        packet.payload.clone_from(&self.payload);
        packet
    }

    /// The path as one of the resource model; the root if it is none, as of a composite request.
    pub(crate) fn base(&self) -> Path {
        self.path.join("/").parse().unwrap_or(Path::ROOT)
    }
}

/// A client's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Response code, of any class.
    pub code: Code,
    /// The payload's format, if it says.
    pub content_format: Option<ContentFormat>,
    /// The payload, put together if it came in blocks.
    pub payload: Vec<u8>,
    /// The payload decoded; empty for a response of an error class.
    pub content: Result<Content, content::Error>,
    /// Options as received, by number, of the last block.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The observation this response began.
    pub observation: Option<Observation>,
}

impl Response {
    /// The response unless it is of an error class.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn success(self) -> Result<Self, Error> {
        match self.code.is_success() {
            true => Ok(self),
            false => Err(Error::Refused(self.code)),
        }
    }

    /// The value at a path; `None` too if the payload could not be decoded.
    pub fn value(&self, path: &str) -> Option<&content::Value> {
        self.content.as_ref().ok()?.get(path)
    }

    /// Reads what a packet says of the resource at `base`.
    pub(crate) fn from_packet(packet: &Packet, base: Path, models: &Models) -> Self {
        let mut response = Response {
            code: packet.header.code.into(),
            content_format: content_format(packet),
            payload: packet.payload.clone(),
            content: Ok(Content::default()),
            options: options(packet),
            observation: None,
        };
        response.decode(base, models);
        response
    }

    /// Decodes the payload anew.
    pub(crate) fn decode(&mut self, base: Path, models: &Models) {
        self.content = match self.content_format {
            Some(format) if self.code.is_success() => {
                Content::decode(format, base, &self.payload, models)
            }
            _ => Ok(Content::default()),
        };
    }
}

impl Default for Code {
    fn default() -> Self {
        Code::GET
    }
}

/// Reads a datagram; stricter than coap-lite in the three rules it does not check: version 1,
/// nothing after an Empty message's id, no payload marker without payload (RFC 7252 §3, §4.1).
pub(crate) fn parse(datagram: &[u8]) -> Option<Packet> {
    let packet = Packet::from_bytes(datagram).ok()?;
    let empty = packet.header.code == MessageClass::Empty;
    let empty_marker = packet.payload.is_empty() && has_marker(&packet, datagram.len());
    let valid =
        packet.header.get_version() == 1 && (!empty || datagram.len() == 4) && !empty_marker;
    valid.then_some(packet)
}

/// Whether a message of that length without payload ends in a payload marker.
fn has_marker(packet: &Packet, length: usize) -> bool {
    packet
        .to_bytes_unlimited()
        .is_ok_and(|bytes| bytes.len() < length)
}

/// A message of that type and code that answers another.
pub(crate) fn answer(kind: MessageType, code: Code, message_id: u16, token: &[u8]) -> Packet {
    let mut packet = Packet::new();
    packet.header.set_type(kind);
    packet.header.code = code.into();
    packet.header.message_id = message_id;
    packet.set_token(token.to_vec());
    packet
}

pub(crate) fn encode(packet: &Packet) -> Vec<u8> {
    // Fails on a header that does not fit the buffer it has just made to fit.
    packet.to_bytes_unlimited().unwrap_or_default()
}

pub(crate) fn content_format(packet: &Packet) -> Option<ContentFormat> {
    let number = uint(packet, CoapOption::ContentFormat)?;
    u16::try_from(number).ok().map(ContentFormat)
}

/// The options one by one, in order of their numbers.
pub(crate) fn options(packet: &Packet) -> Vec<(u16, Vec<u8>)> {
    let each = |(number, values): (&u16, &std::collections::LinkedList<Vec<u8>>)| {
        let number = *number;
        values
            .clone()
            .into_iter()
            .map(move |value| (number, value))
            .collect::<Vec<_>>()
    };
    packet.options().flat_map(each).collect()
}

/// The first option of that number as an unsigned integer (RFC 7252 §3.2).
pub(crate) fn uint(packet: &Packet, option: CoapOption) -> Option<u32> {
    bytes_to_uint(packet.get_first_option(option)?)
}

pub(crate) fn bytes_to_uint(bytes: &[u8]) -> Option<u32> {
    let fold = |number, byte: &u8| number << 8 | u32::from(*byte);
    (bytes.len() <= 4).then(|| bytes.iter().fold(0, fold))
}

/// The shortest form of an unsigned integer (RFC 7252 §3.2).
pub(crate) fn uint_to_bytes(number: u32) -> Vec<u8> {
    number
        .to_be_bytes()
        .into_iter()
        .skip_while(|byte| *byte == 0)
        .collect()
}

pub(crate) fn set_uint(packet: &mut Packet, option: CoapOption, number: u32) {
    packet.set_option(option, [uint_to_bytes(number)].into());
}

/// The options of that number as text, bytes that are none replaced.
pub(crate) fn strings(packet: &Packet, option: CoapOption) -> Vec<String> {
    let values = packet.get_option(option).into_iter().flatten();
    values
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_break_the_format_are_refused() {
        assert!(parse(&[0x40, 0x01, 0, 1]).is_some());
        assert!(parse(&[0x60, 0x00, 0, 1]).is_some());
        let broken: &[&[u8]] = &[
            &[0x40, 0x01, 0],
            &[0x80, 0x01, 0, 1],
            &[0x41, 0x00, 0, 1, 7],
            &[0x42, 0x01, 0, 1, 7],
            &[0x49, 0x01, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            &[0x40, 0x01, 0, 1, 0xff],
            &[0x40, 0x01, 0, 1, 0xb2, b'r'],
        ];
        for datagram in broken {
            assert_eq!(parse(datagram), None, "{datagram:02x?}");
        }
    }

    #[test]
    fn integers_take_the_fewest_bytes() {
        for (number, bytes) in [(0, &[][..]), (60, &[60]), (11542, &[0x2d, 0x16])] {
            assert_eq!(uint_to_bytes(number), bytes);
            assert_eq!(bytes_to_uint(bytes), Some(number));
        }
    }
}
