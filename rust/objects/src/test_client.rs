// SPDX-License-Identifier: Apache-2.0
//! The client around the objects under test: a lock, a clock that is set by hand, a record of what
//! the objects ask for, and the operations of a server.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::vec::Vec;
use std::{format, string::String};

use core::ffi::c_int;
use lwm2m_core::model::{Changes, DataModel, Fragment, ModelError};
use lwm2m_core::path::Path;
use lwm2m_core::time::Instant;
use lwm2m_core::value::{Bytes, Value};
use lwm2m_registry::Resource;

use crate::access::lock as registry;
use crate::hooks::Hooks;
use crate::object::Object;
use crate::package::{DownloadFailure, Package};

/// What the objects asked for, and what they are answered. Tests run one at a time.
struct Record {
    now: Mutex<u64>,
    calls: Mutex<Vec<String>>,
    answer: Mutex<c_int>,
    bootstrapping: Mutex<bool>,
    pull: Mutex<Result<(), DownloadFailure>>,
    pulling: Mutex<Option<Package>>,
}

static RECORD: Record = Record {
    now: Mutex::new(0),
    calls: Mutex::new(Vec::new()),
    answer: Mutex::new(0),
    bootstrapping: Mutex::new(false),
    pull: Mutex::new(Ok(())),
    pulling: Mutex::new(None),
};

#[unsafe(no_mangle)]
fn lwm2m_objects_hooks() -> &'static Hooks {
    &HOOKS
}

static HOOKS: Hooks = Hooks {
    lock: || DEPTH.with(|depth| depth.set(depth.get() + 1)),
    unlock: || DEPTH.with(|depth| depth.set(depth.get() - 1)),
    changes: &RECORD,
    now: || Instant::from_millis(*lock(&RECORD.now)),
    wake: || call("wake".into()),
    update_registration: || call("update".into()),
    server_disabled: |instance| {
        call(format!("disabled {instance}"));
        *lock(&RECORD.answer)
    },
    bootstrap: || {
        call("bootstrap".into());
        *lock(&RECORD.answer)
    },
    is_bootstrapping: || *lock(&RECORD.bootstrapping),
    pull: |package, uri| {
        call(format!("pull {package:?} {}", String::from_utf8_lossy(uri)));
        let answer = *lock(&RECORD.pull);
        *lock(&RECORD.pulling) = answer.is_ok().then_some(package);
        answer
    },
    cancel_pull: |package| {
        if lock(&RECORD.pulling)
            .take_if(|pulling| *pulling == package)
            .is_some()
        {
            call(format!("cancel {package:?}"));
        }
    },
    pulling: |package| *lock(&RECORD.pulling) == Some(package),
    keep_errors: |codes| {
        call(format!("keep {codes:?}"));
        *lock(&RECORD.answer)
    },
};

