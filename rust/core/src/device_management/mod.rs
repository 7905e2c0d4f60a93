// SPDX-License-Identifier: Apache-2.0
//! The Device Management and Service Enablement interface: Read, Discover, Write, Execute, Delete
//! and their composite forms; OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.

pub(crate) mod access;
pub mod arguments;
#[cfg(feature = "senml")]
pub(crate) mod composite;
pub mod discover;
pub mod read;
pub mod write;

use crate::coap::Code;
use crate::content::{ContentFormat, DecodeError, EncodeError};
use crate::model::{DataModel, ModelError, Resource};
use crate::path::{Level, Path};
use crate::registration::accounts::{OSCORE, SECURITY};

/// The object that cannot be deleted.
pub(crate) const DEVICE: u16 = 3;

/// Why an operation was not carried out.
// One variant at most holds another enumeration, so that it all is one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The data model or the application said so.
    Model(ModelError),
    /// [`EncodeError::Full`]
    Full,
    /// [`EncodeError::Unsupported`]
    Unsupported,
    /// [`EncodeError::Changed`]
    Changed,
    /// The method or operation does not exist at this path.
    MethodNotAllowed,
    /// The answer cannot be given in the format asked for.
    NotAcceptable,
    /// The payload's format is not supported, or not for this path.
    UnsupportedContentFormat,
    /// A critical option is not understood.
    BadOption,
    /// The request makes no sense.
    BadRequest,
    /// The path names nothing.
    NotFound,
    /// A configured resource ran out.
    Unavailable,
    /// A part of the request's payload, or of the answer's, is missing or gone.
    Incomplete,
    /// A condition of the request does not hold.
    PreconditionFailed,
    /// The message is longer than this client takes.
    TooLarge,
    /// The operation is not offered.
    NotImplemented,
    /// The request is meant for a proxy.
    ProxyingNotSupported,
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Failure::Model(error)
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Malformed | DecodeError::BadValue | DecodeError::BadPath => {
                Failure::BadRequest
            }
        }
    }
}

impl From<EncodeError> for Failure {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Full => Failure::Full,
            EncodeError::Unsupported => Failure::Unsupported,
            EncodeError::Changed => Failure::Changed,
        }
    }
}

impl Failure {
    /// Whether it is an [`EncodeError`].
    #[cfg(feature = "senml")]
    pub(crate) const fn is_of_encoding(self) -> bool {
        matches!(
            self,
            Failure::Full | Failure::Changed | Failure::Unsupported
        )
    }

    /// The one table from situation to response code, OMA-TS-LightweightM2M_Core-V1_1_1 table
    /// 6.3-2 ff. and RFC 7252 §5.9.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Failure::Model(error) => match error {
                ModelError::NotFound => Code::NOT_FOUND,
                ModelError::NotAllowed => Code::METHOD_NOT_ALLOWED,
                ModelError::Unauthorized => Code::UNAUTHORIZED,
                ModelError::BadRequest => Code::BAD_REQUEST,
                ModelError::TooLarge => Code::REQUEST_ENTITY_TOO_LARGE,
                ModelError::Incomplete => Code::REQUEST_ENTITY_INCOMPLETE,
                ModelError::UnsupportedFormat => Code::UNSUPPORTED_CONTENT_FORMAT,
                ModelError::NotAcceptable => Code::NOT_ACCEPTABLE,
                ModelError::NotImplemented => Code::NOT_IMPLEMENTED,
                ModelError::NoMemory | ModelError::Internal => Code::INTERNAL_SERVER_ERROR,
            },
            Failure::BadRequest => Code::BAD_REQUEST,
            Failure::Full | Failure::Changed => Code::INTERNAL_SERVER_ERROR,
            Failure::Unsupported | Failure::NotAcceptable => Code::NOT_ACCEPTABLE,
            Failure::MethodNotAllowed => Code::METHOD_NOT_ALLOWED,
            Failure::UnsupportedContentFormat => Code::UNSUPPORTED_CONTENT_FORMAT,
            Failure::BadOption => Code::BAD_OPTION,
            Failure::NotFound => Code::NOT_FOUND,
            Failure::Unavailable => Code::SERVICE_UNAVAILABLE,
            Failure::Incomplete => Code::REQUEST_ENTITY_INCOMPLETE,
            Failure::PreconditionFailed => Code::PRECONDITION_FAILED,
            Failure::TooLarge => Code::REQUEST_ENTITY_TOO_LARGE,
            Failure::NotImplemented => Code::NOT_IMPLEMENTED,
            Failure::ProxyingNotSupported => Code::PROXYING_NOT_SUPPORTED,
        }
    }
}

