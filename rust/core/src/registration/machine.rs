// SPDX-License-Identifier: Apache-2.0
//! The client's life: what follows from its state, a deadline, an answer. `docs/client-states.md`
//! shows it.

use core::cell::Cell;

use super::accounts::{self, Communication};
use super::client::{Afterwards, Client, ClientEvent, ClientState, QUEUE_MODE, TIME_TO_ANSWER};
use super::message::{Location, VERSION_1_1};
use super::requests::News;
use crate::coap::exchange::Purpose;
use crate::coap::{Code, ConnectionId, Message};
use crate::engine::Context;
use crate::model::DataModel;
use crate::shared::Shared;
use crate::time::Instant;
use crate::uri::{DefaultPorts, Uri};

/// Updates are at least this many seconds apart, unless somebody asks for one.
const MINIMUM_UPDATE_PERIOD: u32 = 15;

/// What becomes of the connection while nothing is expected over it: queue mode, a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It is closed.
    Close,
    /// It stays open and is not listened to; to go on it is closed and opened again.
    Suspend,
    /// It stays open and is not listened to.
    StopListening,
    /// It is listened to as before.
    Listen,
}

/// Queue mode, OMA-TS-LightweightM2M_Core-V1_1_1 §6.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueMode {
    /// Seconds without traffic after which the client no longer listens.
    pub uptime: u32,
    /// Whether messages wait until the server has acknowledged an Update.
    pub update_first: bool,
}

/// The configuration of the client.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Longest message, in bytes, that is sent or taken.
    pub max_message: usize,
    /// Length of a block, in bytes, of what is longer.
    pub block_size: usize,
    /// Registration lifetime in seconds where the Server object has none; also the least.
    pub default_lifetime: u32,
    /// Longest time in seconds between two Updates, 0 for the lifetime.
    pub update_period: u32,
    /// How many seconds before the lifetime ends the Update is sent.
    pub seconds_to_update_early: u32,
    /// Ports of server URIs that name none.
    pub ports: DefaultPorts,
    /// How often a failed connection is tried again before the client gives up.
    pub max_retries: u8,
    /// Whether a client that finds no server asks a Bootstrap-Server where the Server object does
    /// not say.
    pub bootstrap_on_failure: bool,
    /// The queue mode, if it is used.
    pub queue: Option<QueueMode>,
    /// What becomes of the connection while nothing is expected.
    pub idle: Idle,
}

/// What the machine wants next.
pub(crate) enum Step {
    /// Nothing until then.
    Nothing(Option<Instant>),
    /// To be asked again at once: the state has changed.
    Again,
    /// The application is to be told.
    Event(ClientEvent),
    /// The URI of the account is not that of a server.
    UnusableUri,
    /// One exchange of the connection is to end.
    EndExchange(ConnectionId),
    /// The connection is to be closed.
    Close(ConnectionId),
    /// The connection is to be opened.
    Connect(ConnectionId),
    /// The connection is to be listened to, or not any more.
    Listen(ConnectionId, bool),
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'m> {
    /// With a response.
    Answered(&'m Message<'m>),
    /// With an empty acknowledgement, where no response is expected.
    Acknowledged,
    /// The peer rejected the message.
    Reset,
    /// Nobody answered.
    TimedOut,
}

/// At most two events follow from one message.
pub(crate) type Events = [Option<ClientEvent>; 2];

const NO_EVENTS: Events = [None, None];

fn event(event: ClientEvent) -> Events {
    [Some(event), None]
}

