// SPDX-License-Identifier: Apache-2.0
//! Integers and paths as decimal text.

use super::{EncodeError, Output};
use crate::division::divide;
use crate::path::{MAX_ID, Path};

/// Appends `value` in decimal.
pub(super) fn put_integer(output: &mut Output<'_>, value: i64) -> Result<(), EncodeError> {
    let start = output.position();
    if value < 0 {
        output.put(b'-')?;
    }
    let result = put_unsigned(output, value.unsigned_abs());
    if result.is_err() {
        output.truncate(start);
    }
    result
}

/// Appends `value` in decimal.
pub(crate) fn put_unsigned(output: &mut Output<'_>, mut value: u64) -> Result<(), EncodeError> {
    let mut digits = [0; 20];
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' | divide::<10>(&mut value) as u8;
        first = first.wrapping_sub(1);
        if value == 0 {
            break;
        }
    }
    output.put_slice(digits.get(first..).unwrap_or_default())
}

/// Appends an identifier in decimal.
pub(super) fn put_id(output: &mut Output<'_>, id: u16) -> Result<(), EncodeError> {
    let (text, width) = digits(id);
    output.put_uint(text, width)
}

/// The digits of an identifier as one number, to be written at once, and how many there are.
fn digits(id: u16) -> (u64, usize) {
    let mut id = u32::from(id);
    let (mut text, mut width) = (0_u64, 0_usize);
    while id >= 10 {
        text |= u64::from(b'0' as u32 | (id % 10)) << (width << 3);
        width = width.wrapping_add(1);
        id /= 10;
    }
    text |= u64::from(b'0' as u32 | id) << (width << 3);
    (text, width.wrapping_add(1))
}

/// Appends `/3/0/6`, for the root `/`.
pub(super) fn put_path(output: &mut Output<'_>, path: &Path) -> Result<(), EncodeError> {
    if *path == Path::ROOT {
        return output.put(b'/');
    }
    let ids = [
        path.object_id(),
        path.instance_id(),
        path.resource_id(),
        path.resource_instance_id(),
    ];
    for &id in &ids {
        if id == MAX_ID {
            break;
        }
        let (text, width) = digits(id);
        output.put_uint(
            u64::from(b'/') << (width << 3) | text,
            width.wrapping_add(1),
        )?;
    }
    Ok(())
}

/// `mantissa * 10^exponent`, if that is an integer of 64 bits.
#[cfg(feature = "typed-values")]
pub(super) fn scaled(mantissa: i64, exponent: i64) -> Option<i64> {
    if mantissa == 0 {
        return Some(0);
    }
    let mut magnitude = mantissa.unsigned_abs();
    // More than 19 steps there never are: the magnitude is at least 1 and at most 64 bits.
    for _ in exponent..0 {
        if divide::<10>(&mut magnitude) != 0 {
            return None;
        }
    }
    for _ in 0..exponent {
        magnitude = magnitude.checked_mul(10)?;
    }
    if mantissa < 0 {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// The integer that a JSON number is, if it is one of 64 bits; `1.0` and `12e2` are.
#[cfg(feature = "json-text")]
pub(super) fn exact_integer(number: &[u8]) -> Option<i64> {
    let (negative, unsigned) = match number.strip_prefix(b"-") {
        Some(unsigned) => (true, unsigned),
        None => (false, number),
    };
    // The digits but for the zeros at their end, which are only counted, as a negative number.
    let (mut mantissa, mut zeros): (i64, i64) = (0, 0);
    let (mut exponent, mut fraction): (i64, bool) = (0, false);
    let mut bytes = unsigned.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'0'..=b'9' => {
                exponent = exponent.wrapping_sub(i64::from(fraction));
                zeros = zeros.wrapping_add(1);
                if byte != b'0' {
                    for _ in 0..zeros {
                        mantissa = mantissa.checked_mul(10)?;
                    }
                    mantissa = mantissa.checked_sub(i64::from(byte & 0x0f))?;
                    zeros = 0;
                }
            }
            b'.' => fraction = true,
            _ => {
                let text = bytes.as_slice();
                let text = text.strip_prefix(b"+").unwrap_or(text);
                exponent = exponent.wrapping_add(i64::from(super::float::small_exponent(text)?));
                break;
            }
        }
    }
    let value = scaled(mantissa, exponent.wrapping_add(zeros))?;
    if negative {
        Some(value)
    } else {
        value.checked_neg()
    }
}

/// A decimal integer: an optional minus, then digits only.
#[must_use]
pub fn parse_integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    // Downwards, because the least integer has no positive counterpart.
    let mut value: i64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_sub(i64::from(byte & 0x0f))?;
    }
    if negative {
        Some(value)
    } else {
        value.checked_neg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn integers_become_text() {
        let mut values = std::vec![0, -1, i64::MAX, i64::MIN, 4_294_967_295, 4_294_967_296];
        let mut power: i64 = 1;
        while let Some(next) = power.checked_mul(10) {
            values.extend([power - 1, power, power + 1, -power]);
            power = next;
        }
        for value in values {
            let mut buffer = [0; 20];
            let mut output = Output::new(&mut buffer);
            put_integer(&mut output, value).unwrap();
            assert_eq!(output.written(), value.to_string().as_bytes());
            assert_eq!(parse_integer(output.written()), Some(value));
        }
        let mut buffer = [0; 5];
        for id in 0..=u16::MAX {
            let mut output = Output::new(&mut buffer);
            put_id(&mut output, id).unwrap();
            assert_eq!(output.written(), id.to_string().as_bytes());
        }
        let mut output = Output::new(&mut buffer);
        assert_eq!(put_integer(&mut output, -12_345), Err(EncodeError::Full));
        assert_eq!(output.position(), 0);
    }

    #[test]
    #[cfg(feature = "typed-values")]
    fn powers_of_ten_scale_what_stays_an_integer() {
        assert_eq!(scaled(3, 2), Some(300));
        assert_eq!(scaled(-300, -2), Some(-3));
        assert_eq!(scaled(-300, -3), None);
        assert_eq!(scaled(0, i64::MIN), Some(0));
        assert_eq!(scaled(1, i64::MAX), None);
        assert_eq!(scaled(i64::MIN, i64::MIN), None);
        assert_eq!(scaled(i64::MIN, 0), Some(i64::MIN));
        assert_eq!(
            scaled(922_337_203_685_477_580, 1),
            Some(9_223_372_036_854_775_800)
        );
        assert_eq!(scaled(922_337_203_685_477_581, 1), None);
    }

    #[test]
    #[cfg(feature = "json-text")]
    fn json_numbers_that_are_integers_are_taken_exactly() {
        for (text, value) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("0.0e9", Some(0)),
            ("1.0", Some(1)),
            ("-12e2", Some(-1200)),
            ("1200E-2", Some(12)),
            ("12.50e+1", Some(125)),
            ("0.0012e4", Some(12)),
            ("10000000000000000000000e-20", Some(100)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("-9.223372036854775808e18", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("922337203685477580.75e1", None),
            ("1.5", None),
            ("1e-1", None),
            ("1.00000000000000000000001", None),
            ("1e19", None),
            ("1e99999999999", None),
            ("1e-99999999999", None),
        ] {
            assert_eq!(exact_integer(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn text_that_is_no_integer_is_refused() {
        for text in [
            "",
            "-",
            "+1",
            " 1",
            "1 ",
            "1x",
            "abc",
            "1.0",
            "--1",
            "0x10",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
        ] {
            assert_eq!(parse_integer(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_integer(b"-0"), Some(0));
        assert_eq!(parse_integer(b"007"), Some(7));
    }
}
