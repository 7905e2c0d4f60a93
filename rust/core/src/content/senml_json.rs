// SPDX-License-Identifier: Apache-2.0
//! SenML JSON, RFC 8428 §5 and OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.4: an array of objects.

use super::base64::Alphabet;
use super::json::{ArrayWriter, Dialect, Reader};
use super::leading::Leading;
use super::reader::Record;
use super::senml::{BaseName, Label, PathReader, Time};
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output, number};
use crate::path::Path;

const DIALECT: Dialect = Dialect {
    string: b"\"vs\":\"",
    opaque: b"\"vd\":\"",
    boolean: b"\"vb\":",
    object_link: b"\"vlo\":\"",
    alphabet: Alphabet::Url,
    end: b"]",
};

fn label(text: &[u8]) -> Option<Label> {
    Some(match text {
        b"bver" => Label::BaseVersion,
        b"bn" => Label::BaseName,
        b"bt" => Label::BaseTime,
        b"bv" => Label::BaseValue,
        b"n" => Label::Name,
        b"t" => Label::Time,
        b"v" => Label::Value,
        b"vs" => Label::StringValue,
        b"vb" => Label::BooleanValue,
        b"vd" => Label::DataValue,
        b"vlo" => Label::ObjectLinkValue,
        _ => return None,
    })
}

/// The array being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct SenmlJsonWriter {
    names: BaseName,
    pub(super) array: ArrayWriter,
}

impl SenmlJsonWriter {
    pub(super) fn new(request: Path, output: &mut Output<'_>) -> Result<Self, EncodeError> {
        output.put(b'[')?;
        Ok(SenmlJsonWriter {
            names: BaseName::new(request),
            array: ArrayWriter::new(&DIALECT, output)?,
        })
    }

    /// A whole record, but for the bytes of a string or opaque value and what follows them.
    pub(super) fn record(
        &mut self,
        path: &Path,
        shape: Shape,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        self.array.begin_record(output)?;
        let names = self.names.names(path);
        let time = self.names.time();
        if names.has_base() {
            output.put_slice(b"\"bn\":\"")?;
            self.names.put_base(names, path, output)?;
            output.put_slice(b"\",")?;
        }
        let (label, seconds) = match time {
            Time::Unsaid => (&b""[..], None),
            Time::Base(seconds) => (&b"\"bt\":"[..], Some(seconds)),
            Time::Offset(seconds) => (&b"\"t\":"[..], Some(seconds)),
        };
        if let Some(seconds) = seconds {
            output.put_slice(label)?;
            number::put_integer(output, seconds)?;
            output.put(b',')?;
        }
        if names.has_name() {
            output.put_slice(b"\"n\":\"")?;
            self.names.put_name(path, output)?;
            output.put_slice(b"\",")?;
        }
        self.array.value(shape, output)
    }

    /// Says of which time the next record is.
    #[cfg(feature = "time-series")]
    pub(super) fn set_time(&mut self, time: Option<i64>) {
        self.names.set_time(time);
    }

    pub(super) fn end_record(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        self.array.end_record(output)?;
        self.names.written();
        Ok(())
    }

    pub(super) fn undo_record(&self, start: usize, output: &mut Output<'_>) {
        self.array.undo_record(start, output);
    }
}

/// Where a walk through the array is, and the base name in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct SenmlJsonReader<'a> {
    reader: Reader<'a>,
    at: At,
    base: PathReader,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Beginning,
    Records,
}

impl<'a> SenmlJsonReader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        SenmlJsonReader {
            reader: Reader::new(payload),
            at: At::Beginning,
            base: PathReader::new(),
        }
    }

    // Apart: each format's reader would add to the frame of the one that chooses.
    #[inline(never)]
    pub(super) fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> {
        let first = self.at == At::Beginning;
        if first {
            self.reader.expect(b'[')?;
            self.at = At::Records;
        }
        if !self.reader.more(first, b']')? {
            self.reader.expect_end()?;
            return Ok(None);
        }
        let fields = self.reader.record(label)?;
        fields.record(&mut self.base).map(Some)
    }
}

