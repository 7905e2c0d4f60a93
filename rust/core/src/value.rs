// SPDX-License-Identifier: Apache-2.0
//! Resource values and data types, OMA-TS-LightweightM2M_Core-V1_1_1 appendix C.

/// A run of bytes that lives somewhere else: in an application's buffer, in a payload, perhaps
/// encoded there. Nothing holds a reference to it; whoever needs it copies it piece by piece.
pub trait Bytes: Copy {
    /// How many bytes there are.
    fn len(&self) -> usize;

    /// Copies the bytes from `offset` on into `into` and returns how many were copied: as many as
    /// fit and are there. Fewer means the end was reached.
    fn copy(&self, offset: usize, into: &mut [u8]) -> usize;

    /// A number that is another one when the bytes lie somewhere else. Whoever comes back for the
    /// rest of them sees by it that they were replaced.
    fn place(&self) -> usize {
        0
    }

    /// All of them, where they lie in memory that nobody writes meanwhile.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Bytes for &[u8] {
    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }

    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        let rest = self.get(offset..).unwrap_or_default();
        let count = rest.len().min(into.len());
        match (into.get_mut(..count), rest.get(..count)) {
            (Some(to), Some(from)) if to.len() == from.len() => to.copy_from_slice(from),
            _ => return 0,
        }
        count
    }
}

/// An object link: `object:instance`; 65535:65535 is the null link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectLink {
    /// Object ID.
    pub object: u16,
    /// Object Instance ID.
    pub instance: u16,
}

/// A value of a resource or resource instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<B> {
    /// UTF-8 text, without a terminator.
    String(B),
    /// Opaque bytes.
    Opaque(B),
    /// Integer or Unsigned Integer; every width of the data model fits.
    Integer(i64),
    /// Float.
    Float(f64),
    /// Boolean.
    Boolean(bool),
    /// Seconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Object link.
    ObjectLink(ObjectLink),
}

/// The data type of a resource, with the width the data model stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// No value: executable resources.
    None,
    /// Opaque bytes.
    Opaque,
    /// UTF-8 text.
    String,
    /// Unsigned 8-bit integer.
    U8,
    /// Unsigned 16-bit integer.
    U16,
    /// Unsigned 32-bit integer.
    U32,
    /// Signed 8-bit integer.
    S8,
    /// Signed 16-bit integer.
    S16,
    /// Signed 32-bit integer.
    S32,
    /// Signed 64-bit integer.
    S64,
    /// Boolean.
    Boolean,
    /// Seconds since the epoch.
    Time,
    /// IEEE 754 double.
    Float,
    /// Object link.
    ObjectLink,
}

impl DataType {
    /// The smallest and largest integer this type holds; `None` for the other types.
    #[must_use]
    pub const fn integer_range(self) -> Option<(i64, i64)> {
        let (signed, spare) = match self {
            DataType::U8 => (false, 55),
            DataType::U16 => (false, 47),
            DataType::U32 => (false, 31),
            DataType::S8 => (true, 56),
            DataType::S16 => (true, 48),
            DataType::S32 => (true, 32),
            DataType::S64 => (true, 0),
            _ => return None,
        };
        let greatest = i64::MAX >> spare;
        // In two's complement the least is the complement of the greatest.
        Some((if signed { !greatest } else { 0 }, greatest))
    }
}
