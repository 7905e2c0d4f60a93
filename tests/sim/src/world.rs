// SPDX-License-Identifier: Apache-2.0
//! The client, its servers and the network together, in virtual time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lwm2m_core::coap::{Message, MessageType};
use lwm2m_core::registration::client::{ClientEvent, UpdateScope};

use crate::accounts::{BOOTSTRAP, generations};
use crate::bootstrap_server::BootstrapServer;
use crate::device::{Device, Step};
use crate::network::{Arrival, Cut, Network, Route, Side, Weather};
use crate::random::Random;
use crate::scenario::Scenario;
use crate::server::Server;
use crate::support::Done;

/// What one run did.
#[derive(Debug, Default)]
pub struct Report {
    /// Virtual milliseconds.
    pub elapsed: u64,
    /// Datagrams of both sides.
    pub datagrams: u64,
    /// How often the client's own deadline ended its sleep.
    pub wakes: u64,
    /// What happened, line by line.
    pub transcript: String,
}

/// All there is.
pub struct World {
    pub scenario: Scenario,
    pub device: Device,
    pub servers: [Server; 2],
    pub bootstrap: BootstrapServer,
    pub network: Network,
    pub random: Random,
    pub report: Report,
    start: u64,
    /// Executes that servers asked for, by token, with the argument that tells them apart.
    pub executes: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Every datagram that left somebody, if they are to be kept.
    pub sent: Option<Vec<Vec<u8>>>,
}

impl World {
    pub fn new(scenario: Scenario, weather: Weather, random: Random) -> Self {
        let device = Device::new(&scenario);
        Self {
            start: device.bench.now,
            device,
            servers: [Server::new(0), Server::new(1)],
            bootstrap: BootstrapServer::new(scenario.accounts.clone()),
            network: Network::new(weather),
            random,
            report: Report::default(),
            executes: BTreeMap::new(),
            sent: None,
            scenario,
        }
    }

    pub fn now(&self) -> u64 {
        self.device.bench.now
    }

    /// Ends the run: its report, or which invariant broke and how it came to that.
    pub fn end(mut self, name: &str, outcome: Result<(), String>) -> Result<Report, String> {
        self.report.elapsed = self.now() - self.start;
        match outcome {
            Ok(()) => Ok(self.report),
            Err(broken) => Err(format!(
                "{name}: {broken}\n{:#?}\n{}",
                self.scenario, self.report.transcript
            )),
        }
    }

    pub fn note(&mut self, what: &str) {
        let at = self.now() - self.start;
        let _ = writeln!(self.report.transcript, "{at:>9} {what}");
    }

    /// Lets `milliseconds` go by.
    pub fn pass(&mut self, milliseconds: u64) -> Result<(), String> {
        let end = self.now() + milliseconds;
        for _ in 0..100_000 {
            let own = self.settle()?;
            let deadlines = [
                own,
                self.servers[0].deadline(),
                self.servers[1].deadline(),
                self.bootstrap.deadline(),
                self.network.next_arrival(),
            ];
            match deadlines.into_iter().flatten().min() {
                Some(deadline) if deadline <= end => {
                    let now = deadline.max(self.now());
                    self.report.wakes += u64::from(own == Some(now));
                    self.device.set_time(now);
                }
                _ => {
                    self.device.set_time(end);
                    self.settle()?;
                    return Ok(());
                }
            }
        }
        Err("time does not go on".into())
    }

    /// Everybody does what is to be done now; returns when the client wants to be asked again.
    fn settle(&mut self) -> Result<Option<u64>, String> {
        self.run_client()?;
        for index in 0..self.servers.len() {
            for (address, datagram) in self.servers[index].due(self.now()) {
                self.send_to_client(index, address, &datagram);
            }
        }
        for (address, datagram) in self.bootstrap.due(self.now()) {
            self.send_to_client(BOOTSTRAP, address, &datagram);
        }
        while let Some(arrival) = self.network.arrived(self.now()) {
            self.deliver(&arrival);
            self.run_client()?;
        }
        while let Some(datagram) = self.device.waiting() {
            let route = self.device.route();
            self.deliver(&Arrival {
                to: Side::Client,
                route,
                datagram,
            });
            self.run_client()?;
        }
        if let Some(refused) = self.bootstrap.refused.take() {
            return Err(refused);
        }
        self.run_client()
    }

    /// Does what the engine wants done; returns when it wants to be asked again.
    fn run_client(&mut self) -> Result<Option<u64>, String> {
        for _ in 0..1000 {
            let (done, step) = self.device.step()?;
            if let Some(done) = &done {
                let state = self.device.state();
                self.note(&format!("client {} [{state:?}]", describe(done)));
            }
            match step {
                Step::Sends(route, datagram) => {
                    self.transmit(Side::Server, route, &datagram);
                    self.interfere()?;
                }
                Step::Connects(server) => {
                    let whole = self.network.cut == Cut::default();
                    let bad = self.random.percent(self.scenario.bad_connects)
                        || (self.scenario.handshake && !whole);
                    if bad {
                        self.note("cannot connect");
                    }
                    self.interfere()?;
                    self.device
                        .connected(server, if bad { Err(-111) } else { Ok(()) });
                }
                Step::Event(event) => {
                    self.check_accounts(event)?;
                    if self.random.percent(self.scenario.reaction) {
                        self.react()?;
                    }
                }
                Step::Other => self.interfere()?,
                Step::Rests(deadline) => return Ok(deadline),
            }
        }
        Err("the engine never comes to rest".into())
    }

