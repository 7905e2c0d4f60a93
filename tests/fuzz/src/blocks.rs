// SPDX-License-Identifier: Apache-2.0
//! Block-wise transfer, RFC 7959: a client is sent and asked for blocks in any order, and must keep
//! to what the options say, deliver every value without gap, and give every buffer back.

use lwm2m_core::coap::{Block, BlockSize, Code, Message, option};
use lwm2m_core::value::DataType;

use crate::support::{Bench, MAX_MESSAGE, MemoryModel, Owned, TRANSFERS, request, summary};

const PATHS: [&str; 8] = [
    "/3/0/14", "/19/0/0", "/19/0", "/40", "/3/0/4", "/3", "/40/1/1", "",
];
const METHODS: [Code; 6] = [
    Code::PUT,
    Code::POST,
    Code::GET,
    Code::FETCH,
    Code::IPATCH,
    Code::DELETE,
];
const FORMATS: [&[u8]; 8] = [
    &[],
    &[42],
    &[60],
    &[110],
    &[112],
    &[0x2d, 0x16],
    &[0x2d, 0x17],
    &[40],
];

fn model() -> MemoryModel {
    let mut model = MemoryModel::standard().resource(
        (19, 0, 0),
        "RW",
        DataType::Opaque,
        Some(Owned::Opaque(vec![1; 40])),
    );
    for instance in 0..12 {
        let text = "\"text\n".repeat(usize::from(instance) * 20);
        model = model
            .resource((40, instance, 0), "R", DataType::S32, Some(7.into()))
            .resource(
                (40, instance, 1),
                "R",
                DataType::String,
                Some(text.as_str().into()),
            );
    }
    model
}

/// An input is a sequence of messages, each behind six bytes: method and path, format, the time that
/// goes by and what options there are, the block's number, its size and whether more follow, and
/// the length of the payload.
pub fn blocks(mut input: &[u8]) {
    let mut bench = Bench::registered(model());
    let mut id = 0_u16;
    while let Some((&[what, format, how, number, size, length], rest)) = input.split_first_chunk() {
        let (payload, rest) = rest.split_at(usize::from(length).min(rest.len()));
        input = rest;
        id += u16::from(how & 8 == 0);
        bench.now += 1 << (how >> 4);
        let path = PATHS[usize::from(what) % PATHS.len()];
        let code = METHODS[usize::from(what / 8) % METHODS.len()];
        let block = Block {
            number: u32::from(number),
            more: size & 8 != 0,
            size: BlockSize::within(16 << (size & 3)),
        };
        let value = block.value().to_be_bytes();
        let value = &value[(block.value().leading_zeros() / 8) as usize..];
        let format = FORMATS[usize::from(format) % FORMATS.len()];
        let mut options = vec![(option::CONTENT_FORMAT, format), (option::ACCEPT, format)];
        if how & 1 != 0 {
            options.push((option::BLOCK1, value));
        }
        if how & 2 != 0 {
            options.push((option::BLOCK2, value));
        }
        if how & 4 != 0 {
            options.push((option::SIZE1, &[2, 0]));
        }
        let answer = bench.receive(&request(code, id, path, &options, payload));
        judge(&answer.expect("an answer"));
        bench.settle();
    }
    every_buffer_is_back(bench, id);
}

fn judge(answer: &[u8]) {
    assert!(answer.len() <= MAX_MESSAGE);
    let answer = Message::parse(answer).expect("an answer is a message");
    let Some(value) = answer.option(option::BLOCK2) else {
        return;
    };
    let block = Block::parse(value).expect("a block");
    assert_eq!(answer.code, Code::CONTENT);
    assert!(answer.payload.len() <= block.size.bytes() && !answer.payload.is_empty());
    assert!(!block.more || answer.payload.len() == block.size.bytes());
}

/// Once all transfers have been given up, as many begin as there can be.
fn every_buffer_is_back(mut bench: Bench, id: u16) {
    bench.now += 300_000;
    bench.settle();
    for (path, id) in ["/3", "/40"].iter().take(TRANSFERS).zip(id + 1..) {
        let block = [0x08];
        let options = [
            (option::CONTENT_FORMAT, &[110][..]),
            (option::BLOCK1, &block[..]),
        ];
        let answer = bench.receive(&request(Code::POST, id, path, &options, &[b' '; 16]));
        assert_eq!(summary(&answer.expect("an answer")).0, "2.31");
    }
}
