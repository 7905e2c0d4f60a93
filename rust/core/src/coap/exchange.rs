// SPDX-License-Identifier: Apache-2.0
//! Confirmable messages in flight: retransmission as arithmetic over `now`, RFC 7252 §4.2, and the
//! arena that keeps an exact-length copy of each.
//!
//! Slots and arena are lent by the caller and shared between the engine and the threads that send,
//! always under the lock. A message is encoded in place at the arena's free end, so its bytes are
//! written once; when a message is done, the ones behind it move up.

use core::cell::Cell;

use super::message::{MessageType, Token};
use super::{Code, ConnectionId};
use crate::division::divide;
use crate::time::Instant;

/// Transmission parameters, RFC 7252 §4.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransmissionParameters {
    /// ACK_TIMEOUT in milliseconds.
    pub acknowledgement_timeout: u32,
    /// ACK_RANDOM_FACTOR in percent: 150 is the 1.5 of the RFC.
    pub random_factor_percent: u16,
    /// MAX_RETRANSMIT.
    pub max_retransmit: u8,
    /// How each timeout follows from the one before, in percent: the RFC doubles it.
    pub backoff_percent: u16,
}

impl TransmissionParameters {
    /// The RFC's own.
    pub const DEFAULT: Self = Self {
        acknowledgement_timeout: 2000,
        random_factor_percent: 150,
        max_retransmit: 4,
        backoff_percent: 200,
    };

    /// The first timeout: between ACK_TIMEOUT and ACK_TIMEOUT × ACK_RANDOM_FACTOR.
    fn initial_timeout(&self, random: u32) -> u32 {
        let least = self.acknowledgement_timeout;
        let spread = percent(least, self.random_factor_percent).saturating_sub(least);
        let jitter = u64::from(spread)
            .saturating_add(1)
            .saturating_mul(u64::from(random & 0xffff))
            >> 16;
        least.saturating_add(u32::try_from(jitter).unwrap_or(u32::MAX))
    }
}

fn percent(of: u32, percent: u16) -> u32 {
    let mut part = u64::from(of).saturating_mul(u64::from(percent));
    divide::<100>(&mut part);
    u32::try_from(part).unwrap_or(u32::MAX)
}

/// How long a separate response is waited for after its request was acknowledged: the RFC names no
/// number; this is EXCHANGE_LIFETIME, RFC 7252 §4.8.2.
pub const EXCHANGE_LIFETIME: u64 = 247_000;

/// What a message in flight is for, so that its end can be told to the right place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Register.
    Registration,
    /// Update.
    Update,
    /// De-register.
    Deregistration,
    /// Bootstrap-Request.
    Bootstrap,
    /// A Notification of the observation in this slot.
    Notification(u8),
    /// A Send operation; the number is whoever asked for it's own.
    Send(u8),
    /// The answer to a request that was acknowledged first, RFC 7252 §5.2.2.
    SeparateResponse,
    /// The request for a block of a package.
    #[cfg(feature = "pull")]
    Pull,
}

impl Purpose {
    /// Whether the peer answers it with a response, not only with an acknowledgement.
    const fn expects_response(self) -> bool {
        !matches!(self, Purpose::Notification(_) | Purpose::SeparateResponse)
    }

    /// Whether it is one of the client's own requests for its life: Register, Update, De-register,
    /// Bootstrap-Request. There is one at a time, and room in the arena is kept for it.
    pub(crate) const fn uses_reserve(self) -> bool {
        matches!(
            self,
            Purpose::Registration | Purpose::Update | Purpose::Deregistration | Purpose::Bootstrap
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Queued,
    AwaitingAcknowledgement {
        deadline: Instant,
        timeout: u32,
        retransmissions: u8,
    },
    AwaitingResponse {
        deadline: Instant,
    },
}

/// One message in flight.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// What it is for.
    pub purpose: Purpose,
    /// Where it goes.
    pub connection: ConnectionId,
    /// Its message id.
    pub message_id: u16,
    /// Its token.
    pub token: Token,
}

/// Room for a message in flight, and how it stands: a cell for each thing that changes by itself.
#[derive(Debug)]
pub struct Slot {
    exchange: Cell<Exchange>,
    state: Cell<State>,
    offset: Cell<u16>,
    length: Cell<u16>,
}

impl Slot {
    /// An unused slot; all of it zero, so that a table of them takes no room in flash.
    #[must_use]
    pub const fn free() -> Self {
        Self {
            exchange: Cell::new(Exchange {
                purpose: Purpose::Registration,
                connection: ConnectionId(0),
                message_id: 0,
                token: Token::EMPTY,
            }),
            state: Cell::new(State::Free),
            offset: Cell::new(0),
            length: Cell::new(0),
        }
    }

