// SPDX-License-Identifier: Apache-2.0
//! Time as an argument: a point on the platform's monotonic clock, in milliseconds.

use core::num::NonZeroU64;

use crate::division::divide;

/// Milliseconds since some fixed point, such as boot. Never goes back.
// One more is stored, so that an `Option` of it is no larger, and `None` all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(NonZeroU64);

impl Instant {
    /// The point `milliseconds` after the clock's zero.
    #[must_use]
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(milliseconds))
    }

    /// Milliseconds since the clock's zero.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }

    /// Whole seconds since the clock's zero.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        let mut seconds = self.as_millis();
        divide::<1000>(&mut seconds);
        seconds
    }

    /// `milliseconds` later; the clock's end when it would lie beyond it.
    #[must_use]
    #[inline(never)]
    pub const fn after_millis(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// `seconds` later; the clock's end when it would lie beyond it.
    #[must_use]
    pub const fn after_secs(self, seconds: u32) -> Self {
        self.after_millis((seconds as u64).saturating_mul(1000))
    }

    /// The earlier of two deadlines, where `None` is none.
    #[must_use]
    #[inline(never)]
    pub fn earliest(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, None) | (None, one) => one,
        }
    }
}

impl Default for Instant {
    fn default() -> Self {
        Self::from_millis(0)
    }
}
