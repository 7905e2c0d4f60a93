// SPDX-License-Identifier: Apache-2.0
//! Many lives in bad weather and in fair. `LWM2M_SIM_SEEDS=FIRST..END` chooses others than the default.

use lwm2m_sim::{Weather, run};

fn seeds() -> std::ops::Range<u64> {
    let chosen = std::env::var("LWM2M_SIM_SEEDS").ok();
    let range = chosen.as_deref().and_then(|text| {
        let (first, end) = text.split_once("..")?;
        Some(first.parse().ok()?..end.parse().ok()?)
    });
    range.unwrap_or(0..300)
}

fn live_all(weather: Weather) {
    let mut failures = Vec::new();
    let (mut datagrams, mut elapsed, mut lost) = (0, 0, 0);
    for seed in seeds() {
        match run(seed, weather) {
            Ok(report) => {
                datagrams += report.datagrams;
                elapsed += report.elapsed;
                lost += u32::from(report.transcript.contains("hears from a stranger"));
            }
            Err(broken) => failures.push(broken),
        }
    }
    println!(
        "{datagrams} datagrams in {} virtual hours, {lost} lives with a lost association",
        elapsed / 3_600_000
    );
    if let Some(first) = failures.first() {
        let reasons: Vec<&str> = failures
            .iter()
            .filter_map(|text| text.lines().next())
            .collect();
        panic!("{first}\n{}", reasons.join("\n"));
    }
}

#[test]
fn every_invariant_holds_in_a_storm() {
    live_all(Weather::STORM);
}

#[test]
fn every_invariant_holds_in_fair_weather() {
    live_all(Weather::FAIR);
}
