// SPDX-License-Identifier: Apache-2.0
//! Block-wise transfer as a whole, datagram in, datagram out, RFC 7959.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use lwm2m_core::coap::{Block, BlockSize, Code, Message, option};
use lwm2m_core::content::{ContentFormat, Records};
use lwm2m_core::path::Path;
use lwm2m_core::value::DataType;
use support::*;

const TEXT: u16 = 0;
const LINKS: u16 = 40;
const OPAQUE: u16 = 42;
const CBOR: u16 = 60;
const SENML_JSON: u16 = 110;
const SENML_CBOR: u16 = 112;
const TLV: u16 = 11542;
const JSON: u16 = 11543;

fn uint(value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    bytes[(value.leading_zeros() / 8) as usize..].to_vec()
}

fn block(number: u32, more: bool, size: usize) -> Vec<u8> {
    let size = BlockSize::within(size);
    uint(Block { number, more, size }.value())
}

/// A package: bytes that differ from block to block.
fn package(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251) as u8).collect()
}

/// The number, whether more follow, and the size of a block option.
fn block_of(answer: &[u8], number: u16) -> Option<(u32, bool, usize)> {
    let message = Message::parse(answer).unwrap();
    let block = Block::parse(message.option(number)?).unwrap();
    Some((block.number, block.more, block.size.bytes()))
}

/// A client with an object of one opaque and one string resource that can be written and read, and a
/// multiple opaque one.
fn model() -> MemoryModel {
    MemoryModel::standard()
        .resource(
            (19, 0, 0),
            "RW",
            DataType::Opaque,
            Some(Owned::Opaque(vec![])),
        )
        .resource((19, 0, 1), "RW", DataType::U16, Some(0.into()))
        .resource((19, 0, 2), "RW", DataType::String, Some("".into()))
        .multiple(
            (19, 0, 3),
            "RW",
            DataType::Opaque,
            2,
            [(0, Owned::Opaque(vec![]))],
        )
}

/// Blocks of a request, each a message of its own.
struct Upload<'b> {
    bench: &'b mut Bench,
    code: Code,
    path: &'static str,
    format: u16,
    size: usize,
    whole: Option<usize>,
    next_id: u16,
    token: u8,
}

impl<'b> Upload<'b> {
    fn new(bench: &'b mut Bench, path: &'static str, format: u16, size: usize) -> Self {
        let next_id = bench.next_id();
        Upload {
            bench,
            code: Code::PUT,
            path,
            format,
            size,
            whole: None,
            next_id,
            token: 0xaa,
        }
    }

    fn message(&mut self, body: &[u8], number: usize) -> Vec<u8> {
        let start = number * self.size;
        let end = body.len().min(start + self.size);
        let more = end < body.len();
        let format = uint(u32::from(self.format));
        let block = block(number as u32, more, self.size);
        let whole = self.whole.map(|whole| uint(whole as u32));
        let mut options: Vec<(u16, &[u8])> =
            vec![(option::CONTENT_FORMAT, &format), (option::BLOCK1, &block)];
        if let Some(whole) = whole.as_ref().filter(|_| number == 0) {
            options.push((option::SIZE1, whole));
        }
        let mut message = request(
            self.code,
            self.next_id,
            self.path,
            &options,
            &body[start..end],
        );
        message[4] = self.token;
        self.next_id += 1;
        message
    }

    fn send(&mut self, body: &[u8], number: usize) -> Vec<u8> {
        let message = self.message(body, number);
        let answer = self.bench.receive(&message).expect("an answer");
        assert_eq!(
            Message::parse(&answer).unwrap().token.as_bytes(),
            [self.token]
        );
        answer
    }

    /// Sends all blocks; returns the codes and the last answer.
    fn all(&mut self, body: &[u8]) -> (Vec<String>, Vec<u8>) {
        let mut codes = vec![];
        let count = body.len().div_ceil(self.size).max(1);
        let mut answer = vec![];
        for number in 0..count {
            answer = self.send(body, number);
            codes.push(summary(&answer).0);
        }
        (codes, answer)
    }
}

/// What all blocks but the last, and the last, are answered.
fn assert_taken((codes, answer): &(Vec<String>, Vec<u8>), last: &str) {
    let (end, others) = codes.split_last().unwrap();
    assert!(others.iter().all(|code| code == "2.31"), "{codes:?}");
    assert_eq!(end, last);
    let number = others.len() as u32;
    let (answered, more, _) = block_of(answer, option::BLOCK1).unwrap();
    assert_eq!((answered, more), (number, false));
}

fn base64(bytes: &[u8], url: bool) -> String {
    let digits = if url { b"-_" } else { b"+/" };
    let mut alphabet: Vec<u8> = (b'A'..=b'Z')
        .chain(b'a'..=b'z')
        .chain(b'0'..=b'9')
        .collect();
    alphabet.extend_from_slice(digits);
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .chain([0; 3].iter())
            .take(3)
            .fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        for digit in 0..=group.len() {
            text.push(alphabet[(bits >> (18 - 6 * digit)) as usize & 63].into());
        }
        if !url {
            text.extend(std::iter::repeat_n('=', 3 - group.len()));
        }
    }
    text
}

/// Every form in which a package can be pushed, with the path and format of its request.
fn forms(package: &[u8]) -> Vec<(&'static str, u16, Vec<u8>)> {
    let length = (package.len() as u32).to_be_bytes();
    let tlv = |kind: u8, id: u8, content: &[u8]| {
        let length = (content.len() as u32).to_be_bytes();
        [&[kind | 0x18, id], &length[1..], content].concat()
    };
    let cbor = |major: u8| [&[(major << 5) | 26], &length[..], package].concat();
    vec![
        ("/19/0/0", OPAQUE, package.to_vec()),
        ("/19/0/0", TEXT, base64(package, false).into_bytes()),
        ("/19/0/0", CBOR, cbor(2)),
        ("/19/0/0", TLV, tlv(0xc0, 0, package)),
        ("/19/0", TLV, tlv(0xc0, 0, package)),
        ("/19/0", TLV, tlv(0x00, 0, &tlv(0xc0, 0, package))),
        (
            "/19/0/0",
            SENML_CBOR,
            [&b"\x81\xa2\x21\x67/19/0/0\x08"[..], &cbor(2)].concat(),
        ),
        (
            "/19/0",
            SENML_CBOR,
            [
                &b"\x9f\xbf\x21\x66/19/0/\x00\x610\x08"[..],
                &cbor(2),
                b"\xff\xff",
            ]
            .concat(),
        ),
        (
            "/19/0/0",
            SENML_JSON,
            format!(
                "[{{\"bn\":\"/19/0/\", \"n\":\"0\",\"vd\":\"{}\"}} ]\n",
                base64(package, true)
            )
            .into_bytes(),
        ),
        (
            "/19/0",
            JSON,
            format!(
                "{{\"bn\":\"/19/0/\",\"e\":[{{\"n\":\"0\",\"sv\":\"{}\"}}]}}",
                base64(package, false).replace('/', "\\/")
            )
            .into_bytes(),
        ),
    ]
}

