// SPDX-License-Identifier: Apache-2.0
//! Pieces of a package that the client fetched itself: they go the way of the C, through the buffer
//! of the package's resource to the callback of the object, without the resource's own callbacks.

use core::ffi::c_int;

use lwm2m_core::model::{DataModel, Fragment};
use lwm2m_core::path::Path;

use crate::registry::Registry;
use crate::values;
use crate::writing::Destination;

/// A part of a package as C callbacks are handed it.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its bytes; good until the callback returns.
    pub data: *mut u8,
    /// Their number.
    pub length: u16,
    /// Whether the package ends here.
    pub last: bool,
    /// The length of the package, 0 if not known.
    pub total: usize,
    /// Where in the package it begins.
    pub offset: usize,
}

impl Registry<'_> {
    /// Hands a piece of a package to `take`, in as many parts as the buffer of the resource
    /// `package` makes necessary; as it is where that has none. Stops at the first answer below 0,
    /// and gives it back.
    pub fn hand_over(
        &self,
        package: Path,
        piece: &Fragment<'_>,
        take: &mut dyn FnMut(&Part) -> c_int,
    ) -> c_int {
        let mut rest = piece.data;
        let mut offset = piece.offset;
        loop {
            let mut part = rest;
            // Where there is no buffer C code gets the received datagram itself, which nobody reads
            // again.
            let mut data = rest.as_ptr().cast_mut();
            if let Some(to) = self.buffer_of(package) {
                part = rest.get(..to.room).unwrap_or(rest);
                data = to.pointer;
                // SAFETY: the application said that there are `room` bytes at `pointer`.
                unsafe { values::update(data, part.as_ptr(), part.len()) };
            }
            rest = rest.get(part.len()..).unwrap_or_default();
            let answer = self.call(|| {
                take(&Part {
                    data,
                    length: u16::try_from(part.len()).unwrap_or(u16::MAX),
                    last: piece.last && rest.is_empty(),
                    total: piece.total,
                    offset,
                })
            });
            if answer < 0 || rest.is_empty() {
                return answer.min(0);
            }
            offset += part.len();
        }
    }

    /// The buffer of resource instance 0, as its pre-write callback names it or as it was set.
    fn buffer_of(&self, resource: Path) -> Option<Destination> {
        let instance = self.instance(resource.object_id(), resource.instance_id())?;
        let found = DataModel::resource(self, &instance, resource.resource_id())?;
        let (node, slot) = self.slot(&found, 0)?;
        let to = self.destination(&found, 0, node, slot);
        (!to.pointer.is_null() && to.room > 0).then_some(to)
    }
}