    /// The application may give a command between two things that the engine does.
    fn interfere(&mut self) -> Result<(), String> {
        if self.random.percent(self.scenario.interference) {
            return self.react();
        }
        Ok(())
    }

    /// The application gives a command, from inside its event callback or from another thread.
    fn react(&mut self) -> Result<(), String> {
        match self.random.below(8) {
            0 => {
                self.note("application stops the client meanwhile");
                let deregister = self.random.percent(70);
                self.device.stop(deregister)
            }
            1 => {
                self.note("application pauses the client meanwhile");
                self.device.pause()
            }
            2 => {
                self.device.client().request_update(UpdateScope::Objects);
                Ok(())
            }
            3 => {
                self.device.change();
                Ok(())
            }
            4 => {
                self.device.send();
                Ok(())
            }
            5 => {
                self.note("application resumes the client meanwhile");
                self.device.resume();
                Ok(())
            }
            6 => {
                self.device.start_again();
                Ok(())
            }
            _ => {
                // It is refused where the client runs.
                self.device.start(false);
                Ok(())
            }
        }
    }

    /// What a bootstrap brought is there as a whole.
    fn check_accounts(&self, event: ClientEvent) -> Result<(), String> {
        if event != ClientEvent::BootstrapTransferComplete {
            return Ok(());
        }
        let expected = self.bootstrap.accounts.generation;
        let found = generations(&self.device.bench.model)?;
        let count = 2 * self.bootstrap.accounts.servers.len();
        if found.len() != count || found.iter().any(|(_, _, it)| *it != expected) {
            return Err(format!("accounts of generation {expected}: {found:?}"));
        }
        Ok(())
    }

    fn transmit(&mut self, to: Side, route: Route, datagram: &[u8]) {
        self.report.datagrams += 1;
        let now = self.now();
        if let Some(sent) = &mut self.sent {
            sent.push(datagram.to_vec());
        }
        self.network
            .send(now, to, route, datagram, &mut self.random);
    }

    /// A server sends something to where it knows the client.
    pub fn send_to_client(&mut self, server: usize, address: u32, datagram: &[u8]) {
        let client = address;
        self.transmit(Side::Client, Route { client, server }, datagram);
    }

    fn deliver(&mut self, arrival: &Arrival) {
        let Arrival {
            to,
            route,
            datagram,
        } = arrival;
        let now = self.now();
        let to_whom = match to {
            Side::Client => "client".into(),
            Side::Server => format!("server {}", route.server),
        };
        self.note(&format!("{to_whom} hears {}", describe_message(datagram)));
        let answer = match (to, route.server) {
            (Side::Client, _) => self.device.receive(*route, datagram),
            (Side::Server, BOOTSTRAP) => {
                let random = &mut self.random;
                self.bootstrap.receive(now, route.client, datagram, random)
            }
            (Side::Server, server) => self.servers[server].receive(now, route.client, datagram),
        };
        if let Some(answer) = answer {
            let back = match to {
                Side::Client => Side::Server,
                Side::Server => Side::Client,
            };
            self.transmit(back, *route, &answer);
        }
        // Whoever wants to observe does so when the client shows itself.
        if *to == Side::Server && route.server != BOOTSTRAP {
            self.observe(route.server);
        }
    }

    /// A server observes, if it wants to and does not.
    pub fn observe(&mut self, server: usize) {
        let now = self.now();
        if !self.servers[server].wants_to_observe() {
            return;
        }
        self.note(&format!("server {server} observes"));
        let address = self.servers[server]
            .registration
            .as_ref()
            .map(|it| it.address);
        let datagram = self.servers[server].observe(now, "/3303/0/5700");
        if let (Some(address), Some(datagram)) = (address, datagram) {
            self.send_to_client(server, address, &datagram);
        }
    }
}

fn describe(done: &Done) -> String {
    match done {
        Done::Transmit(datagram) => format!("sends {}", describe_message(datagram)),
        other => format!("{other:?}"),
    }
}

fn describe_message(datagram: &[u8]) -> String {
    let Ok(message) = Message::parse(datagram) else {
        return format!("{datagram:02x?}");
    };
    let kind = match message.kind {
        MessageType::Confirmable => "CON",
        MessageType::NonConfirmable => "NON",
        MessageType::Acknowledgement => "ACK",
        MessageType::Reset => "RST",
    };
    let mut text = format!(
        "{kind} {}.{:02} mid {:04x} token {:02x?}",
        message.code.class(),
        message.code.detail(),
        message.message_id,
        message.token.as_bytes()
    );
    for (number, value) in message.options() {
        let value = String::from_utf8_lossy(value);
        let _ = write!(text, " {number}={}", value.escape_debug());
    }
    if !message.payload.is_empty() {
        let payload = String::from_utf8_lossy(message.payload);
        let _ = write!(text, " {}", payload.escape_debug());
    }
    text
}
