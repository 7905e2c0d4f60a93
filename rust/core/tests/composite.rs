// SPDX-License-Identifier: Apache-2.0
//! Read-Composite, Write-Composite and Observe-Composite, datagram in, datagram out;
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.8, §6.3.9, §6.4.5.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::Code;
use lwm2m_core::model::ModelError;
use lwm2m_core::value::DataType;
use support::*;

const JSON: &[u8] = &[110];
const CBOR: &[u8] = &[112];
const TLV: &[u8] = &[0x2d, 0x16];

/// A FETCH in SenML JSON; what comes back as text.
fn fetch(bench: &mut Bench, id: u16, payload: &str) -> (String, String) {
    let fetch = request(Code::FETCH, id, "", &[(12, JSON)], payload.as_bytes());
    let (code, _, payload) = summary(&bench.receive(&fetch).expect("an answer"));
    (code, String::from_utf8(payload).unwrap())
}

fn ipatch(bench: &mut Bench, id: u16, payload: &str) -> String {
    let request = request(Code::IPATCH, id, "", &[(12, JSON)], payload.as_bytes());
    let (code, options, payload) = summary(&bench.receive(&request).expect("an answer"));
    assert_eq!((options, payload), (vec![], vec![]));
    code
}

#[test]
fn a_composite_read_gives_what_there_is_once_and_leaves_out_the_rest() {
    let mut bench = Bench::registered(MemoryModel::standard());
    for (id, (payload, expected)) in (1..).zip([
        (
            r#"[{"n":"/3/0/0"},{"n":"/1/0/1"}]"#,
            r#"[{"bn":"/1/0/","n":"1","v":60},{"bn":"/3/0/","n":"0","vs":"Acme"}]"#,
        ),
        // twice, once with its instance, one that is not there and one that is executed
        (
            r#"[{"n":"/1/0/1"},{"n":"/1/0"},{"n":"/1/0/1"},{"n":"/9/9/9"},{"n":"/3/0/4"}]"#,
            r#"[{"bn":"/1/0/","n":"0","v":101},{"n":"1","v":60},{"n":"7","vs":"U"}]"#,
        ),
        (
            r#"[{"bn":"/3/0/6/","n":"1"},{"bn":"/3303"}]"#,
            r#"[{"bn":"/3/0/","n":"6/1","v":5},{"bn":"/3303/0/","n":"5700","v":20.5}]"#,
        ),
    ]) {
        assert_eq!(
            fetch(&mut bench, id, payload),
            ("2.05".to_owned(), expected.to_owned()),
            "{payload}"
        );
    }
}

#[test]
fn the_root_is_everything_but_the_security_object() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let (code, everything) = fetch(&mut bench, 1, r#"[{"n":"/"},{"n":"/3/0/0"}]"#);
    assert_eq!(code, "2.05");
    assert_eq!(everything.matches("Acme").count(), 1);
    for name in ["/1/0/", "/3/0/", "/3303/0/"] {
        assert!(everything.contains(name), "{everything}");
    }
    assert!(!everything.contains("coap:"), "{everything}");
}

