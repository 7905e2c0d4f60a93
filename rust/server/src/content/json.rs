// SPDX-License-Identifier: Apache-2.0
//! SenML in JSON (RFC 8428 §5, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.4) and the JSON of LwM2M 1.0
//! (OMA-TS-LightweightM2M-V1_0_2 §6.4.4). Both are turned into the items of SenML CBOR, which has
//! the same records.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ciborium::Value as Item;
use serde_json::{Map, Number, Value as Json, json};

use super::senml_cbor::{self, label};
use super::{Error, Record, Value, typed};
use crate::Path;
use crate::model::{Kind, Models};

/// Reads a SenML pack.
///
/// # Errors
/// When it is not one, or a name is no path.
pub fn decode_senml(payload: &[u8], models: &Models) -> Result<Vec<Record>, Error> {
    let Json::Array(records) = parse(payload)? else {
        return Err(Error::Malformed("a SenML pack is an array"));
    };
    let items: Result<Vec<Item>, Error> = records.into_iter().map(record).collect();
    senml_cbor::records(items?, models)
}

/// Writes a SenML pack whose base name is `base`.
///
/// # Errors
/// When a record lies outside `base`.
pub fn encode_senml(base: Path, records: &[Record]) -> Result<Vec<u8>, Error> {
    let items = senml_cbor::items(base, records)?;
    let pack: Vec<Json> = items.into_iter().map(object).collect();
    Ok(Json::Array(pack).to_string().into_bytes())
}

/// Reads the values of LwM2M 1.0 JSON, whose names follow its base name or else `base`.
///
/// # Errors
/// When it is malformed, or a name is no path.
pub fn decode_oma(base: Path, payload: &[u8], models: &Models) -> Result<Vec<Record>, Error> {
    let malformed = Error::Malformed("LwM2M JSON is an object with a list e");
    let Json::Object(mut document) = parse(payload)? else {
        return Err(malformed);
    };
    let base_name = match document.remove("bn") {
        Some(Json::String(name)) => name,
        Some(_) => return Err(malformed),
        None => base.to_string(),
    };
    let base_time = document.get("bt").and_then(Json::as_f64);
    let Some(Json::Array(entries)) = document.remove("e") else {
        return Err(malformed);
    };
    let entry = |entry: Json| {
        let Json::Object(fields) = entry else {
            return Err(malformed.clone());
        };
        let (path, value) = oma_value(&base_name, &fields, models)?;
        let time = fields.get("t").and_then(Json::as_f64);
        let timed = time.is_some() || base_time.is_some();
        Ok(Record {
            path,
            value,
            time: timed.then(|| base_time.unwrap_or_default() + time.unwrap_or_default()),
        })
    };
    entries.into_iter().map(entry).collect()
}

/// Writes LwM2M 1.0 JSON with `base` as its base name.
///
/// # Errors
/// When a record has no value, or lies outside `base`.
pub fn encode_oma(base: Path, records: &[Record]) -> Result<Vec<u8>, Error> {
    let base_name = base.to_string();
    let entry = |record: &Record| {
        let full = record.path.to_string();
        let name = full.strip_prefix(&base_name).ok_or(Error::Outside {
            base,
            path: record.path,
        })?;
        let (field, value) = match &record.value {
            Value::Null => return Err(Error::Malformed("a value is needed")),
            Value::Integer(number) | Value::Time(number) => ("v", json!(number)),
            Value::Unsigned(number) => ("v", json!(number)),
            Value::Float(number) => ("v", json!(number)),
            Value::Boolean(truth) => ("bv", json!(truth)),
            Value::String(text) => ("sv", json!(text)),
            Value::Opaque(bytes) => ("sv", json!(engine(&STANDARD).encode(bytes))),
            link @ Value::ObjectLink(..) => ("ov", json!(link.to_string())),
        };
        Ok(json!({"n": name, field: value}))
    };
    let entries: Result<Vec<Json>, Error> = records.iter().map(entry).collect();
    let document = json!({"bn": base_name, "e": entries?});
    Ok(document.to_string().into_bytes())
}

