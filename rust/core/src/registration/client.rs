// SPDX-License-Identifier: Apache-2.0
//! The client's state as every thread may see and command it.
//!
//! A command (start, stop, update, pause, resume) makes its state change at once and says which
//! event that is; the engine's next `poll` acts on the new state. Commands coalesce and are never
//! refused for want of room.

use core::cell::Cell;

#[cfg(feature = "bootstrap")]
use super::bootstrap::PATIENCE;
use crate::time::Instant;

/// Milliseconds for an answer to arrive, and for the server to ask again if it did not, before the
/// connection it goes over is given up.
pub(crate) const TIME_TO_ANSWER: u64 = 1000;

/// Whether this build speaks the Bootstrap interface.
pub const BOOTSTRAP: bool = cfg!(feature = "bootstrap");

/// Whether this build knows the queue mode.
pub const QUEUE_MODE: bool = cfg!(feature = "queue-mode");

/// What follows when a registration was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// The client stops.
    Stop,
    /// It waits until a server may be registered with again.
    ServerDisabled,
    /// It registers with a server that is preferred.
    OtherServer,
}

/// Where the client is in its life. A deadline lives in the state that waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// Not started, or stopped.
    Idle,
    /// Started; the accounts are to be read.
    Starting,
    /// The account's own delay passes: Client Hold Off Time before a bootstrap, Initial Registration
    /// Delay Timer before a registration.
    HoldingOff {
        /// When it has passed.
        until: Instant,
    },
    /// The connection to the Bootstrap-Server is being opened.
    BootstrapConnecting,
    /// Bootstrap-Request was sent.
    BootstrapRequesting,
    /// The Bootstrap-Server writes the accounts.
    Bootstrapping {
        /// When the client stops waiting for more.
        until: Instant,
    },
    /// Bootstrap-Finish was accepted; its answer is to arrive before the connection is closed.
    BootstrapFinished {
        /// When it is closed.
        close_at: Instant,
    },
    /// The connection to the server is being opened.
    Connecting,
    /// Register was sent.
    Registering,
    /// The server has accepted the registration.
    Registered,
    /// Registered in queue mode, and nothing is listened for.
    RxOff,
    /// An Update is to be sent.
    UpdateDue,
    /// The connection is being opened again.
    Resuming {
        /// Whether the server is to be told by an Update first.
        update: bool,
    },
    /// Update was sent.
    Updating,
    /// A server asks for a bootstrap; the answer to that is to arrive first.
    BootstrapDue {
        /// When the client begins.
        at: Instant,
    },
    /// The server has disabled the client; the application is to be told.
    DisableDue,
    /// The same, and the answer to that is to arrive before the De-register.
    Disabling {
        /// When De-register is sent.
        at: Instant,
    },
    /// De-register is to be sent.
    DeregistrationDue {
        /// What follows.
        then: Afterwards,
    },
    /// De-register was sent.
    Deregistering {
        /// What follows.
        then: Afterwards,
    },
    /// No server may be registered with for the present.
    ServerDisabled,
    /// Everything ends; the connection is to be closed.
    Stopping,
    /// The network failed; the next attempt is made at `retry_at`.
    NetworkError {
        /// When to try again; `None` until the pause is known.
        retry_at: Option<Instant>,
    },
}

impl ClientState {
    /// Whether the server holds a registration of ours.
    #[must_use]
    pub const fn is_registered(self) -> bool {
        matches!(
            self,
            ClientState::Registered
                | ClientState::RxOff
                | ClientState::UpdateDue
                | ClientState::Resuming { .. }
                | ClientState::Updating
                | ClientState::BootstrapDue { .. }
                | ClientState::DisableDue
                | ClientState::Disabling { .. }
                | ClientState::DeregistrationDue { .. }
                | ClientState::Deregistering { .. }
        )
    }

