// SPDX-License-Identifier: Apache-2.0
//! What the server tells its subscribers, in the order it happens.

use crate::content::Error as ContentError;
use crate::{Content, Observation, Registration, Response, trace};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A client of this name asked for a bootstrap, which is begun with its
    /// [`Client`](crate::Client).
    BootstrapRequested(String),
    /// A client registered, perhaps in place of its earlier registration.
    Registered(Registration),
    /// A client updated its registration; this is how it stands now.
    Updated(Registration),
    /// A client deregistered.
    Deregistered(Registration),
    /// A registration's lifetime ran out without an update.
    Expired(Registration),
    /// A notification of an observation.
    Notification(Box<Notification>),
    /// A client reported of its own accord (Send).
    Send {
        /// The client.
        endpoint: String,
        /// What it reported.
        content: Result<Content, ContentError>,
    },
    /// A datagram came or went.
    Trace(trace::Entry),
}

/// A notification of an observation (RFC 7641 §4.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The observation.
    pub observation: Observation,
    /// The Observe option; none in the error response that ends an observation.
    pub sequence: Option<u32>,
    /// Whether it is newer than those before it; false when it was overtaken on its way.
    pub fresh: bool,
    /// Code and content.
    pub response: Response,
}
