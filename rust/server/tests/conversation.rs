// SPDX-License-Identifier: Apache-2.0
//! The server against a client that is a socket and a script: every message of the script is
//! written out, none is made by the library under test.

use std::net::UdpSocket;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use coap_lite::{CoapOption, MessageType, Packet};
use lwm2m_server::{
    Client, Code, Config, Content, ContentFormat, Direction, Error, Event, Fate, Link,
    Notification, Observation, Path, Response, Server, Transmission, Value, WriteMode,
};

/// Long enough never to retransmit on a busy machine.
const PATIENT: Transmission = Transmission {
    ack_timeout: Duration::from_secs(10),
    ack_random_factor: 1.0,
    max_retransmit: 0,
    response_timeout: Duration::from_secs(10),
    exchange_lifetime: Duration::from_secs(60),
};

const IMPATIENT: Transmission = Transmission {
    ack_timeout: Duration::from_millis(600),
    max_retransmit: 2,
    ..PATIENT
};

/// CoAP message types as they stand in the header.
use MessageType::{Acknowledgement, Confirmable, NonConfirmable, Reset};

/// The client's side of the wire.
struct Script {
    socket: UdpSocket,
}

impl Script {
    fn new(server: &Server) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(server.address()).unwrap();
        Script { socket }
    }

    fn send(&self, datagram: &[u8]) {
        self.socket.send(datagram).unwrap();
    }

    /// Sends a message; options are numbers and values, in order.
    fn message(
        &self,
        (kind, code, mid): (MessageType, u8, u16),
        token: &[u8],
        options: &[(u16, &[u8])],
        payload: &[u8],
    ) {
        let mut packet = Packet::new();
        packet.header.set_type(kind);
        packet.header.code = code.into();
        packet.header.message_id = mid;
        packet.set_token(token.to_vec());
        for (number, value) in options {
            packet.add_option(CoapOption::from(*number), value.to_vec());
        }
        packet.payload = payload.to_vec();
        self.send(&packet.to_bytes().unwrap());
    }

    /// Answers a request on its acknowledgement.
    fn reply(&self, request: &Packet, code: u8, options: &[(u16, &[u8])], payload: &[u8]) {
        let head = (Acknowledgement, code, request.header.message_id);
        self.message(head, request.get_token(), options, payload);
    }

    fn datagram(&self) -> Option<Vec<u8>> {
        let mut buffer = [0; 2048];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(buffer[..length].to_vec())
    }

    fn receive(&self) -> Packet {
        self.socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        Packet::from_bytes(&self.datagram().expect("no datagram came")).unwrap()
    }

    fn expect_nothing(&self) {
        self.socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        assert_eq!(self.datagram(), None);
    }

    /// Registers as `script` with message id 1 and returns the location's identifier.
    fn register(&self) -> Vec<u8> {
        self.message((Confirmable, 0x02, 1), &[0xa1], REGISTER, LINKS);
        let answer = self.receive();
        assert_eq!(
            (answer.header.get_type(), u8::from(answer.header.code)),
            (Acknowledgement, 0x41)
        );
        assert_eq!(
            (answer.header.message_id, answer.get_token()),
            (1, &[0xa1][..])
        );
        let location: Vec<_> = answer
            .get_option(CoapOption::LocationPath)
            .unwrap()
            .iter()
            .collect();
        assert_eq!(location[0], b"rd");
        location[1].clone()
    }
}

const REGISTER: &[(u16, &[u8])] = &[
    (11, b"rd"),
    (12, &[40]),
    (15, b"lwm2m=1.1"),
    (15, b"ep=script"),
    (15, b"lt=60"),
    (15, b"b=U"),
];
const LINKS: &[u8] = b"</>;rt=\"oma.lwm2m\";ct=112,</1/0>,</3/0>;ver=1.1,</3303/0>";

