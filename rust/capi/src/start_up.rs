// SPDX-License-Identifier: Apache-2.0
//! What a platform calls, once each and in this order, before the application runs: the objects,
//! then the engine. In between come the initialisers of objects that applications author.

use core::ffi::c_int;

use lwm2m_core::registration::client::{CommandError, UpdateScope};
use lwm2m_objects::hooks::Hooks;
#[cfg(not(pull))]
use lwm2m_objects::package::DownloadFailure;
use lwm2m_runtime::Platform;

use crate::client_state;
use crate::engine_thread;
use crate::errno;
use crate::platform::{Level, LinkedPlatform, System};
#[cfg(pull)]
use crate::pull;
use crate::state;

/// The log module of the engine, Zephyr's name for it.
const MODULE: &str = "net_lwm2m_engine";

/// What the objects ask of the client. What this slice of the client cannot do is refused.
static HOOKS: Hooks = Hooks {
    lock: state::lock,
    unlock: state::unlock,
    changes: &state::REPORTS,
    now: || LinkedPlatform.now(),
    wake: || LinkedPlatform.wake(),
    update_registration: || {
        state::locked(|state| {
            state.shared.client.request_update(UpdateScope::Minimal);
            state.shared.request_wake();
        });
    },
    server_disabled: |server| {
        errno::status(state::locked(|state| {
            state.shared.client.disable(server)?;
            state.shared.request_wake();
            Ok::<(), CommandError>(())
        }))
    },
    bootstrap: || client_state::engine_trigger_bootstrap(),
    is_bootstrapping: client_state::is_bootstrapping,
    #[cfg(pull)]
    pull: pull::fetch,
    #[cfg(pull)]
    cancel_pull: pull::cancel,
    #[cfg(pull)]
    pulling: pull::is_fetching,
    #[cfg(not(pull))]
    pull: |_, _| Err(DownloadFailure::UnsupportedProtocol),
    #[cfg(not(pull))]
    cancel_pull: |_| {},
    #[cfg(not(pull))]
    pulling: |_| false,
    keep_errors: |_| -errno::ENOTSUP,
};

/// What `lwm2m-objects` asks its client for.
#[unsafe(no_mangle)]
fn lwm2m_objects_hooks() -> &'static Hooks {
    &HOOKS
}

/// Initialises the built-in objects.
pub fn objects() {
    if lwm2m_objects::init().is_err() {
        LinkedPlatform.log(
            Level::Error,
            MODULE,
            &[b"an object could not be initialised"],
        );
    }
}

/// Takes the result of an initialiser of an application's object.
pub fn report(result: c_int) {
    if result < 0 {
        LinkedPlatform.log(Level::Error, MODULE, &[b"an initialiser failed"]);
    }
}

/// Starts the engine's thread.
pub fn engine() {
    if LinkedPlatform
        .start_engine_thread(engine_thread::main)
        .is_err()
    {
        LinkedPlatform.log(
            Level::Error,
            MODULE,
            &[b"the engine's thread could not be started"],
        );
    }
}
