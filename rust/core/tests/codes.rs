// SPDX-License-Identifier: Apache-2.0
//! Which situation is answered with which code, where Zephyr's C answers with another one:
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.3, RFC 7252 §5.9.

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
use lwm2m_core::value::{DataType, ObjectLink};
use support::*;

const TEXT: (u16, &[u8]) = (12, &[]);
const TLV: (u16, &[u8]) = (12, &[0x2d, 0x16]);
const JSON: (u16, &[u8]) = (12, &[110]);

/// Every request with its code, and what is at a path afterwards.
#[test]
fn situations_are_answered_with_their_codes_and_leave_nothing_half_done() {
    let null = ObjectLink {
        object: 65535,
        instance: 65535,
    };
    let model = MemoryModel::standard()
        .resource((5, 0, 1), "W", DataType::String, Some("x".into()))
        .resource((5, 0, 2), "RW", DataType::S8, Some(1.into()))
        .resource(
            (5, 0, 3),
            "RW",
            DataType::ObjectLink,
            Some(Owned::ObjectLink(null)),
        )
        .resource((5, 0, 4), "RW", DataType::String, Some("y".into()));
    let mut bench = Bench::registered(model);
    type Options = &'static [(u16, &'static [u8])];
    let (get, put, post) = (Code::GET, Code::PUT, Code::POST);
    let (small, old) = ((5, 0, 2), Some(Owned::Integer(1)));
    type Case = (
        &'static str,
        Code,
        &'static str,
        Options,
        &'static str,
        &'static str,
        (u16, u16, u16),
        Option<Owned>,
    );
    let link = |object, instance| Some(Owned::ObjectLink(ObjectLink { object, instance }));
    let cases: Vec<Case> = vec![
        (
            "an execute-only resource is not read",
            get,
            "/3/0/4",
            &[],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "a write-only resource is not read",
            get,
            "/5/0/1",
            &[],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "a write-only resource is not observed",
            get,
            "/5/0/1",
            &[(6, b"")],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "the Security object is no server's",
            get,
            "/0/0",
            &[],
            "",
            "4.01",
            small,
            old.clone(),
        ),
        (
            "nor is its list of links",
            get,
            "/0",
            &[(17, &[40])],
            "",
            "4.01",
            small,
            old.clone(),
        ),
        (
            "an object is not deleted",
            Code::DELETE,
            "/5",
            &[],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "a resource is not deleted",
            Code::DELETE,
            "/5/0/2",
            &[],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "the root is not deleted",
            Code::DELETE,
            "",
            &[],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "what is not there is not deleted",
            Code::DELETE,
            "/5/7",
            &[],
            "",
            "4.04",
            small,
            old.clone(),
        ),
        (
            "letters are no integer",
            put,
            "/5/0/2",
            &[TEXT],
            "abc",
            "4.00",
            small,
            old.clone(),
        ),
        (
            "nor is nothing",
            put,
            "/5/0/2",
            &[TEXT],
            "",
            "4.00",
            small,
            old.clone(),
        ),
        (
            "an integer is not cut to its width",
            put,
            "/5/0/2",
            &[TEXT],
            "257",
            "4.00",
            small,
            old.clone(),
        ),
        (
            "in any format",
            put,
            "/5/0/2",
            &[JSON],
            r#"[{"bn":"/5/0/2","v":257}]"#,
            "4.00",
            small,
            old.clone(),
        ),
        (
            "a fraction is no integer",
            put,
            "/5/0/2",
            &[JSON],
            r#"[{"bn":"/5/0/2","v":1.5}]"#,
            "4.00",
            small,
            old.clone(),
        ),
        (
            "escapes are decoded",
            put,
            "/5/0/4",
            &[JSON],
            r#"[{"bn":"/5/0/4","vs":"\u0041\n"}]"#,
            "2.04",
            (5, 0, 4),
            Some("A\n".into()),
        ),
        (
            "object links are read",
            put,
            "/5/0/3",
            &[TEXT],
            "3:0",
            "2.04",
            (5, 0, 3),
            link(3, 0),
        ),
        (
            "half an object link is none",
            put,
            "/5/0/3",
            &[TEXT],
            "3",
            "4.00",
            (5, 0, 3),
            link(3, 0),
        ),
        (
            "an object is not written",
            put,
            "/5",
            &[TLV],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "a path of 65536 is not object 0",
            get,
            "/65536",
            &[],
            "",
            "4.04",
            small,
            old.clone(),
        ),
        (
            "a record outside the path",
            put,
            "/5/0",
            &[JSON],
            r#"[{"n":"/3/0/14","vs":"x"}]"#,
            "4.00",
            (3, 0, 14),
            Some("+01".into()),
        ),
        (
            "an instance that is there is not created",
            post,
            "/5",
            &[JSON],
            r#"[{"n":"/5/0/2","v":9}]"#,
            "4.00",
            small,
            old.clone(),
        ),
        (
            "attributes of what is not there",
            put,
            "/3/0/6/9",
            &[(15, b"pmin=1")],
            "",
            "4.04",
            small,
            old.clone(),
        ),
        (
            "neither a value nor attributes",
            put,
            "/5/0/2",
            &[],
            "",
            "4.00",
            small,
            old.clone(),
        ),
        (
            "a resource that is not executable",
            post,
            "/5/0/2",
            &[],
            "",
            "4.05",
            small,
            old.clone(),
        ),
        (
            "an instance is not executed",
            post,
            "/5/0",
            &[],
            "",
            "4.15",
            small,
            old.clone(),
        ),
        (
            "arguments that are none",
            post,
            "/3/0/4",
            &[],
            "5=x",
            "4.00",
            small,
            old.clone(),
        ),
        (
            "text of more than one value",
            get,
            "/5/0",
            &[(17, b"")],
            "",
            "4.06",
            small,
            old.clone(),
        ),
        (
            "a format nobody has",
            get,
            "/5/0/2",
            &[(17, &[50])],
            "",
            "4.06",
            small,
            old.clone(),
        ),
        (
            "a payload of a format nobody has",
            put,
            "/5/0/2",
            &[(12, &[50])],
            "1",
            "4.15",
            small,
            old.clone(),
        ),
        (
            "an instance written as text",
            put,
            "/5/0",
            &[TEXT],
            "1",
            "4.15",
            small,
            old.clone(),
        ),
    ];
    for (id, (what, code, path, options, payload, expected, (object, instance, resource), after)) in
        (100..).zip(cases)
    {
        let request = request(code, id, path, options, payload.as_bytes());
        let answer = bench.receive(&request).expect(what);
        assert_eq!(summary(&answer).0, expected, "{what}");
        assert_eq!(
            bench.model.get(object, instance, resource, 0),
            after,
            "{what}"
        );
    }
    assert_eq!(*bench.model.executed.borrow(), []);
}

