// SPDX-License-Identifier: Apache-2.0
//! A server's request, from its options to the encoded answer, RFC 7252 §5.

#[cfg(feature = "bootstrap")]
mod bootstrap;
mod options;

use crate::blockwise::{Key, Part, Received, Transfers, Uploads};
#[cfg(feature = "block-transfer")]
use crate::blockwise::{Target, digest};
use crate::coap::exchange::Purpose;
use crate::coap::message::{Options as AllOptions, empty};
use crate::coap::{Code, ConnectionId, Message, MessageType, option};
use crate::content::{ContentFormat, EncodeError};
#[cfg(feature = "senml")]
use crate::device_management::composite;
use crate::device_management::{Failure, access, authorize, delete, execute, exists, write};
use crate::engine::{Context, Hooks};
use crate::information_reporting::attributes::{self, Changes};
use crate::information_reporting::notified;
use crate::information_reporting::observation::Observation;
use crate::model::{DataModel, ModelError};
use crate::path::{Level, Path};
use crate::response::{Content, Header, Response, Source};
use crate::shared::Request;
use crate::time_series::Series;
use options::Options;

/// The answer, at the front of the caller's buffer.
pub(crate) struct Reply {
    /// Its length; 0 when nothing is to be sent now.
    pub length: usize,
    /// Whether the request may have changed something, so that it must not be carried out twice.
    pub changed_something: bool,
}

/// Carries out a request and writes its answer.
// Apart, as others below: what an alternative keeps on the stack is not there while another runs.
#[inline(never)]
pub(crate) fn handle<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    hooks: &dyn Hooks,
    connection: ConnectionId,
    message: &Message<'_>,
    too_long: bool,
    transfers: &mut Transfers<'a>,
    buffer: &mut [u8],
) -> Reply {
    let shared = context.shared;
    let mut options = Options::NONE;
    let understood = options.read(message);
    let request = Request {
        connection,
        kind: message.kind,
        code: message.code,
        message_id: message.message_id,
        token: message.token,
        path: match understood {
            Ok(()) => options.path,
            Err(_) => Path::ROOT,
        },
        acknowledged: false,
    };
    let header = header(context, &request);

    let outer = shared.request();
    shared.set_request(Some(request));
    hooks.request_begins(&request);
    let result = match understood {
        _ if too_long => Err(Failure::TooLarge),
        Err(failure) => Err(failure),
        Ok(()) => shared.operation(|| {
            let asked = Asked {
                request: &request,
                options: &options,
                all_options: message.options(),
                payload: message.payload,
            };
            serve(context, &asked, header, transfers, buffer)
        }),
    };
    if let (Some(OBSERVE_REGISTER), Ok(length)) = (options.observe, &result) {
        if let Some(slot) = shared.observations.by_token(connection, &message.token) {
            notified::remember(context, slot, buffer.get(..*length).unwrap_or_default());
        }
    }
    hooks.request_ends();
    let result = match result {
        Err(Failure::TooLarge) => {
            too_large(&header, too_long, &transfers.uploads, buffer).map_err(Failure::from)
        }
        other => other,
    };
    let reply = match options.no_response {
        0 => answered(context, &request, &header, result, buffer),
        classes => answered_if_wanted(context, &request, &header, result, classes, buffer),
    };
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
        block1: None,
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
        Err(failure) => {
            let mut answer = header.begin(buffer, failure.code());
            if failure == Failure::Unavailable {
                answer.option_uint(option::MAX_AGE, RETRY_AFTER);
            }
            answer.finish().unwrap_or(0)
        }
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

/// After how many seconds what ran out may be there again, RFC 7252 §5.9.3.4: a transfer mostly takes no
/// longer.
const RETRY_AFTER: u32 = 10;

/// The same for a request whose server does not want responses of these classes, RFC 7967 §2.1; that
/// another block is awaited it is told all the same.
#[inline(never)]
fn answered_if_wanted<M>(
    context: &Context<'_, '_, M>,
    request: &Request,
    header: &Header,
    result: Result<usize, Failure>,
    classes: u8,
    buffer: &mut [u8],
) -> Reply {
    let code = match result {
        Ok(_) => buffer.get(1).map_or(Code::EMPTY, |code| Code(*code)),
        Err(failure) => failure.code(),
    };
    let bit = u32::from(code.class()).saturating_sub(1);
    let unwanted = classes.checked_shr(bit).is_some_and(|bit| bit & 1 != 0);
    if !unwanted || code == Code::CONTINUE {
        return answered(context, request, header, result, buffer);
    }
    let shown = context.shared.request();
    let acknowledged = shown.is_some_and(|request| request.acknowledged);
    let mut reply = Reply {
        length: 0,
        changed_something: !matches!(request.code, Code::GET | Code::FETCH),
    };
    if request.kind == MessageType::Confirmable && !acknowledged {
        if let Some(front) = buffer.first_chunk_mut() {
            *front = empty(MessageType::Acknowledgement, request.message_id);
            reply.length = front.len();
        }
    }
    reply
}

/// Writes a 4.13 that tells what would not be too large, RFC 7959 §2.9.3.
fn too_large(
    header: &Header,
    too_long: bool,
    uploads: &Uploads<'_>,
    buffer: &mut [u8],
) -> Result<usize, EncodeError> {
    let mut answer = header.begin(buffer, Failure::TooLarge.code());
    if too_long {
        answer.option_uint(option::BLOCK1, uploads.hint().value());
    } else if let Some(capacity) = uploads.capacity() {
        answer.option_uint(option::SIZE1, capacity);
    }
    answer.finish()
}

/// A request, or the block of one that a message carries.
struct Asked<'q> {
    request: &'q Request,
    options: &'q Options,
    /// Where the queries are.
    all_options: AllOptions<'q>,
    payload: &'q [u8],
}

