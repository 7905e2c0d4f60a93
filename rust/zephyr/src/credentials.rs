// SPDX-License-Identifier: Apache-2.0
//! Credentials of the Security object in Zephyr's TLS credential store. The store that keeps them in
//! RAM refers to the registry's buffers, which are there for ever; the one in protected storage
//! copies.

use core::sync::atomic::{AtomicI32, Ordering};

use lwm2m_capi::credentials::{self, Credential, Mode};
use lwm2m_capi::socket_options::Security;

use crate::glue;

/// The tag of what was loaded last. The engine's thread's.
static TAG: AtomicI32 = AtomicI32::new(-1);

/// Puts the account's credentials into the store in place of those that are there under the tag.
///
/// # Errors
/// One is missing or empty, the store takes no more, or the mode is one that has none; nothing is
/// left under the tag then.
pub fn load(security: &Security) -> Result<(), i32> {
    let mode = security.account.mode()?;
    let tag = security.tls_tag;
    glue::delete_credentials(tag);
    TAG.store(tag, Ordering::Relaxed);
    credentials::loaded(security.account);
    let wanted: &[Credential] = match mode {
        Mode::PreSharedKey => &[Credential::Client, Credential::Secret],
        Mode::Certificate => &[Credential::Client, Credential::Secret, Credential::Server],
    };
    let result = wanted.iter().try_for_each(|credential| {
        let buffer = security.account.buffer(*credential)?;
        let certificate = mode == Mode::Certificate;
        glue::add_credential(tag, certificate, *credential as u16, buffer)
    });
    if result.is_err() {
        glue::delete_credentials(tag);
    }
    result
}

/// Takes out what was loaded last.
pub fn forget() {
    glue::delete_credentials(TAG.load(Ordering::Relaxed));
}
