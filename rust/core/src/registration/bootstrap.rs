// SPDX-License-Identifier: Apache-2.0
//! The part of the client's life that belongs to the Bootstrap-Server,
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.

use super::accounts::{self, Communication, security, server};
use super::client::{Client, ClientEvent, ClientState};
use super::machine::{Events, Machine, Outcome, Step, wait};
use crate::coap::Code;
use crate::coap::exchange::Purpose;
use crate::engine::Context;
use crate::model::DataModel;
use crate::time::Instant;

/// Seconds that the client waits for the next request of the Bootstrap-Server: EXCHANGE_LIFETIME,
/// RFC 7252 §4.8.2.
pub(crate) const PATIENCE: u32 = 247;

/// After so many bootstraps in vain the pause before the next one, some seventeen minutes, does not
/// grow any more.
const LONGEST_PAUSE: u8 = 11;

/// What the engine's thread knows of a bootstrap.
pub(crate) struct Progress {
    /// The account that failed last.
    failed: Option<u16>,
    /// The next registration is the first one after a bootstrap.
    finished: bool,
    /// How many bootstraps have finished since the last registration.
    in_vain: u8,
    /// The account that is to be deleted, and when: Bootstrap-Server Account Timeout.
    purge: Option<(Instant, u16)>,
}

impl Progress {
    pub const NONE: Self = Self {
        failed: None,
        finished: false,
        in_vain: 0,
        purge: None,
    };

    /// A server has accepted the client.
    pub fn succeeded(&mut self) {
        self.in_vain = 0;
    }
}

