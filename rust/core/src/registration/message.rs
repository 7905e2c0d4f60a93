// SPDX-License-Identifier: Apache-2.0
//! Register, Update and De-register requests, OMA-TS-LightweightM2M_Core-V1_1_1 §6.2,
//! OMA-TS-LightweightM2M-V1_0_2 §5.3.

use core::cell::Cell;

use crate::coap::exchange::confirmable;
use crate::coap::{Builder, Code, Message, Token, option};
use crate::content::{ContentFormat, EncodeError, LinkWriter, Output, put_unsigned};
use crate::device_management::holds_keys;
use crate::model::DataModel;
use crate::path::Path;
use crate::registration::accounts::SECURITY;

/// The enabler version in the `lwm2m` query parameter.
pub const ENABLER_VERSION: &str = if cfg!(feature = "lwm2m-1-1") {
    "1.1"
} else {
    "1.0"
};

/// Whether this build speaks LwM2M 1.1; else it speaks 1.0.
pub const VERSION_1_1: bool = cfg!(feature = "lwm2m-1-1");

/// What a Register says about the client.
pub struct Parameters<'p> {
    /// Endpoint Client Name.
    pub endpoint: &'p [Cell<u8>],
    /// Registration lifetime in seconds.
    pub lifetime: u32,
    /// Binding modes as the Server object has them, such as `U` or `UQ`.
    pub binding: &'p [u8],
    /// Whether the client uses the queue mode, whatever they say of it.
    pub queue: bool,
}

/// Writes a Register and returns its length.
///
/// # Errors
/// It does not fit.
pub fn register(
    buffer: &mut [u8],
    message_id: u16,
    token: &Token,
    parameters: &Parameters<'_>,
    links: End<'_>,
) -> Result<usize, EncodeError> {
    let mut request = confirmable(buffer, Code::POST, message_id, token);
    request.option(option::URI_PATH, b"rd");
    request.option_uint(option::CONTENT_FORMAT, ContentFormat::LinkFormat as u32);
    query(&mut request, b"lwm2m=", ENABLER_VERSION.as_bytes());
    request.option_cells(option::URI_QUERY, b"ep=", parameters.endpoint);
    lifetime(&mut request, parameters.lifetime);
    binding(&mut request, parameters);
    links(request)
}

/// Writes an Update and returns its length: the new lifetime if it changed, the objects if some
/// came or went.
///
/// # Errors
/// It does not fit.
pub fn update(
    buffer: &mut [u8],
    message_id: u16,
    token: &Token,
    location: &Location<'_>,
    new_lifetime: Option<u32>,
    links: Option<End<'_>>,
) -> Result<usize, EncodeError> {
    let mut request = confirmable(buffer, Code::POST, message_id, token);
    location.write(&mut request);
    if links.is_some() {
        request.option_uint(option::CONTENT_FORMAT, ContentFormat::LinkFormat as u32);
    }
    if let Some(seconds) = new_lifetime {
        lifetime(&mut request, seconds);
    }
    match links {
        Some(links) => links(request),
        None => request.finish(),
    }
}

/// Writes a De-register and returns its length.
///
/// # Errors
/// It does not fit.
pub fn deregister(
    buffer: &mut [u8],
    message_id: u16,
    token: &Token,
    location: &Location<'_>,
) -> Result<usize, EncodeError> {
    let mut request = confirmable(buffer, Code::DELETE, message_id, token);
    location.write(&mut request);
    request.finish()
}

fn query(request: &mut Builder<'_>, name: &[u8], value: &[u8]) {
    request.option_parts(option::URI_QUERY, name, value);
}

fn lifetime(request: &mut Builder<'_>, seconds: u32) {
    let mut digits = [0; 10];
    let mut output = Output::new(&mut digits);
    // Ten digits are enough for any 32-bit number.
    if put_unsigned(&mut output, u64::from(seconds)).is_ok() {
        query(request, b"lt=", output.written());
    }
}

/// UDP without queue mode is the default and not named. LwM2M 1.1 has a parameter of its own for
/// the queue mode, 1.0 makes it part of the binding.
fn binding(request: &mut Builder<'_>, parameters: &Parameters<'_>) {
    let queue = parameters.queue || parameters.binding.contains(&b'Q');
    let mut modes = [0; 8];
    let mut output = Output::new(&mut modes);
    for mode in parameters.binding.iter().filter(|mode| **mode != b'Q') {
        // More modes than there are do not fit; the first ones count.
        let _ = output.put(*mode);
    }
    if output.written().is_empty() {
        let _ = output.put(b'U');
    }
    if !queue && output.written() == b"U" {
        return;
    }
    if queue && !VERSION_1_1 {
        let _ = output.put(b'Q');
    }
    query(request, b"b=", output.written());
    if queue && VERSION_1_1 {
        query(request, b"Q", b"");
    }
}

/// Ends a message with the links, RFC 6690, of the objects and their instances.
pub type End<'e> = &'e mut dyn FnMut(Builder<'_>) -> Result<usize, EncodeError>;

/// A walk over what is announced, the objects and their instances, and how far it came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Links {
    begun: bool,
    object: Option<u16>,
    instance: Option<u16>,
}

