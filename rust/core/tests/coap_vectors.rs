// SPDX-License-Identifier: Apache-2.0
//! The specifications' exchanges (tests/vectors/coap), each message read and built byte for byte.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod support;

use lwm2m_core::coap::{Code, Message, MessageType};
use std::fs;

/// A message as its parts, and its bytes.
struct Vector {
    file: String,
    kind: MessageType,
    code: Code,
    message_id: u16,
    token: Vec<u8>,
    options: Vec<(u16, Vec<u8>)>,
    payload: Vec<u8>,
    bytes: Vec<u8>,
}

fn hex(text: &str) -> Vec<u8> {
    if text == "-" {
        return Vec::new();
    }
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// `message KIND CODE ID TOKEN`
fn begin(file: &str, text: &str) -> Vector {
    let [kind, code, id, token] = text.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{file}: {text}");
    };
    let (class, detail) = code.split_once('.').unwrap();
    let (class, detail): (u8, u8) = (class.parse().unwrap(), detail.parse().unwrap());
    Vector {
        file: file.to_owned(),
        kind: match kind {
            "con" => MessageType::Confirmable,
            "non" => MessageType::NonConfirmable,
            "ack" => MessageType::Acknowledgement,
            _ => MessageType::Reset,
        },
        code: Code(class << 5 | detail),
        message_id: u16::from_str_radix(id, 16).unwrap(),
        token: hex(token),
        options: Vec::new(),
        payload: Vec::new(),
        bytes: Vec::new(),
    }
}

fn vectors() -> Vec<Vector> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/coap");
    let mut vectors: Vec<Vector> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.display().to_string();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let (key, rest) = line.split_once(' ').unwrap();
            if key == "message" {
                vectors.push(begin(&file, rest));
            }
            let last = vectors.last_mut();
            match (key, last) {
                ("#" | "message", _) => {}
                ("option", Some(vector)) => {
                    let (number, value) = rest.split_once(' ').unwrap();
                    vector.options.push((number.parse().unwrap(), hex(value)));
                }
                ("payload", Some(vector)) => vector.payload = rest.as_bytes().to_vec(),
                ("hex", Some(vector)) => vector.bytes.extend(hex(rest)),
                _ => panic!("{file}: {line}"),
            }
        }
    }
    assert_eq!(vectors.len(), 27);
    vectors
}

#[test]
fn the_examples_are_read() {
    for vector in vectors() {
        let message = Message::parse(&vector.bytes).unwrap();
        assert_eq!(message.kind, vector.kind, "{}", vector.file);
        assert_eq!(message.code, vector.code, "{}", vector.file);
        assert_eq!(message.message_id, vector.message_id, "{}", vector.file);
        assert_eq!(message.token.as_bytes(), vector.token, "{}", vector.file);
        let options: Vec<_> = message
            .options()
            .map(|(number, value)| (number, value.to_vec()))
            .collect();
        assert_eq!(options, vector.options, "{}", vector.file);
        assert_eq!(message.payload, vector.payload, "{}", vector.file);
    }
}

#[test]
fn the_examples_are_built() {
    for vector in vectors() {
        let options: Vec<(u16, &[u8])> = vector
            .options
            .iter()
            .map(|(number, value)| (*number, value.as_slice()))
            .collect();
        let built = support::message(
            vector.kind,
            vector.code,
            vector.message_id,
            &vector.token,
            &options,
            &vector.payload,
        );
        assert_eq!(built, vector.bytes, "{}", vector.file);
    }
}
