// SPDX-License-Identifier: Apache-2.0
//! SenML CBOR, RFC 8428 §6 and OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.6: an array of maps, keyed by
//! small integers, but for the object link of LwM2M, whose key is the text "vlo".

use super::cbor::{self, ARRAY, BYTES, Decoder, Head, Left, MAP, NEGATIVE, TAG, TEXT, UNSIGNED};
use super::float;
use super::reader::{Payload, Raw, Record};
use super::senml::{BaseName, Names, PathReader};
use super::text;
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output};
use crate::path::Path;

// RFC 8428 §6, table 4.
const BASE_VERSION: i64 = -1;
const BASE_NAME: i64 = -2;
const BASE_TIME: i64 = -3;
const BASE_VALUE: i64 = -5;
const NAME: i64 = 0;
const VALUE: i64 = 2;
const STRING_VALUE: i64 = 3;
const BOOLEAN_VALUE: i64 = 4;
const TIME: i64 = 6;
const DATA_VALUE: i64 = 8;
const OBJECT_LINK_VALUE: &[u8] = b"vlo";

/// The version of SenML that there is, RFC 8428 §4.4.
const VERSION: i64 = 10;

/// The array of records being written.
#[derive(Debug)]
pub(super) struct SenmlCborWriter {
    names: BaseName,
    /// Where the array's head is.
    at: usize,
    count: u16,
}

impl SenmlCborWriter {
    pub(super) fn new(request: Path, output: &mut Output<'_>) -> Result<Self, EncodeError> {
        let at = output.position();
        cbor::put_head(output, ARRAY, 0)?;
        Ok(SenmlCborWriter {
            names: BaseName::new(request),
            at,
            count: 0,
        })
    }

    /// A whole record, but for the bytes of a string or opaque value.
    pub(super) fn record(
        &mut self,
        path: &Path,
        shape: Shape,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        let names = self.names.names(path);
        let pairs = if names == Names::Both { 3 } else { 2 };
        output.put((MAP << 5) | pairs)?;
        if names != Names::NameOnly {
            let head = put_key(output, BASE_NAME)?;
            self.names.put_base(names, path, output)?;
            cbor::set_short_head(output, head, TEXT)?;
        }
        if names != Names::BaseOnly {
            let head = put_key(output, NAME)?;
            self.names.put_name(path, output)?;
            cbor::set_short_head(output, head, TEXT)?;
        }
        match shape {
            Shape::String(length) => {
                output.put(key_byte(STRING_VALUE))?;
                cbor::put_head(output, TEXT, length as u64)
            }
            Shape::Opaque(length) => {
                output.put(key_byte(DATA_VALUE))?;
                cbor::put_head(output, BYTES, length as u64)
            }
            Shape::Integer(value) => {
                output.put(key_byte(VALUE))?;
                cbor::put_integer(output, value)
            }
            Shape::Float(value) => {
                output.put(key_byte(VALUE))?;
                cbor::put_float(output, value)
            }
            Shape::Boolean(value) => {
                output.put(key_byte(BOOLEAN_VALUE))?;
                cbor::put_head(output, cbor::SIMPLE, if value { cbor::TRUE } else { cbor::FALSE })
            }
            Shape::ObjectLink(link) => {
                let mut text = [0; 11];
                let mut text = Output::new(&mut text);
                text::put_object_link(&mut text, link)?;
                cbor::put_head(output, TEXT, OBJECT_LINK_VALUE.len() as u64)?;
                output.put_slice(OBJECT_LINK_VALUE)?;
                cbor::put_head(output, TEXT, text.position() as u64)?;
                output.put_slice(text.written())
            }
        }
    }

