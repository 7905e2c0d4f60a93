// SPDX-License-Identifier: Apache-2.0
//! SenML in CBOR (RFC 8428 §4, §6; OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.6).

use ciborium::Value as Item;

use super::{Error, Record, Value, cbor, typed, value};
use crate::Path;
use crate::model::Models;

/// Integer labels of RFC 8428 §6, table 4.
pub(super) mod label {
    pub const BASE_VERSION: i64 = -1;
    pub const BASE_NAME: i64 = -2;
    pub const BASE_TIME: i64 = -3;
    pub const BASE_VALUE: i64 = -5;
    pub const NAME: i64 = 0;
    pub const VALUE: i64 = 2;
    pub const STRING: i64 = 3;
    pub const BOOLEAN: i64 = 4;
    pub const TIME: i64 = 6;
    pub const DATA: i64 = 8;
    /// LwM2M's own field has no number.
    pub const OBJECT_LINK: &str = "vlo";
}

/// The version of RFC 8428, the newest there is (§4.4).
const VERSION: i64 = 10;

/// What a record inherits from those before it (RFC 8428 §4.1).
#[derive(Default)]
struct Base {
    name: String,
    time: f64,
    value: Option<Value>,
}

#[derive(Default)]
struct Fields {
    name: String,
    time: Option<f64>,
    value: Option<Value>,
}

/// Reads a pack; records without a value become [`Value::Null`].
///
/// # Errors
/// When it is not a SenML pack, or a name is no path.
pub fn decode(payload: &[u8], models: &Models) -> Result<Vec<Record>, Error> {
    match cbor::item(payload)? {
        Item::Array(items) => records(items, models),
        _ => Err(Error::Malformed("a SenML pack is an array")),
    }
}

/// The same from the items of the array.
pub(super) fn records(items: Vec<Item>, models: &Models) -> Result<Vec<Record>, Error> {
    let mut base = Base::default();
    let mut records = Vec::new();
    for item in items {
        let Item::Map(entries) = item else {
            return Err(Error::Malformed("a SenML record is a map"));
        };
        let only_bases = !entries.is_empty() && entries.iter().all(|(key, _)| is_base(key));
        let fields = read_fields(entries, &mut base)?;
        // A record of base fields alone may merely prepare for the others: {bn: "/3/0/"}.
        if only_bases && base.name.ends_with('/') && base.name != "/" {
            continue;
        }
        records.push(resolve(&base, fields, models)?);
    }
    Ok(records)
}

fn is_base(key: &Item) -> bool {
    matches!(key, Item::Integer(number) if i128::from(*number) < 0)
}

fn read_fields(entries: Vec<(Item, Item)>, base: &mut Base) -> Result<Fields, Error> {
    let mut fields = Fields::default();
    for (key, item) in entries {
        match key {
            Item::Integer(number) => {
                let number = i64::try_from(number).unwrap_or(i64::MAX);
                read_field(number, item, base, &mut fields)?;
            }
            Item::Text(key) if key == label::OBJECT_LINK => {
                let link = text(item)?;
                let link = value::object_link(&link).ok_or(Error::Malformed("vlo is no link"))?;
                set(&mut fields.value, link)?;
            }
            // RFC 8428 §4.4: a name ending in an underscore must be understood.
            Item::Text(key) if key.ends_with('_') => {
                return Err(Error::Malformed("SenML field that must be understood"));
            }
            Item::Text(_) => {}
            _ => return Err(Error::Malformed("a SenML label is a number or text")),
        }
    }
    Ok(fields)
}