/// The payload names the instance, leaves it to the client, or names several.
#[test]
fn a_create_takes_the_id_of_its_payload_or_chooses_one_in_every_format() {
    for (format, payload, code, location) in [
        (
            JSON,
            &br#"[{"bn":"/3/4/","n":"14","vs":"z"}]"#[..],
            "2.01",
            "3/4",
        ),
        (
            JSON,
            br#"[{"n":"/3/4/14","vs":"z"},{"n":"/3/5/14","vs":"z"}]"#,
            "4.00",
            "",
        ),
        (JSON, br#"[{"n":"/5/4/14","vs":"z"}]"#, "4.00", ""),
        (JSON, br#"[{"n":"/3/4/0","vs":"z"}]"#, "4.05", ""),
        (JSON, br#"[{"n":"/3/4/99","vs":"z"}]"#, "4.04", ""),
        (JSON, b"[]", "2.01", "3/1"),
        (TLV, b"\xc1\x0ez", "2.01", "3/1"),
        (TLV, b"\x03\x04\xc1\x0ez", "2.01", "3/4"),
        (TLV, b"", "2.01", "3/1"),
        (
            (12, &[0x2d, 0x17]),
            br#"{"e":[{"n":"14","sv":"z"}]}"#,
            "2.01",
            "3/1",
        ),
        (
            (12, &[0x2d, 0x17]),
            br#"{"bn":"/3/","e":[{"n":"4/14","sv":"z"}]}"#,
            "2.01",
            "3/4",
        ),
        (
            (12, &[112]),
            b"\x81\xa2\x00\x67/3/4/14\x03\x61z",
            "2.01",
            "3/4",
        ),
        (TEXT, b"z", "4.15", ""),
    ] {
        let mut bench = Bench::registered(MemoryModel::standard());
        let create = request(Code::POST, 1, "/3", &[format], payload);
        let (found, options, _) = summary(&bench.receive(&create).unwrap());
        let path: Vec<_> = options
            .iter()
            .map(|(_, segment)| String::from_utf8_lossy(segment))
            .collect();
        let what = String::from_utf8_lossy(payload);
        assert_eq!(
            (found.as_str(), path.join("/").as_str()),
            (code, location),
            "{what}"
        );
        let instances = bench.model.nodes.borrow().range((3, 0)..(4, 0)).count();
        assert_eq!(instances, if code == "2.01" { 2 } else { 1 }, "{what}");
    }
}