    /// Counts the record that was written in the array's head, which grows with the 24th and the
    /// 256th.
    pub(super) fn end_record(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        let count = self.count.checked_add(1).ok_or(EncodeError::Unsupported)?;
        if count < 24 {
            #[allow(clippy::cast_possible_truncation)]
            output.set(self.at, (ARRAY << 5) | count as u8);
        } else {
            if count == 24 || count == 256 {
                output.insert(self.at, 1)?;
            }
            let mut head = [0; 8];
            let mut head = Output::new(&mut head);
            cbor::put_head(&mut head, ARRAY, u64::from(count))?;
            output.patch(self.at, head.written());
        }
        self.count = count;
        self.names.written();
        Ok(())
    }
}

/// A key, and one byte for the head of a string that is written next; returns where that is.
fn put_key(output: &mut Output<'_>, key: i64) -> Result<usize, EncodeError> {
    output.put(key_byte(key))?;
    output.reserve(1)
}

/// The byte that is a key, -24..=23.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
const fn key_byte(key: i64) -> u8 {
    if key < 0 {
        (NEGATIVE << 5) | !key as u8
    } else {
        key as u8
    }
}

/// Where a walk through the array is, and the base name in force.
#[derive(Clone, Debug)]
pub(super) struct SenmlCborReader<'a> {
    decoder: Decoder<'a>,
    /// `None` before the array's head.
    left: Option<Left>,
    base: PathReader,
}

/// The fields of one record, of those that matter.
#[derive(Default)]
struct Fields<'a> {
    base: Option<Payload<'a>>,
    name: Option<Payload<'a>>,
    value: Option<Raw<'a>>,
    /// The known integer keys met so far, one bit each from -8 on.
    seen: u32,
}

impl<'a> SenmlCborReader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        SenmlCborReader {
            decoder: Decoder::new(payload),
            left: None,
            base: PathReader::new(),
        }
    }

    pub(super) fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> {
        let mut left = match self.left {
            Some(left) => left,
            None => match self.decoder.head()? {
                head if head.major == ARRAY => Left::of(head),
                _ => return Err(DecodeError::Malformed),
            },
        };
        let head = self.decoder.item(&mut left)?;
        self.left = Some(left);
        let Some(head) = head else {
            return if self.decoder.is_empty() {
                Ok(None)
            } else {
                Err(DecodeError::Malformed)
            };
        };
        if head.major != MAP {
            return Err(DecodeError::Malformed);
        }
        let mut fields = Fields::default();
        let mut pairs = Left::of(head);
        while let Some(key) = self.decoder.item(&mut pairs)? {
            fields.pair(key, &mut self.decoder)?;
        }
        if let Some(base) = &fields.base {
            self.base = PathReader::new();
            feed(&mut self.base, base);
        }
        let mut path = self.base;
        if let Some(name) = &fields.name {
            feed(&mut path, name);
        }
        Ok(Some(Record {
            path: path.finish().ok_or(DecodeError::BadPath)?,
            value: fields.value.unwrap_or(Raw::None),
        }))
    }
}

fn feed(path: &mut PathReader, text: &Payload<'_>) {
    match text {
        Payload::Chunks(chunks) => chunks.pieces().for_each(|piece| path.feed(piece)),
        _ => path.feed(text.as_slice().unwrap_or_default()),
    }
}

impl<'a> Fields<'a> {
    /// Reads one pair whose key begins with `key`.
    fn pair(&mut self, key: Head, decoder: &mut Decoder<'a>) -> Result<(), DecodeError> {
        match key.major {
            UNSIGNED | NEGATIVE => match key.integer() {
                Some(label @ -8..=23) => self.labelled(label, decoder),
                _ => skip(decoder),
            },
            TEXT => {
                let label = decoder.string(key)?;
                if label.as_slice() == Some(OBJECT_LINK_VALUE) {
                    let link = text_value(decoder)?;
                    return self.set(Raw::ObjectLink(link));
                }
                // RFC 8428 §4.4: what ends in an underscore must be understood.
                let must = match label {
                    Payload::Chunks(chunks) => chunks
                        .pieces()
                        .filter(|piece| !piece.is_empty())
                        .last()
                        .is_some_and(|piece| piece.ends_with(b"_")),
                    _ => label.as_slice().unwrap_or_default().ends_with(b"_"),
                };
                if must {
                    return Err(DecodeError::Malformed);
                }
                skip(decoder)
            }
            _ => Err(DecodeError::Malformed),
        }
    }

