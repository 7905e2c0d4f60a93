// SPDX-License-Identifier: Apache-2.0
//! Method and response codes, RFC 7252 §5.8 and §5.9, RFC 7959 §2.9, RFC 8132 §2 and §3.

/// A CoAP code: class in the upper three bits, detail in the lower five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u8);

#[allow(missing_docs)]
impl Code {
    pub const EMPTY: Code = Code(0);
    pub const GET: Code = Code(1);
    pub const POST: Code = Code(2);
    pub const PUT: Code = Code(3);
    pub const DELETE: Code = Code(4);
    pub const FETCH: Code = Code(5);
    pub const PATCH: Code = Code(6);
    pub const IPATCH: Code = Code(7);
    pub const CREATED: Code = Code::response(2, 1);
    pub const DELETED: Code = Code::response(2, 2);
    pub const CHANGED: Code = Code::response(2, 4);
    pub const CONTENT: Code = Code::response(2, 5);
    pub const CONTINUE: Code = Code::response(2, 31);
    pub const BAD_REQUEST: Code = Code::response(4, 0);
    pub const UNAUTHORIZED: Code = Code::response(4, 1);
    pub const BAD_OPTION: Code = Code::response(4, 2);
    pub const NOT_FOUND: Code = Code::response(4, 4);
    pub const METHOD_NOT_ALLOWED: Code = Code::response(4, 5);
    pub const NOT_ACCEPTABLE: Code = Code::response(4, 6);
    pub const REQUEST_ENTITY_INCOMPLETE: Code = Code::response(4, 8);
    pub const PRECONDITION_FAILED: Code = Code::response(4, 12);
    pub const REQUEST_ENTITY_TOO_LARGE: Code = Code::response(4, 13);
    pub const UNSUPPORTED_CONTENT_FORMAT: Code = Code::response(4, 15);
    pub const INTERNAL_SERVER_ERROR: Code = Code::response(5, 0);
    pub const NOT_IMPLEMENTED: Code = Code::response(5, 1);
    pub const SERVICE_UNAVAILABLE: Code = Code::response(5, 3);
    pub const PROXYING_NOT_SUPPORTED: Code = Code::response(5, 5);

    const fn response(class: u8, detail: u8) -> Code {
        Code((class << 5) | detail)
    }
}

impl Code {
    /// 0 for requests and the empty message, 2, 4 or 5 for responses.
    #[must_use]
    pub const fn class(self) -> u8 {
        self.0 >> 5
    }

    /// The part after the dot.
    #[must_use]
    pub const fn detail(self) -> u8 {
        self.0 & 0x1f
    }

    /// A method, known or not.
    #[must_use]
    pub const fn is_request(self) -> bool {
        self.class() == 0 && self.detail() != 0
    }

    /// A response of class 2, 4 or 5.
    #[must_use]
    pub const fn is_response(self) -> bool {
        matches!(self.class(), 2 | 4 | 5)
    }

    /// Whether a response says that the request was carried out: 2.31 only asks for more of it.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.class() == 2 && self.0 != Code::CONTINUE.0
    }
}
