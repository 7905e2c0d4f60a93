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
    address: u32,
    datagram: Vec<u8>,
}

/// A datagram that has arrived.
pub struct Arrival {
    pub to: Side,
    /// The client's address, whichever way the datagram went: a new connection has a new one.
    pub address: u32,
    pub datagram: Vec<u8>,
}

/// Datagrams under way.
pub struct Network {
    pub weather: Weather,
    flights: Vec<Flight>,
}

impl Network {
    pub fn new(weather: Weather) -> Self {
        Self {
            weather,
            flights: Vec::new(),
        }
    }

    /// Takes a datagram at `now`.
    pub fn send(&mut self, now: u64, to: Side, address: u32, datagram: &[u8], random: &mut Random) {
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
                    address,
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
            address: flight.address,
            datagram: flight.datagram,
        })
    }
}
