// SPDX-License-Identifier: Apache-2.0
//! One association with one peer: handshake, records, closure; what may be kept for a resumption
//! (RFC 5246 §7.3), and the connection id (RFC 9146).

use std::ffi::{CString, c_int, c_uchar, c_void};
use std::fmt;
use std::ptr::{NonNull, null};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::error::{CertificateFault, Error};
use crate::ffi;

const WANT_READ: c_int = -0x6900;

/// What a text in PEM begins with, RFC 7468.
const PEM: &[u8] = b"-----BEGIN";

/// Room for a session with a peer's certificate chain in it.
const SESSION: usize = 4096;

/// Takes the datagrams that are to be sent to the peer.
pub type Transmit<'a> = &'a mut dyn FnMut(&[u8]);

/// What the sides prove themselves with.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// A key that both have.
    PreSharedKey {
        /// By which the server finds the key.
        identity: &'a [u8],
        /// The key.
        key: &'a [u8],
    },
    /// X.509 certificates, each DER or PEM.
    Certificate {
        /// What the peer's certificate has to lead to, or be.
        authority: &'a [u8],
        /// The own certificate, or chain in PEM.
        certificate: &'a [u8],
        /// Its key: PKCS #8 or SEC 1.
        private_key: &'a [u8],
    },
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing of them belongs into a log.
        f.write_str(match self {
            Self::PreSharedKey { .. } => "PreSharedKey",
            Self::Certificate { .. } => "Certificate",
        })
    }
}

/// Which side this is, and what only that side says.
#[derive(Clone, Copy, Debug)]
pub enum Peer<'a> {
    /// The peer is a server.
    Server {
        /// The name that its certificate has to prove; empty: any.
        name: &'a str,
        /// What [`Association::session`] gave: to be resumed if the server likes.
        session: &'a [u8],
    },
    /// The peer is the client at this address, in any form of up to 32 bytes: the cookie of the
    /// handshake is bound to it.
    Client {
        /// The address.
        address: &'a [u8],
    },
}

/// What an association begins with.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The other side.
    pub peer: Peer<'a>,
    /// Whom to trust, and as whom to be trusted.
    pub credentials: Credentials<'a>,
    /// The cipher suites to offer or accept, by IANA's numbers, the best first.
    pub suites: &'a [i32],
    /// Length of the connection id that the peer is to use, so 0 for a client that is known by its socket;
    /// `None`: no connection ids are asked for.
    pub connection_id: Option<u8>,
    /// The time to the first retransmission of a flight, and the longest one between two, after which
    /// the handshake has failed.
    pub timeouts: (Duration, Duration),
}

/// An association. Any thread may use it, one at a time.
pub struct Association {
    raw: NonNull<ffi::Association>,
    /// Mbed TLS refers to it.
    _suites: Box<[c_int]>,
}

// SAFETY: the glue keeps everything inside the association and uses no thread's own state.
unsafe impl Send for Association {}

impl fmt::Debug for Association {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Association")
    }
}

impl Drop for Association {
    fn drop(&mut self) {
        // SAFETY: it is valid, and nobody uses it any more.
        unsafe { ffi::lwm2m_dtls_free(self.raw.as_ptr()) };
    }
}

