// SPDX-License-Identifier: Apache-2.0
//! The library's state, all of it static and sized by the configuration, and the one lock around it.

use core::cell::{Cell, UnsafeCell};

use lwm2m_config as config;
use lwm2m_core::blockwise::Buffers;
#[cfg(block_transfer)]
use lwm2m_core::blockwise::Outgoing;
#[cfg(bootstrap)]
use lwm2m_core::bootstrap::kept::{self, Kept};
use lwm2m_core::coap::ConnectionId;
use lwm2m_core::coap::exchange::{self, Exchanges, TransmissionParameters};
#[cfg(pull)]
use lwm2m_core::firmware::Pull;
use lwm2m_core::information_reporting::attributes::{Attribute, Attributes};
use lwm2m_core::information_reporting::notified::{NotifiedValue, NotifiedValues};
use lwm2m_core::information_reporting::observation::{self, Observations, ObservedPath};
use lwm2m_core::model::Changes;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::Client;
use lwm2m_core::shared::{DeferredSend, Shared};
use lwm2m_core::time_series::{Carried, Claim};
#[cfg(pull)]
use lwm2m_objects::package::LONGEST_URI;
use lwm2m_registry::Registry;
use lwm2m_registry::c_types::{lwm2m_obj_path_list, observe_node};
use lwm2m_registry::observers;

use crate::context::Context;
use crate::credentials::{self, Loaded};
use crate::events::lwm2m_send_cb_t;
use crate::platform::{LinkedPlatform, System};
#[cfg(pull)]
use crate::pull::{self, Requester};
use crate::services::{SERVICES, Service};
use crate::socket_options::Name;
use lwm2m_runtime::Platform;

/// Longest message.
pub(crate) const MAX_MESSAGE: usize = config::COAP_MAX_MSG_SIZE as usize;
/// Confirmable messages in flight: the configured number and one for Register and Update, as in C.
const EXCHANGES: usize = config::ENGINE_MAX_PENDING as usize + 1;
/// Observations.
const OBSERVATIONS: usize = config::ENGINE_MAX_OBSERVER as usize;
/// Paths they watch; as many as in C.
const OBSERVED_PATHS: usize = OBSERVATIONS * if config::VERSION_1_1 { 3 } else { 1 };
/// Whether the context lists the observations: for the shell, which walks the list.
pub(crate) const SHOWS_OBSERVERS: bool = config::SHELL;
/// The nodes of that list, and those of the paths.
const OBSERVERS: usize = if SHOWS_OBSERVERS { OBSERVATIONS } else { 0 };
const OBSERVERS_PATHS: usize = if SHOWS_OBSERVERS { OBSERVED_PATHS } else { 0 };
/// Longest endpoint name; the configured length counts a terminator.
pub(crate) const ENDPOINT: usize = config::RD_CLIENT_ENDPOINT_NAME_MAX_LENGTH as usize - 1;
/// Numbers whose last notified value is remembered.
const NOTIFIED: usize = config::MAX_NOTIFIED_NUMERICAL_RES_TRACKED as usize;
/// Paths of one composite operation or Send, which LwM2M 1.0 does not have.
pub(crate) const MAX_PATHS: usize = if config::VERSION_1_1 {
    config::COMPOSITE_PATH_LIST_SIZE as usize
} else {
    0
};
type Paths = [Path; MAX_PATHS];
/// Unused places for them; all zero, so that they take no room in flash.
const NO_PATHS: Paths = [Path::resource_instance(0, 0, 0, 0); MAX_PATHS];
/// Sends asked for inside one operation's callbacks.
const DEFERRED_SENDS: usize = 2;
/// Sends whose outcome an application can wait for: each is in flight or put off.
pub(crate) const SENDS: usize = EXCHANGES + DEFERRED_SENDS;
/// Buffers for what is longer than a message: one for each answer that can leave in blocks, and one
/// for requests of the client's own, as in C.
#[cfg(block_transfer)]
pub(crate) const BODIES: usize = config::NUM_OUTPUT_BLOCK_CONTEXT as usize + 1;
/// Room for the accounts while a Bootstrap-Server changes them: of each Security instance ten
/// resources, among them a URI and three keys, of each Server instance sixteen and the binding.
#[cfg(bootstrap)]
const KEPT: usize = kept::room(
    config::SECURITY_INSTANCE_COUNT as usize,
    10,
    255 + 3 * config::SECURITY_KEY_SIZE as usize,
) + kept::room(config::SERVER_INSTANCE_COUNT as usize, 16, 4);
/// Series of samples in messages in flight: two of each cached resource, none without a cache.
const CLAIMS_OF_SAMPLES: usize = 2 * config::MAX_CACHED_RESOURCES as usize;
/// Room in the arena that is kept for Register and Update.
const RESERVE: usize = config::RUST_ARENA_SIZE as usize / 4;

