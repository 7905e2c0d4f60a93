// SPDX-License-Identifier: Apache-2.0
//! The order of things in the client's life where commands, servers and breaks cross each other's way;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.2, §6.5.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, ConnectionId, Message};
use lwm2m_core::engine::{Event, Idle, QueueMode, Settings};
use lwm2m_core::information_reporting::send::send;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{ClientEvent, ClientState, CommandError, UpdateScope};
use lwm2m_core::time::Instant;
use support::{Bench, Done, MemoryModel, SETTINGS, respond};

fn started(settings: Settings) -> (Bench, Vec<u8>) {
    let mut bench = Bench::with_settings(MemoryModel::standard(), settings);
    bench.shared.client.start(b"device").unwrap();
    let (done, _) = bench.settle();
    let register = datagrams(&done).pop().expect("a Register");
    (bench, register)
}

fn registered(settings: Settings) -> Bench {
    let (mut bench, register) = started(settings);
    bench.receive(&created(&register));
    assert_eq!(
        events(&bench.settle().0),
        [ClientEvent::RegistrationComplete]
    );
    bench
}

fn created(register: &[u8]) -> Vec<u8> {
    respond(register, Code::CREATED, &[(8, b"rd"), (8, b"abc")], b"")
}

fn datagrams(done: &[Done]) -> Vec<Vec<u8>> {
    let sent = done.iter().filter_map(|done| match done {
        Done::Transmit(datagram) => Some(datagram.clone()),
        _ => None,
    });
    sent.collect()
}

fn events(done: &[Done]) -> Vec<ClientEvent> {
    let told = done.iter().filter_map(|done| match done {
        Done::Event(Event::Client(event)) => Some(*event),
        _ => None,
    });
    told.collect()
}

/// The path and whether links follow, of an Update; the path of any other request.
fn request_of(datagram: &[u8]) -> (Vec<u8>, bool) {
    let message = Message::parse(datagram).unwrap();
    let segments: Vec<&[u8]> = message
        .options()
        .filter(|(number, _)| *number == 11)
        .map(|(_, value)| value)
        .collect();
    (segments.join(&b"/"[..]), !message.payload.is_empty())
}

fn breaks(bench: &mut Bench) {
    let now = Instant::from_millis(bench.now);
    let engine = &mut bench.engine;
    engine.connection_failed(bench.shared, ConnectionId::SERVER, now);
}

#[test]
fn a_connection_that_cannot_be_opened_for_an_update_is_tried_again_after_a_pause() {
    let queue = QueueMode {
        uptime: 5,
        update_first: true,
    };
    let mut bench = registered(Settings {
        queue: Some(queue),
        idle: Idle::Close,
        ..SETTINGS
    });
    bench.now += 5000;
    assert_eq!(events(&bench.settle().0), [ClientEvent::RxOff]);
    bench.connects = Err(-111);
    bench.now += 45_000;
    let (done, wait) = bench.settle();
    // The second attempt follows at once, the third one waits.
    assert_eq!(events(&done), [ClientEvent::Update, ClientEvent::Update]);
    assert!(wait > Some(bench.now), "{wait:?}");
    bench.connects = Ok(());
    bench.now = wait.unwrap();
    let sent = datagrams(&bench.settle().0);
    assert_eq!(request_of(&sent[0]), (b"rd/abc".to_vec(), false));
}

#[test]
fn after_a_break_nothing_leaves_before_the_server_has_answered_an_update() {
    let mut bench = registered(SETTINGS);
    let paths = [Path::resource(3303, 0, 5700)];
    bench.with(|context| send(context, &paths, 1)).unwrap();
    bench.connects = Err(-111);
    breaks(&mut bench);
    let (done, wait) = bench.settle();
    assert_eq!(datagrams(&done), [] as [Vec<u8>; 0]);
    bench.connects = Ok(());
    bench.now = wait.unwrap();
    let sent = datagrams(&bench.settle().0);
    assert_eq!(sent.len(), 1);
    bench.receive(&respond(&sent[0], Code::CHANGED, &[], b""));
    let sent = datagrams(&bench.settle().0);
    assert_eq!(request_of(&sent[0]).0, b"dp");
}

#[test]
fn what_waits_for_an_update_that_is_refused_waits_for_the_registration() {
    let mut bench = registered(SETTINGS);
    breaks(&mut bench);
    let update = datagrams(&bench.settle().0).pop().unwrap();
    let paths = [Path::resource(3303, 0, 5700)];
    bench.with(|context| send(context, &paths, 1)).unwrap();
    bench.receive(&respond(&update, Code::NOT_FOUND, &[], b""));
    let sent = datagrams(&bench.settle().0);
    assert_eq!(sent.len(), 1);
    assert_eq!(request_of(&sent[0]).0, b"rd");
    bench.receive(&created(&sent[0]));
    let sent = datagrams(&bench.settle().0);
    assert_eq!(request_of(&sent[0]).0, b"dp");
}

