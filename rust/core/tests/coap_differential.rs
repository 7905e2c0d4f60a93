// SPDX-License-Identifier: Apache-2.0
//! The message format against coap-lite: what one writes the other reads, and what one accepts means
//! the same to the other.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod support;

use coap_lite::{CoapOption, MessageType as TheirType, Packet};
use lwm2m_core::coap::{Code, Message, MessageType};
use proptest::collection::vec;
use proptest::prelude::*;

/// A message as its parts.
#[derive(Debug, PartialEq)]
struct Parts {
    kind: u8,
    code: u8,
    message_id: u16,
    token: Vec<u8>,
    options: Vec<(u16, Vec<u8>)>,
    payload: Vec<u8>,
}

fn ours(bytes: &[u8]) -> Option<Parts> {
    let message = Message::parse(bytes).ok()?;
    let options = message.options();
    Some(Parts {
        kind: match message.kind {
            MessageType::Confirmable => 0,
            MessageType::NonConfirmable => 1,
            MessageType::Acknowledgement => 2,
            MessageType::Reset => 3,
        },
        code: message.code.0,
        message_id: message.message_id,
        token: message.token.as_bytes().to_vec(),
        options: options
            .map(|(number, value)| (number, value.to_vec()))
            .collect(),
        payload: message.payload.to_vec(),
    })
}

fn theirs(bytes: &[u8]) -> Option<Parts> {
    let packet = Packet::from_bytes(bytes).ok()?;
    let values = |(number, values): (&u16, &std::collections::LinkedList<Vec<u8>>)| {
        let number = *number;
        values
            .iter()
            .map(move |value| (number, value.clone()))
            .collect::<Vec<_>>()
    };
    Some(Parts {
        kind: match packet.header.get_type() {
            TheirType::Confirmable => 0,
            TheirType::NonConfirmable => 1,
            TheirType::Acknowledgement => 2,
            TheirType::Reset => 3,
        },
        code: packet.header.code.into(),
        message_id: packet.header.message_id,
        token: packet.get_token().to_vec(),
        options: packet.options().flat_map(values).collect(),
        payload: packet.payload,
    })
}

/// Token, options in order, payload.
type Body = (Vec<u8>, Vec<(u16, Vec<u8>)>, Vec<u8>);

fn a_body() -> impl Strategy<Value = Body> {
    let number = prop_oneof![0..70_u16, any::<u16>()];
    let options = vec((number, vec(any::<u8>(), 0..300)), 0..4);
    (vec(any::<u8>(), 0..=8), options, vec(any::<u8>(), 0..100)).prop_map(
        |(token, mut options, payload)| {
            options.sort_by_key(|(number, _)| *number);
            (token, options, payload)
        },
    )
}

proptest! {
    #[test]
    fn what_we_build_they_read(
        kind in 0..3_u8,
        code in 1..=255_u8,
        message_id: u16,
        (token, options, payload) in a_body(),
    ) {
        let given: Vec<(u16, &[u8])> =
            options.iter().map(|(number, value)| (*number, value.as_slice())).collect();
        let our_kind = [
            MessageType::Confirmable,
            MessageType::NonConfirmable,
            MessageType::Acknowledgement,
        ][usize::from(kind)];
        let bytes =
            support::message(our_kind, Code(code), message_id, &token, &given, &payload);
        prop_assert_eq!(
            theirs(&bytes),
            Some(Parts { kind, code, message_id, token, options, payload })
        );
    }

    #[test]
    fn what_they_build_we_read(
        code in 1..=255_u8,
        message_id: u16,
        (token, options, payload) in a_body(),
    ) {
        let mut packet = Packet::new();
        packet.header.set_type(TheirType::NonConfirmable);
        packet.header.code = code.into();
        packet.header.message_id = message_id;
        packet.set_token(token.clone());
        for (number, value) in &options {
            packet.add_option(CoapOption::from(*number), value.clone());
        }
        packet.payload.clone_from(&payload);
        // Theirs has a limit of its own, below what the options drawn may come to.
        let bytes = packet.to_bytes_with_limit(usize::MAX).unwrap();
        prop_assert_eq!(
            ours(&bytes),
            Some(Parts { kind: 1, code, message_id, token, options, payload })
        );
    }

    #[test]
    fn what_we_accept_means_the_same_to_them(
        mut bytes in vec(any::<u8>(), 4..60),
        token_length in 0..9_u8,
        kind in 0..4_u8,
    ) {
        bytes[0] = 0x40 | kind << 4 | token_length;
        if let Some(parts) = ours(&bytes) {
            prop_assert_eq!(theirs(&bytes), Some(parts));
        }
    }
}
