// SPDX-License-Identifier: Apache-2.0
//! Base64, RFC 4648: opaque values in plain text, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.1, and JSON.
//! Decoded where it lies, a byte at a time, so that no second buffer is needed.

use super::characters::Characters;
use super::{EncodeError, Output};
use crate::value::Bytes;

/// The digits for 62 and 63, and what is said of the padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// RFC 4648 §4: `+` and `/`, padded.
    Standard,
    /// RFC 4648 §5: `-` and `_`, written without padding. What is read may have it, and may have
    /// the digits of the standard alphabet, for there are servers that send that.
    #[cfg(feature = "senml-json")]
    Url,
}

impl Alphabet {
    fn is_standard(self) -> bool {
        self == Alphabet::Standard
    }
}

/// Valid Base64 text.
#[derive(Clone, Copy, Debug)]
pub struct Base64<'a> {
    text: Characters<'a>,
    /// Of the bytes.
    length: usize,
}

impl<'a> Base64<'a> {
    /// Checks `text`: alphabet, padding, and that the bits that are left over are zero.
    pub(super) fn new(text: Characters<'a>, alphabet: Alphabet) -> Option<Self> {
        let (mut digits, mut padding): (usize, usize) = (0, 0);
        let mut last = 0;
        for digit in text {
            if digit == b'=' {
                padding = padding.wrapping_add(1);
                continue;
            }
            if padding > 0 || (alphabet.is_standard() && matches!(digit, b'-' | b'_')) {
                return None;
            }
            last = value_of(digit)?;
            digits = digits.wrapping_add(1);
        }
        let spare = match digits & 3 {
            0 => 0,
            2 => last & 0x0f,
            3 => last & 0x03,
            _ => return None,
        };
        let padded = padding == digits.wrapping_neg() & 3;
        // Four digits carry three bytes, two carry one, three carry two.
        let length = digits.wrapping_sub(digits.wrapping_add(3) / 4);
        let whole = padded || (padding == 0 && !alphabet.is_standard());
        (spare == 0 && whole).then_some(Base64 { text, length })
    }
}

impl Bytes for Base64<'_> {
    fn len(&self) -> usize {
        self.length
    }

    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        if offset >= self.length {
            return 0;
        }
        let mut text = self.text;
        text.advance((offset / 3).wrapping_mul(4));
        let mut unwanted = offset % 3;
        let mut places = into.iter_mut();
        let mut copied: usize = 0;
        let (mut bits, mut count): (u32, u32) = (0, 0);
        // The padding ends it.
        while let Some(value) = text.next().and_then(value_of) {
            bits = (bits << 6) | u32::from(value);
            count = count.wrapping_add(6);
            if count < 8 {
                continue;
            }
            count = count.wrapping_sub(8);
            if unwanted > 0 {
                unwanted = unwanted.wrapping_sub(1);
                continue;
            }
            let Some(place) = places.next() else {
                break;
            };
            #[allow(clippy::cast_possible_truncation)]
            let byte = (bits >> count) as u8;
            *place = byte;
            copied = copied.wrapping_add(1);
        }
        copied
    }
}

/// Decodes Base64 text that arrives in pieces, a digit at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoder {
    alphabet: Alphabet,
    /// Whether the text lies in a JSON string.
    quoted: bool,
    escaped: bool,
    bits: u16,
    /// How many bits have not become a byte yet.
    count: u8,
    /// How many digits there were, and how much padding, modulo 4.
    digits: u8,
    padding: u8,
}

impl Decoder {
    pub(super) fn new(alphabet: Alphabet, quoted: bool) -> Self {
        Decoder {
            alphabet,
            quoted,
            escaped: false,
            bits: 0,
            count: 0,
            digits: 0,
            padding: 0,
        }
    }

    /// For plain text.
    pub(crate) fn standard() -> Self {
        Self::new(Alphabet::Standard, false)
    }

    /// Whether the text ends before this character.
    pub(crate) fn is_over(&self, character: u8) -> bool {
        self.quoted && character == b'"' && !self.escaped
    }

