// SPDX-License-Identifier: Apache-2.0
//! What counts as an answer, and as a request of the server's: RFC 7252 §4.2, §5.3.2 and §5.3.1, and how
//! hard it is to guess.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use std::collections::BTreeSet;

use lwm2m_core::coap::{Code, ConnectionId, Message, MessageType};
use lwm2m_core::engine::Event;
use lwm2m_core::information_reporting::send::send;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{ClientEvent, ClientState, UpdateScope};
use support::*;

const LOCATION: [(u16, &[u8]); 1] = [(8, b"rd")];

/// A client that has sent its Register, and that.
fn registering() -> (Bench, Vec<u8>) {
    let mut bench = Bench::new(MemoryModel::standard());
    bench.shared.client.start(b"device").unwrap();
    let register = last_transmitted(&mut bench);
    (bench, register)
}

fn last_transmitted(bench: &mut Bench) -> Vec<u8> {
    let (done, _) = bench.settle();
    match done.last() {
        Some(Done::Transmit(sent)) => sent.clone(),
        _ => panic!("nothing sent: {done:?}"),
    }
}

/// Message id and token.
fn names(sent: &[u8]) -> (u16, Vec<u8>) {
    let sent = Message::parse(sent).unwrap();
    (sent.message_id, sent.token.as_bytes().to_vec())
}

#[test]
fn an_answer_has_the_token_the_message_id_and_the_connection_of_its_request() {
    use MessageType::{Acknowledgement, Confirmable, NonConfirmable};
    let (server, pull) = (ConnectionId::SERVER, ConnectionId::PULL);
    for (connection, kind, other_id, other_token, accepted) in [
        (server, Acknowledgement, false, false, true),
        (server, Acknowledgement, true, false, false),
        (server, Acknowledgement, false, true, false),
        (pull, Acknowledgement, false, false, false),
        // A response of its own has a message id of its own.
        (server, Confirmable, true, false, true),
        (server, NonConfirmable, true, false, true),
        (server, Confirmable, true, true, false),
        (server, NonConfirmable, true, true, false),
        (pull, Confirmable, true, false, false),
        (pull, NonConfirmable, true, false, false),
    ] {
        let (mut bench, register) = registering();
        let (mut id, mut token) = names(&register);
        id ^= u16::from(other_id);
        token[7] ^= u8::from(other_token);
        let answer = message(kind, Code::CREATED, id, &token, &LOCATION, b"");
        bench.receive_on(connection, &answer);
        let expected = match accepted {
            true => ClientState::Registered,
            false => ClientState::Registering,
        };
        let what = format!("{connection:?} {kind:?} {other_id} {other_token}");
        assert_eq!(bench.shared.client.state(), expected, "{what}");
        // Nor is the message that was not answered taken back.
        bench.now += 5_000;
        let again = bench.settle().0.contains(&Done::Transmit(register));
        assert_eq!(again, !accepted, "{what}");
    }
}

#[test]
fn a_part_of_a_token_is_no_token() {
    let (mut bench, register) = registering();
    let (id, token) = names(&register);
    for length in 0..token.len() {
        let token = &token[..length];
        let answer = message(
            MessageType::Acknowledgement,
            Code::CREATED,
            id,
            token,
            &LOCATION,
            b"",
        );
        assert_eq!(bench.receive(&answer), None);
        assert_eq!(bench.shared.client.state(), ClientState::Registering);
    }
}

#[test]
fn an_acknowledgement_or_reset_has_the_message_id_and_the_connection_of_its_message() {
    for kind in [MessageType::Acknowledgement, MessageType::Reset] {
        let (mut bench, register) = registering();
        let (id, _) = names(&register);
        for (connection, id) in [(ConnectionId::SERVER, id ^ 1), (ConnectionId::PULL, id)] {
            let empty = message(kind, Code::EMPTY, id, &[], &[], b"");
            assert_eq!(bench.receive_on(connection, &empty), None);
        }
        bench.now += 5_000;
        assert_eq!(bench.settle().0, [Done::Transmit(register)], "{kind:?}");
    }
}

