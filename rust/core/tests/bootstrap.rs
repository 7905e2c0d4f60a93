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

use lwm2m_core::coap::{Code, ConnectionId};
use lwm2m_core::engine::Event;
use lwm2m_core::model::ModelError;
use lwm2m_core::registration::client::{ClientEvent, ClientState};
use lwm2m_core::time::Instant;
use lwm2m_core::value::{DataType, ObjectLink};
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
    let mut bench = Bench::bootstrapping(accounts(Some((7, "coap://127.0.0.2"))));
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
        let mut bench = Bench::bootstrapping(model);
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
    let mut bench = Bench::bootstrapping(accounts(Some((7, "coap://127.0.0.2"))));
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
    let (mut bench, sent) = Bench::requesting_bootstrap(accounts(Some((7, "coap://127.0.0.2"))));
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

/// What a Bootstrap-Server finds on a device: its own account, that of server 101, the Access Control
/// object, and others.
fn device() -> MemoryModel {
    let uri = |host: &str| Some(Owned::from(format!("coaps://{host}").as_str()));
    let model = security(
        MemoryModel::default(),
        0,
        false,
        Some(101.into()),
        uri("server_1.example.com"),
    );
    let model = security(model, 1, true, None, Some(BOOTSTRAP_URI.into()))
        .resource((1, 0, 0), "R", DataType::U16, Some(101.into()))
        .resource((1, 0, 1), "RW", DataType::U32, Some(60.into()))
        .resource((1, 0, 7), "RW", DataType::String, Some("U".into()))
        .resource((1, 0, 8), "E", DataType::None, None)
        .resource((1, 0, 14), "W", DataType::U16, None)
        .resource((2, 0, 0), "R", DataType::U16, Some(1.into()))
        .resource((2, 0, 1), "R", DataType::U16, Some(0.into()))
        .multiple((2, 0, 2), "RW", DataType::U16, 2, [(127, 7.into())])
        .resource((2, 0, 3), "RW", DataType::U16, Some(127.into()))
        .resource((3, 0, 0), "R", DataType::String, Some("Acme".into()))
        .object(4, (1, 0))
        .object(5, (1, 0));
    // What the application gave no memory.
    model.refuse((1, 0, 14), ModelError::NotFound);
    model
}

/// Asks with a Content-Format or an Accept, and returns code and payload of the answer.
fn tell(
    bench: &mut Bench,
    code: Code,
    path: &str,
    format: u16,
    payload: &[u8],
) -> (String, Vec<u8>) {
    let id = bench.next_id();
    let format = format.to_be_bytes();
    let number = if code == Code::GET { 17 } else { 12 };
    let answer = bench.receive(&request(code, id, path, &[(number, &format)], payload));
    let (code, _, payload) = summary(&answer.expect("an answer"));
    (code, payload)
}

fn write(bench: &mut Bench, path: &str, format: u16, payload: impl AsRef<[u8]>) -> String {
    tell(bench, Code::PUT, path, format, payload.as_ref()).0
}

fn discover(bench: &mut Bench, path: &str) -> (String, String) {
    let (code, payload) = tell(bench, Code::GET, path, LINKS, b"");
    (code, String::from_utf8(payload).unwrap())
}

const LINKS: u16 = 40;
const SENML_JSON: u16 = 110;
const SENML_CBOR: u16 = 112;
const TLV: u16 = 11542;

/// Every value of an object.
fn values(bench: &Bench, object: u16) -> Vec<(u16, u16, u16, Owned)> {
    let nodes = bench.model.nodes.borrow();
    let mut all = vec![];
    for ((_, instance), resources) in nodes.range((object, 0)..=(object, u16::MAX)) {
        for resource in resources {
            for (id, value) in &resource.values {
                all.push((*instance, resource.info.id, *id, value.clone()));
            }
        }
    }
    all
}

fn instances(bench: &Bench) -> Vec<(u16, u16)> {
    bench.model.nodes.borrow().keys().copied().collect()
}

#[test]
fn discover_tells_objects_instances_and_whose_accounts_they_are() {
    let model = device()
        .object(55, (1, 9))
        .resource((55, 0, 0), "R", DataType::S32, None);
    let model = security(
        model,
        2,
        false,
        Some(102.into()),
        Some("coaps://\"\\".into()),
    );
    // Without an id and a URI yet.
    let model = security(model, 3, false, Some(0.into()), Some("".into()));
    let mut bench = Bench::bootstrapping(model);
    let security = "</0/0>;ssid=101;uri=\"coaps://server_1.example.com\",</0/1>,\
        </0/2>;ssid=102;uri=\"coaps://\\\"\\\\\",</0/3>";
    let everything =
        format!("{security},</1/0>;ssid=101,</2/0>,</3/0>,</4>,</5>,</55>;ver=1.9,</55/0>");
    for (path, links) in [
        ("/0", security),
        ("/1", "</1/0>;ssid=101"),
        ("/3", "</3/0>"),
        ("/4", "</4>"),
        ("/55", "</55>;ver=1.9,</55/0>"),
        ("/", &everything),
    ] {
        let answer = format!("</>;lwm2m=1.1,{links}");
        assert_eq!(
            discover(&mut bench, path),
            ("2.05".into(), answer),
            "{path}"
        );
    }
    for (path, code) in [
        ("/9", "4.04"),
        ("/3/0", "4.05"),
        ("/3/0/0", "4.05"),
        ("/0/0", "4.05"),
        ("/3/0/0/0", "4.05"),
    ] {
        assert_eq!(
            discover(&mut bench, path),
            (code.into(), String::new()),
            "{path}"
        );
    }
}

