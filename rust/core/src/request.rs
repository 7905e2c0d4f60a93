// SPDX-License-Identifier: Apache-2.0
//! A server's request, from its options to the encoded answer, RFC 7252 §5.

use crate::coap::exchange::Purpose;
use crate::coap::message::uint;
use crate::coap::{Code, ConnectionId, Message, MessageType, option};
use crate::content::ContentFormat;
#[cfg(feature = "senml")]
use crate::device_management::composite;
use crate::device_management::{Failure, access, authorize, delete, execute, write};
use crate::engine::{Context, Hooks};
use crate::information_reporting::observation::Observation;
use crate::model::DataModel;
use crate::path::{Level, Path, parse_id};
use crate::registration::machine::default_periods;
use crate::response::{Content, Header, Response, Source};
use crate::shared::Request;

/// The answer, at the front of the caller's buffer.
pub(crate) struct Reply {
    /// Its length; 0 when nothing is to be sent now.
    pub length: usize,
    /// Whether the request may have changed something, so that it must not be carried out twice.
    pub changed_something: bool,
}

/// Carries out a request and writes its answer.
pub(crate) fn handle<M: DataModel>(
    context: &Context<'_, '_, M>,
    hooks: &dyn Hooks,
    connection: ConnectionId,
    message: &Message<'_>,
    too_long: bool,
    buffer: &mut [u8],
) -> Reply {
    let shared = context.shared;
    let options = Options::read(message);
    let request = Request {
        connection,
        kind: message.kind,
        code: message.code,
        message_id: message.message_id,
        token: message.token,
        path: options.as_ref().map_or(Path::ROOT, |options| options.path),
        acknowledged: false,
    };
    let header = header(context, &request);

    let outer = shared.request();
    shared.set_request(Some(request));
    hooks.request_begins(&request);
    let result = match options {
        _ if too_long => Err(Failure::TooLarge),
        Err(failure) => Err(failure),
        Ok(options) => {
            let response = Response {
                context,
                header,
                buffer: &mut *buffer,
            };
            shared.operation(|| carry_out(&request, &options, message.payload, response))
        }
    };
    hooks.request_ends();
    let reply = answered(context, &request, &header, result, buffer);
    shared.set_request(outer);
    reply
}

/// What every message that answers this request begins with.
pub(crate) fn header<M>(context: &Context<'_, '_, M>, request: &Request) -> Header {
    let (kind, message_id) = match request.kind {
        MessageType::Confirmable => (MessageType::Acknowledgement, request.message_id),
        _ => (MessageType::NonConfirmable, context.shared.message_id()),
    };
    Header {
        kind,
        message_id,
        token: request.token,
    }
}

/// Makes an answer of what became of the request: so many bytes in the buffer, or a failure.
pub(crate) fn answered<M>(
    context: &Context<'_, '_, M>,
    request: &Request,
    header: &Header,
    result: Result<usize, Failure>,
    buffer: &mut [u8],
) -> Reply {
    let shown = context.shared.request();
    let length = match result {
        Ok(length) => length,
        Err(failure) => header.begin(buffer, failure.code()).finish().unwrap_or(0),
    };
    Reply {
        length: if shown.is_some_and(|request| request.acknowledged) {
            separate(context, request, length, buffer)
        } else {
            length
        },
        changed_something: !matches!(request.code, Code::GET | Code::FETCH),
    }
}

/// Queues the answer to a request that was acknowledged before, as a confirmable message of its
/// own. Without room for that it goes out once, non-confirmable. Returns what is to be sent now.
fn separate<M>(
    context: &Context<'_, '_, M>,
    request: &Request,
    length: usize,
    buffer: &mut [u8],
) -> usize {
    let shared = context.shared;
    let message_id = shared.message_id();
    if let Ok(mut draft) = shared.exchanges.draft(Purpose::SeparateResponse) {
        if draft.buffer().len() >= length {
            retype(buffer, MessageType::Confirmable, message_id);
            let answer = buffer.get(..length).unwrap_or_default();
            if let Some(room) = draft.buffer().get_mut(..length) {
                room.copy_from_slice(answer);
            }
            if draft
                .commit(request.connection, message_id, request.token, length)
                .is_ok()
            {
                return 0;
            }
        }
    }
    retype(buffer, MessageType::NonConfirmable, message_id);
    length
}

