// SPDX-License-Identifier: Apache-2.0
//! An account's credentials, copied for one handshake and zeroed after it.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use lwm2m_capi::credentials::{Account, Credential, Mode};
use lwm2m_dtls::Credentials;
use zeroize::Zeroizing;

/// What a credential can be at most: lengths of resources have 16 bits.
const LONGEST: usize = u16::MAX as usize;

type Bytes = Zeroizing<Vec<u8>>;

/// Copies of an account's credentials.
pub struct Copied {
    mode: Mode,
    /// PSK identity or certificate.
    client: Bytes,
    /// Pre-shared or private key.
    secret: Bytes,
    /// What the server's certificate has to lead to; empty with a pre-shared key.
    server: Bytes,
}

impl Copied {
    /// # Errors
    /// One is missing or empty.
    pub fn of(account: Account, mode: Mode) -> Result<Self, i32> {
        Ok(Self {
            mode,
            client: copy(account, Credential::Client)?,
            secret: copy(account, Credential::Secret)?,
            server: match mode {
                Mode::PreSharedKey => Bytes::default(),
                Mode::Certificate => copy(account, Credential::Server)?,
            },
        })
    }

    pub fn as_credentials(&self) -> Credentials<'_> {
        match self.mode {
            Mode::PreSharedKey => Credentials::PreSharedKey {
                identity: &self.client,
                key: &self.secret,
            },
            Mode::Certificate => Credentials::Certificate {
                authority: &self.server,
                certificate: &self.client,
                private_key: &self.secret,
            },
        }
    }

    /// A number by which others are told from these, without keeping them. Keyed, so that nothing
    /// follows from it, and another in each process.
    pub fn fingerprint(&self) -> u64 {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let mode = self.mode == Mode::Certificate;
        HASHER.hash_one((mode, &*self.client, &*self.secret, &*self.server))
    }
}

fn copy(account: Account, credential: Credential) -> Result<Bytes, i32> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    let length = account.copy(credential, &mut bytes)?;
    let mut copy = Zeroizing::new(Vec::with_capacity(length));
    copy.extend(bytes.iter().take(length));
    Ok(copy)
}
