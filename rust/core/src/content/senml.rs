// SPDX-License-Identifier: Apache-2.0
//! What SenML CBOR and SenML JSON share: names, RFC 8428 §4.5.1, and the choice of base names,
//! OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.4.

use super::{EncodeError, Output, number};
use crate::path::{Level, MAX_ID, Path};

/// Reads a path whose text comes in pieces: base name and name, each perhaps in chunks.
#[derive(Clone, Copy, Debug)]
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

/// A name to be written: the segments of a path below a level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    ids: [u16; 4],
    below: usize,
    /// Whether names continue it, so that a slash is at its end.
    open: bool,
}

impl Name {
    fn new(path: &Path, below: Level, open: bool) -> Self {
        Name {
            ids: [
                path.object_id(),
                path.instance_id(),
                path.resource_id(),
                path.resource_instance_id(),
            ],
            below: below as usize,
            open,
        }
    }

    fn ids(&self) -> impl Iterator<Item = u16> {
        let ids = self.ids.get(self.below..).unwrap_or_default().iter();
        ids.copied().take_while(|id| *id != MAX_ID)
    }

    /// At most 24: `/65534/65534/65534/65534`.
    pub(super) fn length(&self) -> usize {
        // A slash before each segment, but for the first of a continuation.
        let mut length = usize::from(self.open).wrapping_sub(usize::from(self.below != 0));
        for id in self.ids() {
            length = length.wrapping_add(1).wrapping_add(number::id_length(id));
        }
        length
    }

    pub(super) fn put(&self, output: &mut Output<'_>) -> Result<(), EncodeError> {
        let mut slash = self.below == 0;
        for id in self.ids() {
            if slash {
                output.put(b'/')?;
            }
            slash = true;
            number::put_id(output, id)?;
        }
        if self.open {
            output.put(b'/')?;
        }
        Ok(())
    }
}

/// The base name in force while records are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseName {
    request: Path,
    /// What the names that follow are relative to; the root when they cannot be.
    base: Path,
    /// What it is once the record being written is complete.
    next: Path,
}

impl BaseName {
    pub(super) fn new(request: Path) -> Self {
        BaseName {
            request,
            base: Path::ROOT,
            next: Path::ROOT,
        }
    }

    /// Base name and name of the record for `path`. A record that is the whole answer has its path
    /// as base name and no name. Else the base name is the object instance, or the resource if that
    /// is what was asked for, given anew only when it changes.
    pub(super) fn names(&mut self, path: &Path) -> (Option<Name>, Option<Name>) {
        if self.request == *path {
            self.next = Path::ROOT;
            return (Some(Name::new(path, Level::Root, false)), None);
        }
        let (base, level) = if self.request.level() == Level::Resource {
            (self.request, Level::Resource)
        } else {
            let base = Path::instance(path.object_id(), path.instance_id());
            (base, Level::ObjectInstance)
        };
        let new = (base != self.base).then(|| Name::new(&base, Level::Root, true));
        self.next = base;
        (new, Some(Name::new(path, level, false)))
    }

    /// The record whose names were asked for is complete.
    pub(super) fn written(&mut self) {
        self.base = self.next;
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
                    let (base_name, name) = base.names(path);
                    base.written();
                    let text = |name: Option<Name>| {
                        let mut buffer = [0; 24];
                        let mut output = Output::new(&mut buffer);
                        let name = name.map(|name| {
                            name.put(&mut output).unwrap();
                            name.length()
                        });
                        assert_eq!(output.position(), name.unwrap_or(0));
                        std::str::from_utf8(output.written()).unwrap().into()
                    };
                    (text(base_name), text(name))
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
