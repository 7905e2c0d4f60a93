// SPDX-License-Identifier: Apache-2.0
//! Fetching a package, datagram in, datagram out.
#![cfg(all(feature = "pull", not(feature = "pull-proxy")))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, ConnectionId, Message, MessageType};
use lwm2m_core::engine::Event;
use lwm2m_core::firmware::{Failure, StartError};
use lwm2m_core::uri::DefaultPorts;
use support::*;

const PORTS: DefaultPorts = DefaultPorts {
    plain: 5700,
    secure: 5701,
};
const URI: &[u8] = b"coap://host.example/fw/a%20b?v=1&x";

const ETAG: u16 = 4;
const BLOCK2: u16 = 23;
const SIZE2: u16 = 28;

fn package(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 % 251) as u8).collect()
}

/// The peer that packages come from.
struct Peer {
    package: Vec<u8>,
    /// SZX of its largest blocks.
    exponent: u8,
    etag: Option<u8>,
}

impl Peer {
    fn new(length: usize) -> Self {
        Self {
            package: package(length),
            exponent: 6,
            etag: Some(1),
        }
    }

    /// Number, size exponent and more of the block that answers a request.
    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let asked = block_asked(request);
        let exponent = (asked & 7).min(u32::from(self.exponent));
        let offset = ((asked >> 4) as usize) << (4 + (asked & 7));
        let end = self.package.len().min(offset + (16 << exponent));
        let more = u32::from(end < self.package.len());
        let number = (offset >> (4 + exponent)) as u32;
        let block = (number << 4 | more << 3 | exponent).to_be_bytes();
        let size = (self.package.len() as u32).to_be_bytes();
        let etag = self.etag.map(|tag| [tag]);
        let mut options: Vec<(u16, &[u8])> = vec![];
        options.extend(etag.iter().map(|tag| (ETAG, &tag[..])));
        options.push((BLOCK2, &block[1..]));
        options.push((SIZE2, &size));
        respond(request, Code::CONTENT, &options, &self.package[offset..end])
    }
}