fn parse(payload: &[u8]) -> Result<Json, Error> {
    serde_json::from_slice(payload).map_err(|_| Error::Malformed("not well-formed JSON"))
}

/// Written without padding, read with or without.
fn engine(alphabet: &base64::alphabet::Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

/// Bytes in either alphabet.
fn base64(text: &str) -> Result<Vec<u8>, Error> {
    let decoded = engine(&URL_SAFE).decode(text);
    decoded
        .or_else(|_| engine(&STANDARD).decode(text))
        .map_err(|_| Error::Malformed("not base64"))
}

/// Labels as text and as numbers (RFC 8428 §4.3 and §6).
const LABELS: &[(&str, i64)] = &[
    ("bver", label::BASE_VERSION),
    ("bn", label::BASE_NAME),
    ("bt", label::BASE_TIME),
    ("bv", label::BASE_VALUE),
    ("n", label::NAME),
    ("v", label::VALUE),
    ("vs", label::STRING),
    ("vb", label::BOOLEAN),
    ("t", label::TIME),
    ("vd", label::DATA),
];

/// A record of SenML JSON as one of SenML CBOR.
fn record(json: Json) -> Result<Item, Error> {
    let Json::Object(fields) = json else {
        return Err(Error::Malformed("a SenML record is an object"));
    };
    let field = |(name, value): (String, Json)| {
        let number = LABELS.iter().find(|(label, _)| *label == name);
        let key = match number {
            Some((_, number)) => Item::from(*number),
            None => Item::Text(name.clone()),
        };
        let item = match value {
            Json::String(text) if name == "vd" => Item::Bytes(base64(&text)?),
            Json::String(text) => Item::Text(text),
            Json::Bool(truth) => Item::Bool(truth),
            Json::Number(value) => number_item(&value),
            _ => Item::Null,
        };
        Ok((key, item))
    };
    let entries: Result<Vec<_>, Error> = fields.into_iter().map(field).collect();
    Ok(Item::Map(entries?))
}

fn number_item(number: &Number) -> Item {
    match (number.as_i64(), number.as_u64()) {
        (Some(signed), _) => Item::from(signed),
        (None, Some(unsigned)) => Item::from(unsigned),
        (None, None) => Item::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// A record of SenML CBOR as one of SenML JSON.
fn object(item: Item) -> Json {
    let entries = item.into_map().unwrap_or_default();
    let field = |(key, item): (Item, Item)| {
        let name = match &key {
            Item::Integer(number) => {
                let number = i64::try_from(*number).unwrap_or(i64::MAX);
                let label = LABELS.iter().find(|(_, label)| *label == number);
                label.map_or_else(String::new, |(name, _)| (*name).to_owned())
            }
            key => key.as_text().unwrap_or_default().to_owned(),
        };
        let value = match item {
            Item::Integer(number) => match (i64::try_from(number), u64::try_from(number)) {
                (Ok(signed), _) => json!(signed),
                (_, Ok(unsigned)) => json!(unsigned),
                _ => Json::Null,
            },
            Item::Float(number) => json!(number),
            Item::Bool(truth) => json!(truth),
            Item::Text(text) => json!(text),
            Item::Bytes(bytes) => json!(engine(&URL_SAFE).encode(bytes)),
            _ => Json::Null,
        };
        (name, value)
    };
    Json::Object(entries.into_iter().map(field).collect())
}

fn oma_value(
    base: &str,
    fields: &Map<String, Json>,
    models: &Models,
) -> Result<(Path, Value), Error> {
    let name = fields.get("n").and_then(Json::as_str).unwrap_or_default();
    // A base name without a slash at its end is followed by one.
    let separator = if base.ends_with('/') || name.is_empty() || name.starts_with('/') {
        ""
    } else {
        "/"
    };
    let path: Path = format!("{base}{separator}{name}")
        .trim_end_matches('/')
        .parse()?;
    let kind = models.kind(&path);
    let text = |name: &str| fields.get(name).and_then(Json::as_str);
    let value = match (fields.get("v"), fields.get("bv"), text("sv"), text("ov")) {
        (Some(Json::Number(number)), None, None, None) => match number_item(number) {
            Item::Float(number) => Value::Float(number),
            _ => match number.as_i64() {
                Some(signed) => Value::Integer(signed),
                None => Value::Unsigned(number.as_u64().unwrap_or(u64::MAX)),
            },
        },
        (None, Some(Json::Bool(truth)), None, None) => Value::Boolean(*truth),
        (None, None, Some(text), None) if kind == Some(Kind::Opaque) => {
            Value::Opaque(base64(text)?)
        }
        (None, None, Some(text), None) => Value::String(text.to_owned()),
        (None, None, None, Some(link)) => {
            super::value::object_link(link).ok_or(Error::Malformed("ov is no link"))?
        }
        _ => return Err(Error::Malformed("an entry has one value")),
    };
    Ok((path, typed(value, kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Record> {
        let values = [
            ("/3/0/0", Value::String("a \"b\" ä".into())),
            ("/3/0/6/1", Value::Integer(-5)),
            ("/3/0/9", Value::Boolean(true)),
            ("/3/0/20", Value::Opaque(vec![0xff, 0xfe, 1])),
            ("/3/0/21", Value::ObjectLink(3, 65535)),
            ("/3/0/22", Value::Float(20.25)),
        ];
        let record = |(path, value): (&str, Value)| Record {
            path: path.parse().unwrap(),
            value,
            time: None,
        };
        values.into_iter().map(record).collect()
    }

    #[test]
    fn senml_reads_what_it_writes() {
        for base in ["/3/0", "/3", "/"] {
            let payload = encode_senml(base.parse().unwrap(), &records()).unwrap();
            let read = decode_senml(&payload, &Models::default()).unwrap();
            assert_eq!(read, records(), "{}", String::from_utf8_lossy(&payload));
        }
    }

    #[test]
    fn a_pack_of_the_rfc_is_read() {
        // RFC 8428 §5.1.2, with names that are paths.
        let payload = br#"[{"bn":"/3303/0/","bt":1.276020076001e+09,"n":"5700","u":"V","v":120.1},
            {"n":"5601","t":-5,"v":1.2}]"#;
        let read = decode_senml(payload, &Models::default()).unwrap();
        let found: Vec<_> = read
            .into_iter()
            .map(|record| (record.value, record.time))
            .collect();
        let time = 1_276_020_076.001;
        assert_eq!(
            found,
            [
                (Value::Float(120.1), Some(time)),
                (Value::Float(1.2), Some(time - 5.0))
            ]
        );
    }

    #[test]
    fn lwm2m_json_reads_what_it_writes() {
        let mut written = records();
        // Without a definition opaque values are text.
        written.remove(3);
        let base: Path = "/3/0".parse().unwrap();
        let payload = encode_oma(base, &written).unwrap();
        let read = decode_oma(base, &payload, &Models::default()).unwrap();
        assert_eq!(read, written, "{}", String::from_utf8_lossy(&payload));
    }

    #[test]
    fn lwm2m_json_of_the_specification_is_read() {
        // OMA-TS-LightweightM2M-V1_0_2 §6.4.4, object links.
        let payload =
            br#"{"bn":"/65/","e":[{"n":"0/0/0","ov":"66:0"},{"n":"0/1","sv":"8613800755500"},
            {"n":"0/2","v":1}]}"#;
        let read = decode_oma("/65".parse().unwrap(), payload, &Models::default()).unwrap();
        let found: Vec<_> = read
            .into_iter()
            .map(|record| (record.path.to_string(), record.value))
            .collect();
        assert_eq!(
            found,
            [
                ("/65/0/0/0".to_owned(), Value::ObjectLink(66, 0)),
                ("/65/0/1".to_owned(), Value::String("8613800755500".into())),
                ("/65/0/2".to_owned(), Value::Integer(1)),
            ]
        );
    }
}
