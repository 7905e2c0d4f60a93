// SPDX-License-Identifier: Apache-2.0
//! The engine as a whole, datagram in, datagram out, over a data model in memory.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, Message, MessageType};
use lwm2m_core::engine::{Event, QueueMode, Settings};
use lwm2m_core::information_reporting::observation::ObserveEvent;
use lwm2m_core::information_reporting::send::{SendError, send};
use lwm2m_core::model::ModelError;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{ClientEvent, ClientState, UpdateScope};
use lwm2m_core::shared::SendStatus;
use lwm2m_core::value::DataType;
use support::*;

const TLV: &[u8] = &[0x2d, 0x16];
const SENML_CBOR: &[u8] = &[112];
const TEXT: &[u8] = &[];

fn client(event: ClientEvent) -> Done {
    Done::Event(Event::Client(event))
}

fn transmitted(done: &[Done]) -> &[u8] {
    match done {
        [Done::Transmit(datagram)] => datagram,
        other => panic!("one datagram expected: {other:?}"),
    }
}

fn code_of(bench: &mut Bench, request: &[u8]) -> String {
    summary(&bench.receive(request).expect("an answer")).0
}

#[test]
fn a_client_registers_updates_and_deregisters() {
    let mut bench = Bench::new(MemoryModel::standard());
    assert_eq!(bench.settle(), (vec![], None));
    bench.shared.client.start(b"device").unwrap();
    let (done, deadline) = bench.settle();
    assert_eq!(done[0], Done::Connect("127.0.0.1".into(), 5683));
    let Done::Transmit(register) = &done[1] else {
        panic!()
    };
    let (code, options, payload) = summary(register);
    assert_eq!(code, "0.02");
    assert_eq!(
        options,
        [
            (11, b"rd".to_vec()),
            (12, vec![40]),
            (15, b"lwm2m=1.1".to_vec()),
            (15, b"ep=device".to_vec()),
            (15, b"lt=60".to_vec()),
        ]
    );
    assert_eq!(payload, b"</>;ct=112,</1/0>,</3/0>,</3303/0>");
    assert!(deadline.unwrap() >= bench.now + 2000 && deadline.unwrap() < bench.now + 3000);

    let answer = respond(register, Code::CREATED, &[(8, b"rd"), (8, b"abc")], b"");
    assert_eq!(bench.receive(&answer), None);
    let (done, deadline) = bench.settle();
    assert_eq!(done, [client(ClientEvent::RegistrationComplete)]);
    assert_eq!(deadline, Some(bench.now + 50_000));

    bench.now += 50_000;
    let (done, _) = bench.settle();
    assert_eq!(done[0], client(ClientEvent::Update));
    let (code, options, payload) = summary(transmitted(&done[1..]));
    assert_eq!((code.as_str(), payload.as_slice()), ("0.02", &b""[..]));
    assert_eq!(options, [(11, b"rd".to_vec()), (11, b"abc".to_vec())]);
    let answer = respond(transmitted(&done[1..]), Code::CHANGED, &[], b"");
    bench.receive(&answer);
    assert_eq!(bench.settle().0, [client(ClientEvent::UpdateComplete)]);

    bench.shared.client.request_update(UpdateScope::Objects);
    let (done, _) = bench.settle();
    let (_, options, payload) = summary(transmitted(&done[1..]));
    assert_eq!(options[2], (12, vec![40]));
    assert_eq!(payload, b"</>;ct=112,</1/0>,</3/0>,</3303/0>");
    bench.receive(&respond(transmitted(&done[1..]), Code::CHANGED, &[], b""));
    bench.settle();

    assert_eq!(bench.shared.client.stop(true), ClientEvent::Deregister);
    let (done, _) = bench.settle();
    let (code, options, _) = summary(transmitted(&done));
    assert_eq!(code, "0.04");
    assert_eq!(options, [(11, b"rd".to_vec()), (11, b"abc".to_vec())]);
    bench.receive(&respond(transmitted(&done), Code::DELETED, &[], b""));
    let (done, deadline) = bench.settle();
    assert_eq!(done, [client(ClientEvent::Deregistered), Done::Close]);
    assert_eq!(
        (deadline, bench.shared.client.state()),
        (None, ClientState::Idle)
    );
}

