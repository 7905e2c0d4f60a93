// SPDX-License-Identifier: Apache-2.0
//! The accounts as they were before a Bootstrap-Server began to change them: they are in force again
//! when the bootstrap ends without Bootstrap-Finish.

use core::cell::Cell;

use crate::content::{EncodeError, Output};
use crate::model::{DataModel, Permissions, Resource};
use crate::registration::accounts::{SECURITY, SERVER};
use crate::value::{Bytes, ObjectLink, Value};

/// What accounts are made of.
const OBJECTS: [u16; 2] = [SECURITY, SERVER];

/// Bytes before a value's own: object, instance, resource, resource instance, kind, length.
const HEAD: usize = 11;
/// In the place of a value's kind: a record that says that there is the instance.
const INSTANCE: u8 = 7;

/// The room for accounts: so many instances with so many resources each, which have `texts` bytes of
/// strings and opaque values in all.
#[must_use]
pub const fn room(instances: usize, resources: usize, texts: usize) -> usize {
    let numbers = HEAD.saturating_add(8).saturating_mul(resources);
    HEAD.saturating_add(numbers)
        .saturating_add(texts)
        .saturating_mul(instances)
}

/// The room for the accounts, and what is in it.
pub struct Kept<'a> {
    room: Cell<Option<&'a mut [u8]>>,
    state: Cell<State>,
}

#[derive(Clone, Copy)]
enum State {
    /// Nothing was changed since the last bootstrap ended.
    Nothing,
    /// So many bytes of the room are what there was before; `None`: it did not fit.
    Changing(Option<usize>),
}

impl<'a> Kept<'a> {
    /// Nothing is kept yet.
    #[must_use]
    pub const fn new(room: &'a mut [u8]) -> Self {
        Self {
            room: Cell::new(Some(room)),
            state: Cell::new(State::Nothing),
        }
    }

    /// The accounts are about to be changed: keeps them, unless an earlier change did.
    pub(crate) fn begin<M: DataModel>(&self, model: &M) {
        if let State::Changing(_) = self.state.get() {
            return;
        }
        let mut length = None;
        if let Some(room) = self.room.take() {
            length = write(model, Output::new(room)).ok();
            self.room.set(Some(room));
        }
        self.state.set(State::Changing(length));
    }

    /// What was changed stays.
    pub(crate) fn accept(&self) {
        self.state.set(State::Nothing);
        if let Some(room) = self.room.take() {
            self.forget(room);
        }
    }

    /// Keys are not left behind.
    fn forget(&self, room: &'a mut [u8]) {
        room.fill(0);
        self.room.set(Some(room));
    }

    /// What was changed is taken back.
    pub(crate) fn restore<M: DataModel>(&self, model: &M) {
        let State::Changing(Some(length)) = self.state.replace(State::Nothing) else {
            return;
        };
        if let Some(room) = self.room.take() {
            let records = room.get(..length).unwrap_or_default();
            delete_others(model, records);
            for record in (Records { rest: records }) {
                record.restore(model);
            }
            self.forget(room);
        }
    }
}

fn write<M: DataModel>(model: &M, mut output: Output<'_>) -> Result<usize, EncodeError> {
    for object in OBJECTS {
        let mut last = None;
        while let Some(id) = model.next_instance(object, last) {
            last = Some(id);
            head(&mut output, [object, id, 0, 0], INSTANCE, 0)?;
            let Some(instance) = model.instance(object, id) else {
                continue;
            };
            let mut index = 0_u16;
            while let Some(resource) = model.next_resource(&instance, index, Permissions::new(0)) {
                index = resource.index.saturating_add(1);
                write_resource(model, &resource, [object, id, resource.id, 0], &mut output)?;
            }
        }
    }
    Ok(output.position())
}

fn write_resource<M: DataModel>(
    model: &M,
    resource: &Resource<M::Instance>,
    path: [u16; 4],
    output: &mut Output<'_>,
) -> Result<(), EncodeError> {
    let mut slot = 0_u16;
    while let Some((found, id)) = model.next_resource_instance(resource, slot) {
        slot = found.saturating_add(1);
        // What has no value, or cannot be read now, is not what a Bootstrap-Server has written.
        let Ok(value) = model.read(resource, id) else {
            continue;
        };
        let [object, instance, resource_id, _] = path;
        let path = [object, instance, resource_id, id];
        let (kind, number) = match value {
            Value::String(text) => {
                bytes(output, path, 0, text)?;
                continue;
            }
            Value::Opaque(data) => {
                bytes(output, path, 1, data)?;
                continue;
            }
            Value::Integer(value) => (2, value.to_le_bytes()),
            Value::Float(value) => (3, value.to_le_bytes()),
            Value::Boolean(value) => (4, i64::from(value).to_le_bytes()),
            Value::Time(value) => (5, value.to_le_bytes()),
            Value::ObjectLink(link) => {
                let ([o0, o1], [i0, i1]) = (link.object.to_le_bytes(), link.instance.to_le_bytes());
                (6, [o0, o1, i0, i1, 0, 0, 0, 0])
            }
        };
        head(output, path, kind, 8)?;
        output.put_slice(&number)?;
    }
    Ok(())
}

