// SPDX-License-Identifier: Apache-2.0
//! Zephyr's `k_timeout_t` and `k_timepoint_t`, which count ticks of the kernel's clock; milliseconds
//! on a host. 32 bits wide in a kernel without `CONFIG_TIMEOUT_64BIT`.

use lwm2m_config::outside as config;
use lwm2m_core::time::Instant;

/// Ticks in a second; a host has no such symbol.
const TICKS_PER_SECOND: u64 = match config::SYS_CLOCK_TICKS_PER_SEC {
    0 => 1000,
    ticks => ticks as u64,
};

/// A host's ticks have 64 bits, as a kernel's mostly have.
const WIDE: bool = config::TIMEOUT_64BIT || config::SYS_CLOCK_TICKS_PER_SEC == 0;

/// Chooses the width of a tick.
pub trait Width {
    /// `k_ticks_t`
    type Ticks: Copy;
    /// `tick` of a time point
    type Tick: Copy;
    /// Ticks as 64 bits; -1 is for ever.
    fn widen(ticks: Self::Ticks) -> i64;
    /// A tick that is no further than the width allows.
    fn narrow(tick: u64) -> Self::Tick;
}

/// The width of the kernel's ticks.
#[derive(Clone, Copy, Debug)]
pub struct Kernel<const WIDE: bool>;

impl Width for Kernel<true> {
    type Ticks = i64;
    type Tick = u64;

    fn widen(ticks: i64) -> i64 {
        ticks
    }

    fn narrow(tick: u64) -> u64 {
        tick
    }
}

impl Width for Kernel<false> {
    type Ticks = u32;
    type Tick = u32;

    fn widen(ticks: u32) -> i64 {
        if ticks == u32::MAX {
            -1
        } else {
            i64::from(ticks)
        }
    }

    fn narrow(tick: u64) -> u32 {
        u32::try_from(tick).unwrap_or(u32::MAX)
    }
}

/// A span of time: K_MSEC(), K_FOREVER and their like.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct k_timeout_t {
    ticks: <Kernel<WIDE> as Width>::Ticks,
}

/// A point in time: 0 is past, the largest is never.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct k_timepoint_t {
    tick: <Kernel<WIDE> as Width>::Tick,
}

impl k_timeout_t {
    /// When the span that begins at `now` ends; `None`: never. Below -1 Zephyr counts an absolute
    /// tick, from -2 down.
    pub(crate) fn end(self, now: Instant) -> Option<Instant> {
        let ticks = <Kernel<WIDE> as Width>::widen(self.ticks);
        match u64::try_from(ticks) {
            Ok(ticks) => Some(now.after_millis(milliseconds(ticks))),
            Err(_) if ticks == -1 => None,
            Err(_) => Some(Instant::from_millis(milliseconds(ticks.abs_diff(-2)))),
        }
    }
}

impl k_timepoint_t {
    /// Never.
    pub(crate) const NEVER: Self = Self {
        tick: <Kernel<WIDE> as Width>::Tick::MAX,
    };

    pub(crate) fn at(time: Instant) -> Self {
        let tick = u128::from(time.as_millis()) * u128::from(TICKS_PER_SECOND);
        let tick = u64::try_from(tick.div_ceil(1000)).unwrap_or(u64::MAX);
        Self {
            tick: <Kernel<WIDE> as Width>::narrow(tick),
        }
    }
}

/// Rounded up: a span does not end early.
fn milliseconds(ticks: u64) -> u64 {
    let milliseconds = (u128::from(ticks) * 1000).div_ceil(u128::from(TICKS_PER_SECOND));
    u64::try_from(milliseconds).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_ends_after_its_ticks_at_an_absolute_tick_or_never() {
        let now = Instant::from_millis(1000);
        let end = |ticks| k_timeout_t { ticks }.end(now).map(Instant::as_millis);
        assert_eq!(end(0), Some(1000));
        assert_eq!(end(250), Some(1000 + milliseconds(250)));
        assert_eq!(end(-1), None);
        assert_eq!(end(-2 - 1500), Some(milliseconds(1500)));
        assert_eq!(
            end(i64::MAX),
            Some(now.after_millis(milliseconds(i64::MAX as u64)).as_millis())
        );
    }
}
