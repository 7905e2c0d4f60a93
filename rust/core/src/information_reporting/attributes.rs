// SPDX-License-Identifier: Apache-2.0
//! Notification attributes of paths and Write-Attributes, OMA-TS-LightweightM2M_Core-V1_1_1 §5.1.2
//! and §6.3.4. What a path has goes before what the paths above it have, and that before the
//! defaults of the server. A server's attributes are its own: while another one is in use they rest.

use core::cell::Cell;

use crate::content::{EncodeError, LinkWriter, parse_float, parse_integer};
use crate::device_management::{Failure, has_instance, resource_at};
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::{Level, Path};
use crate::registration::accounts::SERVER;
use crate::registration::requests::default_periods;
use crate::uri::split_at_byte;
use crate::value::DataType;

/// Which attribute. (From 1 on, so that a table of no attributes is all zero and takes no room in
/// flash.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// `pmin`: the least time between two notifications.
    MinimumPeriod = 1,
    /// `pmax`: the most time between two notifications.
    MaximumPeriod,
    /// `gt`: a notification when the value crosses it.
    GreaterThan,
    /// `lt`: the same, for a value below.
    LessThan,
    /// `st`: the least change that is notified.
    Step,
    /// `epmin`: the least time between two evaluations of the value.
    MinimumEvaluationPeriod,
    /// `epmax`: the most time between two evaluations of the value.
    MaximumEvaluationPeriod,
}

/// How many there are.
const KINDS: usize = if cfg!(feature = "lwm2m-1-1") { 7 } else { 5 };

/// What they are called, in the order of [`Kind`].
const NAMES: [(&str, Kind); 7] = [
    ("pmin", Kind::MinimumPeriod),
    ("pmax", Kind::MaximumPeriod),
    ("gt", Kind::GreaterThan),
    ("lt", Kind::LessThan),
    ("st", Kind::Step),
    ("epmin", Kind::MinimumEvaluationPeriod),
    ("epmax", Kind::MaximumEvaluationPeriod),
];

impl Kind {
    const fn index(self) -> usize {
        (self as usize).saturating_sub(1)
    }

    /// Whether it is a number of seconds; else it is a value to compare with.
    const fn is_period(self) -> bool {
        !matches!(self, Kind::GreaterThan | Kind::LessThan | Kind::Step)
    }

    fn named() -> impl Iterator<Item = (&'static str, Kind)> {
        NAMES.into_iter().take(KINDS)
    }
}

/// The attributes of one path: its own, or those that hold there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// Seconds, or the bits of a double.
    values: [Option<u64>; KINDS],
}

impl Set {
    const NONE: Self = Self {
        values: [None; KINDS],
    };

    fn get(&self, kind: Kind) -> Option<u64> {
        self.values.get(kind.index()).copied().flatten()
    }

    fn put(&mut self, kind: Kind, value: Option<u64>) {
        if let Some(place) = self.values.get_mut(kind.index()) {
            *place = value;
        }
    }

    /// A period in seconds.
    #[must_use]
    pub fn seconds(&self, kind: Kind) -> Option<u32> {
        u32::try_from(self.get(kind)?).ok()
    }

    /// A value to compare with.
    #[must_use]
    pub fn number(&self, kind: Kind) -> Option<f64> {
        self.get(kind).map(f64::from_bits)
    }

