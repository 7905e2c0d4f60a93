// SPDX-License-Identifier: Apache-2.0
//! The specifications' examples (tests/vectors/content), written and read byte for byte.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

use lwm2m_core::content::{ContentFormat, DecodeError, Output, Payload, RecordWriter, Records};
use lwm2m_core::path::{Level, Path};
use lwm2m_core::value::{Bytes, DataType, ObjectLink, Value};
use std::fs;

struct Vector {
    name: String,
    format: ContentFormat,
    request: Path,
    payload: Vec<u8>,
    records: Vec<(Path, String, String)>,
    /// The client never writes it so.
    only_read: bool,
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn vectors() -> Vec<Vector> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/content");
    let mut vectors: Vec<Vector> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let file = entry.unwrap().path();
            let mut vector = Vector {
                name: file.display().to_string(),
                format: ContentFormat::PlainText,
                request: Path::ROOT,
                payload: Vec::new(),
                records: Vec::new(),
                only_read: false,
            };
            for line in fs::read_to_string(&file).unwrap().lines() {
                let Some((key, rest)) = line.split_once(' ') else {
                    continue;
                };
                match key {
                    "#" => {}
                    "only" => vector.only_read = rest == "read",
                    "format" => {
                        vector.format = ContentFormat::from_code(rest.parse().unwrap()).unwrap();
                    }
                    "request" => vector.request = Path::parse(rest.as_bytes()).unwrap(),
                    "hex" => vector.payload.extend(hex(rest)),
                    "text" => vector.payload.extend(rest.bytes()),
                    "record" => {
                        let mut parts = rest.splitn(3, ' ');
                        let mut part = || parts.next().unwrap().to_owned();
                        let path = Path::parse(part().as_bytes()).unwrap();
                        vector.records.push((path, part(), part()));
                    }
                    _ => panic!("{line}"),
                }
            }
            vector
        })
        .collect();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(vectors.len(), 27);
    vectors
}

fn value<'a>(kind: &str, text: &'a str) -> (DataType, Value<&'a [u8]>) {
    match kind {
        "string" => (DataType::String, Value::String(text.as_bytes())),
        "integer" => (DataType::S64, Value::Integer(text.parse().unwrap())),
        "time" => (DataType::Time, Value::Time(text.parse().unwrap())),
        "float" => (DataType::Float, Value::Float(text.parse().unwrap())),
        "boolean" => (DataType::Boolean, Value::Boolean(text == "1")),
        "link" => {
            let (object, instance) = text.split_once(':').unwrap();
            let (object, instance) = (object.parse().unwrap(), instance.parse().unwrap());
            (
                DataType::ObjectLink,
                Value::ObjectLink(ObjectLink { object, instance }),
            )
        }
        _ => panic!("{kind}"),
    }
}

fn plain(value: Value<Payload<'_>>) -> Value<&[u8]> {
    match value {
        Value::String(bytes) => Value::String(bytes.as_slice().unwrap()),
        Value::Opaque(bytes) => Value::Opaque(bytes.as_slice().unwrap()),
        Value::Integer(value) => Value::Integer(value),
        Value::Float(value) => Value::Float(value),
        Value::Boolean(value) => Value::Boolean(value),
        Value::Time(value) => Value::Time(value),
        Value::ObjectLink(link) => Value::ObjectLink(link),
    }
}

/// Writes the records of an example.
fn written(vector: &Vector) -> Vec<u8> {
    let mut buffer = [0; 1024];
    let output = Output::new(&mut buffer);
    let mut writer = RecordWriter::new(vector.format, vector.request, output).unwrap();
    let (mut instance, mut resource) = (None, None);
    for (path, kind, text) in &vector.records {
        let this_instance = Path::instance(path.object_id(), path.instance_id());
        let this_resource = this_instance.child(path.resource_id()).unwrap();
        if resource.is_some_and(|resource| resource != this_resource) {
            writer.end_resource().unwrap();
            resource = None;
        }
        if instance != Some(this_instance) {
            if instance.is_some() {
                writer.end_instance().unwrap();
            }
            writer.begin_instance(&this_instance).unwrap();
            instance = Some(this_instance);
        }
        if resource.is_none() {
            let multiple = path.level() == Level::ResourceInstance;
            writer.begin_resource(&this_resource, multiple).unwrap();
            resource = Some(this_resource);
        }
        writer.value(path, value(kind, text).1).unwrap();
    }
    writer.end_resource().unwrap();
    writer.end_instance().unwrap();
    writer.finish().written().to_vec()
}

