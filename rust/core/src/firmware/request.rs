// SPDX-License-Identifier: Apache-2.0
//! The GET for one block, RFC 7959 §2.4.

use crate::coap::{Block, Builder, Code, Token, exchange, option};
use crate::content::EncodeError;

use super::{Pull, way};

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
        way::options(&mut message, uri, pull.ports.get(), block);
        message.finish()
    });
    written.unwrap_or(Err(EncodeError::Full))
}

/// The block, and with the first one the question how long the whole is.
pub(super) fn block_options(message: &mut Builder<'_>, block: Block) {
    message.option_uint(option::BLOCK2, block.value());
    if block.number == 0 {
        message.option_uint(option::SIZE2, 0);
    }
}