#[test]
fn a_long_discover_comes_in_blocks() {
    let mut model = device();
    for object in 1000..1100 {
        model = model.resource((object, 0, 0), "R", DataType::S32, None);
    }
    let mut bench = Bench::bootstrapping(model);
    let mut payload = vec![];
    for number in 0_u16.. {
        let id = bench.next_id();
        // Blocks of 64 bytes.
        let block = (number << 4 | 2).to_be_bytes();
        let ask = request(Code::GET, id, "/", &[(17, &[40]), (23, &block)], b"");
        let answer = bench.receive(&ask).unwrap();
        let (code, options, part) = summary(&answer);
        assert_eq!(code, "2.05");
        payload.extend(part);
        let (_, block) = options.iter().find(|(number, _)| *number == 23).unwrap();
        if block.last().unwrap() & 8 == 0 {
            break;
        }
    }
    let mut all = "</>;lwm2m=1.1,</0/0>;ssid=101;uri=\"coaps://server_1.example.com\",\
        </0/1>,</1/0>;ssid=101,</2/0>,</3/0>,</4>,</5>"
        .to_owned();
    for object in 1000..1100 {
        all.push_str(&format!(",</{object}/0>"));
    }
    assert_eq!(String::from_utf8(payload).unwrap(), all);
}

/// The example of OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7.4, whose name stands in the base name here.
#[test]
fn what_accounts_are_made_of_can_be_read_but_for_secrets() {
    let model = device()
        .resource((2, 2, 0), "R", DataType::U16, Some(3.into()))
        .resource((2, 2, 1), "R", DataType::U16, Some(0.into()))
        .multiple(
            (2, 2, 2),
            "RW",
            DataType::U16,
            2,
            [(127, 7.into()), (310, 7.into())],
        )
        .resource((2, 2, 3), "RW", DataType::U16, Some(127.into()));
    let mut bench = Bench::bootstrapping(model);
    let (code, payload) = tell(&mut bench, Code::GET, "/2", SENML_JSON, b"");
    assert_eq!(code, "2.05");
    let records: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let mut base = String::new();
    let mut read = vec![];
    for record in records.as_array().unwrap() {
        if let Some(name) = record["bn"].as_str() {
            base = name.to_owned();
        }
        let name = format!("{base}{}", record["n"].as_str().unwrap_or(""));
        read.push((name, record["v"].as_u64().unwrap()));
    }
    let expected = [
        ("/2/0/0", 1),
        ("/2/0/1", 0),
        ("/2/0/2/127", 7),
        ("/2/0/3", 127),
        ("/2/2/0", 3),
        ("/2/2/1", 0),
        ("/2/2/2/127", 7),
        ("/2/2/2/310", 7),
        ("/2/2/3", 127),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    assert_eq!(read, expected);
    let server = b"\xc1\x00\x65\xc1\x01\x3c\xc1\x07U".to_vec();
    let answer = tell(&mut bench, Code::GET, "/1/0", TLV, b"");
    assert_eq!(answer, ("2.05".into(), server));
    for (path, code) in [
        ("/", "4.05"),
        ("/0", "4.05"),
        ("/0/0", "4.05"),
        ("/0/0/0", "4.05"),
        ("/3", "4.05"),
        ("/3/0", "4.05"),
        ("/1/0/0", "4.05"),
        ("/2/0/2/127", "4.05"),
        ("/1/7", "4.04"),
    ] {
        assert_eq!(ask(&mut bench, Code::GET, path), code, "{path}");
    }
}

/// Server 1 and 2 with Short Server ID, lifetime and binding, and resources that nobody has.
const SERVERS: [(u16, &[u8]); 3] = [
    (
        TLV,
        b"\x08\x01\x0e\xc1\x00\x07\xc1\x01\x64\xc1\x07U\xe2\x03\xe7\x01\x02\
          \x08\x02\x0e\xc1\x00\x08\xc2\x01\x01\x00\xc1\x07U\xc2\x0e\x00\x05",
    ),
    (
        SENML_JSON,
        br#"[{"bn":"/1/1/","n":"0","v":7},{"n":"1","v":100},{"n":"7","vs":"U"},{"n":"999","v":258},
            {"bn":"/1/2/","n":"0","v":8},{"n":"1","v":256},{"n":"7","vs":"U"},{"n":"14","v":5}]"#,
    ),
    (
        SENML_CBOR,
        b"\x88\xa3\x21\x65/1/1/\x00\x610\x02\x07\xa2\x00\x611\x02\x18\x64\xa2\x00\x617\x03\x61U\
          \xa2\x00\x63999\x02\x19\x01\x02\
          \xa3\x21\x65/1/2/\x00\x610\x02\x08\xa2\x00\x611\x02\x19\x01\x00\xa2\x00\x617\x03\x61U\
          \xa2\x00\x6214\x02\x05",
    ),
];

