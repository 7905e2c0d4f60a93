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

/// What is wrong with a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriError {
    /// It is not well formed.
    Invalid,
    /// Its scheme is neither `coap` nor `coaps`.
    UnsupportedScheme,
}

impl<'a> Uri<'a> {
    /// Reads a URI. User information, a path beyond a lone slash, a query and a fragment have no
    /// meaning for a server's address and are refused.
    ///
    /// # Errors
    /// Another scheme, no host, a bad port, or something after the authority.
    pub fn parse(text: &'a [u8], defaults: DefaultPorts) -> Result<Self, InvalidUri> {
        match Self::split(text, defaults) {
            Ok((uri, b"" | b"/")) => Ok(uri),
            _ => Err(InvalidUri),
        }
    }

    /// Reads the URI of something at a server: where the server is, and what names the thing there,
    /// from the first `/`, `?` or `#` on.
    ///
    /// # Errors
    /// See [`UriError`].
    pub fn split(text: &'a [u8], defaults: DefaultPorts) -> Result<(Self, &'a [u8]), UriError> {
        let (secure, rest) = if let Some(rest) = after_scheme(text, b"coap://") {
            (false, rest)
        } else if let Some(rest) = after_scheme(text, b"coaps://") {
            (true, rest)
        } else if has_scheme(text) {
            return Err(UriError::UnsupportedScheme);
        } else {
            return Err(UriError::Invalid);
        };
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b'/' | b'?' | b'#'));
        let (authority, resource) = rest
            .split_at_checked(end.unwrap_or(rest.len()))
            .ok_or(UriError::Invalid)?;
        let uri = Self::at(secure, authority, defaults).map_err(|InvalidUri| UriError::Invalid)?;
        Ok((uri, resource))
    }

    /// Reads the authority.
    fn at(secure: bool, authority: &'a [u8], defaults: DefaultPorts) -> Result<Self, InvalidUri> {
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

    /// Whether the host is an IP address, as far as can be told by its characters.
    #[cfg(all(feature = "pull", not(feature = "pull-proxy")))]
    pub(crate) fn is_address(&self) -> bool {
        let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        self.host.iter().all(digits) || split_at_byte(self.host, b':').is_some()
    }
}

/// Whether the text begins with a scheme and an authority, RFC 3986 §3.1.
fn has_scheme(text: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let length = text.iter().take_while(|byte| known(byte)).count();
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text
            .get(length..)
            .is_some_and(|rest| rest.starts_with(b"://"))
}

/// What follows the scheme, whose letters may be of either case.
fn after_scheme<'a>(text: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// What lies before and behind the first `byte`.
pub(crate) fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
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
    fn a_package_has_a_name_at_its_server() {
        let split = |text: &'static str| {
            Uri::split(text.as_bytes(), DefaultPorts::STANDARD).map(|(uri, resource)| {
                let text = |bytes| core::str::from_utf8(bytes).unwrap();
                (text(uri.host), uri.port, text(resource))
            })
        };
        assert_eq!(split("coap://a:7/b/c?d#e"), Ok(("a", 7, "/b/c?d#e")));
        assert_eq!(split("coaps://[::1]?d"), Ok(("::1", 5684, "?d")));
        assert_eq!(split("coap://a"), Ok(("a", 5683, "")));
        for text in ["http://a/b", "ftp://a", "x+y.z-1://"] {
            assert_eq!(split(text), Err(UriError::UnsupportedScheme), "{text}");
        }
        for text in [
            "",
            "a/b",
            "://a",
            "1a://b",
            "coap:/a",
            "coap",
            "coap:///a",
            "coap://",
        ] {
            assert_eq!(split(text), Err(UriError::Invalid), "{text}");
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
