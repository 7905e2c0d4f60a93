// SPDX-License-Identifier: Apache-2.0
//! Which right each operation asks for, OMA-TS-LightweightM2M_Core-V1_1_1 §8.2, and what a server is
//! shown that may not read everything.

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
use lwm2m_core::model::Operation;
use lwm2m_core::path::Path;
use lwm2m_core::value::DataType;
use proptest::collection::vec;
use proptest::prelude::*;
use support::*;

const JSON: &[u8] = &[110];
const TLV: &[u8] = &[0x2d, 0x16];
const TEXT: &[u8] = &[];
const LINK: &[u8] = &[40];

/// A client with three instances of an object, 7/0 to 7/2.
fn bench() -> Bench {
    let model = MemoryModel::standard()
        .object(7, (1, 0))
        .resource((7, 0, 1), "RW", DataType::S64, Some(10.into()))
        .resource((7, 1, 1), "RW", DataType::S64, Some(11.into()))
        .resource((7, 2, 1), "RW", DataType::S64, Some(12.into()));
    Bench::registered(model)
}

fn code_of(bench: &mut Bench, request: &[u8]) -> String {
    summary(&bench.receive(request).expect("an answer")).0
}

fn deny(bench: &Bench, operation: Operation, path: Path) {
    let target = Path::instance(path.object_id(), path.instance_id());
    *bench.model.denied.borrow_mut() = vec![(operation, target)];
}

#[test]
fn each_operation_asks_for_its_right() {
    let execute = Path::resource(3, 0, 4);
    let value = Path::resource(7, 0, 1);
    let instance = Path::instance(7, 0);
    let object = Path::object(7);
    let json = br#"[{"n":"/7/0/1","v":5}]"#;
    for (operation, path, code, options, payload) in [
        (Operation::Read, value, Code::GET, vec![], &b""[..]),
        (Operation::Read, instance, Code::GET, vec![], b""),
        (Operation::Read, object, Code::GET, vec![], b""),
        (Operation::Read, value, Code::GET, vec![(6, TEXT)], b""),
        (
            Operation::Discover,
            instance,
            Code::GET,
            vec![(17, LINK)],
            b"",
        ),
        (Operation::Write, value, Code::PUT, vec![(12, TEXT)], b"5"),
        (
            Operation::Write,
            instance,
            Code::PUT,
            vec![(12, JSON)],
            json,
        ),
        (
            Operation::Write,
            instance,
            Code::POST,
            vec![(12, JSON)],
            json,
        ),
        (
            Operation::WriteAttributes,
            value,
            Code::PUT,
            vec![(15, &b"pmin=1"[..])],
            b"",
        ),
        (Operation::Execute, execute, Code::POST, vec![], b""),
        (
            Operation::Create,
            object,
            Code::POST,
            vec![(12, JSON)],
            b"[]",
        ),
        (Operation::Delete, instance, Code::DELETE, vec![], b""),
    ] {
        let mut bench = bench();
        let path_text = path
            .segments()
            .map(|id| id.to_string())
            .collect::<Vec<_>>()
            .join("/");
        let datagram = request(code, 9, &path_text, &options, payload);
        deny(&bench, operation, path);
        assert_eq!(
            code_of(&mut bench, &datagram),
            "4.01",
            "{operation:?} {path_text}"
        );
        assert!(bench.model.changed.borrow().is_empty());
        assert!(bench.model.executed.borrow().is_empty());
        // Any other right does not matter.
        for other in [
            Operation::Read,
            Operation::Write,
            Operation::Execute,
            Operation::Create,
            Operation::Delete,
            Operation::Discover,
            Operation::WriteAttributes,
        ] {
            let mut bench = crate::bench();
            if other != operation && !(other == Operation::Read && path == object) {
                deny(&bench, other, path);
                assert_ne!(
                    code_of(&mut bench, &datagram),
                    "4.01",
                    "{other:?} {path_text}"
                );
            }
        }
    }
}

