// SPDX-License-Identifier: Apache-2.0
//! Packages for clients to fetch, in blocks (RFC 7959 §2.4, §4).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use coap_lite::{CoapOption, Packet};

use crate::Code;
use crate::blockwise::Block;
use crate::message::uint_to_bytes;

/// What is offered, by path.
#[derive(Debug, Default)]
pub(crate) struct Packages(HashMap<String, Package>);

#[derive(Debug)]
struct Package {
    bytes: Vec<u8>,
    /// Names this version.
    etag: Vec<u8>,
}

impl Packages {
    pub(crate) fn offer(&mut self, path: String, bytes: Vec<u8>) {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let etag = hasher.finish().to_be_bytes().to_vec();
        self.0.insert(path, Package { bytes, etag });
    }

    /// Makes `response` the answer to a request for a path, or for a block of what is there; the
    /// blocks are of at most 1024 bytes. `None`: nothing is offered there.
    pub(crate) fn answer(
        &self,
        path: &str,
        request: &Packet,
        mut response: Packet,
    ) -> Option<Packet> {
        let package = self.0.get(path)?;
        if Code::from(request.header.code) != Code::GET {
            response.header.code = Code::METHOD_NOT_ALLOWED.into();
            return Some(response);
        }
        let asked = match request.get_first_option(CoapOption::Block2) {
            Some(value) => Block::parse(value),
            None => Block::parse(&[0x06]),
        };
        let Some((block, part)) = asked.and_then(|asked| asked.part(&package.bytes)) else {
            response.header.code = Code::BAD_OPTION.into();
            return Some(response);
        };
        response.header.code = Code::CONTENT.into();
        response.add_option(CoapOption::ETag, package.etag.clone());
        response.add_option(CoapOption::Block2, block.to_bytes());
        let length = uint_to_bytes(package.bytes.len() as u32);
        response.add_option(CoapOption::Size2, length);
        response.payload = part.to_vec();
        Some(response)
    }
}
