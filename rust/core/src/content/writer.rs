// SPDX-License-Identifier: Apache-2.0
//! Writes the records of one answer, notification or Send, whatever the format.

// A build may leave formats out; some parameters then have nobody to look at them.
#![cfg_attr(
    not(all(
        feature = "cbor",
        feature = "tlv",
        feature = "json",
        feature = "senml-json",
        feature = "senml-cbor"
    )),
    allow(unused_variables, unused_mut)
)]

use super::base64::{self, Alphabet};
#[cfg(feature = "cbor")]
use super::cbor_value;
#[cfg(feature = "json")]
use super::oma_json::OmaJsonWriter;
#[cfg(feature = "senml-cbor")]
use super::senml_cbor::SenmlCborWriter;
#[cfg(feature = "senml-json")]
use super::senml_json::SenmlJsonWriter;
#[cfg(feature = "tlv")]
use super::tlv::TlvWriter;
use super::{ContentFormat, EncodeError, LinkWriter, Output, text};
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

/// What a writer knows of its format and of what it has written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codec {
    Single(Single),
    #[cfg(feature = "tlv")]
    Tlv(TlvWriter),
    #[cfg(feature = "json")]
    Json(OmaJsonWriter),
    #[cfg(feature = "senml-json")]
    SenmlJson(SenmlJsonWriter),
    #[cfg(feature = "senml-cbor")]
    SenmlCbor(SenmlCborWriter),
}

/// Plain text, opaque or CBOR, and whether its one value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Single {
    Text,
    /// Plain text, with bytes being written that become Base64.
    Base64,
    Opaque,
    #[cfg(feature = "cbor")]
    Cbor,
    Done,
}

/// A value with its string or opaque bytes left out: only their number is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    String(usize),
    Opaque(usize),
    Integer(i64),
    Time(i64),
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
                Codec::Single(Single::Text)
            }
            ContentFormat::Opaque if request.level() >= Level::Resource => {
                Codec::Single(Single::Opaque)
            }
            #[cfg(feature = "cbor")]
            ContentFormat::Cbor if request.level() >= Level::Resource => {
                Codec::Single(Single::Cbor)
            }
            #[cfg(feature = "tlv")]
            ContentFormat::Tlv if request.level() >= Level::Object => {
                Codec::Tlv(TlvWriter::new(request))
            }
            #[cfg(feature = "json")]
            ContentFormat::Json if request.level() >= Level::Object => {
                Codec::Json(OmaJsonWriter::new(request, &mut output)?)
            }
            #[cfg(feature = "senml-json")]
            ContentFormat::SenmlJson => {
                Codec::SenmlJson(SenmlJsonWriter::new(request, &mut output)?)
            }
            #[cfg(feature = "senml-cbor")]
            ContentFormat::SenmlCbor => {
                Codec::SenmlCbor(SenmlCborWriter::new(request, &mut output)?)
            }
            _ => return Err(EncodeError::Unsupported),
        };
        Ok(RecordWriter { output, codec })
    }

    /// Begins an answer that is made of links instead of records.
    pub(super) fn links(output: Output<'a>) -> Self {
        RecordWriter {
            output,
            codec: Codec::Single(Single::Done),
        }
    }

    /// Appends what `write` writes, all of it or nothing.
    pub(super) fn link(
        &mut self,
        write: &dyn Fn(&mut LinkWriter<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let start = self.output.position();
        let mut links = LinkWriter::new(core::mem::take(&mut self.output));
        let result = write(&mut links);
        self.output = links.finish();
        if result.is_err() {
            self.output.truncate(start);
        }
        result
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
        let (shape, content) = match value {
            Value::String(bytes) => (Shape::String(bytes.len()), Some(bytes)),
            Value::Opaque(bytes) => (Shape::Opaque(bytes.len()), Some(bytes)),
            Value::Integer(value) => (Shape::Integer(value), None),
            Value::Time(value) => (Shape::Time(value), None),
            Value::Float(value) => (Shape::Float(value), None),
            Value::Boolean(value) => (Shape::Boolean(value), None),
            Value::ObjectLink(link) => (Shape::ObjectLink(link), None),
        };
        let mut result = self.open(path, shape);
        // The length that was written counts, should another be given now.
        if let (Ok(()), Shape::String(length) | Shape::Opaque(length), Some(bytes)) =
            (result, shape, content)
        {
            result = self.output.put_bytes_of_length(bytes, length);
        }
        let result = result.and_then(|()| self.close(start));
        if result.is_err() {
            self.output.truncate(start);
            match &mut self.codec {
                Codec::Single(single @ Single::Base64) => *single = Single::Text,
                #[cfg(feature = "json")]
                Codec::Json(json) => json.undo_record(start, &mut self.output),
                #[cfg(feature = "senml-json")]
                Codec::SenmlJson(senml) => senml.undo_record(start, &mut self.output),
                #[cfg(all(feature = "senml-cbor", feature = "block-transfer"))]
                Codec::SenmlCbor(senml) => senml.undo_record(start, &mut self.output),
                _ => {}
            }
        }
        result
    }

    /// How many bytes still fit.
    #[cfg(feature = "time-series")]
    pub(crate) fn remaining(&self) -> usize {
        self.output.remaining()
    }

    /// Whether records of this format can tell a time.
    #[cfg(feature = "time-series")]
    #[must_use]
    pub(crate) fn tells_time(&self) -> bool {
        match self.codec {
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(_) => true,
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(_) => true,
            _ => false,
        }
    }

    /// Appends a value of a time, in seconds since 1970.
    ///
    /// # Errors
    /// As for [`RecordWriter::value`].
    #[cfg(feature = "time-series")]
    pub fn sample<B: Bytes>(
        &mut self,
        path: &Path,
        time: i64,
        value: Value<B>,
    ) -> Result<(), EncodeError> {
        self.set_time(Some(time));
        let result = self.value(path, value);
        self.set_time(None);
        result
    }

    #[cfg(feature = "time-series")]
    fn set_time(&mut self, time: Option<i64>) {
        match &mut self.codec {
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(senml) => senml.set_time(time),
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(senml) => senml.set_time(time),
            _ => {}
        }
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
            #[cfg(feature = "tlv")]
            Codec::Tlv(_) => TlvWriter::record(path, shape, &mut self.output),
            #[cfg(feature = "json")]
            Codec::Json(json) => json.record(path, shape, &mut self.output),
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(senml) => senml.record(path, shape, &mut self.output),
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(senml) => senml.record(path, shape, &mut self.output),
            Codec::Single(Single::Text) => {
                if let Shape::Opaque(_) = shape {
                    self.codec = Codec::Single(Single::Base64);
                }
                text::put(&mut self.output, shape)
            }
            Codec::Single(Single::Opaque) if matches!(shape, Shape::Opaque(_)) => Ok(()),
            #[cfg(feature = "cbor")]
            Codec::Single(Single::Cbor) => cbor_value::put(&mut self.output, shape),
            Codec::Single(_) => Err(EncodeError::Unsupported),
        }
    }

    /// What comes after the bytes of a record that begins at `start`.
    fn close(&mut self, start: usize) -> Result<(), EncodeError> {
        match &mut self.codec {
            #[cfg(feature = "tlv")]
            Codec::Tlv(_) => Ok(()),
            #[cfg(feature = "json")]
            Codec::Json(json) => json.end_record(&mut self.output),
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(senml) => senml.end_record(&mut self.output),
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(senml) => senml.end_record(&mut self.output),
            Codec::Single(single) => {
                if *single == Single::Base64 {
                    *single = Single::Text;
                    base64::encode_in_place(&mut self.output, start, Alphabet::Standard)?;
                }
                *single = Single::Done;
                Ok(())
            }
        }
    }
}

