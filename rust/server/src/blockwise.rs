// SPDX-License-Identifier: Apache-2.0
//! Block-wise transfer in both roles: our long requests and a client's long responses, and a
//! client's long requests (RFC 7959 §2).

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::message::{Request, Response, bytes_to_uint, uint_to_bytes};
use crate::{Code, Error};

/// Option numbers (RFC 7959 §2.1, §4; RFC 7252 §5.10).
const ETAG: u16 = 4;
const BLOCK2: u16 = 23;
const BLOCK1: u16 = 27;
const SIZE1: u16 = 60;

/// The value of a Block1 or Block2 option (RFC 7959 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) number: u32,
    pub(crate) more: bool,
    exponent: u32,
}

impl Block {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let value = bytes_to_uint(bytes).filter(|_| bytes.len() <= 3)?;
        let exponent = value & 0b111;
        (exponent < 7).then_some(Block {
            number: value >> 4,
            more: value & 0b1000 != 0,
            exponent,
        })
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        uint_to_bytes(self.number << 4 | u32::from(self.more) << 3 | self.exponent)
    }

    pub(crate) fn size(self) -> usize {
        16 << self.exponent
    }

    /// This block of `whole`, and what it is; `None` when that ends before it.
    pub(crate) fn part(self, whole: &[u8]) -> Option<(Self, &[u8])> {
        let rest = whole.get(self.number as usize * self.size()..)?;
        if rest.is_empty() && self.number > 0 {
            return None;
        }
        let part = &rest[..rest.len().min(self.size())];
        let more = part.len() < rest.len();
        Some((Block { more, ..self }, part))
    }
}

/// The exponent of the largest block not longer than `size`: 16 to 1024 bytes.
fn exponent(size: usize) -> u32 {
    (size.clamp(16, 1024) / 16).ilog2()
}

/// Carries a request through as many exchanges as it takes.
pub(crate) fn transfer(
    request: &Request,
    size: usize,
    mut exchange: impl FnMut(&Request) -> Result<Response, Error>,
) -> Result<Response, Error> {
    let first = upload(request, size, &mut exchange)?;
    download(request, first, &mut exchange)
}

fn upload(
    request: &Request,
    size: usize,
    exchange: &mut impl FnMut(&Request) -> Result<Response, Error>,
) -> Result<Response, Error> {
    let total = request.payload.len();
    if total <= size {
        return exchange(request);
    }
    let mut exponent = exponent(size);
    let mut offset = 0;
    loop {
        let end = total.min(offset + (16 << exponent));
        let number = (offset >> (4 + exponent)) as u32;
        let block = Block {
            number,
            more: end < total,
            exponent,
        };
        let mut part = request.clone();
        part.payload = request.payload[offset..end].to_vec();
        part.options.push((BLOCK1, block.to_bytes()));
        if offset == 0 {
            part.options.push((SIZE1, uint_to_bytes(total as u32)));
        }
        let response = exchange(&part)?;
        if !block.more || response.code != Code::CONTINUE {
            return Ok(response);
        }
        // The client may ask for smaller blocks (RFC 7959 §2.3).
        exponent = block_option(&response, BLOCK1).map_or(exponent, |b| b.exponent.min(exponent));
        offset = end;
    }
}

fn download(
    request: &Request,
    mut whole: Response,
    exchange: &mut impl FnMut(&Request) -> Result<Response, Error>,
) -> Result<Response, Error> {
    let mut latest = match block_option(&whole, BLOCK2) {
        Some(block) if block.more && block.number == 0 => block,
        _ => return Ok(whole),
    };
    while latest.more {
        let offset = whole.payload.len();
        let next = Block {
            number: (offset / latest.size()) as u32,
            more: false,
            exponent: latest.exponent,
        };
        let mut follow_up = Request {
            observe: None,
            token: None,
            ..request.clone()
        };
        // A FETCH is identified by its payload too (RFC 8132 §2); others sent theirs already.
        if request.method != Code::FETCH {
            follow_up.payload.clear();
            follow_up.content_format = None;
        }
        follow_up.options.push((BLOCK2, next.to_bytes()));
        let part = exchange(&follow_up)?;
        if part.code != whole.code {
            return Err(Error::Refused(part.code));
        }
        latest =
            block_option(&part, BLOCK2).ok_or(Error::Blockwise("no Block2 in a later part"))?;
        if latest.number as usize * latest.size() != offset {
            return Err(Error::Blockwise("not the block that was asked for"));
        }
        if option(&part, ETAG) != option(&whole, ETAG) {
            return Err(Error::Blockwise("the representation changed"));
        }
        if latest.more && part.payload.len() != latest.size() {
            return Err(Error::Blockwise("a block before the last is not full"));
        }
        whole.payload.extend(part.payload);
        whole.options = part.options;
    }
    Ok(whole)
}

fn option(response: &Response, number: u16) -> Option<&[u8]> {
    let (_, value) = response
        .options
        .iter()
        .find(|(other, _)| *other == number)?;
    Some(value)
}

fn block_option(response: &Response, number: u16) -> Option<Block> {
    Block::parse(option(response, number)?)
}

