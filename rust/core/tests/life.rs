// SPDX-License-Identifier: Apache-2.0
//! The client's life: queue mode, several servers, Disable, broken connections.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, ConnectionId};
use lwm2m_core::engine::{Event, Idle, QueueMode, Settings};
use lwm2m_core::information_reporting::send::send;
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{ClientEvent, ClientState, UpdateScope};
use lwm2m_core::shared::SendStatus;
use lwm2m_core::time::Instant;
use lwm2m_core::value::DataType;
use support::*;

const VALUE: Path = Path::resource(3303, 0, 5700);
const UPTIME: u64 = 5_000;

fn client(event: ClientEvent) -> Done {
    Done::Event(Event::Client(event))
}

/// What is sent in a line: the method and the first path segments, or the code of an answer.
fn sent(done: &Done) -> String {
    let Done::Transmit(datagram) = done else {
        return match done {
            Done::Event(Event::Client(event)) => format!("{event:?}"),
            Done::Event(event) => format!("{event:?}"),
            Done::Connect(host, port) => format!("connect {host}:{port}"),
            Done::Close => "close".into(),
            Done::Listen(listen) => format!("listen {listen}"),
            Done::Transmit(_) => unreachable!(),
        };
    };
    let (code, options, _) = summary(datagram);
    let path: String = options
        .iter()
        .filter(|(number, _)| *number == 11)
        .map(|(_, segment)| format!("/{}", String::from_utf8_lossy(segment)))
        .collect();
    format!("{code}{path}")
}

fn lines(done: &[Done]) -> Vec<String> {
    done.iter().map(sent).collect()
}

/// What the client does now, in lines.
fn doing(bench: &mut Bench) -> Vec<String> {
    lines(&bench.settle().0)
}

/// Answers the last request of these.
fn answer(bench: &mut Bench, done: &[Done], code: Code) {
    let location: &[(u16, &[u8])] = match code {
        Code::CREATED => &[(8, b"rd"), (8, b"abc")],
        _ => &[],
    };
    let Some(Done::Transmit(request)) = done.last() else {
        panic!("{done:?}")
    };
    bench.receive(&respond(request, code, location, b""));
}

fn queue_mode(idle: Idle, update_first: bool) -> Settings {
    Settings {
        queue: Some(QueueMode {
            uptime: u32::try_from(UPTIME / 1000).unwrap(),
            update_first,
        }),
        idle,
        ..SETTINGS
    }
}

/// A client in queue mode that has just stopped listening.
fn resting(idle: Idle, update_first: bool) -> Bench {
    let model = MemoryModel::standard();
    model.set((1, 0, 1), 0, 600.into());
    let mut bench = Bench::with_settings(model, queue_mode(idle, update_first));
    bench.shared.client.start(b"device").unwrap();
    let (done, _) = bench.settle();
    answer(&mut bench, &done, Code::CREATED);
    let (done, deadline) = bench.settle();
    assert_eq!(lines(&done), ["RegistrationComplete"]);
    assert_eq!(deadline, Some(bench.now + UPTIME));
    bench.now += UPTIME;
    let (done, deadline) = bench.settle();
    assert_eq!(done[0], client(ClientEvent::RxOff));
    let rests = match idle {
        Idle::Close => &["close"][..],
        Idle::Suspend | Idle::StopListening => &["listen false"],
        Idle::Listen => &[],
    };
    assert_eq!(lines(&done[1..]), rests);
    assert_eq!(deadline, Some(bench.now - UPTIME + 590_000));
    bench
}

const WAYS: [(Idle, &[&str]); 4] = [
    (Idle::Close, &["connect 127.0.0.1:5683"]),
    (Idle::Suspend, &["close", "connect 127.0.0.1:5683"]),
    (Idle::StopListening, &["listen true"]),
    (Idle::Listen, &[]),
];

#[test]
fn a_send_wakes_the_client_and_waits_for_the_update() {
    for (idle, opens) in WAYS {
        let mut bench = resting(idle, true);
        bench.with(|context| send(context, &[VALUE], 7)).unwrap();
        let (done, _) = bench.settle();
        let expected = [opens, &["Update", "0.02/rd/abc"]].concat();
        assert_eq!(lines(&done), expected, "{idle:?}");
        answer(&mut bench, &done, Code::CHANGED);
        let (done, _) = bench.settle();
        assert_eq!(lines(&done), ["UpdateComplete", "0.02/dp"]);
        answer(&mut bench, &done, Code::CHANGED);
        let status = Event::Send {
            reference: 7,
            status: SendStatus::Success,
            answer: Some(Code::CHANGED),
        };
        let (done, deadline) = bench.settle();
        assert_eq!(done, [Done::Event(status)]);
        assert_eq!(deadline, Some(bench.now + UPTIME));
    }
}

