// SPDX-License-Identifier: Apache-2.0
//! The parsers outside the content formats: messages, paths, URIs, arguments of Execute. What is accepted, written again,
//! is accepted as the same.

use lwm2m_core::coap::{Message, MessageType};
use lwm2m_core::device_management::arguments::is_argument_list;
use lwm2m_core::path::Path;
use lwm2m_core::uri::{DefaultPorts, Uri};

use crate::support;

/// A datagram is a message or an error; the message, built from its parts, is equal to it.
pub fn message(datagram: &[u8]) {
    let Ok(message) = Message::parse(datagram) else {
        return;
    };
    let options: Vec<(u16, &[u8])> = message.options().collect();
    assert!(options.len() <= datagram.len());
    assert!(options.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    if datagram.len() > 1024 {
        return;
    }
    let again = support::message(
        message.kind,
        message.code,
        message.message_id,
        message.token.as_bytes(),
        &options,
        message.payload,
    );
    let parsed = Message::parse(&again).expect("built by the builder");
    assert_eq!(parsed.kind, message.kind);
    assert_eq!(parsed.code, message.code);
    assert_eq!(parsed.message_id, message.message_id);
    assert_eq!(parsed.token.as_bytes(), message.token.as_bytes());
    assert_eq!(parsed.options().collect::<Vec<_>>(), options);
    assert_eq!(parsed.payload, message.payload);
    assert!(message.kind != MessageType::Reset || datagram.len() == 4);
}

/// A path's text, written from its segments, names the same path.
pub fn path(text: &[u8]) {
    let Ok(path) = Path::parse(text) else {
        return;
    };
    let segments: Vec<u16> = path.segments().collect();
    let again: String = segments.iter().map(|id| format!("/{id}")).collect();
    assert_eq!(Path::parse(again.as_bytes()).ok(), Some(path));
}

/// A URI is refused or has a host and a port.
pub fn uri(text: &[u8]) {
    if let Ok(uri) = Uri::parse(text, DefaultPorts::STANDARD) {
        assert!(!uri.host.is_empty() && uri.port != 0);
        assert!(uri.host.len() < text.len());
    }
    if let Ok((uri, resource)) = Uri::split(text, DefaultPorts::STANDARD) {
        assert!(text.ends_with(resource));
        let whole = Uri::parse(&text[..text.len() - resource.len()], DefaultPorts::STANDARD);
        assert_eq!(whole, Ok(uri));
    }
}

/// A list of arguments is one still with another list behind it, each of its values is one alone, and it
/// has no byte that an application would have to beware of.
pub fn arguments(text: &[u8]) {
    if text.is_empty() || !is_argument_list(text) {
        return;
    }
    assert!(text.iter().all(|byte| byte.is_ascii_graphic()));
    assert!(text[0].is_ascii_digit());
    assert!(is_argument_list(&[text, b",", text].concat()));
    for behind in [&b","[..], b"'", b"=", b" ", b"0"] {
        assert!(!is_argument_list(&[text, behind].concat()));
    }
    // Commas lie between arguments or inside of quotes.
    let mut quoted = false;
    let arguments = text.split(|byte| {
        quoted ^= *byte == b'\'';
        *byte == b',' && !quoted
    });
    for argument in arguments {
        assert!(is_argument_list(argument));
        assert!(argument.len() == 1 || argument[1..].starts_with(b"='"));
    }
}