#[test]
fn a_write_to_an_object_creates_instances_and_passes_over_what_the_client_does_not_have() {
    for (format, payload) in SERVERS {
        let mut bench = Bench::bootstrapping(device());
        assert_eq!(write(&mut bench, "/1", format, payload), "2.04", "{format}");
        let server = |instance: u16, id: i64, lifetime: i64| {
            [
                (instance, 0, 0, Owned::from(id)),
                (instance, 1, 0, lifetime.into()),
                (instance, 7, 0, "U".into()),
            ]
        };
        let expected = [server(0, 101, 60), server(1, 7, 100), server(2, 8, 256)].concat();
        assert_eq!(values(&bench, 1), expected, "{format}");
    }
}

#[test]
fn a_write_to_an_instance_or_a_resource_creates_the_instance() {
    let mut bench = Bench::bootstrapping(device());
    for (path, format, payload, answer) in [
        ("/1/5", TLV, &b"\xc1\x00\x07\xc1\x01\x64"[..], "2.04"),
        ("/1/6/1", 0, b"30", "2.04"),
    ] {
        assert_eq!(write(&mut bench, path, format, payload), answer, "{path}");
    }
    assert_eq!(
        values(&bench, 1)[3..],
        [
            (5, 0, 0, 7.into()),
            (5, 1, 0, 100.into()),
            (6, 1, 0, 30.into())
        ]
    );
}