    fn is_free(&self) -> bool {
        matches!(self.state.get(), State::Free)
    }

    fn can_be_held(&self) -> bool {
        let exchange = self.exchange.get();
        exchange.connection.is_server() && !exchange.purpose.uses_reserve()
    }

    fn is_queued(&self) -> bool {
        matches!(self.state.get(), State::Queued)
    }

    fn deadline(&self) -> Option<Instant> {
        match self.state.get() {
            State::AwaitingAcknowledgement { deadline, .. }
            | State::AwaitingResponse { deadline } => Some(deadline),
            State::Free | State::Queued => None,
        }
    }
}

/// Names an exchange while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeId(pub u8);

/// There is no slot or no room left for another message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// What is to be done for an exchange whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Send its bytes, for the first time or again.
    Transmit(ExchangeId),
    /// Nobody answered; the exchange is over.
    TimedOut(ExchangeId, Purpose),
}

/// The exchanges and the arena with their bytes.
pub struct Exchanges<'a> {
    slots: &'a [Slot],
    arena: Cell<Option<&'a mut [u8]>>,
    used: Cell<usize>,
    reserve: usize,
    max_message: usize,
    parameters: TransmissionParameters,
}

impl<'a> Exchanges<'a> {
    /// Takes the slots and the arena. `reserve` bytes and one slot of it are kept for Register,
    /// Update and De-register; no message is longer than `max_message`.
    #[must_use]
    pub const fn new(
        slots: &'a [Slot],
        arena: &'a mut [u8],
        reserve: usize,
        max_message: usize,
        parameters: TransmissionParameters,
    ) -> Self {
        Self {
            slots,
            arena: Cell::new(Some(arena)),
            used: Cell::new(0),
            reserve,
            max_message,
            parameters,
        }
    }

