// SPDX-License-Identifier: Apache-2.0
//! Observations: who watches which paths, RFC 7641 and OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.
//!
//! The observed paths are kept sorted, so that a changed value finds its observations with a few
//! binary searches however many there are.

use core::cell::Cell;

use super::attributes::Attributes;
use crate::coap::{ConnectionId, Token};
use crate::content::ContentFormat;
use crate::path::{Level, Path};
use crate::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Active,
    /// What it watches is gone; the server is to be told.
    Ending,
    /// Cancelled; kept until the application has been told.
    Removed,
}

/// One observation, of one path or of several.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    state: State,
    /// Whether it came from an Observe-Composite.
    pub composite: bool,
    /// The path it watches, the first of several; what its events name.
    pub path: Path,
    /// Where its notifications go.
    pub connection: ConnectionId,
    /// The token of the request that made it.
    pub token: Token,
    /// The content format of its notifications.
    pub format: ContentFormat,
    /// The value of the last Observe option sent, RFC 7641 §3.4: 24 bits, ascending.
    pub sequence: u32,
    /// The most time between two notifications, of all its paths; 0 for none.
    maximum: u32,
    /// A value changed: how long after the last notification that is told.
    changed: Option<u32>,
    /// When the last notification (or the first answer) was made.
    last: Instant,
    /// No notification before this time, after one found no room.
    held_until: Instant,
    in_flight: bool,
}

/// How long a notification that found no room is put off, in milliseconds.
const HOLD: u64 = 1000;

impl Observation {
    /// An unused slot; all of it zero, so that a table of them takes no room in flash.
    pub const FREE: Self = Self {
        state: State::Free,
        composite: false,
        path: Path::resource_instance(0, 0, 0, 0),
        connection: ConnectionId(0),
        token: Token::EMPTY,
        format: ContentFormat::PlainText,
        sequence: 0,
        maximum: 0,
        changed: None,
        last: Instant::from_millis(0),
        held_until: Instant::from_millis(0),
        in_flight: false,
    };

    /// A new observation of one path whose first answer is made at `now`.
    #[must_use]
    pub const fn new(
        path: Path,
        connection: ConnectionId,
        token: Token,
        format: ContentFormat,
        now: Instant,
    ) -> Self {
        Self {
            state: State::Active,
            path,
            connection,
            token,
            format,
            sequence: FIRST_SEQUENCE,
            last: now,
            ..Self::FREE
        }
    }

    /// The same of several paths, given in ascending order.
    #[must_use]
    pub const fn composite(mut self) -> Self {
        self.composite = true;
        self
    }

    /// Whether what it watches is gone, so that nothing is left but to say so.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.state == State::Ending
    }

    /// When the next notification is due: a change waits for the Minimum Period, the Maximum
    /// Period asks for one in any case, and one in flight is waited for.
    fn due(&self) -> Option<Instant> {
        if self.in_flight {
            return None;
        }
        let changed = match self.state {
            State::Active => self.changed.map(|seconds| self.last.after_secs(seconds)),
            State::Ending => Some(self.last),
            _ => return None,
        };
        let idle = (self.maximum != 0).then(|| self.last.after_secs(self.maximum));
        Instant::earliest(changed, idle).map(|due| due.max(self.held_until))
    }

    /// Notes a change that waits this long; of several the one that waits least counts.
    fn note_change(&mut self, seconds: u32) {
        self.changed = Some(self.changed.map_or(seconds, |before| before.min(seconds)));
    }
}

/// The Observe value of the answer that establishes an observation.
pub const FIRST_SEQUENCE: u32 = 1;

/// What the application knows of an observed path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Nothing yet.
    New,
    /// That it is observed.
    Announced,
    /// That it is observed, though it no longer is.
    Gone,
}

/// An observed path and the slot of its observation.
#[derive(Clone, Copy, Debug)]
pub struct ObservedPath {
    path: Path,
    slot: u8,
    known: Known,
}