#[test]
fn an_update_the_server_does_not_know_becomes_a_registration() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.shared.client.request_update(UpdateScope::Minimal);
    let (done, _) = bench.settle();
    bench.receive(&respond(transmitted(&done[1..]), Code::NOT_FOUND, &[], b""));
    let (done, _) = bench.settle();
    assert_eq!(done[0], Done::Event(Event::Refused(Code::NOT_FOUND)));
    assert_eq!(summary(transmitted(&done[1..])).1[3].1, b"ep=device");
}

#[test]
fn a_client_in_queue_mode_says_so_whatever_the_account_says() {
    for modes in ["U", ""] {
        let binding = Some(modes.into());
        let model = MemoryModel::standard().resource((1, 0, 7), "R", DataType::String, binding);
        let queue = Some(QueueMode {
            uptime: 93,
            update_first: true,
        });
        let mut bench = Bench::with_settings(model, Settings { queue, ..SETTINGS });
        bench.shared.client.start(b"device").unwrap();
        let (done, _) = bench.settle();
        let (_, options, _) = summary(transmitted(&done[1..]));
        let queries = options.iter().filter(|option| option.0 == 15);
        let queries: Vec<&[u8]> = queries.map(|option| &option.1[..]).collect();
        let expected: [&[u8]; 5] = [b"lwm2m=1.1", b"ep=device", b"lt=60", b"b=U", b"Q"];
        assert_eq!(queries, expected);
    }
}

#[test]
fn a_silent_server_is_tried_again_at_its_next_address_with_growing_pauses_and_then_given_up() {
    let mut bench = Bench::new(MemoryModel::standard());
    bench.shared.client.start(b"device").unwrap();
    let mut events = vec![];
    let mut connects = vec![];
    let mut transmissions = 0;
    loop {
        let (done, deadline) = bench.settle();
        for done in done {
            match done {
                Done::Event(event) => events.push(event),
                Done::Connect(..) => connects.push(bench.attempt),
                Done::Transmit(_) => transmissions += 1,
                Done::Close | Done::Listen(_) => {}
            }
        }
        match deadline {
            Some(deadline) => bench.now = deadline,
            None => break,
        }
    }
    let timeout = Event::Client(ClientEvent::RegistrationTimeout);
    let failed = Event::Client(ClientEvent::NetworkError);
    assert_eq!(events, [timeout, timeout, timeout, failed]);
    assert_eq!((connects, transmissions), (vec![0, 1, 2], 15));
    assert_eq!(bench.shared.client.state(), ClientState::Idle);
    assert_eq!(bench.shared.client.start(b"device"), Ok(()));
}

#[test]
fn a_uri_with_a_path_is_said_to_be_none_at_every_attempt() {
    let model = MemoryModel::standard();
    model.set((0, 0, 0), 0, "coap://127.0.0.1/path".into());
    let mut bench = Bench::new(model);
    bench.shared.client.start(b"device").unwrap();
    let mut told = vec![];
    loop {
        let (done, deadline) = bench.settle();
        told.extend(done);
        match deadline {
            Some(deadline) => bench.now = deadline,
            None => break,
        }
    }
    let unusable = Done::Event(Event::UnusableUri);
    let failed = client(ClientEvent::NetworkError);
    assert_eq!(told, [unusable.clone(), unusable.clone(), unusable, failed]);
}

#[test]
fn stop_while_the_connection_is_being_opened_closes_it() {
    let mut bench = Bench::new(MemoryModel::standard());
    bench.shared.client.start(b"device").unwrap();
    assert!(matches!(bench.poll().0, Some(Done::Connect(..))));
    assert_eq!(bench.shared.client.stop(true), ClientEvent::Disconnected);
    let now = lwm2m_core::time::Instant::from_millis(bench.now);
    bench.engine.connected(
        bench.shared,
        lwm2m_core::coap::ConnectionId::SERVER,
        Ok(()),
        now,
    );
    assert_eq!(bench.settle(), (vec![Done::Close], None));
}