impl Association {
    /// An association whose handshake has not begun.
    ///
    /// # Errors
    /// The settings cannot be used.
    pub fn new(settings: &Settings<'_>) -> Result<Self, Error> {
        let suites: Box<[c_int]> = settings.suites.iter().copied().chain([0]).collect();
        let mut raw = ffi::Settings {
            server: matches!(settings.peer, Peer::Client { .. }),
            identity: ffi::Bytes::NONE,
            key: ffi::Bytes::NONE,
            authority: ffi::Bytes::NONE,
            certificate: ffi::Bytes::NONE,
            private_key: ffi::Bytes::NONE,
            name: null(),
            suites: suites.as_ptr(),
            session: ffi::Bytes::NONE,
            connection_id: settings.connection_id.map_or(-1, c_int::from),
            first_timeout: milliseconds(settings.timeouts.0),
            last_timeout: milliseconds(settings.timeouts.1),
            peer: ffi::Bytes::NONE,
            random: ffi::random,
        };
        let texts;
        match settings.credentials {
            Credentials::PreSharedKey { identity, key } => {
                raw.identity = ffi::Bytes::new(identity);
                raw.key = ffi::Bytes::new(key);
            }
            Credentials::Certificate {
                authority,
                certificate,
                private_key,
            } => {
                texts = [authority, certificate, private_key].map(terminated);
                let [authority, certificate, private_key] = &texts;
                raw.authority = ffi::Bytes::new(authority);
                raw.certificate = ffi::Bytes::new(certificate);
                raw.private_key = ffi::Bytes::new(private_key);
            }
        }
        let server_name;
        match settings.peer {
            Peer::Server { name, session } => {
                if !name.is_empty() {
                    server_name = CString::new(name).map_err(|_| Error::Unusable(0))?;
                    raw.name = server_name.as_ptr();
                }
                raw.session = ffi::Bytes::new(session);
            }
            Peer::Client { address } => raw.peer = ffi::Bytes::new(address),
        }
        let mut error = 0;
        // SAFETY: all that the settings point at lives through the call; the suites, as long as the
        // association.
        let association = unsafe { ffi::lwm2m_dtls_new(&raw const raw, &raw mut error) };
        match NonNull::new(association) {
            Some(raw) => Ok(Self {
                raw,
                _suites: suites,
            }),
            None => Err(match Error::new(error) {
                Error::Failed(number) => Error::Unusable(number),
                error => error,
            }),
        }
    }

    /// Goes on with the handshake: at the beginning, with each datagram, and at the
    /// [`deadline`](Self::deadline). Says whether it is complete. `now` is a clock in milliseconds.
    ///
    /// # Errors
    /// It has failed.
    pub fn handshake(
        &mut self,
        now: u64,
        datagram: &[u8],
        transmit: Transmit<'_>,
    ) -> Result<bool, Error> {
        // SAFETY: association and call are valid.
        let result = self.call(now, datagram, transmit, |raw, call| unsafe {
            ffi::lwm2m_dtls_handshake(raw, call)
        });
        match result {
            0 => Ok(true),
            WANT_READ => Ok(false),
            number => Err(self.error(number)),
        }
    }

    /// When the handshake goes on without a datagram.
    pub fn deadline(&self) -> Option<u64> {
        // SAFETY: the association is valid.
        let deadline = unsafe { ffi::lwm2m_dtls_deadline(self.raw.as_ptr()) };
        (deadline != u64::MAX).then_some(deadline)
    }

    /// Takes a datagram from the peer, or an empty one where there is [more](Self::has_more) of the last;
    /// the length of the application data in it, of which as much is in `into` as there is room for.
    /// `None`: there is none, such as in one that is not the peer's or came before.
    ///
    /// # Errors
    /// The association is over.
    pub fn receive(
        &mut self,
        now: u64,
        datagram: &[u8],
        into: &mut [u8],
        transmit: Transmit<'_>,
    ) -> Result<Option<usize>, Error> {
        // SAFETY: association and call are valid, the buffer is as long as is said.
        let result = self.call(now, datagram, transmit, |raw, call| unsafe {
            ffi::lwm2m_dtls_read(raw, call, into.as_mut_ptr(), into.len())
        });
        match usize::try_from(result) {
            Ok(0) => Err(Error::Closed),
            Ok(length) => Ok(Some(length)),
            Err(_) if result == WANT_READ => Ok(None),
            Err(_) => Err(self.error(result)),
        }
    }

    /// Whether the datagram that came last has more.
    pub fn has_more(&self) -> bool {
        // SAFETY: the association is valid.
        unsafe { ffi::lwm2m_dtls_pending(self.raw.as_ptr()) }
    }

