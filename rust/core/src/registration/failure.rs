// SPDX-License-Identifier: Apache-2.0
//! The part of the client's life that follows from failures: pauses, other servers, giving up;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.2.1.1.

use super::accounts::{self, Communication, server};
use super::client::{Client, ClientEvent, ClientState};
use super::machine::{Machine, Step, wait};
use super::message::VERSION_1_1;
use crate::engine::Context;
use crate::model::{Availability, DataModel};
use crate::time::Instant;

/// EXCHANGE_LIFETIME, RFC 7252 §4.8.2, in seconds.
const EXCHANGE_LIFETIME: u32 = 247;

impl Machine<'_> {
    /// Another attempt failed: the next one follows after a pause.
    pub(super) fn fail(&mut self, client: &Client<'_>) {
        client.failures.set(client.failures.get().saturating_add(1));
        self.attempt = self.attempt.wrapping_add(1);
        // Until there is a connection again nothing can be sent.
        client.holding.set(true);
        client.set_state(ClientState::NetworkError { retry_at: None });
    }

    /// Tries again when the pause is over; how long it is the server says, which is asked now.
    pub(super) fn retry<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        retry_at: Option<Instant>,
    ) -> Step {
        let client = &context.shared.client;
        let Some(retry_at) = retry_at else {
            self.ask_how_to_retry(context);
            let pause = self.communication.pause(client.failures.get(), self.random);
            let retry_at = Some(context.now.after_millis(pause));
            client.set_state(ClientState::NetworkError { retry_at });
            return Step::Again;
        };
        if let Some(step) = wait(context, retry_at) {
            return step;
        }
        if client.failures.get() > self.communication.retries {
            return self.sequence_failed(context);
        }
        if self.has_registration(context.now) {
            // Perhaps the server has not noticed anything: an Update tells.
            client.holding.set(true);
            return self.begin_update(client);
        }
        client.set_state(ClientState::Starting);
        Step::Again
    }

    fn ask_how_to_retry<M: DataModel>(&mut self, context: &Context<'_, '_, M>) {
        let client = &context.shared.client;
        let retries = self.settings.max_retries;
        self.communication = match client.server_instance() {
            // In 1.0 the Server object has none of it.
            Some(server) if VERSION_1_1 && !client.bootstrap.get() => context
                .shared
                .operation(|| Communication::of(context.model, server, retries)),
            _ => Communication::configured(retries),
        };
    }

    /// As many attempts as allowed have failed: after a pause there may be some more.
    fn sequence_failed<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let sequences = self.sequences.saturating_add(1);
        match self.communication.sequence_delay {
            Some(delay) if VERSION_1_1 && sequences < self.communication.sequences => {
                self.sequences = sequences;
                client.failures.set(0);
                let retry_at = Some(context.now.after_secs(delay));
                client.set_state(ClientState::NetworkError { retry_at });
                Step::Again
            }
            _ => self.give_up(context),
        }
    }

    /// The server cannot be reached: another one, a bootstrap, or nothing.
    fn give_up<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        if let Some(step) = self.tear_down(context.shared) {
            // The state stays what it is, and so this is come back to.
            return step;
        }
        #[cfg(feature = "bootstrap")]
        if client.bootstrap.get() {
            return self.give_up_bootstrap(context);
        }
        if self.turn_to_other_server(context) || self.turn_to_bootstrap(context) {
            return Step::Again;
        }
        if client.disabled.get() {
            client.set_state(ClientState::ServerDisabled);
            return Step::Again;
        }
        client.set_state(ClientState::Idle);
        Step::Event(ClientEvent::NetworkError)
    }

    /// The server does not want the registration: another server, a bootstrap, or this one again
    /// after a pause.
    pub(super) fn refused<M: DataModel>(&mut self, context: &Context<'_, '_, M>) {
        if !self.turn_to_other_server(context) && !self.turn_to_bootstrap(context) {
            self.fail(&context.shared.client);
        }
    }

    /// Leaves this server alone for some time if there is another one to register with, and
    /// Registration Failure Block does not forbid that.
    fn turn_to_other_server<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> bool {
        let client = &context.shared.client;
        let model = context.model;
        let Some(this) = client.server_instance() else {
            return false;
        };
        let instance = model.instance(accounts::SERVER, this);
        let blocks =
            VERSION_1_1 && accounts::boolean(model, instance, server::FAILURE_BLOCK) == Some(true);
        if blocks || accounts::select(model, context.now, Some(this)).is_none() {
            return false;
        }
        // Whoever has disabled it knows for how long.
        if accounts::is_enabled(model.availability(this), context.now) {
            let seconds = EXCHANGE_LIFETIME.saturating_mul(u32::from(self.settings.max_retries));
            let until = context.now.after_secs(seconds);
            model.set_availability(this, Availability::DisabledUntil(until));
        }
        client.failures.set(0);
        self.sequences = 0;
        client.set_state(ClientState::Starting);
        true
    }

    /// No server may be registered with: waits for the first one that may again.
    pub(super) fn wait_for_server<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        if accounts::select(context.model, context.now, None).is_some() {
            client.failures.set(0);
            client.set_state(ClientState::Starting);
            return Step::Again;
        }
        let next = accounts::next_enabled(context.model);
        Step::Nothing(next.filter(|next| *next > context.now))
    }
}