/// A part of a client's request, taken in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to come.
    Continue,
    /// This is all of it.
    Complete(Vec<u8>),
    /// It does not continue what is here.
    Incomplete,
}

/// Requests of clients that are not complete yet, by client and path.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    parts: HashMap<(SocketAddr, String), Vec<u8>>,
}

impl Uploads {
    pub(crate) fn take_in(
        &mut self,
        peer: SocketAddr,
        path: &str,
        block: Block,
        payload: &[u8],
    ) -> Progress {
        let key = (peer, path.to_owned());
        let mut whole = self.parts.remove(&key).unwrap_or_default();
        if block.number == 0 {
            whole.clear();
        }
        let expected = block.number as usize * block.size();
        if whole.len() != expected || (block.more && payload.len() != block.size()) {
            return Progress::Incomplete;
        }
        whole.extend(payload);
        if !block.more {
            return Progress::Complete(whole);
        }
        self.parts.insert(key, whole);
        Progress::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;

    fn response(code: Code, payload: &[u8], options: &[(u16, Vec<u8>)]) -> Response {
        Response {
            code,
            content_format: None,
            payload: payload.to_vec(),
            content: Ok(Content::default()),
            options: options.to_vec(),
            observation: None,
        }
    }

    fn block(number: u32, more: bool, exponent: u32) -> Block {
        Block {
            number,
            more,
            exponent,
        }
    }

    #[test]
    fn option_values_round_trip() {
        for (value, bytes) in [
            (block(0, false, 0), vec![]),
            (block(2, true, 2), vec![0x2a]),
            (block(300, false, 6), vec![0x12, 0xc6]),
        ] {
            assert_eq!(value.to_bytes(), bytes);
            assert_eq!(Block::parse(&bytes), Some(value));
        }
        assert_eq!(Block::parse(&[0x07]), None);
        assert_eq!(Block::parse(&[1, 0, 0, 0]), None);
    }

    #[test]
    fn a_whole_falls_into_blocks() {
        let whole = [1; 40];
        let length = |number, exponent| {
            let (part, bytes) = block(number, false, exponent).part(&whole)?;
            Some((part.more, bytes.len()))
        };
        assert_eq!(length(0, 0), Some((true, 16)));
        assert_eq!(length(1, 0), Some((true, 16)));
        assert_eq!(length(2, 0), Some((false, 8)));
        assert_eq!(length(3, 0), None);
        assert_eq!(length(0, 6), Some((false, 40)));
        assert_eq!(block(1, false, 0).part(&[1; 16]), None);
        assert_eq!(
            block(0, true, 0).part(&[]),
            Some((block(0, false, 0), &[][..]))
        );
    }

    #[test]
    fn upload_follows_the_clients_smaller_block_size() {
        let request = Request {
            method: Code::PUT,
            payload: vec![7; 80],
            ..Request::default()
        };
        let mut sent = Vec::new();
        let answer = transfer(&request, 32, |part| {
            let value = Block::parse(&part.options[0].1).unwrap();
            sent.push((value, part.payload.len()));
            let code = if value.more {
                Code::CONTINUE
            } else {
                Code::CHANGED
            };
            Ok(response(
                code,
                &[],
                &[(BLOCK1, block(value.number, value.more, 0).to_bytes())],
            ))
        });
        assert_eq!(answer.unwrap().code, Code::CHANGED);
        let expected = [(block(0, true, 1), 32), (block(2, true, 0), 16)];
        assert_eq!(sent[..2], expected);
        assert_eq!(
            sent[2..],
            [(block(3, true, 0), 16), (block(4, false, 0), 16)]
        );
    }

    #[test]
    fn download_puts_the_blocks_together_and_notices_a_change() {
        let text = b"0123456789abcdefghij";
        for (etags, outcome) in [([1, 1], Ok(text.to_vec())), ([1, 2], Err(()))] {
            let answer = transfer(&Request::default(), 1024, |part| {
                let asked = part
                    .options
                    .first()
                    .map_or(0, |o| Block::parse(&o.1).unwrap().number);
                let at = asked as usize;
                let payload = text.chunks(16).nth(at).unwrap();
                let value = block(asked, at == 0, 0).to_bytes();
                let options = [(ETAG, vec![etags[at]]), (BLOCK2, value)];
                Ok(response(Code::CONTENT, payload, &options))
            });
            assert_eq!(answer.map(|whole| whole.payload).map_err(|_| ()), outcome);
        }
    }

    #[test]
    fn a_clients_upload_that_restarts_begins_again() {
        let peer = ([127, 0, 0, 1], 1).into();
        let mut uploads = Uploads::default();
        let mut take_in = |value, payload: &[u8]| uploads.take_in(peer, "rd", value, payload);
        assert_eq!(take_in(block(0, true, 0), &[1; 16]), Progress::Continue);
        assert_eq!(take_in(block(0, true, 0), &[2; 16]), Progress::Continue);
        let whole = [[2; 16].as_slice(), &[3]].concat();
        assert_eq!(take_in(block(1, false, 0), &[3]), Progress::Complete(whole));
        assert_eq!(take_in(block(1, false, 0), &[3]), Progress::Incomplete);
    }
}