std::thread_local! {
    /// How often this thread holds the registry lock; only one test at a time uses the registry.
    static DEPTH: Cell<i32> = const { Cell::new(0) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn call(what: String) {
    lock(&RECORD.calls).push(what);
}

impl Changes for Record {
    fn resource_changed(&self, path: Path) {
        let segments: Vec<String> = path.segments().map(|id| format!("/{id}")).collect();
        call(format!("changed {}", segments.concat()));
    }

    fn instances_changed(&self, _: Path, _: bool) {}
}

/// A test that has the objects and their client to itself.
pub(crate) struct Alone {
    _one: MutexGuard<'static, ()>,
}

/// Waits for the other tests and begins at time 0 with nothing recorded.
pub(crate) fn alone() -> Alone {
    static ONE: Mutex<()> = Mutex::new(());
    let alone = Alone { _one: lock(&ONE) };
    alone.at(0);
    alone.answers(0);
    alone.bootstraps(false);
    *lock(&RECORD.pull) = Ok(());
    *lock(&RECORD.pulling) = None;
    alone.calls();
    alone
}

impl Alone {
    /// Sets the clock.
    pub fn at(&self, millis: u64) {
        *lock(&RECORD.now) = millis;
    }

    /// Whether a Bootstrap-Server is at work from now on.
    pub fn bootstraps(&self, bootstrapping: bool) {
        *lock(&RECORD.bootstrapping) = bootstrapping;
    }

    /// What hooks that answer with a number answer from now on.
    pub fn answers(&self, answer: c_int) {
        *lock(&RECORD.answer) = answer;
    }

    /// What the pull hook answers from now on.
    pub fn pulls(&self, answer: Result<(), DownloadFailure>) {
        *lock(&RECORD.pull) = answer;
    }

    /// The fetching that was asked for ends.
    pub fn pulled(&self, package: Package, outcome: Result<(), DownloadFailure>) {
        *lock(&RECORD.pulling) = None;
        crate::package::ended(package, outcome);
    }

    /// What was asked for since the last call.
    pub fn calls(&self) -> Vec<String> {
        core::mem::take(&mut lock(&RECORD.calls))
    }

    /// Read of a resource or resource instance.
    pub fn read(&self, path: &str) -> Result<Value<Vec<u8>>, ModelError> {
        let (resource, id) = self.resource(path)?;
        Ok(match registry().read(&resource, id)? {
            Value::String(bytes) => Value::String(copied(&bytes)),
            Value::Opaque(bytes) => Value::Opaque(copied(&bytes)),
            Value::Integer(value) => Value::Integer(value),
            Value::Float(value) => Value::Float(value),
            Value::Boolean(value) => Value::Boolean(value),
            Value::Time(value) => Value::Time(value),
            Value::ObjectLink(link) => Value::ObjectLink(link),
        })
    }

    /// Write of a resource or resource instance.
    pub fn write(&self, path: &str, value: Value<&[u8]>) -> Result<(), ModelError> {
        let (resource, id) = self.resource(path)?;
        registry().check(&resource, id, value)?;
        registry().write(&resource, id, value)?;
        Ok(())
    }

    /// One block of a Write.
    pub fn write_block(&self, path: &str, fragment: Fragment<'_>) -> Result<(), ModelError> {
        let (resource, id) = self.resource(path)?;
        registry().write_fragment(&resource, id, fragment)
    }

    /// Execute without arguments.
    pub fn execute(&self, path: &str) -> Result<(), ModelError> {
        self.execute_with(path, b"")
    }

    /// Execute with arguments.
    pub fn execute_with(&self, path: &str, arguments: &[u8]) -> Result<(), ModelError> {
        let (resource, _) = self.resource(path)?;
        registry().execute(&resource, arguments)
    }

    /// Create of an instance with this id.
    pub fn create(&self, object: u16, instance: u16) -> Result<u16, ModelError> {
        registry().create(object, Some(instance))
    }

    /// Delete of an instance.
    pub fn delete(&self, object: u16, instance: u16) -> Result<(), ModelError> {
        registry().delete(object, instance)
    }

    /// The ids of the resource instances of a resource.
    pub fn resource_instances(&self, path: &str) -> Vec<u16> {
        let (resource, _) = self.resource(path).unwrap();
        let next = |slot| registry().next_resource_instance(&resource, slot);
        core::iter::successors(next(0), |(slot, _)| next(slot + 1))
            .map(|(_, id)| id)
            .collect()
    }

    fn resource(&self, path: &str) -> Result<(Resource, u16), ModelError> {
        let path = Path::parse(path.as_bytes()).unwrap();
        let registry = registry();
        let resource = registry
            .instance(path.object_id(), path.instance_id())
            .and_then(|instance| registry.resource(&instance, path.resource_id()))
            .ok_or(ModelError::NotFound)?;
        let id = path.resource_instance_id();
        Ok((resource, if id == u16::MAX { 0 } else { id }))
    }
}

fn copied(bytes: &impl Bytes) -> Vec<u8> {
    let mut copy = std::vec![0; bytes.len()];
    assert_eq!(bytes.copy(0, &mut copy), copy.len());
    copy
}

static OBJECTS: [&Object; 27] = [
    &crate::access_control::OBJECT,
    &crate::accelerometer::OBJECT,
    &crate::battery::OBJECT,
    &crate::binary_app_data::OBJECT,
    &crate::buzzer::OBJECT,
    &crate::connectivity::OBJECT,
    &crate::current::OBJECT,
    &crate::device::OBJECT,
    &crate::event_log::OBJECT,
    &crate::filling::OBJECT,
    &crate::firmware::OBJECT,
    &crate::gateway::OBJECT,
    &crate::generic_sensor::OBJECT,
    &crate::humidity::OBJECT,
    &crate::light_control::OBJECT,
    &crate::location::OBJECT,
    &crate::lpwan::OBJECT,
    &crate::on_off_switch::OBJECT,
    &crate::portfolio::OBJECT,
    &crate::pressure::OBJECT,
    &crate::push_button::OBJECT,
    &crate::security::OBJECT,
    &crate::server::OBJECT,
    &crate::software_management::OBJECT,
    &crate::temperature::OBJECT,
    &crate::timer::OBJECT,
    &crate::voltage::OBJECT,
];

impl Drop for Alone {
    fn drop(&mut self) {
        registry().set_hook(None);
        for object in OBJECTS {
            let registry = registry();
            while let Some(instance) = registry.next_instance(object.id(), None) {
                registry.delete(object.id(), instance).unwrap();
            }
            // SAFETY: the node is a static.
            unsafe { registry.unregister_obj(object.node()) };
        }
        if !std::thread::panicking() {
            assert_eq!(DEPTH.with(Cell::get), 0, "the lock was not given back");
        }
    }
}
