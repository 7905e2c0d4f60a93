// SPDX-License-Identifier: Apache-2.0
//! Paths and numbers from text, for authors of objects and the shell: functions of `lwm2m_util.h`.

use core::ffi::{CStr, c_char, c_int};

use lwm2m_core::content::parse_float;
use lwm2m_registry::c_types::lwm2m_obj_path;

use crate::errno;

/// Reads a path such as `/3/0/1`, its numbers separated by `delim`. What is not a number is passed
/// over, so the empty text is a path without numbers. Any thread.
///
/// -EINVAL: NULL, a fifth number, or one above 65535; `path` has no numbers then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_string_to_path(
    pathstr: *const c_char,
    path: *mut lwm2m_obj_path,
    delim: c_char,
) -> c_int {
    if pathstr.is_null() || path.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract a terminated text.
    let text = unsafe { CStr::from_ptr(pathstr) }.to_bytes();
    let (result, status) = match numbers(text, delim as u8) {
        Some(result) => (result, 0),
        None => (NO_NUMBERS, -errno::EINVAL),
    };
    // SAFETY: not NULL, so by the function's contract writable. The padding becomes zero, too:
    // programs compare paths with memcmp.
    unsafe {
        path.write_bytes(0, 1);
        (&raw mut (*path).obj_id).write(result.obj_id);
        (&raw mut (*path).obj_inst_id).write(result.obj_inst_id);
        (&raw mut (*path).res_id).write(result.res_id);
        (&raw mut (*path).res_inst_id).write(result.res_inst_id);
        (&raw mut (*path).level).write(result.level);
    }
    status
}

const NO_NUMBERS: lwm2m_obj_path = lwm2m_obj_path {
    obj_id: 0,
    obj_inst_id: 0,
    res_id: 0,
    res_inst_id: 0,
    level: 0,
};

fn numbers(text: &[u8], delimiter: u8) -> Option<lwm2m_obj_path> {
    let mut path = NO_NUMBERS;
    for segment in text.split(|&byte| byte == delimiter) {
        let Some(number) = number(segment) else {
            continue;
        };
        let place = match path.level {
            0 => &mut path.obj_id,
            1 => &mut path.obj_inst_id,
            2 => &mut path.res_id,
            3 => &mut path.res_inst_id,
            _ => return None,
        };
        *place = number?;
        path.level += 1;
    }
    Some(path)
}

/// The first number in the text, if there is any; `Some(None)`: it is too large.
fn number(text: &[u8]) -> Option<Option<u16>> {
    let start = text.iter().position(u8::is_ascii_digit)?;
    let digits = text
        .get(start..)?
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let mut number: u16 = 0;
    for digit in digits {
        let next = number
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u16::from(digit & 0x0f)));
        match next {
            Some(next) => number = next,
            None => return Some(None),
        }
    }
    Some(Some(number))
}

/// Reads a decimal number with or without a fraction. Any thread.
///
/// -EINVAL: NULL, or the text is no such number; nothing is written then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_atof(input: *const c_char, out: *mut f64) -> c_int {
    if input.is_null() || out.is_null() {
        return -errno::EINVAL;
    }
    // SAFETY: not NULL, so by the function's contract a terminated text.
    let text = unsafe { CStr::from_ptr(input) }.to_bytes();
    match parse_float(text.strip_prefix(b"+").unwrap_or(text)) {
        Some(value) => {
            // SAFETY: not NULL, so by the function's contract writable.
            unsafe { out.write(value) };
            0
        }
        None => -errno::EINVAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &[u8]) -> Option<([u16; 4], u8)> {
        let path = numbers(text, b'/')?;
        let ids = [path.obj_id, path.obj_inst_id, path.res_id, path.res_inst_id];
        Some((ids, path.level))
    }

    #[test]
    fn a_path_is_its_numbers() {
        for (text, ids, level) in [
            (&b""[..], [0, 0, 0, 0], 0),
            (b"/", [0, 0, 0, 0], 0),
            (b"3", [3, 0, 0, 0], 1),
            (b"/3303/0/5700", [3303, 0, 5700, 0], 3),
            (b"3/0/11/65535/", [3, 0, 11, 65535], 4),
            (b"x3/0y//7", [3, 0, 7, 0], 3),
        ] {
            assert_eq!(path(text), Some((ids, level)));
        }
        assert_eq!(path(b"1/2/3/4/5"), None);
        assert_eq!(path(b"65536"), None);
    }

    #[test]
    fn a_decimal_number_is_read_and_another_text_is_not() {
        let mut value = 0.0;
        for (text, expected) in [(c"21.5", 21.5), (c"-0.25", -0.25), (c"+7", 7.0)] {
            // SAFETY: a terminated text and a writable value.
            assert_eq!(unsafe { lwm2m_atof(text.as_ptr(), &mut value) }, 0);
            assert_eq!(value.to_bits(), f64::to_bits(expected));
        }
        for text in [c"", c"warm", c"1.2.3"] {
            // SAFETY: a terminated text and a writable value.
            let status = unsafe { lwm2m_atof(text.as_ptr(), &mut value) };
            assert_eq!(status, -errno::EINVAL);
        }
    }
}