#[test]
fn what_an_interrupted_update_was_to_tell_is_told_by_the_next() {
    let mut bench = registered(SETTINGS);
    bench.model.set((1, 0, 1), 0, 120.into());
    bench.shared.client.request_update(UpdateScope::Objects);
    let update = datagrams(&bench.settle().0).pop().unwrap();
    let lifetime = |update: &[u8]| {
        let message = Message::parse(update).unwrap();
        message.option(15).map(<[u8]>::to_vec)
    };
    assert_eq!(request_of(&update), (b"rd/abc".to_vec(), true));
    bench.shared.client.pause().unwrap();
    bench.settle();
    bench.shared.client.resume().unwrap();
    let again = datagrams(&bench.settle().0).pop().unwrap();
    assert_eq!(request_of(&again), (b"rd/abc".to_vec(), true));
    assert_eq!(lifetime(&again), Some(b"lt=120".to_vec()));
    // Once it is confirmed there is no news any more.
    bench.receive(&respond(&again, Code::CHANGED, &[], b""));
    bench.settle();
    bench.shared.client.request_update(UpdateScope::Minimal);
    let last = datagrams(&bench.settle().0).pop().unwrap();
    assert_eq!(request_of(&last), (b"rd/abc".to_vec(), false));
    assert_eq!(lifetime(&last), None);
}

#[test]
fn a_server_cannot_keep_a_client_that_is_stopped() {
    let mut bench = registered(SETTINGS);
    let client = &bench.shared.client;
    assert_eq!(client.stop(true), ClientEvent::Deregister);
    let deregister = datagrams(&bench.settle().0).pop().unwrap();
    let now = Instant::from_millis(bench.now);
    assert_eq!(client.disable(0), Err(CommandError::NotRunning));
    assert_eq!(client.request_bootstrap(now), Err(CommandError::NotRunning));
    bench.receive(&respond(&deregister, Code::DELETED, &[], b""));
    assert_eq!(events(&bench.settle().0), [ClientEvent::Deregistered]);
    assert_eq!(client.state(), ClientState::Idle);
}

#[test]
fn a_client_that_was_stopped_cannot_be_paused() {
    let bench = registered(SETTINGS);
    let client = &bench.shared.client;
    assert_eq!(client.stop(false), ClientEvent::Disconnected);
    assert_eq!(client.pause(), Err(CommandError::NotRunning));
}

#[test]
fn disabling_the_client_twice_is_told_once() {
    let mut bench = registered(SETTINGS);
    let client = &bench.shared.client;
    client.disable(0).unwrap();
    assert_eq!(events(&bench.settle().0), [ClientEvent::ServerDisabled]);
    client.disable(0).unwrap();
    assert_eq!(events(&bench.settle().0), []);
}

#[test]
fn whoever_has_stopped_the_client_is_told_nothing_of_before() {
    let (mut bench, register) = started(SETTINGS);
    bench.receive(&respond(&register, Code::BAD_REQUEST, &[], b""));
    bench.shared.client.stop(false);
    assert_eq!(events(&bench.settle().0), []);
    // What becomes of the stop itself is told.
    let mut bench = registered(Settings {
        idle: Idle::Close,
        ..SETTINGS
    });
    bench.shared.client.pause().unwrap();
    bench.settle();
    bench.connects = Err(-111);
    bench.shared.client.stop(true);
    assert_eq!(events(&bench.settle().0), [ClientEvent::Disconnected]);
}

#[test]
fn a_break_is_no_news_to_a_paused_client() {
    let mut bench = registered(SETTINGS);
    bench.shared.client.pause().unwrap();
    bench.settle();
    breaks(&mut bench);
    assert_eq!(bench.settle(), (vec![], None));
    assert_eq!(bench.shared.client.state(), ClientState::Registered);
}

#[test]
fn a_client_that_never_was_registered_sends_no_deregister() {
    let (mut bench, _) = started(SETTINGS);
    let client = &bench.shared.client;
    client
        .request_bootstrap(Instant::from_millis(bench.now))
        .unwrap();
    client.stop(true);
    let (done, _) = bench.settle();
    assert_eq!(datagrams(&done), [] as [Vec<u8>; 0]);
    assert_eq!(events(&done), [ClientEvent::Disconnected]);
    assert_eq!(client.state(), ClientState::Idle);
}
