// SPDX-License-Identifier: Apache-2.0
//! Numbers as bytes and as text, tokens as text, paths compared: functions of `lwm2m_util.h`. Any
//! thread; nothing is locked.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};

use lwm2m_registry::c_types::lwm2m_obj_path;

use crate::errno;
use crate::path;

/// # Safety
/// `from` is NULL or readable, `to` is NULL or writable for `length` bytes.
unsafe fn put_bytes<const N: usize>(
    from: *mut f64,
    to: *mut u8,
    length: usize,
    bytes: impl FnOnce(f64) -> [u8; N],
) -> c_int {
    if from.is_null() || to.is_null() || length != N {
        return -errno::EINVAL;
    }
    // SAFETY: by the contract.
    unsafe {
        let bytes = bytes(from.read());
        to.copy_from_nonoverlapping(bytes.as_ptr(), N);
    }
    0
}

/// # Safety
/// `from` is NULL or readable for `length` bytes, `to` is NULL or writable.
unsafe fn take_bytes<const N: usize>(
    from: *mut u8,
    length: usize,
    to: *mut f64,
    value: impl FnOnce([u8; N]) -> f64,
) -> c_int {
    if from.is_null() || to.is_null() || length != N {
        return -errno::EINVAL;
    }
    // SAFETY: by the contract; an array of bytes needs no alignment.
    unsafe { to.write(value(from.cast::<[u8; N]>().read())) };
    0
}

/// Writes a number as binary32, the most significant byte first. -EINVAL: NULL, or `len` is not 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_float_to_b32(input: *mut f64, b32: *mut u8, len: usize) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { put_bytes(input, b32, len, |value| (value as f32).to_be_bytes()) }
}

/// Writes a number as binary64, the most significant byte first. -EINVAL: NULL, or `len` is not 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_float_to_b64(input: *mut f64, b64: *mut u8, len: usize) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { put_bytes(input, b64, len, f64::to_be_bytes) }
}

/// Reads a binary32. -EINVAL: NULL, or `len` is not 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_b32_to_float(b32: *mut u8, len: usize, out: *mut f64) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { take_bytes(b32, len, out, |bytes| f64::from(f32::from_be_bytes(bytes))) }
}

/// Reads a binary64. -EINVAL: NULL, or `len` is not 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_b64_to_float(b64: *mut u8, len: usize, out: *mut f64) -> c_int {
    // SAFETY: by the function's contract.
    unsafe { take_bytes(b64, len, out, f64::from_be_bytes) }
}

/// Digits behind the point that are looked at, as in C.
const DECIMALS: usize = 17;

/// Writes a number as text with a fraction, at most `dec_limit` digits of it, rounded; as many as
/// there are (17) when that is not positive. Zeros at the end are left out, but for one.
///
/// Returns the length of the text; one that is not less than `outlen` was cut, but is terminated.
/// -EINVAL: NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_ftoa(
    input: *mut f64,
    out: *mut c_char,
    outlen: usize,
    dec_limit: i8,
) -> c_int {
    if input.is_null() || (out.is_null() && outlen > 0) {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract readable.
    let (text, length) = decimal(unsafe { input.read() }, dec_limit);
    if let Some(room) = outlen.checked_sub(1) {
        let copied = length.min(room);
        // SAFETY: by the function's contract, `outlen` bytes are writable; one is left for the
        // terminator.
        unsafe {
            out.cast::<u8>()
                .copy_from_nonoverlapping(text.as_ptr(), copied);
            out.add(copied).write(0);
        }
    }
    length as c_int
}

/// A sign, 19 digits, a point, the decimals.
const TEXT: usize = 1 + 19 + 1 + DECIMALS;

fn decimal(value: f64, limit: i8) -> ([u8; TEXT], usize) {
    let mut whole = (value as i64).unsigned_abs();
    // 17 digits: below the precision of the whole part, as in C.
    let fraction = (value - (value as i64) as f64).abs() * 1e17;
    let mut digits = [b'0'; DECIMALS];
    let mut rest = fraction as u64;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut length = DECIMALS;
    if let Ok(limit) = usize::try_from(limit) {
        if (1..DECIMALS).contains(&limit) {
            length = limit;
            let mut carry = digits[limit] >= b'5';
            for digit in digits[..limit].iter_mut().rev() {
                if !carry {
                    break;
                }
                carry = *digit == b'9';
                *digit = if carry { b'0' } else { *digit + 1 };
            }
            whole = whole.saturating_add(u64::from(carry));
        }
    }
    while length > 1 && digits[length - 1] == b'0' {
        length -= 1;
    }
    let negative = value < 0.0 && (whole > 0 || fraction >= 1.0);
    let mut text = [0; TEXT];
    let mut at = 0;
    let mut put = |byte| {
        text[at] = byte;
        at += 1;
    };
    if negative {
        put(b'-');
    }
    let mut divisor = 1_u64;
    while whole / divisor >= 10 {
        divisor *= 10;
    }
    while divisor > 0 {
        put(b'0' + (whole / divisor % 10) as u8);
        divisor /= 10;
    }
    put(b'.');
    for digit in &digits[..length] {
        put(*digit);
    }
    (text, at)
}

/// The number that the first digits of the text are, modulo 65536, and in `*len` how many digits
/// there are. 0 and no digits for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_atou16(buf: *const u8, buflen: u16, len: *mut u16) -> u16 {
    let (mut number, mut digits) = (0_u16, 0);
    while !buf.is_null() && digits < buflen {
        // SAFETY: by the function's contract, `buflen` bytes are readable.
        let byte = unsafe { buf.add(usize::from(digits)).read() };
        if !byte.is_ascii_digit() {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u16::from(byte & 0x0f));
        digits += 1;
    }
    // SAFETY: by the function's contract, NULL or writable.
    unsafe { crate::resources::give(len, digits) };
    number
}

