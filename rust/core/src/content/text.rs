// SPDX-License-Identifier: Apache-2.0
//! Plain text: one value, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.1 and appendix C.

use super::base64::{Alphabet, Base64};
use super::characters::Characters;
use super::number::{parse_integer, put_id, put_integer};
use super::reader::{self, Payload};
use super::utf8::is_utf8;
use super::writer::Shape;
use super::{EncodeError, Output, float};
use crate::value::{DataType, ObjectLink, Value};

/// The text of a value; the bytes of a string or opaque value are the caller's to append.
pub(super) fn put(output: &mut Output<'_>, shape: Shape) -> Result<(), EncodeError> {
    match shape {
        Shape::String(_) | Shape::Opaque(_) => Ok(()),
        Shape::Integer(value) | Shape::Time(value) => put_integer(output, value),
        Shape::Float(value) => float::put_float(output, value),
        Shape::Boolean(value) => output.put(b'0' | u8::from(value)),
        Shape::ObjectLink(link) => put_object_link(output, link),
    }
}

/// `object:instance`
pub(super) fn put_object_link(
    output: &mut Output<'_>,
    link: ObjectLink,
) -> Result<(), EncodeError> {
    put_id(output, link.object)?;
    output.put(b':')?;
    put_id(output, link.instance)
}

/// Reads `text` as `data_type`.
pub(super) fn interpret(text: &[u8], data_type: DataType) -> Option<Value<Payload<'_>>> {
    match data_type {
        DataType::String => is_utf8(text).then_some(Value::String(Payload::Plain(text))),
        DataType::Opaque => Base64::new(Characters::plain(text), Alphabet::Standard)
            .map(|bytes| Value::Opaque(Payload::Base64(bytes))),
        DataType::Boolean => match text {
            b"0" => Some(Value::Boolean(false)),
            b"1" => Some(Value::Boolean(true)),
            _ => None,
        },
        DataType::Float => float::parse_float(text).map(Value::Float),
        DataType::ObjectLink => object_link(text).map(Value::ObjectLink),
        DataType::None => None,
        _ => reader::integer(parse_integer(text)?, data_type),
    }
}

/// `object:instance`, both 0..=65535.
pub(super) fn object_link(text: &[u8]) -> Option<ObjectLink> {
    let mut ids = text.split(|&byte| byte == b':');
    let link = ObjectLink {
        object: id(ids.next()?)?,
        instance: id(ids.next()?)?,
    };
    ids.next().is_none().then_some(link)
}

