// SPDX-License-Identifier: Apache-2.0
//! The accounts: which server to turn to and how, OMA-TS-LightweightM2M_Core-V1_1_1 appendices E.1
//! and E.2, §6.2.1.1.

use super::message::VERSION_1_1;
use crate::model::{Availability, DataModel};
use crate::time::Instant;
#[cfg(feature = "bootstrap")]
use crate::uri::{DefaultPorts, Uri};
use crate::value::{Bytes, Value};

/// The Security object.
pub(crate) const SECURITY: u16 = 0;
/// The Server object.
pub(crate) const SERVER: u16 = 1;
/// The Access Control object.
#[cfg(feature = "bootstrap")]
pub(crate) const ACCESS_CONTROL: u16 = 2;
/// The OSCORE object.
pub(crate) const OSCORE: u16 = 21;

pub(crate) mod security {
    pub const URI: u16 = 0;
    pub const BOOTSTRAP: u16 = 1;
    pub const SHORT_SERVER_ID: u16 = 10;
    #[cfg(feature = "bootstrap")]
    pub const HOLD_OFF_TIME: u16 = 11;
    #[cfg(feature = "bootstrap")]
    pub const ACCOUNT_TIMEOUT: u16 = 12;
    #[cfg(feature = "bootstrap")]
    pub const OSCORE: u16 = 17;
}

pub(crate) mod server {
    pub const SHORT_SERVER_ID: u16 = 0;
    pub const LIFETIME: u16 = 1;
    pub const DEFAULT_PMIN: u16 = 2;
    pub const DEFAULT_PMAX: u16 = 3;
    pub const BINDING: u16 = 7;
    pub const PRIORITY: u16 = 13;
    #[cfg(feature = "bootstrap")]
    pub const INITIAL_DELAY: u16 = 14;
    pub const FAILURE_BLOCK: u16 = 15;
    #[cfg(feature = "bootstrap")]
    pub const BOOTSTRAP_ON_FAILURE: u16 = 16;
    pub const RETRY_COUNT: u16 = 17;
    pub const RETRY_TIMER: u16 = 18;
    pub const SEQUENCE_DELAY: u16 = 19;
    pub const SEQUENCE_COUNT: u16 = 20;
}

/// The value of a resource of an instance, if it has one.
pub(crate) fn value<M: DataModel>(
    model: &M,
    instance: Option<M::Instance>,
    resource: u16,
) -> Option<Value<M::Bytes>> {
    let resource = model.resource(&instance?, resource)?;
    model.read(&resource, 0).ok()
}

/// The same for a number that is not negative.
pub(crate) fn number<M: DataModel>(
    model: &M,
    instance: Option<M::Instance>,
    resource: u16,
) -> Option<u32> {
    match value(model, instance, resource)? {
        Value::Integer(value) => u32::try_from(value).ok(),
        _ => None,
    }
}

/// The same for a boolean.
pub(crate) fn boolean<M: DataModel>(
    model: &M,
    instance: Option<M::Instance>,
    resource: u16,
) -> Option<bool> {
    match value(model, instance, resource)? {
        Value::Boolean(value) => Some(value),
        _ => None,
    }
}

/// A Security and a Server instance that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub security: u16,
    pub server: u16,
    /// Registration Priority Order: the least goes first.
    pub priority: u32,
}

/// The server to register with at `now`: of those that may be registered with and have a Security
/// instance, the first of the least Registration Priority Order; not that of `except`.
pub(crate) fn select<M: DataModel>(
    model: &M,
    now: Instant,
    except: Option<u16>,
) -> Option<Account> {
    let mut best: Option<Account> = None;
    let mut last = None;
    while let Some(server) = model.next_instance(SERVER, last) {
        last = Some(server);
        if Some(server) == except || !is_enabled(model.availability(server), now) {
            continue;
        }
        let instance = model.instance(SERVER, server);
        let priority = priority_of(model, instance);
        if best.is_some_and(|best| best.priority <= priority) {
            continue;
        }
        if let Some(security) = security_of(model, instance) {
            best = Some(Account {
                security,
                server,
                priority,
            });
        }
    }
    best
}

/// The Registration Priority Order of a server; the least where it has none, as in C.
pub(crate) fn priority<M: DataModel>(model: &M, server: u16) -> u32 {
    priority_of(model, model.instance(SERVER, server))
}

fn priority_of<M: DataModel>(model: &M, server: Option<M::Instance>) -> u32 {
    // In 1.0 the Server object has none.
    let priority = VERSION_1_1.then(|| number(model, server, server::PRIORITY));
    priority.flatten().unwrap_or(0)
}

/// Whether a server may be registered with at `now`.
pub(super) fn is_enabled(availability: Availability, now: Instant) -> bool {
    match availability {
        Availability::Enabled => true,
        Availability::DisabledUntil(until) => until <= now,
        Availability::Disabled => false,
    }
}

/// When a server that is disabled may be registered with again.
pub(crate) fn next_enabled<M: DataModel>(model: &M) -> Option<Instant> {
    let mut next = None;
    let mut last = None;
    while let Some(server) = model.next_instance(SERVER, last) {
        last = Some(server);
        if let Availability::DisabledUntil(until) = model.availability(server) {
            next = Instant::earliest(next, Some(until));
        }
    }
    next
}