#[test]
fn a_client_that_asks_for_a_bootstrap_is_reached_until_it_registers() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    script.message(
        (Confirmable, 0x02, 9),
        &[0xb1],
        &[(11, b"bs"), (15, b"ep=script"), (15, b"pct=112")],
        b"",
    );
    let answer = script.receive();
    let code = u8::from(answer.header.code);
    assert_eq!((code, answer.get_token()), (0x44, &[0xb1][..]));
    let asked = Event::BootstrapRequested("script".into());
    assert!(events.iter().any(|event| event == asked));

    let client = server.client("script");
    let deleting = thread::spawn(move || client.delete("/0"));
    let delete = script.receive();
    assert_eq!(u8::from(delete.header.code), 0x04);
    script.reply(&delete, 0x42, &[], b"");
    let deleted = deleting.join().unwrap().unwrap();
    assert_eq!(deleted.code, Code::DELETED);

    // Registered from another address it is reached there.
    let registered = Script::new(&server);
    registered.register();
    let client = server.client("script");
    let reading = thread::spawn(move || client.read("/3/0/0", ContentFormat::TEXT));
    let read = registered.receive();
    registered.reply(&read, 0x45, &[(12, &[])], b"Acme");
    assert_eq!(reading.join().unwrap().unwrap().code, Code::CONTENT);
    script.expect_nothing();
}

fn server() -> Server {
    server_with(PATIENT)
}

fn server_with(transmission: Transmission) -> Server {
    let config = Config {
        transmission,
        seed: 1,
        block_size: 64,
        ..Config::default()
    };
    Server::bind_with("127.0.0.1:0", config).unwrap()
}

/// Runs an operation while the script plays the client's part.
fn while_client<T: Send>(
    client: &Client,
    operation: impl FnOnce(&Client) -> T + Send,
    script: impl FnOnce(),
) -> T {
    thread::scope(|scope| {
        let outcome = scope.spawn(|| operation(client));
        script();
        outcome.join().unwrap()
    })
}

/// The next event that is no trace.
fn next(events: &Receiver<Event>) -> Event {
    loop {
        match events
            .recv_timeout(Duration::from_secs(5))
            .expect("no event came")
        {
            Event::Trace(_) => {}
            event => return event,
        }
    }
}

fn next_notification(events: &Receiver<Event>) -> Notification {
    match next(events) {
        Event::Notification(notification) => *notification,
        other => panic!("{other:?}"),
    }
}

fn head(packet: &Packet) -> (MessageType, u8, u16) {
    (
        packet.header.get_type(),
        packet.header.code.into(),
        packet.header.message_id,
    )
}

fn options(packet: &Packet) -> Vec<(u16, Vec<u8>)> {
    let each = |(number, values): (&u16, &std::collections::LinkedList<Vec<u8>>)| {
        let number = *number;
        values
            .clone()
            .into_iter()
            .map(move |value| (number, value))
            .collect::<Vec<_>>()
    };
    packet.options().flat_map(each).collect()
}

/// Observes /3303/0/5700 with CBOR; the script answers 20 with sequence number 1.
fn observe(script: &Script, client: &Client) -> (Response, Observation) {
    let response = while_client(
        client,
        |client| client.observe("/3303/0/5700", ContentFormat::CBOR).unwrap(),
        || {
            let request = script.receive();
            let expected: [(u16, &[u8]); 5] = [
                (6, &[]),
                (11, b"3303"),
                (11, b"0"),
                (11, b"5700"),
                (17, &[60]),
            ];
            assert_eq!(
                options(&request),
                expected.map(|(number, value)| (number, value.to_vec()))
            );
            script.reply(&request, 0x45, &[(6, &[1]), (12, &[60])], &[0x14]);
        },
    );
    let observation = response.observation.clone().unwrap();
    (response, observation)
}

