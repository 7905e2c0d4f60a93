// SPDX-License-Identifier: Apache-2.0
//! Content formats by properties: every value comes back from every format that can carry it, no
//! bytes make a reader fail otherwise than with an error, an output buffer that is too short is
//! never exceeded. ciborium, serde_json and the standard library are second opinions.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

use ciborium::Value as Cbor;
use lwm2m_core::content::{
    ContentFormat, DecodeError, EncodeError, Output, RecordWriter, Records, parse_float,
    parse_integer,
};
use lwm2m_core::path::{Level, MAX_ID, Path};
use lwm2m_core::value::{DataType, ObjectLink, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

#[path = "../../../tests/fuzz/src/read_all.rs"]
mod read_all;
use read_all::{copied, read_all};

type Owned = Value<Vec<u8>>;

/// A record that was written and has to come back, without a value if it has none.
type Expected = (Path, Option<Owned>);

const FORMATS: [ContentFormat; 7] = [
    ContentFormat::PlainText,
    ContentFormat::Opaque,
    ContentFormat::Cbor,
    ContentFormat::Tlv,
    ContentFormat::Json,
    ContentFormat::SenmlJson,
    ContentFormat::SenmlCbor,
];

/// Those that carry more than one value.
const RECORD_FORMATS: [ContentFormat; 4] = [
    ContentFormat::Tlv,
    ContentFormat::Json,
    ContentFormat::SenmlJson,
    ContentFormat::SenmlCbor,
];

const SENML: [ContentFormat; 2] = [ContentFormat::SenmlJson, ContentFormat::SenmlCbor];

fn lent(value: &Owned) -> Value<&[u8]> {
    match value {
        Value::String(bytes) => Value::String(bytes),
        Value::Opaque(bytes) => Value::Opaque(bytes),
        Value::Integer(value) => Value::Integer(*value),
        Value::Float(value) => Value::Float(*value),
        Value::Boolean(value) => Value::Boolean(*value),
        Value::Time(value) => Value::Time(*value),
        Value::ObjectLink(link) => Value::ObjectLink(*link),
    }
}

fn data_type(value: &Owned) -> DataType {
    match value {
        Value::String(_) => DataType::String,
        Value::Opaque(_) => DataType::Opaque,
        Value::Integer(_) => DataType::S64,
        Value::Float(_) => DataType::Float,
        Value::Boolean(_) => DataType::Boolean,
        Value::Time(_) => DataType::Time,
        Value::ObjectLink(_) => DataType::ObjectLink,
    }
}

/// Integers of every width alike.
fn integers() -> impl Strategy<Value = i64> {
    (any::<i64>(), 0_u32..64).prop_map(|(value, shift)| value >> shift)
}

/// Doubles of every kind, and the short decimals that devices have.
fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |value| value.is_finite()),
        (any::<i32>(), 0_i32..7).prop_map(|(value, places)| f64::from(value) / 10_f64.powi(places)),
        any::<f32>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(f64::from),
        (any::<u8>(), -1080_i32..1024).prop_map(|(value, power)| {
            let value = f64::from(value) * 2_f64.powi(power / 2) * 2_f64.powi(power - power / 2);
            if value.is_finite() { value } else { 1.0 }
        }),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(5e-324),
        Just(-0.0),
    ]
}

fn values() -> impl Strategy<Value = Owned> {
    prop_oneof![
        "(?s).{0,40}".prop_map(|text| Value::String(text.into_bytes())),
        "[\"\\\\/\u{0}-\u{1f}a]{0,40}".prop_map(|text| Value::String(text.into_bytes())),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Opaque),
        integers().prop_map(Value::Integer),
        floats().prop_map(Value::Float),
        any::<bool>().prop_map(Value::Boolean),
        integers().prop_map(Value::Time),
        (any::<u16>(), any::<u16>())
            .prop_map(|(object, instance)| Value::ObjectLink(ObjectLink { object, instance })),
    ]
}

fn id() -> impl Strategy<Value = u16> {
    prop_oneof![0_u16..4, 0..MAX_ID]
}

/// Instances of resources of values: the content of an object, ids unique at each level.
type Instance = Vec<(u16, Result<Owned, Vec<(u16, Owned)>>)>;

