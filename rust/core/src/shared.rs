// SPDX-License-Identifier: Apache-2.0
//! What the engine and every other thread share: the client's state and commands, the observation
//! index, the messages in flight, the request in progress, deferred Sends.
//!
//! Nothing but cells, read and written by value while the caller holds the one lock. An application
//! callback that runs inside the engine may come back here; it finds consistent values, because
//! nobody holds a reference across a callback.

use core::cell::Cell;

use crate::blockwise::Buffers;
#[cfg(feature = "bootstrap")]
use crate::bootstrap::kept::Kept;
use crate::coap::exchange::{Exchanges, Purpose};
use crate::coap::message::{MessageType, empty};
use crate::coap::{Code, ConnectionId, Token};
#[cfg(feature = "pull")]
use crate::firmware::Pull;
use crate::information_reporting::attributes::Attributes;
use crate::information_reporting::notified::NotifiedValues;
use crate::information_reporting::observation::Observations;
use crate::information_reporting::send;
use crate::path::Path;
use crate::path_list::PathList;
use crate::registration::accounts::{self, server};
use crate::registration::client::{Client, UpdateScope};
use crate::time_series::Carried;

/// The request whose handling is in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub connection: ConnectionId,
    /// Confirmable or not.
    pub kind: MessageType,
    /// Method.
    pub code: Code,
    /// Message ID.
    pub message_id: u16,
    /// Token.
    pub token: Token,
    /// The path asked for; the root for requests to no path.
    pub path: Path,
    /// Whether an empty acknowledgement has been sent, so that the answer goes out separately.
    pub acknowledged: bool,
}

/// A Send asked for from inside a data callback, encoded when the operation in progress is over.
pub struct DeferredSend<'a> {
    /// What to send; `None` while it is being encoded.
    pub(crate) paths: Cell<Option<PathList<'a>>>,
    /// Names the application's callback for the outcome; `None` while there is nothing to send.
    pub(crate) reference: Cell<Option<u8>>,
}

impl<'a> DeferredSend<'a> {
    /// Nothing to send yet; takes as many paths as the storage holds.
    #[must_use]
    pub const fn new(paths: &'a mut [Path]) -> Self {
        Self {
            paths: Cell::new(Some(PathList::new(paths))),
            reference: Cell::new(None),
        }
    }
}

/// The shared cells.
pub struct Shared<'a> {
    /// State and commands of the client.
    pub client: Client<'a>,
    /// Who observes what.
    pub observations: Observations<'a>,
    /// When observers are told.
    pub attributes: Attributes<'a>,
    /// What they were told last.
    pub notified: NotifiedValues<'a>,
    /// Messages in flight.
    pub exchanges: Exchanges<'a>,
    /// Buffers for what is longer than a message.
    pub buffers: Buffers<'a>,
    /// The samples they carry.
    pub carried: Carried<'a>,
    /// The paths of the composite operation or Send being carried out.
    paths: Cell<Option<PathList<'a>>>,
    deferred: &'a [DeferredSend<'a>],
    /// The package that is being fetched.
    #[cfg(feature = "pull")]
    pub pull: Pull<'a>,
    /// The accounts before a bootstrap.
    #[cfg(feature = "bootstrap")]
    pub(crate) kept: Kept<'a>,
    request: Cell<Option<Request>>,
    in_operation: Cell<bool>,
    defaults_changed: Cell<bool>,
    next_message_id: Cell<u16>,
    wake: Cell<bool>,
}

