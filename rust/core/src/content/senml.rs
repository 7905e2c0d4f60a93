// SPDX-License-Identifier: Apache-2.0
//! What SenML CBOR and SenML JSON share, and OMA JSON in part: the fields of a record and its name,
//! RFC 8428 §4, and the choice of base names, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.4.

use super::DecodeError;
#[cfg(feature = "senml-json")]
use super::base64::{Alphabet, Base64};
use super::reader::{Payload, Raw, Record};
use crate::path::Path;
#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
use {
    super::{EncodeError, Output, number},
    crate::path::{Level, MAX_ID},
};

/// The version of SenML that there is, RFC 8428 §4.4.
const VERSION: i64 = 10;

/// The fields of a record that matter, RFC 8428 §4.3. The values come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    not(all(feature = "senml-cbor", feature = "senml-json", feature = "json")),
    allow(dead_code)
)]
pub(super) enum Label {
    BaseVersion,
    BaseName,
    BaseTime,
    BaseValue,
    Name,
    Time,
    /// The records, in OMA JSON.
    Entries,
    Value,
    StringValue,
    BooleanValue,
    DataValue,
    ObjectLinkValue,
    /// A string or an opaque value, in OMA JSON.
    StringOrDataValue,
}

/// The fields of one record.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub(super) base: Option<Payload<'a>>,
    name: Option<Payload<'a>>,
    value: Raw<'a>,
    /// The fields met so far, one bit each.
    seen: u16,
}

impl<'a> Fields<'a> {
    pub(super) fn new() -> Self {
        Fields {
            base: None,
            name: None,
            value: Raw::None,
            seen: 0,
        }
    }

    /// Notes that there is a field.
    ///
    /// # Errors
    /// There was one before, or another value.
    pub(super) fn meet(&mut self, label: Label) -> Result<(), DecodeError> {
        let bit = 1_u16 << (label as u16 & 15);
        let mut others = bit;
        if label >= Label::Value {
            others = !0 << (Label::Value as u16 & 15);
        }
        if self.seen & others != 0 {
            return Err(DecodeError::Malformed);
        }
        self.seen |= bit;
        Ok(())
    }

    /// Takes the value of a field, which must be of its type.
    pub(super) fn set(&mut self, label: Label, value: Raw<'a>) -> Result<(), DecodeError> {
        self.meet(label)?;
        match (label, value) {
            (Label::BaseName, Raw::String(text)) => self.base = Some(text),
            (Label::Name, Raw::String(text)) => self.name = Some(text),
            (Label::StringValue, Raw::String(_))
            | (Label::BooleanValue, Raw::Boolean(_))
            | (Label::DataValue, Raw::Opaque(_)) => self.value = value,
            (Label::ObjectLinkValue, Raw::String(text)) => self.value = Raw::ObjectLink(text),
            #[cfg(feature = "json")]
            (Label::StringOrDataValue, Raw::String(text)) => self.value = Raw::StringOrData(text),
            #[cfg(feature = "senml-json")]
            (Label::DataValue, Raw::String(text)) => {
                let bytes = text
                    .characters()
                    .and_then(|text| Base64::new(text, Alphabet::Url))
                    .ok_or(DecodeError::Malformed)?;
                self.value = Raw::Opaque(Payload::Base64(bytes));
            }
            (Label::Value, number) if number.is_number() => self.value = number,
            // When a value was measured says nothing to a client that is told to take it.
            (Label::BaseTime | Label::Time, number) if number.is_number() => {}
            (Label::BaseVersion, number)
                if number
                    .integer()
                    .is_some_and(|version| (1..=VERSION).contains(&version)) => {}
            // Would have to be added to every value; LwM2M has no use for it, so it is refused
            // instead of ignored.
            (Label::BaseValue, number) if number.integer() == Some(0) => {}
            _ => return Err(DecodeError::Malformed),
        }
        Ok(())
    }