    /// Sends application data in one record.
    ///
    /// # Errors
    /// The data is too long, or the association is over.
    pub fn send(&mut self, now: u64, data: &[u8], transmit: Transmit<'_>) -> Result<(), Error> {
        // SAFETY: association and call are valid, the data is as long as is said.
        let result = self.call(now, &[], transmit, |raw, call| unsafe {
            ffi::lwm2m_dtls_write(raw, call, data.as_ptr(), data.len())
        });
        match result {
            0 => Ok(()),
            number => Err(self.error(number)),
        }
    }

    /// Tells the peer that the association is over.
    pub fn close(&mut self, now: u64, transmit: Transmit<'_>) {
        self.call(now, &[], transmit, |raw, call| {
            // SAFETY: association and call are valid.
            unsafe { ffi::lwm2m_dtls_close(raw, call) };
            0
        });
    }

    /// What a client may keep to resume this session in another association: keys are in it.
    pub fn session(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut session = Zeroizing::new(vec![0; SESSION]);
        // SAFETY: the association is valid, the buffer is as long as is said.
        let length = unsafe {
            ffi::lwm2m_dtls_session(self.raw.as_ptr(), session.as_mut_ptr(), session.len())
        };
        session.truncate(length);
        (1..=SESSION).contains(&length).then_some(session)
    }

    /// Whether the handshake resumed the session that it was given.
    pub fn is_resumed(&self) -> bool {
        // SAFETY: the association is valid.
        unsafe { ffi::lwm2m_dtls_resumed(self.raw.as_ptr()) }
    }

    /// Length of the connection id in the records that are sent; `None`: none was agreed on.
    pub fn connection_id(&self) -> Option<usize> {
        // SAFETY: the association is valid.
        let length = unsafe { ffi::lwm2m_dtls_connection_id(self.raw.as_ptr()) };
        usize::try_from(length).ok()
    }

    fn call(
        &mut self,
        now: u64,
        datagram: &[u8],
        mut transmit: Transmit<'_>,
        function: impl FnOnce(*mut ffi::Association, *mut ffi::Call) -> c_int,
    ) -> c_int {
        let mut call = ffi::Call {
            now,
            datagram: ffi::Bytes::new(datagram),
            transmit: pass_on,
            to: (&raw mut transmit).cast(),
        };
        function(self.raw.as_ptr(), &raw mut call)
    }

    /// The error behind a number, with what was wrong with the certificate.
    fn error(&self, number: c_int) -> Error {
        // SAFETY: the association is valid.
        let fault = unsafe { ffi::lwm2m_dtls_fault(self.raw.as_ptr()) };
        match Error::new(number) {
            Error::Certificate(_) => Error::Certificate(match fault {
                1 => CertificateFault::Expired,
                2 => CertificateFault::NotYetValid,
                3 => CertificateFault::OtherName,
                4 => CertificateFault::Untrusted,
                _ => CertificateFault::Unfit,
            }),
            error => error,
        }
    }
}

/// Hands a datagram to the [`Transmit`] of a call.
unsafe extern "C" fn pass_on(to: *mut c_void, data: *const c_uchar, length: usize) {
    // SAFETY: `Association::call` gave the address of its `Transmit`, which lives through the call.
    let transmit = unsafe { &mut *to.cast::<Transmit<'_>>() };
    // SAFETY: Mbed TLS has as many bytes there.
    transmit(unsafe { std::slice::from_raw_parts(data, length) });
}

/// As Mbed TLS wants it: a text in PEM with its terminator. A copy of a key, so it is zeroed.
fn terminated(credential: &[u8]) -> Zeroizing<Vec<u8>> {
    let is_text = credential.starts_with(PEM) && credential.last() != Some(&0);
    let mut copy = Zeroizing::new(Vec::with_capacity(credential.len() + 1));
    copy.extend_from_slice(credential);
    if is_text {
        copy.push(0);
    }
    copy
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