fn objects() -> impl Strategy<Value = (u16, Vec<(u16, Instance)>)> {
    let resource = prop_oneof![
        values().prop_map(Ok),
        prop::collection::btree_map(id(), values(), 0..4)
            .prop_map(|map| Err(map.into_iter().collect())),
    ];
    let instance = prop::collection::btree_map(id(), resource, 0..12)
        .prop_map(|map| map.into_iter().collect());
    let instances =
        prop::collection::btree_map(id(), instance, 0..4).prop_map(|map| map.into_iter().collect());
    (id(), instances)
}

/// Writes what lies within `request` and returns it as records.
fn write(
    format: ContentFormat,
    request: Path,
    object: u16,
    instances: &[(u16, Instance)],
    buffer: &mut [u8],
) -> Result<(usize, Vec<Expected>), EncodeError> {
    let tlv = format == ContentFormat::Tlv;
    let mut expected = Vec::new();
    let mut writer = RecordWriter::new(format, request, Output::new(buffer))?;
    for (instance, resources) in instances {
        let path = Path::instance(object, *instance);
        if !path.overlaps(&request) {
            continue;
        }
        writer.begin_instance(&path)?;
        if tlv && resources.is_empty() && request.level() == Level::Object {
            expected.push((path, None));
        }
        for (resource, content) in resources {
            let path = path.child(*resource).unwrap();
            if !path.overlaps(&request) {
                continue;
            }
            match content {
                Ok(value) => {
                    if !request.contains(&path) {
                        continue;
                    }
                    writer.begin_resource(&path, false)?;
                    writer.value(&path, lent(value))?;
                    expected.push((path, Some(value.clone())));
                }
                Err(values) => {
                    writer.begin_resource(&path, true)?;
                    if tlv && values.is_empty() && request.level() != Level::ResourceInstance {
                        expected.push((path, None));
                    }
                    for (id, value) in values {
                        let path = path.child(*id).unwrap();
                        if request.contains(&path) {
                            writer.value(&path, lent(value))?;
                            expected.push((path, Some(value.clone())));
                        }
                    }
                }
            }
            writer.end_resource()?;
        }
        writer.end_instance()?;
    }
    Ok((writer.finish().position(), expected))
}

fn read(format: ContentFormat, request: Path, payload: &[u8], expected: &[Expected]) {
    let mut records = Records::new(format, request, payload);
    for (path, value) in expected {
        let record = records.next().unwrap().unwrap();
        assert_eq!(record.path, *path);
        assert_eq!(record.has_value(), value.is_some());
        if let Some(value) = value {
            assert_eq!(
                record
                    .interpret(data_type(value))
                    .map(|value| copied(&value)),
                Ok(value.clone())
            );
        }
    }
    assert!(records.next().is_none());
}

/// `payload` as ciborium reads it, as an array of maps.
fn maps(payload: &[u8]) -> Vec<Vec<(Cbor, Cbor)>> {
    let Cbor::Array(records) = ciborium::from_reader(payload).unwrap() else {
        panic!()
    };
    records
        .into_iter()
        .map(|record| record.into_map().unwrap())
        .collect()
}

fn label(number: i64) -> Cbor {
    Cbor::Integer(number.into())
}

/// What a SenML record is expected to hold besides its names.
fn senml_pair(value: &Owned) -> (Cbor, Cbor) {
    let text = |bytes: &[u8]| Cbor::Text(String::from_utf8(bytes.to_vec()).unwrap());
    match value {
        Value::String(bytes) => (label(3), text(bytes)),
        Value::Opaque(bytes) => (label(8), Cbor::Bytes(bytes.clone())),
        Value::Integer(value) | Value::Time(value) => (label(2), label(*value)),
        Value::Float(value) => (label(2), Cbor::Float(*value)),
        Value::Boolean(value) => (label(4), Cbor::Bool(*value)),
        Value::ObjectLink(link) => (
            Cbor::Text("vlo".into()),
            Cbor::Text(format!("{}:{}", link.object, link.instance)),
        ),
    }
}

