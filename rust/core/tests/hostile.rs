// SPDX-License-Identifier: Apache-2.0
//! Bytes nobody meant: every entry that takes some ends with an answer or with none, never with a
//! panic, and the client goes on.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../../../tests/fuzz/src/attributes.rs"]
mod attributes;
#[path = "../../../tests/fuzz/src/blocks.rs"]
mod blocks;
#[path = "../../../tests/fuzz/src/engine.rs"]
mod engine;
#[path = "../../../tests/fuzz/src/pull.rs"]
mod pull;
mod support;
#[path = "../../../tests/fuzz/src/text.rs"]
mod text;

use lwm2m_core::coap::{Code, Message, MessageType};
use lwm2m_core::path::{MAX_ID, Path};
use lwm2m_core::uri::{DefaultPorts, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Bench, MemoryModel, message, request};

/// A valid request of some kind, as a basis for damage.
fn a_request() -> impl Strategy<Value = Vec<u8>> {
    let paths = prop::sample::select(vec![
        "/3/0/0",
        "/3/0",
        "/3",
        "/1/0/1",
        "/3/0/6/1",
        "/3303/0/5700",
        "/0/0/0",
        "/3/0/90",
        "/",
        "/0",
        "/1",
        "/0/1",
        "/bs",
        "/x",
    ]);
    let formats = prop::sample::select(vec![
        vec![],
        vec![40],
        vec![42],
        vec![112],
        vec![0x2d, 0x16],
    ]);
    let number = prop::sample::select(vec![1_u16, 4, 6, 7, 12, 15, 17, 23, 27, 60, 2000]);
    (
        1..8_u8,
        any::<u16>(),
        paths,
        formats,
        vec((number, vec(any::<u8>(), 0..6)), 0..4),
        vec(any::<u8>(), 0..40),
    )
        .prop_map(|(code, id, path, format, more, payload)| {
            let mut options: Vec<(u16, &[u8])> = vec![(12, &format), (17, &format)];
            options.extend(
                more.iter()
                    .map(|(number, value)| (*number, value.as_slice())),
            );
            request(Code(code), id, path, &options, &payload)
        })
}