#[test]
fn without_buffering_a_send_leaves_at_once() {
    for (idle, opens) in WAYS {
        let mut bench = resting(idle, false);
        bench.with(|context| send(context, &[VALUE], 7)).unwrap();
        let expected = [opens, &["0.02/dp"]].concat();
        assert_eq!(doing(&mut bench), expected, "{idle:?}");
        assert_eq!(bench.shared.client.state(), ClientState::Registered);
    }
}

#[test]
fn a_change_that_is_observed_wakes_the_client() {
    let mut bench = resting(Idle::Close, true);
    bench.shared.client.request_update(UpdateScope::Minimal);
    let (done, _) = bench.settle();
    answer(&mut bench, &done, Code::CHANGED);
    bench.settle();
    let observe = request(Code::GET, 1, "/3303/0/5700", &[(6, b"")], b"");
    assert_eq!(summary(&bench.receive(&observe).unwrap()).0, "2.05");
    bench.settle();
    bench.now += UPTIME;
    assert_eq!(doing(&mut bench), ["RxOff", "close"]);

    bench.model.set((3303, 0, 5700), 0, Owned::Float(21.0));
    bench.shared.resource_changed(VALUE);
    let (done, _) = bench.settle();
    assert_eq!(
        lines(&done),
        ["connect 127.0.0.1:5683", "Update", "0.02/rd/abc"]
    );
    // What changes meanwhile is told once, with the last value.
    bench.model.set((3303, 0, 5700), 0, Owned::Float(22.0));
    bench.shared.resource_changed(VALUE);
    answer(&mut bench, &done, Code::CHANGED);
    let (done, _) = bench.settle();
    assert_eq!(lines(&done), ["UpdateComplete", "2.05"]);
    let Some(Done::Transmit(notification)) = done.last() else {
        panic!()
    };
    assert!(summary(notification).2.ends_with(b"\xf9\x4d\x80"));
}

#[test]
fn a_request_is_answered_while_the_client_need_not_listen() {
    let mut bench = resting(Idle::Listen, true);
    let read = request(Code::GET, 1, "/3/0/0", &[], b"");
    assert_eq!(summary(&bench.receive(&read).unwrap()).0, "2.05");
    assert_eq!(doing(&mut bench), ["Update", "0.02/rd/abc"]);
}

#[test]
fn the_client_rests_until_an_update_is_due_and_rests_again_after_it() {
    let mut bench = resting(Idle::Close, true);
    bench.now += 590_000 - UPTIME;
    let (done, _) = bench.settle();
    assert_eq!(
        lines(&done),
        ["Update", "connect 127.0.0.1:5683", "0.02/rd/abc"]
    );
    answer(&mut bench, &done, Code::CHANGED);
    assert_eq!(doing(&mut bench), ["UpdateComplete"]);
    bench.now += UPTIME;
    assert_eq!(doing(&mut bench), ["RxOff", "close"]);
}

#[test]
fn traffic_keeps_the_client_awake() {
    let model = MemoryModel::standard();
    let mut bench = Bench::with_settings(model, queue_mode(Idle::Close, true));
    bench.shared.client.start(b"device").unwrap();
    let (done, _) = bench.settle();
    answer(&mut bench, &done, Code::CREATED);
    bench.settle();
    bench.now += UPTIME - 1;
    bench.receive(&request(Code::GET, 1, "/3/0/0", &[], b""));
    let (done, deadline) = bench.settle();
    assert_eq!((done, deadline), (vec![], Some(bench.now + UPTIME)));
    // As long as the server has not answered a Send.
    bench.with(|context| send(context, &[VALUE], 1)).unwrap();
    let (done, _) = bench.settle();
    bench.now += 1_000;
    assert_eq!(doing(&mut bench), Vec::<String>::new());
    answer(&mut bench, &done, Code::CHANGED);
    bench.settle();
    bench.now += UPTIME;
    assert_eq!(doing(&mut bench), ["RxOff", "close"]);
}

