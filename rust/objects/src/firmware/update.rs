// SPDX-License-Identifier: Apache-2.0
//! The firmware update state machine: OMA-TS-LightweightM2M_Core-V1_1_1 appendix E.6, tables
//! E.6.1-1 and E.6.1-2.

use crate::package::{DownloadFailure, PackageWrite};

/// 5/x/3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Nothing downloaded.
    Idle = 0,
    /// A part of the package is here.
    Downloading = 1,
    /// The whole package is here.
    Downloaded = 2,
    /// The package is being installed.
    Updating = 3,
}

/// 5/x/5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UpdateResult {
    /// No update took place, or it is under way.
    Initial = 0,
    /// Updated.
    Success = 1,
    /// Not enough flash for the package.
    NoStorage = 2,
    /// Out of memory during the download.
    OutOfMemory = 3,
    /// Connection lost during the download.
    ConnectionLost = 4,
    /// Integrity check failed.
    IntegrityFailed = 5,
    /// Unsupported package type.
    UnsupportedPackage = 6,
    /// Invalid URI.
    InvalidUri = 7,
    /// Update failed.
    UpdateFailed = 8,
    /// Unsupported protocol.
    UnsupportedProtocol = 9,
}

/// What a Package URI does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriWrite {
    /// The package is fetched from there.
    Pull,
    /// It is empty: what there is of a package is thrown away.
    Reset,
    /// Nothing.
    Ignore,
}

impl State {
    /// The state with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Idle,
            1 => Self::Downloading,
            2 => Self::Downloaded,
            3 => Self::Updating,
            _ => return None,
        })
    }

    /// The Update Result that entering this state from `previous` brings about.
    #[must_use]
    pub const fn result_on_entry(self, previous: Option<Self>) -> Option<UpdateResult> {
        match (previous, self) {
            (Some(Self::Idle), Self::Downloading) | (Some(Self::Downloading), Self::Downloaded) => {
                Some(UpdateResult::Initial)
            }
            (Some(Self::Updating), Self::Downloaded) => Some(UpdateResult::UpdateFailed),
            (_, Self::Idle | Self::Downloading | Self::Downloaded | Self::Updating) => None,
        }
    }

    /// What a piece of a pushed package does in this state. A package that is empty (no byte, or
    /// one that is 0) says to throw away what there is.
    pub(crate) const fn on_package(self, empty: bool) -> PackageWrite {
        match (self, empty) {
            (Self::Idle | Self::Downloading | Self::Downloaded, true) => PackageWrite::Reset,
            (Self::Idle, false) => PackageWrite::Begin,
            (Self::Downloading, false) => PackageWrite::Continue,
            (Self::Downloaded, false) | (Self::Updating, _) => PackageWrite::Refuse,
        }
    }

    /// What a Package URI does in this state.
    #[must_use]
    pub const fn on_uri(self, empty: bool) -> UriWrite {
        match (self, empty) {
            (Self::Idle | Self::Downloading | Self::Downloaded, true) => UriWrite::Reset,
            (Self::Idle, false) => UriWrite::Pull,
            (Self::Downloading | Self::Downloaded, false) | (Self::Updating, _) => UriWrite::Ignore,
        }
    }

    /// Whether Execute of Update is possible.
    #[must_use]
    pub const fn may_update(self) -> bool {
        matches!(self, Self::Downloaded)
    }
}

impl From<DownloadFailure> for UpdateResult {
    fn from(failure: DownloadFailure) -> Self {
        match failure {
            DownloadFailure::NoStorage => Self::NoStorage,
            DownloadFailure::OutOfMemory => Self::OutOfMemory,
            DownloadFailure::ConnectionLost => Self::ConnectionLost,
            DownloadFailure::IntegrityFailed => Self::IntegrityFailed,
            DownloadFailure::UnsupportedPackage => Self::UnsupportedPackage,
            DownloadFailure::InvalidUri => Self::InvalidUri,
            DownloadFailure::UnsupportedProtocol => Self::UnsupportedProtocol,
            DownloadFailure::Refused | DownloadFailure::Other => Self::UpdateFailed,
        }
    }
}

impl UpdateResult {
    /// The result with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Initial,
            1 => Self::Success,
            2 => Self::NoStorage,
            3 => Self::OutOfMemory,
            4 => Self::ConnectionLost,
            5 => Self::IntegrityFailed,
            6 => Self::UnsupportedPackage,
            7 => Self::InvalidUri,
            8 => Self::UpdateFailed,
            9 => Self::UnsupportedProtocol,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 4] = [
        State::Idle,
        State::Downloading,
        State::Downloaded,
        State::Updating,
    ];

    #[test]
    fn numbers_are_those_of_the_resources() {
        for (number, state) in STATES.into_iter().enumerate() {
            assert_eq!(State::from_number(number as u8), Some(state));
            assert_eq!(state as usize, number);
        }
        assert_eq!(State::from_number(4), None);
        for number in 0..10 {
            assert_eq!(
                UpdateResult::from_number(number).map(|result| result as u8),
                Some(number)
            );
        }
        assert_eq!(UpdateResult::from_number(10), None);
    }

    #[test]
    fn a_download_clears_the_result_and_a_failed_update_sets_it() {
        use UpdateResult::{Initial, UpdateFailed};
        let mut results = std::vec::Vec::new();
        for next in STATES {
            results.push(STATES.map(|previous| next.result_on_entry(Some(previous))));
        }
        assert_eq!(
            results,
            [
                [None, None, None, None],
                [Some(Initial), None, None, None],
                [None, Some(Initial), None, Some(UpdateFailed)],
                [None, None, None, None],
            ]
        );
        assert_eq!(State::Downloading.result_on_entry(None), None);
    }

    #[test]
    fn a_package_is_taken_while_idle_or_downloading_only() {
        use PackageWrite::{Begin, Continue, Refuse, Reset};
        assert_eq!(
            STATES.map(|state| state.on_package(false)),
            [Begin, Continue, Refuse, Refuse]
        );
        assert_eq!(
            STATES.map(|state| state.on_package(true)),
            [Reset, Reset, Reset, Refuse]
        );
    }

    #[test]
    fn a_uri_is_followed_while_idle_only() {
        use UriWrite::{Ignore, Pull, Reset};
        assert_eq!(
            STATES.map(|state| state.on_uri(false)),
            [Pull, Ignore, Ignore, Ignore]
        );
        assert_eq!(
            STATES.map(|state| state.on_uri(true)),
            [Reset, Reset, Reset, Ignore]
        );
    }

    #[test]
    fn only_a_downloaded_package_is_installed() {
        assert_eq!(STATES.map(State::may_update), [false, false, true, false]);
    }
}
