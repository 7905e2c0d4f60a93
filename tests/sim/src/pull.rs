// SPDX-License-Identifier: Apache-2.0
//! A package fetched over a bad network: whole and in order, or not at all; and told once.

use std::fmt::Write as _;

use lwm2m_core::coap::{Block, BlockSize, Code, ConnectionId, Message, MessageType};
use lwm2m_core::engine::Event;
use lwm2m_core::firmware::Failure;
use lwm2m_core::time::Instant;
use lwm2m_core::uri::DefaultPorts;

use crate::network::{Arrival, Network, Route, Side, Weather};
use crate::random::Random;
use crate::support::{Bench, Done, MemoryModel, message, respond};

const URI: &[u8] = b"coap://packages/fw?1";
const ETAG: u16 = 4;
const BLOCK2: u16 = 23;
const SIZE2: u16 = 28;

/// A fetching that never ends would go on longer than this, in milliseconds.
const PATIENCE: u64 = 24 * 3_600_000;

struct World {
    bench: Bench,
    network: Network,
    random: Random,
    package: Vec<u8>,
    /// What it was before; their number names the version.
    earlier: Vec<Vec<u8>>,
    /// The largest blocks the peer sends.
    size: BlockSize,
    /// Answers in messages of their own, by the message id of the request.
    separate: bool,
    next_message_id: u16,
    /// Where the client is; a new connection has a new address.
    route: Route,
    ended: Option<Result<(), Failure>>,
    transcript: String,
}

/// How one run ended, and in how many milliseconds.
#[derive(Debug)]
pub struct Fetched {
    /// The package is here; else why not.
    pub result: Result<(), Failure>,
    /// Virtual milliseconds.
    pub elapsed: u64,
}

/// Fetches a package. An error says which invariant broke, and how it came to that.
///
/// # Errors
/// An invariant does not hold.
pub fn fetch(seed: u64, weather: Weather) -> Result<Fetched, String> {
    let mut random = Random::new(seed);
    let length = random.below(6000) as usize;
    let mut world = World {
        bench: Bench::new(MemoryModel::standard()),
        network: Network::new(weather),
        package: (0..length).map(|_| random.below(256) as u8).collect(),
        earlier: Vec::new(),
        size: BlockSize::within(16 << random.below(4)),
        separate: random.percent(30),
        next_message_id: 1,
        random,
        route: Route::default(),
        ended: None,
        transcript: String::new(),
    };
    let start = world.bench.now;
    world
        .run()
        .map(|result| Fetched {
            result,
            elapsed: world.bench.now - start,
        })
        .map_err(|broken| format!("seed {seed}: {broken}\n{}", world.transcript))
}

impl World {
    fn run(&mut self) -> Result<Result<(), Failure>, String> {
        let end = self.bench.now + PATIENCE;
        self.bench
            .shared
            .pull
            .start(URI, DefaultPorts::STANDARD)
            .map_err(|error| format!("{error:?}"))?;
        while self.ended.is_none() {
            let deadline = self.client()?;
            while let Some(arrival) = self.network.arrived(self.bench.now) {
                self.deliver(&arrival);
            }
            let next = [deadline, self.network.next_arrival()];
            let next = next.into_iter().flatten().min();
            match next {
                _ if self.ended.is_some() => {}
                Some(next) if next <= end => self.bench.now = next.max(self.bench.now),
                _ => return Err("the fetching does not end".into()),
            }
            self.misfortune();
        }
        self.check()
    }

    /// Now and then the connection breaks, or the package changes.
    fn misfortune(&mut self) {
        if self.network.weather.loss == 0 {
            return;
        }
        match self.random.below(1000) {
            0..5 => {
                let _ = writeln!(self.transcript, "the connection breaks");
                let now = Instant::from_millis(self.bench.now);
                self.bench
                    .engine
                    .connection_failed(self.bench.shared, ConnectionId::PULL, now);
            }
            5 => {
                let _ = writeln!(self.transcript, "the package changes");
                self.earlier.push(self.package.clone());
                self.package.iter_mut().for_each(|byte| *byte ^= 0x55);
            }
            _ => {}
        }
    }

