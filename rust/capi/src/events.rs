// SPDX-License-Identifier: Apache-2.0
//! What the application is told: the C enums and callback types, and the one table each from the
//! engine's events to them.

use core::ffi::{c_int, c_void};

use lwm2m_core::information_reporting::observation::ObserveEvent;
use lwm2m_core::registration::client::ClientEvent;
use lwm2m_core::shared::SendStatus;
use lwm2m_registry::c_types::lwm2m_obj_path;

/// The client's context. Its fields follow the configuration: C alone knows them.
pub struct lwm2m_ctx {
    _private: [u8; 0],
}

/// What happened to an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum lwm2m_observe_event {
    /// A server began to observe the path.
    LWM2M_OBSERVE_EVENT_OBSERVER_ADDED,
    /// It no longer does.
    LWM2M_OBSERVE_EVENT_OBSERVER_REMOVED,
    /// The server acknowledged a notification.
    LWM2M_OBSERVE_EVENT_NOTIFY_ACK,
    /// The server did not acknowledge a notification, however often it was sent.
    LWM2M_OBSERVE_EVENT_NOTIFY_TIMEOUT,
}

/// What happened to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum lwm2m_rd_client_event {
    /// Nothing; never told.
    LWM2M_RD_CLIENT_EVENT_NONE,
    /// The Bootstrap-Server refused the client, or could not be reached.
    LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_FAILURE,
    /// The Bootstrap-Server accepted the request and will send the accounts.
    LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_COMPLETE,
    /// The Bootstrap-Server has finished.
    LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_TRANSFER_COMPLETE,
    /// The server refused the registration.
    LWM2M_RD_CLIENT_EVENT_REGISTRATION_FAILURE,
    /// The server accepted the registration.
    LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE,
    /// The server did not answer, or the connection was lost.
    LWM2M_RD_CLIENT_EVENT_REG_TIMEOUT,
    /// The server accepted the Update.
    LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE,
    /// The server did not accept the De-register.
    LWM2M_RD_CLIENT_EVENT_DEREGISTER_FAILURE,
    /// The client has stopped, or is about to without a De-register.
    LWM2M_RD_CLIENT_EVENT_DISCONNECT,
    /// Queue mode: the client no longer listens.
    LWM2M_RD_CLIENT_EVENT_QUEUE_MODE_RX_OFF,
    /// The client is paused.
    LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED,
    /// All attempts to reach a server failed; the client has stopped.
    LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR,
    /// An Update is about to be sent.
    LWM2M_RD_CLIENT_EVENT_REG_UPDATE,
    /// A De-register is about to be sent.
    LWM2M_RD_CLIENT_EVENT_DEREGISTER,
    /// The server has disabled the client for a while.
    LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED,
}

/// What traffic is to be expected on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum lwm2m_socket_states {
    /// More of it.
    LWM2M_SOCKET_STATE_ONGOING,
    /// One answer to the next message.
    LWM2M_SOCKET_STATE_ONE_RESPONSE,
    /// Nothing after the next message.
    LWM2M_SOCKET_STATE_LAST,
    /// Nothing.
    LWM2M_SOCKET_STATE_NO_DATA,
}

/// How a Send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum lwm2m_send_status {
    /// The server accepted it.
    LWM2M_SEND_STATUS_SUCCESS,
    /// The server refused it, or the connection was closed.
    LWM2M_SEND_STATUS_FAILURE,
    /// The server did not answer.
    LWM2M_SEND_STATUS_TIMEOUT,
}

/// Security modes, resource 0/x/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum lwm2m_security_mode_e {
    /// Pre-shared key.
    LWM2M_SECURITY_PSK = 0,
    /// Raw public key.
    LWM2M_SECURITY_RAW_PK = 1,
    /// Certificate.
    LWM2M_SECURITY_CERT = 2,
    /// None.
    LWM2M_SECURITY_NOSEC = 3,
    /// Certificate, enrolled with EST.
    LWM2M_SECURITY_CERT_EST = 4,
}

