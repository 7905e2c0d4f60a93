// SPDX-License-Identifier: Apache-2.0
//! The message format, RFC 7252 §3: a checked view over received bytes, and a builder that writes
//! each byte once.

use core::cell::Cell;

use super::Code;
use crate::content::{EncodeError, Output};

const VERSION: u8 = 1;
const HEADER: usize = 4;
const PAYLOAD_MARKER: u8 = 0xff;
/// Longest token, RFC 7252 §3.
pub const MAX_TOKEN: usize = 8;

/// Message type, RFC 7252 §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// Must be acknowledged.
    Confirmable,
    /// Is not acknowledged.
    NonConfirmable,
    /// Acknowledges a confirmable message.
    Acknowledgement,
    /// Rejects a message.
    Reset,
}

impl MessageType {
    /// The two bits on the wire.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            MessageType::Confirmable => 0,
            MessageType::NonConfirmable => 1,
            MessageType::Acknowledgement => 2,
            MessageType::Reset => 3,
        }
    }

    const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => MessageType::Confirmable,
            1 => MessageType::NonConfirmable,
            2 => MessageType::Acknowledgement,
            _ => MessageType::Reset,
        }
    }
}

/// A token of none to eight bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Token {
    bytes: [u8; MAX_TOKEN],
    length: u8,
}

impl Token {
    /// The token of no bytes.
    pub const EMPTY: Self = Self {
        bytes: [0; MAX_TOKEN],
        length: 0,
    };

    /// A token of eight bytes from two random words.
    #[must_use]
    pub fn random(entropy: &dyn Fn() -> u32) -> Self {
        let mut bytes = [0; MAX_TOKEN];
        let words = [entropy().to_ne_bytes(), entropy().to_ne_bytes()];
        for (to, from) in bytes.iter_mut().zip(words.as_flattened()) {
            *to = *from;
        }
        Self { bytes, length: 8 }
    }

    /// The first eight bytes of `token`.
    #[must_use]
    pub fn new(token: &[u8]) -> Self {
        let mut bytes = [0; MAX_TOKEN];
        let length = token.len().min(MAX_TOKEN);
        if let (Some(to), Some(from)) = (bytes.get_mut(..length), token.get(..length)) {
            to.copy_from_slice(from);
        }
        let length = length as u8;
        Self { bytes, length }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or_default()
    }
}

/// What is wrong with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// Too short for a header, or another version: to be ignored silently, RFC 7252 §3.
    NotCoap,
    /// A message format error: a confirmable message is answered with Reset, everything else is
    /// ignored, RFC 7252 §4.2 and §4.3.
    Malformed {
        /// Type of the broken message.
        kind: MessageType,
        /// Its message id.
        message_id: u16,
    },
}

/// A received message whose format has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Message type.
    pub kind: MessageType,
    /// Method or response code.
    pub code: Code,
    /// Message ID.
    pub message_id: u16,
    /// Token.
    pub token: Token,
    options: &'a [u8],
    /// What follows the payload marker; empty without one.
    pub payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// Checks a datagram.
    ///
    /// # Errors
    /// See [`FormatError`].
    pub fn parse(datagram: &'a [u8]) -> Result<Self, FormatError> {
        let (&[first, code, high, low], rest) = datagram
            .split_first_chunk::<HEADER>()
            .ok_or(FormatError::NotCoap)?;
        if first >> 6 != VERSION {
            return Err(FormatError::NotCoap);
        }
        let kind = MessageType::from_bits(first >> 4);
        let message_id = u16::from_be_bytes([high, low]);
        let malformed = FormatError::Malformed { kind, message_id };
        let code = Code(code);

        let token_length = usize::from(first & 0x0f);
        if token_length > MAX_TOKEN {
            return Err(malformed);
        }
        let (token, rest) = rest.split_at_checked(token_length).ok_or(malformed)?;
        // RFC 7252 §4.1: an empty message consists of the header alone.
        if code == Code::EMPTY && !(token.is_empty() && rest.is_empty()) {
            return Err(malformed);
        }
        // RFC 7252 §4.2: a Reset message is empty.
        if code != Code::EMPTY && kind == MessageType::Reset {
            return Err(malformed);
        }

        let (mut behind, mut number) = (rest, 0);
        while let Some((next, _, tail)) = split_option(behind, number) {
            (behind, number) = (tail, next);
        }
        let length = rest.len().saturating_sub(behind.len());
        let payload = match behind {
            [] => &[][..],
            // RFC 7252 §3: a marker followed by nothing is a message format error.
            [PAYLOAD_MARKER, payload @ ..] if !payload.is_empty() => payload,
            _ => return Err(malformed),
        };
        Ok(Self {
            kind,
            code,
            message_id,
            token: Token::new(token),
            options: rest.get(..length).unwrap_or_default(),
            payload,
        })
    }

    /// The options in order of their numbers.
    #[must_use]
    pub fn options(&self) -> Options<'a> {
        Options {
            rest: self.options,
            number: 0,
        }
    }

    /// The first option with this number.
    #[must_use]
    pub fn option(&self, number: u16) -> Option<&'a [u8]> {
        self.options()
            .find(|option| option.0 == number)
            .map(|option| option.1)
    }
}

