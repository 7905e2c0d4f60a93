// SPDX-License-Identifier: Apache-2.0
//! Requests in blocks, RFC 7959 §2.5: a single string or opaque value is delivered block by block,
//! everything else is put together in a buffer and carried out as a whole.

use super::value::ValueStream;
use super::{Buffer, Buffers, PATIENCE};
use crate::coap::{Block, BlockSize, Code, ConnectionId, Token};
use crate::content::ContentFormat;
use crate::device_management::Failure;
use crate::device_management::write::Mode;
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::{Level, Path};
use crate::time::Instant;

/// Buffers that are kept for requests of the client's own.
const KEEP: usize = 1;

/// What all blocks of a request have in common. The token is not part of it: each block may have
/// its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub connection: ConnectionId,
    pub code: Code,
    pub path: Path,
    pub format: Option<ContentFormat>,
    /// Request-Tag, RFC 9175 §3; empty without one.
    pub tag: Token,
}

/// A block of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'p> {
    pub block: Block,
    pub payload: &'p [u8],
    /// The length of the whole, if the peer tells it.
    pub whole: Option<usize>,
}

/// A request that is not complete yet.
pub struct Upload<'a> {
    key: Key,
    /// How much of the payload is here.
    received: usize,
    body: Body<'a>,
    expires: Instant,
    /// It is kept in case its last block comes again.
    answered: bool,
}

enum Body<'a> {
    /// Delivered as it comes.
    Value(ValueStream),
    /// Put together here.
    Staged(Buffer<'a>),
}

/// What became of a block.
pub(crate) enum Received<'a> {
    /// More is to come.
    Continue,
    /// It was the last one of a value, which is written.
    Written,
    /// It was the last one; this is the whole payload, at the front of the buffer, and its length.
    Whole(Buffer<'a>, usize),
}

/// The requests that are not complete, in storage lent by the caller.
pub(crate) struct Uploads<'a> {
    slots: &'a mut [Option<Upload<'a>>],
    size: BlockSize,
    /// Whether an answered one is kept.
    any_answered: bool,
    /// The longest payload that can be put together, once one was tried.
    capacity: usize,
}