#[test]
fn permissions_do_not_count_and_resource_instances_are_replaced() {
    let mut bench = Bench::bootstrapping(device());
    let rows = b"\xc1\x00\x03\xc1\x01\x01\x86\x02\x41\x01\x05\x41\x02\x06\xc1\x03\x01";
    for (path, format, payload) in [
        ("/0/0/0", 0, &b"coap://127.0.0.9"[..]),
        ("/3/0/0", 0, b"Ltd"),
        ("/2/0", TLV, rows),
    ] {
        assert_eq!(write(&mut bench, path, format, payload), "2.04", "{path}");
    }
    assert_eq!(bench.model.get(0, 0, 0, 0), Some("coap://127.0.0.9".into()));
    assert_eq!(bench.model.get(3, 0, 0, 0), Some("Ltd".into()));
    assert_eq!(
        values(&bench, 2),
        [
            (0, 0, 0, 3.into()),
            (0, 1, 0, 1.into()),
            (0, 2, 1, 5.into()),
            (0, 2, 2, 6.into()),
            (0, 3, 0, 1.into()),
        ]
    );
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    let mut bench = Bench::bootstrapping(device());
    let before = (instances(&bench), values(&bench, 1), values(&bench, 2));
    let text = |text: &'static str| text.as_bytes();
    for (path, format, payload, answer) in [
        // The second instance has a lifetime that is a string.
        (
            "/1",
            SENML_JSON,
            text(r#"[{"n":"/1/1/0","v":7},{"n":"/1/2/1","vs":"x"}]"#),
            "4.00",
        ),
        // The instance that was there comes first, and another one is written to once more.
        (
            "/1",
            SENML_JSON,
            text(
                r#"[{"n":"/1/0/1","v":7},{"n":"/1/1/0","v":7},{"n":"/1/2/0","v":8},
                    {"n":"/1/1/1","v":70000000000}]"#,
            ),
            "4.00",
        ),
        // It ends within the second record.
        (
            "/1",
            TLV,
            b"\x08\x01\x03\xc1\x00\x07\x08\x02\x03\xc1",
            "4.00",
        ),
        // More instances than there is room for.
        (
            "/1",
            TLV,
            b"\x08\x01\x03\xc1\x00\x07\x08\x02\x03\xc1\x00\x08\x08\x03\x03\xc1\x00\x09",
            "5.00",
        ),
        // Resources without their instance; nothing at all; what lies elsewhere.
        ("/1", TLV, b"\xc1\x00\x07", "4.00"),
        ("/1", TLV, b"", "4.00"),
        ("/1", SENML_JSON, b"[]", "4.00"),
        (
            "/1",
            SENML_JSON,
            text(r#"[{"n":"/0/1/0","vs":"x"}]"#),
            "4.00",
        ),
        (
            "/1/1",
            SENML_JSON,
            text(r#"[{"n":"/1/2/0","v":7}]"#),
            "4.00",
        ),
        ("/1", SENML_JSON, text(r#"[{"n":"/1","v":7}]"#), "4.00"),
        // An executable resource holds nothing.
        (
            "/1/1",
            SENML_JSON,
            text(r#"[{"n":"/1/1/8","v":7}]"#),
            "4.00",
        ),
        // Three entries where there is room for two.
        (
            "/2/1",
            TLV,
            b"\x88\x02\x09\x41\x01\x05\x41\x02\x06\x41\x03\x07",
            "5.00",
        ),
        // No such object, resource, or memory for it.
        ("/9", TLV, b"\x08\x01\x03\xc1\x00\x07", "4.04"),
        ("/9/0", TLV, b"\xc1\x00\x07", "4.04"),
        ("/1/1/999", 0, b"1", "4.04"),
        ("/1/0/999", 0, b"1", "4.04"),
        ("/1/1/14", 0, b"1", "4.04"),
        // Formats that name no resource, and levels without an operation.
        ("/1", 0, b"1", "4.15"),
        ("/1/1", 60, b"\x01", "4.15"),
        ("/1", LINKS, b"</1>", "4.15"),
        ("/", SENML_JSON, text(r#"[{"n":"/1/1/0","v":7}]"#), "4.05"),
        ("/4/0", TLV, b"\xc1\x00\x07", "4.05"),
    ] {
        // For the one that has no memory.
        bench.model.refuse((1, 0, 14), ModelError::NotFound);
        assert_eq!(
            write(&mut bench, path, format, payload),
            answer,
            "{path} {payload:x?}"
        );
        let after = (instances(&bench), values(&bench, 1), values(&bench, 2));
        assert_eq!(after, before, "{path} {payload:x?}");
    }
}

#[test]
fn deletes_spare_the_device_and_the_bootstrap_server_s_account() {
    let own = |model: MemoryModel| {
        let link = ObjectLink {
            object: 21,
            instance: 1,
        };
        model
            .resource(
                (0, 1, 17),
                "",
                DataType::ObjectLink,
                Some(Owned::ObjectLink(link)),
            )
            .resource((21, 0, 0), "", DataType::Opaque, None)
            .resource((21, 1, 0), "", DataType::Opaque, None)
    };
    let all = [(0, 0), (0, 1), (1, 0), (2, 0), (3, 0), (21, 0), (21, 1)];
    for (path, answer, gone) in [
        ("/0/0", "2.02", &[(0, 0)][..]),
        ("/0/1", "4.05", &[]),
        ("/0", "2.02", &[(0, 0)]),
        ("/1", "2.02", &[(1, 0)]),
        ("/2/0", "2.02", &[(2, 0)]),
        ("/3", "2.02", &[]),
        ("/3/0", "4.05", &[]),
        ("/4", "2.02", &[]),
        ("/21", "2.02", &[(21, 0)]),
        ("/21/1", "4.05", &[]),
        ("/", "2.02", &[(0, 0), (1, 0), (2, 0), (21, 0)]),
        ("/9", "4.04", &[]),
        ("/1/9", "4.04", &[]),
        ("/1/0/1", "4.05", &[]),
        ("/2/0/2/127", "4.05", &[]),
    ] {
        let mut bench = Bench::bootstrapping(own(device()));
        assert_eq!(ask(&mut bench, Code::DELETE, path), answer, "{path}");
        let left: Vec<_> = all
            .into_iter()
            .filter(|node| !gone.contains(node))
            .collect();
        assert_eq!(instances(&bench), left, "{path}");
    }
}

#[test]
fn an_account_in_use_stays_even_if_it_says_that_it_is_another_server_s() {
    let mut bench = Bench::bootstrapping(device());
    assert_eq!(write(&mut bench, "/0/1/1", 0, "0"), "2.04");
    assert_eq!(ask(&mut bench, Code::DELETE, "/"), "2.02");
    assert_eq!(instances(&bench), [(0, 1), (3, 0)]);
}

#[test]
fn nothing_but_the_bootstrap_interface_is_there() {
    let mut bench = Bench::bootstrapping(device());
    let before = (instances(&bench), values(&bench, 1));
    let senml = br#"[{"n":"/1/0/1","v":7}]"#;
    type Options = &'static [(u16, &'static [u8])];
    let rows: [(Code, &str, Options, &[u8], &str); 14] = [
        (Code::POST, "/", &[], b"", "4.05"),
        (
            Code::POST,
            "/1",
            &[(12, &[0x2d, 0x16])],
            b"\xc1\x00\x07",
            "4.05",
        ),
        (
            Code::POST,
            "/1/0",
            &[(12, &[0x2d, 0x16])],
            b"\xc1\x00\x07",
            "4.05",
        ),
        (Code::POST, "/1/0/8", &[], b"", "4.05"),
        (Code::GET, "/1/0", &[(6, &[])], b"", "4.05"),
        (Code::GET, "/1/0", &[(6, &[1])], b"", "4.05"),
        (Code::PUT, "/1/0", &[(15, b"pmin=1")], b"", "4.05"),
        (Code::PUT, "/1/0", &[], b"", "4.00"),
        (Code::FETCH, "/", &[(12, &[110])], senml, "4.05"),
        (Code::FETCH, "/", &[(6, &[]), (12, &[110])], senml, "4.05"),
        (Code::IPATCH, "/", &[(12, &[110])], senml, "4.05"),
        (Code(8), "/1/0", &[], b"", "4.05"),
        (
            Code::PUT,
            "/1/0",
            &[(5, &[]), (12, &[0x2d, 0x16])],
            b"\xc1\x00\x07",
            "4.12",
        ),
        (Code::DELETE, "/1/0", &[(1, &[7])], b"", "4.12"),
    ];
    for (code, path, options, payload, answer) in rows {
        let id = bench.next_id();
        let reply = bench.receive(&request(code, id, path, options, payload));
        assert_eq!(summary(&reply.unwrap()).0, answer, "{code:?} {path}");
    }
    assert_eq!((instances(&bench), values(&bench, 1)), before);
}

#[test]
fn after_finish_nothing_changes_any_more() {
    let mut bench = Bench::bootstrapping(accounts(Some((7, "coap://127.0.0.2"))));
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "2.04");
    let before = instances(&bench);
    assert_eq!(ask(&mut bench, Code::DELETE, "/"), "4.05");
    assert_eq!(write(&mut bench, "/0/1/0", 0, "coap://127.0.0.3"), "4.05");
    assert_eq!(discover(&mut bench, "/").0, "4.05");
    assert_eq!(instances(&bench), before);
}

#[test]
fn a_device_is_bootstrapped_and_registers_with_what_was_written() {
    let mut bench = Bench::bootstrapping(device());
    bench.model.nodes.borrow_mut().remove(&(1, 0));
    assert_eq!(discover(&mut bench, "/1").1, "</>;lwm2m=1.1,</1>");
    assert_eq!(ask(&mut bench, Code::DELETE, "/"), "2.02");
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "4.06");
    let security = br#"[{"bn":"/0/4/","n":"0","vs":"coap://127.0.0.4:7000"},{"n":"1","vb":false},
        {"n":"2","v":3},{"n":"10","v":44}]"#;
    let server = br#"[{"bn":"/1/0/","n":"0","v":44},{"n":"1","v":77},{"n":"7","vs":"U"}]"#;
    assert_eq!(write(&mut bench, "/0", SENML_JSON, security), "2.04");
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "4.06");
    assert_eq!(write(&mut bench, "/1", SENML_JSON, server), "2.04");
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "2.04");
    bench.now += 1000;
    let (done, _) = bench.settle();
    assert_eq!(
        done[..3],
        [
            Done::Close,
            told(ClientEvent::BootstrapTransferComplete),
            Done::Connect("127.0.0.4".into(), 7000),
        ]
    );
    let Some(Done::Transmit(register)) = done.last() else {
        panic!("no Register: {done:?}")
    };
    let (_, options, links) = summary(register);
    assert!(options.contains(&(15, b"lt=77".to_vec())), "{options:?}");
    let links = String::from_utf8(links).unwrap();
    assert!(links.ends_with("</1/0>,</2>,</3/0>,</4>,</5>"), "{links}");
    bench.receive(&respond(
        register,
        Code::CREATED,
        &[(8, b"rd"), (8, b"1")],
        b"",
    ));
    assert_eq!(bench.settle().0, [told(ClientEvent::RegistrationComplete)]);
    // The server is none of those that may see the accounts.
    for (code, path) in [
        (Code::GET, "/0/4/0"),
        (Code::DELETE, "/0/4"),
        (Code::GET, "/0"),
    ] {
        assert_eq!(ask(&mut bench, code, path), "4.01", "{path}");
    }
    assert_eq!(ask(&mut bench, Code::DELETE, "/"), "4.05");
    assert_eq!(write(&mut bench, "/0/4/0", 0, "x"), "4.01");
    assert_eq!(write(&mut bench, "/1", SENML_JSON, server), "4.05");
}