    /// Whether the client has been stopped: what it does yet is the end of its life.
    const fn is_ending(self) -> bool {
        matches!(
            self,
            ClientState::Idle
                | ClientState::Stopping
                | ClientState::DeregistrationDue {
                    then: Afterwards::Stop
                }
                | ClientState::Deregistering {
                    then: Afterwards::Stop
                }
        )
    }

    /// Whether a server has disabled the client, and it is about to leave that one.
    const fn is_being_disabled(self) -> bool {
        matches!(
            self,
            ClientState::DisableDue
                | ClientState::Disabling { .. }
                | ClientState::DeregistrationDue {
                    then: Afterwards::ServerDisabled
                }
                | ClientState::Deregistering {
                    then: Afterwards::ServerDisabled
                }
        )
    }

    /// Whether the peer is the Bootstrap-Server, and which operations it may ask for: those of the
    /// Bootstrap interface, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.
    #[must_use]
    pub const fn is_bootstrap(self) -> bool {
        BOOTSTRAP
            && matches!(
                self,
                ClientState::BootstrapConnecting
                    | ClientState::BootstrapRequesting
                    | ClientState::Bootstrapping { .. }
                    | ClientState::BootstrapFinished { .. }
            )
    }
}

/// What the application is told about the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// The Bootstrap-Server refused the client, or could not be reached; the client is stopped.
    BootstrapFailure,
    /// The Bootstrap-Server accepted the Bootstrap-Request.
    BootstrapComplete,
    /// The Bootstrap-Server has finished.
    BootstrapTransferComplete,
    /// The server refused the registration.
    RegistrationFailure,
    /// The registration was accepted.
    RegistrationComplete,
    /// The server did not answer, or the connection was lost.
    RegistrationTimeout,
    /// The Update was accepted.
    UpdateComplete,
    /// The server did not accept the De-register.
    DeregistrationFailure,
    /// The server accepted the De-register; the client is stopped.
    Deregistered,
    /// The server accepted the De-register; the client goes on without it.
    Left,
    /// The client is stopped; no server accepted a De-register.
    Disconnected,
    /// Queue mode: nothing is listened for any more.
    RxOff,
    /// The client is paused.
    Suspended,
    /// All attempts failed; the client is stopped.
    NetworkError,
    /// An Update is about to be sent.
    Update,
    /// A De-register is about to be sent.
    Deregister,
    /// The server has disabled the client; a De-register is about to be sent.
    ServerDisabled,
}

/// How much of the registration an Update has to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpdateScope {
    /// Only that the client is there, and a lifetime that changed.
    Minimal,
    /// The objects and instances too, because some came or went.
    Objects,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The client is running already.
    InProgress,
    /// The client is not running.
    NotRunning,
    /// The endpoint name is longer than the configuration allows.
    EndpointTooLong,
}

/// Is told the present state and the next.
#[cfg(feature = "watch-states")]
pub type Watcher = fn(ClientState, ClientState);

/// The client's cells.
pub struct Client<'a> {
    state: Cell<ClientState>,
    suspended: Cell<bool>,
    /// Commands whose event the application is being told.
    telling: Cell<u8>,
    update: Cell<Option<UpdateScope>>,
    endpoint: &'a [Cell<u8>],
    endpoint_length: Cell<usize>,
    pub(crate) security_instance: Cell<Option<u16>>,
    pub(crate) server_instance: Cell<Option<u16>>,
    /// Attempts that failed in a row.
    pub(crate) failures: Cell<u8>,
    /// Whether a bootstrap is wanted, until one has succeeded.
    pub(crate) bootstrap: Cell<bool>,
    /// Whether a server has disabled the client, and none has accepted it since.
    pub(crate) disabled: Cell<bool>,
    /// Whether servers that were disabled in an earlier life are to be let back.
    pub(crate) begins: Cell<bool>,
    /// Whether messages wait for an Update.
    pub(crate) holding: Cell<bool>,
    /// The client was stopped or started: what was to be told of it before is no longer so.
    pub(crate) outdated: Cell<bool>,
    #[cfg(feature = "watch-states")]
    watcher: Cell<Option<Watcher>>,
}

