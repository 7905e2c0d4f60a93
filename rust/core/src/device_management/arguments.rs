// SPDX-License-Identifier: Apache-2.0
//! The arguments of Execute, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.5: `0='first',1,2='third'`.

/// Whether the text is a list of arguments: a digit each, perhaps with a value in quotes. None is a
/// list, too.
#[must_use]
pub fn is_argument_list(text: &[u8]) -> bool {
    text.is_empty() || list(text).is_some()
}

fn list(mut text: &[u8]) -> Option<()> {
    loop {
        let (digit, rest) = text.split_first()?;
        if !digit.is_ascii_digit() {
            return None;
        }
        text = match rest.strip_prefix(b"='") {
            Some(rest) => {
                let length = rest.iter().position(|byte| !is_character(*byte))?;
                rest.get(length..)?.strip_prefix(b"'")?
            }
            None => rest,
        };
        if text.is_empty() {
            return Some(());
        }
        text = text.strip_prefix(b",")?;
    }
}

/// Printable, but for the space, both quotes and the backslash.
const fn is_character(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    #[test]
    fn arguments_are_digits_with_or_without_a_value() {
        for text in [
            "",
            "5",
            "2='10.3'",
            "7,0='https://www.oma.org'",
            "0,1,2,3,4",
            "0='',1='!#&(['",
            "9,9",
        ] {
            assert!(is_argument_list(text.as_bytes()), "{text}");
        }
        for text in [
            ",",
            "5,",
            ",5",
            "5,,6",
            "10",
            "5=",
            "5='",
            "5=''x",
            "5=x",
            "5 ",
            " 5",
            "a",
            "5='a b'",
            "5='a\"'",
            "5='a\\'",
            "5='a''",
            "5='\u{e4}'",
            "5='a',",
            "-1",
            "reboot",
        ] {
            assert!(!is_argument_list(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_grammar_makes_is_a_list(
            text in "[0-9](='[!#-&(-\\[\\]-~]{0,9}')?(,[0-9](='[!#-&(-\\[\\]-~]{0,9}')?){0,4}"
        ) {
            prop_assert!(is_argument_list(text.as_bytes()), "{}", text);
            let cut: String = text.chars().chain([',']).collect();
            prop_assert!(!is_argument_list(cut.as_bytes()), "{}", cut);
        }

        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = is_argument_list(&bytes);
        }
    }
}
