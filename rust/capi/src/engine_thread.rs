// SPDX-License-Identifier: Apache-2.0
//! The engine's thread: the engine, its buffers, and the application as the engine sees it.

use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering};

use lwm2m_config as config;
use lwm2m_core::blockwise::Upload;
#[cfg(block_transfer)]
use lwm2m_core::blockwise::{Download, RECORD_ROOM};
use lwm2m_core::coap::deduplication::Answered;
use lwm2m_core::coap::{Code, ConnectionId};
use lwm2m_core::engine::{Engine, Event, Idle, QueueMode, Settings, Storage};
use lwm2m_core::information_reporting::observation::ObserveEvent;
use lwm2m_core::model::{Fragment, ModelError};
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::ClientEvent;
use lwm2m_core::shared::{Request, SendStatus, Shared};
use lwm2m_core::uri::DefaultPorts;
use lwm2m_registry::Registry;
use lwm2m_runtime::{Client, Platform};

use crate::context::Context;
#[cfg(not(pull))]
use crate::errno;
use crate::events::{lwm2m_observe_event, lwm2m_rd_client_event};
use crate::gateway;
use crate::message;
use crate::path;
use crate::platform::{Level, LinkedPlatform, System};
#[cfg(pull)]
use crate::pull;
use crate::rd_client;
use crate::send;
use crate::socket_state;
#[cfg(block_transfer)]
use crate::state::BODIES;
use crate::state::{self, MAX_MESSAGE, SHOWS_OBSERVERS};

/// Ports of URIs of servers that name none.
pub(crate) const SERVER_PORTS: DefaultPorts = DefaultPorts {
    plain: config::PEER_PORT as u16,
    // The C uses the one symbol for both schemes; a value of one's own counts for both here too.
    secure: if config::PEER_PORT == DefaultPorts::STANDARD.plain as u32 {
        DefaultPorts::STANDARD.secure
    } else {
        config::PEER_PORT as u16
    },
};

const SETTINGS: Settings = Settings {
    max_message: MAX_MESSAGE,
    block_size: config::COAP_BLOCK_SIZE as usize,
    default_lifetime: config::ENGINE_DEFAULT_LIFETIME,
    update_period: config::UPDATE_PERIOD,
    seconds_to_update_early: config::SECONDS_TO_UPDATE_EARLY,
    ports: SERVER_PORTS,
    max_retries: config::RD_CLIENT_MAX_RETRIES as u8,
    bootstrap_on_failure: config::RD_CLIENT_SUPPORT_BOOTSTRAP,
    queue: if config::QUEUE_MODE_ENABLED {
        Some(QueueMode {
            uptime: config::QUEUE_MODE_UPTIME,
            update_first: !config::QUEUE_MODE_NO_MSG_BUFFERING,
        })
    } else {
        None
    },
    idle: IDLE,
};

const IDLE: Idle = if config::RD_CLIENT_LISTEN_AT_IDLE {
    Idle::Listen
} else if config::RD_CLIENT_STOP_POLLING_AT_IDLE {
    Idle::StopListening
} else if config::RD_CLIENT_SUSPEND_SOCKET_AT_IDLE {
    Idle::Suspend
} else {
    Idle::Close
};

/// Longest server URI, that of resource 0/x/0.
const URI: usize = 255;
/// Longest Location-Path of a registration: as long as an endpoint name may be, as in C, and the
/// segment before it.
const LOCATION: usize = config::RD_CLIENT_ENDPOINT_NAME_MAX_LENGTH as usize + 8;

/// Longest body that is written, or put together, in one piece; no shorter than a message, which
/// is what it is taken over from.
#[cfg(block_transfer)]
const BODY: usize = {
    let configured = config::COAP_ENCODE_BUFFER_SIZE as usize;
    let longest = if configured > MAX_MESSAGE {
        configured
    } else {
        MAX_MESSAGE
    };
    longest + RECORD_ROOM
};

/// What the engine's thread alone touches.
struct Own {
    answered: [Answered; config::RUST_DEDUPLICATION as usize],
    uri: [u8; URI],
    location: [Cell<u8>; LOCATION],
    /// Lent to whatever is longer than a message.
    #[cfg(block_transfer)]
    bodies: [[u8; BODY]; BODIES],
    /// One byte longer than the longest message, so that a longer one shows.
    receive: [u8; MAX_MESSAGE + 1],
}

