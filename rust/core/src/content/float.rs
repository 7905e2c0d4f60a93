// SPDX-License-Identifier: Apache-2.0
//! Floating-point numbers: IEEE 754 bits of several widths, and decimal text.
//!
//! Text is made and read with exact integers of up to 1280 bits. That is slower than the table
//! methods of the crates for numbers with many digits or large exponents, no slower for the short
//! ones a device has, and a quarter of their size (`docs/architecture.md`).

use super::number::put_integer;
use super::{EncodeError, Output};
use core::cmp::Ordering;

const FRACTION_BITS: u32 = 52;
const FRACTION: u64 = (1 << FRACTION_BITS) - 1;
const EXPONENT: u32 = 0x7ff;
/// The exponent of the fraction's last bit, for an exponent field of 1.
const LEAST_EXPONENT: i32 = -1074;

/// A double as `(-1)^negative * mantissa * 2^exponent`.
struct Parts {
    negative: bool,
    /// The exponent field as it is: 0 for subnormal numbers, [`EXPONENT`] for infinity and NaN.
    field: u32,
    mantissa: u64,
    exponent: i32,
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
fn parts(value: f64) -> Parts {
    let bits = value.to_bits();
    let field = (bits >> FRACTION_BITS) as u32 & EXPONENT;
    let fraction = bits & FRACTION;
    let normal = field != 0;
    Parts {
        negative: bits >> 63 != 0,
        field,
        mantissa: fraction | (u64::from(normal) << FRACTION_BITS),
        exponent: (field.max(1) as i32)
            .wrapping_sub(1)
            .wrapping_add(LEAST_EXPONENT),
    }
}

#[cfg(any(feature = "tlv", feature = "cbor-items"))]
/// A narrower IEEE 754 format.
#[derive(Clone, Copy)]
pub(super) struct Format {
    exponent_bits: u32,
    fraction_bits: u32,
}

#[cfg(any(feature = "tlv", feature = "cbor-items"))]
/// binary32
pub(super) const SINGLE: Format = Format {
    exponent_bits: 8,
    fraction_bits: 23,
};

/// binary16
#[cfg(feature = "cbor-items")]
pub(super) const HALF: Format = Format {
    exponent_bits: 5,
    fraction_bits: 10,
};

#[cfg(any(feature = "tlv", feature = "cbor-items"))]
impl Format {
    const fn greatest_field(self) -> u32 {
        (1_u32 << self.exponent_bits).wrapping_sub(1)
    }

    /// What separates its exponent fields from a double's.
    const fn rebias(self) -> u32 {
        (EXPONENT >> 1).wrapping_sub(self.greatest_field() >> 1)
    }
}

#[cfg(any(feature = "tlv", feature = "cbor-items"))]
/// The bits of `value` in a narrower format, if nothing is lost. Signs and payloads of NaN are
/// kept or refused like everything else.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn narrow(value: f64, format: Format) -> Option<u32> {
    let Parts {
        negative,
        field,
        mantissa,
        ..
    } = parts(value);
    let spare = FRACTION_BITS.wrapping_sub(format.fraction_bits);
    let sign = u32::from(negative) << format.exponent_bits.wrapping_add(format.fraction_bits);
    let (field, mantissa) = if field == EXPONENT {
        (format.greatest_field(), mantissa & FRACTION)
    } else if mantissa == 0 {
        return Some(sign);
    } else if field > format.rebias() {
        let field = field.wrapping_sub(format.rebias());
        if field >= format.greatest_field() {
            return None;
        }
        (field, mantissa & FRACTION)
    } else {
        // Subnormal there: the leading bit is written out, further to the right.
        let shift = format.rebias().wrapping_sub(field).wrapping_add(1);
        if shift > FRACTION_BITS || mantissa.trailing_zeros() < shift {
            return None;
        }
        (0, mantissa >> shift)
    };
    if mantissa.trailing_zeros() < spare {
        return None;
    }
    let fraction = (mantissa >> spare) as u32;
    Some(sign | (field << format.fraction_bits) | fraction)
}

