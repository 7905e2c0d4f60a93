// SPDX-License-Identifier: Apache-2.0
//! JSON text, RFC 8259, read value by value, and the arrays of records that OMA JSON and SenML JSON
//! write.

use super::base64::{self, Alphabet};
use super::characters::Escaped;
use super::reader::{Payload, Raw};
use super::senml::{Fields, Label};
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output, text};
use crate::value::Bytes;

/// How deep arrays and objects may be nested in a value nobody wants.
const DEPTH: u8 = 8;

/// Takes values off the front of a payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Reader { rest: payload }
    }

    /// The next byte that is no white space, 0 at the end.
    fn peek(&mut self) -> u8 {
        while let Some((&byte, rest)) = self.rest.split_first() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return byte;
            }
            self.rest = rest;
        }
        0
    }

    /// Passes over `byte`, if that is next.
    fn take(&mut self, byte: u8) -> bool {
        self.peek() == byte && self.take_text(&[byte])
    }

    fn take_text(&mut self, text: &[u8]) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), DecodeError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(DecodeError::Malformed)
        }
    }

    /// Nothing but white space follows.
    pub(super) fn expect_end(&mut self) -> Result<(), DecodeError> {
        self.peek();
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Malformed)
        }
    }

    /// Whether an array or object that ends with `close` goes on, `first` before its first item.
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, DecodeError> {
        if first {
            return Ok(!self.take(close));
        }
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(close)?;
        Ok(false)
    }

    /// A string, number or boolean.
    pub(super) fn value(&mut self) -> Result<Raw<'a>, DecodeError> {
        match self.peek() {
            b'"' => self.string().map(Raw::String),
            b't' if self.take_text(b"true") => Some(Raw::Boolean(true)),
            b'f' if self.take_text(b"false") => Some(Raw::Boolean(false)),
            _ => self.number().map(Raw::Number),
        }
        .ok_or(DecodeError::Malformed)
    }

    fn string(&mut self) -> Option<Payload<'a>> {
        let text = self.rest.strip_prefix(b"\"")?;
        let mut bytes = text.iter();
        let mut escaped = false;
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    bytes.next()?;
                }
                0..0x20 => return None,
                _ => {}
            }
        }
        self.rest = bytes.as_slice();
        let end = text.len().checked_sub(self.rest.len())?.checked_sub(1)?;
        let text = text.get(..end)?;
        if escaped {
            Escaped::new(text).map(Payload::Escaped)
        } else {
            Some(Payload::Plain(text))
        }
    }

    fn number(&mut self) -> Option<&'a [u8]> {
        let text = self.rest;
        self.take_text(b"-");
        if !self.take_text(b"0") {
            self.digits()?;
        }
        if self.take_text(b".") {
            self.digits()?;
        }
        if self.take_text(b"e") || self.take_text(b"E") {
            let _signed = self.take_text(b"-") || self.take_text(b"+");
            self.digits()?;
        }
        text.get(..text.len().checked_sub(self.rest.len())?)
    }

    fn digits(&mut self) -> Option<()> {
        let (first, mut rest) = self.rest.split_first()?;
        if !first.is_ascii_digit() {
            return None;
        }
        while let Some((_, after)) = rest.split_first().filter(|(byte, _)| byte.is_ascii_digit()) {
            rest = after;
        }
        self.rest = rest;
        Some(())
    }

    fn key(&mut self) -> Result<Payload<'a>, DecodeError> {
        self.peek();
        let key = self.string().ok_or(DecodeError::Malformed)?;
        self.expect(b':')?;
        Ok(key)
    }

    /// The key of a member; `None` for one `label` does not know.
    pub(super) fn label(
        &mut self,
        label: fn(&[u8]) -> Option<Label>,
    ) -> Result<Option<Label>, DecodeError> {
        let key = self.key()?;
        let mut text = [0; 4];
        let length = key.copy(0, &mut text);
        if length == key.len() {
            let label = text.get(..length).and_then(label);
            if label.is_some() {
                return Ok(label);
            }
        }
        // RFC 8428 §4.4: what ends in an underscore must be understood.
        let mut last = [0];
        key.copy(key.len().saturating_sub(1), &mut last);
        if last == [b'_'] {
            return Err(DecodeError::Malformed);
        }
        Ok(None)
    }

    /// The object that a record is.
    pub(super) fn record(
        &mut self,
        label: fn(&[u8]) -> Option<Label>,
    ) -> Result<Fields<'a>, DecodeError> {
        self.expect(b'{')?;
        let mut fields = Fields::new();
        let mut first = true;
        while self.more(first, b'}')? {
            first = false;
            match self.label(label)? {
                Some(label) => {
                    let value = self.value()?;
                    fields.set(label, value)?;
                }
                None => self.skip()?,
            }
        }
        Ok(fields)
    }

    /// The beginning of a record whose last value, a string, does not end here: what comes before it,
    /// and how many bytes follow its quotation mark.
    pub(super) fn open_record(
        &mut self,
        label: fn(&[u8]) -> Option<Label>,
        last: Label,
    ) -> Option<(Fields<'a>, usize)> {
        self.expect(b'{').ok()?;
        let mut fields = Fields::new();
        let mut first = true;
        while self.more(first, b'}').ok()? {
            first = false;
            let Some(label) = self.label(label).ok()? else {
                self.skip().ok()?;
                continue;
            };
            let mut ahead = *self;
            if let Ok(value) = ahead.value() {
                *self = ahead;
                fields.set(label, value).ok()?;
            } else if label == last && self.take(b'"') {
                return Some((fields, self.rest.len()));
            } else {
                return None;
            }
        }
        None
    }

    /// Passes over a value of any kind.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        self.skip_nested(DEPTH)
    }

    fn skip_nested(&mut self, depth: u8) -> Result<(), DecodeError> {
        let close = match self.peek() {
            b'[' => b']',
            b'{' => b'}',
            b'n' if self.take_text(b"null") => return Ok(()),
            _ => return self.value().map(|_| ()),
        };
        let depth = depth.checked_sub(1).ok_or(DecodeError::Malformed)?;
        self.rest = self.rest.get(1..).unwrap_or_default();
        let mut first = true;
        while self.more(first, close)? {
            first = false;
            if close == b'}' {
                self.key()?;
            }
            self.skip_nested(depth)?;
        }
        Ok(())
    }
}