/// What a record of OMA JSON or SenML JSON is expected to hold besides its names.
fn json_pair(format: ContentFormat, value: &Owned) -> (&'static str, Json) {
    let senml = format == ContentFormat::SenmlJson;
    let label = |one, other| if senml { one } else { other };
    match value {
        Value::String(bytes) => (
            label("vs", "sv"),
            json!(String::from_utf8(bytes.clone()).unwrap()),
        ),
        Value::Opaque(bytes) => (label("vd", "sv"), json!(base64(bytes, senml))),
        Value::Integer(value) | Value::Time(value) => ("v", json!(value)),
        Value::Float(value) => ("v", json!(value)),
        Value::Boolean(value) => (label("vb", "bv"), json!(value)),
        Value::ObjectLink(link) => (
            label("vlo", "ov"),
            json!(format!("{}:{}", link.object, link.instance)),
        ),
    }
}

/// Base64 by the book: six bits at a time from the whole number.
fn base64(bytes: &[u8], url: bool) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let mut alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    alphabet.extend(if url { ['-', '_'] } else { ['+', '/'] });
    let mut text: String = bits
        .as_bytes()
        .chunks(6)
        .map(|digit| {
            let digit = format!("{:0<6}", std::str::from_utf8(digit).unwrap());
            alphabet[usize::from_str_radix(&digit, 2).unwrap()]
        })
        .collect();
    while !url && text.len() % 4 != 0 {
        text.push('=');
    }
    text
}

/// The path and value of each record that serde_json finds.
fn json_records(format: ContentFormat, payload: &[u8]) -> Vec<(Path, Json)> {
    let root: Json = serde_json::from_slice(payload).unwrap();
    let (mut base, records) = match format {
        ContentFormat::Json => (root["bn"].as_str().unwrap().to_owned(), &root["e"]),
        _ => (String::new(), &root),
    };
    let records = records.as_array().unwrap();
    records
        .iter()
        .map(|record| {
            if let Some(name) = record.get("bn") {
                name.as_str().unwrap().clone_into(&mut base);
            }
            let name = record.get("n").map_or("", |name| name.as_str().unwrap());
            let path = Path::parse((base.clone() + name).as_bytes()).unwrap();
            (path, record.clone())
        })
        .collect()
}

/// Equal, or numbers of one value.
fn same(ours: &Json, theirs: &Json) -> bool {
    ours == theirs || (ours.is_number() && ours.as_f64() == theirs.as_f64())
}

/// Any JSON value, nested a little.
fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        integers().prop_map(|value| json!(value)),
        floats().prop_map(|value| json!(value)),
        any::<bool>().prop_map(|value| json!(value)),
        Just(Json::Null),
        "(?s).{0,10}".prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec(("(?s).{0,5}", inner), 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// A JSON string in which every `nth` character is escaped by number, or in the short form where
/// there is one and `short` is set.
fn spelled(text: &str, nth: usize, short: bool) -> String {
    let mut spelled = String::from("\"");
    for (index, character) in text.chars().enumerate() {
        let place = "\"\\/\u{8}\u{c}\n\r\t"
            .chars()
            .position(|other| other == character);
        match place {
            Some(place) if short => {
                spelled.push('\\');
                spelled.push(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'][place]);
            }
            _ if index % nth == 0 || character < ' ' || "\"\\".contains(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    spelled += &format!("\\u{unit:04x}");
                }
            }
            _ => spelled.push(character),
        }
    }
    spelled + "\""
}

/// Any CBOR item, nested a little.
fn cbor() -> impl Strategy<Value = Cbor> {
    let leaf = prop_oneof![
        integers().prop_map(label),
        floats().prop_map(Cbor::Float),
        any::<bool>().prop_map(Cbor::Bool),
        Just(Cbor::Null),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Cbor::Bytes),
        "[a-z/0-9]{0,30}".prop_map(Cbor::Text),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Cbor::Array),
            prop::collection::vec((inner.clone(), inner.clone()), 0..4).prop_map(Cbor::Map),
            (0_u64..100, inner).prop_map(|(tag, item)| Cbor::Tag(tag, Box::new(item))),
        ]
    })
}

