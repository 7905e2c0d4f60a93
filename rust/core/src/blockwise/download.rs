// SPDX-License-Identifier: Apache-2.0
//! Responses and notifications in blocks, RFC 7959 §2.4 and §2.6. A block is written when it is asked
//! for, from where the walk over the data model paused; only the last one is kept, with what the
//! record at its end leaves for the next.

use super::{Buffers, PATIENCE, RECORD_ROOM};
use crate::coap::{Block, BlockSize, Code, ConnectionId, option};
use crate::content::{ContentFormat, Output, Paused, Progress, RecordStream};
use crate::device_management::Failure;
use crate::device_management::read::Cursor;
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::{MAX_ID, Path};
use crate::response::{Content, Header, Source};
use crate::time::Instant;
use crate::time_series::Series;

/// Buffers that are kept for requests of the client's own.
const KEEP: usize = 1;

/// Who asks for what; a request for a later block names it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub connection: ConnectionId,
    pub code: Code,
    pub path: Path,
    /// Of the payload of a FETCH, which is what it asks for; 0 without one.
    pub digest: u32,
}

impl Target {
    /// Whether a later request means the same. It may leave the payload out, and what is told
    /// unasked has none.
    fn is_meant_by(&self, later: &Target) -> bool {
        let known = self.digest != 0 && later.digest != 0;
        let digest = if known { later.digest } else { self.digest };
        *self == Target { digest, ..*later }
    }
}

/// Tells payloads apart: FNV-1a.
pub(crate) fn digest(payload: &[u8]) -> u32 {
    if payload.is_empty() {
        return 0;
    }
    payload.iter().fold(0x811c_9dc5, |digest: u32, byte| {
        (digest ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// A response that leaves in blocks.
pub struct Download<'a> {
    target: Target,
    source: Source,
    format: ContentFormat,
    etag: u32,
    /// What is written and not yet done with, from `start` of the payload on: the last block, and
    /// what there is behind it already.
    buffer: &'a mut [u8],
    start: usize,
    length: usize,
    /// How many paths of a composite operation are kept at the end of the buffer.
    paths: usize,
    /// How the last block was asked for.
    size: BlockSize,
    message_id: u16,
    /// `None` once all is written.
    rest: Option<Rest>,
    expires: Instant,
}

/// Where the walk paused.
#[derive(Clone, Copy)]
struct Rest {
    cursor: Cursor,
    stream: Paused,
}

/// Bytes that a path takes.
const PATH: usize = 8;

/// The buffer's room for the payload, and the paths behind it.
fn split_paths(buffer: &mut [u8], count: usize) -> (&mut [u8], &mut [u8]) {
    let room = buffer.len().saturating_sub(count.saturating_mul(PATH));
    buffer.split_at_mut_checked(room).unwrap_or_default()
}

fn path_of(bytes: &[u8]) -> Path {
    let mut ids = bytes.chunks_exact(2).map(|id| {
        id.iter()
            .fold(0, |sum: u16, byte| (sum << 8) | u16::from(*byte))
    });
    let mut next = || ids.next().unwrap_or(MAX_ID);
    Path::resource_instance(next(), next(), next(), next())
}

fn bytes_of(path: &Path) -> [u8; PATH] {
    let ids = [
        path.object_id(),
        path.instance_id(),
        path.resource_id(),
        path.resource_instance_id(),
    ];
    let mut bytes = [0; PATH];
    for (place, id) in bytes.chunks_exact_mut(2).zip(ids) {
        place.copy_from_slice(&id.to_be_bytes());
    }
    bytes
}

impl Download<'_> {
    /// Whether its last block has left.
    fn is_over(&self) -> bool {
        self.rest.is_none() && self.length <= self.size.bytes()
    }

    /// Sees to it that the block at `offset` is at the front of the buffer, and that there is one
    /// byte more if another block follows.
    fn produce<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        offset: usize,
        size: BlockSize,
    ) -> Result<(), Failure> {
        // What came before the last block is gone, and nothing is skipped.
        let skip = offset.checked_sub(self.start).ok_or(Failure::Incomplete)?;
        if skip > self.length {
            return Err(Failure::Incomplete);
        }
        if skip == self.length && self.rest.is_none() {
            return Err(Failure::BadRequest);
        }
        if skip > 0 {
            let rest = self.buffer.get_mut(..self.length).unwrap_or_default();
            if skip <= rest.len() {
                rest.copy_within(skip.., 0);
            }
            self.start = offset;
            self.length = self.length.saturating_sub(skip);
        }
        self.size = size;
        match self.rest {
            Some(rest) if self.length.saturating_sub(rest.stream.unsettled) <= size.bytes() => {
                self.go_on(context, rest)
            }
            _ => Ok(()),
        }
    }

    fn go_on<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        rest: Rest,
    ) -> Result<(), Failure> {
        if self.paths == 0 {
            let path = self.target.path;
            return self.write_on(context, core::slice::from_ref(&path), rest);
        }
        let written = context.shared.with_paths(|list| {
            list.clear();
            let (_, kept) = split_paths(self.buffer, self.paths);
            for bytes in kept.chunks_exact(PATH) {
                list.insert(path_of(bytes))
                    .map_err(|_| Failure::Incomplete)?;
            }
            self.write_on(context, list.as_slice(), rest)
        });
        written.unwrap_or(Err(Failure::Unavailable))
    }

    /// Writes on from where the walk paused.
    fn write_on<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        paths: &[Path],
        mut rest: Rest,
    ) -> Result<(), Failure> {
        let (room, _) = split_paths(self.buffer, self.paths);
        let output = Output::after(room, self.length);
        let mut stream = RecordStream::resume(rest.stream, output, self.size.bytes());
        let content = Content {
            source: self.source,
            paths,
            format: self.format,
            series: Series::None,
        };
        let progress = match content.append(context, &mut rest.cursor, &mut stream) {
            // The value that was being written is another one now, or gone.
            Err(_) if stream.is_within() => Err(Failure::Incomplete),
            Ok(Progress::Done) if stream.is_within() => Err(Failure::Incomplete),
            other => other,
        }?;
        self.length = stream.position();
        rest.stream = stream.pause();
        self.rest = (progress != Progress::Done).then_some(rest);
        Ok(())
    }

    /// Writes the message with the block at the front of the buffer.
    fn compose(
        &self,
        header: &Header,
        observe: Option<u32>,
        into: &mut [u8],
    ) -> Result<usize, Failure> {
        let count = self.length.min(self.size.bytes());
        let more = self.rest.is_some() || count < self.length;
        let block = Block::at(self.start, more, self.size).ok_or(Failure::BadRequest)?;
        let mut message = header.begin(into, Code::CONTENT);
        message.option(option::ETAG, &self.etag.to_be_bytes());
        if let Some(sequence) = observe {
            message.option_uint(option::OBSERVE, sequence);
        }
        message.option_uint(option::CONTENT_FORMAT, self.format as u32);
        message.option_uint(option::BLOCK2, block.value());
        header.end(&mut message);
        if self.start == 0 && self.rest.is_none() {
            message.option_uint(option::SIZE2, u32::try_from(self.length).unwrap_or(0));
        }
        let bytes = self.buffer.get(..count).unwrap_or_default();
        message.payload(|mut output| {
            output.put_slice(bytes)?;
            Ok(output.position())
        })
    }
}