    /// Whether something says which values are notified, or when they are looked at.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.values.iter().skip(2).any(Option::is_some)
    }

    /// Whether a value that was last notified as `old` and now is `new` is to be notified. Without
    /// `gt`, `lt` and `st` every other value is.
    #[must_use]
    pub fn asks_for(&self, old: f64, new: f64) -> bool {
        let crosses = |limit: f64| (old <= limit && new > limit) || (old >= limit && new < limit);
        let step = self.number(Kind::Step);
        let limits = [Kind::GreaterThan, Kind::LessThan].map(|kind| self.number(kind));
        if step.is_none() && limits == [None, None] {
            return old != new;
        }
        let difference = if old > new { old - new } else { new - old };
        step.is_some_and(|step| difference >= step && difference > 0.0)
            || limits.into_iter().flatten().any(crosses)
    }

    /// What §5.1.2 demands of attributes that are given together.
    fn is_consistent(&self) -> bool {
        let ordered = |least, most| match (self.get(least), self.get(most)) {
            (Some(least), Some(most)) => least <= most,
            _ => true,
        };
        ordered(Kind::MinimumPeriod, Kind::MaximumPeriod)
            && ordered(Kind::MinimumEvaluationPeriod, Kind::MaximumEvaluationPeriod)
            && match (self.number(Kind::LessThan), self.number(Kind::GreaterThan)) {
                (Some(less), Some(greater)) => {
                    let step = self.number(Kind::Step).unwrap_or(0.0);
                    less + step + step < greater
                }
                _ => true,
            }
    }

    fn count(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// Appends them to the link of their path.
    fn put_to(&self, links: &mut LinkWriter<'_>) -> Result<(), EncodeError> {
        for (name, kind) in Kind::named() {
            if let Some(value) = self.get(kind) {
                if kind.is_period() {
                    links.number(name, i64::try_from(value).unwrap_or(i64::MAX))?;
                } else {
                    links.float(name, f64::from_bits(value))?;
                }
            }
        }
        Ok(())
    }
}

/// What the link of a path says of its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing, nor its dimension.
    Nothing,
    /// What is attached to the path itself.
    Own,
    /// All that holds there.
    Effective,
}

/// Minimum and Maximum Period in seconds, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// `pmin`
    pub minimum: u32,
    /// `pmax`
    pub maximum: u32,
}

impl Periods {
    /// Neither.
    pub const NONE: Self = Self {
        minimum: 0,
        maximum: 0,
    };
}

/// One attribute of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    path: Path,
    kind: Kind,
    /// The Server instance of the server that set it.
    server: u16,
    value: u64,
}

impl Attribute {
    /// Whose it is.
    #[must_use]
    pub const fn path(&self) -> Path {
        self.path
    }

    /// Which one.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its value, if it is a period.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        u32::try_from(self.value).unwrap_or(u32::MAX)
    }

    /// Its value, if it is one to compare with.
    #[must_use]
    pub const fn number(&self) -> f64 {
        f64::from_bits(self.value)
    }
}

/// Why an attribute was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeError {
    /// There is nothing at the path.
    NotFound,
    /// The path or its data type has no such attribute, or it does not go together with another.
    Conflict,
    /// The resource cannot be read, and so not observed.
    NotReadable,
    /// There are as many attributes as there can be.
    NoRoom,
}

impl From<AttributeError> for Failure {
    fn from(error: AttributeError) -> Self {
        match error {
            AttributeError::NotFound => Failure::NotFound,
            AttributeError::Conflict => Failure::BadRequest,
            AttributeError::NotReadable => Failure::MethodNotAllowed,
            AttributeError::NoRoom => Failure::Unavailable,
        }
    }
}

/// The attributes of all paths, in storage lent by the caller.
pub struct Attributes<'a> {
    entries: &'a [Cell<Option<Attribute>>],
    used: Cell<usize>,
    /// The Server instance of the server in use.
    server: Cell<u16>,
    /// What holds where no path says anything.
    defaults: Cell<Periods>,
}

impl<'a> Attributes<'a> {
    /// Takes the storage, one entry for each attribute.
    #[must_use]
    pub const fn new(entries: &'a [Cell<Option<Attribute>>]) -> Self {
        Self {
            entries,
            used: Cell::new(0),
            server: Cell::new(0),
            defaults: Cell::new(Periods::NONE),
        }
    }

    /// From now on these are the attributes of this server.
    pub(crate) fn serve(&self, server: u16) {
        self.server.set(server);
    }

    /// The attributes of this very path.
    #[must_use]
    pub fn own(&self, path: &Path) -> Set {
        self.gather(path, false)
    }

    /// Appends to a link what a path shows of its attributes.
    pub(crate) fn put_to(
        &self,
        path: &Path,
        shown: Shown,
        links: &mut LinkWriter<'_>,
    ) -> Result<(), EncodeError> {
        if self.used.get() == 0 {
            return Ok(());
        }
        match shown {
            Shown::Nothing => Ok(()),
            Shown::Own => self.own(path).put_to(links),
            Shown::Effective => self.effective(path).put_to(links),
        }
    }

