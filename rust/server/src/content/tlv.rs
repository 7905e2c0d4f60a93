// SPDX-License-Identifier: Apache-2.0
//! OMA TLV: nested type-length-value items (OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.4).

use super::{ContentFormat, Error, Record, Value};
use crate::Path;
use crate::model::{Kind, Models};

/// What an item stands for: bits 7 and 6 of its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    ObjectInstance = 0,
    ResourceInstance = 1,
    MultipleResource = 2,
    Resource = 3,
}

struct Item<'a> {
    level: Level,
    id: u16,
    value: &'a [u8],
}

/// Reads the items of a payload of the object, instance or resource at `base`.
///
/// Items may be given from the level of `base` (a resource's own item for `/3/0/9`) or from the
/// one below it (resources for `/3/0`).
///
/// # Errors
/// When an item is cut short, stands at a level where it may not, or has a value that is not of
/// its resource's type.
pub fn decode(base: Path, payload: &[u8], models: &Models) -> Result<Vec<Record>, Error> {
    let mut records = Vec::new();
    decode_items(base, payload, models, &mut records)?;
    Ok(records)
}

fn decode_items(
    parent: Path,
    mut payload: &[u8],
    models: &Models,
    records: &mut Vec<Record>,
) -> Result<(), Error> {
    while !payload.is_empty() {
        let item = take_item(&mut payload)?;
        let path = item_path(parent, &item)?;
        match item.level {
            Level::ObjectInstance | Level::MultipleResource => {
                decode_items(path, item.value, models, records)?;
            }
            Level::ResourceInstance | Level::Resource => {
                let value = decode_value(item.value, models.kind(&path))?;
                records.push(Record {
                    path,
                    value,
                    time: None,
                });
            }
        }
    }
    Ok(())
}

/// Where an item found under `parent` lives.
fn item_path(parent: Path, item: &Item) -> Result<Path, Error> {
    let depth = match item.level {
        Level::ObjectInstance => 2,
        Level::MultipleResource | Level::Resource => 3,
        Level::ResourceInstance => 4,
    };
    let repeats = |path: Path| path.ids().last() == Some(&item.id);
    let owner = match parent.depth() {
        above if above + 1 == depth => parent,
        // The item repeats a part of the path that was asked for.
        above if above >= depth && repeats(parent.prefix(depth)) => parent.prefix(depth - 1),
        // Resources right under the object: its only instance, 0, goes without saying.
        1 if depth == 3 => parent.child(0).unwrap_or(parent),
        _ => {
            return Err(Error::Malformed(
                "TLV item at a level where it may not stand",
            ));
        }
    };
    owner
        .child(item.id)
        .ok_or(Error::Malformed("TLV item below a resource instance"))
}

fn take_item<'a>(payload: &mut &'a [u8]) -> Result<Item<'a>, Error> {
    let head = take(payload, 1)?[0];
    let level = match head >> 6 {
        0 => Level::ObjectInstance,
        1 => Level::ResourceInstance,
        2 => Level::MultipleResource,
        _ => Level::Resource,
    };
    let id_size = if head & 0x20 == 0 { 1 } else { 2 };
    let id = number(take(payload, id_size)?) as u16;
    let length = match usize::from(head >> 3 & 0b11) {
        0 => usize::from(head & 0b111),
        size => number(take(payload, size)?),
    };
    Ok(Item {
        level,
        id,
        value: take(payload, length)?,
    })
}