#[test]
fn register_update_and_deregister_are_answered_and_told() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    let id = script.register();

    let Event::Registered(registration) = next(&events) else {
        panic!("not registered")
    };
    assert_eq!(registration.endpoint, "script");
    assert_eq!(registration.lifetime, Duration::from_secs(60));
    assert_eq!(
        (registration.version.as_str(), registration.binding.as_str()),
        ("1.1", "U")
    );
    assert_eq!(registration.peer, script.socket.local_addr().unwrap());
    let targets: Vec<&str> = registration
        .links
        .iter()
        .map(|link| link.target.as_str())
        .collect();
    assert_eq!(targets, ["/", "/1/0", "/3/0", "/3303/0"]);
    assert_eq!(server.registrations(), std::slice::from_ref(&registration));
    assert_eq!(server.wait_for("script", Duration::ZERO), Ok(registration));

    let at: &[(u16, &[u8])] = &[(11, b"rd"), (11, &id)];
    script.message(
        (Confirmable, 0x02, 2),
        &[2],
        &[at, &[(15, b"lt=90")]].concat(),
        b"",
    );
    assert_eq!(head(&script.receive()), (Acknowledgement, 0x44, 2));
    let Event::Updated(registration) = next(&events) else {
        panic!("not updated")
    };
    assert_eq!(
        (registration.lifetime.as_secs(), registration.links.len()),
        (90, 4)
    );

    script.message((Confirmable, 0x04, 3), &[3], at, b"");
    assert_eq!(head(&script.receive()), (Acknowledgement, 0x42, 3));
    assert!(matches!(next(&events), Event::Deregistered(_)));
    assert_eq!(server.registrations(), []);

    script.message((Confirmable, 0x02, 4), &[4], at, b"");
    assert_eq!(head(&script.receive()), (Acknowledgement, 0x84, 4));
    script.message((Confirmable, 0x04, 5), &[5], at, b"");
    assert_eq!(head(&script.receive()), (Acknowledgement, 0x84, 5));
}

#[test]
fn a_repeated_registration_gets_the_recorded_answer_and_happens_once() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    let first = script.register();
    let second = script.register();
    assert_eq!(first, second);
    assert!(matches!(next(&events), Event::Registered(_)));
    // A later event, so that none can be on its way.
    script.message(
        (Confirmable, 0x04, 2),
        &[2],
        &[(11, b"rd"), (11, &first)],
        b"",
    );
    assert!(matches!(next(&events), Event::Deregistered(_)));
}

#[test]
fn a_registration_in_blocks_is_put_together() {
    let server = server();
    let script = Script::new(&server);
    let mut blocks = LINKS.chunks(32).zip(0u8..).peekable();
    while let Some((part, number)) = blocks.next() {
        let more = blocks.peek().is_some();
        let block1 = [number << 4 | u8::from(more) << 3 | 1];
        let mut options = REGISTER.to_vec();
        options.push((27, &block1));
        script.message(
            (Confirmable, 0x02, number.into()),
            &[number],
            &options,
            part,
        );
        let answer = script.receive();
        let code = if more { 0x5f } else { 0x41 };
        assert_eq!(head(&answer), (Acknowledgement, code, number.into()));
        assert!(options_of(&answer, 27).iter().eq([&block1.to_vec()]));
    }
    assert_eq!(server.registrations()[0].links.len(), 4);
}

fn options_of(packet: &Packet, number: u16) -> Vec<Vec<u8>> {
    packet
        .get_option(CoapOption::from(number))
        .into_iter()
        .flatten()
        .cloned()
        .collect()
}

