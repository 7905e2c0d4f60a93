// SPDX-License-Identifier: Apache-2.0
//! Options of secured sockets: which credentials, which name the peer has to prove, which cipher
//! suites. OMA-TS-LightweightM2M_Transport-V1_1_1 §5.2.

use core::ffi::c_int;

use lwm2m_config as config;
use lwm2m_core::coap::ConnectionId;
use lwm2m_core::uri::Uri;
use lwm2m_objects::security;

use crate::context::Context;
use crate::credentials::{Account, Mode};
use crate::errno;
use crate::events::lwm2m_ctx;
use crate::platform::{LinkedPlatform, System};
use crate::state;

/// How a connection is to be secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security {
    /// Whose keys it takes.
    pub account: Account,
    /// `tls_tag` of the context: names the credentials in Zephyr's store.
    pub tls_tag: c_int,
    /// The application loads the credentials itself.
    pub credentials_loaded: bool,
}

/// Options of a secured socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecureOptions<'a> {
    /// Names the credentials.
    pub tls_tag: c_int,
    /// What they are.
    pub mode: Mode,
    /// Whether a certificate of the peer, if it sends one, has to be good: not with a pre-shared key
    /// and suites that take nothing else.
    pub verify: bool,
    /// The name that a certificate has to prove; empty where the URI has an address instead.
    pub name: &'a [u8],
    /// The cipher suites to offer, by IANA's numbers.
    pub cipher_suites: &'a [c_int],
}

/// Suites of OMA-TS-LightweightM2M_Transport-V1_1_1 §5.2.8 and §5.2.10: AES-128-CCM-8 with a
/// pre-shared key.
const WITH_KEY: [c_int; 1] = [0xc0a8];
/// AES-128-CCM-8 and AES-128-GCM with ECDHE and ECDSA.
const WITH_CERTIFICATE: [c_int; 2] = [0xc0ae, 0xc02b];

/// Most cipher suites of an account that are offered.
const SUITES: usize = if security::cipher_suites() == 0 {
    1
} else {
    security::cipher_suites() as usize
};

/// Longest name of a server, as long as its URI.
const NAME: usize = if config::DTLS_SUPPORT { 255 } else { 0 };

/// What it takes as a C string.
const NAME_SIZE: usize = if config::DTLS_SUPPORT { NAME + 1 } else { 0 };

/// The name that the peer of the connection that was opened last has to prove, which its context
/// points at; behind the lock.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Name {
    /// A C string, empty when there is none.
    bytes: [u8; NAME_SIZE],
}

impl Name {
    pub const NONE: Self = Self {
        bytes: [0; NAME_SIZE],
    };

    /// What of `name` fits.
    fn new(name: &[u8]) -> Self {
        let mut kept = Self::NONE;
        for (to, byte) in kept.bytes.iter_mut().zip(name.iter().take(NAME)) {
            *to = *byte;
        }
        kept
    }

    fn as_bytes(&self) -> &[u8] {
        let end = self.bytes.iter().position(|byte| *byte == 0);
        self.bytes.get(..end.unwrap_or(0)).unwrap_or(&[])
    }
}

/// How a connection to this server is to be secured. Shows in the context what its callbacks look at.
pub(crate) fn security_of(connection: ConnectionId, uri: &Uri<'_>) -> Security {
    state::locked(|state| {
        // Packages are fetched with the credentials of the server in use.
        let client = state.context.get();
        let account = client.and_then(|context| context.security_instance());
        let security = Security {
            account: Account(account.unwrap_or(0)),
            tls_tag: client.map_or(0, |context| context.tls_tag()),
            credentials_loaded: client.is_some_and(|context| context.load_credentials().is_some()),
        };
        let name = name(connection, uri, security.account);
        state.peer_name.set(name);
        if let Some(context) = state.context_of(connection) {
            #[cfg(pull)]
            if connection == ConnectionId::PULL {
                context.set_tls_tag(security.tls_tag);
                context.set_account(Some(security.account.0), None);
            }
            // No longer than `NAME`.
            let length = name.as_bytes().len() as u8;
            let pointer = match length {
                0 => core::ptr::null(),
                // The bytes come first in the struct, or it would have to say where.
                _ => state.peer_name.as_ptr().cast_const().cast(),
            };
            context.set_host_name(pointer, length);
        }
        security
    })
}

/// The name that the peer has to prove: that of resource 0/x/14, which is for the server only, or the
/// URI's host. An address is no name.
fn name(connection: ConnectionId, uri: &Uri<'_>, account: Account) -> Name {
    let mut own = [0; NAME];
    let own = match connection {
        ConnectionId::SERVER => account.server_name(&mut own),
        _ => None,
    };
    match own {
        Some(own) => Name::new(own),
        None if is_address(uri.host) => Name::NONE,
        None => Name::new(uri.host),
    }
}

/// Whether a host is given as an IP address, RFC 3986 §3.2.2.
fn is_address(host: &[u8]) -> bool {
    host.contains(&b':') || host.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'))
}

/// Sets the options that a secured socket has unless the application sets its own.
///
/// # Errors
/// See [`Account::mode`] and [`System::set_secure_options`].
fn set_default_options(
    socket: c_int,
    account: Account,
    tls_tag: c_int,
    name: &[u8],
) -> Result<(), i32> {
    let mode = account.mode()?;
    let mut suites = [0; SUITES];
    let count = account.cipher_suites(&mut suites);
    let defaults: &[c_int] = match mode {
        Mode::PreSharedKey => &WITH_KEY,
        Mode::Certificate => &WITH_CERTIFICATE,
    };
    let own = suites.get(..count).filter(|own| !own.is_empty());
    let options = SecureOptions {
        tls_tag,
        mode,
        verify: mode == Mode::Certificate || own.is_some(),
        name,
        cipher_suites: own.unwrap_or(defaults),
    };
    LinkedPlatform.set_secure_options(socket, &options)
}

/// As [`set_default_options`], with the name of the connection that is being opened.
pub(crate) fn set_options_of_new(socket: c_int, security: Security) -> Result<(), i32> {
    let name = state::locked(|state| state.peer_name.get());
    set_default_options(socket, security.account, security.tls_tag, name.as_bytes())
}

/// Sets the options that the library would set itself: to be called by a callback
/// `set_socketoptions` of the context that wants to set further ones.
///
/// A socket without DTLS needs none.
///
/// @param ctx  The context that the callback was given.
///
/// @return 0; -EINVAL for NULL, or for an account without security; -EOPNOTSUPP for a security mode
///         that there is no support for; the error number of an option that was refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_set_default_sockopt(ctx: *mut lwm2m_ctx) -> c_int {
    // SAFETY: by the function's contract, NULL or a valid context.
    let Some(context) = (unsafe { Context::new(ctx) }) else {
        return -errno::EINVAL;
    };
    if !context.use_dtls() {
        return 0;
    }
    if !config::DTLS_SUPPORT {
        return -errno::EOPNOTSUPP;
    }
    let Some(account) = context.security_instance() else {
        return -errno::ENOENT;
    };
    let (account, tag) = (Account(account), context.tls_tag());
    let name = Name::new(context.host_name());
    match set_default_options(context.socket(), account, tag, name.as_bytes()) {
        Ok(()) => 0,
        Err(error) => error,
    }
}