fn take<'a>(payload: &mut &'a [u8], count: usize) -> Result<&'a [u8], Error> {
    let (taken, rest) = payload.split_at_checked(count).ok_or(Error::Truncated)?;
    *payload = rest;
    Ok(taken)
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn decode_value(bytes: &[u8], kind: Option<Kind>) -> Result<Value, Error> {
    let value = match kind {
        None | Some(Kind::Opaque | Kind::Executable) => Some(Value::Opaque(bytes.to_vec())),
        Some(Kind::String) => String::from_utf8(bytes.to_vec()).ok().map(Value::String),
        Some(Kind::Integer) => signed(bytes).map(Value::Integer),
        Some(Kind::Time) => signed(bytes).map(Value::Time),
        Some(Kind::Unsigned) => unsigned(bytes).map(Value::Unsigned),
        Some(Kind::Float) => float(bytes).map(Value::Float),
        Some(Kind::Boolean) => match bytes {
            [0] => Some(Value::Boolean(false)),
            [1] => Some(Value::Boolean(true)),
            _ => None,
        },
        Some(Kind::ObjectLink) => match bytes {
            &[a, b, c, d] => Some(Value::ObjectLink(
                u16::from_be_bytes([a, b]),
                u16::from_be_bytes([c, d]),
            )),
            _ => None,
        },
    };
    value.ok_or(Error::Malformed("TLV value is not of the resource's type"))
}

fn signed(bytes: &[u8]) -> Option<i64> {
    match *bytes {
        [a] => Some(i8::from_be_bytes([a]).into()),
        [a, b] => Some(i16::from_be_bytes([a, b]).into()),
        [a, b, c, d] => Some(i32::from_be_bytes([a, b, c, d]).into()),
        _ => bytes.try_into().ok().map(i64::from_be_bytes),
    }
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    match *bytes {
        [a] => Some(a.into()),
        [a, b] => Some(u16::from_be_bytes([a, b]).into()),
        [a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d]).into()),
        _ => bytes.try_into().ok().map(u64::from_be_bytes),
    }
}

fn float(bytes: &[u8]) -> Option<f64> {
    match *bytes {
        [a, b, c, d] => Some(f32::from_be_bytes([a, b, c, d]).into()),
        _ => bytes.try_into().ok().map(f64::from_be_bytes),
    }
}

/// Writes the payload of a request on `base`: object instances under an object, resources under
/// an instance, the item itself for a resource or resource instance.
///
/// # Errors
/// When a record names no resource.
pub fn encode(base: Path, records: &[Record]) -> Result<Vec<u8>, Error> {
    let deep_enough = |record: &Record| record.path.depth() >= 3 && record.value != Value::Null;
    if base.depth() == 0 || !records.iter().all(deep_enough) {
        return Err(Error::Unsupported(ContentFormat::TLV));
    }
    let mut payload = Vec::new();
    let depth = match base.depth() {
        1 => 2,
        2 | 3 => 3,
        _ => Path::DEPTH,
    };
    encode_level(depth, records, &mut payload)?;
    Ok(payload)
}

/// The resources of one new instance without the instance's own item, so that the client picks
/// the instance (OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.6).
///
/// # Errors
/// When a record names no resource.
pub fn encode_without_instance(records: &[Record]) -> Result<Vec<u8>, Error> {
    match records.first() {
        Some(record) => encode(record.path.prefix(2), records),
        None => Ok(Vec::new()),
    }
}

/// Groups neighbouring records by their first `depth` identifiers and writes an item for each.
fn encode_level(depth: usize, records: &[Record], payload: &mut Vec<u8>) -> Result<(), Error> {
    for group in records.chunk_by(|a, b| a.path.prefix(depth) == b.path.prefix(depth)) {
        let first = &group[0];
        let id = first.path.ids()[depth - 1];
        let mut nested = Vec::new();
        let (level, value) = match (depth, first.path.depth()) {
            (2, _) => (Level::ObjectInstance, None),
            (3, 4) => (Level::MultipleResource, None),
            (3, _) => (Level::Resource, Some(&first.value)),
            _ => (Level::ResourceInstance, Some(&first.value)),
        };
        match value {
            Some(value) => encode_value(value, &mut nested)?,
            None => encode_level(depth + 1, group, &mut nested)?,
        }
        put_item(level, id, &nested, payload);
    }
    Ok(())
}