#[test]
fn composite_requests_that_cannot_be_answered_get_their_codes() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let seven = r#"[{"n":"/1"},{"n":"/2"},{"n":"/3"},{"n":"/4"},{"n":"/5"},{"n":"/6"},{"n":"/7"}]"#;
    let one = r#"[{"n":"/3/0/0"}]"#;
    type Options = &'static [(u16, &'static [u8])];
    let json: Options = &[(12, JSON)];
    let cases: [(Code, &str, Options, &str, &str); 18] = [
        (Code::FETCH, "", json, r#"[{"n":"/0/0/0"}]"#, "4.01"),
        (Code::FETCH, "", json, r#"[{"n":"/3"},{"n":"/0"}]"#, "4.01"),
        (
            Code::FETCH,
            "",
            json,
            r#"[{"n":"/9"},{"n":"/3/0/4"}]"#,
            "4.04",
        ),
        (Code::FETCH, "", json, seven, "4.13"),
        (Code::FETCH, "", json, "[]", "4.00"),
        (Code::FETCH, "", json, "", "4.00"),
        (Code::FETCH, "", json, r#"[{"n":"x"}]"#, "4.00"),
        (Code::FETCH, "", &[(12, TLV)], one, "4.15"),
        (Code::FETCH, "", &[(12, JSON), (17, TLV)], one, "4.06"),
        (Code::FETCH, "/3", json, one, "4.05"),
        (Code::IPATCH, "/3", json, one, "4.05"),
        (Code::IPATCH, "", &[(12, TLV)], one, "4.15"),
        (Code::IPATCH, "", &[], one, "4.15"),
        (Code::IPATCH, "", json, "[]", "4.00"),
        (Code::IPATCH, "", json, one, "4.00"),
        (
            Code::IPATCH,
            "",
            json,
            r#"[{"n":"/0/0/0","vs":"x"}]"#,
            "4.01",
        ),
        (
            Code::IPATCH,
            "",
            json,
            r#"[{"n":"/9/0/0","vs":"x"}]"#,
            "4.04",
        ),
        (Code::PATCH, "", json, one, "4.05"),
    ];
    for (id, (code, path, options, payload, expected)) in (100..).zip(cases) {
        let request = request(code, id, path, options, payload.as_bytes());
        let (found, ..) = summary(&bench.receive(&request).unwrap());
        assert_eq!(found, expected, "{code:?} {path} {options:?} {payload}");
    }
}

#[test]
fn the_answer_has_the_format_of_accept_or_that_of_the_request() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let json = r#"[{"n":"/1/0/1"}]"#.as_bytes();
    let cbor: &[u8] = b"\x81\xa1\x00\x66/1/0/1";
    for (id, (options, payload, format)) in (1..).zip([
        (&[(12, JSON)][..], json, JSON),
        (&[(12, CBOR)], cbor, CBOR),
        (&[(12, JSON), (17, CBOR)], json, CBOR),
        (&[(12, CBOR), (17, JSON)], cbor, JSON),
        (&[(17, JSON)], json, JSON),
        (&[], cbor, CBOR),
    ]) {
        let fetch = request(Code::FETCH, id, "", options, payload);
        let (code, options, payload) = summary(&bench.receive(&fetch).unwrap());
        assert_eq!(
            (code.as_str(), options),
            ("2.05", vec![(12, format.to_vec())])
        );
        let expected: &[u8] = if format == JSON {
            br#"[{"bn":"/1/0/","n":"1","v":60}]"#
        } else {
            b"\x81\xa3\x21\x65/1/0/\x00\x611\x02\x18\x3c"
        };
        assert_eq!(payload, expected);
    }
}

#[test]
fn a_composite_write_writes_everything_or_nothing() {
    let mut bench = Bench::registered(MemoryModel::standard());
    let both = r#"[{"n":"/1/0/1","v":300},{"n":"/3/0/14","vs":"+02"},{"n":"/3/0/90/5","v":7}]"#;
    assert_eq!(ipatch(&mut bench, 1, both), "2.04");
    let values = |bench: &Bench| {
        (
            bench.model.get(1, 0, 1, 0),
            bench.model.get(3, 0, 14, 0),
            bench.model.get(3, 0, 90, 0),
            bench.model.get(3, 0, 90, 5),
        )
    };
    let written = (
        Some(300.into()),
        Some("+02".into()),
        Some(1.into()),
        Some(7.into()),
    );
    assert_eq!(values(&bench), written);
    bench.model.refuse((3, 0, 14), ModelError::BadRequest);
    for (id, (second, code)) in (2..).zip([
        (r#"{"n":"/3/0/0","vs":"x"}"#, "4.05"),
        (r#"{"n":"/3/0/14","vs":"x"}"#, "4.00"),
        (r#"{"n":"/3/0/99","vs":"x"}"#, "4.04"),
        (r#"{"n":"/1/0/7","v":1}"#, "4.00"),
        (r#"{"n":"/1/0/7"}"#, "4.00"),
        (r#"{"n":"/3/0","v":1}"#, "4.00"),
        (r#"{"n":"/0/0/10","v":1}"#, "4.01"),
        (r#"{"n":"/1/0/7","vs":"#, "4.00"),
    ]) {
        let payload = format!(r#"[{{"n":"/1/0/1","v":9}},{second}]"#);
        assert_eq!(ipatch(&mut bench, id, &payload), code, "{second}");
        assert_eq!(values(&bench), written, "{second}");
    }
}

#[test]
fn a_value_that_cannot_be_given_is_left_out() {
    let model = MemoryModel::standard()
        .resource((5, 0, 1), "R", DataType::String, None)
        .resource(
            (5, 0, 2),
            "R",
            DataType::Float,
            Some(Owned::Float(f64::NAN)),
        )
        .resource((5, 0, 3), "R", DataType::U8, Some(3.into()));
    let mut bench = Bench::registered(model);
    assert_eq!(
        fetch(
            &mut bench,
            1,
            r#"[{"n":"/5/0/1"},{"n":"/5/0/2"},{"n":"/5/0/3"}]"#
        )
        .1,
        r#"[{"bn":"/5/0/","n":"3","v":3}]"#
    );
}