/// Servers 0 and 1 at ports 5683 and 5684; the second is less preferred.
fn two_servers() -> MemoryModel {
    MemoryModel::standard()
        .resource((1, 0, 4), "E", DataType::None, None)
        .resource((1, 0, 13), "RW", DataType::U8, Some(1.into()))
        .resource(
            (0, 1, 0),
            "",
            DataType::String,
            Some("coap://127.0.0.1:5684".into()),
        )
        .resource((0, 1, 10), "", DataType::U16, Some(102.into()))
        .resource((1, 1, 0), "R", DataType::U16, Some(102.into()))
        .resource((1, 1, 1), "RW", DataType::U32, Some(60.into()))
        .resource((1, 1, 13), "RW", DataType::U8, Some(2.into()))
}

/// Lets time pass until something is done that is wanted; returns all that was done.
fn until(bench: &mut Bench, wanted: &str) -> Vec<String> {
    let mut all = vec![];
    for _ in 0..200 {
        let (done, deadline) = bench.settle();
        all.extend(lines(&done));
        if all.iter().any(|line| line == wanted) {
            return all;
        }
        bench.now = deadline.unwrap_or_else(|| panic!("no {wanted}: {all:?}"));
    }
    panic!("no {wanted}: {all:?}");
}

#[test]
fn the_preferred_server_is_registered_with() {
    let model = two_servers();
    model.set((1, 1, 13), 0, 0.into());
    let mut bench = Bench::new(model);
    bench.shared.client.start(b"device").unwrap();
    assert_eq!(doing(&mut bench)[0], "connect 127.0.0.1:5684");
    assert_eq!(bench.shared.client.server_instance(), Some(1));
    assert_eq!(bench.shared.client.security_instance(), Some(1));
}

#[test]
fn a_server_that_refuses_gives_way_to_the_next() {
    let mut bench = Bench::new(two_servers());
    bench.shared.client.start(b"device").unwrap();
    let (done, _) = bench.settle();
    answer(&mut bench, &done, Code(0x83));
    let (done, _) = bench.settle();
    assert_eq!(
        lines(&done)[1..],
        [
            "RegistrationFailure",
            "close",
            "connect 127.0.0.1:5684",
            "0.02/rd"
        ]
    );
    answer(&mut bench, &done, Code::CREATED);
    assert_eq!(doing(&mut bench), ["RegistrationComplete"]);
}

/// A time that has passed is no longer what keeps the client from a server.
#[test]
fn two_servers_that_always_refuse_are_asked_with_pauses_for_ever() {
    let mut bench = Bench::new(two_servers());
    bench.shared.client.start(b"device").unwrap();
    let (begin, mut registers) = (bench.now, vec![]);
    while bench.now < begin + 3_600_000 && registers.len() < 1000 {
        let (done, deadline) = bench.settle();
        match done.last() {
            Some(Done::Transmit(_)) => {
                registers.push(bench.now);
                answer(&mut bench, &done, Code(0x83));
            }
            _ => match deadline {
                Some(deadline) => bench.now = deadline,
                // It has given up, and the application has it go on.
                None => {
                    bench.now += 600_000;
                    bench.shared.client.start_again().unwrap();
                }
            },
        }
    }
    assert!((10..60).contains(&registers.len()), "{}", registers.len());
}

#[test]
fn registration_failure_block_keeps_the_client_from_the_next_server() {
    let model = two_servers().resource(
        (1, 0, 15),
        "W",
        DataType::Boolean,
        Some(Owned::Boolean(true)),
    );
    let mut bench = Bench::new(model);
    bench.shared.client.start(b"device").unwrap();
    let (done, _) = bench.settle();
    answer(&mut bench, &done, Code(0x83));
    let done = doing(&mut bench);
    assert_eq!(
        done[1..4],
        ["RegistrationFailure", "close", "connect 127.0.0.1:5683"]
    );
}

#[test]
fn a_silent_server_gives_way_and_is_come_back_to() {
    let mut bench = Bench::new(two_servers());
    bench.shared.client.start(b"device").unwrap();
    let done = until(&mut bench, "connect 127.0.0.1:5684");
    let attempts = done.iter().filter(|line| line.starts_with("connect"));
    assert_eq!(attempts.count(), 4, "three to the first: {done:?}");
    let Some((Done::Transmit(register), _)) = last_request(&mut bench) else {
        panic!()
    };
    bench.receive(&respond(
        &register,
        Code::CREATED,
        &[(8, b"rd"), (8, b"x")],
        b"",
    ));
    assert_eq!(doing(&mut bench), ["RegistrationComplete"]);
    // Two retries of 247 seconds later the first server is tried again, at an Update.
    let mut updates = 0;
    loop {
        let (done, deadline) = bench.settle();
        match done.last() {
            None => bench.now = deadline.unwrap(),
            Some(_) if lines(&done).last().unwrap() == "0.02/rd/x" => {
                updates += 1;
                answer(&mut bench, &done, Code::CHANGED);
            }
            Some(_) if lines(&done) == ["UpdateComplete"] => {}
            Some(_) => {
                assert_eq!(lines(&done), ["0.04/rd/x"]);
                answer(&mut bench, &done, Code::DELETED);
                break;
            }
        }
    }
    assert!((5..=12).contains(&updates), "{updates}");
    assert_eq!(
        doing(&mut bench),
        ["Left", "close", "connect 127.0.0.1:5683", "0.02/rd"]
    );
}

