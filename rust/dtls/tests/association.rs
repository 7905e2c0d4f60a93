// SPDX-License-Identifier: Apache-2.0
//! A client and a server association, datagram by datagram, in virtual time.

use std::collections::VecDeque;
use std::time::Duration;

use lwm2m_dtls::{
    Association, CertificateFault, Credentials, Error, Issued, Order, Peer, Settings, issue, suite,
};

const KEY: Credentials<'_> = Credentials::PreSharedKey {
    identity: b"client",
    key: b"0123456789abcdef",
};
const PSK: &[i32] = &[suite::PSK_AES_128_CCM_8];
const ECDSA: &[i32] = &[suite::ECDHE_ECDSA_AES_128_CCM_8];
const TIMEOUTS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(8));
const VALID: (&str, &str) = ("20200101000000", "20491231235959");

fn settings<'a>(peer: Peer<'a>, credentials: Credentials<'a>, suites: &'a [i32]) -> Settings<'a> {
    Settings {
        peer,
        credentials,
        suites,
        connection_id: None,
        timeouts: TIMEOUTS,
    }
}

fn to_server(name: &str) -> Peer<'_> {
    Peer::Server { name, session: &[] }
}

const TO_CLIENT: Peer<'_> = Peer::Client {
    address: b"127.0.0.1:1",
};

/// Both sides and what is on its way between them.
struct Pair {
    now: u64,
    client: Association,
    server: Association,
    /// Datagrams for the server and for the client.
    on_their_way: [VecDeque<Vec<u8>>; 2],
    sent: usize,
}

impl Pair {
    fn new(client: &Settings<'_>, server: &Settings<'_>) -> Self {
        Self {
            now: 1000,
            client: Association::new(client).expect("client"),
            server: Association::new(server).expect("server"),
            on_their_way: Default::default(),
            sent: 0,
        }
    }

    fn with_key() -> Self {
        Self::new(
            &settings(to_server(""), KEY, PSK),
            &settings(TO_CLIENT, KEY, PSK),
        )
    }

    /// One side takes what is on its way to it; what it sends is lost if its number is among those.
    fn step(&mut self, server: bool, done: &mut Result<bool, Error>, lost: &[usize]) {
        let [to_server, to_client] = &mut self.on_their_way;
        let (side, inbox, outbox) = match server {
            true => (&mut self.server, to_server, to_client),
            false => (&mut self.client, to_client, to_server),
        };
        let datagram = inbox.pop_front().unwrap_or_default();
        let sent = &mut self.sent;
        let mut transmit = |datagram: &[u8]| {
            if !lost.contains(sent) {
                outbox.push_back(datagram.to_vec());
            }
            *sent += 1;
        };
        match *done {
            Ok(false) => *done = side.handshake(self.now, &datagram, &mut transmit),
            // The last flight is sent again for a peer that lost it.
            Ok(true) if !datagram.is_empty() => {
                let nothing = side.receive(self.now, &datagram, &mut [0; 16], &mut transmit);
                assert_eq!(nothing, Ok(None));
            }
            _ => {}
        }
    }

    /// The handshake over a network on which the datagrams of these numbers are lost; else the outcome
    /// for the client and for the server.
    fn handshake(&mut self, lost: &[usize]) -> Result<(), [Result<bool, Error>; 2]> {
        let (mut client, mut server) = (Ok(false), Ok(false));
        for _ in 0..200 {
            self.step(false, &mut client, lost);
            self.step(true, &mut server, lost);
            match (client, server) {
                (Ok(true), Ok(true)) => return Ok(()),
                (Err(_), _) => return Err([client, server]),
                _ => {}
            }
            if self.on_their_way.iter().all(VecDeque::is_empty) {
                let deadlines = [self.client.deadline(), self.server.deadline()];
                if let Some(next) = deadlines.into_iter().flatten().min() {
                    self.now = self.now.max(next);
                }
            }
        }
        panic!("the handshake does not end");
    }

    /// What the client sends as records.
    fn record(&mut self, data: &[u8]) -> Vec<u8> {
        let mut record = Vec::new();
        self.client
            .send(self.now, data, &mut |datagram| {
                record.extend_from_slice(datagram)
            })
            .expect("send");
        record
    }

    fn receive(&mut self, datagram: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut buffer = [0; 64];
        let length = self
            .server
            .receive(self.now, datagram, &mut buffer, &mut |_| {})?;
        Ok(length.map(|length| buffer[..length.min(64)].to_vec()))
    }
}