impl<'a> Uploads<'a> {
    pub const fn new(slots: &'a mut [Option<Upload<'a>>], size: BlockSize) -> Self {
        Self {
            slots,
            size,
            any_answered: false,
            capacity: 0,
        }
    }

    /// The block that is answered: what the peer sent, with the size that it is to go on with.
    pub fn answer(&self, block: Block) -> Block {
        let size = block.size.min(self.size);
        let same = Block::at(block.offset(), block.more, size);
        // Only the first answer can ask for a smaller size, RFC 7959 §2.5.
        match same {
            Some(smaller) if block.number == 0 => smaller,
            _ => block,
        }
    }

    /// The longest payload that is put together in a buffer.
    pub fn capacity(&self) -> Option<u32> {
        u32::try_from(self.capacity)
            .ok()
            .filter(|capacity| *capacity > 0)
    }

    /// The block size that is offered to a peer whose message was too long.
    pub fn hint(&self) -> Block {
        Block {
            number: 0,
            more: false,
            size: self.size,
        }
    }

    /// Takes a block in. `scratch` is room for what has to be decoded.
    ///
    /// # Errors
    /// The transfer is over then, but for a block out of its turn.
    pub fn receive<M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        key: &Key,
        part: &Part<'_>,
        scratch: &mut [u8],
    ) -> Result<Received<'a>, Failure> {
        let Block { more, size, .. } = part.block;
        let length = part.payload.len();
        if length > size.bytes() || (more && length < size.bytes()) {
            return Err(Failure::BadRequest);
        }
        let offset = part.block.offset();
        let (index, start) = if offset == 0 {
            self.begin(context, key, part)?
        } else {
            let found = self.find(key).ok_or(Failure::Incomplete)?;
            (found, 0)
        };
        let slot = self.slots.get_mut(index).ok_or(Failure::Incomplete)?;
        let upload = slot
            .as_mut()
            .filter(|upload| upload.expires > context.now)
            .ok_or(Failure::Incomplete)?;
        upload.expires = context.now.after_millis(PATIENCE);
        let end = offset.saturating_add(length);
        if end <= upload.received && more {
            // It came again, perhaps because its answer was lost.
            return Ok(Received::Continue);
        }
        if offset != upload.received {
            return Err(Failure::Incomplete);
        }
        let payload = part.payload.get(start..).unwrap_or_default();
        let taken = match &mut upload.body {
            Body::Value(value) => value.deliver(context.model, payload, !more, scratch),
            Body::Staged(buffer) => match buffer.get_mut(offset..end) {
                Some(place) => {
                    place.copy_from_slice(part.payload);
                    Ok(())
                }
                None => Err(Failure::TooLarge),
            },
        };
        upload.received = end;
        if more && taken.is_ok() {
            return Ok(Received::Continue);
        }
        let whole = match slot.take().map(|upload| upload.body) {
            Some(Body::Staged(buffer)) => Some(buffer),
            _ => None,
        };
        match (taken, whole) {
            (Ok(()), None) => Ok(Received::Written),
            (Ok(()), Some(buffer)) => Ok(Received::Whole(buffer, end)),
            (Err(failure), buffer) => {
                if let Some(buffer) = buffer {
                    context.shared.buffers.wipe(buffer);
                }
                Err(failure)
            }
        }
    }

    /// Begins a transfer, anew if there is one for the same. Returns its slot, and where in the first
    /// block the value begins that is to be delivered.
    #[inline(never)]
    fn begin<M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        key: &Key,
        part: &Part<'_>,
    ) -> Result<(usize, usize), Failure> {
        let index = self
            .slot_for(key, context.now)
            .ok_or(Failure::Unavailable)?;
        if let Some(old) = self.slots.get_mut(index).and_then(Option::take) {
            old.drop(&context.shared.buffers);
        }
        let (body, start) = match self.value(context, key, part)? {
            Some((value, start)) => (Body::Value(value), start),
            None => (Body::Staged(self.buffer(&context.shared.buffers, part)?), 0),
        };
        let upload = Upload {
            key: *key,
            received: 0,
            body,
            expires: context.now.after_millis(PATIENCE),
            answered: false,
        };
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = Some(upload);
        }
        Ok((index, start))
    }

    /// The value that the request holds, if that is all.
    fn value<M: DataModel>(
        &self,
        context: &Context<'_, 'a, M>,
        key: &Key,
        part: &Part<'_>,
    ) -> Result<Option<(ValueStream, usize)>, Failure> {
        // What a Bootstrap-Server writes may not be there yet.
        #[cfg(feature = "bootstrap")]
        if context.shared.client.is_bootstrapping() {
            return Ok(None);
        }
        // POST to a resource executes it, to an object it creates an instance; nothing is written to what
        // is above an instance, where nobody has asked for the right to.
        let mode = match (key.code, key.path.level()) {
            (Code::PUT, level) if level > Level::Object => Mode::Replace,
            (Code::POST, Level::ObjectInstance) => Mode::PartialUpdate,
            _ => return Ok(None),
        };
        let Some(format) = key.format else {
            return Ok(None);
        };
        let Part { payload, whole, .. } = *part;
        ValueStream::recognise(context.model, &key.path, format, mode, payload, whole)
    }

    /// A buffer for the payload.
    fn buffer(&mut self, buffers: &Buffers<'a>, part: &Part<'_>) -> Result<Buffer<'a>, Failure> {
        if !buffers.exist() {
            return Err(Failure::TooLarge);
        }
        let buffer = buffers.take(KEEP).ok_or(Failure::Unavailable)?;
        self.capacity = buffer.len();
        if part.whole.is_some_and(|whole| whole > buffer.len()) {
            buffers.give(buffer);
            return Err(Failure::TooLarge);
        }
        Ok(buffer)
    }

    /// Keeps a request that was carried out and may be once more, so that its last block, at `offset`, is
    /// answered again if the answer was lost. Without room its buffer is given back.
    pub fn keep(
        &mut self,
        buffers: &Buffers<'a>,
        key: &Key,
        offset: usize,
        body: Buffer<'a>,
        now: Instant,
    ) {
        let slot = self.slot_for(key, now);
        match slot.and_then(|index| self.slots.get_mut(index)) {
            Some(slot @ None) => {
                self.any_answered = true;
                *slot = Some(Upload {
                    key: *key,
                    received: offset,
                    body: Body::Staged(body),
                    expires: now.after_millis(PATIENCE),
                    answered: true,
                });
            }
            _ => buffers.wipe(body),
        }
    }

    /// Gives back what [`Uploads::keep`] kept: there is something else to do.
    pub fn release(&mut self, buffers: &Buffers<'a>) {
        if core::mem::take(&mut self.any_answered) {
            for slot in self.slots.iter_mut() {
                if let Some(upload) = slot.take_if(|upload| upload.answered) {
                    upload.drop(buffers);
                }
            }
        }
    }

    fn find(&self, key: &Key) -> Option<usize> {
        self.slots
            .iter()
            .position(|slot| slot.as_ref().is_some_and(|upload| upload.key == *key))
    }

    fn slot_for(&self, key: &Key, now: Instant) -> Option<usize> {
        self.find(key).or_else(|| {
            let free = |slot: &Option<Upload<'_>>| {
                slot.as_ref().is_none_or(|upload| upload.expires <= now)
            };
            self.slots.iter().position(free)
        })
    }

    /// Gives back those for whose connection and expiry `condition` holds.
    pub fn forget_where(
        &mut self,
        buffers: &Buffers<'a>,
        condition: impl Fn(ConnectionId, Instant) -> bool,
    ) {
        for slot in self.slots.iter_mut() {
            let gone = slot.take_if(|upload| condition(upload.key.connection, upload.expires));
            if let Some(upload) = gone {
                upload.drop(buffers);
            }
        }
    }
}

impl<'a> Upload<'a> {
    /// Gives back what it held.
    fn drop(self, buffers: &Buffers<'a>) {
        if let Body::Staged(buffer) = self.body {
            buffers.wipe(buffer);
        }
    }
}