/// The opaque value of a payload of one record, whose beginning is `block`. It comes last in the
/// record.
pub(super) fn leading(block: &[u8]) -> Option<Leading> {
    let mut reader = Reader::new(block);
    reader.expect(b'[').ok()?;
    let (fields, left) = reader.open_record(label, Label::DataValue)?;
    let path = fields.record(&mut PathReader::new()).ok()?.path;
    let start = block.len().checked_sub(left)?;
    Some(Leading::quoted(path, start, Alphabet::Url, b"\"}]"))
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFormat, RecordWriter, Records};
    use super::*;
    use crate::value::{DataType, ObjectLink, Value};
    use std::format;
    use std::vec::Vec;

    fn results(payload: &str) -> Result<Vec<(Path, bool)>, DecodeError> {
        Records::new(ContentFormat::SenmlJson, Path::ROOT, payload.as_bytes())
            .map(|record| record.map(|record| (record.path, record.has_value())))
            .collect()
    }

    #[test]
    fn nothing_is_an_empty_array() {
        let mut buffer = [0; 2];
        let output = Output::new(&mut buffer);
        let writer = RecordWriter::new(ContentFormat::SenmlJson, Path::object(3), output).unwrap();
        assert_eq!(writer.finish().written(), b"[]");
        assert_eq!(results(" [ \r\n\t] "), Ok(Vec::new()));
    }

    #[test]
    fn each_type_has_its_label() {
        let path = Path::resource(3, 0, 0);
        let link = ObjectLink {
            object: 3,
            instance: 65_535,
        };
        for (value, expected) in [
            (
                Value::String(&b"a\"\\\n\x1f/\xc2\xb5"[..]),
                r#""vs":"a\"\\\u000a\u001f/µ""#,
            ),
            (Value::String(b""), r#""vs":"""#),
            (Value::Opaque(b"\xfb\xff\xbf\x00"), r#""vd":"-_-_AA""#),
            (Value::Opaque(b""), r#""vd":"""#),
            (Value::Integer(i64::MIN), r#""v":-9223372036854775808"#),
            (Value::Time(1_367_491_215), r#""v":1367491215"#),
            (Value::Float(0.1), r#""v":0.1"#),
            (Value::Float(-1e300), r#""v":-1e300"#),
            (Value::Boolean(true), r#""vb":true"#),
            (Value::Boolean(false), r#""vb":false"#),
            (Value::ObjectLink(link), r#""vlo":"3:65535""#),
        ] {
            let mut buffer = [0; 80];
            let output = Output::new(&mut buffer);
            let mut writer = RecordWriter::new(ContentFormat::SenmlJson, path, output).unwrap();
            writer.value(&path, value).unwrap();
            let expected = format!(r#"[{{"bn":"/3/0/0",{expected}}}]"#);
            assert_eq!(
                core::str::from_utf8(writer.finish().written()),
                Ok(expected.as_str())
            );
        }
    }

    #[test]
    fn a_record_that_fails_leaves_no_trace() {
        let mut buffer = [0; 46];
        let output = Output::new(&mut buffer);
        let mut writer =
            RecordWriter::new(ContentFormat::SenmlJson, Path::object(3), output).unwrap();
        let (one, two) = (Path::resource(3, 0, 1), Path::resource(3, 1, 1));
        let long = Value::String(&b"\n\n\n\n\n\n\n\n"[..]);
        assert_eq!(writer.value(&one, long), Err(EncodeError::Full));
        let nan = Value::<&[u8]>::Float(f64::NAN);
        assert_eq!(writer.value(&one, nan), Err(EncodeError::Unsupported));
        let number = Value::<&[u8]>::Integer(1);
        writer.value(&one, number).unwrap();
        assert_eq!(writer.value(&two, number), Err(EncodeError::Full));
        let link = Value::Opaque(&b"12345678"[..]);
        assert_eq!(writer.value(&one, link), Err(EncodeError::Full));
        writer.value(&one, number).unwrap();
        assert_eq!(
            writer.finish().written(),
            br#"[{"bn":"/3/0/","n":"1","v":1},{"n":"1","v":1}]"#
        );
    }

    #[test]
    fn base_names_hold_for_the_records_that_follow() {
        assert_eq!(
            results(
                r#"[{"v":1,"bn":"/3/0/","n":"9"},{"n":"13"},{"n":"\/1","bn":"\u002f1\/0"},{"n":"/2"},{"bn":"/1"}]"#
            ),
            Ok([
                (Path::resource(3, 0, 9), true),
                (Path::resource(3, 0, 13), false),
                (Path::resource(1, 0, 1), false),
                (Path::resource(1, 0, 2), false),
                (Path::object(1), false),
            ]
            .to_vec())
        );
    }

    #[test]
    fn a_bad_name_does_not_end_the_walk() {
        let payload = br#"[{"n":"x","v":1},{"bn":"/3","v":1},{"n":"/0/1","v":1}]"#;
        let mut records = Records::new(ContentFormat::SenmlJson, Path::ROOT, payload)
            .map(|record| record.map(|record| record.path));
        assert_eq!(records.next(), Some(Err(DecodeError::BadPath)));
        assert_eq!(records.next(), Some(Err(DecodeError::BadPath)));
        assert_eq!(records.next(), Some(Ok(Path::resource(3, 0, 1))));
        assert_eq!(records.next(), None);
        assert_eq!(records.next(), None);
    }

    #[test]
    fn unknown_labels_are_passed_over() {
        for rest in [
            "",
            r#","u":"V""#,
            r#","bu":"V","ut":1,"s":2"#,
            r#","a_b":null"#,
            r#","":{}"#,
            r#","vlox":[[],{"_":[1,"]",true]}]"#,
            r#","bver":10"#,
            r#","bver":5.0,"bt":1.276020076001e+09,"t":-5,"bv":0"#,
            r#","x":[[[[[[[[]]]]]]]]"#,
        ] {
            let payload = format!(r#"[{{"n":"/3/0/0"{rest}}}]"#);
            assert_eq!(
                results(&payload).map(|records| records.len()),
                Ok(1),
                "{rest}"
            );
        }
    }

    #[test]
    fn what_is_no_senml_is_malformed() {
        for payload in [
            "",
            "{}",
            "1",
            "[",
            "[1]",
            "[]1",
            "[],",
            "[,]",
            "[{}",
            "[{}]]",
            "[{},]",
            "[{,}]",
            "[[]]",
            "[null]",
            "[{\"n\"}]",
            "[{\"n\":}]",
            "[{n:\"/\"}]",
            "[{\"n\":\"/\",}]",
            "[{\"n\":\"/}]",
            "[{\"n\" \"/\"}]",
            "\u{feff}[]",
        ] {
            assert!(
                matches!(
                    results(payload),
                    Err(DecodeError::Malformed | DecodeError::BadPath)
                ),
                "{payload}"
            );
        }
        for rest in [
            r#""n":"/""#,
            r#""v":1,"v":1"#,
            r#""v":1,"vb":true"#,
            r#""vlo":"3:0","vlo":"3:0""#,
            r#""bx_":1"#,
            r#""b\u005f":1"#,
            r#""v":"1""#,
            r#""v":true"#,
            r#""v":null"#,
            r#""v":[1]"#,
            r#""v":01"#,
            r#""v":+1"#,
            r#""v":1."#,
            r#""v":.1"#,
            r#""v":-"#,
            r#""v":1e"#,
            r#""v":1e+"#,
            r#""v":0x1"#,
            r#""v":1 2"#,
            r#""v":NaN"#,
            r#""vs":1"#,
            r#""vs":'a'"#,
            r#""vs":"\x""#,
            r#""vs":"\ud800""#,
            "\"vs\":\"\n\"",
            "\"vs\":\"\\",
            r#""vb":1"#,
            r#""vb":"true""#,
            r#""vb":tru"#,
            r#""vb":True"#,
            r#""vb":truee"#,
            r#""vd":1"#,
            r#""vd":"a""#,
            r#""vd":"Zh""#,
            r#""vd":"Zg=""#,
            r#""vlo":1"#,
            r#""bn":1"#,
            r#""t":"1""#,
            r#""bt":null"#,
            r#""bver":11"#,
            r#""bver":0"#,
            r#""bver":"10""#,
            r#""bv":1"#,
            r#""x":[1"#,
            r#""x":[1}"#,
            r#""x":{"a"}"#,
            r#""x":{1:2}"#,
            r#""x":nul"#,
            r#""x":[[[[[[[[[]]]]]]]]]"#,
        ] {
            let payload = format!(r#"[{{"n":"/3/0/0",{rest}}}]"#);
            assert_eq!(results(&payload), Err(DecodeError::Malformed), "{rest}");
        }
    }

    #[test]
    fn values_outside_their_type_are_refused() {
        for (rest, data_type) in [
            (&br#""t":1"#[..], DataType::S64),
            (br#""v":256"#, DataType::U8),
            (br#""v":-1"#, DataType::U32),
            (br#""v":9223372036854775808"#, DataType::S64),
            (br#""v":9223372036854775807.5"#, DataType::S64),
            (br#""v":1.00000000000000000001"#, DataType::S32),
            (br#""v":1.5"#, DataType::Time),
            (br#""v":1e400"#, DataType::Float),
            (br#""v":1"#, DataType::Boolean),
            (br#""v":1"#, DataType::String),
            (br#""v":1"#, DataType::None),
            (br#""vb":true"#, DataType::U8),
            (br#""vs":"1""#, DataType::U8),
            (br#""vs":"AAAA""#, DataType::Opaque),
            (b"\"vs\":\"\xff\"", DataType::String),
            (b"\"vs\":\"\\n\xff\"", DataType::String),
            (b"\"vs\":\"\xed\xa0\x80\"", DataType::String),
            (br#""vs":"3:0""#, DataType::ObjectLink),
            (br#""vd":"AAAA""#, DataType::String),
            (br#""vlo":"3""#, DataType::ObjectLink),
            (br#""vlo":"65536:0""#, DataType::ObjectLink),
            (br#""vlo":"65535:65535 ""#, DataType::ObjectLink),
            (br#""vlo":"3:0""#, DataType::String),
        ] {
            let payload = [&br#"[{"n":"/3/0/0","#[..], rest, b"}]"].concat();
            let record = Records::new(ContentFormat::SenmlJson, Path::ROOT, &payload).next();
            let value = record.unwrap().unwrap().interpret(data_type).map(|_| ());
            assert_eq!(value, Err(DecodeError::BadValue), "{rest:?} {data_type:?}");
        }
    }
}
