// SPDX-License-Identifier: Apache-2.0
//! The bytes of a text one after the other: as they lie in the payload, or as a JSON string spells
//! them, RFC 8259 §7.

/// An iterator over the bytes of a text; a malformed escape ends it.
#[derive(Clone, Copy, Debug)]
pub struct Characters<'a> {
    rest: &'a [u8],
    #[cfg(feature = "json-text")]
    escaped: bool,
    /// What is left of a character that was escaped, the next byte lowest.
    #[cfg(feature = "json-text")]
    pending: u32,
}

impl<'a> Characters<'a> {
    pub(super) fn plain(text: &'a [u8]) -> Self {
        Characters {
            rest: text,
            #[cfg(feature = "json-text")]
            escaped: false,
            #[cfg(feature = "json-text")]
            pending: 0,
        }
    }

    /// Passes over `count` bytes.
    pub(super) fn advance(&mut self, count: usize) {
        #[cfg(feature = "json-text")]
        if self.escaped {
            for _ in 0..count {
                if self.next().is_none() {
                    return;
                }
            }
            return;
        }
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

impl Iterator for Characters<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        #[cfg(feature = "json-text")]
        if self.pending != 0 {
            return Some(low_byte(&mut self.pending));
        }
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        #[cfg(feature = "json-text")]
        if byte == b'\\' && self.escaped {
            self.pending = escape(&mut self.rest)?;
            return Some(low_byte(&mut self.pending));
        }
        Some(byte)
    }
}

#[cfg(feature = "json-text")]
pub(super) use json::Escaped;
#[cfg(feature = "json-text")]
use json::{escape, low_byte};

#[cfg(feature = "json-text")]
mod json {
    use super::Characters;
    use crate::content::utf8::is_utf8;
    use crate::value::Bytes;

    /// The inside of a JSON string in which characters are escaped, checked to be well-formed.
    #[derive(Clone, Copy, Debug)]
    pub struct Escaped<'a> {
        pub(in super::super) characters: Characters<'a>,
        length: usize,
    }

    impl<'a> Escaped<'a> {
        /// Checks every escape.
        pub(in super::super) fn new(text: &'a [u8]) -> Option<Self> {
            let mut rest = text;
            let mut length: usize = 0;
            while let Some((&byte, after)) = rest.split_first() {
                rest = after;
                let mut bytes = 1;
                if byte == b'\\' {
                    let character = escape(&mut rest)?;
                    bytes = (39_u32.wrapping_sub((character | 1).leading_zeros()) / 8) as usize;
                }
                length = length.wrapping_add(bytes);
            }
            let characters = Characters {
                escaped: true,
                ..Characters::plain(text)
            };
            Some(Escaped { characters, length })
        }

        /// Whether it is UTF-8: what is escaped always is.
        pub(in super::super) fn is_utf8(&self) -> bool {
            is_utf8(self.characters.rest)
        }
    }

    impl Bytes for Escaped<'_> {
        fn len(&self) -> usize {
            self.length
        }

        fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
            let mut characters = self.characters;
            characters.advance(offset);
            let mut copied: usize = 0;
            for (place, byte) in into.iter_mut().zip(characters) {
                *place = byte;
                copied = copied.wrapping_add(1);
            }
            copied
        }
    }

    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn low_byte(bytes: &mut u32) -> u8 {
        let byte = *bytes as u8;
        *bytes >>= 8;
        byte
    }

    /// Reads what follows a backslash: the character in UTF-8, its first byte lowest.
    pub(super) fn escape(rest: &mut &[u8]) -> Option<u32> {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        Some(match byte {
            b'"' | b'\\' | b'/' => u32::from(byte),
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'u' => {
                let mut character = code_unit(rest)?;
                if character & 0xf800 == 0xd800 {
                    // A character beyond 16 bits is two: 10 bits of it less 2^16 in each.
                    *rest = rest.strip_prefix(b"\\u")?;
                    let low = code_unit(rest)?;
                    if character & 0x400 != 0 || low & 0xfc00 != 0xdc00 {
                        return None;
                    }
                    character =
                        (((character & 0x3ff) << 10) | (low & 0x3ff)).wrapping_add(0x1_0000);
                }
                utf8(character)
            }
            _ => return None,
        })
    }

    fn code_unit(rest: &mut &[u8]) -> Option<u32> {
        let (digits, after) = rest.split_at_checked(4)?;
        *rest = after;
        digits.iter().try_fold(0, |value, digit| {
            Some((value << 4) | char::from(*digit).to_digit(16)?)
        })
    }

    fn utf8(character: u32) -> u32 {
        let follow = |shift: u32| 0x80 | ((character >> shift) & 0x3f);
        match character {
            0..0x80 => character,
            0x80..0x800 => 0xc0 | (character >> 6) | (follow(0) << 8),
            0x800..0x1_0000 => 0xe0 | (character >> 12) | (follow(6) << 8) | (follow(0) << 16),
            _ => {
                0xf0 | (character >> 18) | (follow(12) << 8) | (follow(6) << 16) | (follow(0) << 24)
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::string::String;
        use std::vec::Vec;

        #[test]
        fn every_character_is_read_as_it_is_escaped() {
            for character in ('\0'..=char::MAX)
                .step_by(7)
                .chain("\0\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}".chars())
            {
                let mut units = [0; 2];
                let text: String = character
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| std::format!("\\u{unit:04X}"))
                    .collect();
                let escaped = Escaped::new(text.as_bytes()).unwrap();
                let mut buffer = [0; 4];
                let expected = character.encode_utf8(&mut buffer).as_bytes();
                assert_eq!(escaped.len(), expected.len(), "{text}");
                assert_eq!(escaped.characters.collect::<Vec<u8>>(), expected, "{text}");
            }
        }

        #[test]
        fn bytes_are_copied_from_any_offset() {
            let escaped = Escaped::new(br#"a\"\\\/\b\f\n\r\t\u00b5\u0000z"#).unwrap();
            let expected = b"a\"\\/\x08\x0c\n\r\t\xc2\xb5\0z";
            assert_eq!(escaped.len(), expected.len());
            for offset in 0..=expected.len() + 1 {
                let mut into = [0; 16];
                let count = escaped.copy(offset, &mut into);
                assert_eq!(&into[..count], expected.get(offset..).unwrap_or_default());
            }
        }

        #[test]
        fn malformed_escapes_are_refused() {
            for text in [
                r"\",
                r"\x",
                r"\u",
                r"\u12",
                r"\u12g4",
                r"\u+123",
                r"\ud800",
                r"\ud800x",
                r"\ud800\u0041",
                r"\ud800\ud800",
                r"\udc00",
                r"\udc00\ud800",
                r"\ud83d\ude0",
            ] {
                assert!(Escaped::new(text.as_bytes()).is_none(), "{text}");
            }
        }
    }
}