/// Retransmission as Zephyr's CoAP library is configured.
const TRANSMISSION: TransmissionParameters = TransmissionParameters {
    acknowledgement_timeout: config::outside::COAP_INIT_ACK_TIMEOUT_MS,
    random_factor_percent: if config::outside::COAP_RANDOMIZE_ACK_TIMEOUT {
        config::outside::COAP_ACK_RANDOM_PERCENT as u16
    } else {
        100
    },
    max_retransmit: config::outside::COAP_MAX_RETRANSMIT as u8,
    backoff_percent: config::outside::COAP_BACKOFF_PERCENT as u16,
};

/// What the lock guards.
pub(crate) struct State {
    /// The engine's shared cells.
    pub shared: Shared<'static>,
    /// The context of the client; `None` until it is started for the first time.
    pub context: Cell<Option<Context>>,
    /// The context of the connection for packages; `None` until the application asks for one.
    #[cfg(pull)]
    pub pull_context: Cell<Option<Context>>,
    /// Who asked for the package that is being fetched.
    #[cfg(pull)]
    pub requester: Cell<Option<Requester>>,
    /// Whose credentials the platform keeps, in a build that has DTLS.
    pub loaded: [Cell<Loaded>; config::DTLS_SUPPORT as usize],
    /// What the peer of the connection opened last has to prove.
    pub peer_name: Cell<Name>,
    /// What the context shows of the client.
    shown: Cell<Shown>,
    /// Who is to hear of which Send; `Free` entries are nobody's.
    pub sends: &'static [Cell<SendSlot>],
    /// What the library's thread runs for objects.
    pub services: &'static [Cell<Option<Service>>],
}

impl State {
    /// Objects and their instances.
    pub fn registry(&self) -> Registry<'static> {
        // SAFETY: whoever has the state holds the lock, and `locked` lets neither out. What C code
        // has registered keeps the contract of the headers.
        unsafe { Registry::new(&REPORTS) }
    }

    /// The context in which a connection is shown, if it has one.
    pub fn context_of(&self, connection: ConnectionId) -> Option<Context> {
        match connection {
            #[cfg(pull)]
            ConnectionId::PULL => self.pull_context.get(),
            _ => self.context.get(),
        }
    }

    /// The client begins with another context.
    pub fn set_context(&self, context: Context) {
        self.context.set(Some(context));
        self.shown.set(Shown::NOTHING);
        self.show_observers();
    }

    /// Shows in the context who observes what.
    pub fn show_observers(&self) {
        if !SHOWS_OBSERVERS {
            return;
        }
        if let Some(context) = self.context.get() {
            // SAFETY: the lock is held. This is the only place that names the nodes, and the list
            // is the library's to write.
            unsafe {
                observers::show(
                    context.observers(),
                    OBSERVER_NODES.0.get(),
                    OBSERVER_PATHS.0.get(),
                    &self.shared.observations,
                );
            }
        }
    }

    /// Shows in the context how the client stands, when that has changed.
    pub fn show_client(&self) {
        let client = &self.shared.client;
        let shown = Shown {
            security: client.security_instance(),
            server: client.server_instance(),
            bootstrap: client.is_bootstrapping(),
            buffers: config::QUEUE_MODE_ENABLED
                && (client.is_holding() || !client.state().is_registered()),
        };
        if self.shown.replace(shown) != shown {
            if let Some(context) = self.context.get() {
                context.set_account(shown.security, shown.server);
                context.set_bootstrap_mode(shown.bootstrap);
                context.set_buffers_messages(shown.buffers);
            }
        }
    }
}

/// What the context shows of the client.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shown {
    security: Option<u16>,
    server: Option<u16>,
    /// Whether the peer is the Bootstrap-Server.
    bootstrap: bool,
    /// Whether messages wait for a registration or an Update.
    buffers: bool,
}

impl Shown {
    /// As `Context::start` leaves it.
    const NOTHING: Self = Self {
        security: None,
        server: None,
        bootstrap: false,
        buffers: config::QUEUE_MODE_ENABLED,
    };
}

/// Whether a Send with this number is under way, and who is to hear how it ends.
#[derive(Clone, Copy)]
pub(crate) enum SendSlot {
    /// There is none.
    Free,
    /// There is one.
    Taken(lwm2m_send_cb_t),
}

/// Hears what happens in the registry, from any thread.
pub(crate) struct Reports;

/// The one value.
pub(crate) static REPORTS: Reports = Reports;

impl Changes for Reports {
    fn resource_changed(&self, path: Path) {
        locked(|state| {
            state.shared.resource_changed(path);
        });
    }