#[test]
fn what_was_not_sent_yet_is_not_answered() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let path = [Path::resource(3, 0, 0)];
    let before = bench.with(|context| context.shared.message_id());
    bench.with(|context| send(context, &path, 0)).unwrap();
    let reset = message(MessageType::Reset, Code::EMPTY, before + 1, &[], &[], b"");
    assert_eq!(bench.receive(&reset), None);
    let sent = last_transmitted(&mut bench);
    assert_eq!(names(&sent).0, before + 1);
}

#[test]
fn after_a_reconnect_an_answer_to_what_was_asked_before_is_none() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.shared.client.request_update(UpdateScope::Minimal);
    let before = last_transmitted(&mut bench);
    bench
        .engine
        .connection_failed(bench.shared, ConnectionId::SERVER, now(&bench));
    let after = last_transmitted(&mut bench);
    let (old, new) = (names(&before), names(&after));
    assert!(old.0 != new.0 && old.1 != new.1);
    bench.receive(&respond(&before, Code::CHANGED, &[], b""));
    assert_eq!(bench.shared.client.state(), ClientState::Updating);
    bench.receive(&respond(&after, Code::CHANGED, &[], b""));
    assert_eq!(bench.shared.client.state(), ClientState::Registered);
}

fn now(bench: &Bench) -> lwm2m_core::time::Instant {
    lwm2m_core::time::Instant::from_millis(bench.now)
}

#[test]
fn tokens_are_sixty_four_random_bits_and_message_ids_come_back_after_all_others() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let mut tokens = BTreeSet::new();
    let mut next = None;
    for _ in 0..300 {
        bench.shared.client.request_update(UpdateScope::Minimal);
        let update = last_transmitted(&mut bench);
        let (id, token) = names(&update);
        assert_eq!(token.len(), 8);
        assert!(tokens.insert(token), "the entropy never gives the same");
        assert_eq!(next.unwrap_or(id), id);
        next = Some(id.wrapping_add(1));
        bench.receive(&respond(&update, Code::CHANGED, &[], b""));
        bench.settle();
    }
    let low: BTreeSet<&[u8]> = tokens.iter().map(|token| &token[..4]).collect();
    let high: BTreeSet<&[u8]> = tokens.iter().map(|token| &token[4..]).collect();
    assert_eq!((low.len(), high.len()), (300, 300), "two words of it");
    let first = bench.with(|context| context.shared.message_id());
    let mut others = (1..=u16::MAX).map(|_| bench.with(|context| context.shared.message_id()));
    assert!(others.all(|id| id != first));
}

#[test]
fn the_first_message_id_is_random() {
    for (random, first) in [(0x1234_5678, 0x1234), (u32::MAX, u16::MAX)] {
        let bench = Bench::new(MemoryModel::standard());
        bench.shared.seed_message_ids(random);
        assert_eq!(bench.shared.message_id(), first);
    }
}

/// In the moment between the application's command and the end of the connection.
#[test]
fn a_bootstrap_server_is_no_server_once_the_bootstrap_is_over() {
    for deregister in [true, false] {
        let mut bench = Bench::bootstrapping(MemoryModel::with_bootstrap_account());
        bench.shared.client.stop(deregister);
        for (code, path, payload) in [
            (Code::GET, "/3/0/0", &b""[..]),
            (Code::PUT, "/3/0/14", b"+02"),
            (Code::PUT, "/0/0/0", b"coap://127.0.0.2"),
            (Code::POST, "/3/0/4", b""),
            (Code::DELETE, "/3303/0", b""),
        ] {
            let id = bench.next_id();
            let options: &[(u16, &[u8])] = match code {
                Code::PUT => &[(12, b"")],
                _ => &[],
            };
            let asked = request(code, id, path, options, payload);
            let answer = bench.receive(&asked).unwrap();
            assert_eq!(summary(&answer).0, "4.01", "{code:?} {path}");
        }
        assert!(bench.model.executed.borrow().is_empty());
        let told = Event::Client(ClientEvent::BootstrapTransferComplete);
        assert!(!bench.settle().0.contains(&Done::Event(told)));
        assert_eq!(bench.shared.client.state(), ClientState::Idle);
    }
}
