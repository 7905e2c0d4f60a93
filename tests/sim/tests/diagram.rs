// SPDX-License-Identifier: Apache-2.0
//! The diagram of the client's states in `docs/client-states.md` has the transitions that happen, and no
//! others.

use std::collections::BTreeSet;
use std::path::Path;

use lwm2m_sim::states::{Diagram, Transition, take_seen};
use lwm2m_sim::{Weather, run, script};

fn lines(transitions: &BTreeSet<Transition>) -> String {
    let lines = transitions
        .iter()
        .map(|(from, to)| format!("    {from} --> {to}\n"));
    lines.collect()
}

#[test]
fn the_diagram_shows_every_transition_that_happens() {
    for seed in 0..300 {
        for weather in [Weather::STORM, Weather::FAIR] {
            if let Err(broken) = run(seed, weather) {
                panic!("{broken}");
            }
        }
    }
    if let Err(broken) = script::run() {
        panic!("{broken}");
    }
    let seen = take_seen();
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/client-states.md");
    let diagram = Diagram::read(&std::fs::read_to_string(document).expect("the document"));
    let (missing, unseen) = (diagram.missing(&seen), diagram.unseen(&seen));
    assert!(
        missing.is_empty() && unseen.is_empty(),
        "not in the diagram:\n{}in the diagram, and never seen:\n{}",
        lines(&missing),
        lines(&unseen)
    );
}