/// Longest link, with the comma before it.
#[cfg(feature = "block-transfer")]
pub(crate) const LONGEST_LINK: usize = ",</65535/65534>".len() + ";ver=255.255".len();

impl Links {
    /// Goes on listing, until the payload is longer than `enough`. Returns its length, and whether
    /// that was all.
    ///
    /// # Errors
    /// They do not fit.
    pub fn write<M: DataModel>(
        &mut self,
        output: Output<'_>,
        model: &M,
        enough: usize,
    ) -> Result<(usize, bool), EncodeError> {
        let mut links = LinkWriter::new(output);
        if cfg!(feature = "senml-cbor") && !self.begun {
            links.link(&Path::ROOT)?;
            links.number("ct", ContentFormat::SenmlCbor as i64)?;
        }
        self.begun = true;
        let mut object = self.object.unwrap_or(SECURITY);
        let mut next = match self.object {
            Some(object) => model.next_instance(object, self.instance),
            None => None,
        };
        while links.position() <= enough {
            if let Some(instance) = next {
                links.link(&Path::instance(object, instance))?;
                self.instance = next;
                next = model.next_instance(object, next);
                continue;
            }
            let Some(info) = model.next_object(self.object) else {
                return Ok((links.position(), true));
            };
            object = info.id;
            self.object = Some(object);
            self.instance = None;
            // TS Core 1.1.1 §6.2.1: not announced.
            if holds_keys(object) {
                continue;
            }
            next = model.next_instance(object, None);
            // A server infers an object from its instances, unless there are none or it must be
            // told the version.
            if info.announce_version || next.is_none() {
                links.link(&Path::object(object))?;
                if info.announce_version {
                    links.version(info.version.0, info.version.1)?;
                }
            }
        }
        Ok((links.position(), false))
    }
}

/// Where the server put the registration: the Location-Path of its answer, each segment behind its
/// length, in storage lent by the caller.
pub struct Location<'a> {
    bytes: &'a [Cell<u8>],
    used: Cell<usize>,
}

impl<'a> Location<'a> {
    /// No location yet.
    #[must_use]
    pub const fn new(bytes: &'a [Cell<u8>]) -> Self {
        Self {
            bytes,
            used: Cell::new(0),
        }
    }

    /// Takes the location of an answer to a Register.
    ///
    /// # Errors
    /// There is none, or it is longer than the storage.
    pub fn take(&self, answer: &Message<'_>) -> Result<(), EncodeError> {
        self.used.set(0);
        let mut used = 0_usize;
        for (_, segment) in answer
            .options()
            .filter(|(number, _)| *number == option::LOCATION_PATH)
        {
            let length = u8::try_from(segment.len()).map_err(|_| EncodeError::Full)?;
            let end = used.saturating_add(1).saturating_add(segment.len());
            let room = self.bytes.get(used..end).ok_or(EncodeError::Full)?;
            for (to, from) in room.iter().zip(core::iter::once(&length).chain(segment)) {
                to.set(*from);
            }
            used = end;
        }
        if used == 0 {
            return Err(EncodeError::Unsupported);
        }
        self.used.set(used);
        Ok(())
    }

    /// Writes it as Uri-Path.
    fn write(&self, request: &mut Builder<'_>) {
        let mut rest = self.bytes.get(..self.used.get()).unwrap_or_default();
        while let Some((length, tail)) = rest.split_first() {
            let (segment, tail) = tail
                .split_at_checked(usize::from(length.get()))
                .unwrap_or((tail, &[]));
            request.option_cells(option::URI_PATH, b"", segment);
            rest = tail;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    /// What a Register says behind its lifetime.
    fn said_of_binding(binding: &[u8], queue: bool) -> Vec<String> {
        let endpoint = [Cell::new(b'e')];
        let parameters = Parameters {
            endpoint: &endpoint,
            lifetime: 60,
            binding,
            queue,
        };
        let mut buffer = [0; 64];
        let token = Token::new(&[1]);
        let links: End<'_> = &mut |request| request.finish();
        let length = register(&mut buffer, 1, &token, &parameters, links).unwrap();
        let message = Message::parse(&buffer[..length]).unwrap();
        let queries = message
            .options()
            .filter(|(number, _)| *number == option::URI_QUERY);
        let texts = queries.map(|(_, value)| String::from_utf8(value.to_vec()).unwrap());
        texts.skip(3).collect()
    }

    #[test]
    fn a_register_names_the_binding_and_the_queue_mode_that_are_not_the_default() {
        let queued: &[&str] = if VERSION_1_1 {
            &["b=U", "Q"]
        } else {
            &["b=UQ"]
        };
        for (binding, queue, expected) in [
            (&b""[..], false, &[][..]),
            (b"U", false, &[]),
            (b"T", false, &["b=T"]),
            (b"", true, queued),
            (b"U", true, queued),
            (b"UQ", true, queued),
            (b"UQ", false, queued),
        ] {
            assert_eq!(
                said_of_binding(binding, queue),
                expected,
                "{binding:?} {queue}"
            );
        }
    }
}
