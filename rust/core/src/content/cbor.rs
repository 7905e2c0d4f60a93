// SPDX-License-Identifier: Apache-2.0
//! CBOR data items, RFC 8949: what CBOR and SenML CBOR are made of, and the items that values are.

// Arrays, maps and what is skipped are SenML's.
#![cfg_attr(not(feature = "senml-cbor"), allow(dead_code))]

use super::float::{self, HALF, SINGLE};
use super::leading::Encoding;
use super::reader::{Payload, Raw};
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output, number, text};
use crate::value::Bytes;

pub(super) const UNSIGNED: u8 = 0;
pub(super) const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
pub(super) const TEXT: u8 = 3;
pub(super) const ARRAY: u8 = 4;
pub(super) const MAP: u8 = 5;
pub(super) const TAG: u8 = 6;
const SIMPLE: u8 = 7;

/// In the place of a length: the item goes on until a break.
#[cfg(feature = "block-transfer")]
pub(super) const INDEFINITE: u8 = 31;
/// Ends an item of indefinite length.
#[cfg(feature = "block-transfer")]
pub(super) const BREAK: u8 = (SIMPLE << 5) | INDEFINITE;

const FALSE: u64 = 20;
const TRUE: u64 = 21;
/// Tag of a decimal fraction, an array of exponent and mantissa, RFC 8949 §3.4.4.
const DECIMAL_FRACTION: u64 = 4;

/// How deep arrays, maps and tags may be nested in an item nobody wants.
const DEPTH: u8 = 8;

/// The initial byte of a data item and its argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) major: u8,
    /// How the argument is written: 0..=23 in the byte itself, 24..=27 in 1, 2, 4, 8 more.
    information: u8,
    pub(super) argument: u64,
}

impl Head {
    /// Whether the item has no length; for [`SIMPLE`], whether it ends such an item.
    pub(super) fn is_indefinite(self) -> bool {
        self.information == 31
    }

    /// Whether it ends an item of indefinite length.
    pub(super) fn is_break(self) -> bool {
        self.major == SIMPLE && self.is_indefinite()
    }

    /// The value, if it is a floating-point number.
    #[allow(clippy::cast_possible_truncation)]
    fn float(self) -> Option<f64> {
        match (self.major, self.information) {
            (SIMPLE, 25) => Some(float::widen(self.argument as u32, HALF)),
            (SIMPLE, 26) => Some(float::widen(self.argument as u32, SINGLE)),
            (SIMPLE, 27) => Some(f64::from_bits(self.argument)),
            _ => None,
        }
    }

    /// The value, if it is a boolean.
    fn boolean(self) -> Option<bool> {
        match (self.major, self.argument) {
            (SIMPLE, FALSE) if self.information < 24 => Some(false),
            (SIMPLE, TRUE) if self.information < 24 => Some(true),
            _ => None,
        }
    }

    /// The value, if it is an integer of 64 bits.
    pub(super) fn integer(self) -> Option<i64> {
        let value = i64::try_from(self.argument).ok()?;
        match self.major {
            UNSIGNED => Some(value),
            // -1 - argument
            NEGATIVE => Some(!value),
            _ => None,
        }
    }
}

/// The items of an array or map that are still to come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Left {
    Items(u64),
    UntilBreak,
}

impl Left {
    /// What an array or a map (counted in pairs) begins with.
    pub(super) fn of(head: Head) -> Self {
        if head.is_indefinite() {
            Left::UntilBreak
        } else {
            Left::Items(head.argument)
        }
    }
}