#[test]
fn reads_are_answered_in_the_format_asked_for() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let read = |id, path: &str, accept: &[u8]| request(Code::GET, id, path, &[(17, accept)], b"");
    let (code, options, payload) = summary(&bench.receive(&read(1, "/3/0/0", TEXT)).unwrap());
    assert_eq!(
        (code.as_str(), options, payload),
        ("2.05", vec![(12, vec![])], b"Acme".to_vec())
    );
    let (_, _, payload) = summary(&bench.receive(&read(2, "/3/0", TLV)).unwrap());
    assert_eq!(
        payload,
        b"\xc4\x00Acme\x86\x06\x41\x00\x01\x41\x01\x05\xc3\x0e+01\x83\x5a\x41\x00\x01"
    );
    let (_, options, payload) = summary(
        &bench
            .receive(&request(Code::GET, 3, "/3303/0/5700", &[], b""))
            .unwrap(),
    );
    assert_eq!(options, [(12, SENML_CBOR.to_vec())]);
    assert_eq!(payload, b"\x81\xa2\x21\x6c/3303/0/5700\x02\xf9\x4d\x20");
}

#[test]
fn wrong_requests_get_their_codes() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.model.refuse((3, 0, 14), ModelError::BadRequest);
    let get = Code::GET;
    type Case = (
        Code,
        &'static str,
        &'static [(u16, &'static [u8])],
        &'static [u8],
        &'static str,
    );
    let cases: [Case; 26] = [
        (get, "/9", &[], b"", "4.04"),
        (get, "/3/1", &[], b"", "4.04"),
        (get, "/3/0/99", &[], b"", "4.04"),
        (get, "/3/0/6/3", &[], b"", "4.04"),
        (get, "/x", &[], b"", "4.04"),
        (get, "/65535", &[], b"", "4.04"),
        (get, "/3/0/0/0/0", &[], b"", "4.04"),
        (get, "", &[], b"", "4.05"),
        (get, "/3/0/4", &[], b"", "4.05"),
        (get, "/0/0/0", &[], b"", "4.01"),
        (get, "/3/0", &[(17, TEXT)], b"", "4.06"),
        (get, "/3/0", &[(17, &[99])], b"", "4.06"),
        (get, "/3/0/0", &[(9, b"?")], b"", "4.02"),
        (Code::PUT, "/3/0/0", &[(12, TEXT)], b"x", "4.05"),
        (Code::PUT, "/3/0/14", &[(12, TEXT)], b"x", "4.00"),
        (Code::PUT, "/3/0/14", &[], b"x", "4.00"),
        (Code::PUT, "/3/0/14", &[(12, &[99])], b"x", "4.15"),
        (Code::PUT, "/3/0", &[(12, TEXT)], b"x", "4.15"),
        (Code::PUT, "/1/0/1", &[(12, TEXT)], b"abc", "4.00"),
        (Code::PUT, "/1/0/1", &[(12, TEXT)], b"4294967296", "4.00"),
        (Code::PUT, "/3", &[(12, TLV)], b"", "4.05"),
        (Code::POST, "/3/0/0", &[], b"", "4.05"),
        (Code::POST, "/3/0", &[], b"", "4.15"),
        (Code::DELETE, "/3/0", &[], b"", "4.05"),
        (Code::DELETE, "/3303", &[], b"", "4.05"),
        (Code(30), "/3/0", &[], b"", "4.05"),
    ];
    for (id, (code, path, options, payload, expected)) in (100..).zip(cases) {
        let request = request(code, id, path, options, payload);
        assert_eq!(
            code_of(&mut bench, &request),
            expected,
            "{code:?} {path} {options:?}"
        );
    }
}

