// SPDX-License-Identifier: Apache-2.0
//! The software management state machine: OMA-TS-LWM2M_SwMgmt-V1_0 §6.1.2, figure 1.

use crate::package::{DownloadFailure, PackageWrite};

/// 9/x/7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// No package.
    Initial = 0,
    /// A part of the package is here.
    DownloadStarted = 1,
    /// The whole package is here.
    Downloaded = 2,
    /// Its integrity was verified: it can be installed.
    Delivered = 3,
    /// It is installed.
    Installed = 4,
}

/// 9/x/9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UpdateResult {
    /// Nothing to say.
    Initial = 0,
    /// The download is under way.
    Downloading = 1,
    /// Installed.
    Installed = 2,
    /// Downloaded, and the integrity was verified.
    Verified = 3,
    /// Not enough storage for the package.
    NotEnoughStorage = 50,
    /// Out of memory during the download.
    OutOfMemory = 51,
    /// Connection lost during the download.
    ConnectionLost = 52,
    /// Integrity check failed.
    IntegrityFailed = 53,
    /// Unsupported package type.
    UnsupportedPackage = 54,
    /// Invalid URI.
    InvalidUri = 56,
    /// An error that the device defines.
    DeviceError = 57,
    /// Installation failed.
    InstallationFailed = 58,
    /// Uninstallation for an update failed.
    UninstallationFailed = 59,
}

/// What happens to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its download begins.
    Begin,
    /// All of it is here.
    Complete,
    /// Its download failed; why is the Update Result of whoever knows.
    DownloadFailed,
    /// Its integrity was verified.
    Verified,
    /// The application installed it.
    Installed,
    /// The application could not install it.
    InstallationFailed,
    /// The application deleted it.
    Deleted,
    /// It stays, and another one that is to take its place will be delivered.
    ForUpdate,
}

/// What a server can have executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// 9/x/4.
    Install,
    /// 9/x/6.
    Uninstall,
    /// 9/x/10.
    Activate,
    /// 9/x/11.
    Deactivate,
}

/// Where an event leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The next state.
    pub state: State,
    /// The Update Result; none: it stays.
    pub result: Option<UpdateResult>,
}

impl From<DownloadFailure> for UpdateResult {
    fn from(failure: DownloadFailure) -> Self {
        match failure {
            DownloadFailure::NoStorage => Self::NotEnoughStorage,
            DownloadFailure::OutOfMemory => Self::OutOfMemory,
            DownloadFailure::IntegrityFailed => Self::IntegrityFailed,
            DownloadFailure::UnsupportedPackage => Self::UnsupportedPackage,
            DownloadFailure::InvalidUri | DownloadFailure::UnsupportedProtocol => Self::InvalidUri,
            DownloadFailure::ConnectionLost | DownloadFailure::Refused | DownloadFailure::Other => {
                Self::ConnectionLost
            }
        }
    }
}

