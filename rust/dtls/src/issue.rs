// SPDX-License-Identifier: Apache-2.0
//! Certificates for tests and demonstrations: P-256, SHA-256, RFC 5280.

use std::ffi::{CString, c_char};
use std::ptr::null;

use crate::error::Error;
use crate::ffi;

/// Room for a certificate or key.
const ROOM: usize = 1024;

/// What comes before a P-256 key of 121 bytes (SEC 1, parameters and public key included) in
/// PKCS #8: version, id-ecPublicKey, prime256v1. RFC 5958 §2, RFC 5480 §2.1.1.
const PKCS8: &[u8] = &[
    0x30, 0x81, 0x93, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x79,
];

/// What a certificate is to say.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Its common name.
    pub subject: &'a str,
    /// A DNS name that it proves; empty: none.
    pub name: &'a str,
    /// Whether others may be issued with it.
    pub authority: bool,
    /// The first and last second of its validity: `YYYYMMDDhhmmss`.
    pub validity: (&'a str, &'a str),
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Issued {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The private key, PKCS #8.
    pub private_key: Vec<u8>,
    subject: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.subject)
    }
}

/// Makes a key and a certificate for it, signed by `issuer` or by itself.
///
/// # Errors
/// The order cannot be carried out.
pub fn issue(order: &Order<'_>, issuer: Option<&Issued>) -> Result<Issued, Error> {
    let text = |text: &str| CString::new(text).map_err(|_| Error::Unusable(0));
    let pointer = |text: &CString| -> *const c_char { text.as_ptr() };
    let subject = text(&format!("CN={}", order.subject))?;
    let issuer_name = issuer
        .map(|issuer| text(&format!("CN={}", issuer.subject)))
        .transpose()?;
    let name = text(order.name)?;
    let (from, until) = (text(order.validity.0)?, text(order.validity.1)?);
    let mut serial = [0; 8];
    getrandom::fill(&mut serial).map_err(|_| Error::Unusable(0))?;
    let raw = ffi::Order {
        subject: subject.as_ptr(),
        issuer: issuer_name.as_ref().map_or(null(), pointer),
        issuer_key: issuer.map_or(ffi::Bytes::NONE, |issuer| {
            ffi::Bytes::new(&issuer.private_key)
        }),
        name: if order.name.is_empty() {
            null()
        } else {
            name.as_ptr()
        },
        authority: order.authority,
        from: from.as_ptr(),
        until: until.as_ptr(),
        serial,
        random: ffi::random,
    };
    let (mut certificate, mut key) = (vec![0; ROOM], vec![0; ROOM]);
    let (mut certificate_length, mut key_length) = (0, 0);
    // SAFETY: all that the order points at lives through the call, and the buffers are as long as is
    // said.
    let result = unsafe {
        ffi::lwm2m_dtls_issue(
            &raw const raw,
            certificate.as_mut_ptr(),
            ROOM,
            key.as_mut_ptr(),
            ROOM,
            &raw mut certificate_length,
            &raw mut key_length,
        )
    };
    if result != 0 {
        return Err(Error::new(result));
    }
    let mut private_key = PKCS8.to_vec();
    private_key.extend(key.split_off(ROOM - key_length));
    Ok(Issued {
        certificate: certificate.split_off(ROOM - certificate_length),
        private_key,
        subject: order.subject.into(),
    })
}