    /// Begins a message: a free slot and the free end of the arena.
    ///
    /// # Errors
    /// No slot, no room, or another message is being written (by this very thread, further up).
    pub fn draft(&self, purpose: Purpose) -> Result<Draft<'_, 'a>, NoRoom> {
        let mut free = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.is_free());
        let (index, _) = free.next().ok_or(NoRoom)?;
        if !purpose.uses_reserve() && free.next().is_none() {
            return Err(NoRoom);
        }
        let id = ExchangeId(u8::try_from(index).map_err(|_| NoRoom)?);
        let arena = self.arena.take().ok_or(NoRoom)?;
        let keep = if purpose.uses_reserve() {
            0
        } else {
            self.reserve
        };
        let room = arena
            .len()
            .saturating_sub(self.used.get())
            .saturating_sub(keep);
        Ok(Draft {
            exchanges: self,
            arena: Some(arena),
            room: room.min(self.max_message),
            purpose,
            id,
        })
    }

    /// The longest message.
    #[must_use]
    pub const fn max_message(&self) -> usize {
        self.max_message
    }

    /// Where to look for messages in flight: nowhere, while the arena is empty.
    fn under_way(&self) -> &'a [Slot] {
        if self.used.get() == 0 {
            return &[];
        }
        self.slots
    }

    fn slot(&self, id: ExchangeId) -> Option<&'a Slot> {
        let slot = self.slots.get(usize::from(id.0))?;
        (!slot.is_free()).then_some(slot)
    }

    /// The exchange, `None` once it is over.
    #[must_use]
    pub fn get(&self, id: ExchangeId) -> Option<Exchange> {
        Some(self.slot(id)?.exchange.get())
    }

    /// The first one under way that is `wanted`.
    pub fn find(&self, wanted: &dyn Fn(&Exchange) -> bool) -> Option<(ExchangeId, Exchange)> {
        self.search(true, wanted)
    }

    /// The same, perhaps of those only that have been sent. The search exists once, whatever is
    /// looked for.
    fn search(
        &self,
        queued: bool,
        wanted: &dyn Fn(&Exchange) -> bool,
    ) -> Option<(ExchangeId, Exchange)> {
        for (slot, index) in self.under_way().iter().zip(0..=u8::MAX) {
            if slot.is_free() || (slot.is_queued() && !queued) {
                continue;
            }
            let exchange = slot.exchange.get();
            if wanted(&exchange) {
                return Some((ExchangeId(index), exchange));
            }
        }
        None
    }

    /// Copies the message's bytes to the front of `into` and returns their number.
    pub fn copy(&self, id: ExchangeId, into: &mut [u8]) -> usize {
        let Some(slot) = self.slot(id) else {
            return 0;
        };
        let Some(arena) = self.arena.take() else {
            return 0;
        };
        let start = usize::from(slot.offset.get());
        let end = start.saturating_add(usize::from(slot.length.get()));
        let bytes = arena.get(start..end).unwrap_or_default();
        let count = match into.get_mut(..bytes.len()) {
            Some(into) => {
                into.copy_from_slice(bytes);
                bytes.len()
            }
            None => 0,
        };
        self.arena.set(Some(arena));
        count
    }

    /// What is due at `now`, one at a time: messages not yet sent first, in the order they were
    /// written; then retransmissions and timeouts. While the server's messages are `held` only
    /// those for the client's life go to it.
    pub fn due(&self, now: Instant, held: bool, entropy: &dyn Fn() -> u32) -> Option<Due> {
        let mut first: Option<(&Slot, u8)> = None;
        let mut least = usize::MAX;
        for (slot, index) in self.under_way().iter().zip(0..=u8::MAX) {
            // In the arena the message written first lies first; behind all of them, so to speak,
            // is the first one whose time has come.
            let rank = match slot.deadline() {
                _ if held && slot.can_be_held() => continue,
                _ if slot.is_queued() => usize::from(slot.offset.get()),
                Some(deadline) if deadline <= now => usize::MAX - 1,
                _ => continue,
            };
            if rank < least {
                (first, least) = (Some((slot, index)), rank);
            }
        }
        let (slot, index) = first?;
        let id = ExchangeId(index);
        let (timeout, retransmissions) = match slot.state.get() {
            State::Queued => (self.parameters.initial_timeout(entropy()), 0),
            State::AwaitingAcknowledgement {
                timeout,
                retransmissions,
                ..
            } if retransmissions < self.parameters.max_retransmit => {
                let timeout = percent(timeout, self.parameters.backoff_percent);
                (timeout, retransmissions.saturating_add(1))
            }
            _ => {
                let Exchange { purpose, .. } = slot.exchange.get();
                self.end(id);
                return Some(Due::TimedOut(id, purpose));
            }
        };
        slot.state.set(State::AwaitingAcknowledgement {
            deadline: now.after_millis(u64::from(timeout)),
            timeout,
            retransmissions,
        });
        Some(Due::Transmit(id))
    }

    /// When [`Exchanges::due`] has something next; `None` when nothing is under way.
    #[must_use]
    pub fn next_deadline(&self, held: bool) -> Option<Instant> {
        let mut next = None;
        for slot in self.under_way() {
            if held && slot.can_be_held() {
                continue;
            }
            if slot.is_queued() {
                return Some(Instant::default());
            }
            next = Instant::earliest(next, slot.deadline());
        }
        next
    }

    /// The exchange that a message with this message id acknowledges or resets.
    #[must_use]
    pub fn by_message_id(
        &self,
        connection: ConnectionId,
        message_id: u16,
    ) -> Option<(ExchangeId, Exchange)> {
        self.search(false, &|exchange| {
            exchange.connection == connection && exchange.message_id == message_id
        })
    }

    /// The exchange that a response with this token answers.
    #[must_use]
    pub fn by_token(
        &self,
        connection: ConnectionId,
        token: &Token,
    ) -> Option<(ExchangeId, Exchange)> {
        self.search(false, &|exchange| {
            exchange.connection == connection
                && exchange.token == *token
                && exchange.purpose.expects_response()
        })
    }

    /// Notes an empty acknowledgement. Returns the purpose when that ends the exchange.
    pub fn acknowledge(&self, id: ExchangeId, now: Instant) -> Option<Purpose> {
        let slot = self.slot(id)?;
        let Exchange { purpose, .. } = slot.exchange.get();
        if !purpose.expects_response() {
            self.end(id);
            return Some(purpose);
        }
        slot.state.set(State::AwaitingResponse {
            deadline: now.after_millis(EXCHANGE_LIFETIME),
        });
        None
    }

    /// Messages of a connection that was closed are sent anew over the next one.
    pub fn requeue(&self, connection: ConnectionId) {
        for slot in self.slots {
            if !slot.is_free() && slot.exchange.get().connection == connection {
                slot.state.set(State::Queued);
            }
        }
    }

    /// Ends an exchange and gives its bytes back.
    pub fn end(&self, id: ExchangeId) {
        let Some(ended) = self.slot(id) else { return };
        let Some(arena) = self.arena.take() else {
            return;
        };
        let (offset, length) = (ended.offset.get(), ended.length.get());
        let start = usize::from(offset);
        let end = start.saturating_add(usize::from(length));
        let used = self.used.get();
        if end <= used && used <= arena.len() {
            arena.copy_within(end..used, start);
            self.used.set(used.saturating_sub(usize::from(length)));
        }
        self.arena.set(Some(arena));
        ended.state.set(State::Free);
        for slot in self.slots {
            if !slot.is_free() && slot.offset.get() > offset {
                slot.offset.set(slot.offset.get().saturating_sub(length));
            }
        }
    }
}