/// What only the engine's thread knows of the registration.
pub(crate) struct Machine<'a> {
    pub(super) settings: Settings,
    connection: Connection,
    uri: &'a mut [u8],
    uri_length: usize,
    pub(super) location: Location<'a>,
    /// The lifetime the server knows.
    pub(super) lifetime: u32,
    /// What the Update under way tells, and the server has not confirmed.
    pub(super) unconfirmed: News,
    /// When the server last heard of the registration; `None`: there is none.
    last_update: Option<Instant>,
    /// When the client last sent something to the server.
    last_transmission: Instant,
    pub(super) communication: Communication,
    /// How many sequences of attempts have failed.
    pub(super) sequences: u8,
    /// Counts attempts that failed, for ever: which address of the server's host is tried.
    pub(super) attempt: u8,
    /// What chance adds to pauses.
    pub(super) random: u32,
    /// A pause was noticed.
    paused: bool,
    #[cfg(feature = "bootstrap")]
    pub(super) bootstrap: super::bootstrap::Progress,
}

/// The connection to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    Closed,
    Open,
    /// Open, and not listened to.
    Silent,
}

pub(super) const SERVER: ConnectionId = ConnectionId::SERVER;

impl<'a> Machine<'a> {
    pub const fn new(settings: Settings, uri: &'a mut [u8], location: &'a [Cell<u8>]) -> Self {
        Self {
            settings,
            connection: Connection::Closed,
            uri,
            uri_length: 0,
            location: Location::new(location),
            lifetime: 0,
            unconfirmed: News::NONE,
            last_update: None,
            last_transmission: Instant::from_millis(0),
            communication: Communication::configured(settings.max_retries),
            sequences: 0,
            attempt: 0,
            random: 0,
            paused: false,
            #[cfg(feature = "bootstrap")]
            bootstrap: super::bootstrap::Progress::NONE,
        }
    }

