// SPDX-License-Identifier: Apache-2.0
//! DTLS over the sockets of connections: credentials from the Security object, the handshake when a
//! connection is opened, records from then on. The protocol is that of `lwm2m-dtls`.

mod credentials;
mod handshake;
mod options;
mod resumption;
mod secured;

use lwm2m_capi::platform::{Level, System};
use lwm2m_dtls::Error;
use lwm2m_runtime::Platform;

use crate::Posix;

pub use handshake::open;
pub use options::set as set_options;
pub use resumption::forget;
pub use secured::{DATAGRAM, Secured};

/// The log module of what opens connections, Zephyr's name for it.
const MODULE: &str = "net_lwm2m_engine";

/// The clock of associations.
fn now() -> u64 {
    Posix.now().as_millis()
}

/// Logs why there is no association, or no more; its error number, negative, as Zephyr's sockets have
/// it.
fn report(error: Error) -> i32 {
    if error != Error::Closed {
        Posix.log(
            Level::Error,
            MODULE,
            &[b"DTLS: ", error.to_string().as_bytes()],
        );
    }
    match error {
        Error::TimedOut => -libc::ETIMEDOUT,
        Error::Closed => -libc::ENOTCONN,
        Error::Unusable(_) => -libc::EINVAL,
        Error::Memory => -libc::ENOMEM,
        Error::Alert | Error::Certificate(_) | Error::Failed(_) => -libc::ECONNABORTED,
    }
}