#[test]
fn a_write_of_several_resources_that_fails_its_checks_leaves_nothing_behind() {
    let mut bench = Bench::registered(MemoryModel::standard());
    // lifetime 300, then binding (fine), then the short server id, which is read-only
    let payload = b"\xc2\x01\x01\x2c\xc1\x07U\xc1\x00\x05";
    let put = request(Code::PUT, 1, "/1/0", &[(12, TLV)], payload);
    assert_eq!(code_of(&mut bench, &put), "4.05");
    assert_eq!(bench.model.get(1, 0, 1, 0), Some(60.into()));
    let put = request(Code::PUT, 2, "/1/0", &[(12, TLV)], &payload[..7]);
    assert_eq!(code_of(&mut bench, &put), "2.04");
    assert_eq!(bench.model.get(1, 0, 1, 0), Some(300.into()));
}

#[test]
fn a_server_creates_an_instance_with_or_without_an_id() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let mut create = |id, path: &str, payload: &[u8]| {
        let answer = bench
            .receive(&request(Code::POST, id, path, &[(12, TLV)], payload))
            .unwrap();
        let (code, options, _) = summary(&answer);
        let location: Vec<String> = options
            .into_iter()
            .map(|(_, value)| String::from_utf8(value).unwrap())
            .collect();
        (code, location.join("/"), bench.model.get(3, 5, 14, 0))
    };
    let created = |location: &str, value: Option<&str>| {
        (
            "2.01".to_owned(),
            location.to_owned(),
            value.map(Owned::from),
        )
    };
    let refused = |code: &str| (code.to_owned(), String::new(), None);
    // one record is read-only: the instance does not stay
    assert_eq!(create(1, "/3", b"\x06\x05\xc4\x00Acme"), refused("4.05"));
    assert_eq!(create(2, "/9", b""), refused("4.04"));
    assert_eq!(create(3, "/3", b"\x02\x05\xc3\x0e"), refused("4.00"));
    assert_eq!(
        create(4, "/3", b"\x05\x05\xc3\x0e+02"),
        created("3/5", Some("+02"))
    );
    assert_eq!(
        create(5, "/3", b"\x05\x05\xc3\x0e+03").0,
        "4.00",
        "it is there"
    );
    assert_eq!(create(6, "/3", b"\xc3\x0e+04"), created("3/1", Some("+02")));
    assert_eq!(create(7, "/3", b"").0, "5.00", "no room");
    assert_eq!(bench.model.get(3, 1, 14, 0), Some("+04".into()));
}

#[test]
fn put_replaces_the_instances_of_a_multiple_resource_and_post_adds_to_them() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let instances = |bench: &Bench| -> Vec<u16> {
        (0..10)
            .filter(|id| bench.model.get(3, 0, 90, *id).is_some())
            .collect()
    };
    let post = request(
        Code::POST,
        1,
        "/3/0",
        &[(12, TLV)],
        b"\x86\x5a\x41\x04\x09\x41\x05\x09",
    );
    assert_eq!(code_of(&mut bench, &post), "2.04");
    assert_eq!(instances(&bench), [0, 4, 5]);
    let post = request(Code::POST, 2, "/3/0", &[(12, TLV)], b"\x83\x5a\x41\x06\x09");
    assert_eq!(code_of(&mut bench, &post), "5.00", "no slot is left");
    assert_eq!(instances(&bench), [0, 4, 5]);
    let put = request(
        Code::PUT,
        3,
        "/3/0/90",
        &[(12, TLV)],
        b"\x83\x5a\x41\x06\x09",
    );
    assert_eq!(code_of(&mut bench, &put), "2.04");
    assert_eq!(instances(&bench), [6]);
}

#[test]
fn an_execute_runs_once_though_its_request_comes_twice() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let execute = request(Code::POST, 7, "/3/0/4", &[], b"0='x'");
    let first = bench.receive(&execute).unwrap();
    assert_eq!(summary(&first).0, "2.04");
    assert_eq!(bench.receive(&execute), Some(first));
    assert_eq!(
        *bench.model.executed.borrow(),
        [(Path::resource(3, 0, 4), b"0='x'".to_vec())]
    );
}

