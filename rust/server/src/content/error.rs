// SPDX-License-Identifier: Apache-2.0
//! Why a payload could not be read or written.

use std::fmt;

use super::ContentFormat;
use crate::{InvalidPath, Path};

/// Why a payload could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The payload ends before the item it announces.
    Truncated,
    /// The payload breaks a rule of its format.
    Malformed(&'static str),
    /// A name in the payload is no path.
    Path(InvalidPath),
    /// A value lies outside the path of the request.
    Outside {
        /// The request's path.
        base: Path,
        /// The value's.
        path: Path,
    },
    /// The server has no codec for the format, or the format cannot carry the value.
    Unsupported(ContentFormat),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Truncated => f.write_str("payload is cut short"),
            Error::Malformed(rule) => write!(f, "malformed payload: {rule}"),
            Error::Path(error) => error.fmt(f),
            Error::Outside { base, path } => write!(f, "{path} is not within {base}"),
            Error::Unsupported(format) => write!(f, "not possible in content format {format}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<InvalidPath> for Error {
    fn from(error: InvalidPath) -> Self {
        Error::Path(error)
    }
}