impl<'a> Client<'a> {
    /// A client that has not been started. `endpoint` is the room for its name.
    #[must_use]
    pub const fn new(endpoint: &'a [Cell<u8>]) -> Self {
        Self {
            state: Cell::new(ClientState::Idle),
            suspended: Cell::new(false),
            telling: Cell::new(0),
            update: Cell::new(None),
            endpoint,
            endpoint_length: Cell::new(0),
            security_instance: Cell::new(None),
            server_instance: Cell::new(None),
            failures: Cell::new(0),
            bootstrap: Cell::new(false),
            disabled: Cell::new(false),
            begins: Cell::new(false),
            holding: Cell::new(false),
            outdated: Cell::new(false),
            #[cfg(feature = "watch-states")]
            watcher: Cell::new(None),
        }
    }

    /// Where the client is.
    #[must_use]
    pub fn state(&self) -> ClientState {
        self.state.get()
    }

    pub(crate) fn set_state(&self, state: ClientState) {
        #[cfg(feature = "watch-states")]
        if let Some(watcher) = self.watcher.get() {
            watcher(self.state.get(), state);
        }
        self.state.set(state);
    }

    /// Has `watcher` be told of every change of state, before it is made.
    #[cfg(feature = "watch-states")]
    pub fn watch(&self, watcher: Watcher) {
        self.watcher.set(Some(watcher));
    }

