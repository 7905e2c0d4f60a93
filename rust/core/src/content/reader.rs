// SPDX-License-Identifier: Apache-2.0
//! The records of a payload, whatever its format: a path and a value each. What a value means is
//! decided by the resource's data type, OMA-TS-LightweightM2M_Core-V1_1_1 appendix C.

#[cfg(feature = "json")]
use super::base64::Alphabet;
use super::base64::Base64;
#[cfg(feature = "cbor-items")]
use super::cbor::Chunks;
#[cfg(feature = "cbor")]
use super::cbor_value;
#[cfg(feature = "json-text")]
use super::characters::{Characters, Escaped};
#[cfg(feature = "typed-values")]
use super::float;
#[cfg(feature = "json-text")]
use super::number;
#[cfg(feature = "json")]
use super::oma_json::OmaJsonReader;
#[cfg(feature = "senml-cbor")]
use super::senml_cbor::SenmlCborReader;
#[cfg(feature = "senml-json")]
use super::senml_json::SenmlJsonReader;
#[cfg(feature = "tlv")]
use super::tlv::{self, TlvReader};
#[cfg(feature = "typed-values")]
use super::utf8::is_utf8;
use super::{ContentFormat, DecodeError, text};
use crate::path::{Level, Path};
use crate::value::{Bytes, DataType, Value};

