// SPDX-License-Identifier: Apache-2.0
//! Fetching packages: who asked for the one that is being fetched, takes its pieces and hears how it
//! ended. Objects of the library and authors of objects share the one fetching there is; the
//! function is that of `lwm2m_pull_context.h`.

use core::ffi::{c_char, c_int};
use core::mem::offset_of;

use lwm2m_config as config;
use lwm2m_core::coap::Code;
use lwm2m_core::firmware::{Failure, Settings, StartError};
use lwm2m_core::model::Fragment;
use lwm2m_core::uri::DefaultPorts;
use lwm2m_objects::package::{self, DownloadFailure, Package};
use lwm2m_registry::c_types::lwm2m_engine_set_data_cb_t;

use crate::engine_thread::SERVER_PORTS;
use crate::errno;
use crate::kernel_time::k_timeout_t;
use crate::layout;
use crate::state::{self, MAX_MESSAGE, State};

/// Room in a message for what is not the block.
const OPTIONS: usize = 64;

/// Blocks as configured, or smaller where such a one would not fit in a message; the connection may
/// be lost as often as that of the client.
pub(crate) const SETTINGS: Settings = {
    let fits = MAX_MESSAGE.saturating_sub(OPTIONS) as u32;
    let block_size = if config::COAP_BLOCK_SIZE < fits {
        config::COAP_BLOCK_SIZE
    } else {
        fits
    };
    let settings = Settings::new(block_size as u16, config::RD_CLIENT_MAX_RETRIES as u8);
    #[cfg(pull_proxy)]
    let settings = settings.through(config::FIRMWARE_UPDATE_PULL_COAP_PROXY_ADDR.as_bytes());
    settings
};

/// Ports of URIs of firmware that name none.
const FIRMWARE_PORTS: DefaultPorts = DefaultPorts {
    plain: config::FIRMWARE_PORT_NONSECURE as u16,
    secure: config::FIRMWARE_PORT_SECURE as u16,
};

/// Longest URI that an author can give, its terminator included.
const AUTHORS_URI: usize = config::SWMGMT_PACKAGE_URI_LEN as usize;

/// Who asks for a package, `struct requesting_object`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct requesting_object {
    /// The instance that the callbacks are told.
    pub obj_inst_id: u8,
    /// Whether a URI without a port means that of firmware; a C `bool`.
    pub is_firmware_uri: u8,
    /// Hears how it ended: 0 or a negative number.
    pub result_cb: Option<unsafe extern "C" fn(obj_inst_id: u16, error_code: c_int)>,
    /// Takes the pieces.
    pub write_cb: lwm2m_engine_set_data_cb_t,
    /// Not called, as in C.
    pub verify_cb: Option<unsafe extern "C" fn() -> c_int>,
}

const _: () = {
    assert!(size_of::<requesting_object>() == layout::REQUESTING_WHOLE);
    assert!(offset_of!(requesting_object, obj_inst_id) == layout::REQUESTING_OBJ_INST_ID);
    assert!(offset_of!(requesting_object, is_firmware_uri) == layout::REQUESTING_IS_FIRMWARE_URI);
    assert!(offset_of!(requesting_object, result_cb) == layout::REQUESTING_RESULT_CB);
    assert!(offset_of!(requesting_object, write_cb) == layout::REQUESTING_WRITE_CB);
    assert!(offset_of!(requesting_object, verify_cb) == layout::REQUESTING_VERIFY_CB);
};

/// Who asked for the package that is being fetched.
#[derive(Clone, Copy)]
pub(crate) enum Requester {
    /// An object of the library.
    Object(Package),
    /// The author of another one.
    Author(requesting_object),
}

fn start(requester: Requester, firmware: bool, uri: &[u8]) -> Result<(), StartError> {
    let ports = if firmware {
        FIRMWARE_PORTS
    } else {
        SERVER_PORTS
    };
    state::locked(|state| {
        state.shared.pull.start(uri, ports)?;
        state.requester.set(Some(requester));
        state.shared.request_wake();
        Ok(())
    })
}

/// Begins to fetch a package for an object.
pub(crate) fn fetch(package: Package, uri: &[u8]) -> Result<(), DownloadFailure> {
    let firmware = matches!(package, Package::Firmware(_));
    start(Requester::Object(package), firmware, uri).map_err(|error| match error {
        StartError::InvalidUri => DownloadFailure::InvalidUri,
        StartError::UnsupportedScheme => DownloadFailure::UnsupportedProtocol,
        StartError::Busy => DownloadFailure::Other,
    })
}

fn fetches(state: &State, package: Package) -> bool {
    let asked = matches!(state.requester.get(), Some(Requester::Object(one)) if one == package);
    asked && state.shared.pull.is_active()
}

/// Whether it is this package that is being fetched.
pub(crate) fn is_fetching(package: Package) -> bool {
    state::locked(|state| fetches(state, package))
}

/// Stops fetching this package.
pub(crate) fn cancel(package: Package) {
    state::locked(|state| {
        if fetches(state, package) {
            state.shared.pull.cancel();
            state.requester.set(None);
            state.shared.request_wake();
        }
    });
}