/// The same, damaged in a few places.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (
        a_request(),
        vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(mut bytes, flips, cut, shorten)| {
            for (at, value) in flips {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            if shorten {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_a_message_or_an_error(bytes in vec(any::<u8>(), 0..80)) {
        if let Ok(message) = Message::parse(&bytes) {
            prop_assert!(message.options().count() <= bytes.len());
            prop_assert!(message.payload.len() < bytes.len());
        }
    }

    #[test]
    fn what_is_built_is_what_is_parsed(
        code in any::<u8>().prop_filter("not empty", |code| *code != 0),
        id in any::<u16>(),
        token in vec(any::<u8>(), 0..=8),
        mut options in vec((any::<u16>(), vec(any::<u8>(), 0..300)), 0..5),
        payload in vec(any::<u8>(), 0..50),
    ) {
        options.sort_by_key(|(number, _)| *number);
        let given: Vec<(u16, &[u8])> =
            options.iter().map(|(number, value)| (*number, value.as_slice())).collect();
        let bytes = message(MessageType::NonConfirmable, Code(code), id, &token, &given, &payload);
        let parsed = Message::parse(&bytes).unwrap();
        prop_assert_eq!((parsed.code, parsed.message_id), (Code(code), id));
        prop_assert_eq!(parsed.token.as_bytes(), token);
        prop_assert_eq!(parsed.options().collect::<Vec<_>>(), given);
        prop_assert_eq!(parsed.payload, payload);
    }

    #[test]
    fn a_client_survives_damaged_datagrams_and_still_answers(
        datagrams in vec(damaged(), 1..20),
    ) {
        let mut bench = Bench::registered(MemoryModel::standard());
        for datagram in &datagrams {
            bench.now += 100;
            if let Some(answer) = bench.receive(datagram) {
                prop_assert!(Message::parse(&answer).is_ok());
            }
            bench.settle();
        }
        bench.now += 300_000;
        bench.settle();
        // Nothing of the Security object has changed, and the Device still tells who made it.
        prop_assert_eq!(bench.model.get(0, 0, 0, 0), Some("coap://127.0.0.1:5683".into()));
        let read = request(Code::GET, 0xfffe, "/3/0/0", &[(17, &[])], b"");
        let answer = bench.receive(&read).unwrap();
        prop_assert_eq!(support::summary(&answer).0, "2.05");
    }

    #[test]
    fn a_client_that_is_bootstrapped_survives_damaged_datagrams_and_keeps_what_it_must(
        datagrams in vec(damaged(), 1..20),
    ) {
        let mut input = vec![];
        for datagram in &datagrams {
            input.extend_from_slice(&(datagram.len() as u16).to_be_bytes());
            input.extend_from_slice(datagram);
        }
        engine::bootstrap(&input);
    }

    #[test]
    fn a_fetching_survives_any_uri_and_any_answers(
        uri in "coap://h(/[a-z0-9%/]{0,40})?([?][a-f&=%]{0,20})?",
        answers in vec(
            (
                prop::sample::select(vec![0_u8, 0x45, 0x45, 0x45, 0x84, 0x44]),
                0..4_u8,
                0..8_u8,
                vec(any::<u8>(), 0..80),
            ),
            0..12,
        ),
    ) {
        let mut input = vec![uri.len() as u8];
        input.extend_from_slice(uri.as_bytes());
        for (code, number, flags, payload) in &answers {
            // Block2, mostly as it should be.
            let mut answer = vec![*code, 0xd1, 23 - 13, number << 4 | 8 | flags & 2, 0xff];
            answer.extend_from_slice(payload);
            answer.resize(answer.len().max(69).min(69 + usize::from(*flags)), 1);
            input.extend_from_slice(&(answer.len() as u16).to_be_bytes());
            input.extend_from_slice(&answer);
        }
        pull::fetch(&input);
    }

    #[test]
    fn a_path_is_the_text_it_was_written_as(ids in vec(0..MAX_ID, 0..=4)) {
        let text: String = ids.iter().map(|id| format!("/{id}")).collect();
        let path = Path::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(path.segments().collect::<Vec<_>>(), ids);
    }

    #[test]
    fn random_text_is_a_path_and_a_uri_or_an_error(text in vec(any::<u8>(), 0..40)) {
        let _ = Path::parse(&text);
        let uri = [b"coap://".as_slice(), &text].concat();
        if let Ok(uri) = Uri::parse(&uri, DefaultPorts::STANDARD) {
            prop_assert!(!uri.host.is_empty() && uri.port != 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn blocks_in_any_order_are_answered_and_give_their_buffers_back(
        messages in prop::collection::vec((any::<[u8; 5]>(), prop::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..24),
    ) {
        let mut input = vec![];
        for (mut head, mut payload, full) in messages {
            // Time goes by slowly, and most blocks are as long as they say.
            head[2] &= 0x7f;
            if full {
                payload.resize(16 << (head[4] & 3), b'A');
            }
            input.extend_from_slice(&head);
            input.push(payload.len() as u8);
            input.extend_from_slice(&payload);
        }
        blocks::blocks(&input);
    }
}

/// The corpus of the fuzz targets that do not read content, tests/fuzz/corpus, one folder per
/// target.
#[test]
fn the_corpus_is_answered_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/corpus");
    let replay = |folder: &str, target: fn(&[u8])| {
        let inputs: Vec<_> = std::fs::read_dir(format!("{corpus}/{folder}"))
            .unwrap()
            .collect();
        assert!(inputs.len() >= 6, "{folder}");
        for input in inputs {
            target(&std::fs::read(input.unwrap().path()).unwrap());
        }
    };
    replay("blocks", blocks::blocks);
    replay("engine", engine::converse);
    replay("bootstrap", engine::bootstrap);
    replay("pull", pull::fetch);
    replay("message", text::message);
    replay("path", text::path);
    replay("uri", text::uri);
    replay("arguments", text::arguments);
    replay("attributes", attributes::attributes);
}