fn head(output: &mut Output<'_>, path: [u16; 4], kind: u8, length: u16) -> Result<(), EncodeError> {
    for number in path {
        output.put_slice(&number.to_le_bytes())?;
    }
    output.put_slice(&[kind])?;
    output.put_slice(&length.to_le_bytes())
}

fn bytes<B: Bytes>(
    output: &mut Output<'_>,
    path: [u16; 4],
    kind: u8,
    value: B,
) -> Result<(), EncodeError> {
    let length = value.len();
    head(
        output,
        path,
        kind,
        u16::try_from(length).map_err(|_| EncodeError::Full)?,
    )?;
    let mut offset = 0_usize;
    let mut piece = [0; 16];
    while offset < length {
        let count = value.copy(offset, &mut piece);
        let copied = piece.get(..count).filter(|copied| !copied.is_empty());
        output.put_slice(copied.ok_or(EncodeError::Full)?)?;
        offset = offset.saturating_add(count);
    }
    Ok(())
}

/// What there was, one by one.
#[derive(Clone, Copy)]
struct Records<'r> {
    rest: &'r [u8],
}

struct Record<'r> {
    path: [u16; 4],
    kind: u8,
    data: &'r [u8],
}

impl<'r> Iterator for Records<'r> {
    type Item = Record<'r>;

    fn next(&mut self) -> Option<Record<'r>> {
        let (head, rest) = self.rest.split_first_chunk::<HEAD>()?;
        let [o0, o1, i0, i1, r0, r1, n0, n1, kind, l0, l1] = *head;
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        let (data, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Record {
            path: [[o0, o1], [i0, i1], [r0, r1], [n0, n1]].map(u16::from_le_bytes),
            kind,
            data,
        })
    }
}

impl<'r> Record<'r> {
    fn value(&self) -> Option<Value<&'r [u8]>> {
        let bytes = match self.kind {
            0 => return Some(Value::String(self.data)),
            1 => return Some(Value::Opaque(self.data)),
            _ => *self.data.first_chunk()?,
        };
        let integer = i64::from_le_bytes(bytes);
        let [o0, o1, i0, i1, ..] = bytes;
        Some(match self.kind {
            2 => Value::Integer(integer),
            3 => Value::Float(f64::from_le_bytes(bytes)),
            4 => Value::Boolean(integer != 0),
            5 => Value::Time(integer),
            6 => Value::ObjectLink(ObjectLink {
                object: u16::from_le_bytes([o0, o1]),
                instance: u16::from_le_bytes([i0, i1]),
            }),
            _ => return None,
        })
    }

    /// Puts back what the record says. Nobody can be told that a callback refuses what was there
    /// before; the rest is put back all the same.
    fn restore<M: DataModel>(&self, model: &M) {
        let [object, id, resource, resource_instance] = self.path;
        if self.kind == INSTANCE {
            if model.instance(object, id).is_none() {
                let _ = model.create(object, Some(id));
            }
            clear(model, object, id);
            return;
        }
        let found = model
            .instance(object, id)
            .and_then(|instance| model.resource(&instance, resource));
        if let (Some(found), Some(value)) = (found, self.value()) {
            let _ = model.write(&found, resource_instance, value);
        }
    }
}

/// Takes the resource instances away that may be others than before.
fn clear<M: DataModel>(model: &M, object: u16, id: u16) {
    let Some(instance) = model.instance(object, id) else {
        return;
    };
    let mut index = 0_u16;
    while let Some(resource) = model.next_resource(&instance, index, Permissions::new(0)) {
        index = resource.index.saturating_add(1);
        if resource.multiple {
            model.clear(&resource);
        }
    }
}

/// Deletes the instances that were not there before.
fn delete_others<M: DataModel>(model: &M, records: &[u8]) {
    for object in OBJECTS {
        let mut last = None;
        while let Some(id) = model.next_instance(object, last) {
            last = Some(id);
            let mut before = Records { rest: records };
            if !before.any(|record| record.path == [object, id, 0, 0] && record.kind == INSTANCE) {
                let _ = model.delete(object, id);
            }
        }
    }
}