#[test]
fn application_data_arrives_with_a_pre_shared_key() {
    let mut pair = Pair::with_key();
    pair.handshake(&[]).expect("handshake");
    let record = pair.record(b"ping");
    assert!(!record.windows(4).any(|bytes| bytes == b"ping"));
    assert_eq!(pair.receive(&record), Ok(Some(b"ping".to_vec())));
}

#[test]
fn every_lost_datagram_of_a_handshake_is_sent_again() {
    let mut whole = Pair::with_key();
    whole.handshake(&[]).expect("handshake");
    for lost in 0..whole.sent {
        let mut pair = Pair::with_key();
        pair.handshake(&[lost]).expect("handshake");
    }
}

#[test]
fn a_peer_that_never_answers_times_out() {
    let mut pair = Pair::with_key();
    let lost: Vec<usize> = (0..100).collect();
    assert_eq!(
        pair.handshake(&lost),
        Err([Err(Error::TimedOut), Ok(false)])
    );
    // 1 + 2 + 4 + 8 seconds.
    assert_eq!(pair.now, 16_000);
    assert_eq!(pair.sent, 4);
}

#[test]
fn a_wrong_key_or_identity_is_refused() {
    let others: [Credentials<'_>; 2] = [
        Credentials::PreSharedKey {
            identity: b"client",
            key: b"another key 5678",
        },
        Credentials::PreSharedKey {
            identity: b"stranger",
            key: b"0123456789abcdef",
        },
    ];
    for other in others {
        let mut pair = Pair::new(
            &settings(to_server(""), other, PSK),
            &settings(TO_CLIENT, KEY, PSK),
        );
        let [client, _] = pair.handshake(&[]).expect_err("no handshake");
        assert_eq!(client, Err(Error::Alert), "{other:?}");
    }
}

/// RFC 4279 §5.3.
#[test]
fn the_longest_key_and_identity_work() {
    let longest = Credentials::PreSharedKey {
        identity: &[b'i'; 128],
        key: &[7; 64],
    };
    let mut pair = Pair::new(
        &settings(to_server(""), longest, PSK),
        &settings(TO_CLIENT, longest, PSK),
    );
    pair.handshake(&[]).expect("handshake");
}

#[test]
fn a_record_counts_once_and_unchanged() {
    let mut pair = Pair::with_key();
    pair.handshake(&[]).expect("handshake");
    let record = pair.record(b"once");
    for at in 0..record.len() {
        let mut other = record.clone();
        other[at] ^= 0x10;
        assert_eq!(pair.receive(&other), Ok(None), "byte {at} changed");
        assert_eq!(pair.receive(&record[..at]), Ok(None), "cut at {at}");
    }
    assert_eq!(pair.receive(&record), Ok(Some(b"once".to_vec())));
    assert_eq!(pair.receive(&record), Ok(None), "replayed");
    let later = [pair.record(b"1"), pair.record(b"2")];
    assert_eq!(pair.receive(&later[1]), Ok(Some(b"2".to_vec())));
    assert_eq!(pair.receive(&later[0]), Ok(Some(b"1".to_vec())), "late");
}

#[test]
fn records_that_came_in_one_datagram_are_told_apart() {
    let mut pair = Pair::with_key();
    pair.handshake(&[]).expect("handshake");
    let datagram = [pair.record(b"one"), pair.record(b"two")].concat();
    assert_eq!(pair.receive(&datagram), Ok(Some(b"one".to_vec())));
    assert!(pair.server.has_more());
    assert_eq!(pair.receive(&[]), Ok(Some(b"two".to_vec())));
    assert!(!pair.server.has_more());
}

#[test]
fn content_longer_than_the_buffer_tells_its_length_and_goes() {
    let mut pair = Pair::with_key();
    pair.handshake(&[]).expect("handshake");
    let long = pair.record(&[7; 1500]);
    let mut buffer = [0; 64];
    let length = pair.server.receive(0, &long, &mut buffer, &mut |_| {});
    assert_eq!((length, buffer), (Ok(Some(1500)), [7; 64]));
    let next = pair.record(b"next");
    assert_eq!(pair.receive(&next), Ok(Some(b"next".to_vec())));
}

#[test]
fn content_longer_than_a_record_is_not_sent() {
    let mut pair = Pair::with_key();
    pair.handshake(&[]).expect("handshake");
    let result = pair
        .client
        .send(0, &[0; 20_000], &mut |_| panic!("it was sent"));
    assert!(matches!(result, Err(Error::Unusable(_))), "{result:?}");
}