/// A message being written at the arena's free end. Dropped without [`Draft::commit`], it leaves
/// nothing behind.
pub struct Draft<'e, 'a> {
    exchanges: &'e Exchanges<'a>,
    arena: Option<&'a mut [u8]>,
    room: usize,
    purpose: Purpose,
    id: ExchangeId,
}

impl Draft<'_, '_> {
    /// Which exchange it becomes.
    #[must_use]
    pub fn id(&self) -> ExchangeId {
        self.id
    }

    /// The room for the message.
    pub fn buffer(&mut self) -> &mut [u8] {
        let start = self.exchanges.used.get();
        let end = start.saturating_add(self.room);
        self.arena
            .as_deref_mut()
            .and_then(|arena| arena.get_mut(start..end))
            .unwrap_or_default()
    }

    /// Queues the first `length` bytes for sending.
    ///
    /// # Errors
    /// The message is longer than the room, which a correct writer never makes it.
    pub fn commit(
        mut self,
        connection: ConnectionId,
        message_id: u16,
        token: Token,
        length: usize,
    ) -> Result<ExchangeId, NoRoom> {
        if length > self.buffer().len() {
            return Err(NoRoom);
        }
        let offset = self.exchanges.used.get();
        let slots = self.exchanges.slots;
        let slot = slots.get(usize::from(self.id.0)).ok_or(NoRoom)?;
        slot.offset.set(u16::try_from(offset).map_err(|_| NoRoom)?);
        slot.length.set(u16::try_from(length).map_err(|_| NoRoom)?);
        slot.exchange.set(Exchange {
            purpose: self.purpose,
            connection,
            message_id,
            token,
        });
        slot.state.set(State::Queued);
        self.exchanges.used.set(offset.saturating_add(length));
        Ok(self.id)
    }
}

impl Drop for Draft<'_, '_> {
    fn drop(&mut self) {
        self.exchanges.arena.set(self.arena.take());
    }
}

