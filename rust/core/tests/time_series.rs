// SPDX-License-Identifier: Apache-2.0
//! Samples in answers, notifications and Sends, and when they leave; RFC 8428 §4.5.3.

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
use lwm2m_core::engine::Event;
use lwm2m_core::information_reporting::observation::ObserveEvent;
use lwm2m_core::information_reporting::send::send;
use lwm2m_core::path::Path;
use lwm2m_core::shared::SendStatus;
use lwm2m_core::value::DataType;
use support::*;

const JSON: &[u8] = &[110];
const CBOR: &[u8] = &[112];
const TLV: &[u8] = &[0x2d, 0x16];
const VALUE: Path = Path::resource(3303, 0, 5700);
const START: i64 = 1_700_000_000;

/// A client whose /3303/0/5700 and /7/0/1 are cached.
fn bench() -> Bench {
    let model = MemoryModel::standard().object(7, (1, 0)).resource(
        (7, 0, 1),
        "RW",
        DataType::S64,
        Some(10.into()),
    );
    for resource in [(3303, 0, 5700), (7, 0, 1)] {
        model.cached.borrow_mut().push(Cached {
            resource,
            id: 0,
            first: u32::MAX,
            samples: [].into(),
        });
    }
    Bench::registered(model)
}

/// The values 1 to `count` of these seconds after the start.
fn sample(bench: &Bench, cache: usize, times: impl IntoIterator<Item = i64>) {
    let mut cached = bench.model.cached.borrow_mut();
    let samples = &mut cached[cache].samples;
    for time in times {
        let value = Owned::Integer(i64::try_from(samples.len()).unwrap() + 1);
        samples.push_back((START + time, value));
    }
}

fn left(bench: &Bench, cache: usize) -> usize {
    bench.model.cached.borrow()[cache].samples.len()
}

fn text(datagram: &[u8]) -> String {
    String::from_utf8(summary(datagram).2).unwrap()
}

fn read(bench: &mut Bench, path: &str, format: &[u8]) -> Vec<u8> {
    let request = request(Code::GET, 77, path, &[(17, format)], b"");
    let (code, _, payload) = summary(&bench.receive(&request).unwrap());
    assert_eq!(code, "2.05");
    payload
}

/// Sends /3303/0/5700; the message, as it goes out.
fn send_value(bench: &mut Bench, reference: u8) -> Vec<u8> {
    bench
        .with(|context| send(context, &[VALUE], reference))
        .unwrap();
    transmitted(bench)
}

fn transmitted(bench: &mut Bench) -> Vec<u8> {
    match &bench.settle().0[..] {
        [Done::Transmit(datagram)] => datagram.clone(),
        other => panic!("one datagram expected: {other:?}"),
    }
}

fn sent(reference: u8, status: SendStatus, answer: Option<Code>) -> Done {
    Done::Event(Event::Send {
        reference,
        status,
        answer,
    })
}

/// How many records a SenML CBOR payload has: its array counts them.
fn records(datagram: &[u8]) -> usize {
    let payload = summary(datagram).2;
    match payload[0] {
        0x98 => usize::from(payload[1]),
        head => usize::from(head & 0x1f),
    }
}

#[test]
fn a_read_shows_the_series_as_the_format_can_and_takes_nothing() {
    let mut bench = bench();
    assert_eq!(
        String::from_utf8(read(&mut bench, "3303/0/5700", JSON)).unwrap(),
        r#"[{"bn":"/3303/0/5700","v":20.5}]"#,
        "the present value"
    );
    sample(&bench, 0, [0, 0, 10, -5]);
    assert_eq!(
        String::from_utf8(read(&mut bench, "3303/0/5700", JSON)).unwrap(),
        concat!(
            r#"[{"bn":"/3303/0/5700","bt":1700000000,"v":1},{"v":2},{"t":10,"v":3},"#,
            r#"{"t":-5,"v":4}]"#
        )
    );
    assert_eq!(
        read(&mut bench, "3303/0/5700", CBOR),
        [
            &b"\x84\xa3\x21\x6c/3303/0/5700\x22\x1a\x65\x53\xf1\x00\x02\x01\xa1\x02\x02"[..],
            b"\xa2\x06\x0a\x02\x03\xa2\x06\x24\x02\x04"
        ]
        .concat()
    );
    assert_eq!(read(&mut bench, "3303/0/5700", TLV)[..2], [0xe4, 0x16]);
    assert_eq!(read(&mut bench, "3303/0/5700", &[]), b"20.5");
    assert_eq!(left(&bench, 0), 4);
}