/// Makes a written message one of another type and message id.
fn retype(buffer: &mut [u8], kind: MessageType, message_id: u16) {
    if let Some([first, _, high, low]) = buffer.first_chunk_mut::<4>() {
        *first = (*first & 0xcf) | (kind.bits() << 4);
        [*high, *low] = message_id.to_be_bytes();
    }
}

fn carry_out<M: DataModel>(
    request: &Request,
    options: &Options,
    payload: &[u8],
    response: Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let path = &request.path;
    if *path == Path::ROOT {
        return composite(request, options, payload, response);
    }
    authorize(path)?;
    let discovers = options.accept == Some(ContentFormat::LinkFormat);
    let has_content = options.content_format.is_some();
    if let Some(operation) = access::operation(request.code, path, discovers, has_content) {
        access::check(response.context, operation, path)?;
    }
    let model = response.context.model;
    match request.code {
        Code::GET if discovers => response.content(
            None,
            &Content {
                source: Source::Discover,
                paths: core::slice::from_ref(path),
                format: ContentFormat::LinkFormat,
            },
        ),
        Code::GET => get(request, options, response),
        Code::PUT => match options.content_format {
            Some(format) => {
                write::write(model, path, format, payload, write::Mode::Replace)?;
                response.code(Code::CHANGED)
            }
            // Write-Attributes, or nothing at all.
            None if options.has_query => Err(Failure::NotImplemented),
            None => Err(Failure::BadRequest),
        },
        Code::POST => {
            match (path.level(), options.content_format) {
                (Level::ObjectInstance, Some(format)) => {
                    write::write(model, path, format, payload, write::Mode::PartialUpdate)?;
                }
                (Level::ObjectInstance, None) => return Err(Failure::UnsupportedContentFormat),
                (Level::Resource, _) => execute(model, path, payload)?,
                (Level::Object, Some(format)) => {
                    let instance = write::create(model, path, format, payload)?;
                    access::created(response.context, path.object_id(), instance);
                    return response.created(&Path::instance(path.object_id(), instance));
                }
                (Level::Object, None) => return Err(Failure::UnsupportedContentFormat),
                _ => return Err(Failure::MethodNotAllowed),
            }
            response.code(Code::CHANGED)
        }
        Code::DELETE => {
            delete(model, path)?;
            response.code(Code::DELETED)
        }
        _ => Err(Failure::MethodNotAllowed),
    }
}

/// Read-Composite and Write-Composite, which name no path but in their payload.
#[cfg(feature = "senml")]
fn composite<M: DataModel>(
    request: &Request,
    options: &Options,
    payload: &[u8],
    response: Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    match request.code {
        Code::FETCH => {
            let (given, format) = composite::formats(options.content_format, options.accept)?;
            let shared = response.context.shared;
            let answer = shared.with_paths(|paths| {
                composite::take_paths(paths, given, payload)?;
                paths.keep_outermost();
                let content = Content {
                    source: Source::Composite,
                    paths: paths.as_slice(),
                    format,
                };
                response.content(None, &content)
            });
            answer.unwrap_or(Err(Failure::Unavailable))
        }
        Code::IPATCH => {
            composite::write(response.context, options.content_format, payload)?;
            response.code(Code::CHANGED)
        }
        _ => Err(Failure::MethodNotAllowed),
    }
}

#[cfg(not(feature = "senml"))]
fn composite<M>(
    _: &Request,
    _: &Options,
    _: &[u8],
    _: Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    Err(Failure::MethodNotAllowed)
}

