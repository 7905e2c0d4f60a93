// SPDX-License-Identifier: Apache-2.0
//! A day in queue mode in which nothing happens, OMA-TS-LightweightM2M_Core-V1_1_1 §6.5.

use lwm2m_core::coap::{Code, Message};
use lwm2m_core::engine::{Idle, QueueMode};

use crate::accounts::Accounts;
use crate::endpoint::path;
use crate::network::Weather;
use crate::random::Random;
use crate::scenario::Scenario;
use crate::support::SETTINGS;
use crate::world::World;

/// What travelled, and how often the client woke up.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Register.
    pub registers: usize,
    /// Update.
    pub updates: usize,
    /// 2.01 and 2.04 to these.
    pub answers: usize,
    /// Datagrams that are none of these.
    pub others: usize,
    /// How often the client's own deadline ended its sleep.
    pub wakes: u64,
}

/// Lives through a day with a lifetime of an hour and a client that listens for 93 seconds.
///
/// # Errors
/// An invariant does not hold.
pub fn pass(idle: Idle, update_first: bool) -> Result<Day, String> {
    let mut scenario = scenario();
    scenario.settings.idle = idle;
    scenario.settings.queue = Some(QueueMode {
        uptime: 93,
        update_first,
    });
    let mut world = World::new(scenario, Weather::FAIR, Random::new(1));
    world.sent = Some(Vec::new());
    world.device.start(false);
    let outcome = world.pass(24 * 3_600_000);
    let mut day = Day::default();
    for datagram in world.sent.take().unwrap_or_default() {
        *kind(&mut day, &datagram) += 1;
    }
    let report = world.end("a day", outcome)?;
    day.wakes = report.wakes;
    Ok(day)
}

/// A client of one server, and nothing that goes wrong by chance.
pub(crate) fn scenario() -> Scenario {
    Scenario {
        settings: SETTINGS,
        accounts: Accounts {
            scheme: "coap",
            generation: 1,
            servers: vec![(0, 0)],
            lifetime: 3600,
            binding: "UQ",
            delay: 0,
            disable_timeout: 60,
            retry: None,
            bootstrap_on_failure: None,
        },
        has_bootstrap: false,
        begins_with_bootstrap: false,
        composite: false,
        secure: false,
        connection_ids: false,
        bad_connects: 0,
        reaction: 0,
        interference: 0,
        instances: 0,
    }
}

fn kind<'d>(day: &'d mut Day, datagram: &[u8]) -> &'d mut usize {
    let Ok(message) = Message::parse(datagram) else {
        return &mut day.others;
    };
    match (message.code, path(&message).as_slice()) {
        (Code::POST, [b"rd"]) => &mut day.registers,
        (Code::POST, [b"rd", _]) => &mut day.updates,
        (Code::CREATED | Code::CHANGED, _) => &mut day.answers,
        _ => &mut day.others,
    }
}