#[test]
fn a_package_is_pushed_in_every_form_without_a_buffer() {
    for length in [700, 5000, 100_000] {
        let package = package(length);
        for (path, format, body) in forms(&package) {
            for size in [16, 64, 256] {
                if length > 5000 && size < 256 {
                    continue;
                }
                let mut bench = Bench::registered(model());
                let mut upload = Upload::new(&mut bench, path, format, size);
                upload.whole = (path == "/19/0").then_some(body.len());
                if size == 16
                    && format != OPAQUE
                    && format != TEXT
                    && format != TLV
                    && format != CBOR
                {
                    // What comes before the value fills the first block: put together instead.
                    continue;
                }
                let taken = upload.all(&body);
                assert_taken(&taken, "2.04");
                assert_eq!(
                    bench.model.get(19, 0, 0, 0),
                    Some(Owned::Opaque(package.clone())),
                    "{path} {format} {size} {length}"
                );
                let fragments = bench.model.fragments.borrow();
                assert!(
                    fragments.len() >= length / size / 2,
                    "delivered as it comes"
                );
                assert!(fragments.iter().rev().skip(1).all(|fragment| !fragment.3));
                assert!(fragments.last().unwrap().3);
                // What the format itself tells of the length, for none is told otherwise.
                let total = match format {
                    TLV | CBOR | SENML_CBOR => length,
                    _ => 0,
                };
                assert!(fragments.iter().all(|fragment| fragment.2 == total));
            }
        }
    }
}

#[test]
fn a_string_in_blocks_is_judged_across_them() {
    let mut bench = Bench::registered(model());
    // A character of three bytes crosses the end of the first block.
    let text = format!("{}\u{20ac}{}", "x".repeat(63), "y".repeat(70));
    let taken = Upload::new(&mut bench, "/19/0/2", TEXT, 64).all(text.as_bytes());
    assert_taken(&taken, "2.04");
    assert_eq!(bench.model.get(19, 0, 2, 0), Some(text.as_str().into()));
    let mut broken = text.into_bytes();
    broken[64] = b'z';
    let (codes, _) = Upload::new(&mut bench, "/19/0/2", TEXT, 64).all(&broken);
    assert_eq!(codes, ["2.31", "4.00", "4.08"]);
}

#[test]
fn a_block_that_comes_again_is_answered_and_not_delivered_again() {
    let mut bench = Bench::registered(model());
    let body = package(40);
    let mut upload = Upload::new(&mut bench, "/19/0/0", OPAQUE, 16);
    upload.whole = Some(40);
    let first = upload.message(&body, 0);
    let answer = upload.bench.receive(&first).unwrap();
    assert_eq!(
        upload.bench.receive(&first),
        Some(answer.clone()),
        "the same message"
    );
    // Another message with the same block, as a peer sends that lost the answer for good.
    for _ in 0..2 {
        let answer = upload.send(&body, 1);
        assert_eq!(summary(&answer).0, "2.31");
        assert_eq!(block_of(&answer, option::BLOCK1), Some((1, true, 16)));
    }
    let last = upload.message(&body, 2);
    let answer = upload.bench.receive(&last).unwrap();
    assert_eq!(summary(&answer).0, "2.04");
    assert_eq!(upload.bench.receive(&last), Some(answer));
    assert_eq!(
        *bench.model.fragments.borrow(),
        [(0, 16, 40, false), (16, 16, 40, false), (32, 8, 40, true)]
    );
}

#[test]
fn a_restarted_upload_begins_again_at_block_zero() {
    let mut bench = Bench::registered(model());
    let (old, new) = (package(64), vec![7; 40]);
    let mut upload = Upload::new(&mut bench, "/19/0/0", OPAQUE, 16);
    upload.send(&old, 0);
    upload.send(&old, 1);
    let taken = upload.all(&new);
    assert_taken(&taken, "2.04");
    assert_eq!(bench.model.get(19, 0, 0, 0), Some(Owned::Opaque(new)));
}

#[test]
fn a_gap_is_refused_and_the_missing_block_may_follow() {
    let mut bench = Bench::registered(model());
    let body = package(64);
    let mut upload = Upload::new(&mut bench, "/19/0/0", OPAQUE, 16);
    assert_eq!(
        summary(&upload.send(&body, 1)).0,
        "4.08",
        "nothing was begun"
    );
    upload.send(&body, 0);
    assert_eq!(summary(&upload.send(&body, 2)).0, "4.08");
    for (number, code) in [(1, "2.31"), (2, "2.31"), (3, "2.04")] {
        upload.token = number as u8;
        assert_eq!(summary(&upload.send(&body, number)).0, code);
    }
    assert_eq!(summary(&upload.send(&body, 3)).0, "4.08", "it is over");
    assert_eq!(bench.model.get(19, 0, 0, 0), Some(Owned::Opaque(body)));
}

#[test]
fn a_peer_is_told_the_block_size_and_may_change_it_under_way() {
    let mut bench = Bench::registered(model());
    let body = package(900);
    let mut upload = Upload::new(&mut bench, "/19/0/0", OPAQUE, 512);
    // The first message would be too long; what a peer with a smaller header could send is taken.
    let answer = upload.send(&body[..512], 0);
    assert_eq!(summary(&answer).0, "4.13");
    assert_eq!(block_of(&answer, option::BLOCK1), Some((0, false, BLOCK)));
    upload.size = 256;
    let answer = upload.send(&body, 0);
    assert_eq!(block_of(&answer, option::BLOCK1), Some((0, true, 256)));
    upload.size = 128;
    for number in 2..4 {
        assert_eq!(summary(&upload.send(&body, number)).0, "2.31");
    }
    upload.size = 256;
    for (number, code) in [(2, "2.31"), (3, "2.04")] {
        assert_eq!(summary(&upload.send(&body, number)).0, code);
    }
    assert_eq!(bench.model.get(19, 0, 0, 0), Some(Owned::Opaque(body)));
}

