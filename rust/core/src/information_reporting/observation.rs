// SPDX-License-Identifier: Apache-2.0
//! Observations: who watches which path, RFC 7641 and OMA-TS-LightweightM2M_Core-V1_1_1 §6.4.
//!
//! The observed paths are kept sorted, so that a changed value finds its observations with a few
//! binary searches however many there are.

use core::cell::Cell;

use super::attributes::Periods;
use crate::coap::{ConnectionId, Token};
use crate::content::ContentFormat;
use crate::path::Path;
use crate::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Active,
    /// Cancelled; kept until the application has been told.
    Removed,
}

/// One observation.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    state: State,
    /// The path it watches; what its events name.
    pub path: Path,
    /// Where its notifications go.
    pub connection: ConnectionId,
    /// The token of the request that made it.
    pub token: Token,
    /// The content format of its notifications.
    pub format: ContentFormat,
    /// The value of the last Observe option sent, RFC 7641 §3.4: 24 bits, ascending.
    pub sequence: u32,
    /// The least and the most time between two notifications.
    pub periods: Periods,
    /// When the last notification (or the first answer) was made.
    last: Instant,
    /// No notification before this time, after one found no room.
    held_until: Instant,
    changed: bool,
    in_flight: bool,
    announced: bool,
}

/// How long a notification that found no room is put off, in milliseconds.
const HOLD: u64 = 1000;

impl Observation {
    /// An unused slot; all of it zero, so that a table of them takes no room in flash.
    pub const FREE: Self = Self {
        state: State::Free,
        path: Path::resource_instance(0, 0, 0, 0),
        connection: ConnectionId(0),
        token: Token::EMPTY,
        format: ContentFormat::PlainText,
        sequence: 0,
        periods: Periods {
            minimum: 0,
            maximum: 0,
        },
        last: Instant::from_millis(0),
        held_until: Instant::from_millis(0),
        changed: false,
        in_flight: false,
        announced: false,
    };

    /// A new observation whose first answer is made at `now`.
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

    /// When the next notification is due: a change waits for the Minimum Period, the Maximum
    /// Period asks for one in any case, and one in flight is waited for.
    fn due(&self) -> Option<Instant> {
        if self.in_flight || self.state != State::Active {
            return None;
        }
        let Periods { minimum, maximum } = self.periods;
        let changed = self.changed.then(|| self.last.after_secs(minimum));
        // TS Core 1.1.1 §5.1.2: a Maximum Period below the Minimum Period is ignored.
        let idle = (maximum != 0 && maximum >= minimum).then(|| self.last.after_secs(maximum));
        Instant::earliest(changed, idle).map(|due| due.max(self.held_until))
    }
}

/// The Observe value of the answer that establishes an observation.
pub const FIRST_SEQUENCE: u32 = 1;

/// An observed path and the slot of its observation.
#[derive(Clone, Copy, Debug)]
pub struct ObservedPath {
    path: Path,
    slot: u8,
}

