// SPDX-License-Identifier: Apache-2.0
//! A server that writes and reads what is longer than a message, block by block, RFC 7959, over a
//! network that loses, doubles, delays and reorders. Whatever it does, nothing is delivered twice or
//! with a gap, and what is told to be whole is whole.

use lwm2m_core::coap::{Block, BlockSize, Code, Message, option};
use lwm2m_core::value::DataType;

use crate::network::{Network, Route, Side, Weather};
use crate::random::Random;
use crate::support::{Bench, MemoryModel, Owned, request};

const PACKAGE: &str = "/19/0/0";
const LONG: &str = "/19/0/1";
const RECORDS: &str = "/40";

/// How often a message is sent, and how often one is given up before the network heals.
const TRANSMISSIONS: u32 = 5;
const PATIENCE: u32 = 3;

struct Transfer {
    bench: Bench,
    network: Network,
    random: Random,
    next_id: u16,
    given_up: u32,
}

/// Runs one seed.
///
/// # Errors
/// An invariant does not hold.
pub fn run(seed: u64, weather: Weather) -> Result<(), String> {
    let mut random = Random::new(seed);
    let package: Vec<u8> = (0..random.below(6000))
        .map(|_| random.below(256) as u8)
        .collect();
    let long: Vec<u8> = (0..1500 + random.below(3000))
        .map(|_| random.below(256) as u8)
        .collect();
    let mut model = MemoryModel::standard()
        .resource(
            (19, 0, 0),
            "RW",
            DataType::Opaque,
            Some(Owned::Opaque(vec![])),
        )
        .resource(
            (19, 0, 1),
            "R",
            DataType::Opaque,
            Some(Owned::Opaque(long.clone())),
        );
    for instance in 0..40 {
        let value = Owned::Integer(i64::from(instance) * 7);
        model = model.resource((40, instance, 0), "R", DataType::S32, Some(value));
    }
    let mut transfer = Transfer {
        bench: Bench::registered(model),
        network: Network::new(weather),
        random,
        next_id: 100,
        given_up: 0,
    };
    let run = |transfer: &mut Transfer| -> Result<(), String> {
        transfer.upload(&package)?;
        if transfer.download(LONG, 42)? != long {
            return Err("the long value is another one".into());
        }
        let records = transfer.download(RECORDS, 110)?;
        let expected: Vec<String> = (0..40)
            .map(|instance| {
                format!(
                    "{{\"bn\":\"/40/{instance}/\",\"n\":\"0\",\"v\":{}}}",
                    instance * 7
                )
            })
            .collect();
        if records != format!("[{}]", expected.join(",")).into_bytes() {
            return Err("the records are others".into());
        }
        Ok(())
    };
    run(&mut transfer).map_err(|broken| format!("seed {seed}: {broken}"))
}

impl Transfer {
    /// Writes the package with blocks of a size that changes under way, from the beginning again
    /// when the client has lost it.
    fn upload(&mut self, package: &[u8]) -> Result<(), String> {
        let mut offset = 0;
        let mut size = self.size();
        loop {
            let end = package.len().min(offset + size.bytes());
            let more = end < package.len();
            let block = Block::at(offset, more, size).ok_or("no such block")?;
            let options = [
                (option::CONTENT_FORMAT, vec![42]),
                (option::BLOCK1, value(block)),
            ];
            let answer = self.exchange(Code::PUT, PACKAGE, &options, &package[offset..end]);
            match answer.as_ref().map(|answer| answer.code) {
                Some(Code::CONTINUE) if more => {
                    offset = end;
                    if offset % 256 == 0 {
                        size = self.size();
                    }
                }
                Some(Code::CHANGED) if !more => break,
                // The client has forgotten it, or its answer to the last block was lost.
                Some(Code::REQUEST_ENTITY_INCOMPLETE) => offset = 0,
                None => self.given_up(),
                other => return Err(format!("{other:?} to {block:?}")),
            }
        }
        self.check_fragments(package.len())?;
        if self.bench.model.get(19, 0, 0, 0) != Some(Owned::Opaque(package.to_vec())) {
            return Err("the package is another one".into());
        }
        Ok(())
    }