#[test]
fn a_write_whose_answer_was_lost_is_answered_again_and_not_carried_out() {
    let mut bench = Bench::bootstrapping(device());
    let put = request(Code::PUT, 9, "/1/0/1", &[(12, &[])], b"99");
    let answer = bench.receive(&put).unwrap();
    assert_eq!(summary(&answer).0, "2.04");
    assert_eq!(write(&mut bench, "/1/0/1", 0, "100"), "2.04");
    assert_eq!(bench.receive(&put), Some(answer));
    assert_eq!(bench.model.get(1, 0, 1, 0), Some(100.into()));
    let delete = request(Code::DELETE, 10, "/1/0", &[], b"");
    let answer = bench.receive(&delete).unwrap();
    assert_eq!(summary(&answer).0, "2.02");
    assert_eq!(bench.receive(&delete), Some(answer));
}

/// Sends a payload in blocks of 16 bytes and returns the code of each answer.
fn in_blocks(
    bench: &mut Bench,
    code: Code,
    path: &str,
    format: u16,
    payload: &[u8],
) -> Vec<String> {
    let parts: Vec<_> = payload.chunks(16).collect();
    let mut answers = vec![];
    for (number, part) in parts.iter().enumerate() {
        let id = bench.next_id();
        let more = number + 1 < parts.len();
        let block = [u8::try_from(number << 4 | usize::from(more) << 3).unwrap()];
        let options = [(12, &format.to_be_bytes()[..]), (27, &block)];
        let answer = bench.receive(&request(code, id, path, &options, part));
        answers.push(summary(&answer.unwrap()).0);
    }
    answers
}

