// SPDX-License-Identifier: Apache-2.0
//! The state of a timer or a buzzer: it is triggered, runs for the delay duration, and adds up how
//! long it ran.

use lwm2m_core::time::Instant;

use crate::access::{Lock, lock};
use crate::object::Object;
use crate::state::PerSlot;

/// A timer. Durations are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    phase: Phase,
    last_trigger: Option<Instant>,
    /// How long it ran before it last started.
    total: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Until `until`; what counts to the time it ran begins at `since`.
    Running {
        since: Instant,
        until: Instant,
    },
}

/// The timer may not be triggered now: it runs, or its last trigger is too recent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooEarly;

impl Countdown {
    /// A timer that never ran.
    pub const IDLE: Self = Self {
        phase: Phase::Idle,
        last_trigger: None,
        total: 0,
    };

    /// Starts it for `delay`, if it does not run and its last trigger was `min_off` ago.
    ///
    /// # Errors
    /// It may not start; nothing changed.
    pub fn trigger(&mut self, now: Instant, delay: u32, min_off: u32) -> Result<(), TooEarly> {
        let rested = self
            .last_trigger
            .is_none_or(|last| last.after_millis(u64::from(min_off)) <= now);
        match self.phase {
            Phase::Idle if rested => {
                self.last_trigger = Some(now);
                self.phase = Phase::Running {
                    since: now,
                    until: now.after_millis(u64::from(delay)),
                };
                Ok(())
            }
            Phase::Idle | Phase::Running { .. } => Err(TooEarly),
        }
    }

    /// Stops it. Returns whether it ran.
    pub fn stop(&mut self, now: Instant) -> bool {
        let running = matches!(self.phase, Phase::Running { .. });
        self.total = self.ran(now);
        self.phase = Phase::Idle;
        running
    }

    /// Stops it if its time is over. Returns whether it stopped.
    pub fn expire(&mut self, now: Instant) -> bool {
        match self.phase {
            Phase::Running { until, .. } if until <= now => self.stop(now),
            _ => false,
        }
    }

    /// When its time will be over, if it runs.
    pub fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Idle => None,
            Phase::Running { until, .. } => Some(until),
        }
    }

    /// How long it will still run.
    pub fn remaining(&self, now: Instant) -> u64 {
        self.deadline()
            .map_or(0, |until| until.as_millis().saturating_sub(now.as_millis()))
    }

    /// How long it ran since the beginning, or since [`Countdown::clear_total`].
    pub fn ran(&self, now: Instant) -> u64 {
        let current = match self.phase {
            Phase::Idle => 0,
            Phase::Running { since, .. } => now.as_millis().saturating_sub(since.as_millis()),
        };
        self.total.saturating_add(current)
    }

    /// Counts from now how long it runs.
    pub fn clear_total(&mut self, now: Instant) {
        self.total = 0;
        if let Phase::Running { since, .. } = &mut self.phase {
            *since = now;
        }
    }
}

/// Ends those of an object whose time is over, and tells `ended` of the instance. Returns when the
/// next one will be.
pub(crate) fn end_due<const PLACES: usize>(
    object: &Object,
    countdowns: &PerSlot<Countdown, PLACES>,
    now: Instant,
    ended: impl Fn(&Lock, u16),
) -> Option<Instant> {
    let lock = lock();
    for index in 0..PLACES {
        let expired = countdowns.update(&lock, index, |countdown| countdown.expire(now));
        let instance = object
            .slot(index)
            .and_then(|slot| object.id_at(&lock, slot));
        // The instance may have been deleted while its time ran.
        if let (Some(true), Some(instance)) = (expired, instance) {
            ended(&lock, instance);
        }
    }
    // Once more from the start: the application was told, and may have triggered any of them.
    (0..PLACES)
        .filter_map(|index| countdowns.get(&lock, index)?.deadline())
        .min()
}