#[test]
fn closing_tells_the_peer() {
    let mut pair = Pair::with_key();
    pair.handshake(&[]).expect("handshake");
    let mut alert = Vec::new();
    pair.client
        .close(0, &mut |datagram| alert.extend_from_slice(datagram));
    assert_eq!(pair.receive(&alert), Err(Error::Closed));
}

#[test]
fn records_to_the_server_carry_its_connection_id() {
    let ids = |settings: Settings<'static>, length| Settings {
        connection_id: Some(length),
        ..settings
    };
    let mut pair = Pair::new(
        &ids(settings(to_server(""), KEY, PSK), 0),
        &ids(settings(TO_CLIENT, KEY, PSK), 6),
    );
    pair.handshake(&[]).expect("handshake");
    assert_eq!(pair.client.connection_id(), Some(6));
    assert_eq!(pair.server.connection_id(), Some(0));
    // tls12_cid, RFC 9146 §4.
    let record = pair.record(b"ping");
    assert_eq!(record[0], 25);
    assert_eq!(pair.receive(&record), Ok(Some(b"ping".to_vec())));

    let mut without = Pair::with_key();
    without.handshake(&[]).expect("handshake");
    assert_eq!(without.client.connection_id(), None);
    assert_eq!(without.record(b"ping")[0], 23);
}

/// A chain of trust and a stranger's.
struct Certificates {
    authority: Issued,
    foreign: Issued,
    server: Issued,
    expired: Issued,
    future: Issued,
    client: Issued,
    stranger: Issued,
}

fn certificates() -> Certificates {
    let order = |subject, name, authority, validity| Order {
        subject,
        name,
        authority,
        validity,
    };
    let make =
        |order: Order<'_>, issuer: Option<&Issued>| issue(&order, issuer).expect(order.subject);
    let authority = make(order("authority", "", true, VALID), None);
    let foreign = make(order("foreign", "", true, VALID), None);
    let name = "lwm2m.example";
    let over = ("20200101000000", "20210101000000");
    let to_come = ("20480101000000", "20490101000000");
    Certificates {
        server: make(order("server", name, false, VALID), Some(&authority)),
        expired: make(order("server", name, false, over), Some(&authority)),
        future: make(order("server", name, false, to_come), Some(&authority)),
        client: make(order("client", "", false, VALID), Some(&authority)),
        stranger: make(order("client", "", false, VALID), Some(&foreign)),
        authority,
        foreign,
    }
}

fn credentials<'a>(own: &'a Issued, authority: &'a Issued) -> Credentials<'a> {
    Credentials::Certificate {
        authority: &authority.certificate,
        certificate: &own.certificate,
        private_key: &own.private_key,
    }
}

#[test]
fn certificates_are_verified_on_both_sides() {
    let made = certificates();
    let own = credentials(&made.client, &made.authority);
    let run = |server: &Issued, name, own| {
        let mut pair = Pair::new(
            &settings(to_server(name), own, ECDSA),
            &settings(TO_CLIENT, credentials(server, &made.authority), ECDSA),
        );
        pair.handshake(&[])
    };
    let refused = |fault| Err(Error::Certificate(fault));
    assert_eq!(run(&made.server, "lwm2m.example", own), Ok(()));
    assert_eq!(run(&made.server, "", own), Ok(()));
    for (server, name, own, fault) in [
        (
            &made.expired,
            "lwm2m.example",
            own,
            CertificateFault::Expired,
        ),
        (
            &made.future,
            "lwm2m.example",
            own,
            CertificateFault::NotYetValid,
        ),
        (
            &made.server,
            "other.example",
            own,
            CertificateFault::OtherName,
        ),
        (
            &made.server,
            "lwm2m.example",
            credentials(&made.client, &made.foreign),
            CertificateFault::Untrusted,
        ),
    ] {
        let [client, _] = run(server, name, own).expect_err("no handshake");
        assert_eq!(client, refused(fault));
    }
    let stranger = credentials(&made.stranger, &made.authority);
    let [client, server] = run(&made.server, "lwm2m.example", stranger).expect_err("no handshake");
    assert_eq!(server, refused(CertificateFault::Untrusted));
    assert_eq!(client, Err(Error::Alert));
}

