// SPDX-License-Identifier: Apache-2.0
//! Block-wise transfers over many bad networks.

use lwm2m_sim::{Weather, transfer};

#[test]
fn long_values_are_written_and_read_in_a_storm() {
    for seed in 0..60 {
        if let Err(broken) = transfer::run(seed, Weather::STORM) {
            panic!("{broken}");
        }
    }
}

#[test]
fn long_values_are_written_and_read_in_fair_weather() {
    for seed in 0..60 {
        if let Err(broken) = transfer::run(seed, Weather::FAIR) {
            panic!("{broken}");
        }
    }
}