fn float_text(value: f64) -> String {
    let mut buffer = [0; 32];
    let path = Path::resource(1, 0, 0);
    let output = Output::new(&mut buffer);
    let mut writer = RecordWriter::new(ContentFormat::PlainText, path, output).unwrap();
    writer.value::<&[u8]>(&path, Value::Float(value)).unwrap();
    String::from_utf8(writer.finish().written().to_vec()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back(value in values(), path in (id(), id(), id(), id())) {
        let resource = Path::resource(path.0, path.1, path.2);
        let single = [(path.1, vec![(path.2, Ok(value.clone()))])];
        let multiple = [(path.1, vec![(path.2, Err(vec![(path.3, value.clone())]))])];
        for format in FORMATS {
            if format == ContentFormat::Opaque && !matches!(value, Value::Opaque(_)) {
                continue;
            }
            for (request, content) in [
                (resource, &single),
                (resource.child(path.3).unwrap(), &multiple),
            ] {
                let mut buffer = [0; 512];
                let (length, expected) =
                    write(format, request, path.0, content, &mut buffer).unwrap();
                prop_assert_eq!(expected.len(), 1);
                read(format, request, &buffer[..length], &expected);
            }
        }
    }

    #[test]
    fn an_object_comes_back((object, instances) in objects(), pick in any::<prop::sample::Index>()) {
        let mut requests = vec![Path::object(object)];
        for (instance, resources) in &instances {
            requests.push(Path::instance(object, *instance));
            for (resource, _) in resources {
                requests.push(Path::resource(object, *instance, *resource));
            }
        }
        let request = *pick.get(&requests);
        let mut buffer = vec![0; 32_768];
        for format in RECORD_FORMATS {
            let (length, expected) =
                write(format, request, object, &instances, &mut buffer).unwrap();
            read(format, request, &buffer[..length], &expected);
            if matches!(format, ContentFormat::Json | ContentFormat::SenmlJson) {
                let records = json_records(format, &buffer[..length]);
                prop_assert_eq!(records.len(), expected.len());
                for ((path, record), (expected, value)) in records.iter().zip(&expected) {
                    prop_assert_eq!(path, expected);
                    let (label, value) = json_pair(format, value.as_ref().unwrap());
                    prop_assert!(same(&record[label], &value), "{} {}", record, value);
                }
            }
            if SENML.contains(&format) {
                let mut buffer = vec![0; 32_768];
                let (length, expected) =
                    write(format, Path::ROOT, object, &instances, &mut buffer).unwrap();
                read(format, Path::ROOT, &buffer[..length], &expected);
            }
            if format == ContentFormat::SenmlCbor {
                let records = maps(&buffer[..length]);
                prop_assert_eq!(records.len(), expected.len());
                let mut base = String::new();
                for (record, (path, value)) in records.iter().zip(&expected) {
                    let field = |key: i64| record.iter().find(|pair| pair.0 == label(key))
                        .map(|pair| pair.1.as_text().unwrap().to_owned());
                    if let Some(name) = field(-2) {
                        base = name;
                    }
                    let name = base.clone() + &field(0).unwrap_or_default();
                    prop_assert_eq!(Path::parse(name.as_bytes()), Ok(*path));
                    let pair = senml_pair(value.as_ref().unwrap());
                    prop_assert!(record.contains(&pair), "{:?} {:?}", record, pair);
                }
                let mut canonical = Vec::new();
                let tree: Cbor = ciborium::from_reader(&buffer[..length]).unwrap();
                ciborium::into_writer(&tree, &mut canonical).unwrap();
                prop_assert_eq!(&canonical[..], &buffer[..length], "not the shortest form");
            }
        }
    }

    #[test]
    fn a_short_buffer_is_refused_and_what_was_written_stays_readable(
        (object, instances) in objects(),
        room in 0_usize..400,
    ) {
        let request = Path::object(object);
        let mut whole = vec![0; 32_768];
        for format in RECORD_FORMATS {
            let (length, expected) = write(format, request, object, &instances, &mut whole).unwrap();
            let mut buffer = vec![0; room];
            match write(format, request, object, &instances, &mut buffer) {
                Ok((short, _)) => prop_assert_eq!(&buffer[..short], &whole[..length]),
                Err(error) => {
                    prop_assert_eq!(error, EncodeError::Full);
                    prop_assert!(room < length);
                }
            }
            let writer = RecordWriter::new(format, request, Output::new(&mut buffer));
            if let (true, Ok(mut writer)) = (format != ContentFormat::Tlv, writer) {
                let fitted: Vec<_> = expected
                    .iter()
                    .filter(|(path, value)| writer.value(path, lent(value.as_ref().unwrap())).is_ok())
                    .cloned()
                    .collect();
                let length = writer.finish().position();
                read(format, request, &buffer[..length], &fitted);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_fail(
        payload in prop::collection::vec(any::<u8>(), 0..200),
        ids in prop::collection::vec(id(), 0..5),
    ) {
        let request = ids.into_iter().take(4).fold(Path::ROOT, |path, id| path.child(id).unwrap());
        for format in FORMATS {
            read_all(format, request, &payload);
        }
    }

    #[test]
    fn damaged_payloads_are_read_or_refused(
        (object, instances) in objects(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut buffer = vec![0; 32_768];
        for format in RECORD_FORMATS {
            let request = Path::object(object);
            let (length, _) = write(format, request, object, &instances, &mut buffer).unwrap();
            let mut payload = buffer[..length].to_vec();
            if payload.is_empty() {
                continue;
            }
            for (index, byte) in &damage {
                let index = index.index(payload.len());
                payload[index] = *byte;
            }
            read_all(format, request, &payload);
        }
    }

    #[test]
    fn any_cbor_value_of_a_record_is_read_as_ciborium_wrote_it(
        value in values(),
        unknown in prop::collection::vec((100_i64..200, cbor()), 0..3),
        at in any::<prop::sample::Index>(),
    ) {
        let mut map: Vec<_> = unknown.into_iter().map(|(key, item)| (label(key), item)).collect();
        let position = at.index(map.len() + 1);
        map.insert(position, senml_pair(&value));
        map.insert(position, (label(0), Cbor::Text("0/1".into())));
        map.push((label(-2), Cbor::Text("/3/".into())));
        let mut payload = Vec::new();
        ciborium::into_writer(&Cbor::Array(vec![Cbor::Map(map)]), &mut payload).unwrap();
        read(ContentFormat::SenmlCbor, Path::instance(3, 0), &payload,
            &[(Path::resource(3, 0, 1), Some(value))]);
    }

    #[test]
    fn any_cbor_item_is_a_value_as_ciborium_wrote_it(value in values(), other in cbor()) {
        let request = Path::resource(3, 0, 0);
        let mut item = senml_pair(&value).1;
        if let Value::Time(_) = value {
            item = Cbor::Tag(1, Box::new(item));
        }
        let mut payload = Vec::new();
        ciborium::into_writer(&item, &mut payload).unwrap();
        read(ContentFormat::Cbor, request, &payload, &[(request, Some(value.clone()))]);
        let mut buffer = [0; 512];
        let single = [(0, vec![(0, Ok(value))])];
        let (length, _) = write(ContentFormat::Cbor, request, 3, &single, &mut buffer).unwrap();
        prop_assert_eq!(&buffer[..length], &payload[..]);

        payload.clear();
        ciborium::into_writer(&other, &mut payload).unwrap();
        read_all(ContentFormat::Cbor, request, &payload);
        let mut more = payload.clone();
        more.push(0);
        let mut records = Records::new(ContentFormat::Cbor, request, &more);
        prop_assert!(matches!(records.next(), Some(Err(DecodeError::Malformed))));
    }

    #[test]
    fn any_json_value_of_a_record_is_read_as_serde_json_wrote_it(
        value in values(),
        unknown in prop::collection::vec(("[a-zA-Z]{5,9}", json()), 0..3),
        pretty in any::<bool>(),
    ) {
        let text = |value: &Json| if pretty {
            serde_json::to_vec_pretty(value).unwrap()
        } else {
            serde_json::to_vec(value).unwrap()
        };
        let mut record: serde_json::Map<String, Json> = unknown.into_iter().collect();
        let (label, json) = json_pair(ContentFormat::SenmlJson, &value);
        record.insert(label.into(), json);
        record.insert("n".into(), json!("0/1"));
        record.insert("bn".into(), json!("/3/"));
        record.insert("t".into(), json!(-1.5));
        let expected = [(Path::resource(3, 0, 1), Some(value.clone()))];
        let payload = text(&json!([record]));
        read(ContentFormat::SenmlJson, Path::instance(3, 0), &payload, &expected);

        record.remove(label);
        record.remove("bn");
        let (label, json) = json_pair(ContentFormat::Json, &value);
        record.insert(label.into(), json);
        let payload = text(&json!({"e": [record], "bn": "/3/", "bt": 25_462_634, "x": null}));
        read(ContentFormat::Json, Path::instance(3, 0), &payload, &expected);
    }

    #[test]
    fn a_string_is_the_same_however_it_is_spelled(
        text in "(?s).{0,40}",
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        nth in 1_usize..5,
        short in any::<bool>(),
    ) {
        let spelled = |text: &str| spelled(text, nth, short);
        let path = Path::resource(3, 0, 1);
        let payload = format!(
            r#"[{{{}:{},{}:{},{}:{}}}]"#,
            spelled("bn"), spelled("/3/0"), spelled("n"), spelled("/1"), spelled("vs"), spelled(&text),
        );
        prop_assert_eq!(&serde_json::from_str::<Json>(&payload).unwrap()[0]["vs"], &json!(text));
        let string = Value::String(text.into_bytes());
        read(ContentFormat::SenmlJson, path, payload.as_bytes(), &[(path, Some(string))]);

        let opaque = Value::Opaque(bytes.clone());
        for url in [true, false] {
            let payload = format!(r#"[{{"n":"/3/0/1","vd":{}}}]"#, spelled(&base64(&bytes, url)));
            read(ContentFormat::SenmlJson, path, payload.as_bytes(), &[(path, Some(opaque.clone()))]);
        }
        let payload = format!(r#"{{"e":[{{"sv":{}}}]}}"#, spelled(&base64(&bytes, false)));
        read(ContentFormat::Json, path, payload.as_bytes(), &[(path, Some(opaque))]);
    }

    #[test]
    fn any_json_is_skipped_as_serde_json_reads_it(
        text in prop_oneof![
            "[\\[\\]{}\":,0-9.eE+tu\\\\ -]{0,16}",
            r#"([1-9"tfn\[{,:]|true|false|null|"[a-z]"|-?[0-9]\.[0-9]|[0-9]e[0-9]|\]|\}){0,7}"#,
            json().prop_map(|value| value.to_string()),
        ],
    ) {
        let whole = format!(r#"[{{"n":"/3/0/0","abc":{text},"v":1}}]"#);
        let ours = Records::new(ContentFormat::SenmlJson, Path::ROOT, whole.as_bytes())
            .all(|record| record.is_ok());
        // What closes the record early is another text, with fields that may be there twice.
        let rest = serde_json::from_str::<Json>(&text);
        let theirs = serde_json::from_str::<Json>(&whole);
        match (&rest, theirs) {
            (Ok(_), _) => prop_assert!(ours, "{}", text),
            (_, Err(error)) if !error.to_string().contains("number out of range") =>
                prop_assert!(!ours, "{} {}", text, error),
            _ => {}
        }
    }

    #[test]
    fn any_json_number_is_read_as_serde_json_reads_it(
        text in "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?",
    ) {
        let payload = format!(r#"[{{"n":"/3/0/0","v":{text}}}]"#);
        let record = Records::new(ContentFormat::SenmlJson, Path::ROOT, payload.as_bytes())
            .next().unwrap().unwrap();
        let ours = match record.interpret(DataType::Float) {
            Ok(Value::Float(value)) => Some(value),
            _ => None,
        };
        prop_assert_eq!(ours, serde_json::from_str::<f64>(&text).ok());
        if let Ok(integer) = text.parse::<i64>() {
            let read = record.interpret(DataType::S64).map(|value| copied(&value));
            prop_assert_eq!(read, Ok(Value::Integer(integer)));
        }
    }

    #[test]
    fn any_cbor_is_skipped_as_ciborium_reads_it(bytes in prop::collection::vec(any::<u8>(), 1..40)) {
        // What is well-formed for ciborium is passed over; what is not is refused (but for UTF-8,
        // which nobody looks at in what is passed over).
        let whole = [&[0x81, 0xa3, 0x18, 99], &bytes[..], b"\x00\x66/3/0/0\x02\x01"].concat();
        let ours = Records::new(ContentFormat::SenmlCbor, Path::ROOT, &whole)
            .all(|record| record.is_ok());
        let theirs = ciborium::from_reader::<Cbor, _>(&whole[..]).is_ok();
        if theirs && !ours {
            // Nested deeper than the limit, a known field again, a key of another type: refused.
            let mut rest = &bytes[..];
            let one = ciborium::from_reader::<Cbor, _>(&mut rest);
            prop_assert!(one.is_err() || !rest.is_empty(), "{:?}", one);
        }
    }

    #[test]
    fn floats_are_written_short_and_exact(value in floats()) {
        let text = float_text(value);
        prop_assert_eq!(text.parse::<f64>().unwrap(), value, "{}", text);
        prop_assert_eq!(parse_float(text.as_bytes()), Some(value), "{}", text);
        if value.fract() != 0.0 || value.abs() >= 9.3e18 {
            // As many digits as the standard library, which writes the fewest.
            let digits = |text: &str| {
                let mantissa = text.split('e').next().unwrap();
                let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
                digits.trim_matches('0').len()
            };
            prop_assert_eq!(digits(&text), digits(&format!("{value:e}")), "{}", text);
        }
    }

    #[test]
    fn decimals_are_read_as_the_standard_library_reads_them(
        text in "-?[0-9]{1,40}(\\.[0-9]{0,40})?([eE][-+]?[0-9]{1,3})?",
    ) {
        let expected = Some(text.parse::<f64>().unwrap()).filter(|value| value.is_finite());
        prop_assert_eq!(parse_float(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits));
    }

    #[test]
    fn halves_between_doubles_are_rounded_to_even(
        mantissa in 1_u64 << 52..1 << 53,
        power in -20_i32..50,
        nudge in -1_i128..2,
    ) {
        // The middle of two doubles, exactly or one off in the last of at most 32 digits.
        let middle = i128::from(2 * mantissa + 1);
        let text = if power < 0 {
            format!("{}e{power}", middle * 5_i128.pow(power.unsigned_abs()) + nudge)
        } else {
            (middle * (1 << power) + nudge).to_string()
        };
        prop_assert_eq!(parse_float(text.as_bytes()), text.parse::<f64>().ok());
    }

    #[test]
    fn integers_are_read_as_the_standard_library_reads_them(value in integers(), text in "-?[0-9]{0,21}") {
        prop_assert_eq!(parse_integer(value.to_string().as_bytes()), Some(value));
        prop_assert_eq!(parse_integer(text.as_bytes()), text.parse::<i64>().ok());
    }

    #[test]
    fn narrow_floats_are_exact(bits in any::<u32>(), half in any::<u16>()) {
        // Every binary16 and binary32 through a record that ciborium understands.
        for (payload, value) in [
            ([&[0xfa][..], &bits.to_be_bytes()].concat(), f64::from(f32::from_bits(bits))),
            ([&[0xf9][..], &half.to_be_bytes()].concat(),
                ciborium::from_reader::<f64, _>(&[&[0xf9][..], &half.to_be_bytes()].concat()[..]).unwrap()),
        ] {
            let payload = [&b"\x81\xa2\x00\x66/3/0/0\x02"[..], &payload].concat();
            let record = Records::new(ContentFormat::SenmlCbor, Path::ROOT, &payload).next().unwrap().unwrap();
            let Ok(Value::Float(read)) = record.interpret(DataType::Float) else { panic!() };
            prop_assert!(read == value || (read.is_nan() && value.is_nan()));
        }
    }
}

/// The corpus of the fuzz targets, tests/fuzz/corpus, one folder per target.
#[test]
fn the_corpus_is_read_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/corpus");
    let mut count = 0;
    let mut replay = |folder: &str, read: &dyn Fn(&[u8])| {
        for entry in std::fs::read_dir(format!("{corpus}/{folder}")).unwrap() {
            read(&std::fs::read(entry.unwrap().path()).unwrap());
            count += 1;
        }
    };
    for (folder, format) in [
        "plain_text",
        "opaque",
        "cbor",
        "tlv",
        "json",
        "senml_json",
        "senml_cbor",
    ]
    .into_iter()
    .zip(FORMATS)
    {
        replay(folder, &|input| read_all::with_request(format, input));
    }
    replay("float_text", &read_all::read_float);
    assert!(count >= 100, "{count}");
}
