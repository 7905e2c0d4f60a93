// SPDX-License-Identifier: Apache-2.0
//! The Constrained Application Protocol, RFC 7252, as far as an LwM2M client needs it.

pub mod block;
pub mod code;
pub mod deduplication;
pub mod exchange;
pub mod message;

pub use block::{Block, BlockSize};
pub use code::Code;
pub use message::{Builder, Message, MessageType, Token};

/// Option numbers, RFC 7252 §12.2, RFC 7641 §7, RFC 7959 §6, RFC 9175 §3; RFC 8132 uses
/// none of its own.
pub mod option {
    /// If-Match
    pub const IF_MATCH: u16 = 1;
    /// Uri-Host
    pub const URI_HOST: u16 = 3;
    /// ETag
    pub const ETAG: u16 = 4;
    /// If-None-Match
    pub const IF_NONE_MATCH: u16 = 5;
    /// Observe
    pub const OBSERVE: u16 = 6;
    /// Uri-Port
    pub const URI_PORT: u16 = 7;
    /// Location-Path
    pub const LOCATION_PATH: u16 = 8;
    /// Uri-Path
    pub const URI_PATH: u16 = 11;
    /// Content-Format
    pub const CONTENT_FORMAT: u16 = 12;
    /// Max-Age
    pub const MAX_AGE: u16 = 14;
    /// Uri-Query
    pub const URI_QUERY: u16 = 15;
    /// Accept
    pub const ACCEPT: u16 = 17;
    /// Block2
    pub const BLOCK2: u16 = 23;
    /// Block1
    pub const BLOCK1: u16 = 27;
    /// Size2
    pub const SIZE2: u16 = 28;
    /// Proxy-Uri
    pub const PROXY_URI: u16 = 35;
    /// Proxy-Scheme
    pub const PROXY_SCHEME: u16 = 39;
    /// Size1
    pub const SIZE1: u16 = 60;
    /// No-Response, RFC 7967
    pub const NO_RESPONSE: u16 = 258;
    /// Request-Tag
    pub const REQUEST_TAG: u16 = 292;

    /// Whether the option may come more than once, RFC 7252 table 4 and RFC 9175 §3.
    #[must_use]
    pub const fn is_repeatable(number: u16) -> bool {
        matches!(
            number,
            IF_MATCH | ETAG | LOCATION_PATH | URI_PATH | URI_QUERY | REQUEST_TAG
        )
    }

    /// Whether a receiver that does not know the option must refuse the message, RFC 7252 §5.4.1.
    #[must_use]
    pub const fn is_critical(number: u16) -> bool {
        number & 1 == 1
    }
}

/// Which server's connection (or which other peer's) something belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u8);

impl ConnectionId {
    /// The connection to the LwM2M Server the client is registered with.
    pub const SERVER: ConnectionId = ConnectionId(0);
    /// The connection over which a package is fetched.
    pub const PULL: ConnectionId = ConnectionId(1);

    /// Whether the peer may send requests: the one that packages come from is no LwM2M Server.
    #[must_use]
    pub(crate) const fn is_server(self) -> bool {
        self.0 != Self::PULL.0
    }
}

/// How many connections there can be at a time; ids are below.
pub const CONNECTIONS: usize = if cfg!(feature = "pull") { 2 } else { 1 };