/// Takes data items off the front of a payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Decoder { rest: payload }
    }

    /// The string that begins with `head`, if its end is not here: how many bytes it has, and where
    /// they begin in `payload`, which is what is being read.
    pub(super) fn cut_short(&self, head: Head, payload: &[u8]) -> Option<(Encoding, usize)> {
        let length = usize::try_from(head.argument).ok()?;
        if head.is_indefinite() || length <= self.rest.len() {
            return None;
        }
        let left = Some(length);
        let encoding = match head.major {
            TEXT => Encoding::Text { left },
            BYTES => Encoding::Opaque { left },
            _ => return None,
        };
        Some((encoding, payload.len().checked_sub(self.rest.len())?))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next head. Reserved forms are malformed.
    pub(super) fn head(&mut self) -> Result<Head, DecodeError> {
        self.try_head().ok_or(DecodeError::Malformed)
    }

    fn try_head(&mut self) -> Option<Head> {
        let (&initial, rest) = self.rest.split_first()?;
        self.rest = rest;
        let (major, information) = (initial >> 5, initial & 0x1f);
        let argument = match information {
            0..24 => u64::from(information),
            24..28 => {
                let (bytes, rest) = rest.split_at_checked(1 << (information & 3))?;
                self.rest = rest;
                let argument = bytes
                    .iter()
                    .fold(0, |value, byte| (value << 8) | u64::from(*byte));
                if major == SIMPLE && information == 24 && argument < 32 {
                    return None;
                }
                argument
            }
            31 if !matches!(major, UNSIGNED | NEGATIVE | TAG) => 0,
            _ => return None,
        };
        Some(Head {
            major,
            information,
            argument,
        })
    }

    /// The head of the next item of an array or map; `None` past its last one.
    pub(super) fn item(&mut self, left: &mut Left) -> Result<Option<Head>, DecodeError> {
        match left {
            Left::Items(0) => Ok(None),
            Left::Items(count) => {
                *count = count.wrapping_sub(1);
                self.head().map(Some)
            }
            Left::UntilBreak => {
                let head = self.head()?;
                if head.is_break() {
                    *left = Left::Items(0);
                    return Ok(None);
                }
                Ok(Some(head))
            }
        }
    }

    /// The content of the byte or text string that begins with `head`.
    pub(super) fn string(&mut self, head: Head) -> Result<Payload<'a>, DecodeError> {
        if !head.is_indefinite() {
            return self.take(head.argument).map(Payload::Plain);
        }
        let items = self.rest;
        let mut length: usize = 0;
        loop {
            let chunk = self.head()?;
            if chunk.is_break() {
                break;
            }
            if chunk.major != head.major || chunk.is_indefinite() {
                return Err(DecodeError::Malformed);
            }
            let chunk = self.take(chunk.argument)?;
            length = length.saturating_add(chunk.len());
        }
        Ok(Payload::Chunks(Chunks { items, length }))
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = usize::try_from(count)
            .ok()
            .and_then(|count| self.rest.split_at_checked(count))
            .ok_or(DecodeError::Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The value that the next item is.
    pub(super) fn value(&mut self) -> Result<Raw<'a>, DecodeError> {
        let head = self.head()?;
        self.value_of(head)
    }

    /// The value that `head` begins.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn value_of(&mut self, head: Head) -> Result<Raw<'a>, DecodeError> {
        if let Some(value) = head.integer() {
            return Ok(Raw::Integer(value));
        }
        match head.major {
            UNSIGNED => Some(Raw::Rounded(head.argument as f64)),
            NEGATIVE => Some(Raw::Rounded(-(head.argument as f64))),
            BYTES => Some(Raw::Opaque(self.string(head)?)),
            TEXT => Some(Raw::String(self.string(head)?)),
            TAG if head.argument == DECIMAL_FRACTION => self.decimal_fraction(),
            _ => match (head.float(), head.boolean()) {
                (Some(value), _) => Some(Raw::Float(value)),
                (_, Some(value)) => Some(Raw::Boolean(value)),
                _ => None,
            },
        }
        .ok_or(DecodeError::Malformed)
    }

    fn decimal_fraction(&mut self) -> Option<Raw<'a>> {
        let array = self.try_head()?;
        if array.major != ARRAY || array.is_indefinite() || array.argument != 2 {
            return None;
        }
        let exponent = self.try_head()?.integer()?;
        let mantissa = self.try_head()?.integer()?;
        Some(match number::scaled(mantissa, exponent) {
            Some(integer) => Raw::Integer(integer),
            None => Raw::Rounded(float::from_decimal(
                mantissa < 0,
                mantissa.unsigned_abs(),
                exponent,
            )?),
        })
    }

    /// Passes over what `head` begins.
    pub(super) fn skip(&mut self, head: Head) -> Result<(), DecodeError> {
        self.skip_nested(head, DEPTH)
    }

    fn skip_nested(&mut self, head: Head, depth: u8) -> Result<(), DecodeError> {
        let mut left = match head.major {
            BYTES | TEXT => return self.string(head).map(|_| ()),
            ARRAY | MAP => Left::of(head),
            TAG => Left::Items(1),
            _ if head.is_break() => return Err(DecodeError::Malformed),
            _ => return Ok(()),
        };
        let depth = depth.checked_sub(1).ok_or(DecodeError::Malformed)?;
        while let Some(item) = self.item(&mut left)? {
            self.skip_nested(item, depth)?;
            if head.major == MAP {
                let value = self.head()?;
                self.skip_nested(value, depth)?;
            }
        }
        Ok(())
    }
}

