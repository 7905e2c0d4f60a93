// SPDX-License-Identifier: Apache-2.0
//! Why a request came to nothing.

use std::convert::Infallible;
use std::fmt;

use crate::{Code, InvalidPath, content};

/// Why a request came to nothing. A response of an error class is not among these, but see
/// [`Response::success`](crate::Response::success).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// No client of that name is registered.
    NotRegistered(String),
    /// No acknowledgement came to any of the transmissions, or no response after one.
    Timeout,
    /// The client answered with a Reset message.
    Reset,
    /// The response was of an error class.
    Refused(Code),
    /// A block did not continue the one before it, or the representation changed meanwhile.
    Blockwise(&'static str),
    /// The content could not be read or written.
    Content(content::Error),
    /// The text given is no path.
    Path(InvalidPath),
    /// The server has stopped.
    Stopped,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotRegistered(endpoint) => write!(f, "{endpoint} is not registered"),
            Error::Timeout => f.write_str("no answer"),
            Error::Reset => f.write_str("answered with Reset"),
            Error::Refused(code) => write!(f, "refused with {code}"),
            Error::Blockwise(problem) => write!(f, "block-wise transfer broke: {problem}"),
            Error::Content(error) => error.fmt(f),
            Error::Path(error) => error.fmt(f),
            Error::Stopped => f.write_str("server has stopped"),
        }
    }
}

impl std::error::Error for Error {}

impl From<content::Error> for Error {
    fn from(error: content::Error) -> Self {
        Error::Content(error)
    }
}

impl From<InvalidPath> for Error {
    fn from(error: InvalidPath) -> Self {
        Error::Path(error)
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
