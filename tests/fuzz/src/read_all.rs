// SPDX-License-Identifier: Apache-2.0
//! Reads everything a payload has to give, as every type: what the fuzz targets and the property
//! tests of the readers do.

use lwm2m_core::content::{ContentFormat, DecodeError, Payload, Records, parse_float};
use lwm2m_core::path::Path;
use lwm2m_core::value::{Bytes, DataType, Value};

const TYPES: [DataType; 14] = [
    DataType::None,
    DataType::Opaque,
    DataType::String,
    DataType::U8,
    DataType::U16,
    DataType::U32,
    DataType::S8,
    DataType::S16,
    DataType::S32,
    DataType::S64,
    DataType::Boolean,
    DataType::Time,
    DataType::Float,
    DataType::ObjectLink,
];

/// The value with its bytes copied out. Copied whole, in pieces and past the end, they agree.
pub fn copied(value: &Value<Payload<'_>>) -> Value<Vec<u8>> {
    fn all(bytes: &Payload<'_>) -> Vec<u8> {
        let mut whole = vec![0; bytes.len()];
        assert_eq!(bytes.copy(0, &mut whole), whole.len());
        let mut pieces: Vec<u8> = Vec::new();
        let mut piece = [0; 7];
        loop {
            let count = bytes.copy(pieces.len(), &mut piece);
            pieces.extend(piece.iter().take(count));
            if count < piece.len() {
                break;
            }
        }
        assert_eq!(pieces, whole);
        assert_eq!(bytes.copy(whole.len(), &mut piece), 0);
        assert_eq!(bytes.copy(usize::MAX, &mut piece), 0);
        whole
    }
    match value {
        Value::String(bytes) => Value::String(all(bytes)),
        Value::Opaque(bytes) => Value::Opaque(all(bytes)),
        Value::Integer(value) => Value::Integer(*value),
        Value::Float(value) => Value::Float(*value),
        Value::Boolean(value) => Value::Boolean(*value),
        Value::Time(value) => Value::Time(*value),
        Value::ObjectLink(link) => Value::ObjectLink(*link),
    }
}

/// Walks all records, and checks what holds for any.
pub fn read_all(format: ContentFormat, request: Path, payload: &[u8]) {
    let mut records = Records::new(format, request, payload);
    let _ = records.names_no_instance();
    let mut count = 0;
    while let Some(record) = records.next() {
        count += 1;
        assert!(count <= payload.len() + 1);
        let record = match record {
            Ok(record) => record,
            Err(DecodeError::Malformed) => {
                assert!(records.next().is_none());
                break;
            }
            Err(_) => continue,
        };
        assert!(request.contains(&record.path));
        for data_type in TYPES {
            let Ok(value) = record.interpret(data_type) else {
                continue;
            };
            assert!(record.has_value());
            match copied(&value) {
                Value::String(text) => assert!(String::from_utf8(text).is_ok()),
                Value::Integer(value) => {
                    let Some((least, greatest)) = data_type.integer_range() else {
                        panic!("{data_type:?} is no integer");
                    };
                    assert!(least <= value && value <= greatest);
                }
                _ => {}
            }
        }
    }
}

/// Takes the request path off the front of a fuzz input: a byte for the level, then the ids.
pub fn with_request(format: ContentFormat, input: &[u8]) {
    let Some((&level, mut rest)) = input.split_first() else {
        return;
    };
    let mut request = Path::ROOT;
    for _ in 0..level % 5 {
        let Some((id, after)) = rest.split_first_chunk() else {
            return;
        };
        let Ok(child) = request.child(u16::from_be_bytes(*id)) else {
            return;
        };
        request = child;
        rest = after;
    }
    read_all(format, request, rest);
}

/// Reads a decimal number. The standard library accepts more texts, but where both accept one they
/// agree (up to 32 digits exactly, beyond to the last place).
pub fn read_float(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else {
        return;
    };
    if let Some(value) = parse_float(input) {
        let other: f64 = text.parse().unwrap_or(f64::NAN);
        let near = value.to_bits().abs_diff(other.to_bits());
        assert!(
            near == 0 || (near == 1 && input.len() > 32),
            "{value} {other}"
        );
    }
}