    fn labelled(&mut self, label: i64, decoder: &mut Decoder<'a>) -> Result<(), DecodeError> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bit = 1_u32 << (label.wrapping_add(8) as u32 & 31);
        if self.seen & bit != 0 {
            return Err(DecodeError::Malformed);
        }
        self.seen |= bit;
        match label {
            BASE_NAME => self.base = Some(text_value(decoder)?),
            NAME => self.name = Some(text_value(decoder)?),
            VALUE => {
                let value = number(decoder)?;
                self.set(value)?;
            }
            STRING_VALUE => {
                let text = text_value(decoder)?;
                self.set(Raw::String(text))?;
            }
            BOOLEAN_VALUE => {
                let value = decoder.head()?.boolean().ok_or(DecodeError::Malformed)?;
                self.set(Raw::Boolean(value))?;
            }
            DATA_VALUE => {
                let head = decoder.head()?;
                if head.major != BYTES {
                    return Err(DecodeError::Malformed);
                }
                let bytes = decoder.string(head)?;
                self.set(Raw::Opaque(bytes))?;
            }
            // When a value was measured says nothing to a client that is told to take it.
            TIME | BASE_TIME => {
                number(decoder)?;
            }
            BASE_VERSION => match decoder.head()?.integer() {
                Some(1..=VERSION) => {}
                _ => return Err(DecodeError::Malformed),
            },
            // Would have to be added to every value; LwM2M has no use for it, so it is refused
            // instead of ignored.
            BASE_VALUE => match number(decoder)? {
                Raw::Integer(0) => {}
                _ => return Err(DecodeError::Malformed),
            },
            _ => skip(decoder)?,
        }
        Ok(())
    }

    fn set(&mut self, value: Raw<'a>) -> Result<(), DecodeError> {
        match self.value.replace(value) {
            None => Ok(()),
            Some(_) => Err(DecodeError::Malformed),
        }
    }
}

fn skip(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
    let head = decoder.head()?;
    decoder.skip(head)
}

fn text_value<'a>(decoder: &mut Decoder<'a>) -> Result<Payload<'a>, DecodeError> {
    let head = decoder.head()?;
    if head.major != TEXT {
        return Err(DecodeError::Malformed);
    }
    decoder.string(head)
}

/// An integer, a floating-point number or a decimal fraction.
#[allow(clippy::cast_precision_loss)]
fn number<'a>(decoder: &mut Decoder<'_>) -> Result<Raw<'a>, DecodeError> {
    let head = decoder.head()?;
    if let Some(value) = head.integer() {
        return Ok(Raw::Integer(value));
    }
    if let Some(value) = head.float() {
        return Ok(Raw::Float(value));
    }
    let value = match head.major {
        // Beyond 64 bits with sign; the nearest double is all that can be made of it.
        UNSIGNED => head.argument as f64,
        NEGATIVE => -(head.argument as f64),
        TAG if head.argument == cbor::DECIMAL_FRACTION => {
            return decimal_fraction(decoder).ok_or(DecodeError::Malformed);
        }
        _ => return Err(DecodeError::Malformed),
    };
    Ok(Raw::Float(value))
}

fn decimal_fraction<'a>(decoder: &mut Decoder<'_>) -> Option<Raw<'a>> {
    let array = decoder.head().ok()?;
    if array.major != ARRAY || array.is_indefinite() || array.argument != 2 {
        return None;
    }
    let exponent = decoder.head().ok()?.integer()?;
    let mantissa = decoder.head().ok()?.integer()?;
    if exponent == 0 {
        return Some(Raw::Integer(mantissa));
    }
    float::from_decimal(mantissa < 0, mantissa.unsigned_abs(), exponent).map(Raw::Float)
}