#[test]
fn what_a_server_may_not_read_is_left_out_of_what_it_reads() {
    let mut bench = bench();
    deny(&bench, Operation::Read, Path::instance(7, 1));
    let mut payload = |code, path: &str, options: &[(u16, &[u8])], payload: &[u8]| {
        let answer = bench
            .receive(&request(code, 9, path, options, payload))
            .unwrap();
        let (code, _, payload) = summary(&answer);
        (code, String::from_utf8(payload).unwrap())
    };
    let shown = r#"[{"bn":"/7/0/","n":"1","v":10},{"bn":"/7/2/","n":"1","v":12}]"#;
    let expected = ("2.05".to_owned(), shown.to_owned());
    assert_eq!(payload(Code::GET, "7", &[(17, JSON)], b""), expected);
    let fetch = br#"[{"n":"/7/0"},{"n":"/7/1/1"},{"n":"/7/2"}]"#;
    assert_eq!(payload(Code::FETCH, "", &[(12, JSON)], fetch), expected);
    // Discover shows everything, and nothing is hidden afterwards.
    let (_, links) = payload(Code::GET, "7", &[(17, LINK)], b"");
    assert!(links.contains("</7/1/1>"), "{links}");
    assert_eq!(bench.model.reader(), None);
}

#[test]
fn a_composite_write_that_is_not_allowed_everywhere_writes_nothing() {
    let mut bench = bench();
    deny(&bench, Operation::Write, Path::instance(7, 1));
    let payload = br#"[{"n":"/7/0/1","v":5},{"n":"/7/1/1","v":5}]"#;
    let write = request(Code::IPATCH, 9, "", &[(12, JSON)], payload);
    assert_eq!(code_of(&mut bench, &write), "4.01");
    assert_eq!(bench.model.changed.borrow().len(), 0);
}

#[test]
fn what_a_server_creates_is_its_own() {
    let mut bench = bench();
    bench.model.nodes.borrow_mut().remove(&(7, 1));
    let create = request(Code::POST, 9, "7", &[(12, JSON)], b"[]");
    assert_eq!(code_of(&mut bench, &create), "2.01");
    assert_eq!(*bench.model.owned.borrow(), [(0, Path::instance(7, 1))]);
}

#[test]
fn an_observation_ends_with_the_right_to_read() {
    let mut bench = bench();
    let observe = request(Code::GET, 9, "7/0/1", &[(6, TEXT)], b"");
    assert_eq!(code_of(&mut bench, &observe), "2.05");
    bench.settle();
    deny(&bench, Operation::Read, Path::instance(7, 0));
    bench.shared.resource_changed(Path::resource(7, 0, 1));
    bench.now += 60_000;
    let (done, _) = bench.settle();
    let ended = |done: &Done| matches!(done, Done::Transmit(sent) if summary(sent).0 == "4.01");
    assert!(done.iter().any(ended), "{done:?}");
    assert!(
        !bench
            .shared
            .observations
            .is_observed(&Path::resource(7, 0, 1))
    );
}

#[test]
fn what_a_server_may_not_read_is_not_sent() {
    let bench = bench();
    deny(&bench, Operation::Read, Path::instance(7, 1));
    let sent = bench.with(|context| send(context, &[Path::resource(7, 1, 1)], 0));
    assert_eq!(sent, Err(SendError::NotAllowed));
    let sent = bench.with(|context| send(context, &[Path::resource(7, 0, 1)], 0));
    assert_eq!(sent, Ok(()));
}

const OPERATIONS: [Operation; 6] = [
    Operation::Read,
    Operation::Write,
    Operation::Execute,
    Operation::Create,
    Operation::Delete,
    Operation::WriteAttributes,
];

/// What a server that has no right is not told, wherever it lies.
const SECRET: &str = "KeyOfTheCellar";

/// A client with an instance, 7/0, at which the server has no right, or to which it has only one.
fn guarded(right: Option<Operation>) -> Bench {
    let secret = || Some(SECRET.into());
    let model = MemoryModel::standard()
        .resource((7, 0, 1), "RWE", DataType::String, secret())
        .resource((7, 0, 2), "RWE", DataType::Opaque, None)
        .multiple((7, 0, 3), "RW", DataType::String, 2, [(0, SECRET.into())]);
    let bench = Bench::registered(model);
    let others = OPERATIONS.into_iter().filter(|each| Some(*each) != right);
    let at = |operation| match operation {
        Operation::Create => Path::object(7),
        _ => Path::instance(7, 0),
    };
    let denied = others.map(|operation| (operation, at(operation)));
    *bench.model.denied.borrow_mut() = denied.collect();
    bench
}

