// SPDX-License-Identifier: Apache-2.0
//! The records of a payload, whatever its format: a path and a value each. What a value means is
//! decided by the resource's data type, OMA-TS-LightweightM2M_Core-V1_1_1 appendix C.

use super::base64::Base64;
#[cfg(feature = "senml-cbor")]
use super::cbor::Chunks;
#[cfg(feature = "senml-cbor")]
use super::float;
#[cfg(feature = "senml-cbor")]
use super::senml_cbor::SenmlCborReader;
#[cfg(feature = "tlv")]
use super::tlv::{self, TlvReader};
use super::{ContentFormat, DecodeError, text};
use crate::path::{Level, Path};
use crate::value::{Bytes, DataType, Value};

/// Walks the records of a payload.
///
/// After [`DecodeError::Malformed`] nothing follows. After [`DecodeError::BadPath`] the walk can go
/// on with the next record, for an operation that forgives unknown paths.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    request: Path,
    reader: Reader<'a>,
}

#[derive(Clone, Debug)]
enum Reader<'a> {
    Single {
        text: bool,
        payload: &'a [u8],
    },
    #[cfg(feature = "tlv")]
    Tlv(TlvReader<'a>),
    #[cfg(feature = "senml-cbor")]
    SenmlCbor(SenmlCborReader<'a>),
    Unsupported,
    Done,
}

impl<'a> Records<'a> {
    /// The records of `payload`, each of which must lie within `request` (the root for the
    /// composite operations). A format this build cannot read yields [`DecodeError::Malformed`].
    #[must_use]
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
            #[cfg(feature = "tlv")]
            ContentFormat::Tlv => Reader::Tlv(TlvReader::new(request, payload)),
            #[cfg(feature = "senml-cbor")]
            ContentFormat::SenmlCbor => Reader::SenmlCbor(SenmlCborReader::new(payload)),
            _ => Reader::Unsupported,
        };
        Records { request, reader }
    }

    /// Whether the payload holds resources without the object instance they belong to: a Create on
    /// an object that leaves the instance id to the client. Such a payload is read with the path
    /// of the new instance as the request's.
    #[must_use]
    pub fn names_no_instance(&self) -> bool {
        match &self.reader {
            #[cfg(feature = "tlv")]
            Reader::Tlv(reader) => reader.names_no_instance(),
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
            #[cfg(feature = "tlv")]
            Reader::Tlv(reader) => reader.step(),
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
            Ok(None) => None,
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
            #[cfg(feature = "senml-cbor")]
            Raw::Integer(value) => match data_type {
                #[allow(clippy::cast_precision_loss)]
                DataType::Float => Some(Value::Float(value as f64)),
                _ => integer(value, data_type),
            },
            #[cfg(feature = "senml-cbor")]
            Raw::Float(value) => match data_type {
                DataType::Float => Some(Value::Float(value)),
                _ => float::to_integer(value).and_then(|value| integer(value, data_type)),
            },
            #[cfg(feature = "senml-cbor")]
            Raw::Rounded(value) if data_type == DataType::Float => Some(Value::Float(value)),
            #[cfg(feature = "senml-cbor")]
            Raw::Boolean(value) if data_type == DataType::Boolean => Some(Value::Boolean(value)),
            #[cfg(feature = "senml-cbor")]
            Raw::String(payload) if data_type == DataType::String => {
                payload.is_utf8().then_some(Value::String(payload))
            }
            Raw::Opaque(payload) if data_type == DataType::Opaque => Some(Value::Opaque(payload)),
            #[cfg(feature = "senml-cbor")]
            Raw::ObjectLink(payload) if data_type == DataType::ObjectLink => {
                let mut buffer = [0; 11];
                let length = payload.copy(0, &mut buffer);
                let link = buffer.get(..length).unwrap_or_default();
                if length == payload.len() {
                    text::object_link(link).map(Value::ObjectLink)
                } else {
                    None
                }
            }
            #[cfg(feature = "senml-cbor")]
            _ => None,
            #[cfg(not(feature = "senml-cbor"))]
            Raw::Opaque(_) => None,
        }
        .ok_or(DecodeError::BadValue)
    }
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
    #[cfg_attr(not(any(feature = "tlv", feature = "senml-cbor")), allow(dead_code))]
    None,
    /// Plain text of any type.
    Text(&'a [u8]),
    /// The binary form of any type, as TLV has it.
    #[cfg(feature = "tlv")]
    Binary(&'a [u8]),
    #[cfg(feature = "senml-cbor")]
    Integer(i64),
    #[cfg(feature = "senml-cbor")]
    Float(f64),
    /// The double nearest to a number that is no integer of 64 bits, though its double may be one.
    #[cfg(feature = "senml-cbor")]
    Rounded(f64),
    #[cfg(feature = "senml-cbor")]
    Boolean(bool),
    #[cfg(feature = "senml-cbor")]
    String(Payload<'a>),
    Opaque(Payload<'a>),
    #[cfg(feature = "senml-cbor")]
    ObjectLink(Payload<'a>),
}

/// The bytes of a string or opaque value, where they lie in the payload and as they are encoded
/// there.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// As they are.
    Plain(&'a [u8]),
    /// Base64 text, RFC 4648 §4.
    Base64(Base64<'a>),
    /// A CBOR string of indefinite length.
    #[cfg(feature = "senml-cbor")]
    Chunks(Chunks<'a>),
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

    #[cfg(feature = "senml-cbor")]
    fn is_utf8(&self) -> bool {
        match self {
            Payload::Plain(bytes) => core::str::from_utf8(bytes).is_ok(),
            Payload::Base64(_) => false,
            Payload::Chunks(chunks) => chunks
                .pieces()
                .all(|bytes| core::str::from_utf8(bytes).is_ok()),
        }
    }
}

impl Bytes for Payload<'_> {
    fn len(&self) -> usize {
        match self {
            Payload::Plain(bytes) => bytes.len(),
            Payload::Base64(bytes) => bytes.len(),
            #[cfg(feature = "senml-cbor")]
            Payload::Chunks(chunks) => chunks.len(),
        }
    }

    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        match self {
            Payload::Plain(bytes) => bytes.copy(offset, into),
            Payload::Base64(bytes) => bytes.copy(offset, into),
            #[cfg(feature = "senml-cbor")]
            Payload::Chunks(chunks) => chunks.copy(offset, into),
        }
    }
}