impl ObservedPath {
    /// An unused entry, all of it zero.
    pub const UNUSED: Self = Self {
        path: Path::resource_instance(0, 0, 0, 0),
        slot: 0,
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
    /// Something may be due or to be announced earlier than `earliest` says.
    stale: Cell<bool>,
    earliest: Cell<Option<Instant>>,
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
            stale: Cell::new(false),
            earliest: Cell::new(None),
        }
    }

    /// The active observation in this slot.
    #[must_use]
    pub fn get(&self, slot: u8) -> Option<Observation> {
        let observation = self.slots.get(usize::from(slot))?.get();
        (observation.state == State::Active).then_some(observation)
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

    /// Whether [`Observations::add`] for this path and peer will find a slot.
    #[must_use]
    pub fn has_room(&self, path: &Path, connection: ConnectionId) -> bool {
        self.of(path, connection).is_some()
            || (self
                .slots
                .iter()
                .any(|cell| cell.get().state == State::Free)
                && self.path_count.get() < self.paths.len())
    }

    /// The Observe value of the answer that establishes an observation. Where there is one already
    /// (the request came twice, or the server observes anew) the numbers go on: the answer must not
    /// look older than the notifications before it, RFC 7641 §3.4.
    #[must_use]
    pub fn sequence_for(&self, path: &Path, connection: ConnectionId) -> u32 {
        self.of(path, connection)
            .map_or(FIRST_SEQUENCE, |(_, observation)| {
                next_sequence(observation.sequence)
            })
    }

    fn of(&self, path: &Path, connection: ConnectionId) -> Option<(u8, Observation)> {
        self.iter().find(|(_, observation)| {
            observation.state == State::Active
                && observation.path == *path
                && observation.connection == connection
        })
    }

    /// Adds an observation. One of the same path by the same peer is replaced (RFC 7641 §4.1: the
    /// new token takes the place of the old) and not announced again.
    ///
    /// # Errors
    /// No slot is free.
    pub fn add(&self, mut observation: Observation) -> Result<(), NoSlot> {
        if let Some((slot, old)) = self.of(&observation.path, observation.connection) {
            observation.announced = old.announced;
            observation.in_flight = false;
            self.set(slot, observation);
            return Ok(());
        }
        let (_, slot) = self
            .slots
            .iter()
            .zip(0..=u8::MAX)
            .find(|(cell, _)| cell.get().state == State::Free)
            .ok_or(NoSlot)?;
        self.insert_path(ObservedPath {
            path: observation.path,
            slot,
        })?;
        self.set(slot, observation);
        Ok(())
    }

    fn insert_path(&self, entry: ObservedPath) -> Result<(), NoSlot> {
        let count = self.path_count.get();
        let grown = self.paths.get(..count.saturating_add(1)).ok_or(NoSlot)?;
        let position = self.first_not_before(&entry.path);
        let mut carried = entry;
        for cell in grown.get(position..).unwrap_or_default() {
            carried = cell.replace(carried);
        }
        self.path_count.set(grown.len());
        Ok(())
    }

    fn remove_paths(&self, slot: u8) {
        let used = self.used_paths();
        let mut kept = used.iter();
        for cell in used {
            if cell.get().slot != slot {
                if let Some(to) = kept.next() {
                    to.set(cell.get());
                }
            }
        }
        self.path_count
            .set(used.len().saturating_sub(kept.as_slice().len()));
    }

    fn used_paths(&self) -> &'a [Cell<ObservedPath>] {
        self.paths.get(..self.path_count.get()).unwrap_or_default()
    }

    fn first_not_before(&self, path: &Path) -> usize {
        self.used_paths()
            .partition_point(|cell| cell.get().path < *path)
    }

    /// The entries whose path is exactly `path`.
    fn exactly(&self, path: Path) -> impl Iterator<Item = ObservedPath> + 'a {
        let start = self.first_not_before(&path);
        self.used_paths()
            .get(start..)
            .unwrap_or_default()
            .iter()
            .map(Cell::get)
            .take_while(move |entry| entry.path == path)
    }

    /// Whether any server observes `path`, something above it, or something below it.
    #[must_use]
    pub fn is_observed(&self, path: &Path) -> bool {
        self.ancestors(path).next().is_some()
            || self
                .used_paths()
                .iter()
                .any(|cell| path.contains(&cell.get().path))
    }

    /// The entries for `path` and each path above it, the innermost first.
    fn ancestors(&self, path: &Path) -> impl Iterator<Item = ObservedPath> + '_ {
        let empty = self.path_count.get() == 0;
        let mut next = (!empty).then_some(*path);
        core::iter::from_fn(move || {
            let path = next?;
            next = (path != Path::ROOT).then(|| path.parent());
            Some(path)
        })
        .flat_map(|path| self.exactly(path))
    }

    /// Notes that the value at `path` changed. Returns whether somebody observes it.
    pub fn changed(&self, path: &Path) -> bool {
        let mut observed = false;
        for entry in self.ancestors(path) {
            if let Some(mut observation) = self.get(entry.slot) {
                observation.changed = true;
                self.set(entry.slot, observation);
                observed = true;
            }
        }
        observed
    }

    /// Gives the observations of `path` and of what lies below it other periods.
    pub(crate) fn set_periods(&self, path: &Path, periods: impl Fn(&Path) -> Periods) {
        for (slot, mut observation) in self.iter() {
            if observation.state == State::Active && path.contains(&observation.path) {
                observation.periods = periods(&observation.path);
                self.set(slot, observation);
            }
        }
    }

    /// Cancels the observation that this token made, RFC 7641 §3.6.
    pub fn cancel(&self, connection: ConnectionId, token: &Token) -> bool {
        self.remove_where(|observation| {
            observation.connection == connection && observation.token == *token
        })
    }

    /// Cancels the observation in this slot, after its notification was answered with Reset.
    pub fn cancel_slot(&self, slot: u8) {
        if let Some(observation) = self.get(slot) {
            self.remove(slot, observation);
        }
    }

    /// Cancels what lies at or below a path that is gone.
    pub fn cancel_below(&self, path: &Path) {
        self.remove_where(|observation| path.contains(&observation.path));
    }

    /// Cancels all observations of a peer.
    pub fn cancel_all(&self, connection: ConnectionId) {
        self.remove_where(|observation| observation.connection == connection);
    }

    fn remove_where(&self, condition: impl Fn(&Observation) -> bool) -> bool {
        let mut removed = false;
        for (slot, observation) in self.iter() {
            if observation.state == State::Active && condition(&observation) {
                self.remove(slot, observation);
                removed = true;
            }
        }
        removed
    }

    fn remove(&self, slot: u8, mut observation: Observation) {
        self.remove_paths(slot);
        // Nobody was told of an observation that goes before it was announced.
        observation.state = if observation.announced {
            State::Removed
        } else {
            State::Free
        };
        self.set(slot, observation);
    }

    /// The next observation whose beginning or end the application has not been told of.
    pub fn announce(&self) -> Option<(ObserveEvent, Path)> {
        if !self.stale.get() {
            return None;
        }
        for (slot, mut observation) in self.iter() {
            match observation.state {
                State::Active if !observation.announced => {
                    observation.announced = true;
                    self.set(slot, observation);
                    return Some((ObserveEvent::Added, observation.path));
                }
                State::Removed => {
                    self.set(slot, Observation::FREE);
                    return Some((ObserveEvent::Removed, observation.path));
                }
                _ => {}
            }
        }
        None
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

    /// Notes that a notification is on its way, with this sequence number.
    pub fn sent(&self, slot: u8, sequence: u32, now: Instant) {
        if let Some(mut observation) = self.get(slot) {
            observation.sequence = sequence;
            observation.changed = false;
            observation.in_flight = true;
            observation.last = now;
            self.set(slot, observation);
        }
    }

    /// Puts a notification off that could not be made for want of room.
    pub fn postpone(&self, slot: u8, now: Instant) {
        if let Some(mut observation) = self.get(slot) {
            observation.held_until = now.after_millis(HOLD);
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

/// The sequence number after this one, RFC 7641 §4.4: 24 bits.
#[must_use]
pub const fn next_sequence(sequence: u32) -> u32 {
    sequence.wrapping_add(1) & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    const SERVER: ConnectionId = ConnectionId::SERVER;

    fn observe(observations: &Observations<'_>, path: &str, token: u8) {
        observations
            .add(Observation::new(
                Path::parse(path.as_bytes()).unwrap(),
                SERVER,
                Token::new(&[token]),
                ContentFormat::SenmlCbor,
                Instant::from_millis(0),
            ))
            .unwrap();
    }

    fn with<R>(f: impl FnOnce(&Observations<'_>) -> R) -> R {
        let slots = [const { Cell::new(Observation::FREE) }; 4];
        let paths = [const { Cell::new(ObservedPath::UNUSED) }; 4];
        f(&Observations::new(&slots, &paths))
    }

    fn due(observations: &Observations<'_>, now: u64) -> Vec<std::string::String> {
        let mut due = vec![];
        while let Some((slot, observation)) = observations.due(Instant::from_millis(now)) {
            due.push(std::format!("{:?}", observation.token.as_bytes()));
            observations.sent(
                slot,
                next_sequence(observation.sequence),
                Instant::from_millis(now),
            );
        }
        due
    }

    #[test]
    fn a_changed_value_reaches_the_observers_of_it_and_of_everything_above() {
        with(|observations| {
            observe(observations, "/3303/0/5700", 1);
            observe(observations, "/3303", 2);
            observe(observations, "/3303/1", 3);
            observe(observations, "/3", 4);
            assert!(observations.changed(&Path::resource(3303, 0, 5700)));
            let mut all = due(observations, 0);
            all.sort();
            assert_eq!(all, ["[1]", "[2]"]);
            assert!(!observations.changed(&Path::resource(5, 0, 3)));
            assert!(observations.is_observed(&Path::resource(3, 0, 0)));
            assert!(observations.is_observed(&Path::instance(3303, 0)));
            assert!(!observations.is_observed(&Path::object(5)));
        });
    }

    #[test]
    fn a_change_waits_for_the_minimum_period_and_for_the_notification_in_flight() {
        with(|observations| {
            let path = Path::resource(3303, 0, 5700);
            let mut observation = Observation::new(
                path,
                SERVER,
                Token::new(&[1]),
                ContentFormat::SenmlCbor,
                Instant::from_millis(1000),
            );
            observation.periods = Periods {
                minimum: 5,
                maximum: 60,
            };
            observations.add(observation).unwrap();
            assert_eq!(
                observations.next_deadline(),
                Some(Instant::from_millis(61_000))
            );
            observations.changed(&path);
            assert_eq!(
                observations.next_deadline(),
                Some(Instant::from_millis(6000))
            );
            assert_eq!(due(observations, 5999), [""; 0]);
            assert_eq!(due(observations, 6000), ["[1]"]);
            observations.changed(&path);
            assert_eq!(observations.next_deadline(), None);
            observations.settled(0);
            assert_eq!(
                observations.next_deadline(),
                Some(Instant::from_millis(11_000))
            );
        });
    }

    #[test]
    fn slots_run_out_with_an_answer_and_come_back_once_the_removal_was_announced() {
        with(|observations| {
            for token in 0..4 {
                observe(observations, &std::format!("/3/0/{token}"), token);
            }
            assert!(!observations.has_room(&Path::object(5), SERVER));
            assert!(observations.has_room(&Path::resource(3, 0, 1), SERVER));
            let mut events = vec![];
            while let Some(event) = observations.announce() {
                events.push(event);
            }
            assert_eq!(events.len(), 4);
            assert!(observations.cancel(SERVER, &Token::new(&[2])));
            assert!(!observations.cancel(SERVER, &Token::new(&[2])));
            assert!(!observations.changed(&Path::resource(3, 0, 2)));
            assert_eq!(
                observations.announce(),
                Some((ObserveEvent::Removed, Path::resource(3, 0, 2)))
            );
            assert_eq!(observations.announce(), None);
            observe(observations, "/5", 9);
            observations.cancel_below(&Path::object(3));
            assert!(observations.changed(&Path::resource(5, 0, 3)));
            assert!(!observations.changed(&Path::resource(3, 0, 3)));
        });
    }

    #[test]
    fn observing_a_path_again_takes_the_new_token_and_no_second_slot() {
        with(|observations| {
            observe(observations, "/3", 1);
            assert_eq!(
                observations.announce(),
                Some((ObserveEvent::Added, Path::object(3)))
            );
            observe(observations, "/3", 2);
            assert_eq!(observations.announce(), None);
            observations.changed(&Path::resource(3, 0, 0));
            assert_eq!(due(observations, 0), ["[2]"]);
        });
    }
}