fn put_item(level: Level, id: u16, value: &[u8], payload: &mut Vec<u8>) {
    let wide_id = id > 0xff;
    let length = (value.len() as u32).to_be_bytes();
    let (length_type, length_bytes) = match value.len() {
        0..=7 => (0, &[][..]),
        8..=0xff => (1, &length[3..]),
        0x100..=0xffff => (2, &length[2..]),
        _ => (3, &length[1..]),
    };
    let short_length = if length_type == 0 {
        value.len() as u8
    } else {
        0
    };
    payload.push((level as u8) << 6 | u8::from(wide_id) << 5 | length_type << 3 | short_length);
    if wide_id {
        payload.extend(id.to_be_bytes());
    } else {
        payload.push(id as u8);
    }
    payload.extend(length_bytes);
    payload.extend(value);
}

fn encode_value(value: &Value, bytes: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Null => return Err(Error::Unsupported(ContentFormat::TLV)),
        Value::Integer(number) | Value::Time(number) => put_signed(*number, bytes),
        Value::Unsigned(number) => put_unsigned(*number, bytes),
        Value::Float(number) => bytes.extend(number.to_be_bytes()),
        Value::Boolean(truth) => bytes.push(u8::from(*truth)),
        Value::String(text) => bytes.extend(text.as_bytes()),
        Value::Opaque(opaque) => bytes.extend(opaque),
        Value::ObjectLink(object, instance) => {
            bytes.extend(object.to_be_bytes());
            bytes.extend(instance.to_be_bytes());
        }
    }
    Ok(())
}

/// In the fewest of 1, 2, 4 and 8 bytes.
fn put_signed(number: i64, bytes: &mut Vec<u8>) {
    if let Ok(number) = i8::try_from(number) {
        bytes.extend(number.to_be_bytes());
    } else if let Ok(number) = i16::try_from(number) {
        bytes.extend(number.to_be_bytes());
    } else if let Ok(number) = i32::try_from(number) {
        bytes.extend(number.to_be_bytes());
    } else {
        bytes.extend(number.to_be_bytes());
    }
}

