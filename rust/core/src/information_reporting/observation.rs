// SPDX-License-Identifier: Apache-2.0
//! Observations: who watches which paths, RFC 7641 and OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.
//!
//! The observed paths are kept sorted, so that a changed value finds its observations with a few
//! binary searches however many there are.

use core::cell::Cell;

use super::attributes::{Attributes, Periods};
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

/// What a request to observe asks for, one path or several.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
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
}

/// Room for an observation, and how it stands: a cell for each thing that changes by itself.
#[derive(Debug)]
pub struct Slot {
    state: Cell<State>,
    observation: Cell<Observation>,
    /// The value of the last Observe option sent, RFC 7641 §3.4: 24 bits, ascending.
    sequence: Cell<u32>,
    /// The least and the most time between two notifications, of all its paths; 0 for none.
    periods: Cell<Periods>,
    /// A value changed: how long after the last notification that is told.
    changed: Cell<Option<u32>>,
    /// When the last notification (or the first answer) was made.
    last: Cell<Option<Instant>>,
    /// No notification before this time, after one found no room.
    held_until: Cell<Option<Instant>>,
    in_flight: Cell<bool>,
}

/// How long a notification that found no room is put off, in milliseconds.
const HOLD: u64 = 1000;

impl Slot {
    /// An unused slot; all of it zero, so that a table of them takes no room in flash.
    #[must_use]
    pub const fn free() -> Self {
        Self {
            state: Cell::new(State::Free),
            observation: Cell::new(Observation {
                composite: false,
                path: Path::resource_instance(0, 0, 0, 0),
                connection: ConnectionId(0),
                token: Token::EMPTY,
                format: ContentFormat::PlainText,
            }),
            sequence: Cell::new(0),
            periods: Cell::new(Periods::NONE),
            changed: Cell::new(None),
            last: Cell::new(None),
            held_until: Cell::new(None),
            in_flight: Cell::new(false),
        }
    }

    /// Whether there is an observation, though it may have nothing left to watch.
    fn is_live(&self) -> bool {
        matches!(self.state.get(), State::Active | State::Ending)
    }

    /// When the next notification is due: a change waits for the Minimum Period, the Maximum
    /// Period asks for one in any case, and one in flight is waited for.
    fn due(&self) -> Option<Instant> {
        if self.in_flight.get() {
            return None;
        }
        let last = self.last.get()?;
        let wait = match (self.state.get(), self.periods.get().maximum) {
            (State::Active, 0) => self.changed.get()?,
            (State::Active, maximum) => self.changed.get().unwrap_or(maximum).min(maximum),
            (State::Ending, _) => 0,
            _ => return None,
        };
        Some(last.after_secs(wait)).max(self.held_until.get())
    }

    /// Notes a change that waits this long, or for the Minimum Period if that is longer; of several
    /// the one that waits least counts.
    fn note_change(&self, seconds: u32) {
        let seconds = seconds.max(self.periods.get().minimum);
        let before = self.changed.get().unwrap_or(seconds);
        self.changed.set(Some(before.min(seconds)));
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
    slots: &'a [Slot],
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
    pub const fn new(slots: &'a [Slot], paths: &'a [Cell<ObservedPath>]) -> Self {
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
        Some(self.live(slot)?.observation.get())
    }

    /// The value of the last Observe option sent for this slot.
    #[must_use]
    pub fn sequence(&self, slot: u8) -> Option<u32> {
        Some(self.live(slot)?.sequence.get())
    }

    /// Whether what it watches is gone, so that nothing is left but to say so.
    #[must_use]
    pub fn is_ending(&self, slot: u8) -> bool {
        self.live(slot)
            .is_some_and(|slot| slot.state.get() == State::Ending)
    }

    #[inline(never)]
    fn live(&self, slot: u8) -> Option<&'a Slot> {
        let slot = self.slots.get(usize::from(slot))?;
        slot.is_live().then_some(slot)
    }