/// Walks the records of a payload.
///
/// After [`DecodeError::Malformed`] nothing follows. After [`DecodeError::BadPath`] the walk can go
/// on with the next record, for an operation that forgives unknown paths.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    request: Path,
    reader: Reader<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Reader<'a> {
    Single {
        text: bool,
        payload: &'a [u8],
    },
    #[cfg(feature = "cbor")]
    Cbor(&'a [u8]),
    #[cfg(feature = "tlv")]
    Tlv(TlvReader<'a>),
    #[cfg(feature = "json")]
    Json(OmaJsonReader<'a>),
    #[cfg(feature = "senml-json")]
    SenmlJson(SenmlJsonReader<'a>),
    #[cfg(feature = "senml-cbor")]
    SenmlCbor(SenmlCborReader<'a>),
    Unsupported,
    Done,
}

impl<'a> Records<'a> {
    /// The records of `payload`, each of which must lie within `request` (the root for the
    /// composite operations). A format this build cannot read yields [`DecodeError::Malformed`].
    #[must_use]
    #[inline(never)]
    pub fn new(format: ContentFormat, request: Path, payload: &'a [u8]) -> Self {
        let reader = match format {
            ContentFormat::PlainText => Reader::Single {
                text: true,
                payload,
            },
            ContentFormat::Opaque => Reader::Single {
                text: false,
                payload,
            },
            #[cfg(feature = "cbor")]
            ContentFormat::Cbor => Reader::Cbor(payload),
            #[cfg(feature = "json")]
            ContentFormat::Json => Reader::Json(OmaJsonReader::new(request, payload)),
            #[cfg(feature = "senml-json")]
            ContentFormat::SenmlJson => Reader::SenmlJson(SenmlJsonReader::new(payload)),
            #[cfg(feature = "tlv")]
            ContentFormat::Tlv => Reader::Tlv(TlvReader::new(request, payload)),
            #[cfg(feature = "senml-cbor")]
            ContentFormat::SenmlCbor => Reader::SenmlCbor(SenmlCborReader::new(payload)),
            _ => Reader::Unsupported,
        };
        Records { request, reader }
    }

    /// The path that all records lie within.
    pub(crate) fn request(&self) -> &Path {
        &self.request
    }

    /// Whether the payload holds resources without the object instance they belong to: a Create on
    /// an object that leaves the instance id to the client. Such a payload is read with the path
    /// of the new instance as the request's.
    #[must_use]
    pub fn names_no_instance(&self) -> bool {
        match &self.reader {
            #[cfg(feature = "tlv")]
            Reader::Tlv(reader) => reader.names_no_instance(),
            #[cfg(feature = "json")]
            Reader::Json(reader) => reader.names_no_instance(),
            _ => false,
        }
    }

    fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> {
        match &mut self.reader {
            Reader::Single { text, payload } => {
                let value = if *text {
                    Raw::Text(payload)
                } else {
                    Raw::Opaque(Payload::Plain(payload))
                };
                self.reader = Reader::Done;
                Ok(Some(Record {
                    path: self.request,
                    value,
                }))
            }
            #[cfg(feature = "cbor")]
            Reader::Cbor(payload) => {
                let value = cbor_value::read(payload)?;
                self.reader = Reader::Done;
                Ok(Some(Record {
                    path: self.request,
                    value,
                }))
            }
            #[cfg(feature = "tlv")]
            Reader::Tlv(reader) => reader.step(),
            #[cfg(feature = "json")]
            Reader::Json(reader) => reader.step(),
            #[cfg(feature = "senml-json")]
            Reader::SenmlJson(reader) => reader.step(),
            #[cfg(feature = "senml-cbor")]
            Reader::SenmlCbor(reader) => reader.step(),
            Reader::Unsupported => Err(DecodeError::Malformed),
            Reader::Done => Ok(None),
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step() {
            Ok(Some(record))
                if !self.request.contains(&record.path)
                    || (record.has_value() && record.path.level() < Level::Resource) =>
            {
                Some(Err(DecodeError::BadPath))
            }
            Ok(Some(record)) => Some(Ok(record)),
            Ok(None) => {
                self.reader = Reader::Done;
                None
            }
            Err(error) => {
                if error == DecodeError::Malformed {
                    self.reader = Reader::Done;
                }
                Some(Err(error))
            }
        }
    }
}

/// One record: where it belongs and what it carries.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The absolute path. With a value it names a resource or a resource instance. Without one it
    /// names what a composite read asks for, an object instance that holds nothing, or a multiple
    /// resource without instances.
    pub path: Path,
    pub(super) value: Raw<'a>,
}

impl<'a> Record<'a> {
    /// Whether there is a value; an empty string is one.
    #[must_use]
    pub fn has_value(&self) -> bool {
        !matches!(self.value, Raw::None)
    }

    /// The value, read as `data_type`.
    ///
    /// # Errors
    /// [`DecodeError::BadValue`]: there is none, it is of another type, or outside its range.
    pub fn interpret(&self, data_type: DataType) -> Result<Value<Payload<'a>>, DecodeError> {
        match self.value {
            Raw::None => None,
            Raw::Text(bytes) => text::interpret(bytes, data_type),
            #[cfg(feature = "tlv")]
            Raw::Binary(bytes) => tlv::interpret(bytes, data_type),
            Raw::Opaque(payload) if data_type == DataType::Opaque => Some(Value::Opaque(payload)),
            #[cfg(feature = "typed-values")]
            Raw::Boolean(value) if data_type == DataType::Boolean => Some(Value::Boolean(value)),
            #[cfg(feature = "typed-values")]
            Raw::String(payload) if data_type == DataType::String => string(payload),
            #[cfg(feature = "records")]
            Raw::ObjectLink(payload) if data_type == DataType::ObjectLink => object_link(payload),
            #[cfg(feature = "cbor")]
            Raw::StringOrLink(payload) => match data_type {
                DataType::String => string(payload),
                DataType::ObjectLink => object_link(payload),
                _ => None,
            },
            #[cfg(feature = "json")]
            Raw::StringOrData(payload) => match data_type {
                DataType::String => string(payload),
                DataType::Opaque => payload
                    .characters()
                    .and_then(|text| Base64::new(text, Alphabet::Standard))
                    .map(|bytes| Value::Opaque(Payload::Base64(bytes))),
                _ => None,
            },
            #[cfg(feature = "typed-values")]
            number if data_type == DataType::Float => number.float().map(Value::Float),
            #[cfg(feature = "typed-values")]
            number => number.integer().and_then(|value| integer(value, data_type)),
            #[cfg(not(feature = "typed-values"))]
            Raw::Opaque(_) => None,
        }
        .ok_or(DecodeError::BadValue)
    }
}

#[cfg(feature = "typed-values")]
fn string(payload: Payload<'_>) -> Option<Value<Payload<'_>>> {
    payload.is_utf8().then_some(Value::String(payload))
}

#[cfg(feature = "typed-values")]
fn object_link(payload: Payload<'_>) -> Option<Value<Payload<'_>>> {
    let mut buffer = [0; 11];
    let length = payload.copy(0, &mut buffer);
    if length != payload.len() {
        return None;
    }
    text::object_link(buffer.get(..length)?).map(Value::ObjectLink)
}

/// An integer as the integer types and Time take it: within the type's range.
pub(super) fn integer<B>(value: i64, data_type: DataType) -> Option<Value<B>> {
    if data_type == DataType::Time {
        return Some(Value::Time(value));
    }
    let (least, greatest) = data_type.integer_range()?;
    (least <= value && value <= greatest).then_some(Value::Integer(value))
}

/// A value as the format gives it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Raw<'a> {
    #[cfg_attr(not(any(feature = "tlv", feature = "records")), allow(dead_code))]
    None,
    /// Plain text of any type.
    Text(&'a [u8]),
    /// The binary form of any type, as TLV has it.
    #[cfg(feature = "tlv")]
    Binary(&'a [u8]),
    #[cfg(feature = "cbor-items")]
    Integer(i64),
    #[cfg(feature = "cbor-items")]
    Float(f64),
    /// The double nearest to a number that is no integer of 64 bits, though its double may be one.
    #[cfg(feature = "cbor-items")]
    Rounded(f64),
    /// The text of a JSON number.
    #[cfg(feature = "json-text")]
    Number(&'a [u8]),
    #[cfg(feature = "typed-values")]
    Boolean(bool),
    #[cfg(feature = "typed-values")]
    String(Payload<'a>),
    Opaque(Payload<'a>),
    #[cfg(feature = "records")]
    ObjectLink(Payload<'a>),
    /// A string where object links are strings too: CBOR.
    #[cfg(feature = "cbor")]
    StringOrLink(Payload<'a>),
    /// A string where opaque values are strings too: OMA JSON.
    #[cfg(feature = "json")]
    StringOrData(Payload<'a>),
}

#[cfg(feature = "typed-values")]
impl Raw<'_> {
    /// The number, if it is one.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn float(&self) -> Option<f64> {
        match self {
            #[cfg(feature = "cbor-items")]
            Raw::Integer(value) => Some(*value as f64),
            #[cfg(feature = "cbor-items")]
            Raw::Float(value) | Raw::Rounded(value) => Some(*value),
            #[cfg(feature = "json-text")]
            Raw::Number(text) => float::parse_float(text),
            _ => None,
        }
    }

    /// The number, if it is an integer.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            #[cfg(feature = "cbor-items")]
            Raw::Integer(value) => Some(*value),
            #[cfg(feature = "cbor-items")]
            Raw::Float(value) => float::to_integer(*value),
            #[cfg(feature = "json-text")]
            Raw::Number(text) => number::exact_integer(text),
            _ => None,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        match self {
            #[cfg(feature = "cbor-items")]
            Raw::Integer(_) | Raw::Float(_) | Raw::Rounded(_) => true,
            #[cfg(feature = "json-text")]
            Raw::Number(_) => true,
            _ => false,
        }
    }
}

/// The bytes of a string or opaque value, where they lie in the payload and as they are encoded
/// there.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// As they are.
    Plain(&'a [u8]),
    /// Base64 text, RFC 4648.
    Base64(Base64<'a>),
    /// A CBOR string of indefinite length.
    #[cfg(feature = "cbor-items")]
    Chunks(Chunks<'a>),
    /// A JSON string with escaped characters.
    #[cfg(feature = "json-text")]
    Escaped(Escaped<'a>),
}

impl<'a> Payload<'a> {
    /// The bytes, if they lie in the payload as they are.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [u8]> {
        match self {
            Payload::Plain(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The bytes of a JSON string.
    #[cfg(feature = "json-text")]
    pub(super) fn characters(&self) -> Option<Characters<'a>> {
        match self {
            Payload::Plain(bytes) => Some(Characters::plain(bytes)),
            Payload::Escaped(text) => Some(text.characters),
            _ => None,
        }
    }

    #[cfg(feature = "typed-values")]
    fn is_utf8(&self) -> bool {
        match self {
            Payload::Plain(bytes) => is_utf8(bytes),
            Payload::Base64(_) => false,
            #[cfg(feature = "cbor-items")]
            Payload::Chunks(chunks) => chunks.pieces().all(is_utf8),
            #[cfg(feature = "json-text")]
            Payload::Escaped(text) => text.is_utf8(),
        }
    }
}

impl Bytes for Payload<'_> {
    fn len(&self) -> usize {
        match self {
            Payload::Plain(bytes) => bytes.len(),
            Payload::Base64(bytes) => bytes.len(),
            #[cfg(feature = "cbor-items")]
            Payload::Chunks(chunks) => chunks.len(),
            #[cfg(feature = "json-text")]
            Payload::Escaped(text) => text.len(),
        }
    }

    fn as_slice(&self) -> Option<&[u8]> {
        match self {
            Payload::Plain(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        match self {
            Payload::Plain(bytes) => bytes.copy(offset, into),
            Payload::Base64(bytes) => bytes.copy(offset, into),
            #[cfg(feature = "cbor-items")]
            Payload::Chunks(chunks) => chunks.copy(offset, into),
            #[cfg(feature = "json-text")]
            Payload::Escaped(text) => text.copy(offset, into),
        }
    }
}