#[test]
fn records_become_the_example() {
    for vector in vectors().iter().filter(|vector| !vector.only_read) {
        assert_eq!(written(vector), vector.payload, "{}", vector.name);
    }
}

#[test]
fn the_example_becomes_records() {
    for vector in vectors() {
        let mut records = Records::new(vector.format, vector.request, &vector.payload);
        for (path, kind, text) in &vector.records {
            let record = records.next().unwrap().unwrap();
            assert_eq!(record.path, *path, "{}", vector.name);
            if kind == "none" {
                assert!(!record.has_value());
                continue;
            }
            let (data_type, value) = value(kind, text);
            assert_eq!(
                plain(record.interpret(data_type).unwrap()),
                value,
                "{path:?}"
            );
        }
        assert!(records.next().is_none(), "{}", vector.name);
    }
}

/// RFC 8428 §6: seven well-formed records whose names are no LwM2M paths.
#[test]
fn sensor_measurements_are_walked_but_are_no_paths() {
    let payload = hex("87 a7 21 78 1b 75 72 6e 3a 64 65 76 3a 6f 77 3a
         31 30 65 32 30 37 33 61 30 31 30 38 30 30 36 3a
         22 fb 41 d3 03 a1 5b 00 10 62 23 61 41 20 05 00
         67 76 6f 6c 74 61 67 65 01 61 56 02 fb 40 5e 06
         66 66 66 66 66 a3 00 67 63 75 72 72 65 6e 74 06
         24 02 fb 3f f3 33 33 33 33 33 33 a3 00 67 63 75
         72 72 65 6e 74 06 23 02 fb 3f f4 cc cc cc cc cc
         cd a3 00 67 63 75 72 72 65 6e 74 06 22 02 fb 3f
         f6 66 66 66 66 66 66 a3 00 67 63 75 72 72 65 6e
         74 06 21 02 f9 3e 00 a3 00 67 63 75 72 72 65 6e
         74 06 20 02 fb 3f f9 99 99 99 99 99 9a a3 00 67
         63 75 72 72 65 6e 74 06 00 02 fb 3f fb 33 33 33
         33 33 33");
    let results: Vec<_> = Records::new(ContentFormat::SenmlCbor, Path::ROOT, &payload)
        .map(|record| record.map(|record| record.path))
        .collect();
    assert_eq!(results, [Err(DecodeError::BadPath); 7]);
}

/// RFC 8428 §5.1.1 to §5.1.4: well-formed records whose names are no LwM2M paths.
#[test]
fn sensor_measurements_in_json_are_walked_but_are_no_paths() {
    for (count, payload) in [
        (
            1,
            r#"[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]"#,
        ),
        (
            2,
            r#"[
                {"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},
                {"n":"current","u":"A","v":1.2}
            ]"#,
        ),
        (
            7,
            r#"[
                {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,
                 "bu":"A","bver":5,
                 "n":"voltage","u":"V","v":120.1},
                {"n":"current","t":-5,"v":1.2},
                {"n":"current","t":-4,"v":1.3},
                {"n":"current","t":-3,"v":1.4},
                {"n":"current","t":-2,"v":1.5},
                {"n":"current","t":-1,"v":1.6},
                {"n":"current","v":1.7}
            ]"#,
        ),
        (
            5,
            r#"[
                {"bn":"urn:dev:ow:10e2073a01080063:","bt":1.320067464e+09,
                 "bu":"%RH","v":20},
                {"u":"lon","v":24.30621},
                {"u":"lat","v":60.07965},
                {"t":60,"v":20.3},
                {"n":"label","vs":"Machine Room"}
            ]"#,
        ),
        (
            2,
            r#"[{"bn":"urn:","n":"open","vb":false},{"n":"nfc","vd":"aGkgCg"}]"#,
        ),
    ] {
        let results: Vec<_> =
            Records::new(ContentFormat::SenmlJson, Path::ROOT, payload.as_bytes())
                .map(|record| record.map(|record| record.path))
                .collect();
        assert_eq!(results, vec![Err(DecodeError::BadPath); count], "{payload}");
    }
}

