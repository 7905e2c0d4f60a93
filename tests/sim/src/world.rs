// SPDX-License-Identifier: Apache-2.0
//! The client, its servers and the network together, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
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
    /// The client's addresses that each server, and the Bootstrap-Server, has an association with.
    associations: [BTreeSet<u32>; 3],
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
            servers: [0, 1].map(|name| Server::new(name, scenario.composite)),
            bootstrap: BootstrapServer::new(scenario.accounts.clone()),
            network: Network::new(weather),
            associations: Default::default(),
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
            let deadlines = self.deadlines().into_iter().chain([own]);
            match deadlines.flatten().min() {
                Some(deadline) if deadline <= end => {
                    let now = deadline.max(self.now());
                    self.report.wakes += u64::from(own == Some(now));
                    self.device.set_time(now);
                }
                _ => {
                    // A handshake may have taken longer.
                    self.device.set_time(end.max(self.now()));
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
        self.run_servers();
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

    fn run_servers(&mut self) {
        for index in 0..self.servers.len() {
            for (address, datagram) in self.servers[index].due(self.now()) {
                self.send_to_client(index, address, &datagram);
            }
        }
        for (address, datagram) in self.bootstrap.due(self.now()) {
            self.send_to_client(BOOTSTRAP, address, &datagram);
        }
    }

    /// The client connects: to a server that can be reached, or not. Its thread does nothing else
    /// meanwhile.
    fn connect(&mut self, server: usize) -> Result<(), String> {
        let whole = self.network.cut == Cut::default();
        let mut bad = self.random.percent(self.scenario.bad_connects);
        if self.scenario.secure {
            bad |= !whole;
            let length = match bad {
                true => 8000 + self.random.below(50_000),
                false => 50 + self.random.below(3000),
            };
            self.stand_still(length / 2);
            self.interfere()?;
            self.stand_still(length / 2);
        }
        if bad {
            self.note("cannot connect");
        }
        self.interfere()?;
        let outcome = if bad { Err(-111) } else { Ok(()) };
        self.device.connected(server, outcome);
        if !bad {
            self.associations[server].insert(self.device.route().client);
        }
        Ok(())
    }

    /// Lets `milliseconds` go by in which everybody but the client's thread does what is due.
    fn stand_still(&mut self, milliseconds: u64) {
        let end = self.now() + milliseconds;
        loop {
            self.run_servers();
            while let Some(arrival) = self.network.arrived(self.now()) {
                self.deliver(&arrival);
            }
            let next = self.deadlines().into_iter().flatten().min();
            let next = next
                .unwrap_or(end)
                .clamp(self.now() + 1, end.max(self.now() + 1));
            self.device.set_time(next);
            if next >= end {
                return;
            }
        }
    }

    /// When something is to be done but for the client's own doing.
    fn deadlines(&self) -> [Option<u64>; 4] {
        [
            self.servers[0].deadline(),
            self.servers[1].deadline(),
            self.bootstrap.deadline(),
            self.network.next_arrival(),
        ]
    }

    /// Whether datagrams between the client's address and a server mean something to both.
    fn is_associated(&self, route: Route) -> bool {
        !self.scenario.secure || self.associations[route.server].contains(&route.client)
    }

    /// A server has lost its associations: whatever is secured by them means nothing to it.
    pub fn dissociate(&mut self, server: usize) {
        self.associations[server].clear();
    }

    /// The client's address changes under its open socket. With a connection id the server finds the
    /// association all the same.
    pub fn rebind(&mut self) {
        let before = self.device.route();
        self.device.rebind();
        if let Some(associations) = self.associations.get_mut(before.server) {
            if self.scenario.connection_ids && associations.contains(&before.client) {
                associations.insert(self.device.route().client);
            }
        }
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
                Step::Connects(server) => self.connect(server)?,
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
                self.device.stop(deregister)?;
                if self.random.percent(20) {
                    self.device.start_again();
                }
                Ok(())
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
        let route = Route {
            client: address,
            server,
        };
        if self.is_associated(route) {
            self.transmit(Side::Client, route, datagram);
        }
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
        if *to == Side::Server && !self.is_associated(*route) {
            return self.note(&format!("{to_whom} hears from a stranger"));
        }
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
