// SPDX-License-Identifier: Apache-2.0
//! Payloads as one list of paths and values, whatever the content format
//! (OMA-TS-LightweightM2M_Core-V1_1_1 §7.4).

mod cbor;
mod error;
mod format;
mod json;
pub mod link_format;
pub mod senml_cbor;
mod text;
pub mod tlv;
mod value;

use std::fmt;

pub use error::Error;
pub use format::ContentFormat;
pub use link_format::WebLink;
pub use value::Value;

use crate::model::{Kind, Models};
use crate::{InvalidPath, Path};

/// One value and where it lives.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// A resource or resource instance; any level for a [`Value::Null`].
    pub path: Path,
    /// The value.
    pub value: Value,
    /// When it was sampled, as SenML has it: seconds since 1970, or below 2^28 relative to now
    /// (RFC 8428 §4.5.3).
    pub time: Option<f64>,
}

/// A payload's content.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Values of resources, in the order of the payload.
    Values(Vec<Record>),
    /// Links, of Discover and Register.
    Links(Vec<WebLink>),
}

impl Content {
    /// One value.
    ///
    /// # Errors
    /// When the text is no path.
    pub fn single(path: &str, value: impl Into<Value>) -> Result<Self, InvalidPath> {
        Ok(Content::from_iter([(path.parse()?, value.into())]))
    }

    /// Paths without values: the payload of Read-Composite and Observe-Composite.
    pub fn paths(paths: &[Path]) -> Self {
        paths.iter().map(|path| (*path, Value::Null)).collect()
    }

    /// Reads a payload of a resource, instance or object at `base`.
    ///
    /// Formats that carry no types, or only some, take them from `models`; a value whose type is
    /// nowhere to be had stays [`Value::Opaque`] (TLV) or [`Value::String`] (text).
    ///
    /// # Errors
    /// When the payload breaks its format's rules, or the format is unknown.
    pub fn decode(
        format: ContentFormat,
        base: Path,
        payload: &[u8],
        models: &Models,
    ) -> Result<Self, Error> {
        let single = |value| Content::from_iter([(base, value)]);
        Ok(match format {
            ContentFormat::TEXT => single(text::decode(payload, models.kind(&base))?),
            ContentFormat::LINK_FORMAT => Content::Links(link_format::decode(payload)?),
            ContentFormat::OPAQUE => single(Value::Opaque(payload.to_vec())),
            ContentFormat::CBOR => single(cbor::decode(payload, models.kind(&base))?),
            ContentFormat::SENML_CBOR => Content::Values(senml_cbor::decode(payload, models)?),
            ContentFormat::SENML_JSON => Content::Values(json::decode_senml(payload, models)?),
            ContentFormat::TLV => Content::Values(tlv::decode(base, payload, models)?),
            ContentFormat::JSON => Content::Values(json::decode_oma(base, payload, models)?),
            other => return Err(Error::Unsupported(other)),
        })
    }

    /// Writes the payload of a request on `base`.
    ///
    /// # Errors
    /// When the format cannot say it: several values in a single-value format, values outside
    /// `base`, links in anything but the link format.
    pub fn encode(&self, format: ContentFormat, base: Path) -> Result<Vec<u8>, Error> {
        let records = match self {
            Content::Values(records) => records.as_slice(),
            Content::Links(links) if format == ContentFormat::LINK_FORMAT => {
                return Ok(link_format::encode(links).into_bytes());
            }
            Content::Links(_) => return Err(Error::Unsupported(format)),
        };
        if let Some(record) = records.iter().find(|record| !base.contains(&record.path)) {
            return Err(Error::Outside {
                base,
                path: record.path,
            });
        }
        match format {
            ContentFormat::SENML_CBOR => senml_cbor::encode(base, records),
            ContentFormat::SENML_JSON => json::encode_senml(base, records),
            ContentFormat::TLV => tlv::encode(base, records),
            ContentFormat::JSON => json::encode_oma(base, records),
            _ => encode_single(format, records),
        }
    }

    /// The values; none when this is links.
    pub fn records(&self) -> &[Record] {
        match self {
            Content::Values(records) => records,
            Content::Links(_) => &[],
        }
    }

    /// The links; none when this is values.
    pub fn links(&self) -> &[WebLink] {
        match self {
            Content::Values(_) => &[],
            Content::Links(links) => links,
        }
    }

    /// The last value of the path, as later records override earlier ones.
    pub fn get(&self, path: &str) -> Option<&Value> {
        let path: Path = path.parse().ok()?;
        let mut records = self.records().iter().rev();
        records
            .find(|record| record.path == path)
            .map(|record| &record.value)
    }

    /// Shows each value on a line of its own, named: `/3/0/0 Manufacturer = "Zephyr"`.
    pub fn describe<'a>(&'a self, models: &'a Models) -> impl fmt::Display + 'a {
        Described {
            content: self,
            models,
        }
    }
}

fn encode_single(format: ContentFormat, records: &[Record]) -> Result<Vec<u8>, Error> {
    let [Record { value, .. }] = records else {
        return Err(Error::Malformed("this format carries exactly one value"));
    };
    match (format, value) {
        (ContentFormat::TEXT, value) => Ok(text::encode(value)),
        (ContentFormat::CBOR, value) => cbor::encode(value),
        (ContentFormat::OPAQUE, Value::Opaque(bytes)) => Ok(bytes.clone()),
        (other, _) => Err(Error::Unsupported(other)),
    }
}

impl Default for Content {
    fn default() -> Self {
        Content::Values(Vec::new())
    }
}

impl FromIterator<(Path, Value)> for Content {
    fn from_iter<I: IntoIterator<Item = (Path, Value)>>(values: I) -> Self {
        let record = |(path, value)| Record {
            path,
            value,
            time: None,
        };
        Content::Values(values.into_iter().map(record).collect())
    }
}

struct Described<'a> {
    content: &'a Content,
    models: &'a Models,
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for record in self.content.records() {
            write!(f, "{separator}{}", record.path)?;
            if let Some(name) = self.models.name(&record.path) {
                write!(f, " {name}")?;
            }
            if record.value != Value::Null {
                write!(f, " = {}", record.value)?;
            }
            if let Some(time) = record.time {
                write!(f, " at {time}")?;
            }
            separator = "\n";
        }
        for link in self.content.links() {
            write!(f, "{separator}{link}")?;
            if let Some(name) = link.path().and_then(|path| self.models.name(&path)) {
                write!(f, " {name}")?;
            }
            separator = "\n";
        }
        Ok(())
    }
}

/// Gives a value of a self-describing format the type its resource has, where nothing is lost:
/// a Time is a plain number in SenML, and a Float without a fraction may be an integer.
fn typed(value: Value, kind: Option<Kind>) -> Value {
    match (kind, value) {
        (Some(Kind::Time), Value::Integer(seconds)) => Value::Time(seconds),
        (Some(Kind::Integer), Value::Time(seconds)) => Value::Integer(seconds),
        (Some(Kind::Float), Value::Integer(number)) => Value::Float(number as f64),
        (Some(Kind::Float), Value::Unsigned(number)) => Value::Float(number as f64),
        (Some(Kind::Unsigned), Value::Integer(number)) => {
            u64::try_from(number).map_or(Value::Integer(number), Value::Unsigned)
        }
        (Some(Kind::ObjectLink), Value::String(text)) => {
            value::object_link(&text).unwrap_or(Value::String(text))
        }
        (_, value) => value,
    }
}
