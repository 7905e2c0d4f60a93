// SPDX-License-Identifier: Apache-2.0
//! The client, the server and the network together, and what must hold of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lwm2m_core::coap::{Code, Message, MessageType};
use lwm2m_core::engine::Event;
use lwm2m_core::information_reporting::send::send;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{ClientEvent, ClientState, UpdateScope};

use crate::network::{Arrival, Network, Side, Weather};
use crate::random::Random;
use crate::server::{Ended, Server};
use crate::support::{Bench, Done, MemoryModel, Owned};

const VALUE: (u16, u16, u16) = (3303, 0, 5700);

/// What one run did.
#[derive(Debug, Default)]
pub struct Report {
    /// Virtual milliseconds.
    pub elapsed: u64,
    /// Datagrams of both sides.
    pub datagrams: u64,
    /// What happened, line by line.
    pub transcript: String,
}

struct World {
    bench: Bench,
    server: Server,
    network: Network,
    random: Random,
    report: Report,
    start: u64,
    /// Where the client is; a new connection has a new address.
    address: u32,
    events: Vec<ClientEvent>,
    value: f64,
    /// Executes the server asked for, by token, with the argument that tells them apart.
    executes: BTreeMap<Vec<u8>, Vec<u8>>,
    sends: BTreeMap<u8, bool>,
    next_send: u8,
}

/// Runs one seed. An error says which invariant broke, and how it came to that.
///
/// # Errors
/// An invariant does not hold.
pub fn run(seed: u64, weather: Weather) -> Result<Report, String> {
    let bench = Bench::new(MemoryModel::standard());
    let mut world = World {
        start: bench.now,
        address: 0,
        bench,
        server: Server::default(),
        network: Network::new(weather),
        random: Random::new(seed),
        report: Report::default(),
        events: Vec::new(),
        value: 20.5,
        executes: BTreeMap::new(),
        sends: BTreeMap::new(),
        next_send: 0,
    };
    match world.live() {
        Ok(()) => {
            world.report.elapsed = world.bench.now - world.start;
            Ok(world.report)
        }
        Err(broken) => Err(format!(
            "seed {seed}: {broken}\n{}",
            world.report.transcript
        )),
    }
}

impl World {
    fn live(&mut self) -> Result<(), String> {
        self.bench
            .shared
            .client
            .start(b"device")
            .map_err(|error| format!("{error:?}"))?;
        for _ in 0..40 {
            let pause = 1 + self.random.below(20_000);
            self.pass(pause)?;
            self.act()?;
        }
        self.come_to_rest()?;
        self.check()
    }

    fn note(&mut self, what: &str) {
        let at = self.bench.now - self.start;
        let _ = writeln!(self.report.transcript, "{at:>9} {what}");
    }

    /// Lets `milliseconds` go by.
    fn pass(&mut self, milliseconds: u64) -> Result<(), String> {
        let end = self.bench.now + milliseconds;
        let mut steps = 0;
        loop {
            let deadline = self.client()?;
            for (address, datagram) in self.server.due(self.bench.now) {
                self.transmit(Side::Client, address, &datagram);
            }
            while let Some(arrival) = self.network.arrived(self.bench.now) {
                self.deliver(&arrival);
            }
            let deadline = [
                deadline,
                self.server.deadline(),
                self.network.next_arrival(),
            ]
            .into_iter()
            .flatten()
            .min();
            steps += 1;
            if steps > 100_000 {
                return Err("time does not go on".into());
            }
            match deadline {
                Some(deadline) if deadline <= end => self.bench.now = deadline.max(self.bench.now),
                _ => {
                    self.bench.now = end;
                    self.client()?;
                    return Ok(());
                }
            }
        }
    }