    /// What holds at a path: each attribute as the path itself or the nearest one above has it.
    #[must_use]
    pub fn effective(&self, path: &Path) -> Set {
        self.gather(path, true)
    }

    /// Of each kind the attribute of a path, or else, if it `inherits`, of the lowest path above.
    fn gather(&self, path: &Path, inherits: bool) -> Set {
        let applies = |attribute: &Attribute| {
            attribute.path == *path || (inherits && attribute.path.contains(path))
        };
        let mut set = Set::NONE;
        if self.used.get() == 0 {
            return set;
        }
        let mut levels = [Level::Root; KINDS];
        for attribute in self.iter().filter(applies) {
            let index = attribute.kind.index();
            if let Some(level) = levels.get_mut(index) {
                if *level <= attribute.path.level() {
                    *level = attribute.path.level();
                    set.put(attribute.kind, Some(attribute.value));
                }
            }
        }
        set
    }

    /// Minimum and Maximum Period that hold at a path. A Maximum Period below the Minimum Period is
    /// none.
    #[must_use]
    pub fn periods(&self, path: &Path) -> Periods {
        let set = self.effective(path);
        let Periods { minimum, maximum } = self.defaults.get();
        let minimum = set.seconds(Kind::MinimumPeriod).unwrap_or(minimum);
        let maximum = set.seconds(Kind::MaximumPeriod).unwrap_or(maximum);
        Periods {
            minimum,
            maximum: if maximum < minimum { 0 } else { maximum },
        }
    }

    /// How long a change at a path waits since the last notification: for its Minimum Period, and for
    /// the Minimum Evaluation Period, before which it is not looked at. (A number that is compared has
    /// waited for the latter already.)
    pub(crate) fn least_wait(&self, path: &Path) -> u32 {
        let set = self.effective(path);
        let minimum = set.seconds(Kind::MinimumPeriod);
        let evaluation = set.seconds(Kind::MinimumEvaluationPeriod).unwrap_or(0);
        minimum
            .unwrap_or(self.defaults.get().minimum)
            .max(evaluation)
    }

    /// The attribute at this place of the storage.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<Attribute> {
        let attribute = self.entries.get(index)?.get();
        attribute.filter(|attribute| self.is_current(attribute))
    }

    fn is_current(&self, attribute: &Attribute) -> bool {
        attribute.server == self.server.get()
    }

    /// Whether there is any.
    pub(crate) fn is_empty(&self) -> bool {
        self.used.get() == 0
    }

    /// Sets what holds where no path says anything. Returns whether that is something new.
    pub(crate) fn set_defaults(&self, defaults: Periods) -> bool {
        self.defaults.replace(defaults) != defaults
    }

    /// Gives this very path these attributes and no others.
    ///
    /// # Errors
    /// [`AttributeError::NoRoom`]: nothing has changed.
    pub fn replace(&self, path: &Path, set: &Set) -> Result<(), AttributeError> {
        let left = self.used.get().saturating_sub(self.own(path).count());
        if left.saturating_add(set.count()) > self.entries.len() {
            return Err(AttributeError::NoRoom);
        }
        self.forget(|attribute| attribute.path == *path && self.is_current(attribute));
        let mut free = self.entries.iter().filter(|entry| entry.get().is_none());
        for (_, kind) in Kind::named() {
            if let Some(value) = set.get(kind) {
                if let Some(entry) = free.next() {
                    entry.set(Some(Attribute {
                        path: *path,
                        kind,
                        server: self.server.get(),
                        value,
                    }));
                    self.used.set(self.used.get().saturating_add(1));
                }
            }
        }
        Ok(())
    }

    /// Forgets the attributes of what is gone, and those of a server that is.
    pub fn forget_below(&self, path: &Path) {
        self.forget(|attribute| {
            path.contains(&attribute.path) || *path == Path::instance(SERVER, attribute.server)
        });
    }

    fn forget(&self, condition: impl Fn(&Attribute) -> bool) {
        for entry in self.entries {
            if entry.get().is_some_and(|attribute| condition(&attribute)) {
                entry.set(None);
                self.used.set(self.used.get().saturating_sub(1));
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = Attribute> + '_ {
        let all = self.entries.iter().filter_map(Cell::get);
        all.filter(|attribute| self.is_current(attribute))
    }
}

/// What a Write-Attributes asks for, taken from its queries one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    set: Set,
    /// One bit for each attribute that is set or taken away.
    named: u8,
    malformed: bool,
}