/// TS Core 1.1.1 §6.3.8: what a composite read asks for.
#[test]
fn names_without_values_are_what_is_asked_for() {
    let payload = br#"[{"n":"/3/0/0"}, {"n":"/3/0/9"}, {"bn":"/1/", "n":"0/1"}, {"bn":"/5"}]"#;
    let results: Vec<_> = Records::new(ContentFormat::SenmlJson, Path::ROOT, payload)
        .map(|record| record.map(|record| (record.path, record.has_value())))
        .collect();
    assert_eq!(
        results,
        [
            Ok((Path::resource(3, 0, 0), false)),
            Ok((Path::resource(3, 0, 9), false)),
            Ok((Path::resource(1, 0, 1), false)),
            Ok((Path::object(5), false)),
        ]
    );
}

/// The same measurements renamed: what follows the names is read.
#[test]
fn values_of_every_form_are_read() {
    // {-2: "/5/0/", 0: "1", 2: <value>}
    for (value, data_type, expected) in [
        ("f9 3e 00", DataType::Float, Value::Float(1.5)),
        ("fa 3f c0 00 00", DataType::Float, Value::Float(1.5)),
        (
            "fb 3f f8 00 00 00 00 00 00",
            DataType::Float,
            Value::Float(1.5),
        ),
        ("f9 40 00", DataType::U8, Value::Integer(2)),
        ("02", DataType::Float, Value::Float(2.0)),
        (
            "1b 80 00 00 00 00 00 00 00",
            DataType::Float,
            Value::Float(9_223_372_036_854_775_808.0),
        ),
        (
            "3b 7f ff ff ff ff ff ff ff",
            DataType::S64,
            Value::Integer(i64::MIN),
        ),
        ("c4 82 21 19 6a b3", DataType::Float, Value::Float(273.15)),
        ("c4 82 02 03", DataType::S32, Value::Integer(300)),
        ("c4 82 00 03", DataType::Time, Value::Time(3)),
    ] {
        let payload = [hex("81 a3 21 65 2f 35 2f 30 2f 00 61 31 02"), hex(value)].concat();
        let mut records = Records::new(ContentFormat::SenmlCbor, Path::instance(5, 0), &payload);
        let record = records.next().unwrap().unwrap();
        assert_eq!(record.path, Path::resource(5, 0, 1));
        assert_eq!(
            record.interpret(data_type).map(plain),
            Ok(expected),
            "{value}"
        );
        assert!(records.next().is_none());
    }
}

#[test]
fn chunks_are_one_string() {
    // [_ {_ 8: (_ h'01', h'', h'0203'), 0: (_ "/5", "/0/1")}]
    let payload = hex("9f bf 08 5f 41 01 40 42 02 03 ff 00 7f 62 2f 35 64 2f 30 2f 31 ff ff ff");
    let mut records = Records::new(ContentFormat::SenmlCbor, Path::object(5), &payload);
    let record = records.next().unwrap().unwrap();
    assert_eq!(record.path, Path::resource(5, 0, 1));
    let Ok(Value::Opaque(bytes)) = record.interpret(DataType::Opaque) else {
        panic!()
    };
    assert_eq!(bytes.len(), 3);
    for offset in 0..4 {
        let mut into = [0; 4];
        let count = bytes.copy(offset, &mut into);
        assert_eq!(&into[..count], &[1, 2, 3][offset..]);
    }
    let mut two = [0; 2];
    assert_eq!((bytes.copy(0, &mut two), two), (2, [1, 2]));
    assert!(records.next().is_none());
}
