// SPDX-License-Identifier: Apache-2.0
//! What holds the keys is no LwM2M Server's: the Security object and the OSCORE object are read, shown,
//! observed, changed and run by nobody but a Bootstrap-Server in a bootstrap, whatever the operation,
//! format and block; OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7 and appendix E.1.

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
use lwm2m_core::information_reporting::send::{SendError, send};
use lwm2m_core::path::Path;
use lwm2m_core::value::DataType;
use support::*;

/// Content-Format and Accept.
const TEXT: &[u8] = &[];
const LINK: &[u8] = &[40];
const OPAQUE: &[u8] = &[42];
const CBOR: &[u8] = &[60];
const SENML_JSON: &[u8] = &[110];
const SENML_CBOR: &[u8] = &[112];
const TLV: &[u8] = &[0x2d, 0x16];
const JSON: &[u8] = &[0x2d, 0x17];
const FORMATS: [&[u8]; 8] = [TEXT, LINK, OPAQUE, CBOR, SENML_JSON, SENML_CBOR, TLV, JSON];

const SECRET: &[u8] = b"KeyOfTheAccount!";
const OBJECTS: [u16; 2] = [0, 21];

/// Resources that permit everything, so that nothing but the rule keeps a server from them.
fn model() -> MemoryModel {
    OBJECTS.iter().fold(
        MemoryModel::standard()
            .object(7, (1, 0))
            .resource((7, 0, 1), "RW", DataType::Opaque, None)
            .object(21, (2, 0)),
        |model, &object| {
            let secret = || Owned::Opaque(SECRET.to_vec());
            model
                .resource((object, 0, 5), "RWE", DataType::Opaque, Some(secret()))
                .multiple((object, 0, 6), "RWE", DataType::Opaque, 2, [(0, secret())])
        },
    )
}

/// All there is.
fn contents(bench: &Bench) -> Vec<String> {
    let nodes = bench.model.nodes.borrow();
    nodes
        .iter()
        .map(|(path, resources)| {
            let values = resources.iter().map(|resource| &resource.values);
            format!("{path:?} {:?}", values.collect::<Vec<_>>())
        })
        .collect()
}

/// Whether a message tells the key, in whatever format.
fn reveals(message: &[u8]) -> bool {
    // Base64 of it, and its beginning in hexadecimal, would do as well.
    let forms: [&[u8]; 2] = [&SECRET[..8], b"S2V5T2ZUaGVB"];
    let told = |form: &&[u8]| message.windows(form.len()).any(|part| part == *form);
    forms.iter().any(told)
}

fn block(number: u32, more: bool, szx: u32) -> Vec<u8> {
    let value = (number << 4) | (u32::from(more) << 3) | szx;
    vec![u8::try_from(value).unwrap()]
}

/// Payloads that try to set what is at `path` to something, in a format, long enough for two blocks.
fn payloads(path: &str) -> Vec<(&'static [u8], Vec<u8>)> {
    let id: u8 = path.rsplit('/').next().unwrap().parse().unwrap_or(0);
    let filling = "QUJD".repeat(16);
    let length = 48;
    let named = format!(r#"[{{"n":"{path}","vd":"{filling}"}}]"#);
    let mut cbor = vec![0x81, 0xa2, 0x00, 0x60 + u8::try_from(path.len()).unwrap()];
    cbor.extend(path.as_bytes());
    cbor.extend([0x08, 0x58, length]);
    cbor.extend([b'A'; 48]);
    let mut tlv = vec![0xc8, id, length];
    tlv.extend([b'A'; 48]);
    vec![
        (TEXT, filling.clone().into_bytes()),
        (OPAQUE, vec![b'A'; 48]),
        (CBOR, [&[0x58, length][..], &[b'A'; 48]].concat()),
        (SENML_JSON, named.clone().into_bytes()),
        (SENML_CBOR, cbor),
        (TLV, tlv),
        (
            JSON,
            format!(r#"{{"bn":"{path}","e":[{{"sv":"{filling}"}}]}}"#).into_bytes(),
        ),
    ]
}

/// Sends a request and asserts that it was refused, told nothing and changed nothing.
fn assert_refused(bench: &mut Bench, what: &str, before: &[String], datagram: &[u8]) {
    let answer = bench.receive(datagram).expect("an answer");
    let (code, _, _) = summary(&answer);
    assert!(code.starts_with('4'), "{what}: {code}");
    assert!(!reveals(&answer), "{what}: {answer:?}");
    assert_eq!(contents(bench), before, "{what}");
    assert!(bench.model.executed.borrow().is_empty(), "{what}");
    let observed = OBJECTS.iter().any(|object| {
        let path = Path::resource(*object, 0, 5);
        bench.shared.observations.is_observed(&path)
    });
    assert!(!observed, "{what}");
}

/// Method, options and payload of a request.
type Asked<'q> = (Code, Vec<(u16, &'q [u8])>, Vec<u8>);