fn read_field(number: i64, item: Item, base: &mut Base, fields: &mut Fields) -> Result<(), Error> {
    match number {
        label::BASE_VERSION => match cbor::value(item)? {
            Value::Integer(1..=VERSION) => {}
            _ => return Err(Error::Malformed("SenML version is above 10")),
        },
        label::BASE_NAME => base.name = text(item)?,
        label::BASE_TIME => base.time = seconds(item)?,
        label::BASE_VALUE => base.value = Some(numeric(item)?),
        label::NAME => fields.name = text(item)?,
        label::TIME => fields.time = Some(seconds(item)?),
        label::VALUE => set(&mut fields.value, numeric(item)?)?,
        label::STRING => set(&mut fields.value, Value::String(text(item)?))?,
        label::BOOLEAN => match cbor::value(item)? {
            truth @ Value::Boolean(_) => set(&mut fields.value, truth)?,
            _ => return Err(Error::Malformed("vb is no boolean")),
        },
        label::DATA => match cbor::value(item)? {
            data @ Value::Opaque(_) => set(&mut fields.value, data)?,
            _ => return Err(Error::Malformed("vd is no byte string")),
        },
        // Units, sums and update times say nothing of a resource.
        _ => {}
    }
    Ok(())
}

/// RFC 8428 §4.2: a record has at most one value.
fn set(field: &mut Option<Value>, value: Value) -> Result<(), Error> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::Malformed("SenML record with two values")),
    }
}

fn text(item: Item) -> Result<String, Error> {
    item.into_text()
        .map_err(|_| Error::Malformed("SenML field is not text"))
}

fn numeric(item: Item) -> Result<Value, Error> {
    match cbor::value(item)? {
        number @ (Value::Integer(_) | Value::Unsigned(_) | Value::Float(_)) => Ok(number),
        _ => Err(Error::Malformed("SenML field is not a number")),
    }
}

fn seconds(item: Item) -> Result<f64, Error> {
    numeric(item).map(|number| as_float(&number))
}

fn as_float(number: &Value) -> f64 {
    match number {
        Value::Integer(number) => *number as f64,
        Value::Unsigned(number) => *number as f64,
        Value::Float(number) => *number,
        _ => 0.0,
    }
}

fn resolve(base: &Base, fields: Fields, models: &Models) -> Result<Record, Error> {
    let path: Path = format!("{}{}", base.name, fields.name).parse()?;
    let value = match (fields.value, &base.value) {
        (Some(value), Some(offset)) => sum(value, offset),
        (Some(value), None) => value,
        (None, Some(offset)) => offset.clone(),
        (None, None) => Value::Null,
    };
    if value != Value::Null && path.depth() < 3 {
        return Err(Error::Malformed("SenML value above resources"));
    }
    let timed = fields.time.is_some() || base.time != 0.0;
    Ok(Record {
        path,
        value: typed(value, models.kind(&path)),
        time: timed.then(|| base.time + fields.time.unwrap_or_default()),
    })
}

/// A base value adds to numbers only (RFC 8428 §4.1).
fn sum(value: Value, offset: &Value) -> Value {
    match (&value, offset) {
        (Value::Integer(a), Value::Integer(b)) => match a.checked_add(*b) {
            Some(sum) => Value::Integer(sum),
            None => Value::Float(*a as f64 + *b as f64),
        },
        (Value::Integer(_) | Value::Unsigned(_) | Value::Float(_), offset) => {
            Value::Float(as_float(&value) + as_float(offset))
        }
        _ => value,
    }
}

/// Writes a pack whose base name is `base`.
///
/// # Errors
/// When a record lies outside `base`.
pub fn encode(base: Path, records: &[Record]) -> Result<Vec<u8>, Error> {
    Ok(cbor::bytes(&Item::Array(items(base, records)?)))
}

/// The items of that pack.
pub(super) fn items(base: Path, records: &[Record]) -> Result<Vec<Item>, Error> {
    let alone = records.iter().any(|record| record.path == base);
    let base_name = match (base.depth(), alone) {
        (0, _) => "/".to_owned(),
        (_, true) => base.to_string(),
        (_, false) => format!("{base}/"),
    };
    let mut pack = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let full = record.path.to_string();
        let name = full.strip_prefix(&base_name);
        let name = name.ok_or(Error::Outside {
            base,
            path: record.path,
        })?;
        let mut entries = Vec::new();
        if index == 0 {
            entries.push((Item::from(label::BASE_NAME), Item::from(base_name.as_str())));
        }
        if !name.is_empty() {
            entries.push((Item::from(label::NAME), Item::from(name)));
        }
        if let Some(time) = record.time {
            entries.push((Item::from(label::TIME), Item::from(time)));
        }
        entries.extend(value_entry(&record.value));
        pack.push(Item::Map(entries));
    }
    Ok(pack)
}