impl Changes {
    pub const NONE: Self = Self {
        set: Set::NONE,
        named: 0,
        malformed: false,
    };

    /// Takes a query: `name=value` sets an attribute, `name` takes it away.
    pub fn take(&mut self, query: &[u8]) {
        self.malformed |= self.take_one(query).is_none();
    }

    fn take_one(&mut self, query: &[u8]) -> Option<()> {
        let (name, text) = match split_at_byte(query, b'=') {
            Some((name, text)) => (name, Some(text)),
            None => (query, None),
        };
        let (_, kind) = Kind::named().find(|(known, _)| known.as_bytes() == name)?;
        let bit = 1_u8 << (kind as u8 & 7);
        if self.named & bit != 0 {
            return None;
        }
        self.named |= bit;
        if let Some(text) = text {
            self.set.put(kind, Some(value(kind, text)?));
        }
        Some(())
    }

    /// These changes made to the attributes of a path.
    pub(crate) fn made_to(&self, own: &Set) -> Set {
        let mut set = *own;
        for (_, kind) in Kind::named() {
            if self.named >> (kind as u8 & 7) & 1 != 0 {
                set.put(kind, self.set.get(kind));
            }
        }
        set
    }

    /// Whether one of `gt`, `lt` and `st` is set.
    fn sets_condition(&self) -> bool {
        [Kind::GreaterThan, Kind::LessThan, Kind::Step]
            .into_iter()
            .any(|kind| self.set.get(kind).is_some())
    }
}

/// The value of an attribute: whole seconds, or a number; a step is not negative.
fn value(kind: Kind, text: &[u8]) -> Option<u64> {
    if kind.is_period() {
        let seconds = u32::try_from(parse_integer(text)?).ok()?;
        return Some(u64::from(seconds));
    }
    let number = parse_float(text).filter(|number| number.is_finite())?;
    (kind != Kind::Step || number >= 0.0).then(|| number.to_bits())
}

/// Write-Attributes, §6.3.4. All the changes are made, or none.
///
/// # Errors
/// A query is none that is known, the path has no such attribute, attributes contradict each other,
/// or there is no room for more.
pub(crate) fn write<M: DataModel>(
    context: &Context<'_, '_, M>,
    path: &Path,
    changes: &Changes,
) -> Result<(), Failure> {
    if changes.malformed {
        return Err(Failure::BadRequest);
    }
    let data_type = check(context.model, path)?;
    if changes.sets_condition() && !is_numeric(data_type) {
        return Err(Failure::BadRequest);
    }
    let attributes = &context.shared.attributes;
    let set = changes.made_to(&attributes.own(path));
    if !set.is_consistent() {
        return Err(Failure::BadRequest);
    }
    attributes.replace(path, &set)?;
    take_effect(context);
    Ok(())
}

/// Sets a period as the client's own application may, and has it hold for the observations there
/// are.
///
/// # Errors
/// See [`AttributeError`]; nothing has changed then.
pub fn set_period<M: DataModel>(
    context: &Context<'_, '_, M>,
    path: Path,
    kind: Kind,
    seconds: u32,
) -> Result<(), AttributeError> {
    check(context.model, &path)?;
    let attributes = &context.shared.attributes;
    let mut set = attributes.own(&path);
    if set.seconds(kind) == Some(seconds) {
        return Ok(());
    }
    read_defaults(context);
    let present = attributes.periods(&path);
    let too_large = match kind {
        Kind::MinimumPeriod => present.maximum != 0 && present.maximum < seconds,
        _ => seconds != 0 && present.minimum > seconds,
    };
    if too_large {
        return Err(AttributeError::Conflict);
    }
    set.put(kind, Some(u64::from(seconds)));
    attributes.replace(&path, &set)?;
    take_effect(context);
    Ok(())
}