#[test]
fn blocks_that_are_no_blocks_are_refused() {
    let mut bench = Bench::registered(model());
    let put = |id, block1: &[u8], payload: &[u8]| {
        request(
            Code::PUT,
            id,
            "/19/0/0",
            &[(option::CONTENT_FORMAT, &[42]), (option::BLOCK1, block1)],
            payload,
        )
    };
    for (id, block1, length, expected) in [
        (1, &[0x08][..], 15, "4.00"),
        (2, &[0x08], 17, "4.00"),
        (3, &[], 17, "2.04"),
        (4, &[0x0f], 16, "4.00"),
        (5, &[0, 0, 0, 8], 16, "4.02"),
        (6, &[0x10], 17, "4.00"),
    ] {
        let answer = bench.receive(&put(id, block1, &vec![1; length])).unwrap();
        assert_eq!(summary(&answer).0, expected, "{block1:?} {length}");
    }
}

#[test]
fn records_of_several_resources_are_written_when_all_are_here() {
    let mut bench = Bench::registered(model());
    let long = "z".repeat(200);
    let body = format!(
        "[{{\"bn\":\"/19/0/\",\"n\":\"1\",\"v\":7}},{{\"n\":\"2\",\"vs\":\"{long}\"}},\
         {{\"n\":\"0\",\"vd\":\"AAAA\"}}]"
    );
    let mut upload = Upload::new(&mut bench, "/19/0", SENML_JSON, 64);
    upload.code = Code::POST;
    let last = body.len().div_ceil(64) - 1;
    for number in 0..last {
        assert_eq!(summary(&upload.send(body.as_bytes(), number)).0, "2.31");
    }
    assert_eq!(
        upload.bench.model.get(19, 0, 1, 0),
        Some(0.into()),
        "not yet"
    );
    let answer = upload.send(body.as_bytes(), last);
    assert_eq!(summary(&answer).0, "2.04");
    let (number, more, _) = block_of(&answer, option::BLOCK1).unwrap();
    assert_eq!((number as usize, more), (last, false));
    assert_eq!(bench.model.get(19, 0, 1, 0), Some(7.into()));
    assert_eq!(bench.model.get(19, 0, 2, 0), Some(long.as_str().into()));
    assert_eq!(
        bench.model.get(19, 0, 0, 0),
        Some(Owned::Opaque(vec![0; 3]))
    );
}

#[test]
fn records_that_are_longer_than_the_buffer_are_refused_with_its_length() {
    let mut bench = Bench::registered(model());
    let body = format!(
        "[{{\"n\":\"/19/0/1\",\"v\":7}},{{\"n\":\"/19/0/2\",\"vs\":\"{}\"}}]",
        "z".repeat(BODY)
    );
    let mut upload = Upload::new(&mut bench, "/19/0", SENML_JSON, 64);
    let (codes, _) = upload.all(body.as_bytes());
    let refused = codes.iter().position(|code| code != "2.31").unwrap();
    assert_eq!((codes[refused].as_str(), refused), ("4.13", BODY / 64));
    assert_eq!(codes[refused + 1], "4.08");
    upload.whole = Some(body.len());
    let answer = upload.send(body.as_bytes(), 0);
    let (code, options, _) = summary(&answer);
    assert_eq!(code, "4.13", "at once, if the length is told");
    assert!(options.contains(&(option::SIZE1, uint(BODY as u32))));
    assert_eq!(bench.model.get(19, 0, 1, 0), Some(0.into()));
}

#[test]
fn uploads_run_out_with_an_answer_and_are_forgotten_in_time() {
    let mut bench = Bench::registered(model());
    let body = package(40);
    for path in ["/19/0/0", "/19/0/3/0"] {
        let answer = Upload::new(&mut bench, path, OPAQUE, 16).send(&body, 0);
        assert_eq!(summary(&answer).0, "2.31");
    }
    let answer = Upload::new(&mut bench, "/19/0/2", TEXT, 16).send(b"0123456789abcdefg", 0);
    assert_eq!(summary(&answer).0, "5.03");
    bench.now += 92_000;
    let answer = Upload::new(&mut bench, "/19/0/0", OPAQUE, 16).send(&body, 1);
    assert_eq!(summary(&answer).0, "2.31");
    bench.now += 2_000;
    let answer = Upload::new(&mut bench, "/19/0/3/0", OPAQUE, 16).send(&body, 1);
    assert_eq!(summary(&answer).0, "4.08");
    let taken = Upload::new(&mut bench, "/19/0/2", TEXT, 16).all(b"0123456789abcdefg");
    assert_taken(&taken, "2.04");
    let answer = Upload::new(&mut bench, "/19/0/0", OPAQUE, 16).send(&body, 2);
    assert_eq!(summary(&answer).0, "2.04");
}

#[test]
fn what_the_application_refuses_ends_the_upload() {
    let mut bench = Bench::registered(model());
    bench
        .model
        .refuse((19, 0, 0), lwm2m_core::model::ModelError::Incomplete);
    let (codes, _) = Upload::new(&mut bench, "/19/0/0", OPAQUE, 16).all(&package(40));
    assert_eq!(codes, ["4.08", "4.08", "4.08"]);
    let (codes, _) = Upload::new(&mut bench, "/3/0/0", OPAQUE, 16).all(&package(40));
    assert_eq!(codes[0], "4.05", "not writable");
    let (codes, _) = Upload::new(&mut bench, "/0/0/0", OPAQUE, 16).all(&package(40));
    assert_eq!(codes[0], "4.01");
    let (codes, _) = Upload::new(&mut bench, "/9/0/0", OPAQUE, 16).all(&package(40));
    assert_eq!(codes[0], "4.04");
}

#[test]
fn an_execute_and_a_create_in_blocks_are_carried_out_once_they_are_whole() {
    let mut bench = Bench::registered(model());
    let arguments = format!("0='{}'", "a".repeat(60));
    let mut execute = Upload::new(&mut bench, "/3/0/4", TEXT, 16);
    execute.code = Code::POST;
    let taken = execute.all(arguments.as_bytes());
    assert_taken(&taken, "2.04");
    assert_eq!(
        *bench.model.executed.borrow(),
        [(Path::resource(3, 0, 4), arguments.into_bytes())]
    );
    let mut create = Upload::new(&mut bench, "/3", TLV, 16);
    create.code = Code::POST;
    let body = [&b"\x08\x05\x17\xc8\x0e\x14"[..], &[b'+'; 20]].concat();
    let taken = create.all(&body);
    assert_taken(&taken, "2.01");
    let (_, options, _) = summary(&taken.1);
    assert_eq!(options[..2], [(8, b"3".to_vec()), (8, b"5".to_vec())]);
}