/// Read, Observe, Cancel Observation.
fn get<M: DataModel>(
    request: &Request,
    options: &Options,
    response: Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let context = response.context;
    let observations = &context.shared.observations;
    let path = &request.path;
    let format = options
        .accept
        .or(DEFAULT_FORMAT)
        .ok_or(Failure::NotAcceptable)?;
    let content = Content {
        source: Source::Read,
        paths: core::slice::from_ref(path),
        format,
    };
    if options.observe != Some(OBSERVE_REGISTER) {
        if options.observe == Some(OBSERVE_DEREGISTER) {
            observations.cancel(request.connection, &request.token);
        }
        return response.content(None, &content);
    }
    if !observations.has_room(path, request.connection) {
        return Err(Failure::Unavailable);
    }
    let sequence = observations.sequence_for(path, request.connection);
    let length = response.content(Some(sequence), &content)?;
    let mut observation = Observation::new(
        *path,
        request.connection,
        request.token,
        format,
        context.now,
    );
    observation.sequence = sequence;
    let defaults = default_periods(context);
    observation.periods = context.shared.attributes.periods(path, defaults);
    observations
        .add(observation)
        .map_err(|_| Failure::Unavailable)?;
    Ok(length)
}

/// Values of the Observe option in a request, RFC 7641 §2.
const OBSERVE_REGISTER: u32 = 0;
const OBSERVE_DEREGISTER: u32 = 1;

/// The format of an answer when the server names none, TS Core 1.1.1 §7.4; TLV in LwM2M 1.0.
const DEFAULT_FORMAT: Option<ContentFormat> = if cfg!(all(
    feature = "senml-cbor",
    any(feature = "lwm2m-1-1", not(feature = "tlv"))
)) {
    Some(ContentFormat::SenmlCbor)
} else if cfg!(feature = "tlv") {
    Some(ContentFormat::Tlv)
} else {
    None
};

/// The options of a request, read once.
struct Options {
    path: Path,
    content_format: Option<ContentFormat>,
    accept: Option<ContentFormat>,
    observe: Option<u32>,
    has_query: bool,
}

impl Options {
    fn read(message: &Message<'_>) -> Result<Self, Failure> {
        let mut options = Options {
            path: Path::ROOT,
            content_format: None,
            accept: None,
            observe: None,
            has_query: false,
        };
        for (number, value) in message.options() {
            match number {
                // A server has no need to say whom it talks to; there is one host on this port.
                option::URI_HOST | option::URI_PORT => {}
                option::URI_PATH => options.segment(value)?,
                option::URI_QUERY => options.has_query = true,
                option::OBSERVE => options.observe = uint(value),
                option::CONTENT_FORMAT => {
                    let format = content_format(value);
                    options.content_format = Some(format.ok_or(Failure::UnsupportedContentFormat)?);
                }
                option::ACCEPT => {
                    let format = content_format(value);
                    options.accept = Some(format.ok_or(Failure::NotAcceptable)?);
                }
                _ if option::is_critical(number) => return Err(Failure::BadOption),
                _ => {}
            }
        }
        Ok(options)
    }

    fn segment(&mut self, value: &[u8]) -> Result<(), Failure> {
        // A lone empty segment is how some write the root.
        if value.is_empty() && self.path == Path::ROOT {
            return Ok(());
        }
        let id = parse_id(value).map_err(|_| Failure::NotFound)?;
        self.path = self.path.child(id).map_err(|_| Failure::NotFound)?;
        if self.path.level() == Level::ResourceInstance && !cfg!(feature = "lwm2m-1-1") {
            return Err(Failure::NotFound);
        }
        Ok(())
    }
}

fn content_format(value: &[u8]) -> Option<ContentFormat> {
    ContentFormat::from_code(u16::try_from(uint(value)?).ok()?)
}