/// Takes the default periods from the Server object. Returns whether they are new.
pub(crate) fn read_defaults<M: DataModel>(context: &Context<'_, '_, M>) -> bool {
    let shared = context.shared;
    let defaults = shared.operation(|| default_periods(context));
    shared.attributes.set_defaults(defaults)
}

/// Has the attributes as they are now hold for the observations there are.
pub(crate) fn take_effect<M>(context: &Context<'_, '_, M>) {
    let shared = context.shared;
    shared.observations.attributes_changed(&shared.attributes);
    shared.notified.compare_all();
    shared.request_wake();
}

/// Whether a path can have attributes; the data type of a resource.
fn check<M: DataModel>(model: &M, path: &Path) -> Result<DataType, AttributeError> {
    let found = match path.level() {
        Level::Root => return Err(AttributeError::Conflict),
        Level::Object => model.object(path.object_id()).is_some(),
        Level::ObjectInstance => model
            .instance(path.object_id(), path.instance_id())
            .is_some(),
        Level::ResourceInstance if !cfg!(feature = "lwm2m-1-1") => {
            return Err(AttributeError::Conflict);
        }
        _ => {
            let resource = resource_at(model, path).map_err(|_| AttributeError::NotFound)?;
            if !resource.permissions.read() {
                return Err(AttributeError::NotReadable);
            }
            if has_instance(model, &resource, path) {
                return Ok(resource.data_type);
            }
            false
        }
    };
    if found {
        Ok(DataType::None)
    } else {
        Err(AttributeError::NotFound)
    }
}