/// The Block2 option of a request.
fn block_asked(request: &[u8]) -> u32 {
    let message = Message::parse(request).unwrap();
    let value = message.option(BLOCK2).unwrap();
    value
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn started(uri: &[u8]) -> Bench {
    let mut bench = Bench::new(MemoryModel::standard());
    assert_eq!(bench.settle(), (vec![], None));
    assert_eq!(bench.shared.pull.start(uri, PORTS), Ok(()));
    bench
}

fn sent(done: &[Done]) -> Vec<u8> {
    match done {
        [.., Done::Transmit(datagram)] => datagram.clone(),
        other => panic!("a request expected: {other:?}"),
    }
}

fn hear(bench: &mut Bench, datagram: &[u8]) {
    assert_eq!(bench.receive_on(ConnectionId::PULL, datagram), None);
}

fn ended(result: Result<(), Failure>) -> [Done; 2] {
    [Done::Close, Done::Event(Event::Pull(result))]
}

/// Answers until nothing more is asked for, and returns what was done then.
fn transfer(bench: &mut Bench, peer: &Peer) -> Vec<Done> {
    loop {
        let (done, _) = bench.settle();
        match done.last() {
            Some(Done::Transmit(request)) => hear(bench, &peer.answer(request)),
            _ => return done,
        }
    }
}

#[test]
fn a_package_is_asked_for_block_by_block_over_a_connection_of_its_own() {
    let mut bench = started(URI);
    let (done, _) = bench.settle();
    assert_eq!(done[0], Done::Connect("host.example".into(), 5700));
    assert_eq!(bench.connection, ConnectionId::PULL);
    let request = sent(&done);
    let message = Message::parse(&request).unwrap();
    assert_eq!(message.kind, MessageType::Confirmable);
    let (code, options, payload) = summary(&request);
    assert_eq!((code.as_str(), payload.as_slice()), ("0.01", &b""[..]));
    assert_eq!(
        options,
        [
            (3, b"host.example".to_vec()),
            (11, b"fw".to_vec()),
            (11, b"a b".to_vec()),
            (15, b"v=1".to_vec()),
            (15, b"x".to_vec()),
            (BLOCK2, vec![2]),
            (SIZE2, vec![]),
        ]
    );
    let peer = Peer::new(150);
    hear(&mut bench, &peer.answer(&request));
    let (done, _) = bench.settle();
    assert_eq!(summary(&sent(&done)).1[5..], [(BLOCK2, vec![0x12])]);
    hear(&mut bench, &peer.answer(&sent(&done)));
    assert_eq!(transfer(&mut bench, &peer), ended(Ok(())));
    assert_eq!(
        *bench.taker.pieces.borrow(),
        [
            (0, 64, 150, false),
            (64, 64, 150, false),
            (128, 22, 150, true)
        ]
    );
    assert_eq!(*bench.taker.package.borrow(), peer.package);
    assert!(bench.shared.pull.finish());
    assert!(!bench.shared.pull.is_active());
    assert_eq!(bench.settle(), (vec![], None));
}

#[test]
fn uris_become_options() {
    for (uri, host, port, options) in [
        (
            "coap://[2001:db8::1]:9/f",
            "2001:db8::1",
            9,
            &[(11, &b"f"[..])][..],
        ),
        ("coap://127.0.0.1", "127.0.0.1", 5700, &[]),
        ("coap://127.0.0.1/", "127.0.0.1", 5700, &[]),
        (
            "coap://10.0.0.1//a/",
            "10.0.0.1",
            5700,
            &[(11, b""), (11, b"a"), (11, b"")],
        ),
        ("coap://10.0.0.1?", "10.0.0.1", 5700, &[(15, b"")]),
        (
            "coap://10.0.0.1/%2f%41?%26=&",
            "10.0.0.1",
            5700,
            &[(11, b"/A"), (15, b"&="), (15, b"")],
        ),
        ("coaps://h", "h", 5701, &[(3, b"h")]),
    ] {
        let mut bench = started(uri.as_bytes());
        let (done, _) = bench.settle();
        assert_eq!(done[0], Done::Connect(host.into(), port), "{uri}");
        let found = summary(&sent(&done)).1;
        let found: Vec<_> = found
            .iter()
            .map(|(number, value)| (*number, &value[..]))
            .collect();
        assert_eq!(found[..found.len() - 2], *options, "{uri}");
    }
}

#[test]
fn what_cannot_be_fetched_is_told_at_once() {
    let bench = Bench::new(MemoryModel::standard());
    let start = |uri: &[u8]| bench.shared.pull.start(uri, PORTS);
    for uri in [
        "",
        "fw",
        "coap://",
        "coap://h/%",
        "coap://h/%4",
        "coap://h/%4g",
        "coap://h/a b",
    ] {
        assert_eq!(start(uri.as_bytes()), Err(StartError::InvalidUri), "{uri}");
    }
    assert_eq!(start(b"coap://h/a#b"), Err(StartError::InvalidUri));
    assert_eq!(start(b"coap://h/\xff"), Err(StartError::InvalidUri));
    assert_eq!(start(b"http://h/a"), Err(StartError::UnsupportedScheme));
    let mut long = b"coap://h/".to_vec();
    long.resize(97, b'a');
    assert_eq!(start(&long), Err(StartError::InvalidUri));
    assert_eq!(start(&long[..96]), Ok(()));
    assert_eq!(start(URI), Err(StartError::Busy));
}

#[test]
fn the_peer_chooses_smaller_blocks() {
    let mut bench = started(URI);
    let mut peer = Peer::new(100);
    peer.exponent = 1;
    assert_eq!(transfer(&mut bench, &peer), ended(Ok(())));
    assert_eq!(*bench.taker.package.borrow(), peer.package);
    assert_eq!(bench.taker.pieces.borrow().len(), 4);
}

#[test]
fn a_package_of_one_message_and_an_empty_one_are_packages() {
    let mut bench = started(URI);
    let (done, _) = bench.settle();
    hear(
        &mut bench,
        &respond(&sent(&done), Code::CONTENT, &[], &package(300)),
    );
    assert_eq!(bench.settle().0, ended(Ok(())));
    assert_eq!(*bench.taker.pieces.borrow(), [(0, 300, 0, true)]);

    let mut bench = started(URI);
    assert_eq!(transfer(&mut bench, &Peer::new(0)), ended(Ok(())));
    assert_eq!(*bench.taker.pieces.borrow(), [(0, 0, 0, true)]);
}

#[test]
fn a_separate_response_is_acknowledged() {
    let mut bench = started(URI);
    let request = sent(&bench.settle().0);
    let peer = Peer::new(10);
    let mut answer = peer.answer(&request);
    hear(&mut bench, &[0x60, 0, request[2], request[3]]);
    let (done, deadline) = bench.settle();
    assert_eq!((done, deadline), (vec![], Some(bench.now + 247_000)));
    answer[0] &= 0x0f;
    answer[0] |= 0x40;
    answer[2] ^= 0xff;
    let acknowledgement = [0x60, 0, answer[2], answer[3]];
    for _ in 0..2 {
        let heard = bench.receive_on(ConnectionId::PULL, &answer);
        assert_eq!(heard.as_deref(), Some(&acknowledgement[..]));
    }
    assert_eq!(bench.settle().0, ended(Ok(())));
    assert_eq!(*bench.taker.package.borrow(), peer.package);
}

#[test]
fn what_is_wrong_with_an_answer_ends_the_fetching() {
    let block = |value: u8| vec![value];
    for (number, code, option, length, failure) in [
        (
            0,
            Code::NOT_FOUND,
            None,
            0,
            Failure::Response(Code::NOT_FOUND),
        ),
        (
            0,
            Code::SERVICE_UNAVAILABLE,
            None,
            0,
            Failure::Response(Code::SERVICE_UNAVAILABLE),
        ),
        (0, Code::CHANGED, None, 0, Failure::Response(Code::CHANGED)),
        // The second block first, the first block again, the third one, none.
        (0, Code::CONTENT, Some(block(0x1a)), 64, Failure::Block),
        (1, Code::CONTENT, Some(block(0x0a)), 64, Failure::Block),
        (1, Code::CONTENT, Some(block(0x2a)), 64, Failure::Block),
        (1, Code::CONTENT, None, 64, Failure::Block),
        // Larger than asked for, the reserved size, too many bytes, a short one with more to come.
        (0, Code::CONTENT, Some(block(0x0b)), 128, Failure::Block),
        (0, Code::CONTENT, Some(block(0x0f)), 64, Failure::Block),
        (0, Code::CONTENT, Some(vec![0; 4]), 16, Failure::Block),
        (0, Code::CONTENT, Some(block(0x0a)), 63, Failure::Block),
        (0, Code::CONTENT, Some(block(0x02)), 65, Failure::Block),
    ] {
        let mut bench = started(URI);
        let peer = Peer::new(1000);
        let mut request = sent(&bench.settle().0);
        for _ in 0..number {
            hear(&mut bench, &peer.answer(&request));
            request = sent(&bench.settle().0);
        }
        let mut options: Vec<(u16, &[u8])> = vec![(ETAG, &[1])];
        options.extend(option.iter().map(|value| (BLOCK2, &value[..])));
        hear(
            &mut bench,
            &respond(&request, code, &options, &package(length)),
        );
        assert_eq!(
            bench.settle().0,
            ended(Err(failure)),
            "{number} {code:?} {option:02x?}"
        );
        assert_eq!(bench.taker.package.borrow().len(), 64 * number);
    }
}

#[test]
fn a_package_that_changes_meanwhile_is_noticed() {
    for etag in [Some(2), None] {
        let mut bench = started(URI);
        let mut peer = Peer::new(1000);
        let request = sent(&bench.settle().0);
        hear(&mut bench, &peer.answer(&request));
        peer.etag = etag;
        assert_eq!(transfer(&mut bench, &peer), ended(Err(Failure::Changed)));
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_message() {
    let mut bench = started(URI);
    let (done, deadline) = bench.settle();
    let request = sent(&done);
    bench.now = deadline.unwrap();
    assert_eq!(bench.settle().0, [Done::Transmit(request.clone())]);
    let peer = Peer::new(64);
    hear(&mut bench, &peer.answer(&request));
    // The answer to the repeated request comes too: nobody waits for it.
    hear(&mut bench, &peer.answer(&request));
    assert_eq!(transfer(&mut bench, &peer), ended(Ok(())));
    assert_eq!(bench.taker.pieces.borrow().len(), 1);
}

/// Lets time go by until the engine does something.
fn next(bench: &mut Bench) -> Vec<Done> {
    loop {
        let (done, deadline) = bench.settle();
        if !done.is_empty() {
            return done;
        }
        bench.now = deadline.expect("something to come");
    }
}

#[test]
fn a_silent_peer_is_connected_to_anew_and_the_fetching_goes_on_where_it_was() {
    let mut bench = started(URI);
    let peer = Peer::new(200);
    let first = sent(&bench.settle().0);
    hear(&mut bench, &peer.answer(&first));
    let lost = sent(&bench.settle().0);
    loop {
        let done = next(&mut bench);
        if done == [Done::Close] {
            break;
        }
        assert_eq!(done, [Done::Transmit(lost.clone())]);
    }
    let closed = bench.now;
    let done = next(&mut bench);
    assert_eq!(bench.now, closed + 1000);
    assert!(matches!(done[0], Done::Connect(..)));
    let again = sent(&done);
    assert_eq!(block_asked(&again), 0x12);
    assert_ne!(again[2..12], lost[2..12], "message id and token are new");
    hear(&mut bench, &peer.answer(&again));
    assert_eq!(transfer(&mut bench, &peer), ended(Ok(())));
    assert_eq!(*bench.taker.package.borrow(), peer.package);
}

#[test]
fn a_broken_connection_is_opened_again_and_given_up_after_the_configured_number_of_times() {
    let mut bench = started(URI);
    let peer = Peer::new(200);
    let first = sent(&bench.settle().0);
    hear(&mut bench, &peer.answer(&first));
    bench.settle();
    let fail = |bench: &mut Bench| {
        let now = lwm2m_core::time::Instant::from_millis(bench.now);
        bench
            .engine
            .connection_failed(bench.shared, ConnectionId::PULL, now);
        bench.settle()
    };
    let (done, deadline) = fail(&mut bench);
    assert_eq!(
        (done, deadline),
        (vec![Done::Close], Some(bench.now + 1000))
    );
    bench.connects = Err(-5);
    bench.now += 1000;
    let (done, deadline) = bench.settle();
    assert_eq!(done, [Done::Connect("host.example".into(), 5700)]);
    assert_eq!(deadline, Some(bench.now + 2000));
    bench.now += 2000;
    let (done, _) = bench.settle();
    let lost = Done::Event(Event::Pull(Err(Failure::ConnectionLost)));
    assert_eq!(done[1..], [lost]);

    // A block that came makes up for earlier failures.
    let mut bench = started(URI);
    for _ in 0..6 {
        let request = sent(&next(&mut bench));
        hear(&mut bench, &peer.answer(&request));
        if bench.taker.package.borrow().len() == 200 {
            break;
        }
        bench.settle();
        assert_eq!(fail(&mut bench).0, [Done::Close]);
    }
    assert_eq!(bench.taker.package.borrow().len(), 200);
}

#[test]
fn a_peer_that_cannot_be_reached_ends_it_at_once() {
    let mut bench = started(b"coaps://host.example/fw");
    bench.connects = Err(-93);
    assert_eq!(
        bench.settle().0,
        [
            Done::Connect("host.example".into(), 5701),
            Done::Event(Event::Pull(Err(Failure::Connect(-93)))),
        ]
    );
}

#[test]
fn whoever_takes_the_pieces_can_refuse_one() {
    let mut bench = started(URI);
    let request = sent(&bench.settle().0);
    bench.taker.refusal.set(Some(-28));
    hear(&mut bench, &Peer::new(100).answer(&request));
    assert_eq!(bench.settle().0, ended(Err(Failure::Refused(-28))));
}

#[test]
fn a_fetching_that_is_cancelled_ends_silently_and_another_begins_after_it() {
    let mut bench = started(URI);
    let old = sent(&bench.settle().0);
    bench.shared.pull.cancel();
    assert!(!bench.shared.pull.is_active());
    assert_eq!(bench.shared.pull.start(b"coap://other/fw", PORTS), Ok(()));
    let (done, _) = bench.settle();
    assert_eq!(
        done[..2],
        [Done::Close, Done::Connect("other".into(), 5700)]
    );
    let reset = bench.receive_on(ConnectionId::PULL, &Peer::new(100).answer(&old));
    assert_eq!(reset, None, "a late acknowledgement");
    assert_eq!(bench.taker.pieces.borrow().len(), 0);
    bench.shared.pull.cancel();
    assert_eq!(bench.settle(), (vec![Done::Close], None));

    // The end and the cancellation of it cross.
    assert_eq!(bench.shared.pull.start(URI, PORTS), Ok(()));
    assert_eq!(transfer(&mut bench, &Peer::new(9)), ended(Ok(())));
    bench.shared.pull.cancel();
    assert!(!bench.shared.pull.finish());
    assert_eq!(bench.settle(), (vec![], None));
}

#[test]
fn the_client_s_own_life_does_not_end_the_fetching() {
    let mut bench = Bench::registered(MemoryModel::standard());
    assert_eq!(bench.shared.pull.start(URI, PORTS), Ok(()));
    let request = sent(&bench.settle().0);
    bench.shared.client.stop(false);
    assert_eq!(bench.settle().0, [Done::Close]);
    assert_eq!(bench.connection, ConnectionId::SERVER);
    let peer = Peer::new(200);
    hear(&mut bench, &peer.answer(&request));
    assert_eq!(transfer(&mut bench, &peer), ended(Ok(())));
    assert_eq!(*bench.taker.package.borrow(), peer.package);
}

#[test]
fn a_peer_that_packages_come_from_is_no_server() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let read = request(Code::GET, 7, "3/0/0", &[], b"");
    assert!(bench.receive(&read).is_some());
    let write = request(Code::PUT, 8, "3/0/15", &[], b"CET");
    let reset = [0x70, 0, 0, 8];
    assert_eq!(
        bench.receive_on(ConnectionId::PULL, &write).as_deref(),
        Some(&reset[..])
    );
}
