// SPDX-License-Identifier: Apache-2.0
//! Paths of the resource model: `/object/instance/resource/resource-instance`
//! (OMA-TS-LightweightM2M_Core-V1_1_1 §7.1).

use std::fmt;
use std::str::FromStr;

/// A path of zero (the root, `/`) to four identifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    ids: [u16; Path::DEPTH],
    len: usize,
}

/// The text or list was no path: a part is no number below 65535, or there are more than four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath(String);

impl Path {
    /// The deepest level there is: a resource instance.
    pub const DEPTH: usize = 4;
    /// The root, `/`.
    pub const ROOT: Path = Path {
        ids: [0; Path::DEPTH],
        len: 0,
    };

    /// The identifiers, outermost first.
    pub fn ids(&self) -> &[u16] {
        &self.ids[..self.len]
    }

    /// Number of identifiers: 0 root, 1 object, 2 object instance, 3 resource, 4 resource instance.
    pub fn depth(&self) -> usize {
        self.len
    }

    /// The object, unless this is the root.
    pub fn object(&self) -> Option<u16> {
        self.ids().first().copied()
    }

    /// The resource, if the path goes that deep.
    pub fn resource(&self) -> Option<u16> {
        self.ids().get(2).copied()
    }

    /// This path with one more identifier; `None` below a resource instance.
    pub fn child(&self, id: u16) -> Option<Path> {
        let mut path = *self;
        *path.ids.get_mut(self.len)? = id;
        path.len += 1;
        Some(path)
    }

    /// The path with its last identifier left out; the root's parent is the root.
    pub fn parent(&self) -> Path {
        self.prefix(self.len.saturating_sub(1))
    }

    /// The first `depth` identifiers.
    pub fn prefix(&self, depth: usize) -> Path {
        self.ids()
            .iter()
            .take(depth)
            .fold(Path::ROOT, |path, id| path.child(*id).unwrap_or(path))
    }

    /// Whether `self` is `other` or lies above it.
    pub fn contains(&self, other: &Path) -> bool {
        other.ids().starts_with(self.ids())
    }
}

impl TryFrom<&[u16]> for Path {
    type Error = InvalidPath;

    fn try_from(ids: &[u16]) -> Result<Self, InvalidPath> {
        let invalid = || InvalidPath(format!("{ids:?}"));
        ids.iter().try_fold(Path::ROOT, |path, id| match id {
            // 65535 is reserved (§7.1).
            &u16::MAX => Err(invalid()),
            id => path.child(*id).ok_or_else(invalid),
        })
    }
}

impl FromStr for Path {
    type Err = InvalidPath;

    /// Reads `/3/0/9` or `3/0/9`; `/` and the empty text are the root.
    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let parts = text.strip_prefix('/').unwrap_or(text);
        if parts.is_empty() {
            return Ok(Path::ROOT);
        }
        let ids: Option<Vec<u16>> = parts.split('/').map(identifier).collect();
        ids.and_then(|ids| Path::try_from(ids.as_slice()).ok())
            .ok_or_else(|| InvalidPath(text.to_owned()))
    }
}

/// Decimal digits only: `u16::from_str` alone would take `+3`.
fn identifier(text: &str) -> Option<u16> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

impl TryFrom<&str> for Path {
    type Error = InvalidPath;

    fn try_from(text: &str) -> Result<Self, InvalidPath> {
        text.parse()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.len == 0 {
            return f.write_str("/");
        }
        self.ids().iter().try_for_each(|id| write!(f, "/{id}"))
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no LwM2M path", self.0)
    }
}

impl std::error::Error for InvalidPath {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in ["/", "/3", "/3/0", "/3303/1/5700", "/3/0/7/65534"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        assert_eq!("3/0".parse::<Path>(), "/3/0".parse());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["//", "/3/", "/a", "/+3", "/65535", "/65536", "/1/2/3/4/5"] {
            assert_eq!(text.parse::<Path>(), Err(InvalidPath(text.to_owned())));
        }
    }
}
