// SPDX-License-Identifier: Apache-2.0
//! The client: the real engine, the platform below it, the application above it, and what must hold
//! of each thing that the engine does.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use lwm2m_core::coap::{Code, ConnectionId, Message, option};
use lwm2m_core::engine::{Event, Idle};
use lwm2m_core::information_reporting::send::send;
use lwm2m_core::model::Availability;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{Client, ClientEvent, ClientState, UpdateScope};
use lwm2m_core::time::Instant;
use lwm2m_core::value::DataType;

use crate::accounts::server_at;
use crate::endpoint::path;
use crate::events::View;
use crate::network::Route;
use crate::scenario::Scenario;
use crate::states;
use crate::support::{Bench, Done, MemoryModel, Owned};

/// What is observed.
pub const VALUE: (u16, u16, u16) = (3303, 0, 5700);

/// The instance that comes and goes.
const ADDED: (u16, u16) = (3303, 1);

/// So many Registers are sent within so many milliseconds, and no more: each attempt may be sent again,
/// and the application may begin anew.
const REGISTERS: usize = 16;
const REGISTERS_WITHIN: u64 = 10_000;

/// As many datagrams wait in a socket that is not listened to.
const SOCKET: usize = 4;

/// The client and all that is its own.
pub struct Device {
    pub bench: Bench,
    scenario: Scenario,
    /// The time, for callbacks.
    clock: Rc<Cell<u64>>,
    /// Which server the socket is connected to, if it is open.
    pub peer: Option<usize>,
    listens: bool,
    socket: VecDeque<Vec<u8>>,
    /// Where the client is: a new connection has a new address.
    address: u32,
    /// Whether nothing but an Update may leave first.
    update_first: bool,
    pub view: View,
    /// Each Send, and whether its end was told.
    pub sends: BTreeMap<u8, bool>,
    next_send: u8,
    pub value: f64,
    pub generation: u32,
    /// When the last Registers were sent.
    registers: VecDeque<u64>,
}

/// What the engine wanted.
pub enum Step {
    /// This datagram is to travel.
    Sends(Route, Vec<u8>),
    /// This server is to be connected to; [`Device::connected`] says how it went.
    Connects(usize),
    /// The application was told.
    Event(ClientEvent),
    /// Something that concerns nobody else.
    Other,
    /// Nothing until then.
    Rests(Option<u64>),
}

impl Device {
    pub fn new(scenario: &Scenario) -> Self {
        let mut model = scenario.accounts.device(scenario.has_bootstrap);
        for instance in 0..scenario.instances {
            model = model.resource((3300, instance, 5700), "R", DataType::Float, None);
        }
        let bench = Bench::with_settings(model, scenario.settings);
        let mut device = Self {
            scenario: scenario.clone(),
            clock: Rc::new(Cell::new(bench.now)),
            bench,
            peer: None,
            listens: true,
            socket: VecDeque::new(),
            address: 0,
            update_first: false,
            view: View::Stopped,
            sends: BTreeMap::new(),
            next_send: 0,
            value: 20.5,
            generation: 0,
            registers: VecDeque::new(),
        };
        device.wire();
        device
    }

    /// A fresh engine over the same accounts. What was under way is forgotten.
    pub fn reboot(&mut self) {
        let model: MemoryModel = std::mem::take(&mut self.bench.model);
        model.unavailable.borrow_mut().clear();
        let now = self.bench.now;
        self.bench = Bench::with_settings(model, self.scenario.settings);
        self.bench.now = now;
        self.generation += 1;
        self.bench.shared.seed_message_ids(self.generation << 20);
        self.closes();
        self.update_first = false;
        self.view = View::Stopped;
        self.sends.retain(|_, ended| *ended);
        self.wire();
    }

    /// Connects the Server object's executable resources with the client.
    fn wire(&mut self) {
        let shared = self.bench.shared;
        shared.client.watch(states::note);
        let unavailable = Rc::clone(&self.bench.model.unavailable);
        let clock = Rc::clone(&self.clock);
        let disable_timeout = self.scenario.accounts.disable_timeout as u32;
        let executed = move |path: &Path| {
            let now = Instant::from_millis(clock.get());
            let client = &shared.client;
            let server = path.instance_id();
            match (path.object_id(), path.resource_id()) {
                // What cannot be done is refused; there is nothing else to do then.
                (1, 4) if client.disable(server).is_ok() => {
                    let until = Availability::DisabledUntil(now.after_secs(disable_timeout));
                    unavailable.borrow_mut().insert(server, until);
                }
                (1, 8) => client.request_update(UpdateScope::Minimal),
                (1, 9) => drop(client.request_bootstrap(now)),
                _ => {}
            }
        };
        *self.bench.model.on_execute.borrow_mut() = Some(Box::new(executed));
    }

    pub fn client(&self) -> &'static Client<'static> {
        &self.bench.shared.client
    }

    pub fn state(&self) -> ClientState {
        self.client().state()
    }

    pub fn set_time(&mut self, now: u64) {
        self.bench.now = now;
        self.clock.set(now);
    }