/// Whether an object holds keys, and so is no LwM2M Server's: the Security and the OSCORE object.
pub(crate) const fn holds_keys(object: u16) -> bool {
    matches!(object, SECURITY | OSCORE)
}

/// Refuses what no LwM2M Server may touch.
///
/// # Errors
/// The path lies in an object that holds keys.
pub fn authorize(path: &Path) -> Result<(), Failure> {
    if holds_keys(path.object_id()) {
        Err(Failure::Model(ModelError::Unauthorized))
    } else {
        Ok(())
    }
}

/// Whether a format carries one value only, so that its path must name a resource.
pub(crate) const fn is_single_value(format: ContentFormat) -> bool {
    matches!(
        format,
        ContentFormat::PlainText | ContentFormat::Opaque | ContentFormat::Cbor
    )
}

/// The resource a path of at least three segments names.
pub(crate) fn resource_at<M: DataModel>(
    model: &M,
    path: &Path,
) -> Result<Resource<M::Instance>, Failure> {
    match model.instance(path.object_id(), path.instance_id()) {
        Some(instance) => model.resource(&instance, path.resource_id()),
        None => None,
    }
    .ok_or(Failure::NotFound)
}

/// How many resource instances of a resource there are: in all, or with this id.
pub(crate) fn count_instances<M: DataModel>(
    model: &M,
    resource: &Resource<M::Instance>,
    wanted: Option<u16>,
) -> u16 {
    let (mut slot, mut count) = (0, 0_u16);
    while let Some((found, id)) = model.next_resource_instance(resource, slot) {
        slot = found.saturating_add(1);
        if wanted.is_none_or(|wanted| wanted == id) {
            count = count.saturating_add(1);
        }
    }
    count
}

/// Whether there is the resource, or resource instance, of `resource` that `path` names.
pub(crate) fn has_instance<M: DataModel>(
    model: &M,
    resource: &Resource<M::Instance>,
    path: &Path,
) -> bool {
    let id = path.resource_instance_id();
    path.level() == Level::Resource || count_instances(model, resource, Some(id)) > 0
}

/// Whether there is something at a path.
pub(crate) fn exists<M: DataModel>(model: &M, path: &Path) -> bool {
    match path.level() {
        Level::Root => true,
        Level::Object => model.object(path.object_id()).is_some(),
        Level::ObjectInstance => model
            .instance(path.object_id(), path.instance_id())
            .is_some(),
        _ => resource_at(model, path).is_ok_and(|resource| has_instance(model, &resource, path)),
    }
}

/// Execute, §6.3.5: `arguments` is the payload as it came.
///
/// # Errors
/// See [`Failure`].
pub fn execute<M: DataModel>(model: &M, path: &Path, arguments: &[u8]) -> Result<(), Failure> {
    if path.level() != Level::Resource {
        return Err(Failure::MethodNotAllowed);
    }
    let resource = resource_at(model, path)?;
    if !resource.permissions.execute() {
        return Err(Failure::MethodNotAllowed);
    }
    if !arguments::is_argument_list(arguments) {
        return Err(Failure::BadRequest);
    }
    Ok(model.execute(&resource, arguments)?)
}

/// Delete, §6.3.7.
///
/// # Errors
/// See [`Failure`].
pub fn delete<M: DataModel>(model: &M, path: &Path) -> Result<(), Failure> {
    if path.level() != Level::ObjectInstance || path.object_id() == DEVICE {
        return Err(Failure::MethodNotAllowed);
    }
    Ok(model.delete(path.object_id(), path.instance_id())?)
}