#[test]
fn what_the_server_does_not_offer_is_refused() {
    let server = server();
    let script = Script::new(&server);
    type Case<'a> = (u8, &'a [(u16, &'a [u8])], u8);
    let cases: &[Case] = &[
        (0x01, &[(11, b"rd")], 0x85),
        (0x03, &[(11, b"rd"), (11, b"1")], 0x85),
        // A Bootstrap-Request of nobody.
        (0x02, &[(11, b"bs")], 0x80),
        (0x02, &[(11, b"dp"), (12, &[112])], 0x84),
        (0x02, &[(11, b"rd"), (15, b"lwm2m=1.1"), (2049, b"")], 0x82),
    ];
    for ((code, options, answer), mid) in cases.iter().zip(1..) {
        script.message((Confirmable, *code, mid), &[9], options, b"");
        assert_eq!(head(&script.receive()), (Acknowledgement, *answer, mid));
    }
    script.message((NonConfirmable, 0x01, 99), &[9], &[(11, b"x")], b"");
    let answer = script.receive();
    assert_eq!(answer.header.get_type(), NonConfirmable);
    assert_eq!(
        (u8::from(answer.header.code), answer.get_token()),
        (0x84, &[9][..])
    );
}

#[test]
fn pings_and_malformed_confirmable_messages_are_reset() {
    let server = server();
    let script = Script::new(&server);
    script.send(&[0x40, 0x00, 0, 7]);
    assert_eq!(head(&script.receive()), (Reset, 0, 7));
    script.send(&[0x40, 0x01, 0, 8, 0xff]);
    assert_eq!(head(&script.receive()), (Reset, 0, 8));
    // Non-confirmable, of another version, too short: ignored.
    script.send(&[0x50, 0x01, 0, 9, 0xff]);
    script.send(&[0x80, 0x01, 0, 9]);
    script.send(&[0x40]);
    script.expect_nothing();
}

#[test]
fn each_operation_has_its_method_options_and_payload() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    let client = server.client("script");
    type Operation = fn(&Client) -> Result<Response, Error>;
    type Wire<'a> = (u8, &'a [(u16, &'a [u8])], &'a [u8]);
    let cases: &[(Operation, Wire)] = &[
        (
            |c| c.read("/3/0", ContentFormat::TLV),
            (1, &[(11, b"3"), (11, b"0"), (17, &[0x2d, 0x16])], b""),
        ),
        (|c| c.discover("/3"), (1, &[(11, b"3"), (17, &[40])], b"")),
        (
            |c| c.write_value("/3/0/14", "+02:00", ContentFormat::TEXT),
            (
                3,
                &[(11, b"3"), (11, b"0"), (11, b"14"), (12, &[])],
                b"+02:00",
            ),
        ),
        (
            |c| {
                let content = Content::single("/1/0/1", 60).unwrap();
                c.write("/1/0", &content, ContentFormat::TLV, WriteMode::Partial)
            },
            (
                2,
                &[(11, b"1"), (11, b"0"), (12, &[0x2d, 0x16])],
                &[0xc1, 0x01, 60],
            ),
        ),
        (
            |c| c.execute("/3/0/4", ""),
            (2, &[(11, b"3"), (11, b"0"), (11, b"4")], b""),
        ),
        (
            |c| c.execute("/3/0/4", "0='a'"),
            (
                2,
                &[(11, b"3"), (11, b"0"), (11, b"4"), (12, &[])],
                b"0='a'",
            ),
        ),
        (
            |c| {
                let content = Content::single("/3303/2/5701", "Cel").unwrap();
                c.create("/3303", &content, ContentFormat::TLV)
            },
            (
                2,
                &[(11, b"3303"), (12, &[0x2d, 0x16])],
                b"\x06\x02\xe3\x16\x45Cel",
            ),
        ),
        (
            |c| {
                let content = Content::single("/3303/0/5701", "Cel").unwrap();
                c.create_unnumbered("/3303", &content)
            },
            (2, &[(11, b"3303"), (12, &[0x2d, 0x16])], b"\xe3\x16\x45Cel"),
        ),
        (
            |c| c.delete("/3303/2"),
            (4, &[(11, b"3303"), (11, b"2")], b""),
        ),
        (
            |c| c.write_attributes("/3303/0/5700", &["pmin=1", "gt="]),
            (
                3,
                &[
                    (11, b"3303"),
                    (11, b"0"),
                    (11, b"5700"),
                    (15, b"pmin=1"),
                    (15, b"gt="),
                ],
                b"",
            ),
        ),
        (
            |c| c.read_composite(&["/3/0/9".parse::<Path>()?], ContentFormat::SENML_CBOR),
            (
                5,
                &[(12, &[112]), (17, &[112])],
                b"\x81\xa2\x21\x61/\x00\x653/0/9",
            ),
        ),
        (
            |c| {
                let content = Content::single("/3/0/14", "Z").unwrap();
                c.write_composite(&content, ContentFormat::SENML_CBOR)
            },
            (
                7,
                &[(12, &[112])],
                b"\x81\xa3\x21\x61/\x00\x663/0/14\x03\x61Z",
            ),
        ),
    ];
    for (operation, (code, expected, payload)) in cases {
        let response = while_client(&client, operation, || {
            let request = script.receive();
            assert_eq!(request.header.get_type(), Confirmable);
            assert_eq!(u8::from(request.header.code), *code);
            let owned: Vec<_> = expected
                .iter()
                .map(|(n, value)| (*n, value.to_vec()))
                .collect();
            assert_eq!(options(&request), owned);
            assert_eq!(request.payload, *payload);
            script.reply(&request, 0x85, &[], b"");
        });
        assert_eq!(
            response.unwrap().success(),
            Err(Error::Refused(Code::METHOD_NOT_ALLOWED))
        );
    }
}

#[test]
fn a_read_is_decoded_by_path_and_type() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    let response = while_client(
        &server.client("script"),
        |client| client.read("/3/0", ContentFormat::TLV).unwrap(),
        || {
            let request = script.receive();
            let payload = b"\xc3\x03\x31\x2e\x30\x86\x06\x41\x00\x01\x41\x01\x05";
            script.reply(&request, 0x45, &[(12, &[0x2d, 0x16])], payload);
        },
    );
    assert_eq!(
        (response.code, response.content_format),
        (Code::CONTENT, Some(ContentFormat::TLV))
    );
    assert_eq!(response.value("/3/0/3"), Some(&Value::String("1.0".into())));
    assert_eq!(
        response
            .content
            .unwrap()
            .describe(server.models())
            .to_string(),
        "/3/0/3 Firmware Version = \"1.0\"\n\
         /3/0/6/0 Available Power Sources = 1\n\
         /3/0/6/1 Available Power Sources = 5"
    );
}

#[test]
fn a_payload_that_cannot_be_decoded_is_handed_over_with_the_reason() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    let response = while_client(
        &server.client("script"),
        |client| client.read("/3/0/9", ContentFormat::CBOR).unwrap(),
        || script.reply(&script.receive(), 0x45, &[(12, &[60])], &[0x18]),
    );
    assert_eq!(response.payload, [0x18]);
    assert_eq!(
        response.content,
        Err(lwm2m_server::content::Error::Truncated)
    );
}

