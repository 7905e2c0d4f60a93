// SPDX-License-Identifier: Apache-2.0
//! LwM2M paths: `/object/instance/resource/resource instance`, OMA-TS-LightweightM2M_Core-V1_1_1
//! §7.2. Identifiers are 0..=65534; 65535 is reserved (MAX_ID) and never part of a path.

/// The reserved identifier, never a valid part of a path.
pub const MAX_ID: u16 = 65_535;

/// How many segments a path has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `/`
    Root,
    /// `/object`
    Object,
    /// `/object/instance`
    ObjectInstance,
    /// `/object/instance/resource`
    Resource,
    /// `/object/instance/resource/resource instance`
    ResourceInstance,
}

/// A path of none to four identifiers. Identifiers that are not there are stored as [`MAX_ID`],
/// so two paths are equal exactly when they name the same thing. In ascending order a path comes
/// after those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    object: u16,
    instance: u16,
    resource: u16,
    resource_instance: u16,
}

impl Ord for Path {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What a text or a list of segments can be instead of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPath;

impl Path {
    /// The path without any segment.
    pub const ROOT: Path = Path {
        object: MAX_ID,
        instance: MAX_ID,
        resource: MAX_ID,
        resource_instance: MAX_ID,
    };

    /// `/object`. An identifier of [`MAX_ID`] ends the path there, in all constructors.
    #[must_use]
    pub const fn object(object: u16) -> Self {
        Self::resource_instance(object, MAX_ID, MAX_ID, MAX_ID)
    }

    /// `/object/instance`.
    #[must_use]
    pub const fn instance(object: u16, instance: u16) -> Self {
        Self::resource_instance(object, instance, MAX_ID, MAX_ID)
    }

    /// `/object/instance/resource`.
    #[must_use]
    pub const fn resource(object: u16, instance: u16, resource: u16) -> Self {
        Self::resource_instance(object, instance, resource, MAX_ID)
    }

    /// `/object/instance/resource/resource instance`.
    #[must_use]
    #[inline(never)]
    pub const fn resource_instance(object: u16, instance: u16, resource: u16, id: u16) -> Self {
        let mut path = Path::ROOT;
        path.object = object;
        if object != MAX_ID {
            path.instance = instance;
            if instance != MAX_ID {
                path.resource = resource;
                if resource != MAX_ID {
                    path.resource_instance = id;
                }
            }
        }
        path
    }

    /// The path of a resource in the object instance that this path names.
    #[must_use]
    pub(crate) const fn resource_within(&self, resource: u16) -> Self {
        let mut path = *self;
        path.resource = resource;
        path
    }

    /// How many segments there are.
    #[must_use]
    pub const fn level(&self) -> Level {
        if self.object == MAX_ID {
            Level::Root
        } else if self.instance == MAX_ID {
            Level::Object
        } else if self.resource == MAX_ID {
            Level::ObjectInstance
        } else if self.resource_instance == MAX_ID {
            Level::Resource
        } else {
            Level::ResourceInstance
        }
    }

    /// The Object ID, [`MAX_ID`] when there is none.
    #[must_use]
    pub const fn object_id(&self) -> u16 {
        self.object
    }

    /// The Object Instance ID, [`MAX_ID`] when there is none.
    #[must_use]
    pub const fn instance_id(&self) -> u16 {
        self.instance
    }

    /// The Resource ID, [`MAX_ID`] when there is none.
    #[must_use]
    pub const fn resource_id(&self) -> u16 {
        self.resource
    }

    /// The Resource Instance ID, [`MAX_ID`] when there is none.
    #[must_use]
    pub const fn resource_instance_id(&self) -> u16 {
        self.resource_instance
    }

    /// The identifiers in order, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = u16> + use<> {
        [
            self.object,
            self.instance,
            self.resource,
            self.resource_instance,
        ]
        .into_iter()
        .take_while(|&id| id != MAX_ID)
    }

    /// The path one segment longer.
    ///
    /// # Errors
    /// `id` is [`MAX_ID`], or the path already has four segments.
    pub const fn child(&self, id: u16) -> Result<Self, InvalidPath> {
        if id == MAX_ID {
            return Err(InvalidPath);
        }
        let mut path = *self;
        match self.level() {
            Level::Root => path.object = id,
            Level::Object => path.instance = id,
            Level::ObjectInstance => path.resource = id,
            Level::Resource => path.resource_instance = id,
            Level::ResourceInstance => return Err(InvalidPath),
        }
        Ok(path)
    }

