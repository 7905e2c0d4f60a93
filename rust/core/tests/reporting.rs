// SPDX-License-Identifier: Apache-2.0
//! Write-Attributes, Discover with attributes, Observe with conditions and Observe-Composite,
//! datagram in, datagram out; OMA-TS-LightweightM2M_Core-V1_1_1 §5.1.2, §6.3.2, §6.3.4, §6.4.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Code, Message};
use lwm2m_core::engine::Event;
use lwm2m_core::information_reporting::observation::ObserveEvent;
use lwm2m_core::model::DataModel;
use lwm2m_core::path::Path;
use lwm2m_core::value::DataType;
use proptest::prelude::*;
use support::*;

const TEXT: &[u8] = &[];
const JSON: &[u8] = &[110];
const LINKS: &[u8] = &[40];

/// A registered client and a server that counts its requests.
struct Server {
    bench: Bench,
    next: u16,
}

/// A notification.
#[derive(Debug, PartialEq)]
struct Notified {
    token: u8,
    sequence: u32,
    payload: String,
}

impl Server {
    fn new(model: MemoryModel) -> Self {
        Self {
            bench: Bench::registered(model),
            next: 1,
        }
    }

    fn ask(
        &mut self,
        code: Code,
        token: u8,
        path: &str,
        options: &[(u16, &[u8])],
        payload: &str,
    ) -> (String, String) {
        self.next += 1;
        let request = request_with(code, self.next, &[token], path, options, payload.as_bytes());
        let (code, _, payload) = summary(&self.bench.receive(&request).expect("an answer"));
        (code, String::from_utf8(payload).unwrap())
    }

    /// Write-Attributes with these queries, `&` between them.
    fn attributes(&mut self, path: &str, queries: &str) -> String {
        let options: Vec<(u16, &[u8])> = queries
            .split('&')
            .map(|query| (15, query.as_bytes()))
            .collect();
        self.ask(Code::PUT, 0, path, &options, "").0
    }

    fn discover(&mut self, path: &str) -> String {
        self.ask(Code::GET, 0, path, &[(17, LINKS)], "").1
    }

    fn observe(&mut self, path: &str, token: u8) -> (String, String) {
        self.ask(Code::GET, token, path, &[(6, b""), (17, TEXT)], "")
    }