#[test]
fn a_separate_response_is_awaited_and_acknowledged() {
    let server = server_with(IMPATIENT);
    let script = Script::new(&server);
    script.register();
    let response = while_client(
        &server.client("script"),
        |client| client.read("/3/0/9", ContentFormat::TEXT).unwrap(),
        || {
            let request = script.receive();
            script.message(
                (Acknowledgement, 0, request.header.message_id),
                &[],
                &[],
                b"",
            );
            // Longer than the retransmission timeout.
            thread::sleep(IMPATIENT.ack_timeout * 2);
            for _ in 0..2 {
                let head_sent = (Confirmable, 0x45, 500);
                script.message(head_sent, request.get_token(), &[(12, &[])], b"42");
                assert_eq!(head(&script.receive()), (Acknowledgement, 0, 500));
            }
        },
    );
    assert_eq!(response.value("/3/0/9"), Some(&Value::Integer(42)));
    script.expect_nothing();
}

#[test]
fn an_unanswered_request_is_retransmitted_unchanged_and_then_given_up() {
    let server = server_with(IMPATIENT);
    let script = Script::new(&server);
    script.register();
    let outcome = while_client(
        &server.client("script"),
        |client| client.delete("/3303/0"),
        || {
            let first = script.receive();
            assert_eq!(script.receive(), first);
            assert_eq!(script.receive(), first);
        },
    );
    assert_eq!(outcome, Err(Error::Timeout));
    script.expect_nothing();
}