/// The Register that is sent again next.
fn last_request(bench: &mut Bench) -> Option<(Done, u64)> {
    for _ in 0..10 {
        let (done, deadline) = bench.settle();
        if let Some(Done::Transmit(_)) = done.last() {
            return Some((done.last()?.clone(), bench.now));
        }
        bench.now = deadline?;
    }
    None
}

#[test]
fn a_disabled_client_deregisters_and_waits() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.shared.client.disable(7).unwrap_err();
    bench.shared.client.disable(0).unwrap();
    bench.with(|context| {
        use lwm2m_core::model::{Availability, DataModel};
        let until = Instant::from_millis(bench.now + 60_000);
        context
            .model
            .set_availability(0, Availability::DisabledUntil(until));
    });
    let (done, deadline) = bench.settle();
    assert_eq!(done, [client(ClientEvent::ServerDisabled)]);
    let answered_by = deadline.unwrap();
    assert_eq!(answered_by, bench.now + 1000);
    let began = bench.now;
    bench.now = answered_by;
    let (done, _) = bench.settle();
    assert_eq!(lines(&done), ["0.04/rd/abc"]);
    answer(&mut bench, &done, Code::DELETED);
    let (done, deadline) = bench.settle();
    assert_eq!(done, [client(ClientEvent::Left), Done::Close]);
    assert_eq!(deadline, Some(began + 60_000));
    bench.now = began + 60_000;
    assert_eq!(doing(&mut bench), ["connect 127.0.0.1:5683", "0.02/rd"]);
}

#[test]
fn a_client_that_one_server_disables_turns_to_the_other() {
    let mut bench = Bench::registered(two_servers());
    bench.shared.client.disable(0).unwrap();
    bench.with(|context| {
        use lwm2m_core::model::{Availability, DataModel};
        context.model.set_availability(0, Availability::Disabled);
    });
    bench.settle();
    bench.now += 1000;
    let (done, _) = bench.settle();
    answer(&mut bench, &done, Code::DELETED);
    assert_eq!(
        doing(&mut bench),
        ["Left", "close", "connect 127.0.0.1:5684", "0.02/rd"]
    );
}

#[test]
fn a_disabled_client_can_be_stopped() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.shared.client.disable(0).unwrap();
    assert_eq!(
        bench.shared.client.stop(true),
        ClientEvent::Disconnected,
        "as in C"
    );
    assert_eq!(bench.settle(), (vec![Done::Close], None));
}

fn break_connection(bench: &mut Bench) {
    let now = Instant::from_millis(bench.now);
    bench
        .engine
        .connection_failed(bench.shared, ConnectionId::SERVER, now);
}

#[test]
fn a_broken_connection_is_opened_again_and_the_registration_kept() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let observe = request(Code::GET, 1, "/3303/0/5700", &[(6, b"")], b"");
    bench.receive(&observe);
    bench.settle();
    bench.with(|context| send(context, &[VALUE], 3)).unwrap();
    bench.settle();
    break_connection(&mut bench);
    let (done, _) = bench.settle();
    assert_eq!(
        lines(&done),
        [
            "RegistrationTimeout",
            "close",
            "Update",
            "connect 127.0.0.1:5683",
            "0.02/rd/abc"
        ]
    );
    bench.model.set((3303, 0, 5700), 0, Owned::Float(21.0));
    bench.shared.resource_changed(VALUE);
    assert_eq!(doing(&mut bench), Vec::<String>::new(), "the Update first");
    answer(&mut bench, &done, Code::CHANGED);
    assert_eq!(doing(&mut bench), ["UpdateComplete", "0.02/dp", "2.05"]);
}