    /// The record. Its base name, if there is one, becomes that of the records that follow.
    pub(super) fn record(self, base: &mut PathReader) -> Result<Record<'a>, DecodeError> {
        if let Some(name) = &self.base {
            *base = PathReader::new();
            base.feed_name(name);
        }
        let mut path = *base;
        if let Some(name) = &self.name {
            path.feed_name(name);
        }
        Ok(Record {
            path: path.finish().ok_or(DecodeError::BadPath)?,
            value: self.value,
        })
    }
}

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
    /// The request's path, to be continued, or replaced by what begins with a slash.
    #[cfg(feature = "json")]
    Request,
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

    /// Names continue the path of a request.
    #[cfg(feature = "json")]
    pub(super) fn relative(request: Path) -> Self {
        PathReader {
            path: request,
            id: None,
            before: Before::Request,
        }
    }

    pub(super) fn feed(&mut self, text: &[u8]) {
        text.iter().for_each(|byte| self.feed_byte(*byte));
    }

    fn feed_byte(&mut self, byte: u8) {
        self.before = self.next(byte).unwrap_or(Before::Invalid);
    }

    pub(super) fn feed_name(&mut self, name: &Payload<'_>) {
        match name {
            #[cfg(feature = "cbor-items")]
            Payload::Chunks(chunks) => chunks.pieces().for_each(|piece| self.feed(piece)),
            #[cfg(feature = "json-text")]
            Payload::Escaped(text) => text.characters.for_each(|byte| self.feed_byte(byte)),
            _ => self.feed(name.as_slice().unwrap_or_default()),
        }
    }

    fn next(&mut self, byte: u8) -> Option<Before> {
        match (self.before, byte) {
            (Before::Invalid, _) => None,
            (Before::Nothing, b'/') => Some(Before::Slash),
            #[cfg(feature = "json")]
            (Before::Request, b'/') => {
                self.path = Path::ROOT;
                Some(Before::Slash)
            }
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
            #[cfg(feature = "json")]
            Before::Request => Some(self.path),
            Before::Digit => self.path.child(self.id?).ok(),
        }
    }
}

/// The base name in force while records are written.
#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseName {
    request: Level,
    /// Object and instance of the base name in force, [`MAX_ID`] when there is none. That is enough
    /// to know it: the other ids are the request's.
    base: (u16, u16),
    /// What that becomes with the record being written.
    next: (u16, u16),
    #[cfg(feature = "time-series")]
    times: Times,
}

/// The times of records, RFC 8428 §4.5.3.
#[cfg(feature = "time-series")]
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    /// The base time in force.
    base: Option<i64>,
    /// What that becomes with the record being written.
    next: Option<i64>,
    /// The time of the record to be written.
    record: Option<i64>,
}

/// The field that tells the time of a record.
#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
#[cfg_attr(not(feature = "time-series"), allow(dead_code))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// None: it has none, or is of the base time.
    Unsaid,
    /// A new base time; 0, which is now, for a record that has no time behind one that has.
    Base(i64),
    /// A time that is added to the base time.
    Offset(i64),
}

/// Which names a record needs.
#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// It is the whole answer: its path as the base name, and no name.
    BaseOnly,
    /// A name that continues the base name in force.
    NameOnly,
    /// A new base name, and a name that continues it.
    Both,
    /// Another record of what the base name names.
    Neither,
}

/// In the place of a base name's instance: the base name is the whole answer's path.
#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
const WHOLE: (u16, u16) = (MAX_ID, 0);

#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
impl Names {
    /// Whether there is a base name.
    pub(super) const fn has_base(self) -> bool {
        matches!(self, Names::BaseOnly | Names::Both)
    }

    /// Whether there is a name.
    pub(super) const fn has_name(self) -> bool {
        matches!(self, Names::NameOnly | Names::Both)
    }
}

#[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
impl BaseName {
    pub(super) fn new(request: Path) -> Self {
        BaseName {
            request: request.level(),
            base: (MAX_ID, MAX_ID),
            next: (MAX_ID, MAX_ID),
            #[cfg(feature = "time-series")]
            times: Times::default(),
        }
    }

    /// Says of which time the next record is; `None`: of none.
    #[cfg(feature = "time-series")]
    pub(super) fn set_time(&mut self, time: Option<i64>) {
        self.times.record = time;
    }