impl ObservedPath {
    /// An unused entry, all of it zero.
    pub const UNUSED: Self = Self {
        path: Path::resource_instance(0, 0, 0, 0),
        slot: 0,
        known: Known::New,
    };
}

/// What the application is told about its observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObserveEvent {
    /// A server began to observe the path.
    Added,
    /// It no longer does.
    Removed,
    /// A notification was acknowledged.
    NotifyAcknowledged,
    /// A notification was never acknowledged.
    NotifyTimeout,
}

/// All observations, in storage lent by the caller.
pub struct Observations<'a> {
    slots: &'a [Cell<Observation>],
    paths: &'a [Cell<ObservedPath>],
    path_count: Cell<usize>,
    /// One bit for each level that an observed path has.
    levels: Cell<u8>,
    /// Something may be due earlier than `earliest` says.
    stale: Cell<bool>,
    earliest: Cell<Option<Instant>>,
    /// The application has not been told of everything.
    untold: Cell<bool>,
}

/// There is no slot left for another observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSlot;

impl<'a> Observations<'a> {
    /// Takes the storage: one slot for each observation, one entry for each path they watch.
    #[must_use]
    pub const fn new(slots: &'a [Cell<Observation>], paths: &'a [Cell<ObservedPath>]) -> Self {
        Self {
            slots,
            paths,
            path_count: Cell::new(0),
            levels: Cell::new(0),
            stale: Cell::new(false),
            earliest: Cell::new(None),
            untold: Cell::new(false),
        }
    }

    /// The observation in this slot, while there is one.
    #[must_use]
    pub fn get(&self, slot: u8) -> Option<Observation> {
        let observation = self.slots.get(usize::from(slot))?.get();
        matches!(observation.state, State::Active | State::Ending).then_some(observation)
    }

    fn set(&self, slot: u8, observation: Observation) {
        if let Some(cell) = self.slots.get(usize::from(slot)) {
            cell.set(observation);
        }
        self.stale.set(true);
    }

