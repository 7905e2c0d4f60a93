// SPDX-License-Identifier: Apache-2.0
//! Content formats: how values travel, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.
//!
//! One module per format. [`RecordWriter`] appends records to an [`Output`], [`Records`] walks a
//! payload record by record; neither needs the whole payload or a table of records.

mod base64;
#[cfg(feature = "cbor-items")]
mod cbor;
#[cfg(feature = "cbor")]
mod cbor_value;
mod characters;
mod float;
#[cfg(feature = "json-text")]
mod json;
mod leading;
pub mod link_format;
mod number;
#[cfg(feature = "json")]
mod oma_json;
mod output;
mod reader;
#[cfg(feature = "records")]
mod senml;
#[cfg(feature = "senml-cbor")]
mod senml_cbor;
#[cfg(feature = "senml-json")]
mod senml_json;
mod stream;
mod text;
#[cfg(feature = "tlv")]
mod tlv;
mod utf8;
mod writer;

pub(crate) use base64::Decoder as Base64Decoder;
pub use float::{from_decimal, parse_float};
pub(crate) use leading::{Encoding, Leading};
pub use link_format::LinkWriter;
pub(crate) use link_format::Stem;
pub use number::parse_integer;
pub(crate) use number::put_unsigned;
pub use output::Output;
pub use reader::{Payload, Record, Records};
#[cfg(feature = "block-transfer")]
pub(crate) use stream::Paused;
pub(crate) use stream::{Progress, RecordStream};
pub(crate) use utf8::Utf8;
pub use writer::RecordWriter;

/// Media type identifiers of the CoAP Content-Format registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ContentFormat {
    /// text/plain;charset=utf-8
    PlainText = 0,
    /// application/link-format
    LinkFormat = 40,
    /// application/octet-stream
    Opaque = 42,
    /// application/cbor
    Cbor = 60,
    /// application/senml+json
    SenmlJson = 110,
    /// application/senml+cbor
    SenmlCbor = 112,
    /// application/vnd.oma.lwm2m+tlv
    Tlv = 11542,
    /// application/vnd.oma.lwm2m+json
    Json = 11543,
}

impl ContentFormat {
    /// The format with this registry number, or with the number LwM2M 1.0 drafts gave it, if this
    /// build has the codec.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            0 | 1541 => Self::PlainText,
            40 => Self::LinkFormat,
            42 => Self::Opaque,
            60 if cfg!(feature = "cbor") => Self::Cbor,
            110 if cfg!(feature = "senml-json") => Self::SenmlJson,
            112 if cfg!(feature = "senml-cbor") => Self::SenmlCbor,
            1542 | 11542 if cfg!(feature = "tlv") => Self::Tlv,
            1543 | 11543 if cfg!(feature = "json") => Self::Json,
            _ => return None,
        })
    }
}

/// Why a payload could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The output buffer is full.
    Full,
    /// The format has no way to carry this value or this structure.
    Unsupported,
    /// A value lost bytes while it was copied: its owner changed it meanwhile.
    Changed,
}

/// Why a payload could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are not of this format.
    Malformed,
    /// A value does not suit the resource's data type or range.
    BadValue,
    /// A name is no path, or lies outside the request's path.
    BadPath,
}