    fn instances_changed(&self, path: Path, created: bool) {
        if !created && path.object_id() == 0 {
            credentials::account_deleted(path.instance_id());
        }
        locked(|state| state.shared.instances_changed(path, created));
    }
}

/// A static behind the lock.
struct Locked<T>(UnsafeCell<T>);

// SAFETY: what is inside is reached through `locked`, with the lock held, or once, in an
// initialiser.
unsafe impl<T> Sync for Locked<T> {}

static ENDPOINT_NAME: Locked<[Cell<u8>; ENDPOINT]> =
    Locked(UnsafeCell::new([const { Cell::new(0) }; ENDPOINT]));
static OBSERVATION_SLOTS: Locked<[observation::Slot; OBSERVATIONS]> = Locked(UnsafeCell::new(
    [const { observation::Slot::free() }; OBSERVATIONS],
));
static OBSERVATION_PATHS: Locked<[Cell<ObservedPath>; OBSERVED_PATHS]> = Locked(UnsafeCell::new(
    [const { Cell::new(ObservedPath::UNUSED) }; OBSERVED_PATHS],
));
static OBSERVER_NODES: Locked<[observe_node; OBSERVERS]> =
    Locked(UnsafeCell::new([observe_node::EMPTY; OBSERVERS]));
static OBSERVER_PATHS: Locked<[lwm2m_obj_path_list; OBSERVERS_PATHS]> = Locked(UnsafeCell::new(
    [lwm2m_obj_path_list::EMPTY; OBSERVERS_PATHS],
));
static ATTRIBUTES: Locked<[Cell<Option<Attribute>>; config::NUM_ATTR as usize]> = Locked(
    UnsafeCell::new([const { Cell::new(None) }; config::NUM_ATTR as usize]),
);
static NOTIFIED_VALUES: Locked<[Cell<Option<NotifiedValue>>; NOTIFIED]> =
    Locked(UnsafeCell::new([const { Cell::new(None) }; NOTIFIED]));
static EXCHANGE_SLOTS: Locked<[exchange::Slot; EXCHANGES]> = Locked(UnsafeCell::new(
    [const { exchange::Slot::free() }; EXCHANGES],
));
#[cfg(block_transfer)]
static REQUESTS: Locked<[Cell<Option<Outgoing<'static>>>; BODIES]> =
    Locked(UnsafeCell::new([const { Cell::new(None) }; BODIES]));
#[cfg(block_transfer)]
static BODY_PLACES: Locked<[Cell<Option<&'static mut [u8]>>; BODIES]> =
    Locked(UnsafeCell::new([const { Cell::new(None) }; BODIES]));
static ARENA: Locked<[u8; config::RUST_ARENA_SIZE as usize]> =
    Locked(UnsafeCell::new([0; config::RUST_ARENA_SIZE as usize]));
#[cfg(bootstrap)]
static ACCOUNTS: Locked<[u8; KEPT]> = Locked(UnsafeCell::new([0; KEPT]));
#[cfg(pull)]
static PACKAGE_URI: Locked<[u8; LONGEST_URI]> = Locked(UnsafeCell::new([0; LONGEST_URI]));
static PATHS: Locked<Paths> = Locked(UnsafeCell::new(NO_PATHS));
static DEFERRED_PATHS: [Locked<Paths>; DEFERRED_SENDS] =
    [const { Locked(UnsafeCell::new(NO_PATHS)) }; DEFERRED_SENDS];
// SAFETY (of each block in it): this is the only place that names those paths; they are used where
// `STATE` is, under the lock.
static DEFERRED: Locked<[DeferredSend<'static>; DEFERRED_SENDS]> = Locked(UnsafeCell::new([
    // SAFETY: see above.
    DeferredSend::new(unsafe { &mut *DEFERRED_PATHS[0].0.get() }),
    // SAFETY: see above.
    DeferredSend::new(unsafe { &mut *DEFERRED_PATHS[1].0.get() }),
]));
static CLAIMS: Locked<[Cell<Option<Claim>>; CLAIMS_OF_SAMPLES]> = Locked(UnsafeCell::new(
    [const { Cell::new(None) }; CLAIMS_OF_SAMPLES],
));
static SEND_SLOTS: Locked<[Cell<SendSlot>; SENDS]> = Locked(UnsafeCell::new(
    [const { Cell::new(SendSlot::Free) }; SENDS],
));
static SERVICE_SLOTS: Locked<[Cell<Option<Service>>; SERVICES]> =
    Locked(UnsafeCell::new([const { Cell::new(None) }; SERVICES]));