/// The Security instance of a server: that of the same Short Server ID, or one that has none.
fn security_of<M: DataModel>(model: &M, server: Option<M::Instance>) -> Option<u16> {
    let short_id = number(model, server, server::SHORT_SERVER_ID);
    if matches!(short_id, Some(0 | 65_535)) {
        return None;
    }
    let mut last = None;
    while let Some(security) = model.next_instance(SECURITY, last) {
        last = Some(security);
        let instance = model.instance(SECURITY, security);
        let own = number(model, instance, security::SHORT_SERVER_ID);
        if !is_bootstrap(model, instance) && (own.is_none() || own == short_id) {
            return Some(security);
        }
    }
    None
}

/// Whether a Security instance is that of a Bootstrap-Server.
pub(crate) fn is_bootstrap<M: DataModel>(model: &M, security: Option<M::Instance>) -> bool {
    boolean(model, security, security::BOOTSTRAP) == Some(true)
}

/// The Bootstrap-Server account with the least instance id above `after`.
#[cfg(feature = "bootstrap")]
pub(crate) fn bootstrap<M: DataModel>(model: &M, after: Option<u16>) -> Option<u16> {
    let mut last = after;
    loop {
        let security = model.next_instance(SECURITY, last)?;
        if is_bootstrap(model, model.instance(SECURITY, security)) {
            return Some(security);
        }
        last = Some(security);
    }
}

/// Whether there is a server to register with: a Server and a Security instance that belong together,
/// and a URI that is one. `room` is for that.
#[cfg(feature = "bootstrap")]
pub(crate) fn is_consistent<M: DataModel>(model: &M, room: &mut [u8]) -> bool {
    let mut last = None;
    while let Some(server) = model.next_instance(SERVER, last) {
        last = Some(server);
        let length = security_of(model, model.instance(SERVER, server))
            .and_then(|security| uri(model, security, room));
        let text = length.and_then(|length| room.get(..length));
        if text.is_some_and(|text| Uri::parse(text, DefaultPorts::STANDARD).is_ok()) {
            return true;
        }
    }
    false
}

/// Copies the URI of a Security instance and returns its length; `None` if there is none, or no
/// room for it.
pub(crate) fn uri<M: DataModel>(model: &M, security: u16, into: &mut [u8]) -> Option<usize> {
    match value(model, model.instance(SECURITY, security), security::URI)? {
        Value::String(uri) if uri.len() <= into.len() => Some(uri.copy(0, into)),
        _ => None,
    }
}

/// How often and when a server is tried: the Communication Retry resources of the Server object, and
/// without them what is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Communication {
    /// Attempts of a sequence after the first one.
    pub retries: u8,
    /// Seconds before the second attempt; each pause after that is twice as long. `None`: the second
    /// follows at once, and a second is the pause before the third.
    pub timer: Option<u32>,
    /// Seconds between sequences; `None`: there is one.
    pub sequence_delay: Option<u32>,
    /// How many sequences there are.
    pub sequences: u8,
}

impl Communication {
    /// What is configured.
    pub const fn configured(retries: u8) -> Self {
        Self {
            retries,
            timer: None,
            sequence_delay: None,
            sequences: 1,
        }
    }

    /// That of a server. Where it says something, what it leaves open is as in table 6.2.1.1-1.
    pub fn of<M: DataModel>(model: &M, server: u16, retries: u8) -> Self {
        let configured = Self::configured(retries);
        let instance = model.instance(SERVER, server);
        let says = |resource| number(model, instance, resource);
        let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        let (count, timer) = (says(server::RETRY_COUNT), says(server::RETRY_TIMER));
        let (delay, sequences) = (says(server::SEQUENCE_DELAY), says(server::SEQUENCE_COUNT));
        if count.or(timer).or(delay).or(sequences).is_none() {
            return configured;
        }
        Self {
            // The resource counts attempts, the first one included.
            retries: small(count.unwrap_or(5).saturating_sub(1)),
            timer: Some(timer.unwrap_or(60)),
            // The greatest value a server can write means that there is no other sequence.
            sequence_delay: Some(delay.unwrap_or(86_400)).filter(|delay| *delay < 65_535),
            sequences: small(sequences.unwrap_or(1)),
        }
    }

    /// Milliseconds of pause after so many failures in a row.
    pub fn pause(&self, failures: u8, random: u32) -> u64 {
        let (first, doublings) = match (self.timer, failures) {
            (None, 0 | 1) => return 0,
            (None, _) => (1, failures.saturating_sub(2)),
            (Some(timer), _) => (timer, failures.saturating_sub(1)),
        };
        let seconds = u64::from(first)
            .checked_shl(u32::from(doublings.min(30)))
            .unwrap_or(u64::MAX);
        let pause = seconds.saturating_mul(1000);
        // Up to an eighth is added, so that devices that failed together do not come together.
        let spread = u64::from(random & 0xff);
        pause.saturating_add(pause.saturating_mul(spread) >> 11)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_resources_the_second_attempt_follows_at_once_and_pauses_double_from_a_second() {
        let configured = Communication::configured(5);
        let pauses = [1, 2, 3, 4, 5].map(|count| configured.pause(count, 0));
        assert_eq!(pauses, [0, 1000, 2000, 4000, 8000]);
    }

    #[test]
    fn a_retry_timer_doubles_with_each_attempt() {
        let policy = Communication {
            timer: Some(60),
            ..Communication::configured(4)
        };
        assert_eq!(policy.pause(1, 0), 60_000);
        assert_eq!(policy.pause(3, 0), 240_000);
    }

    #[test]
    fn chance_adds_up_to_an_eighth() {
        let policy = Communication::configured(5);
        assert!((8000..=9000).contains(&policy.pause(5, u32::MAX)));
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let policy = Communication {
            timer: Some(u32::MAX),
            ..Communication::configured(u8::MAX)
        };
        assert!(policy.pause(u8::MAX, u32::MAX) > policy.pause(1, 0));
    }
}