/// Every path that reaches an object, or one of the objects' keys.
fn paths(object: u16) -> [String; 6] {
    ["", "/0", "/0/5", "/0/6", "/0/6/0", "/9/5"].map(|rest| format!("/{object}{rest}"))
}

#[test]
fn no_request_for_them_is_carried_out_and_it_is_4_01() {
    let mut bench = Bench::registered(model());
    let before = contents(&bench);
    for path in OBJECTS.iter().flat_map(|object| paths(*object)) {
        let mut requests: Vec<Asked<'_>> = vec![
            (Code::GET, vec![], vec![]),
            (Code::GET, vec![(6, b"")], vec![]),
            (Code::GET, vec![(6, &[1])], vec![]),
            (Code::GET, vec![(23, &[0x10])], vec![]),
            (Code::PUT, vec![(15, b"pmin=1")], vec![]),
            (Code::POST, vec![], b"0".to_vec()),
            (Code::DELETE, vec![], vec![]),
            (Code::FETCH, vec![(12, SENML_JSON)], b"[]".to_vec()),
            (Code::IPATCH, vec![(12, SENML_JSON)], b"[]".to_vec()),
        ];
        for format in FORMATS {
            requests.push((Code::GET, vec![(17, format)], vec![]));
            requests.push((Code::GET, vec![(6, b""), (17, format)], vec![]));
        }
        for (format, payload) in payloads(&path) {
            for code in [Code::PUT, Code::POST] {
                requests.push((code, vec![(12, format)], payload.clone()));
            }
        }
        for (code, options, payload) in requests {
            let id = bench.next_id();
            let datagram = request(code, id, &path, &options, &payload);
            let what = format!("{code:?} {path} {options:?}");
            assert_refused(&mut bench, &what, &before, &datagram);
            // A later block of an answer that nobody was given is told so.
            let expected = if options.contains(&(23, &[0x10])) {
                "4.08"
            } else {
                "4.01"
            };
            let id = bench.next_id();
            let again = request(code, id, &path, &options, &payload);
            let (code, _, _) = summary(&bench.receive(&again).unwrap());
            assert_eq!(code, expected, "{what}");
        }
    }
}

#[test]
fn no_payload_reaches_them_from_another_path() {
    let mut bench = Bench::registered(model());
    let before = contents(&bench);
    for target in OBJECTS.iter().flat_map(|object| paths(*object)) {
        for path in ["", "/7", "/7/0", "/7/0/1", "/7/9"] {
            for (format, payload) in payloads(&target) {
                // By itself, and in two blocks of 64 or four of 32 bytes.
                for code in [Code::PUT, Code::POST, Code::IPATCH] {
                    // This is a write of a value to the object itself.
                    let plain = [TEXT, OPAQUE, CBOR, TLV].contains(&format);
                    if plain && path.starts_with("/7") {
                        continue;
                    }
                    let what = format!("{code:?} {path} {format:?} for {target}");
                    let id = bench.next_id();
                    let whole = request(code, id, path, &[(12, format)], &payload);
                    assert_refused(&mut bench, &what, &before, &whole);
                    for (szx, size) in [(2, 64), (1, 32)] {
                        let count = payload.len().div_ceil(size);
                        for (number, part) in payload.chunks(size).enumerate() {
                            let more = number + 1 < count;
                            let option = block(u32::try_from(number).unwrap(), more, szx);
                            let id = bench.next_id();
                            let options = [(12, format), (27, option.as_slice())];
                            let datagram = request(code, id, path, &options, part);
                            let answer = bench.receive(&datagram).unwrap();
                            assert_eq!(contents(&bench), before, "{what} block {number}");
                            let (code, _, _) = summary(&answer);
                            assert_ne!(code, "2.04", "{what} block {number}");
                            assert_ne!(code, "2.01", "{what} block {number}");
                        }
                    }
                }
            }
        }
    }
    assert_eq!(contents(&bench), before);
}

