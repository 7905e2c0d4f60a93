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
use support::*;

const JSON: &[u8] = &[110];
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