/// Hears of the client's life.
///
/// Runs in the library's thread, or in the thread that called the function which caused the event.
/// No lock is held but what that caller holds itself; it may call any function of this library.
pub type lwm2m_ctx_event_cb_t =
    Option<unsafe extern "C" fn(ctx: *mut lwm2m_ctx, event: lwm2m_rd_client_event)>;

/// Hears of observations and notifications. `user_data` is the context when an observation begins,
/// NULL otherwise. Runs in the library's thread; no lock is held.
pub type lwm2m_observe_cb_t = Option<
    unsafe extern "C" fn(
        event: lwm2m_observe_event,
        path: *mut lwm2m_obj_path,
        user_data: *mut c_void,
    ),
>;

/// Hears that the socket failed, with an error number. Runs in the library's thread, which deals
/// with the failure itself; no lock is held.
pub type lwm2m_socket_fault_cb_t = Option<unsafe extern "C" fn(error: c_int)>;

/// Sets the options of a socket that was made and is not connected yet. 0 for success. Runs in the
/// library's thread; no lock is held.
pub type lwm2m_set_sockopt_cb_t = Option<unsafe extern "C" fn(client_ctx: *mut lwm2m_ctx) -> c_int>;

/// Hears how a Send ended. Runs in the library's thread; no lock is held.
pub type lwm2m_send_cb_t = Option<unsafe extern "C" fn(status: lwm2m_send_status)>;

impl From<ClientEvent> for lwm2m_rd_client_event {
    fn from(event: ClientEvent) -> Self {
        match event {
            ClientEvent::BootstrapFailure => Self::LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_FAILURE,
            ClientEvent::BootstrapComplete => Self::LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_COMPLETE,
            ClientEvent::BootstrapTransferComplete => {
                Self::LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_TRANSFER_COMPLETE
            }
            ClientEvent::RxOff => Self::LWM2M_RD_CLIENT_EVENT_QUEUE_MODE_RX_OFF,
            ClientEvent::ServerDisabled => Self::LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED,
            ClientEvent::RegistrationFailure => Self::LWM2M_RD_CLIENT_EVENT_REGISTRATION_FAILURE,
            ClientEvent::RegistrationComplete => Self::LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE,
            ClientEvent::RegistrationTimeout => Self::LWM2M_RD_CLIENT_EVENT_REG_TIMEOUT,
            ClientEvent::UpdateComplete => Self::LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE,
            ClientEvent::DeregistrationFailure => Self::LWM2M_RD_CLIENT_EVENT_DEREGISTER_FAILURE,
            ClientEvent::Deregistered | ClientEvent::Disconnected => {
                Self::LWM2M_RD_CLIENT_EVENT_DISCONNECT
            }
            ClientEvent::Left => Self::LWM2M_RD_CLIENT_EVENT_NONE,
            ClientEvent::Suspended => Self::LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED,
            ClientEvent::NetworkError => Self::LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR,
            ClientEvent::Update => Self::LWM2M_RD_CLIENT_EVENT_REG_UPDATE,
            ClientEvent::Deregister => Self::LWM2M_RD_CLIENT_EVENT_DEREGISTER,
        }
    }
}

impl From<ObserveEvent> for lwm2m_observe_event {
    fn from(event: ObserveEvent) -> Self {
        match event {
            ObserveEvent::Added => Self::LWM2M_OBSERVE_EVENT_OBSERVER_ADDED,
            ObserveEvent::Removed => Self::LWM2M_OBSERVE_EVENT_OBSERVER_REMOVED,
            ObserveEvent::NotifyAcknowledged => Self::LWM2M_OBSERVE_EVENT_NOTIFY_ACK,
            ObserveEvent::NotifyTimeout => Self::LWM2M_OBSERVE_EVENT_NOTIFY_TIMEOUT,
        }
    }
}

impl From<SendStatus> for lwm2m_send_status {
    fn from(status: SendStatus) -> Self {
        match status {
            SendStatus::Success => Self::LWM2M_SEND_STATUS_SUCCESS,
            SendStatus::Failure => Self::LWM2M_SEND_STATUS_FAILURE,
            SendStatus::Timeout => Self::LWM2M_SEND_STATUS_TIMEOUT,
        }
    }
}
