// SPDX-License-Identifier: Apache-2.0
//! The way to a package through a proxy, which is told the URI as it is: RFC 7252 §5.10.2.

use crate::coap::{Block, Builder, option};
use crate::uri::{DefaultPorts, Uri};

use super::pull::{Settings, StartError, invalid};
use super::request::block_options;

/// Whether a URI can be fetched. What it says is the proxy's affair, but its scheme chooses the
/// kind of proxy.
pub(super) fn check(
    uri: &[u8],
    settings: &Settings,
    ports: DefaultPorts,
) -> Result<(), StartError> {
    proxy_path(uri).ok_or(StartError::UnsupportedScheme)?;
    Uri::split(settings.proxy, ports).map_err(invalid)?;
    Ok(())
}

/// The URI of the peer, which is the proxy.
pub(super) fn peer<'u>(_: &'u [u8], settings: &Settings) -> &'u [u8] {
    settings.proxy
}

/// As Zephyr's C asks a proxy: the kind of proxy is the path, the package is in Proxy-Uri.
pub(super) fn options(message: &mut Builder<'_>, uri: &[u8], _: DefaultPorts, block: Block) {
    message.option(option::URI_PATH, proxy_path(uri).unwrap_or_default());
    block_options(message, block);
    message.option(option::PROXY_URI, uri);
}

/// The path of the proxy for a URI, by its scheme.
fn proxy_path(uri: &[u8]) -> Option<&'static [u8]> {
    let scheme = uri.split(|byte| *byte == b':').next()?;
    let is = |name: &[u8]| scheme.eq_ignore_ascii_case(name);
    if is(b"coap") || is(b"coaps") {
        Some(b"coap2coap")
    } else if is(b"http") || is(b"https") {
        Some(b"coap2http")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coap::{BlockSize, Code, Message, MessageType, Token};
    use std::vec::Vec;

    const SETTINGS: Settings = Settings::new(64, 0).through(b"coap://proxy.example:7");

    #[test]
    fn the_proxy_is_connected_to_and_told_the_uri() {
        let uri = b"HTTP://packages.example/fw?1";
        assert_eq!(check(uri, &SETTINGS, DefaultPorts::STANDARD), Ok(()));
        assert_eq!(peer(uri, &SETTINGS), b"coap://proxy.example:7");
        let mut buffer = [0; 128];
        let kind = MessageType::Confirmable;
        let mut message = Builder::new(&mut buffer, kind, Code::GET, 1, &Token::EMPTY);
        let block = Block {
            number: 3,
            more: false,
            size: BlockSize::within(64),
        };
        options(&mut message, uri, DefaultPorts::STANDARD, block);
        let length = message.finish().unwrap();
        let message = Message::parse(&buffer[..length]).unwrap();
        assert_eq!(
            message.options().collect::<Vec<_>>(),
            [
                (option::URI_PATH, &b"coap2http"[..]),
                (option::BLOCK2, &[0x32]),
                (option::PROXY_URI, uri),
            ]
        );
    }

    #[test]
    fn other_schemes_and_a_bad_proxy_are_refused() {
        let ports = DefaultPorts::STANDARD;
        for uri in [&b"ftp://a"[..], b"", b"a"] {
            let error = Err(StartError::UnsupportedScheme);
            assert_eq!(check(uri, &SETTINGS, ports), error);
        }
        assert_eq!(proxy_path(b"coaps://a"), Some(&b"coap2coap"[..]));
        let bad = Settings::new(64, 0).through(b"proxy");
        assert_eq!(check(b"coap://a", &bad, ports), Err(StartError::InvalidUri));
    }
}