    pub fn route(&self) -> Route {
        Route {
            client: self.address,
            server: self.peer.unwrap_or(usize::MAX),
        }
    }

    /// The server that the account in use is of.
    pub fn server(&self) -> Option<usize> {
        let account = self.client().server_instance()?;
        match self.bench.model.get(1, account, 0, 0)? {
            Owned::Integer(short_id) => usize::try_from(short_id % 10 - 1).ok(),
            _ => None,
        }
    }

    /// The address changes under an open socket, as it does behind a NAT.
    pub fn rebind(&mut self) {
        self.address += 1;
    }

    fn closes(&mut self) {
        self.peer = None;
        self.socket.clear();
        self.address += 1;
    }

    /// The next thing that the engine wants.
    pub fn step(&mut self) -> Result<(Option<Done>, Step), String> {
        let (done, deadline) = self.bench.poll();
        let Some(done) = done else {
            self.at_rest(deadline)?;
            return Ok((None, Step::Rests(deadline)));
        };
        let step = match &done {
            Done::Transmit(datagram) => {
                self.may_transmit(datagram)?;
                self.counts_registers(datagram)?;
                Step::Sends(self.route(), datagram.clone())
            }
            Done::Connect(host, _) => {
                if self.peer.is_some() {
                    return Err("a second connection".into());
                }
                if self.state() == ClientState::RxOff || self.client().is_suspended() {
                    return Err(format!("connects in {:?}", self.state()));
                }
                let peer = server_at(host).ok_or_else(|| format!("nobody lives at {host}"))?;
                Step::Connects(peer)
            }
            Done::Close => {
                self.closes();
                Step::Other
            }
            Done::Listen(listen) => {
                self.listens = *listen;
                Step::Other
            }
            Done::Event(Event::Client(event)) => {
                self.hears(*event)?;
                Step::Event(*event)
            }
            Done::Event(Event::Send { reference, .. }) => {
                if self.sends.insert(*reference, true) != Some(false) {
                    return Err(format!("Send {reference} ended twice"));
                }
                Step::Other
            }
            Done::Event(_) => Step::Other,
        };
        Ok((Some(done), step))
    }

    /// The connect to this server succeeded or failed.
    pub fn connected(&mut self, server: usize, outcome: Result<(), i32>) {
        if outcome.is_ok() {
            self.peer = Some(server);
            self.listens = true;
            self.address += 1;
        }
        let now = Instant::from_millis(self.bench.now);
        let engine = &mut self.bench.engine;
        engine.connected(self.bench.shared, ConnectionId::SERVER, outcome, now);
    }

    /// The platform says that the connection broke.
    pub fn breaks(&mut self) {
        let now = Instant::from_millis(self.bench.now);
        let engine = &mut self.bench.engine;
        engine.connection_failed(self.bench.shared, ConnectionId::SERVER, now);
    }

    /// A datagram comes over this route; what is answered at once.
    pub fn receive(&mut self, route: Route, datagram: &[u8]) -> Option<Vec<u8>> {
        // Nobody listens at an address of the past, or to another peer.
        if route != self.route() {
            return None;
        }
        if !self.listens {
            if self.socket.len() < SOCKET {
                self.socket.push_back(datagram.to_vec());
            }
            return None;
        }
        let before = self.lifetime();
        let answer = self.bench.receive(datagram);
        if self.lifetime() != before && !self.client().is_bootstrapping() {
            self.client().request_update(UpdateScope::Minimal);
        }
        answer
    }

    /// What has waited in the socket and can be received now.
    pub fn waiting(&mut self) -> Option<Vec<u8>> {
        if self.listens {
            self.socket.pop_front()
        } else {
            None
        }
    }

    pub fn lifetime(&self) -> Option<Owned> {
        let server = self.client().server_instance()?;
        self.bench.model.get(1, server, 1, 0)
    }

