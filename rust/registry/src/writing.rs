// SPDX-License-Identifier: Apache-2.0
//! Values that a server writes: checked first, then stored, the C callbacks in between.
//!
//! Compared with the C one thing moved: the validate callback judges before the pre-write callback
//! names a buffer, because every record of a payload is judged before the first is written.
// Without validation the size of the scratch buffer is 0.
#![cfg_attr(not(validation), allow(clippy::unnecessary_min_or_max))]

use crate::c_types::RES_INSTANCE_NOT_CREATED;
use crate::config::VALIDATION_BUFFER_SIZE;
use crate::error::refusal;
use crate::nodes::{ResourceNode, SlotNode};
use crate::registry::{Registry, Resource, STATE, created_slot};
use crate::values;
use lwm2m_core::model::ModelError;
use lwm2m_core::path::Path;
use lwm2m_core::value::{Bytes, DataType, Value};

/// [`Bytes`] without its type, so that what follows exists once.
pub(crate) trait Source {
    fn length(&self) -> usize;
    fn copy_to(&self, offset: usize, into: &mut [u8]) -> usize;
    fn slice(&self) -> Option<&[u8]>;
}

impl<B: Bytes> Source for B {
    fn length(&self) -> usize {
        self.len()
    }

    fn copy_to(&self, offset: usize, into: &mut [u8]) -> usize {
        self.copy(offset, into)
    }

    fn slice(&self) -> Option<&[u8]> {
        self.as_slice()
    }
}

fn has_memory(slot: SlotNode) -> bool {
    !slot.data().is_null() && slot.room() > 0
}

/// An empty string or opaque value: what a resource without memory reads as, and so what a server that
/// replaces an object instance by what it read writes back.
fn says_nothing(value: &Value<&dyn Source>, data_type: DataType) -> bool {
    match (value, data_type) {
        (Value::String(source), DataType::String) | (Value::Opaque(source), DataType::Opaque) => {
            source.length() == 0
        }
        _ => false,
    }
}

/// The same value without the type of its bytes.
pub(crate) fn erase<B: Bytes>(value: &Value<B>) -> Value<&dyn Source> {
    match value {
        Value::String(bytes) => Value::String(bytes),
        Value::Opaque(bytes) => Value::Opaque(bytes),
        Value::Integer(value) => Value::Integer(*value),
        Value::Float(value) => Value::Float(*value),
        Value::Boolean(value) => Value::Boolean(*value),
        Value::Time(value) => Value::Time(*value),
        Value::ObjectLink(link) => Value::ObjectLink(*link),
    }
}

/// A run of bytes on its way to a resource: part of a longer value, or all of it.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) source: &'a dyn Source,
    /// Whether it is text: stored with a terminator, and not divided further.
    pub(crate) text: bool,
    /// Where in the value it begins.
    pub(crate) offset: usize,
    /// The length of the value, as the callbacks are told.
    pub(crate) total: usize,
    /// Whether the value ends here.
    pub(crate) last: bool,
    /// Whether the validate callback is to judge it.
    pub(crate) validate: bool,
}

/// Where a value goes.
#[derive(Clone, Copy)]
pub(crate) struct Destination {
    pub(crate) pointer: *mut u8,
    pub(crate) room: usize,
    /// The pre-write callback named it.
    pub(crate) named: bool,
}

impl Destination {
    pub(crate) fn of(slot: SlotNode) -> Self {
        Self {
            pointer: slot.data().cast(),
            room: usize::from(slot.room()),
            named: false,
        }
    }
}

