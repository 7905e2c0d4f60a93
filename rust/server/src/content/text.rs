// SPDX-License-Identifier: Apache-2.0
//! Plain text: one value as characters (OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.1, appendix C).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Error, Value, value};
use crate::model::Kind;

pub(super) fn decode(payload: &[u8], kind: Option<Kind>) -> Result<Value, Error> {
    let text = std::str::from_utf8(payload).map_err(|_| Error::Malformed("text is not UTF-8"))?;
    let value = match kind {
        None | Some(Kind::String | Kind::Executable) => Some(Value::String(text.to_owned())),
        Some(Kind::Integer) => text.parse().ok().map(Value::Integer),
        Some(Kind::Unsigned) => text.parse().ok().map(Value::Unsigned),
        Some(Kind::Float) => text.parse().ok().map(Value::Float),
        Some(Kind::Time) => text.parse().ok().map(Value::Time),
        Some(Kind::Opaque) => BASE64.decode(text).ok().map(Value::Opaque),
        Some(Kind::ObjectLink) => value::object_link(text),
        Some(Kind::Boolean) => match text {
            "0" => Some(Value::Boolean(false)),
            "1" => Some(Value::Boolean(true)),
            _ => None,
        },
    };
    value.ok_or(Error::Malformed("text is not of the resource's type"))
}

pub(super) fn encode(value: &Value) -> Vec<u8> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Boolean(truth) => u8::from(*truth).to_string(),
        Value::Opaque(bytes) => BASE64.encode(bytes),
        Value::Time(seconds) => seconds.to_string(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_the_type_of_its_resource() {
        let cases: &[(&str, Option<Kind>, Value)] = &[
            ("-12", Some(Kind::Integer), Value::Integer(-12)),
            ("12", Some(Kind::Unsigned), Value::Unsigned(12)),
            ("20.5", Some(Kind::Float), Value::Float(20.5)),
            ("1", Some(Kind::Boolean), Value::Boolean(true)),
            ("AQID", Some(Kind::Opaque), Value::Opaque(vec![1, 2, 3])),
            ("1367491215", Some(Kind::Time), Value::Time(1_367_491_215)),
            ("3:0", Some(Kind::ObjectLink), Value::ObjectLink(3, 0)),
            ("12", None, Value::String("12".into())),
        ];
        for (text, kind, value) in cases {
            assert_eq!(decode(text.as_bytes(), *kind).as_ref(), Ok(value));
            assert_eq!(encode(value), text.as_bytes());
        }
    }

    #[test]
    fn text_of_another_type_is_refused() {
        for (text, kind) in [
            ("x", Kind::Integer),
            ("true", Kind::Boolean),
            ("1.5", Kind::Time),
        ] {
            assert!(decode(text.as_bytes(), Some(kind)).is_err());
        }
    }
}