/// Whether two paths have the same level and the same numbers down to it; NULL is no path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_obj_path_equal(
    a: *const lwm2m_obj_path,
    b: *const lwm2m_obj_path,
) -> bool {
    // SAFETY: by the function's contract, each is NULL or readable.
    let paths = unsafe { (path::from_c(a), path::from_c(b)) };
    matches!(paths, (Some(a), Some(b)) if a == b)
}

/// Where `sprint_token` puts its text: 15 bytes of a token and a terminator.
struct TokenText(UnsafeCell<[u8; 32]>);

// SAFETY: the contract of `sprint_token` leaves it to its callers that there is one at a time.
unsafe impl Sync for TokenText {}

static TOKEN_TEXT: TokenText = TokenText(UnsafeCell::new([0; 32]));

/// A token as hexadecimal digits, for a log line. The text is good until the next call, by
/// whatever thread; two threads must not call at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sprint_token(token: *const u8, tkl: u8) -> *mut c_char {
    let text = TOKEN_TEXT.0.get().cast::<u8>();
    let count = if token.is_null() { 0 } else { tkl.min(15) };
    let mut at = 0;
    let mut put = |byte| {
        // SAFETY: at most 30 digits and the terminator, or the shorter text below; nobody else is
        // here, by the function's contract.
        unsafe { text.add(at).write(byte) };
        at += 1;
    };
    for index in 0..usize::from(count) {
        // SAFETY: by the function's contract, `tkl` bytes are readable.
        let byte = unsafe { token.add(index).read() };
        for digit in [byte >> 4, byte & 0x0f] {
            put(if digit < 10 {
                b'0' + digit
            } else {
                b'a' - 10 + digit
            });
        }
    }
    if count == 0 {
        b"[no-token]".iter().copied().for_each(&mut put);
    }
    put(0);
    text.cast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn text(value: f64, limit: i8) -> String {
        let (text, length) = decimal(value, limit);
        String::from_utf8(text[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_number_is_written_with_a_fraction_of_as_many_digits_as_asked_for() {
        for (value, limit, expected) in [
            (0.0, 0, "0.0"),
            (1.0, 4, "1.0"),
            (-1.0, 4, "-1.0"),
            (0.5, 0, "0.5"),
            (-0.25, 0, "-0.25"),
            (-0.25, 1, "-0.3"),
            (1.996, 2, "2.0"),
            (-1.996, 2, "-2.0"),
            (21.125, 2, "21.13"),
            (9_007_199_254_740_992.0, 3, "9007199254740992.0"),
        ] {
            assert_eq!(text(value, limit), expected);
        }
        assert_eq!(text(f64::NAN, 3), "0.0");
    }

    #[test]
    fn a_number_beyond_all_bounds_is_cut_to_them() {
        for limit in [i8::MIN, 0, 1, 16, 17, i8::MAX] {
            for value in [f64::MAX, f64::INFINITY] {
                assert!(text(value, limit).starts_with("922337203685477580"));
                assert!(text(-value, limit).starts_with("-922337203685477580"));
            }
        }
    }
}
