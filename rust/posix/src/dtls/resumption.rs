// SPDX-License-Identifier: Apache-2.0
//! Sessions that may be resumed, RFC 5246 §7.3: the last one of each connection. They hold keys: they are
//! zeroed when they go, and do not outlive the account.

use std::sync::{Mutex, MutexGuard, PoisonError};

use lwm2m_core::coap::ConnectionId;
use zeroize::Zeroizing;

/// With whom a session was agreed on.
#[derive(Clone, PartialEq, Eq)]
pub struct With {
    pub connection: ConnectionId,
    /// The peer's `struct sockaddr`.
    pub address: Vec<u8>,
    /// The name that its certificate proved.
    pub name: String,
    /// `Copied::fingerprint` of the credentials.
    pub credentials: u64,
}

struct Kept {
    with: With,
    session: Zeroizing<Vec<u8>>,
}

static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

fn kept() -> MutexGuard<'static, Vec<Kept>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes out the session to resume; it comes back with [`keep`] if it is still good.
pub fn take(with: &With) -> Option<Zeroizing<Vec<u8>>> {
    let mut kept = kept();
    let at = kept.iter().position(|kept| kept.with == *with)?;
    Some(kept.swap_remove(at).session)
}

/// Keeps a session in place of the connection's last one.
pub fn keep(with: With, session: Zeroizing<Vec<u8>>) {
    let mut kept = kept();
    kept.retain(|kept| kept.with.connection != with.connection);
    kept.push(Kept { with, session });
}

/// Forgets all.
pub fn forget() {
    kept().clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_resumed_with_the_same_peer_name_and_credentials_only() {
        let with = |connection, address: &[u8], name: &str, credentials| With {
            connection,
            address: address.into(),
            name: name.into(),
            credentials,
        };
        // Connections that no other test uses.
        let (one, other) = (ConnectionId(100), ConnectionId(101));
        let own = with(one, b"address", "name", 1);
        keep(own.clone(), Zeroizing::new(vec![1]));
        for stranger in [
            with(other, b"address", "name", 1),
            with(one, b"elsewhere", "name", 1),
            with(one, b"address", "another", 1),
            with(one, b"address", "name", 2),
        ] {
            assert!(take(&stranger).is_none());
        }
        keep(own.clone(), Zeroizing::new(vec![2]));
        assert_eq!(take(&own).as_deref(), Some(&vec![2]), "the last one");
        assert!(take(&own).is_none(), "it is handed out once");
        keep(own.clone(), Zeroizing::new(vec![3]));
        forget();
        assert!(take(&own).is_none(), "forgotten");
    }
}
