// SPDX-License-Identifier: Apache-2.0
//! The registry from inside the objects.

use core::ops::Deref;

use lwm2m_core::path::Path;
use lwm2m_registry::{CreateError, RawBuffer, RawValue, Registry, SetError, c_path};

use crate::hooks::hooks;
use crate::object::Object;

/// The registry with its lock held.
pub(crate) struct Lock(Registry<'static>);

/// Takes the registry lock until the value is dropped.
pub(crate) fn lock() -> Lock {
    (hooks().lock)();
    // SAFETY: the lock was just taken, by the contract of the hooks, and is held until `drop`; what
    // applications register keeps the contract of `lwm2m_object.h`.
    Lock(unsafe { Registry::new(hooks().changes) })
}

impl Drop for Lock {
    fn drop(&mut self) {
        (hooks().unlock)();
    }
}

impl Deref for Lock {
    type Target = Registry<'static>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Lock {
    /// Registers a built-in object.
    pub fn register_built_in(&self, object: &'static Object) {
        if self.get_engine_obj(object.id()) == object.node() {
            return;
        }
        object.prepare(self);
        // SAFETY: the node and its fields are statics.
        unsafe { self.register_obj(object.node()) };
    }

    /// Creates an instance of a built-in object as it is initialised.
    pub fn create_built_in(&self, object: &Object, instance: u16) -> Result<(), CreateError> {
        self.create_obj_inst(object.id(), instance).map(|_| ())
    }

    /// Has observers hear of a value that changed without being set.
    pub fn changed(&self, path: Path) {
        hooks().changes.resource_changed(path);
    }

    /// Sets an 8-bit resource as the application would.
    pub fn set_u8(&self, path: Path, value: u8) -> Result<(), SetError> {
        self.set(&c_path(path), RawValue::bytes(&[value]))
    }

    /// Sets a boolean resource as the application would.
    pub fn set_bool(&self, path: Path, value: bool) -> Result<(), SetError> {
        self.set_u8(path, u8::from(value))
    }

    /// Sets a 64-bit resource as the application would.
    pub fn set_i64(&self, path: Path, value: i64) -> Result<(), SetError> {
        self.set(&c_path(path), RawValue::bytes(&value.to_ne_bytes()))
    }

    /// Sets a float resource as the application would.
    pub fn set_f64(&self, path: Path, value: f64) -> Result<(), SetError> {
        self.set(&c_path(path), RawValue::bytes(&value.to_ne_bytes()))
    }

    /// The value of a float resource, if it has one.
    pub fn get_f64(&self, path: Path) -> Option<f64> {
        self.get_bytes(path).map(f64::from_ne_bytes)
    }

    /// The value of a boolean resource, if it has one.
    pub fn get_bool(&self, path: Path) -> Option<bool> {
        self.get_bytes(path).map(|[value]| value != 0)
    }

    /// The value of a 32-bit resource, if it has one.
    pub fn get_u32(&self, path: Path) -> Option<u32> {
        self.get_bytes(path).map(u32::from_ne_bytes)
    }

    fn get_bytes<const N: usize>(&self, path: Path) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        match self.get(&c_path(path), RawBuffer::new(&mut bytes)) {
            Ok(length) if length == N => Some(bytes),
            _ => None,
        }
    }

    /// The text of a string resource, without its terminator; `None` when it does not fit.
    pub fn get_text<'a>(&self, path: Path, into: &'a mut [u8]) -> Option<&'a [u8]> {
        let length = self.get(&c_path(path), RawBuffer::new(into)).ok()?;
        into.get(..length).map(text)
    }
}

/// The bytes before the first terminator.
pub(crate) fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}