#[test]
fn what_has_no_time_is_of_now_behind_a_series() {
    let mut bench = bench();
    sample(&bench, 0, [0, 7]);
    sample(&bench, 1, [3]);
    let fetch = br#"[{"n":"/7"},{"n":"/3303"},{"n":"/3/0/0"},{"n":"/1/0/1"}]"#;
    let request = request(Code::FETCH, 5, "", &[(12, JSON)], fetch);
    assert_eq!(
        text(&bench.receive(&request).unwrap()),
        concat!(
            r#"[{"bn":"/1/0/","n":"1","v":60},{"bn":"/3/0/","n":"0","vs":"Acme"},"#,
            r#"{"bn":"/7/0/","bt":1700000003,"n":"1","v":1},"#,
            r#"{"bn":"/3303/0/","t":-3,"n":"5700","v":1},{"t":4,"n":"5700","v":2}]"#
        )
    );
    // The present value of a resource behind one with a series.
    bench.model.cached.borrow_mut()[0].samples.clear();
    assert!(
        text(
            &bench
                .receive(&support::request(Code::FETCH, 6, "", &[(12, JSON)], fetch))
                .unwrap()
        )
        .ends_with(r#"{"bn":"/3303/0/","bt":0,"n":"5700","v":20.5}]"#)
    );
}

#[test]
fn a_series_that_leaves_no_room_for_the_rest_is_not_shown() {
    let mut bench = bench();
    sample(&bench, 0, 0..1000);
    let shown = read(&mut bench, "3303/0/5700", CBOR);
    assert!(shown.len() > 40 && shown.len() < MAX_MESSAGE);
    // The latest is among them.
    assert!(shown.ends_with(b"\x02\x19\x03\xe8"), "{shown:x?}");
    let long = Owned::String(vec![b'x'; 400]);
    bench.model.nodes.borrow_mut().get_mut(&(3, 0)).unwrap()[0]
        .values
        .insert(0, long);
    let fetch = br#"[{"n":"/3/0/0"},{"n":"/3303"}]"#;
    let request = request(Code::FETCH, 5, "", &[(12, JSON)], fetch);
    assert!(text(&bench.receive(&request).unwrap()).ends_with(r#""n":"5700","v":20.5}]"#));
}

#[test]
fn samples_leave_when_their_notification_is_acknowledged_and_not_before() {
    let mut bench = bench();
    let observe = request(Code::GET, 5, "3303/0/5700", &[(6, &[]), (17, JSON)], b"");
    bench.receive(&observe).unwrap();
    bench.settle();
    for (outcome, remaining, event) in [
        (
            MessageType::Acknowledgement,
            0,
            ObserveEvent::NotifyAcknowledged,
        ),
        (MessageType::Reset, 2, ObserveEvent::Removed),
    ] {
        sample(&bench, 0, [1, 2]);
        bench.shared.resource_changed(VALUE);
        bench.now += 60_000;
        let notification = loop {
            let datagram = match bench.poll().0 {
                Some(Done::Transmit(datagram)) => datagram,
                Some(_) => continue,
                None => panic!("no notification"),
            };
            if Message::parse(&datagram).unwrap().code == Code::CONTENT {
                break datagram;
            }
        };
        assert!(text(&notification).ends_with(r#""bt":1700000001,"v":1},{"t":1,"v":2}]"#));
        assert_eq!(left(&bench, 0), 2);
        let id = Message::parse(&notification).unwrap().message_id;
        assert_eq!(
            bench.receive(&message(outcome, Code::EMPTY, id, &[], &[], b"")),
            None
        );
        assert_eq!(left(&bench, 0), remaining);
        let path = VALUE;
        let told = Done::Event(Event::Observe { event, path });
        assert!(bench.settle().0.contains(&told));
    }
}

#[test]
fn samples_stay_when_their_notification_is_lost_and_come_with_the_next() {
    let mut bench = bench();
    let observe = request(Code::GET, 5, "3303/0/5700", &[(6, &[]), (17, JSON)], b"");
    bench.receive(&observe).unwrap();
    sample(&bench, 0, [1]);
    bench.shared.resource_changed(VALUE);
    let timeout = Done::Event(Event::Observe {
        event: ObserveEvent::NotifyTimeout,
        path: VALUE,
    });
    for _ in 0..12 {
        bench.now += 20_000;
        if bench.settle().0.contains(&timeout) {
            assert_eq!(left(&bench, 0), 1);
            let first = bench.shared.carried;
            return assert!(
                format!("{first:?}").contains("value: None"),
                "nothing is carried"
            );
        }
    }
    panic!("no time-out");
}

#[test]
fn samples_leave_with_a_send_that_is_accepted() {
    let mut bench = bench();
    for (answer, status, remaining) in [
        (Some(Code::CHANGED), SendStatus::Success, 0),
        (Some(Code::UNAUTHORIZED), SendStatus::Failure, 2),
        (None, SendStatus::Timeout, 2),
    ] {
        sample(&bench, 0, [1, 2]);
        let datagram = send_value(&mut bench, 3);
        assert_eq!((records(&datagram), left(&bench, 0)), (2, 2));
        let done = match answer {
            Some(code) => {
                bench.receive(&respond(&datagram, code, &[], b""));
                bench.settle().0
            }
            None => {
                let mut all = vec![];
                while !all
                    .iter()
                    .any(|done| matches!(done, Done::Event(Event::Send { .. })))
                {
                    bench.now += 10_000;
                    all.extend(bench.settle().0);
                }
                all
            }
        };
        assert!(done.contains(&sent(3, status, answer)), "{done:?}");
        assert_eq!(left(&bench, 0), remaining);
        bench.model.cached.borrow_mut()[0].samples.clear();
        bench.model.cached.borrow_mut()[0].first = 0;
    }
}

#[test]
fn a_second_send_goes_on_behind_the_first_whatever_becomes_of_that() {
    // Whether each is accepted, which is answered first, and what is left then.
    for (accepted, second_first, remaining) in [
        ([true, true], false, 0),
        ([true, true], true, 1),
        ([false, true], false, 3),
        ([true, false], false, 1),
        ([false, false], true, 3),
    ] {
        let mut bench = bench();
        sample(&bench, 0, [1, 2]);
        let first = send_value(&mut bench, 1);
        sample(&bench, 0, [3]);
        let second = send_value(&mut bench, 2);
        assert_eq!((records(&first), records(&second)), (2, 1));
        // With all samples on their way the present value is sent.
        let third = send_value(&mut bench, 3);
        assert!(
            summary(&third).2.ends_with(b"\x02\xf9\x4d\x20"),
            "{third:x?}"
        );
        let mut answers = vec![(first, accepted[0]), (second, accepted[1])];
        if second_first {
            answers.reverse();
        }
        for (datagram, accepted) in answers {
            let code = if accepted {
                Code::CHANGED
            } else {
                Code::BAD_REQUEST
            };
            bench.receive(&respond(&datagram, code, &[], b""));
        }
        assert_eq!(left(&bench, 0), remaining, "{accepted:?} {second_first}");
    }
}

#[test]
fn what_does_not_fit_follows_and_the_send_ends_with_the_last_message() {
    let mut bench = bench();
    sample(&bench, 0, (0..120).map(|second| second * 1000));
    let mut datagram = send_value(&mut bench, 9);
    let mut carried = 0;
    loop {
        carried += records(&datagram);
        assert!(datagram.len() <= MAX_MESSAGE);
        bench.receive(&respond(&datagram, Code::CHANGED, &[], b""));
        assert_eq!(left(&bench, 0), 120 - carried);
        let (done, _) = bench.settle();
        match &done[..] {
            [Done::Transmit(next)] => datagram = next.clone(),
            [event] => {
                assert_eq!(*event, sent(9, SendStatus::Success, Some(Code::CHANGED)));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(carried, 120);
}

#[test]
fn other_values_are_not_crowded_out_by_a_series() {
    let mut bench = bench();
    sample(&bench, 1, (0..120).map(|second| second * 1000));
    bench
        .with(|context| send(context, &[Path::object(7), VALUE], 4))
        .unwrap();
    let datagram = transmitted(&mut bench);
    assert_eq!(records(&datagram), 2, "one sample, and the value");
    bench.receive(&respond(&datagram, Code::CHANGED, &[], b""));
    let datagram = transmitted(&mut bench);
    assert!(records(&datagram) > 20);
    assert!(!summary(&datagram).2.windows(4).any(|name| name == b"3303"));
    // The rest fails: the Send has.
    bench.receive(&respond(&datagram, Code::BAD_REQUEST, &[], b""));
    assert_eq!(
        bench.settle().0,
        [sent(4, SendStatus::Failure, Some(Code::BAD_REQUEST))]
    );
    assert_eq!(left(&bench, 1), 119);
}

#[test]
fn a_notification_that_did_not_take_all_is_followed_by_another() {
    let mut bench = bench();
    let observe = request(Code::GET, 5, "3303/0/5700", &[(6, &[]), (17, CBOR)], b"");
    bench.receive(&observe).unwrap();
    bench.settle();
    sample(&bench, 0, (0..100).map(|second| second * 1000));
    bench.shared.resource_changed(VALUE);
    let mut notifications = 0;
    while left(&bench, 0) > 0 {
        assert!(notifications < 10);
        bench.now += 5_000;
        for done in bench.settle().0 {
            let Done::Transmit(datagram) = done else {
                continue;
            };
            let received = Message::parse(&datagram).unwrap();
            let (kind, code) = (MessageType::Acknowledgement, Code::EMPTY);
            if received.code == Code::CONTENT {
                notifications += 1;
                bench.receive(&message(kind, code, received.message_id, &[], &[], b""));
            } else {
                bench.receive(&respond(&datagram, Code::CHANGED, &[], b""));
            }
        }
    }
    assert!(notifications > 1);
}
