// SPDX-License-Identifier: Apache-2.0
//! The link between server and clients as tests want it: losing, doubling and delaying datagrams
//! by a rule, repeatable by seed.

use std::fmt;
use std::time::Duration;

use crate::Direction;
use crate::random::Random;

/// What becomes of one datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    #[default]
    Delivered,
    /// It is lost.
    Dropped,
    /// It arrives twice.
    Duplicated,
    /// It arrives after that time, overtaken by what is sent meanwhile.
    Delayed(Duration),
}

impl Fate {
    /// When each copy arrives, counted from now.
    pub(crate) fn arrivals(self) -> Vec<Duration> {
        match self {
            Fate::Delivered => vec![Duration::ZERO],
            Fate::Dropped => Vec::new(),
            Fate::Duplicated => vec![Duration::ZERO; 2],
            Fate::Delayed(delay) => vec![delay],
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Delivered => Ok(()),
            Fate::Dropped => f.write_str("lost"),
            Fate::Duplicated => f.write_str("duplicated"),
            Fate::Delayed(delay) => write!(f, "delayed {} ms", delay.as_millis()),
        }
    }
}

/// How often a random link misbehaves; probabilities in `0.0..=1.0`, their sum at most 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Impairments {
    /// Probability that a datagram is lost.
    pub drop: f64,
    /// Probability that a datagram arrives twice.
    pub duplicate: f64,
    /// Probability that a datagram is delayed.
    pub delay: f64,
    /// The longest delay; each is drawn evenly from zero to this.
    pub longest_delay: Duration,
}

type Rule = Box<dyn FnMut(Direction, &[u8]) -> Fate + Send>;

/// A rule that decides each datagram's [`Fate`]; the default delivers everything.
pub struct Link(Rule);

impl Link {
    /// A rule of the caller's; it runs on the server's thread and sees every datagram once.
    pub fn new(rule: impl FnMut(Direction, &[u8]) -> Fate + Send + 'static) -> Self {
        Link(Box::new(rule))
    }

    /// A link that misbehaves at random, the same way for the same seed and traffic.
    pub fn random(seed: u64, impairments: Impairments) -> Self {
        let mut random = Random::seeded(seed);
        Link::new(move |_, _| impairments.draw(&mut random))
    }

    pub(crate) fn fate(&mut self, direction: Direction, datagram: &[u8]) -> Fate {
        (self.0)(direction, datagram)
    }
}

impl Impairments {
    fn draw(&self, random: &mut Random) -> Fate {
        let draw = random.unit();
        if draw < self.drop {
            Fate::Dropped
        } else if draw < self.drop + self.duplicate {
            Fate::Duplicated
        } else if draw < self.drop + self.duplicate + self.delay {
            Fate::Delayed(self.longest_delay.mul_f64(random.unit()))
        } else {
            Fate::Delivered
        }
    }
}

impl Default for Link {
    fn default() -> Self {
        Link::new(|_, _| Fate::Delivered)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(seed: u64) -> Vec<Fate> {
        let impairments = Impairments {
            drop: 0.25,
            duplicate: 0.25,
            delay: 0.25,
            longest_delay: Duration::from_millis(100),
        };
        let mut link = Link::random(seed, impairments);
        (0..1000).map(|_| link.fate(Direction::Sent, &[])).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_fates() {
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[test]
    fn every_fate_comes_about_as_often_as_asked() {
        let all = fates(1);
        let count = |wanted: fn(&Fate) -> bool| all.iter().filter(|fate| wanted(fate)).count();
        assert!((200..300).contains(&count(|fate| *fate == Fate::Dropped)));
        assert!((200..300).contains(&count(|fate| *fate == Fate::Duplicated)));
        assert!((200..300).contains(&count(|fate| matches!(fate, Fate::Delayed(_)))));
    }
}