#[test]
fn an_acknowledged_request_is_answered_separately_and_its_duplicate_acknowledged() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let shared = bench.shared;
    *bench.model.on_execute.borrow_mut() = Some(Box::new(move |_| {
        let (_, acknowledgement) = shared.acknowledge().unwrap();
        assert_eq!(acknowledgement, [0x60, 0, 0, 7]);
        assert_eq!(shared.acknowledge(), None, "once is enough");
    }));
    let execute = request(Code::POST, 7, "/3/0/4", &[], b"");
    assert_eq!(bench.receive(&execute), None);
    let (done, _) = bench.settle();
    let response = Message::parse(transmitted(&done)).unwrap();
    assert_eq!(response.kind, MessageType::Confirmable);
    assert_eq!(
        (response.code, response.token.as_bytes()),
        (Code::CHANGED, &[0xaa][..])
    );
    assert_eq!(bench.receive(&execute), Some(vec![0x60, 0, 0, 7]));
    assert_eq!(bench.model.executed.borrow().len(), 1);
    let [high, low] = response.message_id.to_be_bytes();
    assert_eq!(bench.receive(&[0x60, 0, high, low]), None);
    bench.now += 100_000;
    assert!(
        !bench
            .settle()
            .0
            .iter()
            .any(|done| *done == Done::Transmit(vec![]))
    );
}

#[test]
fn non_confirmable_requests_are_answered_non_confirmable_and_ping_gets_reset() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let mut get = request(Code::GET, 7, "/3/0/0", &[(17, TEXT)], b"");
    get[0] |= 0x10;
    let answer = bench.receive(&get).unwrap();
    let answer = Message::parse(&answer).unwrap();
    assert_eq!(
        (answer.kind, answer.code),
        (MessageType::NonConfirmable, Code::CONTENT)
    );
    assert_eq!(bench.receive(&[0x40, 0, 1, 2]), Some(vec![0x70, 0, 1, 2]));
    assert_eq!(
        bench.receive(&[0x40, 1, 0, 5, 0xf0]),
        Some(vec![0x70, 0, 0, 5])
    );
    assert_eq!(bench.receive(&[0x50, 1, 0, 5, 0xf0]), None);
}

#[test]
fn a_datagram_longer_than_the_longest_message_is_refused_and_nothing_of_it_is_stored() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let long = vec![b'x'; MAX_MESSAGE];
    let put = request(Code::PUT, 1, "/3/0/14", &[(12, TEXT)], &long);
    assert_eq!(code_of(&mut bench, &put), "4.13");
    assert_eq!(bench.model.get(3, 0, 14, 0), Some("+01".into()));
}

#[test]
fn discover_lists_resources_with_their_dimension() {
    let mut bench = Bench::registered(MemoryModel::standard().object(77, (1, 1)));
    let mut discover = |id, path: &str| {
        let answer = bench
            .receive(&request(Code::GET, id, path, &[(17, &[40])], b""))
            .unwrap();
        let (code, options, payload) = summary(&answer);
        assert!(code != "2.05" || options == [(12, vec![40])]);
        (code, String::from_utf8(payload).unwrap())
    };
    let found = |text: &str| ("2.05".to_owned(), text.to_owned());
    assert_eq!(
        discover(1, "/3"),
        found("</3>,</3/0>,</3/0/0>,</3/0/4>,</3/0/6>,</3/0/14>,</3/0/90>")
    );
    assert_eq!(
        discover(2, "/3/0"),
        found("</3/0>,</3/0/0>,</3/0/4>,</3/0/6>;dim=2,</3/0/14>,</3/0/90>;dim=1")
    );
    assert_eq!(
        discover(3, "/3/0/6"),
        found("</3/0/6>;dim=2,</3/0/6/0>,</3/0/6/1>")
    );
    assert_eq!(discover(4, "/77"), found("</77>;ver=1.1"));
    assert_eq!(discover(5, "/78").0, "4.04");
    assert_eq!(discover(6, "/0").0, "4.01");
}