#[test]
fn what_comes_in_blocks_is_put_together_first() {
    let mut bench = Bench::bootstrapping(device());
    for (format, payload) in SERVERS {
        assert_eq!(ask(&mut bench, Code::DELETE, "/1"), "2.02");
        let answers = in_blocks(&mut bench, Code::PUT, "/1", format, payload);
        let (last, others) = answers.split_last().unwrap();
        assert_eq!(last, "2.04", "{format}");
        assert!(others.iter().all(|answer| answer == "2.31"), "{answers:?}");
        assert_eq!(bench.model.get(1, 2, 1, 0), Some(256.into()));
    }
    // One long value, for an instance that is not there yet.
    let uri = "coap://0123456789.0123456789.0123456789.example.com";
    let answers = in_blocks(&mut bench, Code::PUT, "/0/2/0", 0, uri.as_bytes());
    assert_eq!(answers, ["2.31", "2.31", "2.31", "2.04"]);
    assert_eq!(bench.model.get(0, 2, 0, 0), Some(uri.into()));
    // What is not to be carried out is not taken in.
    let answers = in_blocks(&mut bench, Code::POST, "/1", TLV, &[0; 40]);
    assert_eq!(answers[0], "4.05");
    // What is malformed is found out at the end, and leaves nothing.
    let before = instances(&bench);
    let answers = in_blocks(&mut bench, Code::PUT, "/0", TLV, &[8; 40]);
    assert_eq!(answers, ["2.31", "2.31", "4.00"]);
    assert_eq!(instances(&bench), before);
}

/// An account with a key, 0/1/5, that is known by its first bytes.
const KEY: &[u8] = b"KeyOfTheAccount!KeyOfTheAccount!KeyOfTheAccount!";

fn with_a_key() -> Bench {
    let known = Some(Owned::Opaque(b"old".to_vec()));
    let model = device().resource((0, 0, 5), "W", DataType::Opaque, known);
    Bench::bootstrapping(model)
}