impl Machine<'_> {
    /// The states in which the Bootstrap-Server is the peer.
    pub(super) fn step_bootstrap<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        state: ClientState,
    ) -> Step {
        let client = &context.shared.client;
        match state {
            ClientState::BootstrapDue { at } => wait(context, at).unwrap_or_else(|| {
                client.failures.set(0);
                client.set_state(ClientState::Starting);
                Step::Again
            }),
            ClientState::BootstrapConnecting if self.is_open() => {
                match self.request(context, Purpose::Bootstrap) {
                    Some(()) => client.set_state(ClientState::BootstrapRequesting),
                    None => self.fail(client),
                }
                Step::Again
            }
            ClientState::Bootstrapping { until } => wait(context, until).unwrap_or_else(|| {
                self.fail(client);
                Step::Again
            }),
            ClientState::BootstrapFinished { close_at } => {
                if let Some(step) = wait(context, close_at) {
                    return step;
                }
                match self.tear_down(context.shared) {
                    Some(step) => step,
                    None => self.finish_bootstrap(context),
                }
            }
            _ => Step::Nothing(None),
        }
    }

    /// Chooses a Bootstrap-Server and connects.
    pub(super) fn start_bootstrap<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let model = context.model;
        let account = accounts::bootstrap(model, self.bootstrap.failed);
        let hold_off = context.shared.operation(|| {
            let account = account?;
            self.use_uri(model, account);
            accounts::number(
                model,
                model.instance(accounts::SECURITY, account),
                security::HOLD_OFF_TIME,
            )
        });
        client.security_instance.set(account);
        client.server_instance.set(None);
        match hold_off {
            _ if account.is_none() => {
                self.fail(client);
                Step::Again
            }
            _ if self.uri().is_none() => {
                self.fail(client);
                Step::UnusableUri
            }
            Some(seconds) if seconds > 0 && client.failures.get() == 0 => {
                client.set_state(ClientState::HoldingOff {
                    until: context.now.after_secs(seconds),
                });
                Step::Again
            }
            _ => self.connect(client),
        }
    }

    /// The Bootstrap-Request is over.
    pub(super) fn bootstrap_answered<M>(
        &mut self,
        context: &Context<'_, '_, M>,
        outcome: Outcome<'_>,
    ) -> Events {
        let client = &context.shared.client;
        match outcome {
            Outcome::Answered(answer) if answer.code == Code::CHANGED => {
                client.set_state(ClientState::Bootstrapping {
                    until: context.now.after_secs(PATIENCE),
                });
                [Some(ClientEvent::BootstrapComplete), None]
            }
            // Asking again would give the same answer.
            Outcome::Answered(_) => {
                client.bootstrap.set(false);
                client.set_state(ClientState::Stopping);
                [Some(ClientEvent::BootstrapFailure), None]
            }
            _ => {
                self.fail(client);
                [None, None]
            }
        }
    }

    /// The accounts are there, and the connection to the Bootstrap-Server is closed.
    fn finish_bootstrap<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let model = context.model;
        let account = client.security_instance.take();
        let timeout = account.and_then(|account| {
            let seconds = accounts::number(
                model,
                model.instance(accounts::SECURITY, account),
                security::ACCOUNT_TIMEOUT,
            );
            Some((seconds.filter(|seconds| *seconds > 0)?, account))
        });
        self.bootstrap = Progress {
            failed: None,
            finished: true,
            in_vain: self.bootstrap.in_vain.saturating_add(1),
            purge: timeout.map(|(seconds, account)| (context.now.after_secs(seconds), account)),
        };
        model.enable_servers();
        client.bootstrap.set(false);
        client.failures.set(0);
        client.set_state(ClientState::Starting);
        Step::Event(ClientEvent::BootstrapTransferComplete)
    }

    /// Deletes the Bootstrap-Server account when its time has come, unless it was made another one.
    pub(super) fn purge_account<M: DataModel>(&mut self, context: &Context<'_, '_, M>) {
        let due = self.purge_at(&context.shared.client);
        if due.is_none_or(|at| at > context.now) {
            return;
        }
        if let Some((_, account)) = self.bootstrap.purge.take() {
            let model = context.model;
            context.shared.operation(|| {
                if accounts::is_bootstrap(model, model.instance(accounts::SECURITY, account)) {
                    // What a callback says about it keeps it, and nobody can be told.
                    let _ = model.delete(accounts::SECURITY, account);
                }
            });
        }
    }

    /// When [`Machine::purge_account`] has something to do: not while the account is in use.
    pub(super) fn purge_at(&self, client: &Client<'_>) -> Option<Instant> {
        let (at, _) = self.bootstrap.purge?;
        (!client.bootstrap.get()).then_some(at)
    }

    /// How long the first registration after a bootstrap waits: Initial Registration Delay Timer.
    pub(super) fn initial_delay<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        account: u16,
    ) -> Option<Instant> {
        if !core::mem::take(&mut self.bootstrap.finished) {
            return None;
        }
        let delay = server::INITIAL_DELAY;
        let seconds = accounts::number(
            context.model,
            context.model.instance(accounts::SERVER, account),
            delay,
        )?;
        (seconds > 0).then(|| context.now.after_secs(seconds))
    }

    /// Has the next attempt be a bootstrap, if there is a Bootstrap-Server and the server that
    /// failed does not forbid it: Bootstrap on Registration Failure.
    pub(super) fn turn_to_bootstrap<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> bool {
        let client = &context.shared.client;
        let model = context.model;
        let wish = client.server_instance().and_then(|account| {
            let wish = server::BOOTSTRAP_ON_FAILURE;
            accounts::boolean(model, model.instance(accounts::SERVER, account), wish)
        });
        if client.disabled.get()
            || !wish.unwrap_or(self.settings.bootstrap_on_failure)
            || accounts::bootstrap(model, None).is_none()
        {
            return false;
        }
        client.bootstrap.set(true);
        client.failures.set(0);
        self.bootstrap.failed = None;
        // Accounts that nobody accepts do not get better by being asked for all the time.
        let turn = self.bootstrap.in_vain.min(LONGEST_PAUSE).saturating_add(1);
        let pause = Communication::configured(0).pause(turn, self.random);
        client.set_state(match pause {
            0 => ClientState::Starting,
            pause => ClientState::NetworkError {
                retry_at: Some(context.now.after_millis(pause)),
            },
        });
        true
    }

    /// No attempt reached the Bootstrap-Server: the next one, or nothing.
    pub(super) fn give_up_bootstrap<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let failed = client.security_instance();
        if failed.is_some() && accounts::bootstrap(context.model, failed).is_some() {
            self.bootstrap.failed = failed;
            client.failures.set(0);
            client.set_state(ClientState::Starting);
            return Step::Again;
        }
        self.bootstrap.failed = None;
        client.bootstrap.set(false);
        client.set_state(ClientState::Idle);
        Step::Event(ClientEvent::BootstrapFailure)
    }
}