#[test]
fn an_answer_to_a_retransmission_completes_the_request() {
    let server = server_with(IMPATIENT);
    let script = Script::new(&server);
    script.register();
    let outcome = while_client(
        &server.client("script"),
        |client| client.execute("/3/0/4", ""),
        || {
            let _lost = script.receive();
            script.reply(&script.receive(), 0x44, &[], b"");
        },
    );
    assert_eq!(outcome.unwrap().code, Code::CHANGED);
}

#[test]
fn reset_and_absence_are_errors() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    let outcome = while_client(
        &server.client("script"),
        |client| client.read("/3/0", ContentFormat::TLV),
        || {
            script.message(
                (Reset, 0, script.receive().header.message_id),
                &[],
                &[],
                b"",
            )
        },
    );
    assert_eq!(outcome, Err(Error::Reset));
    let absent = server.client("nobody").delete("/3/0");
    assert_eq!(absent, Err(Error::NotRegistered("nobody".into())));
    let client = server.client("script");
    drop(server);
    assert_eq!(client.delete("/3/0"), Err(Error::Stopped));
}

#[test]
fn long_contents_go_and_come_in_blocks() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    let client = server.client("script");
    let package: Vec<u8> = (0..100).collect();

    let written = while_client(
        &client,
        |client| client.write_value("/5/0/0", package.clone(), ContentFormat::OPAQUE),
        || {
            let first = script.receive();
            assert_eq!(
                (first.payload.len(), options_of(&first, 27)),
                (64, vec![vec![0x0a]])
            );
            assert_eq!(options_of(&first, 60), [[100]]);
            script.reply(&first, 0x5f, &[(27, &[0x0a])], b"");
            let second = script.receive();
            assert_eq!(
                (second.payload.len(), options_of(&second, 27)),
                (36, vec![vec![0x12]])
            );
            script.reply(&second, 0x44, &[(27, &[0x12])], b"");
        },
    );
    assert_eq!(written.unwrap().code, Code::CHANGED);

    let read = while_client(
        &client,
        |client| client.read("/5/0/0", ContentFormat::OPAQUE),
        || {
            for (part, number) in package.chunks(64).zip(0u8..) {
                let request = script.receive();
                let asked = options_of(&request, 23);
                assert_eq!(
                    asked,
                    if number == 0 {
                        vec![]
                    } else {
                        vec![vec![0x12]]
                    }
                );
                let block2 = if number == 0 { [0x0a] } else { [0x12] };
                script.reply(&request, 0x45, &[(12, &[42]), (23, &block2)], part);
            }
        },
    );
    assert_eq!(read.unwrap().value("/5/0/0"), Some(&Value::Opaque(package)));
}

#[test]
fn notifications_are_acknowledged_once_and_told_in_order() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    script.register();
    assert!(matches!(next(&events), Event::Registered(_)));
    let (first, observation) = observe(&script, &server.client("script"));
    assert_eq!(first.value("/3303/0/5700"), Some(&Value::Float(20.0)));

    let notify = |mid, sequence, value| {
        let options: &[(u16, &[u8])] = &[(6, &[sequence]), (12, &[60])];
        script.message(
            (Confirmable, 0x45, mid),
            &observation.token,
            options,
            &[value],
        );
        assert_eq!(head(&script.receive()), (Acknowledgement, 0, mid));
    };
    // The second comes twice, the last has been overtaken.
    for (mid, sequence, value) in [(10, 2, 21), (11, 4, 23), (11, 4, 23), (12, 3, 22)] {
        notify(mid, sequence, value);
    }
    for (sequence, value, fresh) in [(2, 21.0, true), (4, 23.0, true), (3, 22.0, false)] {
        let told = next_notification(&events);
        assert_eq!((told.sequence, told.fresh), (Some(sequence), fresh));
        assert_eq!(
            told.response.value("/3303/0/5700"),
            Some(&Value::Float(value))
        );
        assert_eq!(told.observation, observation);
    }
}

