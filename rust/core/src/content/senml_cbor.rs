// SPDX-License-Identifier: Apache-2.0
//! SenML CBOR, RFC 8428 §6 and OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.6: an array of maps, keyed by
//! small integers, but for the object link of LwM2M, whose key is the text "vlo".

use super::cbor::{self, ARRAY, Decoder, Head, Left, MAP, NEGATIVE, TEXT, UNSIGNED};
use super::leading::{Encoding, Leading};
use super::reader::{Payload, Record};
use super::senml::{BaseName, Fields, Label, PathReader, Time};
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

/// The array of records being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct SenmlCborWriter {
    names: BaseName,
    array: Array,
}

#[derive(Clone, Copy, Debug)]
enum Array {
    /// Its head, which counts the records, is here.
    Counted { at: usize, count: u16 },
    /// Of indefinite length: a break is written after every record and taken back before the next.
    #[cfg(feature = "block-transfer")]
    Indefinite,
}

impl SenmlCborWriter {
    pub(super) fn new(request: Path, output: &mut Output<'_>) -> Result<Self, EncodeError> {
        let at = output.position();
        cbor::put_head(output, ARRAY, 0)?;
        Ok(SenmlCborWriter {
            names: BaseName::new(request),
            array: Array::Counted { at, count: 0 },
        })
    }

    /// Copies what was written, records that are not counted any more: what was written so far may
    /// leave before their number is known.
    #[cfg(feature = "block-transfer")]
    pub(super) fn uncount(
        &mut self,
        written: &[u8],
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        let Array::Counted { at, count } = self.array else {
            return Err(EncodeError::Unsupported);
        };
        let head = match count {
            0..24 => 1,
            24..256 => 2,
            _ => 3,
        };
        let records = at.saturating_add(head);
        output.put_slice(written.get(..at).unwrap_or_default())?;
        output.put((ARRAY << 5) | cbor::INDEFINITE)?;
        output.put_slice(written.get(records..).unwrap_or_default())?;
        self.array = Array::Indefinite;
        output.put(cbor::BREAK)
    }

    /// How many bytes end the payload after every record.
    #[cfg(feature = "block-transfer")]
    pub(super) fn end_length(&self) -> usize {
        match self.array {
            Array::Counted { .. } => 0,
            Array::Indefinite => 1,
        }
    }

    /// Takes back a record that began at `start` and cannot be ended.
    #[cfg(feature = "block-transfer")]
    pub(super) fn undo_record(&self, start: usize, output: &mut Output<'_>) {
        if matches!(self.array, Array::Indefinite) {
            output.truncate(start.saturating_sub(1));
            // It was there before.
            let _closed = output.put(cbor::BREAK);
        }
    }

    /// A whole record, but for the bytes of a string or opaque value.
    pub(super) fn record(
        &mut self,
        path: &Path,
        shape: Shape,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        #[cfg(feature = "block-transfer")]
        if matches!(self.array, Array::Indefinite) {
            output.truncate(output.position().saturating_sub(1));
        }
        let names = self.names.names(path);
        let time = self.names.time();
        let pairs = [
            names.has_base(),
            names.has_name(),
            time != Time::Unsaid,
            true,
        ];
        output.put((MAP << 5) | pairs.into_iter().map(u8::from).sum::<u8>())?;
        if names.has_base() {
            let head = put_key(output, BASE_NAME)?;
            self.names.put_base(names, path, output)?;
            cbor::set_short_head(output, head, TEXT)?;
        }
        let (key, seconds) = match time {
            Time::Unsaid => (0, None),
            Time::Base(seconds) => (BASE_TIME, Some(seconds)),
            Time::Offset(seconds) => (TIME, Some(seconds)),
        };
        if let Some(seconds) = seconds {
            output.put(key_byte(key))?;
            cbor::put_value(output, Shape::Integer(seconds))?;
        }
        if names.has_name() {
            let head = put_key(output, NAME)?;
            self.names.put_name(path, output)?;
            cbor::set_short_head(output, head, TEXT)?;
        }
        match shape {
            Shape::String(_) => output.put(key_byte(STRING_VALUE))?,
            Shape::Opaque(_) => output.put(key_byte(DATA_VALUE))?,
            Shape::Integer(_) | Shape::Time(_) | Shape::Float(_) => output.put(key_byte(VALUE))?,
            Shape::Boolean(_) => output.put(key_byte(BOOLEAN_VALUE))?,
            Shape::ObjectLink(_) => {
                cbor::put_head(output, TEXT, OBJECT_LINK_VALUE.len() as u64)?;
                output.put_slice(OBJECT_LINK_VALUE)?;
            }
        }
        cbor::put_value(output, shape)
    }

