// SPDX-License-Identifier: Apache-2.0
//! The registration state machine: what follows from the client's state, a deadline, an answer.

use core::cell::Cell;

use super::client::{Client, ClientEvent, ClientState, UpdateScope};
use super::message::{self, End, Location, Parameters};
#[cfg(feature = "block-transfer")]
use crate::blockwise::outgoing;
use crate::coap::exchange::Purpose;
use crate::coap::{Code, ConnectionId, Message, Token};
use crate::content::EncodeError;
#[cfg(feature = "block-transfer")]
use crate::content::Output;
use crate::engine::Context;
use crate::information_reporting::attributes::Periods;
use crate::model::DataModel;
use crate::shared::Shared;
use crate::time::Instant;
use crate::uri::{DefaultPorts, Uri};
use crate::value::{Bytes, Value};

/// Object ids and resources of the accounts, TS Core 1.1.1 appendices E.1 and E.2.
pub(crate) mod account {
    pub const SECURITY: u16 = 0;
    pub const SECURITY_URI: u16 = 0;
    pub const SECURITY_BOOTSTRAP: u16 = 1;
    pub const SECURITY_SHORT_SERVER_ID: u16 = 10;
    pub const SERVER: u16 = 1;
    pub const SERVER_SHORT_SERVER_ID: u16 = 0;
    pub const SERVER_LIFETIME: u16 = 1;
    pub const SERVER_DEFAULT_PMIN: u16 = 2;
    pub const SERVER_DEFAULT_PMAX: u16 = 3;
    pub const SERVER_BINDING: u16 = 7;
}

/// Updates are at least this many seconds apart, unless somebody asks for one.
const MINIMUM_UPDATE_PERIOD: u32 = 15;

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
}

/// What the machine wants next.
pub(crate) enum Step {
    /// Nothing until then.
    Nothing(Option<Instant>),
    /// To be asked again at once: the state has changed.
    Again,
    /// The application is to be told.
    Event(ClientEvent),
    /// One exchange of the connection is to end.
    EndExchange(ConnectionId),
    /// The connection is to be closed.
    Close(ConnectionId),
    /// The connection is to be opened.
    Connect(ConnectionId),
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

/// What only the engine's thread knows of the registration.
pub(crate) struct Machine<'a> {
    settings: Settings,
    /// Whether the connection is open.
    open: bool,
    uri: &'a mut [u8],
    uri_length: usize,
    location: Location<'a>,
    /// The lifetime the server knows.
    lifetime: u32,
    last_update: Instant,
}

const SERVER: ConnectionId = ConnectionId::SERVER;

impl<'a> Machine<'a> {
    pub const fn new(settings: Settings, uri: &'a mut [u8], location: &'a [Cell<u8>]) -> Self {
        Self {
            settings,
            open: false,
            uri,
            uri_length: 0,
            location: Location::new(location),
            lifetime: 0,
            last_update: Instant::from_millis(0),
        }
    }

