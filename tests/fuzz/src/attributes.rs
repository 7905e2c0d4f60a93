// SPDX-License-Identifier: Apache-2.0
//! Write-Attributes: what a server sets is what Discover tells and nothing else changes; what is refused
//! changes nothing.

use std::collections::BTreeMap;

use lwm2m_core::coap::{Code, Message, option};

use crate::support::{Bench, MemoryModel, request};

/// Paths of every level, numbers and others.
const PATHS: [&str; 6] = [
    "/3303",
    "/3303/0",
    "/3303/0/5700",
    "/3/0/0",
    "/3/0",
    "/1/0/1",
];
const NAMES: [&str; 7] = ["pmin", "pmax", "gt", "lt", "st", "epmin", "epmax"];

type Attributes = BTreeMap<String, f64>;

struct Server {
    bench: Bench,
    next_id: u16,
}

impl Server {
    fn ask(&mut self, code: Code, path: &str, options: &[(u16, &[u8])]) -> (Code, Vec<u8>) {
        self.next_id = self.next_id.wrapping_add(1);
        let asked = request(code, self.next_id, path, options, b"");
        let answer = self.bench.receive(&asked).expect("a request is answered");
        let answer = Message::parse(&answer).expect("an answer is a message");
        (answer.code, answer.payload.to_vec())
    }

    /// The path's own attributes, as Discover of what is above it tells them.
    fn discovered(&mut self, path: &str) -> Attributes {
        let above = match path.rsplit_once('/') {
            Some((above, _)) if path.matches('/').count() == 3 => above,
            _ => path,
        };
        let (code, links) = self.ask(Code::GET, above, &[(option::ACCEPT, &[40])]);
        assert_eq!(code, Code::CONTENT);
        let links = String::from_utf8(links).expect("links are text");
        let name = format!("<{path}>");
        let link = links.split(',').find(|link| link.starts_with(&name));
        let attributes = link.unwrap_or_default().split(';').skip(1);
        attributes
            .filter_map(|attribute| attribute.split_once('='))
            .filter(|(name, _)| NAMES.contains(name))
            .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
            .collect()
    }
}

/// An input is a sequence of operations: a byte for the path (modulo 6), then queries with an `&`
/// between them, up to the end of the line.
pub fn attributes(input: &[u8]) {
    let mut server = Server {
        bench: Bench::registered(MemoryModel::standard()),
        next_id: 0,
    };
    for line in input.split(|byte| *byte == b'\n').take(16) {
        let Some((path, queries)) = line.split_first() else {
            continue;
        };
        let path = PATHS[usize::from(*path) % PATHS.len()];
        let queries: Vec<&[u8]> = queries.split(|byte| *byte == b'&').take(8).collect();
        if queries.iter().map(|query| query.len()).sum::<usize>() > 160 {
            continue;
        }
        let before = server.discovered(path);
        let options: Vec<(u16, &[u8])> = queries
            .iter()
            .map(|query| (option::URI_QUERY, *query))
            .collect();
        let (code, _) = server.ask(Code::PUT, path, &options);
        let after = server.discovered(path);
        if code == Code::CHANGED {
            assert_eq!(after, expected(before, &queries));
        } else {
            assert_eq!(
                code.class(),
                if code == Code::SERVICE_UNAVAILABLE {
                    5
                } else {
                    4
                }
            );
            assert_eq!(after, before);
        }
    }
}

/// What accepted queries make of attributes.
fn expected(mut attributes: Attributes, queries: &[&[u8]]) -> Attributes {
    for query in queries {
        let text = std::str::from_utf8(query).expect("what is accepted is text");
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        assert!(NAMES.contains(&name), "{name} is accepted");
        match value {
            Some(value) => attributes.insert(name.to_owned(), value.parse().expect("a number")),
            None => attributes.remove(name),
        };
    }
    let get = |name: &str| attributes.get(name).copied();
    if let (Some(least), Some(most)) = (get("pmin"), get("pmax")) {
        assert!(least <= most);
    }
    if let (Some(less), Some(greater)) = (get("lt"), get("gt")) {
        assert!(less + 2.0 * get("st").unwrap_or(0.0) < greater);
    }
    attributes
}