    /// Where to connect to, as [`Step::Connect`] means it.
    pub fn uri(&self) -> Option<Uri<'_>> {
        Uri::parse(self.uri.get(..self.uri_length)?, self.settings.ports).ok()
    }

    /// Which address of several is tried first, as [`Step::Connect`] means it.
    pub fn attempt(&self) -> u8 {
        self.attempt
    }

    pub(super) fn is_open(&self) -> bool {
        self.connection != Connection::Closed
    }

    // Kept apart: what it has on the stack is not there when a notification is made.
    #[inline(never)]
    pub fn step<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let step = self.next(context);
        #[cfg(feature = "bootstrap")]
        if let Step::Nothing(deadline) = step {
            let purge = self.purge_at(&context.shared.client);
            return Step::Nothing(Instant::earliest(deadline, purge));
        }
        step
    }

    fn next<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let shared = context.shared;
        let client = &shared.client;
        if client.is_suspended() {
            return self.pause(shared);
        }
        if core::mem::take(&mut self.paused) {
            self.resume(context);
        }
        #[cfg(feature = "bootstrap")]
        {
            self.purge_account(context);
            if !client.is_bootstrapping() {
                shared.operation(|| shared.kept.restore(context.model));
            }
        }
        match client.state() {
            ClientState::Idle => self.tear_down(shared).unwrap_or(Step::Nothing(None)),
            ClientState::Starting => match self.tear_down(shared) {
                Some(step) => step,
                None => self.start(context),
            },
            ClientState::HoldingOff { until } => match wait(context, until) {
                Some(step) => step,
                None => self.connect(client),
            },
            ClientState::Connecting if self.is_open() => self.register(context),
            ClientState::Registered => self.stay_registered(context),
            ClientState::RxOff if QUEUE_MODE => self.rest(context),
            ClientState::UpdateDue => self.update(context),
            ClientState::Resuming { update } => self.go_on(context, update),
            ClientState::DisableDue => {
                let at = context.now.after_millis(TIME_TO_ANSWER);
                client.set_state(ClientState::Disabling { at });
                Step::Event(ClientEvent::ServerDisabled)
            }
            ClientState::Disabling { at } => match wait(context, at) {
                Some(step) => step,
                None => {
                    let then = Afterwards::ServerDisabled;
                    client.set_state(ClientState::DeregistrationDue { then });
                    Step::Again
                }
            },
            ClientState::DeregistrationDue { then } => self.deregister(context, then),
            ClientState::ServerDisabled => match self.tear_down(shared) {
                Some(step) => step,
                None => self.wait_for_server(context),
            },
            ClientState::Stopping => match self.tear_down(shared) {
                Some(step) => step,
                None => {
                    client.set_state(ClientState::Idle);
                    Step::Again
                }
            },
            ClientState::NetworkError { retry_at } => match self.fall_silent(shared) {
                Some(step) => step,
                None => self.retry(context, retry_at),
            },
            ClientState::Connecting
            | ClientState::Registering
            | ClientState::Updating
            | ClientState::Deregistering { .. } => Step::Nothing(None),
            #[cfg(feature = "bootstrap")]
            state => self.step_bootstrap(context, state),
            #[cfg(not(feature = "bootstrap"))]
            _ => Step::Nothing(None),
        }
    }

    /// Ends what belongs to the connection, and the connection; `None` once all is gone.
    pub(super) fn tear_down(&mut self, shared: &Shared<'_>) -> Option<Step> {
        let of_server = |exchange: &crate::coap::exchange::Exchange| exchange.connection == SERVER;
        if shared.exchanges.find(&of_server).is_some() {
            return Some(Step::EndExchange(SERVER));
        }
        if self.last_update.take().is_some() || self.is_open() {
            shared.observations.cancel_all(SERVER);
        }
        shared.client.holding.set(false);
        self.close(shared)
    }

    /// Closes the connection. What is not settled is sent again over the next one.
    fn close(&mut self, shared: &Shared<'_>) -> Option<Step> {
        if !self.is_open() {
            return None;
        }
        self.connection = Connection::Closed;
        shared.exchanges.requeue(SERVER);
        Some(Step::Close(SERVER))
    }

    /// The network failed: the connection is of no use any more, the registration perhaps is.
    fn fall_silent(&mut self, shared: &Shared<'_>) -> Option<Step> {
        if self.last_update.is_none() {
            return self.tear_down(shared);
        }
        self.end_own_request(shared);
        self.close(shared)
    }

    /// Nothing is expected over the connection for a while.
    fn rest_connection(&mut self, shared: &Shared<'_>) -> Option<Step> {
        match (self.settings.idle, self.connection) {
            (Idle::Close, _) => self.close(shared),
            (Idle::Suspend | Idle::StopListening, Connection::Open) => {
                self.connection = Connection::Silent;
                Some(Step::Listen(SERVER, false))
            }
            _ => None,
        }
    }

    /// Something is expected again; `None` when the connection is as it should be.
    fn wake_connection(&mut self, shared: &Shared<'_>) -> Option<Step> {
        match (self.settings.idle, self.connection) {
            (_, Connection::Closed) => Some(Step::Connect(SERVER)),
            (_, Connection::Open) => None,
            (Idle::Suspend, Connection::Silent) => self.close(shared),
            (_, Connection::Silent) => {
                self.connection = Connection::Open;
                Some(Step::Listen(SERVER, true))
            }
        }
    }

    fn pause(&mut self, shared: &Shared<'_>) -> Step {
        self.paused = true;
        let rests = match self.settings.idle {
            Idle::Close => self.close(shared),
            _ if self.connection == Connection::Open => {
                self.connection = Connection::Silent;
                Some(Step::Listen(SERVER, false))
            }
            _ => None,
        };
        rests.unwrap_or(Step::Nothing(None))
    }

    /// A pause is over: what the client waited for is not coming any more, and the registration may
    /// have ended meanwhile.
    fn resume<M>(&mut self, context: &Context<'_, '_, M>) {
        let client = &context.shared.client;
        match client.state() {
            ClientState::Registered
            | ClientState::RxOff
            | ClientState::UpdateDue
            | ClientState::Resuming { .. }
            | ClientState::Updating => {
                self.end_own_request(context.shared);
                context.shared.exchanges.requeue(SERVER);
                self.wake(context);
            }
            ClientState::Connecting | ClientState::Registering => {
                client.set_state(ClientState::Starting);
            }
            ClientState::Deregistering { then } => {
                self.end_own_request(context.shared);
                client.set_state(ClientState::DeregistrationDue { then });
            }
            // The Bootstrap-Server has nothing more to say.
            ClientState::BootstrapFinished { .. } => {}
            state if state.is_bootstrap() => client.set_state(ClientState::Starting),
            _ => {}
        }
    }

    /// Reads the accounts and connects.
    fn start<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        self.random = (context.entropy)();
        if client.begins.take() {
            context.model.enable_servers();
            self.sequences = 0;
        }
        #[cfg(feature = "bootstrap")]
        if client.bootstrap.get() {
            return self.start_bootstrap(context);
        }
        let selected = context
            .shared
            .operation(|| self.select(context.model, context.now));
        match selected {
            Some(account) => {
                client.security_instance.set(Some(account.security));
                client.server_instance.set(Some(account.server));
                if self.uri().is_none() {
                    self.fail(client);
                    return Step::UnusableUri;
                }
                match self.initial_delay(context, account.server) {
                    Some(until) => {
                        client.set_state(ClientState::HoldingOff { until });
                        Step::Again
                    }
                    None => self.connect(client),
                }
            }
            None => {
                if !self.turn_to_bootstrap(context) {
                    self.fail(client);
                }
                Step::Again
            }
        }
    }

    /// The server to register with; its URI is kept.
    fn select<M: DataModel>(&mut self, model: &M, now: Instant) -> Option<accounts::Account> {
        let account = accounts::select(model, now, None)?;
        self.use_uri(model, account.security);
        Some(account)
    }

    pub(super) fn use_uri<M: DataModel>(&mut self, model: &M, security: u16) {
        self.uri_length = accounts::uri(model, security, self.uri).unwrap_or(0);
    }

    #[cfg(not(feature = "bootstrap"))]
    #[allow(clippy::unused_self)]
    fn initial_delay<M>(&mut self, _: &Context<'_, '_, M>, _: u16) -> Option<Instant> {
        None
    }

    #[cfg(not(feature = "bootstrap"))]
    #[allow(clippy::unused_self)]
    pub(super) fn turn_to_bootstrap<M>(&mut self, _: &Context<'_, '_, M>) -> bool {
        false
    }

    /// Opens the connection to what was chosen.
    pub(super) fn connect(&mut self, client: &Client<'_>) -> Step {
        client.set_state(if client.bootstrap.get() {
            ClientState::BootstrapConnecting
        } else {
            ClientState::Connecting
        });
        Step::Connect(SERVER)
    }

    /// The connection is open, or could not be opened.
    pub fn connected(&mut self, shared: &Shared<'_>, open: bool) -> Events {
        // The client may have been stopped meanwhile; its new state then closes the connection.
        self.connection = if open {
            Connection::Open
        } else {
            Connection::Closed
        };
        let client = &shared.client;
        match client.state() {
            _ if open => NO_EVENTS,
            ClientState::Connecting
            | ClientState::BootstrapConnecting
            | ClientState::UpdateDue
            | ClientState::Resuming { .. } => {
                self.fail(client);
                NO_EVENTS
            }
            ClientState::DeregistrationDue { then } => self.deregistered(client, then, false),
            _ => NO_EVENTS,
        }
    }

    /// The connection broke.
    pub fn lost(&mut self, shared: &Shared<'_>) -> Events {
        let client = &shared.client;
        match client.state() {
            // The connection is renewed when the pause is over, or found broken again.
            _ if client.is_suspended() => NO_EVENTS,
            ClientState::Idle
            | ClientState::Stopping
            | ClientState::ServerDisabled
            | ClientState::NetworkError { .. }
            // Some servers close as soon as they have the answer.
            | ClientState::BootstrapFinished { .. }
            | ClientState::BootstrapDue { .. } => NO_EVENTS,
            ClientState::Starting
            | ClientState::HoldingOff { .. }
            | ClientState::BootstrapConnecting
            | ClientState::BootstrapRequesting
            | ClientState::Bootstrapping { .. }
            | ClientState::Connecting => {
                self.fail(client);
                NO_EVENTS
            }
            ClientState::Registering
            | ClientState::Registered
            | ClientState::RxOff
            | ClientState::UpdateDue
            | ClientState::Resuming { .. }
            | ClientState::Updating => {
                self.fail(client);
                event(ClientEvent::RegistrationTimeout)
            }
            ClientState::DisableDue | ClientState::Disabling { .. } => {
                client.set_state(ClientState::ServerDisabled);
                NO_EVENTS
            }
            ClientState::DeregistrationDue { then } | ClientState::Deregistering { then } => {
                client.set_state(after(then));
                match then {
                    Afterwards::Stop => event(ClientEvent::DeregistrationFailure),
                    _ => NO_EVENTS,
                }
            }
        }
    }

    fn register<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        self.end_own_request(context.shared);
        // A new registration begins without the observations of an old one, TS Core 1.1.1 §6.4.3.
        context.shared.observations.cancel_all(SERVER);
        let server = client.server_instance().unwrap_or(0);
        context.shared.attributes.serve(server);
        self.last_update = None;
        // What waits to be sent waits for the registration.
        client.holding.set(true);
        // It reports all there is.
        client.take_update();
        let sent = self.server_lifetime(context).and_then(|lifetime| {
            self.lifetime = lifetime;
            self.request(context, Purpose::Registration)
        });
        match sent {
            Some(()) => client.set_state(ClientState::Registering),
            None => self.fail(client),
        }
        Step::Again
    }

    /// When the next Update is due by itself.
    fn next_update(&self) -> Instant {
        let period = match self.settings.update_period {
            0 => self.lifetime,
            period => period,
        };
        let early = self.settings.seconds_to_update_early;
        let next = period
            .min(self.lifetime.saturating_sub(early))
            .max(MINIMUM_UPDATE_PERIOD);
        self.last_update.unwrap_or_default().after_secs(next)
    }

    /// Whether the server holds a registration that has not run out.
    pub(super) fn has_registration(&self, now: Instant) -> bool {
        let end = self.last_update.map(|last| last.after_secs(self.lifetime));
        end.is_some_and(|end| now < end)
    }

    pub(super) fn begin_update(&mut self, client: &Client<'_>) -> Step {
        client.set_state(ClientState::UpdateDue);
        Step::Event(ClientEvent::Update)
    }

    fn stay_registered<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let due = self.next_update();
        if client.requested_update().is_some() {
            return self.begin_update(client);
        }
        if due <= context.now {
            if VERSION_1_1 && self.is_second_choice(context) {
                let then = Afterwards::OtherServer;
                client.set_state(ClientState::DeregistrationDue { then });
                return Step::Again;
            }
            return self.begin_update(client);
        }
        match self.rx_off_at(context.shared) {
            Some(at) if at <= context.now => {
                client.holding.set(self.updates_first());
                client.set_state(ClientState::RxOff);
                Step::Event(ClientEvent::RxOff)
            }
            at => Step::Nothing(Instant::earliest(at, Some(due))),
        }
    }

    /// Whether a server that is preferred to the present one may be registered with again.
    fn is_second_choice<M: DataModel>(&self, context: &Context<'_, '_, M>) -> bool {
        let Some(server) = context.shared.client.server_instance() else {
            return false;
        };
        let model = context.model;
        let other = accounts::select(model, context.now, Some(server));
        other.is_some_and(|other| other.priority < accounts::priority(model, server))
    }

    fn updates_first(&self) -> bool {
        self.settings.queue.is_none_or(|queue| queue.update_first)
    }

    /// When the client stops listening, if it is in queue mode and nothing is under way.
    fn rx_off_at(&self, shared: &Shared<'_>) -> Option<Instant> {
        if !QUEUE_MODE {
            return None;
        }
        let queue = self.settings.queue?;
        let busy = shared
            .exchanges
            .find(&|exchange| exchange.connection == SERVER);
        if busy.is_some() {
            return None;
        }
        Some(self.last_transmission.after_secs(queue.uptime))
    }

    /// Not listening: until an Update is due, or there is something to send.
    fn rest<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let shared = context.shared;
        if let Some(step) = self.rest_connection(shared) {
            return step;
        }
        let due = self.next_update();
        if shared.client.requested_update().is_some() || due <= context.now {
            return self.begin_update(&shared.client);
        }
        let waiting = shared
            .exchanges
            .find(&|exchange| exchange.connection == SERVER);
        if waiting.is_some() || shared.observations.due(context.now).is_some() {
            self.wake(context);
            return Step::Again;
        }
        let next = shared.observations.next_deadline();
        Step::Nothing(Instant::earliest(next, Some(due)))
    }

    /// There is something to send, or to be heard, after the client had stopped listening.
    fn wake<M>(&mut self, context: &Context<'_, '_, M>) {
        let client = &context.shared.client;
        if !self.has_registration(context.now) {
            client.set_state(ClientState::Starting);
            return;
        }
        let update = self.updates_first();
        client.holding.set(update);
        client.set_state(ClientState::Resuming { update });
        self.last_transmission = context.now;
    }

    /// Opens the connection if need be, and goes on.
    fn go_on<M: DataModel>(&mut self, context: &Context<'_, '_, M>, update: bool) -> Step {
        let client = &context.shared.client;
        if let Some(step) = self.wake_connection(context.shared) {
            return step;
        }
        if update {
            return self.begin_update(client);
        }
        client.set_state(ClientState::Registered);
        Step::Again
    }

    fn update<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        if let Some(step) = self.wake_connection(context.shared) {
            return step;
        }
        match self.request(context, Purpose::Update) {
            Some(()) => client.set_state(ClientState::Updating),
            None => client.set_state(ClientState::Starting),
        }
        Step::Again
    }

    fn deregister<M: DataModel>(&mut self, context: &Context<'_, '_, M>, then: Afterwards) -> Step {
        let client = &context.shared.client;
        self.end_own_request(context.shared);
        // A server may ask for something, and the client be stopped then, before the answer to
        // Register has arrived.
        if self.last_update.is_some() {
            if let Some(step) = self.wake_connection(context.shared) {
                return step;
            }
            if self.request(context, Purpose::Deregistration).is_some() {
                client.set_state(ClientState::Deregistering { then });
                return Step::Again;
            }
        }
        match self.deregistered(client, then, false) {
            [Some(event), _] => Step::Event(event),
            _ => Step::Again,
        }
    }

    /// The server has no registration any more, or cannot be told.
    fn deregistered(&mut self, client: &Client<'_>, then: Afterwards, accepted: bool) -> Events {
        client.set_state(after(then));
        match then {
            Afterwards::Stop if accepted => event(ClientEvent::Deregistered),
            Afterwards::Stop => event(ClientEvent::Disconnected),
            Afterwards::ServerDisabled | Afterwards::OtherServer if accepted => {
                event(ClientEvent::Left)
            }
            Afterwards::ServerDisabled | Afterwards::OtherServer => NO_EVENTS,
        }
    }

    /// A datagram is being sent to the server.
    pub fn transmits(&mut self, now: Instant) {
        self.last_transmission = now;
    }

    /// The server asked for something while the client was not expected to listen.
    pub fn heard(&mut self, client: &Client<'_>) {
        if QUEUE_MODE && client.state() == ClientState::RxOff {
            client.set_state(ClientState::Resuming {
                update: self.updates_first(),
            });
        }
    }

    /// One of the client's own requests is over.
    pub fn ended<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        purpose: Purpose,
        outcome: Outcome<'_>,
    ) -> Events {
        let client = &context.shared.client;
        match (purpose, client.state()) {
            (Purpose::Registration, ClientState::Registering) => match outcome {
                Outcome::Answered(answer)
                    if answer.code == Code::CREATED && self.location.take(answer).is_ok() =>
                {
                    self.registered(context);
                    event(ClientEvent::RegistrationComplete)
                }
                Outcome::Answered(_) => {
                    self.refused(context);
                    event(ClientEvent::RegistrationFailure)
                }
                _ => {
                    self.fail(client);
                    event(ClientEvent::RegistrationTimeout)
                }
            },
            (Purpose::Update, ClientState::Updating) => match outcome {
                Outcome::Answered(answer) if answer.code.is_success() => {
                    self.lifetime = self.unconfirmed.lifetime.unwrap_or(self.lifetime);
                    self.registered(context);
                    event(ClientEvent::UpdateComplete)
                }
                Outcome::TimedOut => {
                    client.set_state(ClientState::Starting);
                    event(ClientEvent::RegistrationTimeout)
                }
                // The server does not know the registration any more: a new one.
                _ => {
                    client.set_state(ClientState::Connecting);
                    NO_EVENTS
                }
            },
            (Purpose::Deregistration, ClientState::Deregistering { then }) => match outcome {
                Outcome::Answered(answer) if answer.code == Code::DELETED => {
                    self.deregistered(client, then, true)
                }
                _ => {
                    let [event, _] = self.deregistered(client, then, false);
                    let failure = event.map(|_| ClientEvent::DeregistrationFailure);
                    [event, failure]
                }
            },
            #[cfg(feature = "bootstrap")]
            (Purpose::Bootstrap, ClientState::BootstrapRequesting) => {
                self.bootstrap_answered(context, outcome)
            }
            // The client was stopped or started anew meanwhile.
            _ => NO_EVENTS,
        }
    }

    fn registered<M>(&mut self, context: &Context<'_, '_, M>) {
        let client = &context.shared.client;
        client.failures.set(0);
        client.disabled.set(false);
        client.holding.set(false);
        self.sequences = 0;
        #[cfg(feature = "bootstrap")]
        self.bootstrap.succeeded();
        self.last_update = Some(context.now);
        client.set_state(ClientState::Registered);
    }

    /// The client's own request that is under way, if any, is not waited for any more. What an Update
    /// was to tell is told by the next one.
    fn end_own_request(&mut self, shared: &Shared<'_>) {
        let own = shared
            .exchanges
            .find(&|exchange| exchange.purpose.uses_reserve());
        let Some((id, exchange)) = own else { return };
        shared.exchanges.end(id);
        #[cfg(feature = "block-transfer")]
        shared.buffers.end_request(exchange.purpose);
        if exchange.purpose == Purpose::Update {
            shared.client.request_update(self.unconfirmed.scope());
        }
    }

    /// Something confirmable was never acknowledged: whether the server still knows the client is
    /// found out by registering again. Over a secure connection it may be that it has lost the
    /// association, and so heard nothing: a new one is made first, and an Update may do.
    pub fn register_again(&mut self, shared: &Shared<'_>) {
        if matches!(
            shared.client.state(),
            ClientState::Registered | ClientState::UpdateDue | ClientState::Updating
        ) {
            let at_once = Some(Instant::default());
            let secure = self.uri().is_some_and(|uri| uri.secure);
            shared.client.set_state(match secure {
                true => ClientState::NetworkError { retry_at: at_once },
                false => ClientState::Connecting,
            });
        }
    }
}

/// What to do until `at`; `None` when it has come.
pub(super) fn wait<M>(context: &Context<'_, '_, M>, at: Instant) -> Option<Step> {
    (context.now < at).then_some(Step::Nothing(Some(at)))
}

fn after(then: Afterwards) -> ClientState {
    match then {
        Afterwards::Stop => ClientState::Stopping,
        Afterwards::ServerDisabled => ClientState::ServerDisabled,
        Afterwards::OtherServer => ClientState::Starting,
    }
}
