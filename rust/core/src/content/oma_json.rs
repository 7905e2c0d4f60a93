// SPDX-License-Identifier: Apache-2.0
//! OMA LwM2M JSON, OMA-TS-LightweightM2M-V1_0_2 §6.4.4: an object with a base name and an array of
//! records.

use super::base64::Alphabet;
use super::json::{ArrayWriter, Dialect, Reader};
use super::leading::Leading;
use super::reader::Record;
use super::senml::{Fields, Label, PathReader};
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output, number};
use crate::path::{Level, Path};
use crate::value::Bytes;

const DIALECT: Dialect = Dialect {
    string: b"\"sv\":\"",
    opaque: b"\"sv\":\"",
    boolean: b"\"bv\":",
    object_link: b"\"ov\":\"",
    alphabet: Alphabet::Standard,
    end: b"]}",
};

fn root_label(text: &[u8]) -> Option<Label> {
    Some(match text {
        b"bn" => Label::BaseName,
        b"bt" => Label::BaseTime,
        b"e" => Label::Entries,
        _ => return None,
    })
}

fn entry_label(text: &[u8]) -> Option<Label> {
    Some(match text {
        b"n" => Label::Name,
        b"t" => Label::Time,
        b"v" => Label::Value,
        b"sv" => Label::StringOrDataValue,
        b"bv" => Label::BooleanValue,
        b"ov" => Label::ObjectLinkValue,
        _ => return None,
    })
}

/// The object being written. Its base name is the object or object instance asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct OmaJsonWriter {
    /// How many ids the base name has.
    base: usize,
    pub(super) array: ArrayWriter,
}

impl OmaJsonWriter {
    pub(super) fn new(request: Path, output: &mut Output<'_>) -> Result<Self, EncodeError> {
        let (base, base_name) = match request.level() {
            Level::Object => (1, request),
            _ => (
                2,
                Path::instance(request.object_id(), request.instance_id()),
            ),
        };
        output.put_slice(b"{\"bn\":\"")?;
        number::put_path(output, &base_name)?;
        output.put_slice(b"/\",\"e\":[")?;
        Ok(OmaJsonWriter {
            base,
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
        output.put_slice(b"\"n\":\"")?;
        let mut ids = path.segments().skip(self.base);
        if let Some(id) = ids.next() {
            number::put_id(output, id)?;
        }
        for id in ids {
            output.put(b'/')?;
            number::put_id(output, id)?;
        }
        output.put_slice(b"\",")?;
        self.array.value(shape, output)
    }

    pub(super) fn end_record(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        self.array.end_record(output)
    }

    pub(super) fn undo_record(&self, start: usize, output: &mut Output<'_>) {
        self.array.undo_record(start, output);
    }
}

/// Where a walk through the records is.
#[derive(Clone, Copy, Debug)]
pub(super) struct OmaJsonReader<'a> {
    reader: Reader<'a>,
    at: At,
    /// What the names continue: the request's path, if the payload has no base name.
    base: PathReader,
    has_base: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Beginning,
    FirstRecord,
    Records,
}

impl<'a> OmaJsonReader<'a> {
    pub(super) fn new(request: Path, payload: &'a [u8]) -> Self {
        OmaJsonReader {
            reader: Reader::new(payload),
            at: At::Beginning,
            base: PathReader::relative(request),
            has_base: false,
        }
    }

    /// Whether a Create leaves the instance id to the client: without a base name the names
    /// continue the object's path, and one id is that of a resource then.
    pub(super) fn names_no_instance(&self) -> bool {
        let mut reader = *self;
        matches!(
            reader.step(),
            Ok(Some(record)) if record.has_value()
                && record.path.level() == Level::ObjectInstance
                && !reader.has_base
        )
    }

    // Apart: each format's reader would add to the frame of the one that chooses.
    #[inline(never)]
    pub(super) fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> {
        if self.at == At::Beginning {
            self.find_records()?;
            self.at = At::FirstRecord;
        }
        if !self.reader.more(self.at == At::FirstRecord, b']')? {
            return Ok(None);
        }
        self.at = At::Records;
        let fields = self.reader.record(entry_label)?;
        fields.record(&mut self.base.clone()).map(Some)
    }

