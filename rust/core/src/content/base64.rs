// SPDX-License-Identifier: Apache-2.0
//! Base64, RFC 4648 §4: opaque values in plain text, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.1.
//! Decoded where it lies, a byte at a time, so that no second buffer is needed.

use super::{EncodeError, Output};
use crate::value::Bytes;

/// Valid Base64 text with padding.
#[derive(Clone, Copy, Debug)]
pub struct Base64<'a> {
    /// Without the padding.
    digits: &'a [u8],
}

impl<'a> Base64<'a> {
    /// Checks `text`: alphabet, padding, and that the bits that are left over are zero.
    pub(super) fn new(text: &'a [u8]) -> Option<Self> {
        if text.len() & 3 != 0 {
            return None;
        }
        let digits = match text.strip_suffix(b"==") {
            Some(digits) => digits,
            None => text.strip_suffix(b"=").unwrap_or(text),
        };
        let mut last = 0;
        for &digit in digits {
            last = value_of(digit)?;
        }
        let spare = match digits.len() & 3 {
            0 => 0,
            2 => last & 0x0f,
            3 => last & 0x03,
            _ => return None,
        };
        (spare == 0).then_some(Base64 { digits })
    }

    fn byte(&self, index: usize) -> Option<u8> {
        let group = (index / 3).wrapping_mul(4);
        let place = index % 3;
        let mut digits = self.digits.get(group.wrapping_add(place)..)?.iter();
        let high = value_of(*digits.next()?)?;
        let low = value_of(*digits.next()?)?;
        Some(match place {
            0 => (high << 2) | (low >> 4),
            1 => (high << 4) | (low >> 2),
            _ => (high << 6) | low,
        })
    }
}

impl Bytes for Base64<'_> {
    fn len(&self) -> usize {
        // Four digits carry three bytes, two carry one, three carry two.
        let digits = self.digits.len();
        digits.wrapping_sub(digits.wrapping_add(3) / 4)
    }

    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        let mut copied: usize = 0;
        for place in into {
            let Some(byte) = offset
                .checked_add(copied)
                .and_then(|index| self.byte(index))
            else {
                break;
            };
            *place = byte;
            copied = copied.wrapping_add(1);
        }
        copied
    }
}

fn value_of(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a' - 26),
        b'0'..=b'9' => digit.wrapping_add(52 - b'0'),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn digit_of(value: u8) -> u8 {
    match value {
        0..26 => value.wrapping_add(b'A'),
        26..52 => value.wrapping_add(b'a' - 26),
        52..62 => value.wrapping_sub(52 - b'0'),
        62 => b'+',
        _ => b'/',
    }
}

/// Turns the bytes written from `start` on into their Base64 text. Works backwards, because the
/// text of a group ends no earlier than its bytes do.
pub(super) fn encode_in_place(output: &mut Output<'_>, start: usize) -> Result<(), EncodeError> {
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
            *digit = if index > count { b'=' } else { digit_of(value) };
        }
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
    fn bytes_become_text_and_text_becomes_bytes() {
        for (bytes, text) in VECTORS {
            let mut buffer = [0; 16];
            let mut output = Output::new(&mut buffer);
            output.put_slice(b"x").unwrap();
            output.put_slice(bytes).unwrap();
            encode_in_place(&mut output, 1).unwrap();
            assert_eq!(output.written().get(1..).unwrap(), text);

            let decoded = Base64::new(text).unwrap();
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
            assert!(Base64::new(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn text_that_does_not_fit_is_refused() {
        let mut buffer = [0; 3];
        let mut output = Output::new(&mut buffer);
        output.put_slice(b"foo").unwrap();
        assert_eq!(encode_in_place(&mut output, 0), Err(EncodeError::Full));
        assert_eq!(output.written(), b"foo");
    }
}
