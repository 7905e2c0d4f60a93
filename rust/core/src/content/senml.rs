// SPDX-License-Identifier: Apache-2.0
//! What SenML CBOR and SenML JSON share: names, RFC 8428 §4.5.1, and the choice of base names,
//! OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.4.

use super::{EncodeError, Output, number};
use crate::path::{Level, Path};

/// Reads a path whose text comes in pieces: base name and name, each perhaps in chunks.
#[derive(Debug)]
pub(super) struct PathReader {
    path: Path,
    /// The segment being read.
    id: Option<u16>,
    before: Before,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nothing,
    Slash,
    Digit,
    Invalid,
}

impl PathReader {
    pub(super) fn new() -> Self {
        PathReader {
            path: Path::ROOT,
            id: None,
            before: Before::Nothing,
        }
    }

    pub(super) fn feed(&mut self, text: &[u8]) {
        for &byte in text {
            self.before = self.next(byte).unwrap_or(Before::Invalid);
        }
    }

    fn next(&mut self, byte: u8) -> Option<Before> {
        match (self.before, byte) {
            (Before::Invalid, _) => None,
            (Before::Nothing, b'/') => Some(Before::Slash),
            (Before::Digit, b'/') => {
                self.path = self.path.child(self.id.take()?).ok()?;
                Some(Before::Slash)
            }
            (_, b'0'..=b'9') => {
                let id = self.id.unwrap_or(0).checked_mul(10)?;
                self.id = Some(id.checked_add(u16::from(byte & 0x0f))?);
                Some(Before::Digit)
            }
            _ => None,
        }
    }

    /// The path read. The name must not be empty; one slash at its end is forgiven, for a base name
    /// alone is a name too.
    pub(super) fn finish(self) -> Option<Path> {
        match self.before {
            Before::Nothing | Before::Invalid => None,
            Before::Slash => Some(self.path),
            Before::Digit => self.path.child(self.id?).ok(),
        }
    }
}

/// The base name in force while records are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseName {
    request: Path,
    /// What the names that follow are relative to; the root when they cannot be.
    base: Path,
}

/// The texts of a record's names; empty: the field is left out.
#[derive(Debug)]
pub(super) struct Names {
    base: Text,
    name: Text,
}

impl Names {
    pub(super) fn base(&self) -> &[u8] {
        self.base.as_slice()
    }

    pub(super) fn name(&self) -> &[u8] {
        self.name.as_slice()
    }
}

/// A path's text, at most `/65534/65534/65534/65534`.
#[derive(Debug)]
struct Text {
    bytes: [u8; 24],
    length: usize,
}

impl Text {
    const EMPTY: Text = Text {
        bytes: [0; 24],
        length: 0,
    };

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The segments of `path` below `below`: `/3/0` below the root, else `6/1`. A slash behind them if
    /// `open`.
    fn new(path: &Path, below: Level, open: bool) -> Result<Self, EncodeError> {
        let mut text = Text::EMPTY;
        let mut output = Output::new(&mut text.bytes);
        for id in path.segments().skip(below as usize) {
            if output.position() != 0 || below == Level::Root {
                output.put(b'/')?;
            }
            number::put_unsigned(&mut output, u64::from(id))?;
        }
        if open {
            output.put(b'/')?;
        }
        text.length = output.position();
        Ok(text)
    }
}

impl BaseName {
    pub(super) fn new(request: Path) -> Self {
        BaseName {
            request,
            base: Path::ROOT,
        }
    }

    /// The names of the record for `path`. A record that is the whole answer has its path as base
    /// name and no name. Else the base name is the object instance, or the resource if that is what
    /// was asked for, given anew only when it changes.
    pub(super) fn names(&self, path: &Path) -> Result<Names, EncodeError> {
        let base = self.next(path);
        let level = base.level();
        Ok(if base == *path {
            Names {
                base: Text::new(path, Level::Root, false)?,
                name: Text::EMPTY,
            }
        } else {
            Names {
                base: if base == self.base {
                    Text::EMPTY
                } else {
                    Text::new(&base, Level::Root, true)?
                },
                name: Text::new(path, level, false)?,
            }
        })
    }

    /// The record for `path` was written.
    pub(super) fn written(&mut self, path: &Path) {
        let base = self.next(path);
        self.base = if base == *path { Path::ROOT } else { base };
    }

    fn next(&self, path: &Path) -> Path {
        if self.request == *path || self.request.level() == Level::Resource {
            self.request
        } else {
            Path::instance(path.object_id(), path.instance_id())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Option<Path> {
        let mut reader = PathReader::new();
        for piece in pieces {
            reader.feed(piece.as_bytes());
        }
        reader.finish()
    }

    #[test]
    fn a_name_continues_its_base_name() {
        for (pieces, path) in [
            (&["/3/0/", "1"][..], Path::resource(3, 0, 1)),
            (&["/3/0/1", "0"], Path::resource(3, 0, 10)),
            (&["/3", "/0/6/1"], Path::resource_instance(3, 0, 6, 1)),
            (&["3/0"], Path::instance(3, 0)),
            (&["/3/0/"], Path::instance(3, 0)),
            (&["/"], Path::ROOT),
            (&["/65534/65534/65534/6553", "", "4"], Path::resource_instance(65534, 65534, 65534, 65534)),
        ] {
            assert_eq!(read(pieces), Some(path), "{pieces:?}");
        }
    }

    #[test]
    fn a_name_that_is_no_path_is_refused() {
        for pieces in [
            &[][..],
            &[""],
            &["//"],
            &["/3/", "/0"],
            &["/3/0/0/0/0"],
            &["/65535"],
            &["/65536"],
            &["/3/0/x"],
            &["/3/0/ 1"],
            &["/-3"],
            &["urn:dev:", "/3/0"],
        ] {
            assert_eq!(read(pieces), None, "{pieces:?}");
        }
    }

    #[test]
    fn base_names_are_given_once() {
        fn names(request: Path, paths: &[Path]) -> std::vec::Vec<(std::string::String, std::string::String)> {
            let mut base = BaseName::new(request);
            paths
                .iter()
                .map(|path| {
                    let names = base.names(path).unwrap();
                    base.written(path);
                    let text = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().into();
                    (text(names.base()), text(names.name()))
                })
                .collect()
        }
        fn pair(base: &str, name: &str) -> (std::string::String, std::string::String) {
            (base.into(), name.into())
        }
        let resource = Path::resource(3, 0, 0);
        assert_eq!(names(resource, &[resource]), [pair("/3/0/0", "")]);
        assert_eq!(
            names(Path::resource(3, 0, 6), &[Path::resource_instance(3, 0, 6, 0), Path::resource_instance(3, 0, 6, 1)]),
            [pair("/3/0/6/", "0"), pair("", "1")]
        );
        let widest = Path::resource_instance(65534, 65534, 65534, 65534);
        assert_eq!(names(widest, &[widest]), [pair("/65534/65534/65534/65534", "")]);
        assert_eq!(
            names(
                Path::ROOT,
                &[resource, Path::resource_instance(3, 0, 6, 1), Path::resource(1, 0, 1), widest]
            ),
            [pair("/3/0/", "0"), pair("", "6/1"), pair("/1/0/", "1"), pair("/65534/65534/", "65534/65534")]
        );
    }
}
