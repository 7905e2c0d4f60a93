// SPDX-License-Identifier: Apache-2.0
//! The first value of a payload of which only the beginning is here, for one that arrives in blocks
//! (RFC 7959) and holds nothing but a string or opaque value.

use super::ContentFormat;
#[cfg(feature = "json-text")]
use super::base64::Alphabet;
use super::base64::Decoder as Base64Decoder;
#[cfg(feature = "cbor")]
use super::cbor_value;
#[cfg(feature = "json")]
use super::oma_json;
#[cfg(feature = "senml-cbor")]
use super::senml_cbor;
#[cfg(feature = "senml-json")]
use super::senml_json;
#[cfg(feature = "tlv")]
use super::tlv;
use crate::path::Path;

/// Where a value begins, and how it goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leading {
    /// The resource or resource instance it is of.
    pub path: Path,
    /// Where its first byte is.
    pub start: usize,
    pub encoding: Encoding,
    /// What has to follow it.
    pub tail: &'static [u8],
}

/// How a value's bytes lie in the payload. `left` is how many are still to come, without one
/// they go on to the end of the payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    /// Those of a string.
    Text { left: Option<usize> },
    /// Those of an opaque value.
    Opaque { left: Option<usize> },
    /// Those of either.
    #[cfg_attr(not(feature = "tlv"), allow(dead_code))]
    Binary { left: Option<usize> },
    /// Those of an opaque value, as Base64.
    Base64(Base64Decoder),
}

impl Leading {
    /// Reads the beginning of a payload, up to a value that is not complete; `None` when there is no
    /// such value, or other values may come with it. `whole` is the length of the payload, if it is
    /// known.
    // A build may leave formats out; some parameters then have nobody to look at them.
    #[cfg_attr(not(feature = "tlv"), allow(unused_variables))]
    pub fn read(
        format: ContentFormat,
        request: Path,
        block: &[u8],
        whole: Option<usize>,
    ) -> Option<Self> {
        let plain = |encoding| Leading {
            path: request,
            start: 0,
            encoding,
            tail: b"",
        };
        match format {
            ContentFormat::PlainText => Some(plain(Encoding::Text { left: None })),
            ContentFormat::Opaque => Some(plain(Encoding::Opaque { left: None })),
            #[cfg(feature = "cbor")]
            ContentFormat::Cbor => cbor_value::leading(request, block),
            #[cfg(feature = "tlv")]
            ContentFormat::Tlv => tlv::leading(request, block, whole),
            #[cfg(feature = "json")]
            ContentFormat::Json => oma_json::leading(request, block),
            #[cfg(feature = "senml-json")]
            ContentFormat::SenmlJson => senml_json::leading(block),
            #[cfg(feature = "senml-cbor")]
            ContentFormat::SenmlCbor => senml_cbor::leading(block),
            _ => None,
        }
    }

    /// An opaque value in a JSON string, which begins `start` bytes into the payload.
    #[cfg(feature = "json-text")]
    pub(super) fn quoted(
        path: Path,
        start: usize,
        alphabet: Alphabet,
        tail: &'static [u8],
    ) -> Self {
        let encoding = Encoding::Base64(Base64Decoder::new(alphabet, true));
        Leading {
            path,
            start,
            encoding,
            tail,
        }
    }
}
