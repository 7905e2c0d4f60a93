// SPDX-License-Identifier: Apache-2.0
//! What RFC 7252 asks of a server, whatever the request means.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, Message, MessageType, option};
use support::*;

type Options = &'static [(u16, &'static [u8])];

const TEXT: (u16, &[u8]) = (option::CONTENT_FORMAT, &[]);

fn code_of(bench: &mut Bench, request: &[u8]) -> String {
    summary(&bench.receive(request).expect("an answer")).0
}

#[test]
fn a_conditional_request_is_carried_out_if_the_condition_holds() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let cases: [(Code, &str, Options, &str); 9] = [
        (
            Code::PUT,
            "/3/0/14",
            &[(option::IF_MATCH, b""), TEXT],
            "2.04",
        ),
        (
            Code::PUT,
            "/3/0/99",
            &[(option::IF_MATCH, b""), TEXT],
            "4.12",
        ),
        (
            Code::PUT,
            "/3/0/14",
            &[(option::IF_MATCH, b"tag"), TEXT],
            "4.12",
        ),
        (
            Code::PUT,
            "/3/0/14",
            &[(option::IF_MATCH, b"tag"), (option::IF_MATCH, b""), TEXT],
            "2.04",
        ),
        (
            Code::PUT,
            "/3/0/14",
            &[(option::IF_NONE_MATCH, b""), TEXT],
            "4.12",
        ),
        (
            Code::PUT,
            "/3/0/99",
            &[(option::IF_NONE_MATCH, b""), TEXT],
            "4.04",
        ),
        (Code::GET, "/3/0/6/1", &[(option::IF_MATCH, b"")], "2.05"),
        (Code::GET, "/3/0/6/7", &[(option::IF_MATCH, b"")], "4.12"),
        (Code::DELETE, "/3303/9", &[(option::IF_MATCH, b"")], "4.12"),
    ];
    for (id, (code, path, options, expected)) in (100..).zip(cases) {
        let request = request(code, id, path, options, b"");
        assert_eq!(
            code_of(&mut bench, &request),
            expected,
            "{path} {options:?}"
        );
    }
}

#[test]
fn options_that_are_not_understood_are_refused_if_they_are_critical() {
    let mut bench = Bench::registered(MemoryModel::standard());
    const PLAIN: (u16, &[u8]) = (option::ACCEPT, &[]);
    let cases: [(Options, &str); 9] = [
        // Unknown: 9 is critical, 10 and 2050 are not.
        (&[(9, b"x")], "4.02"),
        (&[(10, b"x"), PLAIN], "2.05"),
        (&[(2050, &[2])], "2.05"),
        // Once too often, RFC 7252 §5.4.5.
        (&[PLAIN, PLAIN], "4.02"),
        (&[(option::OBSERVE, &[1]), (option::OBSERVE, &[0])], "2.05"),
        (&[(option::BLOCK2, &[2]), (option::BLOCK2, &[2])], "4.02"),
        // For a proxy, RFC 7252 §5.10.2.
        (&[(option::PROXY_URI, b"coap://a/b")], "5.05"),
        (&[(option::PROXY_SCHEME, b"coap")], "5.05"),
        (
            &[(option::URI_HOST, b"a"), (option::URI_PORT, &[1])],
            "2.05",
        ),
    ];
    for (id, (options, expected)) in (100..).zip(cases) {
        let request = request(Code::GET, id, "/3/0/0", options, b"");
        assert_eq!(code_of(&mut bench, &request), expected, "{options:?}");
    }
    assert!(
        !bench
            .shared
            .observations
            .is_observed(&lwm2m_core::path::Path::resource(3, 0, 0)),
        "the first Observe option counts"
    );
}

#[test]
fn several_requests_under_way_are_all_answered_each_with_its_token() {
    let mut bench = Bench::registered(MemoryModel::standard());
    for id in 0..40_u16 {
        let mut get = request(Code::GET, id, "/3/0/0", &[(option::ACCEPT, &[])], b"");
        get[4] = id as u8;
        if id % 2 == 1 {
            get[0] |= 0x10;
        }
        let answer = bench.receive(&get).expect("an answer");
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.token.as_bytes(), [id as u8]);
        assert_eq!(answer.code, Code::CONTENT);
        let kind = if id % 2 == 1 {
            MessageType::NonConfirmable
        } else {
            assert_eq!(answer.message_id, id);
            MessageType::Acknowledgement
        };
        assert_eq!(answer.kind, kind);
    }
}

