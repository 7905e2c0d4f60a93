// SPDX-License-Identifier: Apache-2.0
//! Duplicates of requests, RFC 7252 §4.5: the answers to the last few requests that changed
//! something are kept, so that a duplicate gets the recorded answer and is not carried out again.

use super::ConnectionId;
use super::exchange::EXCHANGE_LIFETIME;
use crate::time::Instant;

/// Longest answer that is kept: header, token, and the Location-Path of a Create.
pub const MAX_ANSWER: usize = 40;

/// A request that was answered, with its answer.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    connection: ConnectionId,
    message_id: u16,
    /// When it may be forgotten; `None` marks an unused record.
    expires: Option<Instant>,
    length: u8,
    bytes: [u8; MAX_ANSWER],
}

impl Answered {
    /// An unused record.
    pub const UNUSED: Self = Self {
        connection: ConnectionId(0),
        message_id: 0,
        expires: None,
        length: 0,
        bytes: [0; MAX_ANSWER],
    };
}

/// The last few answered requests.
pub struct Deduplication<'a> {
    records: &'a mut [Answered],
}

impl<'a> Deduplication<'a> {
    /// Takes the records; without any, every duplicate is carried out again.
    #[must_use]
    pub const fn new(records: &'a mut [Answered]) -> Self {
        Self { records }
    }

    /// The answer this request was given before. It is empty when the request was acknowledged
    /// and answered separately, or when nothing was answered.
    #[must_use]
    pub fn find(&self, connection: ConnectionId, message_id: u16, now: Instant) -> Option<&[u8]> {
        let record = self.records.iter().find(|record| {
            record.connection == connection
                && record.message_id == message_id
                && record.expires > Some(now)
        })?;
        record.bytes.get(..usize::from(record.length))
    }

    /// Keeps the answer, in place of the oldest. An answer that is too long is kept as none: the
    /// duplicate is then acknowledged, not carried out.
    pub fn keep(&mut self, connection: ConnectionId, message_id: u16, answer: &[u8], now: Instant) {
        let Some(record) = self.records.iter_mut().min_by_key(|record| record.expires) else {
            return;
        };
        record.connection = connection;
        record.message_id = message_id;
        record.expires = Some(now.after_millis(EXCHANGE_LIFETIME));
        record.length = 0;
        if let Some(into) = record.bytes.get_mut(..answer.len()) {
            into.copy_from_slice(answer);
            record.length = u8::try_from(answer.len()).unwrap_or(0);
        }
    }

    /// Forgets what came over a connection that is gone.
    pub fn forget(&mut self, connection: ConnectionId) {
        for record in self.records.iter_mut() {
            if record.connection == connection {
                record.expires = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: ConnectionId = ConnectionId::SERVER;

    #[test]
    fn the_oldest_answer_gives_way_and_expired_ones_do_not_match() {
        let mut records = [Answered::UNUSED; 2];
        let mut seen = Deduplication::new(&mut records);
        let at = Instant::from_millis;
        seen.keep(SERVER, 1, b"one", at(0));
        seen.keep(SERVER, 2, b"two", at(1));
        assert_eq!(seen.find(SERVER, 1, at(2)), Some(&b"one"[..]));
        assert_eq!(seen.find(ConnectionId(1), 1, at(2)), None);
        seen.keep(SERVER, 3, b"three", at(2));
        assert_eq!(seen.find(SERVER, 1, at(3)), None);
        assert_eq!(seen.find(SERVER, 2, at(3)), Some(&b"two"[..]));
        assert_eq!(seen.find(SERVER, 2, at(1 + EXCHANGE_LIFETIME)), None);
        seen.forget(SERVER);
        assert_eq!(seen.find(SERVER, 3, at(3)), None);
    }

    #[test]
    fn an_answer_that_is_too_long_is_remembered_as_answered() {
        let mut records = [Answered::UNUSED; 1];
        let mut seen = Deduplication::new(&mut records);
        seen.keep(SERVER, 1, &[1; MAX_ANSWER + 1], Instant::default());
        assert_eq!(seen.find(SERVER, 1, Instant::default()), Some(&[][..]));
    }
}
