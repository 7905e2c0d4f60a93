// SPDX-License-Identifier: Apache-2.0
//! What the protocol needs of a data model: objects, instances and resources, wherever they live.
//!
//! Every method takes `&self`, because an application callback that runs inside one of them may
//! call back into the same model. A handle ([`DataModel::Instance`], [`Resource`]) stays meaningful
//! across such callbacks: the model finds its node again by number, or says that it is gone.

use crate::path::Path;
use crate::time::Instant;
use crate::time_series::Samples;
use crate::value::{Bytes, DataType, Value};

/// An object as it is announced to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Object ID.
    pub id: u16,
    /// Version of the object definition, major and minor.
    pub version: (u8, u8),
    /// Whether the version must be named in object links because it is not the one the enabler
    /// version implies.
    pub announce_version: bool,
}

/// Operations a resource allows, OMA-TS-LightweightM2M_Core-V1_1_1 §7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions(u8);

impl Permissions {
    /// Read, Observe.
    pub const READ: u8 = 1;
    /// Write.
    pub const WRITE: u8 = 1 << 1;
    /// Execute.
    pub const EXECUTE: u8 = 1 << 4;

    /// None of them.
    pub const NONE: Self = Self(0);
    /// Read, Observe.
    pub const READABLE: Self = Self(Self::READ);

    /// The operations whose bits are set; other bits say nothing.
    #[must_use]
    pub const fn new(bits: u8) -> Self {
        Self(bits)
    }

    /// Whether all of `operations` are among them.
    #[must_use]
    pub const fn contains(self, operations: Self) -> bool {
        self.0 & operations.0 == operations.0
    }

    /// Whether it can be read.
    #[must_use]
    pub const fn read(self) -> bool {
        self.0 & Self::READ != 0
    }

    /// Whether it can be written.
    #[must_use]
    pub const fn write(self) -> bool {
        self.0 & Self::WRITE != 0
    }

    /// Whether it can be executed.
    #[must_use]
    pub const fn execute(self) -> bool {
        self.0 & Self::EXECUTE != 0
    }
}

/// A resource of an instance: what is known of it without asking for its value, and enough for its
/// model to find it again after a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<I> {
    /// The object instance.
    pub instance: I,
    /// Resource ID.
    pub id: u16,
    /// Where in the instance's own table it is.
    pub index: u16,
    /// Allowed operations.
    pub permissions: Permissions,
    /// Data type and width.
    pub data_type: DataType,
    /// Whether it may have several resource instances.
    pub multiple: bool,
    /// How many slots for resource instances there are, used or not.
    pub slots: u16,
}

/// Why an access to the data model was refused. `device_management` has the one table that turns
/// it into a CoAP response code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// There is no such object, instance, resource or value.
    NotFound,
    /// The operation is not allowed on this node.
    NotAllowed,
    /// Access is denied.
    Unauthorized,
    /// The value's type, range or length does not suit the resource, or a callback refused it.
    BadRequest,
    /// The value is longer than the resource can hold.
    TooLarge,
    /// No room for another instance.
    NoMemory,
    /// A part of the body is missing.
    Incomplete,
    /// The content format does not suit.
    UnsupportedFormat,
    /// The answer's format does not suit.
    NotAcceptable,
    /// The model does not implement this.
    NotImplemented,
    /// The application failed.
    Internal,
}

/// What a server wants to do, as access rights tell it apart, OMA-TS-LightweightM2M_Core-V1_1_1 §8.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Read, Observe, and their composite forms.
    Read,
    /// Write, Write-Composite.
    Write,
    /// Execute.
    Execute,
    /// Create.
    Create,
    /// Delete.
    Delete,
    /// Discover.
    Discover,
    /// Write-Attributes.
    WriteAttributes,
}

/// Whether a server may be registered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It may.
    Enabled,
    /// Not before this.
    DisabledUntil(Instant),
    /// Not any more.
    Disabled,
}

/// A value that arrives in pieces, or whole (`offset` 0 and `last`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The bytes of this piece.
    pub data: &'a [u8],
    /// Where in the whole value this piece begins.
    pub offset: usize,
    /// The length of the whole value, 0 when the sender did not say.
    pub total: usize,
    /// Whether it is the last piece.
    pub last: bool,
}

/// Hears what happens to a data model, whoever caused it: the client keeps its observations and
/// its registration by it. Called with the registry lock held.
pub trait Changes {
    /// The value at `path` changed: a resource, or a resource instance of a multiple resource.
    fn resource_changed(&self, path: Path);

    /// An object instance was created, or was deleted. A path of level Object: the object was
    /// unregistered (`created` is false), its instances may stay behind.
    fn instances_changed(&self, path: Path, created: bool);
}

/// Objects, instances and resources as the protocol sees them.
pub trait DataModel {
    /// Names an object instance; finds it again after a callback.
    type Instance: Copy;
    /// A string or opaque value, copied piece by piece.
    type Bytes: Bytes;

    /// Whether the server of this Server instance may carry out an operation at `path`.
    ///
    /// # Errors
    /// What the server is answered.
    fn authorize(
        &self,
        _server: u16,
        _operation: Operation,
        _path: &Path,
    ) -> Result<(), ModelError> {
        Ok(())
    }