    /// Says of which time the next record is.
    #[cfg(feature = "time-series")]
    pub(super) fn set_time(&mut self, time: Option<i64>) {
        self.names.set_time(time);
    }

    /// Counts the record that was written in the array's head, which grows with the 24th and the
    /// 256th.
    pub(super) fn end_record(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        match &mut self.array {
            Array::Counted { at, count } => {
                let more = count.checked_add(1).ok_or(EncodeError::Unsupported)?;
                set_count(*at, more, output)?;
                *count = more;
            }
            #[cfg(feature = "block-transfer")]
            Array::Indefinite => output.put(cbor::BREAK)?,
        }
        self.names.written();
        Ok(())
    }
}

/// Fills in the array's head, which lies at `at`.
fn set_count(at: usize, count: u16, output: &mut Output<'_>) -> Result<(), EncodeError> {
    if count < 24 {
        #[allow(clippy::cast_possible_truncation)]
        output.set(at, (ARRAY << 5) | count as u8);
        return Ok(());
    }
    if count == 24 || count == 256 {
        output.insert(at, 1)?;
    }
    let mut head = [0; 8];
    let mut head = Output::new(&mut head);
    cbor::put_head(&mut head, ARRAY, u64::from(count))?;
    output.patch(at, head.written());
    Ok(())
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
#[derive(Clone, Copy, Debug)]
pub(super) struct SenmlCborReader<'a> {
    decoder: Decoder<'a>,
    /// `None` before the array's head.
    left: Option<Left>,
    base: PathReader,
}

impl<'a> SenmlCborReader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        SenmlCborReader {
            decoder: Decoder::new(payload),
            left: None,
            base: PathReader::new(),
        }
    }

    // Apart: each format's reader would add to the frame of the one that chooses.
    #[inline(never)]
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
        let mut fields = Fields::new();
        let mut pairs = Left::of(head);
        while let Some(key) = self.decoder.item(&mut pairs)? {
            match read_label(key, &mut self.decoder)? {
                Some(label) => {
                    let value = self.decoder.value()?;
                    fields.set(label, value)?;
                }
                None => {
                    let head = self.decoder.head()?;
                    self.decoder.skip(head)?;
                }
            }
        }
        fields.record(&mut self.base).map(Some)
    }
}