impl Registry<'_> {
    /// Where resource instance `id` is to be written, once the pre-write callback has been asked.
    /// The nodes are stale afterwards.
    pub(crate) fn destination(
        &self,
        resource: &Resource,
        id: u16,
        node: ResourceNode,
        slot: SlotNode,
    ) -> Destination {
        let mut to = Destination::of(slot);
        if let Some(pre_write) = node.pre_write_cb() {
            let Resource {
                instance, id: res, ..
            } = *resource;
            // SAFETY: the application's callback, called as its type says, under the lock.
            let pointer =
                self.call(|| unsafe { pre_write(instance.instance, res, id, &mut to.room) });
            to.pointer = pointer.cast();
            // The node's length field cannot say more.
            to.room = to.room.min(usize::from(u16::MAX));
            to.named = true;
        }
        to
    }

    /// Finds the nodes again after a callback, and the buffer, if the application changed it.
    fn reload(
        &self,
        resource: &Resource,
        id: u16,
        to: &mut Destination,
    ) -> Result<(ResourceNode, SlotNode), ModelError> {
        let (node, slot) = self.slot(resource, id).ok_or(ModelError::NotFound)?;
        if !to.named {
            *to = Destination::of(slot);
        }
        Ok((node, slot))
    }

    /// The path by which a change of resource instance `id` is announced.
    pub(crate) fn changed_path(&self, resource: &Resource, id: u16) -> Path {
        let Resource {
            instance, id: res, ..
        } = *resource;
        let multiple = self
            .resource_node(resource)
            .is_some_and(ResourceNode::multiple);
        let id = if multiple {
            id
        } else {
            RES_INSTANCE_NOT_CREATED
        };
        Path::resource_instance(instance.object, instance.instance, res, id)
    }

    fn announce(&self, resource: &Resource, id: u16) {
        if resource.permissions.read() {
            let path = self.changed_path(resource, id);
            self.changes().resource_changed(path);
        }
    }

    /// Whether the value could be written.
    pub(crate) fn check_value(
        &self,
        resource: &Resource,
        id: u16,
        value: &Value<&dyn Source>,
    ) -> Result<(), ModelError> {
        if id == RES_INSTANCE_NOT_CREATED {
            return Err(ModelError::NotFound);
        }
        let node = self.resource_node(resource).ok_or(ModelError::NotFound)?;
        let slot = match created_slot(node, id) {
            Some(slot) => slot,
            None if node.multiple() => node
                .slot(RES_INSTANCE_NOT_CREATED)
                .or_else(|| node.slot_at(0))
                .ok_or(ModelError::NoMemory)?,
            None => return Err(ModelError::NotFound),
        };
        if slot.read_only() {
            return Err(ModelError::Unauthorized);
        }
        // A buffer that the pre-write callback names is known only when it is written.
        let room = if node.pre_write_cb().is_some() {
            None
        } else if !has_memory(slot) {
            let created = created_slot(node, id).is_some();
            return if created && says_nothing(value, resource.data_type) {
                Ok(())
            } else {
                Err(ModelError::NotFound)
            };
        } else {
            Some(usize::from(slot.room()))
        };
        let data_type = resource.data_type;
        match (value, data_type) {
            (Value::String(source), DataType::String) => {
                if has_terminator(*source) {
                    return Err(ModelError::BadRequest);
                }
                if room.is_some_and(|room| source.length() >= room) {
                    return Err(ModelError::TooLarge);
                }
                self.judge(resource, id, *source, true, source.length())
            }
            (Value::Opaque(source), DataType::Opaque) => {
                let length = source.length();
                let divided = node.post_write_cb().is_some();
                if !divided && room.is_some_and(|room| length > room) {
                    return Err(ModelError::TooLarge);
                }
                self.judge(resource, id, *source, false, room.unwrap_or(length).max(1))
            }
            (Value::String(_) | Value::Opaque(_), _) => Err(ModelError::BadRequest),
            _ => {
                let room = room.unwrap_or(match data_type {
                    DataType::Time => values::TIME_SIZE,
                    _ => 8,
                });
                let (bits, size) = values::encode(value, data_type, room)?;
                self.judge_bits(resource, id, bits, size)
            }
        }
    }

    /// Asks the validate callback about a number.
    fn judge_bits(
        &self,
        resource: &Resource,
        id: u16,
        bits: u64,
        size: usize,
    ) -> Result<(), ModelError> {
        let node = self.resource_node(resource).ok_or(ModelError::NotFound)?;
        let Some(validate) = node.validate_cb() else {
            return Ok(());
        };
        let mut native = 0u64;
        let pointer = (&raw mut native).cast::<u8>();
        // SAFETY: `size` is at most the 8 bytes of `native`.
        unsafe { values::store(pointer, bits, size) };
        let Resource {
            instance, id: res, ..
        } = *resource;
        // SAFETY: the application's callback, called as its type says, under the lock; the value
        // lives until it returns.
        let answer = self.call(|| unsafe {
            validate(instance.instance, res, id, pointer, size as u16, true, 0, 0)
        });
        if answer < 0 {
            return Err(ModelError::BadRequest);
        }
        Ok(())
    }

    /// Asks the validate callback about a whole string or opaque value, in as many pieces of at
    /// most `limit` bytes as the scratch buffer makes necessary. A string stays in one.
    fn judge(
        &self,
        resource: &Resource,
        id: u16,
        source: &dyn Source,
        text: bool,
        limit: usize,
    ) -> Result<(), ModelError> {
        let node = self.resource_node(resource).ok_or(ModelError::NotFound)?;
        if node.validate_cb().is_none() {
            return Ok(());
        }
        let length = source.length();
        let limit = limit.min(VALIDATION_BUFFER_SIZE);
        let mut at = 0;
        loop {
            let count = if text { length } else { limit.min(length - at) };
            let piece = Piece {
                source,
                text,
                offset: at,
                total: if text { 0 } else { length },
                last: at + count == length,
                validate: true,
            };
            self.judge_piece(resource, id, &piece, at, count)?;
            at += count;
            if at == length {
                return Ok(());
            }
        }
    }

    /// Asks the validate callback about `count` bytes of the piece's source from `at` on. The nodes
    /// are stale afterwards.
    fn judge_piece(
        &self,
        resource: &Resource,
        id: u16,
        piece: &Piece<'_>,
        at: usize,
        count: usize,
    ) -> Result<(), ModelError> {
        let node = self.resource_node(resource).ok_or(ModelError::NotFound)?;
        let Some(validate) = node.validate_cb() else {
            return Ok(());
        };
        let length = count + usize::from(piece.text);
        if length > VALIDATION_BUFFER_SIZE {
            return Err(ModelError::TooLarge);
        }
        let scratch = STATE.scratch.take().ok_or(ModelError::Internal)?;
        // SAFETY: the scratch buffer is lent to us alone, and `length` fits in it.
        let filled = unsafe {
            scratch.pointer().write_bytes(0, length);
            let bytes = core::slice::from_raw_parts_mut(scratch.pointer(), count);
            piece.source.copy_to(at, bytes)
        };
        if filled != count {
            return Err(ModelError::Internal);
        }
        let Resource {
            instance, id: res, ..
        } = *resource;
        // SAFETY: the application's callback, called as its type says, under the lock; the scratch
        // buffer is lent until it returns.
        let answer = self.call(|| unsafe {
            validate(
                instance.instance,
                res,
                id,
                scratch.pointer(),
                length as u16,
                piece.last,
                piece.total,
                piece.offset,
            )
        });
        if answer < 0 {
            return Err(ModelError::BadRequest);
        }
        Ok(())
    }

    /// Writes a whole value, creating the resource instance if need be. Says whether the stored
    /// value changed.
    pub(crate) fn write_value(
        &self,
        resource: &Resource,
        id: u16,
        value: &Value<&dyn Source>,
    ) -> Result<bool, ModelError> {
        let piece = |source, text, total| Piece {
            source,
            text,
            offset: 0,
            total,
            last: true,
            validate: false,
        };
        if says_nothing(value, resource.data_type) && self.has_no_memory(resource, id) {
            return Ok(false);
        }
        match (value, resource.data_type) {
            (Value::String(source), DataType::String) => {
                if has_terminator(*source) {
                    return Err(ModelError::BadRequest);
                }
                self.write_piece(resource, id, &piece(*source, true, 0))
            }
            (Value::Opaque(source), DataType::Opaque) => {
                self.write_piece(resource, id, &piece(*source, false, source.length()))
            }
            (Value::String(_) | Value::Opaque(_), _) => Err(ModelError::BadRequest),
            _ => self.write_to(resource, id, |to| self.write_bits(resource, id, to, value)),
        }
    }

    /// Whether nobody gave the resource instance memory, nor will when it is written.
    fn has_no_memory(&self, resource: &Resource, id: u16) -> bool {
        self.slot(resource, id).is_some_and(|(node, slot)| {
            node.pre_write_cb().is_none() && !slot.read_only() && !has_memory(slot)
        })
    }

    /// Writes one piece of a string or opaque value.
    pub(crate) fn write_piece(
        &self,
        resource: &Resource,
        id: u16,
        piece: &Piece<'_>,
    ) -> Result<bool, ModelError> {
        self.write_to(resource, id, |to| self.deliver(resource, id, to, piece))
    }

    /// Finds or creates the resource instance, asks for its buffer, and has `write` fill it; a
    /// resource instance created for nothing is taken back.
    fn write_to(
        &self,
        resource: &Resource,
        id: u16,
        write: impl FnOnce(Destination) -> Result<bool, (ModelError, bool)>,
    ) -> Result<bool, ModelError> {
        if id == RES_INSTANCE_NOT_CREATED {
            return Err(ModelError::NotFound);
        }
        let node = self.resource_node(resource).ok_or(ModelError::NotFound)?;
        let (slot, created) = match created_slot(node, id) {
            Some(slot) => (slot, false),
            None if node.multiple() => {
                let slot = node
                    .slot(RES_INSTANCE_NOT_CREATED)
                    .ok_or(ModelError::NoMemory)?;
                slot.set_id(id);
                slot.set_len(0);
                (slot, true)
            }
            None => return Err(ModelError::NotFound),
        };
        let result = if slot.read_only() {
            Err((ModelError::Unauthorized, false))
        } else {
            let to = self.destination(resource, id, node, slot);
            if to.pointer.is_null() || to.room == 0 {
                Err((ModelError::NotFound, false))
            } else {
                write(to)
            }
        };
        result.map_err(|(error, stored)| {
            if created && !stored {
                if let Some((_, slot)) = self.slot(resource, id) {
                    slot.set_id(RES_INSTANCE_NOT_CREATED);
                }
            }
            error
        })
    }

    /// Stores a number and tells the application. An error says whether it came after storing.
    fn write_bits(
        &self,
        resource: &Resource,
        id: u16,
        to: Destination,
        value: &Value<&dyn Source>,
    ) -> Result<bool, (ModelError, bool)> {
        let (bits, size) =
            values::encode(value, resource.data_type, to.room).map_err(|error| (error, false))?;
        let (node, slot) = self
            .slot(resource, id)
            .ok_or((ModelError::NotFound, false))?;
        // SAFETY: the application said there are `room` bytes at `pointer`; `size <= room`.
        let mut changed = unsafe {
            let different = values::load(to.pointer, size) != bits & (u64::MAX >> (64 - 8 * size));
            values::store(to.pointer, bits, size);
            different
        };
        changed |= usize::from(slot.len()) != size || moves(node);
        slot.set_len(size as u16);
        let answer = self.tell(resource, id, node, to.pointer, size, true, 0, 0);
        if changed {
            self.announce(resource, id);
        }
        match answer {
            Ok(()) => Ok(changed),
            Err(error) => Err((error, true)),
        }
    }

    /// Stores a piece of a string or opaque value, divided further where the post-write callback
    /// assembles values longer than the buffer, and tells the application of each part.
    fn deliver(
        &self,
        resource: &Resource,
        id: u16,
        mut to: Destination,
        piece: &Piece<'_>,
    ) -> Result<bool, (ModelError, bool)> {
        let length = piece.source.length();
        let terminator = usize::from(piece.text);
        let mut stored = false;
        let mut changed = false;
        let mut at = 0;
        let result = loop {
            let (mut node, mut slot) = match self.reload(resource, id, &mut to) {
                Ok(nodes) => nodes,
                Err(error) => break Err(error),
            };
            let assembled = node.post_write_cb().is_some();
            // Where the application assembles the value, each part goes to the buffer's beginning.
            let offset = if assembled { 0 } else { piece.offset + at };
            let rest = length - at;
            let mut count = rest.min(to.room.saturating_sub(offset + terminator));
            if piece.validate && node.validate_cb().is_some() {
                count = count.min(VALIDATION_BUFFER_SIZE.saturating_sub(terminator));
            }
            let whole = if assembled {
                0
            } else {
                piece.total.max(offset + rest)
            };
            if whole + terminator > to.room
                || offset + terminator > to.room
                || (count < rest && (piece.text || count == 0))
            {
                break Err(ModelError::TooLarge);
            }
            let last = piece.last && count == rest;
            let part = Piece {
                offset: piece.offset + at,
                last,
                ..*piece
            };
            if piece.validate {
                let before = to;
                if let Err(error) = self.judge_piece(resource, id, &part, at, count) {
                    break Err(error);
                }
                (node, slot) = match self.reload(resource, id, &mut to) {
                    Ok(nodes) => nodes,
                    Err(error) => break Err(error),
                };
                if to.room < before.room || to.pointer.is_null() {
                    break Err(ModelError::Internal);
                }
            }
            // SAFETY: the application said there are `room` bytes at `pointer`, and
            // `offset + count + terminator <= room`.
            unsafe {
                let target = to.pointer.add(offset);
                // Where it counts as a change in any case, nothing has to be compared.
                changed |= moves(node);
                changed |= fill(target, piece.source, at, count, !changed);
                changed |= values::update_zero(target, count, count + terminator);
            }
            stored = true;
            changed |= usize::from(slot.len()) != offset + count + terminator;
            wipe_rest(resource, &to, slot, offset + count + terminator);
            slot.set_len((offset + count + terminator) as u16);
            let (part_len, part_offset) = (count + terminator, piece.offset + at);
            at += count;
            let told = self.tell(
                resource,
                id,
                node,
                to.pointer,
                part_len,
                last,
                piece.total,
                part_offset,
            );
            if told.is_err() || at == length {
                break told;
            }
        };
        if changed && (piece.last || result.is_err()) {
            self.announce(resource, id);
        }
        match result {
            Ok(()) => Ok(changed),
            Err(error) => Err((error, stored)),
        }
    }

    /// Runs the post-write callback. The nodes are stale afterwards.
    #[allow(clippy::too_many_arguments)]
    fn tell(
        &self,
        resource: &Resource,
        id: u16,
        node: ResourceNode,
        data: *mut u8,
        len: usize,
        last: bool,
        total: usize,
        offset: usize,
    ) -> Result<(), ModelError> {
        let Some(post_write) = node.post_write_cb() else {
            return Ok(());
        };
        let Resource {
            instance, id: res, ..
        } = *resource;
        // SAFETY: the application's callback, called as its type says, under the lock.
        let answer = self.call(|| unsafe {
            post_write(
                instance.instance,
                res,
                id,
                data,
                len as u16,
                last,
                total,
                offset,
            )
        });
        if answer < 0 {
            return Err(refusal(answer));
        }
        Ok(())
    }
}

