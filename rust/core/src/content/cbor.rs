// SPDX-License-Identifier: Apache-2.0
//! CBOR data items, RFC 8949.

use crate::value::Bytes;

/// The chunks of a string of indefinite length, checked to be well-formed.
#[derive(Clone, Copy, Debug)]
pub struct Chunks<'a> {
    items: &'a [u8],
    length: usize,
}
impl<'a> Chunks<'a> {
    pub(super) fn pieces(&self) -> core::iter::Once<&'a [u8]> { core::iter::once(self.items) }
}
impl Bytes for Chunks<'_> {
    fn len(&self) -> usize { self.length }
    fn copy(&self, _offset: usize, _into: &mut [u8]) -> usize { 0 }
}