/// What is not complete yet.
struct Transfers {
    uploads: [MaybeUninit<Option<Upload<'static>>>; config::NUM_BLOCK1_CONTEXT as usize],
    #[cfg(block_transfer)]
    downloads: [MaybeUninit<Option<Download<'static>>>; config::NUM_OUTPUT_BLOCK_CONTEXT as usize],
}

/// Begins with nothing, each place by itself: together they would pass over the stack.
fn none_of<T>(places: &mut [MaybeUninit<Option<T>>]) -> &mut [Option<T>] {
    for place in places.iter_mut() {
        place.write(None);
    }
    // SAFETY: each one was just written, and `MaybeUninit` is laid out as what it holds.
    unsafe { &mut *(core::ptr::from_mut(places) as *mut [Option<T>]) }
}

struct Once<T>(UnsafeCell<T>);

// SAFETY: `main` is the only one to reach inside, and does so once.
unsafe impl<T> Sync for Once<T> {}

static OWN: Once<Own> = Once(UnsafeCell::new(Own {
    answered: [Answered::UNUSED; config::RUST_DEDUPLICATION as usize],
    uri: [0; URI],
    location: [const { Cell::new(0) }; LOCATION],
    #[cfg(block_transfer)]
    bodies: [[0; BODY]; BODIES],
    receive: [0; MAX_MESSAGE + 1],
}));

/// Written when the thread begins: none is not all zero, and would take room in flash.
static TRANSFERS: Once<Transfers> = Once(UnsafeCell::new(Transfers {
    uploads: [const { MaybeUninit::zeroed() }; config::NUM_BLOCK1_CONTEXT as usize],
    #[cfg(block_transfer)]
    downloads: [const { MaybeUninit::zeroed() }; config::NUM_OUTPUT_BLOCK_CONTEXT as usize],
}));

static STARTED: AtomicBool = AtomicBool::new(false);

/// What the engine's thread runs. There is one such thread in a program.
pub(crate) fn main() -> ! {
    assert!(!STARTED.swap(true, Ordering::Relaxed));
    // SAFETY: the flag has just said that nobody was here before.
    let (own, transfers) = unsafe { (&mut *OWN.0.get(), &mut *TRANSFERS.0.get()) };
    let mut engine = Engine::new(
        SETTINGS,
        Storage {
            answered: &mut own.answered,
            uri: &mut own.uri,
            location: &own.location,
            uploads: none_of(&mut transfers.uploads),
            #[cfg(block_transfer)]
            downloads: none_of(&mut transfers.downloads),
        },
    );
    let random = LinkedPlatform.entropy();
    state::locked(|state| {
        state.shared.seed_message_ids(random);
        #[cfg(block_transfer)]
        for body in &mut own.bodies {
            state.shared.buffers.give(body);
        }
    });
    lwm2m_runtime::run(&LinkedPlatform, &Application, &mut engine, &mut own.receive)
}

/// The application, through its context and its data.
pub(crate) struct Application;

impl Client for Application {
    type Model = Registry<'static>;
    type Buffer = message::TransmitBuffer;
    const GATEWAY: bool = config::GATEWAY_OBJ_SUPPORT;

    fn buffer(&self) -> message::TransmitBuffer {
        message::TransmitBuffer::borrow()
    }

    fn device(&self, prefix: &[u8]) -> bool {
        lwm2m_objects::gateway::callback_of(prefix).is_some()
    }

    fn answer_for_device(
        &self,
        request: &Request,
        datagram: &[u8],
    ) -> Option<Result<usize, ModelError>> {
        let context = with_context(|context| context)?;
        let answer = gateway::answer(context, request, datagram);
        context.set_processed_request(null_mut());
        answer
    }

    fn locked<R>(&self, f: impl FnOnce(&Shared<'static>, &Self::Model) -> R) -> R {
        state::locked(|state| {
            let observations = &state.shared.observations;
            let before = SHOWS_OBSERVERS && observations.have_changed();
            let result = f(&state.shared, &state.registry());
            state.show_client();
            if before || SHOWS_OBSERVERS && observations.have_changed() {
                state.show_observers();
            }
            result
        })
    }

    fn event(&self, event: Event) {
        match event {
            Event::Client(event) => {
                log(event);
                tell(event);
            }
            Event::UnusableUri => LinkedPlatform.log(
                Level::Error,
                rd_client::MODULE,
                &[b"The server's URI is not coap[s]://host[:port]"],
            ),
            Event::Refused(code) => log_refusal(rd_client::MODULE, code),
            Event::Send {
                reference,
                status,
                answer,
            } => {
                if let (SendStatus::Failure, Some(code)) = (status, answer) {
                    log_refusal(send::MODULE, code);
                }
                tell_of_send(reference, status);
            }
            #[cfg(pull)]
            Event::Pull(result) => pull::ended(result),
            Event::Observe { event, path } => tell_of_observation(event, &path),
        }
    }

    fn request_begins(&self, request: &Request) {
        // SAFETY: called with the lock held.
        let context = unsafe { state::held(|state| state.context.get()) };
        if let Some(context) = context {
            message::show(context, request);
        }
    }

    fn request_ends(&self) {
        // SAFETY: called with the lock held.
        let context = unsafe { state::held(|state| state.context.get()) };
        if let Some(context) = context {
            context.set_processed_request(null_mut());
        }
    }

    #[cfg(pull)]
    fn package_arrived(&self, piece: &Fragment<'_>) -> Result<(), i32> {
        pull::arrived(piece)
    }

    #[cfg(not(pull))]
    fn package_arrived(&self, _: &Fragment<'_>) -> Result<(), i32> {
        Err(-errno::EPERM)
    }

    fn transmits(&self, connection: ConnectionId, datagram: &[u8]) {
        socket_state::before(connection, datagram);
    }

    fn received(&self, connection: ConnectionId) {
        socket_state::after_receive(connection);
    }

    fn listening_changed(&self, connection: ConnectionId, listening: bool) {
        state::locked(|state| {
            if let Some(context) = state.context_of(connection) {
                context.set_suspended(!listening);
            }
        });
        if !listening {
            socket_state::at_rest(connection);
        }
    }

    fn connection_changed(&self, connection: ConnectionId, outcome: Option<Result<(), i32>>) {
        let failed = state::locked(|state| {
            let context = state.context_of(connection)?;
            let was_open = context.socket() >= 0;
            // `platform::socket_made` has shown the socket.
            if outcome != Some(Ok(())) {
                context.set_socket(-1);
            }
            context.set_suspended(outcome.is_none() && state.shared.client.is_resting());
            Some(context.fault_callback().filter(|_| was_open))
        });
        let Some(Err(error)) = outcome else { return };
        log_failure(error);
        // The engine deals with the failure itself; an application that listens hears of it.
        if let Some(callback) = failed.flatten() {
            // SAFETY: the application gave the function for this.
            unsafe { callback(error.saturating_neg()) };
        }
    }
}

/// Looks at the context, if there is one, with the lock held. A callback is taken out here and
/// called outside.
fn with_context<R>(f: impl FnOnce(Context) -> R) -> Option<R> {
    state::locked(|state| state.context.get().map(f))
}

/// Has the application hear of `event`, in this thread, without the lock unless the caller of the
/// API holds it.
pub(crate) fn tell(event: ClientEvent) {
    let event = lwm2m_rd_client_event::from(event);
    if event == lwm2m_rd_client_event::LWM2M_RD_CLIENT_EVENT_NONE {
        return;
    }
    let listener = with_context(|context| Some((context.event_callback()?, context.as_ptr())));
    if let Some((callback, context)) = listener.flatten() {
        // SAFETY: the application gave the function for this, and gets its own context.
        unsafe { callback(context, event) };
    }
}

/// Tells the event of a command, after which the engine may act on it: `begin_telling` was called
/// under the lock that changed the state.
pub(crate) fn tell_of_command(event: ClientEvent) {
    tell(event);
    state::locked(|state| {
        state.shared.client.end_telling();
        state.shared.request_wake();
    });
}

/// The lines that Zephyr's own test suites wait for, and users look for.
fn log(event: ClientEvent) {
    let line: &[u8] = match event {
        ClientEvent::RegistrationComplete => b"Registration Done",
        ClientEvent::UpdateComplete => b"Update Done",
        ClientEvent::Deregistered | ClientEvent::Left => b"Deregistration success",
        _ => return,
    };
    LinkedPlatform.log(Level::Information, rd_client::MODULE, &[line]);
}

/// A connection could not be opened, or broke, with such an error number as -113.
fn log_failure(error: i32) {
    let number = error.unsigned_abs();
    let digit = |unit: u32| b'0' + (number / unit % 10) as u8;
    let digits = [digit(100), digit(10), digit(1)];
    let zeros = usize::from(number < 100) + usize::from(number < 10);
    let digits = digits.get(zeros..).unwrap_or(&digits);
    LinkedPlatform.log(
        Level::Error,
        rd_client::MODULE,
        &[b"Connection failed: -", digits],
    );
}

/// A request of the client was answered with an error, such as 4.4.
fn log_refusal(module: &str, code: Code) {
    let detail = code.0 & 0x1f;
    let digits = [b'0' + detail / 10, b'0' + detail % 10];
    let detail = if detail < 10 { &digits[1..] } else { &digits };
    LinkedPlatform.log(
        Level::Error,
        module,
        &[b"Failed with code ", &[b'0' + code.class()], b".", detail],
    );
}

fn tell_of_send(reference: u8, status: SendStatus) {
    if let Some(callback) = send::finish(reference) {
        // SAFETY: the application gave the function for this.
        unsafe { callback(status.into()) };
    }
}

fn tell_of_observation(event: ObserveEvent, observed: &Path) {
    let event = lwm2m_observe_event::from(event);
    let listener = with_context(|context| Some((context.observe_callback()?, context.as_ptr())));
    if let Some((callback, context)) = listener.flatten() {
        let mut path = path::to_c(observed);
        let user_data = match event {
            lwm2m_observe_event::LWM2M_OBSERVE_EVENT_OBSERVER_ADDED => context.cast(),
            _ => null_mut(),
        };
        // SAFETY: the application gave the function for this; the path lives through the call.
        unsafe { callback(event, &raw mut path, user_data) };
    }
}