    /// From now on [`DataModel::next_instance`] and [`DataModel::instance`] leave out what the server
    /// of this Server instance may not read; `None`: nothing any more.
    fn restrict(&self, _reader: Option<u16>) {}

    /// An instance was created for the server of this Server instance.
    fn created_for(&self, _server: u16, _object: u16, _instance: u16) {}

    /// Whether the server of this Server instance may be registered with.
    fn availability(&self, _server: u16) -> Availability {
        Availability::Enabled
    }

    /// Keeps the client from a server, or lets it back.
    fn set_availability(&self, _server: u16, _availability: Availability) {}

    /// Lets the client back to all servers.
    fn enable_servers(&self) {}

    /// The object with this id.
    fn object(&self, object: u16) -> Option<ObjectInfo>;

    /// The object with the smallest id above `after`, the first one for `None`.
    fn next_object(&self, after: Option<u16>) -> Option<ObjectInfo>;

    /// The smallest instance id of `object` above `after`, the first one for `None`.
    fn next_instance(&self, object: u16, after: Option<u16>) -> Option<u16>;

    /// The instance with these numbers.
    fn instance(&self, object: u16, instance: u16) -> Option<Self::Instance>;

    /// The resource with this id. `None` also when the instance is gone.
    fn resource(
        &self,
        instance: &Self::Instance,
        resource: u16,
    ) -> Option<Resource<Self::Instance>>;

    /// The first resource at or behind `index`, in the order of the instance's own table, that allows
    /// `operations`. `None` also when the instance is gone.
    fn next_resource(
        &self,
        instance: &Self::Instance,
        index: u16,
        operations: Permissions,
    ) -> Option<Resource<Self::Instance>>;

    /// The first resource instance at or behind `slot` (of `slots`): its slot and its id. `None` also
    /// when the resource is gone.
    fn next_resource_instance(
        &self,
        resource: &Resource<Self::Instance>,
        slot: u16,
    ) -> Option<(u16, u16)>;

    /// The current value of the resource instance `id`; runs the read callback, if any. Single
    /// resources have the one resource instance 0.
    ///
    /// # Errors
    /// [`ModelError::NotFound`]: no such resource instance, or no value.
    fn read(
        &self,
        resource: &Resource<Self::Instance>,
        id: u16,
    ) -> Result<Value<Self::Bytes>, ModelError>;

    /// Whether any samples are kept.
    fn keeps_samples(&self) -> bool {
        false
    }

    /// The samples that are kept of resource instance `id`; `None`: none are.
    fn samples(&self, _resource: &Resource<Self::Instance>, _id: u16) -> Option<Samples> {
        None
    }

    /// When a sample was taken, in seconds since 1970, and its value. `None`: it has left.
    fn sample(&self, _cache: u8, _position: u32) -> Option<(i64, Value<Self::Bytes>)> {
        None
    }

    /// A server has these samples: they leave, unless some before them have not.
    fn delivered(&self, _samples: Samples) {}

    /// Whether `value` could be written to resource instance `id`: type, range, length, read-only
    /// flag and the validate callback. Changes nothing. A resource instance of a multiple resource
    /// that does not exist yet is judged by a slot it might get; whether enough are free is the
    /// caller's to count, who knows what a Write (replace) will free.
    ///
    /// # Errors
    /// As for [`DataModel::write`].
    fn check<B: Bytes>(
        &self,
        resource: &Resource<Self::Instance>,
        id: u16,
        value: Value<B>,
    ) -> Result<(), ModelError>;

    /// Writes a value that [`DataModel::check`] accepted, creating the resource instance of a
    /// multiple resource when needed; runs the pre-write and post-write callbacks. Returns whether
    /// the stored value changed.
    ///
    /// # Errors
    /// What the checks or the callbacks say; after an error of the checks nothing has changed.
    fn write<B: Bytes>(
        &self,
        resource: &Resource<Self::Instance>,
        id: u16,
        value: Value<B>,
    ) -> Result<bool, ModelError>;

    /// Delivers one piece of a string or opaque value to the resource's callbacks and buffer.
    ///
    /// # Errors
    /// As for [`DataModel::write`].
    fn write_fragment(
        &self,
        resource: &Resource<Self::Instance>,
        id: u16,
        fragment: Fragment<'_>,
    ) -> Result<(), ModelError>;

    /// Removes every resource instance of a multiple resource, as Write (replace) demands before
    /// it writes the new ones.
    fn clear(&self, resource: &Resource<Self::Instance>);

    /// Runs the execute callback with the argument bytes.
    ///
    /// # Errors
    /// [`ModelError::NotFound`] without a callback: the application does not offer it. Else what the
    /// callback says.
    fn execute(
        &self,
        resource: &Resource<Self::Instance>,
        arguments: &[u8],
    ) -> Result<(), ModelError>;

    /// Creates an instance; `None` chooses the smallest free id. Returns its id.
    ///
    /// # Errors
    /// [`ModelError::NotFound`] no such object, [`ModelError::NotAllowed`] the object cannot create,
    /// [`ModelError::BadRequest`] the id is taken, [`ModelError::NoMemory`] no room.
    fn create(&self, object: u16, instance: Option<u16>) -> Result<u16, ModelError>;

    /// Deletes an instance.
    ///
    /// # Errors
    /// [`ModelError::NotFound`] no such instance; what the callbacks say.
    fn delete(&self, object: u16, instance: u16) -> Result<(), ModelError>;
}