    /// Where to connect to, as [`Step::Connect`] means it.
    pub fn uri(&self) -> Option<Uri<'_>> {
        Uri::parse(self.uri.get(..self.uri_length)?, self.settings.ports).ok()
    }

    pub fn step<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        if client.is_suspended() {
            return Step::Nothing(None);
        }
        match client.state() {
            ClientState::Idle => self
                .tear_down(context.shared)
                .unwrap_or(Step::Nothing(None)),
            ClientState::Starting => match self.tear_down(context.shared) {
                Some(step) => step,
                None => self.start(context),
            },
            ClientState::Connecting if self.open => self.register(context),
            ClientState::Registered => self.wait_for_update(context),
            ClientState::UpdateDue => self.update(context),
            ClientState::DeregistrationDue => self.deregister(context),
            ClientState::Stopping => match self.tear_down(context.shared) {
                Some(step) => step,
                None => {
                    client.set_state(ClientState::Idle);
                    Step::Again
                }
            },
            ClientState::NetworkError { retry_at } => match self.tear_down(context.shared) {
                Some(step) => step,
                None => self.retry(context, retry_at),
            },
            ClientState::Connecting
            | ClientState::Registering
            | ClientState::Updating
            | ClientState::Deregistering => Step::Nothing(None),
        }
    }

    /// Ends what belongs to the connection, and the connection; `None` once all is gone.
    fn tear_down(&mut self, shared: &Shared<'_>) -> Option<Step> {
        if shared
            .exchanges
            .find(&|exchange| exchange.connection == SERVER)
            .is_some()
        {
            return Some(Step::EndExchange(SERVER));
        }
        if self.open {
            self.open = false;
            shared.observations.cancel_all(SERVER);
            return Some(Step::Close(SERVER));
        }
        None
    }

    /// Reads the accounts and connects.
    fn start<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let selected = context.shared.operation(|| self.select(context.model));
        match selected {
            Some((security, server)) if self.uri().is_some() => {
                client.security_instance.set(Some(security));
                client.server_instance.set(Some(server));
                client.set_state(ClientState::Connecting);
                Step::Connect(SERVER)
            }
            _ => {
                self.fail(client, context.now);
                Step::Again
            }
        }
    }

    /// The first Security instance that is no bootstrap account and has a Server instance of the
    /// same Short Server ID; its URI is kept.
    fn select<M: DataModel>(&mut self, model: &M) -> Option<(u16, u16)> {
        let mut last = None;
        while let Some(security) = model.next_instance(account::SECURITY, last) {
            last = Some(security);
            let security_value = |id| value(model, account::SECURITY, security, id);
            if matches!(
                security_value(account::SECURITY_BOOTSTRAP),
                Some(Value::Boolean(true))
            ) {
                continue;
            }
            let short_id = integer(
                model,
                account::SECURITY,
                security,
                account::SECURITY_SHORT_SERVER_ID,
            );
            let Some(server) = server_with(model, short_id) else {
                continue;
            };
            if let Some(Value::String(uri)) = security_value(account::SECURITY_URI) {
                self.uri_length = uri.copy(0, self.uri);
                if self.uri_length == uri.len() {
                    return Some((security, server));
                }
            }
        }
        None
    }

    /// The connection is open, or could not be opened.
    pub fn connected(&mut self, shared: &Shared<'_>, open: bool, now: Instant) {
        self.open = open;
        // The client may have been stopped meanwhile; its new state then closes the connection.
        if !open && shared.client.state() == ClientState::Connecting {
            self.fail(&shared.client, now);
        }
    }

    /// The connection broke.
    pub fn lost(&mut self, shared: &Shared<'_>, now: Instant) -> Events {
        let client = &shared.client;
        match client.state() {
            ClientState::Idle | ClientState::Stopping | ClientState::NetworkError { .. } => {
                [None, None]
            }
            ClientState::Starting | ClientState::Connecting => {
                self.fail(client, now);
                [None, None]
            }
            ClientState::Registering
            | ClientState::Registered
            | ClientState::UpdateDue
            | ClientState::Updating => {
                self.fail(client, now);
                [Some(ClientEvent::RegistrationTimeout), None]
            }
            ClientState::DeregistrationDue | ClientState::Deregistering => {
                client.set_state(ClientState::Stopping);
                [Some(ClientEvent::DeregistrationFailure), None]
            }
        }
    }

    /// The first failure is tried again at once, the ones after it 1, 2, 4, 8 … seconds later.
    fn fail(&mut self, client: &Client<'_>, now: Instant) {
        let failures = client.failures.get();
        let delay = match failures.checked_sub(1) {
            None => 0,
            Some(doublings) => 1_u32.checked_shl(u32::from(doublings)).unwrap_or(u32::MAX),
        };
        client.failures.set(failures.saturating_add(1));
        client.set_state(ClientState::NetworkError {
            retry_at: now.after_secs(delay),
        });
    }

    fn retry<M: DataModel>(&mut self, context: &Context<'_, '_, M>, retry_at: Instant) -> Step {
        let client = &context.shared.client;
        if context.now < retry_at {
            Step::Nothing(Some(retry_at))
        } else if client.failures.get() > self.settings.max_retries {
            client.set_state(ClientState::Idle);
            Step::Event(ClientEvent::NetworkError)
        } else {
            client.set_state(ClientState::Starting);
            Step::Again
        }
    }

    fn register<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        // A new registration begins without the observations of an old one, TS Core 1.1.1 §6.4.3.
        context.shared.observations.cancel_all(SERVER);
        // It reports all there is.
        client.take_update();
        let sent = self.server_lifetime(context).and_then(|lifetime| {
            self.lifetime = lifetime;
            self.request(context, Purpose::Registration)
        });
        match sent {
            Some(()) => client.set_state(ClientState::Registering),
            None => self.fail(client, context.now),
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
        self.last_update.after_secs(next)
    }

    fn wait_for_update<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        let due = self.next_update();
        if client.requested_update().is_some() || due <= context.now {
            client.set_state(ClientState::UpdateDue);
            Step::Event(ClientEvent::Update)
        } else {
            Step::Nothing(Some(due))
        }
    }

    fn update<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        match self.request(context, Purpose::Update) {
            Some(()) => client.set_state(ClientState::Updating),
            None => client.set_state(ClientState::Starting),
        }
        Step::Again
    }

    fn deregister<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let client = &context.shared.client;
        match self.request(context, Purpose::Deregistration) {
            Some(()) => {
                client.set_state(ClientState::Deregistering);
                Step::Again
            }
            None => {
                client.set_state(ClientState::Stopping);
                Step::Event(ClientEvent::Disconnected)
            }
        }
    }

    /// Queues one of the three requests.
    fn request<M: DataModel>(
        &mut self,
        context: &Context<'_, '_, M>,
        purpose: Purpose,
    ) -> Option<()> {
        let shared = context.shared;
        let mut draft = shared.exchanges.draft(purpose).ok()?;
        let message_id = shared.message_id();
        let token = Token::random(context.entropy);
        let news = match purpose {
            Purpose::Update => self.news(context),
            _ => News::default(),
        };
        let write = |buffer: &mut [u8], links: End<'_>| match purpose {
            Purpose::Registration => {
                self.write_register(context, buffer, message_id, &token, links)
            }
            Purpose::Update => {
                let links = news.objects.then_some(links);
                message::update(
                    buffer,
                    message_id,
                    &token,
                    &self.location,
                    news.lifetime,
                    links,
                )
            }
            _ => message::deregister(buffer, message_id, &token, &self.location),
        };
        let model = context.model;
        let length = shared.operation(|| {
            let written = write(draft.buffer(), &mut |request| {
                request.payload(|output| message::write_links(output, model))
            });
            #[cfg(feature = "block-transfer")]
            if written == Err(EncodeError::Full) {
                return in_blocks(context, purpose, &mut |links| write(draft.buffer(), links));
            }
            written
        });
        let queued = draft.commit(SERVER, message_id, token, length.ok()?);
        #[cfg(feature = "block-transfer")]
        if queued.is_err() {
            shared.buffers.end_request(purpose);
        }
        queued.ok().map(drop)
    }

    fn write_register<M: DataModel>(
        &self,
        context: &Context<'_, '_, M>,
        buffer: &mut [u8],
        message_id: u16,
        token: &Token,
        links: End<'_>,
    ) -> Result<usize, EncodeError> {
        let client = &context.shared.client;
        let mut name = [0; MAX_ENDPOINT];
        let name_length = client.endpoint(&mut name);
        let mut binding = [0; 8];
        let binding_length = match value(
            context.model,
            account::SERVER,
            client.server_instance().unwrap_or(0),
            account::SERVER_BINDING,
        ) {
            Some(Value::String(modes)) => modes.copy(0, &mut binding),
            _ => 0,
        };
        let parameters = Parameters {
            endpoint: name.get(..name_length).unwrap_or_default(),
            lifetime: self.lifetime,
            binding: binding.get(..binding_length).unwrap_or_default(),
        };
        message::register(buffer, message_id, token, &parameters, links)
    }

    /// What an Update has to tell.
    fn news<M: DataModel>(&mut self, context: &Context<'_, '_, M>) -> News {
        let scope = context.shared.client.take_update();
        let lifetime = self.server_lifetime(context).unwrap_or(self.lifetime);
        let changed = (lifetime != self.lifetime).then_some(lifetime);
        self.lifetime = lifetime;
        News {
            lifetime: changed,
            objects: scope == Some(UpdateScope::Objects),
        }
    }

    /// The lifetime of the Server instance in use, raised to the configured least.
    fn server_lifetime<M: DataModel>(&self, context: &Context<'_, '_, M>) -> Option<u32> {
        let model = context.model;
        let least = self.settings.default_lifetime;
        let server = context.shared.client.server_instance()?;
        context.shared.operation(|| {
            let found = integer(model, account::SERVER, server, account::SERVER_LIFETIME);
            let lifetime = found.and_then(|seconds| u32::try_from(seconds).ok());
            match lifetime {
                Some(lifetime) if lifetime >= least => Some(lifetime),
                Some(_) => {
                    let (_, resource) =
                        model.resource(model.instance(account::SERVER, server)?, 1)?;
                    // Where it cannot be written the server sees the old value; the registration
                    // uses the least all the same.
                    let _ = model.write::<&[u8]>(resource, 0, Value::Integer(i64::from(least)));
                    Some(least)
                }
                None => Some(least),
            }
        })
    }

    /// One of the three requests is over.
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
                    client.failures.set(0);
                    self.registered(context);
                    [Some(ClientEvent::RegistrationComplete), None]
                }
                Outcome::Answered(_) => {
                    self.fail(client, context.now);
                    [Some(ClientEvent::RegistrationFailure), None]
                }
                _ => {
                    self.fail(client, context.now);
                    [Some(ClientEvent::RegistrationTimeout), None]
                }
            },
            (Purpose::Update, ClientState::Updating) => match outcome {
                Outcome::Answered(answer) if answer.code.is_success() => {
                    self.registered(context);
                    [Some(ClientEvent::UpdateComplete), None]
                }
                Outcome::TimedOut => {
                    client.set_state(ClientState::Starting);
                    [Some(ClientEvent::RegistrationTimeout), None]
                }
                // The server does not know the registration any more: a new one.
                _ => {
                    client.set_state(ClientState::Connecting);
                    [None, None]
                }
            },
            (Purpose::Deregistration, ClientState::Deregistering) => {
                client.set_state(ClientState::Stopping);
                match outcome {
                    Outcome::Answered(answer) if answer.code == Code::DELETED => {
                        [Some(ClientEvent::Deregistered), None]
                    }
                    _ => [
                        Some(ClientEvent::Disconnected),
                        Some(ClientEvent::DeregistrationFailure),
                    ],
                }
            }
            // The client was stopped or started anew meanwhile.
            _ => [None, None],
        }
    }

    fn registered<M>(&mut self, context: &Context<'_, '_, M>) {
        self.last_update = context.now;
        context.shared.client.set_state(ClientState::Registered);
    }

    /// Something confirmable was never acknowledged: whether the server still knows the client is
    /// found out by registering again.
    pub fn register_again(&mut self, shared: &Shared<'_>) {
        if matches!(
            shared.client.state(),
            ClientState::Registered | ClientState::UpdateDue | ClientState::Updating
        ) {
            shared.client.set_state(ClientState::Connecting);
        }
    }
}

