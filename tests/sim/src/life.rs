// SPDX-License-Identifier: Apache-2.0
//! The life of a client: what happens at random, how everything comes to rest, and what must hold
//! then.

use std::collections::BTreeSet;

use lwm2m_core::coap::Code;
use lwm2m_core::registration::client::{ClientState, UpdateScope};

use crate::accounts::generations;
use crate::bootstrap_server::Manner;
use crate::endpoint::Ended;
use crate::network::{Cut, Weather};
use crate::random::Random;
use crate::scenario::Scenario;
use crate::support::Owned;
use crate::world::{Report, World};

/// Things that happen in one life.
const HAPPENINGS: u32 = 50;

/// Runs one seed. An error says which invariant broke, and how it came to that.
///
/// # Errors
/// An invariant does not hold.
pub fn run(seed: u64, weather: Weather) -> Result<Report, String> {
    let mut random = Random::new(seed);
    let scenario = Scenario::choose(&mut random);
    let mut world = World::new(scenario, weather, random);
    let outcome = world.live();
    world.end(&format!("seed {seed}"), outcome)
}

impl World {
    fn live(&mut self) -> Result<(), String> {
        let bootstrap = self.scenario.begins_with_bootstrap;
        self.device.start(bootstrap);
        for _ in 0..HAPPENINGS {
            let pause = 1 + self.random.below(20_000);
            self.pass(pause)?;
            self.happen()?;
        }
        self.come_to_rest()?;
        self.check()
    }

    /// Something that happens at random.
    fn happen(&mut self) -> Result<(), String> {
        match self.random.below(100) {
            0..18 => self.device.change(),
            18..57 => self.ask(),
            57..62 => {
                if let Some(reference) = self.device.send() {
                    self.note(&format!("send {reference}"));
                }
            }
            62..65 => {
                self.note("instances change");
                self.device.change_instances();
            }
            65..67 => {
                let seconds = 60 + 30 * self.random.below(4) as i64;
                self.device.set_lifetime(seconds);
            }
            67..74 => self.command()?,
            74..76 => {
                self.note("client restarts");
                self.device.reboot();
                self.device.start(false);
            }
            76..91 => self.disturb()?,
            91..94 => {
                let pause = 100_000 + self.random.below(400_000);
                self.pass(pause)?;
            }
            94..96 => self.device.start_again(),
            _ => {
                let bootstrap = self.scenario.has_bootstrap && self.random.percent(20);
                self.device.start(bootstrap);
            }
        }
        Ok(())
    }

    /// A server asks for something.
    fn ask(&mut self) {
        let server = self.random.below(2) as usize;
        let Some(address) = self.servers[server]
            .registration
            .as_ref()
            .map(|it| it.address)
        else {
            return;
        };
        let now = self.now();
        // The Server instance of the account; that of another one if the client is elsewhere.
        let account = self.device.client().server_instance().unwrap_or(0);
        let (code, path, payload) = match self.random.below(20) {
            0..6 => {
                self.servers[server].watches = true;
                return self.observe(server);
            }
            6..11 => {
                let argument = format!("0='{}'", self.executes.len()).into_bytes();
                (Code::POST, "/3/0/4".into(), argument)
            }
            11..13 => (Code::GET, "/3/0/0".into(), vec![]),
            13..15 => {
                let seconds = 60 + 30 * self.random.below(4);
                let path = format!("/1/{account}/1");
                (Code::PUT, path, seconds.to_string().into_bytes())
            }
            15..17 => (Code::POST, format!("/1/{account}/4"), vec![]),
            17..18 => (Code::POST, format!("/1/{account}/8"), vec![]),
            _ => (Code::POST, format!("/1/{account}/9"), vec![]),
        };
        self.note(&format!("server {server} asks {code:?} {path}"));
        if let Some((token, datagram)) = self.servers[server].request(now, code, &path, &payload) {
            if path == "/3/0/4" {
                self.executes.insert(token, payload);
            }
            self.send_to_client(server, address, &datagram);
        }
    }

    /// The application gives a command.
    fn command(&mut self) -> Result<(), String> {
        if self.device.client().is_suspended() {
            self.note("application resumes the client");
            self.device.resume();
            return Ok(());
        }
        if self.random.percent(50) {
            self.note("application pauses the client");
            return self.device.pause();
        }
        self.note("application stops the client");
        let deregister = self.random.percent(70);
        self.device.stop(deregister)
    }

    /// Something outside the client goes wrong, or is mended.
    fn disturb(&mut self) -> Result<(), String> {
        let server = self.random.below(2) as usize;
        match self.random.below(16) {
            0..2 => {
                self.note(&format!("server {server} restarts"));
                self.servers[server].restart();
                self.dissociate(server);
            }
            2..3 => {
                self.note(&format!("server {server} forgets the client"));
                self.servers[server].forget();
            }
            3..5 => {
                let refuses = !self.servers[server].refuses;
                self.note(&format!("server {server} refuses: {refuses}"));
                self.servers[server].refuses = refuses;
            }
            5..9 => {
                let which = self.random.below(4);
                let cut = Cut {
                    to_client: which != 0,
                    to_server: which != 1,
                };
                self.note(&format!("network is cut: {cut:?}"));
                self.network.cut = cut;
                let length = 5000 + self.random.below(150_000);
                self.pass(length)?;
                self.network.cut = Cut::default();
                self.note("network is whole again");
            }
            9..11 => {
                self.note("client's address changes");
                self.rebind();
            }
            15 => {
                self.note(&format!("server {server} loses its associations"));
                self.dissociate(server);
            }
            11..13 if self.device.peer.is_some() => {
                self.note("connection breaks");
                self.device.breaks();
            }
            _ => {
                let steps = self.random.below(7) as usize;
                let manners = [
                    Manner::Good,
                    Manner::Silent,
                    Manner::Refuses,
                    Manner::Vanishes(steps),
                ];
                let manner = manners[self.random.below(4) as usize];
                self.note(&format!("Bootstrap-Server is {manner:?}"));
                self.bootstrap.manner = manner;
            }
        }
        Ok(())
    }