    /// Takes a character, which may complete a byte; `None` when it does not belong here.
    pub(crate) fn push(&mut self, character: u8) -> Option<Option<u8>> {
        // The one digit that JSON may escape is the slash.
        if self.quoted && character == b'\\' && !self.escaped {
            self.escaped = true;
            return Some(None);
        }
        if core::mem::take(&mut self.escaped) && character != b'/' {
            return None;
        }
        if character == b'=' {
            self.padding = self.padding.wrapping_add(1);
            return (self.padding < 3).then_some(None);
        }
        let foreign = self.alphabet.is_standard() && matches!(character, b'-' | b'_');
        if self.padding > 0 || foreign {
            return None;
        }
        self.bits = (self.bits << 6) | u16::from(value_of(character)?);
        self.digits = self.digits.wrapping_add(1) & 3;
        self.count = self.count.wrapping_add(6);
        if self.count < 8 {
            return Some(None);
        }
        self.count = self.count.wrapping_sub(8);
        #[allow(clippy::cast_possible_truncation)]
        Some(Some((self.bits >> (self.count & 7)) as u8))
    }

    /// Whether the text may end here: the padding is right and no bit is left over that counts.
    pub(crate) fn is_complete(&self) -> bool {
        let spare = self.bits & !(u16::MAX << (self.count & 7));
        let padded = self.padding == self.digits.wrapping_neg() & 3;
        let bare = self.padding == 0 && !self.alphabet.is_standard();
        !self.escaped && self.digits != 1 && spare == 0 && (padded || bare)
    }
}