#[test]
fn an_observation_notifies_of_changes_until_it_is_cancelled() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let path = Path::resource(3303, 0, 5700);
    let observe = request(Code::GET, 1, "/3303/0/5700", &[(6, b""), (17, TEXT)], b"");
    let (code, options, payload) = summary(&bench.receive(&observe).unwrap());
    assert_eq!((code.as_str(), payload.as_slice()), ("2.05", &b"20.5"[..]));
    assert_eq!(options, [(6, vec![1]), (12, vec![])]);
    let observed = |event| Done::Event(Event::Observe { event, path });
    assert_eq!(bench.settle().0, [observed(ObserveEvent::Added)]);

    bench.shared.resource_changed(Path::resource(3, 0, 0));
    assert!(!bench.shared.take_wake());
    bench.shared.resource_changed(path);
    assert!(bench.shared.take_wake());
    let (done, _) = bench.settle();
    let notification = Message::parse(transmitted(&done)).unwrap();
    assert_eq!(notification.kind, MessageType::Confirmable);
    assert_eq!(notification.token.as_bytes(), [0xaa]);
    assert_eq!(notification.option(6), Some(&[2][..]));
    assert_eq!(notification.payload, b"20.5");

    let [high, low] = notification.message_id.to_be_bytes();
    bench.shared.resource_changed(path);
    assert_eq!(bench.settle().0, [], "one at a time");
    bench.receive(&[0x60, 0, high, low]);
    let (done, _) = bench.settle();
    assert_eq!(done[0], observed(ObserveEvent::NotifyAcknowledged));
    let notification = Message::parse(transmitted(&done[1..])).unwrap();
    assert_eq!(notification.option(6), Some(&[3][..]));

    let [high, low] = notification.message_id.to_be_bytes();
    bench.receive(&[0x70, 0, high, low]);
    assert_eq!(bench.settle().0, [observed(ObserveEvent::Removed)]);
    bench.shared.resource_changed(path);
    assert_eq!(bench.settle().0, []);
}

/// Found by the simulator: a retransmitted Observe request answered 1 again, and the observer took the
/// notification after it for an old one.
#[test]
fn the_numbers_of_an_observation_go_on_when_its_request_comes_again() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let observe = request(Code::GET, 1, "/3303/0/5700", &[(6, b"")], b"");
    let number = |answer: &[u8]| summary(answer).1[0].clone();
    assert_eq!(number(&bench.receive(&observe).unwrap()), (6, vec![1]));
    bench.settle();
    bench.shared.resource_changed(Path::resource(3303, 0, 5700));
    let (done, _) = bench.settle();
    assert_eq!(number(transmitted(&done)), (6, vec![2]));
    assert_eq!(number(&bench.receive(&observe).unwrap()), (6, vec![3]));
    bench.shared.resource_changed(Path::resource(3303, 0, 5700));
    let (done, _) = bench.settle();
    assert_eq!(number(transmitted(&done)), (6, vec![4]));
}

#[test]
fn an_observation_is_cancelled_by_its_token_and_slots_run_out_with_an_answer() {
    let mut bench = Bench::registered(MemoryModel::standard());
    for (id, path) in (0..).zip(["/3", "/3/0/14", "/3/0/0", "/3303"]) {
        let observe = request_with(Code::GET, id, &[id as u8], path, &[(6, b"")], b"");
        assert_eq!(code_of(&mut bench, &observe), "2.05");
    }
    let fifth = request_with(Code::GET, 10, &[9], "/1/0/1", &[(6, b"")], b"");
    assert_eq!(code_of(&mut bench, &fifth), "5.03");
    bench.settle();
    let cancel = request_with(Code::GET, 11, &[0], "/3", &[(6, &[1])], b"");
    assert_eq!(code_of(&mut bench, &cancel), "2.05");
    let observed = |bench: &Bench, id| {
        let path = Path::resource(3, 0, id);
        bench.shared.observations.is_observed(&path)
    };
    assert_eq!(
        [0, 6, 14].map(|id| observed(&bench, id)),
        [true, false, true]
    );
    bench.settle();
    let moved = request_with(Code::GET, 12, &[1], "/3/0/6", &[(6, b"")], b"");
    assert_eq!(code_of(&mut bench, &moved), "2.05");
    assert_eq!(
        [0, 6, 14].map(|id| observed(&bench, id)),
        [true, true, false],
        "a token stands for one observation"
    );
}