    fn observe_composite(&mut self, paths: &[&str], token: u8, observe: &[u8]) -> (String, String) {
        let names: Vec<_> = paths
            .iter()
            .map(|path| format!(r#"{{"n":"{path}"}}"#))
            .collect();
        let payload = format!("[{}]", names.join(","));
        self.ask(
            Code::FETCH,
            token,
            "",
            &[(6, observe), (12, JSON)],
            &payload,
        )
    }

    /// Sets a value and has its observers told.
    fn set(&self, path: &str, value: Owned) {
        let path = Path::parse(path.as_bytes()).unwrap();
        let key = (path.object_id(), path.instance_id(), path.resource_id());
        let id = match path.resource_instance_id() {
            lwm2m_core::path::MAX_ID => 0,
            id => id,
        };
        self.bench.model.set(key, id, value);
        self.bench.shared.resource_changed(path);
    }

    fn float(&self, value: f64) {
        self.set("/3303/0/5700", Owned::Float(value));
    }

    /// What comes when nothing is asked: notifications, which are acknowledged, and events. Updates
    /// of the registration are answered.
    fn settle(&mut self) -> (Vec<Notified>, Vec<(ObserveEvent, String)>) {
        let (mut notified, mut events) = (vec![], vec![]);
        loop {
            let (done, _) = self.bench.settle();
            if done.is_empty() {
                return (notified, events);
            }
            for done in done {
                match done {
                    Done::Transmit(datagram) => {
                        let message = Message::parse(&datagram).unwrap();
                        if message.code.is_request() {
                            let answer = respond(&datagram, Code::CHANGED, &[], b"");
                            self.bench.receive(&answer);
                            continue;
                        }
                        let [high, low] = message.message_id.to_be_bytes();
                        let sequence = message.option(6).map_or(0, |value| {
                            value
                                .iter()
                                .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
                        });
                        notified.push(Notified {
                            token: message.token.as_bytes()[0],
                            sequence,
                            payload: if message.code == Code::CONTENT {
                                String::from_utf8(message.payload.to_vec()).unwrap()
                            } else {
                                format!("{}.{:02}", message.code.class(), message.code.detail())
                            },
                        });
                        self.bench.receive(&[0x60, 0, high, low]);
                    }
                    Done::Event(Event::Observe { event, path })
                        if event != ObserveEvent::NotifyAcknowledged =>
                    {
                        let ids: Vec<_> = path.segments().map(|id| format!("/{id}")).collect();
                        events.push((event, ids.concat()));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The payloads of the notifications that come now.
    fn notified(&mut self) -> Vec<String> {
        let (notified, _) = self.settle();
        notified.into_iter().map(|one| one.payload).collect()
    }

    fn wait(&mut self, seconds: u64) {
        self.bench.now += seconds * 1000;
    }
}

/// A device, a thermometer, and more of them to observe.
fn model() -> MemoryModel {
    MemoryModel::standard()
        .multiple(
            (3, 0, 7),
            "R",
            DataType::U16,
            3,
            [(0, 3800.into()), (1, 5000.into())],
        )
        .resource((3303, 0, 5701), "R", DataType::String, Some("Cel".into()))
        .resource(
            (3303, 1, 5700),
            "R",
            DataType::Float,
            Some(Owned::Float(1.0)),
        )
}

#[test]
fn write_attributes_sets_all_or_nothing_and_says_why_not() {
    let mut server = Server::new(model());
    for (path, queries, code, discovered) in [
        (
            "/3303/0/5700",
            "pmin=10&pmax=60",
            "2.04",
            ";pmin=10;pmax=60",
        ),
        (
            "/3303/0/5700",
            "gt=50.5&lt=-10&st=2",
            "2.04",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        // nothing of these is kept
        (
            "/3303/0/5700",
            "pmin=5&x=1",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        (
            "/3303/0/5700",
            "pmin=61",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        (
            "/3303/0/5700",
            "pmin=5&pmin=6",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        (
            "/3303/0/5700",
            "lt=50",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        (
            "/3303/0/5700",
            "st=31",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        (
            "/3303/0/5700",
            "gt=warm",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        (
            "/3303/0/5700",
            "pmin=",
            "4.00",
            ";pmin=10;pmax=60;gt=50.5;lt=-10;st=2",
        ),
        // taken away and set in one
        (
            "/3303/0/5700",
            "lt&st&pmin=0",
            "2.04",
            ";pmin=0;pmax=60;gt=50.5",
        ),
        ("/3303/0/5700", "pmin&pmax&gt&lt", "2.04", ""),
        ("/3303/0/5701", "pmin=1", "2.04", ";pmin=1"),
        ("/3303/0/5701", "gt=1", "4.00", ";pmin=1"),
        ("/3303/0/5701", "gt", "2.04", ";pmin=1"),
        (
            "/3303/0/5701",
            "epmin=1&epmax=20",
            "2.04",
            ";pmin=1;epmin=1;epmax=20",
        ),
        (
            "/3303/0/5701",
            "epmin=21",
            "4.00",
            ";pmin=1;epmin=1;epmax=20",
        ),
    ] {
        assert_eq!(server.attributes(path, queries), code, "{path}?{queries}");
        assert_eq!(
            server.discover(path),
            format!("<{path}>{discovered}"),
            "{path}?{queries}"
        );
    }
    for (path, queries, code) in [
        ("/3303/0", "pmin=1", "2.04"),
        ("/3303", "pmax=100", "2.04"),
        ("/3303/0", "gt=1", "4.00"),
        ("/3303", "st=1", "4.00"),
        ("/3/0/7", "gt=1", "2.04"),
        ("/3/0/7/1", "lt=1", "2.04"),
        ("/3/0/7/2", "lt=1", "4.04"),
        ("/3/0/6/1", "pmin=1", "2.04"),
        ("/3/0/0/1", "pmin=1", "4.04"),
        ("/3/0/4", "pmin=1", "4.05"),
        ("/3/0/99", "pmin=1", "4.04"),
        ("/3/1", "pmin=1", "4.04"),
        ("/9", "pmin=1", "4.04"),
        ("/0", "pmin=1", "4.01"),
        ("/", "pmin=1", "4.05"),
        // eight attributes are all there can be
        ("/1/0/1", "pmin=1&pmax=2", "5.03"),
        ("/1/0/1", "pmax=2", "5.03"),
        ("/3303", "pmax", "2.04"),
        ("/1/0/1", "pmax=2", "2.04"),
    ] {
        assert_eq!(server.attributes(path, queries), code, "{path}?{queries}");
    }
    assert_eq!(server.ask(Code::PUT, 0, "/3303/0", &[], "").0, "4.00");
}

#[test]
fn discover_shows_attributes_where_they_are_and_on_a_resource_what_it_inherits() {
    let mut server = Server::new(model());
    for (path, queries) in [
        ("/3303", "pmin=10"),
        ("/3303/0", "pmax=60"),
        ("/3303/0/5700", "gt=30"),
        ("/3/0/7", "pmin=5"),
        ("/3/0/7/1", "st=100"),
    ] {
        assert_eq!(server.attributes(path, queries), "2.04");
    }
    for (path, links) in [
        (
            "/3303",
            "</3303>;pmin=10,</3303/0>,</3303/0/5700>,</3303/0/5701>,</3303/1>,</3303/1/5700>",
        ),
        (
            "/3303/0",
            "</3303/0>;pmax=60,</3303/0/5700>;gt=30,</3303/0/5701>",
        ),
        ("/3303/0/5700", "</3303/0/5700>;pmin=10;pmax=60;gt=30"),
        ("/3303/0/5701", "</3303/0/5701>;pmin=10;pmax=60"),
        (
            "/3/0/7",
            "</3/0/7>;dim=2;pmin=5,</3/0/7/0>,</3/0/7/1>;st=100",
        ),
    ] {
        assert_eq!(server.discover(path), links);
    }
}

#[test]
fn a_value_is_notified_when_it_crosses_a_limit_or_makes_a_step() {
    let mut server = Server::new(model());
    assert_eq!(
        server.attributes("/3303/0/5700", "gt=30&lt=10&st=5"),
        "2.04"
    );
    assert_eq!(server.observe("/3303/0/5700", 1).1, "20.5");
    server.settle();
    for (value, notified) in [
        (22.0, None),
        (25.5, Some("25.5")), // a step
        (30.0, None),
        (30.5, Some("30.5")), // a step and above gt
        (31.0, None),
        (29.0, Some("29")), // back below gt
        (24.5, None),
        (24.0, Some("24")),
        (9.0, Some("9")),
        (10.5, Some("10.5")),
        (10.5, None),
    ] {
        server.float(value);
        assert_eq!(server.notified(), notified.as_slice(), "{value}");
    }
    assert_eq!(server.attributes("/3303/0/5700", "gt&lt&st"), "2.04");
    server.float(11.0);
    assert_eq!(server.notified(), ["11"], "no condition left");
}

#[test]
fn conditions_of_a_resource_hold_for_the_observers_above_it() {
    let mut server = Server::new(model());
    assert_eq!(server.attributes("/3303/0/5700", "gt=30"), "2.04");
    let (code, _) = server.ask(Code::GET, 1, "/3303", &[(6, b""), (17, JSON)], "");
    assert_eq!(code, "2.05");
    server.settle();
    server.float(25.0);
    assert_eq!(server.notified(), [""; 0]);
    server.set("/3303/0/5701", "K".into());
    assert_eq!(server.notified().len(), 1, "another resource");
    server.set("/3303/1/5700", Owned::Float(2.0));
    assert_eq!(server.notified().len(), 1, "the same of another instance");
    server.float(31.0);
    assert_eq!(server.notified().len(), 1);
}

#[test]
fn each_instance_of_a_resource_is_compared_with_what_was_told_of_it() {
    let mut server = Server::new(model());
    assert_eq!(server.attributes("/3/0/7", "st=100"), "2.04");
    let (code, _) = server.ask(Code::GET, 1, "/3/0/7", &[(6, b""), (17, JSON)], "");
    assert_eq!(code, "2.05");
    server.settle();
    for (path, value, notified) in [
        ("/3/0/7/0", 3899, false),
        ("/3/0/7/1", 5099, false),
        ("/3/0/7/1", 5100, true),
        ("/3/0/7/0", 3998, false), // that told 3899
        ("/3/0/7/0", 3999, true),
        ("/3/0/7/2", 1, true), // a third number is not remembered
        ("/3/0/7/2", 2, true),
    ] {
        server.set(path, value.into());
        assert_eq!(
            server.notified().len(),
            usize::from(notified),
            "{path} {value}"
        );
    }
}

#[test]
fn a_value_that_crossed_a_limit_waits_for_the_minimum_period_and_pmax_needs_no_reason() {
    let mut server = Server::new(model());
    let queries = "gt=30&pmin=10&pmax=60";
    assert_eq!(server.attributes("/3303/0/5700", queries), "2.04");
    server.observe("/3303/0/5700", 1);
    server.settle();
    server.float(31.0);
    assert_eq!(server.notified(), [""; 0]);
    // It has to be told, even when it is back meanwhile.
    server.float(20.0);
    server.wait(9);
    assert_eq!(server.notified(), [""; 0]);
    server.wait(1);
    assert_eq!(server.notified(), ["20"]);
    server.float(21.0);
    server.wait(59);
    assert_eq!(server.notified(), [""; 0]);
    server.wait(1);
    assert_eq!(server.notified(), ["21"]);
}

#[test]
fn evaluation_periods_say_when_a_value_is_looked_at() {
    let mut server = Server::new(model());
    let path = "/3303/0/5700";
    assert_eq!(server.attributes(path, "gt=30&epmin=5&epmax=20"), "2.04");
    server.observe(path, 1);
    server.settle();
    // Nobody says that the value changed: it is found when it is looked at.
    server
        .bench
        .model
        .set((3303, 0, 5700), 0, Owned::Float(35.0));
    server.wait(19);
    assert_eq!(server.notified(), [""; 0]);
    server.wait(1);
    assert_eq!(server.notified(), ["35"]);
    // A change is not looked at before the least period is over.
    server.float(20.0);
    server.wait(4);
    assert_eq!(server.notified(), [""; 0]);
    server.wait(1);
    assert_eq!(server.notified(), ["20"]);
    // Without limits any other value counts.
    assert_eq!(server.attributes(path, "gt"), "2.04");
    server
        .bench
        .model
        .set((3303, 0, 5700), 0, Owned::Float(20.25));
    server.wait(20);
    assert_eq!(server.notified(), ["20.25"]);
    server.wait(20);
    assert_eq!(server.notified(), [""; 0]);
}

#[test]
fn a_text_is_not_looked_at_before_its_evaluation_period_is_over() {
    let mut server = Server::new(model());
    let path = "/3/0/0";
    assert_eq!(server.attributes(path, "epmin=5&epmax=20"), "2.04");
    server.observe(path, 1);
    server.settle();
    server.set(path, "one".into());
    server.wait(4);
    assert_eq!(server.notified(), [""; 0]);
    server.set(path, "two".into());
    server.wait(1);
    assert_eq!(server.notified(), ["two"]);
    // Longer ago than the period: it is looked at at once.
    server.wait(6);
    server.set(path, "three".into());
    assert_eq!(server.notified(), ["three"]);
    // Nothing is told without a change.
    server.wait(20);
    assert_eq!(server.notified(), [""; 0]);
}

#[test]
fn the_default_periods_of_the_server_hold_and_follow_it() {
    let model = model()
        .resource((1, 0, 2), "RW", DataType::U32, Some(5.into()))
        .resource((1, 0, 3), "RW", DataType::U32, Some(50.into()));
    let mut server = Server::new(model);
    server.observe("/3303/0/5700", 1);
    server.settle();
    server.wait(49);
    assert_eq!(server.notified(), [""; 0]);
    server.wait(1);
    assert_eq!(server.notified(), ["20.5"]);
    server.float(1.0);
    assert_eq!(server.notified(), [""; 0]);
    server.set("/1/0/2", 0.into());
    assert_eq!(server.notified(), ["1"]);
    server.set("/1/0/3", 10.into());
    server.settle();
    server.wait(10);
    assert_eq!(server.notified(), ["1"]);
}

#[test]
fn a_composite_observation_notifies_of_all_its_paths_until_it_is_cancelled() {
    let mut server = Server::new(model());
    let paths = ["/3303/0/5700", "/3/0/0", "/9/0/0", "/3303/0"];
    let all = |value: &str| {
        format!(
            r#"[{{"bn":"/3/0/","n":"0","vs":"Acme"}},{{"bn":"/3303/0/","n":"5700","v":{value}}},{{"n":"5701","vs":"Cel"}}]"#
        )
    };
    assert_eq!(
        server.observe_composite(&paths, 7, b""),
        ("2.05".to_owned(), all("20.5"))
    );
    let each = |event| {
        ["/3/0/0", "/9/0/0", "/3303/0/5700", "/3303/0"]
            .map(|path| (event, path.to_owned()))
            .to_vec()
    };
    let mut events = server.settle().1;
    events.sort_by_key(|(_, path)| path.clone());
    let mut expected = each(ObserveEvent::Added);
    expected.sort_by_key(|(_, path)| path.clone());
    assert_eq!(events, expected);

    server.float(21.5);
    let (notified, _) = server.settle();
    let notification = Notified {
        token: 7,
        sequence: 2,
        payload: all("21.5"),
    };
    assert_eq!(notified, [notification]);
    // The request again, with another token: no second observation.
    let (code, _) = server.observe_composite(&paths, 8, b"");
    assert_eq!((code.as_str(), server.settle()), ("2.05", (vec![], vec![])));
    server.float(1.5);
    assert_eq!(server.settle().0[0].token, 8);
    // Observe 1 answers once more.
    let (code, _) = server.observe_composite(&paths, 8, &[1]);
    assert_eq!(code, "2.05");
    let (notified, events) = server.settle();
    assert_eq!((notified, events.len()), (vec![], 4));
    server.float(2.5);
    assert_eq!(server.notified(), [""; 0]);
}

#[test]
fn a_composite_observation_of_what_is_not_there_or_too_much_is_refused() {
    let mut server = Server::new(model());
    assert_eq!(server.observe_composite(&["/9"], 1, b"").0, "4.04");
    assert_eq!(server.observe_composite(&["/0"], 1, b"").0, "4.01");
    let five = ["/3/0/0", "/3/0/6", "/3/0/14", "/3303", "/1"];
    assert_eq!(server.observe_composite(&five, 1, b"").0, "2.05");
    assert_eq!(server.observe_composite(&five[..4], 2, b"").0, "5.03");
    assert_eq!(server.observe_composite(&five[..3], 3, b"").0, "2.05");
    assert_eq!(server.observe("/3/0/0", 4).0, "5.03");
}

#[test]
fn instances_that_come_and_go_are_told() {
    let mut server = Server::new(model());
    server.ask(Code::GET, 1, "/3303", &[(6, b""), (17, JSON)], "");
    server.observe_composite(&["/3303/1", "/3/0/0"], 2, b"");
    server.observe("/3303/1/5700", 3);
    server.settle();
    let delete = |server: &Server| {
        server.bench.model.delete(3303, 1).unwrap();
        let gone = Path::instance(3303, 1);
        server.bench.shared.instances_changed(gone, false);
    };
    delete(&server);
    let (mut notified, events) = server.settle();
    notified.sort_by_key(|notified| notified.token);
    let payloads: Vec<_> = notified
        .iter()
        .map(|notified| (notified.token, notified.payload.as_str()))
        .collect();
    assert_eq!(
        payloads,
        [
            (
                1,
                r#"[{"bn":"/3303/0/","n":"5700","v":20.5},{"n":"5701","vs":"Cel"}]"#
            ),
            (2, r#"[{"bn":"/3/0/","n":"0","vs":"Acme"}]"#),
            (3, "4.04"),
        ]
    );
    let mut removed: Vec<_> = events.into_iter().map(|(_, path)| path).collect();
    removed.sort();
    assert_eq!(removed, ["/3303/1", "/3303/1/5700"]);
    server.bench.model.create(3303, Some(1)).unwrap();
    server
        .bench
        .model
        .set((3303, 1, 5700), 0, Owned::Float(3.0));
    let created = Path::instance(3303, 1);
    server.bench.shared.instances_changed(created, true);
    let (notified, _) = server.settle();
    assert_eq!(notified.len(), 1);
    assert!(notified[0].payload.contains("/3303/1/"), "{notified:?}");
}

#[test]
fn a_value_that_changes_while_its_notification_is_written_is_told_again() {
    let mut server = Server::new(model());
    server.ask(Code::GET, 1, "/3303/0", &[(6, b""), (17, JSON)], "");
    server.settle();
    let shared = server.bench.shared;
    let times = std::cell::Cell::new(0);
    *server.bench.model.on_read.borrow_mut() = Some(Box::new(move |path| {
        // Reading the unit changes the temperature, which was read before it.
        if path.resource_id() == 5701 && times.replace(times.get() + 1) < 2 {
            shared.resource_changed(Path::resource(3303, 0, 5700));
        }
    }));
    server.float(1.0);
    assert_eq!(server.notified().len(), 3);
}

/// What happens to an observed value.
#[derive(Clone, Debug)]
enum Step {
    Set(i8),
    Wait(u8),
    Attributes(&'static str),
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to a value, its observer knows the last one as soon as the periods allow,
    /// or one that the conditions make as good.
    #[test]
    fn an_observer_never_misses_the_last_value(
        steps in proptest::collection::vec(
            prop_oneof![
                4 => any::<i8>().prop_map(Step::Set),
                2 => (0..9_u8).prop_map(Step::Wait),
                1 => prop_oneof![
                    Just("pmin=3"), Just("pmin"), Just("gt=20"), Just("gt"), Just("lt=-20"),
                    Just("lt"), Just("st=10"), Just("st"), Just("epmin=2"), Just("epmax=4"),
                ].prop_map(Step::Attributes),
            ],
            1..40,
        ),
        composite in any::<bool>(),
    ) {
        let mut server = Server::new(model());
        if composite {
            server.observe_composite(&["/3303/0", "/3/0/0"], 1, b"");
        } else {
            server.observe("/3303/0/5700", 1);
        }
        server.settle();
        let mut known = 20.5;
        let mut last = 20.5;
        let mut queries: Vec<(&str, f64)> = vec![];
        let learn = |known: &mut f64, notified: Vec<String>| {
            for payload in notified {
                let number = match payload.split(r#""v":"#).nth(1) {
                    Some(rest) => rest.split('}').next().unwrap().to_owned(),
                    None => payload,
                };
                *known = number.parse().unwrap();
            }
        };
        for step in &steps {
            match step {
                Step::Set(value) => {
                    last = f64::from(*value);
                    server.float(last);
                }
                Step::Wait(seconds) => server.wait(u64::from(*seconds)),
                Step::Attributes(query) => {
                    if server.attributes("/3303/0/5700", query) == "2.04" {
                        let (name, value) = query.split_once('=').unwrap_or((query, ""));
                        queries.retain(|(set, _)| *set != name);
                        if let Ok(value) = value.parse() {
                            queries.push((name, value));
                        }
                    }
                }
            }
            let notified = server.notified();
            learn(&mut known, notified);
        }
        server.wait(10);
        let notified = server.notified();
        learn(&mut known, notified);
        server.wait(10);
        let notified = server.notified();
        learn(&mut known, notified);
        let of = |name| queries.iter().find(|(set, _)| *set == name).map(|(_, value)| *value);
        let limits = [of("gt"), of("lt")];
        let side = |limit: Option<f64>, value: f64| limit.map(|limit| value > limit);
        let other_side = limits.iter().any(|limit| {
            limit.is_some_and(|limit| known != limit && last != limit)
                && side(*limit, known) != side(*limit, last)
        });
        let far = of("st").is_some_and(|step| (known - last).abs() >= step);
        if limits == [None, None] && of("st").is_none() {
            prop_assert_eq!(known, last, "{:?}", steps);
        } else {
            prop_assert!(!other_side && !far, "{} {} {:?}", known, last, steps);
        }
    }
}