/// How a format names the values, up to where they begin, and what ends its payload.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) string: &'static [u8],
    pub(super) opaque: &'static [u8],
    pub(super) boolean: &'static [u8],
    pub(super) object_link: &'static [u8],
    pub(super) alphabet: Alphabet,
    pub(super) end: &'static [u8],
}

/// The array of records being written. It is closed after every record.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArrayWriter {
    dialect: &'static Dialect,
    empty: bool,
    tail: Tail,
}

/// What is to be done when the bytes of a record are there.
#[derive(Clone, Copy, Debug)]
enum Tail {
    Nothing,
    /// A string begins here, opaque bytes begin here.
    Escape(usize),
    Encode(usize),
}

impl ArrayWriter {
    /// `output` ends with what begins the array.
    pub(super) fn new(
        dialect: &'static Dialect,
        output: &mut Output<'_>,
    ) -> Result<Self, EncodeError> {
        output.put_slice(dialect.end)?;
        Ok(ArrayWriter {
            dialect,
            empty: true,
            tail: Tail::Nothing,
        })
    }

    pub(super) fn begin_record(&self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        self.reopen(output.position(), output);
        if !self.empty {
            output.put(b',')?;
        }
        output.put(b'{')
    }

    /// The value, but for the bytes of a string or opaque one.
    pub(super) fn value(
        &mut self,
        shape: Shape,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        self.tail = Tail::Nothing;
        match shape {
            Shape::String(_) => {
                output.put_slice(self.dialect.string)?;
                self.tail = Tail::Escape(output.position());
                Ok(())
            }
            Shape::Opaque(_) => {
                output.put_slice(self.dialect.opaque)?;
                self.tail = Tail::Encode(output.position());
                Ok(())
            }
            Shape::Integer(_) | Shape::Time(_) | Shape::Float(_) => {
                output.put_slice(b"\"v\":")?;
                text::put(output, shape)
            }
            Shape::Boolean(value) => {
                output.put_slice(self.dialect.boolean)?;
                output.put_slice(if value { b"true" } else { b"false" })
            }
            Shape::ObjectLink(_) => {
                output.put_slice(self.dialect.object_link)?;
                text::put(output, shape)?;
                output.put(b'"')
            }
        }
    }

