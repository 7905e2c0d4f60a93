// SPDX-License-Identifier: Apache-2.0
//! The transitions of the client's state that runs have seen, and the diagram of them in
//! `docs/client-states.md`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use lwm2m_core::registration::client::ClientState;

/// The names of a state and of the one after it.
pub type Transition = (String, String);

thread_local! {
    static SEEN: RefCell<BTreeSet<Transition>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes a transition.
pub fn note(from: ClientState, to: ClientState) {
    SEEN.with_borrow_mut(|seen| {
        seen.insert((name(from), name(to)));
    });
}

/// What this thread has seen, which is then forgotten.
pub fn take_seen() -> BTreeSet<Transition> {
    SEEN.take()
}

/// The name of a state without what it holds.
fn name(state: ClientState) -> String {
    let text = format!("{state:?}");
    let end = text.find(' ').unwrap_or(text.len());
    text[..end].into()
}

/// A diagram: its arrows, and which states lie in each frame.
#[derive(Debug, Default)]
pub struct Diagram {
    arrows: BTreeSet<Transition>,
    frames: BTreeMap<String, BTreeSet<String>>,
}

impl Diagram {
    /// Reads the Mermaid state diagram of a document.
    pub fn read(document: &str) -> Self {
        let mut diagram = Self::default();
        let mut open: Vec<String> = Vec::new();
        let lines = document.lines().map(str::trim);
        let lines = lines.skip_while(|line| *line != "```mermaid").skip(2);
        for line in lines.take_while(|line| *line != "```") {
            if let Some(frame) = line.strip_prefix("state ") {
                open.push(frame.trim_end_matches(" {").into());
            } else if line == "}" {
                open.pop();
            } else if let Some((from, rest)) = line.split_once(" --> ") {
                let to = rest.split(" : ").next().unwrap_or_default();
                if from != "[*]" {
                    diagram.arrows.insert((from.into(), to.into()));
                    diagram.enclose(&open, from);
                    diagram.enclose(&open, to);
                }
            } else {
                diagram.enclose(&open, line);
            }
        }
        diagram
    }

    /// A state lies in the frames that are open where it is first named.
    fn enclose(&mut self, open: &[String], state: &str) {
        let elsewhere = |frame: &String| self.frames[frame].contains(state);
        if self.frames.keys().any(elsewhere) {
            return;
        }
        for frame in open {
            let states = self.frames.entry(frame.clone()).or_default();
            states.insert(state.into());
        }
    }

    fn shows(&self, arrow: &Transition, (from, to): &Transition) -> bool {
        let within = |frame| {
            self.frames
                .get(frame)
                .is_some_and(|states: &BTreeSet<String>| states.contains(from))
        };
        arrow.1 == *to && (arrow.0 == *from || within(&arrow.0))
    }

    /// The transitions that no arrow shows.
    pub fn missing(&self, seen: &BTreeSet<Transition>) -> BTreeSet<Transition> {
        let shown = |it: &&Transition| !self.arrows.iter().any(|arrow| self.shows(arrow, it));
        seen.iter().filter(shown).cloned().collect()
    }

    /// The arrows that show no transition.
    pub fn unseen(&self, seen: &BTreeSet<Transition>) -> BTreeSet<Transition> {
        let unseen = |arrow: &&Transition| !seen.iter().any(|it| self.shows(arrow, it));
        self.arrows.iter().filter(unseen).cloned().collect()
    }
}
