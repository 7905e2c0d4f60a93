// SPDX-License-Identifier: Apache-2.0
//! Requests of the client's own in blocks, RFC 7959 §2.5: Send, Register and Update. The payload is
//! kept as a whole until the last block is answered; each block is a message of its own.

use super::Buffers;
use crate::coap::exchange::{Exchange, ExchangeId, Purpose};
use crate::coap::{Block, BlockSize, Builder, Code, Message, MessageType, Token, option};
use crate::content::EncodeError;
use crate::engine::Context;

/// A request whose payload leaves in blocks.
pub struct Outgoing<'a> {
    purpose: Purpose,
    buffer: &'a mut [u8],
    length: usize,
    /// The block in flight.
    offset: usize,
    size: BlockSize,
}

impl Outgoing<'_> {
    fn end(&self) -> usize {
        let end = self.offset.saturating_add(self.size.bytes());
        end.min(self.length)
    }

    /// Ends a message with the block whose turn it is.
    fn write(&self, mut message: Builder<'_>) -> Result<usize, EncodeError> {
        let end = self.end();
        let block = Block::at(self.offset, end < self.length, self.size);
        let block = block.ok_or(EncodeError::Unsupported)?;
        message.option_uint(option::BLOCK1, block.value());
        if self.offset == 0 {
            let length = u32::try_from(self.length).unwrap_or(u32::MAX);
            message.option_uint(option::SIZE1, length);
        }
        message.payload(|mut output| {
            output.put_slice(self.buffer.get(self.offset..end).unwrap_or_default())?;
            Ok(output.position())
        })
    }

    /// Whether the answer to a block asks for another one, which then has its turn.
    fn advance(&mut self, answer: &Message<'_>) -> bool {
        let asked = answer
            .option(option::BLOCK1)
            .and_then(|value| Block::parse(value).ok())
            .map_or(self.size, |block| block.size);
        match answer.code {
            Code::CONTINUE => {
                self.offset = self.end();
                self.size = asked.min(self.size);
                self.offset < self.length
            }
            // RFC 7959 §2.9.3: begin again with what is not too large.
            Code::REQUEST_ENTITY_TOO_LARGE if self.offset == 0 && asked < self.size => {
                self.size = asked;
                true
            }
            _ => false,
        }
    }
}

/// Ends the first message of a request whose payload is the first `length` bytes of `body`, and keeps
/// the rest for the messages after it.
///
/// # Errors
/// The message does not fit, or there are as many such requests as there can be.
pub(crate) fn begin<'a>(
    buffers: &Buffers<'a>,
    purpose: Purpose,
    body: &'a mut [u8],
    length: usize,
    message: Builder<'_>,
) -> Result<usize, EncodeError> {
    let outgoing = Outgoing {
        purpose,
        buffer: body,
        length,
        offset: 0,
        size: buffers.size,
    };
    let written = outgoing.write(message);
    if written.is_err() {
        buffers.give(outgoing.buffer);
    } else if !buffers.keep_request(outgoing) {
        return Err(EncodeError::Full);
    }
    written
}

/// Sends the next block if the answer to one asks for it, with the options of the message before,
/// which was `exchange`. `scratch` is room for that.
pub(crate) fn go_on<'a, M>(
    context: &Context<'_, 'a, M>,
    id: ExchangeId,
    exchange: &Exchange,
    answer: &Message<'_>,
    scratch: &mut [u8],
) -> bool {
    let shared = context.shared;
    let buffers = &shared.buffers;
    let Some(mut outgoing) = buffers.take_request(exchange.purpose) else {
        return false;
    };
    let mut sent = false;
    if outgoing.advance(answer) {
        let length = shared.exchanges.copy(id, scratch);
        shared.exchanges.end(id);
        let before = scratch.get(..length).unwrap_or_default();
        if let Ok(before) = Message::parse(before) {
            sent = send_next(context, exchange, &outgoing, &before).is_some();
        }
    }
    if sent {
        buffers.keep_request(outgoing);
    } else {
        buffers.give(outgoing.buffer);
    }
    sent
}

fn send_next<M>(
    context: &Context<'_, '_, M>,
    exchange: &Exchange,
    outgoing: &Outgoing<'_>,
    before: &Message<'_>,
) -> Option<()> {
    let shared = context.shared;
    let mut draft = shared.exchanges.draft(exchange.purpose).ok()?;
    let message_id = shared.message_id();
    let token = Token::random(context.entropy);
    let confirmable = MessageType::Confirmable;
    let mut message = Builder::new(draft.buffer(), confirmable, before.code, message_id, &token);
    for (number, value) in before.options() {
        if !matches!(number, option::BLOCK1 | option::SIZE1) {
            message.option(number, value);
        }
    }
    let length = outgoing.write(message).ok()?;
    draft
        .commit(exchange.connection, message_id, token, length)
        .ok()
        .map(drop)
}

impl<'a> Buffers<'a> {
    /// Keeps a request whose block is in flight; without room for it, and its buffer, false.
    pub(crate) fn keep_request(&self, outgoing: Outgoing<'a>) -> bool {
        for slot in self.requests {
            match slot.take() {
                None => {
                    slot.set(Some(outgoing));
                    return true;
                }
                taken => slot.set(taken),
            }
        }
        self.give(outgoing.buffer);
        false
    }

    fn take_request(&self, purpose: Purpose) -> Option<Outgoing<'a>> {
        self.requests.iter().find_map(|slot| {
            let taken = slot.take();
            if taken
                .as_ref()
                .is_some_and(|outgoing| outgoing.purpose == purpose)
            {
                return taken;
            }
            slot.set(taken);
            None
        })
    }

    /// Forgets a request that has ended.
    pub(crate) fn end_request(&self, purpose: Purpose) {
        if let Some(outgoing) = self.take_request(purpose) {
            self.give(outgoing.buffer);
        }
    }
}
