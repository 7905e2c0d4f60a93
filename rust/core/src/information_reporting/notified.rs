// SPDX-License-Identifier: Apache-2.0
//! The numbers that were last notified, with which `gt`, `lt`, `st`, `epmin` and `epmax` compare,
//! OMA-TS-LightweightM2M_Core-V1_1_1 §5.1.2.
//!
//! They are read back from the notification itself, so that they are what the server was told. A
//! number that is not remembered, because there is no room or it was not told yet, is notified
//! whenever it changes.

use core::cell::Cell;

use super::attributes::{Attributes, Kind, is_numeric};
use crate::coap::Message;
use crate::content::Records;
use crate::device_management::resource_at;
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::Path;
use crate::time::Instant;
use crate::value::Value;

/// A number of a resource or resource instance, as one observer knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotifiedValue {
    slot: u8,
    path: Path,
    value: f64,
    /// When it was last compared, or told.
    evaluated: Instant,
    state: State,
}

/// What became of a number since. (From 1 on, as [`Kind`] is.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum State {
    /// It has not changed, or did not have to be told.
    Compared = 1,
    /// It changed.
    Changed,
}

impl NotifiedValue {
    /// When it is to be compared next.
    fn due(&self, attributes: &Attributes<'_>) -> Option<Instant> {
        let set = attributes.effective(&self.path);
        let (least, most) = (
            set.seconds(Kind::MinimumEvaluationPeriod),
            set.seconds(Kind::MaximumEvaluationPeriod),
        );
        let least = least.unwrap_or(0);
        let changed = (self.state == State::Changed).then(|| self.evaluated.after_secs(least));
        // TS Core 1.1.1 §5.1.2: one below the other is ignored.
        let most = most.filter(|most| *most > least);
        let idle = most.map(|seconds| self.evaluated.after_secs(seconds));
        Instant::earliest(changed, idle)
    }
}

/// Those numbers, in storage lent by the caller.
pub struct NotifiedValues<'a> {
    entries: &'a [Cell<Option<NotifiedValue>>],
    /// Whether there may be any.
    any: Cell<bool>,
}

impl<'a> NotifiedValues<'a> {
    /// Takes the storage, one entry for each number.
    #[must_use]
    pub const fn new(entries: &'a [Cell<Option<NotifiedValue>>]) -> Self {
        Self {
            entries,
            any: Cell::new(false),
        }
    }

    fn find(&self, slot: u8, path: &Path) -> Option<&'a Cell<Option<NotifiedValue>>> {
        self.used().iter().find(|entry| {
            entry
                .get()
                .is_some_and(|known| known.slot == slot && known.path == *path)
        })
    }

    /// Notes that a number changed. Returns whether it is remembered, so that it is compared before
    /// it counts.
    pub(crate) fn changed(&self, slot: u8, path: &Path, attributes: &Attributes<'_>) -> bool {
        let Some(entry) = self.find(slot, path) else {
            return false;
        };
        if !attributes.effective(path).is_conditional() {
            return false;
        }
        entry.set(entry.get().map(|known| NotifiedValue {
            state: State::Changed,
            ..known
        }));
        true
    }

    /// Has every number compared again, because what it is compared with changed.
    pub(crate) fn compare_all(&self) {
        for entry in self.used() {
            entry.set(entry.get().map(|known| NotifiedValue {
                state: State::Changed,
                ..known
            }));
        }
    }

    /// Remembers a number as the observer of this slot was told it.
    fn told(&self, slot: u8, path: &Path, value: f64, now: Instant) {
        let entry = self
            .find(slot, path)
            .or_else(|| self.entries.iter().find(|entry| entry.get().is_none()));
        if let Some(entry) = entry {
            self.any.set(true);
            entry.set(Some(NotifiedValue {
                slot,
                path: *path,
                value,
                evaluated: now,
                state: State::Compared,
            }));
        }
    }

    /// Forgets what the observer of this slot knew.
    fn forget(&self, slot: u8) {
        for entry in self.used() {
            if entry.get().is_some_and(|known| known.slot == slot) {
                entry.set(None);
            }
        }
        self.any
            .set(self.used().iter().any(|entry| entry.get().is_some()));
    }

    fn used(&self) -> &'a [Cell<Option<NotifiedValue>>] {
        if self.any.get() { self.entries } else { &[] }
    }

    /// When a number is to be compared next.
    pub(crate) fn next_deadline(&self, attributes: &Attributes<'_>) -> Option<Instant> {
        self.used()
            .iter()
            .filter_map(Cell::get)
            .map(|known| known.due(attributes))
            .fold(None, Instant::earliest)
    }

    fn take_due(&self, attributes: &Attributes<'_>, now: Instant) -> Option<NotifiedValue> {
        let mut entries = self.used().iter();
        entries.find_map(|entry| {
            let known = entry.get()?;
            if known.due(attributes)? > now {
                return None;
            }
            entry.set(Some(NotifiedValue {
                evaluated: now,
                state: State::Compared,
                ..known
            }));
            Some(known)
        })
    }
}

/// Remembers the numbers of a message that answers an Observe or is a notification, as far as their
/// attributes need it. `datagram` was written for the observation in this slot.
pub(crate) fn remember<M: DataModel>(context: &Context<'_, '_, M>, slot: u8, datagram: &[u8]) {
    let shared = context.shared;
    let (attributes, notified) = (&shared.attributes, &shared.notified);
    notified.forget(slot);
    let Some(observation) = shared.observations.get(slot) else {
        return;
    };
    let Ok(message) = Message::parse(datagram) else {
        return;
    };
    if attributes.is_empty() {
        return;
    }
    let request = if cfg!(feature = "senml") && observation.composite {
        Path::ROOT
    } else {
        observation.path
    };
    // What goes out in blocks is read as far as it is there.
    for record in Records::new(observation.format, request, message.payload).map_while(Result::ok) {
        if !attributes.effective(&record.path).is_conditional() {
            continue;
        }
        let Ok(resource) = resource_at(context.model, &record.path) else {
            continue;
        };
        if !is_numeric(resource.data_type) {
            continue;
        }
        if let Some(value) = record.interpret(resource.data_type).ok().and_then(number) {
            notified.told(slot, &record.path, value, context.now);
        }
    }
}

/// Compares a number whose time has come with what its observer knows. Returns whether there was
/// one.
#[inline(never)]
pub(crate) fn evaluate<M: DataModel>(context: &Context<'_, '_, M>) -> bool {
    let shared = context.shared;
    let (attributes, observations) = (&shared.attributes, &shared.observations);
    let Some(known) = shared.notified.take_due(attributes, context.now) else {
        return false;
    };
    let set = attributes.effective(&known.path);
    let value = shared.operation(|| read(context.model, &known.path));
    // What is gone or has no value any more is told as any other change.
    if value.is_none_or(|value| set.asks_for(known.value, value)) {
        observations.changed_for(known.slot, &known.path, attributes);
    }
    true
}

fn read<M: DataModel>(model: &M, path: &Path) -> Option<f64> {
    let resource = resource_at(model, path).ok()?;
    let id = if resource.multiple {
        path.resource_instance_id()
    } else {
        0
    };
    number(model.read(&resource, id).ok()?)
}

#[allow(clippy::cast_precision_loss)]
fn number<B>(value: Value<B>) -> Option<f64> {
    match value {
        Value::Integer(value) => Some(value as f64),
        Value::Float(value) => Some(value),
        _ => None,
    }
}