fn id(text: &[u8]) -> Option<u16> {
    // "-0" is a number, but no id.
    if text.first() == Some(&b'-') {
        return None;
    }
    u16::try_from(parse_integer(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFormat, DecodeError, RecordWriter, Records};
    use super::*;
    use crate::path::Path;
    use crate::value::Bytes;

    const PATH: Path = Path::resource(3, 0, 1);

    fn read(text: &[u8], data_type: DataType) -> Option<Value<&[u8]>> {
        match interpret(text, data_type)? {
            Value::String(bytes) => Some(Value::String(bytes.as_slice()?)),
            Value::Opaque(_) => None,
            Value::Integer(value) => Some(Value::Integer(value)),
            Value::Float(value) => Some(Value::Float(value)),
            Value::Boolean(value) => Some(Value::Boolean(value)),
            Value::Time(value) => Some(Value::Time(value)),
            Value::ObjectLink(link) => Some(Value::ObjectLink(link)),
        }
    }

    #[test]
    fn text_is_written_and_read() {
        for (text, data_type, value) in [
            ("", DataType::String, Value::String(&b""[..])),
            (
                "\u{b5}C",
                DataType::String,
                Value::String("\u{b5}C".as_bytes()),
            ),
            ("255", DataType::U8, Value::Integer(255)),
            ("-32768", DataType::S16, Value::Integer(-32_768)),
            ("4294967295", DataType::U32, Value::Integer(4_294_967_295)),
            (
                "-9223372036854775808",
                DataType::S64,
                Value::Integer(i64::MIN),
            ),
            ("1367491215", DataType::Time, Value::Time(1_367_491_215)),
            ("0", DataType::Boolean, Value::Boolean(false)),
            ("1", DataType::Boolean, Value::Boolean(true)),
            ("22.5", DataType::Float, Value::Float(22.5)),
            ("-3", DataType::Float, Value::Float(-3.0)),
            (
                "10:65535",
                DataType::ObjectLink,
                Value::ObjectLink(ObjectLink {
                    object: 10,
                    instance: 65_535,
                }),
            ),
        ] {
            assert_eq!(read(text.as_bytes(), data_type), Some(value), "{text}");
            let mut buffer = [0; 32];
            let output = Output::new(&mut buffer);
            let mut writer = RecordWriter::new(ContentFormat::PlainText, PATH, output).unwrap();
            writer.value(&PATH, value).unwrap();
            assert_eq!(writer.finish().written(), text.as_bytes());
        }
    }

    #[test]
    fn text_of_another_type_is_refused() {
        for (text, data_type) in [
            ("256", DataType::U8),
            ("-1", DataType::U32),
            ("128", DataType::S8),
            ("", DataType::S32),
            ("abc", DataType::S32),
            ("1x", DataType::S32),
            (" 1", DataType::S32),
            ("1 ", DataType::S32),
            ("1.0", DataType::S32),
            ("", DataType::Boolean),
            ("true", DataType::Boolean),
            ("2", DataType::Boolean),
            ("01", DataType::Boolean),
            ("", DataType::Float),
            ("1,5", DataType::Float),
            ("", DataType::Time),
            ("", DataType::ObjectLink),
            ("3", DataType::ObjectLink),
            ("3:", DataType::ObjectLink),
            (":0", DataType::ObjectLink),
            ("3:0:1", DataType::ObjectLink),
            ("65536:0", DataType::ObjectLink),
            ("-0:0", DataType::ObjectLink),
            ("", DataType::None),
        ] {
            let record = Records::new(ContentFormat::PlainText, PATH, text.as_bytes()).next();
            let value = record.unwrap().unwrap().interpret(data_type).map(|_| ());
            assert_eq!(value, Err(DecodeError::BadValue), "{text:?} {data_type:?}");
        }
        assert_eq!(read(b"\xff", DataType::String), None);
    }

    #[test]
    fn opaque_values_are_base64() {
        let Some(Value::Opaque(bytes)) = interpret(b"AAEC/w==", DataType::Opaque) else {
            panic!()
        };
        let mut into = [9; 4];
        assert_eq!(
            (bytes.len(), bytes.copy(0, &mut into), into),
            (4, 4, [0, 1, 2, 255])
        );

        let mut buffer = [0; 8];
        let output = Output::new(&mut buffer);
        let mut writer = RecordWriter::new(ContentFormat::PlainText, PATH, output).unwrap();
        let long = Value::Opaque([0; 7].as_slice());
        assert_eq!(writer.value(&PATH, long), Err(EncodeError::Full));
        writer
            .value(&PATH, Value::Opaque([0, 1, 2, 255].as_slice()))
            .unwrap();
        assert_eq!(writer.value(&PATH, long), Err(EncodeError::Unsupported));
        assert_eq!(writer.finish().written(), b"AAEC/w==");
    }

    #[test]
    fn a_failed_opaque_value_leaves_no_trace() {
        let mut buffer = [0; 2];
        let output = Output::new(&mut buffer);
        let mut writer = RecordWriter::new(ContentFormat::PlainText, PATH, output).unwrap();
        assert_eq!(
            writer.value(&PATH, Value::Opaque(&b"abc"[..])),
            Err(EncodeError::Full)
        );
        writer.value(&PATH, Value::String(&b"ab"[..])).unwrap();
        assert_eq!(writer.finish().written(), b"ab");
    }

    #[test]
    fn single_value_formats_have_one_value() {
        let mut buffer = [0; 8];
        for format in [ContentFormat::PlainText, ContentFormat::Opaque] {
            let instance =
                RecordWriter::new(format, Path::instance(3, 0), Output::new(&mut buffer));
            assert_eq!(instance.err(), Some(EncodeError::Unsupported));
            let mut writer = RecordWriter::new(format, PATH, Output::new(&mut buffer)).unwrap();
            let (one, two) = (PATH.child(0).unwrap(), PATH.child(1).unwrap());
            writer.value(&one, Value::Opaque(&b"1"[..])).unwrap();
            let again = writer.value(&two, Value::Opaque(&b"2"[..]));
            assert_eq!(again, Err(EncodeError::Unsupported));

            let mut records = Records::new(format, PATH, b"1");
            assert!(records.next().unwrap().is_ok() && records.next().is_none());
            let outside = Records::new(format, Path::instance(3, 0), b"1")
                .next()
                .unwrap();
            assert_eq!(outside.map(|_| ()), Err(DecodeError::BadPath));
        }
        let output = Output::new(&mut buffer);
        let mut writer = RecordWriter::new(ContentFormat::Opaque, PATH, output).unwrap();
        let text = writer.value(&PATH, Value::String(&b"1"[..]));
        assert_eq!(text, Err(EncodeError::Unsupported));
    }
}
