// SPDX-License-Identifier: Apache-2.0
//! What a seed decides before anything happens: how the client is configured, and which accounts it
//! has.

use lwm2m_core::engine::{Idle, QueueMode, Settings};

use crate::accounts::Accounts;
use crate::random::Random;
use crate::support::SETTINGS;

/// A client and its surroundings.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub settings: Settings,
    pub accounts: Accounts,
    /// Whether there is an account of a Bootstrap-Server.
    pub has_bootstrap: bool,
    /// Whether the application starts with a bootstrap.
    pub begins_with_bootstrap: bool,
    /// Whether connections are secure: to open one takes a handshake, for which the network must be whole,
    /// and a server takes nothing from whom it has no association with.
    pub secure: bool,
    /// Whether an association outlives a change of the client's address: connection ids, RFC 9146.
    pub connection_ids: bool,
    /// Whether servers observe by Observe-Composite.
    pub composite: bool,
    /// Percent of the connects that fail.
    pub bad_connects: u64,
    /// Percent of the events in which the application gives a command.
    pub reaction: u64,
    /// Percent of what else the engine does in which it does so from another thread.
    pub interference: u64,
    /// How many instances there are whose links make a Register longer than a message.
    pub instances: u16,
}

impl Scenario {
    pub fn choose(random: &mut Random) -> Self {
        let queue = random.percent(60).then(|| QueueMode {
            uptime: [5, 20, 93][random.below(3) as usize],
            update_first: random.percent(50),
        });
        let has_bootstrap = random.percent(60);
        let secure = random.percent(50);
        let first = random.below(2) as usize;
        let mut servers = vec![(first, random.below(3) as i64)];
        if random.percent(60) {
            servers.push((1 - first, random.below(3) as i64));
        }
        Self {
            settings: Settings {
                update_period: [0, 0, 45][random.below(3) as usize],
                bootstrap_on_failure: random.percent(70),
                idle: [
                    Idle::Close,
                    Idle::Suspend,
                    Idle::StopListening,
                    Idle::Listen,
                ][random.below(4) as usize],
                queue,
                ..SETTINGS
            },
            accounts: Accounts {
                generation: 1,
                scheme: if secure { "coaps" } else { "coap" },
                servers,
                lifetime: 60 + 30 * random.below(4) as i64,
                binding: if queue.is_some() { "UQ" } else { "U" },
                delay: if random.percent(30) { 30 } else { 0 },
                disable_timeout: 20 + random.below(200) as i64,
                retry: random.percent(30).then(|| {
                    [
                        1 + random.below(4) as i64,
                        1 + random.below(8) as i64,
                        5 + random.below(40) as i64,
                        1 + random.below(2) as i64,
                    ]
                }),
                bootstrap_on_failure: random.percent(50).then(|| random.percent(50)),
            },
            has_bootstrap,
            begins_with_bootstrap: has_bootstrap && random.percent(40),
            composite: random.percent(30),
            secure,
            connection_ids: random.percent(50),
            bad_connects: if random.percent(30) { 20 } else { 0 },
            reaction: if random.percent(50) { 8 } else { 0 },
            interference: if random.percent(30) { 2 } else { 0 },
            instances: if random.percent(25) { 60 } else { 0 },
        }
    }
}
