// SPDX-License-Identifier: Apache-2.0
//! Server URIs: `coap://host[:port]` and `coaps://…`, RFC 7252 §6, RFC 3986 §3.2.2.

/// Ports of URIs that name none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultPorts {
    /// Without DTLS.
    pub plain: u16,
    /// With DTLS.
    pub secure: u16,
}

impl DefaultPorts {
    /// RFC 7252 §12.6 and §12.7.
    pub const STANDARD: DefaultPorts = DefaultPorts {
        plain: 5683,
        secure: 5684,
    };
}

/// Where a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// Whether the scheme is `coaps`.
    pub secure: bool,
    /// Host name, IPv4 address, or IPv6 address without its brackets.
    pub host: &'a [u8],
    /// The explicit port or the default.
    pub port: u16,
}

/// The text is no URI of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUri;

impl<'a> Uri<'a> {
    /// Reads a URI. User information, a path beyond a lone slash, a query and a fragment have no
    /// meaning for a server's address and are refused.
    ///
    /// # Errors
    /// Another scheme, no host, a bad port, or something after the authority.
    pub fn parse(text: &'a [u8], defaults: DefaultPorts) -> Result<Self, InvalidUri> {
        let (secure, authority) = if let Some(rest) = after_scheme(text, b"coap://") {
            (false, rest)
        } else {
            (true, after_scheme(text, b"coaps://").ok_or(InvalidUri)?)
        };
        let authority = authority.strip_suffix(b"/").unwrap_or(authority);
        let (host, port) = if let Some(literal) = authority.strip_prefix(b"[") {
            let (host, after) = split_at_byte(literal, b']').ok_or(InvalidUri)?;
            split_at_byte(host, b':').ok_or(InvalidUri)?;
            match after {
                [] => (host, after),
                [b':', port @ ..] => (host, port),
                _ => return Err(InvalidUri),
            }
        } else {
            split_at_byte(authority, b':').unwrap_or((authority, &[]))
        };
        let known = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'%')
        };
        if host.is_empty() || !host.iter().all(known) {
            return Err(InvalidUri);
        }
        let port = match (port, secure) {
            // RFC 3986 §3.2.3: an empty port is the default.
            ([], true) => defaults.secure,
            ([], false) => defaults.plain,
            (digits, _) => parse_port(digits)?,
        };
        Ok(Self { secure, host, port })
    }
}

/// What follows the scheme, whose letters may be of either case.
fn after_scheme<'a>(text: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// What lies before and behind the first `byte`.
fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|other| *other == byte)?;
    let (before, after) = text.split_at_checked(at)?;
    Some((before, after.split_first()?.1))
}

fn parse_port(digits: &[u8]) -> Result<u16, InvalidUri> {
    let mut port: u16 = 0;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return Err(InvalidUri);
        }
        port = port
            .checked_mul(10)
            .and_then(|port| port.checked_add(u16::from(byte & 0x0f)))
            .ok_or(InvalidUri)?;
    }
    if port == 0 { Err(InvalidUri) } else { Ok(port) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (text, secure, host, port) in [
            ("coap://127.0.0.1", false, "127.0.0.1", 5683),
            ("coap://127.0.0.1:56830", false, "127.0.0.1", 56830),
            ("COAPS://server.example/", true, "server.example", 5684),
            ("coaps://[2001:db8::1]:1", true, "2001:db8::1", 1),
            ("coap://[::1]", false, "::1", 5683),
            ("coap://host:", false, "host", 5683),
        ] {
            let host = host.as_bytes();
            let uri = Uri { secure, host, port };
            assert_eq!(
                Uri::parse(text.as_bytes(), DefaultPorts::STANDARD),
                Ok(uri),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_server_uri_is_refused() {
        for text in [
            "",
            "coap://",
            "http://host",
            "coap:/host",
            "coap://:5683",
            "coap://host:0",
            "coap://host:65536",
            "coap://host:5x",
            "coap://user@host",
            "coap://host/rd",
            "coap://host?x",
            "coap://[::1",
            "coap://[::1]x",
            "coap://[host]",
            "coap://::1",
            "coap://ho st",
            "coap://host//",
        ] {
            assert_eq!(
                Uri::parse(text.as_bytes(), DefaultPorts::STANDARD),
                Err(InvalidUri),
                "{text}"
            );
        }
        assert_eq!(
            Uri::parse(b"coap://\xff", DefaultPorts::STANDARD),
            Err(InvalidUri)
        );
    }
}