#[cfg(any(feature = "tlv", feature = "cbor-items"))]
/// The double with the value that `bits` have in a narrower format.
pub(super) fn widen(bits: u32, format: Format) -> f64 {
    let magnitude = format.exponent_bits.wrapping_add(format.fraction_bits);
    let spare = FRACTION_BITS.wrapping_sub(format.fraction_bits);
    let sign = u64::from(bits >> magnitude) << 63;
    let mut field = (bits >> format.fraction_bits) & format.greatest_field();
    let mut fraction = u64::from(bits & (1_u32 << format.fraction_bits).wrapping_sub(1)) << spare;
    if field == format.greatest_field() {
        field = EXPONENT;
    } else if field != 0 {
        field = field.wrapping_add(format.rebias());
    } else if fraction != 0 {
        // Subnormal there, normal here.
        let shift = fraction.leading_zeros().wrapping_sub(63 - FRACTION_BITS);
        fraction = (fraction << shift) & FRACTION;
        field = format.rebias().wrapping_add(1).wrapping_sub(shift);
    }
    f64::from_bits(sign | (u64::from(field) << FRACTION_BITS) | fraction)
}

/// The integer that `value` is, if it is one.
pub(super) fn to_integer(value: f64) -> Option<i64> {
    let Parts {
        negative,
        mantissa,
        exponent,
        ..
    } = parts(value);
    if mantissa == 0 {
        return Some(0);
    }
    let magnitude = if exponent >= 0 {
        if exponent > 11 {
            return None;
        }
        mantissa << exponent
    } else {
        let shift = exponent.unsigned_abs();
        if shift > FRACTION_BITS || mantissa.trailing_zeros() < shift {
            return None;
        }
        mantissa >> shift
    };
    if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// A natural number of up to 1280 bits, least significant word first. An operation that would
/// exceed them drops the excess; the callers' ranges keep that from happening.
struct Natural {
    words: [u32; 40],
    /// How many words are used; the ones above are 0.
    length: usize,
}

impl Natural {
    #[allow(clippy::cast_possible_truncation)]
    fn new(value: u64) -> Self {
        let mut words = [0; 40];
        let [low, high, ..] = &mut words;
        (*low, *high) = (value as u32, (value >> 32) as u32);
        Natural { words, length: 2 }
    }

    /// `self * factor + term`
    #[allow(clippy::cast_possible_truncation)]
    fn multiply(&mut self, factor: u32, term: u32) {
        let mut carry = term;
        for word in self.words.iter_mut().take(self.length) {
            let product = u64::from(*word)
                .wrapping_mul(u64::from(factor))
                .wrapping_add(u64::from(carry));
            *word = product as u32;
            carry = (product >> 32) as u32;
        }
        self.push(carry);
    }

    fn push(&mut self, word: u32) {
        if word != 0 {
            if let Some(place) = self.words.get_mut(self.length) {
                *place = word;
                self.length = self.length.wrapping_add(1);
            }
        }
    }

    fn multiply_by_power_of_ten(&mut self, mut power: u32) {
        while power >= 9 {
            self.multiply(1_000_000_000, 0);
            power = power.wrapping_sub(9);
        }
        while power > 0 {
            self.multiply(10, 0);
            power = power.wrapping_sub(1);
        }
    }

    fn shift_left(&mut self, mut count: u32) {
        while count >= 31 {
            self.multiply(1 << 31, 0);
            count = count.wrapping_sub(31);
        }
        self.multiply(1 << count, 0);
    }

    /// `self + term * 2^doublings` compared with `other`, for no or one doubling.
    #[allow(clippy::cast_possible_truncation)]
    fn compare_sum(&self, term: &Natural, doublings: u32, other: &Natural) -> Ordering {
        let mut order = Ordering::Equal;
        let mut carry: u64 = 0;
        let most = self.length.max(term.length).max(other.length);
        for ((word, term), other) in self
            .words
            .iter()
            .zip(&term.words)
            .zip(&other.words)
            .take(most)
        {
            let sum = (u64::from(*term) << doublings)
                .wrapping_add(u64::from(*word))
                .wrapping_add(carry);
            order = (sum as u32).cmp(other).then(order);
            carry = sum >> 32;
        }
        if carry == 0 { order } else { Ordering::Greater }
    }

    fn compare(&self, other: &Natural) -> Ordering {
        let most = self.length.max(other.length);
        let mut order = Ordering::Equal;
        for (word, other) in self.words.iter().zip(&other.words).take(most) {
            order = word.cmp(other).then(order);
        }
        order
    }

    /// `self - other`, which must not be greater.
    fn subtract(&mut self, other: &Natural) {
        let mut borrow = false;
        for (word, other) in self.words.iter_mut().zip(&other.words).take(self.length) {
            let (difference, first) = word.overflowing_sub(*other);
            let (difference, second) = difference.overflowing_sub(u32::from(borrow));
            *word = difference;
            borrow = first || second;
        }
        while self.length > 1 && self.words.get(self.length.wrapping_sub(1)) == Some(&0) {
            self.length = self.length.wrapping_sub(1);
        }
    }

    fn bits(&self) -> u32 {
        let mut bits: u32 = 0;
        let mut count: u32 = 0;
        for word in self.words.iter().take(self.length) {
            count = count.wrapping_add(32);
            if *word != 0 {
                bits = count.wrapping_sub(word.leading_zeros());
            }
        }
        bits
    }

    fn is_zero(&self) -> bool {
        self.bits() == 0
    }

    /// The number itself, if it leaves one of 64 bits free.
    fn small(&self) -> Option<u64> {
        let [low, high, ..] = self.words;
        let small = (u64::from(high) << 32) | u64::from(low);
        (self.bits() < 64).then_some(small)
    }
}

/// The fewest decimal digits that are read back as the same double.
struct Shortest {
    digits: [u8; 17],
    count: usize,
    /// Where the point is: the value is `0.digits * 10^point`.
    point: i32,
}

/// Free-format printing after Steele and White, Dragon4: with the value as a fraction
/// `rest / scale`, take digits until what is left is within `margin / scale`, half the way to the
/// next double below.
#[allow(clippy::cast_possible_wrap)]
fn shortest(parts: &Parts) -> Shortest {
    let even = parts.mantissa & 1 == 0;
    // Above a power of two the doubles are twice as far apart as below.
    let doublings = u32::from(parts.mantissa == 1 << FRACTION_BITS && parts.field > 1);
    let (up, down) = if parts.exponent >= 0 {
        (parts.exponent.unsigned_abs(), 0)
    } else {
        (0, parts.exponent.unsigned_abs())
    };
    let mut rest = Natural::new(parts.mantissa);
    rest.shift_left(up.wrapping_add(1).wrapping_add(doublings));
    let mut margin = Natural::new(1);
    margin.shift_left(up);
    let mut scale = Natural::new(1);
    scale.shift_left(down.wrapping_add(1).wrapping_add(doublings));

    // The decimal exponent from the binary one, log10(2) being 78913 / 2^18: exact or one too low.
    let binary = parts
        .exponent
        .wrapping_add(63)
        .wrapping_sub(parts.mantissa.leading_zeros() as i32);
    let mut point = (binary.wrapping_mul(78_913) >> 18).wrapping_add(1);
    if point >= 0 {
        scale.multiply_by_power_of_ten(point.unsigned_abs());
    } else {
        rest.multiply_by_power_of_ten(point.unsigned_abs());
        margin.multiply_by_power_of_ten(point.unsigned_abs());
    }
    let reaches = |rest: &Natural, margin: &Natural, scale: &Natural| match rest
        .compare_sum(margin, doublings, scale)
    {
        Ordering::Less => false,
        Ordering::Equal => even,
        Ordering::Greater => true,
    };
    if reaches(&rest, &margin, &scale) {
        point = point.wrapping_add(1);
    } else {
        rest.multiply(10, 0);
        margin.multiply(10, 0);
    }

    let mut digits = [0; 17];
    let mut count: usize = 0;
    for place in &mut digits {
        let mut digit = b'0';
        while rest.compare(&scale).is_ge() {
            rest.subtract(&scale);
            digit = digit.wrapping_add(1);
        }
        let low = match rest.compare(&margin) {
            Ordering::Less => true,
            Ordering::Equal => even,
            Ordering::Greater => false,
        };
        let high = reaches(&rest, &margin, &scale);
        if high && (!low || rest.compare_sum(&rest, 0, &scale).is_ge()) {
            digit = digit.wrapping_add(1);
        }
        *place = digit;
        count = count.wrapping_add(1);
        if low || high {
            break;
        }
        rest.multiply(10, 0);
        margin.multiply(10, 0);
    }
    Shortest {
        digits,
        count,
        point,
    }
}

/// Appends the shortest text that is read back as `value`: an integer without a fraction, a
/// decimal fraction, or, below 0.000001 and from 10^21 on, one with an exponent.
// Apart, so that only who writes a fraction pays for the stack of three long numbers.
#[inline(never)]
pub(super) fn put_float(output: &mut Output<'_>, value: f64) -> Result<(), EncodeError> {
    if let Some(integer) = to_integer(value) {
        return put_integer(output, integer);
    }
    let parts = parts(value);
    if parts.field == EXPONENT {
        return Err(EncodeError::Unsupported);
    }
    let Shortest {
        digits,
        count,
        point,
    } = shortest(&parts);
    if parts.negative {
        output.put(b'-')?;
    }
    let digits = digits.get(..count).unwrap_or_default();
    let plain = -6 < point && point <= 21;
    let whole = match point {
        _ if !plain => 1,
        1.. => point.unsigned_abs() as usize,
        _ => {
            output.put_slice(b"0.")?;
            for _ in point..0 {
                output.put(b'0')?;
            }
            return output.put_slice(digits);
        }
    };
    match digits.split_at_checked(whole) {
        Some((whole, [])) => output.put_slice(whole)?,
        Some((whole, fraction)) => {
            output.put_slice(whole)?;
            output.put(b'.')?;
            output.put_slice(fraction)?;
        }
        None => {
            output.put_slice(digits)?;
            for _ in count..whole {
                output.put(b'0')?;
            }
        }
    }
    if !plain {
        output.put(b'e')?;
        put_integer(output, i64::from(point.wrapping_sub(1)))?;
    }
    Ok(())
}

/// How many decimal digits are looked at; of the others it matters only whether one is not zero.
const SIGNIFICANT: u32 = 32;

/// The double nearest to a decimal number: an optional minus, digits with or without a point, at
/// least one, an optional exponent. `None` for other texts and beyond the largest double.
#[must_use]
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let (negative, unsigned) = match text.strip_prefix(b"-") {
        Some(unsigned) => (true, unsigned),
        None => (false, text),
    };
    let mut number = Natural::new(0);
    let mut count: u32 = 0;
    let mut exponent: i32 = 0;
    let (mut any, mut fraction, mut more) = (false, false, false);
    let mut bytes = unsigned.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'0'..=b'9' => {
                any = true;
                let digit = u32::from(byte & 0x0f);
                if count < SIGNIFICANT {
                    number.multiply(10, digit);
                    if count > 0 || digit > 0 {
                        count = count.wrapping_add(1);
                    }
                    exponent = exponent.saturating_sub(i32::from(fraction));
                } else {
                    more |= digit > 0;
                    exponent = exponent.saturating_add(i32::from(!fraction));
                }
            }
            b'.' if !fraction => fraction = true,
            b'e' | b'E' => {
                let text = bytes.as_slice();
                let text = match text {
                    [b'+', digit, ..] if digit.is_ascii_digit() => {
                        text.strip_prefix(b"+").unwrap_or(text)
                    }
                    _ => text,
                };
                exponent = exponent.saturating_add(small_exponent(text)?);
                break;
            }
            _ => return None,
        }
    }
    if !any {
        return None;
    }
    if more {
        number.multiply(10, 1);
        exponent = exponent.saturating_sub(1);
    }
    nearest(negative, number, exponent)
}

