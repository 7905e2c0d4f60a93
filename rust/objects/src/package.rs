// SPDX-License-Identifier: Apache-2.0
//! What the objects that take a package, 5 and 9, have in common: who asks for one, what its pieces
//! do, and how a download fails.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::model::Fragment;
use lwm2m_core::path::Path;
use lwm2m_registry::Part;
use lwm2m_registry::c_types::lwm2m_engine_set_data_cb_t;

use crate::access::Lock;
use crate::callback::errno::{EFAULT, EFBIG, ENOMEM, ENOMSG, ENOMSG_GLIBC, ENOSPC};
use crate::hooks::hooks;
use crate::{firmware, software_management};

/// Whether there is an object for software; an image without it is not to carry its code.
const SOFTWARE: bool = config::SWMGMT_OBJ_SUPPORT || cfg!(test);

/// Longest URI of a package, that of 5/x/1 or of 9/x/3.
pub const LONGEST_URI: usize = if config::SWMGMT_PACKAGE_URI_LEN > 255 {
    config::SWMGMT_PACKAGE_URI_LEN as usize
} else {
    255
};

/// An instance that takes a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// 5/x/0, whose URI is 5/x/1.
    Firmware(u16),
    /// 9/x/2, whose URI is 9/x/3.
    Software(u16),
}

impl Package {
    /// The resource that the package is pushed to.
    #[must_use]
    pub const fn resource(self) -> Path {
        match self {
            Self::Firmware(instance) => Path::resource(5, instance, 0),
            Self::Software(instance) => Path::resource(9, instance, 2),
        }
    }

    /// The resource with its URI.
    #[must_use]
    pub const fn uri(self) -> Path {
        match self {
            Self::Firmware(instance) => Path::resource(5, instance, 1),
            Self::Software(instance) => Path::resource(9, instance, 3),
        }
    }
}

/// Takes a piece of a package that was fetched: 0, or a negative number that ends the fetching. The
/// registry lock may be held.
pub fn arrived(package: Package, piece: &Fragment<'_>) -> c_int {
    match package {
        Package::Firmware(instance) => firmware::piece_arrived(instance, piece),
        // An object that the configuration leaves out is not linked for this alone.
        Package::Software(instance) if SOFTWARE => {
            software_management::piece_arrived(instance, piece)
        }
        Package::Software(_) => EFAULT,
    }
}

/// Hears how a fetching ended. The registry lock may be held.
pub fn ended(package: Package, outcome: Result<(), DownloadFailure>) {
    match package {
        Package::Firmware(instance) => firmware::download_ended(instance, outcome),
        Package::Software(instance) if SOFTWARE => {
            software_management::download_ended(instance, outcome);
        }
        Package::Software(_) => {}
    }
}

/// What a URI was written: all of it, or a piece of it, which says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it, and there is something.
    Uri,
    /// All of it, and it is empty.
    Nothing,
    /// One of several pieces.
    Piece,
}

impl Written {
    /// By the arguments of a post-write callback: a value that the application sets comes with
    /// neither `last` nor a length, one that a server writes in pieces with at least one of them
    /// or an offset.
    ///
    /// # Safety
    /// `length` bytes are readable at `data`, or it is null.
    pub unsafe fn new(data: *mut u8, length: u16, last: bool, total: usize, offset: usize) -> Self {
        if offset > 0 || (!last && total > 0) {
            return Self::Piece;
        }
        // SAFETY: by the contract.
        if length == 0 || data.is_null() || unsafe { data.read() } == 0 {
            Self::Nothing
        } else {
            Self::Uri
        }
    }
}

/// Begins to fetch the package that its URI names.
pub(crate) fn fetch(lock: &Lock, package: Package) -> Result<(), DownloadFailure> {
    let mut text = [0; LONGEST_URI + 1];
    let uri = lock
        .get_text(package.uri(), &mut text)
        .ok_or(DownloadFailure::InvalidUri)?;
    (hooks().pull)(package, uri)
}

/// Hands a part of a package to the application's callback.
///
/// # Safety
/// The callback can be called, and the part's bytes are there.
pub(crate) unsafe fn give(
    callback: lwm2m_engine_set_data_cb_t,
    package: Path,
    resource_instance: u16,
    part: &Part,
) -> Option<c_int> {
    let callback = callback?;
    // SAFETY: by the contract.
    Some(unsafe {
        callback(
            package.instance_id(),
            package.resource_id(),
            resource_instance,
            part.data,
            part.length,
            part.last,
            part.total,
            part.offset,
        )
    })
}

/// Why a package is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadFailure {
    /// Not enough storage for the package.
    NoStorage,
    /// Out of memory.
    OutOfMemory,
    /// The connection was lost, or the peer refused.
    ConnectionLost,
    /// It is not what it should be.
    IntegrityFailed,
    /// A package of another kind.
    UnsupportedPackage,
    /// There is nothing where the URI says.
    InvalidUri,
    /// The URI's scheme is not spoken here.
    UnsupportedProtocol,
    /// A piece was refused, and the object knows why.
    Refused,
    /// Anything else.
    Other,
}

impl DownloadFailure {
    /// What an error number of a callback that takes pieces means.
    pub(crate) const fn of(error: c_int) -> Self {
        match error {
            ENOMEM => Self::OutOfMemory,
            ENOSPC => Self::NoStorage,
            EFAULT => Self::IntegrityFailed,
            ENOMSG | ENOMSG_GLIBC => Self::UnsupportedPackage,
            _ => Self::Other,
        }
    }
}

/// What to return to the registry for it: a package too large for the storage is answered with
/// 4.13, RFC 7959 §2.9.3.
pub(crate) const fn refusal(error: c_int) -> c_int {
    match error {
        ENOSPC => EFBIG,
        other => other,
    }
}

/// What a piece of a pushed package does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PackageWrite {
    /// It is the first one of a package.
    Begin,
    /// It belongs to the package that is being downloaded.
    Continue,
    /// It is empty: what there is of a package is thrown away.
    Reset,
    /// It may not come now.
    Refuse,
}
