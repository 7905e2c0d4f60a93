// SPDX-License-Identifier: Apache-2.0
//! What ends an association or keeps one from coming about.

use std::ffi::c_int;
use std::fmt;

/// Numbers of Mbed TLS's `ssl.h` that mean more than that something failed.
mod code {
    use std::ffi::c_int;

    pub const TIMEOUT: c_int = -0x6800;
    pub const PEER_CLOSE_NOTIFY: c_int = -0x7880;
    pub const FATAL_ALERT_MESSAGE: c_int = -0x7780;
    pub const BAD_INPUT_DATA: c_int = -0x7100;
    pub const ALLOC_FAILED: c_int = -0x7f00;
    pub const X509_CERT_VERIFY_FAILED: c_int = -0x2700;
}

/// Why there is no association, or no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer did not answer in time.
    TimedOut,
    /// The peer has closed the association.
    Closed,
    /// The peer has ended it with a fatal alert; with a pre-shared key that is how a wrong key or
    /// identity shows.
    Alert,
    /// The peer's certificate is not accepted.
    Certificate(CertificateFault),
    /// The settings cannot be used, such as a key that does not belong to its certificate, or the
    /// data is longer than a record.
    Unusable(i32),
    /// There is no memory.
    Memory,
    /// The protocol was not followed, or anything else (a number of Mbed TLS's).
    Failed(i32),
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It does not prove the name that was asked for.
    OtherName,
    /// It does not lead to what is trusted.
    Untrusted,
    /// Anything else, such as a weak signature, or a use that it was not made for.
    Unfit,
}

impl Error {
    /// The error behind a negative number of Mbed TLS's.
    pub(crate) fn new(number: c_int) -> Self {
        match number {
            code::TIMEOUT => Self::TimedOut,
            code::PEER_CLOSE_NOTIFY => Self::Closed,
            code::FATAL_ALERT_MESSAGE => Self::Alert,
            code::BAD_INPUT_DATA => Self::Unusable(number),
            code::ALLOC_FAILED => Self::Memory,
            code::X509_CERT_VERIFY_FAILED => Self::Certificate(CertificateFault::Unfit),
            _ => Self::Failed(number),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("the peer does not answer"),
            Self::Closed => f.write_str("the peer has closed it"),
            Self::Alert => f.write_str("the peer refuses, as it does a key it does not know"),
            Self::Certificate(fault) => write!(f, "the peer's certificate {fault}"),
            Self::Unusable(number) => write!(f, "the credentials cannot be used ({number:#x})"),
            Self::Memory => f.write_str("there is no memory"),
            Self::Failed(number) => write!(f, "it failed ({number:#x})"),
        }
    }
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "has expired",
            Self::NotYetValid => "is not valid yet",
            Self::OtherName => "is for another name",
            Self::Untrusted => "is not trusted",
            Self::Unfit => "is not fit for this",
        })
    }
}

impl std::error::Error for Error {}