    fn iter(&self) -> impl Iterator<Item = (u8, Observation)> + '_ {
        self.slots
            .iter()
            .zip(0..=u8::MAX)
            .map(|(cell, slot)| (slot, cell.get()))
            .filter(|(_, observation)| observation.state != State::Free)
    }

    fn free_slot(&self) -> Option<u8> {
        let mut slots = self.slots.iter().zip(0..=u8::MAX);
        let (_, slot) = slots.find(|(cell, _)| cell.get().state == State::Free)?;
        Some(slot)
    }

    /// The observation by the same peer, of the same kind and the same paths, in ascending order.
    pub fn like(&self, observation: &Observation, paths: &[Path]) -> Option<u8> {
        let (first, others) = paths.split_first()?;
        let mut like = None;
        self.visit_between(first, first, &mut |entry| {
            let same = self.get(entry.slot).is_some_and(|found| {
                found.composite == observation.composite
                    && found.connection == observation.connection
                    && others.iter().all(|path| self.watches(entry.slot, path))
                    && (!found.composite || self.paths_of(entry.slot).count() == paths.len())
            });
            if same {
                like = Some(entry.slot);
            }
        });
        like
    }

    fn watches(&self, slot: u8, path: &Path) -> bool {
        let mut watches = false;
        self.visit_between(path, path, &mut |entry| watches |= entry.slot == slot);
        watches
    }

    /// The paths an observation watches, in ascending order.
    pub fn paths_of(&self, slot: u8) -> impl Iterator<Item = Path> + 'a {
        self.used_paths()
            .iter()
            .map(Cell::get)
            .filter(move |entry| entry.slot == slot && entry.known != Known::Gone)
            .map(|entry| entry.path)
    }

    /// Adds an observation of these paths, given in ascending order. One of the same paths by the
    /// same peer is replaced (RFC 7641 §4.1: the new token takes the place of the old) and not
    /// announced again. Its numbers go on (the request came twice, or the server observes anew): the
    /// answer must not look older than the notifications before it, RFC 7641 §3.4. Returns its slot.
    ///
    /// # Errors
    /// No slot is free.
    pub fn add(
        &self,
        mut observation: Observation,
        paths: &[Path],
        attributes: &Attributes<'_>,
    ) -> Result<u8, NoSlot> {
        let slot = match self.like(&observation, paths) {
            Some(slot) => {
                let before = self.get(slot).map_or(0, |old| old.sequence);
                observation.sequence = next_sequence(before);
                slot
            }
            None if self.path_count.get().saturating_add(paths.len()) <= self.paths.len() => {
                let slot = self.free_slot().ok_or(NoSlot)?;
                for path in paths {
                    self.insert_path(ObservedPath {
                        path: *path,
                        slot,
                        known: Known::New,
                    });
                }
                slot
            }
            None => return Err(NoSlot),
        };
        observation.maximum = self.maximum_period(slot, attributes);
        self.set(slot, observation);
        Ok(slot)
    }

    /// The least of the Maximum Periods of an observation's paths, 0 if none has one.
    fn maximum_period(&self, slot: u8, attributes: &Attributes<'_>) -> u32 {
        self.paths_of(slot)
            .map(|path| attributes.periods(&path).maximum)
            .filter(|maximum| *maximum != 0)
            .min()
            .unwrap_or(0)
    }

    fn insert_path(&self, entry: ObservedPath) {
        let count = self.path_count.get();
        let position = self.first_not_before(&entry.path);
        let grown = self.paths.get(..count.saturating_add(1));
        let mut carried = entry;
        for cell in grown
            .and_then(|paths| paths.get(position..))
            .unwrap_or_default()
        {
            carried = cell.replace(carried);
        }
        self.path_count.set(grown.map_or(count, <[_]>::len));
        self.levels.set(self.levels.get() | level_bit(&entry.path));
        self.untold.set(true);
    }

    /// Drops the entries that `keep` does not want.
    fn retain_paths(&self, keep: impl Fn(&ObservedPath) -> bool) {
        let used = self.used_paths();
        let mut kept = used.iter();
        let mut levels = 0;
        for entry in used.iter().map(Cell::get).filter(keep) {
            levels |= level_bit(&entry.path);
            if let Some(to) = kept.next() {
                to.set(entry);
            }
        }
        self.levels.set(levels);
        self.path_count
            .set(used.len().saturating_sub(kept.as_slice().len()));
    }

    fn used_paths(&self) -> &'a [Cell<ObservedPath>] {
        self.paths.get(..self.path_count.get()).unwrap_or_default()
    }

    fn first_not_before(&self, path: &Path) -> usize {
        let key = path.key();
        self.used_paths()
            .partition_point(|cell| cell.get().path.key() < key)
    }

    /// Shows the entries from `first` up to and including `last`.
    fn visit_between(&self, first: &Path, last: &Path, visit: &mut dyn FnMut(&ObservedPath)) {
        let used = self.used_paths();
        let from = used.get(self.first_not_before(first)..);
        for cell in from.unwrap_or_default() {
            let entry = cell.get();
            if entry.path.key() > last.key() {
                break;
            }
            if entry.known != Known::Gone {
                visit(&entry);
            }
        }
    }

    /// Shows the entries for `path` and what lies below it, and for each path above it.
    fn visit_overlapping(&self, path: &Path, visit: &mut dyn FnMut(&ObservedPath)) {
        let levels = self.levels.get();
        if levels & bits_from(path.level()) != 0 {
            self.visit_between(&path.first_below(), path, visit);
        }
        let mut above = *path;
        while above != Path::ROOT && levels != 0 {
            above = above.parent();
            if levels & level_bit(&above) != 0 {
                self.visit_between(&above, &above, visit);
            }
        }
    }

    /// Whether any server observes `path`, something above it, or something below it.
    #[must_use]
    pub fn is_observed(&self, path: &Path) -> bool {
        let mut observed = false;
        self.visit_overlapping(path, &mut |_| observed = true);
        observed
    }

    /// Notes that the value at `path` changed. `later` says of a slot whether the change is looked
    /// at before it counts. Returns whether somebody observes the path.
    pub fn changed(
        &self,
        path: &Path,
        attributes: &Attributes<'_>,
        later: &dyn Fn(u8) -> bool,
    ) -> bool {
        let mut observed = false;
        self.visit_overlapping(path, &mut |entry| {
            observed = true;
            if !later(entry.slot) {
                self.note_change(entry.slot, &entry.path, path, attributes);
            }
        });
        observed
    }

    /// A change at `path` waits for the Minimum Period of the path observed and for its own.
    fn note_change(&self, slot: u8, observed: &Path, path: &Path, attributes: &Attributes<'_>) {
        if let Some(mut observation) = self.get(slot) {
            let mut seconds = attributes.periods(observed).minimum;
            if path != observed && !attributes.is_empty() {
                seconds = seconds.max(attributes.periods(path).minimum);
            }
            observation.note_change(seconds);
            self.set(slot, observation);
        }
    }

    /// Notes for one observation that the value at `path` changed.
    pub(crate) fn changed_for(&self, slot: u8, path: &Path, attributes: &Attributes<'_>) {
        self.visit_overlapping(path, &mut |entry| {
            if entry.slot == slot {
                self.note_change(slot, &entry.path, path, attributes);
            }
        });
    }

    /// Has attributes that changed hold for the observations there are.
    pub(crate) fn attributes_changed(&self, attributes: &Attributes<'_>) {
        for (slot, mut observation) in self.iter() {
            observation.maximum = self.maximum_period(slot, attributes);
            if observation.changed.is_some() {
                observation.changed = self
                    .paths_of(slot)
                    .map(|path| attributes.periods(&path).minimum)
                    .min();
            }
            self.set(slot, observation);
        }
    }

    /// The observation that this token made.
    #[must_use]
    pub fn by_token(&self, connection: ConnectionId, token: &Token) -> Option<u8> {
        self.iter().find_map(|(slot, observation)| {
            (observation.state == State::Active
                && observation.connection == connection
                && observation.token == *token)
                .then_some(slot)
        })
    }

    /// Cancels the observation in this slot.
    pub fn cancel_slot(&self, slot: u8) {
        if let Some(observation) = self.get(slot) {
            self.remove(slot, observation);
        }
    }

    /// Ends the watching of paths at or below one that is gone. An observation that has no other
    /// path ends with a notification that says so; the others go on.
    pub fn cancel_below(&self, path: &Path) {
        for (slot, mut observation) in self.iter() {
            if observation.state != State::Active
                || !self.paths_of(slot).any(|observed| path.contains(&observed))
            {
                continue;
            }
            self.forget_paths(|entry| entry.slot == slot && path.contains(&entry.path));
            match self.paths_of(slot).next() {
                Some(first) => {
                    observation.path = first;
                    observation.note_change(0);
                }
                None => observation.state = State::Ending,
            }
            self.set(slot, observation);
        }
    }

    /// Cancels all observations of a peer.
    pub fn cancel_all(&self, connection: ConnectionId) {
        for (slot, observation) in self.iter() {
            if observation.connection == connection {
                self.cancel_slot(slot);
            }
        }
    }

    fn remove(&self, slot: u8, mut observation: Observation) {
        self.forget_paths(|entry| entry.slot == slot);
        observation.state = State::Removed;
        self.set(slot, observation);
        self.untold.set(true);
    }

    /// Nobody observes these paths any more. The application is told of those it knows.
    fn forget_paths(&self, which: impl Fn(&ObservedPath) -> bool) {
        self.retain_paths(|entry| entry.known != Known::New || !which(entry));
        for cell in self.used_paths() {
            let mut entry = cell.get();
            if which(&entry) {
                entry.known = Known::Gone;
                cell.set(entry);
            }
        }
        self.untold.set(true);
    }

    /// The next observed path whose beginning or end the application has not been told of: ends
    /// first, because a path may be observed again.
    pub fn announce(&self) -> Option<(ObserveEvent, Path)> {
        if !self.untold.get() {
            return None;
        }
        let used = self.used_paths();
        if let Some(gone) = used.iter().position(|cell| cell.get().known == Known::Gone) {
            return Some((ObserveEvent::Removed, self.take_path(gone)));
        }
        for (slot, observation) in self.iter() {
            if observation.state == State::Removed {
                self.set(slot, Observation::FREE);
            }
        }
        let Some(cell) = used.iter().find(|cell| cell.get().known == Known::New) else {
            self.untold.set(false);
            return None;
        };
        let mut entry = cell.get();
        entry.known = Known::Announced;
        cell.set(entry);
        Some((ObserveEvent::Added, entry.path))
    }

    /// Takes an entry out.
    fn take_path(&self, position: usize) -> Path {
        let used = self.used_paths();
        let mut carried = ObservedPath::UNUSED;
        for cell in used.get(position..).unwrap_or_default().iter().rev() {
            carried = cell.replace(carried);
        }
        self.path_count.set(used.len().saturating_sub(1));
        carried.path
    }

    /// An observation whose notification is due at `now`.
    pub fn due(&self, now: Instant) -> Option<(u8, Observation)> {
        if self.next_deadline().is_none_or(|deadline| deadline > now) {
            return None;
        }
        self.iter()
            .find(|(_, observation)| observation.due().is_some_and(|due| due <= now))
    }

    /// When the next notification is due.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.stale.replace(false) {
            let earliest = self
                .iter()
                .map(|(_, observation)| observation.due())
                .fold(None, Instant::earliest);
            self.earliest.set(earliest);
        }
        self.earliest.get()
    }

    /// Takes note of a change away, because its notification is made now.
    pub fn take_change(&self, slot: u8) -> Option<u32> {
        let mut observation = self.get(slot)?;
        let change = observation.changed.take();
        self.set(slot, observation);
        change
    }

    /// Notes that a notification is on its way, with this sequence number.
    pub fn sent(&self, slot: u8, sequence: u32, now: Instant) {
        if let Some(mut observation) = self.get(slot) {
            observation.sequence = sequence;
            observation.in_flight = true;
            observation.last = now;
            self.set(slot, observation);
        }
    }

    /// Puts a notification off that could not be made for want of room, and the change it was for.
    pub fn postpone(&self, slot: u8, change: Option<u32>, now: Instant) {
        if let Some(mut observation) = self.get(slot) {
            if let Some(seconds) = change {
                observation.note_change(seconds);
            }
            observation.held_until = now.after_millis(HOLD);
            self.set(slot, observation);
        }
    }

    /// Has another notification follow, for what did not fit into the last one.
    pub(crate) fn go_on(&self, slot: u8, attributes: &Attributes<'_>) {
        let minimum = |path: Path| attributes.periods(&path).minimum;
        if let Some(mut observation) = self.get(slot) {
            let seconds = self.paths_of(slot).map(minimum).min();
            observation.note_change(seconds.unwrap_or(0));
            self.set(slot, observation);
        }
    }

    /// Notes that the notification on its way was acknowledged or given up.
    pub fn settled(&self, slot: u8) {
        if let Some(mut observation) = self.get(slot) {
            observation.in_flight = false;
            self.set(slot, observation);
        }
    }
}

