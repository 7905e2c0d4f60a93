// SPDX-License-Identifier: Apache-2.0
//! Why an operation was refused, one enum for each kind of operation, and what the error numbers
//! of application callbacks mean to the protocol. `lwm2m-capi` has the table from these to errno.

use core::ffi::c_int;
use lwm2m_core::model::ModelError;

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// The path has too few segments, or too many (`EINVAL`).
    Level,
    /// No such instance, definition, resource or resource instance (`ENOENT`).
    NotFound,
    /// The instance has no resources at all (`EINVAL`).
    NoResources,
}

/// Why a value was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetError {
    /// The path leads nowhere.
    Lookup(LookupError),
    /// The buffer is too short for the string or opaque (`ENOMEM`).
    TooLong,
    /// The buffer's size is not that of the value (`EINVAL`).
    WrongSize,
    /// The resource has no type that has values (`EINVAL`).
    NoType,
}

/// Why a value was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetError {
    /// The path leads nowhere.
    Lookup(LookupError),
    /// A length but no value, or no path (`EINVAL`).
    Null,
    /// The resource instance is read-only (`EACCES`).
    ReadOnly,
    /// The resource instance has no buffer (`EINVAL`).
    NoBuffer,
    /// The string or opaque does not fit (`ENOMEM`).
    TooLong,
    /// The value's size is not that of the buffer (`EINVAL`).
    WrongSize,
    /// The resource has no type that has values (`EINVAL`).
    NoType,
    /// The validate callback refused it; nothing was stored (`EINVAL`).
    Refused,
    /// The value was stored, and the post-write callback returned this.
    Callback(c_int),
}

/// Why a resource instance was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceInstanceError {
    /// The path leads nowhere.
    Lookup(LookupError),
    /// It exists, or 65535 was asked for (`EINVAL`).
    Taken,
    /// There is none, and the path does not say which to create (`EINVAL`).
    NotNamed,
    /// No slot is free (`ENOMEM`).
    NoRoom,
}

/// Why an object instance was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateError {
    /// The path does not name an object instance, or names 65535 (`EINVAL`).
    Level,
    /// No such object (`ENOENT`).
    NoObject,
    /// The object has no create callback (`EINVAL`).
    CannotCreate,
    /// The object has as many instances as it may have (`ENOMEM`).
    NoRoom,
    /// The instance exists, or the object's create callback made none (`EEXIST`).
    Exists,
    /// The application's create callback refused with this; the instance is gone again.
    Callback(c_int),
}

/// Why an object instance was not deleted, or what its object said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteError {
    /// The path does not name an object instance (`EINVAL`).
    Level,
    /// No such instance (`ENOENT`).
    NotFound,
    /// The instance is gone, and the object's delete callback returned this.
    Callback(c_int),
}

/// Why a callback was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// The path leads nowhere.
    Lookup(LookupError),
    /// The configuration has no validation (`ENOTSUP`).
    NotSupported,
}

/// Why a resource is not cached, or has no filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheError {
    /// The path leads nowhere; [`LookupError::Level`] also for no buffer.
    Lookup(LookupError),
    /// As many resources are cached as can be, or values of this type are not (`ENODATA`).
    NoRoom,
    /// The resource is not cached (`ENOENT`).
    NotCached,
}

impl From<LookupError> for CacheError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<LookupError> for GetError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<LookupError> for SetError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<LookupError> for ResourceInstanceError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<LookupError> for CallbackError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<CreateError> for ModelError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Level | CreateError::Exists => ModelError::BadRequest,
            CreateError::NoObject => ModelError::NotFound,
            CreateError::CannotCreate => ModelError::NotAllowed,
            CreateError::NoRoom => ModelError::NoMemory,
            CreateError::Callback(number) => refusal(number),
        }
    }
}

impl From<DeleteError> for ModelError {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::Level => ModelError::BadRequest,
            DeleteError::NotFound => ModelError::NotFound,
            DeleteError::Callback(number) => refusal(number),
        }
    }
}

/// What a negative error number from an application callback means, as the C's table says. Numbers above 34 differ between
/// C libraries: newlib, picolibc and Zephyr's own agree, glibc does not, and native_sim may have
/// either, so both are known here.
#[must_use]
pub fn refusal(number: c_int) -> ModelError {
    match number.unsigned_abs() {
        2 => ModelError::NotFound,                // ENOENT
        1 => ModelError::NotAllowed,              // EPERM
        17 => ModelError::BadRequest,             // EEXIST
        14 => ModelError::Incomplete,             // EFAULT
        27 => ModelError::TooLarge,               // EFBIG
        134 | 95 => ModelError::NotImplemented,   // ENOTSUP
        35 | 42 => ModelError::UnsupportedFormat, // ENOMSG
        13 => ModelError::Unauthorized,           // EACCES
        140 | 125 => ModelError::NotAcceptable,   // ECANCELED
        _ => ModelError::Internal,
    }
}