    /// The network heals, the client is running, and nothing more happens.
    fn come_to_rest(&mut self) -> Result<(), String> {
        self.note("network heals");
        self.network.weather = Weather::FAIR;
        self.scenario.bad_connects = 0;
        self.scenario.reaction = 0;
        self.scenario.interference = 0;
        self.bootstrap.manner = Manner::Good;
        for server in &mut self.servers {
            server.refuses = false;
            server.watches = true;
        }
        self.device.resume();
        self.wait_for_registration()?;
        // A server that could not observe while the client did not listen does so now.
        self.device.client().request_update(UpdateScope::Minimal);
        self.pass(30_000)?;
        // What was asked before the network healed may have led somewhere else.
        self.wait_for_registration()?;
        self.device.change();
        self.pass(400_000)?;
        self.wait_for_registration()
    }

    /// Until client and servers agree; an application whose client has given up starts it again.
    fn wait_for_registration(&mut self) -> Result<(), String> {
        for _ in 0..600 {
            if self.is_settled() {
                break;
            }
            if self.device.state() == ClientState::Idle {
                let mixed = self.has_mixed_accounts();
                self.note(&format!("client starts, accounts mixed: {mixed}"));
                self.device.start(mixed && self.scenario.has_bootstrap);
            }
            self.pass(5000)?;
        }
        Ok(())
    }

    /// Whether a bootstrap that did not come to its end has left accounts that do not belong together.
    fn has_mixed_accounts(&self) -> bool {
        let Ok(found) = generations(&self.device.bench.model) else {
            return true;
        };
        let of = |object| found.iter().filter(move |it| it.0 == object);
        let pairs = of(0).zip(of(1)).filter(|(one, other)| one.2 == other.2);
        pairs.count() == 0 || 2 * of(0).count() != found.len()
    }

    fn is_settled(&self) -> bool {
        let registered = matches!(
            self.device.state(),
            ClientState::Registered | ClientState::RxOff
        );
        registered
            && self.is_registered_once()
            && self.servers.iter().all(|it| !it.endpoint.is_busy())
    }

    /// Whether the one server that holds a registration is the one the client means.
    fn is_registered_once(&self) -> bool {
        let holders = [0, 1].map(|server| self.servers[server].registration.is_some());
        match self.device.server() {
            Some(server) => holders[server] && !holders[1 - server],
            None => false,
        }
    }

    fn check(&self) -> Result<(), String> {
        if !self.is_settled() {
            return Err(format!(
                "client {:?} with server {:?}, servers {:?}: not registered on both sides",
                self.device.state(),
                self.device.server(),
                self.servers.each_ref().map(|it| &it.registration),
            ));
        }
        generations(&self.device.bench.model)?;
        self.check_registration()?;
        self.check_observation()?;
        self.check_exchanges()?;
        self.check_executes()
    }

    /// The server knows what there is to know.
    fn check_registration(&self) -> Result<(), String> {
        let server = &self.servers[self.device.server().unwrap_or(0)];
        let Some(registration) = &server.registration else {
            return Ok(());
        };
        let seconds = (registration.lifetime / 1000) as i64;
        let lifetime = self.device.lifetime();
        if lifetime != Some(Owned::Integer(seconds)) {
            return Err(format!(
                "lifetime {lifetime:?}, and {seconds} for the server"
            ));
        }
        let links = String::from_utf8_lossy(&registration.links);
        let told: BTreeSet<&str> = links.split(',').skip(1).collect();
        let links = self.device.links();
        let links: BTreeSet<&str> = links.iter().map(String::as_str).collect();
        if told != links {
            let difference = &told ^ &links;
            return Err(format!("the server is wrong about {difference:?}"));
        }
        Ok(())
    }

    fn check_observation(&self) -> Result<(), String> {
        let server = &self.servers[self.device.server().unwrap_or(0)];
        let seen = server.observed.as_ref();
        let seen = seen.map(|(_, payload)| String::from_utf8_lossy(payload));
        let value = self.device.value.to_string();
        let member = format!(r#""v":{value}}}"#);
        let is_right = seen
            .as_deref()
            .is_some_and(|seen| match self.scenario.composite {
                true => seen.contains(&member),
                false => seen == value,
            });
        if !is_right {
            return Err(format!(
                "the observer last saw {seen:?}, the value is {value}"
            ));
        }
        Ok(())
    }

    fn check_exchanges(&self) -> Result<(), String> {
        if let Some((reference, _)) = self.device.sends.iter().find(|(_, ended)| !**ended) {
            return Err(format!("Send {reference} never ended"));
        }
        let exchanges = &self.device.bench.shared.exchanges;
        if let Some((_, exchange)) = exchanges.find(&|_| true) {
            return Err(format!("{exchange:?} never ended"));
        }
        Ok(())
    }

    fn check_executes(&self) -> Result<(), String> {
        let executed = self.device.bench.model.executed.borrow();
        for (token, argument) in &self.executes {
            let ended = self
                .servers
                .iter()
                .find_map(|server| server.endpoint.ended.get(token));
            let count = executed
                .iter()
                .filter(|(_, given)| given == argument)
                .count();
            let answered = matches!(ended, Some(Ended::Answered(code)) if code.is_success());
            if count > 1 || (answered && count != 1) {
                let argument = String::from_utf8_lossy(argument);
                return Err(format!(
                    "{argument} ran {count} times, its end is {ended:?}"
                ));
            }
        }
        Ok(())
    }
}