    /// Does what the engine wants done; returns when it wants to be asked again.
    fn client(&mut self) -> Result<Option<u64>, String> {
        for _ in 0..1000 {
            let (done, deadline) = self.bench.settle();
            if done.is_empty() {
                if deadline.is_some_and(|deadline| deadline <= self.bench.now) {
                    return Err(format!("a deadline in the past: {deadline:?}"));
                }
                return Ok(deadline);
            }
            for done in done {
                self.note(&format!("client {}", describe(&done)));
                match done {
                    Done::Transmit(datagram) => {
                        self.transmit(Side::Server, self.address, &datagram);
                    }
                    Done::Connect(..) | Done::Close => self.address += 1,
                    Done::Event(Event::Client(event)) => self.event(event)?,
                    Done::Event(Event::Send { reference, .. })
                        if self.sends.insert(reference, true) == Some(true) =>
                    {
                        return Err(format!("Send {reference} ended twice"));
                    }
                    _ => {}
                }
            }
        }
        Err("the engine never comes to rest".into())
    }

    /// Events come in an order that makes sense.
    fn event(&mut self, event: ClientEvent) -> Result<(), String> {
        let last = self.events.last().copied();
        let wrong = match event {
            ClientEvent::UpdateComplete => last != Some(ClientEvent::Update),
            ClientEvent::Update => !matches!(
                last,
                Some(ClientEvent::RegistrationComplete | ClientEvent::UpdateComplete)
            ),
            _ => false,
        };
        self.events.push(event);
        if wrong {
            Err(format!("{event:?} after {last:?}"))
        } else {
            Ok(())
        }
    }

    fn transmit(&mut self, to: Side, address: u32, datagram: &[u8]) {
        self.report.datagrams += 1;
        let now = self.bench.now;
        self.network
            .send(now, to, address, datagram, &mut self.random);
    }

    /// Sends a request of the server's to where it knows the client.
    fn ask(&mut self, datagram: &[u8]) {
        self.transmit(Side::Client, self.server.address, datagram);
    }

    fn deliver(&mut self, arrival: &Arrival) {
        let Arrival {
            to,
            address,
            datagram,
        } = arrival;
        let answer = match to {
            // Nobody listens at an address of the past.
            Side::Client if *address != self.address => return,
            Side::Client => self.bench.receive(datagram),
            Side::Server => self.server.receive(self.bench.now, *address, datagram),
        };
        self.note(&format!("{to:?} hears {}", describe_message(datagram)));
        if let Some(answer) = answer {
            let back = match to {
                Side::Client => Side::Server,
                Side::Server => Side::Client,
            };
            self.transmit(back, *address, &answer);
        }
    }

    /// Something that happens at random.
    fn act(&mut self) -> Result<(), String> {
        let now = self.bench.now;
        let registered = self.server.registered.is_some();
        match self.random.below(100) {
            0..30 => self.change(),
            30..40 if registered && self.server.observation.is_none() => {
                self.note("server observes");
                let (_, datagram) =
                    self.server
                        .request(now, Code::GET, "/3303/0/5700", Some(0), b"");
                self.ask(&datagram);
            }
            40..55 if registered => {
                let argument = format!("0='{}'", self.executes.len()).into_bytes();
                self.note(&format!("server executes {}", self.executes.len()));
                let (token, datagram) =
                    self.server
                        .request(now, Code::POST, "/3/0/4", None, &argument);
                self.executes.insert(token, argument);
                self.ask(&datagram);
            }
            55..65 if registered => {
                let (_, datagram) = self.server.request(now, Code::GET, "/3/0/0", None, b"");
                self.ask(&datagram);
            }
            65..75 => self.send(),
            75..82 => self
                .bench
                .shared
                .client
                .request_update(UpdateScope::Objects),
            82..86 => {
                self.note("server restarts");
                self.server.restart();
            }
            86..90 => {
                self.note("network is cut");
                let weather = std::mem::replace(
                    &mut self.network.weather,
                    Weather {
                        loss: 100,
                        ..Weather::FAIR
                    },
                );
                self.pass(100_000)?;
                self.network.weather = weather;
            }
            90..93 if self.bench.shared.client.state() != ClientState::Idle => {
                self.note("client stops");
                let event = self.bench.shared.client.stop(self.random.percent(70));
                self.event(event)?;
            }
            _ => self.start(),
        }
        Ok(())
    }