#[test]
fn a_composite_operation_that_names_them_is_4_01() {
    let mut bench = Bench::registered(model());
    let before = contents(&bench);
    for target in OBJECTS.iter().flat_map(|object| paths(*object)) {
        let fetch = format!(r#"[{{"n":"/3/0/0"}},{{"n":"{target}"}}]"#);
        let patch = format!(r#"[{{"n":"/3/0/14","vs":"+02"}},{{"n":"{target}","vd":"QUJD"}}]"#);
        for (code, observe, payload) in [
            (Code::FETCH, None, &fetch),
            (Code::FETCH, Some(&b""[..]), &fetch),
            (Code::FETCH, Some(&[1][..]), &fetch),
            (Code::IPATCH, None, &patch),
        ] {
            for format in [SENML_JSON, SENML_CBOR] {
                let mut options = vec![(12, SENML_JSON), (17, format)];
                options.extend(observe.map(|observe| (6, observe)));
                let id = bench.next_id();
                let datagram = request(code, id, "", &options, payload.as_bytes());
                let what = format!("{code:?} {payload}");
                assert_refused(&mut bench, &what, &before, &datagram);
                let id = bench.next_id();
                let again = request(code, id, "", &options, payload.as_bytes());
                // An object or an instance has no value of its own to write.
                let expected = match (code, target.split('/').count()) {
                    (Code::IPATCH, ..4) => "4.00",
                    _ => "4.01",
                };
                assert_eq!(
                    summary(&bench.receive(&again).unwrap()).0,
                    expected,
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn they_are_no_part_of_everything() {
    let mut bench = Bench::registered(model());
    for format in [SENML_JSON, SENML_CBOR] {
        for observe in [None, Some(&b""[..])] {
            let mut options = vec![(12, SENML_JSON), (17, format)];
            options.extend(observe.map(|observe| (6, observe)));
            let id = bench.next_id();
            let datagram = request(Code::FETCH, id, "", &options, br#"[{"n":"/"}]"#);
            let answer = bench.receive(&datagram).unwrap();
            assert_eq!(summary(&answer).0, "2.05");
            assert!(!reveals(&answer), "{format:?}");
        }
    }
    bench.settle();
    // A notification of everything has as little.
    bench.shared.resource_changed(Path::resource(3, 0, 14));
    bench.now += 60_000;
    for done in bench.settle().0 {
        if let Done::Transmit(sent) = done {
            assert!(!reveals(&sent), "{sent:?}");
        }
    }
}

#[test]
fn they_are_not_announced() {
    let mut bench = Bench::new(model());
    bench.shared.client.start(b"device").unwrap();
    let (done, _) = bench.settle();
    let Some(Done::Transmit(register)) = done.last() else {
        panic!("no Register: {done:?}")
    };
    let links = String::from_utf8(summary(register).2).unwrap();
    assert!(links.contains("</3/0>"), "{links}");
    for object in OBJECTS {
        assert!(!links.contains(&format!("</{object}/")), "{links}");
        assert!(!links.contains(&format!("</{object}>")), "{links}");
    }
}

#[test]
fn they_are_not_sent() {
    let bench = Bench::registered(model());
    for object in OBJECTS {
        for path in [
            Path::object(object),
            Path::instance(object, 0),
            Path::resource(object, 0, 5),
            Path::resource_instance(object, 0, 6, 0),
        ] {
            let paths = [Path::resource(3, 0, 0), path];
            let sent = bench.with(|context| send(context, &paths, 0));
            assert_eq!(sent, Err(SendError::NotAllowed), "{path:?}");
        }
    }
    let sent = bench.with(|context| send(context, &[Path::ROOT], 0));
    assert_eq!(sent, Err(SendError::BadPaths));
}