    /// Walks through the object once: the base name may come after the records.
    fn find_records(&mut self) -> Result<(), DecodeError> {
        let mut reader = self.reader;
        let mut fields = Fields::new();
        let mut records = None;
        let mut first = true;
        reader.expect(b'{')?;
        while reader.more(first, b'}')? {
            first = false;
            match reader.label(root_label)? {
                Some(Label::Entries) => {
                    fields.meet(Label::Entries)?;
                    records = Some(reader);
                    reader.skip()?;
                }
                Some(label) => {
                    let value = reader.value()?;
                    fields.set(label, value)?;
                }
                None => reader.skip()?,
            }
        }
        reader.expect_end()?;
        self.reader = records.ok_or(DecodeError::Malformed)?;
        self.reader.expect(b'[')?;
        if let Some(name) = fields.base.filter(|name| !name.is_empty()) {
            self.base = PathReader::new();
            self.base.feed_name(&name);
            self.has_base = true;
        }
        Ok(())
    }
}

/// The opaque value of a payload of one record, whose beginning is `block`. It comes last in the
/// record, and the record last in the payload.
pub(super) fn leading(request: Path, block: &[u8]) -> Option<Leading> {
    let mut reader = Reader::new(block);
    let mut root = Fields::new();
    reader.expect(b'{').ok()?;
    let mut first = true;
    while reader.more(first, b'}').ok()? {
        first = false;
        let label = reader.label(root_label).ok()??;
        if label != Label::Entries {
            root.set(label, reader.value().ok()?).ok()?;
            continue;
        }
        reader.expect(b'[').ok()?;
        let (fields, left) = reader.open_record(entry_label, Label::StringOrDataValue)?;
        let mut base = PathReader::relative(request);
        if let Some(name) = root.base.filter(|name| !name.is_empty()) {
            base = PathReader::new();
            base.feed_name(&name);
        }
        let path = fields.record(&mut base).ok()?.path;
        let start = block.len().checked_sub(left)?;
        return Some(Leading::quoted(path, start, Alphabet::Standard, b"\"}]}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFormat, RecordWriter, Records};
    use super::*;
    use crate::value::{DataType, ObjectLink, Value};
    use std::vec::Vec;

    fn results(request: Path, payload: &str) -> Result<Vec<(Path, bool)>, DecodeError> {
        Records::new(ContentFormat::Json, request, payload.as_bytes())
            .map(|record| record.map(|record| (record.path, record.has_value())))
            .collect()
    }

    #[test]
    fn the_base_name_is_the_object_or_the_instance() {
        let path = Path::resource_instance(3, 0, 6, 1);
        for (request, expected) in [
            (Path::object(3), r#"{"bn":"/3/","e":[{"n":"0/6/1","v":5}]}"#),
            (
                Path::instance(3, 0),
                r#"{"bn":"/3/0/","e":[{"n":"6/1","v":5}]}"#,
            ),
            (
                Path::resource(3, 0, 6),
                r#"{"bn":"/3/0/","e":[{"n":"6/1","v":5}]}"#,
            ),
            (path, r#"{"bn":"/3/0/","e":[{"n":"6/1","v":5}]}"#),
        ] {
            let mut buffer = [0; 64];
            let output = Output::new(&mut buffer);
            let mut writer = RecordWriter::new(ContentFormat::Json, request, output).unwrap();
            writer.value::<&[u8]>(&path, Value::Integer(5)).unwrap();
            assert_eq!(writer.finish().written(), expected.as_bytes());
            assert_eq!(results(request, expected), Ok([(path, true)].to_vec()));
        }
        let mut buffer = [0; 64];
        let root = RecordWriter::new(ContentFormat::Json, Path::ROOT, Output::new(&mut buffer));
        assert_eq!(root.err(), Some(EncodeError::Unsupported));
        let output = Output::new(&mut buffer);
        let empty = RecordWriter::new(ContentFormat::Json, Path::object(3), output).unwrap();
        assert_eq!(empty.finish().written(), br#"{"bn":"/3/","e":[]}"#);
    }

    #[test]
    fn each_type_has_its_label() {
        let path = Path::instance(3, 0);
        let link = ObjectLink {
            object: 10,
            instance: 1,
        };
        let mut buffer = [0; 256];
        let output = Output::new(&mut buffer);
        let mut writer = RecordWriter::new(ContentFormat::Json, path, output).unwrap();
        for (id, value) in (0..).zip([
            Value::String(&b"a\"\t"[..]),
            Value::Opaque(b"\xfb\xff\xbf\x00"),
            Value::Integer(-1),
            Value::Time(1),
            Value::Float(2.5),
            Value::Boolean(true),
            Value::ObjectLink(link),
        ]) {
            writer.value(&path.child(id).unwrap(), value).unwrap();
        }
        assert_eq!(
            core::str::from_utf8(writer.finish().written()),
            Ok(concat!(
                r#"{"bn":"/3/0/","e":[{"n":"0","sv":"a\"\u0009"},{"n":"1","sv":"+/+/AA=="},"#,
                r#"{"n":"2","v":-1},{"n":"3","v":1},{"n":"4","v":2.5},{"n":"5","bv":true},"#,
                r#"{"n":"6","ov":"10:1"}]}"#
            ))
        );
    }

    #[test]
    fn names_continue_the_base_name_or_the_request() {
        let resource = Path::resource(3, 0, 11);
        let instance = Path::instance(3, 0);
        for (request, payload) in [
            (instance, r#"{"bn":"/3/0/","e":[{"n":"11","v":1}]}"#),
            (instance, r#"{"bn":"3/0/","e":[{"n":"11","v":1}]}"#),
            (instance, r#"{"bn":"/","e":[{"n":"3/0/11","v":1}]}"#),
            (
                instance,
                r#"{"e":[{"n":"11","v":1}],"x":[{}],"bn":"/3/0/"}"#,
            ),
            (instance, r#"{"bn":"/3/0/1","e":[{"n":"1","v":1}]}"#),
            (instance, r#"{"bn":"/3/0","e":[{"n":"/11","v":1}]}"#),
            (instance, r#"{"e":[{"n":"11","v":1}]}"#),
            (instance, r#"{"bn":"","e":[{"n":"11","v":1}]}"#),
            (instance, r#"{"e":[{"n":"/3/0/11","v":1}]}"#),
            (resource, r#"{"e":[{"v":1}]}"#),
            (resource, r#"{"bn":"/3/0/11","e":[{"n":"","v":1}]}"#),
            (
                Path::object(3),
                r#" { "e" : [ { "n" : "0/11" , "v" : 1 } ] , "bt" : 1e9 } "#,
            ),
        ] {
            assert_eq!(
                results(request, payload),
                Ok([(resource, true)].to_vec()),
                "{payload}"
            );
        }
        for payload in [
            r#"{"bn":"/3/0","e":[{"n":"11","v":1}]}"#,
            r#"{"bn":"/3/1/","e":[{"n":"11","v":1}]}"#,
            r#"{"e":[{"n":"0/11/0/0","v":1}]}"#,
            r#"{"e":[{"n":"x","v":1}]}"#,
            r#"{"e":[{"v":1}]}"#,
        ] {
            assert_eq!(
                results(instance, payload),
                Err(DecodeError::BadPath),
                "{payload}"
            );
        }
    }

    #[test]
    fn a_create_may_leave_the_id_to_the_client() {
        for (payload, unnamed) in [
            (r#"{"e":[{"n":"5700","v":1}]}"#, true),
            (r#"{"e":[{"n":"0/5700","v":1}]}"#, false),
            (r#"{"bn":"/3303/","e":[{"n":"5700","v":1}]}"#, false),
            (r#"{"e":[]}"#, false),
            (r"{", false),
        ] {
            let records = Records::new(ContentFormat::Json, Path::object(3303), payload.as_bytes());
            assert_eq!(records.names_no_instance(), unnamed, "{payload}");
        }
        assert_eq!(
            results(Path::instance(3303, 7), r#"{"e":[{"n":"5700","v":1}]}"#),
            Ok([(Path::resource(3303, 7, 5700), true)].to_vec())
        );
    }

    #[test]
    fn what_is_no_json_of_the_kind_is_malformed() {
        for payload in [
            "",
            "[]",
            "{}",
            r#"{"bn":"/3/0/"}"#,
            r#"{"e":1}"#,
            r#"{"e":{}}"#,
            r#"{"e":[1]}"#,
            r#"{"e":[]"#,
            r#"{"e":[]}}"#,
            r#"{"e":[}"#,
            r#"{"e":[],"e":[]}"#,
            r#"{"e":[],"bn":"/","bn":"/"}"#,
            r#"{"e":[],"bn":1}"#,
            r#"{"e":[],"x_":1}"#,
            r#"{"e":[{"n":"9","v":1,"bv":true}]}"#,
            r#"{"e":[{"n":"9","sv":"","ov":""}]}"#,
            r#"{"e":[{"n":"9","v":"1"}]}"#,
            r#"{"e":[{"n":"9","sv":1}]}"#,
            r#"{"e":[{"n":"9","bv":1}]}"#,
            r#"{"e":[{"n":9,"v":1}]}"#,
            r#"{"e":[{"n":"9","n":"9","v":1}]}"#,
        ] {
            let instance = Path::instance(3, 0);
            assert_eq!(
                results(instance, payload),
                Err(DecodeError::Malformed),
                "{payload}"
            );
        }
    }

    #[test]
    fn values_outside_their_type_are_refused() {
        for (value, data_type) in [
            (r#""v":256"#, DataType::U8),
            (r#""v":1"#, DataType::Boolean),
            (r#""bv":true"#, DataType::U8),
            (r#""sv":"1""#, DataType::U8),
            (r#""sv":"3:0""#, DataType::ObjectLink),
            (r#""ov":"3:0""#, DataType::String),
            (r#""sv":"Zg""#, DataType::Opaque),
            (r#""sv":"-_-_""#, DataType::Opaque),
            (r#""n":"""#, DataType::String),
        ] {
            let payload = std::format!(r#"{{"e":[{{{value}}}]}}"#);
            let request = Path::resource(3, 0, 0);
            let record = Records::new(ContentFormat::Json, request, payload.as_bytes()).next();
            let value = record.unwrap().unwrap().interpret(data_type).map(|_| ());
            assert_eq!(value, Err(DecodeError::BadValue), "{payload}");
        }
    }
}
