// SPDX-License-Identifier: Apache-2.0
//! A quiet day in queue mode.

use lwm2m_core::engine::Idle;
use lwm2m_sim::day::{Day, pass};

#[test]
fn nothing_travels_on_a_quiet_day_but_updates_and_their_answers() {
    for idle in [
        Idle::Close,
        Idle::Suspend,
        Idle::StopListening,
        Idle::Listen,
    ] {
        for update_first in [true, false] {
            let day = pass(idle, update_first).unwrap_or_else(|broken| panic!("{broken}"));
            // Ten seconds before each hour of lifetime ends; the client wakes for the Update, and to
            // stop listening.
            let quiet = Day {
                registers: 1,
                updates: 24,
                answers: 25,
                others: 0,
                wakes: 49,
            };
            assert_eq!(day, quiet, "{idle:?}, Update first: {update_first}");
        }
    }
}