/// An exponent's value; what is out of all range is cut to 100,000.
pub(super) fn small_exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut exponent: i32 = 0;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        exponent = exponent
            .wrapping_mul(10)
            .wrapping_add(i32::from(byte & 0x0f))
            .min(100_000);
    }
    Some(if negative {
        exponent.wrapping_neg()
    } else {
        exponent
    })
}

/// The double nearest to `(-1)^negative * mantissa * 10^exponent`, `None` beyond the largest.
#[must_use]
pub fn from_decimal(negative: bool, mantissa: u64, exponent: i64) -> Option<f64> {
    let exponent = exponent.clamp(-100_000, 100_000);
    nearest(
        negative,
        Natural::new(mantissa),
        i32::try_from(exponent).ok()?,
    )
}

/// Long division, bit by bit: 53 bits of the quotient, or what a subnormal number has of them, and
/// the remainder for rounding to nearest even. `number` has at most `SIGNIFICANT + 1` digits.
#[allow(clippy::cast_possible_wrap)]
fn nearest(negative: bool, mut number: Natural, exponent: i32) -> Option<f64> {
    let sign = u64::from(negative) << 63;
    if number.is_zero() || exponent < -370 {
        return Some(f64::from_bits(sign));
    }
    if exponent > 310 {
        return None;
    }
    let mut divisor = Natural::new(1);
    if exponent >= 0 {
        number.multiply_by_power_of_ten(exponent.unsigned_abs());
    } else {
        divisor.multiply_by_power_of_ten(exponent.unsigned_abs());
    }
    // Both to the same number of bits, then the quotient is 1 and a fraction.
    let mut binary = (number.bits() as i32).wrapping_sub(divisor.bits() as i32);
    if binary >= 0 {
        divisor.shift_left(binary.unsigned_abs());
    } else {
        number.shift_left(binary.unsigned_abs());
    }
    if number.compare(&divisor).is_lt() {
        number.shift_left(1);
        binary = binary.wrapping_sub(1);
    }
    let field = binary.wrapping_add(1022);
    let count = field.min(0).wrapping_add(53);
    if count < 0 {
        return Some(f64::from_bits(sign));
    }
    let mut quotient: u64 = 0;
    let order = if let (Some(mut number), Some(divisor)) = (number.small(), divisor.small()) {
        // Where the numbers are short, as they mostly are, the same in registers.
        for _ in 0..count {
            quotient <<= 1;
            if number >= divisor {
                number = number.wrapping_sub(divisor);
                quotient |= 1;
            }
            number <<= 1;
        }
        number.cmp(&divisor)
    } else {
        for _ in 0..count {
            quotient <<= 1;
            if number.compare(&divisor).is_ge() {
                number.subtract(&divisor);
                quotient |= 1;
            }
            number.shift_left(1);
        }
        number.compare(&divisor)
    };
    let up = match order {
        Ordering::Less => 0,
        Ordering::Equal => quotient & 1,
        Ordering::Greater => 1,
    };
    // The quotient's leading bit, or a carry into it, counts up the exponent field.
    let magnitude = (u64::from(field.max(0).unsigned_abs()) << FRACTION_BITS)
        .wrapping_add(quotient)
        .wrapping_add(up);
    let infinity = u64::from(EXPONENT) << FRACTION_BITS;
    (field < 2047 && magnitude < infinity).then_some(f64::from_bits(sign | magnitude))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn text(value: f64) -> Result<String, EncodeError> {
        let mut buffer = [0; 32];
        let mut output = Output::new(&mut buffer);
        put_float(&mut output, value)?;
        Ok(String::from_utf8(output.written().to_vec()).unwrap())
    }

    #[test]
    fn floats_become_short_text() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (22.0, "22"),
            (22.5, "22.5"),
            (-0.1, "-0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (123_456_789.125, "123456789.125"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (9.3e18, "9300000000000000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e21"),
            (1.25e300, "1.25e300"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
        ] {
            assert_eq!(text(value).as_deref(), Ok(expected));
            assert_eq!(parse_float(expected.as_bytes()), Some(value));
        }
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(text(value), Err(EncodeError::Unsupported));
        }
    }

    #[test]
    fn powers_of_two_are_read_back() {
        for power in 1..2047_u64 {
            let value = f64::from_bits(power << FRACTION_BITS);
            let text = text(value).unwrap();
            assert_eq!(text.parse(), Ok(value));
            assert_eq!(parse_float(text.as_bytes()), Some(value));
        }
    }

    #[test]
    fn text_becomes_the_nearest_double() {
        for (text, value) in [
            ("1.", 1.0),
            (".5", 0.5),
            ("1e2", 100.0),
            ("1E+2", 100.0),
            ("-2.5e-1", -0.25),
            ("00012.50", 12.5),
            ("2.4e-324", 0.0),
            ("2.5e-324", 5e-324),
            ("1.7976931348623158e308", f64::MAX),
            ("0e999999999999", 0.0),
            ("1e-999999999999", 0.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            (
                "9007199254740993.00000000000000000000000000000000001",
                9_007_199_254_740_994.0,
            ),
        ] {
            assert_eq!(parse_float(text.as_bytes()), Some(value), "{text}");
        }
        assert_eq!(
            parse_float(b"-0").map(f64::to_bits),
            Some((-0.0_f64).to_bits())
        );
        for text in [
            "",
            "-",
            ".",
            "-.",
            "e1",
            "1e",
            "1e+",
            "1e-",
            "1e+-1",
            "1e++1",
            "+1",
            "1.2.3",
            " 1",
            "1 ",
            "1x",
            "0x10",
            "inf",
            "nan",
            "1.8e308",
            "1e309",
            "1e999999999999",
        ] {
            assert_eq!(parse_float(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn integers_are_recognised() {
        for (value, integer) in [
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (1.0, Some(1)),
            (-2.0, Some(-2)),
            (0.5, None),
            (1.5, None),
            (-9_223_372_036_854_775_808.0, Some(i64::MIN)),
            (9_223_372_036_854_775_808.0, None),
            (9_223_372_036_854_774_784.0, Some(9_223_372_036_854_774_784)),
            (1e300, None),
            (5e-324, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            assert_eq!(to_integer(value), integer, "{value}");
        }
    }

    #[test]
    #[cfg(feature = "cbor-items")]
    fn narrowing_loses_nothing() {
        for bits in 0..=u16::MAX {
            let value = widen(u32::from(bits), HALF);
            assert_eq!(narrow(value, HALF), Some(u32::from(bits)));
            if !value.is_nan() {
                // A half is a single too.
                #[allow(clippy::cast_possible_truncation)]
                let single = (value as f32).to_bits();
                assert_eq!(narrow(value, SINGLE), Some(single));
                assert_eq!(widen(single, SINGLE).to_bits(), value.to_bits());
            }
        }
        for value in [65_520.0, 0.1, 1e-8, 5e-324, 2049.0, f64::MIN_POSITIVE] {
            assert_eq!(narrow(value, HALF), None, "{value}");
        }
        for value in [0.1, 1e39, 1e-46, 16_777_217.0, 3.402_823_7e38] {
            assert_eq!(narrow(value, SINGLE), None, "{value}");
        }
        assert_eq!(
            narrow(f64::from(f32::MIN_POSITIVE) / 8_388_608.0, SINGLE),
            Some(1)
        );
    }

    #[test]
    #[cfg(feature = "cbor-items")]
    fn decimal_fractions_become_floats() {
        assert_eq!(from_decimal(false, 27_315, -2), Some(273.15));
        assert_eq!(from_decimal(true, 1, 3), Some(-1000.0));
        assert_eq!(from_decimal(true, u64::MAX, i64::MIN), Some(-0.0));
        assert_eq!(from_decimal(false, 1, i64::MAX), None);
        assert_eq!(from_decimal(false, 0, i64::MAX), Some(0.0));
    }
}