/// What there is of the object.
fn guarded_contents(bench: &Bench) -> String {
    let nodes = bench.model.nodes.borrow();
    let of_object = nodes.iter().filter(|((object, _), _)| *object == 7);
    let values = of_object.map(|(path, resources)| {
        let values = resources.iter().map(|resource| &resource.values);
        (path, values.collect::<Vec<_>>())
    });
    format!("{:?}", values.collect::<Vec<_>>())
}

/// A request for the object, or for everything: its method, path, options and payload.
fn a_request() -> impl Strategy<Value = (u8, &'static str, Vec<OwnedOption>, &'static [u8])> {
    let paths = prop::sample::select(vec![
        "", "/7", "/7/0", "/7/0/1", "/7/0/2", "/7/0/3", "/7/0/3/0", "/7/0/3/1",
    ]);
    let formats = || {
        prop::option::of(prop::sample::select(vec![
            vec![],
            vec![40],
            vec![42],
            vec![60],
            vec![110],
            vec![112],
            vec![0x2d, 0x16],
            vec![0x2d, 0x17],
        ]))
    };
    let number = |numbers: Vec<u8>| prop::option::of(prop::sample::select(numbers));
    // What fits each other, and what does not.
    let bodies = prop::sample::select(vec![
        (None, &b""[..]),
        (Some(&b""[..]), b"new"),
        (Some(JSON), b"[]"),
        (Some(JSON), br#"[{"n":"/7/0/1","vs":"new"}]"#),
        (Some(JSON), br#"[{"n":"/7/0/1"}]"#),
        (Some(JSON), br#"[{"n":"/7/0"}]"#),
        (Some(JSON), br#"[{"n":"/7"}]"#),
        (Some(JSON), br#"[{"n":"/"}]"#),
        (
            Some(JSON),
            br#"[{"n":"/3/0/14","vs":"+02"},{"n":"/7/0/2","vd":"QUJD"}]"#,
        ),
        (Some(JSON), br#"[{"n":"/7/1/1","vs":"new"}]"#),
        // The first block of 32 bytes of a value, and of 16.
        (Some(JSON), br#"[{"n":"/7/0/2","vd":"QUJDQUJDQUJ"#),
        (Some(TLV), b"\xc8\x02\x20ABCDEFGHIJKLM"),
        (Some(TLV), b"\xc1\x01n"),
        (Some(TLV), b"\xc8\x02\x09ABCDEFGHI"),
        (Some(&[60]), b"\x58\x20ABCDEFGHIJKLMN"),
        (Some(&[42]), b"ABCDEFGHIJKLMNOP"),
    ]);
    (
        1..8_u8,
        paths,
        prop::option::weighted(0.2, formats()),
        formats(),
        (
            number(vec![0, 1]),
            prop::option::weighted(0.7, prop::sample::select(vec![0x08, 0x09, 0x10, 0x18])),
            number(vec![0x00, 0x02, 0x10]),
            any::<bool>(),
        ),
        bodies,
    )
        .prop_map(
            |(code, path, other, accept, (observe, block1, block2, query), (format, payload))| {
                let one = |number, value: Option<u8>| value.map(|value| (number, vec![value]));
                let options = [
                    other
                        .unwrap_or(format.map(<[u8]>::to_vec))
                        .map(|format| (12, format)),
                    accept.map(|accept| (17, accept)),
                    one(6, observe),
                    one(27, block1),
                    one(23, block2),
                    query.then(|| (15, b"pmin=1".to_vec())),
                ];
                (code, path, options.into_iter().flatten().collect(), payload)
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn without_a_right_no_operation_reveals_or_changes_anything(
        right in prop::option::of(prop::sample::select(OPERATIONS.to_vec())),
        requests in vec(a_request(), 1..16),
    ) {
        let mut bench = guarded(right);
        let before = guarded_contents(&bench);
        let may_change = matches!(right, Some(Operation::Write | Operation::Delete | Operation::Create));
        let mut told = vec![];
        for (code, path, options, payload) in &requests {
            let id = bench.next_id();
            let options: Vec<(u16, &[u8])> =
                options.iter().map(|(number, value)| (*number, value.as_slice())).collect();
            told.extend(bench.receive(&request(Code(*code), id, path, &options, payload)));
        }
        // What is observed all the same tells no more when it changes.
        bench.shared.resource_changed(Path::resource(7, 0, 1));
        bench.shared.resource_changed(Path::resource(3, 0, 14));
        bench.now += 60_000;
        told.extend(bench.settle().0.into_iter().filter_map(|done| match done {
            Done::Transmit(sent) => Some(sent),
            _ => None,
        }));
        for message in &told {
            let reveals = message.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
            prop_assert!(!reveals || right == Some(Operation::Read), "{message:?}");
        }
        prop_assert!(guarded_contents(&bench) == before || may_change);
        prop_assert!(bench.model.executed.borrow().iter().all(|(path, _)| path.object_id() != 7)
            || right == Some(Operation::Execute));
        prop_assert_eq!(bench.model.reader(), None);
    }
}

#[test]
fn the_rest_of_an_answer_in_blocks_is_withheld_when_the_right_is_withdrawn() {
    let value = |instance: u16, resource: u16| {
        char::from(b'A' + u8::try_from(instance * 4 + resource).unwrap())
            .to_string()
            .repeat(100)
    };
    let mut model = MemoryModel::standard();
    for instance in 0..3 {
        for resource in 0..4 {
            let text = value(instance, resource);
            let path = (7, instance, resource);
            model = model.resource(path, "R", DataType::String, Some(text.as_str().into()));
        }
    }
    let mut bench = Bench::registered(model);
    let asked = request(Code::GET, 9, "7", &[(17, JSON)], b"");
    let (code, _, first) = summary(&bench.receive(&asked).unwrap());
    assert_eq!((code.as_str(), first.len()), ("2.05", 256));
    for instance in [1, 2] {
        let denied = (Operation::Read, Path::instance(7, instance));
        bench.model.denied.borrow_mut().push(denied);
    }
    let mut rest = vec![];
    for number in 1..8_u8 {
        let block = [(number << 4) | 4];
        let later = request(
            Code::GET,
            9 + u16::from(number),
            "7",
            &[(17, JSON), (23, &block)],
            b"",
        );
        let (code, options, payload) = summary(&bench.receive(&later).unwrap());
        rest.extend(payload);
        if code != "2.05"
            || options
                .iter()
                .all(|(number, value)| *number != 23 || value[0] & 8 == 0)
        {
            break;
        }
    }
    let rest = String::from_utf8(rest).unwrap();
    assert!(rest.contains(&value(0, 3)), "{rest}");
    // Of the next instance no more than was read for the first block.
    assert!(!rest.contains(&value(1, 1)[..9]), "{rest}");
    assert!(!rest.contains(&value(2, 0)[..9]), "{rest}");
}

#[test]
fn observing_everything_tells_what_may_be_read_each_time() {
    let mut bench = bench();
    let observe = request(
        Code::FETCH,
        9,
        "",
        &[(6, TEXT), (12, JSON)],
        br#"[{"n":"/7"}]"#,
    );
    assert_eq!(code_of(&mut bench, &observe), "2.05");
    bench.settle();
    deny(&bench, Operation::Read, Path::instance(7, 1));
    bench.shared.resource_changed(Path::resource(7, 1, 1));
    bench.now += 1_000;
    let told = bench.settle().0.into_iter().find_map(|done| match done {
        Done::Transmit(sent) => Some(summary(&sent)),
        _ => None,
    });
    let (code, _, payload) = told.expect("a notification");
    let shown = r#"[{"bn":"/7/0/","n":"1","v":10},{"bn":"/7/2/","n":"1","v":12}]"#;
    let payload = String::from_utf8(payload).unwrap();
    assert_eq!((code.as_str(), payload.as_str()), ("2.05", shown));
}