/// Numbers and values of a message's options.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    rest: &'a [u8],
    number: u16,
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    /// Stays at the payload marker, and at what is no option.
    fn next(&mut self) -> Option<Self::Item> {
        let (number, value, rest) = split_option(self.rest, self.number)?;
        *self = Options { rest, number };
        Some((number, value))
    }
}

/// Number and value of the option at the front of `rest`, and what follows it; `previous` is the number
/// of the option before.
#[inline(always)]
fn split_option(rest: &[u8], previous: u16) -> Option<(u16, &[u8], &[u8])> {
    let (&first, mut rest) = rest.split_first()?;
    let (mut delta, mut length) = (u16::from(first >> 4), u16::from(first & 0x0f));
    // Mostly both are short.
    if delta > 12 || length > 12 {
        (delta, rest) = extended(first >> 4, rest)?;
        (length, rest) = extended(first & 0x0f, rest)?;
    }
    let (value, rest) = rest.split_at_checked(usize::from(length))?;
    Some((previous.checked_add(delta)?, value, rest))
}

/// RFC 7252 §3.1: a number above 12 continues in the next one or two bytes.
fn extended(nibble: u8, rest: &[u8]) -> Option<(u16, &[u8])> {
    match nibble {
        13 => {
            let (&byte, rest) = rest.split_first()?;
            Some((u16::from(byte).saturating_add(13), rest))
        }
        14 => {
            let (&bytes, rest) = rest.split_first_chunk::<2>()?;
            Some((u16::from_be_bytes(bytes).checked_add(269)?, rest))
        }
        15 => None,
        short => Some((u16::from(short), rest)),
    }
}

/// An unsigned integer option value, RFC 7252 §3.2; `None` when it is longer than four bytes.
#[must_use]
pub fn uint(value: &[u8]) -> Option<u32> {
    if value.len() > 4 {
        return None;
    }
    Some(
        value
            .iter()
            .fold(0, |sum: u32, &byte| (sum << 8) | u32::from(byte)),
    )
}

/// Writes a message front to back: header, token, options in ascending order, payload.
pub struct Builder<'a> {
    output: Output<'a>,
    last_option: u16,
    full: bool,
}

impl<'a> Builder<'a> {
    /// Starts a message at the front of `buffer`.
    #[must_use]
    pub fn new(
        buffer: &'a mut [u8],
        kind: MessageType,
        code: Code,
        message_id: u16,
        token: &Token,
    ) -> Self {
        let mut builder = Self {
            output: Output::new(buffer),
            last_option: 0,
            full: false,
        };
        let [high, low] = message_id.to_be_bytes();
        let first = (VERSION << 6) | (kind.bits() << 4) | token.length;
        builder.put_uint(u32::from_be_bytes([first, code.0, high, low]), HEADER);
        builder.put(token.as_bytes());
        builder
    }

    fn put(&mut self, bytes: &[u8]) {
        self.full |= self.output.put_slice(bytes).is_err();
    }

    #[inline(never)]
    fn put_byte(&mut self, byte: u8) {
        self.full |= self.output.put(byte).is_err();
    }

    #[inline(never)]
    fn put_uint(&mut self, value: u32, width: usize) {
        self.full |= self.output.put_uint(u64::from(value), width).is_err();
    }