/// What may not be read is a secret: of a longer one nothing stays behind a shorter one, which ends at
/// `end`. To be called before the slot is told the new length.
pub(crate) fn wipe_rest(resource: &Resource, to: &Destination, slot: SlotNode, end: usize) {
    if resource.data_type == DataType::Opaque && !resource.permissions.read() && !to.named {
        let before = usize::from(slot.len()).min(to.room);
        // SAFETY: the application said there are `room` bytes at `pointer`.
        unsafe { values::update_zero(to.pointer, end, before) };
    }
}

/// Whether the value that is read may be elsewhere than the one that is written, so that comparing
/// says nothing about a change.
fn moves(node: ResourceNode) -> bool {
    node.pre_write_cb().is_some() || node.read_cb().is_some()
}

/// Whether a string holds the character that C ends strings with.
pub(crate) fn has_terminator(text: &dyn Source) -> bool {
    let mut at = 0;
    let mut buffer = [0; 32];
    loop {
        let count = text.copy_to(at, &mut buffer);
        if buffer.iter().take(count).any(|&byte| byte == 0) {
            return true;
        }
        if count < buffer.len() {
            return false;
        }
        at += count;
    }
}

/// Copies `count` bytes of `source` from `from` on to `to`: at once those that lie somewhere, others
/// through the stack because nothing may refer to application memory. Says whether anything changed,
/// if it is to compare.
///
/// # Safety
/// `count` bytes are writable at `to`.
unsafe fn fill(to: *mut u8, source: &dyn Source, from: usize, count: usize, compare: bool) -> bool {
    let end = from.saturating_add(count);
    if let Some(bytes) = source.slice().and_then(|bytes| bytes.get(from..end)) {
        // SAFETY: by the contract; there are `count` bytes in the slice.
        unsafe {
            if compare {
                return values::update(to, bytes.as_ptr(), count);
            }
            to.copy_from(bytes.as_ptr(), count);
        }
        return false;
    }
    let mut changed = false;
    let mut buffer = [0; 64];
    let mut at = 0;
    while at < count {
        let wanted = buffer.len().min(count - at);
        let Some(part) = buffer.get_mut(..wanted) else {
            break;
        };
        let copied = source.copy_to(from + at, part);
        if copied == 0 {
            break;
        }
        // SAFETY: `at + copied <= count`, and the buffer is ours.
        unsafe {
            if compare && !changed {
                changed = values::update(to.add(at), buffer.as_ptr(), copied);
            } else {
                to.add(at).copy_from(buffer.as_ptr(), copied);
            }
        }
        at += copied;
    }
    changed
}