#[test]
fn what_vanished_ends_its_observation_with_an_error_notification() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let observe = request(Code::GET, 1, "/3303/0/5700", &[(6, b"")], b"");
    assert_eq!(code_of(&mut bench, &observe), "2.05");
    bench.settle();
    bench.model.nodes.borrow_mut().remove(&(3303, 0));
    bench.shared.resource_changed(Path::resource(3303, 0, 5700));
    let (done, _) = bench.settle();
    assert!(matches!(
        done[0],
        Done::Event(Event::Observe {
            event: ObserveEvent::Removed,
            ..
        })
    ));
    let (code, options, _) = summary(transmitted(&done[1..]));
    assert_eq!((code.as_str(), options), ("4.04", vec![]));
}

#[test]
fn a_send_carries_the_values_of_its_call() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let paths = [Path::resource(3303, 0, 5700)];
    bench.with(|context| send(context, &paths, 7)).unwrap();
    bench.model.nodes.borrow_mut().remove(&(3303, 0));
    let (done, _) = bench.settle();
    let (code, options, payload) = summary(transmitted(&done));
    assert_eq!(code, "0.02");
    assert_eq!(options, [(11, b"dp".to_vec()), (12, SENML_CBOR.to_vec())]);
    assert_eq!(
        payload,
        b"\x81\xa3\x21\x68/3303/0/\x00\x645700\x02\xf9\x4d\x20"
    );
    bench.receive(&respond(transmitted(&done), Code::CHANGED, &[], b""));
    let status = Event::Send {
        reference: 7,
        status: SendStatus::Success,
        answer: Some(Code::CHANGED),
    };
    assert_eq!(bench.settle().0, [Done::Event(status)]);
    for (path, error) in [
        (Path::resource(3303, 0, 5700), SendError::NotFound),
        (Path::resource(0, 0, 0), SendError::NotAllowed),
        (Path::resource(3, 0, 4), SendError::NotFound),
        (Path::ROOT, SendError::BadPaths),
    ] {
        assert_eq!(bench.with(|context| send(context, &[path], 0)), Err(error));
    }
    bench.shared.client.stop(true);
    bench.shared.client.pause().unwrap();
    let device = [Path::resource(3, 0, 0)];
    assert_eq!(
        bench.with(|context| send(context, &device, 0)),
        Err(SendError::NotRegistered)
    );
}

#[test]
fn a_send_in_flight_when_the_client_stops_is_told_of() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench
        .with(|context| send(context, &[Path::resource(3, 0, 0)], 3))
        .unwrap();
    bench.settle();
    assert_eq!(bench.shared.client.stop(false), ClientEvent::Disconnected);
    let status = Event::Send {
        reference: 3,
        status: SendStatus::Failure,
        answer: None,
    };
    assert_eq!(bench.settle().0, [Done::Event(status), Done::Close]);
}

#[test]
fn a_paused_client_is_silent_and_comes_back() {
    let mut bench = Bench::registered(MemoryModel::standard());
    assert_eq!(
        bench.shared.client.pause(),
        Ok(Some(ClientEvent::Suspended))
    );
    assert_eq!(bench.settle(), (vec![Done::Close], None));
    bench.now += 30_000;
    assert_eq!(bench.settle(), (vec![], None));
    assert_eq!(
        bench.receive(&request(Code::GET, 1, "/3/0/0", &[], b"")),
        None
    );
    bench.shared.client.resume().unwrap();
    let (done, _) = bench.settle();
    assert!(matches!(done[0], Done::Connect(..)), "{done:?}");
    assert_eq!(done[1], client(ClientEvent::Update));
    assert_eq!(summary(transmitted(&done[2..])).1[1].1, b"abc");
}

#[test]
fn a_pause_longer_than_the_lifetime_ends_with_a_registration() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.shared.client.pause().unwrap();
    bench.settle();
    bench.now += 60_000;
    bench.shared.client.resume().unwrap();
    let (done, _) = bench.settle();
    assert!(matches!(done[0], Done::Connect(..)), "{done:?}");
    assert_eq!(summary(transmitted(&done[1..])).1[3].1, b"ep=device");
}