    /// Appends an option. Options come in ascending order of their numbers.
    pub fn option(&mut self, number: u16, value: &[u8]) {
        self.option_head(number, value.len());
        self.put(value);
    }

    /// Appends an option whose value is that of `first` followed by `second`.
    pub fn option_parts(&mut self, number: u16, first: &[u8], second: &[u8]) {
        self.option_head(number, first.len().saturating_add(second.len()));
        self.put(first);
        self.put(second);
    }

    /// Appends an option whose value is `length` bytes long.
    #[cfg(all(feature = "pull", not(feature = "pull-proxy")))]
    pub(crate) fn option_bytes(
        &mut self,
        number: u16,
        length: usize,
        value: impl Iterator<Item = u8>,
    ) {
        self.option_head(number, length);
        for byte in value {
            self.put_byte(byte);
        }
    }

    /// Appends an option whose value is that of `first` followed by what lies in cells.
    pub fn option_cells(&mut self, number: u16, first: &[u8], second: &[Cell<u8>]) {
        self.option_head(number, first.len().saturating_add(second.len()));
        self.put(first);
        for byte in second {
            self.put_byte(byte.get());
        }
    }

    fn option_head(&mut self, number: u16, length: usize) {
        debug_assert!(number >= self.last_option);
        let delta = number.saturating_sub(self.last_option);
        self.last_option = number;
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.put_byte((nibble(delta) << 4) | nibble(length));
        // Mostly both are short.
        if delta > 12 || length > 12 {
            self.put_extension(delta);
            self.put_extension(length);
        }
    }

    /// What there is of a number that its nibble does not say.
    fn put_extension(&mut self, value: u16) {
        if let Some(long) = value.checked_sub(269) {
            self.put_uint(u32::from(long), 2);
        } else if let Some(medium) = value.checked_sub(13) {
            self.put_uint(u32::from(medium), 1);
        }
    }

    /// Appends an option whose value is an unsigned integer in its shortest form.
    pub fn option_uint(&mut self, number: u16, value: u32) {
        let width = 4_usize.wrapping_sub((value.leading_zeros() / 8) as usize);
        self.option_head(number, width);
        self.put_uint(value, width);
    }