#[test]
fn a_duplicate_gets_the_recorded_answer_and_changes_nothing_again() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let put = |payload: &[u8]| request(Code::PUT, 7, "/3/0/14", &[TEXT], payload);
    let answer = bench.receive(&put(b"+02")).unwrap();
    assert_eq!(answer, [0x61, 0x44, 0, 7, 0xaa], "no payload, no marker");
    assert_eq!(bench.receive(&put(b"+03")), Some(answer));
    assert_eq!(bench.model.get(3, 0, 14, 0), Some("+02".into()));
    // Once the exchange is over the message id may stand for another request, RFC 7252 §4.8.2.
    bench.now += 248_000;
    assert_eq!(code_of(&mut bench, &put(b"+03")), "2.04");
    assert_eq!(bench.model.get(3, 0, 14, 0), Some("+03".into()));
}

#[test]
fn what_is_no_request_and_what_is_no_message_is_reset_or_ignored() {
    let mut bench = Bench::registered(MemoryModel::standard());
    for (datagram, expected) in [
        // ping
        (&[0x40, 0, 0, 9][..], Some(&[0x70, 0, 0, 9][..])),
        (&[0x50, 0, 0, 9], None),
        // a reserved class, and a token with an empty message
        (&[0x40, 0x20, 0, 9], Some(&[0x70, 0, 0, 9])),
        (&[0x41, 0, 0, 9, 1], Some(&[0x70, 0, 0, 9])),
        // a marker without payload, an option cut short, a token of nine bytes
        (&[0x40, 1, 0, 9, 0xff], Some(&[0x70, 0, 0, 9])),
        (&[0x40, 1, 0, 9, 0xb3, b'3'], Some(&[0x70, 0, 0, 9])),
        (
            &[0x49, 1, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            Some(&[0x70, 0, 0, 9]),
        ),
        (&[0x59, 1, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], None),
        // another version, and less than a header
        (&[0x80, 1, 0, 9], None),
        (&[0x40, 1, 0], None),
        // a response nobody waits for, and a request that is an acknowledgement
        (&[0x40, 0x45, 0, 9], Some(&[0x70, 0, 0, 9])),
        (&[0x60, 1, 0, 9, 0xb1, b'3'], None),
    ] {
        let answer = bench.receive(datagram);
        assert_eq!(answer.as_deref(), expected, "{datagram:02x?}");
    }
}

#[test]
fn responses_that_a_server_does_not_want_are_not_sent() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let (put, get) = (Code::PUT, Code::GET);
    // Whether it is confirmable, the classes that are not wanted, and the answer's code.
    let cases: [(bool, Code, &str, &[u8], &str); 12] = [
        (true, put, "/3/0/14", &[2], "0.00"),
        (true, put, "/3/0/14", &[26], "0.00"),
        (true, put, "/3/0/14", &[24], "2.04"),
        (true, put, "/3/0/14", b"", "2.04"),
        (true, put, "/3/0/99", &[2], "4.04"),
        (true, put, "/3/0/99", &[8], "0.00"),
        (true, get, "/3/0/0", &[2], "0.00"),
        (false, put, "/3/0/14", &[2], ""),
        (false, put, "/3/0/14", &[8], "2.04"),
        (false, put, "/3/0/99", &[26], ""),
        (false, put, "/3/0/99", &[18], "4.04"),
        (false, get, "/3/0/0", &[2], ""),
    ];
    for (id, (confirmable, code, path, classes, expected)) in (100_u16..).zip(cases) {
        let options = [TEXT, (option::NO_RESPONSE, classes)];
        let value = format!("+{id}");
        let mut request = request(code, id, path, &options, value.as_bytes());
        if !confirmable {
            request[0] |= 0x10;
        }
        for _ in 0..2 {
            let answer = bench.receive(&request).unwrap_or_default();
            let found = match &answer[..] {
                [] => String::new(),
                answer => summary(answer).0,
            };
            assert_eq!(found, expected, "{path} {classes:?}");
            if found == "0.00" {
                let [high, low] = id.to_be_bytes();
                assert_eq!(answer, [0x60, 0, high, low]);
            }
        }
        if (code, path) == (put, "/3/0/14") {
            let written = Owned::String(value.into());
            assert_eq!(bench.model.get(3, 0, 14, 0), Some(written));
        }
    }
}

#[test]
fn an_answer_of_want_says_when_to_try_again() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let mut last = (String::new(), vec![]);
    for id in 100..120_u16 {
        let path = format!("/3/0/{}", id % 2 * 15);
        let observe = [(option::OBSERVE, &b""[..])];
        let token = id.to_be_bytes();
        let path = if id % 3 == 0 { "/3303/0/5700" } else { &path };
        let request = request_with(Code::GET, id, &token, path, &observe, b"");
        let (code, options, _) = summary(&bench.receive(&request).unwrap());
        last = (code, options);
        if last.0 == "5.03" {
            break;
        }
    }
    assert_eq!(last, ("5.03".into(), vec![(option::MAX_AGE, vec![10])]));
}