fn value_of(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a' - 26),
        b'0'..=b'9' => digit.wrapping_add(52 - b'0'),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

fn digit_of(value: u8, alphabet: Alphabet) -> u8 {
    match value {
        0..26 => value.wrapping_add(b'A'),
        26..52 => value.wrapping_add(b'a' - 26),
        52..62 => value.wrapping_sub(52 - b'0'),
        62 if alphabet.is_standard() => b'+',
        62 => b'-',
        _ if alphabet.is_standard() => b'/',
        _ => b'_',
    }
}

/// Turns the bytes written from `start` on into their Base64 text. Works backwards, because the
/// text of a group ends no earlier than its bytes do.
pub(super) fn encode_in_place(
    output: &mut Output<'_>,
    start: usize,
    alphabet: Alphabet,
) -> Result<(), EncodeError> {
    let length = output.position().saturating_sub(start);
    let groups = length.wrapping_add(2) / 3;
    output.reserve(groups.saturating_mul(4).saturating_sub(length))?;
    let text = output.tail_mut(start);
    let mut group = groups;
    while group > 0 {
        group = group.wrapping_sub(1);
        let from = group.wrapping_mul(3);
        let count = length.saturating_sub(from).min(3);
        let mut bytes = text.get(from..).unwrap_or_default().iter().take(count);
        let mut next = || u32::from(bytes.next().copied().unwrap_or(0));
        let bits = (next() << 16) | (next() << 8) | next();
        let place = text.get_mut(group.wrapping_mul(4)..).unwrap_or_default();
        for (index, digit) in place.iter_mut().take(4).enumerate() {
            #[allow(clippy::cast_possible_truncation)]
            let value = (bits >> (18_usize.wrapping_sub(index.wrapping_mul(6)) & 31)) as u8 & 0x3f;
            *digit = if index > count {
                b'='
            } else {
                digit_of(value, alphabet)
            };
        }
    }
    if !alphabet.is_standard() {
        let padding = groups.wrapping_mul(3).wrapping_sub(length);
        output.truncate(output.position().saturating_sub(padding));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4648 §10.
    const VECTORS: [(&[u8], &[u8]); 8] = [
        (b"", b""),
        (b"f", b"Zg=="),
        (b"fo", b"Zm8="),
        (b"foo", b"Zm9v"),
        (b"foob", b"Zm9vYg=="),
        (b"fooba", b"Zm9vYmE="),
        (b"foobar", b"Zm9vYmFy"),
        (&[0xfb, 0xff, 0xbf], b"+/+/"),
    ];

    #[test]
    fn text_in_pieces_is_decoded_like_text_at_once() {
        for text in [
            &b""[..],
            b"Zg==",
            b"Zm8=",
            b"Zm9v",
            b"Zm9vYg==",
            b"Zm9vYmE=",
            b"Zh==",
            b"Zg=",
            b"Zg",
            b"Z",
            b"Zg===",
            b"Zg==Zg==",
            b"Zm-v",
            b"Zm 9",
        ] {
            let mut decoder = Decoder::standard();
            let bytes: Option<std::vec::Vec<_>> =
                text.iter().map(|digit| decoder.push(*digit)).collect();
            let pieces = bytes
                .filter(|_| decoder.is_complete())
                .map(|bytes| bytes.into_iter().flatten().collect::<std::vec::Vec<u8>>());
            let whole = Base64::new(Characters::plain(text), Alphabet::Standard).map(|base64| {
                let mut bytes = std::vec![0; base64.len()];
                base64.copy(0, &mut bytes);
                bytes
            });
            assert_eq!(pieces, whole, "{:?}", core::str::from_utf8(text));
        }
    }

    #[test]
    fn bytes_become_text_and_text_becomes_bytes() {
        for (bytes, text) in VECTORS {
            let mut buffer = [0; 16];
            let mut output = Output::new(&mut buffer);
            output.put_slice(b"x").unwrap();
            output.put_slice(bytes).unwrap();
            encode_in_place(&mut output, 1, Alphabet::Standard).unwrap();
            assert_eq!(output.written().get(1..).unwrap(), text);

            let decoded = Base64::new(Characters::plain(text), Alphabet::Standard).unwrap();
            assert_eq!(decoded.len(), bytes.len());
            for offset in 0..=bytes.len() + 1 {
                let mut into = [0; 16];
                let count = decoded.copy(offset, &mut into);
                assert_eq!(&into[..count], bytes.get(offset..).unwrap_or_default());
            }
        }
    }

    #[test]
    fn text_that_is_no_base64_is_refused() {
        for text in [
            "Z", "Zg", "Zg=", "Z===", "====", "Zm9v=", "Zm=v", "Zh==", "Zm9=", "Zm 9", "Zm9_",
            "Zg==Zg==",
        ] {
            let text = text.as_bytes();
            assert!(Base64::new(Characters::plain(text), Alphabet::Standard).is_none());
        }
    }

    #[test]
    #[cfg(feature = "senml-json")]
    fn the_url_alphabet_has_no_padding_and_forgives_it() {
        for (bytes, text) in VECTORS {
            let mut buffer = [0; 16];
            let mut output = Output::new(&mut buffer);
            output.put_slice(bytes).unwrap();
            encode_in_place(&mut output, 0, Alphabet::Url).unwrap();
            let unpadded: std::vec::Vec<u8> = text
                .iter()
                .filter(|digit| **digit != b'=')
                .map(|digit| match digit {
                    b'+' => b'-',
                    b'/' => b'_',
                    other => *other,
                })
                .collect();
            assert_eq!(output.written(), unpadded);
            for text in [text, &unpadded] {
                let decoded = Base64::new(Characters::plain(text), Alphabet::Url).unwrap();
                let mut into = [0; 16];
                let count = decoded.copy(0, &mut into);
                assert_eq!((decoded.len(), &into[..count]), (bytes.len(), bytes));
            }
        }
        for text in ["Z", "Zg=", "Z===", "====", "Zm=v", "Zh", "Zm9 "] {
            let text = Characters::plain(text.as_bytes());
            assert!(Base64::new(text, Alphabet::Url).is_none());
        }
    }

    #[test]
    fn text_that_does_not_fit_is_refused() {
        let mut buffer = [0; 3];
        let mut output = Output::new(&mut buffer);
        output.put_slice(b"foo").unwrap();
        assert_eq!(
            encode_in_place(&mut output, 0, Alphabet::Standard),
            Err(EncodeError::Full)
        );
        assert_eq!(output.written(), b"foo");
    }
}
