// SPDX-License-Identifier: Apache-2.0
//! Something done again and again.

use lwm2m_core::time::Instant;

/// A service that runs every so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Periodic {
    /// Never again.
    Off,
    /// Every `period_ms`, next at `next`.
    Every { period_ms: u32, next: Instant },
}

impl Periodic {
    /// Every `period_ms`, first in that time from now; never for 0.
    pub fn every(period_ms: u32, now: Instant) -> Self {
        if period_ms == 0 {
            return Self::Off;
        }
        Self::Every {
            period_ms,
            next: now.after_millis(u64::from(period_ms)),
        }
    }

    /// Whether it is due. If so, the next time is a period from now: what was missed is not made
    /// up for.
    pub fn take_due(&mut self, now: Instant) -> bool {
        match *self {
            Self::Every { period_ms, next } if next <= now => {
                *self = Self::every(period_ms, now);
                true
            }
            _ => false,
        }
    }

    /// When it is due next.
    pub fn deadline(self) -> Option<Instant> {
        match self {
            Self::Off => None,
            Self::Every { next, .. } => Some(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_service_is_due_once_a_period_and_does_not_catch_up() {
        let mut service = Periodic::every(10, at(100));
        assert!(!service.take_due(at(109)));
        assert!(service.take_due(at(110)));
        assert!(!service.take_due(at(111)));
        assert!(service.take_due(at(155)));
        assert_eq!(service.deadline(), Some(at(165)));
    }

    #[test]
    fn period_zero_is_never_due() {
        let mut service = Periodic::every(0, at(0));
        assert!(!service.take_due(at(u64::MAX)));
        assert_eq!(service.deadline(), None);
    }
}
