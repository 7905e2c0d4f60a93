// SPDX-License-Identifier: Apache-2.0
//! Services: functions of objects that the library's thread runs every so often or at a time;
//! functions of `lwm2m_engine.h`.

use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use lwm2m_core::time::Instant;
use lwm2m_runtime::Platform;

use crate::errno;
use crate::platform::LinkedPlatform;
use crate::state;

/// How many there can be, as in C.
pub(crate) const SERVICES: usize = 10;

/// A service. C passes it a `struct k_work`, here as there always NULL.
pub type k_work_handler_t = Option<unsafe extern "C" fn(work: *mut c_void)>;

type Work = unsafe extern "C" fn(work: *mut c_void);

/// A service that is registered.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    work: Work,
    /// 0: once.
    period: u32,
    next: Instant,
}

type Slot = Cell<Option<Service>>;

fn find(services: &[Slot], work: Work) -> Option<&Slot> {
    services.iter().find(|slot| {
        slot.get()
            .is_some_and(|service| core::ptr::fn_addr_eq(service.work, work))
    })
}

/// Registers a service, or another time of one that is registered.
fn add(work: k_work_handler_t, period: u32, next: Instant) -> c_int {
    let Some(work) = work else {
        return -errno::EINVAL;
    };
    state::locked(|state| {
        let services = state.services;
        let free = || services.iter().find(|slot| slot.get().is_none());
        let Some(slot) = find(services, work).or_else(free) else {
            return -errno::ENOMEM;
        };
        slot.set(Some(Service { work, period, next }));
        state.shared.request_wake();
        0
    })
}

/// Has a service run every `period_ms` milliseconds, first after that time; once, and at once, for
/// 0. A service that is registered gets the new period. -EINVAL for NULL, -ENOMEM when there are as
/// many as there can be.
///
/// Any thread. Services run in the library's thread, without a lock.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_add_service(service: k_work_handler_t, period_ms: u32) -> c_int {
    let next = LinkedPlatform.now().after_millis(u64::from(period_ms));
    add(service, period_ms, next)
}

/// Changes the period of a service, counted from now. 0 takes it away and returns 1; -ENOENT when
/// it is not registered. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_update_service_period(
    service: k_work_handler_t,
    period_ms: u32,
) -> c_int {
    let Some(work) = service else {
        return -errno::ENOENT;
    };
    state::locked(|state| {
        let Some(slot) = find(state.services, work) else {
            return -errno::ENOENT;
        };
        if period_ms == 0 {
            slot.set(None);
            return 1;
        }
        slot.set(Some(Service {
            work,
            period: period_ms,
            next: LinkedPlatform.now().after_millis(u64::from(period_ms)),
        }));
        state.shared.request_wake();
        0
    })
}

/// Has a service run once, when k_uptime_get() has reached `timestamp`. Errors as for
/// lwm2m_engine_add_service(). Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_call_at(service: k_work_handler_t, timestamp: i64) -> c_int {
    let next = Instant::from_millis(u64::try_from(timestamp).unwrap_or(0));
    add(service, 0, next)
}

/// Has a service run once, as soon as may be. Errors as for lwm2m_engine_add_service(). Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_call_now(service: k_work_handler_t) -> c_int {
    add(service, 0, LinkedPlatform.now())
}

/// Wakes the library's thread, so that it looks at the state of things. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_engine_wake_up() {
    state::locked(|state| state.shared.request_wake());
}

/// Runs what is due at `now`. Returns when the next one is. Engine thread, without the lock.
pub(crate) fn run(now: Instant) -> Option<Instant> {
    while let Some(work) = take_due(now) {
        // SAFETY: the author of the object registered a function of this type to be called with
        // NULL in this thread.
        unsafe { work(null_mut()) };
    }
    state::locked(|state| {
        let services = state.services.iter().filter_map(Cell::get);
        services.map(|service| service.next).min()
    })
}

/// A service that is due; it then waits for its next time.
fn take_due(now: Instant) -> Option<Work> {
    state::locked(|state| {
        let due = |slot: &&Slot| slot.get().is_some_and(|service| service.next <= now);
        let slot = state.services.iter().find(due)?;
        let service = slot.get()?;
        slot.set((service.period != 0).then(|| {
            Service {
                // Counted from the end of this round, or a short period would never let it end.
                next: LinkedPlatform
                    .now()
                    .max(now.after_millis(1))
                    .after_millis(u64::from(service.period)),
                ..service
            }
        }));
        Some(service.work)
    })
}