const fn level_bit(path: &Path) -> u8 {
    1 << path.level() as u8
}

/// The bits of this level and those below it.
const fn bits_from(level: Level) -> u8 {
    0xff_u8 << level as u8
}

/// The sequence number after this one, RFC 7641 §4.4: 24 bits.
#[must_use]
pub const fn next_sequence(sequence: u32) -> u32 {
    sequence.wrapping_add(1) & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::super::attributes::{Attribute, Periods};
    use super::*;
    use std::format;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    const SERVER: ConnectionId = ConnectionId::SERVER;

    /// Observations with the attributes they go by.
    struct Bench<'a> {
        observations: Observations<'a>,
        attributes: Attributes<'a>,
    }

    impl Bench<'_> {
        fn try_observe(&self, paths: &[&str], token: u8, now: u64) -> Result<u8, NoSlot> {
            let paths: Vec<_> = paths.iter().map(|path| parse(path)).collect();
            let mut observation = Observation::new(
                paths[0],
                SERVER,
                Token::new(&[token]),
                ContentFormat::SenmlCbor,
                Instant::from_millis(now),
            );
            observation.composite = paths.len() > 1;
            self.observations.add(observation, &paths, &self.attributes)
        }

        fn observe(&self, path: &str, token: u8) {
            self.try_observe(&[path], token, 0).unwrap();
        }

        fn changed(&self, path: &str) -> bool {
            self.observations
                .changed(&parse(path), &self.attributes, &|_| false)
        }

        /// The tokens of the notifications that are due.
        fn due(&self, now: u64) -> Vec<u8> {
            let now = Instant::from_millis(now);
            let mut due = vec![];
            while let Some((slot, observation)) = self.observations.due(now) {
                due.extend(observation.token.as_bytes());
                self.observations.take_change(slot);
                let sequence = next_sequence(observation.sequence);
                self.observations.sent(slot, sequence, now);
            }
            due.sort_unstable();
            due
        }

        fn events(&self) -> Vec<(ObserveEvent, Path)> {
            core::iter::from_fn(|| self.observations.announce()).collect()
        }

        fn periods(&self, minimum: u32, maximum: u32) {
            self.attributes.set_defaults(Periods { minimum, maximum });
        }

        fn deadline(&self) -> Option<u64> {
            self.observations.next_deadline().map(Instant::as_millis)
        }
    }

    fn parse(path: &str) -> Path {
        Path::parse(path.as_bytes()).unwrap()
    }

    fn with<R>(f: impl FnOnce(&Bench<'_>) -> R) -> R {
        let slots = [const { Cell::new(Observation::FREE) }; 4];
        let paths = [const { Cell::new(ObservedPath::UNUSED) }; 6];
        let entries = [const { Cell::new(None::<Attribute>) }; 4];
        f(&Bench {
            observations: Observations::new(&slots, &paths),
            attributes: Attributes::new(&entries),
        })
    }

    #[test]
    fn a_changed_value_reaches_the_observers_of_it_and_of_everything_above() {
        with(|bench| {
            bench.observe("/3303/0/5700", 1);
            bench.observe("/3303", 2);
            bench.observe("/3303/1", 3);
            bench.observe("/3", 4);
            assert!(bench.changed("/3303/0/5700"));
            assert_eq!(bench.due(0), [1, 2]);
            assert!(!bench.changed("/5/0/3"));
            for (path, observed) in [
                ("/3/0/0", true),
                ("/3303/0", true),
                ("/3303/2/1", true),
                ("/5", false),
                ("/", true),
            ] {
                let is_observed = bench.observations.is_observed(&parse(path));
                assert_eq!(is_observed, observed, "{path}");
            }
        });
    }

    #[test]
    fn a_changed_resource_reaches_the_observers_of_its_instances() {
        with(|bench| {
            bench.observe("/3/0/6/0", 1);
            bench.observe("/3/0/6/9", 2);
            bench.observe("/3/0/7/0", 3);
            assert!(bench.changed("/3/0/6"));
            assert_eq!(bench.due(0), [1, 2]);
            assert!(bench.changed("/3/0/7/0"));
            assert_eq!(bench.due(0), [3]);
            assert!(!bench.changed("/3/0/7/1"));
        });
    }

    #[test]
    fn a_change_waits_for_the_minimum_period_and_for_the_notification_in_flight() {
        with(|bench| {
            bench.periods(5, 60);
            let slot = bench.try_observe(&["/3303/0/5700"], 1, 1000).unwrap();
            assert_eq!(bench.deadline(), Some(61_000));
            bench.changed("/3303/0/5700");
            assert_eq!(bench.deadline(), Some(6000));
            assert_eq!(bench.due(5999), [0; 0]);
            assert_eq!(bench.due(6000), [1]);
            bench.changed("/3303/0/5700");
            assert_eq!(bench.deadline(), None);
            bench.observations.settled(slot);
            assert_eq!(bench.deadline(), Some(11_000));
        });
    }

    #[test]
    fn each_path_of_an_observation_has_periods_of_its_own() {
        use super::super::attributes::Changes;
        with(|bench| {
            let set = |path, query: &str| {
                let mut changes = Changes::NONE;
                changes.take(query.as_bytes());
                let set = changes.made_to(&bench.attributes.own(&parse(path)));
                bench.attributes.replace(&parse(path), &set).unwrap();
            };
            set("/3303/0", "pmin=10");
            set("/3303/0", "pmax=100");
            set("/3/0/0", "pmax=50");
            set("/3303/0/5700", "pmin=20");
            bench.try_observe(&["/3/0/0", "/3303/0"], 1, 0).unwrap();
            assert_eq!(bench.deadline(), Some(50_000), "the least pmax");
            bench.changed("/3303/0/5700");
            assert_eq!(bench.deadline(), Some(20_000), "its own pmin is longer");
            bench.changed("/3303/0/5701");
            assert_eq!(bench.deadline(), Some(10_000));
            bench.changed("/3/0/0");
            assert_eq!(bench.deadline(), Some(0));
            assert_eq!(bench.due(0), [1]);
        });
    }

    #[test]
    fn slots_run_out_with_an_answer_and_come_back_once_the_removal_was_announced() {
        with(|bench| {
            for token in 0..4 {
                bench.observe(&format!("/3/0/{token}"), token);
            }
            assert_eq!(bench.try_observe(&["/5"], 9, 0), Err(NoSlot));
            assert!(bench.try_observe(&["/3/0/1"], 1, 0).is_ok());
            assert_eq!(bench.events().len(), 4);
            let cancel = |token| {
                let slot = bench.observations.by_token(SERVER, &Token::new(&[token]));
                slot.map(|slot| bench.observations.cancel_slot(slot))
            };
            assert_eq!((cancel(2), cancel(2)), (Some(()), None));
            assert!(!bench.changed("/3/0/2"));
            assert_eq!(bench.events(), [(ObserveEvent::Removed, parse("/3/0/2"))]);
            bench.observe("/5", 9);
            assert_eq!(bench.try_observe(&["/6"], 8, 0), Err(NoSlot));
        });
    }

    #[test]
    fn paths_run_out_too() {
        with(|bench| {
            let composite = ["/1", "/3", "/4", "/5"];
            bench.try_observe(&composite, 1, 0).unwrap();
            assert_eq!(bench.try_observe(&["/1", "/3", "/4"], 2, 0), Err(NoSlot));
            bench.try_observe(&["/1", "/3"], 2, 0).unwrap();
            assert_eq!(bench.try_observe(&["/1"], 3, 0), Err(NoSlot));
        });
    }

    #[test]
    fn what_is_gone_ends_its_observation_with_a_notification() {
        with(|bench| {
            bench.observe("/3/0/1", 1);
            bench.try_observe(&["/3/0/1", "/5"], 2, 0).unwrap();
            bench.events();
            bench.observations.cancel_below(&parse("/3/0"));
            assert_eq!(
                bench.events(),
                [(ObserveEvent::Removed, parse("/3/0/1")); 2],
                "both knew it"
            );
            let (slot, ending) = bench.observations.due(Instant::from_millis(0)).unwrap();
            assert!(ending.is_ending());
            bench.observations.cancel_slot(slot);
            assert_eq!(bench.due(0), [2], "it goes on without the path");
            assert!(!bench.changed("/3/0/1"));
            assert!(bench.changed("/5/0/3"));
            assert_eq!(bench.events(), []);
            let (_, goes_on) = bench.observations.iter().next().unwrap();
            assert_eq!(goes_on.path, parse("/5"));
        });
    }

    #[test]
    fn every_path_of_an_observation_is_announced() {
        with(|bench| {
            let slot = bench.try_observe(&["/1", "/3/0", "/5"], 1, 0).unwrap();
            let all = |event| ["/1", "/3/0", "/5"].map(|path| (event, parse(path)));
            assert_eq!(bench.events(), all(ObserveEvent::Added));
            assert_eq!(bench.events(), []);
            bench.observations.cancel_slot(slot);
            assert!(!bench.observations.is_observed(&Path::ROOT));
            bench.try_observe(&["/1"], 2, 0).unwrap();
            let mut expected = all(ObserveEvent::Removed).to_vec();
            expected.push((ObserveEvent::Added, parse("/1")));
            assert_eq!(bench.events(), expected);
        });
    }

    #[test]
    fn observing_a_path_again_takes_the_new_token_and_no_second_slot() {
        with(|bench| {
            bench.observe("/3", 1);
            assert_eq!(bench.events(), [(ObserveEvent::Added, parse("/3"))]);
            bench.observe("/3", 2);
            assert_eq!(bench.events(), []);
            bench.changed("/3/0/0");
            assert_eq!(bench.due(0), [2]);
            // A composite observation is another one.
            let first = bench.try_observe(&["/3", "/5"], 3, 0).unwrap();
            assert_eq!(bench.try_observe(&["/3", "/5"], 4, 0), Ok(first));
            assert_ne!(bench.try_observe(&["/3", "/6"], 5, 0), Ok(first));
        });
    }

    /// What the sorted index finds, found by looking at every path.
    #[test]
    fn the_index_finds_what_a_walk_over_all_paths_finds() {
        use proptest::prelude::*;
        let id = || prop_oneof![3 => 0..3_u16, 1 => Just(crate::path::MAX_ID)];
        let path = || {
            (id(), id(), id(), id()).prop_map(|(a, b, c, d)| Path::resource_instance(a, b, c, d))
        };
        proptest!(|(
            observed in proptest::collection::vec(path(), 0..12),
            gone in path(),
            changed in path(),
        )| {
            let slots = [const { Cell::new(Observation::FREE) }; 12];
            let paths = [const { Cell::new(ObservedPath::UNUSED) }; 12];
            let entries = [const { Cell::new(None::<Attribute>) }; 1];
            let bench = Bench {
                observations: Observations::new(&slots, &paths),
                attributes: Attributes::new(&entries),
            };
            let mut model: Vec<Path> = vec![];
            for (path, token) in observed.iter().zip(0..) {
                let observation = Observation::new(
                    *path,
                    SERVER,
                    Token::new(&[token]),
                    ContentFormat::SenmlCbor,
                    Instant::from_millis(0),
                );
                bench.observations.add(observation, &[*path], &bench.attributes).unwrap();
                if !model.contains(path) {
                    model.push(*path);
                }
            }
            bench.observations.cancel_below(&gone);
            model.retain(|path| !gone.contains(path));
            let expected = model.iter().filter(|path| path.overlaps(&changed)).count();
            let mut found = 0;
            bench.observations.visit_overlapping(&changed, &mut |_| found += 1);
            prop_assert_eq!(found, expected, "{:?}", model);
            let describe: String = format!("{model:?} {changed:?}");
            prop_assert_eq!(bench.observations.is_observed(&changed), expected > 0, "{}", describe);
        });
    }
}