/// In the fewest of 1, 2, 4 and 8 bytes.
fn put_unsigned(number: u64, bytes: &mut Vec<u8>) {
    if let Ok(number) = u8::try_from(number) {
        bytes.push(number);
    } else if let Ok(number) = u16::try_from(number) {
        bytes.extend(number.to_be_bytes());
    } else if let Ok(number) = u32::try_from(number) {
        bytes.extend(number.to_be_bytes());
    } else {
        bytes.extend(number.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(base: &str, payload: &[u8]) -> Result<Vec<(String, Value)>, Error> {
        let records = decode(base.parse().unwrap(), payload, &Models::default())?;
        Ok(records
            .into_iter()
            .map(|record| (record.path.to_string(), record.value))
            .collect())
    }

    fn hex(text: &str) -> Vec<u8> {
        let digits: String = text.split_whitespace().collect();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        (0..digits.len()).step_by(2).map(byte).collect()
    }

    /// The Device of the specification's example (§7.4.4: "single Object Instance request").
    fn device() -> Vec<u8> {
        hex("c8 00 14 4f70656e204d6f62696c6520416c6c69616e6365
             c8 01 16 4c69676874776569676874204d324d20436c69656e74
             c8 02 09 333435303030313233
             c3 03 312e30
             86 06 41 00 01 41 01 05
             88 07 08 42 00 0ed8 42 01 1388
             87 08 41 00 7d 42 01 0384
             c1 09 64
             c1 0a 0f
             83 0b 41 00 00
             c4 0d 5182428f
             c6 0e 2b30323a3030
             c1 10 55")
    }

    fn device_values() -> Vec<(String, Value)> {
        [
            ("/3/0/0", "Open Mobile Alliance".into()),
            ("/3/0/1", "Lightweight M2M Client".into()),
            ("/3/0/2", "345000123".into()),
            ("/3/0/3", "1.0".into()),
            ("/3/0/6/0", Value::Integer(1)),
            ("/3/0/6/1", Value::Integer(5)),
            ("/3/0/7/0", Value::Integer(3800)),
            ("/3/0/7/1", Value::Integer(5000)),
            ("/3/0/8/0", Value::Integer(125)),
            ("/3/0/8/1", Value::Integer(900)),
            ("/3/0/9", Value::Integer(100)),
            ("/3/0/10", Value::Integer(15)),
            ("/3/0/11/0", Value::Integer(0)),
            ("/3/0/13", Value::Time(1_367_491_215)),
            ("/3/0/14", "+02:00".into()),
            ("/3/0/16", "U".into()),
        ]
        .map(|(path, value)| (path.to_owned(), value))
        .to_vec()
    }

    #[test]
    fn object_instance_of_the_specification_decodes() {
        assert_eq!(decoded("/3/0", &device()).unwrap(), device_values());
    }

    #[test]
    fn object_of_the_specification_decodes_with_and_without_its_instance_item() {
        let mut wrapped = vec![0x08, 0x00, 0x79];
        wrapped.extend(device());
        assert_eq!(device().len(), 0x79);
        assert_eq!(decoded("/3", &wrapped).unwrap(), device_values());
        assert_eq!(decoded("/3/0", &wrapped).unwrap(), device_values());
        assert_eq!(decoded("/3", &device()).unwrap(), device_values());
    }

    #[test]
    fn resource_decodes_from_its_own_item_or_its_instances() {
        assert_eq!(
            decoded("/3/0/9", &[0xc1, 0x09, 0x64]).unwrap(),
            [("/3/0/9".into(), 100.into())]
        );
        let instances = [
            ("/3/0/6/0".to_owned(), 1.into()),
            ("/3/0/6/1".to_owned(), 5.into()),
        ];
        assert_eq!(
            decoded("/3/0/6", &hex("86 06 41 00 01 41 01 05")).unwrap(),
            instances
        );
        assert_eq!(
            decoded("/3/0/6", &hex("41 00 01 41 01 05")).unwrap(),
            instances
        );
        assert_eq!(
            decoded("/3/0/6/1", &hex("41 01 05")).unwrap(),
            instances[1..]
        );
        assert_eq!(
            decoded("/3/0/6/1", &hex("83 06 41 01 05")).unwrap(),
            instances[1..]
        );
    }

    #[test]
    fn wide_identifiers_and_floats_decode() {
        let payload = hex("e4 1644 41a80000 e8 15e1 08 4035000000000000");
        let expected = [
            ("/3303/0/5700", Value::Float(21.0)),
            ("/3303/0/5601", Value::Float(21.0)),
        ];
        let expected = expected.map(|(path, value)| (path.to_owned(), value));
        assert_eq!(decoded("/3303/0", &payload).unwrap(), expected);
    }

    #[test]
    fn bad_items_are_refused() {
        assert_eq!(decoded("/3/0", &[0xc4, 0x09, 0x01]), Err(Error::Truncated));
        assert_eq!(decoded("/3/0", &[0xc8, 0x09]), Err(Error::Truncated));
        assert_eq!(decoded("/3/0", &[0xe1, 0x09]), Err(Error::Truncated));
        // A resource instance under an object instance, another resource than asked for, an
        // integer of three bytes.
        for (base, item) in [
            ("/3/0", "41 00 01"),
            ("/3/0/9", "c1 0a 0f"),
            ("/3/0", "c3 09 010203"),
        ] {
            assert!(
                matches!(decoded(base, &hex(item)), Err(Error::Malformed(_))),
                "{item}"
            );
        }
    }

    #[test]
    fn encoding_gives_back_the_specifications_bytes() {
        let records = decode("/3/0".parse().unwrap(), &device(), &Models::default()).unwrap();
        assert_eq!(encode("/3/0".parse().unwrap(), &records).unwrap(), device());
        let whole = encode("/3".parse().unwrap(), &records).unwrap();
        assert_eq!(whole[..3], [0x08, 0x00, 0x79]);
        assert_eq!(whole[3..], device());
        assert_eq!(encode_without_instance(&records).unwrap(), device());
        let sources = &records[4..6];
        let expected = hex("86 06 41 00 01 41 01 05");
        assert_eq!(
            encode("/3/0/6".parse().unwrap(), sources).unwrap(),
            expected
        );
        let one = encode("/3/0/6/1".parse().unwrap(), &sources[1..]).unwrap();
        assert_eq!(one, hex("41 01 05"));
    }
}