/// The label that begins with `key`; `None` for a label nobody knows.
fn read_label(key: Head, decoder: &mut Decoder<'_>) -> Result<Option<Label>, DecodeError> {
    match key.major {
        UNSIGNED | NEGATIVE => Ok(match key.integer() {
            Some(BASE_VERSION) => Some(Label::BaseVersion),
            Some(BASE_NAME) => Some(Label::BaseName),
            Some(BASE_TIME) => Some(Label::BaseTime),
            Some(BASE_VALUE) => Some(Label::BaseValue),
            Some(NAME) => Some(Label::Name),
            Some(VALUE) => Some(Label::Value),
            Some(STRING_VALUE) => Some(Label::StringValue),
            Some(BOOLEAN_VALUE) => Some(Label::BooleanValue),
            Some(TIME) => Some(Label::Time),
            Some(DATA_VALUE) => Some(Label::DataValue),
            _ => None,
        }),
        TEXT => {
            let label = decoder.string(key)?;
            if label.as_slice() == Some(OBJECT_LINK_VALUE) {
                return Ok(Some(Label::ObjectLinkValue));
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
            Ok(None)
        }
        _ => Err(DecodeError::Malformed),
    }
}

/// The string or opaque value of a payload of one record, whose beginning is `block`. It comes last in
/// the record, but for what ends map and array.
pub(super) fn leading(block: &[u8]) -> Option<Leading> {
    let mut decoder = Decoder::new(block);
    let array = decoder.head().ok()?;
    let one = array.is_indefinite() || array.argument == 1;
    let map = decoder.head().ok()?;
    if array.major != ARRAY || map.major != MAP || !one {
        return None;
    }
    let mut fields = Fields::new();
    let mut pairs = Left::of(map);
    while let Some(key) = decoder.item(&mut pairs).ok()? {
        let label = read_label(key, &mut decoder).ok()??;
        let mut ahead = decoder;
        let head = ahead.head().ok()?;
        if let Some((encoding, start)) = ahead.cut_short(head, block) {
            let expected = match encoding {
                Encoding::Text { .. } => Label::StringValue,
                _ => Label::DataValue,
            };
            if label != expected || !matches!(pairs, Left::Items(0) | Left::UntilBreak) {
                return None;
            }
            let breaks =
                usize::from(array.is_indefinite()).saturating_add(usize::from(map.is_indefinite()));
            return Some(Leading {
                path: fields.record(&mut PathReader::new()).ok()?.path,
                start,
                encoding,
                tail: b"\xff\xff".get(..breaks)?,
            });
        }
        fields.set(label, decoder.value().ok()?).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFormat, RecordWriter, Records};
    use super::*;
    use crate::value::{DataType, ObjectLink, Value};
    use std::vec::Vec;

    fn results(payload: &[u8]) -> Result<Vec<(Path, bool)>, DecodeError> {
        Records::new(ContentFormat::SenmlCbor, Path::ROOT, payload)
            .map(|record| record.map(|record| (record.path, record.has_value())))
            .collect()
    }

    /// A record of these pairs with the name `/3/0/0`.
    fn record(pairs: u8, rest: &[u8]) -> Vec<u8> {
        [&[0x81, 0xa1 + pairs, 0x00, 0x66][..], b"/3/0/0", rest].concat()
    }

    #[test]
    fn nothing_is_an_empty_array() {
        let mut buffer = [0; 1];
        let output = Output::new(&mut buffer);
        let writer = RecordWriter::new(ContentFormat::SenmlCbor, Path::object(3), output).unwrap();
        assert_eq!(writer.finish().written(), [0x80]);
        assert_eq!(results(&[0x80]), Ok(Vec::new()));
        assert_eq!(results(&[0x9f, 0xff]), Ok(Vec::new()));
    }

    #[test]
    fn the_array_head_grows_with_the_records() {
        for (count, head) in [
            (1, &[0x81][..]),
            (23, &[0x97]),
            (24, &[0x98, 24]),
            (255, &[0x98, 255]),
            (256, &[0x99, 1, 0]),
            (300, &[0x99, 1, 44]),
        ] {
            let mut buffer = [0; 4096];
            let output = Output::new(&mut buffer);
            let request = Path::object(3);
            let mut writer = RecordWriter::new(ContentFormat::SenmlCbor, request, output).unwrap();
            for id in 0..count {
                let value = Value::Integer(i64::from(id));
                writer
                    .value::<&[u8]>(&Path::resource(3, 0, id), value)
                    .unwrap();
            }
            let written = writer.finish().into_written();
            let first = [head, b"\xa3\x21\x65/3/0/\x00\x61\x30\x02\x00"].concat();
            assert_eq!(written.get(..first.len()), Some(&first[..]));
            assert_eq!(results(written).unwrap().len(), usize::from(count));
        }
    }

    #[test]
    fn each_type_has_its_label() {
        let path = Path::resource(3, 0, 0);
        let link = ObjectLink {
            object: 3,
            instance: 65_535,
        };
        for (value, expected) in [
            (Value::String(&b"ab"[..]), &b"\x03\x62ab"[..]),
            (Value::Opaque(&b"ab"[..]), b"\x08\x42ab"),
            (Value::Integer(-500), b"\x02\x39\x01\xf3"),
            (Value::Time(1_367_491_215), b"\x02\x1a\x51\x82\x42\x8f"),
            (Value::Float(1.0), b"\x02\xf9\x3c\x00"),
            (Value::Float(100_000.0), b"\x02\xfa\x47\xc3\x50\x00"),
            (
                Value::Float(1.1),
                b"\x02\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a",
            ),
            (Value::Boolean(true), b"\x04\xf5"),
            (Value::ObjectLink(link), b"\x63vlo\x673:65535"),
        ] {
            let mut buffer = [0; 40];
            let output = Output::new(&mut buffer);
            let mut writer = RecordWriter::new(ContentFormat::SenmlCbor, path, output).unwrap();
            writer.value(&path, value).unwrap();
            let expected = [b"\x81\xa2\x21\x66/3/0/0", expected].concat();
            assert_eq!(writer.finish().written(), expected);
        }
    }

    #[test]
    fn base_names_hold_for_the_records_that_follow() {
        // [{2: 1, -2: "/3/0/", 0: "9"}, {0: "13"}, {-2: "/1/0", 0: "/1"}, {0: "/2"}]
        let payload = b"\x84\xa3\x02\x01\x21\x65/3/0/\x00\x619\xa1\x00\x6213\
            \xa2\x21\x64/1/0\x00\x62/1\xa1\x00\x62/2";
        assert_eq!(
            results(payload),
            Ok([
                (Path::resource(3, 0, 9), true),
                (Path::resource(3, 0, 13), false),
                (Path::resource(1, 0, 1), false),
                (Path::resource(1, 0, 2), false),
            ]
            .to_vec())
        );
    }

    #[test]
    fn a_bad_name_does_not_end_the_walk() {
        // [{0: "x", 2: 1}, {-2: "/3", 2: 1}, {0: "/0/1", 2: 1}]
        let payload = b"\x83\xa2\x00\x61x\x02\x01\xa2\x21\x62/3\x02\x01\xa2\x00\x64/0/1\x02\x01";
        let mut records = Records::new(ContentFormat::SenmlCbor, Path::ROOT, payload)
            .map(|record| record.map(|record| record.path));
        assert_eq!(records.next(), Some(Err(DecodeError::BadPath)));
        assert_eq!(
            records.next(),
            Some(Err(DecodeError::BadPath)),
            "a value for an object"
        );
        assert_eq!(records.next(), Some(Ok(Path::resource(3, 0, 1))));
        assert_eq!(records.next(), None);
    }

    #[test]
    fn unknown_labels_are_passed_over() {
        for (pairs, rest) in [
            (0, &b""[..]),
            (1, b"\x18\x63\x01"),
            (1, b"\x38\x63\x80"),
            (1, b"\x61u\x61V"),
            (1, b"\x7f\x61_\x61u\xff\x01"),
            (1, b"\x60\x01"),
            (1, b"\x01\x61V"),
            (1, b"\x20\x0a"),
            (1, b"\x06\xf9\x3c\x00"),
            (1, b"\x22\x1a\x51\x82\x42\x8f"),
            (1, b"\x24\x00"),
            (1, b"\x18\x63\xa1\x81\xbf\x01\x02\xff\x9f\xc1\x00\xff"),
            (1, b"\x18\x63\xf8\xff"),
        ] {
            let payload = record(pairs, rest);
            assert_eq!(
                results(&payload).map(|records| records.len()),
                Ok(1),
                "{rest:x?}"
            );
        }
    }

    #[test]
    fn what_is_no_senml_is_malformed() {
        for payload in [
            &b""[..],
            b"\xa0",
            b"\x01",
            b"\x81",
            b"\x81\x01",
            b"\x80\x00",
            b"\x9f",
            b"\xff",
            b"\x81\xff",
            b"\x81\xa1\xff",
            b"\x81\xbf\x00\xff",
            b"\x81\xa1\x41\x00\x00",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x81\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x81\xa1\x00\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x81\xa1\x00\x7f\x41\x2f\xff",
            b"\x81\xa1\x00\x7f\x7f\xff\xff",
        ] {
            assert_eq!(
                results(payload),
                Err(DecodeError::Malformed),
                "{payload:x?}"
            );
        }
        for (pairs, rest) in [
            (1, &b"\x02"[..]),
            (1, b"\x00\x61/"),
            (2, b"\x02\x01\x02\x01"),
            (2, b"\x02\x01\x04\xf5"),
            (2, b"\x63vlo\x633:0\x63vlo\x633:0"),
            (1, b"\x63bx_\x01"),
            (1, b"\x7f\x61b\x61_\x60\xff\x01"),
            (1, b"\x02\x611"),
            (1, b"\x02\xf5"),
            (1, b"\x02\xf6"),
            (1, b"\x02\xc2\x41\x01"),
            (1, b"\x02\xc4\x81\x01"),
            (1, b"\x02\xc4\x82\x01\xf9\x00\x00"),
            (1, b"\x02\xc4\x82\x19\x01\x90\x01"),
            (1, b"\x03\x01"),
            (1, b"\x03\x41a"),
            (1, b"\x04\x01"),
            (1, b"\x04\xf8\x15"),
            (1, b"\x08\x61a"),
            (1, b"\x21\x41/"),
            (1, b"\x20\x0b"),
            (1, b"\x20\x00"),
            (1, b"\x22\x60"),
            (1, b"\x24\x01"),
            (1, b"\x18\x63\xff"),
            (1, b"\x18\x63\xfc"),
            (1, b"\x18\x63\xf8\x18"),
            (1, b"\x18\x63\x1c"),
            (1, b"\x18\x63\x1f"),
            (1, b"\x18\x63\xdf\x00"),
            (1, b"\x18\x63\xbf\x01\xff"),
            (1, b"\x18\x63\x81\x81\x81\x81\x81\x81\x81\x81\x81\x00"),
        ] {
            let payload = record(pairs, rest);
            assert_eq!(results(&payload), Err(DecodeError::Malformed), "{rest:x?}");
        }
    }

    #[test]
    fn values_outside_their_type_are_refused() {
        for (rest, data_type) in [
            (&b""[..], DataType::S64),
            (b"\x02\x19\x01\x00", DataType::U8),
            (b"\x02\x20", DataType::U32),
            (b"\x02\x1b\x80\x00\x00\x00\x00\x00\x00\x00", DataType::S64),
            (b"\x02\x3b\x80\x00\x00\x00\x00\x00\x00\x00", DataType::S64),
            // 922337203685477580.7, whose nearest double is an integer
            (
                b"\x02\xc4\x82\x20\x1b\x7f\xff\xff\xff\xff\xff\xff\xff",
                DataType::S64,
            ),
            (b"\x02\xf9\x3e\x00", DataType::S32),
            (b"\x02\xf9\x7e\x00", DataType::S32),
            (b"\x02\x01", DataType::Boolean),
            (b"\x02\x01", DataType::String),
            (b"\x04\xf5", DataType::U8),
            (b"\x03\x611", DataType::U8),
            (b"\x03\x61a", DataType::Opaque),
            (b"\x03\x61\xff", DataType::String),
            (b"\x03\x7f\x61\xc2\x61\xb5\xff", DataType::String),
            (b"\x03\x633:0", DataType::ObjectLink),
            (b"\x08\x41a", DataType::String),
            (b"\x63vlo\x613", DataType::ObjectLink),
            (b"\x63vlo\x6cx65535:65535", DataType::ObjectLink),
            (b"\x63vlo\x6b65536:65535", DataType::ObjectLink),
            (b"\x63vlo\x6c65535:655350", DataType::ObjectLink),
            (b"\x63vlo\x633:0", DataType::String),
        ] {
            let payload = record(u8::from(!rest.is_empty()), rest);
            let record = Records::new(ContentFormat::SenmlCbor, Path::ROOT, &payload).next();
            let value = record.unwrap().unwrap().interpret(data_type).map(|_| ());
            assert_eq!(value, Err(DecodeError::BadValue), "{rest:x?} {data_type:?}");
        }
    }
}