/// Answers a message: with a block of an answer that was begun, with 2.31 to a block of a request
/// that goes on, else with what its request brings about.
fn serve<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    asked: &Asked<'_>,
    mut header: Header,
    transfers: &mut Transfers<'a>,
    buffer: &mut [u8],
) -> Result<usize, Failure> {
    let Asked {
        request, options, ..
    } = asked;
    let client = &context.shared.client;
    if client.server_instance().is_none() && !client.is_bootstrapping() {
        // The application has stopped the client, or a bootstrap, and the connection is not closed yet.
        return Err(ModelError::Unauthorized.into());
    }
    #[cfg(feature = "block-transfer")]
    if let Some(answer) = later_block(context, asked, &header, transfers, buffer) {
        return answer;
    }
    let mut whole = None;
    if cfg!(feature = "senml") && options.block1.is_none_or(|block| block.number == 0) {
        transfers.uploads.release(&context.shared.buffers);
    }
    if let Some(block) = options.block1 {
        let block = transfers.uploads.answer(block);
        header.block1 = Some(block);
        let has_body = !matches!(request.code, Code::GET | Code::DELETE);
        if block.more || (block.number > 0 && has_body) {
            if !has_body {
                return Err(Failure::BadRequest);
            }
            match take_in(context, asked, transfers, buffer)? {
                Received::Continue => return Ok(header.code(buffer, Code::CONTINUE)?),
                Received::Written => return Ok(header.code(buffer, Code::CHANGED)?),
                Received::Whole(body, length) => whole = Some((body, length, block.offset())),
            }
        }
    }
    let payload = match &whole {
        Some((body, length, _)) => body.get(..*length).unwrap_or_default(),
        None => asked.payload,
    };
    let asked = Asked { payload, ..*asked };
    let mut response = respond(context, &asked, header, transfers, buffer);
    let answer = carry_out(&asked, &mut response);
    if let Some((body, _, offset)) = whole {
        let (uploads, buffers) = (&mut transfers.uploads, &context.shared.buffers);
        if cfg!(feature = "senml") && request.code == Code::FETCH {
            uploads.keep(buffers, &key(request, options), offset, body, context.now);
        } else {
            buffers.wipe(body);
        }
    }
    answer
}

#[cfg_attr(not(feature = "block-transfer"), allow(unused_variables))]
fn respond<'r, 'c, 'a, M>(
    context: &'r Context<'c, 'a, M>,
    asked: &Asked<'_>,
    header: Header,
    transfers: &'r mut Transfers<'a>,
    buffer: &'r mut [u8],
) -> Response<'r, 'c, 'a, M> {
    Response {
        context,
        header,
        #[cfg(feature = "block-transfer")]
        blocks: crate::response::Blocks {
            downloads: &mut transfers.downloads,
            target: target(asked),
            wanted: asked.options.block2,
        },
        buffer,
    }
}

#[cfg(feature = "block-transfer")]
fn target(asked: &Asked<'_>) -> Target {
    let request = asked.request;
    Target {
        connection: request.connection,
        code: request.code,
        path: request.path,
        digest: match request.code {
            Code::FETCH => digest(asked.payload),
            _ => 0,
        },
    }
}

