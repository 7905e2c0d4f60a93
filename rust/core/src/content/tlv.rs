// SPDX-License-Identifier: Apache-2.0
//! OMA TLV, OMA-TS-LightweightM2M-V1_0_2 §6.4.3 and OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.3.
//!
//! An identifier byte (kind, width of the id, width of the length), the id, the length, the value.
//! Object instances hold resources, multiple resources hold resource instances.

use super::float::{self, SINGLE};
use super::leading::{Encoding, Leading};
use super::reader::{self, Payload, Raw, Record};
use super::utf8::is_utf8;
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output};
use crate::path::{Level, MAX_ID, Path};
use crate::value::{DataType, ObjectLink, Value};

const OBJECT_INSTANCE: u8 = 0b00 << 6;
const RESOURCE_INSTANCE: u8 = 0b01 << 6;
const MULTIPLE_RESOURCE: u8 = 0b10 << 6;
const RESOURCE: u8 = 0b11 << 6;
const KIND: u8 = 0b11 << 6;
const WIDE_ID: u8 = 1 << 5;
/// Where the number of length bytes lies; with none the length is in the low three bits.
const LENGTH_WIDTH: u8 = 3;
const SHORT_LENGTH: u8 = 0b111;

/// A TLV whose end has not come yet: where it begins, and its identifier byte and id.
#[derive(Clone, Copy, Debug)]
struct Open {
    at: usize,
    kind: u8,
    id: u16,
}

impl Open {
    /// Writes the header as if nothing followed.
    fn begin(kind: u8, id: u16, output: &mut Output<'_>) -> Result<Self, EncodeError> {
        let at = output.position();
        let (header, width) = header(kind, id, 0)?;
        output.put_uint(header, width)?;
        Ok(Open { at, kind, id })
    }

    /// Widens the header for what followed, and fills it in.
    fn end(self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        let narrow: usize = if self.id > 0xff { 3 } else { 2 };
        let content = self.at.saturating_add(narrow);
        let length = output.position().saturating_sub(content);
        let (header, width) = header(self.kind, self.id, length)?;
        let wider = width.saturating_sub(narrow);
        if wider > 0 {
            output.insert(content, wider)?;
        }
        let bytes = header.to_be_bytes();
        output.patch(
            self.at,
            bytes
                .get(8_usize.saturating_sub(width)..)
                .unwrap_or_default(),
        );
        Ok(())
    }
}

/// A header as a number, and how many bytes it has.
fn header(kind: u8, id: u16, length: usize) -> Result<(u64, usize), EncodeError> {
    if id <= 0xff && length < 0x8 {
        let identifier = u32::from(kind) | length as u32;
        return Ok((u64::from((identifier << 8) | u32::from(id)), 2));
    }
    let (length_width, in_identifier) = match length {
        0..0x8 => (0, length),
        0x8..0x100 => (1, 0),
        0x100..0x1_0000 => (2, 0),
        0x1_0000..0x100_0000 => (3, 0),
        _ => return Err(EncodeError::Unsupported),
    };
    let mut identifier = u32::from(kind) | (length_width << u32::from(LENGTH_WIDTH));
    identifier |= in_identifier as u32;
    let mut width: u32 = 2;
    if id > 0xff {
        identifier = (identifier | u32::from(WIDE_ID)) << 8;
        width = 3;
    }
    // The high byte of a wide id falls into the byte just made.
    let mut header = u64::from((identifier << 8) | u32::from(id));
    if length_width > 0 {
        header = (header << (length_width << 3)) | length as u64;
        width = width.wrapping_add(length_width);
    }
    Ok((header, width as usize))
}

/// The object instance and the multiple resource that are being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct TlvWriter {
    request: Level,
    instance: Option<Open>,
    resource: Option<Open>,
}

impl TlvWriter {
    pub(super) fn new(request: Path) -> Self {
        TlvWriter {
            request: request.level(),
            instance: None,
            resource: None,
        }
    }

    /// Only the answer to an object names its instances.
    pub(super) fn begin_instance(
        &mut self,
        path: &Path,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        if self.request == Level::Object {
            self.instance = Some(Open::begin(OBJECT_INSTANCE, path.instance_id(), output)?);
        }
        Ok(())
    }

    pub(super) fn end_instance(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        if let Some(open) = self.instance {
            open.end(output)?;
        }
        self.instance = None;
        Ok(())
    }

    /// Whether nothing of what was written is to be filled in later.
    #[cfg(feature = "block-transfer")]
    pub(super) fn is_settled(&self) -> bool {
        self.instance.is_none() && self.resource.is_none()
    }

