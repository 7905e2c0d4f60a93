// SPDX-License-Identifier: Apache-2.0
//! The GET for one block, its options made of the package's URI: RFC 7252 §6.4, RFC 7959 §2.4.

use crate::coap::{Block, Builder, Code, Token, exchange, option};
use crate::content::EncodeError;
use crate::uri::Uri;

use super::Pull;

/// Longest Uri-Path and Uri-Query, RFC 7252 §5.10.
const LONGEST_OPTION: usize = 255;

/// Whether path and query of a URI can be put in options.
pub(super) fn is_well_formed(resource: &[u8]) -> bool {
    let (path, query) = parts(resource);
    let segments = segments(path).all(fits);
    segments && arguments(query).all(fits)
}

/// Path with its leading slash, and query without its question mark.
fn parts(resource: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = resource.splitn(2, |byte| *byte == b'?');
    (parts.next().unwrap_or_default(), parts.next())
}

/// The path's segments; a lone slash has none.
fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let skip = usize::from(path.is_empty());
    path.split(|byte| *byte == b'/').skip(skip)
}

fn arguments(query: Option<&[u8]>) -> impl Iterator<Item = &[u8]> {
    query
        .into_iter()
        .flat_map(|query| query.split(|byte| *byte == b'&'))
}

/// Whether the text is percent-encoded properly and no longer than an option may be.
fn fits(text: &[u8]) -> bool {
    let mut rest = text;
    let mut length = 0_usize;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) if hexadecimal(*high, *low).is_some() => after,
            (b'%' | 0..=b' ' | b'#' | 0x7f.., _) => return false,
            _ => after,
        };
        length = length.saturating_add(1);
    }
    length <= LONGEST_OPTION
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte & 0x0f),
        b'a'..=b'f' | b'A'..=b'F' => (byte & 0x0f).checked_add(9),
        _ => None,
    };
    Some((digit(high)? << 4) | digit(low)?)
}

/// The bytes that percent-encoded text stands for, RFC 3986 §2.1.
#[derive(Clone)]
struct Decoded<'a>(&'a [u8]);

impl Iterator for Decoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        if let (b'%', [high, low, after @ ..]) = (first, rest) {
            if let Some(byte) = hexadecimal(*high, *low) {
                self.0 = after;
                return Some(byte);
            }
        }
        Some(first)
    }
}

/// Writes the request for a block and returns its length.
pub(super) fn write(
    pull: &Pull<'_>,
    buffer: &mut [u8],
    message_id: u16,
    token: &Token,
    block: Block,
) -> Result<usize, EncodeError> {
    let written = pull.with_uri(|uri| {
        let mut message = exchange::confirmable(buffer, Code::GET, message_id, token);
        options(&mut message, pull, uri, block);
        message.finish()
    });
    written.unwrap_or(Err(EncodeError::Full))
}

#[cfg(not(feature = "pull-proxy"))]
fn options(message: &mut Builder<'_>, pull: &Pull<'_>, uri: &[u8], block: Block) {
    let Ok((peer, resource)) = Uri::split(uri, pull.ports.get()) else {
        return;
    };
    if !peer.is_address() {
        put(message, option::URI_HOST, peer.host);
    }
    let (path, query) = parts(resource);
    for segment in segments(path) {
        put(message, option::URI_PATH, segment);
    }
    for argument in arguments(query) {
        put(message, option::URI_QUERY, argument);
    }
    block_options(message, block);
}

/// As Zephyr's C asks a proxy: the kind of proxy is the path, the package is in Proxy-Uri.
#[cfg(feature = "pull-proxy")]
fn options(message: &mut Builder<'_>, _: &Pull<'_>, uri: &[u8], block: Block) {
    message.option(option::URI_PATH, proxy_path(uri).unwrap_or_default());
    block_options(message, block);
    message.option(option::PROXY_URI, uri);
}

/// The path of the proxy for a URI, by its scheme.
#[cfg(feature = "pull-proxy")]
pub(super) fn proxy_path(uri: &[u8]) -> Option<&'static [u8]> {
    let scheme = uri.split(|byte| *byte == b':').next()?;
    let is = |name: &[u8]| scheme.eq_ignore_ascii_case(name);
    if is(b"coap") || is(b"coaps") {
        Some(b"coap2coap")
    } else if is(b"http") || is(b"https") {
        Some(b"coap2http")
    } else {
        None
    }
}

/// The block, and with the first one the question how long the whole is.
fn block_options(message: &mut Builder<'_>, block: Block) {
    message.option_uint(option::BLOCK2, block.value());
    if block.number == 0 {
        message.option_uint(option::SIZE2, 0);
    }
}

/// An option with the bytes that percent-encoded text stands for.
#[cfg(not(feature = "pull-proxy"))]
fn put(message: &mut Builder<'_>, number: u16, text: &[u8]) {
    let bytes = Decoded(text);
    message.option_bytes(number, bytes.clone().count(), bytes);
}
