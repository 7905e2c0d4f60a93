// SPDX-License-Identifier: Apache-2.0
//! What a platform needs to secure a connection: which account of the Security object (0) it belongs
//! to, and that account's mode, keys and names. OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.1 and
//! OMA-TS-LightweightM2M_Transport-V1_1_1 §5.2.

use core::cell::Cell;
use core::ffi::c_int;

use lwm2m_core::path::Path;
use lwm2m_objects::security;

use crate::errno::{self, Errno};
use crate::platform::{Level, LinkedPlatform, System};
use crate::state::{self, State};

/// The log module of what opens connections, Zephyr's name for it.
const MODULE: &str = "net_lwm2m_engine";

/// What a certificate or key in PEM begins with.
const PEM: &[u8] = b"-----BEGIN";

/// Resource 0/x/2 where credentials are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 0: a pre-shared key.
    PreSharedKey,
    /// 2: X.509 certificates.
    Certificate,
}

/// A resource that holds a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Credential {
    /// 0/x/3: the client's PSK identity, or its certificate.
    Client = 3,
    /// 0/x/4: the server's certificate, or that of its authority.
    Server = 4,
    /// 0/x/5: the pre-shared key, or the private key.
    Secret = 5,
}

/// The credentials that a platform keeps outside of the connection; behind the lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loaded {
    /// None.
    Nothing,
    /// Those of this account.
    Of(u16),
    /// Those of an account that is no more.
    Outdated,
}

/// Where a credential lies: in the registry's buffer, which is written under the registry lock, or
/// by the application at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Its first byte.
    pub data: *const u8,
    /// Its length; that of a PEM text counts the terminator.
    pub length: usize,
}

/// An instance of the Security object, looked up again at each use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account(pub(crate) u16);

impl Account {
    const fn resource(self, id: u16) -> Path {
        Path::resource(0, self.0, id)
    }

    /// The mode of a connection over DTLS. Any thread.
    ///
    /// # Errors
    /// -ENOENT: there is no such account; -EINVAL: it is one without security; -EOPNOTSUPP: raw
    /// public keys, or certificates that are enrolled first, which there is no support for.
    pub fn mode(self) -> Result<Mode, i32> {
        let mode = crate::resources::get_u8(&self.resource(2));
        match mode.map_err(|error| error.errno())? {
            0 => Ok(Mode::PreSharedKey),
            2 => Ok(Mode::Certificate),
            3 => {
                log(b"A coaps URI, and security mode NoSec");
                Err(-errno::EINVAL)
            }
            _ => {
                log(b"The security mode is neither PSK nor certificate");
                Err(-errno::EOPNOTSUPP)
            }
        }
    }

    /// Copies a credential, as it was written. Any thread.
    ///
    /// # Errors
    /// -ENOENT: there is none; -EINVAL: it is empty; -ENOMEM: it is longer than `into`, which is
    /// at most `CONFIG_LWM2M_SECURITY_KEY_SIZE` unless the application gave a buffer of its own.
    pub fn copy(self, credential: Credential, into: &mut [u8]) -> Result<usize, i32> {
        state::locked(|_| {
            let found = security::buffer(self.resource(credential as u16));
            let (data, length, _) = present(found)?;
            let to = into.get_mut(..length).ok_or(-errno::ENOMEM)?;
            // SAFETY: `present` found as many bytes there, and the lock is held.
            unsafe { data.copy_to_nonoverlapping(to.as_mut_ptr(), length) };
            Ok(length)
        })
    }

    /// Where a credential lies. A PEM text gets its terminator, which the value itself does not have.
    /// Any thread.
    ///
    /// # Errors
    /// -ENOENT: there is none; -EINVAL: it is empty, or a PEM text without room for a terminator.
    pub fn buffer(self, credential: Credential) -> Result<Buffer, i32> {
        state::locked(|_| {
            let found = security::buffer(self.resource(credential as u16));
            let (data, mut length, room) = present(found)?;
            // SAFETY: `present` found as many bytes there; no one writes them while the lock is held.
            let begins = length > PEM.len()
                && (0..PEM.len()).all(|at| unsafe { data.add(at).read_volatile() } == PEM[at]);
            if begins {
                if length >= room {
                    log(b"No room for the terminator of a PEM text");
                    return Err(-errno::EINVAL);
                }
                // SAFETY: the buffer has `room` bytes, and this is one of them.
                unsafe { data.add(length).write_volatile(0) };
                length += 1;
            }
            Ok(Buffer { data, length })
        })
    }

    /// 0/x/14: the name that the server is to prove in place of the URI's host, if it has a value that
    /// fits. Any thread.
    pub fn server_name(self, into: &mut [u8]) -> Option<&[u8]> {
        security::text(self.resource(14), into).filter(|name| !name.is_empty())
    }

    /// 0/x/16: the cipher suites that may be used, by IANA's numbers; none without a value, which
    /// leaves the choice to the platform. As many as fit. Any thread.
    pub fn cipher_suites(self, into: &mut [c_int]) -> usize {
        let mut count = 0;
        for instance in 0..security::cipher_suites() {
            let path = Path::resource_instance(0, self.0, 16, instance);
            let suite = security::number(path).and_then(|suite| c_int::try_from(suite).ok());
            if let (Some(suite), Some(place)) = (suite, into.get_mut(count)) {
                *place = suite;
                count += 1;
            }
        }
        count
    }
}

/// Pointer, length and room of a buffer with a value.
fn present(found: Option<security::Buffer>) -> Result<(*mut u8, usize, usize), i32> {
    match found {
        None => {
            log(b"A credential of the Security object is missing");
            Err(-errno::ENOENT)
        }
        Some(buffer) if buffer.data.is_null() || buffer.len == 0 => {
            log(b"A credential of the Security object is empty");
            Err(-errno::EINVAL)
        }
        Some(buffer) => Ok((
            buffer.data.cast(),
            usize::from(buffer.len),
            usize::from(buffer.room),
        )),
    }
}

/// To be called by a platform that keeps loaded credentials outside of the connection, such as in a store:
/// these are now those of this account. When the account goes, [`System::forget_credentials`] is
/// called.
pub fn loaded(account: Account) {
    state::locked(|state| {
        for loaded in &state.loaded {
            loaded.set(Loaded::Of(account.0));
        }
    });
}

/// An instance of the Security object is no more. The lock is held.
pub(crate) fn account_deleted(instance: u16) {
    security::wipe();
    state::locked(|state| {
        for loaded in &state.loaded {
            if loaded.get() == Loaded::Of(instance) {
                loaded.set(Loaded::Outdated);
                state.shared.request_wake();
            }
        }
    });
}

/// Whether the platform is to forget what it has loaded, because the account is no more; asked once for
/// each. The lock is held.
pub(crate) fn take_outdated(state: &State) -> bool {
    let outdated = |loaded: &&Cell<Loaded>| loaded.get() == Loaded::Outdated;
    let loaded = state.loaded.first().filter(outdated);
    loaded
        .inspect(|loaded| loaded.set(Loaded::Nothing))
        .is_some()
}

fn log(line: &[u8]) {
    LinkedPlatform.log(Level::Error, MODULE, &[line]);
}