impl<'a> Shared<'a> {
    /// Puts the parts together. `paths` is room for those of one composite operation or Send,
    /// `deferred` for the Sends that data callbacks ask for.
    #[must_use]
    // One for each part.
    #[allow(clippy::too_many_arguments)]
    pub const fn new(
        client: Client<'a>,
        observations: Observations<'a>,
        attributes: Attributes<'a>,
        notified: NotifiedValues<'a>,
        exchanges: Exchanges<'a>,
        buffers: Buffers<'a>,
        paths: &'a mut [Path],
        deferred: &'a [DeferredSend<'a>],
    ) -> Self {
        Self {
            client,
            observations,
            attributes,
            notified,
            exchanges,
            buffers,
            carried: Carried::new(&[]),
            paths: Cell::new(Some(PathList::new(paths))),
            deferred,
            #[cfg(feature = "pull")]
            pull: Pull::none(),
            #[cfg(feature = "bootstrap")]
            kept: Kept::new(&mut []),
            request: Cell::new(None),
            in_operation: Cell::new(false),
            defaults_changed: Cell::new(false),
            next_message_id: Cell::new(0),
            wake: Cell::new(false),
        }
    }

    /// The same, for a client that fetches packages.
    #[cfg(feature = "pull")]
    #[must_use]
    pub const fn with_pull(self, pull: Pull<'a>) -> Self {
        Self { pull, ..self }
    }

    /// Lends the room in which the accounts are kept while a Bootstrap-Server changes them.
    #[cfg(feature = "bootstrap")]
    #[must_use]
    pub const fn with_kept(self, kept: Kept<'a>) -> Self {
        Self { kept, ..self }
    }

    /// Lends the places for what messages carry of time series.
    #[must_use]
    pub const fn with_carried(self, carried: Carried<'a>) -> Self {
        Self { carried, ..self }
    }

    /// Begins the message ids at a random number, RFC 7252 §4.4.
    pub fn seed_message_ids(&self, random: u32) {
        let [high, low, ..] = random.to_be_bytes();
        self.next_message_id.set(u16::from_be_bytes([high, low]));
    }

    /// A message id that was not used for as long as possible.
    pub fn message_id(&self) -> u16 {
        let id = self.next_message_id.get();
        self.next_message_id.set(id.wrapping_add(1));
        id
    }

    /// Asks that the engine's thread look at the new state of things.
    pub fn request_wake(&self) {
        self.wake.set(true);
    }

    /// Whether the engine's thread is to be woken; asked by whoever releases the lock.
    pub fn take_wake(&self) -> bool {
        self.wake.take()
    }

    /// Notes that the value at `path` changed, for those who observe it. Returns whether anybody
    /// does.
    pub fn resource_changed(&self, path: Path) -> bool {
        let attributes = &self.attributes;
        let observed = self.observations.changed(&path, attributes, &|slot| {
            self.notified.changed(slot, &path, attributes)
        });
        let sets_defaults = path.object_id() == accounts::SERVER
            && matches!(
                path.resource_id(),
                server::DEFAULT_PMIN | server::DEFAULT_PMAX
            );
        if sets_defaults {
            self.defaults_changed.set(true);
        }
        if observed || sets_defaults {
            self.request_wake();
        }
        observed
    }

    /// Whether the default periods of a server may be others than before.
    pub(crate) fn take_defaults_changed(&self) -> bool {
        self.defaults_changed.take()
    }

    /// Notes that an object instance came or went: the next Update lists the objects again.
    pub fn instances_changed(&self, instance: Path, created: bool) {
        if !created {
            self.observations.cancel_below(&instance, &self.attributes);
            self.attributes.forget_below(&instance);
        }
        self.resource_changed(instance);
        self.client.request_update(UpdateScope::Objects);
        self.request_wake();
    }

    /// Ends the observation that a request with this token began, RFC 7641 §3.6. Returns whether
    /// there was one.
    pub fn cancel_by_token(&self, connection: ConnectionId, token: &Token) -> bool {
        let slot = self.observations.by_token(connection, token);
        slot.map(|slot| self.cancel_observation(slot)).is_some()
    }

    /// Ends the observation in this slot, and its notification if one is on its way.
    pub(crate) fn cancel_observation(&self, slot: u8) {
        self.forget_notification(slot);
        self.observations.cancel_slot(slot);
    }

    /// A notification of this slot that is on its way is not sent again.
    pub(crate) fn forget_notification(&self, slot: u8) {
        let in_flight = self
            .exchanges
            .find(&|exchange| exchange.purpose == Purpose::Notification(slot));
        if let Some((id, _)) = in_flight {
            self.exchanges.end(id);
        }
    }

    /// The request in progress.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        self.request.get()
    }

    pub(crate) fn set_request(&self, request: Option<Request>) {
        self.request.set(request);
    }

    /// Whether the engine is inside an operation on the data model, so that whoever asks runs in
    /// one of its callbacks (the lock is held by that very thread).
    #[must_use]
    pub fn in_operation(&self) -> bool {
        self.in_operation.get()
    }

    /// Runs `operation` with [`Shared::in_operation`] true.
    pub(crate) fn operation<R>(&self, operation: impl FnOnce() -> R) -> R {
        let outer = self.in_operation.replace(true);
        let result = operation();
        self.in_operation.set(outer);
        result
    }

    /// The empty acknowledgement of the request in progress, to be sent now; its answer then goes
    /// out separately. `None` when there is no confirmable request or it was acknowledged already.
    pub fn acknowledge(&self) -> Option<(ConnectionId, [u8; 4])> {
        let mut request = self.request.get()?;
        if request.acknowledged || request.kind != MessageType::Confirmable {
            return None;
        }
        request.acknowledged = true;
        self.request.set(Some(request));
        Some((
            request.connection,
            empty(MessageType::Acknowledgement, request.message_id),
        ))
    }

    /// Gives `f` the list for the paths of a composite operation or Send. `None` when it is in use
    /// (by this very thread, further up).
    pub(crate) fn with_paths<R>(&self, f: impl FnOnce(&mut PathList<'a>) -> R) -> Option<R> {
        let mut paths = self.paths.take()?;
        let result = f(&mut paths);
        self.paths.set(Some(paths));
        Some(result)
    }

    /// Room for a Send that is kept for the end of the operation in progress.
    pub(crate) fn room_to_defer(&self) -> Option<&'a DeferredSend<'a>> {
        let mut deferred = self.deferred.iter();
        deferred.find(|send| send.reference.get().is_none())
    }

    /// A Send that was kept.
    pub(crate) fn deferred(&self) -> Option<(&'a DeferredSend<'a>, u8)> {
        if !send::SUPPORTED {
            return None;
        }
        let mut deferred = self.deferred.iter();
        deferred.find_map(|send| Some((send, send.reference.get()?)))
    }
}

/// The outcome of a Send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendStatus {
    /// The server accepted it.
    Success,
    /// The server refused it, or the connection was closed.
    Failure,
    /// The server did not answer.
    Timeout,
}