    /// Ends the options, writes the payload with `write` (given the room for it, it returns the
    /// payload's length), and returns the length of the message. An empty payload has no marker.
    ///
    /// # Errors
    /// The message does not fit; what `write` says.
    pub fn payload<E: From<EncodeError>>(
        mut self,
        write: impl FnOnce(Output<'a>) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let without = self.output.position();
        self.put_byte(PAYLOAD_MARKER);
        if self.full {
            return Err(EncodeError::Full.into());
        }
        let (start, rest) = self.output.into_rest();
        Ok(match write(rest)? {
            0 => without,
            length => start.saturating_add(length),
        })
    }

    /// Ends a message without payload and returns its length.
    ///
    /// # Errors
    /// It does not fit.
    pub fn finish(self) -> Result<usize, EncodeError> {
        if self.full {
            Err(EncodeError::Full)
        } else {
            Ok(self.output.position())
        }
    }
}

/// RFC 7252 §3.1: how a number is shown in the first byte of an option.
const fn nibble(value: u16) -> u8 {
    match value {
        0..13 => value as u8,
        13..269 => 13,
        _ => 14,
    }
}

/// A message of four bytes: an empty acknowledgement or a Reset, RFC 7252 §4.2.
#[must_use]
pub fn empty(kind: MessageType, message_id: u16) -> [u8; 4] {
    let [high, low] = message_id.to_be_bytes();
    [(VERSION << 6) | (kind.bits() << 4), 0, high, low]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coap::option;
    use std::vec::Vec;

    fn put(mut output: Output<'_>, bytes: &[u8]) -> Result<usize, EncodeError> {
        output.put_slice(bytes)?;
        Ok(output.position())
    }

    #[test]
    fn an_empty_payload_has_no_marker() {
        let mut buffer = [0; 8];
        let response = Builder::new(
            &mut buffer,
            MessageType::Acknowledgement,
            Code::CONTENT,
            1,
            &Token::EMPTY,
        );
        assert_eq!(response.payload(|output| put(output, b"")), Ok(4));
    }

    #[test]
    fn a_built_message_reads_back() {
        let mut buffer = [0; 512];
        let token = Token::new(&[1, 2, 3]);
        let long = [7; 300];
        let mut builder = Builder::new(
            &mut buffer,
            MessageType::Confirmable,
            Code::POST,
            0xabcd,
            &token,
        );
        builder.option(option::URI_PATH, b"rd");
        builder.option(option::URI_PATH, b"");
        builder.option_uint(option::CONTENT_FORMAT, 11542);
        builder.option(option::URI_QUERY, &long);
        builder.option(2000, b"x");
        let length = builder.payload(|output| put(output, b"hello")).unwrap();
        let message = Message::parse(&buffer[..length]).unwrap();
        assert_eq!(message.kind, MessageType::Confirmable);
        assert_eq!(message.code, Code::POST);
        assert_eq!(message.message_id, 0xabcd);
        assert_eq!(message.token, token);
        assert_eq!(message.payload, b"hello");
        let options: Vec<_> = message.options().collect();
        assert_eq!(
            options,
            [
                (option::URI_PATH, &b"rd"[..]),
                (option::URI_PATH, b""),
                (option::CONTENT_FORMAT, &[0x2d, 0x16]),
                (option::URI_QUERY, &long[..]),
                (2000, b"x"),
            ]
        );
    }

    /// RFC 7252 appendix A, figure 16: a confirmable GET and its piggybacked response.
    #[test]
    fn the_examples_of_the_rfc_are_written_byte_for_byte() {
        let mut buffer = [0; 64];
        let mut get = Builder::new(
            &mut buffer,
            MessageType::Confirmable,
            Code::GET,
            0x7d34,
            &Token::default(),
        );
        get.option(option::URI_PATH, b"temperature");
        let length = get.finish().unwrap();
        assert_eq!(&buffer[..length], b"\x40\x01\x7d\x34\xbbtemperature");

        let response = Builder::new(
            &mut buffer,
            MessageType::Acknowledgement,
            Code::CONTENT,
            0x7d34,
            &Token::default(),
        );
        let length = response.payload(|output| put(output, b"22.3 C")).unwrap();
        assert_eq!(&buffer[..length], b"\x60\x45\x7d\x34\xff22.3 C");
    }

    #[test]
    fn broken_datagrams_are_told_apart() {
        let malformed = |kind, message_id| Err(FormatError::Malformed { kind, message_id });
        let cases: [(&[u8], Result<(), FormatError>); 10] = [
            (&[], Err(FormatError::NotCoap)),
            (&[0x40, 1, 0], Err(FormatError::NotCoap)),
            (&[0x80, 1, 0, 1], Err(FormatError::NotCoap)),
            // token length 9
            (
                &[0x49, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                malformed(MessageType::Confirmable, 1),
            ),
            // token cut off
            (
                &[0x52, 1, 0, 2, 0],
                malformed(MessageType::NonConfirmable, 2),
            ),
            // marker without payload
            (
                &[0x40, 1, 0, 3, 0xff],
                malformed(MessageType::Confirmable, 3),
            ),
            // option value cut off
            (
                &[0x40, 1, 0, 4, 0xb3, b'a'],
                malformed(MessageType::Confirmable, 4),
            ),
            // reserved nibble
            (
                &[0x40, 1, 0, 5, 0xf0],
                malformed(MessageType::Confirmable, 5),
            ),
            // empty message with more than a header
            (
                &[0x40, 0, 0, 6, 0xff, 1],
                malformed(MessageType::Confirmable, 6),
            ),
            // Reset that is not empty
            (
                &[0x70, 0x45, 0, 7, 0xff, 1],
                malformed(MessageType::Reset, 7),
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Message::parse(bytes).map(|_| ()), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn option_numbers_beyond_16_bits_are_refused() {
        let bytes = [0x40, 1, 0, 1, 0xe0, 0xff, 0xff, 0xe0, 0xff, 0xff];
        assert!(Message::parse(&bytes).is_err());
    }

    #[test]
    fn a_message_that_does_not_fit_is_an_error() {
        let mut buffer = [0; 8];
        let mut builder = Builder::new(
            &mut buffer,
            MessageType::Confirmable,
            Code::GET,
            1,
            &Token::default(),
        );
        builder.option(option::URI_PATH, b"toolong");
        assert_eq!(builder.finish(), Err(EncodeError::Full));
    }
}
