// SPDX-License-Identifier: Apache-2.0
//! CBOR: one value as one data item, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.3.

use super::cbor::{self, Decoder, TAG};
use super::leading::Leading;
use super::reader::Raw;
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output};
use crate::path::Path;

/// Tag of a number of seconds since 1970, RFC 8949 §3.4.2.
const EPOCH: u64 = 1;

/// Everything of a value but the bytes of a string or opaque one.
pub(super) fn put(output: &mut Output<'_>, shape: Shape) -> Result<(), EncodeError> {
    if let Shape::Time(_) = shape {
        cbor::put_head(output, TAG, EPOCH)?;
    }
    cbor::put_value(output, shape)
}

/// Reads the one item of a payload. The tag may be left out.
pub(super) fn read(payload: &[u8]) -> Result<Raw<'_>, DecodeError> {
    let mut decoder = Decoder::new(payload);
    let head = decoder.head()?;
    let value = if head.major == TAG && head.argument == EPOCH {
        Some(decoder.value()?).filter(Raw::is_number)
    } else {
        Some(decoder.value_of(head)?)
    };
    match value {
        Some(Raw::String(text)) => Some(Raw::StringOrLink(text)),
        other => other,
    }
    .filter(|_| decoder.is_empty())
    .ok_or(DecodeError::Malformed)
}

/// The string that a payload is whose beginning is `block`.
pub(super) fn leading(request: Path, block: &[u8]) -> Option<Leading> {
    let mut decoder = Decoder::new(block);
    let head = decoder.head().ok()?;
    let (encoding, start) = decoder.cut_short(head, block)?;
    Some(Leading {
        path: request,
        start,
        encoding,
        tail: b"",
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFormat, RecordWriter, Records};
    use super::*;
    use crate::value::{DataType, ObjectLink, Value};

    const PATH: Path = Path::resource(3, 0, 0);

    #[test]
    fn each_type_is_an_item() {
        let link = ObjectLink {
            object: 10,
            instance: 65_535,
        };
        for (value, data_type, item) in [
            (Value::String(&b"a"[..]), DataType::String, &b"\x61a"[..]),
            (
                Value::Opaque(b"\x00\xff"),
                DataType::Opaque,
                b"\x42\x00\xff",
            ),
            (Value::Integer(-1), DataType::S8, b"\x20"),
            (
                Value::Integer(i64::MIN),
                DataType::S64,
                b"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff",
            ),
            (Value::Time(1), DataType::Time, b"\xc1\x01"),
            (Value::Float(1.5), DataType::Float, b"\xf9\x3e\x00"),
            (Value::Boolean(true), DataType::Boolean, b"\xf5"),
            (
                Value::ObjectLink(link),
                DataType::ObjectLink,
                b"\x6810:65535",
            ),
        ] {
            for path in [PATH, PATH.child(7).unwrap()] {
                let mut buffer = [0; 16];
                let output = Output::new(&mut buffer);
                let mut writer = RecordWriter::new(ContentFormat::Cbor, path, output).unwrap();
                writer.value(&path, value).unwrap();
                let again = writer.value(&path, value);
                assert_eq!(again, Err(EncodeError::Unsupported));
                assert_eq!(writer.finish().written(), item);

                let mut records = Records::new(ContentFormat::Cbor, path, item);
                let record = records.next().unwrap().unwrap();
                assert_eq!(record.path, path);
                assert!(records.next().is_none());
                let read = match record.interpret(data_type).unwrap() {
                    Value::String(bytes) => Value::String(bytes.as_slice().unwrap()),
                    Value::Opaque(bytes) => Value::Opaque(bytes.as_slice().unwrap()),
                    Value::Integer(value) => Value::Integer(value),
                    Value::Float(value) => Value::Float(value),
                    Value::Boolean(value) => Value::Boolean(value),
                    Value::Time(value) => Value::Time(value),
                    Value::ObjectLink(link) => Value::ObjectLink(link),
                };
                assert_eq!(read, value);
            }
        }
    }

    #[test]
    fn other_forms_are_read_where_nothing_is_lost() {
        for (item, data_type, value) in [
            (&b"\x01"[..], DataType::Time, Value::Time(1)),
            (b"\xc1\xf9\x3c\x00", DataType::Time, Value::Time(1)),
            (b"\x01", DataType::Float, Value::Float(1.0)),
            (b"\xf9\x3c\x00", DataType::U8, Value::Integer(1)),
            (b"\xc4\x82\x20\x0a", DataType::U8, Value::Integer(1)),
            (
                b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
                DataType::Float,
                Value::Float(18_446_744_073_709_551_615.0),
            ),
            (
                b"\x7f\x611\x62:2\xff",
                DataType::ObjectLink,
                Value::ObjectLink(ObjectLink {
                    object: 1,
                    instance: 2,
                }),
            ),
        ] {
            let record = Records::new(ContentFormat::Cbor, PATH, item).next();
            let read = record.unwrap().unwrap().interpret(data_type);
            let expected: Value<()> = value;
            assert_eq!(
                read.map(|value| std::format!("{value:?}")),
                Ok(std::format!("{expected:?}"))
            );
        }
    }

    #[test]
    fn what_is_not_one_value_is_refused() {
        for item in [
            &b""[..],
            b"\x01\x01",
            b"\xf6",
            b"\xf7",
            b"\x81\x01",
            b"\xa0",
            b"\xff",
            b"\x61",
            b"\x5f\x41a",
            b"\xc1\x611",
            b"\xc1\xf5",
            b"\xc1\xc1\x01",
            b"\xc0\x611",
            b"\xc2\x41\x01",
            b"\xf8\x15",
        ] {
            let mut records =
                Records::new(ContentFormat::Cbor, PATH, item).map(|record| record.map(|_| ()));
            assert_eq!(
                records.next(),
                Some(Err(DecodeError::Malformed)),
                "{item:x?}"
            );
            assert_eq!(records.next(), None);
        }
        for (item, data_type) in [
            (&b"\x19\x01\x00"[..], DataType::U8),
            (b"\x20", DataType::U32),
            (b"\xf9\x3e\x00", DataType::S32),
            (b"\x1b\x80\x00\x00\x00\x00\x00\x00\x00", DataType::S64),
            (b"\xc1\xf9\x3e\x00", DataType::Time),
            (b"\x611", DataType::U8),
            (b"\x64AAAA", DataType::Opaque),
            (b"\x41a", DataType::String),
            (b"\x61\xff", DataType::String),
            (b"\x61:", DataType::ObjectLink),
            (b"\x01", DataType::Boolean),
            (b"\xf5", DataType::U8),
            (b"\xf5", DataType::Float),
            (b"\x01", DataType::None),
        ] {
            let record = Records::new(ContentFormat::Cbor, PATH, item).next();
            let value = record.unwrap().unwrap().interpret(data_type).map(|_| ());
            assert_eq!(value, Err(DecodeError::BadValue), "{item:x?} {data_type:?}");
        }
        let instance = Path::instance(3, 0);
        let mut buffer = [0; 8];
        let writer = RecordWriter::new(ContentFormat::Cbor, instance, Output::new(&mut buffer));
        assert_eq!(writer.err(), Some(EncodeError::Unsupported));
        let record = Records::new(ContentFormat::Cbor, instance, b"\x01").next();
        assert_eq!(record.unwrap().map(|_| ()), Err(DecodeError::BadPath));
    }
}
