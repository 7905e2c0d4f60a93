// SPDX-License-Identifier: Apache-2.0
//! Integers and paths as decimal text.

use super::{EncodeError, Output};
use crate::path::Path;

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
        *digit = b'0' | divide_by_ten(&mut value);
        first = first.wrapping_sub(1);
        if value == 0 {
            break;
        }
    }
    output.put_slice(digits.get(first..).unwrap_or_default())
}

/// Divides in steps of 16 bits: Cortex-M has an instruction for 32-bit division only, and the
/// library routine for 64 bits is large. Returns the remainder.
fn divide_by_ten(value: &mut u64) -> u8 {
    #[allow(clippy::cast_possible_truncation)]
    let (high, low) = ((*value >> 32) as u32, *value as u32);
    if high == 0 {
        *value = u64::from(low / 10);
        #[allow(clippy::cast_possible_truncation)]
        return (low % 10) as u8;
    }
    let middle = ((high % 10) << 16) | (low >> 16);
    let last = ((middle % 10) << 16) | (low & 0xffff);
    *value = (u64::from(high / 10) << 32) | (u64::from(middle / 10) << 16) | u64::from(last / 10);
    #[allow(clippy::cast_possible_truncation)]
    return (last % 10) as u8;
}

/// Appends an identifier in decimal.
pub(super) fn put_id(output: &mut Output<'_>, id: u16) -> Result<(), EncodeError> {
    // All digits fit into one number that is written at once.
    let mut id = u32::from(id);
    let (mut text, mut width) = (0_u64, 0_usize);
    loop {
        text |= u64::from(b'0' as u32 | (id % 10)) << (width << 3);
        width = width.wrapping_add(1);
        id /= 10;
        if id == 0 {
            return output.put_uint(text, width);
        }
    }
}

/// Appends `/3/0/6`, for the root `/`.
pub(super) fn put_path(output: &mut Output<'_>, path: &Path) -> Result<(), EncodeError> {
    if *path == Path::ROOT {
        return output.put(b'/');
    }
    for id in path.segments() {
        output.put(b'/')?;
        put_id(output, id)?;
    }
    Ok(())
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
        value = value
            .checked_mul(10)?
            .checked_sub(i64::from(byte & 0x0f))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}
