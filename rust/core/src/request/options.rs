// SPDX-License-Identifier: Apache-2.0
//! The options of a request, RFC 7252 §5.4 and §5.10, read once.

use crate::coap::block::InvalidBlock;
use crate::coap::message::uint;
use crate::coap::{Block, Message, Token, option};
use crate::content::ContentFormat;
use crate::device_management::Failure;
use crate::path::{Level, Path, parse_id};

/// What a request says about itself.
pub(super) struct Options {
    pub path: Path,
    /// The path is `bs`, that of Bootstrap-Finish.
    #[cfg(feature = "bootstrap")]
    pub is_finish: bool,
    pub content_format: Option<ContentFormat>,
    pub accept: Option<ContentFormat>,
    pub observe: Option<u32>,
    /// Whether there is a query, which a Write-Attributes has.
    pub has_query: bool,
    pub if_match: Option<Match>,
    pub if_none_match: bool,
    /// The block of an answer that is asked for.
    #[cfg_attr(not(feature = "block-transfer"), allow(dead_code))]
    pub block2: Option<Block>,
    /// Which block of the request this is.
    pub block1: Option<Block>,
    /// The length of the whole request.
    pub size1: Option<usize>,
    /// Request-Tag, empty without one.
    pub tag: Token,
    /// The classes of responses that are not wanted, a bit each: No-Response, RFC 7967 §2.1.
    pub no_response: u8,
}

/// What an If-Match option asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// That there is something at the path.
    Existence,
    /// A certain representation.
    ETag,
}

impl Options {
    pub const NONE: Self = Self {
        path: Path::ROOT,
        #[cfg(feature = "bootstrap")]
        is_finish: false,
        content_format: None,
        accept: None,
        observe: None,
        has_query: false,
        if_match: None,
        if_none_match: false,
        block2: None,
        block1: None,
        size1: None,
        tag: Token::EMPTY,
        no_response: 0,
    };

    /// Takes the options of a message.
    pub fn read(&mut self, message: &Message<'_>) -> Result<(), Failure> {
        let mut previous = None;
        for (number, value) in message.options() {
            let again = previous == Some(number) && !option::is_repeatable(number);
            previous = Some(number);
            if again || !self.take(number, value)? {
                // RFC 7252 §5.4.1 and §5.4.5: not understood, or once too often.
                if option::is_critical(number) {
                    return Err(Failure::BadOption);
                }
            }
        }
        Ok(())
    }

    /// Whether the option is understood.
    fn take(&mut self, number: u16, value: &[u8]) -> Result<bool, Failure> {
        match number {
            // A server has no need to say whom it talks to; there is one host on this port.
            option::URI_HOST | option::URI_PORT => {}
            option::URI_PATH => self.segment(value)?,
            option::URI_QUERY => self.has_query = true,
            option::OBSERVE => self.observe = uint(value),
            option::CONTENT_FORMAT => {
                let format = content_format(value);
                self.content_format = Some(format.ok_or(Failure::UnsupportedContentFormat)?);
            }
            option::ACCEPT => {
                let format = content_format(value);
                self.accept = Some(format.ok_or(Failure::NotAcceptable)?);
            }
            option::IF_MATCH => {
                self.if_match = match (self.if_match, value) {
                    (Some(Match::Existence), _) | (_, []) => Some(Match::Existence),
                    _ => Some(Match::ETag),
                };
            }
            option::IF_NONE_MATCH => self.if_none_match = true,
            option::BLOCK2 => {
                let block = block(value)?;
                // Where answers are never in blocks, all there can be is the first.
                if block.number > 0 && !cfg!(feature = "block-transfer") {
                    return Ok(false);
                }
                self.block2 = Some(block);
            }
            option::BLOCK1 => self.block1 = Some(block(value)?),
            option::SIZE1 => self.size1 = uint(value).and_then(|size| usize::try_from(size).ok()),
            option::NO_RESPONSE => {
                self.no_response = uint(value).map_or(0, |classes| classes as u8)
            }
            option::REQUEST_TAG => self.tag = Token::new(value),
            option::PROXY_URI | option::PROXY_SCHEME => return Err(Failure::ProxyingNotSupported),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn segment(&mut self, value: &[u8]) -> Result<(), Failure> {
        // A lone empty segment is how some write the root.
        if value.is_empty() && self.path == Path::ROOT {
            return Ok(());
        }
        #[cfg(feature = "bootstrap")]
        if self.is_finish {
            return Err(Failure::NotFound);
        } else if value == b"bs" && self.path == Path::ROOT {
            self.is_finish = true;
            return Ok(());
        }
        let id = parse_id(value).map_err(|_| Failure::NotFound)?;
        self.path = self.path.child(id).map_err(|_| Failure::NotFound)?;
        if self.path.level() == Level::ResourceInstance && !cfg!(feature = "lwm2m-1-1") {
            return Err(Failure::NotFound);
        }
        Ok(())
    }
}

fn content_format(value: &[u8]) -> Option<ContentFormat> {
    ContentFormat::from_code(u16::try_from(uint(value)?).ok()?)
}

fn block(value: &[u8]) -> Result<Block, Failure> {
    Block::parse(value).map_err(|error| match error {
        InvalidBlock::TooLong => Failure::BadOption,
        InvalidBlock::ReservedSize => Failure::BadRequest,
    })
}