    /// The same, for something that may change when it is due.
    fn change(&self, slot: u8) -> Option<&'a Slot> {
        self.stale.set(true);
        self.live(slot)
    }

    fn iter(&self) -> impl Iterator<Item = (u8, &'a Slot)> + use<'a> {
        // There are no more slots than a byte can number.
        let slots = self.slots.iter().enumerate();
        slots.map(|(index, slot)| (index as u8, slot))
    }

    /// The observation by the same peer, of the same kind and the same paths, in ascending order.
    pub fn like(&self, observation: &Observation, paths: &[Path]) -> Option<u8> {
        let alike = |slot: u8, other: &Slot| {
            let other = other.observation.get();
            other.path == observation.path
                && other.composite == observation.composite
                && other.connection == observation.connection
                && self.paths_of(slot).eq(paths.iter().copied())
        };
        let mut slots = self.iter();
        let (slot, _) = slots.find(|(slot, other)| other.is_live() && alike(*slot, other))?;
        Some(slot)
    }

    /// The paths an observation watches, in ascending order.
    pub fn paths_of(&self, slot: u8) -> impl Iterator<Item = Path> + use<'a> {
        self.used_paths()
            .iter()
            .map(Cell::get)
            .filter(move |entry| entry.slot == slot && entry.known != Known::Gone)
            .map(|entry| entry.path)
    }

    /// Adds an observation of these paths, given in ascending order, whose first answer is made at
    /// `now`. One of the same paths by the same peer is replaced (RFC 7641 §4.1: the new token takes
    /// the place of the old) and not announced again. Its numbers go on (the request came twice, or
    /// the server observes anew): the answer must not look older than the notifications before it,
    /// RFC 7641 §3.4. Returns its slot.
    ///
    /// # Errors
    /// No slot is free.
    pub fn add(
        &self,
        observation: &Observation,
        paths: &[Path],
        attributes: &Attributes<'_>,
        now: Instant,
    ) -> Result<u8, NoSlot> {
        let (index, slot) = match self.like(observation, paths) {
            Some(index) => {
                let slot = self.live(index).ok_or(NoSlot)?;
                slot.sequence.set(next_sequence(slot.sequence.get()));
                (index, slot)
            }
            None if self.path_count.get().saturating_add(paths.len()) <= self.paths.len() => {
                let mut slots = self.iter();
                let free = slots.find(|(_, slot)| slot.state.get() == State::Free);
                let (index, slot) = free.ok_or(NoSlot)?;
                for path in paths {
                    self.insert_path(ObservedPath {
                        path: *path,
                        slot: index,
                        known: Known::New,
                    });
                }
                slot.sequence.set(FIRST_SEQUENCE);
                (index, slot)
            }
            None => return Err(NoSlot),
        };
        slot.state.set(State::Active);
        slot.observation.set(*observation);
        slot.changed.set(None);
        slot.last.set(Some(now));
        slot.held_until.set(None);
        slot.in_flight.set(false);
        slot.periods.set(self.periods(index, attributes));
        self.stale.set(true);
        self.untold.set(true);
        Ok(index)
    }

    /// The periods of an observation. A notification tells of all its paths, so it keeps to the
    /// longest of their Minimum Periods and to the shortest of their Maximum Periods.
    fn periods(&self, slot: u8, attributes: &Attributes<'_>) -> Periods {
        let mut all = Periods::NONE;
        for path in self.paths_of(slot) {
            let own = attributes.periods(&path);
            all.minimum = all.minimum.max(own.minimum);
            if all.maximum == 0 || (own.maximum != 0 && own.maximum < all.maximum) {
                all.maximum = own.maximum;
            }
        }
        all
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
    }

    fn used_paths(&self) -> &'a [Cell<ObservedPath>] {
        self.paths.get(..self.path_count.get()).unwrap_or_default()
    }

    fn first_not_before(&self, path: &Path) -> usize {
        let key = path.key();
        self.used_paths()
            .partition_point(|cell| cell.get().path.key() < key)
    }

    /// Shows `f` the entries from `first` up to and including `last`.
    fn visit_between(&self, first: &Path, last: &Path, f: &mut dyn FnMut(&ObservedPath)) {
        let paths = self.used_paths().get(self.first_not_before(first)..);
        for cell in paths.unwrap_or_default() {
            let entry = cell.get();
            if entry.path.key() > last.key() {
                return;
            }
            if entry.known != Known::Gone {
                f(&entry);
            }
        }
    }

    /// Shows `f` the entries for each path above `path`, the innermost first, and for the path itself
    /// and what lies below it.
    fn visit_overlapping(&self, path: &Path, f: &mut dyn FnMut(&ObservedPath)) {
        let levels = self.levels.get();
        let mut above = *path;
        while above != Path::ROOT && levels != 0 {
            above = above.parent();
            if levels & level_bit(&above) != 0 {
                self.visit_between(&above, &above, f);
            }
        }
        if levels & bits_from(path.level()) != 0 {
            self.visit_between(&path.first_below(), path, f);
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
                self.note_change(entry, path, attributes);
            }
        });
        observed
    }

    /// A change at `path` waits for the Minimum Period of the observation, and as long as its own
    /// attributes say.
    fn note_change(&self, observed: &ObservedPath, path: &Path, attributes: &Attributes<'_>) {
        if let Some(slot) = self.change(observed.slot) {
            let own = if attributes.is_empty() {
                0
            } else {
                attributes.least_wait(path)
            };
            slot.note_change(own);
        }
    }

    /// Notes for one observation that the value at `path` changed.
    pub(crate) fn changed_for(&self, slot: u8, path: &Path, attributes: &Attributes<'_>) {
        self.changed(path, attributes, &|other| other != slot);
    }

    /// Has attributes that changed hold for the observations there are.
    pub(crate) fn attributes_changed(&self, attributes: &Attributes<'_>) {
        for (index, slot) in self.iter() {
            let periods = self.periods(index, attributes);
            slot.periods.set(periods);
            if slot.changed.get().is_some() {
                let own = self
                    .paths_of(index)
                    .map(|path| attributes.least_wait(&path));
                let least = own.min().unwrap_or(0);
                slot.changed.set(Some(periods.minimum.max(least)));
            }
        }
        self.stale.set(true);
    }

    /// The observation that this token made.
    #[must_use]
    pub fn by_token(&self, connection: ConnectionId, token: &Token) -> Option<u8> {
        let mut slots = self.iter();
        let (slot, _) = slots.find(|(_, slot)| {
            let observation = slot.observation.get();
            slot.state.get() == State::Active
                && observation.connection == connection
                && observation.token == *token
        })?;
        Some(slot)
    }

    /// Cancels the observation in this slot.
    pub fn cancel_slot(&self, slot: u8) {
        if let Some(cancelled) = self.change(slot) {
            cancelled.state.set(State::Removed);
            self.forget_paths(slot, &Path::ROOT);
        }
    }

    /// Ends the watching of paths at or below one that is gone. An observation that has no other
    /// path ends with a notification that says so; the others go on, with the periods of what they
    /// still watch.
    pub fn cancel_below(&self, path: &Path, attributes: &Attributes<'_>) {
        for (index, slot) in self.iter() {
            if slot.state.get() != State::Active || !self.forget_paths(index, path) {
                continue;
            }
            match self.paths_of(index).next() {
                Some(first) => {
                    slot.observation.set(Observation {
                        path: first,
                        ..slot.observation.get()
                    });
                    slot.periods.set(self.periods(index, attributes));
                    slot.note_change(0);
                }
                None => slot.state.set(State::Ending),
            }
            self.stale.set(true);
        }
    }

    /// Cancels all observations of a peer.
    pub fn cancel_all(&self, connection: ConnectionId) {
        for (index, slot) in self.iter() {
            if slot.is_live() && slot.observation.get().connection == connection {
                self.cancel_slot(index);
            }
        }
    }

    /// An observation no longer watches its paths at and below this one. The application is told of
    /// those it knows. Returns whether there were any.
    fn forget_paths(&self, slot: u8, path: &Path) -> bool {
        let mut forgotten = false;
        let used = self.used_paths();
        let mut kept = used.iter();
        let mut levels = 0;
        for cell in used {
            let mut entry = cell.get();
            if entry.slot == slot && entry.known != Known::Gone && path.contains(&entry.path) {
                forgotten = true;
                if entry.known == Known::New {
                    continue;
                }
                entry.known = Known::Gone;
            }
            levels |= level_bit(&entry.path);
            if let Some(to) = kept.next() {
                to.set(entry);
            }
        }
        self.levels.set(levels);
        self.path_count
            .set(used.len().saturating_sub(kept.as_slice().len()));
        self.untold.set(true);
        forgotten
    }

    /// Whether an observation has changed since [`Observations::announce`] had nothing left to say.
    #[must_use]
    pub fn have_changed(&self) -> bool {
        self.untold.get()
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
        for slot in self.slots {
            if slot.state.get() == State::Removed {
                slot.state.set(State::Free);
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

    /// The slot of an observation whose notification is due at `now`.
    pub fn due(&self, now: Instant) -> Option<u8> {
        if self.next_deadline().is_none_or(|deadline| deadline > now) {
            return None;
        }
        let mut slots = self.iter();
        let (slot, _) = slots.find(|(_, slot)| slot.due().is_some_and(|due| due <= now))?;
        Some(slot)
    }

    /// When the next notification is due.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.stale.replace(false) {
            let due = self.slots.iter().filter_map(Slot::due);
            self.earliest.set(due.min());
        }
        self.earliest.get()
    }

    /// Takes note of a change away, because its notification is made now.
    pub fn take_change(&self, slot: u8) -> Option<u32> {
        self.change(slot)?.changed.take()
    }

    /// Notes that a notification is on its way, with this sequence number.
    pub fn sent(&self, slot: u8, sequence: u32, now: Instant) {
        if let Some(slot) = self.change(slot) {
            slot.sequence.set(sequence);
            slot.in_flight.set(true);
            slot.last.set(Some(now));
        }
    }

    /// Puts a notification off that could not be made for want of room, and the change it was for.
    pub fn postpone(&self, slot: u8, change: Option<u32>, now: Instant) {
        if let Some(slot) = self.change(slot) {
            if let Some(seconds) = change {
                slot.note_change(seconds);
            }
            slot.held_until.set(Some(now.after_millis(HOLD)));
        }
    }

    /// Has another notification follow, for what did not fit into the last one.
    pub(crate) fn go_on(&self, slot: u8) {
        if let Some(slot) = self.change(slot) {
            slot.note_change(0);
        }
    }

    /// Notes that the notification on its way was acknowledged or given up.
    pub fn settled(&self, slot: u8) {
        if let Some(slot) = self.change(slot) {
            slot.in_flight.set(false);
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
            let observation = Observation {
                composite: paths.len() > 1,
                path: paths[0],
                connection: SERVER,
                token: Token::new(&[token]),
                format: ContentFormat::SenmlCbor,
            };
            let now = Instant::from_millis(now);
            self.observations
                .add(&observation, &paths, &self.attributes, now)
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
            while let Some(slot) = self.observations.due(now) {
                due.extend(self.observations.get(slot).unwrap().token.as_bytes());
                self.observations.take_change(slot);
                let sequence = next_sequence(self.observations.sequence(slot).unwrap());
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
        let slots = [const { Slot::free() }; 4];
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
    fn a_notification_of_several_paths_keeps_to_the_periods_of_each() {
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
            bench.changed("/3/0/0");
            assert_eq!(bench.deadline(), Some(10_000), "the other path's pmin");
            assert_eq!(bench.due(10_000), [1]);
            bench.observations.settled(0);
            assert_eq!(bench.deadline(), Some(60_000));
            let gone = |path| {
                let attributes = &bench.attributes;
                bench.observations.cancel_below(&parse(path), attributes);
                bench.events();
            };
            gone("/3/0");
            assert_eq!(bench.deadline(), Some(20_000), "what is left has a pmin");
            bench.try_observe(&["/3/0/0", "/3303/0"], 2, 0).unwrap();
            gone("/3303");
            assert_eq!(bench.due(0), [2], "what is left has none");
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
            bench
                .observations
                .cancel_below(&parse("/3/0"), &bench.attributes);
            assert_eq!(
                bench.events(),
                [(ObserveEvent::Removed, parse("/3/0/1")); 2],
                "both knew it"
            );
            let slot = bench.observations.due(Instant::from_millis(0)).unwrap();
            assert!(bench.observations.is_ending(slot));
            bench.observations.cancel_slot(slot);
            assert_eq!(bench.due(0), [2], "it goes on without the path");
            assert!(!bench.changed("/3/0/1"));
            assert!(bench.changed("/5/0/3"));
            assert_eq!(bench.events(), []);
            let goes_on = bench.observations.get(1).unwrap();
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
            let slots = [const { Slot::free() }; 12];
            let paths = [const { Cell::new(ObservedPath::UNUSED) }; 12];
            let entries = [const { Cell::new(None::<Attribute>) }; 1];
            let bench = Bench {
                observations: Observations::new(&slots, &paths),
                attributes: Attributes::new(&entries),
            };
            let mut model: Vec<Path> = vec![];
            for (path, token) in observed.iter().zip(0..) {
                let observation = Observation {
                    composite: false,
                    path: *path,
                    connection: SERVER,
                    token: Token::new(&[token]),
                    format: ContentFormat::SenmlCbor,
                };
                let now = Instant::from_millis(0);
                bench.observations.add(&observation, &[*path], &bench.attributes, now).unwrap();
                if !model.contains(path) {
                    model.push(*path);
                }
            }
            bench.observations.cancel_below(&gone, &bench.attributes);
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
