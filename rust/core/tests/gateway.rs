// SPDX-License-Identifier: Apache-2.0
//! Requests for devices behind a gateway, which the application answers.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, ConnectionId, MessageType};
use lwm2m_core::engine::Context;
use lwm2m_core::model::ModelError;
use lwm2m_core::path::Path;
use lwm2m_core::time::Instant;
use support::*;

/// A request whose path has these segments.
fn request(kind: MessageType, code: Code, message_id: u16, path: &[&str]) -> Vec<u8> {
    let options: Vec<(u16, &[u8])> = path
        .iter()
        .map(|segment| (11, segment.as_bytes()))
        .collect();
    message(kind, code, message_id, b"t", &options, b"")
}

/// What becomes of a datagram when `d0` is a device whose application answers so, acknowledging first
/// if it says so. `None`: it is the engine's.
fn receive(
    bench: &mut Bench,
    datagram: &[u8],
    answer: Result<&[u8], ModelError>,
    acknowledges: bool,
) -> Option<(Path, Vec<u8>)> {
    let context = Context {
        now: Instant::from_millis(bench.now),
        model: &bench.model,
        shared: bench.shared,
        entropy: &|| 0x5eed,
    };
    let server = ConnectionId::SERVER;
    let request = bench
        .engine
        .begin_gateway(&context, server, datagram, |prefix| prefix == b"d0")?;
    assert_eq!(bench.shared.request(), Some(request));
    assert_eq!(
        acknowledges,
        acknowledges && bench.shared.acknowledge().is_some()
    );
    let mut buffer = [0; MAX_MESSAGE];
    let answer = answer.map(|answer| {
        buffer[..answer.len()].copy_from_slice(answer);
        answer.len()
    });
    let length = bench
        .engine
        .end_gateway(&context, &request, answer, &mut buffer);
    assert_eq!(bench.shared.request(), None);
    Some((request.path, buffer[..length].to_vec()))
}

#[test]
fn a_path_that_begins_with_a_device_s_prefix_is_the_application_s() {
    let mut bench = Bench::registered(MemoryModel::standard());
    for (path, rest) in [
        (&["d0"][..], Path::ROOT),
        (&["d0", "3"], Path::object(3)),
        (&["d0", "3", "0"], Path::instance(3, 0)),
        (&["d0", "3", "0", "1"], Path::resource(3, 0, 1)),
        (
            &["d0", "3", "0", "1", "2"],
            Path::resource_instance(3, 0, 1, 2),
        ),
    ] {
        let datagram = request(MessageType::Confirmable, Code::GET, 7, path);
        let answer = respond(&datagram, Code::CONTENT, &[], b"x");
        let received = receive(&mut bench, &datagram, Ok(&answer), false);
        assert_eq!(received, Some((rest, answer)), "{path:?}");
    }
    for path in [
        &[][..],
        &["d1", "3"],
        &["3", "0", "1"],
        &["d0", "x"],
        &["d0", "65535"],
        &["d0", "3", "0", "1", "2", "3"],
    ] {
        let datagram = request(MessageType::Confirmable, Code::GET, 8, path);
        assert_eq!(
            receive(&mut bench, &datagram, Ok(b""), false),
            None,
            "{path:?}"
        );
    }
    for (kind, code) in [
        (MessageType::Acknowledgement, Code::GET),
        (MessageType::Confirmable, Code::CONTENT),
    ] {
        let datagram = request(kind, code, 9, &["d0", "3"]);
        assert_eq!(receive(&mut bench, &datagram, Ok(b""), false), None);
    }
    assert_eq!(receive(&mut bench, b"\x40\x01", Ok(b""), false), None);
}

#[test]
fn an_error_of_the_application_s_becomes_a_code() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let datagram = request(MessageType::Confirmable, Code::GET, 7, &["d0"]);
    let refused = Err(ModelError::Unauthorized);
    let answer = respond(&datagram, Code::UNAUTHORIZED, &[], b"");
    assert_eq!(
        receive(&mut bench, &datagram, refused, false),
        Some((Path::ROOT, answer))
    );
    let datagram = request(MessageType::NonConfirmable, Code::GET, 8, &["d0"]);
    let (_, answer) = receive(&mut bench, &datagram, refused, false).unwrap();
    assert_eq!((answer[0], answer[1]), (0x51, Code::UNAUTHORIZED.0));
}

#[test]
fn the_duplicate_of_a_request_that_changes_something_is_not_the_application_s() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let datagram = request(
        MessageType::Confirmable,
        Code::POST,
        7,
        &["d0", "3", "0", "4"],
    );
    let answer = respond(&datagram, Code::CHANGED, &[], b"");
    assert!(receive(&mut bench, &datagram, Ok(&answer), false).is_some());
    assert_eq!(receive(&mut bench, &datagram, Ok(&answer), false), None);
    assert_eq!(bench.receive(&datagram), Some(answer));
}

#[test]
fn an_answer_to_what_was_acknowledged_goes_out_in_a_message_of_its_own() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let datagram = request(MessageType::Confirmable, Code::GET, 7, &["d0", "3"]);
    let answer = respond(&datagram, Code::CONTENT, &[], b"x");
    let received = receive(&mut bench, &datagram, Ok(&answer), true);
    assert_eq!(received, Some((Path::object(3), vec![])));
    let (done, _) = bench.settle();
    let [Done::Transmit(sent)] = &done[..] else {
        panic!("{done:?}")
    };
    assert_eq!(sent[0], 0x41, "confirmable");
    assert_eq!((sent[1], &sent[4..]), (answer[1], &answer[4..]));
}
