// SPDX-License-Identifier: Apache-2.0
//! CoAP method and response codes (RFC 7252 §12.1, RFC 7959 §2.9, RFC 8132 §4).

#![allow(
    clippy::zero_prefixed_literal,
    reason = "codes look as in the RFC: 4 04"
)]

use std::fmt;

use coap_lite::MessageClass;

/// A code: three bits of class, five of detail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u8);

macro_rules! codes {
    ($($constant:ident $class:literal $detail:literal $name:literal)*) => {
        impl Code {
            $(
                #[doc = concat!(stringify!($class), ".", stringify!($detail), " ", $name)]
                pub const $constant: Code = Code::new($class, $detail);
            )*

            /// The name in the registry of codes, empty when unknown.
            pub fn name(self) -> &'static str {
                match self {
                    $(Code::$constant => $name,)*
                    _ => "",
                }
            }
        }
    };
}

codes! {
    EMPTY 0 00 "Empty"
    GET 0 01 "GET"
    POST 0 02 "POST"
    PUT 0 03 "PUT"
    DELETE 0 04 "DELETE"
    FETCH 0 05 "FETCH"
    PATCH 0 06 "PATCH"
    IPATCH 0 07 "iPATCH"
    CREATED 2 01 "Created"
    DELETED 2 02 "Deleted"
    VALID 2 03 "Valid"
    CHANGED 2 04 "Changed"
    CONTENT 2 05 "Content"
    CONTINUE 2 31 "Continue"
    BAD_REQUEST 4 00 "Bad Request"
    UNAUTHORIZED 4 01 "Unauthorized"
    BAD_OPTION 4 02 "Bad Option"
    FORBIDDEN 4 03 "Forbidden"
    NOT_FOUND 4 04 "Not Found"
    METHOD_NOT_ALLOWED 4 05 "Method Not Allowed"
    NOT_ACCEPTABLE 4 06 "Not Acceptable"
    REQUEST_ENTITY_INCOMPLETE 4 08 "Request Entity Incomplete"
    CONFLICT 4 09 "Conflict"
    PRECONDITION_FAILED 4 12 "Precondition Failed"
    REQUEST_ENTITY_TOO_LARGE 4 13 "Request Entity Too Large"
    UNSUPPORTED_CONTENT_FORMAT 4 15 "Unsupported Content-Format"
    UNPROCESSABLE_ENTITY 4 22 "Unprocessable Entity"
    INTERNAL_SERVER_ERROR 5 00 "Internal Server Error"
    NOT_IMPLEMENTED 5 01 "Not Implemented"
    BAD_GATEWAY 5 02 "Bad Gateway"
    SERVICE_UNAVAILABLE 5 03 "Service Unavailable"
    GATEWAY_TIMEOUT 5 04 "Gateway Timeout"
    PROXYING_NOT_SUPPORTED 5 05 "Proxying Not Supported"
}

impl Code {
    const fn new(class: u8, detail: u8) -> Code {
        Code(class << 5 | detail)
    }

    /// 0 request (or empty), 2 success, 4 client error, 5 server error.
    pub fn class(self) -> u8 {
        self.0 >> 5
    }

    /// A method.
    pub fn is_request(self) -> bool {
        self.class() == 0 && self != Code::EMPTY
    }

    /// A response of any class.
    pub fn is_response(self) -> bool {
        (2..=5).contains(&self.class())
    }

    /// A 2.xx response.
    pub fn is_success(self) -> bool {
        self.class() == 2
    }
}

impl From<MessageClass> for Code {
    fn from(class: MessageClass) -> Self {
        Code(class.into())
    }
}

impl From<Code> for MessageClass {
    fn from(code: Code) -> Self {
        code.0.into()
    }
}

impl fmt::Display for Code {
    /// `GET` for a method, `2.05 Content` for a response.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, detail, name) = (self.class(), self.0 & 0x1f, self.name());
        match (class, name) {
            (_, "") => write!(f, "{class}.{detail:02}"),
            (0, name) => f.write_str(name),
            (_, name) => write!(f, "{class}.{detail:02} {name}"),
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
