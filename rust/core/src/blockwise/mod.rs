// SPDX-License-Identifier: Apache-2.0
//! Block-wise transfer, RFC 7959: requests and responses that are longer than a message.

#[cfg(feature = "block-transfer")]
mod download;
#[cfg(feature = "block-transfer")]
pub(crate) mod outgoing;
mod upload;
mod value;

use core::cell::Cell;

#[cfg(feature = "block-transfer")]
pub use download::Download;
#[cfg(feature = "block-transfer")]
pub(crate) use download::{Downloads, Target, digest};
#[cfg(feature = "block-transfer")]
pub use outgoing::Outgoing;
pub use upload::Upload;
pub(crate) use upload::{Key, Part, Received, Uploads};

use crate::coap::{BlockSize, ConnectionId};
use crate::time::Instant;

/// Whether this build sends in blocks what is longer than a message. What it receives in blocks it
/// takes in any case, if it is one value.
pub const BLOCK_TRANSFER: bool = cfg!(feature = "block-transfer");

/// The transfers of other peers' requests.
pub(crate) struct Transfers<'a> {
    pub uploads: Uploads<'a>,
    #[cfg(feature = "block-transfer")]
    pub downloads: Downloads<'a>,
}

impl<'a> Transfers<'a> {
    /// Gives back what nobody has gone on with.
    pub fn expire(&mut self, buffers: &Buffers<'a>, now: Instant) {
        self.uploads
            .forget_where(buffers, |_, expires| expires <= now);
        #[cfg(feature = "block-transfer")]
        self.downloads
            .forget_where(buffers, |_, expires| expires <= now);
    }

    /// Gives back what belongs to a connection that is gone.
    pub fn forget(&mut self, buffers: &Buffers<'a>, connection: ConnectionId) {
        self.uploads.forget_where(buffers, |of, _| of == connection);
        #[cfg(feature = "block-transfer")]
        self.downloads
            .forget_where(buffers, |of, _| of == connection);
    }
}

/// How long a transfer is kept that nobody goes on with, in milliseconds: MAX_TRANSMIT_WAIT of
/// RFC 7252 §4.8.2, after which a peer has given up.
const PATIENCE: u64 = 93_000;

/// What a message of one block needs besides the block.
const HEADERS: usize = 64;

/// The block size used: the configured one, if a message can take it.
#[must_use]
pub(crate) const fn block_size(configured: usize, max_message: usize) -> BlockSize {
    let room = max_message.saturating_sub(HEADERS);
    BlockSize::within(if configured < room { configured } else { room })
}

/// A buffer for what is longer than a message.
#[cfg(feature = "block-transfer")]
pub type Buffer<'a> = &'a mut [u8];

/// A buffer in a build that has none: there is no value of this type, so nothing of what is done with one
/// is in the build.
#[cfg(not(feature = "block-transfer"))]
pub struct Buffer<'a>(core::convert::Infallible, core::marker::PhantomData<&'a ()>);

#[cfg(not(feature = "block-transfer"))]
impl core::ops::Deref for Buffer<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self.0 {}
    }
}

#[cfg(not(feature = "block-transfer"))]
impl core::ops::DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self.0 {}
    }
}

/// Buffers for what is longer than a message, each lent to one transfer at a time. They are lent
/// by the caller, and shared between the engine and the threads that send, always under the lock.
pub struct Buffers<'a> {
    places: &'a [Cell<Option<Buffer<'a>>>],
    /// Requests of the client's own that leave in blocks.
    #[cfg(feature = "block-transfer")]
    requests: &'a [Cell<Option<Outgoing<'a>>>],
    /// Length of a block.
    #[cfg(feature = "block-transfer")]
    pub(crate) size: BlockSize,
}

/// How much longer a buffer should be than the longest body that is written in one piece: room for
/// a record, which may cross the end of a block.
pub const RECORD_ROOM: usize = 96;

impl<'a> Buffers<'a> {
    /// No buffers.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            places: &[],
            #[cfg(feature = "block-transfer")]
            requests: &[],
            #[cfg(feature = "block-transfer")]
            size: BlockSize::LEAST,
        }
    }

    /// Takes the places of the buffers, which may be empty at first, and those of the requests of
    /// the client's own that leave in blocks. Length of a block and longest message are those of
    /// [`Settings`](crate::engine::Settings).
    #[cfg(feature = "block-transfer")]
    #[must_use]
    pub const fn new(
        places: &'a [Cell<Option<Buffer<'a>>>],
        requests: &'a [Cell<Option<Outgoing<'a>>>],
        configured_block: usize,
        max_message: usize,
    ) -> Self {
        Self {
            places,
            requests,
            size: block_size(configured_block, max_message),
        }
    }

    /// Puts a buffer in a free place; without one it is gone.
    pub fn give(&self, buffer: Buffer<'a>) {
        for place in self.places {
            match place.take() {
                None => {
                    place.set(Some(buffer));
                    return;
                }
                taken => place.set(taken),
            }
        }
    }

    /// The same with one that a peer's payload was put together in, which may have been a key.
    #[cfg_attr(feature = "block-transfer", allow(unused_mut))]
    pub(crate) fn wipe(&self, mut buffer: Buffer<'a>) {
        buffer.fill(0);
        self.give(buffer);
    }

    /// A buffer, if more than `keep` are free.
    pub(crate) fn take(&self, keep: usize) -> Option<Buffer<'a>> {
        let mut free = 0_usize;
        for place in self.places {
            let buffer = place.take();
            free = free.saturating_add(usize::from(buffer.is_some()));
            if free > keep {
                return buffer;
            }
            place.set(buffer);
        }
        None
    }

    /// Whether there are any at all, lent or not.
    pub(crate) fn exist(&self) -> bool {
        BLOCK_TRANSFER && !self.places.is_empty()
    }
}
