// SPDX-License-Identifier: Apache-2.0
//! Writes the records of one answer, notification or Send, whatever the format.

// A build may leave formats out; some parameters then have nobody to look at them.
#![cfg_attr(
    not(all(feature = "tlv", feature = "senml-cbor")),
    allow(unused_variables, unused_mut)
)]

#[cfg(feature = "senml-cbor")]
use super::senml_cbor::SenmlCborWriter;
#[cfg(feature = "tlv")]
use super::tlv::TlvWriter;
use super::{ContentFormat, EncodeError, Output, base64, text};
use crate::path::{Level, Path};
use crate::value::{Bytes, ObjectLink, Value};

/// Appends records to an [`Output`], which it holds until [`RecordWriter::finish`].
///
/// ```
/// use lwm2m_core::content::{ContentFormat, Output, RecordWriter};
/// use lwm2m_core::path::Path;
/// use lwm2m_core::value::Value;
///
/// let mut buffer = [0; 64];
/// let instance = Path::instance(3, 0);
/// let mut writer =
///     RecordWriter::new(ContentFormat::Tlv, instance, Output::new(&mut buffer)).unwrap();
/// writer.begin_instance(&instance).unwrap();
/// let resource = Path::resource(3, 0, 9);
/// writer.begin_resource(&resource, false).unwrap();
/// writer.value::<&[u8]>(&resource, Value::Integer(100)).unwrap();
/// writer.end_resource().unwrap();
/// writer.end_instance().unwrap();
/// assert_eq!(writer.finish().written(), [0xc1, 9, 100]);
/// ```
#[derive(Debug)]
pub struct RecordWriter<'a> {
    output: Output<'a>,
    codec: Codec,
}

#[derive(Debug)]
enum Codec {
    Text { done: bool },
    Opaque { done: bool },
    #[cfg(feature = "tlv")]
    Tlv(TlvWriter),
    #[cfg(feature = "senml-cbor")]
    SenmlCbor(SenmlCborWriter),
}

/// A value with its string or opaque bytes left out: only their number is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    String(usize),
    Opaque(usize),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    ObjectLink(ObjectLink),
}

impl<'a> RecordWriter<'a> {
    /// Begins an answer to `request` (the root for the composite operations and Send).
    ///
    /// # Errors
    /// [`EncodeError::Unsupported`]: the format cannot answer such a path. [`EncodeError::Full`].
    pub fn new(
        format: ContentFormat,
        request: Path,
        mut output: Output<'a>,
    ) -> Result<Self, EncodeError> {
        let codec = match format {
            ContentFormat::PlainText if request.level() >= Level::Resource => {
                Codec::Text { done: false }
            }
            ContentFormat::Opaque if request.level() >= Level::Resource => {
                Codec::Opaque { done: false }
            }
            #[cfg(feature = "tlv")]
            ContentFormat::Tlv if request.level() >= Level::Object => {
                Codec::Tlv(TlvWriter::new(request))
            }
            #[cfg(feature = "senml-cbor")]
            ContentFormat::SenmlCbor => {
                Codec::SenmlCbor(SenmlCborWriter::new(request, &mut output)?)
            }
            _ => return Err(EncodeError::Unsupported),
        };
        Ok(RecordWriter { output, codec })
    }

    /// Begins an object instance; `path` names it.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn begin_instance(&mut self, path: &Path) -> Result<(), EncodeError> {
        match &mut self.codec {
            #[cfg(feature = "tlv")]
            Codec::Tlv(tlv) => tlv.begin_instance(path, &mut self.output),
            _ => Ok(()),
        }
    }

    /// Ends the object instance.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn end_instance(&mut self) -> Result<(), EncodeError> {
        match &mut self.codec {
            #[cfg(feature = "tlv")]
            Codec::Tlv(tlv) => tlv.end_instance(&mut self.output),
            _ => Ok(()),
        }
    }

    /// Begins a resource; `path` names it, `multiple` says whether values of its resource instances
    /// follow.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn begin_resource(&mut self, path: &Path, multiple: bool) -> Result<(), EncodeError> {
        match &mut self.codec {
            #[cfg(feature = "tlv")]
            Codec::Tlv(tlv) if multiple => tlv.begin_resource(path, &mut self.output),
            _ => Ok(()),
        }
    }

    /// Ends the resource.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn end_resource(&mut self) -> Result<(), EncodeError> {
        match &mut self.codec {
            #[cfg(feature = "tlv")]
            Codec::Tlv(tlv) => tlv.end_resource(&mut self.output),
            _ => Ok(()),
        }
    }

    /// Appends the value of a single resource or of a resource instance; `path` names it.
    ///
    /// # Errors
    /// The record is left out as a whole, what was written before stays.
    /// [`EncodeError::Unsupported`]: the format cannot carry the type, or not a second value.
    pub fn value<B: Bytes>(&mut self, path: &Path, value: Value<B>) -> Result<(), EncodeError> {
        let start = self.output.position();
        let (shape, bytes) = match value {
            Value::String(bytes) => (Shape::String(bytes.len()), Some(bytes)),
            Value::Opaque(bytes) => (Shape::Opaque(bytes.len()), Some(bytes)),
            Value::Integer(value) | Value::Time(value) => (Shape::Integer(value), None),
            Value::Float(value) => (Shape::Float(value), None),
            Value::Boolean(value) => (Shape::Boolean(value), None),
            Value::ObjectLink(link) => (Shape::ObjectLink(link), None),
        };
        let mut result = self.open(path, shape);
        if let (Ok(()), Some(bytes), Shape::String(length) | Shape::Opaque(length)) =
            (result, bytes, shape)
        {
            result = self.output.put_bytes_of_length(bytes, length);
        }
        self.close(start, shape, path, result)
    }

    /// The output with everything written.
    #[must_use]
    pub fn finish(self) -> Output<'a> {
        self.output
    }

    /// How many bytes were written.
    #[must_use]
    pub fn position(&self) -> usize {
        self.output.position()
    }

    /// Everything of a record that comes before the bytes of a string or opaque value.
    fn open(&mut self, path: &Path, shape: Shape) -> Result<(), EncodeError> {
        match &mut self.codec {
            Codec::Text { done: true } | Codec::Opaque { done: true } => {
                Err(EncodeError::Unsupported)
            }
            Codec::Text { .. } => text::put(&mut self.output, shape),
            Codec::Opaque { .. } => match shape {
                Shape::Opaque(_) => Ok(()),
                _ => Err(EncodeError::Unsupported),
            },
            #[cfg(feature = "tlv")]
            Codec::Tlv(_) => TlvWriter::record(path, shape, &mut self.output),
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(senml) => senml.record(path, shape, &mut self.output),
        }
    }

    /// What comes after the bytes, or taking everything back.
    fn close(
        &mut self,
        start: usize,
        shape: Shape,
        path: &Path,
        mut result: Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if result.is_ok() {
            match &mut self.codec {
                Codec::Text { done } => {
                    if matches!(shape, Shape::Opaque(_)) {
                        result = base64::encode_in_place(&mut self.output, start);
                    }
                    *done = result.is_ok();
                }
                Codec::Opaque { done } => *done = true,
                #[cfg(feature = "tlv")]
                Codec::Tlv(_) => {}
                #[cfg(feature = "senml-cbor")]
                Codec::SenmlCbor(senml) => result = senml.end_record(path, &mut self.output),
            }
        }
        if result.is_err() {
            self.output.truncate(start);
        }
        result
    }
}