impl State {
    /// The state with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Initial,
            1 => Self::DownloadStarted,
            2 => Self::Downloaded,
            3 => Self::Delivered,
            4 => Self::Installed,
            _ => return None,
        })
    }

    /// Where an event leads from here; `None`: it cannot happen here.
    #[must_use]
    pub const fn after(self, event: Event) -> Option<Transition> {
        use UpdateResult::{Downloading, Initial, InstallationFailed, Installed, Verified};
        let (state, result) = match (self, event) {
            (Self::Initial, Event::Begin) => (Self::DownloadStarted, Some(Downloading)),
            (Self::DownloadStarted, Event::Complete) => (Self::Downloaded, Some(Initial)),
            (Self::DownloadStarted, Event::DownloadFailed) | (Self::Delivered, Event::Deleted) => {
                (Self::Initial, None)
            }
            (Self::Downloaded, Event::Verified) => (Self::Delivered, Some(Verified)),
            (Self::Delivered, Event::Installed) => (Self::Installed, Some(Installed)),
            (Self::Delivered, Event::InstallationFailed) => {
                (Self::Delivered, Some(InstallationFailed))
            }
            (Self::Installed, Event::Deleted | Event::ForUpdate) => (Self::Initial, Some(Initial)),
            (
                Self::Initial
                | Self::DownloadStarted
                | Self::Downloaded
                | Self::Delivered
                | Self::Installed,
                _,
            ) => return None,
        };
        Some(Transition { state, result })
    }

    /// Whether a server can have this executed here.
    #[must_use]
    pub const fn accepts(self, command: Command) -> bool {
        match command {
            Command::Install => matches!(self, Self::Delivered),
            Command::Uninstall => matches!(self, Self::Delivered | Self::Installed),
            Command::Activate | Command::Deactivate => matches!(self, Self::Installed),
        }
    }

    /// What a piece of a pushed package does here. While one is being downloaded, a piece at its
    /// beginning takes the place of what came before: the server begins again.
    pub(crate) const fn on_package(self) -> PackageWrite {
        match self {
            Self::Initial => PackageWrite::Begin,
            Self::DownloadStarted => PackageWrite::Continue,
            Self::Downloaded | Self::Delivered | Self::Installed => PackageWrite::Refuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 5] = [
        State::Initial,
        State::DownloadStarted,
        State::Downloaded,
        State::Delivered,
        State::Installed,
    ];

    #[test]
    fn numbers_are_those_of_the_resource() {
        for (number, state) in STATES.into_iter().enumerate() {
            assert_eq!(State::from_number(number as u8), Some(state));
            assert_eq!(state as usize, number);
        }
        assert_eq!(State::from_number(5), None);
    }

    #[test]
    fn events_lead_where_the_figure_says_and_happen_nowhere_else() {
        use State::{Delivered, DownloadStarted, Downloaded, Initial, Installed};
        let arrows = [
            (Initial, Event::Begin, DownloadStarted, Some(1)),
            (DownloadStarted, Event::Complete, Downloaded, Some(0)),
            (DownloadStarted, Event::DownloadFailed, Initial, None),
            (Downloaded, Event::Verified, Delivered, Some(3)),
            (Delivered, Event::Installed, Installed, Some(2)),
            (Delivered, Event::InstallationFailed, Delivered, Some(58)),
            (Delivered, Event::Deleted, Initial, None),
            (Installed, Event::Deleted, Initial, Some(0)),
            (Installed, Event::ForUpdate, Initial, Some(0)),
        ];
        let events = [
            Event::Begin,
            Event::Complete,
            Event::DownloadFailed,
            Event::Verified,
            Event::Installed,
            Event::InstallationFailed,
            Event::Deleted,
            Event::ForUpdate,
        ];
        for state in STATES {
            for event in events {
                let expected = arrows
                    .iter()
                    .find(|arrow| (arrow.0, arrow.1) == (state, event))
                    .map(|arrow| (arrow.2, arrow.3));
                let found = state
                    .after(event)
                    .map(|next| (next.state, next.result.map(|result| result as u8)));
                assert_eq!(found, expected, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn commands_need_a_package_that_is_delivered_or_installed() {
        let accepted = |command| STATES.map(|state| state.accepts(command));
        assert_eq!(
            accepted(Command::Install),
            [false, false, false, true, false]
        );
        assert_eq!(
            accepted(Command::Uninstall),
            [false, false, false, true, true]
        );
        for command in [Command::Activate, Command::Deactivate] {
            assert_eq!(accepted(command), [false, false, false, false, true]);
        }
    }

    #[test]
    fn a_package_is_taken_while_there_is_none_or_a_part_of_one() {
        use PackageWrite::{Begin, Continue, Refuse};
        assert_eq!(
            STATES.map(State::on_package),
            [Begin, Continue, Refuse, Refuse, Refuse]
        );
    }
}