    pub(super) fn end_record(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        match self.tail {
            Tail::Nothing => {}
            Tail::Escape(start) => {
                escape_in_place(output, start)?;
                output.put(b'"')?;
            }
            Tail::Encode(start) => {
                base64::encode_in_place(output, start, self.dialect.alphabet)?;
                output.put(b'"')?;
            }
        }
        output.put(b'}')?;
        output.put_slice(self.dialect.end)?;
        self.empty = false;
        Ok(())
    }

    /// Turns bytes of a string or opaque value that is written in parts, from `start` on, into what
    /// stands for them in JSON. Opaque ones come in multiples of three, but for the last.
    #[cfg(feature = "block-transfer")]
    pub(super) fn part(
        &mut self,
        start: usize,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        match &mut self.tail {
            Tail::Nothing => {}
            Tail::Escape(from) => {
                escape_in_place(output, start)?;
                *from = output.position();
            }
            Tail::Encode(from) => {
                base64::encode_in_place(output, start, self.dialect.alphabet)?;
                *from = output.position();
            }
        }
        Ok(())
    }

    /// How many bytes end the payload after every record.
    #[cfg(feature = "block-transfer")]
    pub(super) fn end_length(&self) -> usize {
        self.dialect.end.len()
    }

    /// Takes back a record that began at `start` and cannot be ended.
    pub(super) fn undo_record(&self, start: usize, output: &mut Output<'_>) {
        self.reopen(start, output);
        // It was there before.
        let _closed = output.put_slice(self.dialect.end);
    }

    /// Takes back what ends the payload at `end`.
    fn reopen(&self, end: usize, output: &mut Output<'_>) {
        output.truncate(end.saturating_sub(self.dialect.end.len()));
    }
}

/// Turns the text written from `start` on into the inside of a JSON string. Works backwards, because
/// no character ends earlier than before.
fn escape_in_place(output: &mut Output<'_>, start: usize) -> Result<(), EncodeError> {
    let growth = |byte: u8| -> usize {
        match byte {
            b'"' | b'\\' => 1,
            0..0x20 => 5,
            _ => 0,
        }
    };
    let text = output.tail_mut(start);
    let mut from = text.len();
    let more = text
        .iter()
        .fold(0_usize, |more, byte| more.saturating_add(growth(*byte)));
    if more == 0 {
        return Ok(());
    }
    output.reserve(more)?;
    let text = output.tail_mut(start);
    let mut to = text.len();
    // Once both meet, nothing further to the left changes.
    while from < to {
        from = from.wrapping_sub(1);
        let Some(&byte) = text.get(from) else {
            break;
        };
        let width = growth(byte).wrapping_add(1);
        to = to.wrapping_sub(width);
        let digit = |value: u8| value.wrapping_add(if value < 10 { b'0' } else { b'a' - 10 });
        let escape = match width {
            1 => [byte, 0, 0, 0, 0, 0],
            2 => [b'\\', byte, 0, 0, 0, 0],
            _ => [
                b'\\',
                b'u',
                b'0',
                b'0',
                b'0' | (byte >> 4),
                digit(byte & 0xf),
            ],
        };
        let places = text.iter_mut().skip(to).take(width);
        for (place, byte) in places.zip(escape) {
            *place = byte;
        }
    }
    Ok(())
}
