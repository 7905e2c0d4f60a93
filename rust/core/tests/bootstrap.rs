// SPDX-License-Identifier: Apache-2.0
//! What the client answers to a Bootstrap-Server, and what follows from it,
//! OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.
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
use lwm2m_core::engine::Event;
use lwm2m_core::registration::client::{ClientEvent, ClientState};
use lwm2m_core::value::DataType;
use support::{Bench, Done, MemoryModel, Owned, request, respond, summary};

const BOOTSTRAP_URI: &str = "coap://127.0.0.1:5693";

/// The accounts of a client that knows its Bootstrap-Server (Security 0) and, in Security 1 and
/// Server 1, the server with this Short Server ID and URI.
fn accounts(server: Option<(i64, &str)>) -> MemoryModel {
    let model = security(
        MemoryModel::default(),
        0,
        true,
        None,
        Some(BOOTSTRAP_URI.into()),
    )
    .resource((3, 0, 0), "R", DataType::String, Some("Acme".into()));
    match server {
        None => model,
        Some((id, uri)) => security(model, 1, false, Some(id.into()), Some(uri.into()))
            .resource((1, 1, 0), "R", DataType::U16, Some(id.into()))
            .resource((1, 1, 1), "RW", DataType::U32, Some(60.into())),
    }
}

fn security(
    model: MemoryModel,
    instance: u16,
    bootstrap: bool,
    server: Option<Owned>,
    uri: Option<Owned>,
) -> MemoryModel {
    let bootstrap = Some(Owned::Boolean(bootstrap));
    model
        .resource((0, instance, 0), "RW", DataType::String, uri)
        .resource((0, instance, 1), "W", DataType::Boolean, bootstrap)
        .resource((0, instance, 10), "W", DataType::U16, server)
}

/// A client that has sent its Bootstrap-Request, and that.
fn requesting(model: MemoryModel) -> (Bench, Vec<u8>) {
    let mut bench = Bench::new(model);
    bench.shared.client.start_bootstrap(b"device").unwrap();
    let (done, _) = bench.settle();
    let Some(Done::Transmit(sent)) = done.last() else {
        panic!("no Bootstrap-Request: {done:?}")
    };
    let sent = sent.clone();
    (bench, sent)
}

/// A client that the Bootstrap-Server has accepted.
fn bootstrapping(model: MemoryModel) -> Bench {
    let (mut bench, sent) = requesting(model);
    assert_eq!(
        bench.receive(&respond(&sent, Code::CHANGED, &[], b"")),
        None
    );
    assert_eq!(bench.settle().0, [told(ClientEvent::BootstrapComplete)]);
    bench
}

fn told(event: ClientEvent) -> Done {
    Done::Event(Event::Client(event))
}

/// Asks, and returns the code of the answer.
fn ask(bench: &mut Bench, code: Code, path: &str) -> String {
    let id = bench.next_id();
    let answer = bench.receive(&request(code, id, path, &[], b""));
    summary(&answer.expect("an answer")).0
}

#[test]
fn finish_is_answered_before_the_connection_closes_and_the_client_registers() {
    let mut bench = bootstrapping(accounts(Some((7, "coap://127.0.0.2"))));
    let finish = request(Code::POST, 1, "/bs", &[], b"");
    let answer = bench.receive(&finish).unwrap();
    assert_eq!(summary(&answer), ("2.04".into(), vec![], vec![]));
    let (done, wait) = bench.settle();
    assert_eq!(done, []);
    // The answer was lost: the same datagram, and one that asks anew.
    assert_eq!(bench.receive(&finish), Some(answer));
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "2.04");
    bench.now = wait.unwrap();
    let (done, _) = bench.settle();
    assert_eq!(
        done[..3],
        [
            Done::Close,
            told(ClientEvent::BootstrapTransferComplete),
            Done::Connect("127.0.0.2".into(), 5683),
        ]
    );
    let Some(Done::Transmit(register)) = done.last() else {
        panic!("no Register: {done:?}")
    };
    let answer = respond(register, Code::CREATED, &[(8, b"rd"), (8, b"1")], b"");
    bench.receive(&answer);
    assert_eq!(bench.settle().0, [told(ClientEvent::RegistrationComplete)]);
}

#[test]
fn finish_without_a_server_to_register_with_is_refused_and_the_bootstrap_goes_on() {
    let short_ids = |server: i64| {
        let model = accounts(Some((7, "coap://127.0.0.2")));
        model.set((1, 1, 0), 0, server.into());
        model
    };
    let models = [
        accounts(None),
        accounts(Some((7, ""))),
        accounts(Some((7, "http://127.0.0.2"))),
        accounts(Some((7, "coap://127.0.0.2:x"))),
        short_ids(8),
        short_ids(0),
    ];
    for (row, model) in models.into_iter().enumerate() {
        let mut bench = bootstrapping(model);
        assert_eq!(ask(&mut bench, Code::POST, "/bs"), "4.06", "row {row}");
        let state = bench.shared.client.state();
        assert!(
            matches!(state, ClientState::Bootstrapping { .. }),
            "row {row}"
        );
        assert_eq!(bench.settle().0, []);
    }
}

#[test]
fn what_lies_beside_finish_is_not_there() {
    let mut bench = bootstrapping(accounts(Some((7, "coap://127.0.0.2"))));
    for (code, path, answer) in [
        (Code::GET, "/bs", "4.05"),
        (Code::PUT, "/bs", "4.05"),
        (Code::DELETE, "/bs", "4.05"),
        (Code::POST, "/bs/0", "4.04"),
        (Code::POST, "/0/bs", "4.04"),
        (Code::POST, "/bsx", "4.04"),
    ] {
        assert_eq!(ask(&mut bench, code, path), answer, "{code:?} {path}");
    }
    let state = bench.shared.client.state();
    assert!(matches!(state, ClientState::Bootstrapping { .. }));
}

#[test]
fn a_server_of_the_client_cannot_finish() {
    let mut bench = Bench::registered(MemoryModel::standard());
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "4.04");
    assert_eq!(bench.shared.client.state(), ClientState::Registered);
}

#[test]
fn a_request_tells_that_bootstrap_request_was_accepted() {
    let (mut bench, sent) = requesting(accounts(Some((7, "coap://127.0.0.2"))));
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "2.04");
    assert_eq!(bench.settle().0, [told(ClientEvent::BootstrapComplete)]);
    // Its answer, late.
    bench.receive(&respond(&sent, Code::CHANGED, &[], b""));
    let (done, wait) = bench.settle();
    assert_eq!(done, []);
    bench.now = wait.unwrap();
    let (done, _) = bench.settle();
    assert_eq!(
        done[..2],
        [Done::Close, told(ClientEvent::BootstrapTransferComplete)]
    );
}
