// SPDX-License-Identifier: Apache-2.0
//! Requests for devices behind a gateway, OMA-TS-LWM2M_Gateway-V1_1 §6: one whose path begins with the
//! prefix of a device is the application's to answer. It writes the answer itself, so the engine
//! holds no buffer meanwhile: [`Engine::begin_gateway`], the application, [`Engine::end_gateway`].

use super::{Context, Engine};
use crate::coap::{ConnectionId, Message, MessageType, option};
use crate::device_management::Failure;
use crate::model::ModelError;
use crate::path::{Path, parse_id};
use crate::request;
use crate::shared::Request;

/// The first segment of the path, and the path behind it; `None` when there is no segment, or what is
/// behind it is no path.
#[must_use]
pub fn split_prefix<'m>(message: &Message<'m>) -> Option<(&'m [u8], Path)> {
    let mut segments = message
        .options()
        .filter(|&(number, _)| number == option::URI_PATH)
        .map(|(_, value)| value);
    let prefix = segments.next()?;
    let path = segments.try_fold(Path::ROOT, |path, segment| {
        path.child(parse_id(segment).ok()?).ok()
    })?;
    Some((prefix, path))
}

impl Engine<'_> {
    /// Begins to handle a request for a device that `is_device` knows by its prefix. `None`: the
    /// datagram is none, and for [`Engine::receive`]; so is the duplicate of one.
    pub fn begin_gateway<M>(
        &self,
        context: &Context<'_, '_, M>,
        connection: ConnectionId,
        datagram: &[u8],
        is_device: impl FnOnce(&[u8]) -> bool,
    ) -> Option<Request> {
        let message = Message::parse(datagram).ok()?;
        let kind = message.kind;
        if !message.code.is_request()
            || !connection.is_server()
            || !matches!(kind, MessageType::Confirmable | MessageType::NonConfirmable)
            || datagram.len() > self.max_message
            || context.shared.client.is_suspended()
        {
            return None;
        }
        let (prefix, path) = split_prefix(&message)?;
        let answered = self
            .answered
            .find(connection, message.message_id, context.now);
        if answered.is_some() || !is_device(prefix) {
            return None;
        }
        let request = Request {
            connection,
            kind,
            code: message.code,
            message_id: message.message_id,
            token: message.token,
            path,
            acknowledged: false,
        };
        context.shared.set_request(Some(request));
        Some(request)
    }

    /// The application does not want it after all: it is for [`Engine::receive`].
    pub fn forget_gateway<M>(&self, context: &Context<'_, '_, M>) {
        context.shared.set_request(None);
    }

    /// Takes the application's answer: so many bytes of `buffer`, or why there is none. Returns how
    /// many bytes of it are to be sent now.
    pub fn end_gateway<M>(
        &mut self,
        context: &Context<'_, '_, M>,
        request: &Request,
        answer: Result<usize, ModelError>,
        buffer: &mut [u8],
    ) -> usize {
        let header = request::header(context, request);
        let result = answer.map_err(Failure::Model);
        let reply = request::answered(context, request, &header, result, buffer);
        context.shared.set_request(None);
        if reply.changed_something {
            let answer = buffer.get(..reply.length).unwrap_or_default();
            let Request {
                connection,
                message_id,
                ..
            } = *request;
            self.answered
                .keep(connection, message_id, answer, context.now);
        }
        reply.length
    }
}