#[test]
fn a_certificate_may_be_trusted_itself_if_it_is_its_own_issuer() {
    let made = certificates();
    let own = Order {
        subject: "server",
        name: "lwm2m.example",
        authority: false,
        validity: VALID,
    };
    let lone = issue(&own, None).expect("certificate");
    for (server, expected) in [
        (&lone, Ok(())),
        (
            &made.server,
            Err(Error::Certificate(CertificateFault::Untrusted)),
        ),
    ] {
        let mut pair = Pair::new(
            &settings(
                to_server("lwm2m.example"),
                credentials(&made.client, server),
                ECDSA,
            ),
            &settings(TO_CLIENT, credentials(server, &made.authority), ECDSA),
        );
        let outcome = pair.handshake(&[]).map_err(|[client, _]| client);
        assert_eq!(outcome, expected.map_err(Err));
    }
}

#[test]
fn both_suites_of_the_specification_work_with_certificates() {
    let made = certificates();
    for suite in [
        suite::ECDHE_ECDSA_AES_128_CCM_8,
        suite::ECDHE_ECDSA_AES_128_GCM_SHA256,
    ] {
        let suites = [suite];
        let mut pair = Pair::new(
            &settings(
                to_server("lwm2m.example"),
                credentials(&made.client, &made.authority),
                &suites,
            ),
            &settings(
                TO_CLIENT,
                credentials(&made.server, &made.authority),
                &suites,
            ),
        );
        pair.handshake(&[]).expect("handshake");
        let record = pair.record(b"ping");
        assert_eq!(pair.receive(&record), Ok(Some(b"ping".to_vec())));
    }
}

#[test]
fn a_lossy_network_does_not_keep_certificates_from_arriving() {
    let made = certificates();
    for lost in 0..12 {
        let mut pair = Pair::new(
            &settings(
                to_server("lwm2m.example"),
                credentials(&made.client, &made.authority),
                ECDSA,
            ),
            &settings(TO_CLIENT, credentials(&made.server, &made.authority), ECDSA),
        );
        pair.handshake(&[lost, lost + 2]).expect("handshake");
    }
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused_at_once() {
    let made = certificates();
    let mixed = Credentials::Certificate {
        authority: &made.authority.certificate,
        certificate: &made.client.certificate,
        private_key: &made.server.private_key,
    };
    let result = Association::new(&settings(to_server(""), mixed, ECDSA));
    assert!(matches!(result, Err(Error::Unusable(_))), "{result:?}");
    let torn = Credentials::Certificate {
        authority: &made.authority.certificate[..100],
        certificate: &made.client.certificate,
        private_key: &made.client.private_key,
    };
    let result = Association::new(&settings(to_server(""), torn, ECDSA));
    assert!(matches!(result, Err(Error::Unusable(_))), "{result:?}");
}

#[test]
fn sides_without_a_suite_in_common_do_not_meet() {
    let made = certificates();
    let mut pair = Pair::new(
        &settings(to_server(""), KEY, PSK),
        &settings(TO_CLIENT, credentials(&made.server, &made.authority), ECDSA),
    );
    let [client, _] = pair.handshake(&[]).expect_err("no handshake");
    assert_eq!(client, Err(Error::Alert));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    /// Whatever comes besides, with whatever first bytes, a handshake completes and data arrives.
    #[test]
    fn datagrams_that_are_not_the_peers_disturb_nothing(
        strangers in proptest::collection::vec(
            proptest::collection::vec(proptest::prelude::any::<u8>(), 1..80), 1..8),
    ) {
        let mut pair = Pair::with_key();
        let mut ignored = |datagram: &[u8]| drop(datagram.to_vec());
        pair.handshake(&[]).expect("handshake");
        for stranger in &strangers {
            proptest::prop_assert_eq!(pair.receive(stranger), Ok(None));
            // As if it were a record of the association.
            let record = [&[23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 1, 0, 60][..], stranger].concat();
            let mut buffer = [0; 64];
            let outcome = pair.client.receive(0, &record, &mut buffer, &mut ignored);
            proptest::prop_assert_eq!(outcome, Ok(None));
        }
        let record = pair.record(b"ping");
        proptest::prop_assert_eq!(pair.receive(&record), Ok(Some(b"ping".to_vec())));
    }
}

#[test]
fn what_is_no_record_does_not_end_a_clients_handshake() {
    let mut pair = Pair::with_key();
    for stranger in [
        &b"no record at all"[..],
        &[22],
        &[0xff; 200],
        // A record of an epoch that has not begun.
        &[23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0],
    ] {
        pair.on_their_way[1].push_back(stranger.to_vec());
    }
    pair.handshake(&[]).expect("handshake");
}
