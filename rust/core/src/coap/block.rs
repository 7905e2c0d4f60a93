// SPDX-License-Identifier: Apache-2.0
//! The value of a Block1 or Block2 option, RFC 7959 §2.2: which block it is, whether more follow,
//! how long a block is.

/// Length of a block: 16 to 1024 bytes, a power of two, kept as its exponent (SZX).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockSize(u8);

impl BlockSize {
    /// 16 bytes.
    pub const LEAST: Self = Self(0);
    /// 1024 bytes.
    pub const GREATEST: Self = Self(6);

    /// The greatest that is not longer than `limit`, but at least 16 bytes.
    #[must_use]
    pub const fn within(limit: usize) -> Self {
        let mut size = Self::GREATEST;
        while size.bytes() > limit && size.0 > 0 {
            size.0 = size.0.wrapping_sub(1);
        }
        size
    }

    /// Its number of bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        16 << (self.0 & 7)
    }
}

/// One block of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its number, counted in blocks of this size: 20 bits.
    pub number: u32,
    /// Whether more blocks follow.
    pub more: bool,
    /// How long the blocks are; the last one may be shorter.
    pub size: BlockSize,
}

/// An option value that is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidBlock {
    /// It is longer than three bytes.
    TooLong,
    /// Its size exponent is the reserved one, RFC 7959 §2.2.
    ReservedSize,
}

/// The greatest block number.
const MAX_NUMBER: u32 = 0x000f_ffff;
const MORE: u32 = 1 << 3;
const EXPONENT: u32 = 0b111;

impl Block {
    /// The block of this size that begins at `offset`; `None` when there is none, or its number is
    /// too great.
    #[must_use]
    pub fn at(offset: usize, more: bool, size: BlockSize) -> Option<Self> {
        let number = u32::try_from(offset >> (size.0.wrapping_add(4) & 15)).ok()?;
        let block = Self { number, more, size };
        (number <= MAX_NUMBER && block.offset() == offset).then_some(block)
    }

    /// Reads an option value.
    ///
    /// # Errors
    /// See [`InvalidBlock`].
    pub fn parse(value: &[u8]) -> Result<Self, InvalidBlock> {
        if value.len() > 3 {
            return Err(InvalidBlock::TooLong);
        }
        let value = super::message::uint(value).unwrap_or(0);
        let exponent = value & EXPONENT;
        if exponent == EXPONENT {
            return Err(InvalidBlock::ReservedSize);
        }
        #[allow(clippy::cast_possible_truncation)]
        Ok(Self {
            number: value >> 4,
            more: value & MORE != 0,
            size: BlockSize(exponent as u8),
        })
    }

    /// The option value.
    #[must_use]
    pub fn value(self) -> u32 {
        let more = if self.more { MORE } else { 0 };
        (self.number << 4) | more | u32::from(self.size.0)
    }

    /// Where in the body it begins.
    #[must_use]
    pub const fn offset(self) -> usize {
        // 20 bits of number and 10 of size fit 32 bits.
        (self.number as usize) << (self.size.0.wrapping_add(4) & 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(number: u32, more: bool, exponent: u8) -> Block {
        Block {
            number,
            more,
            size: BlockSize(exponent),
        }
    }

    /// The options of RFC 7959 §3, as its figures write them.
    #[test]
    fn the_options_of_the_examples_are_read_and_written() {
        for (value, expected, offset) in [
            (&[][..], block(0, false, 0), 0),
            (&[0x0e], block(0, true, 6), 0),    // 0/1/1024
            (&[0x0b], block(0, true, 3), 0),    // 0/1/128
            (&[0x1b], block(1, true, 3), 128),  // 1/1/128
            (&[0x23], block(2, false, 3), 256), // 2/0/128
            (&[0x2a], block(2, true, 2), 128),  // 2/1/64
            (&[0x52], block(5, false, 2), 320), // 5/0/64
            (&[0x4d, 0x29], block(1234, true, 1), 39_488),
            (
                &[0xff, 0xff, 0xfe],
                block(MAX_NUMBER, true, 6),
                1_073_740_800,
            ),
        ] {
            assert_eq!(Block::parse(value), Ok(expected), "{value:02x?}");
            assert_eq!(expected.offset(), offset);
            let bytes = expected.value().to_be_bytes();
            let skip = bytes.iter().take_while(|byte| **byte == 0).count();
            assert_eq!(&bytes[skip..], value);
        }
        assert_eq!(Block::parse(&[7]), Err(InvalidBlock::ReservedSize));
        assert_eq!(Block::parse(&[0, 0, 0, 1]), Err(InvalidBlock::TooLong));
    }

    #[test]
    fn the_size_is_the_greatest_within_a_limit() {
        for (limit, bytes) in [
            (0, 16),
            (16, 16),
            (64, 64),
            (100, 64),
            (512, 512),
            (1023, 512),
            (1024, 1024),
            (4000, 1024),
        ] {
            assert_eq!(BlockSize::within(limit).bytes(), bytes, "{limit}");
        }
    }

    proptest! {
        #[test]
        fn every_block_reads_back(number in 0..=MAX_NUMBER, more: bool, exponent in 0_u8..7) {
            let expected = block(number, more, exponent);
            let bytes = expected.value().to_be_bytes();
            prop_assert_eq!(Block::parse(&bytes[1..]), Ok(expected));
            let at = Block::at(expected.offset(), more, expected.size);
            prop_assert_eq!(at, Some(expected));
        }

        #[test]
        fn only_offsets_on_a_boundary_begin_a_block(offset in 0_usize..1 << 20, exponent in 0_u8..7) {
            let size = BlockSize(exponent);
            let at = Block::at(offset, false, size);
            prop_assert_eq!(at.is_some(), offset % size.bytes() == 0);
        }

        #[test]
        fn any_bytes_are_a_block_or_refused(value in proptest::collection::vec(any::<u8>(), 0..6)) {
            match Block::parse(&value) {
                Ok(block) => prop_assert!(value.len() <= 3 && block.size.bytes() <= 1024),
                Err(InvalidBlock::TooLong) => prop_assert!(value.len() > 3),
                Err(InvalidBlock::ReservedSize) => prop_assert_eq!(value.last().unwrap() & 7, 7),
            }
        }
    }
}
