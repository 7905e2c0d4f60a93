// SPDX-License-Identifier: Apache-2.0
//! Requests of the client's own in blocks, RFC 7959 §2.5: Send, Register and Update. A Send is kept as a
//! whole, links are written as their blocks are due; each block is a message of its own.

use super::Buffers;
use crate::coap::exchange::{Exchange, ExchangeId, Purpose, confirmable};
use crate::coap::{Block, BlockSize, Builder, Code, Message, Token, option};
use crate::content::{EncodeError, Output};
use crate::engine::Context;
use crate::model::DataModel;
use crate::registration::message::{LONGEST_LINK, Links};

/// A request whose payload leaves in blocks.
pub struct Outgoing<'a> {
    purpose: Purpose,
    /// The block in flight and what there is behind it already, so many bytes.
    buffer: &'a mut [u8],
    length: usize,
    /// The links that are not written yet.
    rest: Option<Links>,
    /// Where the block in flight is.
    offset: usize,
    size: BlockSize,
}

impl Outgoing<'_> {
    /// Length of the block in flight.
    fn count(&self) -> usize {
        self.size.bytes().min(self.length)
    }

    /// Sees to it that there is a block, and one byte more if another one follows.
    fn fill<M: DataModel>(&mut self, model: &M) -> Result<(), EncodeError> {
        let enough = self.buffer.len().saturating_sub(LONGEST_LINK);
        if let Some(mut links) = self.rest.filter(|_| self.length <= self.size.bytes()) {
            let output = Output::after(self.buffer, self.length);
            let (length, all) = links.write(output, model, enough.max(self.size.bytes()))?;
            self.length = length;
            self.rest = (!all).then_some(links);
        }
        Ok(())
    }

    /// Ends a message with the block whose turn it is.
    fn write(&self, mut message: Builder<'_>) -> Result<usize, EncodeError> {
        let count = self.count();
        let more = count < self.length || self.rest.is_some();
        let block = Block::at(self.offset, more, self.size);
        let block = block.ok_or(EncodeError::Unsupported)?;
        message.option_uint(option::BLOCK1, block.value());
        if self.offset == 0 && self.rest.is_none() {
            let length = u32::try_from(self.length).unwrap_or(u32::MAX);
            message.option_uint(option::SIZE1, length);
        }
        message.payload(|mut output| {
            output.put_slice(self.buffer.get(..count).unwrap_or_default())?;
            Ok(output.position())
        })
    }

    /// Whether the answer to a block asks for another one, which then has its turn.
    fn advance(&mut self, answer: &Message<'_>) -> bool {
        let asked = size_of(answer).unwrap_or(self.size);
        match answer.code {
            Code::CONTINUE => {
                let count = self.count();
                if count <= self.length && self.length <= self.buffer.len() {
                    self.buffer.copy_within(count..self.length, 0);
                }
                self.length = self.length.saturating_sub(count);
                self.offset = self.offset.saturating_add(count);
                self.size = asked.min(self.size);
                self.length > 0
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

/// The block size an answer asks for.
fn size_of(answer: &Message<'_>) -> Option<BlockSize> {
    let block = Block::parse(answer.option(option::BLOCK1)?).ok()?;
    Some(block.size)
}

/// Ends the first message of a request whose payload is the first `length` bytes of `body`, and keeps
/// the rest for the messages after it.
///
/// # Errors
/// The message does not fit, or there are as many such requests as there can be.
#[cfg(feature = "senml")]
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
        rest: None,
        offset: 0,
        size: buffers.size,
    };
    send_first(buffers, outgoing, message)
}

/// Ends the first message of a request whose payload are the links, for which `body` is lent.
///
/// # Errors
/// The message or a link does not fit, or there are as many such requests as there can be.
pub(crate) fn begin_links<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    purpose: Purpose,
    body: &'a mut [u8],
    message: Builder<'_>,
) -> Result<usize, EncodeError> {
    let buffers = &context.shared.buffers;
    let mut outgoing = Outgoing {
        purpose,
        buffer: body,
        length: 0,
        rest: Some(Links::default()),
        offset: 0,
        size: buffers.size,
    };
    if let Err(error) = outgoing.fill(context.model) {
        buffers.give(outgoing.buffer);
        return Err(error);
    }
    send_first(buffers, outgoing, message)
}

fn send_first<'a>(
    buffers: &Buffers<'a>,
    outgoing: Outgoing<'a>,
    message: Builder<'_>,
) -> Result<usize, EncodeError> {
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
pub(crate) fn go_on<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    id: ExchangeId,
    exchange: &Exchange,
    answer: &Message<'_>,
    scratch: &mut [u8],
) -> bool {
    let shared = context.shared;
    let buffers = &shared.buffers;
    let kept = buffers.take_request(exchange.purpose);
    if kept.is_none() && answer.code != Code::REQUEST_ENTITY_TOO_LARGE {
        return false;
    }
    let length = shared.exchanges.copy(id, scratch);
    let before = Message::parse(scratch.get(..length).unwrap_or_default());
    let Ok(before) = before else { return false };
    let (mut outgoing, goes_on) = match kept {
        Some(mut outgoing) => {
            let goes_on = outgoing.advance(answer);
            (outgoing, goes_on)
        }
        None => match divide(buffers, exchange.purpose, before.payload, answer) {
            Some(outgoing) => (outgoing, true),
            None => return false,
        },
    };
    let sent = goes_on && send_next(context, (id, exchange), &mut outgoing, &before).is_some();
    if sent {
        buffers.keep_request(outgoing);
    } else {
        buffers.give(outgoing.buffer);
    }
    sent
}

/// A request in one message was too large for the peer, which told the size of a block that is not:
/// RFC 7959 §2.9.3.
fn divide<'a>(
    buffers: &Buffers<'a>,
    purpose: Purpose,
    payload: &[u8],
    answer: &Message<'_>,
) -> Option<Outgoing<'a>> {
    let size = size_of(answer)?;
    if payload.len() <= size.bytes() {
        return None;
    }
    let buffer = buffers.take(0)?;
    match buffer.get_mut(..payload.len()) {
        Some(front) => front.copy_from_slice(payload),
        None => {
            buffers.give(buffer);
            return None;
        }
    }
    Some(Outgoing {
        purpose,
        buffer,
        length: payload.len(),
        rest: None,
        offset: 0,
        size: size.min(buffers.size),
    })
}

fn send_next<M: DataModel>(
    context: &Context<'_, '_, M>,
    (id, exchange): (ExchangeId, &Exchange),
    outgoing: &mut Outgoing<'_>,
    before: &Message<'_>,
) -> Option<()> {
    let shared = context.shared;
    shared.operation(|| outgoing.fill(context.model)).ok()?;
    shared.exchanges.end(id);
    let mut draft = shared.exchanges.draft(exchange.purpose).ok()?;
    let message_id = shared.message_id();
    let token = Token::random(context.entropy);
    let mut message = confirmable(draft.buffer(), before.code, message_id, &token);
    for (number, value) in before.options() {
        if !matches!(number, option::BLOCK1 | option::SIZE1) {
            message.option(number, value);
        }
    }
    let length = outgoing.write(message).ok()?;
    let next = draft
        .commit(exchange.connection, message_id, token, length)
        .ok()?;
    shared.carried.moved(id, next);
    Some(())
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