#[test]
fn a_registration_that_ran_out_while_the_network_was_down_is_made_anew() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.connects = Err(-1);
    break_connection(&mut bench);
    bench.settle();
    bench.now += 61_000;
    bench.connects = Ok(());
    let done = until(&mut bench, "0.02/rd");
    assert!(!done.iter().any(|line| line == "Update"), "{done:?}");
}

#[test]
fn a_connection_that_breaks_while_deregistering_ends_the_client() {
    let mut bench = Bench::registered(MemoryModel::standard());
    bench.shared.client.stop(true);
    bench.settle();
    break_connection(&mut bench);
    assert_eq!(doing(&mut bench), ["DeregistrationFailure", "close"]);
    assert_eq!(bench.shared.client.state(), ClientState::Idle);
}

#[test]
fn a_client_that_rests_deregisters_over_a_new_connection() {
    let mut bench = resting(Idle::Close, true);
    assert_eq!(bench.shared.client.stop(true), ClientEvent::Deregister);
    let (done, _) = bench.settle();
    assert_eq!(lines(&done), ["connect 127.0.0.1:5683", "0.04/rd/abc"]);
    answer(&mut bench, &done, Code::DELETED);
    assert_eq!(doing(&mut bench), ["Deregistered", "close"]);

    let mut bench = resting(Idle::Close, true);
    bench.connects = Err(-1);
    bench.shared.client.stop(true);
    assert_eq!(
        doing(&mut bench),
        ["connect 127.0.0.1:5683", "Disconnected"]
    );
    assert_eq!(bench.shared.client.state(), ClientState::Idle);
}

#[test]
fn communication_retry_resources_say_how_often_and_when() {
    let model = MemoryModel::standard()
        .resource((1, 0, 17), "W", DataType::U16, Some(2.into()))
        .resource((1, 0, 18), "W", DataType::U16, Some(40.into()))
        .resource((1, 0, 19), "W", DataType::U16, Some(1000.into()))
        .resource((1, 0, 20), "W", DataType::U16, Some(2.into()));
    let mut bench = Bench::new(model);
    bench.connects = Err(-1);
    bench.shared.client.start(b"device").unwrap();
    let mut attempts = vec![];
    let start = bench.now;
    loop {
        let (done, deadline) = bench.settle();
        for line in lines(&done) {
            if line.starts_with("connect") {
                attempts.push((bench.now - start) / 1000);
            } else if line == "NetworkError" {
                // Two sequences of two attempts, 40 seconds apart, up to an eighth more.
                assert_eq!(attempts.len(), 4, "{attempts:?}");
                assert!((40..=45).contains(&(attempts[1] - attempts[0])));
                assert!((1080..=1100).contains(&(attempts[2] - attempts[1])));
                assert!((40..=45).contains(&(attempts[3] - attempts[2])));
                return;
            }
        }
        bench.now = deadline.unwrap();
    }
}

#[test]
fn a_server_that_somebody_disabled_stays_so_when_the_client_gives_it_up() {
    use lwm2m_core::model::{Availability, DataModel};
    for disabled in [
        Availability::Disabled,
        Availability::DisabledUntil(Instant::from_millis(u64::MAX / 2)),
    ] {
        for model in [two_servers(), MemoryModel::standard()] {
            let mut bench = Bench::new(model);
            bench.shared.client.start(b"device").unwrap();
            let (done, _) = bench.settle();
            bench.with(|context| context.model.set_availability(0, disabled));
            answer(&mut bench, &done, Code(0x83));
            bench.settle();
            bench.with(|context| assert_eq!(context.model.availability(0), disabled));
        }
    }
}

/// A client whose server is reached over a secure connection.
fn secured() -> MemoryModel {
    let model = MemoryModel::standard();
    model.set((0, 0, 0), 0, "coaps://127.0.0.1".into());
    model.set((1, 0, 1), 0, 600.into());
    model
}

/// Lets a Send time out.
fn send_in_vain(bench: &mut Bench) -> Vec<String> {
    bench.with(|context| send(context, &[VALUE], 7)).unwrap();
    let status = Event::Send {
        reference: 7,
        status: SendStatus::Timeout,
        answer: None,
    };
    for _ in 0..10 {
        let (done, deadline) = bench.settle();
        if done.contains(&Done::Event(status)) {
            return lines(&done);
        }
        bench.now = deadline.unwrap();
    }
    panic!("the Send never ended");
}