    /// The answer to a resource instance is that TLV alone.
    pub(super) fn begin_resource(
        &mut self,
        path: &Path,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        if self.request != Level::ResourceInstance {
            self.resource = Some(Open::begin(MULTIPLE_RESOURCE, path.resource_id(), output)?);
        }
        Ok(())
    }

    pub(super) fn end_resource(&mut self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        if let Some(open) = self.resource {
            open.end(output)?;
        }
        self.resource = None;
        Ok(())
    }

    /// A whole record, but for the bytes of a string or opaque value.
    pub(super) fn record(
        path: &Path,
        shape: Shape,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        let (kind, id) = if path.resource_instance_id() != MAX_ID {
            (RESOURCE_INSTANCE, path.resource_instance_id())
        } else if path.resource_id() != MAX_ID {
            (RESOURCE, path.resource_id())
        } else {
            return Err(EncodeError::Unsupported);
        };
        let (bits, width) = match shape {
            Shape::String(length) | Shape::Opaque(length) => {
                let (header, header_width) = header(kind, id, length)?;
                return output.put_uint(header, header_width);
            }
            Shape::Integer(value) | Shape::Time(value) => (value as u64, width_of(value)),
            Shape::Float(value) => match float::narrow(value, SINGLE) {
                Some(bits) => (u64::from(bits), 4),
                None => (value.to_bits(), 8),
            },
            Shape::Boolean(value) => (u64::from(value), 1),
            Shape::ObjectLink(link) => {
                ((u64::from(link.object) << 16) | u64::from(link.instance), 4)
            }
        };
        let (header, header_width) = header(kind, id, width)?;
        if width > 4 {
            output.put_uint(header, header_width)?;
            return output.put_uint(bits, width);
        }
        // Header and value in one number. The bits above the width belong to negative numbers.
        let bits = bits & (u64::MAX >> 8_usize.wrapping_sub(width).wrapping_mul(8));
        let whole = (header << (width << 3)) | bits;
        output.put_uint(whole, header_width.wrapping_add(width))
    }
}

/// The fewest of 1, 2, 4, 8 bytes that hold `value` in two's complement.
fn width_of(value: i64) -> usize {
    // A negative number needs as many bits as its complement.
    let magnitude = (value ^ (value >> 63)) as u64;
    match magnitude {
        0..0x80 => 1,
        0x80..0x8000 => 2,
        0x8000..0x8000_0000 => 4,
        _ => 8,
    }
}

/// Where a walk through nested TLVs is. The innermost level that has bytes left is read first.
#[derive(Clone, Copy, Debug)]
pub(super) struct TlvReader<'a> {
    request: Path,
    /// What follows the instance or resource being read.
    top: &'a [u8],
    instance: Path,
    in_instance: &'a [u8],
    resource: Path,
    in_resource: &'a [u8],
}

impl<'a> TlvReader<'a> {
    pub(super) fn new(request: Path, payload: &'a [u8]) -> Self {
        TlvReader {
            request,
            top: payload,
            instance: request,
            in_instance: &[],
            resource: request,
            in_resource: &[],
        }
    }

    pub(super) fn names_no_instance(&self) -> bool {
        match self.top.first() {
            Some(identifier) => identifier & KIND != OBJECT_INSTANCE,
            None => true,
        }
    }

    pub(super) fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> {
        loop {
            let (kind, parent, id, value);
            if !self.in_resource.is_empty() {
                (kind, id, value) = split(&mut self.in_resource)?;
                parent = self.resource;
                if kind != RESOURCE_INSTANCE {
                    return Err(DecodeError::Malformed);
                }
            } else if !self.in_instance.is_empty() {
                (kind, id, value) = split(&mut self.in_instance)?;
                parent = self.instance;
                if kind != RESOURCE && kind != MULTIPLE_RESOURCE {
                    return Err(DecodeError::Malformed);
                }
            } else if !self.top.is_empty() {
                (kind, id, value) = split(&mut self.top)?;
                parent = self.parent_at_top(kind)?;
            } else {
                return Ok(None);
            }
            let path = parent.child(id).map_err(|_| DecodeError::BadPath)?;
            let value = match kind {
                RESOURCE | RESOURCE_INSTANCE => Raw::Binary(value),
                _ if value.is_empty() => Raw::None,
                OBJECT_INSTANCE => {
                    (self.instance, self.in_instance) = (path, value);
                    continue;
                }
                _ => {
                    (self.resource, self.in_resource) = (path, value);
                    continue;
                }
            };
            return Ok(Some(Record { path, value }));
        }
    }