    fn start(&mut self) {
        if self.bench.shared.client.state() == ClientState::Idle {
            self.note("client starts");
            // The state says that it can.
            let _ = self.bench.shared.client.start(b"device");
        }
    }

    fn change(&mut self) {
        self.value += 0.5;
        self.note(&format!("value {}", self.value));
        let (object, instance, id) = VALUE;
        if let Some(resources) = self
            .bench
            .model
            .nodes
            .borrow_mut()
            .get_mut(&(object, instance))
        {
            for resource in resources
                .iter_mut()
                .filter(|resource| resource.info.id == id)
            {
                resource.values.insert(0, Owned::Float(self.value));
            }
        }
        self.bench
            .shared
            .resource_changed(Path::resource(object, instance, id));
    }

    fn send(&mut self) {
        let reference = self.next_send;
        let paths = [Path::resource(VALUE.0, VALUE.1, VALUE.2)];
        if self
            .bench
            .with(|context| send(context, &paths, reference))
            .is_ok()
        {
            self.note(&format!("send {reference}"));
            self.sends.insert(reference, false);
            self.next_send = self.next_send.wrapping_add(1);
        }
    }

    /// The network heals, the client is running, and nothing more happens.
    fn come_to_rest(&mut self) -> Result<(), String> {
        self.note("network heals");
        self.network.weather = Weather::FAIR;
        for _ in 0..20 {
            self.start();
            self.pass(100_000)?;
            let settled = self.bench.shared.client.state() == ClientState::Registered
                && self.server.registered.is_some()
                && !self.server.is_busy();
            if settled {
                break;
            }
        }
        // A last change, and an observation to see it, if there is none.
        if self.server.observation.is_none() {
            let now = self.bench.now;
            let (_, datagram) = self
                .server
                .request(now, Code::GET, "/3303/0/5700", Some(0), b"");
            self.ask(&datagram);
            self.pass(10_000)?;
        }
        self.change();
        self.pass(300_000)
    }

    fn check(&mut self) -> Result<(), String> {
        let state = self.bench.shared.client.state();
        let busy = matches!(state, ClientState::Registered | ClientState::Updating);
        if !busy || self.server.registered.is_none() {
            return Err(format!(
                "client {state:?}, server {:?}: not registered on both sides",
                self.server.registered
            ));
        }
        let seen = self
            .server
            .observed
            .as_ref()
            .map(|(_, payload)| payload.clone());
        let wanted = format!("{}", self.value).into_bytes();
        if seen.as_deref() != Some(&wanted) {
            return Err(format!(
                "the observer last saw {seen:?}, the value is {}",
                self.value
            ));
        }
        if self.server.is_busy() {
            return Err("a request of the server's never ended".into());
        }
        if let Some((reference, _)) = self.sends.iter().find(|(_, ended)| !**ended) {
            return Err(format!("Send {reference} never ended"));
        }
        let executed = self.bench.model.executed.borrow();
        for (token, argument) in &self.executes {
            let count = executed
                .iter()
                .filter(|(_, given)| given == argument)
                .count();
            let answered = matches!(
                self.server.ended.get(token),
                Some(Ended::Answered(code)) if code.is_success()
            );
            if count > 1 || (answered && count != 1) {
                return Err(format!(
                    "{} ran {count} times, its end is {:?}",
                    String::from_utf8_lossy(argument),
                    self.server.ended.get(token)
                ));
            }
        }
        Ok(())
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
        let _ = write!(
            text,
            " {number}={}",
            String::from_utf8_lossy(value).escape_debug()
        );
    }
    if !message.payload.is_empty() {
        let _ = write!(
            text,
            " {}",
            String::from_utf8_lossy(message.payload).escape_debug()
        );
    }
    text
}
