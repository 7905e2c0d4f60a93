// SPDX-License-Identifier: Apache-2.0
//! Many packages in bad weather.

use lwm2m_sim::Weather;
use lwm2m_sim::pull::fetch;

const SEEDS: std::ops::Range<u64> = 0..500;

/// How many packages came, and the virtual hours it took.
fn fetch_all(weather: Weather) -> (usize, u64) {
    let mut fetched = (0, 0);
    for seed in SEEDS {
        match fetch(seed, weather) {
            Ok(run) => {
                fetched.0 += usize::from(run.result.is_ok());
                fetched.1 += run.elapsed;
            }
            Err(broken) => panic!("{broken}"),
        }
    }
    println!(
        "{} of {SEEDS:?} in {} virtual hours",
        fetched.0,
        fetched.1 / 3_600_000
    );
    fetched
}

#[test]
fn a_package_comes_whole_or_not_at_all_in_a_storm() {
    let (whole, _) = fetch_all(Weather::STORM);
    assert!(whole > 200, "{whole}");
}

#[test]
fn in_fair_weather_packages_come() {
    let (whole, _) = fetch_all(Weather::FAIR);
    assert!(whole > 430, "all but those that could not connect: {whole}");
}