/// What lets a payload leave in blocks while it is being written, RFC 7959.
#[cfg(feature = "block-transfer")]
impl<'a> RecordWriter<'a> {
    /// Goes on where another writer with this codec stopped; `output` holds what is left of it.
    pub(super) fn resume(codec: Codec, output: Output<'a>) -> Self {
        RecordWriter { output, codec }
    }

    /// What [`RecordWriter::resume`] needs.
    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// Goes on in another buffer, to which what was written is copied. With `forward` what is
    /// settled may leave before the rest is written.
    pub(super) fn move_to(
        &mut self,
        buffer: &'a mut [u8],
        forward: bool,
    ) -> Result<(), EncodeError> {
        let mut output = Output::new(buffer);
        match &mut self.codec {
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(senml) if forward => {
                senml.uncount(self.output.written(), &mut output)?;
            }
            _ => output.put_slice(self.output.written())?,
        }
        self.output = output;
        Ok(())
    }

    /// How many bytes will not change any more, between two records.
    pub(super) fn settled(&self) -> usize {
        let unsettled = match &self.codec {
            #[cfg(feature = "tlv")]
            Codec::Tlv(tlv) if !tlv.is_settled() => return 0,
            #[cfg(feature = "json")]
            Codec::Json(json) => json.array.end_length(),
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(senml) => senml.array.end_length(),
            #[cfg(feature = "senml-cbor")]
            Codec::SenmlCbor(senml) => senml.end_length(),
            _ => 0,
        };
        self.position().saturating_sub(unsettled)
    }

    /// Begins the record of a string or opaque value that is written in parts.
    pub(super) fn begin_parts(&mut self, path: &Path, shape: Shape) -> Result<(), EncodeError> {
        #[cfg(feature = "tlv")]
        if matches!(&self.codec, Codec::Tlv(tlv) if !tlv.is_settled()) {
            return Err(EncodeError::Full);
        }
        self.open(path, shape)
    }

    /// Appends the next part of the value, from `from` on, and returns how many bytes of it there was
    /// room for before `end`, or a few more.
    pub(super) fn part<B: Bytes>(
        &mut self,
        bytes: B,
        from: usize,
        end: usize,
    ) -> Result<usize, EncodeError> {
        let start = self.output.position();
        // Without other formats there is nothing else.
        #[allow(unreachable_patterns)]
        let encoded = match &self.codec {
            Codec::Single(single) => *single == Single::Base64,
            #[cfg(feature = "json")]
            Codec::Json(_) => true,
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(_) => true,
            _ => false,
        };
        let mut count = end.saturating_sub(start).min(self.output.remaining());
        if encoded {
            // A character may become six, and Base64 takes whole groups of three.
            count = (self.output.remaining() / 18).saturating_mul(3);
        }
        count = count.min(bytes.len().saturating_sub(from));
        if count == 0 {
            return Err(EncodeError::Full);
        }
        self.output.put_range(bytes, from, count)?;
        match &mut self.codec {
            Codec::Single(Single::Base64) => {
                base64::encode_in_place(&mut self.output, start, Alphabet::Standard)?;
            }
            #[cfg(feature = "json")]
            Codec::Json(json) => json.array.part(start, &mut self.output)?,
            #[cfg(feature = "senml-json")]
            Codec::SenmlJson(senml) => senml.array.part(start, &mut self.output)?,
            _ => {}
        }
        Ok(count)
    }

    /// Ends the record of a value that was written in parts.
    pub(super) fn end_parts(&mut self) -> Result<(), EncodeError> {
        if let Codec::Single(single) = &mut self.codec {
            *single = Single::Done;
            return Ok(());
        }
        self.close(self.output.position())
    }
}