/// Whether values can be compared with `gt`, `lt` and `st`.
pub(crate) const fn is_numeric(data_type: DataType) -> bool {
    matches!(data_type, DataType::Float) || data_type.integer_range().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(queries: &[&str]) -> Changes {
        let mut changes = Changes::NONE;
        for query in queries {
            changes.take(query.as_bytes());
        }
        changes
    }

    fn set(queries: &[&str]) -> Set {
        changes(queries).made_to(&Set::NONE)
    }

    #[test]
    fn a_path_has_its_own_attributes_or_those_of_the_nearest_path_above() {
        let entries = [const { Cell::new(None) }; 3];
        let attributes = Attributes::new(&entries);
        attributes.set_defaults(Periods {
            minimum: 1,
            maximum: 100,
        });
        let resource = Path::resource(3303, 0, 5700);
        let periods = |path| {
            let Periods { minimum, maximum } = attributes.periods(&path);
            (minimum, maximum)
        };
        assert_eq!(periods(resource), (1, 100));
        for (path, query) in [
            (Path::object(3303), "pmin=5"),
            (Path::instance(3303, 0), "pmax=60"),
            (resource, "pmin=0"),
        ] {
            attributes.replace(&path, &set(&[query])).unwrap();
        }
        assert_eq!(periods(resource), (0, 60));
        assert_eq!(periods(Path::resource(3303, 0, 5701)), (5, 60));
        assert_eq!(periods(Path::instance(3303, 1)), (5, 100));
        assert_eq!(periods(Path::object(3)), (1, 100));
        assert_eq!(
            attributes.replace(&resource, &set(&["pmin=2", "pmax=7"])),
            Err(AttributeError::NoRoom)
        );
        assert_eq!(attributes.own(&resource), set(&["pmin=0"]));
        attributes.replace(&resource, &set(&["pmax=4"])).unwrap();
        assert_eq!(periods(resource), (5, 0), "a pmax below pmin is none");
        attributes.forget_below(&Path::instance(3303, 0));
        assert_eq!(periods(resource), (5, 100));
    }

    #[test]
    fn each_server_has_attributes_of_its_own() {
        let entries = [const { Cell::new(None) }; 3];
        let attributes = Attributes::new(&entries);
        let path = Path::resource(3303, 0, 5700);
        attributes.replace(&path, &set(&["pmin=1"])).unwrap();
        attributes.serve(7);
        assert_eq!(attributes.effective(&path), Set::NONE);
        assert_eq!(attributes.at(0), None);
        attributes
            .replace(&path, &set(&["pmin=2", "pmax=9"]))
            .unwrap();
        let full = attributes.replace(&Path::object(3), &set(&["pmin=2"]));
        assert_eq!(full, Err(AttributeError::NoRoom));
        assert_eq!(attributes.own(&path), set(&["pmin=2", "pmax=9"]));
        attributes.serve(0);
        assert_eq!(attributes.own(&path), set(&["pmin=1"]));
        attributes.forget_below(&Path::instance(1, 7));
        assert_eq!(attributes.own(&path), set(&["pmin=1"]));
        attributes.serve(7);
        assert_eq!(attributes.own(&path), Set::NONE);
        attributes.serve(0);
        attributes.forget_below(&Path::object(3303));
        assert_eq!(attributes.own(&path), Set::NONE);
    }

    #[test]
    fn queries_are_attributes_or_malformed() {
        for query in [
            "",
            "=",
            "=1",
            "x=1",
            "pmin=",
            "pmin=-1",
            "pmin=1.5",
            "pmin=4294967296",
            "pmin= 1",
            "pmax=a",
            "gt=",
            "gt=abc",
            "gt=1e999",
            "st=-1",
            "PMIN=1",
            "pmin =1",
            "con=1",
        ] {
            assert!(changes(&[query]).malformed, "{query}");
        }
        assert!(changes(&["pmin=1", "pmin=1"]).malformed);
        assert!(changes(&["pmin=1", "pmin"]).malformed);
        let all = set(&["pmin=0", "pmax=4294967295", "gt=1.5", "lt=-2e1", "st=0"]);
        assert_eq!(all.seconds(Kind::MaximumPeriod), Some(u32::MAX));
        assert_eq!(all.number(Kind::GreaterThan), Some(1.5));
        assert_eq!(all.number(Kind::LessThan), Some(-20.0));
        assert_eq!(changes(&["pmin", "gt=3"]).made_to(&all).count(), 4);
    }

    #[test]
    fn attributes_that_contradict_each_other_are_told() {
        for (queries, consistent) in [
            (&["pmin=2", "pmax=2"][..], true),
            (&["pmin=3", "pmax=2"], false),
            (&["epmin=3", "epmax=3"], true),
            (&["epmin=3", "epmax=2"], false),
            (&["lt=1", "gt=2"], true),
            (&["lt=2", "gt=2"], false),
            (&["lt=1", "gt=3", "st=0.9"], true),
            (&["lt=1", "gt=3", "st=1"], false),
            (&["gt=3", "st=100"], true),
        ] {
            if queries[0].starts_with("ep") && !cfg!(feature = "lwm2m-1-1") {
                continue;
            }
            assert_eq!(set(queries).is_consistent(), consistent, "{queries:?}");
        }
    }

    #[test]
    fn values_are_notified_when_they_cross_a_limit_or_make_a_step() {
        for (queries, old, new, expected) in [
            (&["gt=10"][..], 9.0, 10.0, false),
            (&["gt=10"], 9.0, 10.5, true),
            (&["gt=10"], 10.5, 9.0, true),
            (&["gt=10"], 10.0, 9.0, true),
            (&["gt=10"], 11.0, 12.0, false),
            (&["lt=-1"], 0.0, -2.0, true),
            (&["lt=-1"], 0.0, -1.0, false),
            (&["st=2"], 1.0, 3.0, true),
            (&["st=2"], 3.0, 1.0, true),
            (&["st=2"], 1.0, 2.9, false),
            (&["st=0"], 1.0, 1.0, false),
            (&["st=0"], 1.0, 1.5, true),
            (&["gt=10", "lt=0", "st=3"], 4.0, 6.0, false),
            (&["gt=10", "lt=0", "st=3"], 4.0, 7.0, true),
            (&["pmin=1"], 1.0, 1.0, false),
            (&["pmin=1"], 1.0, 1.1, true),
        ] {
            assert_eq!(
                set(queries).asks_for(old, new),
                expected,
                "{queries:?} {old} {new}"
            );
        }
    }
}
