// SPDX-License-Identifier: Apache-2.0
//! The way to a package at the server that its URI names: the URI becomes options, RFC 7252 §6.4.

use crate::coap::{Block, Builder, option};
use crate::uri::{DefaultPorts, Uri, split_at_byte};

use super::pull::{Settings, StartError, invalid};
use super::request::block_options;

/// Longest Uri-Path and Uri-Query, RFC 7252 §5.10.
const LONGEST_OPTION: usize = 255;

/// Whether a URI can be fetched.
pub(super) fn check(uri: &[u8], _: &Settings, ports: DefaultPorts) -> Result<(), StartError> {
    let (_, resource) = Uri::split(uri, ports).map_err(invalid)?;
    if is_well_formed(resource) {
        Ok(())
    } else {
        Err(StartError::InvalidUri)
    }
}

/// The URI of the peer.
pub(super) fn peer<'u>(uri: &'u [u8], _: &Settings) -> &'u [u8] {
    uri
}

/// Whether path and query of a URI can be put in options.
fn is_well_formed(resource: &[u8]) -> bool {
    let (path, query) = parts(resource);
    let segments = segments(path).all(fits);
    segments && arguments(query).all(fits)
}

/// Path with its leading slash, and query without its question mark.
fn parts(resource: &[u8]) -> (&[u8], Option<&[u8]>) {
    match split_at_byte(resource, b'?') {
        Some((path, query)) => (path, Some(query)),
        None => (resource, None),
    }
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

/// Writes the options of the request.
pub(super) fn options(message: &mut Builder<'_>, uri: &[u8], ports: DefaultPorts, block: Block) {
    let Ok((peer, resource)) = Uri::split(uri, ports) else {
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

/// An option with the bytes that percent-encoded text stands for.
fn put(message: &mut Builder<'_>, number: u16, text: &[u8]) {
    let bytes = Decoded(text);
    message.option_bytes(number, bytes.clone().count(), bytes);
}
