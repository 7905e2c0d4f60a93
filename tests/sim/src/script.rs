// SPDX-License-Identifier: Apache-2.0
//! Lives with what chance brings about seldom.

use lwm2m_core::registration::client::UpdateScope;
use lwm2m_core::time::Instant;

use crate::day;
use crate::network::{Cut, Weather};
use crate::random::Random;
use crate::world::World;

/// A pause in the middle of an Update, and a server that asks for a bootstrap while it is being left.
///
/// # Errors
/// An invariant does not hold.
pub fn run() -> Result<(), String> {
    let mut world = World::new(day::scenario(), Weather::FAIR, Random::new(1));
    let outcome = live(&mut world);
    world.end("the script", outcome).map(drop)
}

fn live(world: &mut World) -> Result<(), String> {
    world.device.start(false);
    world.pass(1000)?;
    let client = world.device.client();
    // Nothing that the client sends arrives, so that it goes on waiting.
    world.network.cut = Cut {
        to_server: true,
        to_client: false,
    };
    client.request_update(UpdateScope::Minimal);
    world.pass(1)?;
    world.device.pause()?;
    world.pass(1000)?;
    world.device.resume();
    world.pass(1)?;
    let server = client.server_instance().unwrap_or_default();
    client
        .disable(server)
        .map_err(|error| format!("{error:?}"))?;
    world.pass(1500)?;
    let now = Instant::from_millis(world.now());
    client
        .request_bootstrap(now)
        .map_err(|error| format!("{error:?}"))?;
    world.pass(1500)
}
