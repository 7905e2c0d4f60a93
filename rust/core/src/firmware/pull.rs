// SPDX-License-Identifier: Apache-2.0
//! What every thread may see and command of the fetching: one package at a time, from one URI.

use core::cell::Cell;

use crate::coap::{BlockSize, Code};
use crate::uri::{DefaultPorts, Uri, UriError};

use super::way;

/// How packages are fetched.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub(super) block_size: BlockSize,
    pub(super) max_retries: u8,
    #[cfg(feature = "pull-proxy")]
    pub(super) proxy: &'static [u8],
}

impl Settings {
    /// In blocks of at most `block_size` bytes: 16, 32, 64 … 1024. The connection may be lost
    /// `max_retries` times in a row before the fetching is given up.
    #[must_use]
    pub const fn new(block_size: u16, max_retries: u8) -> Self {
        Self {
            block_size: BlockSize::within(block_size as usize),
            max_retries,
            #[cfg(feature = "pull-proxy")]
            proxy: b"",
        }
    }

    /// Through the proxy with this URI.
    #[cfg(feature = "pull-proxy")]
    #[must_use]
    pub const fn through(self, proxy: &'static [u8]) -> Self {
        Self { proxy, ..self }
    }
}

/// Why a fetching ended without the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection could not be opened: the platform's number.
    Connect(i32),
    /// Nobody answered any more.
    ConnectionLost,
    /// The peer answered with another code than 2.05.
    Response(Code),
    /// The peer sent another block than was asked for, or one of another size than it said.
    Block,
    /// The package changed at the peer meanwhile.
    Changed,
    /// The request is longer than a message may be.
    NoRoom,
    /// Whoever takes the pieces refused one: its number.
    Refused(i32),
}

/// Why a fetching does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// Another one is going on.
    Busy,
    /// The URI is not well formed, or too long.
    InvalidUri,
    /// The URI has a scheme that is not spoken here.
    UnsupportedScheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is fetched.
    Idle,
    /// A fetching is to begin, after the end of the one before it.
    Wanted,
    /// It is going on.
    Running,
    /// It is over; whoever wanted it has not been told.
    Ended,
    /// It is to end, and nobody is to be told.
    Cancelled,
}

/// The cells of the fetching.
pub struct Pull<'a> {
    pub(super) settings: Settings,
    /// Taken out while it is looked at, so that nobody changes it meanwhile.
    uri: Cell<Option<&'a mut [u8]>>,
    length: Cell<usize>,
    pub(super) ports: Cell<DefaultPorts>,
    pub(super) phase: Cell<Phase>,
}

impl<'a> Pull<'a> {
    /// For a client that fetches nothing.
    pub(crate) const fn none() -> Self {
        Self::new(Settings::new(16, 0), &mut [])
    }

    /// Fetches packages whose URIs are at most as long as `uri`.
    #[must_use]
    pub const fn new(settings: Settings, uri: &'a mut [u8]) -> Self {
        Self {
            settings,
            uri: Cell::new(Some(uri)),
            length: Cell::new(0),
            ports: Cell::new(DefaultPorts::STANDARD),
            phase: Cell::new(Phase::Idle),
        }
    }

    /// Begins to fetch what `uri` names. A fetching that was cancelled may still have to end; this
    /// one then begins after it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, uri: &[u8], ports: DefaultPorts) -> Result<(), StartError> {
        if !matches!(self.phase.get(), Phase::Idle | Phase::Cancelled) {
            return Err(StartError::Busy);
        }
        way::check(uri, &self.settings, ports)?;
        let room = self.uri.take().ok_or(StartError::Busy)?;
        let kept = match room.get_mut(..uri.len()) {
            Some(front) => {
                front.copy_from_slice(uri);
                Ok(())
            }
            None => Err(StartError::InvalidUri),
        };
        self.uri.set(Some(room));
        kept?;
        self.length.set(uri.len());
        self.ports.set(ports);
        self.phase.set(Phase::Wanted);
        Ok(())
    }

    /// Ends the fetching, without telling anybody. Nothing happens when there is none.
    pub fn cancel(&self) {
        if self.phase.get() != Phase::Idle {
            self.phase.set(Phase::Cancelled);
        }
    }

    /// Whether something is being fetched, or about to be.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !matches!(self.phase.get(), Phase::Idle | Phase::Cancelled)
    }

    /// To be called by whoever is told that the fetching is over: makes room for the next one.
    /// False: it was cancelled meanwhile, so that the end of it is nobody's business.
    pub fn finish(&self) -> bool {
        let ended = self.phase.get() == Phase::Ended;
        if ended {
            self.phase.set(Phase::Idle);
        }
        ended
    }

    /// Looks at the URI.
    pub(super) fn with_uri<R>(&self, look: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let uri = self.uri.take()?;
        let result = uri.get(..self.length.get()).map(look);
        self.uri.set(Some(uri));
        result
    }

    /// Puts the URI of the peer at the front of `buffer`; `None` when it does not fit.
    pub(crate) fn put_uri(&self, buffer: &mut [u8]) -> Option<usize> {
        self.with_uri(|uri| put(way::peer(uri, &self.settings), buffer))?
    }

    /// Where to connect to, by the text that [`Pull::put_uri`] gave.
    pub(crate) fn peer<'b>(&self, text: &'b [u8]) -> Option<Uri<'b>> {
        Some(Uri::split(text, self.ports.get()).ok()?.0)
    }
}

fn put(text: &[u8], buffer: &mut [u8]) -> Option<usize> {
    buffer.get_mut(..text.len())?.copy_from_slice(text);
    Some(text.len())
}

pub(super) fn invalid(error: UriError) -> StartError {
    match error {
        UriError::Invalid => StartError::InvalidUri,
        UriError::UnsupportedScheme => StartError::UnsupportedScheme,
    }
}