    /// The path that a TLV of this kind, outside of any other, has its id appended to.
    fn parent_at_top(&self, kind: u8) -> Result<Path, DecodeError> {
        let request = &self.request;
        let level = request.level();
        let (parent, least) = match kind {
            OBJECT_INSTANCE => (Path::object(request.object_id()), Level::Object),
            RESOURCE_INSTANCE => (
                Path::resource(
                    request.object_id(),
                    request.instance_id(),
                    request.resource_id(),
                ),
                Level::Resource,
            ),
            _ => (
                Path::instance(request.object_id(), request.instance_id()),
                Level::ObjectInstance,
            ),
        };
        if level < least {
            return Err(DecodeError::BadPath);
        }
        Ok(parent)
    }
}

/// Takes one TLV off the front: kind, id, value.
fn split<'a>(rest: &mut &'a [u8]) -> Result<(u8, u16, &'a [u8]), DecodeError> {
    let (kind, id, length, content) = head(rest).ok_or(DecodeError::Malformed)?;
    let (value, after) = content
        .split_at_checked(length)
        .ok_or(DecodeError::Malformed)?;
    *rest = after;
    Ok((kind, id, value))
}

/// Reads the header of a TLV: kind, id, length, and what follows it.
fn head(mut bytes: &[u8]) -> Option<(u8, u16, usize, &[u8])> {
    fn number(bytes: &mut &[u8], count: u8) -> Option<usize> {
        let mut number = 0;
        for _ in 0..count {
            let (&byte, rest) = bytes.split_first()?;
            number = (number << 8) | usize::from(byte);
            *bytes = rest;
        }
        Some(number)
    }

    let (&identifier, after) = bytes.split_first()?;
    bytes = after;
    let id = number(&mut bytes, if identifier & WIDE_ID == 0 { 1 } else { 2 })?;
    let length = match (identifier >> LENGTH_WIDTH) & 0b11 {
        0 => usize::from(identifier & SHORT_LENGTH),
        width => number(&mut bytes, width)?,
    };
    Some((identifier & KIND, u16::try_from(id).ok()?, length, bytes))
}

/// The first value of a payload whose beginning is `block`, if it does not end there and nothing
/// comes with it: whatever holds it ends where it ends, and so does the payload.
pub(super) fn leading(request: Path, block: &[u8], whole: Option<usize>) -> Option<Leading> {
    let reader = TlvReader::new(request, block);
    let mut rest = block;
    let mut around: Option<(Path, usize)> = None;
    loop {
        let (kind, id, length, content) = head(rest)?;
        let start = block.len().checked_sub(content.len())?;
        let end = start.checked_add(length)?;
        let parent = match around {
            None => reader.parent_at_top(kind).ok()?,
            Some((_, around_end)) if around_end != end => return None,
            Some((parent, _)) => parent,
        };
        let path = parent.child(id).ok()?;
        let level = match kind {
            OBJECT_INSTANCE => Level::ObjectInstance,
            RESOURCE_INSTANCE => Level::ResourceInstance,
            _ => Level::Resource,
        };
        if path.level() != level {
            return None;
        }
        if kind == RESOURCE || kind == RESOURCE_INSTANCE {
            // A peer that does not tell the length may send other resources behind this one, unless
            // there are none at the path.
            let alone = whole == Some(end) || whole.is_none() && request.level() >= Level::Resource;
            return (alone && end > block.len()).then_some(Leading {
                path,
                start,
                encoding: Encoding::Binary { left: Some(length) },
                tail: b"",
            });
        }
        around = Some((path, end));
        rest = content;
    }
}

