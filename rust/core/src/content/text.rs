// SPDX-License-Identifier: Apache-2.0
//! Plain text: one value, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.1 and appendix C.

use super::base64::Base64;
use super::number::{parse_integer, put_id, put_integer};
use super::reader::{self, Payload};
use super::writer::Shape;
use super::{EncodeError, Output, float};
use crate::value::{DataType, ObjectLink, Value};

/// The text of a value; the bytes of a string or opaque value are the caller's to append.
pub(super) fn put(output: &mut Output<'_>, shape: Shape) -> Result<(), EncodeError> {
    match shape {
        Shape::String(_) | Shape::Opaque(_) => Ok(()),
        Shape::Integer(value) => put_integer(output, value),
        Shape::Float(value) => float::put_float(output, value),
        Shape::Boolean(value) => output.put(b'0' | u8::from(value)),
        Shape::ObjectLink(link) => put_object_link(output, link),
    }
}

/// `object:instance`
pub(super) fn put_object_link(
    output: &mut Output<'_>,
    link: ObjectLink,
) -> Result<(), EncodeError> {
    put_id(output, link.object)?;
    output.put(b':')?;
    put_id(output, link.instance)
}

/// Reads `text` as `data_type`.
pub(super) fn interpret(text: &[u8], data_type: DataType) -> Option<Value<Payload<'_>>> {
    match data_type {
        DataType::String => core::str::from_utf8(text)
            .is_ok()
            .then_some(Value::String(Payload::Plain(text))),
        DataType::Opaque => Base64::new(text).map(|bytes| Value::Opaque(Payload::Base64(bytes))),
        DataType::Boolean => match text {
            b"0" => Some(Value::Boolean(false)),
            b"1" => Some(Value::Boolean(true)),
            _ => None,
        },
        DataType::Float => float::parse_float(text).map(Value::Float),
        DataType::ObjectLink => object_link(text).map(Value::ObjectLink),
        DataType::None => None,
        _ => reader::integer(parse_integer(text)?, data_type),
    }
}

/// `object:instance`, both 0..=65535.
pub(super) fn object_link(text: &[u8]) -> Option<ObjectLink> {
    let mut ids = text.split(|&byte| byte == b':');
    let link = ObjectLink {
        object: id(ids.next()?)?,
        instance: id(ids.next()?)?,
    };
    ids.next().is_none().then_some(link)
}

fn id(text: &[u8]) -> Option<u16> {
    // "-0" is a number, but no id.
    if text.first() == Some(&b'-') {
        return None;
    }
    u16::try_from(parse_integer(text)?).ok()
}