/// The answers to a request for all blocks, as a server asks for them.
fn download(
    bench: &mut Bench,
    path: &str,
    format: u16,
    wanted: Option<usize>,
) -> Result<(Vec<u8>, usize), String> {
    let accept = uint(u32::from(format));
    let mut whole = vec![];
    let mut etag: Option<Vec<u8>> = None;
    let mut size = wanted;
    let mut blocks = 0;
    loop {
        let id = bench.next_id();
        let asked = size.map(|size| block((whole.len() / size) as u32, false, size));
        let mut options: Vec<(u16, &[u8])> = vec![(option::ACCEPT, &accept)];
        if let Some(asked) = &asked {
            options.push((option::BLOCK2, asked));
        }
        let answer = bench
            .receive(&request(Code::GET, id, path, &options, b""))
            .unwrap();
        let (code, options, payload) = summary(&answer);
        if code != "2.05" {
            return Err(code);
        }
        assert!(options.contains(&(option::CONTENT_FORMAT, accept.clone())));
        blocks += 1;
        let offset = whole.len();
        whole.extend_from_slice(&payload);
        let Some((number, more, length)) = block_of(&answer, option::BLOCK2) else {
            return Ok((whole, blocks));
        };
        assert!(length <= BLOCK && wanted.is_none_or(|wanted| length <= wanted));
        assert_eq!(number as usize * length, offset);
        let tag = options.iter().find(|option| option.0 == option::ETAG);
        let tag = tag.expect("an ETag").1.clone();
        assert_eq!(*etag.get_or_insert_with(|| tag.clone()), tag);
        assert_eq!(payload.len() == length, more || payload.len() == length);
        if !more {
            return Ok((whole, blocks));
        }
        size = Some(length);
    }
}

/// A model whose object 40 has `count` instances of a number, a string and a multiple resource.
fn wide(count: u16) -> MemoryModel {
    let mut model = model();
    for instance in 0..count {
        model = model
            .resource(
                (40, instance, 0),
                "R",
                DataType::S32,
                Some((i64::from(instance) * 1000).into()),
            )
            .resource(
                (40, instance, 1),
                "R",
                DataType::String,
                Some(format!("instance \"{instance}\"").as_str().into()),
            )
            .multiple(
                (40, instance, 2),
                "R",
                DataType::U8,
                2,
                [(0, 1.into()), (7, 2.into())],
            );
    }
    model
}

/// Paths and values of a payload.
fn records(format: u16, path: Path, payload: &[u8]) -> Vec<String> {
    let format = ContentFormat::from_code(format).unwrap();
    Records::new(format, path, payload)
        .map(|record| {
            let record =
                record.unwrap_or_else(|error| panic!("{error:?} in {format:?}: {payload:02x?}"));
            let data_type = match record.path.resource_id() {
                0 => DataType::S32,
                1 => DataType::String,
                _ => DataType::U8,
            };
            format!(
                "{:?} {:?}",
                record.path,
                own(record.interpret(data_type).unwrap())
            )
        })
        .collect()
}