    /// Does what the engine wants done.
    fn client(&mut self) -> Result<Option<u64>, String> {
        for _ in 0..1000 {
            self.bench.connects = if self.random.percent(90) {
                Ok(())
            } else {
                Err(-5)
            };
            let (done, deadline) = self.bench.settle();
            if done.is_empty() {
                return Ok(deadline);
            }
            for done in done {
                let _ = writeln!(self.transcript, "{} {done:02x?}", self.bench.now);
                match done {
                    Done::Transmit(datagram) => self.send(Side::Server, &datagram),
                    Done::Connect(..) | Done::Close => self.route.client += 1,
                    Done::Event(Event::Pull(result)) => {
                        if self.ended.replace(result).is_some() {
                            return Err("told twice".into());
                        }
                        if !self.bench.shared.pull.finish() {
                            return Err("told of what was not over".into());
                        }
                    }
                    other @ (Done::Listen(_) | Done::Event(_)) => return Err(format!("{other:?}")),
                }
            }
        }
        Err("the engine never comes to rest".into())
    }

    fn send(&mut self, to: Side, datagram: &[u8]) {
        let now = self.bench.now;
        self.network
            .send(now, to, self.route, datagram, &mut self.random);
    }

    fn deliver(&mut self, arrival: &Arrival) {
        let _ = writeln!(
            self.transcript,
            "{} {:?} hears {:02x?}",
            self.bench.now, arrival.to, arrival.datagram
        );
        if arrival.route != self.route {
            return;
        }
        match arrival.to {
            Side::Client => {
                let answer = self.bench.receive_on(ConnectionId::PULL, &arrival.datagram);
                if let Some(answer) = answer {
                    self.send(Side::Server, &answer);
                }
            }
            Side::Server => self.serve(&arrival.datagram),
        }
    }

    /// The peer: it keeps nothing between requests.
    fn serve(&mut self, datagram: &[u8]) {
        let Ok(request) = Message::parse(datagram) else {
            return;
        };
        let asked = request.option(BLOCK2).map(Block::parse);
        let Some(Ok(asked)) = asked else {
            return;
        };
        let size = asked.size.min(self.size);
        let offset = asked.offset();
        let rest = self.package.get(offset..).unwrap_or_default();
        let part = &rest[..rest.len().min(size.bytes())];
        let Some(block) = Block::at(offset, part.len() < rest.len(), size) else {
            return;
        };
        let (block, length) = (
            block.value().to_be_bytes(),
            (self.package.len() as u32).to_be_bytes(),
        );
        let options: [(u16, &[u8]); 3] = [
            (ETAG, &[self.earlier.len() as u8]),
            (BLOCK2, &block[1..]),
            (SIZE2, &length),
        ];
        if self.separate {
            let [_, _, high, low, ..] = *datagram else {
                return;
            };
            let response = message(
                MessageType::Confirmable,
                Code::CONTENT,
                self.next_message_id,
                request.token.as_bytes(),
                &options,
                part,
            );
            self.next_message_id = self.next_message_id.wrapping_add(1);
            self.send(Side::Client, &[0x60, 0, high, low]);
            self.send(Side::Client, &response);
        } else {
            let response = respond(datagram, Code::CONTENT, &options, part);
            self.send(Side::Client, &response);
        }
    }

    fn check(&self) -> Result<Result<(), Failure>, String> {
        let result = self.ended.unwrap_or(Err(Failure::ConnectionLost));
        let pieces = self.bench.taker.pieces.borrow();
        let mut reached = 0;
        for (offset, length, total, _) in pieces.iter() {
            if *offset != reached || *total != self.package.len() {
                return Err(format!(
                    "a piece at {offset} of {total} where {reached} was"
                ));
            }
            reached += length;
        }
        let lasts = pieces.iter().filter(|piece| piece.3).count();
        let package = self.bench.taker.package.borrow();
        let whole = *package == self.package || self.earlier.contains(&package);
        match result {
            Ok(()) if !whole => Err("another package".into()),
            Ok(()) if lasts != 1 => Err(format!("{lasts} last pieces")),
            Err(_) if lasts > 0 => Err("a last piece of what failed".into()),
            Err(Failure::Changed) if self.earlier.is_empty() => Err("it did not change".into()),
            Err(Failure::ConnectionLost | Failure::Changed | Failure::Connect(-5)) | Ok(()) => {
                Ok(result)
            }
            Err(other) => Err(format!("{other:?}")),
        }
    }
}
