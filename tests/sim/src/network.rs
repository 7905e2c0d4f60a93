// SPDX-License-Identifier: Apache-2.0
//! The network: datagrams that arrive late, twice or never.

use crate::random::Random;

/// Who a datagram is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// Between whom a datagram travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The client's address, whichever way the datagram goes: a new connection has a new one.
    pub client: u32,
    /// Which of the servers.
    pub server: usize,
}

/// Which ways are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Nothing reaches the client.
    pub to_client: bool,
    /// Nothing reaches the servers.
    pub to_server: bool,
}

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Percent of the datagrams that are lost.
    pub loss: u64,
    /// Percent that arrive twice.
    pub duplication: u64,
    /// Longest delay in milliseconds; different delays reorder.
    pub delay: u64,
}

impl Weather {
    /// Nothing is lost.
    pub const FAIR: Weather = Weather {
        loss: 0,
        duplication: 0,
        delay: 20,
    };

    /// 30 % loss, 10 % duplication, reordering.
    pub const STORM: Weather = Weather {
        loss: 30,
        duplication: 10,
        delay: 3000,
    };
}

struct Flight {
    arrives: u64,
    to: Side,
    route: Route,
    datagram: Vec<u8>,
}

/// A datagram that has arrived.
pub struct Arrival {
    pub to: Side,
    pub route: Route,
    pub datagram: Vec<u8>,
}

/// Datagrams under way.
pub struct Network {
    pub weather: Weather,
    pub cut: Cut,
    flights: Vec<Flight>,
}

impl Network {
    pub fn new(weather: Weather) -> Self {
        Self {
            weather,
            cut: Cut::default(),
            flights: Vec::new(),
        }
    }

    /// Takes a datagram at `now`.
    pub fn send(&mut self, now: u64, to: Side, route: Route, datagram: &[u8], random: &mut Random) {
        let cut = match to {
            Side::Client => self.cut.to_client,
            Side::Server => self.cut.to_server,
        };
        if cut {
            return;
        }
        let copies = if random.percent(self.weather.duplication) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            if !random.percent(self.weather.loss) {
                self.flights.push(Flight {
                    arrives: now + 1 + random.below(self.weather.delay),
                    to,
                    route,
                    datagram: datagram.to_vec(),
                });
            }
        }
    }

    /// When the next datagram arrives.
    pub fn next_arrival(&self) -> Option<u64> {
        self.flights.iter().map(|flight| flight.arrives).min()
    }

    /// A datagram that has arrived by `now`.
    pub fn arrived(&mut self, now: u64) -> Option<Arrival> {
        let at = self
            .flights
            .iter()
            .position(|flight| flight.arrives <= now)?;
        let flight = self.flights.swap_remove(at);
        Some(Arrival {
            to: flight.to,
            route: flight.route,
            datagram: flight.datagram,
        })
    }
}
