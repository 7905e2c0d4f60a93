// SPDX-License-Identifier: Apache-2.0
//! CBOR: one value as one data item (OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.3, RFC 8949).
//! Also the conversions that SenML CBOR shares.

use ciborium::Value as Item;

use super::{Error, Value, typed};
use crate::model::Kind;

/// Epoch-based date (RFC 8949 §3.4.2).
const TAG_EPOCH: u64 = 1;
/// `[exponent, mantissa]` to the base 10 (RFC 8949 §3.4.4).
const TAG_DECIMAL_FRACTION: u64 = 4;

pub(super) fn decode(payload: &[u8], kind: Option<Kind>) -> Result<Value, Error> {
    Ok(typed(value(item(payload)?)?, kind))
}

pub(super) fn encode(value: &Value) -> Result<Vec<u8>, Error> {
    let item = match value {
        Value::Null => return Err(Error::Malformed("a value is needed")),
        Value::Time(seconds) => Item::Tag(TAG_EPOCH, Box::new(Item::from(*seconds))),
        Value::ObjectLink(..) => Item::Text(value.to_string()),
        other => plain(other),
    };
    Ok(bytes(&item))
}

/// Reads the one item of a payload.
pub(super) fn item(mut payload: &[u8]) -> Result<Item, Error> {
    let item = ciborium::from_reader(&mut payload).map_err(|error| match error {
        ciborium::de::Error::Io(_) => Error::Truncated,
        _ => Error::Malformed("not well-formed CBOR"),
    })?;
    match payload {
        [] => Ok(item),
        _ => Err(Error::Malformed("bytes after the CBOR item")),
    }
}

/// Writes an item.
pub(super) fn bytes(item: &Item) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(item, &mut bytes).expect("a Vec takes any number of bytes");
    bytes
}

/// The item of a value, tags left out.
pub(super) fn plain(value: &Value) -> Item {
    match value {
        Value::Null => Item::Null,
        Value::Integer(number) | Value::Time(number) => Item::from(*number),
        Value::Unsigned(number) => Item::from(*number),
        Value::Float(number) => Item::Float(*number),
        Value::Boolean(truth) => Item::Bool(*truth),
        Value::String(text) => Item::Text(text.clone()),
        Value::Opaque(bytes) => Item::Bytes(bytes.clone()),
        Value::ObjectLink(..) => Item::Text(value.to_string()),
    }
}

/// The value of an item.
pub(super) fn value(item: Item) -> Result<Value, Error> {
    Ok(match item {
        Item::Integer(number) => integer(number)?,
        Item::Float(number) => Value::Float(number),
        Item::Bool(truth) => Value::Boolean(truth),
        Item::Text(text) => Value::String(text),
        Item::Bytes(bytes) => Value::Opaque(bytes),
        Item::Tag(TAG_EPOCH, seconds) => match value(*seconds)? {
            Value::Integer(seconds) => Value::Time(seconds),
            _ => return Err(Error::Malformed("time is not a whole number of seconds")),
        },
        Item::Tag(TAG_DECIMAL_FRACTION, parts) => decimal_fraction(*parts)?,
        _ => return Err(Error::Malformed("CBOR item is not a resource's value")),
    })
}

fn integer(number: ciborium::value::Integer) -> Result<Value, Error> {
    let signed = i64::try_from(number).map(Value::Integer);
    signed
        .or_else(|_| u64::try_from(number).map(Value::Unsigned))
        .map_err(|_| Error::Malformed("integer exceeds 64 bits"))
}

fn decimal_fraction(parts: Item) -> Result<Value, Error> {
    let malformed = Error::Malformed("not a decimal fraction");
    let Item::Array(parts) = parts else {
        return Err(malformed);
    };
    let [Item::Integer(exponent), Item::Integer(mantissa)] = parts.as_slice() else {
        return Err(malformed);
    };
    let (exponent, mantissa) = (i128::from(*exponent), i128::from(*mantissa));
    // Through text, for the correctly rounded result.
    format!("{mantissa}e{exponent}")
        .parse()
        .map(Value::Float)
        .map_err(|_| malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_rfc_8949_appendix_a_decode() {
        let cases: &[(&[u8], Value)] = &[
            (&[0x18, 0x64], Value::Integer(100)),
            (&[0x39, 0x03, 0xe7], Value::Integer(-1000)),
            (
                &[0x1b, 255, 255, 255, 255, 255, 255, 255, 255],
                Value::Unsigned(u64::MAX),
            ),
            (&[0xf9, 0x3e, 0x00], Value::Float(1.5)),
            (&[0xfa, 0x47, 0xc3, 0x50, 0x00], Value::Float(100_000.0)),
            (
                &[0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a],
                Value::Float(1.1),
            ),
            (&[0xf5], Value::Boolean(true)),
            (
                &[0x64, b'I', b'E', b'T', b'F'],
                Value::String("IETF".into()),
            ),
            (&[0x44, 1, 2, 3, 4], Value::Opaque(vec![1, 2, 3, 4])),
            (
                &[0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0],
                Value::Time(1_363_896_240),
            ),
            (&[0xc4, 0x82, 0x21, 0x19, 0x6a, 0xb3], Value::Float(273.15)),
        ];
        for (bytes, value) in cases {
            assert_eq!(decode(bytes, None).as_ref(), Ok(value));
        }
    }

    #[test]
    fn a_value_takes_the_type_of_its_resource() {
        assert_eq!(decode(&[0x05], Some(Kind::Time)), Ok(Value::Time(5)));
        assert_eq!(decode(&[0x05], Some(Kind::Float)), Ok(Value::Float(5.0)));
        assert_eq!(
            decode(&[0x05], Some(Kind::Unsigned)),
            Ok(Value::Unsigned(5))
        );
        let link = [0x63, b'3', b':', b'0'];
        assert_eq!(
            decode(&link, Some(Kind::ObjectLink)),
            Ok(Value::ObjectLink(3, 0))
        );
    }

    #[test]
    fn what_is_not_one_item_is_refused() {
        assert_eq!(decode(&[0x19, 0x01], None), Err(Error::Truncated));
        assert_eq!(decode(&[], None), Err(Error::Truncated));
        assert!(matches!(
            decode(&[0x01, 0x02], None),
            Err(Error::Malformed(_))
        ));
        assert!(matches!(decode(&[0x80], None), Err(Error::Malformed(_))));
        assert!(matches!(decode(&[0x1c], None), Err(Error::Malformed(_))));
    }

    #[test]
    fn values_round_trip() {
        let values = [
            Value::Integer(i64::MIN),
            Value::Unsigned(u64::MAX),
            Value::Float(22.7),
            Value::Boolean(false),
            "é".into(),
            vec![0, 255].into(),
            Value::Time(1),
        ];
        for value in values {
            assert_eq!(decode(&encode(&value).unwrap(), None), Ok(value));
        }
    }
}