    /// Whether the client is paused.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.suspended.get()
    }

    /// The Security object instance in use.
    #[must_use]
    pub fn security_instance(&self) -> Option<u16> {
        self.security_instance.get()
    }

    /// The Server object instance in use.
    #[must_use]
    pub fn server_instance(&self) -> Option<u16> {
        self.server_instance.get()
    }

    /// The endpoint name.
    pub(crate) fn endpoint(&self) -> &'a [Cell<u8>] {
        let name = self.endpoint.get(..self.endpoint_length.get());
        name.unwrap_or_default()
    }

    /// Starts the client under this endpoint name: it registers with a server that it has an account
    /// for.
    ///
    /// # Errors
    /// It is running, or the name is too long.
    pub fn start(&self, endpoint: &[u8]) -> Result<(), CommandError> {
        self.begin(endpoint, false)
    }

    /// Starts the client under this endpoint name with a bootstrap.
    ///
    /// # Errors
    /// As for [`Client::start`].
    pub fn start_bootstrap(&self, endpoint: &[u8]) -> Result<(), CommandError> {
        self.begin(endpoint, true)
    }

    fn begin(&self, endpoint: &[u8], bootstrap: bool) -> Result<(), CommandError> {
        if self.state.get() != ClientState::Idle {
            return Err(CommandError::InProgress);
        }
        let room = self
            .endpoint
            .get(..endpoint.len())
            .ok_or(CommandError::EndpointTooLong)?;
        for (to, from) in room.iter().zip(endpoint) {
            to.set(*from);
        }
        self.endpoint_length.set(endpoint.len());
        self.security_instance.set(None);
        self.server_instance.set(None);
        self.bootstrap.set(bootstrap);
        self.disabled.set(false);
        self.begins.set(true);
        self.go();
        Ok(())
    }

    /// Starts the client again, under the name it had, after it was stopped or while that is going
    /// on. One that runs goes on.
    ///
    /// # Errors
    /// It was never started.
    pub fn start_again(&self) -> Result<(), CommandError> {
        if self.endpoint_length.get() == 0 {
            return Err(CommandError::NotRunning);
        }
        if matches!(self.state.get(), ClientState::Idle | ClientState::Stopping) {
            self.go();
        }
        Ok(())
    }

    /// The accounts are read anew, and attempts counted from none.
    fn go(&self) {
        self.update.set(None);
        self.failures.set(0);
        self.holding.set(false);
        self.outdated.set(true);
        self.set_state(ClientState::Starting);
    }

    /// Stops the client, with a De-register first where it is registered and `deregister` asks for
    /// it. Returns the event that is.
    pub fn stop(&self, deregister: bool) -> ClientEvent {
        self.suspended.set(false);
        self.outdated.set(true);
        let disabled = self.disabled.replace(false);
        if deregister && self.state.get().is_registered() && !disabled {
            self.set_state(ClientState::DeregistrationDue {
                then: Afterwards::Stop,
            });
            ClientEvent::Deregister
        } else {
            self.set_state(ClientState::Stopping);
            ClientEvent::Disconnected
        }
    }

    /// A server asks for a bootstrap, the Bootstrap-Request Trigger: it begins when the answer to
    /// that has had time to arrive.
    ///
    /// # Errors
    /// One is under way, or the client is not running or stopping.
    pub fn request_bootstrap(&self, now: Instant) -> Result<(), CommandError> {
        if self.state.get().is_ending() {
            return Err(CommandError::NotRunning);
        }
        if self.bootstrap.replace(true) {
            return Err(CommandError::InProgress);
        }
        self.update.set(None);
        self.set_state(ClientState::BootstrapDue {
            at: now.after_millis(TIME_TO_ANSWER),
        });
        Ok(())
    }

    /// The server of this Server instance disables the client. Once more changes nothing.
    ///
    /// # Errors
    /// It is not the one the client is registered with, or the client is stopping.
    pub fn disable(&self, server: u16) -> Result<(), CommandError> {
        let state = self.state.get();
        if self.server_instance.get() != Some(server) || state.is_ending() {
            return Err(CommandError::NotRunning);
        }
        self.disabled.set(true);
        if state.is_registered() {
            if !state.is_being_disabled() {
                self.set_state(ClientState::DisableDue);
            }
        } else {
            self.set_state(ClientState::ServerDisabled);
        }
        Ok(())
    }

    /// The Bootstrap-Server asks for something, and may ask for more: it is waited for anew. It has
    /// accepted the client then, even if the answer to Bootstrap-Request has not arrived yet. Returns
    /// whether that is news.
    #[cfg(feature = "bootstrap")]
    pub(crate) fn bootstrap_goes_on(&self, now: Instant) -> bool {
        let state = self.state.get();
        let accepted = state == ClientState::BootstrapRequesting;
        if accepted || matches!(state, ClientState::Bootstrapping { .. }) {
            self.set_state(ClientState::Bootstrapping {
                until: now.after_secs(PATIENCE),
            });
        }
        accepted
    }

    /// Bootstrap-Finish was accepted. One that comes again changes nothing.
    #[cfg(feature = "bootstrap")]
    pub(crate) fn finish_bootstrap(&self, now: Instant) {
        if let ClientState::Bootstrapping { .. } = self.state.get() {
            self.set_state(ClientState::BootstrapFinished {
                close_at: now.after_millis(TIME_TO_ANSWER),
            });
        }
    }

    /// Whether the peer is the Bootstrap-Server.
    #[must_use]
    pub fn is_bootstrapping(&self) -> bool {
        self.state.get().is_bootstrap()
    }

    /// Whether nothing is expected over the connection for now: in queue mode, or in a pause.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.suspended.get() || self.state.get() == ClientState::RxOff
    }

    /// Whether messages wait until the server has heard of the client again.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.holding.get()
    }

    /// The event of a command is about to be told, without the lock. Until
    /// [`Client::end_telling`] the engine neither acts nor receives, so that what follows from the
    /// command is not told before it.
    pub fn begin_telling(&self) {
        self.telling.set(self.telling.get().saturating_add(1));
    }

    /// The event was told.
    pub fn end_telling(&self) {
        self.telling.set(self.telling.get().saturating_sub(1));
    }

    /// Whether the event of a command is being told.
    pub(crate) fn is_telling(&self) -> bool {
        self.telling.get() > 0
    }

    /// Whether nothing is to be received: the client is paused, or a command is being told.
    pub(crate) fn is_held(&self) -> bool {
        self.suspended.get() || self.is_telling()
    }

    /// Asks for an Update as soon as the rules allow one. Requests coalesce.
    pub fn request_update(&self, scope: UpdateScope) {
        self.update.set(self.update.get().max(Some(scope)));
    }

    /// The Update that was asked for, which is then no longer asked for.
    pub(crate) fn take_update(&self) -> Option<UpdateScope> {
        self.update.take()
    }

    /// The Update that was asked for.
    pub(crate) fn requested_update(&self) -> Option<UpdateScope> {
        self.update.get()
    }

    /// Pauses the client: nothing is sent or received and no timer fires until
    /// [`Client::resume`]. Returns the event, `None` when it was paused already.
    ///
    /// # Errors
    /// The client is not running.
    pub fn pause(&self) -> Result<Option<ClientEvent>, CommandError> {
        if matches!(self.state.get(), ClientState::Idle | ClientState::Stopping) {
            return Err(CommandError::NotRunning);
        }
        if self.suspended.replace(true) {
            return Ok(None);
        }
        Ok(Some(ClientEvent::Suspended))
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// The client is not paused.
    pub fn resume(&self) -> Result<(), CommandError> {
        if self.suspended.replace(false) {
            Ok(())
        } else {
            Err(CommandError::NotRunning)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<R>(f: impl FnOnce(&Client<'_>) -> R) -> R {
        let endpoint = [const { Cell::new(0) }; 8];
        f(&Client::new(&endpoint))
    }

    #[test]
    fn a_client_starts_once_and_keeps_its_name() {
        with(|client| {
            assert_eq!(
                client.start(b"123456789"),
                Err(CommandError::EndpointTooLong)
            );
            assert_eq!(client.state(), ClientState::Idle);
            assert_eq!(client.start(b"device"), Ok(()));
            assert_eq!(client.start(b"other"), Err(CommandError::InProgress));
            assert!(client.endpoint().iter().map(Cell::get).eq(*b"device"));
        });
    }

    #[test]
    fn stop_deregisters_only_what_is_registered() {
        with(|client| {
            client.start(b"device").unwrap();
            assert_eq!(client.stop(true), ClientEvent::Disconnected);
            assert_eq!(client.state(), ClientState::Stopping);
            client.set_state(ClientState::Registered);
            assert_eq!(client.stop(true), ClientEvent::Deregister);
            client.set_state(ClientState::Registered);
            assert_eq!(client.stop(false), ClientEvent::Disconnected);
        });
    }

    #[test]
    fn the_engine_stands_still_until_every_command_was_told() {
        with(|client| {
            client.begin_telling();
            client.begin_telling();
            client.end_telling();
            assert!(client.is_held());
            client.end_telling();
            assert!(!client.is_held());
        });
    }

    #[test]
    fn update_requests_coalesce_to_the_widest() {
        with(|client| {
            client.request_update(UpdateScope::Objects);
            client.request_update(UpdateScope::Minimal);
            assert_eq!(client.take_update(), Some(UpdateScope::Objects));
            assert_eq!(client.take_update(), None);
        });
    }

    #[test]
    fn a_pause_is_announced_once_and_needs_a_running_client() {
        with(|client| {
            assert_eq!(client.pause(), Err(CommandError::NotRunning));
            client.start(b"device").unwrap();
            assert_eq!(client.pause(), Ok(Some(ClientEvent::Suspended)));
            assert_eq!(client.pause(), Ok(None));
            assert_eq!(client.resume(), Ok(()));
            assert_eq!(client.resume(), Err(CommandError::NotRunning));
        });
    }
}