/// A block of an answer that was begun: a later one, or the first one again.
#[cfg(feature = "block-transfer")]
fn later_block<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    asked: &Asked<'_>,
    header: &Header,
    transfers: &mut Transfers<'a>,
    buffer: &mut [u8],
) -> Option<Result<usize, Failure>> {
    let Asked {
        request, options, ..
    } = asked;
    if !matches!(request.code, Code::GET | Code::FETCH) || options.observe.is_some() {
        return None;
    }
    let downloads = &mut transfers.downloads;
    let later = options.block2.filter(|block| block.number > 0);
    let target = target(asked);
    match later {
        None => downloads.repeat(&target, header, context.now, buffer),
        Some(block) => {
            Some(downloads.go_on(context, &target, options.accept, header, block, buffer))
        }
    }
}

fn key(request: &Request, options: &Options) -> Key {
    Key {
        connection: request.connection,
        code: request.code,
        path: request.path,
        format: options.content_format,
        tag: options.tag,
    }
}

/// Takes in a block of a request.
#[inline(never)]
fn take_in<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    asked: &Asked<'_>,
    transfers: &mut Transfers<'a>,
    buffer: &mut [u8],
) -> Result<Received<'a>, Failure> {
    let Asked {
        request,
        options,
        payload,
        ..
    } = asked;
    may_take_in(context, request, options)?;
    let key = key(request, options);
    let part = Part {
        block: options.block1.ok_or(Failure::BadOption)?,
        payload,
        whole: options.size1,
    };
    #[cfg(feature = "block-transfer")]
    if part.block.number == 0 {
        transfers.downloads.make_room(&context.shared.buffers);
    }
    transfers.uploads.receive(context, &key, &part, buffer)
}

/// Whether the blocks of a request are taken in, rather than refused before they are all here.
fn may_take_in<M: DataModel>(
    context: &Context<'_, '_, M>,
    request: &Request,
    options: &Options,
) -> Result<(), Failure> {
    #[cfg(feature = "bootstrap")]
    if context.shared.client.is_bootstrapping() {
        return bootstrap::check(context, request, options);
    }
    let path = &request.path;
    if *path == Path::ROOT {
        return Ok(());
    }
    authorize(path)?;
    let has_content = options.content_format.is_some();
    if let Some(operation) = access::operation(request.code, path, false, has_content) {
        access::check(context, operation, path)?;
    }
    check_conditions(context.model, path, options)
}

/// If-Match and If-None-Match, RFC 7252 §5.10.8. No representation has a lasting ETag, so that none
/// matches.
fn check_conditions<M: DataModel>(
    model: &M,
    path: &Path,
    options: &Options,
) -> Result<(), Failure> {
    let refused = match (options.if_match, options.if_none_match) {
        (None, false) => false,
        (Some(options::Match::ETag), _) => true,
        (Some(options::Match::Existence), true) => true,
        (Some(options::Match::Existence), false) => !exists(model, path),
        (None, true) => exists(model, path),
    };
    if refused {
        return Err(Failure::PreconditionFailed);
    }
    Ok(())
}

/// Queues the answer to a request that was acknowledged before, as a confirmable message of its
/// own. Without room for that it goes out once, non-confirmable. Returns what is to be sent now.
#[inline(never)]
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

