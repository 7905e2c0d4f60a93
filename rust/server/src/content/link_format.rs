// SPDX-License-Identifier: Apache-2.0
//! CoRE Link Format: the payload of Register, Update and Discover
//! (RFC 6690 §2, OMA-TS-LightweightM2M_Core-V1_1_1 §6.2.1, §6.3.2).

use std::fmt;

use super::Error;
use crate::Path;

/// One link and its attributes, quotation marks removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    /// What stands between `<` and `>`.
    pub target: String,
    /// Attributes in order; no value where there is no `=`.
    pub attributes: Vec<(String, Option<String>)>,
}

impl WebLink {
    /// The target as a path of the resource model, if it is one.
    pub fn path(&self) -> Option<Path> {
        self.target.parse().ok()
    }

    /// The value of an attribute; empty for one without `=`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value.as_deref().unwrap_or_default())
    }
}

impl fmt::Display for WebLink {
    /// The link as it is written in a payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.target)?;
        for (name, value) in &self.attributes {
            match value {
                None => write!(f, ";{name}")?,
                Some(value) if is_number(value) => {
                    write!(f, ";{name}={value}")?;
                }
                Some(value) => {
                    write!(
                        f,
                        ";{name}=\"{}\"",
                        value.replace('\\', r"\\").replace('"', "\\\"")
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// Digits, as of `ver` and `pmin`, are written without quotation marks.
fn is_number(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte))
}

/// A ptoken character (RFC 6690 §2): what a value may hold without quotation marks.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// A parname character (RFC 5987 §3.2.1), with the trailing `*` of an extended name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~*".contains(&byte)
}

/// Reads a list of links; an empty payload is an empty list.
///
/// # Errors
/// When the payload is not of the grammar of RFC 6690 §2.
pub fn decode(payload: &[u8]) -> Result<Vec<WebLink>, Error> {
    let text = std::str::from_utf8(payload).map_err(|_| Error::Malformed("link is not UTF-8"))?;
    let mut parser = Parser { rest: text };
    let mut links = Vec::new();
    if parser.rest.is_empty() {
        return Ok(links);
    }
    loop {
        links.push(parser.link()?);
        if parser.rest.is_empty() {
            return Ok(links);
        }
        parser.expect(',', "links are not separated by a comma")?;
    }
}

/// Writes a list of links.
pub fn encode(links: &[WebLink]) -> String {
    let links: Vec<String> = links.iter().map(WebLink::to_string).collect();
    links.join(",")
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn link(&mut self) -> Result<WebLink, Error> {
        self.expect('<', "link does not begin with <")?;
        let (target, rest) = self.rest.split_once('>').ok_or(Error::Truncated)?;
        self.rest = rest;
        let mut attributes = Vec::new();
        while self.skip(';') {
            attributes.push(self.attribute()?);
        }
        Ok(WebLink {
            target: target.to_owned(),
            attributes,
        })
    }

    fn attribute(&mut self) -> Result<(String, Option<String>), Error> {
        let name = self.take_while(is_name);
        if name.is_empty() {
            return Err(Error::Malformed("attribute without a name"));
        }
        if !self.skip('=') {
            return Ok((name.to_owned(), None));
        }
        let value = match self.skip('"') {
            true => self.quoted()?,
            false => self.take_while(is_bare).to_owned(),
        };
        Ok((name.to_owned(), Some(value)))
    }

    /// The rest of a quoted string, its opening mark already taken.
    fn quoted(&mut self) -> Result<String, Error> {
        let mut value = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next().ok_or(Error::Truncated)? {
                '"' => break,
                '\\' => value.push(characters.next().ok_or(Error::Truncated)?),
                other => value.push(other),
            }
        }
        self.rest = characters.as_str();
        Ok(value)
    }

    fn take_while(&mut self, accepted: fn(u8) -> bool) -> &'a str {
        let rest = self.rest;
        let end = rest
            .bytes()
            .position(|byte| !accepted(byte))
            .unwrap_or(rest.len());
        let (taken, rest) = rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, character: char, rule: &'static str) -> Result<(), Error> {
        self.skip(character)
            .then_some(())
            .ok_or(Error::Malformed(rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(target: &str, attributes: &[(&str, Option<&str>)]) -> WebLink {
        let owned =
            |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(str::to_owned));
        WebLink {
            target: target.to_owned(),
            attributes: attributes.iter().map(owned).collect(),
        }
    }

    /// OMA-TS-LightweightM2M_Core-V1_1_1 §6.2.1, with an alternate path and a version.
    #[test]
    fn registration_links_decode() {
        let payload = br#"</>;rt="oma.lwm2m";ct=112,</1/0>,</3/0>;ver=1.1,</3303>;ver="1.1""#;
        let expected = [
            link("/", &[("rt", Some("oma.lwm2m")), ("ct", Some("112"))]),
            link("/1/0", &[]),
            link("/3/0", &[("ver", Some("1.1"))]),
            link("/3303", &[("ver", Some("1.1"))]),
        ];
        assert_eq!(decode(payload).unwrap(), expected);
        assert_eq!(expected[1].path(), "/1/0".parse().ok());
    }

    /// RFC 6690 §5.
    #[test]
    fn quoted_values_may_hold_separators() {
        let payload = br#"</s>;if="sensor";title="a, b; \"c\" \\";obs,</t>;anchor="""#;
        let expected = [
            link(
                "/s",
                &[
                    ("if", Some("sensor")),
                    ("title", Some(r#"a, b; "c" \"#)),
                    ("obs", None),
                ],
            ),
            link("/t", &[("anchor", Some(""))]),
        ];
        assert_eq!(decode(payload).unwrap(), expected);
        assert_eq!(decode(encode(&expected).as_bytes()).unwrap(), expected);
    }

    #[test]
    fn attributes_of_discover_are_found_by_name() {
        let links = decode(b"</3/0/7>;dim=2;pmin=10;lt=-5.5;gt=").unwrap();
        assert_eq!(links[0].attribute("dim"), Some("2"));
        assert_eq!(links[0].attribute("lt"), Some("-5.5"));
        assert_eq!(links[0].attribute("gt"), Some(""));
        assert_eq!(links[0].attribute("st"), None);
    }

    #[test]
    fn bad_links_are_refused() {
        let payloads: &[&[u8]] = &[
            b"/3",
            b"</3",
            b"</3>,",
            b"</3></4>",
            b"</3>;",
            b"</3>;a=\"b",
            b"</3>;=1",
            b"\xff",
        ];
        for payload in payloads {
            assert!(decode(payload).is_err(), "{payload:?}");
        }
        assert_eq!(decode(b""), Ok(vec![]));
    }
}