/// Reads the binary form of a value as `data_type`.
pub(super) fn interpret(bytes: &[u8], data_type: DataType) -> Option<Value<Payload<'_>>> {
    match data_type {
        DataType::String => is_utf8(bytes).then_some(Value::String(Payload::Plain(bytes))),
        DataType::Opaque => Some(Value::Opaque(Payload::Plain(bytes))),
        DataType::Boolean => match bytes {
            [0] => Some(Value::Boolean(false)),
            [1] => Some(Value::Boolean(true)),
            _ => None,
        },
        DataType::Float => match *bytes {
            [a, b, c, d] => Some(Value::Float(float::widen(
                u32::from_be_bytes([a, b, c, d]),
                SINGLE,
            ))),
            [a, b, c, d, e, f, g, h] => {
                Some(Value::Float(f64::from_be_bytes([a, b, c, d, e, f, g, h])))
            }
            _ => None,
        },
        DataType::ObjectLink => match *bytes {
            [a, b, c, d] => Some(Value::ObjectLink(ObjectLink {
                object: u16::from_be_bytes([a, b]),
                instance: u16::from_be_bytes([c, d]),
            })),
            _ => None,
        },
        DataType::None => None,
        _ => {
            let value = match *bytes {
                [a] => i64::from(i8::from_be_bytes([a])),
                [a, b] => i64::from(i16::from_be_bytes([a, b])),
                [a, b, c, d] => i64::from(i32::from_be_bytes([a, b, c, d])),
                [a, b, c, d, e, f, g, h] => i64::from_be_bytes([a, b, c, d, e, f, g, h]),
                _ => return None,
            };
            reader::integer(value, data_type)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFormat, RecordWriter, Records};
    use super::*;
    use std::vec::Vec;

    /// Paths of the records, or the first error.
    fn paths(request: Path, payload: &[u8]) -> Result<Vec<(Path, bool)>, DecodeError> {
        Records::new(ContentFormat::Tlv, request, payload)
            .map(|record| record.map(|record| (record.path, record.has_value())))
            .collect()
    }

    fn written(request: Path, path: &Path, value: Value<&[u8]>) -> Vec<u8> {
        let mut buffer = [0; 32];
        let mut writer =
            RecordWriter::new(ContentFormat::Tlv, request, Output::new(&mut buffer)).unwrap();
        writer.value(path, value).unwrap();
        writer.finish().written().to_vec()
    }

    #[test]
    fn values_take_the_fewest_bytes() {
        let path = Path::resource(1, 0, 2);
        for (value, expected) in [
            (Value::Integer(0), &[0xc1, 2, 0][..]),
            (Value::Integer(127), &[0xc1, 2, 0x7f]),
            (Value::Integer(128), &[0xc2, 2, 0, 0x80]),
            (Value::Integer(-128), &[0xc1, 2, 0x80]),
            (Value::Integer(-129), &[0xc2, 2, 0xff, 0x7f]),
            (Value::Integer(32_768), &[0xc4, 2, 0, 0, 0x80, 0]),
            (Value::Integer(-32_769), &[0xc4, 2, 0xff, 0xff, 0x7f, 0xff]),
            (
                Value::Time(1 << 31),
                &[0xc8, 2, 8, 0, 0, 0, 0, 0x80, 0, 0, 0],
            ),
            (
                Value::Integer(i64::MIN),
                &[0xc8, 2, 8, 0x80, 0, 0, 0, 0, 0, 0, 0],
            ),
            (Value::Float(1.5), &[0xc4, 2, 0x3f, 0xc0, 0, 0]),
            (
                Value::Float(0.1),
                &[0xc8, 2, 8, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a],
            ),
            (Value::Boolean(true), &[0xc1, 2, 1]),
            (
                Value::ObjectLink(ObjectLink {
                    object: 66,
                    instance: 65_535,
                }),
                &[0xc4, 2, 0, 66, 0xff, 0xff],
            ),
            (Value::String(&b""[..]), &[0xc0, 2]),
            (Value::Opaque(b"12345678"), b"\xc8\x02\x0812345678"),
        ] {
            assert_eq!(written(path, &path, value), expected, "{value:?}");
        }
        let wide = Path::resource(1, 0, 256);
        assert_eq!(written(wide, &wide, Value::Integer(-1)), [0xe1, 1, 0, 0xff]);
        let instance = Path::resource_instance(1, 0, 2, 3);
        assert_eq!(
            written(instance, &instance, Value::Integer(5)),
            [0x41, 3, 5]
        );
    }

    #[test]
    fn lengths_are_widened_when_the_content_is_known() {
        for (length, header) in [
            (4, &[0x86, 6, 0x44, 0][..]),
            (5, &[0x87, 6, 0x45, 0]),
            (6, &[0x88, 6, 8, 0x46, 0]),
            (8, &[0x88, 6, 11, 0x48, 0, 8]),
            (252, &[0x88, 6, 255, 0x48, 0, 252]),
            (253, &[0x90, 6, 1, 0, 0x48, 0, 253]),
            (65_532, &[0x98, 6, 1, 0, 0, 0x50, 0, 0xff, 0xfc]),
        ] {
            let content = std::vec![7; length];
            let mut buffer = std::vec![0; length + 16];
            let request = Path::instance(3, 0);
            let resource = Path::resource(3, 0, 6);
            let mut writer =
                RecordWriter::new(ContentFormat::Tlv, request, Output::new(&mut buffer)).unwrap();
            writer.begin_resource(&resource, true).unwrap();
            let value = Value::Opaque(content.as_slice());
            writer.value(&resource.child(0).unwrap(), value).unwrap();
            writer.end_resource().unwrap();
            let written = writer.finish().into_written().to_vec();
            assert_eq!(written.split_at(header.len()), (header, content.as_slice()));
        }
    }

    #[test]
    fn what_holds_nothing_is_a_record_without_value() {
        assert_eq!(
            paths(Path::object(3), &[0x00, 7]),
            Ok([(Path::instance(3, 7), false)].to_vec())
        );
        assert_eq!(
            paths(Path::instance(3, 0), &[0x80, 6, 0xc1, 9, 100]),
            Ok([
                (Path::resource(3, 0, 6), false),
                (Path::resource(3, 0, 9), true)
            ]
            .to_vec())
        );
        assert_eq!(paths(Path::instance(3, 0), &[]), Ok(Vec::new()));
    }

    #[test]
    fn each_request_level_has_its_outermost_tlv() {
        let resource = [0xc1, 9, 100];
        let instance = [0x03, 0, 0xc1, 9, 100];
        let resource_instance = [0x41, 1, 5];
        let value = Ok([(Path::resource(3, 0, 9), true)].to_vec());
        let multiple = Ok([(Path::resource_instance(3, 0, 6, 1), true)].to_vec());
        let outside = Err(DecodeError::BadPath);
        assert_eq!(paths(Path::object(3), &instance), value);
        assert_eq!(paths(Path::instance(3, 0), &instance), value);
        assert_eq!(paths(Path::instance(3, 1), &instance), outside);
        assert_eq!(paths(Path::instance(3, 0), &resource), value);
        assert_eq!(paths(Path::resource(3, 0, 9), &resource), value);
        assert_eq!(paths(Path::resource(3, 0, 8), &resource), outside);
        assert_eq!(paths(Path::object(3), &resource), outside);
        assert_eq!(paths(Path::ROOT, &instance), outside);
        assert_eq!(paths(Path::resource(3, 0, 6), &resource_instance), multiple);
        assert_eq!(
            paths(Path::resource(3, 0, 6), &[0x83, 6, 0x41, 1, 5]),
            multiple
        );
        assert_eq!(
            paths(Path::resource_instance(3, 0, 6, 1), &resource_instance),
            multiple
        );
        assert_eq!(
            paths(Path::resource_instance(3, 0, 6, 2), &resource_instance),
            outside
        );
        assert_eq!(paths(Path::instance(3, 0), &resource_instance), outside);

        let unnamed = |payload| {
            Records::new(ContentFormat::Tlv, Path::object(3), payload).names_no_instance()
        };
        assert!(unnamed(&resource) && unnamed(&[]) && !unnamed(&instance));
    }

    #[test]
    fn damaged_and_misplaced_tlvs_are_malformed() {
        for payload in [
            &[0xc1][..],
            &[0xc1, 9],
            &[0xe1, 9],
            &[0xc8, 9],
            &[0xc8, 9, 2, 0],
            &[0xd0, 9, 0],
            &[0xd8, 9, 0xff, 0xff, 0xff, 0],
            &[0x83, 6, 0x42, 1, 5],
            &[0x83, 6, 0xc1, 1, 5],
            &[0x83, 6, 0x81, 1, 5],
            &[0x02, 0, 0x00, 1],
            &[0x03, 0, 0x41, 1, 5],
            &[0x03, 0, 0xc2, 9, 100, 100],
        ] {
            assert_eq!(
                paths(Path::instance(3, 0), payload),
                Err(DecodeError::Malformed),
                "{payload:?}"
            );
        }
        assert_eq!(
            paths(Path::instance(3, 0), &[0xe1, 0xff, 0xff, 1]),
            Err(DecodeError::BadPath)
        );
    }

    #[test]
    fn values_outside_their_type_are_refused() {
        for (bytes, data_type) in [
            (&[][..], DataType::S64),
            (&[1, 2, 3], DataType::S64),
            (&[0; 9], DataType::S64),
            (&[0xff], DataType::U8),
            (&[1, 0], DataType::U8),
            (&[0x80], DataType::U32),
            (&[0, 1, 0, 0], DataType::U16),
            (&[0x80, 0], DataType::S8),
            (&[], DataType::Time),
            (&[], DataType::Boolean),
            (&[2], DataType::Boolean),
            (&[0, 1], DataType::Boolean),
            (&[1], DataType::Float),
            (&[0, 0], DataType::Float),
            (&[0, 0, 0], DataType::ObjectLink),
            (&[0xff], DataType::String),
            (&[0], DataType::None),
        ] {
            assert_eq!(
                interpret(bytes, data_type).map(|_| ()),
                None,
                "{bytes:?} {data_type:?}"
            );
        }
    }
}