    /// The path one segment shorter; the root's parent is the root.
    #[must_use]
    pub const fn parent(&self) -> Self {
        let mut path = *self;
        match self.level() {
            Level::Root | Level::Object => path.object = MAX_ID,
            Level::ObjectInstance => path.instance = MAX_ID,
            Level::Resource => path.resource = MAX_ID,
            Level::ResourceInstance => path.resource_instance = MAX_ID,
        }
        path
    }

    /// The identifiers as one number, the outermost first: what the order goes by. One comparison
    /// takes the place of four.
    #[inline(always)]
    pub(crate) const fn key(&self) -> u64 {
        (self.object as u64) << 48
            | (self.instance as u64) << 32
            | (self.resource as u64) << 16
            | self.resource_instance as u64
    }

    /// The first path in ascending order among this one and those below it, which comes last.
    #[must_use]
    pub(crate) const fn first_below(&self) -> Self {
        const fn first(id: u16) -> u16 {
            if id == MAX_ID { 0 } else { id }
        }
        Path {
            object: first(self.object),
            instance: first(self.instance),
            resource: first(self.resource),
            resource_instance: first(self.resource_instance),
        }
    }

    /// Whether `other` is this path or lies below it.
    #[must_use]
    #[inline(never)]
    pub const fn contains(&self, other: &Self) -> bool {
        (self.object == MAX_ID || self.object == other.object)
            && (self.instance == MAX_ID || self.instance == other.instance)
            && (self.resource == MAX_ID || self.resource == other.resource)
            && (self.resource_instance == MAX_ID
                || self.resource_instance == other.resource_instance)
    }

    /// Whether one of the two paths contains the other.
    #[must_use]
    pub const fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// Reads `/3/0/1`: a slash before each segment (the first may be missing), decimal, no sign.
    /// The empty text and `/` are the root.
    ///
    /// # Errors
    /// A segment is empty, not a number, above 65534, or the fifth.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidPath> {
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let mut path = Path::ROOT;
        if text.is_empty() {
            return Ok(path);
        }
        for segment in text.split(|&byte| byte == b'/') {
            path = path.child(parse_id(segment)?)?;
        }
        Ok(path)
    }
}

/// One decimal identifier, 0..=65534.
///
/// # Errors
/// Anything else, the empty text included.
pub fn parse_id(text: &[u8]) -> Result<u16, InvalidPath> {
    if text.is_empty() {
        return Err(InvalidPath);
    }
    let mut id: u16 = 0;
    for &byte in text {
        if !byte.is_ascii_digit() {
            return Err(InvalidPath);
        }
        id = id
            .checked_mul(10)
            .and_then(|id| id.checked_add(u16::from(byte & 0x0f)))
            .ok_or(InvalidPath)?;
    }
    if id == MAX_ID {
        return Err(InvalidPath);
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_path_of_that_level() {
        for (text, path, level) in [
            ("", Path::ROOT, Level::Root),
            ("/", Path::ROOT, Level::Root),
            ("/3", Path::object(3), Level::Object),
            ("3/0", Path::instance(3, 0), Level::ObjectInstance),
            ("/3/0/11", Path::resource(3, 0, 11), Level::Resource),
            (
                "/65534/65534/65534/65534",
                Path::resource_instance(65534, 65534, 65534, 65534),
                Level::ResourceInstance,
            ),
        ] {
            let parsed = Path::parse(text.as_bytes()).unwrap();
            assert_eq!((parsed, parsed.level()), (path, level), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_path_is_refused() {
        for text in [
            "//",
            "/3/",
            "/65535",
            "/65536",
            "/1/2/3/4/5",
            "/a",
            "/-1",
            "/ 3",
            "/+3",
        ] {
            assert_eq!(Path::parse(text.as_bytes()), Err(InvalidPath), "{text}");
        }
    }

    #[test]
    fn a_path_contains_itself_and_what_is_below() {
        let instance = Path::instance(3, 0);
        assert!(instance.contains(&instance));
        assert!(instance.contains(&Path::resource_instance(3, 0, 6, 1)));
        assert!(!instance.contains(&Path::object(3)));
        assert!(!instance.contains(&Path::instance(3, 1)));
        assert!(Path::ROOT.contains(&instance));
        assert!(Path::object(3).overlaps(&instance) && instance.overlaps(&Path::object(3)));
    }

    #[test]
    fn child_and_parent_are_inverse() {
        let mut path = Path::ROOT;
        for id in [3, 0, 6, 1] {
            let child = path.child(id).unwrap();
            assert_eq!(child.parent(), path);
            path = child;
        }
        assert_eq!(path.child(0), Err(InvalidPath));
        assert_eq!(Path::ROOT.child(MAX_ID), Err(InvalidPath));
    }
}
