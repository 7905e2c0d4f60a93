// SPDX-License-Identifier: Apache-2.0
//! Content-Format numbers (RFC 7252 §12.3, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4).

use std::fmt;

/// A content format; any number is allowed, those named here can be read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentFormat(pub u16);

impl ContentFormat {
    /// text/plain.
    pub const TEXT: Self = ContentFormat(0);
    /// application/link-format.
    pub const LINK_FORMAT: Self = ContentFormat(40);
    /// application/octet-stream.
    pub const OPAQUE: Self = ContentFormat(42);
    /// application/cbor.
    pub const CBOR: Self = ContentFormat(60);
    /// application/senml+json.
    pub const SENML_JSON: Self = ContentFormat(110);
    /// application/senml+cbor.
    pub const SENML_CBOR: Self = ContentFormat(112);
    /// application/vnd.oma.lwm2m+tlv.
    pub const TLV: Self = ContentFormat(11542);
    /// application/vnd.oma.lwm2m+json.
    pub const JSON: Self = ContentFormat(11543);

    /// A short name for people, empty when unknown.
    pub fn name(self) -> &'static str {
        match self {
            Self::TEXT => "text",
            Self::LINK_FORMAT => "link-format",
            Self::OPAQUE => "opaque",
            Self::CBOR => "CBOR",
            Self::SENML_JSON => "SenML JSON",
            Self::SENML_CBOR => "SenML CBOR",
            Self::TLV => "TLV",
            Self::JSON => "JSON",
            _ => "",
        }
    }
}

impl fmt::Display for ContentFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "" => write!(f, "{}", self.0),
            name => write!(f, "{} ({name})", self.0),
        }
    }
}
