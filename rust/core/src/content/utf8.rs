// SPDX-License-Identifier: Apache-2.0
//! Whether bytes are UTF-8, RFC 3629 §4. The check of `core` is made for speed on long texts and
//! takes several times the flash.

/// Whether `bytes` are well-formed.
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    let mut text = Utf8::default();
    text.feed(bytes) && text.is_complete()
}

/// A text that is judged piece by piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Utf8 {
    /// How many bytes of a character are to come, and what the next one may be.
    missing: u32,
    least: u8,
    most: u8,
}

impl Default for Utf8 {
    fn default() -> Self {
        Utf8 {
            missing: 0,
            least: 0x80,
            most: 0xbf,
        }
    }
}

impl Utf8 {
    /// Whether the text may go on with `bytes`.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> bool {
        let Utf8 {
            mut missing,
            mut least,
            mut most,
        } = *self;
        for &byte in bytes {
            if missing > 0 {
                if byte < least || byte > most {
                    return false;
                }
                missing = missing.wrapping_sub(1);
                (least, most) = (0x80, 0xbf);
                continue;
            }
            missing = match byte {
                0..0x80 => 0,
                0xc2..0xe0 => 1,
                0xe0..0xf0 => 2,
                0xf0..0xf5 => 3,
                _ => return false,
            };
            // No longer form than needed, no surrogates, nothing above U+10FFFF.
            match byte {
                0xe0 => least = 0xa0,
                0xed => most = 0x9f,
                0xf0 => least = 0x90,
                0xf4 => most = 0x8f,
                _ => {}
            }
        }
        *self = Utf8 {
            missing,
            least,
            most,
        };
        true
    }

    /// Whether it may end here.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing == 0
    }
}

#[cfg(test)]
mod tests {
    use super::is_utf8;
    use proptest::prelude::*;

    #[test]
    fn every_pair_and_the_edges_of_longer_forms_are_judged_as_by_core() {
        for pair in 0..=u16::MAX {
            let [first, second] = pair.to_be_bytes();
            for tail in [
                &[][..],
                &[0x80],
                &[0xbf],
                &[0x80, 0x80],
                &[0xbf, 0xbf],
                b"a",
            ] {
                let bytes = [&[first, second], tail].concat();
                assert_eq!(
                    is_utf8(&bytes),
                    core::str::from_utf8(&bytes).is_ok(),
                    "{bytes:x?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn text_and_noise_are_judged_as_by_core(
            text in ".*",
            noise in prop::collection::vec(any::<u8>(), 0..12),
        ) {
            prop_assert!(is_utf8(text.as_bytes()));
            let mixed = [text.as_bytes(), &noise].concat();
            prop_assert_eq!(is_utf8(&mixed), core::str::from_utf8(&mixed).is_ok());
        }
    }
}
