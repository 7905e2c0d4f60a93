// SPDX-License-Identifier: Apache-2.0
//! The buffer every encoder appends to: bounded, with places that are filled in later.

use super::EncodeError;
use crate::value::Bytes;

/// Bytes written so far into a buffer lent by the caller. A method that fails leaves the position
/// where it was.
#[derive(Debug, Default)]
pub struct Output<'a> {
    buffer: &'a mut [u8],
    position: usize,
}

impl<'a> Output<'a> {
    /// An empty output over `buffer`.
    #[must_use]
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Output {
            buffer,
            position: 0,
        }
    }

    /// An output over `buffer` whose first `position` bytes are written.
    #[cfg(feature = "block-transfer")]
    pub(crate) fn after(buffer: &'a mut [u8], position: usize) -> Self {
        let position = position.min(buffer.len());
        Output { buffer, position }
    }

    /// The same output, with no more than `length` bytes in all.
    #[cfg(feature = "block-transfer")]
    pub(crate) fn limited(self, length: usize) -> Self {
        let length = length.min(self.buffer.len());
        Output {
            buffer: self.buffer.get_mut(..length).unwrap_or_default(),
            position: self.position,
        }
    }

    /// How many bytes were written.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes still fit.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.buffer.len().saturating_sub(self.position)
    }

    /// The bytes written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.position).unwrap_or_default()
    }

    /// The bytes written, for as long as the buffer lives.
    #[must_use]
    pub fn into_written(self) -> &'a mut [u8] {
        self.buffer.get_mut(..self.position).unwrap_or_default()
    }

    /// What was written ends here: how much it was, and an output over the rest of the buffer.
    #[must_use]
    pub fn into_rest(self) -> (usize, Output<'a>) {
        let (_, rest) = self
            .buffer
            .split_at_mut_checked(self.position)
            .unwrap_or_default();
        (self.position, Output::new(rest))
    }

    /// Appends one byte.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn put(&mut self, byte: u8) -> Result<(), EncodeError> {
        let place = self
            .buffer
            .get_mut(self.position)
            .ok_or(EncodeError::Full)?;
        *place = byte;
        self.position = self.position.wrapping_add(1);
        Ok(())
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`EncodeError::Full`]: nothing was appended.
    pub fn put_slice(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let place = self.room(bytes.len())?;
        // Equal by construction; the comparison lets the compiler see it.
        if place.len() == bytes.len() {
            place.copy_from_slice(bytes);
        }
        self.position = self.position.wrapping_add(bytes.len());
        Ok(())
    }

    /// Appends the low `width` bytes of `value`, 1..=8, in network byte order.
    ///
    /// # Errors
    /// [`EncodeError::Full`]: nothing was appended.
    pub fn put_uint(&mut self, value: u64, width: usize) -> Result<(), EncodeError> {
        let unused = 8_usize.wrapping_sub(width) & 7;
        let whole = value << (unused << 3);
        let place = self.buffer.get_mut(self.position..);
        match place.and_then(|place| place.first_chunk_mut::<8>()) {
            // In one store: what it writes beyond the width lies behind the position.
            Some(place) => {
                *place = whole.to_be_bytes();
                self.position = self.position.wrapping_add(width);
                Ok(())
            }
            None => self.put_uint_at_end(whole, width),
        }
    }

    /// Appends a value that lives elsewhere.
    ///
    /// # Errors
    /// [`EncodeError::Full`]; [`EncodeError::Changed`] when it yields fewer bytes than its length
    /// says. Nothing was appended then.
    pub fn put_bytes<B: Bytes>(&mut self, bytes: B) -> Result<(), EncodeError> {
        self.put_bytes_of_length(bytes, bytes.len())
    }

    /// Appends a value whose length, `length`, was asked before and perhaps written already.
    ///
    /// # Errors
    /// As for [`Output::put_bytes`].
    pub fn put_bytes_of_length<B: Bytes>(
        &mut self,
        bytes: B,
        length: usize,
    ) -> Result<(), EncodeError> {
        let copied = bytes.copy(0, self.room(length)?);
        if copied != length {
            return Err(EncodeError::Changed);
        }
        self.position = self.position.wrapping_add(length);
        Ok(())
    }

    /// Appends `count` bytes of a value from `from` on.
    ///
    /// # Errors
    /// As for [`Output::put_bytes`].
    #[cfg(feature = "block-transfer")]
    pub(super) fn put_range<B: Bytes>(
        &mut self,
        bytes: B,
        from: usize,
        count: usize,
    ) -> Result<(), EncodeError> {
        if bytes.copy(from, self.room(count)?) != count {
            return Err(EncodeError::Changed);
        }
        self.position = self.position.wrapping_add(count);
        Ok(())
    }

    /// Appends `count` bytes of any content, to be set with [`Output::patch`]; returns where they
    /// begin.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn reserve(&mut self, count: usize) -> Result<usize, EncodeError> {
        self.room(count)?;
        let at = self.position;
        self.position = at.wrapping_add(count);
        Ok(at)
    }

    /// Overwrites bytes already written. What would lie beyond the position is left out.
    pub fn patch(&mut self, at: usize, bytes: &[u8]) {
        let written = self.buffer.get_mut(at..self.position).unwrap_or_default();
        for (to, from) in written.iter_mut().zip(bytes) {
            *to = *from;
        }
    }

    /// Overwrites one byte already written.
    #[cfg(feature = "cbor-items")]
    pub(super) fn set(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.buffer.get_mut(at) {
            *place = byte;
        }
    }

    /// Makes a gap of `count` bytes at `at`, moving what follows; the gap is to be set with
    /// [`Output::patch`].
    ///
    /// # Errors
    /// [`EncodeError::Full`]: nothing was moved.
    pub fn insert(&mut self, at: usize, count: usize) -> Result<(), EncodeError> {
        let end = self.position;
        self.reserve(count)?;
        let moved = self.buffer.get_mut(at..self.position).unwrap_or_default();
        let length = end.saturating_sub(at);
        // Both bounds hold by construction; the comparison lets the compiler see it.
        if length <= moved.len() && count <= moved.len().wrapping_sub(length) {
            moved.copy_within(..length, count);
        }
        Ok(())
    }

    /// Forgets what was written from `position` on. A position not yet reached changes nothing.
    pub fn truncate(&mut self, position: usize) {
        self.position = self.position.min(position);
    }

    /// The bytes written from `at` on, to be changed in place.
    pub(super) fn tail_mut(&mut self, at: usize) -> &mut [u8] {
        self.buffer.get_mut(at..self.position).unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn put_uint_at_end(&mut self, whole: u64, width: usize) -> Result<(), EncodeError> {
        self.put_slice(whole.to_be_bytes().get(..width).unwrap_or_default())
    }

    fn room(&mut self, count: usize) -> Result<&mut [u8], EncodeError> {
        self.buffer
            .get_mut(self.position..)
            .and_then(|rest| rest.get_mut(..count))
            .ok_or(EncodeError::Full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_leaves_what_was_written() {
        let mut buffer = [0; 4];
        let mut output = Output::new(&mut buffer);
        output.put_slice(b"abc").unwrap();
        assert_eq!(output.put_slice(b"de"), Err(EncodeError::Full));
        assert_eq!(output.put_uint(1, 2), Err(EncodeError::Full));
        assert_eq!(output.put_bytes(b"de".as_slice()), Err(EncodeError::Full));
        assert_eq!(output.reserve(2), Err(EncodeError::Full));
        assert_eq!(output.insert(0, 2), Err(EncodeError::Full));
        assert_eq!(output.written(), b"abc");
        output.put(b'd').unwrap();
        assert_eq!(output.put(b'e'), Err(EncodeError::Full));
        assert_eq!(
            (output.written(), output.remaining()),
            (b"abcd".as_slice(), 0)
        );
        assert_eq!(output.into_written(), b"abcd");
    }

    #[test]
    fn a_gap_moves_what_follows() {
        let mut buffer = [0; 8];
        let mut output = Output::new(&mut buffer);
        output.put_slice(b"adef").unwrap();
        output.insert(1, 2).unwrap();
        output.patch(1, b"bc");
        assert_eq!(output.written(), b"abcdef");
        output.insert(6, 1).unwrap();
        output.patch(6, b"ghij");
        assert_eq!(output.written(), b"abcdefg");
        output.truncate(2);
        output.truncate(5);
        assert_eq!(output.written(), b"ab");
    }

    #[test]
    fn numbers_are_written_in_network_order() {
        let mut buffer = [0; 8];
        let mut output = Output::new(&mut buffer);
        output.put_uint(0x0102_0304, 3).unwrap();
        output.put_uint(0x0506, 2).unwrap();
        output.put_uint(0x0708_090a, 3).unwrap();
        assert_eq!(output.written(), [2, 3, 4, 5, 6, 8, 9, 10]);
    }

    #[test]
    fn a_value_that_shrinks_while_it_is_copied_is_refused() {
        let mut buffer = [0; 8];
        let mut output = Output::new(&mut buffer);
        assert_eq!(
            output.put_bytes_of_length(b"abc".as_slice(), 4),
            Err(EncodeError::Changed)
        );
        assert_eq!(output.position(), 0);
    }
}