#[inline(never)]
fn carry_out<M: DataModel>(
    asked: &Asked<'_>,
    response: &mut Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let Asked {
        request,
        options,
        payload,
        ..
    } = *asked;
    let path = &request.path;
    #[cfg(feature = "bootstrap")]
    if response.context.shared.client.is_bootstrapping() {
        return bootstrap::carry_out(asked, response);
    }
    #[cfg(feature = "bootstrap")]
    if options.is_finish {
        return Err(Failure::NotFound);
    }
    if *path == Path::ROOT {
        return composite(asked, response);
    }
    authorize(path)?;
    let discovers = options.accept == Some(ContentFormat::LinkFormat);
    let has_content = options.content_format.is_some();
    if let Some(operation) = access::operation(request.code, path, discovers, has_content) {
        access::check(response.context, operation, path)?;
    }
    let model = response.context.model;
    check_conditions(model, path, options)?;
    match request.code {
        Code::GET if discovers => response.content(None, &Content::links(Source::Discover, path)),
        Code::GET => get(asked, response),
        Code::PUT => match options.content_format {
            Some(format) => {
                write::write(model, path, format, payload, write::Mode::Replace)?;
                response.code(Code::CHANGED)
            }
            // Write-Attributes, or nothing at all.
            None if options.has_query => {
                write_attributes(response.context, path, asked.all_options)?;
                response.code(Code::CHANGED)
            }
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

/// Write-Attributes, whose queries are read when nothing else can refuse it.
#[inline(never)]
fn write_attributes<M: DataModel>(
    context: &Context<'_, '_, M>,
    path: &Path,
    options: AllOptions<'_>,
) -> Result<(), Failure> {
    let mut changes = Changes::NONE;
    for (number, value) in options {
        if number == option::URI_QUERY {
            changes.take(value);
        }
    }
    attributes::write(context, path, &changes)
}

/// Read-Composite and Write-Composite, which name no path but in their payload.
#[cfg(feature = "senml")]
#[inline(never)]
fn composite<M: DataModel>(
    asked: &Asked<'_>,
    response: &mut Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let Asked {
        request,
        options,
        payload,
        ..
    } = *asked;
    match request.code {
        Code::FETCH => {
            let (given, format) = composite::formats(options.content_format, options.accept)?;
            let shared = response.context.shared;
            let answer = shared.with_paths(|paths| {
                composite::take_paths(paths, given, payload)?;
                let content = Content {
                    source: Source::Composite,
                    paths: paths.as_slice(),
                    format,
                    series: Series::Show,
                };
                read(asked, &content, response)
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
fn composite<M>(_: &Asked<'_>, _: &mut Response<'_, '_, '_, M>) -> Result<usize, Failure> {
    Err(Failure::MethodNotAllowed)
}

/// Read, Observe, Cancel Observation of one path.
fn get<M: DataModel>(
    asked: &Asked<'_>,
    response: &mut Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let format = asked.options.accept.unwrap_or(DEFAULT_FORMAT);
    let content = Content {
        source: Source::Read,
        paths: core::slice::from_ref(&asked.request.path),
        format,
        series: Series::Show,
    };
    read(asked, &content, response)
}

/// Read, Observe, Cancel Observation, and the same of several paths.
fn read<M: DataModel>(
    asked: &Asked<'_>,
    content: &Content<'_>,
    response: &mut Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    match (content.paths.first(), asked.options.observe) {
        (Some(path), Some(OBSERVE_REGISTER | OBSERVE_DEREGISTER)) => {
            observe(asked, path, content, response)
        }
        _ => response.content(None, content),
    }
}

/// Observe and Cancel Observation; `path` is the first one.
#[inline(never)]
fn observe<M: DataModel>(
    asked: &Asked<'_>,
    path: &Path,
    content: &Content<'_>,
    response: &mut Response<'_, '_, '_, M>,
) -> Result<usize, Failure> {
    let Asked {
        request, options, ..
    } = asked;
    let context = response.context;
    let shared = context.shared;
    let (connection, token) = (request.connection, request.token);
    let observation = Observation {
        composite: content.source != Source::Read,
        path: *path,
        connection,
        token,
        format: content.format,
    };
    if options.observe == Some(OBSERVE_DEREGISTER) {
        let cancelled = shared.cancel_by_token(connection, &token);
        if !cancelled && cfg!(feature = "cancel-by-path") {
            if let Some(slot) = shared.observations.like(&observation, content.paths) {
                shared.cancel_observation(slot);
            }
        }
        return response.content(None, content);
    }
    // RFC 7641 §4.1: what was observed with this token before no longer is.
    if shared.observations.by_token(connection, &token)
        != shared.observations.like(&observation, content.paths)
    {
        shared.cancel_by_token(connection, &token);
    }
    attributes::read_defaults(context);
    // It is there before it is answered, so that it misses no change.
    let slot = shared
        .observations
        .add(&observation, content.paths, &shared.attributes, context.now)
        .map_err(|_| Failure::Unavailable)?;
    shared.forget_notification(slot);
    let sequence = shared.observations.sequence(slot);
    let answer = response.content(sequence, content);
    if answer.is_err() {
        shared.observations.cancel_slot(slot);
    }
    answer
}

/// Values of the Observe option in a request, RFC 7641 §2.
const OBSERVE_REGISTER: u32 = 0;
const OBSERVE_DEREGISTER: u32 = 1;

/// The format of an answer when the server names none, TS Core 1.1.1 §7.4; TLV in LwM2M 1.0. Text is
/// always there, for what is a single value.
const DEFAULT_FORMAT: ContentFormat = {
    let senml = cfg!(any(feature = "lwm2m-1-1", not(feature = "tlv")));
    if senml && cfg!(feature = "senml-cbor") {
        ContentFormat::SenmlCbor
    } else if senml && cfg!(feature = "senml-json") {
        ContentFormat::SenmlJson
    } else if cfg!(feature = "tlv") {
        ContentFormat::Tlv
    } else {
        ContentFormat::PlainText
    }
};
