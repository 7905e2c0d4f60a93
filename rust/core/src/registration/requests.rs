// SPDX-License-Identifier: Apache-2.0
//! What the client's own requests say, and how they are queued.

use super::accounts::{self, server};
use super::client::UpdateScope;
use super::machine::Machine;
use super::message::{self, End, Links, Parameters};
#[cfg(feature = "block-transfer")]
use crate::blockwise::outgoing;
#[cfg(feature = "bootstrap")]
use crate::bootstrap;
use crate::coap::exchange::Purpose;
use crate::coap::{ConnectionId, Token};
use crate::content::EncodeError;
use crate::engine::Context;
use crate::information_reporting::attributes::Periods;
use crate::model::DataModel;
use crate::value::{Bytes, Value};

impl Machine<'_> {
    /// Queues one of the client's own requests.
    pub(super) fn request<M: DataModel>(
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
            _ => News::NONE,
        };
        self.unconfirmed = news;
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
            #[cfg(feature = "bootstrap")]
            Purpose::Bootstrap => self.write_bootstrap_request(context, buffer, message_id, &token),
            _ => message::deregister(buffer, message_id, &token, &self.location),
        };
        let model = context.model;
        let length = shared.operation(|| {
            let written = write(draft.buffer(), &mut |request| {
                request.payload(|output| {
                    let (length, _) = Links::default().write(output, model, usize::MAX)?;
                    Ok(length)
                })
            });
            #[cfg(feature = "block-transfer")]
            if written == Err(EncodeError::Full) {
                return in_blocks(context, purpose, &mut |links| write(draft.buffer(), links));
            }
            written
        });
        let queued = draft.commit(ConnectionId::SERVER, message_id, token, length.ok()?);
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
        let mut binding = [0; 8];
        let binding_length = match accounts::value(
            context.model,
            context
                .model
                .instance(accounts::SERVER, client.server_instance().unwrap_or(0)),
            server::BINDING,
        ) {
            Some(Value::String(modes)) => modes.copy(0, &mut binding),
            _ => 0,
        };
        let parameters = Parameters {
            endpoint: client.endpoint(),
            lifetime: self.lifetime,
            binding: binding.get(..binding_length).unwrap_or_default(),
            queue: self.settings.queue.is_some(),
        };
        message::register(buffer, message_id, token, &parameters, links)
    }

    #[cfg(feature = "bootstrap")]
    fn write_bootstrap_request<M>(
        &self,
        context: &Context<'_, '_, M>,
        buffer: &mut [u8],
        message_id: u16,
        token: &Token,
    ) -> Result<usize, EncodeError> {
        let name = context.shared.client.endpoint();
        bootstrap::message::request(buffer, message_id, token, name)
    }

    /// What an Update has to tell.
    fn news<M: DataModel>(&self, context: &Context<'_, '_, M>) -> News {
        let scope = context.shared.client.take_update();
        let lifetime = self.server_lifetime(context).unwrap_or(self.lifetime);
        News {
            lifetime: (lifetime != self.lifetime).then_some(lifetime),
            objects: scope == Some(UpdateScope::Objects),
        }
    }

    /// The lifetime of the Server instance in use, raised to the configured least.
    pub(super) fn server_lifetime<M: DataModel>(
        &self,
        context: &Context<'_, '_, M>,
    ) -> Option<u32> {
        let model = context.model;
        let least = self.settings.default_lifetime;
        let instance = context.shared.client.server_instance()?;
        context.shared.operation(|| {
            let node = model.instance(accounts::SERVER, instance);
            match accounts::number(model, node, server::LIFETIME) {
                Some(lifetime) if lifetime >= least => Some(lifetime),
                Some(_) => {
                    let resource = model.resource(&node?, server::LIFETIME)?;
                    // Where it cannot be written the server sees the old value; the registration
                    // uses the least all the same.
                    let _ = model.write::<&[u8]>(&resource, 0, Value::Integer(i64::from(least)));
                    Some(least)
                }
                None => Some(least),
            }
        })
    }
}

/// What has changed since the server was told.
#[derive(Clone, Copy)]
pub(super) struct News {
    pub lifetime: Option<u32>,
    /// Whether objects or instances came or went.
    objects: bool,
}

impl News {
    pub const NONE: Self = Self {
        lifetime: None,
        objects: false,
    };

    /// How much an Update has to repeat that tells it.
    pub const fn scope(self) -> UpdateScope {
        if self.objects {
            UpdateScope::Objects
        } else {
            UpdateScope::Minimal
        }
    }
}

/// Writes a request whose links are longer than a message: the first of them are put in a buffer, and
/// their first block goes with it.
#[cfg(feature = "block-transfer")]
fn in_blocks<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    purpose: Purpose,
    write: &mut dyn FnMut(End<'_>) -> Result<usize, EncodeError>,
) -> Result<usize, EncodeError> {
    let buffers = &context.shared.buffers;
    let body = buffers.take(0).ok_or(EncodeError::Full)?;
    let mut body = Some(body);
    let written = write(&mut |request| match body.take() {
        Some(body) => outgoing::begin_links(context, purpose, body, request),
        None => Err(EncodeError::Full),
    });
    if let Some(body) = body {
        buffers.give(body);
    }
    written
}

/// Default Minimum and Maximum Period of the server in use, in seconds; 0 where it has none.
pub(crate) fn default_periods<M: DataModel>(context: &Context<'_, '_, M>) -> Periods {
    let instance = context.shared.client.server_instance().unwrap_or(0);
    let node = context.model.instance(accounts::SERVER, instance);
    let period = |id| accounts::number(context.model, node, id).unwrap_or(0);
    Periods {
        minimum: period(server::DEFAULT_PMIN),
        maximum: period(server::DEFAULT_PMAX),
    }
}
