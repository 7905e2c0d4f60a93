// SPDX-License-Identifier: Apache-2.0
//! The client around the objects under test: a lock, a clock that is set by hand, and a record of
//! what the objects ask for.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::vec::Vec;
use std::{format, string::String};

use core::ffi::c_int;
use lwm2m_core::model::Changes;
use lwm2m_core::path::Path;
use lwm2m_core::time::Instant;

use crate::firmware::UpdateResult;
use crate::hooks::Hooks;

/// What the objects asked for, and what they are answered. Tests run one at a time.
struct Record {
    now: Mutex<u64>,
    calls: Mutex<Vec<String>>,
    answer: Mutex<c_int>,
    pull: Mutex<Result<(), UpdateResult>>,
}

static RECORD: Record = Record {
    now: Mutex::new(0),
    calls: Mutex::new(Vec::new()),
    answer: Mutex::new(0),
    pull: Mutex::new(Ok(())),
};

#[unsafe(no_mangle)]
static LWM2M_OBJECTS_HOOKS: Hooks = Hooks {
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
    pull: |instance| {
        call(format!("pull {instance}"));
        *lock(&RECORD.pull)
    },
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
    *lock(&RECORD.pull) = Ok(());
    alone.calls();
    alone
}

impl Alone {
    /// Sets the clock.
    pub fn at(&self, millis: u64) {
        *lock(&RECORD.now) = millis;
    }

    /// What hooks that answer with a number answer from now on.
    pub fn answers(&self, answer: c_int) {
        *lock(&RECORD.answer) = answer;
    }

    /// What the pull hook answers from now on.
    pub fn pulls(&self, answer: Result<(), UpdateResult>) {
        *lock(&RECORD.pull) = answer;
    }

    /// What was asked for since the last call.
    pub fn calls(&self) -> Vec<String> {
        core::mem::take(&mut lock(&RECORD.calls))
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        assert_eq!(DEPTH.with(Cell::get), 0, "the lock was not given back");
    }
}