    /// How the record's time is told.
    #[cfg(feature = "time-series")]
    pub(super) fn time(&mut self) -> Time {
        let times = &mut self.times;
        let (base, time) = match (times.base, times.record) {
            (None, None) => (None, Time::Unsaid),
            (Some(_), None) => (None, Time::Base(0)),
            (None, Some(time)) => (Some(time), Time::Base(time)),
            (Some(base), Some(time)) if base == time => (Some(base), Time::Unsaid),
            (Some(base), Some(time)) => (Some(base), Time::Offset(time.saturating_sub(base))),
        };
        times.next = base;
        time
    }

    /// How the record's time is told: nobody asks for one.
    #[cfg(not(feature = "time-series"))]
    pub(super) fn time(&mut self) -> Time {
        Time::Unsaid
    }

    /// The names of the record for `path`. The base name is the object instance, or the resource if
    /// that is what was asked for, given anew only when it changes.
    pub(super) fn names(&mut self, path: &Path) -> Names {
        let single = match self.request {
            Level::ResourceInstance => true,
            Level::Resource => path.resource_instance_id() == MAX_ID,
            _ => false,
        };
        if single {
            self.next = WHOLE;
            return if self.base == WHOLE {
                Names::Neither
            } else {
                Names::BaseOnly
            };
        }
        self.next = (path.object_id(), path.instance_id());
        if self.next == self.base {
            Names::NameOnly
        } else {
            Names::Both
        }
    }

    /// Appends the base name for `path`, with a slash at its end if a name continues it.
    pub(super) fn put_base(
        &self,
        names: Names,
        path: &Path,
        output: &mut Output<'_>,
    ) -> Result<(), EncodeError> {
        if names == Names::BaseOnly {
            return number::put_path(output, path);
        }
        let mut base = Path::instance(path.object_id(), path.instance_id());
        if self.request == Level::Resource {
            base = path.parent();
        }
        number::put_path(output, &base)?;
        output.put(b'/')
    }

    /// Appends the name for `path`, what follows the base name.
    pub(super) fn put_name(&self, path: &Path, output: &mut Output<'_>) -> Result<(), EncodeError> {
        let id = path.resource_instance_id();
        if self.request != Level::Resource {
            number::put_id(output, path.resource_id())?;
            if id == MAX_ID {
                return Ok(());
            }
            output.put(b'/')?;
        }
        number::put_id(output, id)
    }

    /// The record whose names were asked for is complete.
    pub(super) fn written(&mut self) {
        self.base = self.next;
        #[cfg(feature = "time-series")]
        {
            self.times.base = self.times.next;
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
            (
                &["/65534/65534/65534/6553", "", "4"],
                Path::resource_instance(65534, 65534, 65534, 65534),
            ),
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
    #[cfg(any(feature = "senml-cbor", feature = "senml-json"))]
    fn base_names_are_given_once() {
        fn names(
            request: Path,
            paths: &[Path],
        ) -> std::vec::Vec<(std::string::String, std::string::String)> {
            let mut base = BaseName::new(request);
            paths
                .iter()
                .map(|path| {
                    let names = base.names(path);
                    base.written();
                    let (mut base_name, mut name) = ([0; 24], [0; 24]);
                    let mut base_name = Output::new(&mut base_name);
                    let mut name = Output::new(&mut name);
                    if names != Names::NameOnly {
                        base.put_base(names, path, &mut base_name).unwrap();
                    }
                    if names != Names::BaseOnly {
                        base.put_name(path, &mut name).unwrap();
                    }
                    let text =
                        |output: Output<'_>| std::str::from_utf8(output.written()).unwrap().into();
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
            names(
                Path::resource(3, 0, 6),
                &[
                    Path::resource_instance(3, 0, 6, 0),
                    Path::resource_instance(3, 0, 6, 1)
                ]
            ),
            [pair("/3/0/6/", "0"), pair("", "1")]
        );
        let widest = Path::resource_instance(65534, 65534, 65534, 65534);
        assert_eq!(
            names(widest, &[widest]),
            [pair("/65534/65534/65534/65534", "")]
        );
        assert_eq!(
            names(
                Path::ROOT,
                &[
                    resource,
                    Path::resource_instance(3, 0, 6, 1),
                    Path::resource(1, 0, 1),
                    widest
                ]
            ),
            [
                pair("/3/0/", "0"),
                pair("", "6/1"),
                pair("/1/0/", "1"),
                pair("/65534/65534/", "65534/65534")
            ]
        );
    }
}