/// Seconds as the server writes them, in milliseconds: 0 for what is negative or no number. With
/// integers, because the compiler's multiplication of doubles is large.
pub(crate) fn milliseconds(seconds: f64) -> u32 {
    const FRACTION_BITS: u32 = 52;
    let bits = seconds.to_bits();
    // The value is mantissa / 2^shift; in milliseconds it takes ten bits more, which there are.
    let exponent = (bits >> FRACTION_BITS) as u32;
    let mantissa = bits & ((1 << FRACTION_BITS) - 1) | 1 << FRACTION_BITS;
    if bits > f64::INFINITY.to_bits() {
        return 0;
    }
    match (1023 + FRACTION_BITS).checked_sub(exponent) {
        Some(shift @ 1..64) => {
            let rounded = mantissa * 1000 + (1 << (shift - 1));
            u32::try_from(rounded >> shift).unwrap_or(u32::MAX)
        }
        Some(64..) => 0,
        Some(0) | None => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_triggered_timer_runs_for_its_delay_and_expires_once() {
        let mut timer = Countdown::IDLE;
        assert_eq!(timer.trigger(at(1000), 5000, 0), Ok(()));
        assert_eq!(timer.deadline(), Some(at(6000)));
        assert_eq!(
            (timer.remaining(at(2500)), timer.ran(at(2500))),
            (3500, 1500)
        );
        assert!(!timer.expire(at(5999)));
        assert!(timer.expire(at(6000)));
        assert!(!timer.expire(at(6000)));
        assert_eq!((timer.remaining(at(7000)), timer.ran(at(7000))), (0, 5000));
        assert_eq!(timer.deadline(), None);
    }

    #[test]
    fn a_running_timer_is_not_triggered_again() {
        let mut timer = Countdown::IDLE;
        timer.trigger(at(0), 100, 0).unwrap();
        let before = timer;
        assert_eq!(timer.trigger(at(50), 100, 0), Err(TooEarly));
        assert_eq!(timer, before);
    }

    #[test]
    fn the_minimum_off_time_counts_from_the_last_trigger() {
        let mut timer = Countdown::IDLE;
        assert_eq!(
            timer.trigger(at(10), 5, 1000),
            Ok(()),
            "the first has nothing to wait for"
        );
        assert!(timer.expire(at(15)));
        assert_eq!(timer.trigger(at(1009), 5, 1000), Err(TooEarly));
        assert_eq!(timer.trigger(at(1010), 5, 1000), Ok(()));
    }

    #[test]
    fn a_stopped_timer_keeps_what_it_ran() {
        let mut timer = Countdown::IDLE;
        timer.trigger(at(0), 100, 0).unwrap();
        assert!(timer.stop(at(40)));
        assert!(!timer.stop(at(90)));
        timer.trigger(at(100), 100, 0).unwrap();
        assert_eq!(timer.ran(at(110)), 50);
    }

    #[test]
    fn the_time_it_ran_is_cleared_while_it_runs_or_not() {
        let mut timer = Countdown::IDLE;
        timer.trigger(at(0), 100, 0).unwrap();
        timer.clear_total(at(30));
        assert_eq!((timer.ran(at(50)), timer.deadline()), (20, Some(at(100))));
        timer.stop(at(50));
        timer.clear_total(at(60));
        assert_eq!(timer.ran(at(70)), 0);
    }

    #[test]
    fn a_delay_of_zero_is_over_at_once() {
        let mut timer = Countdown::IDLE;
        timer.trigger(at(7), 0, 0).unwrap();
        assert!(timer.expire(at(7)));
        assert_eq!(timer.ran(at(7)), 0);
    }

    #[test]
    fn durations_that_make_no_sense_are_zero() {
        for value in [-1.0, f64::NAN, f64::NEG_INFINITY, 0.0004] {
            assert_eq!(milliseconds(value), 0, "{value}");
        }
        assert_eq!(milliseconds(1e300), u32::MAX);
        for (value, expected) in [
            (2.5, 2500),
            (0.0, 0),
            (0.29, 290),
            (1e-3, 1),
            (1e6, 1_000_000_000),
        ] {
            assert_eq!(milliseconds(value), expected, "{value}");
        }
    }
}
