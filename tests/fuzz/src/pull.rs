// SPDX-License-Identifier: Apache-2.0
//! A client that fetches a package, its URI and the answers of the peer: what arrives is handed on in
//! order and without gaps, the end is told once, and nothing but a whole package is a success.

use lwm2m_core::coap::{ConnectionId, Message};
use lwm2m_core::engine::Event;
use lwm2m_core::uri::DefaultPorts;

use crate::support::{Bench, Done, MemoryModel};

/// An input is the length of a URI and the URI, then answers, each behind two bytes: four bits for
/// the time that goes by, twelve for the length. An answer is a zero and a whole datagram, or a code
/// and what follows the token of the answer to the request that is waiting.
pub fn fetch(input: &[u8]) {
    let Some((length, rest)) = input.split_first() else {
        return;
    };
    let (uri, mut rest) = rest.split_at(usize::from(*length).min(rest.len()));
    let mut bench = Bench::new(MemoryModel::standard());
    if bench
        .shared
        .pull
        .start(uri, DefaultPorts::STANDARD)
        .is_err()
    {
        assert!(!bench.shared.pull.is_active());
        return;
    }
    let mut fetching = Fetching::default();
    fetching.settle(&mut bench);
    while let Some((head, after)) = rest.split_first_chunk() {
        let head = u16::from_be_bytes(*head);
        let (answer, after) = after.split_at(usize::from(head & 0x0fff).min(after.len()));
        rest = after;
        bench.now += 1 << (head >> 12);
        if let Some((kind, answer)) = answer.split_first() {
            let datagram = match (kind, fetching.request.get(2..12)) {
                (0, _) | (_, None) => answer.to_vec(),
                (code, Some(ids)) => [&[0x68, *code], ids, answer].concat(),
            };
            bench.receive_on(ConnectionId::PULL, &datagram);
        }
        fetching.settle(&mut bench);
    }
    fetching.check(&bench);
}

#[derive(Default)]
struct Fetching {
    /// The last one that was sent.
    request: Vec<u8>,
    ended: Option<bool>,
}

impl Fetching {
    fn settle(&mut self, bench: &mut Bench) {
        for done in bench.settle().0 {
            match done {
                Done::Transmit(datagram) => {
                    let request = Message::parse(&datagram).expect("a request is a message");
                    let longest = request.options().map(|(_, value)| value.len()).max();
                    assert!(longest <= Some(255));
                    self.request = datagram;
                }
                Done::Event(Event::Pull(result)) => {
                    assert_eq!(self.ended.replace(result.is_ok()), None);
                    assert!(bench.shared.pull.finish());
                }
                Done::Connect(..) | Done::Close | Done::Listen(_) => {}
                other @ Done::Event(_) => panic!("{other:?}"),
            }
        }
    }

    fn check(&self, bench: &Bench) {
        let pieces = bench.taker.pieces.borrow();
        let mut reached = 0;
        for (offset, length, _, _) in pieces.iter() {
            assert_eq!(*offset, reached);
            reached += length;
        }
        let lasts = pieces.iter().filter(|piece| piece.3).count();
        assert_eq!(lasts, usize::from(self.ended == Some(true)));
        assert!(pieces.iter().rev().skip(1).all(|piece| !piece.3));
    }
}