#[test]
fn a_cancelled_observation_ends_and_later_notifications_are_reset() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    script.register();
    assert!(matches!(next(&events), Event::Registered(_)));
    let (_, observation) = observe(&script, &server.client("script"));
    let token = observation.token.clone();
    let notification: (&[(u16, &[u8])], &[u8]) = (&[(6, &[2]), (12, &[60])], &[0x15]);

    let response = while_client(
        &server.client("script"),
        |client| client.cancel_observation(&observation),
        || {
            let request = script.receive();
            assert_eq!(request.get_token(), token);
            assert_eq!(options_of(&request, 6), [[1]]);
            // A notification that crosses the cancellation is still one.
            script.message(
                (Confirmable, 0x45, 20),
                &token,
                notification.0,
                notification.1,
            );
            assert_eq!(head(&script.receive()), (Acknowledgement, 0, 20));
            script.reply(&request, 0x45, &[(12, &[60])], &[0x16]);
        },
    );
    assert_eq!(
        response.unwrap().value("/3303/0/5700"),
        Some(&Value::Float(22.0))
    );
    assert_eq!(next_notification(&events).sequence, Some(2));
    script.message(
        (Confirmable, 0x45, 21),
        &token,
        notification.0,
        notification.1,
    );
    assert_eq!(head(&script.receive()), (Reset, 0, 21));
}

#[test]
fn a_forgotten_observation_is_reset_at_its_next_notification() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    let client = server.client("script");
    let (_, observation) = observe(&script, &client);
    client.forget_observation(&observation);
    for kind in [Confirmable, NonConfirmable] {
        let mid = 30 + kind as u16;
        let options: &[(u16, &[u8])] = &[(6, &[2]), (12, &[60])];
        script.message((kind, 0x45, mid), &observation.token, options, &[0x15]);
        assert_eq!(head(&script.receive()), (Reset, 0, mid));
    }
}

#[test]
fn an_error_notification_ends_its_observation() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    script.register();
    assert!(matches!(next(&events), Event::Registered(_)));
    let (_, observation) = observe(&script, &server.client("script"));
    script.message((Confirmable, 0x84, 40), &observation.token, &[], b"");
    assert_eq!(head(&script.receive()), (Acknowledgement, 0, 40));
    let told = next_notification(&events);
    assert_eq!((told.sequence, told.response.code), (None, Code::NOT_FOUND));
    script.message((Confirmable, 0x84, 41), &observation.token, &[], b"");
    assert_eq!(head(&script.receive()), (Reset, 0, 41));
}

#[test]
fn send_is_decoded_and_told() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    script.register();
    assert!(matches!(next(&events), Event::Registered(_)));
    let payload = b"\x81\xa2\x00\x6c/3303/0/5700\x02\x18\x19";
    script.message(
        (Confirmable, 0x02, 50),
        &[5],
        &[(11, b"dp"), (12, &[112])],
        payload,
    );
    assert_eq!(head(&script.receive()), (Acknowledgement, 0x44, 50));
    let content = Content::single("/3303/0/5700", 25.0).unwrap();
    assert_eq!(
        next(&events),
        Event::Send {
            endpoint: "script".into(),
            content: Ok(content)
        }
    );
    script.message(
        (Confirmable, 0x02, 51),
        &[5],
        &[(11, b"dp"), (12, &[112])],
        &payload[1..],
    );
    assert_eq!(head(&script.receive()), (Acknowledgement, 0x80, 51));
}