/// The forms that a Bootstrap-Write of a URI and a key takes.
fn writes_of_a_key() -> Vec<(&'static str, u16, Vec<u8>)> {
    let length = u8::try_from(KEY.len()).unwrap();
    let tlv = [b"\xc4\x00coap", &[0xc8, 5, length][..], KEY].concat();
    let digits = "S2V5T2ZUaGVBY2NvdW50IQ".repeat(2);
    let json = format!(r#"[{{"bn":"/0/0/","n":"0","vs":"coap"}},{{"n":"5","vd":"{digits}"}}]"#);
    let cbor = [
        b"\x82\xa3\x21\x65/0/0/\x00\x610\x03\x64coap\xa2\x00\x615\x08\x58",
        &[length][..],
        KEY,
    ]
    .concat();
    let object = [&[8, 0, u8::try_from(tlv.len()).unwrap()][..], &tlv].concat();
    vec![
        ("/0/0", TLV, tlv),
        ("/0", TLV, object),
        ("/0/0", SENML_JSON, json.clone().into_bytes()),
        ("/0", SENML_JSON, json.into_bytes()),
        ("/0/0", SENML_CBOR, cbor),
        ("/0/0/5", 42, KEY.to_vec()),
    ]
}

#[test]
fn a_key_that_is_too_long_is_refused_and_nothing_of_the_write_stays() {
    for (path, format, payload) in writes_of_a_key() {
        for blocks in [false, true] {
            let mut bench = with_a_key();
            bench.model.refuse((0, 0, 5), ModelError::TooLarge);
            let before = (instances(&bench), values(&bench, 0));
            let answer = match blocks {
                false => write(&mut bench, path, format, &payload),
                true => in_blocks(&mut bench, Code::PUT, path, format, &payload)
                    .pop()
                    .unwrap(),
            };
            let what = format!("{path} {format} in blocks: {blocks}");
            assert_eq!(answer, "4.13", "{what}");
            assert_eq!((instances(&bench), values(&bench, 0)), before, "{what}");
            assert!(!holds_a_key(&bench), "{what}");
        }
    }
}

/// Whether any of the buffers that nobody uses has something of the key.
fn holds_a_key(bench: &Bench) -> bool {
    bench.bodies.iter().any(|place| {
        let buffer = place.take();
        let part = &KEY[..8];
        let held = buffer
            .as_ref()
            .is_some_and(|bytes| bytes.windows(part.len()).any(|window| window == part));
        place.set(buffer);
        held
    })
}

#[test]
fn a_key_that_came_in_blocks_is_not_left_behind() {
    for (path, format, payload) in writes_of_a_key() {
        let mut bench = with_a_key();
        let answers = in_blocks(&mut bench, Code::PUT, path, format, &payload);
        assert_eq!(answers.last().unwrap(), "2.04", "{path} {format}");
        assert_eq!(
            bench.bodies.iter().filter(|place| is_there(place)).count(),
            3
        );
        assert!(!holds_a_key(&bench), "{path} {format}");
        // Nor when the rest never comes.
        let first = &payload[..payload.len() / 16 * 16];
        let mut bench = with_a_key();
        for (number, part) in first.chunks(16).enumerate() {
            let id = bench.next_id();
            let block = [u8::try_from(number << 4 | 8).unwrap()];
            let options = [(12, &format.to_be_bytes()[..]), (27, &block)];
            let answer = bench.receive(&request(Code::PUT, id, path, &options, part));
            assert_eq!(summary(&answer.unwrap()).0, "2.31");
        }
        bench.now += 100_000;
        bench.settle();
        assert_eq!(
            bench.bodies.iter().filter(|place| is_there(place)).count(),
            3
        );
        assert!(!holds_a_key(&bench), "{path} {format}");
    }
}

fn is_there(place: &std::cell::Cell<Option<&'static mut [u8]>>) -> bool {
    let buffer = place.take();
    let there = buffer.is_some();
    place.set(buffer);
    there
}

#[test]
fn each_request_extends_the_patience_of_the_client() {
    let mut bench = Bench::bootstrapping(device());
    let until = |bench: &mut Bench| bench.settle().1.unwrap();
    let first = until(&mut bench);
    assert_eq!(first, bench.now + 247_000);
    for code in [Code::GET, Code::POST] {
        bench.now += 200_000;
        ask(&mut bench, code, "/1");
        assert_eq!(until(&mut bench), bench.now + 247_000);
    }
    // Nothing more comes.
    bench.now += 247_000;
    bench.settle();
    let state = bench.shared.client.state();
    assert!(
        !matches!(state, ClientState::Bootstrapping { .. }),
        "{state:?}"
    );
    // The accounts stay what they are.
    assert_eq!(bench.model.get(0, 0, 10, 0), Some(101.into()));
}

#[test]
fn writes_may_overtake_the_answer_to_bootstrap_request() {
    let (mut bench, sent) = Bench::requesting_bootstrap(device());
    assert_eq!(write(&mut bench, "/1/0/1", 0, "99"), "2.04");
    assert_eq!(bench.settle().0, [told(ClientEvent::BootstrapComplete)]);
    assert_eq!(
        bench.receive(&respond(&sent, Code::CHANGED, &[], b"")),
        None
    );
    assert_eq!(bench.settle().0, []);
    let state = bench.shared.client.state();
    assert!(matches!(state, ClientState::Bootstrapping { .. }));
}

#[test]
fn a_bootstrap_that_does_not_finish_leaves_the_accounts_as_they_were() {
    let all = |bench: &Bench| [0, 1].map(|object| values(bench, object));
    let break_off: [fn(&mut Bench); 3] = [
        |bench| bench.now += 247_000,
        |bench| {
            let now = Instant::from_millis(bench.now);
            let connection = ConnectionId::SERVER;
            bench
                .engine
                .connection_failed(bench.shared, connection, now);
        },
        |bench| {
            bench.shared.client.stop(false);
        },
    ];
    for break_off in break_off {
        let mut bench = Bench::bootstrapping(device());
        let before = all(&bench);
        assert_eq!(ask(&mut bench, Code::DELETE, "/1/0"), "2.02");
        assert_eq!(ask(&mut bench, Code::DELETE, "/0"), "2.02");
        assert_eq!(write(&mut bench, "/0/5/10", 0, "105"), "2.04");
        assert_eq!(write(&mut bench, "/1/3/1", 0, "99"), "2.04");
        assert_ne!(all(&bench), before);
        bench.settle();
        break_off(&mut bench);
        bench.settle();
        assert_eq!(all(&bench), before);
    }
}

#[test]
fn accounts_longer_than_the_room_for_them_stay_as_they_were_written() {
    let long = "x".repeat(3000);
    let model = device();
    model.set((0, 0, 0), 0, long.as_str().into());
    let mut bench = Bench::bootstrapping(model);
    assert_eq!(write(&mut bench, "/1/0/1", 0, "99"), "2.04");
    bench.shared.client.stop(false);
    bench.settle();
    assert_eq!(bench.model.get(1, 0, 1, 0), Some(99.into()));
}

/// Bootstrap-Finish comes, and its answer has had time to arrive.
fn finish(bench: &mut Bench) -> Vec<Done> {
    assert_eq!(ask(bench, Code::POST, "/bs"), "2.04");
    bench.settle();
    bench.now += 1_000;
    bench.settle().0
}

#[test]
fn client_hold_off_time_passes_before_a_bootstrap() {
    let model = accounts(None).resource((0, 0, 11), "W", DataType::U32, Some(5.into()));
    let mut bench = Bench::new(model);
    bench.shared.client.start_bootstrap(b"device").unwrap();
    assert_eq!(bench.settle(), (vec![], Some(bench.now + 5_000)));
    bench.now += 5_000;
    let (done, _) = bench.settle();
    assert_eq!(done[0], Done::Connect("127.0.0.1".into(), 5693));
}

#[test]
fn initial_registration_delay_passes_between_bootstrap_and_registration() {
    let model = accounts(Some((7, "coap://127.0.0.2"))).resource(
        (1, 1, 14),
        "W",
        DataType::U16,
        Some(7.into()),
    );
    let mut bench = Bench::bootstrapping(model);
    let done = finish(&mut bench);
    assert_eq!(
        done,
        [Done::Close, told(ClientEvent::BootstrapTransferComplete)]
    );
    assert_eq!(bench.settle(), (vec![], Some(bench.now + 7_000)));
    bench.now += 7_000;
    let (done, _) = bench.settle();
    assert_eq!(done[0], Done::Connect("127.0.0.2".into(), 5683));
}

#[test]
fn the_account_of_the_bootstrap_server_goes_when_its_timeout_has_passed() {
    let model = accounts(Some((7, "coap://127.0.0.2"))).resource(
        (0, 0, 12),
        "W",
        DataType::U32,
        Some(30.into()),
    );
    let mut bench = Bench::bootstrapping(model);
    let done = finish(&mut bench);
    let Some(Done::Transmit(register)) = done.last() else {
        panic!("no Register: {done:?}")
    };
    let answer = respond(register, Code::CREATED, &[(8, b"rd"), (8, b"1")], b"");
    bench.receive(&answer);
    let (_, deadline) = bench.settle();
    assert_eq!(deadline, Some(bench.now + 30_000));
    bench.now += 29_999;
    bench.settle();
    assert_eq!(instances(&bench), [(0, 0), (0, 1), (1, 1), (3, 0)]);
    bench.now += 1;
    bench.settle();
    assert_eq!(instances(&bench), [(0, 1), (1, 1), (3, 0)]);
}

#[test]
fn an_account_timeout_spares_the_account_while_it_is_in_use_and_what_took_its_place() {
    let model = || {
        accounts(Some((7, "coap://127.0.0.2"))).resource(
            (0, 0, 12),
            "W",
            DataType::U32,
            Some(30.into()),
        )
    };
    let mut bench = Bench::bootstrapping(model());
    finish(&mut bench);
    bench
        .shared
        .client
        .request_bootstrap(Instant::from_millis(bench.now))
        .unwrap();
    bench.now += 60_000;
    let (_, deadline) = bench.settle();
    assert!(deadline.is_none_or(|deadline| deadline > bench.now));
    assert!(instances(&bench).contains(&(0, 0)));

    let mut bench = Bench::bootstrapping(model());
    finish(&mut bench);
    bench.model.set((0, 0, 1), 0, Owned::Boolean(false));
    bench.now += 60_000;
    bench.settle();
    assert!(instances(&bench).contains(&(0, 0)));
}

#[test]
fn a_pause_after_finish_does_not_begin_anew() {
    let mut bench = Bench::bootstrapping(accounts(Some((7, "coap://127.0.0.2"))));
    assert_eq!(ask(&mut bench, Code::POST, "/bs"), "2.04");
    bench.shared.client.pause().unwrap();
    bench.settle();
    bench.now += 10_000;
    bench.shared.client.resume().unwrap();
    let (done, _) = bench.settle();
    assert_eq!(done[0], told(ClientEvent::BootstrapTransferComplete));
    assert_eq!(done[1], Done::Connect("127.0.0.2".into(), 5683));
}

#[test]
fn accounts_that_no_server_accepts_are_asked_for_less_and_less_often() {
    let mut bench = Bench::new(accounts(Some((7, "coap://127.0.0.2"))));
    bench.shared.client.start(b"device").unwrap();
    let end = bench.now + 3_600_000;
    let mut bootstraps = vec![];
    while bench.now < end {
        let (done, deadline) = bench.settle();
        let Some(Done::Transmit(datagram)) = done.last() else {
            bench.now = deadline.unwrap();
            continue;
        };
        let (_, options, _) = summary(datagram);
        if options[0].1 == b"bs" {
            bootstraps.push(bench.now);
            bench.receive(&respond(datagram, Code::CHANGED, &[], b""));
            bench.settle();
            assert_eq!(ask(&mut bench, Code::POST, "/bs"), "2.04");
        } else {
            bench.receive(&respond(datagram, Code(0x83), &[], b""));
        }
    }
    // Pauses of 1, 2, 4 ... seconds, and up to an eighth more.
    assert!((10..=13).contains(&bootstraps.len()), "{bootstraps:?}");
}