/// The chunks of a string of indefinite length, checked to be well-formed.
#[derive(Clone, Copy, Debug)]
pub struct Chunks<'a> {
    /// From the head of the first chunk on; the break ends it.
    items: &'a [u8],
    length: usize,
}

impl<'a> Chunks<'a> {
    /// The chunks one after the other.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut decoder = Decoder::new(self.items);
        core::iter::from_fn(move || {
            let head = decoder.try_head().filter(|head| !head.is_break())?;
            decoder.take(head.argument).ok()
        })
    }
}

impl Bytes for Chunks<'_> {
    fn len(&self) -> usize {
        self.length
    }

    fn copy(&self, mut offset: usize, mut into: &mut [u8]) -> usize {
        let mut copied: usize = 0;
        for piece in self.pieces() {
            let count = piece.copy(offset, into);
            offset = offset.saturating_sub(piece.len());
            copied = copied.wrapping_add(count);
            into = into.get_mut(count..).unwrap_or_default();
        }
        copied
    }
}

/// Appends a head with its argument in the fewest bytes.
pub(super) fn put_head(
    output: &mut Output<'_>,
    major: u8,
    argument: u64,
) -> Result<(), EncodeError> {
    let major = u64::from(major) << 5;
    // The initial byte goes in front of the argument in one number, but for the widest.
    match argument {
        #[allow(clippy::cast_possible_truncation)]
        0..24 => output.put((major | argument) as u8),
        24..0x100 => output.put_uint(((major | 24) << 8) | argument, 2),
        0x100..0x1_0000 => output.put_uint(((major | 25) << 16) | argument, 3),
        0x1_0000..0x1_0000_0000 => output.put_uint(((major | 26) << 32) | argument, 5),
        _ => {
            output.put_uint(major | 27, 1)?;
            output.put_uint(argument, 8)
        }
    }
}

/// Fills in the head, one byte reserved at `at`, of the string that was written behind it, of up
/// to 255 bytes.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn set_short_head(
    output: &mut Output<'_>,
    at: usize,
    major: u8,
) -> Result<(), EncodeError> {
    let content = at.wrapping_add(1);
    let length = output.position().wrapping_sub(content) as u8;
    let mut argument = length;
    if length > 23 {
        output.insert(content, 1)?;
        output.set(content, length);
        argument = 24;
    }
    output.set(at, (major << 5) | argument);
    Ok(())
}

/// Appends an integer.
fn put_integer(output: &mut Output<'_>, value: i64) -> Result<(), EncodeError> {
    // Negative numbers are written as -1 - value, their complement.
    let major = if value < 0 { NEGATIVE } else { UNSIGNED };
    let argument = value ^ (value >> 63);
    put_head(output, major, argument as u64)
}

/// Appends the item that a value is, but for the bytes of a string or opaque value.
pub(super) fn put_value(output: &mut Output<'_>, shape: Shape) -> Result<(), EncodeError> {
    match shape {
        Shape::String(length) => put_head(output, TEXT, length as u64),
        Shape::Opaque(length) => put_head(output, BYTES, length as u64),
        Shape::Integer(value) | Shape::Time(value) => put_integer(output, value),
        Shape::Float(value) => put_float(output, value),
        Shape::Boolean(value) => put_head(output, SIMPLE, if value { TRUE } else { FALSE }),
        Shape::ObjectLink(link) => {
            let head = output.reserve(1)?;
            text::put_object_link(output, link)?;
            set_short_head(output, head, TEXT)
        }
    }
}

/// Appends a floating-point number in the shortest form that is exact.
fn put_float(output: &mut Output<'_>, value: f64) -> Result<(), EncodeError> {
    let major = u64::from(SIMPLE) << 5;
    if let Some(bits) = float::narrow(value, HALF) {
        return output.put_uint(((major | 25) << 16) | u64::from(bits), 3);
    }
    if let Some(bits) = float::narrow(value, SINGLE) {
        return output.put_uint(((major | 26) << 32) | u64::from(bits), 5);
    }
    output.put_uint(major | 27, 1)?;
    output.put_uint(value.to_bits(), 8)
}