/// A buffer that a response can go on in, and the slot that it takes then.
struct Spare<'a> {
    buffer: &'a mut [u8],
    slot: usize,
    /// It is that of the response in the slot, to be given back if it is not needed.
    borrowed: bool,
}

/// The responses that leave in blocks, in storage lent by the caller.
pub(crate) struct Downloads<'a> {
    slots: &'a mut [Option<Download<'a>>],
    size: BlockSize,
}

impl<'a> Downloads<'a> {
    pub const fn new(slots: &'a mut [Option<Download<'a>>], size: BlockSize) -> Self {
        Self { slots, size }
    }

    /// Writes a 2.05 with all of the content, or with its first block if it does not fit or a
    /// smaller block is `wanted`.
    #[allow(clippy::too_many_arguments)]
    pub fn begin<M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        target: &Target,
        header: &Header,
        observe: Option<u32>,
        content: &Content<'_>,
        wanted: Option<BlockSize>,
        into: &mut [u8],
    ) -> Result<usize, Failure> {
        let size = wanted.map_or(self.size, |wanted| wanted.min(self.size));
        let buffers = &context.shared.buffers;
        let mut spare = self.spare(buffers, target, context.now);
        let lacking = spare.is_none() && !self.slots.is_empty();
        // What begins a payload has to find room.
        let limit = wanted.map_or(usize::MAX, |_| size.bytes().max(RECORD_ROOM));
        // One path is that of the target.
        let composite = content.paths.len() > 1 || target.path == Path::ROOT;
        let paths = if composite { content.paths.len() } else { 0 };
        let mut cursor = Cursor::default();
        let mut message = header.begin_content(into, observe, content.format);
        header.end(&mut message);
        let mut paused = None;
        let written = message.payload(|output| {
            let output = output.limited(limit);
            let room = spare
                .as_mut()
                .map(|spare| split_paths(spare.buffer, paths).0);
            let mut stream = content.begin(output)?.with_spare(room, Some(size.bytes()));
            let progress = content.append(context, &mut cursor, &mut stream)?;
            let length = stream.position();
            if wanted.is_some() && progress == Progress::Done && length > size.bytes() {
                stream.finish()?;
            }
            if stream.moved() {
                let rest = Rest {
                    cursor,
                    stream: stream.pause(),
                };
                paused = Some(((progress != Progress::Done).then_some(rest), length));
            }
            Ok(length)
        });
        let slot = spare
            .as_ref()
            .and_then(|spare| self.slots.get_mut(spare.slot));
        let (Ok(_), Some((rest, length)), Some(slot)) = (&written, paused, slot) else {
            if let Some(spare) = spare {
                self.put_back(buffers, spare);
            }
            return match written {
                Err(Failure::Full) if lacking => Err(Failure::Unavailable),
                written => written,
            };
        };
        let Some(Spare {
            buffer, borrowed, ..
        }) = spare
        else {
            return written;
        };
        let (_, places) = split_paths(buffer, paths);
        for (place, path) in places.chunks_exact_mut(PATH).zip(content.paths) {
            place.copy_from_slice(&bytes_of(path));
        }
        if let Some(old) = slot.take().filter(|_| !borrowed) {
            buffers.give(old.buffer);
        }
        let download = slot.insert(Download {
            target: *target,
            source: content.source,
            format: content.format,
            etag: (context.entropy)(),
            buffer,
            start: 0,
            length,
            paths,
            size,
            message_id: header.message_id,
            rest,
            expires: context.now.after_millis(PATIENCE),
        });
        download.compose(header, observe, into)
    }

    /// Writes the message with a later block of what was begun.
    #[inline(never)]
    pub fn go_on<M: DataModel>(
        &mut self,
        context: &Context<'_, 'a, M>,
        target: &Target,
        format: Option<ContentFormat>,
        header: &Header,
        block: Block,
        into: &mut [u8],
    ) -> Result<usize, Failure> {
        let size = block.size.min(self.size);
        let slot = self
            .slots
            .iter_mut()
            .find(|slot| {
                slot.as_ref().is_some_and(|download| {
                    download.target.is_meant_by(target)
                        && format.is_none_or(|format| format == download.format)
                        && download.expires > context.now
                })
            })
            .ok_or(Failure::Incomplete)?;
        // Callbacks run; whoever comes back by them finds the slot empty.
        let mut download = slot.take().ok_or(Failure::Incomplete)?;
        let (start, length) = (download.start, download.length);
        let produced = download.produce(context, block.offset(), size);
        if produced.is_err() && (start, length) != (download.start, download.length) {
            context.shared.buffers.give(download.buffer);
            return produced.map(|()| 0);
        }
        download.message_id = header.message_id;
        download.expires = context.now.after_millis(PATIENCE);
        let result = produced.and_then(|()| download.compose(header, None, into));
        *slot = Some(download);
        result
    }

    /// Writes the block again that this very message was answered with.
    pub fn repeat(
        &self,
        target: &Target,
        header: &Header,
        now: Instant,
        into: &mut [u8],
    ) -> Option<Result<usize, Failure>> {
        let download = self.slots.iter().flatten().find(|download| {
            download.target == *target
                && download.message_id == header.message_id
                && download.expires > now
        })?;
        Some(download.compose(header, None, into))
    }

    /// Gives back those for whose connection and expiry `condition` holds.
    pub fn forget_where(
        &mut self,
        buffers: &Buffers<'a>,
        condition: impl Fn(ConnectionId, Instant) -> bool,
    ) {
        for slot in self.slots.iter_mut() {
            let gone =
                slot.take_if(|download| condition(download.target.connection, download.expires));
            if let Some(download) = gone {
                buffers.give(download.buffer);
            }
        }
    }

    /// Gives back the buffer of a response whose last block has left, if there is none for a request
    /// that begins: the block is kept in case it was lost, which is worth less.
    pub fn make_room(&mut self, buffers: &Buffers<'a>) {
        if let Some(buffer) = buffers.take(KEEP) {
            return buffers.give(buffer);
        }
        let mut slots = self.slots.iter_mut();
        let over = slots.find_map(|slot| slot.take_if(|download| download.is_over()));
        if let Some(download) = over {
            buffers.give(download.buffer);
        }
    }

    /// The slot that a new transfer takes: that of an older one for the same thing, a free one, or
    /// one that nobody needs any more.
    fn slot_for(&self, target: &Target, now: Instant) -> Option<usize> {
        let rank = |slot: &Option<Download<'_>>| match slot {
            Some(download) if download.target == *target => Some(0),
            None => Some(1),
            Some(download) if download.is_over() => Some(2),
            Some(download) if download.expires <= now => Some(3),
            Some(_) => None,
        };
        let slots = self.slots.iter().enumerate();
        slots
            .filter_map(|(index, slot)| Some((rank(slot)?, index)))
            .min()
            .map(|(_, index)| index)
    }

    /// A buffer in case it is needed, if there is a slot too.
    fn spare(&mut self, buffers: &Buffers<'a>, target: &Target, now: Instant) -> Option<Spare<'a>> {
        let slot = self.slot_for(target, now)?;
        let free = buffers.take(KEEP);
        let borrowed = free.is_none();
        let buffer = match free {
            Some(buffer) => buffer,
            None => core::mem::take(&mut self.slots.get_mut(slot)?.as_mut()?.buffer),
        };
        Some(Spare {
            buffer,
            slot,
            borrowed,
        })
    }

    /// Gives back a buffer that was not needed.
    fn put_back(&mut self, buffers: &Buffers<'a>, spare: Spare<'a>) {
        let lender = self.slots.get_mut(spare.slot).and_then(Option::as_mut);
        match lender.filter(|_| spare.borrowed) {
            Some(download) => download.buffer = spare.buffer,
            None => buffers.give(spare.buffer),
        }
    }
}