#[test]
fn a_long_answer_leaves_in_blocks_in_every_format() {
    for count in [4, 30] {
        for format in [SENML_CBOR, SENML_JSON, JSON, TLV] {
            for wanted in [None, Some(16), Some(64), Some(1024)] {
                let mut bench = Bench::registered(wide(count));
                let reads = std::rc::Rc::new(std::cell::Cell::new(0));
                let counter = reads.clone();
                *bench.model.on_read.borrow_mut() =
                    Some(Box::new(move |_| counter.set(counter.get() + 1)));
                let (whole, blocks) = download(&mut bench, "/40", format, wanted).unwrap();
                assert!(count == 4 || blocks > 3);
                let found = records(format, Path::object(40), &whole);
                assert_eq!(found.len(), usize::from(count) * 4, "{format} {wanted:?}");
                assert_eq!(reads.get(), usize::from(count) * 4, "one callback a value");
                let expected: Vec<String> = (0..count)
                    .flat_map(|instance| {
                        let path = |id| Path::resource(40, instance, id);
                        [
                            (path(0), Owned::Integer(i64::from(instance) * 1000)),
                            (path(1), format!("instance \"{instance}\"").as_str().into()),
                            (path(2).child(0).unwrap(), 1.into()),
                            (path(2).child(7).unwrap(), 2.into()),
                        ]
                    })
                    .map(|(path, value)| format!("{path:?} {value:?}"))
                    .collect();
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn discover_leaves_in_blocks() {
    let mut bench = Bench::registered(wide(30));
    let (whole, blocks) = download(&mut bench, "/40", LINKS, None).unwrap();
    assert!(blocks > 3);
    let mut expected = String::from("</40>");
    for instance in 0..30 {
        expected +=
            &format!(",</40/{instance}>,</40/{instance}/0>,</40/{instance}/1>,</40/{instance}/2>");
    }
    assert_eq!(String::from_utf8(whole).unwrap(), expected);
}

#[test]
fn a_long_value_leaves_by_offset_in_every_format() {
    for length in [600, 5000, 70_000] {
        let bytes = package(length);
        let model = || {
            model().resource(
                (41, 0, 0),
                "R",
                DataType::Opaque,
                Some(Owned::Opaque(package(length))),
            )
        };
        for (format, expected) in [
            (OPAQUE, bytes.clone()),
            (TEXT, base64(&bytes, false).into_bytes()),
            (
                CBOR,
                [
                    if length < 65_536 {
                        [&[0x59][..], &(length as u16).to_be_bytes()].concat()
                    } else {
                        [&[0x5a][..], &(length as u32).to_be_bytes()].concat()
                    },
                    bytes.clone(),
                ]
                .concat(),
            ),
        ] {
            for wanted in [None, Some(16)] {
                let mut bench = Bench::registered(model());
                let (whole, _) = download(&mut bench, "/41/0/0", format, wanted).unwrap();
                assert!(whole == expected, "{format} {wanted:?} {length}");
            }
        }
        for (path, format) in [
            ("/41/0/0", TLV),
            ("/41/0", TLV),
            ("/41/0", SENML_CBOR),
            ("/41/0/0", SENML_JSON),
            ("/41", JSON),
        ] {
            let mut bench = Bench::registered(model());
            let (whole, _) = download(&mut bench, path, format, None).unwrap();
            let request = Path::parse(path.as_bytes()).unwrap();
            let format = ContentFormat::from_code(format).unwrap();
            let mut all = Records::new(format, request, &whole);
            let record = all.next().unwrap().unwrap();
            assert_eq!(record.path, Path::resource(41, 0, 0));
            let value = own(record.interpret(DataType::Opaque).unwrap());
            assert!(value == Owned::Opaque(bytes.clone()), "{path} {format:?}");
            assert!(all.next().is_none());
        }
    }
}

#[test]
fn a_long_string_is_escaped_across_blocks() {
    let text: String = (0..900)
        .map(|at| ["\"", "\u{1}", "a", "\u{20ac}"][at % 4])
        .collect();
    let model = model()
        .resource((41, 0, 0), "R", DataType::S32, Some(1.into()))
        .resource(
            (41, 0, 1),
            "R",
            DataType::String,
            Some(text.as_str().into()),
        )
        .resource((41, 0, 2), "R", DataType::U8, Some(2.into()));
    let mut bench = Bench::registered(model);
    for format in [SENML_JSON, JSON, SENML_CBOR] {
        let (whole, _) = download(&mut bench, "/41/0", format, None).unwrap();
        let found = records(format, Path::instance(41, 0), &whole);
        assert_eq!(found.len(), 3);
        assert!(found[1].ends_with(&format!("{:?}", Owned::from(text.as_str()))));
    }
}

#[test]
fn a_value_that_is_replaced_under_way_is_not_mixed_with_the_new_one() {
    let model = model().resource(
        (41, 0, 0),
        "R",
        DataType::Opaque,
        Some(Owned::Opaque(package(3000))),
    );
    let mut bench = Bench::registered(model);
    let get = |id, number| {
        let block = block(number, false, 256);
        let options = [(option::ACCEPT, &[42][..]), (option::BLOCK2, &block)];
        request(Code::GET, id, "/41/0/0", &options, b"")
    };
    assert_eq!(summary(&bench.receive(&get(1, 0)).unwrap()).0, "2.05");
    assert_eq!(summary(&bench.receive(&get(2, 1)).unwrap()).0, "2.05");
    bench.model.nodes.borrow_mut().get_mut(&(41, 0)).unwrap()[0]
        .values
        .insert(0, Owned::Opaque(vec![1; 3000]));
    assert_eq!(summary(&bench.receive(&get(3, 2)).unwrap()).0, "4.08");
    assert_eq!(summary(&bench.receive(&get(4, 3)).unwrap()).0, "4.08");
    assert!(download(&mut bench, "/41/0/0", OPAQUE, None).unwrap().0 == vec![1; 3000]);
}

#[test]
fn a_lost_block_is_the_same_when_it_is_asked_for_again() {
    let mut bench = Bench::registered(wide(30));
    let get = |id, number: u32, size| {
        let block = block(number, false, size);
        let options = [(option::ACCEPT, &[112][..]), (option::BLOCK2, &block)];
        request(Code::GET, id, "/40", &options, b"")
    };
    let first = bench.receive(&get(1, 0, 256)).unwrap();
    assert_eq!(
        bench.receive(&get(1, 0, 256)),
        Some(first.clone()),
        "the same message"
    );
    let second = summary(&bench.receive(&get(2, 1, 256)).unwrap());
    let third = summary(&bench.receive(&get(3, 2, 256)).unwrap());
    assert_ne!(second.2, third.2);
    // Values change, what was said stays said.
    bench.model.nodes.borrow_mut().remove(&(40, 8));
    assert_eq!(summary(&bench.receive(&get(4, 2, 256)).unwrap()), third);
    assert_eq!(summary(&bench.receive(&get(5, 1, 256)).unwrap()).0, "4.08");
    // A smaller size from here on, RFC 7959 §2.4.
    let half = summary(&bench.receive(&get(6, 4, 128)).unwrap());
    assert_eq!(half.2, third.2[..128]);
    let half = summary(&bench.receive(&get(7, 5, 128)).unwrap());
    assert_eq!(half.2, third.2[128..]);
    assert_eq!(summary(&bench.receive(&get(8, 60, 128)).unwrap()).0, "4.08");
}

#[test]
fn answers_in_blocks_run_out_with_an_answer_and_are_forgotten_in_time() {
    let model = wide(30)
        .resource(
            (41, 0, 0),
            "R",
            DataType::Opaque,
            Some(Owned::Opaque(package(600))),
        )
        .resource(
            (41, 0, 1),
            "R",
            DataType::Opaque,
            Some(Owned::Opaque(package(600))),
        );
    let mut bench = Bench::registered(model);
    let get = |bench: &mut Bench, path: &str, accept: u8, number: Option<u32>| {
        let id = bench.next_id();
        let block = block(number.unwrap_or(0), false, 256);
        let mut options: Vec<(u16, &[u8])> = vec![(option::ACCEPT, std::slice::from_ref(&accept))];
        if number.is_some() {
            options.push((option::BLOCK2, &block));
        }
        let request = request(Code::GET, id, path, &options, b"");
        summary(&bench.receive(&request).unwrap()).0
    };
    assert_eq!(get(&mut bench, "/40", 112, None), "2.05");
    assert_eq!(get(&mut bench, "/41/0/0", 42, None), "2.05");
    assert_eq!(get(&mut bench, "/41/0/1", 42, None), "5.03");
    assert_eq!(
        get(&mut bench, "/3/0/0", 0, None),
        "2.05",
        "what is short needs none"
    );
    for number in 1..3 {
        assert_eq!(get(&mut bench, "/41/0/0", 42, Some(number)), "2.05");
    }
    assert_eq!(
        get(&mut bench, "/41/0/1", 42, None),
        "2.05",
        "one has come to its end"
    );
    bench.now += 94_000;
    assert_eq!(get(&mut bench, "/40", 112, Some(1)), "4.08");
    assert_eq!(get(&mut bench, "/41/0/0", 42, None), "2.05");
}

/// Found with Leshan: the last blocks of what had been read kept every buffer.
#[test]
fn records_in_blocks_find_room_after_answers_in_blocks() {
    let mut model = wide(30);
    for id in 0..4 {
        let long = Owned::Opaque(package(600));
        model = model.resource((41, 0, id), "R", DataType::Opaque, Some(long));
    }
    let mut bench = Bench::registered(model);
    for path in ["/41/0/0", "/41/0/1", "/41/0/2", "/41/0/3", "/40"] {
        assert!(download(&mut bench, path, SENML_CBOR, None).is_ok());
        let body = format!("[{{\"n\":\"/19/0/2\",\"vs\":\"{}\"}}]", "z".repeat(100));
        let mut upload = Upload::new(&mut bench, "/19/0", SENML_JSON, 64);
        upload.code = Code::POST;
        assert_taken(&upload.all(body.as_bytes()), "2.04");
    }
}

#[test]
fn a_composite_answer_leaves_in_blocks_and_its_request_may_come_in_blocks() {
    let mut bench = Bench::registered(wide(30));
    let asked = b"[{\"n\":\"/40\"},{\"n\":\"/3303/0/5700\"},{\"n\":\"/99\"}]";
    let format = uint(u32::from(SENML_JSON));
    let fetch = |id, options: &[(u16, &[u8])], payload: &[u8]| {
        let mut all = vec![
            (option::CONTENT_FORMAT, &format[..]),
            (option::ACCEPT, &[112]),
        ];
        all.extend_from_slice(options);
        request(Code::FETCH, id, "", &all, payload)
    };
    for with_payload in [true, false] {
        let mut whole = vec![];
        let mut id = bench.next_id();
        let first = block(0, true, 16);
        let answer = bench
            .receive(&fetch(id, &[(option::BLOCK1, &first)], &asked[..16]))
            .unwrap();
        assert_eq!(summary(&answer).0, "2.31");
        let mut answer = vec![];
        for (number, part) in (0..).zip(asked.chunks(16)).skip(1) {
            id += 1;
            let value = block(
                number,
                part.as_ptr_range().end != asked.as_ptr_range().end,
                16,
            );
            answer = bench
                .receive(&fetch(id, &[(option::BLOCK1, &value)], part))
                .unwrap();
        }
        loop {
            let (code, _, payload) = summary(&answer);
            assert_eq!(code, "2.05");
            whole.extend_from_slice(&payload);
            let (number, more, size) = block_of(&answer, option::BLOCK2).unwrap();
            if !more {
                break;
            }
            id += 1;
            let next = block(number + 1, false, size);
            let payload = if with_payload { &asked[..] } else { b"" };
            answer = bench
                .receive(&fetch(id, &[(option::BLOCK2, &next)], payload))
                .unwrap();
        }
        bench.skip_ids(id);
        let mut count = 0;
        for record in Records::new(ContentFormat::SenmlCbor, Path::ROOT, &whole) {
            let path = record.unwrap().path;
            assert!(Path::object(40).contains(&path) || path == Path::resource(3303, 0, 5700));
            count += 1;
        }
        assert_eq!(count, 121);
    }
}

#[test]
fn a_fetch_whose_last_block_comes_again_is_answered_again() {
    for asked in [
        &b"[{\"n\":\"/3/0/0\"},{\"n\":\"/3303/0/5700\"}]"[..],
        b"[{\"n\":\"/40\"},{\"n\":\"/3303/0/5700\"}]",
        b"[{\"n\":\"/40\"},{\"x\":\"/3303/0/5700\"}",
    ] {
        let mut bench = Bench::registered(wide(30));
        // More often than there are buffers.
        for _ in 0..10 {
            let mut fetch = Upload::new(&mut bench, "", SENML_JSON, 16);
            fetch.code = Code::FETCH;
            let mut answer = vec![];
            let last = asked.chunks(16).count() - 1;
            for number in 0..=last {
                answer = fetch.send(asked, number);
            }
            let (code, options, payload) = summary(&answer);
            let kept = |(number, _): &&OwnedOption| *number != option::ETAG;
            let options: Vec<_> = options.iter().filter(kept).cloned().collect();
            for _ in 0..2 {
                let (again, more, same) = summary(&fetch.send(asked, last));
                assert_eq!((&again, &same), (&code, &payload));
                assert!(more.iter().filter(kept).eq(&options));
            }
            // A block before that is only taken note of, one that was never there is missing.
            assert_eq!(summary(&fetch.send(asked, 1)).0, "2.31");
            let id = fetch.next_id;
            bench.skip_ids(id);
        }
        // Something else is asked for: it is forgotten.
        let id = bench.next_id();
        bench.receive(&request(Code::GET, id, "/3/0/0", &[], b""));
        let mut fetch = Upload::new(&mut bench, "", SENML_JSON, 16);
        fetch.code = Code::FETCH;
        let last = asked.chunks(16).count() - 1;
        assert_eq!(summary(&fetch.send(asked, last)).0, "4.08");
    }
}

#[test]
fn a_notification_that_is_too_long_brings_its_first_block_and_the_rest_is_fetched() {
    let mut bench = Bench::registered(wide(30));
    let observe = request(Code::GET, 1, "/40", &[(option::OBSERVE, b"")], b"");
    let answer = bench.receive(&observe).unwrap();
    let (code, options, _) = summary(&answer);
    assert_eq!(code, "2.05");
    assert!(options.contains(&(option::OBSERVE, vec![1])));
    assert_eq!(block_of(&answer, option::BLOCK2), Some((0, true, 256)));
    bench.settle();
    bench.shared.resource_changed(Path::resource(40, 3, 0));
    let (done, _) = bench.settle();
    let [Done::Transmit(notification)] = &done[..] else {
        panic!("{done:?}")
    };
    let (code, options, mut whole) = summary(notification);
    assert_eq!(code, "2.05");
    assert!(options.contains(&(option::OBSERVE, vec![2])));
    let etag = options
        .iter()
        .find(|option| option.0 == option::ETAG)
        .cloned();
    let (mut number, mut more, size) = block_of(notification, option::BLOCK2).unwrap();
    while more {
        number += 1;
        let next = block(number, false, size);
        let id = bench.next_id();
        let get = request(Code::GET, id, "/40", &[(option::BLOCK2, &next)], b"");
        let answer = bench.receive(&get).unwrap();
        let (_, options, payload) = summary(&answer);
        assert_eq!(
            options
                .iter()
                .find(|option| option.0 == option::ETAG)
                .cloned(),
            etag
        );
        assert!(!options.iter().any(|option| option.0 == option::OBSERVE));
        whole.extend_from_slice(&payload);
        more = block_of(&answer, option::BLOCK2).unwrap().1;
    }
    assert_eq!(records(SENML_CBOR, Path::object(40), &whole).len(), 120);
}

/// The one message the client wants sent.
fn transmitted(bench: &mut Bench) -> Vec<u8> {
    let (done, _) = bench.settle();
    let messages: Vec<_> = done
        .into_iter()
        .filter_map(|done| match done {
            Done::Transmit(message) => Some(message),
            _ => None,
        })
        .collect();
    assert_eq!(messages.len(), 1);
    messages.into_iter().next().unwrap()
}

/// Takes in a request of the client's that comes in blocks, from its first message on: the payload,
/// what all its messages have in common, and the last message. From `smaller` on the server asks
/// for that size.
fn take_all(
    bench: &mut Bench,
    first: Vec<u8>,
    smaller: Option<usize>,
) -> (Vec<u8>, Vec<OwnedOption>, Vec<u8>) {
    let mut whole: Vec<u8> = vec![];
    let mut common = None;
    let mut message = first;
    loop {
        let (number, more, size) = block_of(&message, option::BLOCK1).expect("a block");
        assert_eq!(number as usize * size, whole.len());
        let (code, mut options, payload) = summary(&message);
        assert_eq!(code, "0.02");
        whole.extend_from_slice(&payload);
        let size1 = options.iter().any(|(number, _)| *number == option::SIZE1);
        assert!(!size1 || number == 0);
        options.retain(|(number, _)| !matches!(*number, option::BLOCK1 | option::SIZE1));
        assert_eq!(*common.get_or_insert_with(|| options.clone()), options);
        if !more {
            return (whole, options, message);
        }
        assert_eq!(payload.len(), size);
        let size = smaller.unwrap_or(size).min(size);
        let block = block(number, true, size);
        let answer = respond(&message, Code::CONTINUE, &[(option::BLOCK1, &block)], b"");
        assert_eq!(bench.receive(&answer), None);
        let next = transmitted(bench);
        assert_ne!(
            Message::parse(&next).unwrap().message_id,
            Message::parse(&message).unwrap().message_id
        );
        message = next;
    }
}

#[test]
fn a_send_that_is_too_long_leaves_in_blocks() {
    use lwm2m_core::engine::Event;
    use lwm2m_core::information_reporting::send::{SendError, send};
    use lwm2m_core::shared::SendStatus;
    for smaller in [None, Some(64)] {
        let mut bench = Bench::registered(wide(20));
        bench
            .with(|context| send(context, &[Path::object(40)], 7))
            .unwrap();
        bench.model.nodes.borrow_mut().remove(&(40, 3));
        let first = transmitted(&mut bench);
        let first_options = summary(&first).1;
        let (whole, options, last) = take_all(&mut bench, first, smaller);
        assert!(first_options.contains(&(option::SIZE1, uint(whole.len() as u32))));
        assert_eq!(
            options,
            [
                (option::URI_PATH, b"dp".to_vec()),
                (option::CONTENT_FORMAT, vec![112])
            ]
        );
        assert_eq!(records(SENML_CBOR, Path::ROOT, &whole).len(), 80);
        assert!(bench.settle().0.is_empty());
        bench.receive(&respond(&last, Code::CHANGED, &[], b""));
        let status = Event::Send {
            reference: 7,
            status: SendStatus::Success,
            answer: Some(Code::CHANGED),
        };
        assert_eq!(bench.settle().0, [Done::Event(status)]);
        // What is longer than the buffer is refused, and holds none.
        let mut bench = Bench::registered(wide(60));
        let long = |bench: &Bench| bench.with(|context| send(context, &[Path::object(40)], 7));
        assert_eq!(long(&bench), Err(SendError::NoRoom));
        assert!(bench.settle().0.is_empty());
    }
}

#[test]
fn a_send_in_blocks_that_is_refused_or_lost_under_way_has_failed() {
    use lwm2m_core::engine::Event;
    use lwm2m_core::information_reporting::send::send;
    use lwm2m_core::shared::SendStatus;
    for (code, block1) in [
        (Code::REQUEST_ENTITY_INCOMPLETE, None),
        (Code::CONTINUE, Some(block(9, true, 1024))),
        (Code::REQUEST_ENTITY_TOO_LARGE, None),
    ] {
        let mut bench = Bench::registered(wide(20));
        for _ in 0..5 {
            bench
                .with(|context| send(context, &[Path::object(40)], 7))
                .unwrap();
            let first = transmitted(&mut bench);
            let answer = match &block1 {
                // The end is never reached: the last block is asked to go on.
                Some(_) => {
                    let (_, _, last) = take_all(&mut bench, first, None);
                    respond(&last, code, &[], b"")
                }
                None => respond(&first, code, &[], b""),
            };
            bench.receive(&answer);
            let status = Event::Send {
                reference: 7,
                status: SendStatus::Failure,
                answer: Some(code),
            };
            assert_eq!(bench.settle().0, [Done::Event(status)]);
        }
    }
}

#[test]
fn a_server_may_ask_for_smaller_blocks_by_refusing_the_first() {
    use lwm2m_core::information_reporting::send::send;
    let mut bench = Bench::registered(wide(20));
    bench
        .with(|context| send(context, &[Path::object(40)], 7))
        .unwrap();
    let first = transmitted(&mut bench);
    let smaller = block(0, false, 32);
    let refusal = respond(
        &first,
        Code::REQUEST_ENTITY_TOO_LARGE,
        &[(option::BLOCK1, &smaller)],
        b"",
    );
    bench.receive(&refusal);
    let first = transmitted(&mut bench);
    assert_eq!(block_of(&first, option::BLOCK1), Some((0, true, 32)));
    let (whole, ..) = take_all(&mut bench, first, None);
    assert_eq!(records(SENML_CBOR, Path::ROOT, &whole).len(), 80);
}

#[test]
fn a_request_that_is_too_large_for_the_server_is_made_again_in_the_blocks_it_names() {
    use lwm2m_core::engine::Event;
    use lwm2m_core::information_reporting::send::send;
    use lwm2m_core::registration::client::{ClientEvent, UpdateScope};
    use lwm2m_core::shared::SendStatus;
    let refuse = |bench: &mut Bench, request: &[u8], size| {
        assert_eq!(block_of(request, option::BLOCK1), None);
        let named = block(0, false, size);
        let options = [(option::BLOCK1, &named[..])];
        let refusal = respond(request, Code::REQUEST_ENTITY_TOO_LARGE, &options, b"");
        bench.receive(&refusal);
    };
    let payload = |message: &[u8]| Message::parse(message).unwrap().payload.to_vec();
    let event = |event| Done::Event(Event::Client(event));

    let mut bench = Bench::new(MemoryModel::standard());
    bench.shared.client.start(b"device").unwrap();
    let register = transmitted(&mut bench);
    refuse(&mut bench, &register, 16);
    let first = transmitted(&mut bench);
    assert_eq!(block_of(&first, option::BLOCK1), Some((0, true, 16)));
    let (whole, options, last) = take_all(&mut bench, first, None);
    assert_eq!(whole, payload(&register));
    assert_eq!(options, summary(&register).1);
    let located = [(8, &b"rd"[..]), (8, b"abc")];
    bench.receive(&respond(&last, Code::CREATED, &located, b""));
    assert_eq!(bench.settle().0, [event(ClientEvent::RegistrationComplete)]);

    bench.shared.client.request_update(UpdateScope::Objects);
    let update = transmitted(&mut bench);
    refuse(&mut bench, &update, 32);
    let first = transmitted(&mut bench);
    let (whole, _, last) = take_all(&mut bench, first, None);
    assert_eq!(whole, payload(&update));
    bench.receive(&respond(&last, Code::CHANGED, &[], b""));
    assert_eq!(bench.settle().0, [event(ClientEvent::UpdateComplete)]);

    for too_small in [false, true] {
        bench
            .with(|context| send(context, &[Path::object(3)], 7))
            .unwrap();
        let request = transmitted(&mut bench);
        // A block as long as the whole would be refused again.
        refuse(&mut bench, &request, if too_small { 1024 } else { 16 });
        let (status, answer) = if too_small {
            (SendStatus::Failure, Code::REQUEST_ENTITY_TOO_LARGE)
        } else {
            let first = transmitted(&mut bench);
            let (whole, _, last) = take_all(&mut bench, first, None);
            assert_eq!(whole, payload(&request));
            bench.receive(&respond(&last, Code::CHANGED, &[], b""));
            (SendStatus::Success, Code::CHANGED)
        };
        let ended = Event::Send {
            reference: 7,
            status,
            answer: Some(answer),
        };
        assert_eq!(bench.settle().0, [Done::Event(ended)]);
    }
}

#[test]
fn links_that_are_longer_than_any_buffer_are_written_as_their_blocks_leave() {
    use lwm2m_core::engine::Event;
    use lwm2m_core::registration::client::ClientEvent;
    for smaller in [None, Some(16)] {
        let mut model = MemoryModel::standard();
        for object in (10_000..10_400).step_by(2) {
            // Some without an instance, some with a version.
            model = model.object(object, (1, (object % 3) as u8));
            for instance in 0..object % 5 {
                model = model.resource((object, instance, 0), "R", DataType::U8, Some(1.into()));
            }
        }
        let mut expected = String::from("</>;ct=112,</1/0>,</3/0>,</3303/0>");
        for object in (10_000..10_400_u16).step_by(2) {
            let (version, instances) = (object % 3, object % 5);
            if version > 0 {
                expected += &format!(",</{object}>;ver=1.{version}");
            } else if instances == 0 {
                expected += &format!(",</{object}>");
            }
            for instance in 0..instances {
                expected += &format!(",</{object}/{instance}>");
            }
        }
        let mut bench = Bench::new(model);
        assert!(expected.len() > 3 * BODY);
        bench.shared.client.start(b"device").unwrap();
        let register = transmitted(&mut bench);
        let (whole, _, last) = take_all(&mut bench, register, smaller);
        assert_eq!(String::from_utf8(whole).unwrap(), expected);
        let located = [(8, &b"rd"[..]), (8, b"abc")];
        bench.receive(&respond(&last, Code::CREATED, &located, b""));
        let event = |event| Done::Event(Event::Client(event));
        assert_eq!(bench.settle().0, [event(ClientEvent::RegistrationComplete)]);
    }
}

#[test]
fn links_that_are_too_long_for_a_message_are_registered_and_updated_in_blocks() {
    use lwm2m_core::engine::Event;
    use lwm2m_core::registration::client::{ClientEvent, UpdateScope};
    let mut model = MemoryModel::standard();
    for object in 100..170 {
        model = model.resource((object, 0, 0), "R", DataType::U8, Some(1.into()));
    }
    let mut expected = String::from("</>;ct=112,</1/0>,</3/0>");
    for object in 100..170 {
        expected += &format!(",</{object}/0>");
    }
    expected += ",</3303/0>";
    let mut bench = Bench::new(model);
    bench.shared.client.start(b"device").unwrap();
    let register = transmitted(&mut bench);
    let (whole, options, last) = take_all(&mut bench, register, None);
    assert_eq!(String::from_utf8(whole).unwrap(), expected);
    let query = |options: &[OwnedOption], text: &[u8]| {
        options.contains(&(option::URI_QUERY, text.to_vec()))
    };
    assert!(query(&options, b"ep=device") && query(&options, b"lt=60"));
    let located = [(8, &b"rd"[..]), (8, b"abc")];
    bench.receive(&respond(&last, Code::CREATED, &located, b""));
    let event = |event| Done::Event(Event::Client(event));
    assert_eq!(bench.settle().0, [event(ClientEvent::RegistrationComplete)]);
    bench.model.nodes.borrow_mut().get_mut(&(1, 0)).unwrap()[1]
        .values
        .insert(0, 90.into());
    bench.shared.client.request_update(UpdateScope::Objects);
    let update = transmitted(&mut bench);
    let (whole, options, last) = take_all(&mut bench, update, Some(128));
    assert_eq!(String::from_utf8(whole).unwrap(), expected);
    assert_eq!(
        options,
        [
            (option::URI_PATH, b"rd".to_vec()),
            (option::URI_PATH, b"abc".to_vec()),
            (option::CONTENT_FORMAT, vec![40]),
            (option::URI_QUERY, b"lt=90".to_vec()),
        ]
    );
    bench.receive(&respond(&last, Code::CHANGED, &[], b""));
    assert_eq!(bench.settle().0, [event(ClientEvent::UpdateComplete)]);
}
