// SPDX-License-Identifier: Apache-2.0
//! The engine's entry for datagrams: a client that is registered or being bootstrapped hears several, and
//! must answer as CoAP and LwM2M say, change nothing that it refuses to change, and go on.

use std::collections::BTreeMap;

use lwm2m_core::coap::{Code, Message, MessageType};

use crate::support::{Bench, Done, MAX_MESSAGE, MemoryModel, Owned, request};

/// Every value of the model.
type Values = Vec<(u16, u16, u16, Vec<(u16, Owned)>)>;

fn values(model: &MemoryModel) -> Values {
    let nodes = model.nodes.borrow();
    let resources = nodes.iter().flat_map(|((object, instance), resources)| {
        resources
            .iter()
            .map(move |resource| (*object, *instance, resource))
    });
    resources
        .map(|(object, instance, resource)| {
            let values = resource
                .values
                .iter()
                .map(|(id, value)| (*id, value.clone()));
            (object, instance, resource.info.id, values.collect())
        })
        .collect()
}

/// A client and the tokens of what it was asked, by message id: a message id that comes again is the
/// same request, whatever else has changed in it (RFC 7252 §4.5).
struct Conversation {
    bench: Bench,
    asked: BTreeMap<u16, Vec<Vec<u8>>>,
}

/// What a server says to a client that is registered with it.
pub fn converse(input: &[u8]) {
    let bench = Bench::registered(MemoryModel::standard());
    let security = bench.model.get(0, 0, 0, 0);
    let mut bench = hear_all(bench, input);
    assert_eq!(bench.model.get(0, 0, 0, 0), security);
    let read = request(Code::GET, 0xfffe, "/3/0/0", &[(17, &[])], b"");
    let answer = bench.receive(&read).expect("a read is answered");
    let answer = Message::parse(&answer).expect("an answer is a message");
    assert_eq!(answer.code, Code::CONTENT);
}

/// What a Bootstrap-Server says to a client that it has accepted.
pub fn bootstrap(input: &[u8]) {
    let bench = Bench::bootstrapping(MemoryModel::with_bootstrap_account());
    let bench = hear_all(bench, input);
    let nodes = bench.model.nodes.borrow();
    assert!(nodes.contains_key(&(0, 1)) && nodes.contains_key(&(3, 0)));
}

/// An input is a sequence of datagrams, each behind two bytes: four bits for the time that goes by,
/// twelve for the length. The last one may be cut.
fn hear_all(bench: Bench, mut input: &[u8]) -> Bench {
    let mut conversation = Conversation {
        bench,
        asked: BTreeMap::new(),
    };
    while let Some((head, rest)) = input.split_first_chunk() {
        let head = u16::from_be_bytes(*head);
        let length = usize::from(head & 0x0fff).min(rest.len());
        let (datagram, rest) = rest.split_at(length);
        input = rest;
        conversation.bench.now += 1 << (head >> 12);
        conversation.hear(datagram);
    }
    let mut bench = conversation.bench;
    bench.now += 300_000;
    bench.settle();
    bench
}

impl Conversation {
    fn hear(&mut self, datagram: &[u8]) {
        let before = values(&self.bench.model);
        let answer = self.bench.receive(datagram);
        if let Some(answer) = answer {
            assert!(answer.len() <= MAX_MESSAGE);
            let answer = Message::parse(&answer).expect("an answer is a message");
            self.belongs(&answer, datagram);
            if answer.code.class() >= 4 {
                assert_eq!(values(&self.bench.model), before, "refused, and changed");
            }
        }
        for done in self.bench.settle().0 {
            if let Done::Transmit(datagram) = done {
                assert!(Message::parse(&datagram).is_ok());
            }
        }
    }

    /// An answer repeats the message id, and a response the token of a request with that id.
    fn belongs(&mut self, answer: &Message<'_>, datagram: &[u8]) {
        let id = u16::from_be_bytes([datagram[2], datagram[3]]);
        if answer.kind != MessageType::NonConfirmable {
            assert_eq!(answer.message_id, id);
        }
        if answer.code == Code::EMPTY {
            return;
        }
        let request = Message::parse(datagram).expect("only a message has a response");
        let tokens = self.asked.entry(id).or_default();
        tokens.push(request.token.as_bytes().to_vec());
        assert!(tokens.iter().any(|token| token == answer.token.as_bytes()));
    }
}