// SAFETY (of each block in it): this is the only place that names those statics, so these are the
// only references to them, and they are used where `STATE` is: under the lock.
static STATE: Locked<State> = Locked(UnsafeCell::new(State {
    shared: {
        let shared = Shared::new(
            // SAFETY: see above.
            Client::new(unsafe { &*ENDPOINT_NAME.0.get() }),
            Observations::new(
                // SAFETY: see above.
                unsafe { &*OBSERVATION_SLOTS.0.get() },
                // SAFETY: see above.
                unsafe { &*OBSERVATION_PATHS.0.get() },
            ),
            // SAFETY: see above.
            Attributes::new(unsafe { &*ATTRIBUTES.0.get() }),
            // SAFETY: see above.
            NotifiedValues::new(unsafe { &*NOTIFIED_VALUES.0.get() }),
            Exchanges::new(
                // SAFETY: see above.
                unsafe { &*EXCHANGE_SLOTS.0.get() },
                // SAFETY: see above.
                unsafe { &mut *ARENA.0.get() },
                RESERVE,
                MAX_MESSAGE,
                TRANSMISSION,
            ),
            #[cfg(block_transfer)]
            Buffers::new(
                // SAFETY: see above.
                unsafe { &*BODY_PLACES.0.get() },
                // SAFETY: see above.
                unsafe { &*REQUESTS.0.get() },
                config::COAP_BLOCK_SIZE as usize,
                MAX_MESSAGE,
            ),
            #[cfg(not(block_transfer))]
            Buffers::none(),
            // SAFETY: see above.
            unsafe { &mut *PATHS.0.get() },
            // SAFETY: see above.
            unsafe { &*DEFERRED.0.get() },
        );
        // SAFETY: see above.
        let shared = shared.with_carried(Carried::new(unsafe { &*CLAIMS.0.get() }));
        #[cfg(bootstrap)]
        // SAFETY: see above.
        let shared = shared.with_kept(Kept::new(unsafe { &mut *ACCOUNTS.0.get() }));
        #[cfg(pull)]
        // SAFETY: see above.
        let shared = shared.with_pull(Pull::new(pull::SETTINGS, unsafe {
            &mut *PACKAGE_URI.0.get()
        }));
        shared
    },
    context: Cell::new(None),
    #[cfg(pull)]
    pull_context: Cell::new(None),
    #[cfg(pull)]
    requester: Cell::new(None),
    loaded: [const { Cell::new(Loaded::Nothing) }; config::DTLS_SUPPORT as usize],
    peer_name: Cell::new(Name::NONE),
    shown: Cell::new(Shown::NOTHING),
    // SAFETY: see above.
    sends: unsafe { &*SEND_SLOTS.0.get() },
    // SAFETY: see above.
    services: unsafe { &*SERVICE_SLOTS.0.get() },
}));

/// Runs `f` with the lock held. Whoever holds it may come here again: the state is made of cells
/// and handles, and nobody keeps a reference into them across a callback.
pub(crate) fn locked<R>(f: impl FnOnce(&State) -> R) -> R {
    let _guard = Guard::take();
    // SAFETY: the lock is held. Only shared references to the state exist, in the thread that
    // holds it.
    f(unsafe { &*STATE.0.get() })
}

/// As [`locked`], for who is called with the lock held.
///
/// # Safety
/// The calling thread holds the lock.
pub(crate) unsafe fn held<R>(f: impl FnOnce(&State) -> R) -> R {
    // SAFETY: the lock is held, by the contract; see `locked`.
    f(unsafe { &*STATE.0.get() })
}

/// The lock, held until it is dropped.
struct Guard;

impl Guard {
    fn take() -> Self {
        lock();
        Guard
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        unlock();
    }
}

/// How often the thread that holds the lock has taken it again: counting costs a tenth of having the
/// system count.
static AGAIN: Locked<Cell<u32>> = Locked(UnsafeCell::new(Cell::new(0)));

/// Takes the lock.
#[inline(never)]
pub(crate) fn lock() {
    if LinkedPlatform.lock_depth() == 0 {
        return LinkedPlatform.lock();
    }
    // SAFETY: the lock is held.
    let again = unsafe { &*AGAIN.0.get() };
    again.set(again.get() + 1);
}

/// Gives back what [`lock`] took; nothing happens when the calling thread does not hold the lock. Whoever
/// gives it back last wakes the engine's thread, if that has something to look at.
#[inline(never)]
pub(crate) fn unlock() {
    let platform = LinkedPlatform;
    if platform.lock_depth() == 0 {
        return;
    }
    // SAFETY: the lock is held.
    let (again, state) = unsafe { (&*AGAIN.0.get(), &*STATE.0.get()) };
    if let Some(less) = again.get().checked_sub(1) {
        return again.set(less);
    }
    // The engine's own thread looks before it sleeps, see `LinkedPlatform::wait`.
    let wake = !platform.is_engine_thread() && state.shared.take_wake();
    platform.unlock();
    if wake {
        platform.wake();
    }
}