/// Hands a piece to whoever asked for the package. The lock is held.
pub(crate) fn arrived(piece: &Fragment<'_>) -> Result<(), i32> {
    let answer = match state::locked(|state| state.requester.get()) {
        None => -errno::EPERM,
        Some(Requester::Object(package)) => package::arrived(package, piece),
        // As in C, through the buffer of the firmware.
        Some(Requester::Author(author)) => state::locked(|state| {
            let buffer = Package::Firmware(0).resource();
            state.registry().hand_over(buffer, piece, &mut |part| {
                author.write_cb.map_or(-errno::EPERM, |callback| {
                    let instance = u16::from(author.obj_inst_id);
                    // SAFETY: the author gave the function for this; the part's bytes are there
                    // until it returns.
                    unsafe {
                        callback(
                            instance,
                            0,
                            0,
                            part.data,
                            part.length,
                            part.last,
                            part.total,
                            part.offset,
                        )
                    }
                })
            })
        }),
    };
    if answer < 0 { Err(answer) } else { Ok(()) }
}

/// Tells whoever asked for the package how it ended. Called without the lock.
pub(crate) fn ended(result: Result<(), Failure>) {
    let author = state::locked(|state| {
        // Where it was cancelled meanwhile, the requester is one who has begun another.
        if !state.shared.pull.finish() {
            return None;
        }
        match state.requester.take()? {
            // Under the lock, so that nobody begins another before the object knows.
            Requester::Object(package) => {
                package::ended(package, result.map_err(for_object));
                None
            }
            Requester::Author(author) => Some(author),
        }
    });
    if let Some(author) = author {
        tell(&author, result.err().map_or(0, number));
    }
}

fn tell(author: &requesting_object, error: c_int) {
    if let Some(callback) = author.result_cb {
        // SAFETY: the author gave the function for this.
        unsafe { callback(u16::from(author.obj_inst_id), error) };
    }
}

fn for_object(failure: Failure) -> DownloadFailure {
    if matches!(failure, Failure::Refused(_)) {
        return DownloadFailure::Refused;
    }
    match -number(failure) {
        errno::ENOTSUP => DownloadFailure::InvalidUri,
        errno::EPROTONOSUPPORT => DownloadFailure::UnsupportedProtocol,
        errno::ENOMSG => DownloadFailure::ConnectionLost,
        errno::EFAULT => DownloadFailure::IntegrityFailed,
        errno::ENOMEM => DownloadFailure::OutOfMemory,
        _ => DownloadFailure::Other,
    }
}

/// The error number that stands for a failure, as in C.
fn number(failure: Failure) -> c_int {
    match failure {
        Failure::Connect(error) | Failure::Refused(error) => error,
        // The URI names nothing there.
        Failure::Response(Code::NOT_FOUND) => -errno::ENOTSUP,
        Failure::Response(_) | Failure::ConnectionLost => -errno::ENOMSG,
        Failure::Block | Failure::Changed => -errno::EFAULT,
        Failure::NoRoom => -errno::ENOMEM,
    }
}

/// Begins to fetch a package over CoAP. Its pieces go to `write_cb`, and how it ended to
/// `result_cb`: 0; -ENOTSUP for a URI that is none or names nothing, -EPROTONOSUPPORT for a scheme
/// that is not spoken here, -ENOMSG when the connection was lost or the package refused, -EFAULT
/// when the blocks make no package; what opening the connection or `write_cb` said.
///
/// @param uri      The URI, of less than LWM2M_PACKAGE_URI_LEN characters. It is copied.
/// @param req      Who asks.
/// @param timeout  Not used, as in C.
///
/// @return 0; -EINVAL without a callback or URI; -EALREADY while another package is fetched, which
///         `result_cb` is told too.
///
/// Any thread, any callback. The callbacks run in the library's thread, but for a URI that cannot be
/// fetched: that is told inside this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_pull_context_start_transfer(
    uri: *mut c_char,
    req: requesting_object,
    _timeout: k_timeout_t,
) -> c_int {
    if uri.is_null() || req.result_cb.is_none() || req.write_cb.is_none() {
        return -errno::EINVAL;
    }
    let mut text = [0; AUTHORS_URI];
    let mut length = 0;
    for place in &mut text {
        // SAFETY: by the function's contract a string, and this is not beyond its terminator.
        let byte = unsafe { uri.cast::<u8>().add(length).read() };
        if byte == 0 {
            break;
        }
        *place = byte;
        length += 1;
    }
    let begun = match text.get(..length) {
        Some(uri) if length < AUTHORS_URI => {
            start(Requester::Author(req), req.is_firmware_uri != 0, uri)
        }
        // Without a terminator where there has to be one.
        _ => Err(StartError::InvalidUri),
    };
    match begun {
        Ok(()) => {}
        Err(StartError::InvalidUri) => tell(&req, -errno::ENOTSUP),
        Err(StartError::UnsupportedScheme) => tell(&req, -errno::EPROTONOSUPPORT),
        Err(StartError::Busy) => {
            tell(&req, -errno::EALREADY);
            return -errno::EALREADY;
        }
    }
    0
}