fn value_entry(value: &Value) -> Option<(Item, Item)> {
    let key = match value {
        Value::Null => return None,
        Value::Integer(_) | Value::Unsigned(_) | Value::Float(_) | Value::Time(_) => {
            Item::from(label::VALUE)
        }
        Value::Boolean(_) => Item::from(label::BOOLEAN),
        Value::String(_) => Item::from(label::STRING),
        Value::Opaque(_) => Item::from(label::DATA),
        Value::ObjectLink(..) => Item::from(label::OBJECT_LINK),
    };
    Some((key, cbor::plain(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(payload: &[u8]) -> Result<Vec<(String, Value, Option<f64>)>, Error> {
        let shown = |record: Record| (record.path.to_string(), record.value, record.time);
        Ok(decode(payload, &Models::default())?
            .into_iter()
            .map(shown)
            .collect())
    }

    fn pack(records: &[&[(Item, Item)]]) -> Vec<u8> {
        let records = records
            .iter()
            .map(|entries| Item::Map(entries.to_vec()))
            .collect();
        cbor::bytes(&Item::Array(records))
    }

    fn key(number: i64) -> Item {
        Item::from(number)
    }

    /// The Device of the specification's example (§7.4.6).
    const DEVICE: &[u8] = b"\x90\
        \xa3\x21\x65/3/0/\x00\x610\x03\x74Open Mobile Alliance\
        \xa2\x00\x611\x03\x76Lightweight M2M Client\
        \xa2\x00\x612\x03\x69345000123\
        \xa2\x00\x613\x03\x631.0\
        \xa2\x00\x636/0\x02\x01\
        \xa2\x00\x636/1\x02\x05\
        \xa2\x00\x637/0\x02\x19\x0e\xd8\
        \xa2\x00\x637/1\x02\x19\x13\x88\
        \xa2\x00\x638/0\x02\x18\x7d\
        \xa2\x00\x638/1\x02\x19\x03\x84\
        \xa2\x00\x619\x02\x18\x64\
        \xa2\x00\x6210\x02\x0f\
        \xa2\x00\x6411/0\x02\x00\
        \xa2\x00\x6213\x02\x1a\x51\x82\x42\x8f\
        \xa2\x00\x6214\x03\x66+02:00\
        \xa2\x00\x6216\x03\x61U";

    fn device() -> Vec<Record> {
        let values: [(&str, Value); 16] = [
            ("/3/0/0", "Open Mobile Alliance".into()),
            ("/3/0/1", "Lightweight M2M Client".into()),
            ("/3/0/2", "345000123".into()),
            ("/3/0/3", "1.0".into()),
            ("/3/0/6/0", 1.into()),
            ("/3/0/6/1", 5.into()),
            ("/3/0/7/0", 3800.into()),
            ("/3/0/7/1", 5000.into()),
            ("/3/0/8/0", 125.into()),
            ("/3/0/8/1", 900.into()),
            ("/3/0/9", 100.into()),
            ("/3/0/10", 15.into()),
            ("/3/0/11/0", 0.into()),
            ("/3/0/13", Value::Time(1_367_491_215)),
            ("/3/0/14", "+02:00".into()),
            ("/3/0/16", "U".into()),
        ];
        let record = |(path, value): (&str, _)| Record {
            path: path.parse().unwrap(),
            value,
            time: None,
        };
        values.map(record).to_vec()
    }

    #[test]
    fn device_of_the_specification_decodes_and_encodes() {
        assert_eq!(decode(DEVICE, &Models::default()).unwrap(), device());
        assert_eq!(encode("/3/0".parse().unwrap(), &device()).unwrap(), DEVICE);
    }

    #[test]
    fn every_value_field_decodes_and_unknown_ones_are_passed_over() {
        let payload = b"\x85\
            \xa4\x21\x6b/33000/0/0/\x00\x610\x04\xf5\x01\x63Cel\
            \xa2\x00\x611\x08\x42\x01\x02\
            \xa2\x00\x612\x63vlo\x633:0\
            \xa3\x00\x613\x02\xf9\x3e\x00\x63new\xf6\
            \xbf\x00\x614\x02\x20\xff";
        let expected = [
            ("/33000/0/0/0", Value::Boolean(true)),
            ("/33000/0/0/1", Value::Opaque(vec![1, 2])),
            ("/33000/0/0/2", Value::ObjectLink(3, 0)),
            ("/33000/0/0/3", Value::Float(1.5)),
            ("/33000/0/0/4", Value::Integer(-1)),
        ];
        assert_eq!(
            decoded(payload).unwrap(),
            expected.map(|(p, v)| (p.to_owned(), v, None))
        );
    }

    /// RFC 8428 §5.1.2 and §4.1, the measurements put on an LwM2M resource.
    #[test]
    fn bases_apply_to_later_records_until_changed() {
        let time = 1.320_067_464e9;
        let payload = pack(&[
            &[
                (key(-2), "/3303/0/5700".into()),
                (key(-3), time.into()),
                (key(-5), 20.into()),
            ],
            &[(key(2), 1.2.into()), (key(6), (-5).into())],
            &[(key(2), 1.into())],
            &[
                (key(-2), "/3/0/".into()),
                (key(-3), 0.into()),
                (key(0), "0".into()),
                (key(3), "x".into()),
            ],
        ]);
        let expected = [
            ("/3303/0/5700", Value::Float(20.0), Some(time)),
            ("/3303/0/5700", Value::Float(21.2), Some(time - 5.0)),
            ("/3303/0/5700", Value::Float(21.0), Some(time)),
            ("/3/0/0", "x".into(), None),
        ];
        assert_eq!(
            decoded(&payload).unwrap(),
            expected.map(|(p, v, t)| (p.to_owned(), v, t))
        );
    }

    #[test]
    fn a_record_of_base_fields_alone_only_prepares() {
        let payload = pack(&[
            &[(key(-2), "/3/0/".into())],
            &[(key(0), "9".into()), (key(2), 50.into())],
        ]);
        assert_eq!(
            decoded(&payload).unwrap(),
            [("/3/0/9".to_owned(), 50.into(), None)]
        );
    }

    #[test]
    fn paths_without_values_are_a_read_composite() {
        let paths: Vec<Path> = ["/3/0/9", "/1/0", "/5"]
            .map(|path| path.parse().unwrap())
            .to_vec();
        let content = crate::Content::paths(&paths);
        let payload = encode(Path::ROOT, content.records()).unwrap();
        assert_eq!(
            payload,
            b"\x83\xa2\x21\x61/\x00\x653/0/9\xa1\x00\x631/0\xa1\x00\x615"
        );
        assert_eq!(
            decode(&payload, &Models::default()).unwrap(),
            content.records()
        );
    }

    #[test]
    fn bad_packs_are_refused() {
        let truncated = &DEVICE[..DEVICE.len() - 1];
        assert_eq!(decoded(truncated), Err(Error::Truncated));
        let name = || (key(0), Item::from("/3/0/9"));
        let packs = [
            cbor::bytes(&Item::Map(vec![])),
            cbor::bytes(&Item::Array(vec![Item::from(1)])),
            pack(&[&[name(), (key(2), 1.into()), (key(3), "1".into())]]),
            pack(&[&[name(), (key(2), "1".into())]]),
            pack(&[&[name(), (key(4), 1.into())]]),
            pack(&[&[name(), (key(8), "1".into())]]),
            pack(&[&[name(), (key(-1), 11.into())]]),
            pack(&[&[name(), ("must_".into(), 1.into())]]),
            pack(&[&[(key(0), "/3/0".into()), (key(2), 1.into())]]),
            pack(&[&[(key(0), "urn:dev".into()), (key(2), 1.into())]]),
        ];
        for payload in packs {
            assert!(decoded(&payload).is_err(), "{payload:02x?}");
        }
    }
}
