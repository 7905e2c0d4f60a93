// SPDX-License-Identifier: Apache-2.0
//! The paths of one composite operation or Send, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.8, in
//! ascending order, each once.

use crate::path::Path;

/// Paths in storage lent by the caller.
#[derive(Debug)]
pub struct PathList<'a> {
    storage: &'a mut [Path],
    count: usize,
}

/// There is no room for another path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

impl<'a> PathList<'a> {
    /// An empty list; it takes as many paths as the storage holds.
    #[must_use]
    pub const fn new(storage: &'a mut [Path]) -> Self {
        Self { storage, count: 0 }
    }

    /// Forgets all paths.
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// Takes a path, unless it is there already.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn insert(&mut self, path: Path) -> Result<(), TooMany> {
        let Err(position) = self.as_slice().binary_search(&path) else {
            return Ok(());
        };
        let count = self.count.saturating_add(1);
        let mut carried = path;
        for place in self.storage.get_mut(position..count).ok_or(TooMany)? {
            core::mem::swap(place, &mut carried);
        }
        self.count = count;
        Ok(())
    }

    /// The paths.
    #[must_use]
    pub fn as_slice(&self) -> &[Path] {
        self.storage.get(..self.count).unwrap_or_default()
    }
}

/// Whether one of several paths in ascending order lies below another, so that it is read with it.
#[cfg(feature = "senml")]
pub(crate) fn is_below_another(paths: &[Path], index: usize) -> bool {
    // What lies below a path comes before it.
    let mut from_here = paths.iter().skip(index);
    from_here
        .next()
        .is_some_and(|path| from_here.any(|other| other.contains(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn paths_are_kept_in_order_and_once() {
        let mut storage = [Path::ROOT; 3];
        let mut list = PathList::new(&mut storage);
        let (resource, instance) = (Path::resource(3, 0, 1), Path::instance(3, 0));
        let other = Path::object(1);
        for path in [instance, other, resource, instance] {
            list.insert(path).unwrap();
        }
        assert_eq!(list.as_slice(), [other, resource, instance]);
        assert_eq!(list.insert(Path::object(9)), Err(TooMany));
        assert_eq!(list.as_slice(), [other, resource, instance]);
        list.clear();
        assert_eq!(list.as_slice(), []);
    }

    #[test]
    #[cfg(feature = "senml")]
    fn what_lies_below_another_path_is_read_with_it() {
        let mut storage = [Path::ROOT; 6];
        let mut list = PathList::new(&mut storage);
        for path in ["/3/0/6/1", "/1/0", "/3/0/6", "/1/0/1", "/3/1"] {
            list.insert(Path::parse(path.as_bytes()).unwrap()).unwrap();
        }
        let read = |list: &PathList<'_>| {
            let paths = list.as_slice();
            (0..paths.len())
                .filter(|index| !is_below_another(paths, *index))
                .map(|index| paths[index])
                .collect::<Vec<_>>()
        };
        let expected = [
            Path::instance(1, 0),
            Path::resource(3, 0, 6),
            Path::instance(3, 1),
        ];
        assert_eq!(read(&list), expected);
        list.insert(Path::ROOT).unwrap();
        assert_eq!(read(&list), [Path::ROOT]);
    }
}