    /// Each piece continues the one before it or is the beginning.
    fn check_fragments(&self, length: usize) -> Result<(), String> {
        let mut expected = 0;
        for (offset, count, _, last) in self.bench.model.fragments.borrow().iter() {
            if *offset != 0 && *offset != expected {
                return Err(format!("a piece at {offset} after {expected}"));
            }
            expected = offset + count;
            if *last && expected != length {
                return Err(format!("the last piece ends at {expected}"));
            }
        }
        Ok(())
    }

    /// Reads all blocks, from the beginning again when they do not belong together.
    fn download(&mut self, path: &str, format: u8) -> Result<Vec<u8>, String> {
        let mut whole = Vec::new();
        let mut etag = None;
        let mut size = self.size();
        loop {
            let block = Block::at(whole.len(), false, size).ok_or("no such block")?;
            let options = [
                (option::ACCEPT, vec![format]),
                (option::BLOCK2, value(block)),
            ];
            let Some(answer) = self.exchange(Code::GET, path, &options, b"") else {
                self.given_up();
                continue;
            };
            let again = match answer.code {
                Code::CONTENT => !whole.is_empty() && answer.etag != etag,
                Code::REQUEST_ENTITY_INCOMPLETE => true,
                other => return Err(format!("{other:?} to {block:?} of {path}")),
            };
            if again {
                whole.clear();
                continue;
            }
            let got = answer.block.ok_or("no Block2")?;
            if got.offset() != whole.len() {
                return Err(format!("{got:?} where {block:?} was asked for"));
            }
            etag = answer.etag;
            whole.extend_from_slice(&answer.payload);
            if !got.more {
                return Ok(whole);
            }
            size = got.size;
        }
    }

    /// A size at random, 16 to 256 bytes.
    fn size(&mut self) -> BlockSize {
        BlockSize::within(16 << self.random.below(5))
    }

    fn given_up(&mut self) {
        self.given_up += 1;
        if self.given_up > PATIENCE {
            self.network.weather = Weather::FAIR;
        }
    }

    /// Sends a confirmable request until it is answered or given up, RFC 7252 §4.2.
    fn exchange(
        &mut self,
        code: Code,
        path: &str,
        options: &[(u16, Vec<u8>)],
        payload: &[u8],
    ) -> Option<Answer> {
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        let options: Vec<(u16, &[u8])> = options
            .iter()
            .map(|(number, value)| (*number, value.as_slice()))
            .collect();
        let datagram = request(code, id, path, &options, payload);
        for transmission in 0..TRANSMISSIONS {
            let now = self.bench.now;
            self.network.send(
                now,
                Side::Client,
                Route::default(),
                &datagram,
                &mut self.random,
            );
            let answer = self.wait(id, now + (2000 << transmission));
            if answer.is_some() {
                return answer;
            }
        }
        None
    }

    /// Lets time go by until the answer to a message is here.
    fn wait(&mut self, id: u16, until: u64) -> Option<Answer> {
        while let Some(next) = self.network.next_arrival().filter(|next| *next <= until) {
            self.bench.now = self.bench.now.max(next);
            self.bench.settle();
            let Some(arrival) = self.network.arrived(self.bench.now) else {
                continue;
            };
            if arrival.to == Side::Server {
                if let Some(answer) = Answer::read(&arrival.datagram, id) {
                    return Some(answer);
                }
            } else if let Some(answer) = self.bench.receive(&arrival.datagram) {
                let now = self.bench.now;
                self.network.send(
                    now,
                    Side::Server,
                    Route::default(),
                    &answer,
                    &mut self.random,
                );
            }
        }
        self.bench.now = until;
        self.bench.settle();
        None
    }
}

/// What the client answered.
struct Answer {
    code: Code,
    etag: Option<Vec<u8>>,
    block: Option<Block>,
    payload: Vec<u8>,
}

impl Answer {
    fn read(datagram: &[u8], id: u16) -> Option<Self> {
        let message = Message::parse(datagram).expect("the client sends messages");
        let block = message.option(option::BLOCK2);
        (message.message_id == id).then(|| Answer {
            code: message.code,
            etag: message.option(option::ETAG).map(<[u8]>::to_vec),
            block: block.map(|value| Block::parse(value).expect("the client sends blocks")),
            payload: message.payload.to_vec(),
        })
    }
}

/// An option value in its shortest form.
fn value(block: Block) -> Vec<u8> {
    let value = block.value();
    value.to_be_bytes()[(value.leading_zeros() / 8) as usize..].to_vec()
}