#[test]
fn a_registration_expires() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    let query = [
        (11, &b"rd"[..]),
        (12, &[40]),
        (15, b"lwm2m=1.0"),
        (15, b"ep=brief"),
        (15, b"lt=0"),
    ];
    script.message((Confirmable, 0x02, 1), &[1], &query, LINKS);
    assert!(matches!(next(&events), Event::Registered(_)));
    let Event::Expired(registration) = next(&events) else {
        panic!("not expired")
    };
    assert_eq!(registration.endpoint, "brief");
}

#[test]
fn the_link_drops_doubles_and_delays_what_its_rule_says() {
    let server = server_with(IMPATIENT);
    let script = Script::new(&server);
    script.register();
    let client = server.client("script");
    let mut sent = 0;
    server.set_link(Link::new(move |direction, _| {
        sent += u32::from(direction == Direction::Sent);
        match (direction, sent) {
            (Direction::Sent, 1) => Fate::Dropped,
            (Direction::Sent, 2) => Fate::Duplicated,
            (Direction::Received, _) => Fate::Delayed(Duration::from_millis(5)),
            _ => Fate::Delivered,
        }
    }));
    let events = server.subscribe();
    let response = while_client(
        &client,
        |client| client.execute("/3/0/4", ""),
        || {
            let request = script.receive();
            assert_eq!(script.receive(), request);
            script.reply(&request, 0x44, &[], b"");
        },
    );
    assert_eq!(response.unwrap().code, Code::CHANGED);
    let fates: Vec<Fate> = events
        .try_iter()
        .filter_map(|event| match event {
            Event::Trace(entry) => Some(entry.fate),
            _ => None,
        })
        .collect();
    let delay = Fate::Delayed(Duration::from_millis(5));
    assert_eq!(fates, [Fate::Dropped, Fate::Duplicated, delay]);
}

#[test]
fn the_trace_tells_the_conversation() {
    let server = server();
    let events = server.subscribe();
    let script = Script::new(&server);
    let id = String::from_utf8(script.register()).unwrap();
    let (_, observation) = observe(&script, &server.client("script"));
    let token = observation
        .token
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let told: Vec<String> = events
        .try_iter()
        .filter_map(|event| match event {
            Event::Trace(entry) => Some(entry.to_string()),
            _ => None,
        })
        .collect();
    let mid = told[2].split_once("mid 0x").unwrap().1.split_at(4).0;
    let expected = [
        "← CON POST /rd?lwm2m=1.1&ep=script&lt=60&b=U ct=40 57 bytes [mid 0x0001 token a1]\
         \n    </>;rt=\"oma.lwm2m\";ct=112\n    </1/0> LwM2M Server\n    </3/0>;ver=1.1 Device\
         \n    </3303/0> Temperature"
            .to_owned(),
        format!("→ ACK 2.01 Created Location: /rd/{id} [mid 0x0001 token a1 for /rd]"),
        format!("→ CON GET /3303/0/5700 Observe: 0 Accept: 60 [mid 0x{mid} token {token}]"),
        format!(
            "← ACK 2.05 Content Observe: 1 ct=60 1 bytes [mid 0x{mid} token {token} \
             for /3303/0/5700]\n    /3303/0/5700 Sensor Value = 20"
        ),
    ];
    assert_eq!(told, expected);
}

#[test]
fn any_datagram_can_be_sent_to_a_client() {
    let server = server();
    let script = Script::new(&server);
    script.register();
    server.client("script").send_datagram(b"\x4f\x01").unwrap();
    assert_eq!(script.datagram().unwrap(), b"\x4f\x01");
}

#[test]
fn only_loopback_is_bound() {
    assert!(Server::bind("0.0.0.0:0").is_err());
    assert!(Server::bind("[::1]:0").is_ok());
}