/// What has changed since the server was told.
#[derive(Clone, Copy, Default)]
struct News {
    lifetime: Option<u32>,
    /// Whether objects or instances came or went.
    objects: bool,
}

/// Writes a request whose links are longer than a message: they are put in a buffer, and the first
/// block of them goes with it.
#[cfg(feature = "block-transfer")]
fn in_blocks<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    purpose: Purpose,
    write: &mut dyn FnMut(End<'_>) -> Result<usize, EncodeError>,
) -> Result<usize, EncodeError> {
    let buffers = &context.shared.buffers;
    let body = buffers.take(0).ok_or(EncodeError::Full)?;
    let length = match message::write_links(Output::new(body), context.model) {
        Ok(length) => length,
        Err(error) => {
            buffers.give(body);
            return Err(error);
        }
    };
    let mut body = Some(body);
    let written = write(&mut |request| match body.take() {
        Some(body) => outgoing::begin(buffers, purpose, body, length, request),
        None => Err(EncodeError::Full),
    });
    if let Some(body) = body {
        buffers.give(body);
    }
    written
}

/// Longest endpoint name that can be configured.
pub const MAX_ENDPOINT: usize = 128;

/// Default Minimum and Maximum Period of the server in use, in seconds; 0 where it has none.
pub(crate) fn default_periods<M: DataModel>(context: &Context<'_, '_, M>) -> Periods {
    let server = context.shared.client.server_instance().unwrap_or(0);
    let period = |id| {
        integer(context.model, account::SERVER, server, id)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .unwrap_or(0)
    };
    Periods {
        minimum: period(account::SERVER_DEFAULT_PMIN),
        maximum: period(account::SERVER_DEFAULT_PMAX),
    }
}

fn value<M: DataModel>(
    model: &M,
    object: u16,
    instance: u16,
    resource: u16,
) -> Option<Value<M::Bytes>> {
    let (_, resource) = model.resource(model.instance(object, instance)?, resource)?;
    model.read(resource, 0).ok()
}

fn integer<M: DataModel>(model: &M, object: u16, instance: u16, resource: u16) -> Option<i64> {
    match value(model, object, instance, resource)? {
        Value::Integer(value) => Some(value),
        _ => None,
    }
}

/// The Server instance with this Short Server ID; the first one for an account that has none.
fn server_with<M: DataModel>(model: &M, short_id: Option<i64>) -> Option<u16> {
    let mut last = None;
    while let Some(server) = model.next_instance(account::SERVER, last) {
        last = Some(server);
        let id = integer(
            model,
            account::SERVER,
            server,
            account::SERVER_SHORT_SERVER_ID,
        );
        if short_id.is_none() || id == short_id {
            return Some(server);
        }
    }
    None
}