    /// The application is told, or has given a command that is an event.
    pub fn hears(&mut self, event: ClientEvent) -> Result<(), String> {
        if self.client().is_suspended() && !matches!(event, ClientEvent::Suspended) {
            return Err(format!("{event:?} while paused"));
        }
        let Some(view) = self.view.after(event) else {
            return Err(format!("{event:?} in view {:?}", self.view));
        };
        self.view = view;
        match event {
            ClientEvent::RxOff => {
                let queue = self.scenario.settings.queue;
                self.update_first = queue.is_some_and(|queue| queue.update_first);
            }
            ClientEvent::UpdateComplete | ClientEvent::RegistrationComplete => {
                self.update_first = false;
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing leaves while the client rests, is paused, or has no connection; and in some queue modes
    /// nothing but an Update, or what takes its place, leaves first.
    fn may_transmit(&self, datagram: &[u8]) -> Result<(), String> {
        let state = self.state();
        if self.peer.is_none() || !self.listens {
            return Err(format!("sends without a connection in {state:?}"));
        }
        if state == ClientState::RxOff || self.client().is_suspended() {
            return Err(format!("sends while it rests in {state:?}"));
        }
        let message = Message::parse(datagram).map_err(|error| format!("{error:?}"))?;
        let of_life = matches!(path(&message).first(), Some(&b"rd" | &b"bs"));
        let own = message.code == Code::POST || message.code == Code::DELETE;
        if self.update_first && !(of_life && own) {
            return Err("something leaves before the Update".into());
        }
        Ok(())
    }

    /// A server is not asked again and again without a pause.
    fn counts_registers(&mut self, datagram: &[u8]) -> Result<(), String> {
        let message = Message::parse(datagram).map_err(|error| format!("{error:?}"))?;
        let first = message
            .option(option::BLOCK1)
            .is_none_or(|block| block.len() < 2 && block[0] < 16);
        if message.code != Code::POST || path(&message) != [b"rd"] || !first {
            return Ok(());
        }
        let now = self.bench.now;
        self.registers.retain(|at| at + REGISTERS_WITHIN > now);
        self.registers.push_back(now);
        if self.registers.len() > REGISTERS {
            return Err(format!(
                "{REGISTERS} Registers since {:?}",
                self.registers[0]
            ));
        }
        Ok(())
    }

    fn at_rest(&self, deadline: Option<u64>) -> Result<(), String> {
        if deadline.is_some_and(|deadline| deadline <= self.bench.now) {
            return Err(format!("a deadline in the past: {deadline:?}"));
        }
        let state = self.state();
        let paused = self.client().is_suspended();
        if paused || state == ClientState::RxOff {
            let rests = match self.scenario.settings.idle {
                Idle::Close => self.peer.is_none(),
                Idle::Listen if !paused => true,
                _ => self.peer.is_none() || !self.listens,
            };
            if !rests {
                return Err(format!("listens in {state:?}"));
            }
        }
        if paused {
            return match deadline {
                Some(_) => Err("a deadline while paused".into()),
                None => Ok(()),
            };
        }
        let stopped = matches!(self.view, View::Stopped | View::StoppedUnheard);
        if (state == ClientState::Idle) != stopped {
            return Err(format!(
                "{state:?}, and the application sees {:?}",
                self.view
            ));
        }
        if stopped && (self.peer.is_some() || deadline.is_some()) {
            return Err(format!("stopped, with {:?} and {deadline:?}", self.peer));
        }
        Ok(())
    }

    /// The application starts the client, if it does not run.
    pub fn start(&mut self, bootstrap: bool) {
        let client = self.client();
        let started = match bootstrap {
            true => client.start_bootstrap(b"device"),
            false => client.start(b"device"),
        };
        if started.is_ok() {
            self.view = View::Started;
        }
    }

    /// The application goes on with a client that it has stopped.
    pub fn start_again(&mut self) {
        let ended = matches!(self.state(), ClientState::Idle | ClientState::Stopping);
        if self.client().start_again().is_ok() && ended {
            self.view = View::Started;
        }
    }

    /// The application stops the client, if it runs.
    pub fn stop(&mut self, deregister: bool) -> Result<(), String> {
        if matches!(self.view, View::Stopped | View::StoppedUnheard) {
            return Ok(());
        }
        let event = self.client().stop(deregister);
        self.hears(event)
    }

    pub fn pause(&mut self) -> Result<(), String> {
        match self.client().pause() {
            Ok(Some(event)) => self.hears(event),
            _ => Ok(()),
        }
    }

    pub fn resume(&mut self) {
        if self.client().resume().is_ok() && self.view == View::Updating {
            self.view = View::Resumed;
        }
    }

    /// The application gives the observed resource another value.
    pub fn change(&mut self) {
        self.value += 0.5;
        self.bench.model.set(VALUE, 0, Owned::Float(self.value));
        let (object, instance, id) = VALUE;
        let shared = self.bench.shared;
        shared.resource_changed(Path::resource(object, instance, id));
    }

    /// The application gives the registration another lifetime.
    pub fn set_lifetime(&mut self, seconds: i64) {
        if let Some(server) = self.client().server_instance() {
            self.bench.model.set((1, server, 1), 0, seconds.into());
            self.client().request_update(UpdateScope::Minimal);
        }
    }

    /// The application creates an instance, or deletes it.
    pub fn change_instances(&mut self) {
        let (object, instance) = ADDED;
        let model = &self.bench.model;
        let created = model.nodes.borrow_mut().remove(&ADDED).is_none();
        if created {
            model.nodes.borrow_mut().insert(ADDED, vec![]);
        }
        let shared = self.bench.shared;
        shared.instances_changed(Path::instance(object, instance), created);
    }

    /// The links of objects and instances that a server should know.
    pub fn links(&self) -> Vec<String> {
        let nodes = self.bench.model.nodes.borrow();
        let announced = nodes.keys().filter(|(object, _)| *object != 0);
        announced
            .map(|(object, instance)| format!("</{object}/{instance}>"))
            .collect()
    }

    /// The application sends the value; the Send's number if it is accepted.
    pub fn send(&mut self) -> Option<u8> {
        let reference = self.next_send;
        let paths = [Path::resource(VALUE.0, VALUE.1, VALUE.2)];
        self.bench
            .with(|context| send(context, &paths, reference))
            .ok()?;
        self.sends.insert(reference, false);
        self.next_send = self.next_send.wrapping_add(1);
        Some(reference)
    }
}
