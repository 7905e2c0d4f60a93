// SPDX-License-Identifier: Apache-2.0
//! The order in which an application may hear of the client's life, as Zephyr's documentation has it.

use lwm2m_core::registration::client::ClientEvent;

/// What an application believes of the client, from what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// It does not run: it was never started, or its last event was told.
    Stopped,
    /// It was stopped, and whether the server has heard of it may still be told.
    StoppedUnheard,
    /// It runs and is not registered.
    Started,
    /// A Bootstrap-Server has accepted it.
    Bootstrapping,
    /// It is registered.
    Registered,
    /// It is registered and does not listen.
    RxOff,
    /// An Update is on its way.
    Updating,
    /// An Update was on its way when the client was paused; perhaps it still is.
    Resumed,
    /// The server did not answer; it may still hold the registration.
    Unsure,
    /// A De-register is on its way, after which the client stops.
    Leaving,
}

impl View {
    /// What follows from an event; `None` when it makes no sense.
    pub fn after(self, event: ClientEvent) -> Option<View> {
        match event {
            // Commands; they come only where there is something to command.
            ClientEvent::Suspended => (self != View::Stopped).then_some(self),
            // A server that has asked for something holds a registration, even if the client has not
            // heard so.
            ClientEvent::Deregister => {
                (self.has_registered() || self == View::Started).then_some(View::Leaving)
            }
            ClientEvent::Disconnected if self == View::Leaving => Some(View::StoppedUnheard),
            ClientEvent::Disconnected => (self != View::Stopped).then_some(View::Stopped),

            ClientEvent::Deregistered => (self == View::Leaving).then_some(View::Stopped),
            ClientEvent::DeregistrationFailure => {
                matches!(self, View::Leaving | View::StoppedUnheard).then_some(View::Stopped)
            }

            // After a De-register, or its last event, the client is silent.
            _ if matches!(self, View::Stopped | View::StoppedUnheard | View::Leaving) => None,

            ClientEvent::BootstrapFailure => Some(View::Stopped),
            ClientEvent::BootstrapComplete => Some(View::Bootstrapping),
            ClientEvent::BootstrapTransferComplete => {
                (self == View::Bootstrapping).then_some(View::Started)
            }

            // A Bootstrap-Server that has accepted the client finishes first.
            _ if self == View::Bootstrapping => None,

            // An Update that the server does not know, or a notification that nobody acknowledged, is
            // followed by a Register without a word.
            ClientEvent::RegistrationComplete => Some(View::Registered),
            ClientEvent::RegistrationFailure => Some(View::Started),
            ClientEvent::RegistrationTimeout => Some(match self {
                View::Started => View::Started,
                _ => View::Unsure,
            }),
            ClientEvent::Update => (self.has_registered()).then_some(View::Updating),
            ClientEvent::UpdateComplete => {
                matches!(self, View::Updating | View::Resumed).then_some(View::Registered)
            }
            ClientEvent::RxOff => matches!(self, View::Registered | View::RxOff | View::Resumed)
                .then_some(View::RxOff),
            // Only the log is told of that.
            ClientEvent::Left => Some(View::Started),
            ClientEvent::ServerDisabled => self.has_registered().then_some(View::Started),
            ClientEvent::NetworkError => Some(View::Stopped),
        }
    }

    fn has_registered(self) -> bool {
        matches!(
            self,
            View::Registered
                | View::RxOff
                | View::Updating
                | View::Resumed
                | View::Unsure
                | View::Leaving
        )
    }
}