/// Writes the header fields every confirmable message of ours begins with.
pub fn confirmable<'b>(
    buffer: &'b mut [u8],
    code: Code,
    message_id: u16,
    token: &Token,
) -> super::Builder<'b> {
    super::Builder::new(buffer, MessageType::Confirmable, code, message_id, token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    const PARAMETERS: TransmissionParameters = TransmissionParameters::DEFAULT;

    fn slots<const N: usize>() -> [Slot; N] {
        [const { Slot::free() }; N]
    }

    fn put(exchanges: &Exchanges<'_>, purpose: Purpose, bytes: &[u8], mid: u16) -> ExchangeId {
        let mut draft = exchanges.draft(purpose).unwrap();
        draft.buffer()[..bytes.len()].copy_from_slice(bytes);
        let token = Token::new(&mid.to_be_bytes());
        draft
            .commit(ConnectionId::SERVER, mid, token, bytes.len())
            .unwrap()
    }

    fn bytes(exchanges: &Exchanges<'_>, id: ExchangeId) -> Vec<u8> {
        let mut buffer = vec![0; 64];
        let count = exchanges.copy(id, &mut buffer);
        buffer.truncate(count);
        buffer
    }

    #[test]
    fn a_message_is_sent_at_once_then_four_times_more_with_doubled_timeouts_then_given_up() {
        let slots = slots::<2>();
        let mut arena = [0; 64];
        let exchanges = Exchanges::new(&slots, &mut arena, 0, 64, PARAMETERS);
        let id = put(&exchanges, Purpose::Update, b"update", 7);
        let start = 1000;
        let mut sent = vec![];
        let mut now = Instant::from_millis(start);
        loop {
            match exchanges.due(now, false, &|| 0) {
                Some(Due::Transmit(due)) => {
                    assert_eq!(due, id);
                    assert_eq!(bytes(&exchanges, id), b"update");
                    sent.push(now.as_millis() - start);
                }
                Some(Due::TimedOut(due, purpose)) => {
                    assert_eq!((due, purpose), (id, Purpose::Update));
                    break;
                }
                None => now = exchanges.next_deadline(false).unwrap(),
            }
        }
        assert_eq!(sent, [0, 2000, 6000, 14000, 30000]);
        assert_eq!(now.as_millis() - start, 62000);
        assert_eq!(exchanges.next_deadline(false), None);
    }

    #[test]
    fn the_first_timeout_is_spread_up_to_the_random_factor() {
        assert_eq!(PARAMETERS.initial_timeout(0), 2000);
        assert_eq!(PARAMETERS.initial_timeout(0xffff), 3000);
        let other = |acknowledgement_timeout, random_factor_percent| TransmissionParameters {
            acknowledgement_timeout,
            random_factor_percent,
            ..PARAMETERS
        };
        assert_eq!(other(1001, 133).initial_timeout(0xffff), 1331);
        assert_eq!(other(1001, 100).initial_timeout(0xffff), 1001);
        assert_eq!(other(1001, 0).initial_timeout(0xffff), 1001);
        assert_eq!(other(100_000, 1000).initial_timeout(0x8000), 550_000);
    }

    #[test]
    fn timeouts_grow_as_the_back_off_says() {
        for (backoff_percent, expected) in [
            (100, [0, 2000, 4000, 6000]),
            (150, [0, 2000, 5000, 9500]),
            (50, [0, 2000, 3000, 3500]),
        ] {
            let slots = slots::<2>();
            let mut arena = [0; 64];
            let parameters = TransmissionParameters {
                backoff_percent,
                max_retransmit: 3,
                ..PARAMETERS
            };
            let exchanges = Exchanges::new(&slots, &mut arena, 0, 64, parameters);
            put(&exchanges, Purpose::Update, b"update", 7);
            let mut sent = vec![];
            let mut now = Instant::from_millis(0);
            loop {
                match exchanges.due(now, false, &|| 0) {
                    Some(Due::Transmit(_)) => sent.push(now.as_millis()),
                    Some(Due::TimedOut(..)) => break,
                    None => now = exchanges.next_deadline(false).unwrap(),
                }
            }
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn ending_a_message_moves_the_later_ones_up_and_keeps_their_bytes() {
        let slots = slots::<4>();
        let mut arena = [0; 12];
        let exchanges = Exchanges::new(&slots, &mut arena, 0, 64, PARAMETERS);
        let a = put(&exchanges, Purpose::Send(0), b"aaaa", 1);
        let b = put(&exchanges, Purpose::Send(0), b"bbb", 2);
        let c = put(&exchanges, Purpose::Send(0), b"ccccc", 3);
        exchanges.end(a);
        assert_eq!(bytes(&exchanges, b), b"bbb");
        assert_eq!(bytes(&exchanges, c), b"ccccc");
        let d = put(&exchanges, Purpose::Send(0), b"dddd", 4);
        exchanges.end(c);
        assert_eq!(bytes(&exchanges, b), b"bbb");
        assert_eq!(bytes(&exchanges, d), b"dddd");
    }

    #[test]
    fn the_last_slot_and_the_reserve_are_kept_for_the_registration() {
        let slots = slots::<2>();
        let mut arena = [0; 16];
        let exchanges = Exchanges::new(&slots, &mut arena, 10, 64, PARAMETERS);
        assert_eq!(exchanges.draft(Purpose::Send(0)).unwrap().buffer().len(), 6);
        put(&exchanges, Purpose::Send(0), b"s", 1);
        assert!(exchanges.draft(Purpose::Send(0)).is_err());
        let mut draft = exchanges.draft(Purpose::Update).unwrap();
        assert_eq!(draft.buffer().len(), 15);
        assert!(
            exchanges.draft(Purpose::Registration).is_err(),
            "one at a time"
        );
        drop(draft);
        put(&exchanges, Purpose::Update, b"update", 2);
        assert!(exchanges.draft(Purpose::Update).is_err(), "no slot left");
    }

    #[test]
    fn an_empty_acknowledgement_ends_a_notification_but_not_a_request() {
        let slots = slots::<3>();
        let mut arena = [0; 16];
        let exchanges = Exchanges::new(&slots, &mut arena, 0, 64, PARAMETERS);
        let notification = put(&exchanges, Purpose::Notification(3), b"n", 1);
        let update = put(&exchanges, Purpose::Update, b"u", 2);
        let now = Instant::from_millis(5);
        while exchanges.due(now, false, &|| 0).is_some() {}
        assert_eq!(
            exchanges.acknowledge(notification, now),
            Some(Purpose::Notification(3))
        );
        assert_eq!(exchanges.acknowledge(update, now), None);
        assert_eq!(
            exchanges.next_deadline(false),
            Some(now.after_millis(EXCHANGE_LIFETIME))
        );
        let (id, _) = exchanges
            .by_token(ConnectionId::SERVER, &Token::new(&[0, 2]))
            .unwrap();
        assert_eq!(id, update);
    }
}