/// A server that has lost the association hears nothing that is sent over it, a Register neither.
#[test]
fn what_nobody_acknowledges_over_a_secure_connection_is_followed_by_a_handshake_and_an_update() {
    let mut bench = Bench::registered(secured());
    let observe = request(Code::GET, 1, "/3303/0/5700", &[(6, b"")], b"");
    bench.receive(&observe);
    let done = send_in_vain(&mut bench);
    let after = ["close", "Update", "connect 127.0.0.1:5684", "0.02/rd/abc"];
    assert!(done.ends_with(&after.map(String::from)), "{done:?}");
    assert!(bench.shared.observations.is_observed(&VALUE));
    let model = secured();
    model.set((0, 0, 0), 0, "coap://127.0.0.1".into());
    let mut bench = Bench::registered(model);
    let done = send_in_vain(&mut bench);
    assert!(done.ends_with(&["0.02/rd".into()]), "{done:?}");
    assert!(!done.contains(&"close".into()), "{done:?}");
}

#[test]
fn a_handshake_that_fails_is_tried_again_after_pauses_and_gives_way_to_the_next_server() {
    let mut bench = Bench::new(two_servers());
    for (instance, port) in [(0, 5684), (1, 5685)] {
        let uri = format!("coaps://127.0.0.1:{port}");
        bench.model.set((0, instance, 0), 0, uri.as_str().into());
    }
    bench.connects = Err(-110);
    bench.shared.client.start(b"device").unwrap();
    let mut attempts = vec![];
    while attempts.len() < 7 {
        let (done, deadline) = bench.settle();
        // A handshake that nobody answers takes its time.
        for line in lines(&done) {
            assert!(
                line.starts_with("connect") || line == "NetworkError",
                "{line}"
            );
            attempts.push((line, bench.now));
        }
        match deadline {
            Some(deadline) => bench.now = deadline,
            None => break,
        }
    }
    let whom: Vec<&str> = attempts.iter().map(|(line, _)| line.as_str()).collect();
    let (one, other) = ("connect 127.0.0.1:5684", "connect 127.0.0.1:5685");
    assert_eq!(whom, [one, one, one, other, other, other, "NetworkError"]);
    assert_eq!(bench.shared.client.state(), ClientState::Idle);
    let pauses: Vec<u64> = attempts.windows(2).map(|two| two[1].1 - two[0].1).collect();
    // None before the second attempt, a second before the third, and what chance adds.
    assert_eq!([pauses[0], pauses[3]], [0, 0]);
    assert!((1000..1130).contains(&pauses[1]), "{pauses:?}");
}

#[test]
fn a_bootstrap_server_whose_handshake_fails_is_given_up_with_its_own_event() {
    let mut bench = Bench::new(MemoryModel::with_bootstrap_account());
    bench.model.set((0, 1, 0), 0, "coaps://127.0.0.1".into());
    bench.connects = Err(-110);
    bench.shared.client.start_bootstrap(b"device").unwrap();
    let heard = until(&mut bench, "BootstrapFailure");
    let connects = heard.iter().filter(|line| line.starts_with("connect"));
    assert_eq!(connects.count(), 3, "{heard:?}");
    assert_eq!(bench.shared.client.state(), ClientState::Idle);
}

#[test]
fn a_handshake_that_fails_on_waking_keeps_the_registration_and_what_waits() {
    let mut bench = resting(Idle::Close, true);
    bench.with(|context| send(context, &[VALUE], 7)).unwrap();
    bench.connects = Err(-110);
    assert_eq!(doing(&mut bench)[..1], ["connect 127.0.0.1:5683"]);
    bench.connects = Ok(());
    let (mut done, mut deadline) = bench.settle();
    while done.is_empty() {
        bench.now = deadline.unwrap();
        (done, deadline) = bench.settle();
    }
    let expected = ["Update", "connect 127.0.0.1:5683", "0.02/rd/abc"];
    assert_eq!(lines(&done), expected);
    answer(&mut bench, &done, Code::CHANGED);
    assert_eq!(doing(&mut bench), ["UpdateComplete", "0.02/dp"]);
}

/// There may be memory for one DTLS context.
#[test]
fn a_connection_is_closed_before_another_is_opened() {
    for idle in [Idle::Suspend, Idle::Close] {
        let mut bench = resting(idle, true);
        bench.with(|context| send(context, &[VALUE], 7)).unwrap();
        let mut open = idle == Idle::Suspend;
        for line in doing(&mut bench) {
            assert!(!(open && line.starts_with("connect")), "{idle:?}");
            open = line.starts_with("connect") || (open && line != "close");
        }
        assert!(open);
    }
}
