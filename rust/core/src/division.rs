// SPDX-License-Identifier: Apache-2.0
//! Division of 64-bit numbers by small ones. Cortex-M has an instruction for 32-bit division only,
//! and the compiler's routine for 64 bits is large.

/// Divides in steps of 16 bits. `DIVISOR` has at most 16 bits. Returns the remainder.
#[allow(clippy::cast_possible_truncation, clippy::arithmetic_side_effects)]
pub(crate) const fn divide<const DIVISOR: u32>(value: &mut u64) -> u32 {
    const { assert!(DIVISOR != 0 && DIVISOR <= 0xffff) };
    let (high, low) = ((*value >> 32) as u32, *value as u32);
    if high == 0 {
        *value = (low / DIVISOR) as u64;
        return low % DIVISOR;
    }
    let middle = ((high % DIVISOR) << 16) | (low >> 16);
    let last = ((middle % DIVISOR) << 16) | (low & 0xffff);
    *value = (((high / DIVISOR) as u64) << 32)
        | (((middle / DIVISOR) as u64) << 16)
        | (last / DIVISOR) as u64;
    last % DIVISOR
}

#[cfg(test)]
mod tests {
    use super::divide;

    #[test]
    fn quotient_and_remainder_are_those_of_the_operators() {
        for value in [
            0,
            9,
            999,
            1000,
            u64::from(u32::MAX),
            1 << 32,
            123_456_789_012_345,
            u64::MAX,
        ] {
            let (mut ten, mut thousand, mut most) = (value, value, value);
            assert_eq!(u64::from(divide::<10>(&mut ten)), value % 10);
            assert_eq!(u64::from(divide::<1000>(&mut thousand)), value % 1000);
            assert_eq!(u64::from(divide::<65_535>(&mut most)), value % 65_535);
            assert_eq!(
                (ten, thousand, most),
                (value / 10, value / 1000, value / 65_535)
            );
        }
    }
}
