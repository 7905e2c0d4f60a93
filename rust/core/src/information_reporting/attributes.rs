// SPDX-License-Identifier: Apache-2.0
//! Notification attributes of paths: Minimum and Maximum Period,
//! OMA-TS-LightweightM2M_Core-V1_1_1 §5.1.2. What a path has goes before what the paths above it
//! have, and that before the defaults of the server.

use core::cell::Cell;

use crate::device_management::resource_at;
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::{Level, Path};
use crate::registration::machine::default_periods;

/// Which attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `pmin`: the least time between two notifications. (From 1 on, so that a table of no
    /// attributes is all zero and takes no room in flash.)
    Minimum = 1,
    /// `pmax`: the most time between two notifications.
    Maximum,
}

/// Minimum and Maximum Period in seconds, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// `pmin`
    pub minimum: u32,
    /// `pmax`
    pub maximum: u32,
}

/// One attribute of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    path: Path,
    period: Period,
    seconds: u32,
}

/// Why an attribute was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeError {
    /// There is nothing at the path.
    NotFound,
    /// The path is of a level that has no attributes, or the Maximum Period would be below the
    /// Minimum Period.
    Conflict,
    /// The resource cannot be read, and so not observed.
    NotReadable,
    /// There are as many attributes as there can be.
    NoRoom,
}

/// The attributes of all paths, in storage lent by the caller.
pub struct Attributes<'a> {
    entries: &'a [Cell<Option<Attribute>>],
}

impl<'a> Attributes<'a> {
    /// Takes the storage, one entry for each attribute.
    #[must_use]
    pub const fn new(entries: &'a [Cell<Option<Attribute>>]) -> Self {
        Self { entries }
    }

    /// The attribute of this very path.
    #[must_use]
    pub fn get(&self, path: &Path, period: Period) -> Option<u32> {
        self.iter()
            .find(|attribute| attribute.path == *path && attribute.period == period)
            .map(|attribute| attribute.seconds)
    }

    /// Sets the attribute of this very path.
    ///
    /// # Errors
    /// [`AttributeError::NoRoom`].
    pub fn set(&self, path: Path, period: Period, seconds: u32) -> Result<(), AttributeError> {
        let is_this = |entry: &&Cell<Option<Attribute>>| {
            entry
                .get()
                .is_some_and(|attribute| attribute.path == path && attribute.period == period)
        };
        let entry = self
            .entries
            .iter()
            .find(is_this)
            .or_else(|| self.entries.iter().find(|entry| entry.get().is_none()))
            .ok_or(AttributeError::NoRoom)?;
        entry.set(Some(Attribute {
            path,
            period,
            seconds,
        }));
        Ok(())
    }

    /// What holds at a path: its own attributes, or those of the nearest path above it.
    #[must_use]
    pub fn periods(&self, path: &Path, defaults: Periods) -> Periods {
        let nearest = |period, default| {
            self.iter()
                .filter(|attribute| attribute.period == period && attribute.path.contains(path))
                .max_by_key(|attribute| attribute.path.level())
                .map_or(default, |attribute| attribute.seconds)
        };
        Periods {
            minimum: nearest(Period::Minimum, defaults.minimum),
            maximum: nearest(Period::Maximum, defaults.maximum),
        }
    }

    /// Forgets the attributes of what is gone.
    pub fn forget_below(&self, path: &Path) {
        for entry in self.entries {
            if entry
                .get()
                .is_some_and(|attribute| path.contains(&attribute.path))
            {
                entry.set(None);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = Attribute> + '_ {
        self.entries.iter().filter_map(Cell::get)
    }
}

/// Sets an attribute as the client's own application may, and has it hold for the observations
/// there are.
///
/// # Errors
/// See [`AttributeError`]; nothing has changed then.
pub fn set_period<M: DataModel>(
    context: &Context<'_, '_, M>,
    path: Path,
    period: Period,
    seconds: u32,
) -> Result<(), AttributeError> {
    check(context.model, &path)?;
    let attributes = &context.shared.attributes;
    if attributes.get(&path, period) == Some(seconds) {
        return Ok(());
    }
    let defaults = context.shared.operation(|| default_periods(context));
    let present = attributes.periods(&path, defaults);
    let too_large = match period {
        Period::Minimum => present.maximum != 0 && present.maximum < seconds,
        Period::Maximum => seconds != 0 && present.minimum > seconds,
    };
    if too_large {
        return Err(AttributeError::Conflict);
    }
    attributes.set(path, period, seconds)?;
    context
        .shared
        .observations
        .set_periods(&path, |observed| attributes.periods(observed, defaults));
    context.shared.request_wake();
    Ok(())
}

/// Whether a path can have attributes.
fn check<M: DataModel>(model: &M, path: &Path) -> Result<(), AttributeError> {
    let found = match path.level() {
        Level::Root => return Err(AttributeError::Conflict),
        Level::Object => model.object(path.object_id()).is_some(),
        Level::ObjectInstance => model
            .instance(path.object_id(), path.instance_id())
            .is_some(),
        Level::ResourceInstance if !cfg!(feature = "lwm2m-1-1") => {
            return Err(AttributeError::Conflict);
        }
        level => {
            let (info, resource) =
                resource_at(model, path).map_err(|_| AttributeError::NotFound)?;
            if !info.permissions.read {
                return Err(AttributeError::NotReadable);
            }
            let id = path.resource_instance_id();
            level == Level::Resource
                || (0..info.slots)
                    .any(|slot| model.resource_instance_at(resource, slot) == Some(id))
        }
    };
    if found {
        Ok(())
    } else {
        Err(AttributeError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: Periods = Periods {
        minimum: 1,
        maximum: 100,
    };

    #[test]
    fn a_path_has_its_own_periods_or_those_of_the_nearest_path_above() {
        let entries = [const { Cell::new(None) }; 3];
        let attributes = Attributes::new(&entries);
        let resource = Path::resource(3303, 0, 5700);
        assert_eq!(attributes.periods(&resource, DEFAULTS), DEFAULTS);
        attributes
            .set(Path::object(3303), Period::Minimum, 5)
            .unwrap();
        attributes
            .set(Path::instance(3303, 0), Period::Maximum, 60)
            .unwrap();
        attributes.set(resource, Period::Minimum, 0).unwrap();
        let periods = |path| {
            let Periods { minimum, maximum } = attributes.periods(&path, DEFAULTS);
            (minimum, maximum)
        };
        assert_eq!(periods(resource), (0, 60));
        assert_eq!(periods(Path::resource(3303, 0, 5701)), (5, 60));
        assert_eq!(periods(Path::instance(3303, 1)), (5, 100));
        assert_eq!(periods(Path::object(3)), (1, 100));
        assert_eq!(
            attributes.set(resource, Period::Maximum, 7),
            Err(AttributeError::NoRoom)
        );
        attributes.set(resource, Period::Minimum, 2).unwrap();
        assert_eq!(attributes.get(&resource, Period::Minimum), Some(2));
        attributes.forget_below(&Path::instance(3303, 0));
        assert_eq!(periods(resource), (5, 100));
    }
}
